//! The line under the detail in which a jq program is typed.

use std::sync::Arc;

use crate::editor::{Editor, Field};
use crate::payload::lens::{Jq, JqProblem};

/// Programs that are remembered.
const MOST_HISTORY: usize = 50;

/// The line, and the program that messages of the tab go through.
#[derive(Debug)]
pub struct JqLine {
    pub input: Editor,
    /// The line is shown.
    pub open: bool,
    /// Keys go to the line.
    pub editing: bool,
    /// Messages of JSON go through it; the last text that was a program.
    pub program: Option<Arc<Jq>>,
    /// Why what is typed is none.
    pub problem: Option<JqProblem>,
    /// Programs of before, the newest last.
    pub history: Vec<String>,
    /// Place in the history while one of it stands in the line.
    pub at: Option<usize>,
}

impl Default for JqLine {
    fn default() -> Self {
        let placeholder = "a jq program, as .items[] | .name — ↑ ↓ earlier ones, Esc ends";
        JqLine {
            input: Editor::for_field(Field::line().placeholder(placeholder)),
            open: false,
            editing: false,
            program: None,
            problem: None,
            history: Vec::new(),
            at: None,
        }
    }
}

impl JqLine {
    /// Reads what is typed. True if the program is another one now.
    pub fn compile(&mut self) -> bool {
        let text = self.input.text();
        self.problem = None;
        if text.trim().is_empty() {
            return self.program.take().is_some();
        }
        match Jq::compile(&text) {
            Ok(program) if self.program.as_ref().is_some_and(|old| **old == program) => false,
            Ok(program) => {
                self.program = Some(Arc::new(program));
                true
            }
            Err(problem) => {
                self.problem = Some(problem);
                false
            }
        }
    }

    /// Keeps the program for ↑.
    pub fn remember(&mut self) {
        let text = self.input.text();
        if self.program.is_none() || self.problem.is_some() || text.trim().is_empty() {
            return;
        }
        self.history.retain(|old| *old != text);
        self.history.push(text);
        if self.history.len() > MOST_HISTORY {
            self.history.remove(0);
        }
        self.at = None;
    }

    /// Puts an earlier program into the line, or a later one.
    pub fn walk(&mut self, earlier: bool) {
        let len = self.history.len();
        let next = match (self.at, earlier) {
            (None, true) => len.checked_sub(1),
            (None, false) => return,
            (Some(at), true) => Some(at.saturating_sub(1)),
            (Some(at), false) => Some(at + 1).filter(|at| *at < len),
        };
        if next.is_none() && self.at.is_none() {
            return;
        }
        self.at = next;
        let text = next.and_then(|at| self.history.get(at)).cloned().unwrap_or_default();
        self.input.set_text(&text);
    }

    /// No program and no line any more.
    pub fn close(&mut self) {
        self.remember();
        self.input.reset_text("");
        self.open = false;
        self.editing = false;
        self.program = None;
        self.problem = None;
        self.at = None;
    }
}
