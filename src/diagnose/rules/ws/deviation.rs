//! A 101 that is not what RFC 6455 section 4.1 wants.

use crate::core::change::Change;
use crate::core::evidence::{Deviation, Evidence, WebSocketFacts};
use crate::core::headers::is_token_char;
use crate::diagnose::draft::{Draft, certain};
use crate::diagnose::{see, words};

use super::deflate::switch_on;

fn deviates<'a>(e: &'a Evidence, wanted: &[Deviation]) -> Option<&'a WebSocketFacts> {
    e.websocket.as_ref().filter(|ws| ws.deviations.iter().any(|d| wanted.contains(d)))
}

fn header(e: &Evidence, name: &str) -> String {
    match see::reply(e).and_then(|reply| reply.header(name)) {
        Some(value) => format!("The answer's {name} is {}.", words::said_in(value, 80)),
        None => format!("The answer has no {name}."),
    }
}

pub(super) fn accept_missing(e: &Evidence) -> Option<Draft> {
    deviates(e, &[Deviation::AcceptMissing])?;
    Some(
        certain("The server switched protocols but did not prove that it understood WebSocket.")
            .because(
                "Its 101 has no Sec-WebSocket-Accept, which must answer the key that was sent.",
            )
            .because(header(e, "Upgrade"))
            .hint("Check that the address is that of a WebSocket and not of another protocol.")
            .hint("Check the proxy in between: it may drop the header."),
    )
}

pub(super) fn accept_mismatch(e: &Evidence) -> Option<Draft> {
    let ws = deviates(e, &[Deviation::AcceptWrong, Deviation::AcceptTwice])?;
    let own = e.request.overridden.iter().find(|n| n.eq_ignore_ascii_case("sec-websocket-key"));
    let draft = certain("The server's proof (Sec-WebSocket-Accept) does not belong to this request.")
        .because(format!(
            "To the key {} belongs {}, and {} came.",
            words::name(&ws.key),
            words::said_in(&ws.accept_expected, 40),
            ws.accept_received.as_deref().map_or_else(|| "none".into(), |a| words::said_in(a, 80))
        ))
        .because("An old answer out of a cache, a server that computes it wrongly, or a proxy that sends its own key look so.");
    Some(match own {
        Some(name) => draft
            .hint("Switch off your own Sec-WebSocket-Key header.")
            .fix("Switch off your own key", Change::DisableHeader { name: name.clone() }),
        None => draft
            .hint("Check for a cache or proxy in between that answers by itself.")
            .hint("Tell the server's author: it is base64 of the SHA-1 of key and GUID."),
    })
}

pub(super) fn upgrade_missing(e: &Evidence) -> Option<Draft> {
    deviates(e, &[Deviation::UpgradeMissing])?;
    Some(
        certain("The 101 answer lacks the Upgrade header.")
            .because("RFC 6455 section 4.1 wants “Upgrade: websocket” in it.")
            .because(header(e, "Connection"))
            .hint("Check the proxy in between: it may drop the header.")
            .hint("Tell the server's author."),
    )
}

pub(super) fn upgrade_other(e: &Evidence) -> Option<Draft> {
    deviates(e, &[Deviation::UpgradeWrong])?;
    Some(
        certain("The server switched to another protocol than WebSocket.")
            .because(header(e, "Upgrade"))
            .hint("Check the address: this one leads to something else."),
    )
}

pub(super) fn connection(e: &Evidence) -> Option<Draft> {
    deviates(e, &[Deviation::ConnectionMissing, Deviation::ConnectionWrong])?;
    Some(
        certain("The Connection header of the 101 answer lacks “upgrade”.")
            .because(header(e, "Connection"))
            .hint("Set `proxy_set_header Connection \"upgrade\"` in the nginx in between.")
            .hint("Tell the server's author."),
    )
}

pub(super) fn http10(e: &Evidence) -> Option<Draft> {
    let reply = see::reply(e).filter(|reply| reply.status == 101)?;
    (reply.version == "HTTP/1.0").then_some(())?;
    Some(
        certain("The 101 came as HTTP/1.0, which knows no upgrade.")
            .warning()
            .because("An old proxy in between is the usual reason. Stricter clients refuse it.")
            .hint("Update the proxy, or set it to HTTP/1.1."),
    )
}

pub(super) fn subprotocol_ignored(e: &Evidence) -> Option<Draft> {
    deviates(e, &[Deviation::SubprotocolIgnored])?;
    Some(
        certain("The server chose none of the subprotocols on offer.")
            .warning()
            .because(format!("Offered: {}.", words::names(&e.request.subprotocols, 6)))
            .because(
                "The connection is used all the same. Chrome and Node's ws close it in this case.",
            )
            .hint("Offer the name that the server's documentation has, or none."),
    )
}

fn token(text: &str) -> bool {
    !text.is_empty() && text.len() <= 100 && text.chars().all(is_token_char)
}

pub(super) fn subprotocol_unrequested(e: &Evidence) -> Option<Draft> {
    let ws = deviates(e, &[Deviation::SubprotocolNotOffered])?;
    let name = ws.subprotocol.as_deref()?.trim();
    let draft = certain(format!(
        "The server chose the subprotocol {}, which was not offered.",
        words::said_in(name, 60)
    ))
    .because(if e.request.subprotocols.is_empty() {
        "None was offered.".to_owned()
    } else {
        format!("Offered: {}.", words::names(&e.request.subprotocols, 6))
    })
    .because("A client must refuse that (RFC 6455 section 4.1).")
    .hint("Offer that name and connect again.");
    Some(if token(name) {
        draft.fix(format!("Offer {name}"), Change::AddSubprotocol { name: name.to_owned() })
    } else {
        draft
    })
}

pub(super) fn subprotocol_multiple(e: &Evidence) -> Option<Draft> {
    let ws = deviates(e, &[Deviation::SubprotocolNotOffered])?;
    let value = ws.subprotocol.as_deref()?;
    value.contains(',').then_some(())?;
    let draft = certain("The server answered with several subprotocols; only one is allowed.")
        .because(format!("It sent {}, as if it repeated the offer.", words::said_in(value, 100)))
        .hint("Offer only one.")
        .hint("Tell the server's author.");
    Some(match e.request.subprotocols.first().filter(|name| token(name)) {
        Some(first) => draft.fix(
            format!("Offer {first} only"),
            Change::SetSubprotocols { names: vec![first.clone()] },
        ),
        None => draft,
    })
}

pub(super) fn extension(e: &Evidence) -> Option<Draft> {
    let ws = deviates(e, &[Deviation::ExtensionNotOffered])?;
    let name = ws.extensions.as_deref().unwrap_or_default();
    Some(
        certain(format!(
            "The server turned on the extension {}, which was not offered.",
            words::said_in(name, 80)
        ))
        .because("A client must refuse that (RFC 6455 section 9.1).")
        .hint("Check the proxy in between: it may add the header.")
        .hint("Tell the server's author."),
    )
    .map(|draft| match name.split(';').next().map(str::trim) {
        Some("permessage-deflate") => switch_on(e, draft),
        _ => draft,
    })
}
