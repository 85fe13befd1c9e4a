//! The handshake tab: which of its sections is seen and how far it is scrolled, which attempts are
//! looked at and compared, and which remedies were taken.

use super::{Connection, Tab};
use crate::core::evidence::Evidence;
use crate::core::finding::{Finding, Fix, Severity};
use crate::core::request::RequestDraft;
use crate::core::time::Micros;

/// A part of the handshake tab.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Section {
    /// Stages, verdict, remedies.
    #[default]
    Overview,
    /// Request and reply of the opening handshake.
    Exchange,
    Tls,
    /// Names, addresses, proxy, redirects.
    Network,
    /// The open connection and its end.
    Session,
    Probes,
    /// Attempts so far, and what is different between two of them.
    Attempts,
}

impl Section {
    pub const ALL: [Section; 7] = [
        Section::Overview,
        Section::Exchange,
        Section::Tls,
        Section::Network,
        Section::Session,
        Section::Probes,
        Section::Attempts,
    ];

    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Section::Overview => "Overview",
            Section::Exchange => "Exchange",
            Section::Tls => "TLS",
            Section::Network => "Network",
            Section::Session => "Session",
            Section::Probes => "Probes",
            Section::Attempts => "Attempts",
        }
    }

    /// The neighbour to the right or left; goes round at the ends.
    #[must_use]
    pub fn step(self, forward: bool) -> Section {
        let len = Self::ALL.len();
        Self::ALL[(self.place() + if forward { 1 } else { len - 1 }) % len]
    }

    fn place(self) -> usize {
        Self::ALL.iter().position(|section| *section == self).unwrap_or(0)
    }
}

/// A remedy that was taken, with the request before and after it.
#[derive(Clone, Debug, PartialEq)]
pub struct Taken {
    /// As the remedy was called: `Switch to ws://`.
    pub label: String,
    pub before: RequestDraft,
    pub after: RequestDraft,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct HandshakeState {
    pub section: Section,
    /// First line that is seen of each section, in the order of [`Section::ALL`].
    scroll: [usize; Section::ALL.len()],
    /// The row of the list of attempts under the cursor; the newest one is 0.
    pub cursor: usize,
    /// Attempts to be compared, by the time when they began; at most two.
    pub marked: Vec<Micros>,
    /// The attempt that all sections show; `None` for the last one.
    pub viewed: Option<Micros>,
    /// The comparison also shows what is the same.
    pub show_same: bool,
    /// Remedies that can be taken back, the newest one last; at most [`HandshakeState::KEPT`].
    pub taken: Vec<Taken>,
}

impl HandshakeState {
    /// Remedies that can be taken back.
    pub const KEPT: usize = 10;

    /// First line that is seen of the section in front.
    #[must_use]
    pub fn scroll(&self) -> usize {
        self.scroll[self.section.place()]
    }

    /// Scrolls the section in front, up to the line `last`.
    pub fn scroll_by(&mut self, lines: isize, last: usize) {
        let scroll = &mut self.scroll[self.section.place()];
        *scroll = (*scroll).min(last).saturating_add_signed(lines).min(last);
    }

    /// A new attempt begins: what is shown is the last one again, from its first line.
    pub fn attempt_began(&mut self) {
        self.scroll = Default::default();
        self.cursor = 0;
        self.viewed = None;
    }

    /// All sections show this attempt (`None` for the last one), the first one in front.
    pub fn view(&mut self, started: Option<Micros>) {
        self.scroll = Default::default();
        self.viewed = started;
        self.section = Section::Overview;
    }

    /// Marks an attempt for comparison, or takes the mark away. The older mark of two goes when a
    /// third one is set.
    pub fn mark(&mut self, started: Micros) {
        if let Some(at) = self.marked.iter().position(|mark| *mark == started) {
            self.marked.remove(at);
            return;
        }
        if self.marked.len() >= 2 {
            self.marked.remove(0);
        }
        self.marked.push(started);
    }

    /// Keeps a remedy that was just taken.
    pub fn take(&mut self, taken: Taken) {
        if self.taken.len() >= Self::KEPT {
            self.taken.remove(0);
        }
        self.taken.push(taken);
    }
}

impl Taken {
    /// Undoes the remedy in a request that may have been edited since: only the parts that the
    /// remedy changed go back to what they were.
    pub fn take_back(self, draft: &mut RequestDraft) {
        let Taken { before, after, .. } = self;
        if before.url != after.url || before.params != after.params {
            draft.url = before.url;
            draft.params = before.params;
        }
        if before.headers != after.headers {
            draft.headers = before.headers;
        }
        if before.auth != after.auth {
            draft.auth = before.auth;
        }
        if before.settings != after.settings {
            draft.settings = before.settings;
        }
    }
}

/// An attempt with a record, as the handshake tab shows it.
#[derive(Clone, Copy, Debug)]
pub struct Viewed<'a> {
    pub evidence: &'a Evidence,
    pub findings: &'a [Finding],
    /// It is the last one, or the one that is still open.
    pub last: bool,
}

impl Viewed<'_> {
    /// Remedies of all findings, in the order of their keys.
    pub fn fixes(&self) -> impl Iterator<Item = &Fix> {
        self.findings.iter().flat_map(|finding| &finding.fixes)
    }
}

/// What the probes of a record showed, a sentence; `None` if there are none.
#[must_use]
pub fn conclusion(evidence: &Evidence) -> Option<String> {
    crate::diagnose::probes::conclude(evidence).map(|conclusion| conclusion.sentence)
}

impl Connection {
    /// Every attempt that has a record, the newest one first. One that is open counts, with its
    /// record so far.
    #[must_use]
    pub fn attempts(&self) -> Vec<Viewed<'_>> {
        let mut all: Vec<Viewed<'_>> = self
            .history
            .iter()
            .rev()
            .map(|a| Viewed { evidence: &a.evidence, findings: &a.findings, last: false })
            .collect();
        if let Some(evidence) = &self.evidence {
            if all.first().is_some_and(|newest| newest.evidence.started == evidence.started) {
                all.remove(0);
            }
            all.insert(0, Viewed { evidence, findings: &self.findings, last: true });
        }
        all
    }

    /// Findings that say what will hurt although it works.
    #[must_use]
    pub fn warnings(&self) -> usize {
        self.findings.iter().filter(|finding| finding.severity == Severity::Warning).count()
    }
}

impl Tab {
    /// The attempt that the handshake tab shows: the one that was chosen in the list, or the last
    /// one; `None` if there is none, or it has only begun.
    #[must_use]
    pub fn viewed(&self) -> Option<Viewed<'_>> {
        if let Some(started) = self.handshake.viewed {
            let chosen = self.conn.attempts().into_iter().find(|a| a.evidence.started == started);
            if chosen.is_some() {
                return chosen;
            }
        }
        let evidence = self.conn.evidence.as_deref()?;
        Some(Viewed { evidence, findings: &self.conn.findings, last: true })
    }

    /// The two attempts that are compared, the older one first: those that are marked; one that is
    /// marked and the one under the cursor; or the one under the cursor and the one before it.
    #[must_use]
    pub fn compared(&self) -> Option<(Viewed<'_>, Viewed<'_>)> {
        let attempts = self.conn.attempts();
        let place = |mark: &Micros| attempts.iter().position(|a| a.evidence.started == *mark);
        let marked: Vec<usize> = self.handshake.marked.iter().filter_map(place).collect();
        let cursor = self.handshake.cursor.min(attempts.len().checked_sub(1)?);
        let (a, b) = match marked.as_slice() {
            [a, b] => (*a, *b),
            [a] if *a != cursor => (*a, cursor),
            _ => (cursor, cursor + 1),
        };
        Some((*attempts.get(a.max(b))?, *attempts.get(a.min(b))?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::model::Attempt;
    use crate::config::Settings;
    use crate::core::change::Change;
    use crate::core::url::Scheme;

    fn record(started: u64) -> Box<Evidence> {
        Box::new(Evidence { started: Micros(started), ..Evidence::default() })
    }

    /// A tab whose attempts began at 1, 2, 3; the one of 4 is open.
    fn tab() -> Tab {
        let id = crate::app::model::TabId(1);
        let mut tab = Tab::new(id, String::new(), RequestDraft::default(), &Settings::default());
        for started in 1..=3 {
            let attempt = Attempt { evidence: record(started), findings: Vec::new() };
            tab.conn.history.push_back(attempt);
        }
        tab.conn.evidence = Some(record(4));
        tab
    }

    fn starts(pair: Option<(Viewed<'_>, Viewed<'_>)>) -> Option<(u64, u64)> {
        pair.map(|(a, b)| (a.evidence.started.0, b.evidence.started.0))
    }

    #[test]
    fn an_attempt_that_ended_stands_in_the_list_once() {
        let mut tab = tab();
        let listed = |tab: &Tab| -> Vec<u64> {
            tab.conn.attempts().iter().map(|a| a.evidence.started.0).collect()
        };
        assert_eq!(listed(&tab), [4, 3, 2, 1]);
        tab.conn.evidence = Some(record(3));
        assert_eq!(listed(&tab), [3, 2, 1]);
        tab.conn.evidence = None;
        assert_eq!(listed(&tab), [3, 2, 1]);
    }

    #[test]
    fn the_older_one_stands_left_whatever_is_marked() {
        let mut tab = tab();
        assert_eq!(starts(tab.compared()), Some((3, 4)));
        tab.handshake.cursor = 1;
        assert_eq!(starts(tab.compared()), Some((2, 3)));
        tab.handshake.cursor = 3;
        assert_eq!(starts(tab.compared()), None);
        tab.handshake.mark(Micros(4));
        assert_eq!(starts(tab.compared()), Some((1, 4)));
        tab.handshake.mark(Micros(2));
        assert_eq!(starts(tab.compared()), Some((2, 4)));
        // A third mark takes the place of the oldest one, and a mark goes when set again.
        tab.handshake.mark(Micros(3));
        assert_eq!(starts(tab.compared()), Some((2, 3)));
        tab.handshake.mark(Micros(3));
        assert_eq!(tab.handshake.marked, [Micros(2)]);
    }

    #[test]
    fn an_attempt_that_was_chosen_is_shown_until_the_next_one_begins() {
        let mut tab = tab();
        tab.handshake.viewed = Some(Micros(2));
        assert_eq!(tab.viewed().map(|v| (v.evidence.started.0, v.last)), Some((2, false)));
        tab.handshake.attempt_began();
        assert_eq!(tab.viewed().map(|v| (v.evidence.started.0, v.last)), Some((4, true)));
        // One that is not kept any longer gives way to the last one.
        tab.handshake.viewed = Some(Micros(99));
        assert_eq!(tab.viewed().map(|v| v.evidence.started.0), Some(4));
    }

    #[test]
    fn taking_a_remedy_back_leaves_what_was_edited_since() {
        let mut draft = RequestDraft::default();
        draft.set_url("wss://a.example/".into());
        let before = draft.clone();
        Change::SetScheme { scheme: Scheme::Ws }.apply(&mut draft);
        let taken = Taken { label: "x".into(), before, after: draft.clone() };
        draft.settings.heartbeat_ms = 5;
        taken.take_back(&mut draft);
        assert_eq!(draft.url, "wss://a.example/");
        assert_eq!(draft.settings.heartbeat_ms, 5);
    }

    #[test]
    fn every_change_can_be_taken_back() {
        use crate::core::request::{IpFamily, TlsVersions};
        let mut request = RequestDraft::default();
        request.set_url("wss://a.example:9/x?a=1".into());
        request.headers.push(crate::core::headers::HeaderRow::new("Origin", "https://b.example"));
        for change in [
            Change::SetHost { host: "c.example".into() },
            Change::SetPort { port: None },
            Change::SetUrl { url: "ws://d.example/".into() },
            Change::SetPath { path: "/y".into() },
            Change::SetParam { name: "EIO".into(), value: "4".into() },
            Change::RemoveParam { name: "a".into() },
            Change::SetHeader { name: "Origin".into(), value: "null".into() },
            Change::DisableHeader { name: "Origin".into() },
            Change::AddSubprotocol { name: "mqtt".into() },
            Change::SetVerify { verify: false },
            Change::SetHeartbeat { ms: 5 },
            Change::SetProxy { url: "none".into() },
            Change::SetIpFamily { family: IpFamily::V4 },
            Change::TrustCertificate { sha256: "ab".repeat(32) },
            Change::SetServerName { name: "e.example".into() },
            Change::SetTlsVersions { versions: TlsVersions::Only12 },
            Change::FollowRedirects { at_most: 3 },
        ] {
            let mut draft = request.clone();
            change.apply(&mut draft);
            assert_ne!(draft, request, "{change:?}");
            let taken = Taken { label: "x".into(), before: request.clone(), after: draft.clone() };
            taken.take_back(&mut draft);
            assert_eq!(draft, request, "{change:?}");
        }
    }

    #[test]
    fn scrolling_stops_at_the_last_line_and_each_section_has_its_own() {
        let mut state = HandshakeState::default();
        state.scroll_by(50, 7);
        assert_eq!(state.scroll(), 7);
        state.section = state.section.step(true);
        assert_eq!((state.section, state.scroll()), (Section::Exchange, 0));
        state.section = state.section.step(false).step(false);
        assert_eq!(state.section, Section::Attempts);
        state.section = Section::Overview;
        // The text has become shorter: one step back is one step.
        state.scroll_by(-1, 3);
        assert_eq!(state.scroll(), 2);
    }
}
