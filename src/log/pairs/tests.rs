//! Pairs of whole logs, against a matcher that does it the plain way.

use std::collections::HashMap;
use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::core::evidence::EndedBy;
use crate::core::message::{Direction, Message};
use crate::log::LogHandle;

fn message(at: u64, direction: Direction, text: &str) -> Message {
    Message {
        at: Micros(at),
        direction,
        kind: MessageKind::Text,
        payload: text.to_owned().into(),
        packed: None,
        split: None,
    }
}

fn out(at: u64, text: &str) -> Message {
    message(at, Direction::Out, text)
}

fn came(at: u64, text: &str) -> Message {
    message(at, Direction::In, text)
}

fn scan(pairs: &Pairs, log: &LogHandle) {
    while !pairs.step(log, 1 << 16).done {}
}

fn pairs_of(messages: &[Message]) -> Pairs {
    let log = LogHandle::new(1 << 24);
    log.append(messages);
    let pairs = Pairs::new();
    scan(&pairs, &log);
    pairs
}

#[test]
fn a_reply_knows_its_request_and_the_request_its_reply() {
    let pairs = pairs_of(&[
        out(1_000, r#"{"jsonrpc":"2.0","id":1,"method":"sum"}"#),
        out(1_500, r#"{"jsonrpc":"2.0","id":2,"method":"sum"}"#),
        came(2_000, r#"{"jsonrpc":"2.0","method":"progress"}"#),
        came(9_000, r#"{"jsonrpc":"2.0","id":2,"error":{"code":-32000}}"#),
        came(9_200, r#"{"jsonrpc":"2.0","id":1,"result":3}"#),
        came(9_300, r#"{"jsonrpc":"2.0","id":77,"result":3}"#),
        out(9_400, r#"{"jsonrpc":"2.0","id":3,"method":"later"}"#),
    ]);
    let reply = |request, micros, failed| Mate::Reply {
        request,
        round_trip: Duration::from_micros(micros),
        failed,
    };
    assert_eq!(pairs.mate(5), Some(reply(1, 8_200, false)));
    assert_eq!(pairs.mate(4), Some(reply(2, 7_500, true)));
    assert_eq!(pairs.mate(1).map(Mate::number), Some(5));
    assert_eq!(pairs.mate(3), None);
    let stats = pairs.stats();
    assert_eq!((stats.open, stats.oldest), ([1, 0], Some((7, Micros(9_400)))));
    let Tallies { sent, answered, failed, stray, .. } = stats.tallies;
    assert_eq!((sent, answered, failed, stray), (3, 2, 1, 1));
    assert_eq!((stats.times.min, stats.times.max), (7_500, 8_200));
    let names: Vec<_> = stats.methods.iter().map(|m| (m.name.as_deref(), m.asked)).collect();
    assert_eq!(names, [(Some("sum"), 2), (Some("later"), 1)]);
}

#[test]
fn the_server_may_ask_with_the_same_ids() {
    let pairs = pairs_of(&[
        out(1, r#"[2,"1","Heartbeat",{}]"#),
        came(2, r#"[2,"1","Reset",{}]"#),
        out(3, r#"[3,"1",{}]"#),
        came(4, r#"[3,"1",{}]"#),
    ]);
    assert_eq!(pairs.mate(3).map(Mate::number), Some(2));
    assert_eq!(pairs.mate(4).map(Mate::number), Some(1));
    assert_eq!((pairs.stats().tallies.sent, pairs.stats().tallies.received), (1, 1));
}

#[test]
fn a_subscription_has_many_replies_and_an_end() {
    let subscribe = r#"{"id":"1","type":"subscribe","payload":{"query":"{a}"}}"#;
    let next = r#"{"id":"1","type":"next","payload":{"data":1}}"#;
    let complete = r#"{"id":"1","type":"complete"}"#;
    let pairs = pairs_of(&[
        out(10, subscribe),
        came(20, next),
        came(30, next),
        came(40, complete),
        came(50, next),
        // Ended by us: nothing is open any more.
        out(60, subscribe),
        out(70, complete),
    ]);
    let Some(Mate::Request { reply: 2, replies: 3, last: 4, .. }) = pairs.mate(1) else {
        panic!("{:?}", pairs.mate(1))
    };
    let Tallies { further, stray, withdrawn, .. } = pairs.stats().tallies;
    assert_eq!((further, stray, withdrawn, pairs.stats().open), (2, 1, 1, [0, 0]));
}

#[test]
fn ids_of_a_feed_are_no_open_requests_and_are_answered_if_we_do() {
    let pairs = pairs_of(&[
        came(1, r#"{"envelope_id":"e1","type":"hello"}"#),
        came(2, r#"{"envelope_id":"e2"}"#),
        out(3, r#"{"envelope_id":"e2"}"#),
        // Much later the same id is a request of ours.
        out(40_000_000, r#"{"envelope_id":"e1"}"#),
    ]);
    assert_eq!(pairs.mate(3).map(Mate::number), Some(2));
    assert_eq!(pairs.stats().open, [1, 0]);
    assert_eq!(pairs.stats().tallies.received, 1);
}

#[test]
fn a_pair_does_not_cross_a_connection() {
    let log = LogHandle::new(1 << 24);
    let pairs = Pairs::new();
    log.append(&[out(1, r#"{"id":1,"method":"a"}"#)]);
    scan(&pairs, &log);
    log.note(Micros(2), Note::Closed { code: 1006, reason: String::new(), by: EndedBy::Reset });
    log.note(Micros(3), Note::Reconnected { attempt: 1, detail: String::new() });
    log.append(&[came(4, r#"{"id":1,"result":0}"#)]);
    scan(&pairs, &log);
    assert_eq!(pairs.mate(4), None);
    assert_eq!((pairs.stats().tallies.cut, pairs.stats().tallies.stray), (1, 1));
}

#[test]
fn an_id_that_is_used_again_is_the_newer_request() {
    let pairs = pairs_of(&[
        out(1, r#"{"id":1,"method":"a"}"#),
        out(5, r#"{"id":1,"method":"a"}"#),
        came(7, r#"{"id":1,"result":0}"#),
    ]);
    assert_eq!(pairs.mate(3).map(Mate::number), Some(2));
    assert_eq!((pairs.mate(1), pairs.stats().tallies.reused), (None, 1));
}

#[test]
fn binary_json_and_large_messages_count_and_control_frames_do_not() {
    let mut call = out(1, r#"{"id":1,"method":"a"}"#);
    call.kind = MessageKind::Binary;
    let mut ping = came(2, r#"{"id":1,"result":0}"#);
    ping.kind = MessageKind::Ping;
    let large = format!(r#"{{"result":[{}1],"id":1}}"#, "1,".repeat(500_000));
    let pairs = pairs_of(&[call, ping, came(3, &large)]);
    assert_eq!(pairs.mate(1).map(Mate::number), Some(3));
}

#[test]
fn what_was_forgotten_is_counted() {
    let log = LogHandle::new(1 << 24);
    let pairs = Pairs::with_limits(Limits { open: 10, links: 100 });
    let calls: Vec<_> = (0..25).map(|n| out(n, &format!(r#"{{"id":{n},"method":"a"}}"#))).collect();
    log.append(&calls);
    scan(&pairs, &log);
    assert_eq!((pairs.stats().open, pairs.stats().tallies.forgotten), ([10, 0], 15));
    // These are gone before anybody has looked at them.
    log.append(&calls[..1]);
    log.clear();
    log.append(&[came(30, r#"{"id":24,"result":1}"#)]);
    scan(&pairs, &log);
    assert_eq!((pairs.stats().open, pairs.stats().tallies.forgotten), ([0, 0], 25));
    pairs.cancel();
    assert!(pairs.step(&log, 1).done);
}

/// One message of a made-up course.
#[derive(Clone, Debug)]
struct Line {
    ours: bool,
    call: bool,
    id: u8,
    wait: u16,
    pad: u16,
}

fn line() -> impl Strategy<Value = Line> {
    (any::<bool>(), any::<bool>(), 0..6_u8, any::<u16>(), 0..4000_u16)
        .prop_map(|(ours, call, id, wait, pad)| Line { ours, call, id, wait, pad })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Duplicates, replies to nothing and rows that are thrown away included.
    #[test]
    fn pairs_are_those_of_a_plain_matcher(
        lines in prop::collection::vec(prop::option::weighted(0.95, line()), 1..250),
        small in any::<bool>(),
        every in 1..50_usize,
    ) {
        // With the small budget rows go, but not before they were seen.
        let (budget, every) = if small { (40_000, 1) } else { (1 << 24, every) };
        let log = LogHandle::new(budget);
        let pairs = Pairs::new();
        let mut open: HashMap<(bool, u8), (u64, u64)> = HashMap::new();
        let mut last: HashMap<(bool, u8), (u64, u64)> = HashMap::new();
        let mut expected = HashMap::new();
        let (mut at, mut answered, mut stray) = (1_u64, 0, 0);
        for (number, line) in (1_u64..).zip(&lines) {
            let Some(Line { ours, call, id, wait, pad }) = line.clone() else {
                log.note(Micros(at), Note::Connected { detail: String::new() });
                open.clear();
                last.clear();
                scan(&pairs, &log);
                continue;
            };
            at += u64::from(wait);
            let pad = "x".repeat(pad.into());
            let direction = if ours { Direction::Out } else { Direction::In };
            if call {
                let text = format!(r#"{{"pad":"{pad}","id":{id},"method":"m"}}"#);
                log.append(&[message(at, direction, &text)]);
                open.insert((ours, id), (number, at));
                last.remove(&(ours, id));
            } else {
                let text = format!(r#"{{"pad":"{pad}","id":{id},"result":1}}"#);
                log.append(&[message(at, direction, &text)]);
                let other = (!ours, id);
                if let Some(request) = open.remove(&other) {
                    answered += 1;
                    last.insert(other, request);
                    expected.insert(number, (request.0, at - request.1));
                } else if let Some(request) = last.get(&other) {
                    expected.insert(number, (request.0, at - request.1));
                } else {
                    stray += 1;
                }
            }
            if (number as usize).is_multiple_of(every) {
                scan(&pairs, &log);
            }
        }
        scan(&pairs, &log);
        for number in 1..=lines.len() as u64 {
            let found = match pairs.mate(number) {
                Some(Mate::Reply { request, round_trip, .. }) =>
                    Some((request, u64::try_from(round_trip.as_micros()).unwrap())),
                _ => None,
            };
            prop_assert_eq!(found, expected.get(&number).copied(), "{}", number);
        }
        let stats = pairs.stats();
        prop_assert_eq!(
            (stats.tallies.answered, stats.tallies.stray, stats.tallies.forgotten),
            (answered, stray, 0)
        );
        let waiting = [true, false].map(|ours| open.keys().filter(|key| key.0 == ours).count() as u64);
        prop_assert_eq!(stats.open, waiting);
    }
}
