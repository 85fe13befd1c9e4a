//! The states at the beginnings of a text's lines, found as they are needed.

use std::borrow::Cow;

use super::{LineState, advance};
use crate::payload::kind::Kind;

/// Lines and bytes looked at in one call. About a millisecond.
const MOST_LINES: usize = 4096;
const MOST_BYTES: usize = 256 * 1024;

/// States of the lines of one text. It is asked for the state of the first line on the screen, and
/// lexes forward from the last line it knows, but only so far in one call: a jump to the end of a
/// large text is answered at once with a fresh state, and each further call comes nearer to the
/// true one.
#[derive(Clone, Debug, Default)]
pub struct LineStates {
    kind: Kind,
    revision: u64,
    /// State at the beginning of each line, as far as known. Line 0 is always [`LineState::Normal`]
    /// and not kept.
    known: Vec<LineState>,
}

impl LineStates {
    /// A cache that knows nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// The text changed at `line` and is now `revision`: what was known up to the beginning of that
    /// line holds. Without this call a new revision forgets everything.
    pub fn edited(&mut self, line: usize, revision: u64) {
        self.known.truncate(line);
        self.revision = revision;
    }

    /// The state at the beginning of `line`, and whether it is certain. Not certain means that the
    /// lines before have not all been looked at yet; asking again goes on. `line_at` gives the text
    /// of a line, or `None` past the end; of a line of megabytes it may give the head only, at the
    /// price of a wrong colour below it. The work of a call is bounded, up to one line's length.
    pub fn state_at<'t>(
        &mut self,
        kind: Kind,
        revision: u64,
        line: usize,
        mut line_at: impl FnMut(usize) -> Option<Cow<'t, str>>,
    ) -> (LineState, bool) {
        if self.kind != kind || self.revision != revision {
            self.known.clear();
            self.kind = kind;
            self.revision = revision;
        }
        // Nothing in these goes on over a line's end.
        if line == 0 || !matches!(kind, Kind::Xml | Kind::Html) {
            return (LineState::Normal, true);
        }
        let (mut lines, mut bytes) = (0, 0);
        while self.known.len() < line && lines < MOST_LINES && bytes < MOST_BYTES {
            let Some(text) = line_at(self.known.len()) else { break };
            let before = self.known.last().copied().unwrap_or_default();
            self.known.push(advance(kind, &text, before));
            lines += 1;
            bytes += text.len();
        }
        match self.known.get(line - 1) {
            Some(state) => (*state, true),
            None => (LineState::Normal, false),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(states: &mut LineStates, text: &[&str], revision: u64, line: usize) -> LineState {
        let at = |i: usize| text.get(i).map(|l| Cow::Borrowed(*l));
        states.state_at(Kind::Xml, revision, line, at).0
    }

    #[test]
    fn states_are_carried_over_lines() {
        let text = ["<a>", "<!-- open", "still", "--> done", "x"];
        let mut states = LineStates::new();
        for (line, state) in [
            (0, LineState::Normal),
            (3, LineState::Comment),
            (2, LineState::Comment),
            (1, LineState::Normal),
            (4, LineState::Normal),
        ] {
            assert_eq!(ask(&mut states, &text, 1, line), state, "line {line}");
        }
    }

    #[test]
    fn an_edit_keeps_what_is_before_it() {
        let mut states = LineStates::new();
        ask(&mut states, &["<!--", "a", "-->", "b"], 1, 3);
        states.edited(2, 2);
        let mut looked_at = Vec::new();
        let text = ["<!--", "a", "c", "b"];
        let (state, certain) = states.state_at(Kind::Xml, 2, 3, |i| {
            looked_at.push(i);
            text.get(i).map(|l| Cow::Borrowed(*l))
        });
        assert_eq!((state, certain, looked_at), (LineState::Comment, true, vec![2]));
        // A revision nobody told of forgets all.
        assert_eq!(ask(&mut states, &["a", "b", "c", "d"], 3, 3), LineState::Normal);
    }

    #[test]
    fn a_far_jump_is_bounded_and_comes_nearer() {
        let mut states = LineStates::new();
        let (mut calls, mut looked) = (0, 0);
        let far = MOST_LINES * 3;
        loop {
            let before = looked;
            let (state, certain) = states.state_at(Kind::Html, 1, far, |i| {
                looked += 1;
                Some(Cow::Borrowed(if i == 0 { "<!--" } else { "x" }))
            });
            calls += 1;
            assert!(looked - before <= MOST_LINES);
            if certain {
                assert_eq!(state, LineState::Comment);
                break;
            }
            assert_eq!(state, LineState::Normal);
        }
        assert_eq!(calls, 3);
    }

    #[test]
    fn json_needs_no_looking_back() {
        let at = |_| panic!("a line was looked at");
        let got = LineStates::new().state_at(Kind::Json, 1, 1_000_000, at);
        assert_eq!(got, (LineState::Normal, true));
    }
}
