//! Protocols on top of WebSocket, by their first messages and codes.

use crate::core::change::Change;
use crate::core::evidence::Evidence;
use crate::core::finding::{Confidence, Severity};
use crate::diagnose::dialect::{self, ended_by_peer, heard};
use crate::diagnose::draft::{Draft, certain, likely, possible};
use crate::diagnose::rules::http::engineio_fixes;
use crate::diagnose::rules::ws::{closed, story};
use crate::diagnose::{see, words};

use super::dialect::{prepare, says, severity};

fn greeting(e: &Evidence) -> Option<&str> {
    e.session.as_ref()?.first_received.first().map(String::as_str)
}

fn greets_as_engineio(e: &Evidence) -> Option<&str> {
    // The order of the fields is each server's own.
    greeting(e).filter(|text| text.starts_with("0{") && text.contains("\"sid\""))
}

pub(super) fn engineio(e: &Evidence) -> Option<Draft> {
    let text = greets_as_engineio(e)?;
    let draft = certain("This is a Socket.IO server; plain messages mean nothing to it.")
        .warning()
        .because(format!("Its first message is {}.", words::said_in(text, 80)))
        .because("Socket.IO has its own messages: a digit for the kind, then JSON.")
        .hint("Send 40 to join, and answer each 2 with 3.")
        .hint("Send events as 42[\"name\",data].");
    let has = |param: &str| e.request.target.contains(param);
    let draft = if has("EIO=") && has("transport=") { draft } else { engineio_fixes(draft, e) };
    let dialect = dialect::get("engineio")?;
    let joined = e.session.as_ref().is_some_and(|session| dialect.has_begun(session));
    Some(if joined { draft } else { prepare(draft, e, dialect) })
}

/// The server refuses to let the client join: packet 44 of Socket.IO.
pub(super) fn engineio_namespace(e: &Evidence) -> Option<Draft> {
    let session = e.session.as_ref()?;
    heard(session).find(|text| text.starts_with("44"))?;
    says(e, "engineio")
}

/// Socket.IO was asked for, and the server speaks something else.
pub(super) fn socketio_on_raw(e: &Evidence) -> Option<Draft> {
    let session = e.session.as_ref()?;
    let asked = e.request.target.contains("EIO=") && e.request.target.contains("transport=");
    (asked && greets_as_engineio(e).is_none()).then_some(())?;
    let draft = match greeting(e) {
        Some(text) => {
            likely("This is an ordinary WebSocket server, not Socket.IO.").because(format!(
                "A Socket.IO server greets with 0 and its session; this one said {}.",
                words::said_in(text, 80)
            ))
        }
        None => {
            let end = session.end.as_ref().map_or(session.last_received_us, |end| Some(end.at_us));
            let open = end?.saturating_sub(session.opened_us);
            (open >= 1_000_000).then_some(())?;
            possible("This may be an ordinary WebSocket server, not Socket.IO.").because(format!(
                "A Socket.IO server greets at once with 0 and its session; nothing came in {}.",
                words::span(open)
            ))
        }
    };
    Some(
        draft
            .severity(severity(e))
            .hint("Use the plain path of the server, without EIO and transport.")
            .hint("Send messages as they are, without the digits of Socket.IO.")
            .fix("Remove EIO from the query", Change::RemoveParam { name: "EIO".into() })
            .fix(
                "Remove transport from the query",
                Change::RemoveParam { name: "transport".into() },
            ),
    )
}

pub(super) fn engineio_no_pong(e: &Evidence) -> Option<Draft> {
    greets_as_engineio(e)?;
    let (session, end) = see::end(e)?;
    let theirs = ended_by_peer(e);
    let asked = session.last_received.as_deref() == Some("2");
    (theirs && asked).then_some(())?;
    Some(
        certain("The server's Socket.IO ping (the message 2) was not answered.")
            .because(format!(
                "The last message was 2, and the connection ended {} later. That ping is a text \
                 message, not a ping frame, so nobody answers it by itself.",
                words::span(end.silence_us)
            ))
            .hint("Answer each 2 with 3."),
    )
}

pub(super) fn sockjs(e: &Evidence) -> Option<Draft> {
    (greeting(e)? == "o").then_some(())?;
    let draft = certain("This is SockJS: messages must be JSON arrays of strings.")
        .warning()
        .because("Its first message is “o”, with which SockJS opens.")
        .hint("Use the server's path /websocket, which has no such framing.")
        .hint("Send messages as [\"text\"].");
    Some(match raw_path(&e.request.target) {
        Some(path) => draft.fix(format!("Use the path {path}"), Change::SetPath { path }),
        None => draft,
    })
}

/// `/chat/websocket` for the SockJS transport `/chat/000/a1b2/websocket`.
fn raw_path(target: &str) -> Option<String> {
    let path = target.split('?').next()?;
    let base = path.strip_suffix("/websocket")?;
    let (base, session) = base.rsplit_once('/')?;
    let (base, server) = base.rsplit_once('/')?;
    let plausible = !session.is_empty()
        && !server.is_empty()
        && server.len() <= 3
        && server.bytes().all(|b| b.is_ascii_digit());
    plausible.then(|| format!("{base}/websocket"))
}

pub(super) fn signalr(e: &Evidence) -> Option<Draft> {
    let session = e.session.as_ref()?;
    let heard = session.first_received.iter().chain(&session.last_received);
    heard.into_iter().any(|text| text.contains("Handshake was canceled")).then_some(())?;
    let draft = certain("SignalR waited for its handshake message and gave up.")
        .severity(severity(e))
        .because(
            "Its words are “Handshake was canceled”, which come after 15 s without the handshake.",
        )
        .hint("Send {\"protocol\":\"json\",\"version\":1} and the byte 0x1E right after opening.")
        .hint("Write the byte 0x1E at the end of each message.");
    Some(prepare(draft, e, dialect::get("signalr")?))
}

/// A close with one of the codes of graphql-transport-ws.
pub(super) fn graphql(e: &Evidence, wanted: &[u16]) -> Option<Draft> {
    let (session, end, code) = closed(e)?;
    wanted.contains(&code).then_some(())?;
    let dialect = dialect::get("graphql")?;
    let known = dialect
        .known(e)
        .or_else(|| dialect::get("graphql-legacy").and_then(|legacy| legacy.known(e)))?;
    let row = dialect.code(code, "")?;
    let sureness = if known.surely { Confidence::Certain } else { Confidence::Likely };
    let draft = certain(format!("GraphQL says {code}: {}.", row.meaning))
        .confidence(sureness)
        .because(match end.reason_received.trim() {
            "" => "The code is one of the protocol graphql-transport-ws.".to_owned(),
            reason => format!("The server's reason is {}.", words::said(reason)),
        })
        .because(known.why)
        .because(story(session, end))
        .hint(format!("{}.", row.check));
    Some(match code {
        4406 => {
            let tried = e.request.subprotocols == ["graphql-transport-ws"];
            let name = if tried { "graphql-ws" } else { "graphql-transport-ws" };
            draft.fix(
                format!("Offer {name} only"),
                Change::SetSubprotocols { names: vec![name.to_owned()] },
            )
        }
        4401 | 4408 if !dialect.has_begun(session) => prepare(draft, e, dialect),
        _ => draft,
    })
}

/// The old protocol, and a message of the new one.
pub(super) fn graphql_legacy(e: &Evidence) -> Option<Draft> {
    let session = e.session.as_ref()?;
    let known = dialect::get("graphql-legacy")?.known(e).filter(|known| known.surely)?;
    let newer = session.first_sent.iter().chain(&session.last_sent).find(|message| {
        let text = dialect::squash(&message.start);
        text.contains("\"type\":\"subscribe\"") || text.contains("\"type\":\"complete\"")
    })?;
    Some(
        likely("The server speaks the old GraphQL protocol, in which subscribe is called start.")
            .severity(severity(e))
            .because(known.why)
            .because(format!(
                "A message of the newer one was sent: {}.",
                words::said_in(&newer.start, 80)
            ))
            .because(heard(session).next().map_or_else(String::new, |text| {
                format!("The server's last message is {}.", words::said_in(text, 80))
            }))
            .hint("Send start and stop instead of subscribe and complete.")
            .hint("Offer graphql-transport-ws if the server knows the newer protocol.")
            .fix(
                "Offer graphql-transport-ws only",
                Change::SetSubprotocols { names: vec!["graphql-transport-ws".into()] },
            ),
    )
}

pub(super) fn home_assistant(e: &Evidence) -> Option<Draft> {
    let session = e.session.as_ref()?;
    let wants = greeting(e)?.contains("\"auth_required\"");
    let last = session.last_received.as_deref().unwrap_or_default();
    let refused = last.contains("\"auth_invalid\"");
    let ended = session.end.is_some();
    (wants && (refused || ended || session.sent.messages() == 0)).then_some(())?;
    let draft = if refused {
        certain("Home Assistant refuses the token.")
            .because(format!("It says {}.", words::said(last)))
    } else {
        likely("Home Assistant asks for the token in the first message.")
            .severity(if ended { Severity::Error } else { Severity::Warning })
            .because("Its first message is auth_required.")
    };
    let draft = draft.hint("Send {\"type\":\"auth\",\"access_token\":\"…\"} with a long-lived token from the profile page.");
    Some(if refused { draft } else { prepare(draft, e, dialect::get("home-assistant")?) })
}
