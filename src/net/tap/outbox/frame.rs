//! One frame on its way out: its header, its payload, and what goes out with its last byte.

use std::num::NonZeroU32;

use bytes::Bytes;

use super::OutFrame;
use crate::core::frame::{FrameHead, Frames};
use crate::core::time::Micros;
use crate::net::tap::walker::Header;

/// The frame being put into the buffer.
#[derive(Debug)]
pub(super) struct Writing {
    /// Payload as it goes out, but for its mask; empty if it comes from a file.
    pub wire: Bytes,
    /// Payload bytes that its header announces.
    pub length: u64,
    /// Those of them that are in the buffer already.
    pub done: u64,
    /// All zeros in a frame that is not masked.
    pub key: [u8; 4],
    pub masked: bool,
    pub ends: Ends,
}

/// What is out when a frame is.
#[derive(Debug)]
pub(super) enum Ends {
    /// Nothing: it is a fragment that is not the last.
    Part,
    /// A message or a control frame.
    Whole(Whole),
    /// A frame made by hand, with this payload.
    Handmade(FrameHead, Bytes),
    /// A piece of a file.
    File,
}

/// A message or control frame of which all is on its way.
#[derive(Debug)]
pub(super) struct Whole {
    pub frame: OutFrame,
    pub packed: Option<NonZeroU32>,
    /// Heads of its frames, if it went in several.
    pub split: Option<Box<Frames>>,
}

impl Writing {
    pub(super) fn new(wire: Bytes, key: [u8; 4], ends: Ends) -> Writing {
        Writing { length: wire.len() as u64, wire, done: 0, key, masked: true, ends }
    }

    /// A frame that goes as it is.
    pub(super) fn whole(frame: OutFrame, key: [u8; 4]) -> Writing {
        let wire = frame.payload.clone();
        Writing::new(wire, key, Ends::Whole(Whole { frame, packed: None, split: None }))
    }

    /// Writes the header with this first byte; returns its length.
    pub(super) fn push_header(&self, first: u8, out: &mut Vec<u8>) -> usize {
        let from = out.len();
        let bit = if self.masked { 0x80 } else { 0 };
        out.push(first);
        match (u8::try_from(self.length), u16::try_from(self.length)) {
            (Ok(short @ 0..=125), _) => out.push(bit | short),
            (_, Ok(medium)) => {
                out.push(bit | 126);
                out.extend_from_slice(&medium.to_be_bytes());
            }
            _ => {
                out.push(bit | 127);
                out.extend_from_slice(&self.length.to_be_bytes());
            }
        }
        if self.masked {
            out.extend_from_slice(&self.key);
        }
        out.len() - from
    }

    /// What is remembered of the header `bytes` for the record.
    pub(super) fn header(&self, bytes: &[u8], offset: u64, at: Micros) -> Header {
        Header { at, first: [bytes[0], bytes[1]], length: self.length, offset }
    }

    /// What is told of the header with this first byte.
    pub(super) fn head(&self, first: u8) -> FrameHead {
        FrameHead {
            fin: first & 0x80 != 0,
            rsv: (first >> 4) & 7,
            opcode: first & 0x0F,
            mask: self.masked.then_some(self.key),
            masked: self.masked,
            header: crate::core::frame::header_size(self.length, self.masked),
            length: self.length,
        }
    }
}
