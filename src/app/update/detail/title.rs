//! The line of facts above a message.

use crate::core::message::{Direction, MessageKind};
use crate::log::Row;
use crate::payload::{self, human_bytes};

/// `#3 received text · 22 B · 12:01:22.123456`: the time in full, also where rows have no room. A
/// message that was compressed has both sizes: `4.2 KiB, 310 B on the wire (1:13.9)`.
pub(super) fn title(entry: &crate::log::Entry, zone: &jiff::tz::TimeZone) -> String {
    let Row::Message { direction, kind, payload, packed, .. } = &entry.row else {
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
    let time = zone.to_datetime(entry.at.timestamp()).strftime("%H:%M:%S%.6f");
    format!("#{} {way} {what} · {size} · {time}", entry.number)
}
