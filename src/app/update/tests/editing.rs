//! The composer and the fields.

use super::Play;
use crate::app::effect::{Effect, Job};
use crate::app::model::Validation;
use crate::app::msg::Msg;
use crate::core::event::Command;
use crate::payload::{BinaryForm, Kind};

#[test]
fn json_is_judged_while_it_is_typed_and_sent_all_the_same() {
    let mut play = Play::new();
    let request = play.connects_to("ws://a.example/");
    play.opened(&request).keys("alt+m").types("{\"a\":");
    let Validation::Problem(problem) = &play.model.tab().composer.validation else {
        panic!("a cut-off object is told")
    };
    assert_eq!((problem.line, problem.column), (1, 6));
    play.keys("ctrl+s");
    let sent = play
        .effects
        .iter()
        .any(|e| matches!(e, Effect::Command(_, Command::SendText(text)) if text == "{\"a\":"));
    assert!(sent);
}

#[test]
fn beautify_keeps_order_and_numbers_and_is_one_step_to_undo() {
    let mut play = Play::new();
    let typed = r#"{"b":1.10,"a":[1e+10]}"#;
    play.keys("alt+m").msg(Msg::Paste(typed.into())).keys("ctrl+b");
    let text = play.model.tab().composer.editor.text();
    assert!(text.lines().count() > 3, "{text}");
    assert!(text.contains("1.10") && text.contains("1e+10"));
    assert!(text.find("\"b\"") < text.find("\"a\""));
    play.keys("alt+n");
    assert_eq!(play.model.tab().composer.editor.text(), typed);
    play.keys("ctrl+/ ctrl+/");
    assert_eq!(play.model.tab().composer.editor.text(), typed);
}

#[test]
fn wrong_hex_is_not_sent_and_its_place_is_told() {
    let mut play = Play::new();
    let request = play.connects_to("ws://a.example/");
    play.opened(&request).keys("alt+m ctrl+o b").types("48 65zz").keys("ctrl+s");
    assert!(!play.effects.iter().any(|e| matches!(e, Effect::Command(..))));
    assert!(play.notice().contains("column 6"), "{}", play.notice());
    play.keys("backspace backspace").types(" 0x6C").keys("ctrl+s");
    let sent = play.effects.iter().find_map(|e| match e {
        Effect::Command(_, Command::SendBinary(bytes)) => Some(bytes.to_vec()),
        _ => None,
    });
    assert_eq!(sent.as_deref(), Some(b"Hel".as_slice()));
}

#[test]
fn changing_the_writing_of_bytes_keeps_them() {
    let mut play = Play::new();
    play.keys("alt+m ctrl+o b").types("48656c6c6f").keys("alt+x");
    assert_eq!(play.model.tab().composer.form, BinaryForm::Base64);
    assert_eq!(play.model.tab().composer.editor.text(), "SGVsbG8=");
}

#[test]
fn a_large_text_is_judged_outside_the_loop_and_late_verdicts_are_dropped() {
    let mut play = Play::new();
    let large = format!("[{}1]", "1,".repeat(40_000));
    play.keys("alt+m").msg(Msg::Paste(large));
    assert_eq!(play.model.tab().composer.validation, Validation::Pending);
    let Some(Effect::Job(Job::Validate { tab, revision, kind, form, .. })) = play.effects.pop()
    else {
        panic!("a job was asked for")
    };
    play.types("x");
    let done = crate::app::msg::JobDone::Validated {
        tab,
        revision,
        kind,
        form,
        result: Validation::Valid,
    };
    play.msg(Msg::Job(done));
    assert_eq!(play.model.tab().composer.validation, Validation::Pending);
}

#[test]
fn search_in_the_composer_selects_the_hit() {
    let mut play = Play::new();
    play.keys("alt+m").msg(Msg::Paste("one two one".into())).keys("ctrl+home ctrl+f").types("one");
    assert_eq!(play.model.tab().composer.search.as_ref().unwrap().word, "2 hits");
    assert_eq!(play.model.tab().composer.editor.selection(), Some(0..3));
    play.keys("enter");
    assert_eq!(play.model.tab().composer.editor.selection(), Some(8..11));
    play.keys("esc").types("1");
    assert_eq!(play.model.tab().composer.editor.text(), "one two 1");
}

#[test]
fn kinds_are_chosen_by_their_letter() {
    let mut play = Play::new();
    for (letter, kind) in
        [("x", Kind::Xml), ("h", Kind::Html), ("t", Kind::Text), ("j", Kind::Json)]
    {
        play.keys("alt+m ctrl+o").keys(letter);
        assert_eq!(play.model.tab().composer.kind, kind);
    }
}

#[test]
fn a_kept_message_comes_back() {
    let mut play = Play::new();
    play.keys("alt+m").types("{}").keys("ctrl+k").types("empty").keys("enter");
    play.keys("alt+m ctrl+a").types("other").keys("alt+v enter");
    assert_eq!(play.model.tab().composer.editor.text(), "{}");
    assert_eq!(play.model.tab().saved.len(), 1);
}

#[test]
fn changes_are_saved_after_a_moment() {
    let mut play = Play::new();
    play.keys("alt+m").types("x");
    play.wait();
    assert!(play.effects.iter().any(|e| matches!(e, Effect::Save)));
}

#[test]
fn a_pasted_address_loses_the_quotes_around_it() {
    let mut play = Play::new();
    play.keys("alt+u").msg(Msg::Paste("  \"wss://a.example/x?a=3\" \n".into()));
    assert_eq!(play.model.tab().url.text(), "wss://a.example/x?a=3");
    // Inside of an address a blank or a quote may be meant.
    play.msg(Msg::Paste("'b'".into()));
    assert_eq!(play.model.tab().url.text(), "wss://a.example/x?a=3'b'");
    // Over the whole of an address comes another one.
    play.keys("ctrl+a").msg(Msg::Paste("'ws://b.example/'".into()));
    assert_eq!(play.model.tab().url.text(), "ws://b.example/");
}

#[test]
fn words_are_walked_through_as_in_a_shell() {
    let mut play = Play::new();
    play.keys("alt+u").msg(Msg::Paste("ws://a.example/one two".into()));
    play.keys("alt+b").types("x").keys("alt+f").types("y");
    assert_eq!(play.model.tab().url.text(), "ws://a.example/one xtwoy");
}
