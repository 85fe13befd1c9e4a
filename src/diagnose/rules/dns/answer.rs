//! What the resolver answered.

use crate::core::evidence::{DnsProblem, Evidence};
use crate::core::stage::Stage;
use crate::diagnose::draft::{Draft, certain, likely};
use crate::diagnose::{see, words};

/// A resolver that fails faster than this has asked nobody.
const AT_ONCE_US: u64 = 200_000;

pub(super) fn nxdomain(e: &Evidence) -> Option<Draft> {
    (see::dns(e)? == DnsProblem::NotFound).then_some(())?;
    Some(
        certain(format!("The name {} does not exist in DNS.", words::host(e)))
            .because(resolver(e))
            .because(words::trail(e))
            .hint("Check the spelling, the stage and the region in the name.")
            .hint("Connect the VPN if it is an internal name.")
            .hint("Look the name up with another tool: `getent hosts` or `nslookup`."),
    )
}

pub(super) fn no_address(e: &Evidence) -> Option<Draft> {
    (see::dns(e)? == DnsProblem::NoAddress).then_some(())?;
    Some(
        certain(format!("The name {} exists but has no address.", words::host(e)))
            .because(resolver(e))
            .because("It may hold only mail or text records, or only the other address family.")
            .hint("Check the records A, AAAA and CNAME of the name.")
            .hint("Set the address family to any in Settings.")
            .hint("Try the name with `www.` or `api.` in front."),
    )
}

pub(super) fn timeout(e: &Evidence) -> Option<Draft> {
    (see::dns(e) == Some(DnsProblem::TryAgain) || see::timed_out(e, Stage::Dns)).then_some(())?;
    let after = took(e).map(|us| format!(" within {}", words::span(us))).unwrap_or_default();
    Some(
        certain(format!("The name server did not answer for {}{after}.", words::host(e)))
            .because(resolver(e))
            .because("That says nothing about the name itself: nobody could be asked.")
            .because(words::trail(e))
            .hint("Check the network and the VPN.")
            .hint("Try a name that surely exists.")
            .hint("Give the address yourself with a fixed answer in Settings (HOST:PORT:ADDRESS)."),
    )
}

pub(super) fn offline(e: &Evidence) -> Option<Draft> {
    (see::dns(e)? == DnsProblem::TryAgain && took(e)? < AT_ONCE_US).then_some(())?;
    Some(
        likely("This machine has no network connection, or no name server.")
            .because(format!(
                "Looking up {} failed after {}, too fast for any name server to have been asked.",
                words::host(e),
                words::span(took(e)?)
            ))
            .because(resolver(e))
            .hint("Connect to a network.")
            .hint("Check the name servers in the system's settings or in /etc/resolv.conf."),
    )
}

pub(super) fn servfail(e: &Evidence) -> Option<Draft> {
    (see::dns(e)? == DnsProblem::Failed).then_some(())?;
    Some(
        likely(format!("The name server could not answer for {} (SERVFAIL).", words::host(e)))
            .because(resolver(e))
            .because("The domain's own servers are broken, or its signatures (DNSSEC) are wrong.")
            .hint("Try another resolver.")
            .hint("Tell the owner of the domain."),
    )
}

fn took(e: &Evidence) -> Option<u64> {
    let record = e.stage(Stage::Dns)?;
    Some(record.ended_us?.saturating_sub(record.began_us))
}

/// The resolver's own words.
fn resolver(e: &Evidence) -> String {
    let error = e.dns.as_ref().and_then(|dns| dns.error.as_deref()).unwrap_or_else(|| see::text(e));
    if error.is_empty() {
        String::new()
    } else {
        format!("The resolver said {}.", words::said(error))
    }
}
