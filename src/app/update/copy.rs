//! Copying from the log and the handshake.

use super::Cx;
use crate::app::effect::{Effect, Job};
use crate::app::model::{Choice, MenuItem, Modal};
use crate::core::action::Action;
use crate::log::CopyAs;

/// Selections of more entries or bytes are gathered outside the loop.
const INLINE_ENTRIES: u64 = 200;
const INLINE_BYTES: usize = 256 * 1024;

impl Cx<'_> {
    pub(super) fn copy_entries(&mut self, form: CopyAs) {
        let tab = self.tab();
        let Some((first, last)) = tab.log.selection() else {
            self.info("Choose a message first: ↑ in the log.");
            return;
        };
        let view = tab.log.view();
        let log = tab.log.handle.clone();
        let id = tab.id;
        if first == last && self.is_too_large_to_copy(first) {
            return;
        }
        // Rows that are on disk are read beside the loop. So few stand in two segments at most.
        let is_here = |number| log.get(number).is_none_or(|entry| !entry.is_pending());
        if last - first < INLINE_ENTRIES && is_here(first) && is_here(last) {
            let entries = log.read(&view, first..last + 1);
            if entries.iter().map(crate::log::Entry::size).sum::<usize>() <= INLINE_BYTES {
                let (text, was_masked) = log.export(&entries, form);
                let what = what_was_copied(entries.len(), form, was_masked);
                self.effects.push(Effect::Copy { text, what });
                return;
            }
        }
        self.effects.push(Effect::Job(Job::Gather { tab: id, first, last, form, view, log }));
    }

    pub(super) fn open_copy_menu(&mut self) {
        let item = |key, label: &str, action| MenuItem {
            key: Some(key),
            label: label.into(),
            note: String::new(),
            on: None,
            choice: Choice::Do(action),
        };
        self.model.modals.push(Modal::Menu {
            title: "Copy as".into(),
            items: vec![
                item('w', "whole payload", Action::CopyWhole),
                item('p', "preview line", Action::CopyPreview),
                item('h', "hex", Action::CopyHex),
                item('b', "base64", Action::CopyBase64),
            ],
            cursor: 0,
            stays: false,
        });
    }

    pub(super) fn copy_evidence(&mut self) {
        match self.evidence_json() {
            Some(text) => self.effects.push(Effect::Copy { text, what: "The record".into() }),
            None => self.info("There is no attempt yet."),
        }
    }
}

/// `3 messages as hex, secrets masked`.
#[must_use]
pub fn what_was_copied(count: usize, form: CopyAs, was_masked: bool) -> String {
    let form = match form {
        CopyAs::Preview => " as shown",
        CopyAs::Whole => "",
        CopyAs::Hex => " as hex",
        CopyAs::Base64 => " as base64",
    };
    let masked = if was_masked { ", secrets masked," } else { "" };
    match count {
        1 => format!("The message{form}{masked}"),
        _ => format!("{count} messages{form}{masked}"),
    }
}
