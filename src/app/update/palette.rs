//! The command palette and the menus that lead to places.

use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

use super::Cx;
use crate::app::model::{Choice, MenuItem, Modal};
use crate::config::Keymap;
use crate::core::action::Action;
use crate::core::message::MessageKind;
use crate::editor::{Editor, Field};
use crate::payload::{BinaryForm, Kind};

/// Actions that only move a cursor or edit text have no place in a list of commands.
fn is_command(action: Action) -> bool {
    use Action as A;
    !matches!(
        action,
        A::Cancel
            | A::Palette
            | A::Submit
            | A::Newline
            | A::Complete
            | A::Edit
            | A::Paste
            | A::Left
            | A::Right
            | A::Up
            | A::Down
            | A::WordLeft
            | A::WordRight
            | A::LineStart
            | A::LineEnd
            | A::PageUp
            | A::PageDown
            | A::First
            | A::Last
            | A::SelectLeft
            | A::SelectRight
            | A::SelectUp
            | A::SelectDown
            | A::SelectWordLeft
            | A::SelectWordRight
            | A::SelectLineStart
            | A::SelectLineEnd
            | A::SelectAll
            | A::DeleteLeft
            | A::DeleteRight
            | A::DeleteWordLeft
            | A::DeleteWordRight
            | A::DeleteToStart
            | A::DeleteToEnd
            | A::Indent
            | A::Outdent
            | A::Undo
            | A::Redo
            | A::Copy
            | A::CutText
            | A::ExtendUp
            | A::ExtendDown
            | A::RowToggle
            | A::RowAdd
            | A::RowDelete
            | A::RowUp
            | A::RowDown
            | A::Reset
            | A::FoldToggle
    )
}

/// Commands that fit what was typed, best first; all in the table's order for an empty text.
#[must_use]
pub fn ranked(keymap: &Keymap, typed: &str) -> Vec<Action> {
    let commands = Action::ALL.iter().copied().filter(|action| is_command(*action));
    if typed.trim().is_empty() {
        return commands.collect();
    }
    let pattern = Pattern::parse(typed, CaseMatching::Ignore, Normalization::Smart);
    let mut matcher = Matcher::new(Config::DEFAULT);
    let mut buffer = Vec::new();
    let mut scored: Vec<(u32, Action)> = commands
        .filter_map(|action| {
            let text = format!("{} {}", keymap.does(action), crate::config::action_name(action));
            let score = pattern.score(Utf32Str::new(&text, &mut buffer), &mut matcher)?;
            Some((score, action))
        })
        .collect();
    scored.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
    scored.into_iter().map(|(_, action)| action).collect()
}

impl Cx<'_> {
    pub(super) fn open_palette(&mut self) {
        let input = Editor::for_field(Field::line().placeholder("type what you want to do"));
        let items = ranked(&self.model.keymap, "");
        self.model.modals.push(Modal::Palette { input, items, cursor: 0 });
    }

    pub(super) fn open_help(&mut self) {
        let input = Editor::for_field(Field::line().placeholder("type to filter"));
        self.model.modals.push(Modal::Help { input, scroll: 0 });
    }

    pub(super) fn open_go_to(&mut self) {
        let places = [
            ('u', "URL", Action::GoUrl),
            ('m', "Message", Action::GoMessage),
            ('p', "Params", Action::GoParams),
            ('h', "Headers", Action::GoHeaders),
            ('a', "Auth", Action::GoAuth),
            ('s', "Settings", Action::GoSettings),
            ('k', "Handshake", Action::GoHandshake),
            ('l', "Log", Action::GoLog),
            ('d', "Detail", Action::GoDetail),
            ('v', "Saved messages", Action::GoSaved),
            (']', "Next connection tab", Action::NextTab),
            ('[', "Previous connection tab", Action::PreviousTab),
        ];
        let items = places
            .into_iter()
            .map(|(key, label, action)| MenuItem {
                key: Some(key),
                label: label.into(),
                note: self
                    .model
                    .keymap
                    .label_for(action, &[crate::core::action::Context::Global])
                    .unwrap_or_default(),
                on: None,
                choice: Choice::Do(action),
            })
            .collect();
        self.model.modals.push(Modal::Menu {
            title: "Go to".into(),
            items,
            cursor: 0,
            stays: false,
        });
    }

    pub(super) fn open_kinds(&mut self) {
        let composer = &self.tab().composer;
        let (now, form) = (composer.kind, composer.form);
        let mut items: Vec<MenuItem> = [Kind::Text, Kind::Json, Kind::Xml, Kind::Html]
            .into_iter()
            .map(|kind| MenuItem {
                key: kind.suffix().chars().next(),
                label: kind.label().into(),
                note: String::new(),
                on: Some(now == kind && (kind != Kind::Text || form != BinaryForm::File)),
                choice: Choice::Kind(kind),
            })
            .collect();
        for (key, binary, note) in [
            ('b', BinaryForm::Hex, "48 65 6c 6c 6f"),
            ('6', BinaryForm::Base64, "SGVsbG8="),
            ('f', BinaryForm::File, "path of a file"),
        ] {
            items.push(MenuItem {
                key: Some(key),
                label: format!("binary, {}", binary.label()),
                note: note.into(),
                on: Some(now == Kind::Binary && form == binary),
                choice: Choice::Form(binary),
            });
        }
        let cursor = items.iter().position(|item| item.on == Some(true)).unwrap_or(0);
        items.push(MenuItem {
            key: Some('p'),
            label: "text, from a file".into(),
            note: "path of a file".into(),
            on: Some(now == Kind::Text && form == BinaryForm::File),
            choice: Choice::Do(Action::TextFromFile),
        });
        let title = "Message type".into();
        self.model.modals.push(Modal::Menu { title, items, cursor, stays: false });
    }

    pub(super) fn open_filter(&mut self) {
        let items = self.filter_items();
        let title = "Show in the log".into();
        self.model.modals.push(Modal::Menu { title, items, cursor: 0, stays: true });
    }

    pub(super) fn filter_items(&mut self) -> Vec<MenuItem> {
        let shown = &self.tab().log.shown;
        let keys = ['t', 'b', 'i', 'o', 'c'];
        let mut items: Vec<MenuItem> = MessageKind::ALL
            .into_iter()
            .zip(shown.kinds)
            .zip(keys)
            .map(|((kind, on), key)| MenuItem {
                key: Some(key),
                label: kind.name().into(),
                note: String::new(),
                on: Some(on),
                choice: Choice::ShowKind(kind),
            })
            .collect();
        items.push(MenuItem {
            key: Some('n'),
            label: "connection notes".into(),
            note: String::new(),
            on: Some(shown.notes),
            choice: Choice::ShowNotes,
        });
        items
    }
}
