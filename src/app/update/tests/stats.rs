//! Statistics: pairs that are looked for, the window, what is copied, the way to a reply.

use std::sync::Arc;
use std::time::Duration;

use super::Play;
use crate::app::effect::{Effect, Job, ScanLane};
use crate::app::model::Modal;
use crate::app::msg::{JobDone, Msg};
use crate::core::event::EventKind;
use crate::core::message::{Direction, Message, MessageKind};
use crate::log::Scan;

type Search = (Arc<dyn Scan>, u64);

/// The newest search for pairs that was asked for.
fn search(play: &mut Play) -> Option<Search> {
    let at = play
        .effects
        .iter()
        .rposition(|e| matches!(e, Effect::Job(Job::Scan { lane: ScanLane::Pairs, .. })))?;
    match play.effects.remove(at) {
        Effect::Job(Job::Scan { scan, generation, .. }) => Some((scan, generation)),
        _ => None,
    }
}

/// Lets the search go through, and tell.
fn looks(play: &mut Play, (scan, generation): &Search) {
    let tab = play.model.tab().id;
    while !scan.step(&play.model.tab().log.handle, 1 << 20).done {}
    let (lane, generation) = (ScanLane::Pairs, *generation);
    play.msg(Msg::Job(JobDone::Scanned { tab, lane, generation, done: true }));
}

fn exchange(play: &mut Play, from: u64, count: u64) {
    let mut messages = Vec::new();
    for id in from..from + count {
        for (direction, text) in [
            (Direction::Out, format!(r#"{{"id":{id},"method":"sum"}}"#)),
            (Direction::In, format!(r#"{{"id":{id},"result":{id}}}"#)),
        ] {
            messages.push(Message {
                at: play.now,
                direction,
                kind: MessageKind::Text,
                payload: text.into(),
                packed: None,
                split: None,
            });
            play.now = play.now.plus(Duration::from_millis(4));
        }
    }
    play.model.tab().log.handle.append(&messages);
    let id = play.model.tab().id;
    play.msg(Msg::LogGrew(id));
}

#[test]
fn pairs_are_looked_for_once_there_are_rows_and_anew_after_clearing() {
    let mut play = Play::new();
    play.keys("alt+l");
    assert!(search(&mut play).is_none());
    exchange(&mut play, 1, 2);
    let first = search(&mut play).expect("a search");
    exchange(&mut play, 3, 2);
    assert!(search(&mut play).is_none(), "one is enough");
    play.keys("x y");
    assert!(first.0.is_cancelled());
    exchange(&mut play, 5, 1);
    assert!(search(&mut play).is_some());
}

#[test]
fn switched_off_it_runs_only_while_the_statistics_are_open() {
    let mut play = Play::new();
    play.model.tab_mut().log.pairing = false;
    play.keys("alt+l");
    exchange(&mut play, 1, 2);
    assert!(search(&mut play).is_none());
    play.keys("S");
    let found = search(&mut play).expect("a search");
    play.keys("esc");
    assert!(found.0.is_cancelled() && play.model.tab().log.pairs.is_none());
    play.msg(Msg::Do(crate::core::action::Action::TogglePairs));
    assert!(search(&mut play).is_some());
}

#[test]
fn a_key_goes_from_reply_to_request_and_back() {
    let mut play = Play::new();
    exchange(&mut play, 1, 5);
    let found = search(&mut play).unwrap();
    looks(&mut play, &found);
    play.keys("alt+l up %");
    assert_eq!(play.model.tab().log.cursor, 9);
    assert_eq!(play.notice(), "The request #9, 4.0 ms before its reply.");
    play.keys("%");
    assert_eq!(play.model.tab().log.cursor, 10);
    assert_eq!(play.notice(), "The reply #10, 4.0 ms later.");
    // The request is hidden.
    play.keys("i %");
    assert_eq!(play.model.tab().log.cursor, 10);
    assert!(play.notice().starts_with("The filter hides #9"), "{}", play.notice());
    play.receives(&["no id"]).keys("a end up %");
    assert!(play.notice().contains("neither"), "{}", play.notice());
}

#[test]
fn the_window_scrolls_sorts_and_copies_numbers() {
    let mut play = Play::new();
    exchange(&mut play, 1, 3);
    let found = search(&mut play).unwrap();
    looks(&mut play, &found);
    play.keys("alt+l S");
    play.model.geometry.modal.height = 10;
    play.model.geometry.modal_last = 25;
    let scroll = |play: &Play| match play.model.modals.last() {
        Some(Modal::Stats(view)) => view.scroll,
        other => panic!("{other:?}"),
    };
    for (keys, expected) in
        [("down down", 2), ("pagedown", 11), ("end", 25), ("down", 25), ("up", 24), ("home", 0)]
    {
        play.keys(keys);
        assert_eq!(scroll(&play), expected, "{keys}");
    }
    play.keys("s y m j");
    let copies: Vec<&String> = play
        .effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Copy { text, .. } => Some(text),
            _ => None,
        })
        .collect();
    let [text, markdown, json] = copies[..] else { panic!("{copies:?}") };
    assert!(text.contains("answered         3"), "{text}");
    assert!(markdown.contains("| sum | 3 | 3 | 0 | 4.0 ms |"), "{markdown}");
    let json: serde_json::Value = serde_json::from_str(json).unwrap();
    assert_eq!(json["pairs"]["answered"], 3);
    assert_eq!(json["received"]["counts"]["text"], 3);
    assert_eq!(json["pairs"]["methods"][0]["name"], "sum");
    play.keys("esc");
    assert!(play.model.modals.is_empty());
}

#[test]
fn pongs_are_remembered_over_connections() {
    let mut play = Play::new();
    let request = play.connects_to("ws://h/");
    play.opened(&request);
    for micros in [1_000, 3_000, 2_000] {
        let event = EventKind::RoundTrip { time: Duration::from_micros(micros), at: play.now };
        play.msg(Msg::Net { tab: request.tab, conn: request.conn, event });
    }
    let trips = &play.model.tab().conn.round_trips;
    assert_eq!((trips.values(), trips.jitter()), (vec![1_000, 3_000, 2_000], 1_500));
}

#[test]
fn names_from_the_other_side_mean_nothing_in_a_copy() {
    let mut play = Play::new();
    let text = r#"{"id":1,"method":"a|b`<script>\u001b[31m"}"#;
    play.model.tab().log.handle.append(&[Message {
        at: play.now,
        direction: Direction::Out,
        kind: MessageKind::Text,
        payload: text.into(),
        packed: None,
        split: None,
    }]);
    play.keys("alt+l");
    let found = search(&mut play).unwrap();
    looks(&mut play, &found);
    play.keys("S m");
    let Some(Effect::Copy { text, .. }) = play.effects.pop() else { panic!("a copy") };
    assert!(text.contains(r"a\|b\`&lt;script>"), "{text}");
    assert!(!text.contains('\u{1b}'));
}
