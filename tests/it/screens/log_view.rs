//! The log as people arrange it: columns, times from a row, a pause, pins and what was written.

use wsdeck::app::model::Model;
use wsdeck::app::{Msg, update};
use wsdeck::config::{Column, Columns};
use wsdeck::core::action::Action;
use wsdeck::core::key::KeyCombo;
use wsdeck::core::message::{Direction, MessageKind};

use super::look::picture;
use super::{NOW, scenes, settle};

fn keys(model: &mut Model, keys: &str) {
    for key in keys.split_whitespace() {
        let key: KeyCombo = key.parse().unwrap();
        let _ = update(model, Msg::Key(key), NOW);
    }
}

fn types(model: &mut Model, text: &str) {
    for c in text.chars() {
        let key = KeyCombo::plain(wsdeck::core::key::Key::Char(c));
        let _ = update(model, Msg::Key(key), NOW);
    }
}

fn go_to(model: &mut Model, number: &str) {
    keys(model, ":");
    types(model, number);
    keys(model, "enter");
}

/// A log with the keys, and more rows than it has room for.
fn long() -> Model {
    let model = scenes::connected();
    let ticks: Vec<_> = (0..200)
        .map(|tick| {
            let text = format!(r#"{{"type":"tick","n":{tick}}}"#);
            scenes::message(4_000 + tick * 5, Direction::In, MessageKind::Text, text.as_bytes())
        })
        .collect();
    model.tab().log.handle.append(&ticks);
    model
}

/// Pictures at three sizes, each of a log that was seen at this size before it was changed.
fn pictures(name: &str, change: impl Fn(&mut Model)) {
    for (width, height) in [(80, 24), (120, 40), (200, 60)] {
        let mut model = long();
        settle(&mut model, width, height);
        change(&mut model);
        picture(&format!("{name}_{width}x{height}"), &mut model, width, height);
    }
}

#[test]
fn every_column() {
    pictures("log_columns", |model| {
        model.settings.log.columns = Columns::These(Column::ALL.to_vec());
    });
}

#[test]
fn times_from_a_marked_row() {
    pictures("log_delta", |model| {
        go_to(model, "5");
        keys(model, "m");
        go_to(model, "8");
    });
}

#[test]
fn a_pause_in_words() {
    pictures("log_paused", |model| {
        keys(model, "space");
        let more: Vec<_> = (0..1_204)
            .map(|n| scenes::message(6_000 + n, Direction::In, MessageKind::Text, b"more"))
            .collect();
        model.tab().log.handle.append(&more);
    });
}

#[test]
fn pins_bookmarks_and_notes() {
    pictures("log_marks", |model| {
        for number in ["2", "4", "6", "9", "150"] {
            go_to(model, number);
            let _ = update(model, Msg::Do(Action::Pin), NOW);
        }
        go_to(model, "205");
        keys(model, "b");
        go_to(model, "203");
        let _ = update(model, Msg::Do(Action::NameBookmark), NOW);
        types(model, "late");
        keys(model, "enter");
        let _ = update(model, Msg::Do(Action::Annotate), NOW);
        types(model, "why 40 ms after the request before it?");
        keys(model, "enter");
    });
}
