//! Which of a name's addresses answer.

use std::net::IpAddr;

use crate::core::change::Change;
use crate::core::evidence::{Evidence, Inside, IoProblem, TcpTry};
use crate::core::stage::Stage;
use crate::diagnose::draft::{Draft, certain, likely, possible};
use crate::diagnose::{see, words};

/// Head start of one address before the next is tried, as net gives it, less some slack.
const HEAD_START_US: u64 = 200_000;

pub(super) fn localhost_v6(e: &Evidence) -> Option<Draft> {
    e.request.host.eq_ignore_ascii_case("localhost").then_some(())?;
    let tcp = e.tcp.as_ref()?;
    let peer = tcp.peer?;
    let refused = tcp
        .tries
        .iter()
        .find(|t| t.problem == Some(IoProblem::Refused) && t.address.is_ipv6() != peer.is_ipv6())?;
    Some(
        certain(format!(
            "localhost also means {} here, but the server listens on {} only.",
            refused.address.ip(),
            peer.ip()
        ))
        .info()
        .because(
            "wsdeck tries both addresses and used the one that answered. Clients that try only \
             the first are refused.",
        )
        .hint("Write the address itself if another client must connect too.")
        .fix(format!("Use {}", peer.ip()), Change::SetHost { host: peer.ip().to_string() }),
    )
}

pub(super) fn ipv6_broken(e: &Evidence) -> Option<Draft> {
    let tcp = e.tcp.as_ref()?;
    let peer = tcp.peer.filter(|peer| peer.is_ipv4())?;
    let winner = tcp.tries.iter().find(|t| t.address == peer)?;
    let dead = |t: &&TcpTry| {
        t.address.is_ipv6()
            && (t.problem == Some(IoProblem::TimedOut)
                || (t.problem.is_none()
                    && winner.began_us.saturating_sub(t.began_us) >= HEAD_START_US))
    };
    let silent = tcp.tries.iter().find(dead)?;
    let draft = if silent.problem.is_some() { certain } else { likely };
    Some(
        draft(format!(
            "The IPv6 address of {} does not answer; the IPv4 one does.",
            words::host(e)
        ))
        .warning()
        .because(format!(
            "{} was tried first and gave no answer; {} was used instead. Each connect pays for \
             that wait.",
            silent.address.ip(),
            peer.ip()
        ))
        .hint("Set the address family to IPv4 in Settings for this request.")
        .hint("Tell the operator that the IPv6 address is dead."),
    )
}

pub(super) fn zero_address(e: &Evidence) -> Option<Draft> {
    let host: IpAddr = e.request.host.parse().ok()?;
    (host.is_unspecified() && e.failure.is_some()).then_some(())?;
    let loopback = if host.is_ipv4() { "127.0.0.1" } else { "::1" };
    Some(
        certain(format!("{host} is an address to listen on, not one to connect to."))
            .because(
                "A server prints it to say “on every interface”. Some systems take it for this \
                 machine, others refuse it.",
            )
            .hint("Write the machine's own address, or the loopback address for this one.")
            .fix(format!("Use {loopback}"), Change::SetHost { host: loopback.into() }),
    )
}

/// Waits after which a lost connection request is sent again, in milliseconds.
const RETRIES_MS: [u64; 3] = [1_000, 3_000, 7_000];

pub(super) fn backlog_full(e: &Evidence) -> Option<Draft> {
    let tcp = e.tcp.as_ref()?;
    let peer = tcp.peer?;
    let winner = tcp.tries.iter().find(|t| t.address == peer)?;
    let took = winner.ended_us?.saturating_sub(winner.began_us) / 1000;
    RETRIES_MS.iter().any(|wait| (wait - 20..wait + 250).contains(&took)).then_some(())?;
    e.stage(Stage::Tcp)?;
    Some(
        possible(format!(
            "{} answers slowly to new connections; it is probably overloaded.",
            words::host(e)
        ))
        .warning()
        .because(format!(
            "Connecting took {took} ms, which is the wait before a lost connection request is \
             sent once more."
        ))
        .hint("Look at the server's load and at its queue of new connections.")
        .hint("Try again and compare the time."),
    )
}

pub(super) fn loopback_inside(e: &Evidence) -> Option<Draft> {
    let inside = e.surroundings.inside?;
    (see::tcp(e)? == IoProblem::Refused).then_some(())?;
    let host = e.request.host.to_ascii_lowercase();
    let loopback = host == "localhost"
        || host.ends_with(".localhost")
        || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
    loopback.then_some(())?;
    let (here, hint) = match inside {
        Inside::Container => (
            "this container",
            "Use host.docker.internal for the machine around it, or the service's name.",
        ),
        Inside::Kubernetes => ("this pod", "Use the name of the service that leads to the server."),
        Inside::Wsl => (
            "this Linux system in Windows",
            "Use the address of the Windows machine (`ip route show default` names it).",
        ),
        Inside::Ssh => (
            "the machine at the far end of the SSH connection",
            "Use the name of the machine on which the server runs, or forward its port with \
             `ssh -R`.",
        ),
    };
    // A remark beside the refusal: most who work inside mean the inside.
    let draft = likely(format!("{} means {here}, not the machine around it.", words::host(e)))
        .warning()
        .because("The connection was refused, so nothing listens on that port here.")
        .because(match inside {
            Inside::Container => "wsdeck runs in a container.",
            Inside::Kubernetes => "wsdeck runs in a pod of Kubernetes.",
            Inside::Wsl => "wsdeck runs in the Windows Subsystem for Linux.",
            Inside::Ssh => "wsdeck runs in a shell on another machine.",
        })
        .hint(hint)
        .hint("Start the server here if this is where it belongs.");
    Some(if inside == Inside::Container {
        draft.fix(
            "Use host.docker.internal",
            Change::SetHost { host: "host.docker.internal".into() },
        )
    } else {
        draft
    })
}
