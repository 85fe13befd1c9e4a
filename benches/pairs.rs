//! Requests and replies: a million messages of 150 bytes are paired, and a million without ids are
//! passed over.

mod common;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use wsdeck::core::message::{Direction, Message, MessageKind};
use wsdeck::core::time::Micros;
use wsdeck::log::{LogHandle, Pairs, Scan as _};

const COUNT: u64 = 1_000_000;

/// Bytes that the interface reads in one step.
const STEP: usize = 8 << 20;

fn message(number: u64, direction: Direction, text: String) -> Message {
    Message {
        at: Micros(number),
        direction,
        kind: MessageKind::Text,
        payload: format!("{text:<150}").into(),
        packed: None,
        split: None,
    }
}

/// Requests, each with its reply eight messages later.
fn exchange() -> Vec<Message> {
    (0..COUNT)
        .map(|number| {
            let id = number / 16 * 8 + number % 8;
            if number % 16 < 8 {
                let text =
                    format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"sum","params":[1,2]}}"#);
                message(number, Direction::Out, text)
            } else {
                message(
                    number,
                    Direction::In,
                    format!(r#"{{"jsonrpc":"2.0","id":{id},"result":3}}"#),
                )
            }
        })
        .collect()
}

fn pairs(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("pairs in a million messages");
    group.throughput(Throughput::Elements(COUNT));
    for (name, messages, expected) in [
        ("half of them replies", exchange(), COUNT / 2),
        ("a feed without ids", common::messages(0, COUNT, 150), 0),
    ] {
        let log = LogHandle::new(1 << 30);
        log.append(&messages);
        drop(messages);
        group.bench_function(name, |b| {
            b.iter(|| {
                let pairs = Pairs::new();
                while !pairs.step(&log, STEP).done {}
                assert_eq!(pairs.stats().tallies.answered, expected, "{name}");
            });
        });
    }
    group.finish();
}

criterion_group! { name = benches; config = common::criterion(); targets = pairs }
criterion_main!(benches);
