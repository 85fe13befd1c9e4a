//! Messages that are too big, for us or for the server.

use crate::core::change::Change;
use crate::core::evidence::{End, EndedBy, Evidence, SessionFacts};
use crate::diagnose::draft::{Draft, certain};
use crate::diagnose::{see, words};

/// Largest limit that a fix proposes: 1 GiB.
const MOST: u64 = 1 << 30;

pub(super) fn ours(e: &Evidence) -> Option<Draft> {
    let (session, end) = see::end(e)?;
    (end.by == EndedBy::OurLimit).then_some(())?;
    let limit = e.request.max_message;
    let announced = session.last_frames.iter().rev().map(|f| f.length).find(|n| *n > limit);
    let wanted = announced
        .unwrap_or(0)
        .max(limit.saturating_mul(4))
        .checked_next_power_of_two()
        .unwrap_or(MOST)
        .min(MOST);
    let draft = certain(format!(
        "A message is larger than this client's limit of {}; that is not the server's fault.",
        words::bytes(limit)
    ))
    .because(match announced {
        Some(n) => format!("Its frame announces {}.", words::bytes(n)),
        None => "Its fragments, or what they unpack to, went over the limit.".into(),
    })
    .because("The connection was closed from here with code 1009, so that memory stays bounded.")
    .hint("Raise the limit and connect again.");
    Some(if wanted > limit {
        draft.fix(
            format!("Set the limit to {}", words::bytes(wanted)),
            Change::SetMaxMessage { bytes: wanted },
        )
    } else {
        draft
    })
}

fn too_big(e: &Evidence) -> Option<(&SessionFacts, &End)> {
    see::end(e).filter(|(_, end)| end.code() == 1009 && end.by == EndedBy::Peer)
}

fn sent(session: &SessionFacts) -> String {
    format!("The last message had {}.", words::bytes(session.last_message_sent_bytes))
}

pub(super) fn api_gateway(e: &Evidence) -> Option<Draft> {
    let (session, _) = too_big(e)?;
    e.request.host.contains(".execute-api.").then_some(())?;
    Some(
        certain("AWS API Gateway takes 32 KB in a frame and 128 KB in a message.")
            .because(sent(session))
            .hint("Split the message into frames of 32 KB, up to 128 KB in all.")
            .hint("Put larger data elsewhere and send its address."),
    )
}

pub(super) fn java(e: &Evidence) -> Option<Draft> {
    let (session, end) = too_big(e)?;
    let text = end.reason_received.to_lowercase();
    (text.contains("too big for the output buffer") || text.contains("message size ["))
        .then_some(())?;
    Some(
        certain("The Java server takes only small messages by default.")
            .because(format!("Its reason is {}.", words::said(&end.reason_received)))
            .because(sent(session))
            .hint("Raise the limit at the server: maxTextMessageBufferSize (Tomcat) or maxTextMessageSize (Jetty).")
            .hint("Send smaller messages."),
    )
}

pub(super) fn netty(e: &Evidence) -> Option<Draft> {
    let (session, end) = too_big(e)?;
    let text = end.reason_received.to_lowercase();
    (text.contains("frame length") && text.contains("65536")).then_some(())?;
    Some(
        certain("The server takes at most 65,536 bytes in a frame.")
            .because(format!("Its reason is {}.", words::said(&end.reason_received)))
            .because(sent(session))
            .hint("Split the message into smaller ones.")
            .hint("Raise maxFramePayloadLength at the server, which is the limit of Netty."),
    )
}
