//! Connecting, closing, and trying again.

use std::time::Duration;

use super::Cx;
use crate::app::effect::{ConnectRequest, Effect};
use crate::app::model::{
    Attempt, Connection, Level, Modal, OnItsWay, Pane, Question, Reconnect, RequestTab, Section,
    Tab, TabId, TransferStage,
};
use crate::auth;
use crate::core::backoff;
use crate::core::close::may_be_sent;
use crate::core::event::Command;
use crate::core::evidence::{
    CredentialProblem, Evidence, Failure, FailureKind, Outcome, RequestFacts, StageRecord, VERSION,
};
use crate::core::finding::Finding;
use crate::core::stage::{ConnectionState, Stage};
use crate::core::url::{self, UrlProblem};
use crate::log::Note;

const CONNECTED_ALREADY: &str = "Connected already. Once more connects anew.";

/// A verdict after which trying again by itself could lock an account.
#[must_use]
pub fn is_login_refusal(findings: &[Finding], evidence: &Evidence) -> bool {
    let status = evidence.http.as_ref().and_then(|http| http.reply.as_ref()).map(|r| r.status);
    let close = evidence.session.as_ref().and_then(|s| s.end.as_ref()).map(|end| end.code());
    let no_credential = matches!(
        &evidence.failure,
        Some(Failure { kind: FailureKind::Credential(problem), .. })
            if !matches!(problem, CredentialProblem::Unreachable { .. })
    );
    matches!(status, Some(401 | 403 | 407))
        || no_credential
        || matches!(close, Some(1008 | 3000 | 3003 | 4401 | 4403))
        || findings.first().is_some_and(|f| f.code.contains("/401") || f.code.contains("/403"))
}

/// What to ask before an attempt that would lock its key if it is refused like the one before;
/// `None` if it would not. Another key of the same way is not meant.
fn last_try(tab: &Tab) -> Option<String> {
    let before = tab.conn.evidence.as_ref()?;
    let lock = before.request.credential.lock?;
    let status = before.http.as_ref()?.reply.as_ref()?.status;
    let failed = lock.failed.saturating_add(1);
    let close = matches!(status, 401 | 403) && lock.limit > 0 && failed + 1 >= lock.limit;
    let (old, new) = (&tab.conn.attempted.as_ref()?.auth, &tab.draft.auth);
    // Of a way that is inherited nothing was changed here.
    let field = auth::find(&tab.effective().auth.kind)?.lock()?.field;
    (close && old.kind == new.kind && old.value(field) == new.value(field)).then(|| {
        format!(
            "{failed} attempts in a row with this key were refused, and the service locks it for \
             {} s after {}. {} Connect all the same?",
            lock.locked_s,
            lock.limit,
            if failed >= lock.limit {
                "It is probably locked now, and a try may prolong that."
            } else {
                "Check key and secret first: this is the last try."
            }
        )
    })
}

impl Cx<'_> {
    /// Enter in the URL line, or the command.
    pub(super) fn connect(&mut self) {
        self.leave_fields();
        let now = self.now;
        self.tab().refresh_preview(now);
        let tab = self.model.tab();
        let typed = url::masked(&tab.draft.url);
        let same = tab.conn.evidence.as_ref().is_some_and(|e| e.request.typed == typed);
        if self.tab().conn.state == ConnectionState::Open && self.tab().focus == Pane::Url && same {
            // The key that connects is also the one that ends typing an address. While the notice
            // stands, pressing it once more means it.
            let asked = self.model.notice.as_ref().is_some_and(|n| n.text == CONNECTED_ALREADY);
            if !asked {
                self.info(CONNECTED_ALREADY);
                return;
            }
        }
        if let Some(shared) = &self.tab().shares {
            let text = format!("This is what {} gives; connect from a request.", shared.words());
            self.say(Level::Error, text);
            return;
        }
        if let Some(text) = last_try(self.model.tab()) {
            let question = Question::LastTry(self.model.tab().id);
            self.model.modals.push(Modal::Confirm {
                title: "The key may be locked".into(),
                text,
                yes: "Connect",
                no: "Cancel",
                question,
                on_yes: false,
            });
            return;
        }
        self.connect_now();
    }

    fn connect_now(&mut self) {
        self.tab().conn.queued.clear();
        self.tab().conn.transfers.clear();
        self.tab().conn.attempts = 0;
        self.start_attempt(self.model.active, 0);
    }

    /// The attempt that may lock the key, which was agreed to.
    pub(super) fn connect_anyway(&mut self, id: TabId) {
        if self.model.tab().id == id {
            self.connect_now();
        }
    }

    /// Begins an attempt in a tab; a connection that it has is given up.
    pub(super) fn start_attempt(&mut self, index: usize, attempt: u32) {
        let conn = self.model.new_conn();
        let now = self.now;
        let tab = &mut self.model.tabs[index];
        if tab.conn.state.is_live()
            && let Some(old) = tab.conn.id
        {
            self.effects.push(Effect::Forget(old));
            tab.log.handle.note(now, Note::Separator("given up for a new connection".into()));
        }
        if tab.conn.probing.is_some() {
            self.effects.push(Effect::StopProbes(tab.id));
        }
        tab.refresh_preview(now);
        let queued = std::mem::take(&mut tab.conn.queued);
        let grant = tab.conn.credential.grant.take();
        let mut transfers = std::mem::take(&mut tab.conn.transfers);
        transfers.retain(|file| file.stage == TransferStage::Waiting);
        tab.conn = Connection {
            transfers,
            credential: OnItsWay::of_another_attempt(grant),
            state: ConnectionState::Connecting(Stage::Url),
            id: Some(conn),
            began: now,
            attempts: attempt,
            queued,
            history: std::mem::take(&mut tab.conn.history),
            earlier: std::mem::take(&mut tab.conn.earlier),
            attempted: Some(Box::new(tab.draft.clone())),
            ..Connection::default()
        };
        tab.handshake.attempt_began();
        if let Err(problem) = &tab.preview {
            let evidence = unsendable(&tab.draft.url, problem, now);
            let findings = crate::diagnose::diagnose(&evidence);
            let id = tab.id;
            self.ended(id, conn, Box::new(evidence), findings);
            return;
        }
        let request = ConnectRequest {
            tab: tab.id,
            conn,
            draft: tab.effective(),
            attempt,
            earlier: tab.conn.earlier.clone(),
            log: tab.log.handle.clone(),
        };
        self.effects.push(Effect::Connect(Box::new(request)));
        if attempt == 0 && index == self.model.active {
            self.remember_url();
        }
    }

    pub(super) fn disconnect(&mut self) {
        let now = self.now;
        let tab = self.tab();
        tab.conn.closing_by_user = true;
        if tab.conn.reconnect.is_some() {
            self.stop_reconnecting();
            return;
        }
        let Some(id) = tab.conn.id else {
            self.info("Not connected.");
            return;
        };
        match tab.conn.state {
            // Without our half no close frame can go out.
            ConnectionState::Open if tab.conn.half_closed => {
                self.effects.push(Effect::Command(id, Command::Disconnect));
            }
            ConnectionState::Open => {
                tab.conn.state = ConnectionState::Closing;
                tab.conn.began = now;
                let reason = String::new();
                self.effects.push(Effect::Command(id, Command::Close { code: Some(1000), reason }));
            }
            ConnectionState::Connecting(_) => {
                self.effects.push(Effect::Command(id, Command::Disconnect));
            }
            // Closing takes too long for the user, so it is cut.
            ConnectionState::Closing => {
                self.effects.push(Effect::Command(id, Command::Disconnect));
            }
            _ => self.info("Not connected."),
        }
    }

    pub(super) fn cut(&mut self) {
        let tab = self.tab();
        tab.conn.closing_by_user = true;
        match tab.conn.id {
            Some(id) if tab.conn.state.is_live() => {
                self.effects.push(Effect::Command(id, Command::Disconnect));
            }
            _ => self.info("Not connected."),
        }
    }

    /// `CODE reason`, from a prompt. Says what is wrong with it, if it cannot be sent.
    pub(super) fn close_with(&mut self, typed: &str) -> Result<(), String> {
        let (code, reason) = match typed.trim().split_once(' ') {
            Some((code, reason)) => (code, reason.trim()),
            None => (typed.trim(), ""),
        };
        let code = match code {
            "" => None,
            code => Some(code.parse::<u16>().map_err(|_| {
                format!("“{code}” is not a close code: a number from 1000 to 4999, then the reason")
            })?),
        };
        if let Some(code) = code
            && !may_be_sent(code)
        {
            return self.close_raw(code, reason);
        }
        if reason.len() > 123 {
            return Err(format!(
                "the reason has {} bytes; a close frame carries 123",
                reason.len()
            ));
        }
        let now = self.now;
        let tab = self.tab();
        let (ConnectionState::Open, Some(id)) = (tab.conn.state, tab.conn.id) else {
            return Err("the connection is not open".into());
        };
        tab.conn.closing_by_user = true;
        tab.conn.state = ConnectionState::Closing;
        tab.conn.began = now;
        let reason = reason.to_owned();
        self.effects.push(Effect::Command(id, Command::Close { code, reason }));
        Ok(())
    }

    pub(super) fn ping(&mut self) {
        let tab = self.tab();
        match (tab.conn.state, tab.conn.id) {
            (ConnectionState::Open, Some(id)) => {
                let payload = bytes::Bytes::new();
                self.effects.push(Effect::Command(id, Command::Ping(payload)));
            }
            _ => self.info("A ping needs an open connection."),
        }
    }

    pub(super) fn stop_reconnecting(&mut self) {
        let now = self.now;
        let tab = self.tab();
        tab.conn.reconnect = None;
        tab.log.handle.note(now, Note::Separator("reconnecting was stopped".into()));
        self.info("Reconnecting was stopped.");
    }

    /// Attempts whose time has come, in any tab.
    pub(super) fn due_reconnects(&mut self) {
        for index in 0..self.model.tabs.len() {
            let Some(reconnect) = self.model.tabs[index].conn.reconnect else { continue };
            if reconnect.at <= self.now {
                self.start_attempt(index, reconnect.attempt);
            }
        }
    }

    /// The record of an attempt is whole: keeps it, and decides what comes next.
    pub(super) fn conclude(
        &mut self,
        index: usize,
        evidence: Box<Evidence>,
        findings: Vec<Finding>,
    ) {
        let now = self.now;
        let tab = &mut self.model.tabs[index];
        let opened = evidence.opened();
        let cancelled = matches!(&evidence.failure, Some(f) if f.kind == FailureKind::Cancelled);
        let end = evidence.session.as_ref().and_then(|session| session.end.clone());
        tab.conn.state = match (&end, &evidence.failure) {
            (Some(end), _) => ConnectionState::Closed { code: end.code() },
            (None, _) if opened => ConnectionState::Closed { code: 1006 },
            (None, Some(_)) if cancelled => ConnectionState::Idle,
            (None, Some(failure)) => ConnectionState::Failed(failure.stage),
            (None, None) => ConnectionState::Idle,
        };
        tab.conn.stages.clone_from(&evidence.stages);
        tab.conn.earlier.push(crate::core::evidence::EarlierAttempt::of(
            &evidence,
            findings.first().map(|f| f.code.to_string()),
        ));
        let surplus = tab.conn.earlier.len().saturating_sub(Connection::KEPT);
        tab.conn.earlier.drain(..surplus);
        tab.conn
            .history
            .push_back(Attempt { evidence: evidence.clone(), findings: findings.clone() });
        while tab.conn.history.len() > Connection::KEPT {
            tab.conn.history.pop_front();
        }
        tab.conn.opened = None;
        tab.conn.id = None;

        let refused = is_login_refusal(&findings, &evidence);
        let automatic = tab.conn.attempts > 0;
        let lost = opened
            && !tab.conn.closing_by_user
            && !end.as_ref().is_some_and(|end| end.by == crate::core::evidence::EndedBy::Us);
        let next = if opened { 1 } else { tab.conn.attempts + 1 };
        let wanted = (lost || automatic) && !tab.conn.closing_by_user && !cancelled;
        let again = wanted && !refused && next <= tab.draft.settings.reconnect_attempts;
        if again {
            // The low digits of the clock are as good as chance here.
            #[expect(clippy::cast_precision_loss, reason = "a number below 1000")]
            let jitter = (now.0 % 1000) as f64 / 1000.0;
            let interval = Duration::from_millis(tab.draft.settings.reconnect_interval_ms);
            let wait = backoff::wait(interval, next, jitter);
            tab.conn.reconnect = Some(Reconnect { attempt: next, at: now.plus(wait) });
            let wait_ms = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
            tab.log.handle.note(now, Note::Retrying { attempt: next, wait_ms });
        } else if wanted && refused && tab.draft.settings.reconnect_attempts > 0 {
            let text = "not reconnecting: the login was refused, and trying again could lock it";
            tab.log.handle.note(now, Note::Separator(text.into()));
        } else if wanted && automatic && !opened {
            let text = format!("gave up reconnecting after {} attempts", tab.conn.attempts);
            tab.log.handle.note(now, Note::Separator(text));
        }
        let verdict = findings.first().map(|f| f.summary.clone());
        let waiting =
            tab.conn.transfers.iter().filter(|file| file.stage == TransferStage::Waiting).count();
        let queued = tab.conn.queued.len() + waiting;
        tab.conn.evidence = Some(evidence);
        tab.conn.findings = findings;
        if !again {
            tab.conn.queued.clear();
        }
        self.transfers_ended(index, again);
        self.plan_probes(index, !again && !automatic && !cancelled);
        let in_front = index == self.model.active;
        if opened || cancelled || automatic || !in_front {
            if in_front && cancelled {
                self.info("Stopped connecting.");
            }
            return;
        }
        self.show_failure(verdict.as_deref(), queued);
    }

    /// A failed attempt opens the handshake tab, unless somebody is typing: then letters would
    /// become commands in the middle of a word.
    fn show_failure(&mut self, verdict: Option<&str>, queued: usize) {
        let typing = self.tab().focus == Pane::Body
            && self.tab().request_tab == RequestTab::Message
            && self.tab().conn.typed_since;
        let unsent = if queued > 0 { " The message was not sent." } else { "" };
        if typing {
            let why = self.model.keymap.label_for(
                crate::core::action::Action::GoHandshake,
                &[crate::core::action::Context::Global],
            );
            let why = why.map(|key| format!(" {key} shows why.")).unwrap_or_default();
            self.say(
                Level::Error,
                format!("{}{unsent}{why}", verdict.unwrap_or("Connecting failed.")),
            );
        } else {
            self.leave_fields();
            self.go(RequestTab::Handshake);
            self.tab().handshake.section = Section::Overview;
            if queued > 0 {
                self.say(Level::Warning, unsent.trim());
            }
        }
    }
}

/// The record of a request that cannot be sent: no stage but the first.
fn unsendable(typed: &str, problem: &UrlProblem, now: crate::core::time::Micros) -> Evidence {
    let problem = problem.clone().masked();
    Evidence {
        version: VERSION,
        wsdeck: env!("CARGO_PKG_VERSION").into(),
        os: std::env::consts::OS.into(),
        started: now,
        request: RequestFacts { typed: url::masked(typed), ..RequestFacts::default() },
        stages: vec![StageRecord {
            stage: Stage::Url,
            began_us: 0,
            ended_us: Some(0),
            outcome: Outcome::Failed,
            detail: String::new(),
        }],
        failure: Some(Failure {
            stage: Stage::Url,
            text: problem.to_string(),
            kind: FailureKind::Url(problem),
        }),
        ..Evidence::default()
    }
}
