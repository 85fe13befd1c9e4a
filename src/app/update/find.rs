//! Search in the composer. What is near is found at once; hits that are far away in a long text, and
//! how many there are, come from work beside the loop.

use std::ops::Range;

use super::Cx;
use crate::app::effect::{Effect, Job};
use crate::app::model::{ComposerSearch, TabId};
use crate::core::progress::Progress;
use crate::editor::{Case, Direction, Editor, Mode, Near, Query};

/// Bytes that are looked through at once: under a millisecond for what a processor can do with it,
/// a few for a hard expression.
const AT_ONCE: usize = 1024 * 1024;

/// Counting at once stops here; more is said as "1000+".
const MOST: usize = 1000;

impl Cx<'_> {
    pub(super) fn open_composer_search(&mut self) {
        /// A longer selection is hardly meant to be looked for.
        const LONGEST: usize = 200;
        let generation = self.model.new_work();
        let tab = self.tab();
        let short = tab.composer.editor.selection().is_some_and(|range| range.len() < LONGEST);
        let selected = if short { tab.composer.editor.selected_text() } else { String::new() };
        let mut input = Editor::new(Mode::Line);
        if !selected.is_empty() && !selected.contains('\n') {
            input.reset_text(&selected);
            input.select_all();
        }
        let (regex, case) =
            tab.composer.search.take().map_or((false, false), |s| (s.regex, s.case));
        tab.composer.search = Some(ComposerSearch {
            input,
            regex,
            case,
            query: None,
            word: String::new(),
            generation,
            running: Vec::new(),
        });
        self.composer_search_changed();
    }

    pub(super) fn composer_search_changed(&mut self) {
        let generation = self.model.new_work();
        let composer = &mut self.tab().composer;
        let Some(search) = &mut composer.search else { return };
        search.stop();
        search.generation = generation;
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
                search.query = Some(query);
                self.count_composer_hits();
                self.find_from(start, Direction::Forward);
            }
        }
    }

    fn count_composer_hits(&mut self) {
        let tab = self.tab();
        let composer = &mut tab.composer;
        let Some(search) = &mut composer.search else { return };
        let Some(query) = &search.query else { return };
        if composer.editor.len_bytes() > AT_ONCE {
            search.word = "counting …".into();
            let progress = Progress::default();
            search.running.push(progress.clone());
            let job = Job::Count {
                tab: tab.id,
                generation: search.generation,
                query: query.clone(),
                text: composer.editor.rope().clone(),
                progress,
            };
            self.effects.push(Effect::Job(job));
            return;
        }
        let whole = 0..composer.editor.len_chars();
        let count = composer.editor.count_matches(query, whole, MOST);
        search.word = words(count.matches, count.at_limit);
    }

    pub(super) fn counted(&mut self, tab: TabId, generation: u64, hits: usize) {
        let search = self.search_of(tab, generation);
        if let Some(search) = search {
            search.word = words(hits, false);
        }
    }

    fn search_of(&mut self, tab: TabId, generation: u64) -> Option<&mut ComposerSearch> {
        let search = self.model.tab_by_id_mut(tab)?.composer.search.as_mut()?;
        (search.generation == generation).then_some(search)
    }

    pub(super) fn composer_find(&mut self, forward: bool) {
        let editor = &self.tab().composer.editor;
        let here = editor.selection().unwrap_or(editor.cursor()..editor.cursor());
        if forward {
            self.find_from(here.end, Direction::Forward);
        } else {
            self.find_from(here.start, Direction::Backward);
        }
    }

    /// Selects the next hit from here, now or when it is found.
    fn find_from(&mut self, from: usize, direction: Direction) {
        let tab = self.tab();
        let composer = &mut tab.composer;
        let Some(search) = &mut composer.search else { return };
        let Some(query) = &search.query else { return };
        match composer.editor.find_near(query, from, direction, AT_ONCE) {
            Near::Hit(range) => {
                composer.editor.select(range);
                self.scroll_composer();
            }
            Near::Nowhere => {}
            Near::Unknown => {
                let progress = Progress::default();
                search.running.push(progress.clone());
                let editor = &composer.editor;
                let job = Job::Seek {
                    tab: tab.id,
                    generation: search.generation,
                    revision: editor.revision(),
                    query: query.clone(),
                    from: editor.rope().char_to_byte(from.min(editor.len_chars())),
                    direction,
                    text: editor.rope().clone(),
                    progress,
                };
                self.effects.push(Effect::Job(job));
            }
        }
    }

    pub(super) fn found_far(
        &mut self,
        id: TabId,
        generation: u64,
        revision: u64,
        hit: Option<Range<usize>>,
    ) {
        if self.search_of(id, generation).is_none() {
            return;
        }
        let front = self.tab().id == id;
        let Some(tab) = self.model.tab_by_id_mut(id) else { return };
        if tab.composer.editor.revision() != revision {
            return;
        }
        match hit {
            Some(hit) => {
                let range = tab.composer.editor.chars_at(&hit);
                tab.composer.editor.select(range);
                if front {
                    self.scroll_composer();
                }
            }
            None if front => self.info("No hits."),
            None => {}
        }
    }
}

fn words(hits: usize, more: bool) -> String {
    match (hits, if more { "+" } else { "" }) {
        (0, "") => "no hits".into(),
        (1, "") => "1 hit".into(),
        (n, plus) => format!("{n}{plus} hits"),
    }
}
