//! What is done to large payloads: highlight, beautify, minify, validate, search.

mod common;

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use ropey::Rope;
use wsdeck::core::progress::Progress;
use wsdeck::editor::{Case, Edit, Editor, Mode as EditMode, Query, count_all};
use wsdeck::log::{Filter, LogHandle, Mode, Pattern, Scan as _, Search};
use wsdeck::payload::{
    Kind, LineState, beautify, beautify_watched, lex_line, minify, validate, validate_watched,
};

const SIZE: usize = 10_000_000;

/// Bytes that a search may read in one step; the interface takes small ones.
const STEP: usize = 1 << 20;

fn texts(criterion: &mut Criterion) {
    for (name, kind, text) in
        [("json", Kind::Json, common::json(SIZE)), ("xml", Kind::Xml, common::xml(SIZE))]
    {
        let laid = beautify(kind, &text).expect("the text is sound");
        let mut group = criterion.benchmark_group(format!("10 MB {name}"));
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_function("validate", |b| b.iter(|| validate(kind, black_box(&text))));
        group.bench_function("beautify", |b| b.iter(|| beautify(kind, black_box(&text))));
        group.throughput(Throughput::Bytes(laid.len() as u64));
        group.bench_function("minify", |b| b.iter(|| minify(kind, black_box(&laid))));
        group.bench_function("highlight", |b| {
            b.iter(|| {
                let (mut state, mut tokens) = (LineState::default(), 0);
                for line in black_box(&laid).split('\n') {
                    let (found, after) = lex_line(kind, line, state);
                    tokens += found.len();
                    state = after;
                }
                tokens
            });
        });
        group.finish();
    }
}

fn search(criterion: &mut Criterion) {
    let log = LogHandle::new(1 << 30);
    let messages = common::messages(0, SIZE as u64 / 150, 150);
    log.append(&messages);
    let mut group = criterion.benchmark_group("search 10 MB of messages");
    group.throughput(Throughput::Bytes(SIZE as u64));
    for (name, text, mode, ignore_case) in [
        ("text", "\"n\":4242,", Mode::Plain, false),
        ("text, any case", "\"N\":4242,", Mode::Plain, true),
        ("regex", r#""n":42\d{2},"#, Mode::Regex, false),
        ("in every message", "ipsum", Mode::Plain, false),
    ] {
        let pattern = Pattern::new(text, mode, ignore_case).expect("the pattern is sound");
        group.bench_function(name, |b| {
            b.iter(|| {
                let search = Search::new(pattern.clone(), Filter::default());
                while !search.step(&log, STEP).done {}
                assert!(search.total() > 0, "{name}: nothing found");
                search.total()
            });
        });
    }
    group.finish();
}

/// What is done beside the loop to a text of 100 MiB, and what the loop does when it is done.
fn hundred_mib(criterion: &mut Criterion) {
    let text = common::json(100 << 20);
    let mut group = criterion.benchmark_group("100 MiB json");
    group.sample_size(10);
    group.throughput(Throughput::Bytes(text.len() as u64));
    group.bench_function("validate, can be stopped", |b| {
        b.iter(|| validate_watched(Kind::Json, black_box(&text), &Progress::default()));
    });
    group.bench_function("beautify, can be stopped", |b| {
        b.iter(|| beautify_watched(Kind::Json, black_box(&text), &Progress::default()));
    });
    let rope = Rope::from_str(&text);
    let query = Query::literal("nowhere to be found", Case::Insensitive).expect("it is sound");
    group.bench_function("count hits", |b| {
        b.iter(|| count_all(&query, black_box(&rope), &Progress::default()));
    });
    group.finish();

    let mut group = criterion.benchmark_group("composer");
    let pasted = Rope::from_str(&common::json(10 << 20));
    let mut editor = Editor::new(EditMode::Text);
    editor.reset_rope(rope);
    let middle = editor.len_chars() / 2;
    group.bench_function("10 MiB put into 100 MiB and taken back", |b| {
        b.iter(|| {
            editor.replace_with_rope(middle..middle, pasted.clone());
            editor.apply(Edit::Undo)
        });
    });
    group.finish();
}

criterion_group! {
    name = benches;
    config = common::criterion();
    targets = texts, search, hundred_mib
}
criterion_main!(benches);
