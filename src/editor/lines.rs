//! Edits of whole lines: the line break with its indentation, deleting lines, moving them a level in or out.

use super::edit::Outcome;
use super::field::{Mode, is_line_break};
use super::history::Kind;
use super::layout::{self, Line};
use super::motion;
use super::text::Editor;

impl Editor {
    pub(super) fn new_line(&mut self) -> Outcome {
        if self.field().mode == Mode::Line {
            return Outcome::Unchanged;
        }
        let range = self.selection().unwrap_or(self.cursor()..self.cursor());
        let line = layout::line_at(self, range.start);
        let margin = motion::indentation(self.rope(), line, range.start);
        let opener = motion::opener_before(self.rope(), line, range.start);
        let mut text = format!("\n{margin}");
        let mut behind = 0;
        if let Some(opener) = opener {
            text.push_str(&" ".repeat(self.field().indent.max(1)));
            let closer = if opener == '{' { '}' } else { ']' };
            if self.rope().get_char(range.end) == Some(closer) {
                // Between the two brackets: the closing one goes to a line of its own.
                behind = 1 + margin.chars().count();
                text.push('\n');
                text.push_str(&margin);
            }
        }
        let outcome = self.splice(range, &text, Kind::Single);
        if behind > 0 && outcome == Outcome::Changed {
            self.put_caret(self.cursor().saturating_sub(behind), None);
            self.seal_caret();
        }
        outcome
    }

    pub(super) fn delete_lines(&mut self) -> Outcome {
        let (first, last) = self.selected_lines();
        let start = first.start;
        let end = self.next_line_start(last);
        let column = layout::column_of(self, layout::line_at(self, self.cursor()), self.cursor());
        // The last line has no line break of its own: it takes the one before it along.
        let start = if end == last.end && first.index > 0 {
            layout::line(self, first.index - 1).end
        } else {
            start
        };
        let outcome = self.splice(start..end, "", Kind::Single);
        if outcome == Outcome::Changed {
            let line = layout::line_at(self, self.cursor());
            let (char, _) = layout::at_column(self, line, column);
            self.put_caret(char, None);
            self.seal_caret();
        }
        outcome
    }

    /// The lines that the selection touches (not one of which it only touches the start), or the cursor's.
    fn selected_lines(&self) -> (Line, Line) {
        match self.selection() {
            None => {
                let line = layout::line_at(self, self.cursor());
                (line, line)
            }
            Some(range) => {
                let first = layout::line_at(self, range.start);
                let last = layout::line_at(self, range.end);
                if last.start == range.end && last.index > first.index {
                    (first, layout::line(self, last.index - 1))
                } else {
                    (first, last)
                }
            }
        }
    }

    pub(super) fn indent(&mut self) -> Outcome {
        if self.field().mode == Mode::Line {
            return Outcome::Unchanged;
        }
        let level = self.field().indent.max(1);
        let (first, last) = self.selected_lines();
        if first.index == last.index {
            let start = self.selection().map_or(self.cursor(), |range| range.start);
            let column = layout::column_of(self, layout::line_at(self, start), start);
            return self.replace_selection(&" ".repeat(level - column % level), Kind::Single);
        }
        let margin = " ".repeat(level);
        self.rewrite_lines(first, last, |line, out| {
            if !line.trim_matches(is_line_break).is_empty() {
                out.push_str(&margin);
            }
            out.push_str(line);
        })
    }

    pub(super) fn outdent(&mut self) -> Outcome {
        let level = self.field().indent.max(1);
        let (first, last) = self.selected_lines();
        if first.index == last.index {
            // One line may be huge: only its blanks are touched.
            let blanks = motion::indentation(self.rope(), first, first.end);
            let cut = leading(&blanks, level);
            let caret = self.caret;
            let outcome = self.splice(first.start..first.start + cut, "", Kind::Single);
            if outcome == Outcome::Changed {
                let shift = |char: usize| char.saturating_sub(cut).max(first.start);
                self.put_caret(shift(caret.cursor), caret.anchor.map(shift));
                self.seal_caret();
            }
            return outcome;
        }
        self.rewrite_lines(first, last, |line, out| {
            out.push_str(line.get(leading(line, level)..).unwrap_or(line));
        })
    }

    /// Rewrites whole lines as one step and selects them. O(length of these lines).
    fn rewrite_lines(
        &mut self,
        first: Line,
        last: Line,
        mut rewrite: impl FnMut(&str, &mut String),
    ) -> Outcome {
        let mut text = String::new();
        let mut one = String::new();
        for line in self.rope().lines_at(first.index).take(last.index - first.index + 1) {
            one.clear();
            one.extend(line.chunks());
            rewrite(&one, &mut text);
        }
        let range = first.start..self.next_line_start(last);
        if self.rope().slice(range.clone()) == text.as_str() {
            return Outcome::Unchanged;
        }
        let outcome = self.splice(range, &text, Kind::Single);
        self.put_caret(self.caret.cursor, Some(first.start));
        self.seal_caret();
        outcome
    }
}

/// How many leading blanks make up one level (a tab is one).
fn leading(line: &str, level: usize) -> usize {
    if line.starts_with('\t') {
        return 1;
    }
    line.chars().take(level).take_while(|&c| c == ' ').count()
}
