//! No answer, no way there, or not allowed by this machine.

use std::net::IpAddr;

use super::socket;
use crate::core::evidence::{Evidence, IoProblem};
use crate::core::stage::Stage;
use crate::core::url::host_is_local;
use crate::diagnose::draft::{Draft, certain, likely};
use crate::diagnose::{see, words};

pub(super) fn timeout(e: &Evidence) -> Option<Draft> {
    see::timed_out(e, Stage::Tcp).then_some(())?;
    let waited = e
        .stage(Stage::Tcp)
        .and_then(|record| Some(record.ended_us?.saturating_sub(record.began_us)))
        .unwrap_or_else(|| e.request.timeout_ms.saturating_mul(1000));
    Some(
        certain(format!(
            "No answer from {} within {}; a firewall probably drops the packets.",
            words::target(e),
            words::span(waited)
        ))
        .because(
            "The connection request was neither accepted nor refused. A machine without that \
             service would have refused it, so packets are lost on the way, or the machine is off.",
        )
        .because(words::trail(e))
        .hint("Check the firewall, the security group and the VPN.")
        .hint("Check the address and the port.")
        .hint("Ask whether your public address is on the server's allow-list."),
    )
}

pub(super) fn unreachable(e: &Evidence) -> Option<Draft> {
    (see::tcp(e)? == IoProblem::Unreachable).then_some(())?;
    Some(
        certain(format!("There is no route to {}.", words::host(e)))
            .because(format!(
                "The system knows no way to that address{}.",
                words::errno(last_errno(e))
            ))
            .because(words::trail(e))
            .hint("Check the network connection and the VPN.")
            .hint("Check whether the address is on a network that this machine can reach."),
    )
}

pub(super) fn v6_only(e: &Evidence) -> Option<Draft> {
    (see::tcp(e)? == IoProblem::Unreachable).then_some(())?;
    let answers = &e.dns.as_ref()?.answers;
    (!answers.is_empty() && answers.iter().all(IpAddr::is_ipv6)).then_some(())?;
    Some(
        certain(format!(
            "{} has only an IPv6 address, and this network has no IPv6.",
            words::host(e)
        ))
        .because(format!(
            "{} came back, no IPv4 address, and no route leads there.",
            words::count(answers.len() as u64, "IPv6 address").replace("addresss", "addresses")
        ))
        .hint("Use a network or a VPN with IPv6.")
        .hint("Ask the operator for an IPv4 address."),
    )
}

pub(super) fn macos_local_network(e: &Evidence) -> Option<Draft> {
    (see::tcp(e)? == IoProblem::Unreachable && e.os == "macos").then_some(())?;
    let address = e.tcp.as_ref()?.tries.last()?.address.ip();
    (host_is_local(&address.to_string()) && !address.is_loopback()).then_some(())?;
    Some(
        likely("macOS may be blocking local-network access for this terminal.")
            .because(format!(
                "{address} is on a private network and was called unreachable. Since macOS 15 a \
                 program needs the permission “Local Network” of the terminal that runs it."
            ))
            .hint(
                "Open System Settings › Privacy & Security › Local Network and allow the terminal.",
            )
            .hint("Restart the terminal, and tmux if it was started before."),
    )
}

pub(super) fn permission(e: &Evidence) -> Option<Draft> {
    (see::tcp(e)? == IoProblem::Permission).then_some(())?;
    if let Some(path) = socket::path(e) {
        return Some(socket::permission(e, &path));
    }
    Some(
        certain("This machine does not allow the program to open that connection.")
            .because(format!(
                "The system refused it before anything was sent{}: {}.",
                words::errno(last_errno(e)),
                words::said(see::text(e))
            ))
            .hint("Check the local firewall, the sandbox and the container's rules.")
            .hint("Try the same connection outside the sandbox."),
    )
}

pub(super) fn local_limits(e: &Evidence) -> Option<Draft> {
    (see::tcp(e)? == IoProblem::LocalLimit).then_some(())?;
    Some(
        certain("This machine ran out of open files or of local ports.")
            .because(format!(
                "The system could not make another socket{}: {}.",
                words::errno(last_errno(e)),
                words::said(see::text(e))
            ))
            .hint("Close connections that are not needed.")
            .hint("Raise the limit of open files with `ulimit -n`.")
            .hint("Wait longer between reconnects."),
    )
}

fn last_errno(e: &Evidence) -> Option<i32> {
    e.tcp.as_ref()?.tries.iter().rev().find_map(|attempt| attempt.errno)
}
