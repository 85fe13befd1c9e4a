//! Control frames, fragments and frames by hand.

use std::time::Duration;

use bytes::Bytes;

use super::*;
use crate::app::model::{Modal, wire};
use crate::core::action::Action;
use crate::core::event::{Command, PongPolicy, Split};
use crate::core::frame::RawFrame;
use crate::core::message::MessageKind;

fn commands(play: &Play) -> Vec<&Command> {
    play.effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Command(_, command) => Some(command),
            _ => None,
        })
        .collect()
}

fn problem(play: &Play) -> &str {
    match play.model.modals.last() {
        Some(Modal::Prompt { problem: Some(problem), .. }) => problem,
        other => panic!("the prompt stays and says why: {other:?}"),
    }
}

fn open() -> (Play, crate::app::effect::ConnectRequest) {
    let mut play = Play::new();
    let request = play.connects_to("ws://a.example/");
    play.opened(&request);
    play.effects.clear();
    (play, request)
}

#[test]
fn what_is_typed_goes_out() {
    let (mut play, _) = open();
    play.model.tab_mut().composer.editor.set_text("grüße");
    for (action, typed, want) in [
        (
            Action::SendFragments,
            "3",
            Command::SendSplit {
                kind: MessageKind::Text,
                payload: Bytes::from("grüße"),
                sizes: Split::Every(3),
            },
        ),
        (Action::PingWith, "hex:00ff", Command::Ping(Bytes::from_static(&[0, 255]))),
        (Action::Pong, "here", Command::Pong(Bytes::from("here"))),
        (
            Action::DelayPongs,
            "1.5 s",
            Command::Pongs(PongPolicy::Delay(Duration::from_millis(1500))),
        ),
    ] {
        play.msg(Msg::Do(action));
        play.keys("ctrl+a").types("hex:0").keys("enter");
        assert!(!problem(&play).is_empty());
        play.keys("ctrl+a").types(typed).keys("enter");
        assert_eq!(commands(&play), [&want], "{action:?}");
        assert!(play.model.modals.is_empty());
        play.effects.clear();
    }
    assert_eq!(wire::marks(&play.model.tab().conn), ["PONGS AFTER 1500 ms"]);
}

#[test]
fn held_pongs_and_a_closed_half_stand_in_the_state() {
    let (mut play, request) = open();
    play.msg(Msg::Do(Action::HoldPongs)).msg(Msg::Do(Action::HalfClose));
    assert_eq!(commands(&play), [&Command::Pongs(PongPolicy::Hold), &Command::HalfClose]);
    for event in [EventKind::PongsHeld(3), EventKind::HalfClosed] {
        play.msg(Msg::Net { tab: request.tab, conn: request.conn, event });
    }
    assert_eq!(wire::marks(&play.model.tab().conn), ["PONGS HELD 3", "HALF-CLOSED"]);
    // No close frame can go out any more, so disconnecting cuts.
    play.effects.clear();
    play.msg(Msg::Do(Action::Disconnect));
    assert_eq!(commands(&play), [&Command::Disconnect]);
    // Another connection begins as usual.
    let request = play.connects_to("ws://b.example/");
    play.opened(&request);
    assert!(wire::marks(&play.model.tab().conn).is_empty());
}

#[test]
fn frames_by_hand_need_the_testers_switch() {
    let (mut play, _) = open();
    play.msg(Msg::Do(Action::RawFrame));
    assert!(play.model.notice.as_ref().unwrap().text.contains("interface.tester"));
    assert!(play.model.modals.is_empty());
    play.model.settings.interface.tester = true;
    play.msg(Msg::Do(Action::RawFrame));
    play.keys("enter");
    let payload = Bytes::from_static(&[0, 255]);
    let want = RawFrame { fin: true, rsv: 0, opcode: 3, masked: false, payload };
    assert_eq!(commands(&play), [&Command::Raw(want)]);
    play.effects.clear();
    play.msg(Msg::Do(Action::CloseWith));
    play.keys("ctrl+a").types("1006 x").keys("enter");
    let payload = Bytes::from_static(b"\x03\xEEx");
    let want = RawFrame { fin: true, rsv: 0, opcode: 8, masked: true, payload };
    assert_eq!(commands(&play), [&Command::Raw(want)]);
}

#[test]
fn the_menu_reaches_each() {
    let (mut play, _) = open();
    play.msg(Msg::Do(Action::WireMenu));
    let Some(Modal::Menu { items, .. }) = play.model.modals.last() else { panic!() };
    assert!(items.iter().all(|item| !item.note.is_empty()));
    play.keys("h");
    assert_eq!(commands(&play), [&Command::Pongs(PongPolicy::Hold)]);
}
