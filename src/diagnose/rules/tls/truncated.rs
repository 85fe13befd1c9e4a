//! The connection under TLS ends without the goodbye that TLS has.

use crate::core::evidence::{EndedBy, Evidence, HttpProblem};
use crate::diagnose::draft::{Draft, certain};
use crate::diagnose::{see, words};

const GOODBYE: &str = "TLS says goodbye by close_notify (RFC 8446 section 6.1), so that nobody on \
                       the way can cut an answer unseen; here the connection just ended.";

pub(super) fn truncated(e: &Evidence) -> Option<Draft> {
    let tls = e.tls.as_ref()?;
    (tls.version.is_some() && !tls.close_notify).then_some(())?;
    if let Some((HttpProblem::Eof, http)) = see::http(e) {
        (http.received > 0).then_some(())?;
        return Some(
            certain("The TLS connection was cut without a goodbye in the middle of the reply.")
                .because(format!("{} of the reply had come.", words::bytes(http.received)))
                .because(GOODBYE)
                .because(words::trail(e))
                .hint("Read the log of the server, and of a gateway in front of it.")
                .hint("Try from another network: a box on the way may drop the connection."),
        );
    }
    let (session, end) = see::end(e)?;
    (end.by == EndedBy::PeerDropped && !end.close_received).then_some(())?;
    let open = words::span(see::open_us(session, end));
    Some(
        certain("The TLS connection was cut without a goodbye.")
            .info()
            .because(format!("It had been open for {open}."))
            .because(GOODBYE)
            .hint("Treat it as a drop: look at what was under way and how long it was quiet."),
    )
}
