//! Names that only some resolvers can know, and answers that are no real ones.

use std::net::IpAddr;

use crate::core::evidence::{DnsProblem, DnsSource, Evidence};
use crate::core::stage::Stage;
use crate::core::url::{UrlProblem, host_is_local};
use crate::diagnose::draft::{Draft, certain, likely, possible};
use crate::diagnose::{see, words};

/// Endings of names that mean something inside one network only.
const INSIDE: [&str; 8] = [
    ".svc.cluster.local",
    ".cluster.local",
    ".docker.internal",
    ".internal",
    ".corp",
    ".lan",
    ".intra",
    ".intranet",
];

fn unknown(e: &Evidence) -> bool {
    matches!(see::dns(e), Some(DnsProblem::NotFound | DnsProblem::NoAddress | DnsProblem::TryAgain))
}

fn lower(e: &Evidence) -> String {
    e.request.host.trim_end_matches('.').to_ascii_lowercase()
}

pub(super) fn local_mdns(e: &Evidence) -> Option<Draft> {
    let host = lower(e);
    let silent = unknown(e) || see::timed_out(e, Stage::Dns);
    (silent && host.ends_with(".local") && !host.ends_with(".cluster.local")).then_some(())?;
    Some(
        likely(format!(
            "{} was not found: .local names work only on the same local network and with mDNS.",
            words::host(e)
        ))
        .because(
            "Names that end in .local are asked for by multicast on the local network (RFC 6762), \
             not in DNS. Containers, WSL, VPNs and other subnets do not carry that.",
        )
        .hint("Use the device's IP address.")
        .hint("Check that avahi or Bonjour runs on both machines.")
        .hint("Leave the VPN and try again."),
    )
}

pub(super) fn single_label(e: &Evidence) -> Option<Draft> {
    let host = lower(e);
    let cluster = host.ends_with(".cluster.local") || host.ends_with(".docker.internal");
    let service = host.ends_with(".svc");
    (unknown(e) && !host.is_empty() && (!host.contains('.') || cluster || service)).then_some(())?;
    Some(
        likely(format!(
            "“{}” looks like a name that exists only inside a container network or a cluster.",
            words::host(e)
        ))
        .because(
            "Compose files and Kubernetes give services such names, and only programs inside \
             that network can resolve them. It can also be a short name whose search domain is \
             missing here.",
        )
        .hint("Use localhost and the published port.")
        .hint("Run `kubectl port-forward` and connect to localhost.")
        .hint("Run wsdeck inside the same network."),
    )
}

pub(super) fn split_horizon(e: &Evidence) -> Option<Draft> {
    let host = lower(e);
    let inside = INSIDE.iter().any(|end| host.ends_with(end));
    let by_name = inside && see::dns(e) == Some(DnsProblem::NotFound);
    let private = e.dns.as_ref().is_some_and(|dns| {
        dns.source == DnsSource::System
            && !dns.answers.is_empty()
            && dns.answers.iter().all(|ip| host_is_local(&ip.to_string()) && !ip.is_loopback())
    });
    let by_answer = private && !host_is_local(&host) && see::timed_out(e, Stage::Tcp);
    (by_name || by_answer).then_some(())?;
    Some(
        possible(format!(
            "{} seems to be an internal name; it needs the company network or the VPN.",
            words::host(e)
        ))
        .because(if by_answer {
            "DNS gave a private address, and that address does not answer from here.".to_owned()
        } else {
            "Its ending is one that is used inside companies and clusters only.".to_owned()
        })
        .hint("Connect the VPN and try again.")
        .hint("Compare the address with the one that a colleague inside gets."),
    )
}

pub(super) fn sinkhole(e: &Evidence) -> Option<Draft> {
    let dns = e.dns.as_ref().filter(|dns| dns.source == DnsSource::System)?;
    (e.failure.is_some() && !host_is_local(&e.request.host)).then_some(())?;
    let blocked = |ip: &IpAddr| ip.is_unspecified() || ip.is_loopback();
    let first = dns.answers.iter().find(|ip| blocked(ip))?;
    dns.answers.iter().all(blocked).then_some(())?;
    Some(
        likely(format!(
            "DNS sends {} to {first}, which usually means that it is blocked.",
            words::host(e)
        ))
        .because(
            "Name filters (Pi-hole, company filters, parental control) and lines in the hosts \
             file answer with such an address to keep a name from being reached.",
        )
        .hint("Check the hosts file for the name.")
        .hint("Ask the owner of the DNS filter.")
        .hint("Compare with the answer of another resolver."),
    )
}

pub(super) fn bad_name(e: &Evidence) -> Option<Draft> {
    let UrlProblem::BadHost { host, why } = see::url(e)? else { return None };
    Some(
        certain(format!(
            "{} cannot be a host name: {}.",
            words::said_in(host, 60),
            words::name(why)
        ))
        .because("Nothing was sent: the name breaks the rules of DNS before anybody is asked.")
        .hint("Correct the name in the address.")
        .hint("Check that no part of it was left empty by a template."),
    )
}
