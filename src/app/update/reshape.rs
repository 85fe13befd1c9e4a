//! Changing the whole composed text at once: laid out, without its blanks, in another writing, or
//! by a long paste. Short texts at once, long ones by work beside the loop, whose result is a
//! rope that takes the place of the old one in no time.

use ropey::Rope;

use super::Cx;
use super::composer::INLINE;
use super::field::Which;
use crate::app::effect::{Effect, Job};
use crate::app::model::{Level, TabId, Task};
use crate::editor::{Edit, Motion};
use crate::payload::{self, BinaryForm, Kind, Problem, convert};

/// A longer text that is pasted is made ready beside the loop.
const LONG_PASTE: usize = 1024 * 1024;

impl Cx<'_> {
    pub(super) fn set_form(&mut self, form: BinaryForm) {
        let composer = &mut self.tab().composer;
        let old = composer.form;
        let was_binary = composer.kind == Kind::Binary;
        composer.kind = Kind::Binary;
        composer.form = form;
        // The same bytes in the other writing, if they can be read.
        if old != form && form != BinaryForm::File && old != BinaryForm::File {
            if composer.editor.len_bytes() <= INLINE {
                if let Ok(bytes) = convert::parse_binary(old, &composer.editor.text())
                    && !bytes.is_empty()
                    && let Some(text) = convert::write_binary(form, &bytes)
                {
                    composer.editor.set_text(&text);
                }
            } else if was_binary {
                let (revision, text) = (composer.editor.revision(), composer.editor.rope().clone());
                let about = self.begin_work(Task::Rewrite);
                let job = Job::Rewrite { about, revision, from: old, to: form, text };
                self.effects.push(Effect::Job(job));
            }
        }
        self.composer_changed();
    }

    pub(super) fn rewritten(&mut self, tab: TabId, number: u64, revision: u64, text: Option<Rope>) {
        if self.work_over(tab, number)
            && let Some(text) = text
        {
            self.swap(tab, revision, text);
        }
    }

    /// Lays the text out (or takes its blanks out), keeping order of keys and text of numbers.
    pub(super) fn beautify(&mut self, out: bool) {
        let composer = &self.tab().composer;
        let kind = composer.kind;
        if out && composer.is_hex() {
            self.lay_bytes();
            return;
        }
        if !matches!(kind, Kind::Json | Kind::Xml | Kind::Html) {
            self.info("Only JSON, XML and HTML can be laid out.");
            return;
        }
        let revision = composer.editor.revision();
        let short = composer.editor.len_bytes() <= INLINE;
        let about = self.begin_work(if out { Task::Beautify } else { Task::Minify });
        let editor = &self.tab().composer.editor;
        if short {
            let text = editor.text();
            let result =
                if out { payload::beautify(kind, &text) } else { payload::minify(kind, &text) };
            let result = result.map(|laid| (laid != text).then(|| Rope::from_str(&laid)));
            self.laid(about.tab, about.number, revision, result);
        } else {
            let text = editor.rope().clone();
            self.effects.push(Effect::Job(Job::Reshape { about, revision, kind, out, text }));
        }
    }

    /// Sixteen bytes a line.
    fn lay_bytes(&mut self) {
        let composer = &mut self.tab().composer;
        let (revision, form) = (composer.editor.revision(), composer.form);
        if composer.editor.len_bytes() > INLINE {
            let text = composer.editor.rope().clone();
            let about = self.begin_work(Task::Rewrite);
            let job = Job::Rewrite { about, revision, from: form, to: form, text };
            self.effects.push(Effect::Job(job));
            return;
        }
        let laid = convert::parse_binary(form, &composer.editor.text())
            .map(|bytes| convert::write_binary(form, &bytes));
        match laid {
            Err(problem) => {
                self.say(Level::Warning, format!("It cannot be laid out: {problem}."));
            }
            Ok(text) => {
                // The cursor stays at its byte.
                let before = composer.editor.rope().slice(..composer.editor.cursor());
                let digits = before.chars().filter(char::is_ascii_hexdigit).count();
                composer.editor.set_text(&text.unwrap_or_default());
                let to = digits / 2 * 3 + digits % 2;
                composer.editor.apply(Edit::Move { motion: Motion::To(to), extend: false });
                self.composer_changed();
            }
        }
    }

    /// Writes a character over the one that stands there, if that is wanted; in bytes, a digit over
    /// the next digit.
    pub(super) fn overtype(&mut self, c: char) -> bool {
        /// Blanks between two digits at most.
        const REACH: usize = 64;
        let wanted = matches!(self.field(), Some((Which::Composer, _)));
        let composer = &mut self.tab().composer;
        if !wanted || !composer.overwrite || composer.editor.selection().is_some() {
            return false;
        }
        let cursor = composer.editor.cursor();
        let ahead = composer.editor.rope().chars_at(cursor).take(REACH);
        let over = if composer.is_hex() {
            c.is_ascii_hexdigit()
                .then(|| {
                    ahead
                        .take_while(|c| c.is_ascii_hexdigit() || c.is_whitespace())
                        .position(|c| c.is_ascii_hexdigit())
                })
                .flatten()
        } else {
            ahead.take(1).position(|c| c != '\n' && c != '\r')
        };
        let Some(over) = over else { return false };
        let at = cursor + over;
        let edit = Edit::Replace { range: at..at + 1, text: c.to_string() };
        composer.editor.apply(edit);
        self.composer_changed();
        true
    }

    pub(super) fn laid(
        &mut self,
        tab: TabId,
        number: u64,
        revision: u64,
        result: Result<Option<Rope>, Problem>,
    ) {
        if !self.work_over(tab, number) {
            if let Ok(Some(text)) = result {
                self.discard(text);
            }
            return;
        }
        match result {
            Ok(None) => self.info("It is laid out so already."),
            Ok(Some(text)) => self.swap(tab, revision, text),
            Err(problem) => {
                self.say(Level::Warning, format!("It cannot be laid out: {problem}."));
            }
        }
    }

    /// Puts a text in the place of the one it was made from.
    fn swap(&mut self, id: TabId, revision: u64, text: Rope) {
        let in_front = self.tab().id == id;
        let Some(tab) = self.model.tab_by_id_mut(id) else { return self.discard(text) };
        if tab.composer.editor.revision() != revision {
            self.info("The message was changed meanwhile, so it was left as it is.");
            self.discard(text);
            return;
        }
        let chars = tab.composer.editor.len_chars();
        tab.composer.editor.replace_with_rope(0..chars, text);
        tab.composer.editor.apply(Edit::Move { motion: Motion::TextStart, extend: false });
        tab.composer.lines.take();
        if in_front {
            self.composer_changed();
        }
    }

    /// Takes a long paste; false if it is short enough to be put in at once.
    pub(super) fn paste_long(&mut self, text: String) -> Option<String> {
        if text.len() <= LONG_PASTE {
            return Some(text);
        }
        let about = self.begin_work(Task::Paste);
        self.effects.push(Effect::Job(Job::Weave { about, text }));
        None
    }

    /// What was pasted goes to where the cursor is now, in the place of what is selected.
    pub(super) fn woven(&mut self, id: TabId, number: u64, text: Rope) {
        if !self.work_over(id, number) {
            return self.discard(text);
        }
        let in_front = self.tab().id == id;
        let Some(tab) = self.model.tab_by_id_mut(id) else { return self.discard(text) };
        let editor = &mut tab.composer.editor;
        let place = editor.selection().unwrap_or(editor.cursor()..editor.cursor());
        editor.replace_with_rope(place, text);
        tab.composer.lines.take();
        if in_front {
            self.composer_changed();
        }
    }
}
