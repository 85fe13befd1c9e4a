//! Accepted, and then closed or reset without a word.

use crate::core::evidence::{Evidence, FailureKind, HttpProblem, IoProblem, TlsProblem};
use crate::core::finding::Confidence;
use crate::core::url::host_is_local;
use crate::diagnose::draft::{Draft, likely};
use crate::diagnose::{see, words};

pub(super) fn accepted_then_closed(e: &Evidence) -> Option<Draft> {
    let confidence = match see::kind(e)? {
        FailureKind::Tcp(IoProblem::Eof) => Confidence::Likely,
        FailureKind::Tls(TlsProblem::Eof) if e.tls.as_ref()?.first_bytes_hex.is_empty() => {
            Confidence::Possible
        }
        FailureKind::Http(HttpProblem::Eof | HttpProblem::Reset)
            if e.http.as_ref()?.received == 0 && e.tls.is_none() && e.proxy.is_none() =>
        {
            Confidence::Possible
        }
        _ => return None,
    };
    Some(
        likely(
            "Something accepted the connection and closed it without a word; a port mapping with \
             no server behind it does that.",
        )
        .confidence(confidence)
        .because(format!(
            "{} took the connection and sent no byte. Docker's published ports, `kubectl \
             port-forward`, SSH tunnels and load balancers accept first and then find that \
             nobody is behind them.",
            words::target(e)
        ))
        .because(words::trail(e))
        .hint(if host_is_local(&e.request.host) {
            "Make the server inside the container listen on 0.0.0.0, not on 127.0.0.1."
        } else {
            "Check that the load balancer has a healthy target."
        })
        .hint("Check the target port of the mapping.")
        .hint("Read the forwarder's own output."),
    )
}

pub(super) fn reset_on_connect(e: &Evidence) -> Option<Draft> {
    (see::tcp(e)? == IoProblem::Reset).then_some(())?;
    Some(
        likely(format!(
            "The connection to {} was reset at once, probably by a firewall.",
            words::target(e)
        ))
        .because(
            "The connection was made and torn down before anything was sent. A server that is \
             simply busy or not there behaves otherwise.",
        )
        .because(words::trail(e))
        .hint("Try from another network.")
        .hint("Ask whether your address is on the server's allow-list.")
        .hint("Check for many open connections from this address."),
    )
}
