//! The log against a naive one that keeps everything in a list.

use std::ops::Range;

use bytes::Bytes;
use proptest::prelude::*;

use super::*;
use crate::core::message::{Direction, Message, MessageKind};
use crate::core::time::Micros;

pub(super) fn message(
    direction: Direction,
    kind: MessageKind,
    payload: impl Into<Bytes>,
) -> Message {
    Message { at: Micros(7), direction, kind, payload: payload.into(), packed: None, split: None }
}

pub(super) fn text(payload: impl Into<Bytes>) -> Message {
    message(Direction::In, MessageKind::Text, payload)
}

pub(super) fn numbers(entries: &[Entry]) -> Vec<u64> {
    entries.iter().map(|entry| entry.number).collect()
}

/// Runs a search to its end.
pub(super) fn finish(search: &dyn Scan, log: &LogHandle, budget: usize) -> Progress {
    for _ in 0..1_000_000 {
        let progress = search.step(log, budget);
        if progress.done {
            return progress;
        }
    }
    panic!("the search does not end");
}

fn find(log: &LogHandle, pattern: &str) -> Vec<u64> {
    let search = Search::new(Pattern::new(pattern, Mode::Plain, false).unwrap(), Filter::default());
    finish(&search, log, 1);
    search.hits_in(0..u64::MAX)
}

#[test]
fn numbers_go_on_over_reconnects_and_clearing() {
    let log = LogHandle::new(DEFAULT_BUDGET);
    log.append(&[text("a"), text("b")]);
    log.note(Micros(8), Note::Reconnected { attempt: 2, detail: String::new() });
    log.append(&[text("c")]);
    assert_eq!(numbers(&log.read(Filter::ALL, 0..u64::MAX)), [1, 2, 3, 4]);
    assert_eq!(log.get(3).unwrap().note().unwrap().text(), "reconnected (attempt 2)");
    assert_eq!(log.stats().totals.received.text, 3);
    log.clear();
    assert_eq!(log.stats().kept(), 0);
    assert_eq!(log.stats().totals, Totals::default());
    assert!(log.window(Filter::ALL, Anchor::Newest, 10).entries.is_empty());
    log.append(&[text("d")]);
    assert_eq!(numbers(&log.read(Filter::ALL, 0..u64::MAX)), [5]);
    assert_eq!(log.get(4), None);
}

#[test]
fn a_row_costs_little_beside_its_payload() {
    let log = LogHandle::new(DEFAULT_BUDGET);
    let payload = Bytes::from(vec![b'x'; 150]);
    let batch: Vec<Message> = (0..1000).map(|_| text(payload.clone())).collect();
    for _ in 0..200 {
        log.append(&batch);
    }
    let Stats { held_bytes, .. } = log.stats();
    assert!(held_bytes < 200_000 * (150 + 32), "{held_bytes}");
    assert!(held_bytes > 200_000 * 150);
}

#[test]
fn a_small_payload_does_not_keep_its_read_buffer() {
    let log = LogHandle::new(DEFAULT_BUDGET);
    let buffer = Bytes::from(vec![b'x'; 128 * 1024]);
    log.append(&[text(buffer.slice(0..100)), text(buffer.slice(100..50_000))]);
    assert!(buffer.is_unique());
}

#[test]
fn what_is_over_the_budget_goes_oldest_first_and_is_counted() {
    let log = LogHandle::new(1024 * 1024);
    let batch: Vec<Message> = (0..100).map(|_| text(vec![b'x'; 1000])).collect();
    for _ in 0..50 {
        log.append(&batch);
        assert!(log.stats().held_bytes <= 1024 * 1024);
    }
    let stats = log.stats();
    assert_eq!(stats.end, 5001);
    assert_eq!(stats.evicted, stats.first - 1);
    assert!(stats.evicted > 3900 && stats.evicted_bytes > 3_900_000, "{stats:?}");
    assert_eq!(log.get(stats.first - 1), None);
    assert!(log.get(stats.first).is_some());
    assert_eq!(stats.totals.received.text, 5000);
    let window = log.window(Filter::ALL, Anchor::Number(1), 3);
    assert_eq!(numbers(&window.entries), [stats.first, stats.first + 1, stats.first + 2]);
    log.set_budget(300 * 1024);
    assert!(log.stats().kept() < stats.kept());
}

#[test]
fn one_message_larger_than_the_budget_stays_until_the_next_one() {
    let log = LogHandle::new(1000);
    log.append(&[text("a"), text(vec![b'x'; 2_000_000])]);
    assert_eq!(log.get(2).unwrap().size(), 2_000_000);
    log.append(&[text("b")]);
    assert_eq!(log.get(2), None);
    assert_eq!(log.get(3).unwrap().message().unwrap().2, "b");
}

#[test]
fn a_window_says_what_arrived_below() {
    let log = LogHandle::new(DEFAULT_BUDGET);
    for _ in 0..10 {
        log.append(&[
            text("in"),
            message(Direction::Out, MessageKind::Ping, ""),
            message(Direction::Out, MessageKind::Text, "out"),
        ]);
    }
    let filter = Filter::new(&[Direction::Out], &[MessageKind::Text], false);
    let window = log.window(filter, Anchor::Number(4), 3);
    assert_eq!(numbers(&window.entries), [6, 9, 12]);
    assert_eq!((window.row, window.rows, window.below()), (1, 10, 6));
    assert_eq!(log.count_after(filter, 12), 6);
    assert_eq!(numbers(&log.window(filter, Anchor::Newest, 2).entries), [27, 30]);
    assert_eq!(numbers(&log.window(filter, Anchor::Row(99), 2).entries), [27, 30]);
    assert_eq!(log.step_from(filter, 6, 1), Some(9));
    assert_eq!(log.step_from(filter, 6, -5), Some(3));
    assert_eq!(log.step_from(filter, 7, 1), Some(9));
    assert_eq!(log.step_from(filter, 7, -1), Some(6));
    assert_eq!(log.step_from(filter, 30, 1), Some(30));
    assert_eq!(log.step_from(Filter::NONE, 3, 1), None);
}

#[test]
fn new_messages_are_searched_too() {
    let log = LogHandle::new(DEFAULT_BUDGET);
    log.append(&[text("needle 1"), text("hay"), text("needle 3")]);
    let search = Search::new(Pattern::new("NEEDLE", Mode::Plain, true).unwrap(), Filter::default());
    assert_eq!(finish(&search, &log, usize::MAX).hits, 2);
    log.append(&[text("needle 4"), text("needle 5")]);
    let progress = search.step(&log, usize::MAX);
    assert_eq!(progress, Progress { hits: 4, searched: 5, remaining: 0, done: true });
    assert_eq!(search.next(1), Some(3));
    assert_eq!(search.previous(3), Some(1));
    assert_eq!((search.first(), search.last()), (Some(1), Some(5)));
    assert_eq!(search.position(4), Some((3, 4)));
    assert_eq!(search.position(2), None);
    search.cancel();
    log.append(&[text("needle 6")]);
    assert_eq!(search.step(&log, usize::MAX).hits, 4);
}

#[test]
fn a_find_across_two_rows_is_none() {
    let log = LogHandle::new(DEFAULT_BUDGET);
    log.append(&[text("xab"), text("abab"), text("ba"), text("bab"), text("a")]);
    assert_eq!(find(&log, "abab"), [2]);
    assert_eq!(find(&log, "ab"), [1, 2, 4]);
    assert_eq!(find(&log, "aba"), [2]);
    assert_eq!(find(&log, "baba"), [] as [u64; 0]);
}

#[test]
fn all_hits_have_a_place() {
    let log = LogHandle::new(DEFAULT_BUDGET);
    let batch: Vec<Message> = (0..10_000).map(|_| text("aaa")).collect();
    log.append(&batch);
    let search = Search::new(Pattern::new("a", Mode::Plain, false).unwrap(), Filter::default());
    assert_eq!(finish(&search, &log, 1).hits, 10_000);
    assert_eq!(search.first(), Some(1));
    assert_eq!(search.position(9_901), Some((9_901, 10_000)));
    log.clear();
    assert_eq!(search.step(&log, 1).hits, 0);
}

pub(super) fn sieve(query: &str, classes: Filter) -> Sieve {
    let ground = query::Ground { now: Micros(0), zone: jiff::tz::TimeZone::UTC };
    Sieve::new(query::Test::new(query::Query::parse(query).unwrap(), &ground), classes)
}

#[test]
fn what_passes_a_sieve_is_shown_as_it_arrives() {
    let log = LogHandle::new(DEFAULT_BUDGET);
    log.append(&[text(r#"{"type":"a"}"#), text(r#"{"type":"b"}"#), text(r#"{"type":"a","n":3}"#)]);
    log.note(Micros(8), Note::Separator("type a".into()));
    let sieve = sieve("$.type == a", Filter::ALL);
    let view = View::from(sieve.clone());
    assert_eq!(log.rows(&view), 0);
    assert_eq!(finish(&sieve, &log, usize::MAX).hits, 2);
    let window = log.window(&view, Anchor::Newest, 10);
    assert_eq!(numbers(&window.entries), [1, 3]);
    assert_eq!((window.row, window.rows, window.below()), (0, 2, 0));
    log.append(&[text(r#"{"type":"a","n":5}"#), text("a")]);
    assert_eq!(
        sieve.step(&log, usize::MAX),
        Progress { hits: 3, searched: 6, remaining: 0, done: true }
    );
    assert_eq!(sieve.progress().searched, 6);
    assert_eq!(numbers(&log.read(&view, 2..6)), [3, 5]);
    assert_eq!(log.row_of(&view, 4), 2);
    assert_eq!(log.number_at(&view, 1), Some(3));
    assert_eq!(log.count_after(&view, 3), 1);
    assert_eq!(log.step_from(&view, 1, 1), Some(3));
    assert_eq!(log.step_from(&view, 2, 1), Some(3));
    assert_eq!(log.step_from(&view, 4, -1), Some(3));
    assert_eq!(log.step_from(&view, 5, 9), Some(5));
    assert_eq!(numbers(&log.window(&view, Anchor::Number(2), 2).entries), [3, 5]);
    // A search within it sees only what is shown.
    let within = Search::new(Pattern::new("n", Mode::Plain, false).unwrap(), &view);
    finish(&within, &log, 1);
    assert_eq!(within.hits_in(0..u64::MAX), [3, 5]);
    log.clear();
    assert_eq!(log.rows(&view), 0);
    sieve.cancel();
    log.append(&[text(r#"{"type":"a"}"#)]);
    assert!(sieve.step(&log, usize::MAX).done);
    assert_eq!(log.rows(&view), 0);
}

#[test]
fn a_search_ends_while_rows_are_thrown_away() {
    let log = LogHandle::new(600 * 1024);
    let batch: Vec<Message> = (0..100).map(|_| text(vec![b'x'; 1000])).collect();
    let search = Search::new(Pattern::new("x", Mode::Plain, false).unwrap(), Filter::default());
    for _ in 0..30 {
        log.append(&batch);
        search.step(&log, 1);
    }
    let progress = finish(&search, &log, 1);
    let stats = log.stats();
    assert_eq!((progress.hits, progress.searched), (stats.kept(), stats.kept()));
    assert_eq!(search.first(), Some(stats.first));
}

#[derive(Clone, Debug)]
pub(super) enum Step {
    Append(Vec<Message>),
    Note,
    Search(usize),
    Clear,
}

pub(super) fn any_message() -> impl Strategy<Value = Message> {
    let payload = prop_oneof![
        8 => "[ab]{0,6}".prop_map(String::into_bytes),
        1 => (4_000usize..4_200).prop_map(|size| vec![b'b'; size]),
        1 => (60_000usize..80_000).prop_map(|size| {
            let mut payload = vec![b'b'; size];
            payload[size / 2] = b'a';
            payload
        }),
    ];
    (any::<bool>(), 0..5usize, payload).prop_map(|(incoming, kind, payload)| {
        let direction = if incoming { Direction::In } else { Direction::Out };
        message(direction, MessageKind::ALL[kind], payload)
    })
}

pub(super) fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        12 => prop::collection::vec(any_message(), 0..40).prop_map(Step::Append),
        3 => Just(Step::Note),
        3 => (1usize..100_000).prop_map(Step::Search),
        1 => Just(Step::Clear),
    ]
}

pub(super) fn any_filter() -> impl Strategy<Value = Filter> {
    let kinds = prop::sample::subsequence(MessageKind::ALL.to_vec(), 0..=5);
    let directions = prop::sample::subsequence(vec![Direction::In, Direction::Out], 0..=2);
    prop_oneof![
        1 => Just(Filter::ALL),
        4 => (directions, kinds, any::<bool>())
            .prop_map(|(directions, kinds, notes)| Filter::new(&directions, &kinds, notes)),
    ]
}

/// The kept part of the naive log that a filter shows.
pub(super) fn shown(naive: &[Option<Message>], kept: Range<u64>, filter: Filter) -> Vec<u64> {
    kept.filter(|number| match &naive[*number as usize - 1] {
        Some(message) => filter.shows(message.direction, message.kind),
        None => filter.shows_notes(),
    })
    .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn agrees_with_a_naive_log(
        steps in prop::collection::vec(any_step(), 1..30),
        filter in any_filter(),
        pattern in prop_oneof![Just("a"), Just("ab"), Just("aba"), Just("bb")],
        ignore_case in any::<bool>(),
        budget in prop_oneof![Just(1usize), Just(200_000), Just(DEFAULT_BUDGET)],
        height in 1usize..50,
    ) {
        let log = LogHandle::new(budget);
        // `None` stands for a note.
        let mut naive: Vec<Option<Message>> = Vec::new();
        let mut cleared = 0;
        let pattern = Pattern::new(pattern, Mode::Plain, ignore_case).unwrap();
        let search = Search::new(pattern.clone(), filter);
        let sieve = sieve("(b or size:0) not type:ping", filter);
        let sifted = View::from(sieve.clone());
        for step in steps {
            match step {
                Step::Append(messages) => {
                    log.append(&messages);
                    naive.extend(messages.into_iter().map(Some));
                }
                Step::Note => {
                    log.note(Micros(1), Note::Separator("x".into()));
                    naive.push(None);
                }
                Step::Search(budget) => {
                    search.step(&log, budget);
                    sieve.step(&log, budget);
                }
                Step::Clear => {
                    log.clear();
                    cleared = naive.len() as u64;
                }
            }
            let stats = log.stats();
            prop_assert_eq!(stats.end, naive.len() as u64 + 1);
            prop_assert_eq!(stats.first, cleared + stats.evicted + 1);
            let expected = shown(&naive, stats.first..stats.end, filter);
            prop_assert_eq!(log.rows(filter), expected.len() as u64);
            let newest = log.window(filter, Anchor::Newest, height);
            prop_assert_eq!(
                numbers(&newest.entries),
                &expected[expected.len().saturating_sub(height)..]
            );
            prop_assert_eq!(newest.below(), 0);
        }
        let stats = log.stats();
        let expected = shown(&naive, stats.first..stats.end, filter);
        let all = log.read(filter, 0..u64::MAX);
        prop_assert_eq!(numbers(&all), &expected[..]);
        for entry in &all {
            prop_assert_eq!(&entry.to_message(), &naive[entry.number as usize - 1]);
        }
        for number in stats.first.saturating_sub(1)..=stats.end {
            let row = expected.partition_point(|shown| *shown < number);
            prop_assert_eq!(log.row_of(filter, number), row as u64);
        }
        for row in 0..=expected.len() {
            prop_assert_eq!(log.number_at(filter, row as u64), expected.get(row).copied());
        }
        let middle = (stats.first + stats.end) / 2;
        prop_assert_eq!(
            numbers(&log.read(filter, middle..middle + 7)),
            shown(&naive, middle..(middle + 7).min(stats.end), filter)
        );
        finish(&search, &log, 50_000);
        let hits: Vec<u64> = expected
            .iter()
            .copied()
            .filter(|number| {
                naive[*number as usize - 1]
                    .as_ref()
                    .is_some_and(|message| pattern.is_match(&message.payload))
            })
            .collect();
        prop_assert_eq!(search.total(), hits.len() as u64);
        prop_assert_eq!(search.hits_in(0..u64::MAX), hits);

        finish(&sieve, &log, 50_000);
        let passing: Vec<u64> = expected
            .into_iter()
            .filter(|number| {
                naive[*number as usize - 1].as_ref().is_some_and(|message| {
                    let fits = message.payload.contains(&b'b') || message.payload.is_empty();
                    fits && message.kind != MessageKind::Ping
                })
            })
            .collect();
        prop_assert_eq!(log.rows(&sifted), passing.len() as u64);
        let window = log.window(&sifted, Anchor::Number(middle), height);
        let row = passing.partition_point(|shown| *shown < middle);
        let row = row.min(passing.len().saturating_sub(height));
        prop_assert_eq!(window.row, row as u64);
        let until = (row + height).min(passing.len());
        prop_assert_eq!(numbers(&window.entries), &passing[row..until]);
        for (row, number) in passing.iter().enumerate() {
            prop_assert_eq!(log.number_at(&sifted, row as u64), Some(*number));
            prop_assert_eq!(log.row_of(&sifted, *number), row as u64);
        }
    }
}

fn at(seconds: u64) -> Message {
    Message { at: Micros(seconds * 1_000_000), ..text("x") }
}

#[test]
fn a_row_is_found_by_its_time() {
    let log = LogHandle::new(DEFAULT_BUDGET);
    assert_eq!(log.number_at_time(Micros(5)), None);
    // A row a second, over several segments; number and second are the same.
    let batch: Vec<Message> = (1..=20_000).map(at).collect();
    log.append(&batch);
    for second in [1, 2, 4_095, 4_096, 4_097, 4_098, 12_345, 19_999, 20_000] {
        assert_eq!(log.number_at_time(Micros(second * 1_000_000)), Some(second));
        assert_eq!(log.number_at_time(Micros(second * 1_000_000 - 1)), Some(second));
    }
    assert_eq!(log.number_at_time(Micros(0)), Some(1));
    assert_eq!(log.number_at_time(Micros(u64::MAX)), Some(20_000));
    log.clear();
    assert_eq!(log.number_at_time(Micros(5)), None);
    log.append(&[at(3)]);
    assert_eq!(log.number_at_time(Micros(5)), Some(20_001));
}

proptest! {
    #[test]
    fn a_stepping_clock_still_gives_a_kept_row(
        times in prop::collection::vec(0u64..100, 1..300),
        wanted in 0u64..110,
    ) {
        let log = LogHandle::new(DEFAULT_BUDGET);
        let batch: Vec<Message> = times.iter().map(|second| at(*second)).collect();
        log.append(&batch);
        let number = log.number_at_time(Micros(wanted * 1_000_000)).unwrap();
        prop_assert!(log.get(number).is_some());
        if times.is_sorted() {
            let first = times.iter().position(|second| *second >= wanted);
            let expected = first.unwrap_or(times.len() - 1) as u64 + 1;
            prop_assert_eq!(number, expected);
        }
    }
}
