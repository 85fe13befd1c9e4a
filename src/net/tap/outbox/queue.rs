//! What is taken for sending, what is dropped for a close frame, and what was not sent.

use std::collections::VecDeque;

use bytes::Bytes;

use super::file::{FileOut, FileSend, close_payload};
use super::frame::{Ends, Whole, Writing};
use super::{CutShort, Ending, Half, MAX_CONTROLS, OutFrame, Outbox, STOP_WITHIN, Sent, Waiting};
use crate::core::event::{Split, TransferId, TransferState};
use crate::core::frame::{RawFrame, opcode};
use crate::core::message::MessageKind;
use crate::core::time::Micros;

impl Outbox {
    /// Nothing more is taken: a close frame was queued, or our half of the stream is ending.
    fn is_over(&self) -> bool {
        self.close_queued || self.half != Half::Open
    }

    /// Queues a message or a control frame behind all others of its kind; a close frame behind
    /// everything, or behind the frame being written if that is one of a file. False if a close
    /// frame was queued before it, or our half of the stream is ending.
    pub(in crate::net::tap) fn push(&mut self, frame: OutFrame) -> bool {
        match frame.kind {
            MessageKind::Text | MessageKind::Binary | MessageKind::Close if self.is_over() => {
                return false;
            }
            MessageKind::Text | MessageKind::Binary => self.data.push_back(Waiting::Frame(frame)),
            MessageKind::Close => {
                if self.file.as_ref().is_some_and(|file| !file.is_encoded()) {
                    self.push_close_now(frame.payload);
                    return true;
                }
                let files = self.take_files();
                self.tell_stopped(files);
                self.close_queued = true;
                self.data.push_back(Waiting::Frame(frame));
            }
            MessageKind::Ping | MessageKind::Pong
                if self.close_encoded || self.half != Half::Open =>
            {
                return false;
            }
            MessageKind::Ping | MessageKind::Pong => self.controls.push_back(frame),
        }
        true
    }

    /// Queues a message that goes out in frames of these sizes. As [`Outbox::push`].
    pub(in crate::net::tap) fn push_cut(&mut self, frame: OutFrame, sizes: Split) -> bool {
        let taken = !self.is_over();
        if taken {
            self.data.push_back(Waiting::Cut(Box::new((frame, sizes))));
        }
        taken
    }

    /// Queues a file as a message. As [`Outbox::push`].
    pub(in crate::net::tap) fn push_file(&mut self, file: FileSend) -> bool {
        let taken = !self.is_over();
        if taken {
            self.data.push_back(Waiting::File(Box::new(FileOut::new(file))));
        }
        taken
    }

    /// Queues a frame as it is. As [`Outbox::push`]; one with the opcode of a close frame is one.
    pub(in crate::net::tap) fn push_raw(&mut self, frame: RawFrame) -> bool {
        let taken = !self.is_over();
        if taken {
            self.close_queued = frame.opcode == opcode(MessageKind::Close);
            self.data.push_back(Waiting::Handmade(Box::new(frame)));
        }
        taken
    }

    /// Ends our half of the stream when all that was queued so far is out. False if a close frame
    /// was queued before, or it is ending already.
    pub(in crate::net::tap) fn end_half(&mut self) -> bool {
        let taken = !self.is_over();
        if taken {
            self.half = Half::Ending;
        }
        taken
    }

    /// When our half of the stream was ended by [`Outbox::end_half`].
    pub(in crate::net::tap) fn half_ended(&self) -> Option<Micros> {
        match self.half {
            Half::Ended(at) => Some(at),
            Half::Open | Half::Ending => None,
        }
    }

    /// Our half of the stream has ended or is about to.
    pub(in crate::net::tap) fn is_half_ending(&self) -> bool {
        self.half != Half::Open
    }

    /// A close frame waits or is out.
    pub(in crate::net::tap) fn is_closing(&self) -> bool {
        self.close_queued
    }

    /// Queues a close frame ahead of everything that was not begun, which is dropped. Does nothing
    /// if a close frame is out already, or our half of the stream is ending.
    pub(in crate::net::tap) fn push_close_now(&mut self, payload: Bytes) {
        if self.close_encoded || self.half != Half::Open {
            return;
        }
        // A message in pieces is cut off between two of them.
        self.dropped += self.waiting() + usize::from(self.pieces.take().is_some());
        let mut files = self.take_files();
        if self.file.as_ref().is_some_and(|file| !file.is_encoded()) {
            self.dropped += 1;
            // The frame being written still needs it.
            match (&self.writing, self.file.take()) {
                (Some(Writing { ends: Ends::File, .. }), Some(file)) => {
                    let at = self.clock.now();
                    let transfer = file.told(TransferState::Stopped);
                    self.sent.push(Sent::File { at, transfer });
                    self.file = Some(Box::new(file.only_to_frame_end()));
                }
                (_, file) => files.extend(file.map(|file| *file)),
            }
        }
        self.tell_stopped(files);
        self.data.clear();
        self.controls.clear();
        self.close_queued = true;
        let frame = OutFrame { kind: MessageKind::Close, payload, share: None };
        self.data.push_back(Waiting::Frame(frame));
    }

    /// Stops sending a file; see [`Command::CancelFile`](crate::core::event::Command::CancelFile).
    pub(in crate::net::tap) fn cancel_file(&mut self, id: TransferId) {
        let waits = |entry: &Waiting| matches!(entry, Waiting::File(file) if file.id() == id);
        if let Some(place) = self.data.iter().position(waits) {
            if let Some(Waiting::File(file)) = self.data.remove(place) {
                self.tell_stopped(vec![*file]);
            }
            return;
        }
        let Some(file) = self.file.take_if(|file| file.id() == id && !file.is_encoded()) else {
            return;
        };
        if !file.is_begun() {
            return self.tell_stopped(vec![*file]);
        }
        let left = self.writing.as_ref().map_or(0, |writing| writing.length - writing.done);
        if left > STOP_WITHIN {
            self.broken = Some(CutShort(format!(
                "the file was stopped in the middle of a frame, {left} bytes before its end"
            )));
        }
        self.file = Some(file);
        self.push_close_now(close_payload((1001, "sending a file was stopped")));
    }

    fn take_files(&mut self) -> Vec<FileOut> {
        if !self.data.iter().any(|entry| matches!(entry, Waiting::File(_))) {
            return Vec::new();
        }
        let (files, rest) = std::mem::take(&mut self.data)
            .into_iter()
            .partition::<VecDeque<_>, _>(|entry| matches!(entry, Waiting::File(_)));
        self.data = rest;
        files
            .into_iter()
            .filter_map(|entry| if let Waiting::File(file) = entry { Some(*file) } else { None })
            .collect()
    }

    fn tell_stopped(&mut self, files: Vec<FileOut>) {
        let at = self.clock.now();
        self.sent.extend(
            files
                .into_iter()
                .map(|file| Sent::File { at, transfer: file.told(TransferState::Stopped) }),
        );
    }

    /// Tells of files that did not go out whole that they are stopped: the connection has ended.
    pub(in crate::net::tap) fn stop_files(&mut self) {
        let mut files = self.take_files();
        files.extend(self.file.take().map(|file| *file).filter(|file| !file.is_last_word_said()));
        self.dropped += files.len();
        self.tell_stopped(files);
    }

    pub(super) fn waiting(&self) -> usize {
        self.data
            .iter()
            .filter(|entry| match entry {
                Waiting::Frame(frame) => !frame.kind.is_control(),
                Waiting::Cut(_) | Waiting::File(_) => true,
                Waiting::Handmade(_) => false,
            })
            .count()
    }

    /// Messages that did not go out whole.
    pub(in crate::net::tap) fn unsent(&self) -> usize {
        let is_message = |whole: &Whole| !whole.frame.kind.is_control();
        let writing = match &self.writing {
            Some(Writing { ends: Ends::Whole(whole), .. }) => is_message(whole),
            _ => false,
        };
        let ending = self
            .ending
            .iter()
            .filter(|(_, ending)| matches!(ending, Ending::Whole(whole) if is_message(whole)))
            .count();
        let file = self.file.as_ref().is_some_and(|file| !file.is_last_word_said());
        self.dropped
            + self.waiting()
            + usize::from(self.pieces.is_some())
            + usize::from(file)
            + usize::from(writing)
            + ending
    }

    /// When the stream last took bytes, if some wait for it to take more.
    pub(in crate::net::tap) fn stalled_since(&self) -> Option<Micros> {
        self.wrote_at.filter(|_| self.taken < self.buffer.len())
    }

    pub(in crate::net::tap) fn has_control_room(&self) -> bool {
        self.controls.len() < MAX_CONTROLS
    }
}
