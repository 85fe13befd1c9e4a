//! The detail: views, trees, filters, large messages, comparisons.

use bytes::Bytes;

use super::Play;
use crate::app::effect::{Effect, Job};
use crate::app::model::{Body, Detail, DetailView, Modal};
use crate::app::msg::{JobDone, Msg};
use crate::app::update::{as_composed, lay, search_detail};
use crate::core::message::{Direction, Message, MessageKind};
use crate::payload::lens::NodeId;

const ORDER: &str = r#"{"id":17,"who":{"name":"Ada"},"items":[{"sku":"a-1"},{"sku":"b-2"}]}"#;

fn detail(play: &Play) -> &Detail {
    &play.model.tab().log.detail
}

fn received(play: &mut Play, kind: MessageKind, payload: Bytes) {
    let (at, direction) = (play.now, Direction::In);
    let message = Message { at, direction, kind, payload, packed: None, split: None };
    play.model.tab().log.handle.append(&[message]);
    let id = play.model.tab().id;
    play.msg(Msg::LogGrew(id));
}

/// Does what was asked for beside the loop; how many jobs there were.
fn works(play: &mut Play) -> usize {
    let mut jobs = 0;
    while let Some(at) = play.effects.iter().position(|e| matches!(e, Effect::Job(_))) {
        let Effect::Job(job) = play.effects.remove(at) else { continue };
        jobs += 1;
        let done = match job {
            Job::Lay { tab, stamp, request } => {
                JobDone::Detail { tab, stamp, result: lay(&request) }
            }
            Job::Find { tab, stamp, haystack, pattern, progress } => {
                let found = search_detail(&haystack, &pattern, &progress);
                JobDone::Found { tab, stamp, found }
            }
            Job::Compose { tab, payload, is_text } => {
                let (kind, form, text) = as_composed(&payload, is_text);
                JobDone::Composed { tab, kind, form, text: ropey::Rope::from_str(&text) }
            }
            _ => continue,
        };
        play.msg(Msg::Job(done));
    }
    jobs
}

fn copied(play: &mut Play) -> String {
    match play.effects.pop() {
        Some(Effect::Copy { text, .. }) => text,
        other => panic!("a copy, not {other:?}"),
    }
}

#[test]
fn a_chosen_view_holds_for_the_tab_until_messages_choose_again() {
    let mut play = Play::new();
    play.model.geometry.detail.height = 10;
    play.receives(&[ORDER]);
    assert_eq!(detail(&play).view, DetailView::PRETTY);
    play.keys("alt+l up 4");
    assert_eq!(detail(&play).view, DetailView::TREE);
    play.receives(&[ORDER, "no JSON"]).keys("down");
    assert_eq!(detail(&play).view, DetailView::TREE, "another message of JSON");
    play.keys("down");
    assert_eq!(detail(&play).view, DetailView::RAW, "it does not fit this one");
    assert!(!detail(&play).views.contains(&DetailView::TREE));
    play.keys("up 0");
    assert_eq!(detail(&play).view, DetailView::PRETTY);
    play.keys("L t");
    assert_eq!(detail(&play).view, DetailView::TREE, "from the menu");
    play.keys("enter v");
    assert_eq!(detail(&play).view, DetailView::RAW, "the next one");
    play.keys("V V");
    assert_eq!(detail(&play).view, DetailView::PRETTY);
    play.keys("5");
    assert!(matches!(detail(&play).body, Body::Frames));
}

#[test]
fn a_tree_is_walked_folded_and_copied_from() {
    let mut play = Play::new();
    play.model.geometry.detail.height = 10;
    play.model.geometry.detail.width = 60;
    play.receives(&[ORDER]).keys("alt+l up enter 4");
    let tree = |play: &Play| match &detail(play).body {
        Body::Tree(tree) => (tree.cursor, tree.len()),
        other => panic!("a tree, not {other:?}"),
    };
    assert_eq!(tree(&play), (NodeId(0), 9));
    play.keys("down down down p");
    assert_eq!(copied(&mut play), "$.who.name");
    play.keys("P");
    assert_eq!(copied(&mut play), ".who.name");
    play.keys("C");
    assert_eq!(copied(&mut play), "Ada");
    play.keys("left");
    assert_eq!(tree(&play), (NodeId(2), 9), "up to what holds it");
    play.keys("left");
    assert_eq!(tree(&play), (NodeId(2), 8), "then it folds");
    play.keys("right right");
    assert_eq!(tree(&play), (NodeId(3), 9), "unfolds, then goes in");
    play.keys("-");
    assert_eq!(tree(&play), (NodeId(2), 4), "the cursor stays on what is shown");
    play.keys("+ end u");
    assert_eq!(tree(&play), (NodeId(7), 9));
    play.keys("z 2");
    assert_eq!(tree(&play).1, 7);
    play.keys("/").types("ADA").keys("enter");
    assert_eq!(tree(&play), (NodeId(3), 7), "found, and shown");
    play.keys("home space");
    assert_eq!(tree(&play), (NodeId(0), 1));
}

#[test]
fn json_goes_through_a_program_until_it_is_cleared() {
    let mut play = Play::new();
    play.receives(&[ORDER]).keys("alt+l up |").types(".items[].sku");
    assert!(works(&mut play) > 0);
    assert_eq!(detail(&play).text.text().trim_end(), "\"a-1\"\n\"b-2\"");
    play.types(" |");
    let problem = detail(&play).jq.problem.clone().expect("a problem");
    assert!(problem.at.start >= 12, "{problem:?}");
    assert_eq!(detail(&play).text.text().trim_end(), "\"a-1\"\n\"b-2\"", "what ran stays");
    play.keys("backspace backspace enter");
    assert!(!detail(&play).is_typing());
    works(&mut play);
    play.receives(&[r#"{"items":[{"sku":"new"}]}"#]).keys("esc up down");
    works(&mut play);
    play.receives(&[r#"{"items":[{"sku":"new"}]}"#]).keys("alt+l down down");
    works(&mut play);
    assert!(detail(&play).jq.program.is_none(), "Esc ended it");
    play.keys("| up");
    works(&mut play);
    assert_eq!(detail(&play).jq.input.text(), ".items[].sku", "it is remembered");
    assert_eq!(detail(&play).text.text().trim_end(), "\"new\"");
    play.keys("esc");
    assert!(detail(&play).text.text().starts_with('{'));
}

#[test]
fn a_hundred_mebibytes_are_there_at_once_and_searched_beside_the_loop() {
    let line = b"a line of some length, as logs have them\n";
    let mut text = line.repeat((50 << 20) / line.len());
    text.extend(std::iter::repeat_n(b'x', 50 << 20));
    text.extend_from_slice(b"needle");
    let len = text.len();
    let mut play = Play::new();
    play.model.geometry.detail.height = 20;
    play.model.geometry.detail.width = 80;
    received(&mut play, MessageKind::Text, text.into());
    play.keys("alt+l up enter");
    for wrap in [false, true] {
        // Nothing was copied or laid out: the window reads from the payload.
        assert!(matches!(detail(&play).body, Body::Raw), "{:?}", detail(&play).body);
        assert_eq!(detail(&play).text.len_bytes(), 0);
        play.keys("end");
        let place = detail(&play).place;
        assert!(place < len && len - place < 400 << 10, "{place}");
        // What a drawing looks at, and a page up.
        let rows = detail(&play).rows();
        let up = rows.up(place, 20);
        let mut at = Some(up);
        for _ in 0..20 {
            at = at.and_then(|at| rows.row(at).next);
        }
        assert!(rows.touched() < 4 << 20, "{} with wrap {wrap}", rows.touched());
        play.keys("pageup home w");
        assert_eq!(detail(&play).place, 0);
    }
    play.keys("/").msg(Msg::Paste("needle".into()));
    assert!(detail(&play).find.running.is_some(), "beside the loop");
    assert!(works(&mut play) > 0);
    let find = &detail(&play).find;
    assert_eq!((find.found.total, find.at), (1, Some(0)));
    let row = detail(&play).rows().at(len - 6);
    assert!(detail(&play).place <= row && row - detail(&play).place < 400 << 10);
    play.keys("esc 3 end");
    assert_eq!(detail(&play).top, len.div_ceil(16) - 20);
}

#[test]
fn what_is_laid_out_beside_the_loop_can_be_stopped() {
    let mut play = Play::new();
    let text = format!("[{}1]", "1,".repeat(60_000));
    received(&mut play, MessageKind::Text, text.into());
    assert!(matches!(detail(&play).body, Body::Raw), "as it came meanwhile");
    let work = detail(&play).work.clone().expect("work");
    play.keys("alt+l up enter");
    assert!(detail(&play).work.is_some());
    play.keys("esc");
    assert!(work.progress.is_cancelled() && detail(&play).work.is_none());
    works(&mut play);
    assert!(matches!(detail(&play).body, Body::Raw), "a late result is dropped");
    play.keys("1");
    works(&mut play);
    assert!(matches!(detail(&play).body, Body::Text));
    assert!(detail(&play).text.len_lines() > 60_000);
}

#[test]
fn a_message_too_large_for_a_clipboard_goes_to_a_file() {
    let mut play = Play::new();
    received(&mut play, MessageKind::Binary, vec![0xff; 17 << 20].into());
    play.keys("alt+l up y");
    assert!(matches!(play.model.modals.last(), Some(Modal::Confirm { .. })));
    play.keys("y enter");
    let Some(Effect::WritePayload { path, payload, .. }) = play.effects.pop() else {
        panic!("a file")
    };
    assert_eq!((path.as_str(), payload.len()), ("message-1.bin", 17 << 20));
}

#[test]
fn a_large_message_goes_into_the_composer_beside_the_loop() {
    let mut play = Play::new();
    received(&mut play, MessageKind::Binary, vec![0xab; 100_000].into());
    play.keys("alt+l up c");
    assert!(play.model.tab().composer.editor.is_empty());
    works(&mut play);
    let composer = &play.model.tab().composer;
    assert_eq!(composer.kind, crate::payload::Kind::Binary);
    assert!(composer.editor.text().starts_with("ab ab"));
}

#[test]
fn messages_are_compared_with_a_marked_one_or_the_one_before() {
    let mut play = Play::new();
    play.model.geometry.detail.height = 10;
    play.receives(&[r#"{"a":1,"b":2}"#, r#"{"a":1,"b":3}"#, r#"{"a":5,"b":3}"#]);
    play.keys("alt+l home A down down &");
    works(&mut play);
    let seen = |play: &Play| match &detail(play).body {
        Body::Diff(compared) => (compared.left, compared.right, compared.diff.rows.len()),
        other => panic!("a comparison, not {other:?}"),
    };
    assert_eq!(seen(&play), (1, 3, 2));
    play.keys("} }");
    assert!(matches!(&detail(&play).body, Body::Diff(c) if c.at == Some(1)));
    play.keys("D");
    works(&mut play);
    assert_eq!(seen(&play), (2, 3, 1));
    play.keys("alt+l up");
    works(&mut play);
    assert_eq!(seen(&play), (1, 2, 1), "it goes on for other messages");
    play.keys("enter esc");
    assert!(matches!(detail(&play).body, Body::Text));
}
