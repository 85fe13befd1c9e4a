//! Probes: what would settle an attempt, asking for what needs a yes, and taking the results.

use super::Cx;
use crate::app::effect::{Effect, ProbeRequest};
use crate::app::model::{Level, Modal, Planned, Probing, Question, TabId};
use crate::app::msg::ProbeStep;
use crate::config::Probes;
use crate::core::evidence::ProbeRecord;
use crate::diagnose::probes::{self, MOST_UNASKED};
use crate::log::Note;

impl Cx<'_> {
    /// An attempt has ended: what could be probed. With the setting for it, and if the attempt
    /// was the user's own (`unasked`), some bare ones begin by themselves.
    pub(super) fn plan_probes(&mut self, index: usize, unasked: bool) {
        let wish = self.model.settings.interface.probes;
        let tab = &mut self.model.tabs[index];
        tab.conn.plan = match &tab.conn.evidence {
            Some(evidence) if wish != Probes::Off => probes::plan(evidence, &tab.conn.findings),
            _ => Vec::new(),
        };
        let failed = tab.conn.evidence.as_ref().is_some_and(|e| e.failure.is_some());
        if wish == Probes::Auto && unasked && failed {
            let bare = tab.conn.plan.iter().filter(|planned| planned.is_bare());
            let first: Vec<Planned> = bare.take(MOST_UNASKED).cloned().collect();
            self.start_probes(index, first);
        }
    }

    /// The key: makes the bare ones; then asks for one that needs it; stops those that run.
    pub(super) fn probe(&mut self) {
        if self.model.settings.interface.probes == Probes::Off {
            self.info("Probes are switched off: interface.probes in config.toml.");
            return;
        }
        let index = self.model.active;
        let tab = &self.model.tabs[index];
        if tab.conn.probing.is_some() {
            self.stop_probes(index);
            return;
        }
        if tab.conn.state.is_live() {
            self.info("Probes are for an attempt that has ended.");
            return;
        }
        if tab.conn.reconnect.is_some() {
            self.info("Probes wait while reconnecting goes on. Esc stops it.");
            return;
        }
        let bare: Vec<Planned> = tab.conn.plan.iter().filter(|p| p.is_bare()).cloned().collect();
        if !bare.is_empty() {
            self.start_probes(index, bare);
            return;
        }
        let asked = tab.conn.plan.iter().position(|planned| !planned.is_bare());
        match asked.and_then(|at| Some((at, tab.conn.plan[at].question()?))) {
            Some((at, question)) => {
                let question = (question, Question::Probe(tab.id, at));
                self.ask_for_probe(question);
            }
            None if tab.conn.evidence.is_none() => self.info("There is no attempt to probe yet."),
            None => self.info("No probe would tell more about this attempt."),
        }
    }

    fn ask_for_probe(&mut self, (text, question): (String, Question)) {
        self.model.modals.push(Modal::Confirm {
            title: "Probe with what the request sends?".into(),
            text,
            yes: "Probe",
            no: "Leave it",
            question,
            on_yes: false,
        });
    }

    /// The user said yes to this very one.
    pub(super) fn probe_with_consent(&mut self, tab: TabId, at: usize) {
        let Some(index) = self.model.tabs.iter().position(|t| t.id == tab) else { return };
        let conn = &self.model.tabs[index].conn;
        if conn.probing.is_some() || conn.state.is_live() {
            return;
        }
        if let Some(planned) = conn.plan.get(at).cloned() {
            self.start_probes(index, vec![planned]);
        }
    }

    fn start_probes(&mut self, index: usize, planned: Vec<Planned>) {
        if planned.is_empty() {
            return;
        }
        let run = self.model.next_probing;
        self.model.next_probing += 1;
        let tab = &mut self.model.tabs[index];
        let (Some(draft), Some(evidence)) = (&tab.conn.attempted, &tab.conn.evidence) else {
            return;
        };
        let request = ProbeRequest {
            tab: tab.id,
            run,
            draft: (**draft).clone(),
            evidence: evidence.clone(),
            planned: planned.clone(),
        };
        // One that was made, or begun, is not offered again.
        tab.conn.plan.retain(|left| !planned.contains(left));
        tab.conn.probing = Some(Probing { run, queue: planned, at: 0 });
        self.effects.push(Effect::Probe(Box::new(request)));
    }

    pub(super) fn stop_probes(&mut self, index: usize) {
        let now = self.now;
        let tab = &mut self.model.tabs[index];
        let Some(probing) = tab.conn.probing.take() else { return };
        // What was not made can be made later, in the same order.
        let left = probing.queue.into_iter().skip(probing.at);
        tab.conn.plan = left.chain(std::mem::take(&mut tab.conn.plan)).collect();
        tab.log.handle.note(now, Note::Separator("probes were stopped".into()));
        self.effects.push(Effect::StopProbes(self.model.tabs[index].id));
        self.info("Probes were stopped.");
    }

    /// A step of a run; late ones of an earlier run are dropped and counted.
    pub(super) fn probed(&mut self, tab: TabId, run: u64, step: ProbeStep) {
        let place = self.model.tabs.iter().position(|t| {
            t.id == tab && t.conn.probing.as_ref().is_some_and(|probing| probing.run == run)
        });
        let Some(index) = place else {
            self.model.late_events += 1;
            return;
        };
        match step {
            ProbeStep::Began(at) => {
                if let Some(probing) = &mut self.model.tabs[index].conn.probing {
                    probing.at = at;
                }
            }
            ProbeStep::Made(record) => self.probe_made(index, *record),
            ProbeStep::Over => self.probes_over(index),
        }
    }

    /// Writes a result into the record, and judges the record anew.
    fn probe_made(&mut self, index: usize, record: ProbeRecord) {
        let now = self.now;
        let tab = &mut self.model.tabs[index];
        tab.log.handle.note(now, Note::Separator(Planned::note(&record)));
        let Some(evidence) = &mut tab.conn.evidence else { return };
        evidence.probes.push(record);
        tab.conn.findings = crate::diagnose::diagnose(evidence);
        tab.conn.conclusion = probes::conclude(evidence).map(|c| c.sentence);
        let same = |attempt: &&mut crate::app::model::Attempt| {
            attempt.evidence.started == evidence.started
        };
        if let Some(kept) = tab.conn.history.back_mut().filter(same) {
            kept.evidence.clone_from(evidence);
            kept.findings.clone_from(&tab.conn.findings);
        }
    }

    fn probes_over(&mut self, index: usize) {
        let in_front = index == self.model.active;
        let conn = &mut self.model.tabs[index].conn;
        conn.probing = None;
        let told = match &conn.conclusion {
            Some(sentence) => sentence.clone(),
            None => "No probe could be made.".into(),
        };
        if in_front {
            self.say(Level::Info, told);
        }
    }
}
