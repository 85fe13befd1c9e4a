//! Where each motion leads.

use ropey::Rope;

use super::edit::Motion;
use super::layout::{self, Line};
use super::text::Editor;
use super::{grapheme, words};

/// How many leading blanks are looked through for the first other character of a line.
const MAX_BLANKS: usize = 4096;
/// How far a matching bracket is looked for.
const MAX_BRACKET: usize = 256 * 1024;

/// A place to go, and the column to remember for the next vertical motion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Target {
    pub char: usize,
    pub goal: Option<usize>,
}

impl From<usize> for Target {
    fn from(char: usize) -> Self {
        Self { char, goal: None }
    }
}

/// Where a motion leads from the cursor.
pub(super) fn target(editor: &Editor, motion: Motion, extend: bool) -> Target {
    let rope = editor.rope();
    let cursor = editor.cursor();
    let selection = editor.selection().filter(|_| !extend);
    let masked = editor.is_masked();
    match motion {
        Motion::Left => match selection {
            Some(range) => range.start.into(),
            None => grapheme::prev(rope, cursor).into(),
        },
        Motion::Right => match selection {
            Some(range) => range.end.into(),
            None => grapheme::next(rope, cursor).into(),
        },
        Motion::WordLeft if masked => 0.into(),
        Motion::WordRight if masked => rope.len_chars().into(),
        Motion::WordLeft => grapheme::floor(rope, words::start_before(rope, cursor)).into(),
        Motion::WordRight => grapheme::ceil(rope, words::end_after(rope, cursor)).into(),
        Motion::LineStart => {
            let line = layout::line_at(editor, cursor);
            let first = first_non_blank(rope, line);
            if cursor == first || masked { line.start.into() } else { first.into() }
        }
        Motion::LineEnd => layout::line_at(editor, cursor).end.into(),
        Motion::Up => vertical(editor, 1, true, extend),
        Motion::Down => vertical(editor, 1, false, extend),
        Motion::PageUp(lines) => vertical(editor, lines, true, extend),
        Motion::PageDown(lines) => vertical(editor, lines, false, extend),
        Motion::TextStart => 0.into(),
        Motion::TextEnd => rope.len_chars().into(),
        Motion::To(char) => grapheme::floor(rope, char).into(),
        Motion::MatchingBracket => matching_bracket(rope, cursor).unwrap_or(cursor).into(),
    }
}

fn vertical(editor: &Editor, lines: usize, up: bool, extend: bool) -> Target {
    let cursor = editor.cursor();
    let here = layout::line_at(editor, cursor);
    let last = editor.rope().len_lines() - 1;
    let there = if up {
        here.index.saturating_sub(lines)
    } else {
        here.index.saturating_add(lines).min(last)
    };
    if there == here.index {
        let char = match (extend, up) {
            (false, _) => cursor,
            (true, true) => here.start,
            (true, false) => here.end,
        };
        return Target { char, goal: editor.goal().filter(|_| char == cursor) };
    }
    let goal = editor.goal().unwrap_or_else(|| layout::column_of(editor, here, cursor));
    let (char, _) = layout::at_column(editor, layout::line(editor, there), goal);
    Target { char, goal: Some(goal) }
}

/// The first character of a line that is neither blank nor tab; the line's end if there is none.
pub(super) fn first_non_blank(rope: &Rope, line: Line) -> usize {
    let blanks = rope
        .chars_at(line.start)
        .take((line.end - line.start).min(MAX_BLANKS))
        .take_while(|c| matches!(c, ' ' | '\t'))
        .count();
    // A mark on the last blank belongs to it.
    grapheme::floor(rope, line.start + blanks)
}

const PAIRS: [(char, char); 3] = [('{', '}'), ('[', ']'), ('(', ')')];

/// The place of the bracket that belongs to the one after or, failing that, before `at`.
fn matching_bracket(rope: &Rope, at: usize) -> Option<usize> {
    bracket_from(rope, at).or_else(|| bracket_from(rope, at.checked_sub(1)?))
}

fn bracket_from(rope: &Rope, at: usize) -> Option<usize> {
    let own = rope.get_char(at)?;
    let (open, close) = PAIRS.into_iter().find(|&(open, close)| own == open || own == close)?;
    let mut depth = 0_usize;
    let mut step = |c: char| {
        if c == own {
            depth += 1;
        } else if c == open || c == close {
            depth -= 1;
        }
        depth == 0
    };
    if own == open {
        let found = rope.chars_at(at).take(MAX_BRACKET).position(&mut step)?;
        Some(at + found)
    } else {
        let found = rope.chars_at(at + 1).reversed().take(MAX_BRACKET).position(&mut step)?;
        Some(at - found)
    }
}

/// The blanks that a line begins with, up to `cursor`.
pub(super) fn indentation(rope: &Rope, line: Line, cursor: usize) -> String {
    if line.start >= cursor {
        return String::new();
    }
    rope.chars_at(line.start)
        .take((cursor - line.start).min(MAX_BLANKS))
        .take_while(|c| matches!(c, ' ' | '\t'))
        .collect()
}

/// The bracket that opens a level right before `cursor` (blanks aside).
pub(super) fn opener_before(rope: &Rope, line: Line, cursor: usize) -> Option<char> {
    rope.chars_at(cursor)
        .reversed()
        .take((cursor - line.start).min(MAX_BLANKS))
        .find(|c| !matches!(c, ' ' | '\t'))
        .filter(|c| matches!(c, '{' | '['))
}
