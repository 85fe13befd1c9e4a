//! Walks the frame headers of a byte stream (RFC 6455 section 5.2) without touching payloads.
//!
//! It keeps the last frames, the payload of the first close frame as it was on the wire, and the
//! first frame that breaks the protocol with its first bytes. The message layer above judges the
//! same bytes and is the one that fails the connection; this only remembers what it saw.

use super::quick::frame_here;
use super::splits::Splits;
use crate::core::evidence::{FrameRecord, Violation};
use crate::core::limits::LAST_FRAMES;
use crate::core::message::Direction;
use crate::core::time::Micros;

/// First bytes that are kept of a frame that breaks the protocol.
const KEPT: usize = 16;

/// Longest header: two bytes, eight of length, four of mask.
pub(super) const MAX_HEADER: usize = 14;

/// The first reserved bit, which marks a compressed message (RFC 7692 section 6).
pub(super) const RSV1: u8 = 0x40;

/// Longest payload of a control frame (RFC 6455 section 5.5).
pub(super) const MAX_CONTROL: u64 = 125;

/// A frame's header in a form that is cheap to keep for each of millions.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Header {
    pub at: Micros,
    pub first: [u8; 2],
    pub length: u64,
    pub offset: u64,
}

impl Header {
    pub(super) fn opcode(self) -> u8 {
        self.first[0] & 0x0F
    }

    pub(super) fn is_fin(self) -> bool {
        self.first[0] & 0x80 != 0
    }

    pub(super) fn is_masked(self) -> bool {
        self.first[1] & 0x80 != 0
    }

    pub(super) fn record(self, direction: Direction, started: Micros) -> FrameRecord {
        FrameRecord {
            at_us: u64::try_from(self.at.since(started).as_micros()).unwrap_or(u64::MAX),
            direction,
            fin: self.is_fin(),
            rsv: (self.first[0] >> 4) & 7,
            opcode: self.opcode(),
            masked: self.is_masked(),
            length: self.length,
            offset: self.offset,
            first_bytes_hex: None,
        }
    }
}

/// The last [`LAST_FRAMES`] headers and the number of all.
#[derive(Clone, Debug, Default)]
pub(super) struct Ring {
    slots: [Header; LAST_FRAMES],
    pub count: u64,
}

impl Ring {
    pub(super) fn push(&mut self, header: Header) {
        #[expect(clippy::cast_possible_truncation, reason = "reduced to the number of slots")]
        let slot = (self.count % LAST_FRAMES as u64) as usize;
        self.slots[slot] = header;
        self.count += 1;
    }

    /// Oldest first.
    pub(super) fn iter(&self) -> impl Iterator<Item = Header> + '_ {
        let kept = self.count.min(LAST_FRAMES as u64);
        #[expect(clippy::cast_possible_truncation, reason = "reduced to the number of slots")]
        (self.count - kept..self.count).map(|n| self.slots[(n % LAST_FRAMES as u64) as usize])
    }
}

/// A frame with its first bytes.
#[derive(Clone, Copy, Debug)]
struct Kept {
    header: Header,
    bytes: [u8; KEPT],
    len: usize,
}

/// Reads what a server sends.
#[derive(Debug)]
pub(super) struct Walker {
    pub ring: Ring,
    /// Bytes of a header that came in pieces.
    partial: [u8; MAX_HEADER],
    have: usize,
    /// Payload bytes of the current frame that are still to come.
    skip: u64,
    /// Bytes walked over.
    offset: u64,
    /// Where the current frame began, and its first bytes.
    latest: [u8; KEPT],
    latest_len: usize,
    /// A data message was begun and its last frame has not come.
    in_message: bool,
    /// Data messages that have begun.
    pub messages_begun: u64,
    /// Frames of the messages that did not come in one ordinary one.
    pub splits: Splits,
    bad: Option<Kept>,
    /// What [`Walker::bad`] breaks; `None` if it is only too large for us.
    violation: Option<Violation>,
    close: Option<Vec<u8>>,
    in_close: bool,
    /// Largest payload that is accepted, unless it is compressed.
    max_payload: u64,
    /// Compression was agreed on: RSV1 may mark the first frame of a message.
    deflate: bool,
    /// The message that was begun last is compressed.
    is_packed: bool,
}

impl Walker {
    pub(super) fn new(max_payload: u64, deflate: bool) -> Walker {
        Walker {
            ring: Ring::default(),
            partial: [0; MAX_HEADER],
            have: 0,
            skip: 0,
            offset: 0,
            latest: [0; KEPT],
            latest_len: 0,
            in_message: false,
            messages_begun: 0,
            splits: Splits::default(),
            bad: None,
            violation: None,
            close: None,
            in_close: false,
            max_payload,
            deflate,
            is_packed: false,
        }
    }

    /// Takes the next bytes of the stream, which were read at `at`.
    pub(super) fn walk(&mut self, mut bytes: &[u8], at: Micros) {
        // Behind a frame that breaks the protocol there is no telling where the next one begins.
        while !bytes.is_empty() && self.bad.is_none() {
            if self.skip > 0 {
                let here = usize::try_from(self.skip).unwrap_or(usize::MAX).min(bytes.len());
                let (payload, rest) = bytes.split_at(here);
                if self.latest_len < KEPT {
                    self.keep(payload);
                }
                if self.in_close
                    && let Some(close) = &mut self.close
                {
                    close.extend_from_slice(payload);
                }
                self.skip -= here as u64;
                self.offset += here as u64;
                bytes = rest;
                continue;
            }
            if self.have == 0 && bytes.len() >= KEPT {
                // The common case: the whole header and more lie before us.
                let need = header_len(bytes[1]);
                self.latest.copy_from_slice(&bytes[..KEPT]);
                // What belongs to the next frame is no part of this one.
                self.latest_len = need;
                let mut header = [0; MAX_HEADER];
                header.copy_from_slice(&bytes[..MAX_HEADER]);
                bytes = &bytes[need..];
                self.begin(&header, need, at);
                continue;
            }
            if self.have == 0 {
                self.latest_len = 0;
            }
            let need = if self.have < 2 { 2 } else { header_len(self.partial[1]) };
            let here = (need - self.have).min(bytes.len());
            self.partial[self.have..self.have + here].copy_from_slice(&bytes[..here]);
            self.keep(&bytes[..here]);
            self.have += here;
            bytes = &bytes[here..];
            if self.have >= 2 && self.have == header_len(self.partial[1]) {
                let (header, len) = (self.partial, self.have);
                self.have = 0;
                self.begin(&header, len, at);
            }
        }
    }

    fn keep(&mut self, bytes: &[u8]) {
        let here = bytes.len().min(KEPT - self.latest_len);
        self.latest[self.latest_len..self.latest_len + here].copy_from_slice(&bytes[..here]);
        self.latest_len += here;
    }

    fn begin(&mut self, bytes: &[u8; MAX_HEADER], header_len: usize, at: Micros) {
        let length = payload_len(bytes);
        let header = Header { at, first: [bytes[0], bytes[1]], length, offset: self.offset };
        self.ring.push(header);
        self.offset += header_len as u64;
        self.skip = length;
        let opcode = header.opcode();
        self.in_close = opcode == 8 && length <= MAX_CONTROL && self.close.is_none();
        if self.in_close {
            self.close = Some(Vec::new());
        }
        let in_message = self.in_message;
        if opcode < 8 {
            if opcode != 0 {
                self.messages_begun += 1;
                self.is_packed = self.deflate && header.first[0] & 0x70 == RSV1;
            }
            self.in_message = !header.is_fin();
            if in_message || !header.is_fin() || is_long_form(header_len, length) {
                self.splits.note(self.messages_begun, header, header_len);
            }
        }
        let is_packed = self.is_packed && opcode < 8;
        let reserved = if is_packed && opcode != 0 { RSV1 } else { 0 };
        self.violation = violation(header, in_message, reserved);
        // What a compressed message unpacks to is held against the limit elsewhere.
        let is_too_large = header.length > self.max_payload && !is_packed;
        if self.violation.is_some() || is_too_large {
            self.bad = Some(Kept { header, bytes: self.latest, len: self.latest_len });
        }
    }

    /// Takes note of a whole frame without looking at it again: an ordinary message, its header
    /// and payload of these lengths.
    pub(super) fn step_over(&mut self, first: [u8; 2], header: usize, payload: usize, at: Micros) {
        let length = payload as u64;
        self.ring.push(Header { at, first, length, offset: self.offset });
        self.offset += (header + payload) as u64;
        self.messages_begun += 1;
        self.latest_len = 0;
    }

    /// Nothing of a frame or of a message has been walked over that is not whole, and all was in
    /// order so far.
    pub(super) fn is_between_messages(&self) -> bool {
        self.skip == 0 && self.have == 0 && !self.in_message && self.bad.is_none()
    }

    /// As [`Walker::is_between_messages`], but a message may be going on.
    pub(super) fn is_between_frames(&self) -> bool {
        self.skip == 0 && self.have == 0 && self.bad.is_none()
    }

    pub(super) fn max_payload(&self) -> u64 {
        self.max_payload
    }

    /// Payload bytes that are still to come of the current frame.
    pub(super) fn payload_ahead(&self) -> u64 {
        self.skip
    }

    /// How many of the next bytes of the stream belong to the frame that was begun or, between
    /// two frames, to the one that begins; all of them if that cannot be told.
    pub(super) fn rest_of_frame(&self, bytes: &[u8]) -> usize {
        if self.bad.is_some() {
            return bytes.len();
        }
        if self.skip > 0 {
            return usize::try_from(self.skip).unwrap_or(usize::MAX).min(bytes.len());
        }
        if self.have == 0 {
            return frame_here(bytes);
        }
        let mut joined = self.partial[..self.have].to_vec();
        joined.extend_from_slice(&bytes[..bytes.len().min(MAX_HEADER)]);
        // The payload of a frame whose header came in pieces is told apart at the next call.
        match joined.get(1).map(|second| header_len(*second)) {
            Some(header) if joined.len() >= header => header - self.have,
            _ => bytes.len(),
        }
    }

    /// What the first bad frame breaks.
    pub(super) fn violation(&self) -> Option<Violation> {
        self.violation
    }

    /// The stream ended inside a frame.
    pub(super) fn is_inside_frame(&self) -> bool {
        self.have > 0 || self.skip > 0
    }

    /// Payload of the first close frame as far as it came.
    pub(super) fn close_payload(&self) -> Option<&[u8]> {
        self.close.as_deref()
    }

    /// The last frames, the one that broke the protocol with its first bytes. `blame_latest` says
    /// that the message layer refuses what it read last, after `delivered` whole messages, though
    /// its header is in order (text that is no UTF-8).
    pub(super) fn records(&self, started: Micros, blame_latest: Option<u64>) -> Vec<FrameRecord> {
        let bad = self.bad.or_else(|| {
            let delivered = blame_latest?;
            let header = self.ring.iter().last()?;
            (header.opcode() < 8 && self.messages_begun == delivered + 1).then_some(Kept {
                header,
                bytes: self.latest,
                len: self.latest_len,
            })
        });
        self.ring
            .iter()
            .map(|header| {
                let mut record = header.record(Direction::In, started);
                if let Some(kept) = &bad
                    && kept.header.offset == header.offset
                {
                    record.first_bytes_hex = Some(crate::net::hex(&kept.bytes[..kept.len]));
                }
                record
            })
            .collect()
    }

    /// Adds payload bytes that were read together with the header of a frame that breaks the
    /// protocol, for whoever looks at it.
    pub(super) fn complete_bad(&mut self, bytes: &[u8], read_from: u64) {
        let Some(kept) = &mut self.bad else { return };
        if kept.len >= KEPT || kept.header.offset < read_from {
            return;
        }
        let Ok(start) = usize::try_from(kept.header.offset - read_from) else { return };
        if let Some(from) = bytes.get(start..) {
            let len = from.len().min(KEPT);
            if len > kept.len {
                kept.bytes[..len].copy_from_slice(&from[..len]);
                kept.len = len;
            }
        }
    }

    /// Offset in the stream up to which bytes were walked over.
    pub(super) fn offset(&self) -> u64 {
        self.offset + self.have as u64
    }
}

/// The rule of RFC 6455 section 5 that a frame with this header breaks. `reserved` are the bits that
/// must be set of those that are reserved.
fn violation(header: Header, in_message: bool, reserved: u8) -> Option<Violation> {
    let opcode = header.opcode();
    if header.first[0] & 0x70 != reserved {
        return Some(Violation::ReservedBits);
    }
    if header.is_masked() {
        return Some(Violation::Masked);
    }
    match opcode {
        3..=7 | 11.. => return Some(Violation::Opcode),
        8.. if !header.is_fin() => return Some(Violation::ControlFragmented),
        8.. if header.length > MAX_CONTROL => return Some(Violation::ControlTooLong),
        _ => {}
    }
    if header.length >> 63 == 1 {
        return Some(Violation::Length);
    }
    match opcode {
        0 if !in_message => Some(Violation::ContinuationWithoutStart),
        1 | 2 if in_message => Some(Violation::MessageInsideMessage),
        _ => None,
    }
}

/// Whether the length is written in more bytes than it needs, by the size of an unmasked header.
fn is_long_form(header: usize, length: u64) -> bool {
    match header {
        ..4 => false,
        4 => length < 126,
        _ => length <= 0xFFFF,
    }
}

/// The payload length that a whole header announces.
pub(super) fn payload_len(header: &[u8; MAX_HEADER]) -> u64 {
    match header[1] & 0x7F {
        126 => u64::from(u16::from_be_bytes([header[2], header[3]])),
        127 => u64::from_be_bytes([
            header[2], header[3], header[4], header[5], header[6], header[7], header[8], header[9],
        ]),
        short => u64::from(short),
    }
}

/// Bytes of a header by its second one.
pub(super) fn header_len(second: u8) -> usize {
    let length = match second & 0x7F {
        126 => 2,
        127 => 8,
        _ => 0,
    };
    2 + length + if second & 0x80 == 0 { 0 } else { 4 }
}

#[cfg(test)]
mod tests;
