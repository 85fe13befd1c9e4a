//! Keys in neutral terms, as they are written in the key table.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    Char(char),
    Enter,
    Esc,
    Tab,
    Backspace,
    Delete,
    Insert,
    Home,
    End,
    PageUp,
    PageDown,
    Up,
    Down,
    Left,
    Right,
    F(u8),
}

/// A key with the modifiers held. Shift is part of a letter (`G`), and a modifier of the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyCombo {
    pub key: Key,
    pub ctrl: bool,
    pub alt: bool,
    pub shift: bool,
}

impl KeyCombo {
    #[must_use]
    pub fn plain(key: Key) -> KeyCombo {
        KeyCombo { key, ctrl: false, alt: false, shift: false }
    }

    #[must_use]
    pub fn ctrl(c: char) -> KeyCombo {
        KeyCombo { ctrl: true, ..KeyCombo::plain(Key::Char(c)) }
    }

    /// Brings what terminals report to one form: letters with Ctrl or Alt are lower case unless
    /// Shift is told apart, shift is dropped from characters, and the control characters that
    /// old terminals send for `Ctrl+/` and `Ctrl+Space` are named as they are typed.
    #[must_use]
    pub fn normalised(mut self) -> KeyCombo {
        if let Key::Char(c) = self.key {
            if self.ctrl {
                self.key = Key::Char(match c {
                    '4' => '\\',
                    '5' => ']',
                    '7' | '_' => '/',
                    ' ' | '2' | '@' => ' ',
                    c => c.to_ascii_lowercase(),
                });
                self.shift &= c.is_ascii_alphabetic();
            } else {
                if self.shift && c.is_ascii_lowercase() {
                    self.key = Key::Char(c.to_ascii_uppercase());
                }
                self.shift = false;
            }
        }
        self
    }

    /// The character that this key types into a field; `None` for a command.
    #[must_use]
    pub fn typed(self) -> Option<char> {
        match self.key {
            Key::Char(c) if !self.ctrl && !self.alt => Some(c),
            _ => None,
        }
    }
}

impl fmt::Display for KeyCombo {
    /// As the table writes it: `ctrl+p`, `shift+tab`, `G`, `f1`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (held, name) in [(self.ctrl, "ctrl+"), (self.alt, "alt+"), (self.shift, "shift+")] {
            if held {
                f.write_str(name)?;
            }
        }
        match self.key {
            Key::Char(' ') => f.write_str("space"),
            Key::Char(c) => write!(f, "{c}"),
            Key::F(n) => write!(f, "f{n}"),
            other => f.write_str(named(other)),
        }
    }
}

fn named(key: Key) -> &'static str {
    NAMES.iter().find(|(_, k)| *k == key).map_or("", |(name, _)| name)
}

const NAMES: &[(&str, Key)] = &[
    ("enter", Key::Enter),
    ("esc", Key::Esc),
    ("tab", Key::Tab),
    ("backspace", Key::Backspace),
    ("delete", Key::Delete),
    ("insert", Key::Insert),
    ("home", Key::Home),
    ("end", Key::End),
    ("pageup", Key::PageUp),
    ("pagedown", Key::PageDown),
    ("up", Key::Up),
    ("down", Key::Down),
    ("left", Key::Left),
    ("right", Key::Right),
    ("space", Key::Char(' ')),
    ("plus", Key::Char('+')),
];

impl KeyCombo {
    /// As hints write it, short: `^P`, `⇧Tab`, `Alt+W`, `F1`.
    #[must_use]
    pub fn label(&self) -> String {
        let key = match self.key {
            Key::Char(' ') => "Space".to_owned(),
            Key::Char(c) if self.ctrl || self.alt => c.to_uppercase().to_string(),
            Key::Char(c) => c.to_string(),
            Key::F(n) => format!("F{n}"),
            Key::Enter => "⏎".to_owned(),
            Key::Up => "↑".to_owned(),
            Key::Down => "↓".to_owned(),
            Key::Left => "←".to_owned(),
            Key::Right => "→".to_owned(),
            Key::PageUp => "PgUp".to_owned(),
            Key::PageDown => "PgDn".to_owned(),
            Key::Delete => "Del".to_owned(),
            Key::Insert => "Ins".to_owned(),
            Key::Backspace => "⌫".to_owned(),
            other => {
                let name = named(other);
                name[..1].to_ascii_uppercase() + &name[1..]
            }
        };
        format!(
            "{}{}{}{key}",
            if self.ctrl { "^" } else { "" },
            if self.alt { "Alt+" } else { "" },
            if self.shift { "⇧" } else { "" },
        )
    }
}

/// What is wrong with the name of a key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("“{text}” is not a key: write it like ctrl+p, alt+enter, shift+tab, f1, G or space")]
pub struct KeyProblem {
    pub text: String,
}

impl FromStr for KeyCombo {
    type Err = KeyProblem;

    fn from_str(text: &str) -> Result<KeyCombo, KeyProblem> {
        let problem = || KeyProblem { text: text.to_owned() };
        let mut combo = KeyCombo::plain(Key::Esc);
        let mut rest = text;
        while let Some((word, after)) = rest.split_once('+').filter(|(_, after)| !after.is_empty())
        {
            match word.to_ascii_lowercase().as_str() {
                "ctrl" => combo.ctrl = true,
                "alt" => combo.alt = true,
                "shift" => combo.shift = true,
                _ => return Err(problem()),
            }
            rest = after;
        }
        let mut chars = rest.chars();
        combo.key = match (chars.next(), chars.next()) {
            (Some(c), None) => Key::Char(c),
            (None, _) => return Err(problem()),
            _ => {
                let lower = rest.to_ascii_lowercase();
                let function = lower.strip_prefix('f').and_then(|n| n.parse::<u8>().ok());
                match (NAMES.iter().find(|(name, _)| *name == lower), function) {
                    (Some((_, key)), _) => *key,
                    (None, Some(n @ 1..=24)) => Key::F(n),
                    _ => return Err(problem()),
                }
            }
        };
        Ok(combo.normalised())
    }
}

impl Serialize for KeyCombo {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for KeyCombo {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_and_written_alike() {
        for name in [
            "ctrl+p",
            "shift+tab",
            "alt+enter",
            "f1",
            "f12",
            "G",
            "?",
            "space",
            "ctrl+/",
            "+",
            "ctrl+alt+x",
            "é",
        ] {
            assert_eq!(name.parse::<KeyCombo>().unwrap().to_string(), name);
        }
    }

    #[test]
    fn wrong_names_are_told() {
        for name in ["", "ctl+p", "f25", "ctrl+", "entr", "p+ctrl"] {
            assert!(name.parse::<KeyCombo>().is_err(), "{name}");
        }
    }

    #[test]
    fn one_form_for_what_terminals_report() {
        let shifted = KeyCombo { shift: true, ..KeyCombo::plain(Key::Char('g')) };
        assert_eq!(shifted.normalised(), "G".parse().unwrap());
        let upper = KeyCombo { shift: true, ..KeyCombo::plain(Key::Char('G')) };
        assert_eq!(upper.normalised(), "G".parse().unwrap());
        assert_eq!(KeyCombo::ctrl('7').normalised(), "ctrl+/".parse().unwrap());
        assert_eq!(KeyCombo::ctrl('P').normalised(), KeyCombo::ctrl('p'));
    }

    #[test]
    fn labels_are_short() {
        for (name, label) in
            [("ctrl+p", "^P"), ("shift+tab", "⇧Tab"), ("enter", "⏎"), ("alt+w", "Alt+W")]
        {
            assert_eq!(name.parse::<KeyCombo>().unwrap().label(), label);
        }
    }
}
