//! Nothing listens on the port.

use super::socket;
use crate::core::change::Change;
use crate::core::evidence::{Evidence, IoProblem};
use crate::core::url::host_is_local;
use crate::diagnose::draft::{Draft, certain, likely};
use crate::diagnose::{see, words};

/// Ports on which development servers usually listen.
const DEVELOPMENT_PORTS: [u16; 3] = [8080, 3000, 8000];

pub(super) fn refused(e: &Evidence) -> Option<Draft> {
    (see::tcp(e)? == IoProblem::Refused).then_some(())?;
    if let Some(path) = socket::path(e) {
        return Some(socket::refused(e, &path));
    }
    let target = words::target(e);
    let draft = certain(format!("Nothing listens on {target}: the connection was refused."))
        .because(format!("The machine answered at once that the port is closed.{}", tried(e)))
        .because(words::trail(e));
    Some(if host_is_local(&e.request.host) {
        draft.hint("Start the server, or check on which port it listens.").hint(
            "Check that the server listens on an address that is reachable from here, \
             such as 0.0.0.0.",
        )
    } else {
        draft
            .hint("Check the port, and that the server is running.")
            .hint("Check on the server's machine on which addresses it listens.")
            .hint("Ask whether a firewall rejects connections from here.")
    })
}

pub(super) fn default_port(e: &Evidence) -> Option<Draft> {
    let by_port = !e.request.port_typed && socket::path(e).is_none();
    (see::tcp(e)? == IoProblem::Refused && by_port).then_some(())?;
    let port = e.request.port;
    let host = words::host(e);
    let mut draft = likely(format!(
        "No port was given, so port {port} was tried, and nothing listens there on {host}."
    ))
    .because(format!(
        "{}:// without a port means port {port} (RFC 6455 section 3). The connection was \
         refused at once.{}",
        e.request.scheme,
        tried(e)
    ))
    .because(words::trail(e))
    .hint("Write the server's port into the address.")
    .hint("Look at the server's first log lines for the port that it listens on.");
    if host_is_local(&e.request.host) {
        for port in DEVELOPMENT_PORTS {
            draft = draft.fix(format!("Use port {port}"), Change::SetPort { port: Some(port) });
        }
    }
    Some(draft)
}

/// Which addresses were tried.
fn tried(e: &Evidence) -> String {
    let tries = e.tcp.as_ref().map_or(&[][..], |tcp| &tcp.tries);
    if tries.is_empty() {
        return String::new();
    }
    let list: Vec<String> = tries.iter().map(|t| t.address.to_string()).collect();
    let errno = words::errno(tries.iter().rev().find_map(|t| t.errno));
    format!(" Tried: {}{errno}.", words::names(&list, 4))
}
