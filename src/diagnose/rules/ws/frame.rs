//! Frames that break RFC 6455 section 5.

use crate::core::evidence::{End, EndedBy, Evidence, FrameRecord, Violation};
use crate::core::message::Direction;
use crate::diagnose::draft::{Draft, certain, likely};
use crate::diagnose::{see, words};

/// Rules of this file that text in the stream makes idle.
pub(super) const ALL: &[&str] = &[
    "ws/frame-masked",
    "ws/frame-rsv1",
    "ws/frame-rsv23",
    "ws/frame-opcode",
    "ws/frame-control-fragmented",
    "ws/frame-control-too-long",
    "ws/frame-continuation",
    "ws/frame-length",
    "ws/text-not-utf8",
    "ws/frame-cut",
    "ws/101-then-fin",
    "ws/close-1006",
];

fn broken(e: &Evidence) -> Option<(&End, Option<&FrameRecord>)> {
    let (session, end) = see::end(e)?;
    (end.by == EndedBy::PeerViolation).then_some(())?;
    let frame = session.last_frames.iter().rev().find(|frame| frame.direction == Direction::In);
    Some((end, frame))
}

/// The last frame that came, if it is the one that broke the protocol.
fn bad_frame(e: &Evidence) -> Option<&FrameRecord> {
    broken(e)?.1
}

fn seen(frame: &FrameRecord) -> String {
    let bytes = frame
        .first_bytes_hex
        .as_deref()
        .map(|hex| format!(" It begins with {}.", words::said_in(hex, 40)))
        .unwrap_or_default();
    format!(
        "The frame at byte {} of the stream has opcode {:#x} and a length of {}.{bytes}",
        frame.offset,
        frame.opcode,
        words::bytes(frame.length)
    )
}

fn report(draft: Draft, frame: &FrameRecord) -> Draft {
    draft
        .because(seen(frame))
        .hint("Save the log with its frames and report it to the server's author.")
}

fn is_control(frame: &FrameRecord) -> bool {
    frame.opcode >= 8
}

/// Text where a frame was due: `HTTP/1.1 …`, JSON, HTML, log lines. Read as a frame its length is
/// often beyond its end, so that the stream ends before the frame could be refused.
pub(super) fn late_body(e: &Evidence) -> Option<Draft> {
    let (session, end) = see::end(e)?;
    let cut = end.frame_cut && matches!(end.by, EndedBy::PeerDropped | EndedBy::Reset);
    (end.by == EndedBy::PeerViolation || cut).then_some(())?;
    let frame = session.last_frames.iter().rev().find(|f| f.direction == Direction::In)?;
    let bytes = see::unhex(frame.first_bytes_hex.as_deref()?);
    let printable = bytes.iter().take(6).all(|b| b.is_ascii_graphic() || b" \r\n\t".contains(b));
    (bytes.len() >= 4 && printable).then_some(())?;
    let text = String::from_utf8_lossy(&bytes);
    Some(
        certain("The server wrote plain text into the WebSocket.")
            .because(format!("Where a frame was due stands {}.", words::said_in(&text, 60)))
            .because(seen(frame))
            .hint("Check at the server that only one handler answers the upgrade.")
            .hint("Check that nothing else writes to that socket, such as a log or an error page."),
    )
}

pub(super) fn masked(e: &Evidence) -> Option<Draft> {
    let frame = bad_frame(e)?;
    frame.masked.then_some(())?;
    Some(
        report(certain("The server masks its frames, which is forbidden."), frame)
            .because("Only clients mask (RFC 6455 section 5.1).")
            .hint("Check that nothing echoes raw bytes: then these are frames of our own."),
    )
}

pub(super) fn rsv1(e: &Evidence) -> Option<Draft> {
    let frame = bad_frame(e)?;
    (frame.rsv & 4 != 0 && frame.rsv & 3 == 0).then_some(())?;
    if e.websocket.as_ref().is_some_and(|ws| ws.deflate.is_some()) {
        return Some(report(
            certain("The server marks a frame as compressed that cannot be.").because(
                "The first reserved bit (RSV1) may only stand on the first frame of a text or \
                 binary message (RFC 7692 section 6).",
            ),
            frame,
        ));
    }
    Some(report(
        certain("The server sent compressed data although compression was not agreed on.")
            .because(
                "The first reserved bit (RSV1) marks a compressed message (RFC 7692 section 6).",
            )
            .hint("Check middleware at the server that compresses by itself."),
        frame,
    ))
}

pub(super) fn rsv23(e: &Evidence) -> Option<Draft> {
    let frame = bad_frame(e)?;
    (frame.rsv & 3 != 0).then_some(())?;
    Some(report(certain("Reserved bits are set; the stream is not clean WebSocket."), frame))
}

pub(super) fn opcode(e: &Evidence) -> Option<Draft> {
    let frame = bad_frame(e)?;
    matches!(frame.opcode, 3..=7 | 11..).then_some(())?;
    Some(report(
        certain(format!("The server sent a frame of the unknown type {:#x}.", frame.opcode)),
        frame,
    ))
}

pub(super) fn control_fragmented(e: &Evidence) -> Option<Draft> {
    let frame = bad_frame(e)?;
    (is_control(frame) && !frame.fin).then_some(())?;
    Some(report(certain("A control frame was split, which is forbidden."), frame))
}

pub(super) fn control_too_long(e: &Evidence) -> Option<Draft> {
    let frame = bad_frame(e)?;
    (is_control(frame) && frame.length > 125).then_some(())?;
    Some(report(
        certain(format!(
            "A control frame is too long: {} instead of at most 125.",
            words::bytes(frame.length)
        )),
        frame,
    ))
}

/// Whether the record says that this is the rule that was broken.
fn broke(e: &Evidence, rules: &[Violation]) -> Option<Violation> {
    broken(e)?.0.violation.filter(|violation| rules.contains(violation))
}

pub(super) fn continuation(e: &Evidence) -> Option<Draft> {
    let violation =
        broke(e, &[Violation::ContinuationWithoutStart, Violation::MessageInsideMessage])?;
    let frame = bad_frame(e)?;
    Some(
        report(certain("The server mixed up the fragments of messages."), frame)
            .because(if violation == Violation::MessageInsideMessage {
                "A new message begins before the one before it was whole (RFC 6455 section 5.4)."
            } else {
                "It continues a message that was never begun (RFC 6455 section 5.4)."
            })
            .hint("Check at the server whether two threads write to one socket without a lock."),
    )
}

/// A frame that our limit refused and no limit of anybody would have let through.
fn beyond_reason(e: &Evidence) -> Option<&FrameRecord> {
    let (session, end) = see::end(e)?;
    (end.by == EndedBy::OurLimit).then_some(())?;
    let mut frames = session.last_frames.iter().rev();
    frames.find(|frame| frame.direction == Direction::In).filter(|frame| frame.length >> 40 > 0)
}

/// The first bit of a long length must be 0 (RFC 6455 section 5.2). Such a length is over our own
/// limit as well, which may be what ended the connection.
pub(super) fn length(e: &Evidence) -> Option<Draft> {
    if let Some(frame) = beyond_reason(e) {
        return Some(report(
            likely(format!("A frame announces {} bytes, which nobody sends.", frame.length))
                .because("No message is that long: the stream is not clean, or the server is broken or hostile."),
            frame,
        ));
    }
    broke(e, &[Violation::Length])?;
    let frame = bad_frame(e)?;
    Some(report(
        certain(format!("A frame announces a length that is not valid: {} bytes.", frame.length))
            .because("The top bit of a length must be 0 (RFC 6455 section 5.2)."),
        frame,
    ))
}

pub(super) fn not_utf8(e: &Evidence) -> Option<Draft> {
    broke(e, &[Violation::TextNotUtf8])?;
    let (end, frame) = broken(e)?;
    Some(
        certain("The server sent a text message that is not UTF-8.")
            .because(format!("The reader says {}.", words::said(&end.text)))
            .because(frame.map(seen).unwrap_or_default())
            .because("Text messages must be UTF-8 (RFC 6455 section 8.1), so the connection was closed with 1007.")
            .hint("Send binary messages at the server for bytes, or encode its text as UTF-8."),
    )
}

pub(super) fn violation(e: &Evidence) -> Option<Draft> {
    let (end, frame) = broken(e)?;
    Some(
        certain("The server broke the WebSocket protocol.")
            .because(match end.text.as_str() {
                "" => String::new(),
                text => format!("The reader says {}.", words::said(text)),
            })
            .because(frame.map(seen).unwrap_or_default())
            .hint("Save the log with its frames and report it to the server's author."),
    )
}
