//! Which frame goes out next.

use std::task::{Context, Poll};

use bytes::Bytes;

use super::file::close_payload;
use super::frame::{Ends, Whole, Writing};
use super::pieces::{Cut, How, Pieces};
use super::{CutShort, FIN, Outbox, Sent, Waiting};
use crate::core::event::{Split, TransferState};
use crate::core::frame::{RawFrame, opcode};
use crate::core::message::MessageKind;
use crate::net::tap::outbox::OutFrame;
use crate::net::tap::pack::PIECE;
use crate::net::tap::walker::RSV1;

impl Outbox {
    /// The next frame, if it may begin now: its first byte, and what is to be written. `room`
    /// is what may be packed in this round.
    pub(super) fn next(
        &mut self,
        cx: &mut Context<'_>,
        messages: bool,
        room: &mut usize,
    ) -> Option<(u8, Writing)> {
        if self.close_encoded {
            self.controls.clear();
            self.data.clear();
            return None;
        }
        if let Some(frame) = self.controls.pop_front() {
            let key = self.masks.next();
            return Some((FIN | opcode(frame.kind), Writing::whole(frame, key)));
        }
        if self.pieces.is_some() {
            return self.next_piece(room);
        }
        loop {
            if let Some(file) = &self.file {
                if file.is_stopped() {
                    self.file = None;
                } else {
                    // Behind its last frame nothing is begun until that is out.
                    let frame = if file.is_encoded() { None } else { self.next_of_file(cx) };
                    if frame.is_some() || self.file.is_some() {
                        return frame;
                    }
                    continue;
                }
            }
            let is_control = match self.data.front()? {
                Waiting::Frame(frame) => {
                    let is_control = frame.kind.is_control();
                    if !is_control && self.packer.is_some() && messages {
                        return self.next_packed(room);
                    }
                    is_control
                }
                _ => false,
            };
            if !messages && !is_control {
                return None;
            }
            match self.data.pop_front()? {
                Waiting::Frame(frame) => {
                    let key = self.masks.next();
                    return Some((FIN | opcode(frame.kind), Writing::whole(frame, key)));
                }
                Waiting::Cut(cut) => {
                    let (frame, sizes) = *cut;
                    return Some(self.begin_cut(frame, sizes));
                }
                Waiting::Handmade(raw) => return Some(self.begin_raw(*raw)),
                Waiting::File(file) => self.file = Some(file),
            }
        }
    }

    /// The message in front, packed if that makes it smaller.
    fn next_packed(&mut self, room: &mut usize) -> Option<(u8, Writing)> {
        let Some(Waiting::Frame(front)) = self.data.front() else { return None };
        let work = front.payload.len().min(PIECE);
        if *room < work {
            return None;
        }
        *room -= work;
        let wire = self.packer.as_mut().and_then(|packer| packer.begin(&front.payload));
        let key = self.masks.next();
        let Some(Waiting::Frame(frame)) = self.data.pop_front() else { return None };
        let opcode = opcode(frame.kind);
        let Some(wire) = wire else { return Some((FIN | opcode, Writing::whole(frame, key))) };
        let packed = wire.len() as u64;
        if frame.payload.len() > PIECE {
            let how = How::Packed { done: PIECE, packed };
            self.pieces = Some(Pieces { frame, how, frames: Box::default() });
            return Some((RSV1 | opcode, Writing::new(wire, key, Ends::Part)));
        }
        let whole = Whole { frame, packed: size(packed), split: None };
        Some((FIN | RSV1 | opcode, Writing::new(wire, key, Ends::Whole(whole))))
    }

    /// The next frame of a message that goes out in several.
    fn next_piece(&mut self, room: &mut usize) -> Option<(u8, Writing)> {
        let mut pieces = self.pieces.take()?;
        let key = self.masks.next();
        let (wire, is_last, packed) = match &mut pieces.how {
            How::Cut(cut) => {
                let (wire, is_last) = cut.next();
                (wire, is_last, cut.packed)
            }
            How::Packed { done, packed } => {
                let payload = &pieces.frame.payload;
                let end = payload.len().min(*done + PIECE);
                let is_last = end == payload.len();
                let work = end - *done;
                if *room < work {
                    self.pieces = Some(pieces);
                    return None;
                }
                *room -= work;
                let packer = self.packer.as_mut();
                let Some(wire) =
                    packer.and_then(|packer| packer.piece(&payload[*done..end], is_last))
                else {
                    // It cannot be gone on with, and must not look as if it were whole.
                    self.dropped += 1;
                    self.push_close_now(Bytes::from_static(b"\x03\xF3"));
                    return None;
                };
                *packed += wire.len() as u64;
                *done = end;
                (wire, is_last, size(*packed))
            }
        };
        if is_last {
            let whole = Whole { frame: pieces.frame, packed, split: Some(pieces.frames) };
            return Some((FIN, Writing::new(wire, key, Ends::Whole(whole))));
        }
        self.pieces = Some(pieces);
        Some((0, Writing::new(wire, key, Ends::Part)))
    }

    /// The first frame of a message that the user has cut. What is longer than a piece is not
    /// packed, since all of it would have to be at once.
    fn begin_cut(&mut self, frame: OutFrame, sizes: Split) -> (u8, Writing) {
        let key = self.masks.next();
        let wire = match &mut self.packer {
            Some(packer) if frame.payload.len() <= PIECE => packer.begin(&frame.payload),
            _ => None,
        };
        let packed = wire.as_ref().and_then(|wire| size(wire.len() as u64));
        let first = opcode(frame.kind) | if wire.is_some() { RSV1 } else { 0 };
        let mut cut = Cut::new(wire.unwrap_or_else(|| frame.payload.clone()), sizes, packed);
        let (wire, is_last) = cut.next();
        if is_last {
            let whole = Whole { frame, packed, split: None };
            return (FIN | first, Writing::new(wire, key, Ends::Whole(whole)));
        }
        self.pieces = Some(Pieces { frame, how: How::Cut(cut), frames: Box::default() });
        (first, Writing::new(wire, key, Ends::Part))
    }

    fn begin_raw(&mut self, raw: RawFrame) -> (u8, Writing) {
        let RawFrame { fin, rsv, opcode, masked, payload } = raw;
        let first = if fin { FIN } else { 0 } | (rsv & 7) << 4 | opcode & 0x0F;
        let key = if masked { self.masks.next() } else { [0; 4] };
        let wire = payload.clone();
        let mut writing = Writing::new(wire, key, Ends::Part);
        writing.masked = masked;
        writing.ends = Ends::Handmade(writing.head(first), payload);
        (first, writing)
    }

    /// The next frame of the file, if a byte of it is there. Without one the file may be gone.
    fn next_of_file(&mut self, cx: &mut Context<'_>) -> Option<(u8, Writing)> {
        if !self.file_has_bytes(cx) {
            return None;
        }
        let key = self.masks.next();
        let file = self.file.as_mut()?;
        let (length, is_last) = file.next_frame();
        let first = if file.is_begun() { 0 } else { opcode(file.kind()) };
        file.frames += 1;
        let mut writing = Writing::new(Bytes::new(), key, Ends::File);
        writing.length = length;
        Some((if is_last { FIN } else { 0 } | first, writing))
    }

    /// Whether the file can be gone on with now. One that has failed is told of and dropped, and
    /// what was begun of it brought to an end.
    pub(super) fn file_has_bytes(&mut self, cx: &mut Context<'_>) -> bool {
        let Some(file) = &mut self.file else { return false };
        let trouble = match file.poll(cx) {
            Poll::Pending => return false,
            Poll::Ready(Ok(())) => return true,
            Poll::Ready(Err(trouble)) => trouble,
        };
        let at = self.clock.now();
        let transfer = file.told(TransferState::Failed(trouble.why.clone()));
        let (is_begun, told) = (file.is_begun(), file.is_last_word_said());
        self.file = None;
        self.dropped += usize::from(!told);
        if !told {
            self.sent.push(Sent::File { at, transfer });
        }
        if self.writing.is_some() {
            self.broken =
                Some(CutShort(format!("a frame of the file could not be filled: {}", trouble.why)));
        } else if is_begun {
            self.push_close_now(close_payload(trouble.close));
        }
        false
    }

    /// Writes the header.
    pub(super) fn begin(&mut self, first: u8, mut writing: Writing) {
        self.close_encoded |= first & 0x0F == opcode(MessageKind::Close);
        let at = self.clock.now();
        let from = self.buffer.len();
        let size = writing.push_header(first, &mut self.buffer);
        self.ring.push(writing.header(&self.buffer[from..], self.encoded, at));
        self.encoded += size as u64;
        let head = writing.head(first);
        match &mut writing.ends {
            Ends::Whole(Whole { split: Some(frames), .. }) => frames.push(head),
            Ends::Part => {
                if let Some(pieces) = &mut self.pieces {
                    pieces.frames.push(head);
                }
            }
            Ends::Whole(_) | Ends::Handmade(..) | Ends::File => {}
        }
        self.writing = Some(writing);
    }
}

fn size(bytes: u64) -> Option<std::num::NonZeroU32> {
    std::num::NonZeroU32::new(u32::try_from(bytes).unwrap_or(u32::MAX))
}
