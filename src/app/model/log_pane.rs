//! The view of a tab's message log: place, filter and search.

use std::time::Duration;

use super::detail::Detail;
use super::filter::FilterState;
use crate::config::Settings;
use crate::core::message::{Direction, MessageKind};
use crate::core::time::{Micros, measured};
use crate::editor::Editor;
use crate::log::{Anchor, Filter, LogHandle, Marks, Mate, Pairs, Search, Seek, View};

/// The search line of the log.
#[derive(Debug)]
pub struct SearchLine {
    pub input: Editor,
    pub regex: bool,
    pub case: bool,
    /// Keys go to the field; else to the log, with the search still on.
    pub editing: bool,
}

#[derive(Debug, Default)]
pub struct SearchState {
    pub line: Option<SearchLine>,
    /// Names the running search, so that a late result of an older one is dropped.
    pub generation: u64,
    /// Runs outside the loop; asked for hits from here.
    pub search: Option<Search>,
    /// Why the pattern cannot be used.
    pub problem: Option<String>,
    pub running: bool,
}

/// Which entries are shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// `None` for both.
    pub direction: Option<Direction>,
    /// By place in [`MessageKind::ALL`].
    pub kinds: [bool; 5],
    /// Lines of ours: connected, closed, failed.
    pub notes: bool,
}

impl Default for Shown {
    fn default() -> Self {
        Shown { direction: None, kinds: [true; 5], notes: true }
    }
}

impl Shown {
    #[must_use]
    pub fn filter(&self) -> Filter {
        let directions = match self.direction {
            None => vec![Direction::In, Direction::Out],
            Some(direction) => vec![direction],
        };
        let kinds: Vec<MessageKind> = MessageKind::ALL
            .into_iter()
            .zip(self.kinds)
            .filter(|(_, on)| *on)
            .map(|(kind, _)| kind)
            .collect();
        Filter::new(&directions, &kinds, self.notes)
    }

    /// In a word or two: `all`, `received`, `text, binary`.
    #[must_use]
    pub fn label(&self) -> String {
        let kinds: Vec<&str> = MessageKind::ALL
            .into_iter()
            .zip(self.kinds)
            .filter(|(_, on)| *on)
            .map(|(kind, _)| kind.name())
            .collect();
        let kinds = if kinds.len() == MessageKind::ALL.len() {
            None
        } else if kinds.is_empty() {
            Some("no messages".to_owned())
        } else {
            Some(kinds.join(", "))
        };
        let direction = match self.direction {
            None => None,
            Some(Direction::In) => Some("received"),
            Some(Direction::Out) => Some("sent"),
        };
        match (direction, kinds) {
            (None, None) if self.notes => "all".into(),
            (None, None) => "messages".into(),
            (Some(direction), None) => direction.into(),
            (None, Some(kinds)) => kinds,
            (Some(direction), Some(kinds)) => format!("{direction}: {kinds}"),
        }
    }
}

/// The row that times are counted from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeltaMark {
    pub number: u64,
    pub at: Micros,
}

#[derive(Debug)]
pub struct LogPane {
    pub handle: LogHandle,
    /// Replies are paired with their requests also while nobody looks at the statistics.
    pub pairing: bool,
    /// Which row answers which; runs outside the loop. `None` while pairs are not looked for.
    pub pairs: Option<Pairs>,
    /// Names the running search for pairs.
    pub pairs_generation: u64,
    /// Rows wait to be looked at for pairs.
    pub pairing_behind: bool,
    pub shown: Shown,
    /// Stay at the newest entry.
    pub follow: bool,
    /// Number of the entry at the top of the window, while not following.
    pub top: u64,
    /// Number of the entry under the cursor; 0 for none.
    pub cursor: u64,
    /// Number of the entry where the selection began.
    pub anchor: Option<u64>,
    /// Newest number when the reader scrolled away; later ones are counted below.
    pub seen: u64,
    /// The window stands still until told otherwise, while messages go on coming.
    pub paused: bool,
    /// Times between rows are counted from this one.
    pub mark: Option<DeltaMark>,
    /// Bookmarks, notes and pins.
    pub marks: Marks,
    /// Looks for the next row of a kind, beside the loop.
    pub seek: Option<Seek>,
    /// Names the running seek, so that a late result of an older one is dropped.
    pub seeks: u64,
    pub search: SearchState,
    pub filter: FilterState,
    pub detail: Detail,
}

/// What the row of a reply says of its request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Time from the request to this reply.
    pub after: Duration,
    /// It says that something went wrong.
    pub failed: bool,
}

impl LogPane {
    /// If this row answers another one.
    #[must_use]
    pub fn answer(&self, number: u64) -> Option<Answer> {
        match self.pairs.as_ref()?.mate(number)? {
            Mate::Reply { round_trip, failed, .. } => Some(Answer { after: round_trip, failed }),
            Mate::Request { .. } => None,
        }
    }

    /// What belongs to this row, in words: `answers #3 after 8.2 ms`.
    #[must_use]
    pub fn mate_words(&self, number: u64) -> Option<String> {
        let mate = self.pairs.as_ref()?.mate(number)?;
        let after = measured(u64::try_from(mate.round_trip().as_micros()).unwrap_or(u64::MAX));
        let failed = if mate.failed() { ", an error" } else { "" };
        Some(match mate {
            Mate::Reply { request, .. } => format!("answers #{request} after {after}{failed}"),
            Mate::Request { reply, replies: 0 | 1, .. } => {
                format!("answered by #{reply} after {after}{failed}")
            }
            Mate::Request { reply, replies, .. } => {
                format!("{replies} replies, #{reply} after {after}{failed}")
            }
        })
    }

    #[must_use]
    pub fn view(&self) -> View {
        match &self.filter.sieve {
            Some(sieve) => View::from(sieve.clone()),
            None => View::from(self.shown.filter()),
        }
    }

    /// Where the window begins.
    #[must_use]
    pub fn window_anchor(&self) -> Anchor {
        if self.follow { Anchor::Newest } else { Anchor::Number(self.top) }
    }

    /// Selected entries, first and last number; the one under the cursor if nothing is marked.
    #[must_use]
    pub fn selection(&self) -> Option<(u64, u64)> {
        if self.cursor == 0 {
            return None;
        }
        let anchor = self.anchor.unwrap_or(self.cursor);
        Some((anchor.min(self.cursor), anchor.max(self.cursor)))
    }

    #[must_use]
    pub fn new(settings: &Settings) -> LogPane {
        LogPane {
            handle: LogHandle::new(settings.log.memory_mib as usize * 1024 * 1024),
            pairing: settings.log.pairs,
            pairs: None,
            pairs_generation: 0,
            pairing_behind: false,
            shown: Shown {
                kinds: MessageKind::ALL
                    .map(|kind| settings.log.control_frames || !kind.is_control()),
                ..Shown::default()
            },
            follow: true,
            top: 0,
            cursor: 0,
            anchor: None,
            seen: 0,
            paused: false,
            mark: None,
            marks: Marks::default(),
            seek: None,
            seeks: 0,
            search: SearchState::default(),
            filter: FilterState::default(),
            detail: Detail::new(),
        }
    }
}
