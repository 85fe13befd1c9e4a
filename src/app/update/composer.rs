//! The message composer: what hangs on its text.

use super::Cx;
use crate::app::effect::{Effect, Job};
use crate::app::model::{TabId, Validation};
use crate::core::action::Action;
use crate::core::progress::Progress;
use crate::editor::{Edit, Motion, Outcome};
use crate::payload::{self, BinaryForm, Kind, convert};

/// Texts up to this many bytes are judged and laid out at once: well under 5 ms.
pub(super) const INLINE: usize = 32 * 1024;

/// What is known of a text. Never forbids sending. If it is cancelled on the way, the verdict means
/// nothing.
#[must_use]
pub fn judge(kind: Kind, form: BinaryForm, text: &str, progress: &Progress) -> Validation {
    if text.trim_start().is_empty() {
        return Validation::None;
    }
    let result = match kind {
        Kind::Text => return Validation::None,
        Kind::Binary if form == BinaryForm::File => return Validation::None,
        Kind::Binary => convert::parse_binary(form, text).map(|_| ()),
        Kind::Json | Kind::Xml | Kind::Html => payload::validate_watched(kind, text, progress),
    };
    match result {
        Ok(()) => Validation::Valid,
        Err(problem) => Validation::Problem(problem),
    }
}

impl Cx<'_> {
    pub(super) fn composer_changed(&mut self) {
        let tab = self.tab();
        tab.conn.typed_since = true;
        let line = tab.composer.editor.position().line.saturating_sub(1);
        let revision = tab.composer.editor.revision();
        tab.composer.lines.get_mut().edited(line, revision);
        // Another text is composed than the one that lies on disk.
        tab.composer.draft_on_disk &= tab.composer.editor.is_empty();
        self.scroll_composer();
        self.validate();
        self.free_leftovers();
        self.touch_draft();
    }

    pub(super) fn scroll_composer(&mut self) {
        let view = self.model.geometry.composer;
        let composer = &mut self.tab().composer;
        if view.width > 0 && view.height > 0 {
            composer.viewport.width = view.width;
            composer.viewport.height = view.height;
        }
        composer.viewport.scroll_to_cursor(&composer.editor);
    }

    /// Judges the text, here or, if it is large, elsewhere.
    pub(super) fn validate(&mut self) {
        if !self.model.settings.composer.validate {
            self.tab().composer.validation = Validation::None;
            return;
        }
        let tab = self.tab();
        let composer = &mut tab.composer;
        let (kind, form) = (composer.kind, composer.form);
        let about = (composer.editor.revision(), kind, form);
        if let Some(judging) = composer.judging.take() {
            judging.cancel();
        }
        // There is nothing to go through for these.
        let unjudged = kind == Kind::Text || form == BinaryForm::File && kind == Kind::Binary;
        if unjudged {
            composer.validation = Validation::None;
            composer.validated = Some(about);
        } else if composer.editor.len_bytes() <= INLINE {
            composer.validation = judge(kind, form, &composer.editor.text(), &Progress::default());
            composer.validated = Some(about);
        } else {
            composer.validation = Validation::Pending;
            let progress = Progress::new(composer.editor.len_bytes() as u64);
            composer.judging = Some(progress.clone());
            let job = Job::Validate {
                tab: tab.id,
                revision: about.0,
                kind,
                form,
                text: composer.editor.rope().clone(),
                progress,
            };
            self.effects.push(Effect::Job(job));
        }
    }

    pub(super) fn validated(
        &mut self,
        tab: TabId,
        about: (u64, Kind, BinaryForm),
        result: Validation,
    ) {
        let Some(tab) = self.model.tab_by_id_mut(tab) else { return };
        let composer = &mut tab.composer;
        if about == (composer.editor.revision(), composer.kind, composer.form) {
            composer.validation = result;
            composer.validated = Some(about);
            composer.judging = None;
        }
    }

    /// Up and down by rows as they are seen, also in wrapped lines.
    pub(super) fn composer_rows(&mut self, rows: isize, extend: bool) -> bool {
        let composer = &mut self.tab().composer;
        let viewport = composer.viewport;
        if composer.editor.move_rows(&viewport, rows, extend) != Outcome::Unchanged {
            self.scroll_composer();
        }
        true
    }

    pub(super) fn composer_act(&mut self, action: Action) -> bool {
        match action {
            Action::SendNextKind => self.set_kind(self.model.tab().composer.kind.next()),
            Action::SendPreviousKind => {
                let now = self.tab().composer.kind;
                let at = Kind::ALL.iter().position(|kind| *kind == now).unwrap_or(0);
                self.set_kind(Kind::ALL[(at + Kind::ALL.len() - 1) % Kind::ALL.len()]);
            }
            Action::ToggleOverwrite => {
                let composer = &mut self.tab().composer;
                composer.overwrite = !composer.overwrite;
                let over = composer.overwrite;
                self.info(if over { "Typing writes over." } else { "Typing inserts." });
            }
            Action::ShowProblem => self.go_to_problem(),
            Action::ToggleWrap => {
                let viewport = &mut self.tab().composer.viewport;
                viewport.wrap = !viewport.wrap;
                self.scroll_composer();
            }
            _ => return false,
        }
        true
    }

    pub(super) fn set_kind(&mut self, kind: Kind) {
        let composer = &mut self.tab().composer;
        composer.kind = kind;
        if composer.form == BinaryForm::File {
            // The path becomes the message itself; nothing is read.
            composer.form = BinaryForm::default();
        }
        composer.lines.take();
        self.validate();
        self.touch();
    }

    pub(super) fn next_binary_form(&mut self) {
        let composer = &self.tab().composer;
        let form = if composer.kind == Kind::Binary { composer.form.next() } else { composer.form };
        self.set_form(form);
    }

    /// To where the text is not well formed.
    fn go_to_problem(&mut self) {
        let composer = &mut self.tab().composer;
        let Validation::Problem(problem) = &composer.validation else {
            let words = match composer.validation {
                Validation::Pending => "The text is being checked still.",
                Validation::Valid => "There is no problem: the text is well formed.",
                _ => "Nothing is checked here.",
            };
            self.info(words);
            return;
        };
        let char = composer.editor.char_at_byte(problem.byte);
        composer.editor.apply(Edit::Move { motion: Motion::To(char), extend: false });
        self.scroll_composer();
    }

    pub(super) fn edit_outside(&mut self) {
        let composer = &self.tab().composer;
        let suffix = match (composer.kind, composer.form) {
            (Kind::Binary, _) => "txt",
            (kind, _) => kind.suffix(),
        };
        let text = composer.editor.rope().clone();
        let tab = self.tab().id;
        self.effects.push(Effect::Edit { tab, text, suffix });
    }
}
