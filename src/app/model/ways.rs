//! The ways of authenticating as a list to choose from: those that are near at hand first, then all
//! of them by group, filtered by what is typed.

use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

use crate::auth::{self, Way};

/// A way that stands above the groups.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NearWay {
    pub kind: String,
    /// Why it stands there: the heading above it.
    pub heading: &'static str,
    /// When to choose it; empty for the way's own summary.
    pub why: &'static str,
}

/// One way of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WayLine {
    pub kind: &'static str,
    pub label: &'static str,
    pub summary: &'static str,
    /// The heading that it belongs to; equal ones follow each other.
    pub heading: &'static str,
}

/// The window in which a way is chosen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WayList {
    /// Those above the groups, in their order.
    pub near: Vec<NearWay>,
    pub lines: Vec<WayLine>,
    pub cursor: usize,
    /// Fields of the way are asked for one after the other once it is chosen.
    pub guided: bool,
}

impl WayList {
    /// All ways, with the cursor on the one that is chosen now, or on the first one that is
    /// advised.
    #[must_use]
    pub fn new(near: Vec<NearWay>, chosen: &str, guided: bool) -> WayList {
        let mut list = WayList { near, guided, ..WayList::default() };
        list.filter("");
        let at = list.lines.iter().position(|line| line.kind == chosen);
        let advised = list.near.first().is_some_and(|near| !near.why.is_empty());
        // Nothing at all is what a request begins with, and no choice.
        let chose = |near: &NearWay| near.kind == chosen && !near.why.is_empty();
        let fits = chosen != "none" && list.near.iter().any(chose);
        list.cursor = if advised && !fits { 0 } else { at.unwrap_or(0) };
        list
    }

    /// Leaves those that fit what was typed, with the cursor on the one that fits best.
    pub fn filter(&mut self, typed: &str) {
        let pattern = Pattern::parse(typed.trim(), CaseMatching::Ignore, Normalization::Smart);
        let mut matcher = Matcher::new(Config::DEFAULT);
        let mut buffer = Vec::new();
        let mut score = |way: &dyn Way| {
            let text = format!("{} {} {}", way.label(), way.kind(), way.about().group.label());
            pattern.score(Utf32Str::new(&text, &mut buffer), &mut matcher)
        };
        let mut found: Vec<(u32, WayLine)> = Vec::new();
        for near in &self.near {
            let Some(way) = auth::find(&near.kind) else { continue };
            if let Some(score) = score(way) {
                let mut line = line(way, near.heading);
                if !near.why.is_empty() {
                    line.summary = near.why;
                }
                found.push((score, line));
            }
        }
        let mut rest: Vec<&dyn Way> = auth::ways().to_vec();
        rest.retain(|way| self.near.iter().all(|near| near.kind != way.kind()));
        rest.sort_by_key(|way| way.about().group);
        for way in rest {
            if let Some(score) = score(way) {
                found.push((score, line(way, way.about().group.label())));
            }
        }
        let best = found.iter().map(|(score, _)| *score).max();
        let at = found.iter().position(|(score, _)| Some(*score) == best);
        self.cursor = if typed.trim().is_empty() { 0 } else { at.unwrap_or(0) };
        self.lines = found.into_iter().map(|(_, line)| line).collect();
    }

    /// The one under the cursor.
    #[must_use]
    pub fn chosen(&self) -> Option<&WayLine> {
        self.lines.get(self.cursor)
    }
}

/// Name of a way on screen; the kind itself if it is not known.
#[must_use]
pub fn way_label(kind: &str) -> String {
    auth::find(kind).map_or_else(|| kind.to_owned(), |way| way.label().to_owned())
}

fn line(way: &'static dyn Way, heading: &'static str) -> WayLine {
    WayLine { kind: way.kind(), label: way.label(), summary: way.about().summary, heading }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(kind: &str, why: &'static str) -> NearWay {
        NearWay { kind: kind.into(), heading: "Near", why }
    }

    #[test]
    fn every_way_stands_once_and_groups_are_whole() {
        let list = WayList::new(vec![near("bearer", "")], "basic", false);
        let mut kinds: Vec<&str> = list.lines.iter().map(|line| line.kind).collect();
        assert_eq!(list.lines[0].heading, "Near");
        assert_eq!(list.chosen().map(|line| line.kind), Some("basic"));
        let mut headings: Vec<&str> = list.lines.iter().map(|line| line.heading).collect();
        headings.dedup();
        let mut once = headings.clone();
        once.sort_unstable();
        once.dedup();
        assert_eq!(headings.len(), once.len(), "{headings:?}");
        kinds.sort_unstable();
        kinds.dedup();
        assert_eq!(kinds.len(), auth::ways().len());
        assert_eq!(list.lines.len(), auth::ways().len());
    }

    #[test]
    fn typing_leaves_what_fits_with_the_best_under_the_cursor() {
        let mut list = WayList::new(Vec::new(), "none", false);
        list.filter("bear");
        assert_eq!(list.chosen().map(|line| line.kind), Some("bearer"));
        list.filter("zzzz");
        assert_eq!(list.chosen(), None);
        list.filter("");
        assert_eq!(list.lines.len(), auth::ways().len());
    }

    #[test]
    fn what_is_advised_is_under_the_cursor_unless_it_is_chosen_already() {
        let advised = || vec![near("basic", "It fits."), near("bearer", "Fits too.")];
        let list = WayList::new(advised(), "none", true);
        assert_eq!(list.chosen().map(|l| (l.kind, l.summary)), Some(("basic", "It fits.")));
        let list = WayList::new(advised(), "bearer", true);
        assert_eq!(list.chosen().map(|line| line.kind), Some("bearer"));
    }
}
