//! A million kept messages of 150 bytes: searched and sifted. The aims are the first results
//! within 50 ms and all of them within a second.

mod common;

use std::hint::black_box;
use std::sync::Arc;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use wsdeck::core::time::Micros;
use wsdeck::log::query::{Ground, Query, Test};
use wsdeck::log::{Anchor, Filter, LogHandle, Mode, Pattern, Scan, Search, Sieve, View};

const MESSAGES: u64 = 1_000_000;

/// Bytes that are read between two tidings, as the interface does it.
const STEP: usize = 8 << 20;

fn log() -> LogHandle {
    let log = LogHandle::new(1 << 30);
    for first in (0..MESSAGES).step_by(10_000) {
        log.append(&common::messages(first, 10_000, 150));
    }
    log
}

fn test(query: &str) -> Arc<Test> {
    let ground = Ground { now: Micros(0), zone: jiff::tz::TimeZone::UTC };
    Test::new(Query::parse(query).expect("the filter is sound"), &ground)
}

fn finish(scan: &dyn Scan, log: &LogHandle) -> u64 {
    loop {
        let progress = scan.step(log, STEP);
        if progress.done {
            return progress.hits;
        }
    }
}

fn searching(criterion: &mut Criterion, log: &LogHandle) {
    let mut group = criterion.benchmark_group("search 1,000,000 messages");
    group.throughput(Throughput::Elements(MESSAGES));
    for (name, text, mode, ignore_case) in [
        ("text", "\"n\":424242,", Mode::Plain, false),
        ("text, any case", "\"N\":424242,", Mode::Plain, true),
        ("regex", r#""n":4242\d{2},"#, Mode::Regex, false),
        ("in every message", "ipsum", Mode::Plain, false),
    ] {
        let pattern = Pattern::new(text, mode, ignore_case).expect("the pattern is sound");
        let search = || Search::new(pattern.clone(), Filter::default());
        group.bench_function(name, |b| b.iter(|| black_box(finish(&search(), log))));
        group.bench_function(format!("{name}, first step"), |b| {
            b.iter_batched(search, |search| search.step(log, STEP), BatchSize::SmallInput);
        });
    }
    group.finish();
}

fn sifting(criterion: &mut Criterion, log: &LogHandle) {
    let mut group = criterion.benchmark_group("sift 1,000,000 messages");
    group.throughput(Throughput::Elements(MESSAGES));
    for (name, query) in [
        ("size", "in size>140"),
        ("text", "\"424242\""),
        ("number of JSON", "$.price >= 990"),
        ("text of JSON", "$.text =~ /^lorem/"),
        ("JSON that few can fit", "$.missing == 1"),
    ] {
        let test = test(query);
        let sieve = || Sieve::new(Arc::clone(&test), Filter::default());
        group.bench_function(name, |b| b.iter(|| black_box(finish(&sieve(), log))));
        group.bench_function(format!("{name}, first step"), |b| {
            b.iter_batched(sieve, |sieve| sieve.step(log, STEP), BatchSize::SmallInput);
        });
    }
    group.finish();
}

/// Drawing through a sieve: a window of 60 rows from the middle.
fn window(criterion: &mut Criterion, log: &LogHandle) {
    let sieve = Sieve::new(test("$.price >= 500"), Filter::default());
    finish(&sieve, log);
    let view = View::from(sieve);
    criterion.bench_function("window of 60 rows through a sieve", |b| {
        b.iter(|| log.window(&view, black_box(Anchor::Number(MESSAGES / 2)), 60));
    });
}

fn all(criterion: &mut Criterion) {
    let log = log();
    searching(criterion, &log);
    sifting(criterion, &log);
    window(criterion, &log);
}

criterion_group! {
    name = benches;
    config = common::criterion();
    targets = all
}
criterion_main!(benches);
