//! Events of connections.

use super::Cx;
use crate::app::effect::Effect;
use crate::app::model::{Level, TabId};
use crate::core::event::EventKind;
use crate::core::evidence::{Evidence, Outcome, StageRecord};
use crate::core::finding::Finding;
use crate::core::stage::{ConnId, ConnectionState};

impl Cx<'_> {
    /// Place of the tab whose connection this is; late events of an old one are counted.
    pub(super) fn place(&mut self, tab: TabId, conn: ConnId) -> Option<usize> {
        let place = self.model.tabs.iter().position(|t| t.id == tab && t.conn.id == Some(conn));
        if place.is_none() {
            self.model.late_events += 1;
        }
        place
    }

    pub(super) fn net(&mut self, tab: TabId, conn: ConnId, event: EventKind) {
        let Some(index) = self.place(tab, conn) else { return };
        let now = self.now;
        let tab = &mut self.model.tabs[index];
        match event {
            EventKind::StageBegan(stage) => {
                tab.conn.state = ConnectionState::Connecting(stage);
                tab.conn.credential.through();
                // After a redirect the stages begin anew, at the next address.
                if tab.conn.stages.last().is_some_and(|last| last.stage >= stage) {
                    tab.conn.stages.clear();
                }
                let began_us = u64::try_from(now.since(tab.conn.began).as_micros()).unwrap_or(0);
                tab.conn.stages.push(StageRecord {
                    stage,
                    began_us,
                    ended_us: None,
                    outcome: Outcome::Running,
                    detail: String::new(),
                });
            }
            EventKind::StageEnded(record) => {
                match tab.conn.stages.iter_mut().rev().find(|s| s.stage == record.stage) {
                    Some(running) => *running = record,
                    None => tab.conn.stages.push(record),
                }
            }
            EventKind::Open(evidence) => self.opened(index, conn, evidence),
            EventKind::RoundTrip { time, at } => {
                tab.conn.round_trip = Some(time);
                tab.conn.round_trips.add(at, time);
            }
            EventKind::PongsHeld(held) => tab.conn.pongs_held = held,
            EventKind::HalfClosed => {
                tab.conn.half_closed = true;
                // The end that follows is the user's doing.
                tab.conn.closing_by_user = true;
            }
            EventKind::Rejected { command, why } => {
                self.say(Level::Error, format!("{command} was not done: {why}"));
                self.transfer_refused(index, command);
            }
            // Messages go to the log past the program's loop; an end comes with its verdict.
            // Cookies are secrets, and stay with whoever keeps them.
            EventKind::Transfer(news) => self.transfer_told(index, &news),
            EventKind::Messages(_)
            | EventKind::Handmade { .. }
            | EventKind::Ended(_)
            | EventKind::Cookies { .. } => {}
        }
    }

    fn opened(&mut self, index: usize, conn: ConnId, evidence: Box<Evidence>) {
        let now = self.now;
        let tab = &mut self.model.tabs[index];
        tab.conn.state = ConnectionState::Open;
        tab.conn.opened = Some(now);
        tab.conn.attempts = 0;
        tab.conn.stages.clone_from(&evidence.stages);
        tab.conn.findings = crate::diagnose::diagnose(&evidence);
        tab.conn.evidence = Some(evidence);
        let queued = std::mem::take(&mut tab.conn.queued);
        self.effects.extend(queued.into_iter().map(|command| Effect::Command(conn, command)));
        self.next_transfer(index);
    }

    pub(super) fn ended(
        &mut self,
        tab: TabId,
        conn: ConnId,
        evidence: Box<Evidence>,
        findings: Vec<Finding>,
    ) {
        if let Some(index) = self.place(tab, conn) {
            self.conclude(index, evidence, findings);
        }
    }
}
