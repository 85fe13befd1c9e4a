//! Params, headers, auth, settings.

use super::Play;
use crate::app::effect::Effect;
use crate::app::msg::Msg;
use crate::core::event::Command;

#[test]
fn a_row_switched_off_leaves_the_url_and_comes_back() {
    let mut play = Play::new();
    play.keys("alt+u").msg(Msg::Paste("ws://a.example/?b=2&a=%20x&b=3&k".into()));
    play.keys("alt+p down space");
    assert_eq!(play.model.tab().url.text(), "ws://a.example/?b=2&b=3&k");
    play.keys("space");
    assert_eq!(play.model.tab().url.text(), "ws://a.example/?b=2&a=%20x&b=3&k");
}

#[test]
fn a_param_is_added_by_name_tab_value() {
    let mut play = Play::new();
    play.keys("alt+u").msg(Msg::Paste("ws://a.example/".into()));
    play.keys("alt+p enter").types("stream").keys("tab").types("a b&c").keys("enter");
    assert_eq!(play.model.tab().url.text(), "ws://a.example/?stream=a%20b%26c");
}

#[test]
fn headers_keep_case_order_and_doubles() {
    let mut play = Play::new();
    play.keys("alt+u").msg(Msg::Paste("ws://a.example/".into()));
    play.keys("alt+h enter").types("x-b").keys("tab").types("1").keys("tab");
    // Enter keeps a name as typed; Tab would take the one that is offered.
    play.types("X-A").keys("enter enter").types("2").keys("tab");
    play.types("x-b").keys("tab").types("3").keys("enter");
    let request = play.connects_to("ws://a.example/");
    let rows: Vec<_> =
        request.draft.headers.iter().map(|h| format!("{}: {}", h.name, h.value)).collect();
    assert_eq!(rows, ["x-b: 1", "X-A: 2", "x-b: 3"]);
}

#[test]
fn a_known_name_is_completed() {
    let mut play = Play::new();
    play.keys("alt+h enter").types("autho").keys("tab").types("Bearer x").keys("enter");
    let headers = &play.model.tab().draft.headers;
    assert_eq!(
        (headers[0].name.as_str(), headers[0].value.as_str()),
        ("Authorization", "Bearer x")
    );
}

#[test]
fn a_whole_header_line_is_taken_apart() {
    let mut play = Play::new();
    play.keys("alt+h enter").msg(Msg::Paste("X-Thing: some value".into())).keys("enter");
    let headers = &play.model.tab().draft.headers;
    assert_eq!((headers[0].name.as_str(), headers[0].value.as_str()), ("X-Thing", "some value"));
}

#[test]
fn a_name_of_the_handshake_is_explained_while_it_is_typed() {
    let mut play = Play::new();
    play.keys("alt+h enter").types("Host");
    let remark = play.model.tab().headers.remark.clone().unwrap();
    assert!(remark.contains("Not sent"), "{remark}");
    play.types("s");
    assert_eq!(play.model.tab().headers.remark, None);
}

#[test]
fn bearer_is_filled_in_and_previewed() {
    let mut play = Play::new();
    play.keys("alt+u").msg(Msg::Paste("ws://a.example/".into()));
    play.keys("alt+a right down enter").types("t0ken-value").keys("enter");
    let preview = play.model.tab().preview.as_ref().unwrap();
    let auth = preview.headers.iter().find(|h| h.name == "Authorization").unwrap();
    assert_eq!(auth.value.expose(), "Bearer t0ken-value");
    assert!(!format!("{:?}", play.model.tab()).contains("t0ken-value"));
}

#[test]
fn the_heartbeat_of_a_live_connection_changes() {
    let mut play = Play::new();
    let request = play.connects_to("ws://a.example/");
    play.opened(&request).keys("alt+s");
    let rows = crate::app::model::settings_rows(&play.model.tab().draft);
    let at = rows.iter().position(|row| row.field == "heartbeat_ms").unwrap();
    for _ in 0..at {
        play.keys("down");
    }
    play.keys("enter").types("20s").keys("enter");
    assert_eq!(play.model.tab().draft.settings.heartbeat_ms, 20_000);
    let every = std::time::Duration::from_secs(20);
    assert!(
        play.effects
            .iter()
            .any(|e| matches!(e, Effect::Command(_, Command::Heartbeat(Some(d))) if *d == every))
    );
}

#[test]
fn a_setting_that_cannot_be_read_is_refused_with_a_word() {
    let mut play = Play::new();
    play.keys("alt+s enter").types("soon").keys("enter");
    assert_eq!(play.model.tab().draft.settings.connect_timeout_ms, 10_000);
    assert!(play.model.tab().settings.remark.as_ref().unwrap().contains("soon"));
}

#[test]
fn a_new_row_begins_with_its_name() {
    let mut play = Play::new();
    play.keys("alt+h enter").types("X-A").keys("enter enter").types("1").keys("enter");
    // The cursor stands in the column of values.
    play.keys("down enter").types("X-B").keys("enter");
    let names: Vec<_> = play.model.tab().draft.headers.iter().map(|h| h.name.clone()).collect();
    assert_eq!(names, ["X-A", "X-B"]);
}

#[test]
fn a_value_that_cannot_be_taken_stays_to_be_mended() {
    let mut play = Play::new();
    play.keys("alt+s enter").types("soon").keys("enter");
    let form = &play.model.tab().settings;
    assert_eq!(form.editing.as_ref().map(|e| e.text()).as_deref(), Some("soon"));
    assert!(form.remark.as_deref().is_some_and(|r| r.contains("soon")));
    // Neither Tab nor the arrows lose it.
    play.keys("tab down");
    assert_eq!(
        (play.model.tab().settings.row, play.model.tab().settings.editing.is_some()),
        (0, true)
    );
    play.keys("ctrl+a").types("5s").keys("enter");
    assert_eq!(play.model.tab().draft.settings.connect_timeout_ms, 5000);
    assert!(play.model.tab().settings.editing.is_none());
}

#[test]
fn a_value_that_cannot_be_taken_is_told_of_when_it_is_left() {
    let mut play = Play::new();
    play.keys("alt+s enter").types("soon").keys("alt+u");
    assert!(play.notice().contains("“soon” is not a time"), "{}", play.notice());
    assert!(play.model.tab().settings.editing.is_none());
    assert_eq!(play.model.tab().draft.settings.connect_timeout_ms, 10_000);
}

#[test]
fn a_row_without_a_name_is_told_of_in_words() {
    let mut play = Play::new();
    play.keys("alt+u").msg(Msg::Paste("ws://a.example/".into()));
    play.keys("alt+h enter").types("X-A: 1").keys("enter left enter backspace enter");
    let problem = play.model.tab().preview.as_ref().err().unwrap().to_string();
    assert_eq!(problem, "The header of an empty row cannot be sent: it has no name.");
}
