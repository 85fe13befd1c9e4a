//! Which key means what, where: the embedded table with the user's on top.
//!
//! One table feeds dispatch ([`Keymap::lookup`]), the footer ([`Keymap::hints`]), help
//! ([`Keymap::binds`]) and the palette ([`Keymap::does`], [`Keymap::label_for`]).

mod layer;
mod read;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::path::Path;

use crate::core::action::{Action, Context};
use crate::core::key::{Key, KeyCombo};

use super::problem::Problem;

/// The embedded table, which is documentation for people as well.
const EMBEDDED: &str = include_str!("../../../assets/keymap.toml");

/// One entry of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bind {
    pub action: Action,
    /// Keys that work, in the order of the table; keys lost to another action are left out.
    pub keys: Vec<KeyCombo>,
    pub contexts: Vec<Context>,
    /// What happens, for help and palette.
    pub does: String,
    /// A word for the footer.
    pub hint: Option<String>,
}

/// One item of the footer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint {
    /// The best key as hints write it: `^P`.
    pub keys: String,
    pub word: String,
    pub action: Action,
}

/// The table, ready for look-ups.
#[derive(Clone, Debug)]
pub struct Keymap {
    binds: Vec<Bind>,
    index: HashMap<(Context, KeyCombo), Action>,
}

impl Keymap {
    /// The table without anything of the user's.
    #[must_use]
    pub fn embedded() -> Keymap {
        Keymap::layered(None, Path::new("keymap.toml")).0
    }

    /// The embedded table with the user's entries on top: an entry replaces the keys of the same
    /// action in the same contexts. Where two actions claim a key in one context the user's
    /// earlier entry has it, and the clash is among the problems.
    #[must_use]
    pub fn layered(user_text: Option<&str>, file: &Path) -> (Keymap, Vec<Problem>) {
        layer::layered(EMBEDDED, user_text, file)
    }

    /// What `key` means in the first of `contexts` that knows it. Give inner contexts first, as
    /// `[Composer, Field, Global]`.
    #[must_use]
    pub fn lookup(&self, contexts: &[Context], key: KeyCombo) -> Option<Action> {
        let key = key.normalised();
        contexts.iter().find_map(|context| self.index.get(&(*context, key)).copied())
    }

    /// The keys that lead to `action` in these contexts, best first: those that every terminal
    /// sends before those that some keep for themselves, then those of the inner context. Keys
    /// that an inner context uses for something else are left out.
    #[must_use]
    pub fn keys_for(&self, action: Action, contexts: &[Context]) -> Vec<KeyCombo> {
        let mut keys: Vec<(Reach, KeyCombo)> = Vec::new();
        for context in contexts {
            let here = self.binds.iter().filter(|b| b.action == action);
            for key in here.filter(|b| b.contexts.contains(context)).flat_map(|b| &b.keys) {
                let fresh = keys.iter().all(|(_, seen)| seen != key);
                if fresh && self.lookup(contexts, *key) == Some(action) {
                    keys.push((Reach::of(*key), *key));
                }
            }
        }
        keys.sort_by_key(|(reach, _)| *reach);
        keys.into_iter().map(|(_, key)| key).collect()
    }

    /// The best key for `action` in these contexts as hints write it: `^P`.
    #[must_use]
    pub fn label_for(&self, action: Action, contexts: &[Context]) -> Option<String> {
        self.keys_for(action, contexts).first().map(KeyCombo::label)
    }

    /// All entries, in the order of the table.
    #[must_use]
    pub fn binds(&self) -> &[Bind] {
        &self.binds
    }

    /// The footer for these contexts: what the inner context adds comes first, then in the order
    /// of the table. Actions without a word or without a key are left out.
    #[must_use]
    pub fn hints(&self, contexts: &[Context]) -> Vec<Hint> {
        let mut hints: Vec<Hint> = Vec::new();
        for context in contexts {
            for bind in self.binds.iter().filter(|b| b.contexts.contains(context)) {
                let Some(word) = &bind.hint else { continue };
                if hints.iter().any(|h| h.action == bind.action) {
                    continue;
                }
                if let Some(keys) = self.label_for(bind.action, contexts) {
                    hints.push(Hint { keys, word: word.clone(), action: bind.action });
                }
            }
        }
        hints
    }

    /// What `action` does, in words.
    #[must_use]
    pub fn does(&self, action: Action) -> &str {
        self.binds.iter().find(|b| b.action == action).map_or("", |b| &b.does)
    }
}

/// How surely a key arrives. Better ones are smaller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Reach {
    /// Every terminal sends it, also over SSH and in tmux.
    Sure,
    /// Sent by nearly all terminals, sometimes kept by the terminal's or desktop's own shortcuts.
    Mostly,
    /// Only sent after a setting in some (Alt on macOS; function keys).
    Sometimes,
    /// Needs a richer keyboard protocol.
    Rich,
}

impl Reach {
    pub(crate) fn of(combo: KeyCombo) -> Reach {
        let KeyCombo { key, ctrl, alt, shift } = combo;
        match key {
            // They arrive as Tab, Enter, Backspace and Esc.
            Key::Char('i' | 'm' | 'h' | '[') if ctrl => Reach::Rich,
            Key::Char(_) if ctrl && (shift || alt) => Reach::Rich,
            Key::Char(c) if ctrl => {
                if c.is_ascii_lowercase() || " \\]/".contains(c) {
                    Reach::Sure
                } else {
                    Reach::Rich
                }
            }
            Key::Enter | Key::Tab | Key::Backspace | Key::Esc if ctrl => Reach::Rich,
            Key::Enter | Key::Backspace | Key::Esc if shift => Reach::Rich,
            _ if alt => Reach::Sometimes,
            Key::F(_) => Reach::Sometimes,
            Key::Tab | Key::Char(_) => Reach::Sure,
            _ if ctrl || shift => Reach::Mostly,
            _ => Reach::Sure,
        }
    }
}

/// The action's name in the table: `new-tab`.
#[must_use]
pub fn action_name(action: Action) -> String {
    read::name_of(&action)
}
