//! What the terminal reports, as the program's messages.

use std::time::Duration;

use crossterm::event::{
    Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers, MouseButton, MouseEvent, MouseEventKind,
};

use crate::app::Msg;
use crate::app::msg::{Mouse, MouseKind};
use crate::core::key::{Key, KeyCombo};
use crate::core::time::Micros;

/// Clicks at one place within this time are one double or triple click.
const CLICKS_WITHIN: Duration = Duration::from_millis(400);

/// Translates events. It remembers the last click, to tell double clicks.
#[derive(Clone, Copy, Debug, Default)]
pub struct Input {
    /// When and where the last click was, and the how manieth in a row.
    last_click: Option<(Micros, u16, u16, u8)>,
}

impl Input {
    /// The message for an event; `None` for what means nothing here: released keys, a mouse that
    /// only moves, changes of the window's focus.
    pub fn translate(&mut self, event: Event, now: Micros) -> Option<Msg> {
        match event {
            Event::Key(key) => key_combo(key).map(Msg::Key),
            Event::Paste(text) => Some(Msg::Paste(text)),
            Event::Resize(width, height) => Some(Msg::Resize { width, height }),
            Event::Mouse(mouse) => self.mouse(mouse, now).map(Msg::Mouse),
            Event::FocusGained | Event::FocusLost => None,
        }
    }

    fn mouse(&mut self, event: MouseEvent, now: Micros) -> Option<Mouse> {
        let (x, y) = (event.column, event.row);
        let kind = match event.kind {
            MouseEventKind::Down(MouseButton::Left) => MouseKind::Down,
            MouseEventKind::Drag(MouseButton::Left) => MouseKind::Drag,
            MouseEventKind::Up(MouseButton::Left) => MouseKind::Up,
            MouseEventKind::ScrollUp => MouseKind::WheelUp,
            MouseEventKind::ScrollDown => MouseKind::WheelDown,
            _ => return None,
        };
        if kind == MouseKind::Down {
            let clicks = match self.last_click {
                Some((at, was_x, was_y, clicks))
                    if (was_x, was_y) == (x, y) && now.since(at) <= CLICKS_WITHIN =>
                {
                    // A fourth click begins anew.
                    clicks % 3 + 1
                }
                _ => 1,
            };
            self.last_click = Some((now, x, y, clicks));
        }
        let clicks = self.last_click.map_or(1, |(.., clicks)| clicks);
        let shift = event.modifiers.contains(KeyModifiers::SHIFT);
        Some(Mouse { kind, x, y, shift, clicks })
    }
}

/// The key in neutral terms; `None` for releases and for keys that have no meaning alone.
fn key_combo(event: KeyEvent) -> Option<KeyCombo> {
    if event.kind == KeyEventKind::Release {
        return None;
    }
    let mut shift = event.modifiers.contains(KeyModifiers::SHIFT);
    let key = match event.code {
        KeyCode::Char(c) => Key::Char(c),
        KeyCode::Enter => Key::Enter,
        KeyCode::Esc => Key::Esc,
        KeyCode::Tab => Key::Tab,
        KeyCode::BackTab => {
            shift = true;
            Key::Tab
        }
        KeyCode::Backspace => Key::Backspace,
        KeyCode::Delete => Key::Delete,
        KeyCode::Insert => Key::Insert,
        KeyCode::Home => Key::Home,
        KeyCode::End => Key::End,
        KeyCode::PageUp => Key::PageUp,
        KeyCode::PageDown => Key::PageDown,
        KeyCode::Up => Key::Up,
        KeyCode::Down => Key::Down,
        KeyCode::Left => Key::Left,
        KeyCode::Right => Key::Right,
        KeyCode::F(n) => Key::F(n),
        _ => return None,
    };
    let ctrl = event.modifiers.contains(KeyModifiers::CONTROL);
    let alt = event.modifiers.contains(KeyModifiers::ALT);
    Some(KeyCombo { key, ctrl, alt, shift }.normalised())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(code: KeyCode, modifiers: KeyModifiers) -> Option<String> {
        match Input::default().translate(Event::Key(KeyEvent::new(code, modifiers)), Micros(0)) {
            Some(Msg::Key(combo)) => Some(combo.to_string()),
            _ => None,
        }
    }

    #[test]
    fn keys_have_the_names_of_the_table() {
        for (code, modifiers, name) in [
            (KeyCode::Char('P'), KeyModifiers::CONTROL, "ctrl+p"),
            (KeyCode::Char('G'), KeyModifiers::SHIFT, "G"),
            (KeyCode::Char('g'), KeyModifiers::SHIFT, "G"),
            (KeyCode::Char('7'), KeyModifiers::CONTROL, "ctrl+/"),
            (KeyCode::BackTab, KeyModifiers::NONE, "shift+tab"),
            (KeyCode::BackTab, KeyModifiers::SHIFT, "shift+tab"),
            (KeyCode::Enter, KeyModifiers::ALT, "alt+enter"),
            (KeyCode::F(1), KeyModifiers::NONE, "f1"),
            (KeyCode::Char(' '), KeyModifiers::NONE, "space"),
        ] {
            assert_eq!(key(code, modifiers).as_deref(), Some(name));
        }
        assert_eq!(key(KeyCode::CapsLock, KeyModifiers::NONE), None);
    }

    #[test]
    fn a_released_key_is_no_second_press() {
        let mut event = KeyEvent::new(KeyCode::Char('a'), KeyModifiers::NONE);
        event.kind = KeyEventKind::Release;
        assert!(Input::default().translate(Event::Key(event), Micros(0)).is_none());
        event.kind = KeyEventKind::Repeat;
        assert!(Input::default().translate(Event::Key(event), Micros(0)).is_some());
    }

    #[test]
    fn clicks_in_a_row_are_counted() {
        let mut input = Input::default();
        let mut down = |x, ms: u64| {
            let event = Event::Mouse(MouseEvent {
                kind: MouseEventKind::Down(MouseButton::Left),
                column: x,
                row: 2,
                modifiers: KeyModifiers::NONE,
            });
            match input.translate(event, Micros(ms * 1_000)) {
                Some(Msg::Mouse(mouse)) => mouse.clicks,
                other => panic!("{other:?}"),
            }
        };
        assert_eq!([down(5, 0), down(5, 200), down(5, 400), down(5, 600)], [1, 2, 3, 1]);
        assert_eq!([down(6, 700), down(6, 1_700)], [1, 1]);
    }
}
