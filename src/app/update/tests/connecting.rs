//! Connecting, losing, trying again, sending.

use super::Play;
use crate::app::effect::Effect;
use crate::app::model::{Modal, Pane, RequestTab};
use crate::app::msg::Msg;
use crate::core::event::{Command, EventKind};
use crate::core::evidence::{EndedBy, FailureKind, HttpFacts, ReplyFacts};
use crate::core::stage::{ConnectionState, Stage};

fn commands(play: &Play) -> Vec<&Command> {
    play.effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Command(_, command) => Some(command),
            _ => None,
        })
        .collect()
}

#[test]
fn enter_in_the_url_connects_and_the_stages_are_told() {
    let mut play = Play::new();
    let request = play.connects_to("ws://a.example/x");
    assert_eq!(request.draft.url, "ws://a.example/x");
    let event = EventKind::StageBegan(Stage::Tcp);
    play.msg(Msg::Net { tab: request.tab, conn: request.conn, event });
    assert_eq!(play.model.tab().conn.state, ConnectionState::Connecting(Stage::Tcp));
    play.opened(&request);
    assert_eq!(play.model.tab().conn.state, ConnectionState::Open);
}

#[test]
fn an_address_that_cannot_be_used_never_reaches_the_network() {
    let mut play = Play::new();
    play.keys("alt+u").types("mqtt://a.example").keys("enter");
    assert!(play.taken_connect().is_none());
    let tab = play.model.tab();
    assert_eq!(tab.conn.state, ConnectionState::Failed(Stage::Url));
    assert_eq!(tab.conn.findings[0].code, "url/unknown-scheme");
    assert_eq!((tab.request_tab, tab.focus), (RequestTab::Handshake, Pane::Body));
}

#[test]
fn late_events_of_an_old_connection_are_dropped_and_counted() {
    let mut play = Play::new();
    let old = play.connects_to("ws://a.example/1");
    let new = play.connects_to("ws://a.example/2");
    assert!(play.effects.iter().any(|e| matches!(e, Effect::Forget(id) if *id == old.conn)));
    play.opened(&old);
    assert_ne!(play.model.tab().conn.state, ConnectionState::Open);
    assert_eq!(play.model.late_events, 1);
    play.opened(&new);
    assert_eq!(play.model.tab().conn.state, ConnectionState::Open);
}

#[test]
fn a_lost_connection_is_tried_again_with_longer_waits_and_then_given_up() {
    let mut play = Play::new();
    play.model.tab_mut().draft.settings.reconnect_attempts = 3;
    let mut request = play.connects_to("ws://a.example/");
    play.opened(&request).ended_by(&request, EndedBy::PeerDropped, None);
    assert_eq!(play.model.tab().conn.state, ConnectionState::Closed { code: 1006 });
    for attempt in 1..=3 {
        let reconnect = play.model.tab().conn.reconnect.unwrap();
        assert_eq!(reconnect.attempt, attempt);
        let wait = reconnect.at.since(play.now).as_millis();
        let full = 1000 << (attempt - 1);
        assert!((full * 3 / 4..=full).contains(&wait), "{attempt}: {wait}");
        while play.model.tab().conn.reconnect.is_some() {
            play.wait();
        }
        request = play.taken_connect().unwrap();
        assert_eq!(request.attempt, attempt);
        play.refused(&request);
    }
    assert_eq!(play.model.tab().conn.reconnect, None);
    assert_eq!(play.model.tab().conn.state, ConnectionState::Failed(Stage::Tcp));
    // Nobody's place on screen was changed while it went on by itself.
    assert_eq!(play.model.tab().request_tab, RequestTab::Message);
}

#[test]
fn an_open_connection_resets_the_count_of_attempts() {
    let mut play = Play::new();
    play.model.tab_mut().draft.settings.reconnect_attempts = 2;
    let first = play.connects_to("ws://a.example/");
    play.opened(&first).ended_by(&first, EndedBy::Reset, None);
    while play.model.tab().conn.reconnect.is_some() {
        play.wait();
    }
    let second = play.taken_connect().unwrap();
    play.opened(&second).ended_by(&second, EndedBy::Reset, None);
    assert_eq!(play.model.tab().conn.reconnect.unwrap().attempt, 1);
}

#[test]
fn what_the_user_closed_is_not_tried_again() {
    let mut play = Play::new();
    play.model.tab_mut().draft.settings.reconnect_attempts = 3;
    let request = play.connects_to("ws://a.example/");
    play.opened(&request).keys("ctrl+d");
    assert!(matches!(commands(&play)[0], Command::Close { code: Some(1000), .. }));
    assert_eq!(play.model.tab().conn.state, ConnectionState::Closing);
    play.ended_by(&request, EndedBy::Us, Some(1000));
    assert_eq!(play.model.tab().conn.reconnect, None);
}

#[test]
fn a_refused_login_is_never_tried_again_by_itself() {
    let mut play = Play::new();
    play.model.tab_mut().draft.settings.reconnect_attempts = 3;
    let request = play.connects_to("ws://a.example/");
    play.opened(&request).ended_by(&request, EndedBy::Reset, None);
    while play.model.tab().conn.reconnect.is_some() {
        play.wait();
    }
    let again = play.taken_connect().unwrap();
    let reply = ReplyFacts { status: 401, ..ReplyFacts::default() };
    let evidence = crate::core::evidence::Evidence {
        http: Some(HttpFacts { reply: Some(reply), ..HttpFacts::default() }),
        failure: Some(crate::core::evidence::Failure {
            stage: Stage::Http,
            kind: FailureKind::Http(crate::core::evidence::HttpProblem::Status),
            text: String::new(),
        }),
        ..Default::default()
    };
    let findings = crate::diagnose::diagnose(&evidence);
    let (tab, conn) = (again.tab, again.conn);
    play.msg(Msg::Ended { tab, conn, evidence: Box::new(evidence), findings });
    assert_eq!(play.model.tab().conn.reconnect, None);
    let rows = play.model.tab().log.handle.rows(crate::log::Filter::ALL);
    let last = play.model.tab().log.handle.number_at(crate::log::Filter::ALL, rows - 1).unwrap();
    let note = play.model.tab().log.handle.get(last).unwrap();
    assert!(note.note().unwrap().text().contains("not reconnecting"));
}

#[test]
fn what_may_lock_an_account_is_a_refused_login() {
    use crate::app::update::is_login_refusal;
    use crate::core::evidence::{CredentialProblem, Evidence, Failure};

    let answered = |status| Evidence {
        http: Some(HttpFacts {
            reply: Some(ReplyFacts { status, ..ReplyFacts::default() }),
            ..HttpFacts::default()
        }),
        ..Evidence::default()
    };
    let without = |problem| Evidence {
        failure: Some(Failure {
            stage: Stage::Http,
            kind: FailureKind::Credential(problem),
            text: String::new(),
        }),
        ..Evidence::default()
    };
    let refused = CredentialProblem::Refused { status: 400, error: None, description: None };
    for (evidence, expected) in [
        (answered(401), true),
        (answered(403), true),
        (answered(407), true),
        (answered(503), false),
        (without(refused), true),
        (without(CredentialProblem::Denied), true),
        (without(CredentialProblem::Unreachable { stage: Stage::Tcp }), false),
    ] {
        assert_eq!(is_login_refusal(&[], &evidence), expected, "{evidence:?}");
    }
}

#[test]
fn the_attempt_that_may_lock_a_key_is_asked_about() {
    use crate::auth;
    use crate::core::evidence::{Evidence, LockFacts};

    let Some(way) = auth::ways().iter().find(|way| way.lock().is_some()) else { return };
    let field = way.lock().unwrap().field;
    let mut play = Play::new();
    let request = play.connects_to("ws://a.example/");
    let refuse = |failed| {
        let mut evidence = Evidence {
            http: Some(HttpFacts {
                reply: Some(ReplyFacts { status: 401, ..ReplyFacts::default() }),
                ..HttpFacts::default()
            }),
            ..Evidence::default()
        };
        evidence.request.credential.lock = Some(LockFacts { failed, limit: 5, locked_s: 300 });
        evidence
    };
    play.refused(&request);
    let auth = &mut play.model.tab_mut().draft.auth;
    auth.kind = way.kind().into();
    auth.set(field, "AK".into());
    let draft = play.model.tab().draft.clone();
    for (failed, key, asked) in
        [(1, "AK", false), (3, "AK", true), (4, "AK", true), (4, "B", false)]
    {
        play.model.modals.clear();
        let tab = play.model.tab_mut();
        tab.conn.attempted = Some(Box::new(draft.clone()));
        tab.conn.evidence = Some(Box::new(refuse(failed)));
        tab.draft.auth.set(field, key.into());
        play.keys("alt+u enter");
        let open = matches!(play.model.modals.last(), Some(Modal::Confirm { .. }));
        assert_eq!(open, asked, "{failed} {key}");
    }
}

#[test]
fn sending_while_not_connected_offers_to_connect_and_sends_once_open() {
    let mut play = Play::new();
    play.keys("alt+u").msg(Msg::Paste("ws://a.example/".into()));
    play.keys("alt+m").types("{}").keys("ctrl+s");
    assert!(matches!(play.model.modals.last(), Some(Modal::Confirm { .. })));
    play.keys("enter");
    let request = play.taken_connect().unwrap();
    assert!(commands(&play).is_empty());
    play.opened(&request);
    assert_eq!(commands(&play), [&Command::SendText("{}".into())]);
    // The message stays in the composer.
    assert_eq!(play.model.tab().composer.editor.text(), "{}");
}

#[test]
fn a_message_that_waits_is_not_sent_by_a_later_connection_after_a_failure() {
    let mut play = Play::new();
    play.keys("alt+u").msg(Msg::Paste("ws://a.example/".into()));
    play.keys("alt+m").types("{}").keys("ctrl+s enter");
    let request = play.taken_connect().unwrap();
    play.refused(&request);
    let request = play.connects_to("ws://a.example/");
    play.opened(&request);
    assert!(commands(&play).is_empty());
}

#[test]
fn a_failure_does_not_take_the_keys_from_somebody_who_types() {
    let mut play = Play::new();
    let request = play.connects_to("ws://a.example/");
    play.keys("alt+m").types("[1");
    play.refused(&request).types(",2]");
    assert_eq!(play.model.tab().request_tab, RequestTab::Message);
    assert_eq!(play.model.tab().composer.editor.text(), "[1,2]");
    assert!(play.notice().contains("shows why"), "{}", play.notice());
}

#[test]
fn esc_cancels_an_attempt() {
    let mut play = Play::new();
    let request = play.connects_to("ws://a.example/");
    play.keys("esc");
    assert_eq!(commands(&play), [&Command::Disconnect]);
    play.fails(&request, Stage::Tcp, FailureKind::Cancelled);
    assert_eq!(play.model.tab().conn.state, ConnectionState::Idle);
    assert_ne!(play.model.tab().request_tab, RequestTab::Handshake);
}

#[test]
fn close_with_a_code_says_what_cannot_be_sent() {
    let mut play = Play::new();
    let request = play.connects_to("ws://a.example/");
    play.opened(&request);
    play.msg(Msg::Do(crate::core::action::Action::CloseWith));
    play.keys("ctrl+u").types("1006 x").keys("enter");
    let Some(Modal::Prompt { problem: Some(problem), .. }) = play.model.modals.last() else {
        panic!("the prompt stays and says why")
    };
    assert!(problem.contains("never goes over the wire"), "{problem}");
    play.keys("ctrl+a").types("4001 good bye").keys("enter");
    assert_eq!(commands(&play), [&Command::Close { code: Some(4001), reason: "good bye".into() }]);
}

#[test]
fn a_remedy_changes_the_request_and_connects_again() {
    let mut play = Play::new();
    play.keys("alt+u").types("ws://a.example/x#y").keys("enter");
    assert_eq!(play.model.tab().conn.findings[0].code, "url/fragment");
    play.keys("1");
    let request = play.taken_connect().unwrap();
    assert_eq!(request.draft.url, "ws://a.example/x");
    assert_eq!(play.model.tab().url.text(), "ws://a.example/x");
}

#[test]
fn the_history_walks_back_and_keeps_what_was_typed() {
    let mut play = Play::new();
    for url in ["ws://a.example/1", "ws://b.example/2?token=abc"] {
        play.connects_to(url);
    }
    play.model.tab_mut().set_url("");
    play.keys("alt+u").types("ws").keys("up");
    assert_eq!(play.model.tab().url.text(), "ws://b.example/2?token=");
    play.keys("up");
    assert_eq!(play.model.tab().url.text(), "ws://a.example/1");
    play.keys("down down");
    assert_eq!(play.model.tab().url.text(), "ws");
}

#[test]
fn a_remedy_can_put_a_first_message_into_the_composer() {
    use crate::core::change::Change;
    use crate::core::finding::{Confidence, Finding, Fix, Severity};
    use crate::payload::Kind;
    for (text, kind) in [
        ("{\"protocol\":\"json\",\"version\":1}\u{1e}", Kind::Text),
        (r#"{"type":"connection_init","payload":{}}"#, Kind::Json),
    ] {
        let mut play = Play::new();
        let before = play.model.tab().draft.clone();
        let fix = Fix {
            label: "Put it into the composer".into(),
            change: Change::SetMessage { text: text.into() },
        };
        play.model.tab_mut().conn.evidence = Some(Box::default());
        play.model.tab_mut().conn.findings = vec![Finding {
            code: "msg/stomp-connect".into(),
            phase: Stage::WebSocket,
            severity: Severity::Error,
            confidence: Confidence::Certain,
            summary: "It waits.".into(),
            explanation: String::new(),
            hints: Vec::new(),
            fixes: vec![fix],
            also_called: Vec::new(),
        }];
        play.msg(Msg::Do(crate::core::action::Action::ApplyFix1));
        let tab = play.model.tab();
        assert_eq!(tab.composer.editor.text(), text);
        assert_eq!((tab.composer.kind, tab.request_tab), (kind, RequestTab::Message));
        assert_eq!(tab.draft, before, "the request stays as it is");
        assert!(play.taken_connect().is_none(), "nothing is sent by itself");
    }
}
