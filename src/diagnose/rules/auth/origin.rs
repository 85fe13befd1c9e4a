//! 403 over where the connection comes from, by its headers.

use crate::core::change::Change;
use crate::core::evidence::Evidence;
use crate::core::finding::Confidence;
use crate::diagnose::draft::{Draft, certain};
use crate::diagnose::probes::own_origin;
use crate::diagnose::{see, words};

/// Value of the `Origin` header that was sent.
fn sent_origin(e: &Evidence) -> Option<&str> {
    e.http.as_ref()?.request.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("origin").then_some(value.trim())
    })
}

const TEXTS: &[&str] = &[
    "origin not allowed",
    "invalid origin",
    "origin header",
    "origin is not allowed",
    "checkorigin",
    "cross-origin",
    "cors",
];

pub(super) fn not_allowed(e: &Evidence) -> Option<Draft> {
    let reply = see::status(e, &[403])?;
    let text = see::holds(reply, TEXTS);
    let sent = sent_origin(e);
    (text.is_some() || (sent.is_some() && reply.body.trim().is_empty())).then_some(())?;
    if see::holds(reply, &["--remote-allow-origins"]).is_some() {
        return None;
    }
    let own = own_origin(e).unwrap_or_default();
    let mut draft = certain("The server accepts connections only from allowed web origins.")
        .confidence(if text.is_some() { Confidence::Certain } else { Confidence::Possible })
        .because(match sent {
            Some(origin) => format!("Sent was the origin {}.", words::said_in(origin, 80)),
            None => "No Origin header was sent.".into(),
        })
        .because(match text {
            Some(text) => format!("The answer speaks of it (“{text}”)."),
            None => "The answer does not say why.".into(),
        })
        .hint("Set the Origin header to the address of the site that the server serves.");
    if sent != Some(own.as_str()) && !own.is_empty() {
        draft = draft.fix(
            format!("Set Origin to {own}"),
            Change::SetHeader { name: "Origin".into(), value: own },
        );
    }
    if sent.is_some() {
        draft = draft
            .hint("Try without an Origin header.")
            .fix("Switch the header Origin off", Change::DisableHeader { name: "Origin".into() });
    }
    Some(draft)
}

pub(super) fn unwanted(e: &Evidence) -> Option<Draft> {
    let reply = see::status(e, &[403])?;
    see::holds(reply, &["--remote-allow-origins"])?;
    Some(
        certain("Chrome's debugging port refuses connections that send an Origin.")
            .because(format!("It says {}.", words::said(&reply.body)))
            .hint("Remove the Origin header.")
            .hint("Start Chrome with --remote-allow-origins if the header is needed.")
            .fix("Switch the header Origin off", Change::DisableHeader { name: "Origin".into() }),
    )
}

pub(super) fn host(e: &Evidence) -> Option<Draft> {
    let reply = see::status(e, &[403])?;
    see::holds(
        reply,
        &["blocked request. this host", "blocked hosts", "blocked host", "invalid host/origin"],
    )?;
    Some(
        certain(format!("The development server does not allow the host name {}.", words::host(e)))
            .because(format!("It says {}.", words::said(&reply.body)))
            .hint("Use localhost if the server runs on this machine.")
            .hint("Add the name to the server's allowed hosts.")
            .fix("Use localhost", Change::SetHost { host: "localhost".into() }),
    )
}
