//! Messages that are too big, for us or for the server.

use crate::core::change::Change;
use crate::core::evidence::{End, EndedBy, Evidence, SessionFacts};
use crate::core::finding::Confidence;
use crate::diagnose::draft::{Draft, certain, likely};
use crate::diagnose::rules::ws::story;
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

/// Default limits of servers: bytes, name, the `Server` header that goes with it, and the setting.
const DEFAULTS: &[(u64, &str, &str, &str)] = &[
    (1_000_000, "Socket.IO", "socket.io", "maxHttpBufferSize"),
    (1 << 20, "Python websockets", "websockets/", "max_size"),
    (4 << 20, "aiohttp", "aiohttp", "max_msg_size"),
    (10 << 20, "Tornado", "tornado", "max_message_size"),
    (16 << 20, "uvicorn", "uvicorn", "ws_max_size"),
    (100 << 20, "the Node library ws", "", "maxPayload"),
];

pub(super) fn known(e: &Evidence) -> Option<Draft> {
    let (session, end) = too_big(e)?;
    let size = session.last_message_sent_bytes;
    let server = see::server(e);
    let fits = |limit: u64| size > limit && session.largest_answered <= limit;
    let named =
        DEFAULTS.iter().find(|row| !row.2.is_empty() && server.contains(row.2) && fits(row.0));
    // Without a name only the next limit below, and only if it is near.
    let near = || DEFAULTS.iter().rev().find(|row| fits(row.0)).filter(|row| size <= row.0 * 4);
    let (limit, name, _, setting) = named.or_else(near)?;
    Some(
        likely(format!(
            "The message is too big for the server; its limit may be {}, the default of {name}.",
            words::bytes(*limit)
        ))
        .confidence(if named.is_some() || session.largest_answered.saturating_mul(4) >= *limit {
            Confidence::Likely
        } else {
            Confidence::Possible
        })
        .because(match end.reason_received.trim() {
            "" => "It closed with 1009, “message too big”.".to_owned(),
            reason => format!("It closed with 1009 and says {}.", words::said(reason)),
        })
        .because(sent(session))
        .because(match session.largest_answered {
            0 => String::new(),
            n => format!("One of {} went well before.", words::bytes(n)),
        })
        .hint("Send less at once.")
        .hint(format!("Raise {setting} at the server.")),
    )
}

/// Messages that ended the connection without a close frame: bytes of the smallest, and how many.
fn dropped(e: &Evidence) -> Option<(u64, usize)> {
    const SOON_US: u64 = 2_000_000;
    let (session, end) = see::end(e)?;
    let drop = |by: EndedBy| matches!(by, EndedBy::PeerDropped | EndedBy::Reset);
    let since = end.at_us.saturating_sub(session.last_message_sent_us?);
    (drop(end.by) && !session.answered_last_message && since <= SOON_US).then_some(())?;
    let sizes = e
        .earlier
        .iter()
        .filter(|past| past.ended_by.is_some_and(drop))
        .filter(|past| past.unanswered_us.is_some_and(|us| us <= SOON_US))
        .map(|past| past.last_sent_bytes);
    Some(
        sizes.fold((session.last_message_sent_bytes, 1), |(least, n), size| {
            (least.min(size), n + 1)
        }),
    )
}

pub(super) fn drop_by_size(e: &Evidence) -> Option<Draft> {
    let (session, end) = see::end(e)?;
    let (failed, times) = dropped(e)?;
    let good = e.earlier.iter().map(|past| past.largest_answered).max().unwrap_or(0);
    let good = good.max(session.largest_answered);
    (good > 0 && failed > good && failed >= 1024).then_some(())?;
    Some(
        likely(format!(
            "Large messages make the connection drop: {} went well, {} did not.",
            words::bytes(good),
            words::bytes(failed)
        ))
        .confidence(if times > 1 { Confidence::Likely } else { Confidence::Possible })
        .because(format!(
            "{} right after a message of that size or more, without a close frame; none did after \
             a smaller one.",
            if times == 1 { "It ended".to_owned() } else { format!("It ended {times} times") }
        ))
        .because(story(session, end))
        .because("A limit of the server, of a proxy or of a firewall does that.")
        .hint("Try half of the size, and half again, to find the limit.")
        .hint("Split the message, or send the data another way."),
    )
}
