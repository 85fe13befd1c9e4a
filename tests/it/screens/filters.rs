//! Pictures of the log's filter: typed, wrong, applied, by name; and marked rows.

use wsdeck::app::model::Model;
use wsdeck::app::{Msg, update};
use wsdeck::core::action::Action;
use wsdeck::core::key::{Key, KeyCombo};
use wsdeck::core::log_rules::{HighlightRule, LogRules, NamedFilter, Tint};
use wsdeck::log::Scan as _;
use wsdeck::log::query::Ground;

use super::look::picture;
use super::{NOW, scenes};

fn act(model: &mut Model, action: Action) {
    let _ = update(model, Msg::Do(action), NOW);
}

fn typed(model: &mut Model, text: &str) {
    for c in text.chars() {
        let _ = update(model, Msg::Key(KeyCombo::plain(Key::Char(c))), NOW);
    }
}

fn typing(text: &str) -> Model {
    let mut model = scenes::connected();
    act(&mut model, Action::FilterLine);
    typed(&mut model, text);
    model
}

/// A filter that has looked at everything.
fn applied(text: &str) -> Model {
    let mut model = typing(text);
    act(&mut model, Action::Submit);
    let tab = model.tab_mut();
    if let Some(sieve) = &tab.log.filter.sieve {
        while !sieve.step(&tab.log.handle, 1 << 20).done {}
    }
    tab.log.filter.running = false;
    model
}

fn ruled(mut model: Model) -> Model {
    let named = |name: &str, query: &str| NamedFilter { name: name.into(), query: query.into() };
    let mark = |query: &str, tint, word: &str| HighlightRule {
        query: query.into(),
        tint,
        word: word.into(),
        on: true,
    };
    let rules = LogRules {
        filters: vec![named("tokens", "in $.token exists"), named("keep-alive", "ping or pong")],
        highlights: vec![mark("$.token exists", Tint::Ok, "token"), mark("out", Tint::Warn, "")],
    };
    let zone = model.zone.clone();
    model.set_rules(rules, &Ground { now: NOW, zone });
    model
}

#[test]
fn a_filter_being_typed() {
    picture("filter_typing_120x40", &mut typing("in si"), 120, 40);
    picture("filter_typing_80x24", &mut typing("in si"), 80, 24);
}

#[test]
fn a_filter_that_is_wrong() {
    picture("filter_wrong_80x24", &mut typing("in type:text,foo"), 80, 24);
}

#[test]
fn a_filter_that_is_applied() {
    picture("filter_applied_120x40", &mut applied("in $.token exists"), 120, 40);
    picture("filter_applied_80x24", &mut applied("in $.token exists"), 80, 24);
}

#[test]
fn filters_by_name() {
    let mut model = ruled(applied("in $.token exists"));
    act(&mut model, Action::FilterMenu);
    picture("filter_menu_120x40", &mut model, 120, 40);
    picture("filter_menu_80x24", &mut model, 80, 24);
}

#[test]
fn marked_rows() {
    let mut model = ruled(scenes::connected());
    act(&mut model, Action::GoLog);
    picture("marks_120x40", &mut model, 120, 40);
    picture("marks_80x24", &mut model, 80, 24);
}
