//! The detail: one message, looked at in several ways.

use bytes::Bytes;
use wsdeck::app::effect::{Effect, Job};
use wsdeck::app::model::{Model, Pane};
use wsdeck::app::msg::JobDone;
use wsdeck::app::update::lay;
use wsdeck::app::{Msg, update};
use wsdeck::core::action::Action;
use wsdeck::core::frame::{FrameHead, Frames};
use wsdeck::core::key::{Key, KeyCombo};
use wsdeck::core::message::{Direction, Message, MessageKind};

use super::look::pictures;
use super::{NOW, scenes};

/// Lets something happen, and what was asked for beside the loop as well.
fn does(model: &mut Model, msg: Msg) {
    for effect in update(model, msg, NOW) {
        if let Effect::Job(Job::Lay { tab, stamp, request }) = effect {
            let result = lay(&request);
            does(model, Msg::Job(JobDone::Detail { tab, stamp, result }));
        }
    }
}

fn types(model: &mut Model, text: &str) {
    for c in text.chars() {
        does(model, Msg::Key(KeyCombo::plain(Key::Char(c))));
    }
}

/// The newest message of a log, in the detail, which has the keys.
fn newest(messages: &[Message], actions: &[Action]) -> Model {
    let mut model = scenes::connected();
    model.tab().log.handle.append(messages);
    model.geometry.log.height = 5;
    model.geometry.detail.width = 76;
    model.geometry.detail.height = 9;
    model.tab_mut().focus = Pane::Detail;
    for action in actions {
        does(&mut model, Msg::Do(*action));
    }
    model
}

const ORDER: &str = r#"{"id":17,"customer":{"name":"Ada","city":"London"},"items":[{"sku":"a-1","price":12.50},{"sku":"b-2","price":7}],"paid":true,"note":null}"#;

fn text(text: &str) -> Message {
    scenes::message(5_000, Direction::In, MessageKind::Text, text.as_bytes())
}

#[test]
fn a_tree_with_a_folded_node_and_the_cursor_on_a_value() {
    use Action as A;
    let walk = [A::ViewTree, A::Down, A::Down, A::Left, A::Down, A::Right, A::Down, A::Right];
    pictures("detail_tree", newest(&[text(ORDER)], &walk));
}

#[test]
fn what_a_jq_program_makes_of_a_message() {
    let mut model = newest(&[text(ORDER)], &[Action::JqFilter]);
    types(&mut model, ".items[] | .price * 2");
    pictures("detail_jq", model);
}

#[test]
fn a_wrong_jq_program() {
    let mut model = newest(&[text(ORDER)], &[Action::JqFilter]);
    types(&mut model, ".items[ | .price");
    pictures("detail_jq_wrong", model);
}

#[test]
fn the_frames_of_a_message_in_many() {
    let mut frames = Frames::default();
    let single = Frames::single(Direction::In, MessageKind::Text, 10, None).heads[0];
    for n in 0..3u64 {
        let opcode = if n == 0 { 1 } else { 0 };
        frames.push(FrameHead { fin: n == 2, opcode, length: 50, ..single });
    }
    let message = Message { split: Some(std::sync::Arc::new(frames)), ..text(ORDER) };
    pictures("detail_frames", newest(&[message], &[Action::ViewFrames]));
}

#[test]
fn the_end_of_a_large_payload_in_hex() {
    let bytes: Vec<u8> = (0..4u32 << 20).map(|n| (n * 7 % 251) as u8).collect();
    let payload = Bytes::from(bytes);
    let message = scenes::message(5_000, Direction::In, MessageKind::Binary, &payload);
    pictures("detail_hex", newest(&[message], &[Action::ViewHex, Action::Last]));
}

#[test]
fn a_search_in_a_large_text() {
    let line = "a line of text with a needle in it, and then some more of it\n";
    let message = text(&line.repeat(3_000));
    let mut model = newest(&[message], &[Action::ViewRaw, Action::Search]);
    types(&mut model, "needle");
    // The last search that was asked for.
    let tab = model.tab_mut();
    let (id, stamp) = (tab.id, tab.log.detail.find.stamp);
    let haystack = wsdeck::app::effect::Haystack::Bytes(tab.log.detail.payload.clone());
    let Some(pattern) = tab.log.detail.find.pattern.clone() else { panic!("a pattern") };
    let progress = wsdeck::core::progress::Progress::default();
    let found = wsdeck::app::update::search_detail(&haystack, &pattern, &progress);
    does(&mut model, Msg::Job(JobDone::Found { tab: id, stamp, found }));
    pictures("detail_find", model);
}

#[test]
fn what_differs_from_the_message_before() {
    let other = ORDER.replace("12.50", "13.00").replace("\"note\":null", "\"by\":\"post\"");
    pictures("detail_diff", newest(&[text(ORDER), text(&other)], &[Action::DiffWithPrevious]));
}
