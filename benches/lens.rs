//! What the lenses make of payloads: trees, filters, dumps, decoded forms, differences.

mod common;

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use wsdeck::core::progress::Progress;
use wsdeck::payload::diff::diff;
use wsdeck::payload::hexdump;
use wsdeck::payload::lens::{Folds, Jq, Lens, Options, lay, tree};

const SIZE: usize = 10_000_000;

/// A message of everyday size.
const MESSAGE: &str = r#"{"id":4242,"type":"tick","symbol":"ABC","price":101.25,"size":300,"time":"2024-05-06T07:08:09Z","flags":["a","b"],"venue":{"name":"X","lot":100}}"#;

fn trees(criterion: &mut Criterion) {
    let text = common::json(SIZE);
    let progress = Progress::default();
    let mut group = criterion.benchmark_group("tree of 10 MB JSON");
    group.throughput(Throughput::Bytes(text.len() as u64));
    group.bench_function("parse", |b| {
        b.iter(|| {
            tree::json::parse(black_box(text.clone()), &progress).expect("the text is sound")
        });
    });
    let tree = tree::json::parse(text.clone(), &progress).expect("the text is sound");
    group.bench_function("fold", |b| b.iter(|| Folds::to_depth(black_box(&tree), 2)));
    let folds = Folds::to_depth(&tree, 2);
    let rows = tree.rows(&folds);
    group.bench_function("a screen of rows", |b| {
        b.iter(|| {
            (0..60)
                .filter_map(|row| tree.row(&folds, rows / 2 + row))
                .map(|node| tree.label(node).len() + tree.summary(node, 100).len())
                .sum::<usize>()
        });
    });
    group.finish();
}

fn filters(criterion: &mut Criterion) {
    let jq = Jq::compile("select(.type == \"tick\") | {id, price}").expect("the program is sound");
    let progress = Progress::default();
    criterion.bench_function("jq on a message of 150 bytes", |b| {
        b.iter(|| jq.run(black_box(MESSAGE.as_bytes()), &progress).expect("the program runs"));
    });
}

fn binary(criterion: &mut Criterion) {
    let bytes: Vec<u8> = (0..SIZE).map(|n| (n * 7) as u8).collect();
    criterion.bench_function("dump, a screen in 10 MB", |b| {
        b.iter(|| hexdump(black_box(&bytes), 300_000, 60));
    });
    // An array of a hundred thousand maps {"a": [1, 2], "b": "text"}.
    let one = b"\x82\xa1a\x92\x01\x02\xa1b\xa4text";
    let packed = [&b"\xdd\x00\x01\x86\xa0"[..], &one.repeat(100_000)].concat();
    let (options, progress) = (Options::default(), Progress::default());
    let mut group = criterion.benchmark_group("MessagePack of 1.3 MB");
    group.throughput(Throughput::Bytes(packed.len() as u64));
    group.bench_function("lay", |b| {
        b.iter(|| {
            lay(Lens::MessagePack, black_box(&packed), false, &options, &progress)
                .expect("the bytes are sound")
        });
    });
    group.finish();
}

fn differences(criterion: &mut Criterion) {
    let progress = Progress::default();
    let other = MESSAGE.replace("101.25", "101.5");
    criterion.bench_function("difference of two messages", |b| {
        b.iter(|| diff(black_box(MESSAGE.as_bytes()), true, other.as_bytes(), true, &progress));
    });
}

criterion_group! {
    name = benches;
    config = common::criterion();
    targets = trees, filters, binary, differences
}
criterion_main!(benches);
