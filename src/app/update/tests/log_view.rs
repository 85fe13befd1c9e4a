//! How the log is seen: jumping, pausing, marks, columns.

use bytes::Bytes;

use super::Play;
use crate::app::effect::{Effect, Job, ScanLane};
use crate::app::geometry::{Area, Target};
use crate::app::model::Modal;
use crate::app::msg::{JobDone, Mouse, MouseKind, Msg};
use crate::config::{Column, Columns, Timestamps};
use crate::core::action::Action;
use crate::core::message::{Direction, Message, MessageKind};
use crate::core::time::Micros;
use crate::log::Note;

const SECOND: u64 = 1_000_000;

/// 2027-01-15 08:00:00 UTC, as `Play` begins.
const START: u64 = 1_800_000_000 * SECOND;

fn message(seconds: u64, text: &str) -> Message {
    Message {
        at: Micros(START + seconds * SECOND),
        direction: Direction::In,
        kind: MessageKind::Text,
        payload: Bytes::copy_from_slice(text.as_bytes()),
        packed: None,
        split: None,
    }
}

/// A log with a row a second, in front of the keys; `#1` came at 08:00:00.
fn seconds(count: u64) -> Play {
    let mut play = Play::new();
    let rows: Vec<Message> = (0..count).map(|second| message(second, "tick")).collect();
    play.model.tab().log.handle.append(&rows);
    play.keys("alt+l");
    play
}

fn cursor(play: &Play) -> u64 {
    play.model.tab().log.cursor
}

fn jumps(play: &mut Play, to: &str) -> u64 {
    play.keys(":").types(to).keys("enter");
    assert!(play.model.modals.is_empty(), "{to}: {:?}", play.model.modals);
    cursor(play)
}

#[test]
fn one_prompt_goes_to_numbers_times_steps_and_shares() {
    let mut play = seconds(100_000);
    for (to, row) in [
        ("5000", 5_000),
        ("#12,345", 12_345),
        ("50%", 50_001),
        ("0%", 1),
        ("100%", 100_000),
        ("09:00:00", 90_001),
        ("1", 1),
        ("09:00:00", 3_601),
        ("+1m", 3_661),
        ("-30s", 3_631),
        ("+200", 3_831),
        ("-1", 3_830),
        ("2027-01-15 10:00", 7_201),
        ("2027-01-15T08:00:09Z", 10),
        // The log goes on into the next day, and there is no other midnight in it.
        ("00:00", 57_601),
    ] {
        assert_eq!(jumps(&mut play, to), row, "{to}");
        let log = &play.model.tab().log;
        assert!(!log.follow && log.top <= row && row < log.top + 10, "{to} is in the window");
    }
}

#[test]
fn what_cannot_be_reached_is_said() {
    let mut play = seconds(100);
    for (to, row, why) in [
        ("5000", 100, "The log ends at #100."),
        ("07:00", 1, "The log begins later; this is its first row."),
        ("+2h", 100, "The log ends earlier; this is its last row."),
    ] {
        assert_eq!(jumps(&mut play, to), row, "{to}");
        assert_eq!(play.notice(), why);
    }
    play.keys(":").types("tomorrow").keys("enter");
    let Some(Modal::Prompt { problem: Some(problem), .. }) = play.model.modals.last() else {
        panic!("{:?}", play.model.modals)
    };
    assert!(problem.contains("12:01:05") && problem.contains("50%"), "{problem}");
    let mut empty = Play::new();
    empty.keys("alt+l :").types("5").keys("enter");
    assert!(matches!(empty.model.modals.last(), Some(Modal::Prompt { problem: Some(_), .. })));
}

#[test]
fn rows_that_were_thrown_away_are_told_from_those_that_never_were() {
    let mut play = Play::new();
    let log = play.model.tab().log.handle.clone();
    log.set_budget(256 * 1024);
    let batch: Vec<Message> = (0..1_000).map(|n| message(n, "x")).collect();
    for _ in 0..300 {
        log.append(&batch);
    }
    let first = log.stats().first;
    assert!(first > 250_000);
    play.keys("alt+l");
    assert_eq!(jumps(&mut play, "5"), first);
    assert!(play.notice().starts_with("#5 is not kept any more"), "{}", play.notice());
    assert_eq!(jumps(&mut play, "299999"), 299_999);
    // A bookmark on a row that goes says so when it is gone to.
    play.keys("b");
    for _ in 0..50 {
        log.append(&batch);
    }
    play.keys("F {");
    assert!(play.notice().starts_with("#299999 is not kept any more"), "{}", play.notice());
    play.keys("' enter");
    assert!(play.notice().starts_with("#299999 is not kept any more"), "{}", play.notice());
}

#[test]
fn a_filter_leads_to_the_next_row_that_is_shown() {
    let mut play = seconds(10);
    let log = play.model.tab().log.handle.clone();
    log.append(&[Message { direction: Direction::Out, ..message(11, "out") }]);
    play.keys("i i");
    assert_eq!(jumps(&mut play, "3"), 11);
    assert_eq!(play.notice(), "#3 is not shown by the filter; this is #11.");
}

fn kinds() -> Play {
    let mut play = Play::new();
    let log = play.model.tab().log.handle.clone();
    log.note(Micros(START), Note::Connected { detail: String::new() });
    log.append(&[
        message(1, r#"{"type":"login"}"#),
        message(2, r#"{"type":"tick"}"#),
        message(3, r#"{"n":1,"type":"login"}"#),
        Message { kind: MessageKind::Ping, ..message(4, "") },
        message(5, r#"{"type":"tick"}"#),
    ]);
    log.note(Micros(START), Note::Separator("end".into()));
    play.keys("alt+l");
    play
}

#[test]
fn steps_of_the_same_kind() {
    let mut play = kinds();
    assert_eq!(jumps(&mut play, "2"), 2);
    play.keys(".");
    assert_eq!(cursor(&play), 4, "the next login");
    play.keys(".");
    assert_eq!(cursor(&play), 4);
    assert_eq!(play.notice(), "No further received text with type \"login\".");
    play.keys("up .");
    assert_eq!(cursor(&play), 6, "the next tick");
    play.keys(",");
    assert_eq!(cursor(&play), 3);
    play.keys("(");
    assert_eq!(cursor(&play), 1);
    play.keys(")");
    assert_eq!(cursor(&play), 7);
    play.keys(")");
    assert_eq!(play.notice(), "No further line about the connection.");
    play.keys(",");
    assert_eq!(cursor(&play), 1, "from a line about the connection to the next one");
}

#[test]
fn a_far_one_is_looked_for_beside_the_loop() {
    let mut play = Play::new();
    let log = play.model.tab().log.handle.clone();
    log.append(&[message(0, r#"{"op":"first"}"#)]);
    let batch: Vec<Message> = (0..50_000).map(|_| message(1, r#"{"op":"tick"}"#)).collect();
    log.append(&batch);
    log.append(&[message(2, r#"{"op":"first"}"#)]);
    play.keys("alt+l");
    jumps(&mut play, "1");
    play.keys(".");
    assert_eq!(cursor(&play), 1);
    let Some(Effect::Job(Job::Scan { tab, lane, generation, scan, log })) = play.effects.pop()
    else {
        panic!("{:?}", play.effects)
    };
    assert_eq!(lane, ScanLane::Seek);
    while !scan.step(&log, 1 << 20).done {}
    let done = JobDone::Scanned { tab, lane, generation: generation - 1, done: true };
    play.msg(Msg::Job(done));
    assert_eq!(cursor(&play), 1, "of an older one");
    play.msg(Msg::Job(JobDone::Scanned { tab, lane, generation, done: true }));
    assert_eq!(cursor(&play), 50_002);
    assert!(scan.is_cancelled());
}

#[test]
fn a_pause_holds_the_window_and_counts_what_waits() {
    let mut play = seconds(50);
    play.keys("space");
    let log = &play.model.tab().log;
    assert!(log.paused && !log.follow);
    assert_eq!((log.top, log.cursor), (42, 50), "the detail stands still too");
    play.receives(&["a", "b"]);
    let log = &play.model.tab().log;
    assert_eq!((log.top, log.cursor), (42, 50));
    assert_eq!(log.handle.count_after(log.view(), log.seen), 2);
    // Moving about does not end it, the end does, and so does the key.
    play.keys("up up");
    assert!(play.model.tab().log.paused);
    play.keys("G");
    assert!(play.model.tab().log.follow && !play.model.tab().log.paused);
    play.keys("space space");
    assert!(play.model.tab().log.follow && !play.model.tab().log.paused);
}

#[test]
fn bookmarks_notes_and_pins_are_set_listed_and_gone_to() {
    let mut play = seconds(100);
    jumps(&mut play, "30");
    play.keys("b");
    assert_eq!(play.notice(), "#30 has a bookmark.");
    jumps(&mut play, "60");
    play.keys("M").types("late answer").keys("enter E").types("see issue").keys("enter");
    jumps(&mut play, "90");
    play.keys("P");
    let marks = &play.model.tab().log.marks;
    assert_eq!(marks.get(60).unwrap().words(), "late answer: see issue");
    assert_eq!(marks.pinned().collect::<Vec<_>>(), [90]);
    let kept = play.effects.iter().filter(|e| matches!(e, Effect::KeepMarks { .. })).count();
    assert_eq!(kept, 4);
    play.keys("{");
    assert_eq!(cursor(&play), 60);
    play.keys("{ {");
    assert_eq!(cursor(&play), 30);
    assert_eq!(play.notice(), "No bookmark further up.");
    play.keys("}");
    assert_eq!(cursor(&play), 60);
    play.keys("'");
    let Some(Modal::Menu { items, cursor: line, .. }) = play.model.modals.last() else {
        panic!("a list")
    };
    let labels: Vec<&str> = items.iter().map(|item| item.label.trim_end()).collect();
    assert_eq!(labels, ["★   #30", "★✎  #60  late answer: see issue", "  ◆ #90"]);
    assert_eq!(*line, 1);
    play.keys("down enter");
    assert_eq!(cursor(&play), 90);
    // A note that is emptied is gone; marks go away by the same keys.
    play.keys("P { E backspace enter b");
    assert_eq!(play.model.tab().log.marks.len(), 1);
    play.keys("x y");
    assert!(play.model.tab().log.marks.is_empty(), "they go with the log");
}

#[test]
fn times_are_counted_from_a_marked_row() {
    let mut play = seconds(10);
    jumps(&mut play, "4");
    play.keys("m");
    let mark = play.model.tab().log.mark.unwrap();
    assert_eq!((mark.number, mark.at), (4, Micros(START + 3 * SECOND)));
    play.keys("down m");
    assert_eq!(play.model.tab().log.mark.unwrap().number, 5);
    play.keys("m");
    assert_eq!(play.model.tab().log.mark, None);
}

#[test]
fn columns_are_chosen_from_what_is_seen() {
    let mut play = seconds(3);
    // Time, direction and size, as a narrow log draws them.
    play.model.geometry.log_columns = [false, true, true, false, false, false, true];
    play.keys("C n esc");
    let these = |play: &Play| play.model.settings.log.columns.clone();
    let expected = [Column::Number, Column::Time, Column::Direction, Column::Size];
    assert_eq!(these(&play), Columns::These(expected.to_vec()));
    play.keys("C t d s n esc");
    assert_eq!(these(&play), Columns::These(Vec::new()));
    play.keys("C a esc");
    assert_eq!(these(&play), Columns::Auto);
    play.keys("T");
    assert_eq!(play.model.settings.log.timestamps, Timestamps::Utc);
    play.keys("T T");
    assert_eq!(play.model.settings.log.timestamps, Timestamps::Local);
}

#[test]
fn parts_of_the_header_filter_by_direction() {
    let mut play = seconds(3);
    play.msg(Msg::Do(Action::ShowSent));
    assert_eq!(play.model.tab().log.shown.label(), "sent");
    play.msg(Msg::Do(Action::ShowReceived));
    assert_eq!(play.model.tab().log.shown.label(), "received");
    play.msg(Msg::Do(Action::ShowReceived));
    assert_eq!(play.model.tab().log.shown.label(), "all");
}

#[test]
fn the_scroll_bar_leads_to_a_share_of_the_rows() {
    let mut play = seconds(1_010);
    let bar = Area { x: 79, y: 10, width: 1, height: 11 };
    play.model.geometry.hits = vec![(bar, Target::LogBar)];
    let mut mouse = |kind, y| {
        play.msg(Msg::Mouse(Mouse { kind, x: 79, y, shift: false, clicks: 1 }));
        let log = &play.model.tab().log;
        (log.follow, log.top)
    };
    assert_eq!(mouse(MouseKind::Down, 10), (false, 1));
    assert_eq!(mouse(MouseKind::Drag, 15), (false, 501));
    assert_eq!(mouse(MouseKind::Drag, 5), (false, 1), "above it");
    assert!(mouse(MouseKind::Drag, 40).0, "its end follows");
}

#[test]
fn a_pinned_row_is_gone_to_by_a_click() {
    let mut play = seconds(100);
    let line = Area { x: 0, y: 12, width: 80, height: 1 };
    play.model.geometry.hits = vec![(line, Target::Row(7))];
    let (kind, x, y) = (MouseKind::Down, 3, 12);
    play.msg(Msg::Mouse(Mouse { kind, x, y, shift: false, clicks: 1 }));
    assert_eq!(cursor(&play), 7);
}
