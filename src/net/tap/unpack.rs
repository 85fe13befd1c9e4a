//! Unpacks compressed messages (RFC 7692 section 7.2.2) before the message layer sees them.
//!
//! Frames that are not compressed pass where they lie. From the first compressed one on, what was
//! read is put aside and worked off in steps: the message layer gets frames without RSV1, a short
//! message in one, a long one in fragments. So neither a bomb nor a gigabyte is ever here whole,
//! and the limit for a message ends the unpacking while it is going on.
//!
//! A frame that is wrong in itself is passed on as it came, and everything behind it: the message
//! layer judges it as it would without compression.

use std::collections::VecDeque;
use std::num::NonZeroU32;

use flate2::{Decompress, FlushDecompress, Status};

use super::pack::TAIL;
use super::walker::{MAX_HEADER, RSV1, header_len, payload_len};
use crate::core::evidence::{DeflateFacts, DeflateFault, DeflateProblem};

/// Unpacked bytes in one frame for the layer above, and about what may wait for it.
const CHUNK: usize = 64 * 1024;

/// Why a compressed message ended the connection; travels inside an error of the stream.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{text}")]
pub(crate) struct Unpackable {
    pub fault: DeflateFault,
    pub text: String,
}

/// A frame's header, as far as it matters here.
#[derive(Clone, Copy, Debug)]
struct Head {
    first: u8,
    masked: bool,
    length: u64,
    size: usize,
}

/// What to do with a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Treat {
    Pass,
    Unpack,
    /// It breaks the protocol.
    GiveUp,
}

/// A compressed message that is going on.
#[derive(Debug)]
struct Open {
    opcode: u8,
    /// Payload bytes on the wire so far.
    wire: u64,
    /// Unpacked bytes that were handed on.
    handed: u64,
    /// Some of it was handed on in a frame.
    begun: bool,
    /// The frame being read is its last one.
    fin: bool,
    /// The whole payload is in; bytes of [`TAIL`] that the decompressor has had.
    tail: Option<usize>,
    /// The stream has just ended with a final block (section 7.2.3.4).
    ended: bool,
}

#[derive(Debug)]
pub(super) struct Unpacker {
    inflate: Decompress,
    /// The server packs each message by itself.
    fresh_each: bool,
    /// Largest message, unpacked.
    limit: u64,
    /// Bytes from the wire that were put aside, and how many of them are used.
    aside: Vec<u8>,
    used: usize,
    /// Frames for the layer above, and how much of them it has.
    ready: Vec<u8>,
    given: usize,
    /// Unpacked bytes that wait to become a frame.
    plain: Vec<u8>,
    /// Payload bytes that are still to come of the frame being read.
    left: u64,
    treat: Treat,
    open: Option<Open>,
    /// A message that is not compressed was begun and its last frame has not come.
    in_plain: bool,
    /// Text and binary messages that have begun.
    begun: u64,
    /// Number of a compressed message, from 0 over all of them, and its bytes on the wire.
    sizes: VecDeque<(u64, NonZeroU32)>,
    fault: Option<Unpackable>,
}

impl Unpacker {
    pub(super) fn new(agreed: &DeflateFacts, limit: u64) -> Unpacker {
        Unpacker {
            // A window of 15 bits reads what any smaller one has written.
            inflate: Decompress::new(false),
            fresh_each: agreed.server_no_context_takeover,
            limit,
            aside: Vec::new(),
            used: 0,
            ready: Vec::new(),
            given: 0,
            plain: Vec::new(),
            left: 0,
            treat: Treat::Pass,
            open: None,
            in_plain: false,
            begun: 0,
            sizes: VecDeque::new(),
            fault: None,
        }
    }

    /// Bytes on the wire of the message with this number, if it was compressed. Asked once for
    /// each message, in order.
    pub(super) fn packed_size(&mut self, number: u64) -> Option<NonZeroU32> {
        while self.sizes.front().is_some_and(|(at, _)| *at < number) {
            self.sizes.pop_front();
        }
        self.sizes.pop_front_if(|(at, _)| *at == number).map(|(_, size)| size)
    }

    /// How many of the bytes just read may pass where they lie.
    pub(super) fn pass(&mut self, bytes: &[u8]) -> usize {
        if self.treat == Treat::GiveUp {
            return bytes.len();
        }
        if self.open.is_some() || self.used < self.aside.len() {
            return 0;
        }
        let mut at = 0;
        loop {
            let here = usize::try_from(self.left).unwrap_or(usize::MAX).min(bytes.len() - at);
            self.left -= here as u64;
            at += here;
            let Some(head) = Head::read(&bytes[at..]) else { return at };
            match self.judge(head) {
                Treat::Unpack => return at,
                Treat::GiveUp => {
                    self.treat = Treat::GiveUp;
                    return bytes.len();
                }
                Treat::Pass => {
                    self.begin_plain(head);
                    at += head.size;
                }
            }
        }
    }

    /// Puts bytes aside that may not pass.
    pub(super) fn put_aside(&mut self, bytes: &[u8]) {
        if self.used == self.aside.len() {
            self.aside.clear();
            self.used = 0;
        }
        self.aside.extend_from_slice(bytes);
    }

    /// Frames that wait for the layer above.
    pub(super) fn ready(&self) -> &[u8] {
        &self.ready[self.given..]
    }

    /// The layer above has taken so many bytes of them.
    pub(super) fn give(&mut self, bytes: usize) {
        self.given += bytes;
        if self.given == self.ready.len() {
            self.ready.clear();
            self.given = 0;
        }
    }

    /// Why nothing more will be ready.
    pub(super) fn fault(&self) -> Option<&Unpackable> {
        self.fault.as_ref()
    }

    /// Works off what was put aside until enough is ready; returns the bytes that were used. Empty
    /// if more must be read first, or after a fault, unless something is ready.
    pub(super) fn work(&mut self) -> &[u8] {
        let from = self.used;
        while self.ready.len() < CHUNK && self.fault.is_none() && self.step() {}
        &self.aside[from..self.used]
    }

    /// One step of work; false if it needs more bytes.
    fn step(&mut self) -> bool {
        if let Some(open) = &self.open
            && let Some(tail) = open.tail
        {
            // What was ended by a final block needs no tail, unless something followed.
            let rest: &[u8] = if open.ended { &[] } else { &TAIL[tail..] };
            let (had, all) = self.inflate(rest);
            if let Some(open) = &mut self.open {
                open.tail = Some(tail + had);
            }
            if self.fault.is_none() {
                self.hand_on(all);
            }
            return self.fault.is_none();
        }
        let bytes = &self.aside[self.used..];
        if self.treat == Treat::GiveUp {
            self.ready.extend_from_slice(bytes);
            self.used = self.aside.len();
            return false;
        }
        if self.left == 0 {
            return self.begin();
        }
        if bytes.is_empty() {
            return false;
        }
        let here = usize::try_from(self.left).unwrap_or(usize::MAX).min(bytes.len());
        if self.treat == Treat::Pass {
            let here = here.min(CHUNK);
            self.ready.extend_from_slice(&bytes[..here]);
            self.used += here;
            self.left -= here as u64;
            return true;
        }
        let aside = std::mem::take(&mut self.aside);
        let (had, _) = self.inflate(&aside[self.used..self.used + here]);
        self.aside = aside;
        self.used += had;
        self.left -= had as u64;
        if self.fault.is_none() {
            self.hand_on(false);
            self.frame_read();
        }
        self.fault.is_none()
    }

    /// Begins the next frame of what was put aside.
    fn begin(&mut self) -> bool {
        let bytes = &self.aside[self.used..];
        let Some(head) = Head::read(bytes) else { return false };
        let treat = self.judge(head);
        self.treat = treat;
        match treat {
            Treat::GiveUp => return true,
            Treat::Pass => {
                self.ready.extend_from_slice(&bytes[..head.size]);
                self.begin_plain(head);
            }
            Treat::Unpack => {
                self.left = head.length;
                let fin = head.first & 0x80 != 0;
                match &mut self.open {
                    Some(open) => open.fin = fin,
                    None => {
                        self.begun += 1;
                        self.open = Some(Open {
                            opcode: head.first & 0x0F,
                            wire: 0,
                            handed: 0,
                            begun: false,
                            fin,
                            tail: None,
                            ended: false,
                        });
                    }
                }
                self.frame_read();
            }
        }
        self.used += head.size;
        true
    }

    fn judge(&self, head: Head) -> Treat {
        let opcode = head.first & 0x0F;
        let reserved = head.first & 0x70;
        let fits = !head.masked && head.length >> 63 == 0;
        let in_message = self.in_plain || self.open.is_some();
        match (opcode, reserved) {
            _ if !fits => Treat::GiveUp,
            (0, 0) if self.open.is_some() => Treat::Unpack,
            (0, 0) if self.in_plain => Treat::Pass,
            (1 | 2, 0) if !in_message => Treat::Pass,
            (1 | 2, RSV1) if !in_message => Treat::Unpack,
            (8.., 0) => Treat::Pass,
            _ => Treat::GiveUp,
        }
    }

    fn begin_plain(&mut self, head: Head) {
        self.left = head.length;
        let opcode = head.first & 0x0F;
        if opcode < 8 {
            self.begun += u64::from(opcode != 0);
            self.in_plain = head.first & 0x80 == 0;
        }
    }

    /// Sees whether a frame of a compressed message, and with it the message, is all in.
    fn frame_read(&mut self) {
        if self.left == 0
            && let Some(open) = &mut self.open
            && open.fin
        {
            open.tail = Some(0);
        }
    }

    /// Unpacks until a frame for the layer above is full. Returns how many bytes were used, and
    /// whether all that they unpack to is out.
    fn inflate(&mut self, bytes: &[u8]) -> (usize, bool) {
        let Some(open) = &mut self.open else { return (bytes.len(), true) };
        let is_tail = open.tail.is_some();
        let mut used = 0;
        while self.plain.len() < CHUNK {
            if used < bytes.len() {
                open.ended = false;
            }
            // Begins small: most messages are.
            let room = self.plain.len().clamp(1024, CHUNK);
            self.plain.reserve(room);
            let before = (self.inflate.total_in(), self.plain.len());
            let result =
                self.inflate.decompress_vec(&bytes[used..], &mut self.plain, FlushDecompress::Sync);
            let had = usize::try_from(self.inflate.total_in() - before.0).unwrap_or(0);
            used += had;
            if !is_tail {
                open.wire += had as u64;
            }
            let unpacked = open.handed + self.plain.len() as u64;
            if unpacked > self.limit {
                self.fault = Some(Unpackable {
                    fault: DeflateFault {
                        problem: DeflateProblem::TooLarge,
                        wire: open.wire,
                        unpacked,
                    },
                    text: format!(
                        "a compressed message unpacks to more than the limit of {} bytes",
                        self.limit
                    ),
                });
                return (used, false);
            }
            match result {
                Err(error) => {
                    let why = error.message().unwrap_or("it is no DEFLATE data");
                    self.fault = Some(corrupt(open.wire, unpacked, why));
                    return (used, false);
                }
                // A final block, as senders make that cannot flush otherwise; what follows is a
                // stream of its own.
                Ok(Status::StreamEnd) => {
                    self.inflate.reset(false);
                    open.ended = true;
                    if used == bytes.len() {
                        return (used, true);
                    }
                }
                Ok(Status::Ok | Status::BufError) => {
                    let has_room = self.plain.len() < self.plain.capacity();
                    if has_room && used == bytes.len() {
                        return (used, true);
                    }
                    if has_room && had == 0 && self.plain.len() == before.1 {
                        // Never seen of this decompressor, and no reason to turn for ever.
                        self.fault = Some(corrupt(open.wire, unpacked, "it leads nowhere"));
                        return (used, false);
                    }
                }
            }
        }
        (used, false)
    }

    /// Makes a frame of what was unpacked, if there is enough of it or it is the last (`all` of a
    /// message whose payload is in).
    fn hand_on(&mut self, all: bool) {
        let Some(open) = &mut self.open else { return };
        let last = all && open.tail.is_some();
        if self.plain.len() < CHUNK && !last {
            return;
        }
        let first = if open.begun { 0 } else { open.opcode } | if last { 0x80 } else { 0 };
        push_header(&mut self.ready, first, self.plain.len());
        self.ready.extend_from_slice(&self.plain);
        open.begun = true;
        open.handed += self.plain.len() as u64;
        self.plain.clear();
        if last {
            let wire = u32::try_from(open.wire).unwrap_or(u32::MAX);
            if let Some(wire) = NonZeroU32::new(wire) {
                self.sizes.push_back((self.begun - 1, wire));
            }
            self.open = None;
            if self.fresh_each {
                self.inflate.reset(false);
            }
        }
    }
}

impl Head {
    /// `None` if it is not whole.
    fn read(bytes: &[u8]) -> Option<Head> {
        let second = *bytes.get(1)?;
        let size = header_len(second);
        let mut whole = [0; MAX_HEADER];
        whole[..size].copy_from_slice(bytes.get(..size)?);
        Some(Head {
            first: whole[0],
            masked: second & 0x80 != 0,
            length: payload_len(&whole),
            size,
        })
    }
}

fn corrupt(wire: u64, unpacked: u64, why: &str) -> Unpackable {
    Unpackable {
        fault: DeflateFault { problem: DeflateProblem::Corrupt, wire, unpacked },
        text: format!("a compressed message cannot be unpacked: {why}"),
    }
}

/// Appends the header of a frame as a server writes it.
pub(super) fn push_header(out: &mut Vec<u8>, first: u8, length: usize) {
    out.push(first);
    match (u8::try_from(length), u16::try_from(length)) {
        (Ok(short @ 0..=125), _) => out.push(short),
        (_, Ok(medium)) => {
            out.push(126);
            out.extend_from_slice(&medium.to_be_bytes());
        }
        _ => {
            out.push(127);
            out.extend_from_slice(&(length as u64).to_be_bytes());
        }
    }
}

#[cfg(test)]
mod tests;
