//! Filters by name and rules that mark rows: the menu in which they are applied, kept, renamed,
//! changed and deleted.

use super::Cx;
use crate::app::model::{Choice, MenuItem, Modal, RuleChoice, TextPrompt};
use crate::core::action::Action;
use crate::core::log_rules::{HighlightRule, LogRules, NamedFilter, Tint};
use crate::log::query::{Query, terms};

fn item(key: Option<char>, label: impl Into<String>, choice: RuleChoice) -> MenuItem {
    let choice = Choice::Rule(choice);
    MenuItem { key, label: label.into(), note: String::new(), on: None, choice }
}

/// `1` to `9` for the first lines of a list.
fn digit(at: usize) -> Option<char> {
    u32::try_from(at + 1).ok().and_then(|at| char::from_digit(at, 10))
}

impl Cx<'_> {
    pub(super) fn open_log_rules(&mut self) {
        let LogRules { filters, highlights } = &self.model.rules;
        let applied = self.model.tab().log.filter.text.clone();
        let mut items: Vec<MenuItem> = filters
            .iter()
            .enumerate()
            .map(|(at, filter)| MenuItem {
                note: filter.query.clone(),
                on: Some(filter.query == applied),
                ..item(digit(at), filter.name.clone(), RuleChoice::Apply(at))
            })
            .collect();
        let has_name = filters.iter().any(|filter| filter.query == applied);
        if !applied.is_empty() && !has_name {
            items.push(MenuItem {
                note: applied,
                ..item(Some('s'), "save the filter that is shown …", RuleChoice::Save)
            });
        }
        if !filters.is_empty() {
            items.push(item(Some('r'), "rename a filter …", RuleChoice::PickRename));
            items.push(item(Some('d'), "delete a filter …", RuleChoice::PickDelete));
        }
        items.push(item(Some('h'), "mark the rows that match …", RuleChoice::NewHighlight));
        items.extend(highlights.iter().enumerate().map(|(at, rule)| MenuItem {
            note: rule.query.clone(),
            ..item(None, title_of(rule), RuleChoice::Highlight(at))
        }));
        items.push(MenuItem {
            choice: Choice::Do(Action::FilterLine),
            ..item(Some('f'), "type a filter", RuleChoice::Save)
        });
        items.push(item(Some('?'), "what can be typed", RuleChoice::Language));
        items.push(MenuItem {
            choice: Choice::Do(Action::FilterClear),
            ..item(Some('a'), "show everything", RuleChoice::Save)
        });
        let title = "Filters and marks".into();
        self.model.modals.push(Modal::Menu { title, items, cursor: 0, stays: false });
    }

    pub(super) fn choose_rule(&mut self, choice: RuleChoice) {
        match choice {
            RuleChoice::Apply(at) => {
                if let Some(filter) = self.model.rules.filters.get(at) {
                    let query = filter.query.clone();
                    self.apply_filter(&query);
                }
            }
            RuleChoice::Save => self.save_filter(),
            RuleChoice::PickRename => self.pick("Rename which filter?", RuleChoice::Rename),
            RuleChoice::PickDelete => self.pick("Delete which filter?", RuleChoice::Delete),
            RuleChoice::Rename(at) => self.prompt(TextPrompt::RenameFilter(at)),
            RuleChoice::Delete(at) => {
                if at < self.model.rules.filters.len() {
                    let gone = self.change_rules(|rules| rules.filters.remove(at));
                    self.info(format!("The filter “{}” is deleted.", gone.name));
                }
            }
            RuleChoice::Language => self.show_lines("Filters", &terms::language()),
            RuleChoice::NewHighlight => self.prompt(TextPrompt::HighlightQuery(None)),
            RuleChoice::Highlight(at) => self.open_highlight(at),
            RuleChoice::HighlightTint(at, tint) => {
                self.change_highlight(at, |rule| rule.tint = tint);
                self.open_highlight(at);
            }
            RuleChoice::HighlightWord(at) => self.prompt(TextPrompt::HighlightWord(at)),
            RuleChoice::HighlightQuery(at) => self.prompt(TextPrompt::HighlightQuery(Some(at))),
            RuleChoice::HighlightSwitch(at) => self.change_highlight(at, |rule| rule.on = !rule.on),
            RuleChoice::HighlightDelete(at) => {
                if at < self.model.rules.highlights.len() {
                    self.change_rules(|rules| rules.highlights.remove(at));
                }
            }
        }
    }

    /// Asks for a name for the filter that is shown.
    pub(super) fn save_filter(&mut self) {
        if self.tab().log.filter.text.is_empty() {
            self.info("No filter is set. F types one, and it can be saved then.");
            return;
        }
        self.prompt(TextPrompt::SaveFilter);
    }

    /// Asks for the rows to mark.
    pub(super) fn add_highlight(&mut self) {
        self.prompt(TextPrompt::HighlightQuery(None));
    }

    fn pick(&mut self, title: &str, choice: fn(usize) -> RuleChoice) {
        let filters = self.model.rules.filters.iter().enumerate();
        let items = filters
            .map(|(at, filter)| MenuItem {
                note: filter.query.clone(),
                ..item(digit(at), filter.name.clone(), choice(at))
            })
            .collect();
        let title = title.into();
        self.model.modals.push(Modal::Menu { title, items, cursor: 0, stays: false });
    }

    fn open_highlight(&mut self, at: usize) {
        let Some(rule) = self.model.rules.highlights.get(at) else { return };
        let mut items: Vec<MenuItem> = Tint::ALL
            .into_iter()
            .enumerate()
            .map(|(place, tint)| MenuItem {
                on: Some(rule.tint == tint),
                ..item(
                    digit(place),
                    format!("{} {}", tint.mark(), tint.name()),
                    RuleChoice::HighlightTint(at, tint),
                )
            })
            .collect();
        let switch = if rule.on { "switch it off" } else { "switch it on" };
        items.push(MenuItem {
            note: rule.word.clone(),
            ..item(Some('w'), "word in the row …", RuleChoice::HighlightWord(at))
        });
        items.push(MenuItem {
            note: rule.query.clone(),
            ..item(Some('e'), "which rows …", RuleChoice::HighlightQuery(at))
        });
        items.push(item(Some('o'), switch, RuleChoice::HighlightSwitch(at)));
        items.push(item(Some('d'), "delete it", RuleChoice::HighlightDelete(at)));
        let title = format!("Mark rows: {}", rule.query);
        let cursor = Tint::ALL.iter().position(|tint| *tint == rule.tint).unwrap_or(0);
        self.model.modals.push(Modal::Menu { title, items, cursor, stays: false });
    }

    /// Title, help and text of a prompt about a rule.
    pub(super) fn rule_prompt(&self, purpose: TextPrompt) -> (&'static str, &'static str, String) {
        const QUERY: &str =
            "A filter as in the log's filter line: in size>10k, $.type == \"error\"";
        let rules = &self.model.rules;
        let applied = self.model.tab().log.filter.text.clone();
        let filter = |at: usize| rules.filters.get(at).map(|f| f.name.clone()).unwrap_or_default();
        let highlight = |at: usize| rules.highlights.get(at).cloned().unwrap_or_default();
        match purpose {
            TextPrompt::RenameFilter(at) => ("Name of the filter", "", filter(at)),
            TextPrompt::HighlightQuery(Some(at)) => {
                ("Mark which rows?", QUERY, highlight(at).query)
            }
            TextPrompt::HighlightQuery(None) => ("Mark which rows?", QUERY, applied),
            TextPrompt::HighlightWord(at) => {
                ("Word in marked rows", "Short; may be empty.", highlight(at).word)
            }
            _ => {
                let named = rules.filters.iter().find(|filter| filter.query == applied);
                let name = named.map(|filter| filter.name.clone()).unwrap_or_default();
                ("Save this filter", "A name for it. An equal name is replaced.", name)
            }
        }
    }

    /// Takes what was typed in a prompt about a rule.
    pub(super) fn rule_submit(&mut self, purpose: TextPrompt, typed: &str) -> Result<(), String> {
        let typed = typed.trim().to_owned();
        match purpose {
            TextPrompt::RenameFilter(at) => {
                if typed.is_empty() {
                    return Err("it needs a name".into());
                }
                let others = self.model.rules.filters.iter().enumerate();
                if others.into_iter().any(|(other, f)| other != at && f.name == typed) {
                    return Err("another filter has this name".into());
                }
                self.change_rules(|rules| {
                    if let Some(filter) = rules.filters.get_mut(at) {
                        filter.name = typed;
                    }
                });
            }
            TextPrompt::HighlightQuery(at) => {
                Query::parse(&typed).map_err(|problem| problem.to_string())?;
                let at = match at {
                    Some(at) => {
                        self.change_highlight(at, |rule| rule.query = typed);
                        at
                    }
                    None => self.change_rules(|rules| {
                        let at = rules.highlights.len();
                        // Each new rule looks unlike the one before.
                        let tint = Tint::ALL[at % Tint::ALL.len()];
                        let (word, on) = (String::new(), true);
                        rules.highlights.push(HighlightRule { query: typed, tint, word, on });
                        at
                    }),
                };
                self.model.modals.pop();
                self.open_highlight(at);
            }
            TextPrompt::HighlightWord(at) => self.change_highlight(at, |rule| rule.word = typed),
            _ => {
                if typed.is_empty() {
                    return Err("it needs a name".into());
                }
                let query = self.tab().log.filter.text.clone();
                let name = typed.clone();
                self.change_rules(|rules| {
                    match rules.filters.iter_mut().find(|filter| filter.name == typed) {
                        Some(filter) => filter.query = query,
                        None => rules.filters.push(NamedFilter { name: typed, query }),
                    }
                });
                self.info(format!("The filter “{name}” is kept with this workspace."));
            }
        }
        Ok(())
    }

    fn change_highlight(&mut self, at: usize, change: impl FnOnce(&mut HighlightRule)) {
        self.change_rules(|rules| {
            if let Some(rule) = rules.highlights.get_mut(at) {
                change(rule);
            }
        });
    }

    fn change_rules<T>(&mut self, change: impl FnOnce(&mut LogRules) -> T) -> T {
        let mut rules = self.model.rules.clone();
        let result = change(&mut rules);
        let ground = self.ground();
        self.model.set_rules(rules, &ground);
        self.touch();
        result
    }
}

/// `✗ failed`, `✗ error, off`.
fn title_of(rule: &HighlightRule) -> String {
    let word = if rule.word.is_empty() { rule.tint.name() } else { &rule.word };
    let off = if rule.on { "" } else { ", off" };
    format!("{} {word}{off}", rule.tint.mark())
}
