//! Text from outside, in every place where it is shown, stays a picture of itself.

use bytes::Bytes;
use ratatui::buffer::Buffer;
use wsdeck::app::model::{Model, Pane, RequestTab, SavedMessage};
use wsdeck::app::{Msg, update};
use wsdeck::core::action::Action;
use wsdeck::core::headers::HeaderRow;
use wsdeck::core::message::{Direction, Message, MessageKind};
use wsdeck::core::sanitize::display_width;
use wsdeck::payload::{BinaryForm, Kind};

use super::{NOW, scenes, settle};

/// Moves the cursor, sets a title, writes the clipboard, turns the line round, joins, spreads.
pub const HOSTILE: &str = "\u{1b}[2J\u{1b}]0;x\u{7}\u{1b}]52;c;eA==\u{7}\u{9b}31m\u{202e}abc\u{200b}\
    \u{fdfd}👩\u{200d}👩\u{200d}👧 Z\u{0301}\u{0301}\u{0301}\u{0301}\u{0301}\u{0301}\r\n\t漢字\u{feff}\u{e0041}";

/// A model with hostile text in every place that takes text.
fn model(request_tab: RequestTab) -> Model {
    let mut model = scenes::failed();
    let tab = model.tab_mut();
    HOSTILE.clone_into(&mut tab.name);
    tab.set_url(&format!("wss://h.example/{HOSTILE}?{HOSTILE}={HOSTILE}"));
    tab.draft.headers.push(HeaderRow::new(HOSTILE, HOSTILE));
    tab.draft.settings.subprotocols = vec![HOSTILE.into()];
    HOSTILE.clone_into(&mut tab.draft.settings.ca_file);
    tab.refresh_preview(NOW);
    scenes::compose(tab, Kind::Json, HOSTILE);
    tab.saved = vec![SavedMessage {
        on_open: false,
        name: HOSTILE.into(),
        kind: Kind::Text,
        form: BinaryForm::Hex,
        text: HOSTILE.into(),
    }];
    let finding = &mut tab.conn.findings[0];
    for text in [&mut finding.summary, &mut finding.explanation, &mut finding.fixes[0].label] {
        HOSTILE.clone_into(text);
    }
    finding.hints = vec![HOSTILE.into()];
    for stage in &mut tab.conn.stages {
        HOSTILE.clone_into(&mut stage.detail);
    }
    let evidence = tab.conn.evidence.as_mut().unwrap();
    let tls = evidence.tls.as_mut().unwrap();
    tls.sni = Some(HOSTILE.into());
    tls.first_bytes_text = Some(HOSTILE.into());
    let leaf = &mut tls.chain[0];
    for text in [&mut leaf.subject, &mut leaf.issuer, &mut leaf.key] {
        HOSTILE.clone_into(text);
    }
    leaf.names = vec![HOSTILE.into()];
    let mut http = scenes::connected().tab().conn.evidence.as_ref().unwrap().http.clone().unwrap();
    let reply = http.reply.as_mut().unwrap();
    for text in [&mut reply.raw_head, &mut reply.body, &mut http.request] {
        HOSTILE.clone_into(text);
    }
    evidence.http = Some(http);

    let mut payloads = vec![Bytes::from(HOSTILE), Bytes::from_static(b"\xff\xfe\x1b[31m\x80")];
    payloads.push(Bytes::from([b"\x03\xe8".as_slice(), HOSTILE.as_bytes()].concat()));
    for payload in payloads {
        for kind in MessageKind::ALL {
            if kind == MessageKind::Text && std::str::from_utf8(&payload).is_err() {
                continue;
            }
            let payload = payload.clone();
            tab.log.handle.append(&[Message {
                at: NOW,
                direction: Direction::In,
                kind,
                payload,
                packed: None,
                split: None,
            }]);
        }
    }
    tab.log.handle.note(NOW, wsdeck::log::Note::Separator(HOSTILE.into()));
    model.say(wsdeck::app::model::Level::Error, HOSTILE, NOW);
    model.tab_mut().request_tab = request_tab;
    model
}

/// What reaches a terminal: no control character, and every cell as wide as it says.
pub fn check(buffer: &Buffer, what: &str) {
    for y in 0..buffer.area.height {
        let mut x = 0;
        while x < buffer.area.width {
            let symbol = buffer[(x, y)].symbol();
            let bad = symbol.chars().find(|c| {
                c.is_control()
                    || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
                        | '\u{feff}' | '\u{fdfd}' | '\u{e0000}'..='\u{e0fff}')
            });
            assert_eq!(bad, None, "{what}: {symbol:?} at {x},{y}");
            let width = u16::try_from(display_width(symbol)).unwrap();
            assert!((1..=2).contains(&width), "{what}: {symbol:?} at {x},{y}");
            assert!(x + width <= buffer.area.width, "{what}: {symbol:?} at {x},{y} is cut");
            x += width;
        }
    }
}

#[test]
fn no_text_reaches_the_terminal_raw() {
    for (width, height) in [(40, 10), (80, 24), (200, 120)] {
        for request_tab in RequestTab::ALL {
            for pane in Pane::ORDER {
                let mut model = model(request_tab);
                model.tab_mut().focus = pane;
                let (buffer, ..) = settle(&mut model, width, height);
                check(&buffer, &format!("{request_tab:?} {pane:?} {width}x{height}"));
            }
        }
    }
}

#[test]
fn no_message_reaches_the_terminal_raw_in_the_detail() {
    for action in
        [Action::ViewPretty, Action::ViewTree, Action::ViewRaw, Action::ViewHex, Action::ViewFrames]
    {
        let mut model = model(RequestTab::Message);
        model.tab_mut().focus = Pane::Log;
        let rows = model.tab().log.handle.stats().kept();
        for _ in 0..rows {
            let _ = update(&mut model, Msg::Do(Action::Up), NOW);
            let _ = update(&mut model, Msg::Do(action), NOW);
            let (buffer, ..) = settle(&mut model, 120, 40);
            check(&buffer, &format!("{action:?}"));
        }
    }
}

#[test]
fn windows_cut_wide_characters_cleanly() {
    for action in [Action::Palette, Action::GoTo, Action::CloseWith] {
        for width in 60..68 {
            let mut model = scenes::composing();
            scenes::compose(model.tab_mut(), Kind::Text, &"漢字".repeat(400));
            let mut model = scenes::after(model, &[action]);
            let (buffer, ..) = settle(&mut model, width, 24);
            check(&buffer, &format!("{action:?} {width}"));
        }
    }
}
