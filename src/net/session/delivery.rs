//! What was seen, on its way to the owner: batched, bounded, in order.
//!
//! The owner may be slow. Up to [`LIMIT_BYTES`] or [`LIMIT_MESSAGES`] wait here; beyond that the
//! socket is not read until there is room, and the time of that is counted.

use std::collections::VecDeque;
use std::mem;
use std::task::{Context, Poll};

use tokio::sync::mpsc;
use tokio_util::sync::PollSender;

use crate::core::event::{Event, EventKind};
use crate::core::message::{Direction, Message};
use crate::core::stage::ConnId;
use crate::core::time::Micros;
use crate::net::clock::Clock;

/// Most messages in one event.
pub(super) const BATCH_MESSAGES: usize = 1024;

/// Payload bytes that fill an event; one message larger than that is an event of its own.
const BATCH_BYTES: usize = 256 * 1024;

/// Payload bytes that may wait here.
const LIMIT_BYTES: usize = 4 * 1024 * 1024;

/// Messages that may wait here.
const LIMIT_MESSAGES: usize = 65_536;

#[derive(Debug)]
pub(super) struct Delivery {
    conn: ConnId,
    clock: Clock,
    sender: PollSender<Event>,
    /// Whole events that wait.
    queue: VecDeque<EventKind>,
    /// The batch being filled; behind all of `queue`.
    batch: Vec<Message>,
    batch_bytes: usize,
    /// Messages and payload bytes in `queue` and `batch`.
    messages: usize,
    bytes: usize,
    /// Last text or binary message that came in, of the batches that are whole. Kept here because
    /// once a batch costs less than once a message.
    last_received: Option<Message>,
    gone: bool,
    full_since: Option<Micros>,
    stalled_us: u64,
}

impl Delivery {
    pub(super) fn new(conn: ConnId, clock: Clock, events: mpsc::Sender<Event>) -> Delivery {
        Delivery {
            conn,
            clock,
            sender: PollSender::new(events),
            queue: VecDeque::new(),
            batch: Vec::new(),
            batch_bytes: 0,
            messages: 0,
            bytes: 0,
            last_received: None,
            gone: false,
            full_since: None,
            stalled_us: 0,
        }
    }

    pub(super) fn message(&mut self, message: Message) {
        let bytes = message.payload.len();
        if self.batch.len() >= BATCH_MESSAGES
            || (!self.batch.is_empty() && self.batch_bytes + bytes > BATCH_BYTES)
        {
            self.close_batch();
        }
        self.messages += 1;
        self.bytes += bytes;
        self.batch_bytes += bytes;
        self.batch.push(message);
    }

    /// Anything else, behind all messages before it.
    pub(super) fn event(&mut self, kind: EventKind) {
        self.close_batch();
        self.queue.push_back(kind);
    }

    fn close_batch(&mut self) {
        if self.batch.is_empty() {
            return;
        }
        if let Some(last) = last_data(&self.batch) {
            self.last_received = Some(last.clone());
        }
        // In a flood the next batch will be as large.
        let room = if self.batch.len() >= BATCH_MESSAGES { BATCH_MESSAGES } else { 0 };
        let batch = mem::replace(&mut self.batch, Vec::with_capacity(room));
        self.batch_bytes = 0;
        self.queue.push_back(EventKind::Messages(batch));
    }

    /// The last text or binary message that came in.
    pub(super) fn last_received(&self) -> Option<&Message> {
        last_data(&self.batch).or(self.last_received.as_ref())
    }

    /// Whether the socket should not be read now.
    pub(super) fn is_full(&mut self) -> bool {
        let full = self.bytes >= LIMIT_BYTES || self.messages >= LIMIT_MESSAGES;
        match (full, self.full_since) {
            (true, None) => self.full_since = Some(self.clock.now()),
            (false, Some(since)) => {
                let stalled = self.clock.now().since(since).as_micros();
                self.stalled_us += u64::try_from(stalled).unwrap_or(u64::MAX);
                self.full_since = None;
            }
            _ => {}
        }
        full
    }

    /// Whether so much waits that no message of ours should go out either.
    pub(super) fn is_overfull(&self) -> bool {
        self.bytes >= 2 * LIMIT_BYTES || self.messages >= 2 * LIMIT_MESSAGES
    }

    fn is_empty(&self) -> bool {
        self.queue.is_empty() && self.batch.is_empty()
    }

    /// The owner no longer listens.
    pub(super) fn is_gone(&self) -> bool {
        self.gone
    }

    pub(super) fn stalled_us(&mut self) -> u64 {
        self.is_full();
        let running = self.full_since.map_or(0, |since| {
            u64::try_from(self.clock.now().since(since).as_micros()).unwrap_or(u64::MAX)
        });
        self.stalled_us + running
    }

    /// Hands over what the channel takes. True if anything moved.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> bool {
        let mut moved = false;
        while !self.gone && !self.is_empty() {
            match self.sender.poll_reserve(cx) {
                Poll::Pending => break,
                Poll::Ready(Err(_)) => self.gone = true,
                Poll::Ready(Ok(())) => {
                    if self.queue.is_empty() {
                        self.close_batch();
                    }
                    let Some(kind) = self.queue.pop_front() else { break };
                    if let EventKind::Messages(batch) = &kind {
                        self.messages -= batch.len();
                        self.bytes -= batch.iter().map(|m| m.payload.len()).sum::<usize>();
                    }
                    let event = Event { conn: self.conn, at: self.clock.now(), kind };
                    self.gone = self.sender.send_item(event).is_err();
                    moved = true;
                }
            }
        }
        moved
    }

    /// Hands over the rest, however long the owner takes; returns at once if nobody listens.
    pub(super) async fn finish(mut self) {
        std::future::poll_fn(|cx| {
            self.poll(cx);
            if self.gone || self.is_empty() { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
    }
}

fn last_data(batch: &[Message]) -> Option<&Message> {
    batch
        .iter()
        .rev()
        .find(|message| message.direction == Direction::In && !message.kind.is_control())
}

#[cfg(test)]
mod tests {
    use std::task::Waker;

    use bytes::Bytes;

    use super::*;
    use crate::core::message::MessageKind;

    fn message(len: usize) -> Message {
        Message {
            at: Micros(0),
            direction: Direction::In,
            kind: MessageKind::Binary,
            payload: Bytes::from(vec![0; len]),
            packed: None,
            split: None,
        }
    }

    fn drain(events: &mut mpsc::Receiver<Event>, delivery: &mut Delivery) -> Vec<String> {
        let mut cx = Context::from_waker(Waker::noop());
        let mut out = Vec::new();
        loop {
            let mut moved = delivery.poll(&mut cx);
            while let Ok(event) = events.try_recv() {
                moved = true;
                out.push(match event.kind {
                    EventKind::Messages(batch) => format!("{}", batch.len()),
                    EventKind::Rejected { command, .. } => command.to_owned(),
                    _ => "other".to_owned(),
                });
            }
            if !moved {
                return out;
            }
        }
    }

    #[test]
    fn batches_are_bounded_and_order_is_kept() {
        let (sender, mut events) = mpsc::channel(2);
        let mut delivery = Delivery::new(ConnId(1), Clock::new(), sender);
        for _ in 0..1500 {
            delivery.message(message(1));
        }
        delivery.event(EventKind::Rejected { command: "ping", why: String::new() });
        delivery.message(message(200 * 1024));
        delivery.message(message(200 * 1024));
        assert_eq!(drain(&mut events, &mut delivery), ["1024", "476", "ping", "1", "1"]);
        assert_eq!((delivery.messages, delivery.bytes), (0, 0));
    }

    #[test]
    fn a_slow_owner_makes_it_full_and_a_quick_one_empties_it() {
        let (sender, mut events) = mpsc::channel(1);
        let mut delivery = Delivery::new(ConnId(1), Clock::new(), sender);
        let mut cx = Context::from_waker(Waker::noop());
        while !delivery.is_full() {
            delivery.message(message(100_000));
            delivery.poll(&mut cx);
        }
        assert!(delivery.bytes < LIMIT_BYTES + 100_000);
        drain(&mut events, &mut delivery);
        assert!(!delivery.is_full());
        drop(events);
        delivery.message(message(1));
        delivery.poll(&mut cx);
        assert!(delivery.is_gone());
    }
}
