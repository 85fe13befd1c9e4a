//! The log: following, choosing, filtering, searching, copying.

use super::Play;
use crate::app::effect::{Effect, Job, ScanLane};
use crate::app::msg::{JobDone, Msg};

fn many(play: &mut Play, count: usize) {
    let texts: Vec<String> = (1..=count).map(|n| format!("message {n}")).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    play.receives(&texts);
}

#[test]
fn scrolling_stops_following_and_counts_what_came_below() {
    let mut play = Play::new();
    many(&mut play, 50);
    assert!(play.model.tab().log.follow);
    play.keys("alt+l up");
    let log = &play.model.tab().log;
    assert!(!log.follow);
    assert_eq!(log.cursor, 50);
    many(&mut play, 7);
    let log = &play.model.tab().log;
    assert_eq!(log.handle.count_after(log.view(), log.seen), 7);
    play.keys("F");
    assert!(play.model.tab().log.follow);
}

#[test]
fn the_cursor_keeps_its_message_while_others_arrive() {
    let mut play = Play::new();
    many(&mut play, 50);
    play.keys("alt+l up up up");
    many(&mut play, 500);
    assert_eq!(play.model.tab().log.cursor, 48);
    assert_eq!(play.model.tab().log.detail.text.text(), "message 48");
}

#[test]
fn the_detail_follows_the_newest_message() {
    let mut play = Play::new();
    play.receives(&[r#"{"a":1}"#]);
    assert_eq!(play.model.tab().log.detail.text.text(), "{\n  \"a\": 1\n}");
    let title = &play.model.tab().log.detail.title;
    assert_eq!(title, "#1 received text · 7 B · 08:00:00.000000");
    play.keys("alt+l 3");
    let body = &play.model.tab().log.detail.body;
    assert!(matches!(body, crate::app::model::Body::Hex), "{body:?}");
}

#[test]
fn filters_are_told_and_taken_back() {
    let mut play = Play::new();
    many(&mut play, 3);
    play.keys("alt+l i i");
    let log = &play.model.tab().log;
    assert_eq!(log.shown.label(), "sent");
    assert_eq!(log.handle.rows(log.view()), 0);
    play.keys("a");
    let log = &play.model.tab().log;
    assert_eq!(log.handle.rows(log.view()), 3);
    play.keys("t t esc");
    assert_eq!(play.model.tab().log.shown.kinds, [false, true, true, true, true]);
}

#[test]
fn a_search_goes_to_the_nearest_hit_and_on() {
    let mut play = Play::new();
    many(&mut play, 100);
    play.keys("alt+l /").types("message 4");
    let Some(Effect::Job(Job::Scan { tab, generation, scan: search, log, .. })) =
        play.effects.pop()
    else {
        panic!("a search was asked for")
    };
    while !search.step(&log, 1 << 20).done {}
    play.msg(Msg::Job(JobDone::Scanned { tab, lane: ScanLane::Search, generation, done: true }));
    assert_eq!(play.model.tab().log.cursor, 49);
    play.keys("enter N");
    assert_eq!(play.model.tab().log.cursor, 48);
    play.keys("n n");
    assert_eq!(play.model.tab().log.cursor, 4, "goes round");
    play.keys("esc");
    assert!(play.model.tab().log.search.line.is_none());
    assert!(search.is_cancelled());
}

#[test]
fn a_bad_expression_is_told() {
    let mut play = Play::new();
    play.keys("alt+l / alt+r").types("(");
    assert!(play.model.tab().log.search.problem.is_some());
}

#[test]
fn several_messages_are_copied_whole() {
    let mut play = Play::new();
    many(&mut play, 5);
    play.keys("alt+l up shift+up shift+up y");
    let Some(Effect::Copy { text, what }) = play.effects.pop() else { panic!("a copy") };
    assert_eq!(text, "message 3\nmessage 4\nmessage 5");
    assert_eq!(what, "3 messages");
}

#[test]
fn a_received_message_goes_into_the_composer() {
    let mut play = Play::new();
    play.receives(&[r#"{"a":1}"#]).keys("alt+l up c");
    assert_eq!(play.model.tab().composer.editor.text(), r#"{"a":1}"#);
    assert_eq!(play.model.tab().composer.kind, crate::payload::Kind::Json);
}

#[test]
fn messages_of_a_tab_behind_are_counted() {
    let mut play = Play::new();
    let first = play.model.tab().id;
    let handle = play.model.tab().log.handle.clone();
    play.keys("ctrl+t");
    handle.append(&[crate::core::message::Message {
        at: play.now,
        direction: crate::core::message::Direction::In,
        kind: crate::core::message::MessageKind::Text,
        payload: "x".into(),
        packed: None,
        split: None,
    }]);
    play.msg(Msg::LogGrew(first));
    assert_eq!(play.model.tabs[0].unseen, 1);
    play.keys("ctrl+n");
    assert_eq!(play.model.tab().unseen, 0);
}

#[test]
fn clearing_asks_first() {
    let mut play = Play::new();
    many(&mut play, 5);
    play.keys("alt+l x n");
    assert_eq!(play.model.tab().log.handle.stats().kept(), 5);
    play.keys("x y");
    assert_eq!(play.model.tab().log.handle.stats().kept(), 0);
}

#[test]
fn a_rate_is_drawn_until_it_is_nothing_and_then_the_program_sleeps() {
    let mut play = Play::new();
    assert_eq!(crate::app::schedule::next_deadline(&play.model, play.now), None);
    many(&mut play, 10);
    let mut wakes = 0;
    while let Some(due) = crate::app::schedule::next_deadline(&play.model, play.now) {
        assert!(due > play.now);
        play.wait();
        wakes += 1;
        assert!(wakes < 10);
    }
    assert!(wakes > 0);
    assert!(play.model.tab().log.handle.rate(play.now).messages == 0.0);
}

#[test]
fn a_message_is_read_in_the_pager_as_it_is_laid_out() {
    let mut play = Play::new();
    play.receives(&[r#"{"a":1}"#]).keys("alt+l up o");
    let Some(Effect::Page { text, suffix }) = play.effects.pop() else { panic!("a pager") };
    assert_eq!((text.to_string().as_str(), suffix), ("{\n  \"a\": 1\n}", "json"));
}

#[test]
fn control_frames_can_be_left_out_from_the_start() {
    let mut settings = crate::config::Settings::default();
    settings.log.control_frames = false;
    let pane = crate::app::model::LogPane::new(&settings);
    assert_eq!(pane.shown.label(), "text, binary");
}
