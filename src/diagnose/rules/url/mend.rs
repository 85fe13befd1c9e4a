//! Addresses that were understood although something was missing; always told, never an error.

use crate::core::change::Change;
use crate::core::evidence::Evidence;
use crate::core::url::Mend;
use crate::diagnose::draft::{Draft, certain};
use crate::diagnose::see;

pub(super) fn no_scheme(e: &Evidence) -> Option<Draft> {
    if see::url(e).is_some() {
        return None;
    }
    let scheme = e.request.mends.iter().find_map(|mend| match mend {
        Mend::SchemeGuessed { scheme } => Some(*scheme),
        _ => None,
    })?;
    Some(
        certain(format!(
            "The address has no ws:// or wss://, so {}:// was used.",
            scheme.name()
        ))
        .info()
        .because(
            "Local and private addresses and unusual ports are tried with ws://, everything else \
             with wss://.",
        )
        .hint("Write the scheme into the address to choose it yourself.")
        .fix(
            format!("Switch to {}://", scheme.other().name()),
            Change::SetScheme { scheme: scheme.other() },
        ),
    )
}

pub(super) fn http_scheme(e: &Evidence) -> Option<Draft> {
    let (from, to) = e.request.mends.iter().find_map(|mend| match mend {
        Mend::SchemeMapped { from, to } => Some((from, *to)),
        _ => None,
    })?;
    let from = if from == "https" { "https" } else { "http" };
    Some(
        certain(format!(
            "This is an HTTP address; {from}:// was used as {}://.",
            to.name()
        ))
        .info()
        .because("A WebSocket begins as an HTTP request, so the rest of the address stays as it is.")
        .hint("Write ws:// or wss:// to keep the address for other clients, which refuse this one."),
    )
}
