//! A name that still points to where a service was.

use crate::core::evidence::{DnsProblem, Evidence, IoProblem, TrustProblem};
use crate::core::finding::Confidence;
use crate::diagnose::draft::{Draft, possible};
use crate::diagnose::{see, vendor, words};

/// What was met at the place that the name points to.
fn met(e: &Evidence) -> Option<&'static str> {
    let foreign = see::tls(e)
        .is_some_and(|(_, tls)| matches!(tls.trust, Some(TrustProblem::WrongName { .. })));
    if foreign {
        Some("a certificate for other names")
    } else if see::status(e, &[404, 410]).is_some() {
        Some("a server that does not know the path")
    } else if see::tcp(e) == Some(IoProblem::Refused) {
        Some("a closed port")
    } else {
        None
    }
}

pub(super) fn moved(e: &Evidence) -> Option<Draft> {
    e.failure.as_ref()?;
    let host = words::host(e);
    if let Some((vendor, moved)) = vendor::moved(&e.request.host) {
        (met(e).is_some() || see::dns(e) == Some(DnsProblem::NotFound)).then_some(())?;
        return Some(
            possible(format!("{host} is of a domain that {vendor} has given up."))
                .confidence(Confidence::Likely)
                .because(format!(
                    "{} was replaced by {} from {} on.",
                    moved.host.trim_start_matches('.'),
                    moved.to,
                    moved.since
                ))
                .because(words::trail(e))
                .hint("Take the address anew from the vendor's console."),
        );
    }
    let met = met(e)?;
    // Nothing points to a move unless it worked before.
    let opened = e.earlier.iter().rfind(|earlier| earlier.opened)?;
    Some(
        possible(format!("{host} may still point to an old place."))
            .because(format!(
                "The same address opened on {}, and now leads to {met}.",
                words::day(opened.started)
            ))
            .because(words::trail(e))
            .hint("Take the address anew from the vendor's console or the operator.")
            .hint("Clear the DNS cache, and compare the address with another resolver's answer."),
    )
}
