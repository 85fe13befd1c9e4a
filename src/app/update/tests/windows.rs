//! Palette, menus, tabs, leaving.

use super::Play;
use crate::app::effect::Effect;
use crate::app::model::{Modal, Pane, RequestTab};
use crate::core::action::{Action, Context};
use crate::core::key::KeyCombo;

#[test]
fn every_command_can_be_done_from_anywhere_by_the_palette() {
    for pane in Pane::ORDER {
        for request_tab in RequestTab::ALL {
            let mut play = Play::new();
            play.receives(&["{}"]);
            for action in super::super::ranked_actions(&play.model.keymap, "") {
                play.model.modals.clear();
                play.model.tab_mut().focus = pane;
                play.model.tab_mut().request_tab = request_tab;
                play.msg(crate::app::Msg::Do(action));
            }
        }
    }
}

#[test]
fn the_palette_finds_by_words_and_runs() {
    let mut play = Play::new();
    play.keys("ctrl+p").types("new conn tab").keys("enter");
    assert_eq!(play.model.tabs.len(), 2);
    assert!(play.model.modals.is_empty());
}

#[test]
fn any_key_in_any_place_is_safe() {
    let mut keys: Vec<KeyCombo> = Vec::new();
    for bind in Play::new().model.keymap.binds() {
        keys.extend(bind.keys.iter().copied());
    }
    keys.extend(
        "abz019 +-/"
            .chars()
            .filter(|c| *c != ' ')
            .map(|c| c.to_string().parse::<KeyCombo>().unwrap()),
    );
    for pane in Pane::ORDER {
        for request_tab in RequestTab::ALL {
            let mut play = Play::new();
            play.receives(&["{}", "x"]);
            for key in &keys {
                play.model.modals.clear();
                play.model.tab_mut().focus = pane;
                play.model.tab_mut().request_tab = request_tab;
                play.msg(crate::app::Msg::Key(*key)).msg(crate::app::Msg::Key(*key));
            }
        }
    }
}

#[test]
fn letters_are_never_commands_where_text_is_typed() {
    let mut play = Play::new();
    play.keys("alt+u").types("quit?/[]");
    assert_eq!(play.model.tab().url.text(), "quit?/[]");
    play.keys("alt+m").types("quit?/[]");
    assert_eq!(play.model.tab().composer.editor.text(), "quit?/[]");
    assert!(play.model.modals.is_empty() && !play.model.quit);
}

#[test]
fn leaving_asks_while_a_connection_is_open() {
    let mut play = Play::new();
    let request = play.connects_to("ws://a.example/");
    play.opened(&request).keys("ctrl+q");
    assert!(matches!(play.model.modals.last(), Some(Modal::Confirm { .. })));
    play.keys("n ctrl+q y");
    assert!(play.model.quit);
    assert!(matches!(play.effects.last(), Some(Effect::Quit)));
}

#[test]
fn closing_the_last_tab_leaves_an_empty_one() {
    let mut play = Play::new();
    let request = play.connects_to("ws://a.example/");
    play.keys("alt+w enter");
    assert!(play.effects.iter().any(|e| matches!(e, Effect::Forget(id) if *id == request.conn)));
    assert_eq!(play.model.tabs.len(), 1);
    assert!(play.model.tab().draft.url.is_empty());
}

#[test]
fn the_menu_of_places_leads_everywhere() {
    let mut play = Play::new();
    for (letter, request_tab) in
        [("m", RequestTab::Message), ("h", RequestTab::Headers), ("k", RequestTab::Handshake)]
    {
        play.keys("ctrl+g").keys(letter);
        assert_eq!(play.model.tab().request_tab, request_tab);
        assert_eq!(play.model.tab().focus, Pane::Body);
    }
    play.keys("ctrl+g l");
    assert_eq!(play.model.tab().focus, Pane::Log);
}

#[test]
fn every_place_knows_its_way_out() {
    for pane in Pane::ORDER {
        let mut play = Play::new();
        play.model.tab_mut().focus = pane;
        let contexts = super::super::contexts(&play.model);
        assert_eq!(contexts.last(), Some(&Context::Global));
        for action in [Action::Palette, Action::Help, Action::Quit, Action::NextPane, Action::GoTo]
        {
            assert!(
                !play.model.keymap.keys_for(action, &contexts).is_empty(),
                "{pane:?} {action:?}"
            );
        }
    }
}

#[test]
fn a_long_text_is_filled_for_the_window() {
    let mut play = Play::new();
    let request = play.connects_to("ws://a.example/");
    play.refused(&request);
    for width in [80, 60] {
        play.msg(crate::app::Msg::Resize { width, height: 24 });
        play.keys("alt+k x");
        let Some(Modal::Text { text, .. }) = play.model.modals.last() else { panic!("no window") };
        let text = text.text();
        let room = usize::from(width) - 8;
        assert!(text.lines().all(|line| line.chars().count() <= room), "{text}");
        // Filled, not cut: the lines of the page were made for 100 columns.
        assert!(text.lines().any(|line| line.chars().count() > room - 12), "{text}");
        play.keys("esc");
    }
}

#[test]
fn what_another_program_said_leads_to_the_page() {
    let mut play = Play::new();
    play.msg(crate::app::Msg::Do(Action::LookUpError));
    play.types("zzz zzz").keys("enter");
    let Some(Modal::Prompt { problem: Some(_), .. }) = play.model.modals.last() else {
        panic!("{:?}", play.model.modals);
    };
    play.keys("ctrl+a").types("Error: connect ECONNREFUSED ::1:80").keys("enter");
    let Some(Modal::Menu { items, .. }) = play.model.modals.last() else {
        panic!("{:?}", play.model.modals);
    };
    let at = items.iter().position(|item| item.note == "tcp/refused").unwrap();
    play.types(&(at + 1).to_string());
    assert_eq!(play.model.modals.len(), 1);
    let Some(Modal::Text { title, text, .. }) = play.model.modals.last() else {
        panic!("{:?}", play.model.modals);
    };
    assert_eq!(title, "tcp/refused");
    assert!(text.text().contains("ECONNREFUSED"));
}
