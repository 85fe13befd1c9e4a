//! The line of facts above a message.

use crate::core::close::code_name;
use crate::core::message::{Direction, Message, MessageKind};
use crate::log::{Entry, Row};
use crate::payload::{self, human_bytes};

/// `#3 received text · 22 B · 12:01:22.123456`: the time in full, also where rows have no room. A
/// message that was compressed has both sizes: `4.2 KiB, 310 B on the wire (1:13.9)`; one of several
/// frames says how many; a close frame has its code.
pub(super) fn title(entry: &Entry, zone: &jiff::tz::TimeZone) -> String {
    let Row::Message { direction, kind, payload, packed, split } = &entry.row else {
        return String::new();
    };
    let way = match direction {
        Direction::In => "received",
        Direction::Out => "sent",
    };
    let what = match (kind, payload::classify::media(payload)) {
        (MessageKind::Binary, Some(media)) => format!("binary, {media}"),
        (kind, _) => kind.name().to_owned(),
    };
    let mut size = human_bytes(payload.len() as u64);
    if let Some(wire) = packed {
        let wire = u64::from(wire.get());
        let ratio = payload.len() as f64 / wire as f64;
        size.push_str(&format!(", {} on the wire (1:{ratio:.1})", human_bytes(wire)));
    }
    let mut facts = vec![format!("#{} {way} {what}", entry.number), size];
    if let Some(frames) = split {
        facts.push(if frames.count == 1 {
            "1 frame".into()
        } else {
            format!("{} frames", frames.count)
        });
    }
    if let Some((code, reason)) = entry.to_message().as_ref().and_then(Message::close) {
        let reason = String::from_utf8_lossy(reason);
        let reason = if reason.is_empty() { String::new() } else { format!(" “{reason}”") };
        facts.push(format!("{code} {}{reason}", code_name(code)));
    }
    let time = zone.to_datetime(entry.at.timestamp()).strftime("%H:%M:%S%.6f");
    facts.push(time.to_string());
    facts.join(" · ")
}
