//! The message composer: what hangs on its text.

use super::Cx;
use crate::app::effect::{Effect, Job};
use crate::app::model::{ComposerSearch, Level, TabId, Validation};
use crate::core::action::Action;
use crate::editor::{Case, Direction, Edit, Editor, Mode, Outcome, Query};
use crate::payload::{self, BinaryForm, Kind, Problem, convert};

/// Texts up to this many bytes are judged and laid out at once: well under 5 ms.
const INLINE: usize = 32 * 1024;

/// What is known of a text. Never forbids sending.
#[must_use]
pub fn judge(kind: Kind, form: BinaryForm, text: &str) -> Validation {
    if text.trim().is_empty() {
        return Validation::None;
    }
    let result = match kind {
        Kind::Text => return Validation::None,
        Kind::Binary if form == BinaryForm::File => return Validation::None,
        Kind::Binary => convert::parse_binary(form, text).map(|_| ()),
        Kind::Json | Kind::Xml | Kind::Html => payload::validate(kind, text),
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
        self.scroll_composer();
        self.validate();
        self.touch();
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
        if composer.editor.len_bytes() <= INLINE {
            composer.validation = judge(kind, form, &composer.editor.text());
            composer.validated = Some(about);
        } else {
            composer.validation = Validation::Pending;
            let job = Job::Validate {
                tab: tab.id,
                revision: about.0,
                kind,
                form,
                text: composer.editor.rope().clone(),
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
        composer.lines.take();
        self.validate();
        self.touch();
    }

    pub(super) fn set_form(&mut self, form: BinaryForm) {
        let composer = &mut self.tab().composer;
        let old = composer.form;
        composer.kind = Kind::Binary;
        composer.form = form;
        // The same bytes in the other writing, if they can be read.
        if old != form
            && composer.editor.len_bytes() <= INLINE
            && let Ok(bytes) = convert::parse_binary(old, &composer.editor.text())
            && !bytes.is_empty()
            && let Some(text) = convert::write_binary(form, &bytes)
        {
            composer.editor.set_text(&text);
        }
        self.composer_changed();
    }

    pub(super) fn next_binary_form(&mut self) {
        let composer = &self.tab().composer;
        let form = if composer.kind == Kind::Binary { composer.form.next() } else { composer.form };
        self.set_form(form);
    }

    /// Lays the text out (or takes its blanks out), keeping order of keys and text of numbers.
    pub(super) fn beautify(&mut self, out: bool) {
        let tab = self.tab();
        let (id, kind) = (tab.id, tab.composer.kind);
        let revision = tab.composer.editor.revision();
        if !matches!(kind, Kind::Json | Kind::Xml | Kind::Html) {
            self.info("Only JSON, XML and HTML can be laid out.");
            return;
        }
        if tab.composer.editor.len_bytes() <= INLINE {
            let text = tab.composer.editor.text();
            let result =
                if out { payload::beautify(kind, &text) } else { payload::minify(kind, &text) };
            self.laid(id, revision, result);
        } else {
            let text = tab.composer.editor.rope().clone();
            let job = if out {
                Job::Beautify { tab: id, revision, kind, text }
            } else {
                Job::Minify { tab: id, revision, kind, text }
            };
            self.effects.push(Effect::Job(job));
            self.info("Working on it …");
        }
    }

    pub(super) fn laid(&mut self, tab: TabId, revision: u64, result: Result<String, Problem>) {
        let in_front = self.tab().id == tab;
        let Some(tab) = self.model.tab_by_id_mut(tab) else { return };
        if tab.composer.editor.revision() != revision {
            self.info("The message was changed meanwhile, so it was left as it is.");
            return;
        }
        match result {
            Ok(text) if text == tab.composer.editor.text() => {
                self.info("It is laid out so already.");
            }
            Ok(text) => {
                tab.composer.editor.set_text(&text);
                tab.composer
                    .editor
                    .apply(Edit::Move { motion: crate::editor::Motion::TextStart, extend: false });
                tab.composer.lines.take();
                if in_front {
                    self.composer_changed();
                }
            }
            Err(problem) => {
                self.say(Level::Warning, format!("It cannot be laid out: {problem}."));
            }
        }
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

    pub(super) fn open_composer_search(&mut self) {
        let tab = self.tab();
        let selected = tab.composer.editor.selected_text();
        let mut input = Editor::new(Mode::Line);
        if !selected.is_empty() && !selected.contains('\n') && selected.len() < 200 {
            input.reset_text(&selected);
            input.select_all();
        }
        let (regex, case) =
            tab.composer.search.take().map_or((false, false), |s| (s.regex, s.case));
        tab.composer.search =
            Some(ComposerSearch { input, regex, case, query: None, word: String::new() });
        self.composer_search_changed();
    }

    pub(super) fn composer_search_changed(&mut self) {
        let composer = &mut self.tab().composer;
        let Some(search) = &mut composer.search else { return };
        let pattern = search.input.text();
        if pattern.is_empty() {
            search.query = None;
            search.word = String::new();
            return;
        }
        let case = if search.case { Case::Sensitive } else { Case::Insensitive };
        let query = if search.regex {
            Query::regex(&pattern, case)
        } else {
            Query::literal(&pattern, case)
        };
        match query {
            Err(problem) => {
                search.query = None;
                search.word = problem.to_string();
            }
            Ok(query) => {
                let start =
                    composer.editor.selection().map_or(composer.editor.cursor(), |s| s.start);
                if let Some(hit) = composer.editor.find(&query, start, Direction::Forward) {
                    composer.editor.select(hit);
                }
                search.query = Some(query);
                self.count_composer_hits();
                self.scroll_composer();
            }
        }
    }

    fn count_composer_hits(&mut self) {
        /// Counting stops here; more is said as "1000+".
        const MOST: usize = 1000;
        /// Larger texts are not counted on the loop.
        const LARGEST: usize = 4 * 1024 * 1024;
        let composer = &mut self.tab().composer;
        let Some(search) = &mut composer.search else { return };
        let Some(query) = &search.query else { return };
        if composer.editor.len_bytes() > LARGEST {
            search.word = String::new();
            return;
        }
        let whole = 0..composer.editor.len_chars();
        let count = composer.editor.count_matches(query, whole, MOST);
        let plus = if count.at_limit { "+" } else { "" };
        search.word = match (count.matches, plus) {
            (0, "") => "no hits".into(),
            (1, "") => "1 hit".into(),
            (n, plus) => format!("{n}{plus} hits"),
        };
    }

    pub(super) fn composer_find(&mut self, forward: bool) {
        let composer = &mut self.tab().composer;
        let Some(query) = composer.search.as_ref().and_then(|s| s.query.clone()) else { return };
        let direction = if forward { Direction::Forward } else { Direction::Backward };
        composer.editor.find_and_select(&query, direction);
        self.scroll_composer();
    }
}
