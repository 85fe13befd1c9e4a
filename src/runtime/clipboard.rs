//! The clipboard: the desktop's where there is one, else the terminal's (OSC 52).
//!
//! What happened is said plainly, because with OSC 52 nobody can know whether the terminal took it.

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};

use super::inbox::Inbox;
use crate::app::Msg;
use crate::config::Clipboard as Setting;
use crate::payload::human_bytes;

/// Base64 digits that many terminals take at most (a limit of xterm's that others copied).
const USUAL_LIMIT: usize = 74_994;

/// Base64 digits that are sent at most: beyond it terminals drop it, and a slow line is blocked.
const HARD_LIMIT: usize = 1024 * 1024;

/// What the surroundings say about clipboards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Surroundings {
    /// The program runs on another machine than the desktop.
    pub remote: bool,
    /// There is a desktop.
    pub desktop: bool,
    pub tmux: bool,
}

impl Surroundings {
    /// From the environment's variables.
    #[must_use]
    pub fn from_env(is_set: impl Fn(&str) -> bool) -> Surroundings {
        let any = |names: &[&str]| names.iter().any(|name| is_set(name));
        let own_desktop = cfg!(any(target_os = "macos", target_os = "windows"));
        Surroundings {
            remote: any(&["SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY"]),
            desktop: own_desktop || any(&["WAYLAND_DISPLAY", "DISPLAY"]),
            tmux: any(&["TMUX"]),
        }
    }
}

/// The way to the clipboard.
pub(super) struct Clipboard {
    inbox: Inbox,
    setting: Setting,
    around: Surroundings,
    /// Kept while the program runs: on X11 the owner of a selection must stay there to serve it.
    desktop: Arc<Mutex<Option<arboard::Clipboard>>>,
    /// What was copied while no clipboard is to be used.
    own: Option<String>,
}

impl Clipboard {
    pub(super) fn new(inbox: Inbox, setting: Setting, around: Surroundings) -> Clipboard {
        Clipboard { inbox, setting, around, desktop: Arc::default(), own: None }
    }

    fn uses_desktop(&self) -> bool {
        self.setting == Setting::Auto && self.around.desktop && !self.around.remote
    }

    pub(super) fn copy(&mut self, text: String, what: String) {
        if self.setting == Setting::Off {
            let said = format!("{what} was kept within wsdeck (interface.clipboard is off).");
            self.own = Some(text);
            self.say(true, said);
        } else if self.uses_desktop() {
            let (inbox, desktop) = (self.inbox.clone(), Arc::clone(&self.desktop));
            tokio::task::spawn_blocking(move || {
                if set_desktop(&desktop, &text).is_ok() || by_program(&text) {
                    let text = format!("{what} {} copied to the clipboard.", was(&what));
                    inbox.push(Msg::Said { ok: true, text });
                } else {
                    inbox.copy_by_terminal(text, what);
                }
            });
        } else {
            self.inbox.copy_by_terminal(text, what);
        }
    }

    pub(super) fn paste(&mut self) {
        if let Some(text) = self.own.clone().filter(|_| self.setting == Setting::Off) {
            self.inbox.push(Msg::Paste(text));
        } else if self.uses_desktop() {
            let (inbox, desktop) = (self.inbox.clone(), Arc::clone(&self.desktop));
            tokio::task::spawn_blocking(move || {
                inbox.push(match get_desktop(&desktop) {
                    Ok(text) => Msg::Paste(text),
                    Err(arboard::Error::ContentNotAvailable) => {
                        said("The clipboard holds no text.")
                    }
                    Err(error) => {
                        tracing::info!("clipboard: {error}");
                        said("The clipboard cannot be read. Paste with your terminal's own key.")
                    }
                });
            });
        } else {
            self.say(
                false,
                "No clipboard can be read from here. Paste with your terminal's own key \
                 (often Ctrl+Shift+V or Cmd+V)."
                    .into(),
            );
        }
    }

    fn say(&self, ok: bool, text: String) {
        self.inbox.push(Msg::Said { ok, text });
    }

    /// Judges a text that is to go to the terminal's clipboard: whether to send it, and what to
    /// say of it.
    pub(super) fn by_terminal(&self, text: &str, what: &str) -> (bool, Msg) {
        let digits = text.len().div_ceil(3) * 4;
        if digits > HARD_LIMIT {
            let size = human_bytes(text.len() as u64);
            let text = format!(
                "{what} {} not copied: {size} is more than a terminal takes (OSC 52), \
                 and no other clipboard can be reached.",
                was(what)
            );
            return (false, Msg::Said { ok: false, text });
        }
        let mut said = format!("{what} {} sent to the terminal's clipboard (OSC 52).", was(what));
        if digits > USUAL_LIMIT {
            said.push_str(" It is long: many terminals take 56 KB at most.");
        } else if self.around.tmux {
            said.push_str(" tmux passes it on with: set -g set-clipboard on");
        }
        (true, Msg::Said { ok: digits <= USUAL_LIMIT, text: said })
    }
}

/// `was` or `were`: what is copied is one thing by its name, or several by their number.
fn was(what: &str) -> &'static str {
    if what.starts_with(|c: char| c.is_ascii_digit()) { "were" } else { "was" }
}

fn said(text: &str) -> Msg {
    Msg::Said { ok: false, text: text.into() }
}

fn with_desktop<T>(
    desktop: &Mutex<Option<arboard::Clipboard>>,
    act: impl FnOnce(&mut arboard::Clipboard) -> Result<T, arboard::Error>,
) -> Result<T, arboard::Error> {
    let mut held = desktop.lock().unwrap_or_else(PoisonError::into_inner);
    match &mut *held {
        Some(clipboard) => act(clipboard),
        none => act(none.insert(arboard::Clipboard::new()?)),
    }
}

fn set_desktop(
    desktop: &Mutex<Option<arboard::Clipboard>>,
    text: &str,
) -> Result<(), arboard::Error> {
    let result = with_desktop(desktop, |clipboard| clipboard.set_text(text));
    if let Err(error) = &result {
        tracing::info!("clipboard: {error}");
    }
    result
}

fn get_desktop(desktop: &Mutex<Option<arboard::Clipboard>>) -> Result<String, arboard::Error> {
    with_desktop(desktop, arboard::Clipboard::get_text)
}

/// Programs that take a clipboard's text on standard input.
const PROGRAMS: [&[&str]; 3] =
    [&["wl-copy"], &["xclip", "-selection", "clipboard"], &["xsel", "--clipboard", "--input"]];

fn by_program(text: &str) -> bool {
    PROGRAMS.iter().any(|command| {
        let child = Command::new(command[0])
            .args(&command[1..])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let Ok(mut child) = child else { return false };
        let written =
            child.stdin.take().is_some_and(|mut input| input.write_all(text.as_bytes()).is_ok());
        child.wait().is_ok_and(|status| status.success()) && written
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clipboard(setting: Setting, set: &[&str]) -> (Inbox, Clipboard) {
        let inbox = Inbox::default();
        let around = Surroundings::from_env(|name| set.contains(&name));
        (inbox.clone(), Clipboard::new(inbox, setting, around))
    }

    #[test]
    fn over_ssh_the_terminal_has_the_clipboard() {
        for (setting, set) in
            [(Setting::Auto, &["SSH_TTY", "DISPLAY"][..]), (Setting::Osc52, &["DISPLAY"][..])]
        {
            let (inbox, mut clipboard) = clipboard(setting, set);
            clipboard.copy("abc".into(), "The text".into());
            assert_eq!(inbox.take_copy(), Some(("abc".into(), "The text".into())));
            clipboard.paste();
            assert!(matches!(inbox.pop(), Some(Msg::Said { ok: false, .. })));
        }
    }

    #[test]
    fn switched_off_it_stays_within() {
        let (inbox, mut clipboard) = clipboard(Setting::Off, &["DISPLAY"]);
        clipboard.copy("abc".into(), "The text".into());
        assert_eq!(inbox.take_copy(), None);
        assert!(matches!(inbox.pop(), Some(Msg::Said { ok: true, .. })));
        clipboard.paste();
        assert!(matches!(inbox.pop(), Some(Msg::Paste(text)) if text == "abc"));
    }

    #[test]
    fn the_limits_of_the_sequence_are_told() {
        let (_, clipboard) = clipboard(Setting::Osc52, &["TMUX"]);
        let judge = |len: usize| {
            let (sent, msg) = clipboard.by_terminal(&"x".repeat(len), "It");
            let Msg::Said { ok, text } = msg else { panic!("{msg:?}") };
            (sent, ok, text)
        };
        let (sent, ok, text) = judge(56_000);
        assert!(sent && ok && text.contains("OSC 52") && text.contains("tmux"), "{text}");
        let (sent, ok, text) = judge(56_300);
        assert!(sent && !ok && text.contains("56 KB"), "{text}");
        let (sent, ok, text) = judge(800_000);
        assert!(!sent && !ok && text.contains("not copied"), "{text}");
    }

    #[test]
    fn several_messages_were_copied_and_one_was() {
        let (_, clipboard) = clipboard(Setting::Osc52, &[]);
        for (what, sentence) in [("3 messages", "3 messages were sent"), ("It", "It was sent")] {
            let (_, msg) = clipboard.by_terminal("x", what);
            let Msg::Said { text, .. } = msg else { panic!("{msg:?}") };
            assert!(text.starts_with(sentence), "{text}");
        }
    }
}
