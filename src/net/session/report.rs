//! The end of a session as its record tells it, and the owner's last event.

use std::time::Duration;

use super::ending::Cause;
use super::{PREVIEW_BYTES, PREVIEW_CELLS, Session, close_code};
use crate::core::event::EventKind;
use crate::core::evidence::End;
use crate::core::message::MessageKind;
use crate::core::sanitize;
use crate::net::tap::StreamEnd;

impl Session<'_> {
    /// Writes the record, gives up the socket and delivers the rest.
    pub(super) async fn finish(mut self, cause: Cause) {
        self.ws.get_mut().stop_files();
        let rest: Vec<_> = self.ws.get_mut().take_sent().collect();
        for sent in rest {
            self.sent(sent);
        }
        let tap = self.ws.get_ref();
        let (frames_in, frames_out) = tap.frames();
        let delivered = self.facts.received.messages();
        let ended = self.ended.unwrap_or_else(|| self.recorder.now());
        let started = self.recorder.started();
        let unsent = tap.unsent();
        let write_stalled = tap.write_stalled_since();
        let code_received = self.close_received.as_deref().and_then(close_code);
        let reason = self
            .close_received
            .as_deref()
            .and_then(|payload| payload.get(2..))
            .map(|bytes| self.recorder.clean(&String::from_utf8_lossy(bytes)))
            .unwrap_or_default();
        let mut facts = std::mem::take(&mut self.facts);
        facts.received.frames = frames_in;
        facts.sent.frames = frames_out;
        if frames_in > 0 {
            facts.last_received_us = Some(self.recorder.us(tap.read_at()));
        }
        facts.last_frames = tap.records(started, cause.blame_latest.then_some(delivered));
        if let Some(last) = self.delivery.last_received() {
            facts.last_received = Some(self.preview(last.kind, &last.payload));
            facts.last_received_kind = Some(last.kind);
            facts.last_message_received_us = Some(self.recorder.us(last.at));
        }
        facts.last_sent = self.last_sent.as_ref().map(|start| start.record(&self.recorder.masker));
        facts.unsent = unsent as u64;
        facts.write_stalled_us =
            write_stalled.filter(|_| unsent > 0).map(|since| micros(ended.since(since)));
        facts.ping_waiting_us = self.pings.oldest_waiting().map(|sent| micros(ended.since(sent)));
        facts.unanswered_pings = self.pings.unanswered();
        facts.round_trips_us = self.pings.round_trips();
        facts.stalled_us = self.delivery.stalled_us();
        facts.end = Some(End {
            at_us: self.recorder.us(ended),
            by: cause.by,
            code_received,
            reason_received: reason,
            close_received: self.close_received.is_some(),
            close_sent: self.close_sent.is_some(),
            code_sent: self.close_sent.as_deref().and_then(close_code),
            frame_cut: self.close_received.is_none()
                && cause.owed.is_none()
                && tap.is_inside_frame(),
            problem: cause.problem,
            violation: cause.violation,
            deflate: cause.deflate,
            text: self.recorder.clean(&cause.text),
            silence_us: micros(ended.since(self.active)),
        });
        if let Some(tls) = &mut self.recorder.evidence.tls {
            tls.close_notify = self.is_tls && tap.end() == Some(StreamEnd::Orderly);
        }
        self.recorder.evidence.session = Some(facts);
        if unsent > 0 {
            self.reject(
                "send",
                format!("the connection ended before {unsent} of the messages went out"),
            );
        }
        let evidence = Box::new(self.recorder.evidence.clone());
        self.delivery.event(EventKind::Ended(evidence));
        // The socket goes before the owner has taken the last event.
        drop(self.ws);
        drop(self.commands);
        self.delivery.finish().await;
    }

    /// The beginning of a message for the record: secrets masked, escaped, short.
    pub(super) fn preview(&self, kind: MessageKind, payload: &[u8]) -> String {
        let head = &payload[..payload.len().min(PREVIEW_BYTES)];
        let is_text = kind == MessageKind::Text;
        match std::str::from_utf8(head) {
            Err(error) if !is_text || error.error_len().is_some() => {
                sanitize::preview(head, false, PREVIEW_CELLS)
            }
            _ => {
                let masked = self.recorder.masker.mask(&String::from_utf8_lossy(head));
                sanitize::preview(masked.as_bytes(), is_text, PREVIEW_CELLS)
            }
        }
    }
}

fn micros(span: Duration) -> u64 {
    u64::try_from(span.as_micros()).unwrap_or(u64::MAX)
}
