//! A Unix socket in the place of host and port.

use crate::core::evidence::{Evidence, IoProblem};
use crate::diagnose::draft::{Draft, certain};
use crate::diagnose::{see, words};

/// Path of the socket that was connected to.
pub(super) fn path(e: &Evidence) -> Option<String> {
    Some(words::said_in(e.tcp.as_ref()?.socket.as_ref()?, 120))
}

pub(super) fn missing(e: &Evidence) -> Option<Draft> {
    let path = path(e)?;
    (see::tcp(e)? == IoProblem::NotFound).then_some(())?;
    Some(
        certain(format!("There is no Unix socket at {path}."))
            .because(format!("The system answered: {}.", words::said(see::text(e))))
            .because("A server makes its socket when it starts and mostly removes it when it ends.")
            .hint("Start the server, or look at its log for the path of its socket.")
            .hint("Write the whole path, with three slashes: ws+unix:///path/to/server.sock:/path.")
            .hint("Check whether the server runs in a container, whose files are its own."),
    )
}

/// For the rule of a connection that was refused.
pub(super) fn refused(e: &Evidence, path: &str) -> Draft {
    certain(format!("The Unix socket {path} is there, and nothing listens on it."))
        .because(format!("The system answered: {}.", words::said(see::text(e))))
        .because("A server that ended without removing its socket leaves such a file behind.")
        .hint("Start the server anew.")
        .hint("Check that the path is that of a listening socket, with `ss -xl`.")
}

/// For the rule of a connection that is not allowed.
pub(super) fn permission(e: &Evidence, path: &str) -> Draft {
    certain(format!("This user may not connect to the Unix socket {path}."))
        .because(format!("The system answered: {}.", words::said(see::text(e))))
        .because("Connecting takes the right to write to the socket and to pass its folders.")
        .hint("Check owner and mode of the socket and of the folders above it, with `ls -l`.")
        .hint("Join the group that the server gives its socket to, such as docker.")
}
