//! Filters on contents, filters by name, and marks of rows.

use super::Play;
use crate::app::effect::{Effect, Job, ScanLane};
use crate::app::model::Modal;
use crate::app::msg::{JobDone, Msg};
use crate::core::log_rules::Tint;
use crate::log::Anchor;

const TICK: &str = r#"{"type":"tick","n":1}"#;
const ERROR: &str = r#"{"type":"error","n":2}"#;

fn play() -> Play {
    let mut play = Play::new();
    play.receives(&[TICK, ERROR, TICK, "hello"]).keys("alt+l");
    play
}

/// Runs the sieve that was asked for, as the jobs do.
fn sift(play: &mut Play) {
    let at = play
        .effects
        .iter()
        .rposition(|effect| matches!(effect, Effect::Job(Job::Scan { lane: ScanLane::Sieve, .. })));
    let Some(Effect::Job(Job::Scan { tab, lane, generation, scan, log })) =
        at.map(|at| play.effects.remove(at))
    else {
        panic!("a sieve was asked for")
    };
    while !scan.step(&log, 1 << 20).done {}
    play.msg(Msg::Job(JobDone::Scanned { tab, lane, generation, done: true }));
}

fn shown(play: &Play) -> Vec<u64> {
    let log = &play.model.tab().log;
    let window = log.handle.window(log.view(), Anchor::Newest, 100);
    window.entries.iter().map(|entry| entry.number).collect()
}

fn filtered(text: &str) -> Play {
    let mut play = play();
    play.keys("f").types(text).keys("enter");
    sift(&mut play);
    play
}

#[test]
fn a_filter_shows_what_fits_as_it_is_found() {
    let mut play = play();
    play.keys("f").types("$.type == tick");
    assert_eq!(shown(&play), [1, 2, 3, 4], "nothing changes while it is typed");
    play.keys("enter");
    assert!(play.model.tab().log.filter.line.is_none());
    assert!(play.model.tab().log.filter.running);
    assert_eq!(shown(&play), [] as [u64; 0]);
    sift(&mut play);
    assert!(!play.model.tab().log.filter.running);
    assert_eq!(shown(&play), [1, 3]);
    // The keys of the log go through what is shown.
    play.keys("up");
    assert_eq!(play.model.tab().log.cursor, 3);
    play.keys("up");
    assert_eq!(play.model.tab().log.cursor, 1);
    play.keys("a");
    assert!(play.model.tab().log.filter.sieve.is_none());
    assert_eq!(shown(&play), [1, 2, 3, 4]);
}

#[test]
fn the_quick_switches_work_within_a_filter() {
    let mut play = filtered("type");
    assert_eq!(shown(&play), [1, 2, 3]);
    play.keys("i");
    sift(&mut play);
    assert_eq!(shown(&play), [1, 2, 3]);
    assert_eq!(play.notice(), "Shown: received, type.");
    play.keys("i");
    sift(&mut play);
    assert_eq!(shown(&play), [] as [u64; 0]);
}

#[test]
fn what_is_wrong_is_told_while_it_is_typed() {
    let mut play = play();
    play.keys("f").types("size>x");
    let line = play.model.tab().log.filter.line.as_ref().unwrap();
    assert_eq!(line.problem.as_ref().unwrap().column(), 6);
    play.keys("enter");
    assert!(play.notice().contains("Expected a size"), "{}", play.notice());
    assert!(play.model.tab().log.filter.line.is_some(), "it can be mended");
    play.keys("backspace").types("1").keys("enter");
    assert_eq!(play.model.tab().log.filter.text, "size>1");
    play.keys("f esc");
    assert_eq!(play.model.tab().log.filter.text, "size>1", "Esc leaves it as it was");
    play.keys("f ctrl+u enter");
    assert!(play.model.tab().log.filter.text.is_empty());
}

#[test]
fn earlier_filters_come_back_and_terms_are_completed() {
    let mut play = filtered("hello");
    play.keys("a f").types("size>1").keys("enter a f").types("tick");
    let text = |play: &Play| play.model.tab().log.filter.line.as_ref().unwrap().input.text();
    play.keys("up");
    assert_eq!(text(&play), "size>1");
    play.keys("up up");
    assert_eq!(text(&play), "hello");
    play.keys("down down");
    assert_eq!(text(&play), "tick");
    play.keys("ctrl+u").types("in ty").keys("tab");
    assert_eq!(text(&play), "in type:");
}

#[test]
fn messages_like_this_one() {
    let mut play = play();
    play.keys("up up up ~");
    assert_eq!(play.model.tab().log.filter.text, r#"$.type == "error""#);
    sift(&mut play);
    assert_eq!(shown(&play), [2]);
}

#[test]
fn a_search_stays_within_the_filter() {
    let mut play = filtered("$.type == tick");
    play.keys("/").types("type");
    let Some(Effect::Job(Job::Scan { lane: ScanLane::Search, scan, log, .. })) = play.effects.pop()
    else {
        panic!("a search was asked for")
    };
    while !scan.step(&log, 1 << 20).done {}
    let search = play.model.tab().log.search.search.as_ref().unwrap();
    assert_eq!(search.hits_in(0..100), [1, 3]);
}

#[test]
fn a_late_sieve_is_none() {
    let mut play = filtered("tick");
    let tab = play.model.tab().id;
    let generation = play.model.tab().log.filter.generation - 1;
    play.model.tab_mut().log.filter.running = true;
    let lane = ScanLane::Sieve;
    play.msg(Msg::Job(JobDone::Scanned { tab, lane, generation, done: true }));
    assert!(play.model.tab().log.filter.running);
}

#[test]
fn a_filter_is_kept_under_a_name() {
    let mut play = filtered("$.type == error");
    play.keys("= s").types("errors").keys("enter");
    assert_eq!(play.model.rules.filters[0].name, "errors");
    assert!(play.model.save_at.is_some(), "it is written to disk");
    play.keys("a = 1");
    assert_eq!(play.model.tab().log.filter.text, "$.type == error");
    sift(&mut play);
    assert_eq!(shown(&play), [2]);
    play.keys("= r 1").types("failures").keys("enter");
    assert_eq!(play.model.rules.filters[0].name, "failures");
    // An equal name is replaced.
    play.keys("f").types("size>3").keys("enter = s").types("failures").keys("enter");
    assert_eq!(play.model.rules.filters.len(), 1);
    assert_eq!(play.model.rules.filters[0].query, "size>3");
    play.keys("= d 1");
    assert!(play.model.rules.filters.is_empty());
}

#[test]
fn rows_are_marked() {
    let mut play = play();
    play.keys("= h").types("$.type == ").keys("enter");
    assert!(matches!(
        play.model.modals.last(),
        Some(Modal::Prompt { problem: Some(problem), .. }) if problem.contains("Expected a value")
    ));
    play.types("error").keys("enter");
    assert!(matches!(play.model.modals.last(), Some(Modal::Menu { .. })), "how they look");
    // The second tint, then a word.
    play.keys("2 w").types("bad").keys("enter");
    play.keys("esc esc");
    let rule = &play.model.rules.highlights[0];
    assert_eq!((rule.tint, rule.word.as_str(), rule.on), (Tint::Error, "bad", true));
    let of = |play: &Play, number: u64| {
        let tab = play.model.tab();
        let entry = tab.log.handle.get(number).unwrap();
        play.model.highlights.of(tab.id, &entry).map(|highlight| highlight.tint)
    };
    assert_eq!((of(&play, 1), of(&play, 2)), (None, Some(Tint::Error)));
    // Remembered rows follow a changed rule.
    let switch = crate::app::model::RuleChoice::HighlightSwitch(0);
    let choice = crate::app::model::Choice::Rule(switch);
    let item = crate::app::model::MenuItem {
        key: Some('o'),
        label: String::new(),
        note: String::new(),
        on: None,
        choice,
    };
    play.model.modals.push(Modal::Menu {
        title: String::new(),
        items: vec![item],
        cursor: 0,
        stays: false,
    });
    play.keys("o");
    assert_eq!(of(&play, 2), None);
}
