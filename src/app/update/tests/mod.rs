//! Courses of events by value: keys in, effects and model out. No socket, no terminal, no clock.

mod connecting;
mod credential;
mod detail;
mod editing;
mod filtering;
mod large;
mod log_view;
mod logging;
mod probing;
mod scopes;
mod stats;
mod tables;
mod windows;
mod wire;

use crate::app::effect::{ConnectRequest, Effect};
use crate::app::model::Model;
use crate::app::msg::Msg;
use crate::app::update;
use crate::config::{Keymap, Settings};
use crate::core::event::EventKind;
use crate::core::evidence::{
    Counts, End, EndedBy, Evidence, Failure, FailureKind, IoProblem, SessionFacts,
};
use crate::core::key::KeyCombo;
use crate::core::message::{Direction, Message, MessageKind};
use crate::core::stage::Stage;
use crate::core::time::Micros;

/// A program under test: a model, a clock that is set by hand, and all effects so far.
pub(super) struct Play {
    pub model: Model,
    pub now: Micros,
    pub effects: Vec<Effect>,
}

impl Play {
    pub fn new() -> Play {
        static KEYMAP: std::sync::OnceLock<Keymap> = std::sync::OnceLock::new();
        let keymap = KEYMAP.get_or_init(Keymap::embedded);
        let mut model = Model::new(keymap.clone(), Settings::default());
        model.geometry.log.height = 10;
        model.geometry.body.height = 10;
        Play { model, now: Micros(1_800_000_000_000_000), effects: Vec::new() }
    }

    pub fn msg(&mut self, msg: Msg) -> &mut Play {
        let effects = update(&mut self.model, msg, self.now);
        self.effects.extend(effects);
        self
    }

    /// Keys as the table writes them, with blanks between.
    pub fn keys(&mut self, keys: &str) -> &mut Play {
        for key in keys.split_whitespace() {
            let key: KeyCombo = key.parse().unwrap();
            self.msg(Msg::Key(key));
        }
        self
    }

    pub fn types(&mut self, text: &str) -> &mut Play {
        for c in text.chars() {
            self.msg(Msg::Key(KeyCombo::plain(crate::core::key::Key::Char(c))));
        }
        self
    }

    /// Waits until the next thing is due, and lets it happen.
    pub fn wait(&mut self) -> &mut Play {
        let due = crate::app::schedule::next_deadline(&self.model, self.now).unwrap();
        self.now = due.max(self.now);
        self.msg(Msg::Deadline)
    }

    /// Types an address and presses Enter; gives what was asked of the network.
    pub fn connects_to(&mut self, url: &str) -> ConnectRequest {
        self.model.tab_mut().set_url("");
        self.keys("alt+u").msg(Msg::Paste(url.into())).keys("enter");
        self.taken_connect().expect("an attempt was begun")
    }

    /// The newest request to connect, taken from the effects.
    pub fn taken_connect(&mut self) -> Option<ConnectRequest> {
        let at = self.effects.iter().rposition(|e| matches!(e, Effect::Connect(_)))?;
        match self.effects.remove(at) {
            Effect::Connect(request) => Some(*request),
            _ => None,
        }
    }

    pub fn opened(&mut self, request: &ConnectRequest) -> &mut Play {
        let evidence = Evidence {
            session: Some(SessionFacts::default()),
            request: crate::core::evidence::RequestFacts {
                typed: request.draft.url.clone(),
                ..Default::default()
            },
            ..Evidence::default()
        };
        let event = EventKind::Open(Box::new(evidence));
        self.msg(Msg::Net { tab: request.tab, conn: request.conn, event })
    }

    /// The open connection ends.
    pub fn ended_by(
        &mut self,
        request: &ConnectRequest,
        by: EndedBy,
        code: Option<u16>,
    ) -> &mut Play {
        let end = End {
            at_us: 2_000_000,
            by,
            code_received: code,
            reason_received: String::new(),
            close_received: code.is_some(),
            close_sent: false,
            code_sent: None,
            frame_cut: false,
            problem: None,
            violation: None,
            text: String::new(),
            silence_us: 0,
            deflate: None,
        };
        let session =
            SessionFacts { received: Counts::default(), end: Some(end), ..Default::default() };
        let evidence = Evidence { session: Some(session), ..Evidence::default() };
        let findings = crate::diagnose::diagnose(&evidence);
        let (tab, conn) = (request.tab, request.conn);
        self.msg(Msg::Ended { tab, conn, evidence: Box::new(evidence), findings })
    }

    pub fn fails(
        &mut self,
        request: &ConnectRequest,
        stage: Stage,
        kind: FailureKind,
    ) -> &mut Play {
        let evidence = Evidence {
            failure: Some(Failure { stage, kind, text: String::new() }),
            ..Evidence::default()
        };
        let findings = crate::diagnose::diagnose(&evidence);
        let (tab, conn) = (request.tab, request.conn);
        self.msg(Msg::Ended { tab, conn, evidence: Box::new(evidence), findings })
    }

    pub fn refused(&mut self, request: &ConnectRequest) -> &mut Play {
        self.fails(request, Stage::Tcp, FailureKind::Tcp(IoProblem::Refused))
    }

    /// Text messages come in.
    pub fn receives(&mut self, texts: &[&str]) -> &mut Play {
        let messages: Vec<Message> = texts
            .iter()
            .map(|text| Message {
                at: self.now,
                direction: Direction::In,
                kind: MessageKind::Text,
                payload: bytes::Bytes::copy_from_slice(text.as_bytes()),
                packed: None,
                split: None,
            })
            .collect();
        self.model.tab().log.handle.append(&messages);
        let id = self.model.tab().id;
        self.msg(Msg::LogGrew(id))
    }

    pub fn notice(&self) -> &str {
        self.model.notice.as_ref().map_or("", |notice| &notice.text)
    }
}
