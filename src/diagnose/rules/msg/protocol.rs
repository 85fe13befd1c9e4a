//! Protocols on top of WebSocket, by their first messages and codes.

use crate::core::change::Change;
use crate::core::evidence::{EndedBy, Evidence};
use crate::core::finding::Severity;
use crate::diagnose::draft::{Draft, certain, likely};
use crate::diagnose::rules::http::engineio_fixes;
use crate::diagnose::rules::ws::closed;
use crate::diagnose::{see, words};

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
    Some(if has("EIO=") && has("transport=") { draft } else { engineio_fixes(draft, e) })
}

pub(super) fn engineio_no_pong(e: &Evidence) -> Option<Draft> {
    greets_as_engineio(e)?;
    let (session, end) = see::end(e)?;
    let theirs = matches!(end.by, EndedBy::PeerDropped | EndedBy::Peer | EndedBy::Reset);
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
    Some(
        certain("This is SockJS: messages must be JSON arrays of strings.")
            .warning()
            .because("Its first message is “o”, with which SockJS opens.")
            .hint("Use the server's path /websocket, which has no such framing.")
            .hint("Send messages as [\"text\"]."),
    )
}

pub(super) fn signalr(e: &Evidence) -> Option<Draft> {
    let session = e.session.as_ref()?;
    let heard = session.first_received.iter().chain(&session.last_received);
    heard.into_iter().any(|text| text.contains("Handshake was canceled")).then_some(())?;
    Some(
        certain("SignalR waited for its handshake message and gave up.")
            .because("Its words are “Handshake was canceled”, which come after 15 s without the handshake.")
            .hint("Send {\"protocol\":\"json\",\"version\":1} and the byte 0x1E right after opening.")
            .hint("Write the byte 0x1E at the end of each message."),
    )
}

/// Codes of the protocol graphql-transport-ws.
fn graphql_code(code: u16) -> Option<(&'static str, &'static str)> {
    Some(match code {
        4400 => (
            "the server does not understand the message",
            "Check type, id and payload of the message.",
        ),
        4401 => (
            "something was asked for before the connection was acknowledged",
            "Wait for connection_ack before the first subscribe.",
        ),
        4403 => (
            "the connection's parameters are refused",
            "Put the token into the payload of connection_init.",
        ),
        4406 => (
            "the subprotocol is not accepted",
            "Offer graphql-transport-ws, or graphql-ws for old servers.",
        ),
        4408 => (
            "no connection_init came in time",
            "Send {\"type\":\"connection_init\",\"payload\":{}} right after opening.",
        ),
        4409 => ("the id is in use already", "Use a new id for each subscribe."),
        4429 => ("connection_init was sent twice", "Send connection_init once only."),
        4500 => ("the server failed", "Read the server's log for this moment."),
        4504 => ("the acknowledgement came too late", "Try again."),
        _ => return None,
    })
}

/// A close with one of the protocol's codes.
pub(super) fn graphql(e: &Evidence, wanted: &[u16]) -> Option<Draft> {
    let (_, end, code) = closed(e)?;
    wanted.contains(&code).then_some(())?;
    let offered = |name: &str| e.request.subprotocols.iter().any(|p| p == name);
    let chosen = e.websocket.as_ref().and_then(|ws| ws.subprotocol.as_deref()).unwrap_or_default();
    (offered("graphql-transport-ws") || offered("graphql-ws") || chosen.starts_with("graphql"))
        .then_some(())?;
    let (meaning, check) = graphql_code(code)?;
    let draft = certain(format!("GraphQL says {code}: {meaning}."))
        .because(match end.reason_received.trim() {
            "" => "The code is one of the protocol graphql-transport-ws.".to_owned(),
            reason => format!("The server's reason is {}.", words::said(reason)),
        })
        .hint(check);
    Some(if code == 4406 {
        let tried = e.request.subprotocols == ["graphql-transport-ws"];
        let name = if tried { "graphql-ws" } else { "graphql-transport-ws" };
        draft.fix(
            format!("Offer {name} only"),
            Change::SetSubprotocols { names: vec![name.to_owned()] },
        )
    } else {
        draft
    })
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
    Some(draft.hint("Send {\"type\":\"auth\",\"access_token\":\"…\"} with a long-lived token from the profile page."))
}
