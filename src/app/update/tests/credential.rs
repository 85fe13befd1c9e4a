//! Choosing a way, being led through it, and a credential on its way.

use super::Play;
use crate::app::effect::{ConnectRequest, Effect};
use crate::app::model::{CookieRow, Modal, Pane, RequestTab, advice_lines, auth_rows};
use crate::app::msg::{CredentialNews, Msg};
use crate::app::schedule::next_deadline;
use crate::auth;
use crate::core::action::Action;
use crate::core::credential::{GrantFacts, Notice, Question};
use crate::core::event::{Command, EventKind};
use crate::core::evidence::{CredentialFacts, Evidence, RequestFacts, SessionFacts};
use crate::core::time::Micros;

fn news(play: &mut Play, of: &ConnectRequest, news: CredentialNews) {
    play.msg(Msg::Credential { tab: of.tab, conn: of.conn, news });
}

fn asks(play: &mut Play, of: &ConnectRequest, id: u64) {
    let question = Question::RunCommand { command: "pass show x".into(), whose: "Token".into() };
    news(play, of, CredentialNews::Question { id, question });
}

fn answers(play: &Play) -> Vec<(u64, bool)> {
    let answer = |effect: &Effect| match effect {
        Effect::Answer { question, yes } => Some((*question, *yes)),
        _ => None,
    };
    play.effects.iter().filter_map(answer).collect()
}

fn asked(play: &Play) -> bool {
    matches!(play.model.modals.last(), Some(Modal::Credential { .. }))
}

#[test]
fn a_way_is_chosen_from_a_window_by_typing() {
    let mut play = Play::new();
    play.keys("alt+a enter");
    assert!(matches!(play.model.modals.last(), Some(Modal::Ways { .. })));
    play.types("bearer").keys("enter");
    assert!(play.model.modals.is_empty());
    assert_eq!(play.model.tab().draft.auth.kind, "bearer");
    // The cursor waits at what has to be filled in, and a paste goes straight there.
    let token = "t".repeat(32 * 1024);
    play.msg(Msg::Paste(format!("{token}\n")));
    assert!(play.notice().contains("Line breaks"), "{}", play.notice());
    play.keys("enter");
    assert_eq!(play.model.tab().draft.auth.value("token"), token);
    // Next time it stands first.
    play.keys("w");
    let Some(Modal::Ways { list, .. }) = play.model.modals.last() else { panic!("no window") };
    assert_eq!(list.lines[0].kind, "bearer");
    play.keys("esc");
    assert_eq!(play.model.tab().draft.auth.kind, "bearer");
}

#[test]
fn only_fields_that_apply_are_rows() {
    let mut play = Play::new();
    for way in auth::ways() {
        play.model.tab_mut().draft.auth.kind = way.kind().into();
        let draft = &play.model.tab().draft;
        let rows = auth_rows(draft);
        assert_eq!(rows.len(), auth::fields(&draft.auth).len() + 1, "{}", way.kind());
    }
}

#[test]
fn a_reference_is_seen_while_it_is_typed_and_a_secret_is_not() {
    let mut play = Play::new();
    play.model.tab_mut().draft.auth.kind = "bearer".into();
    play.keys("alt+a down enter").types("env:TOKEN");
    let masked = |play: &Play| play.model.tab().auth.editing.as_ref().unwrap().is_masked();
    assert!(!masked(&play));
    play.keys("ctrl+a").types("s3cret");
    assert!(masked(&play));
    play.keys("ctrl+a").types("env:TOKEN").keys("enter");
    assert_eq!(auth_rows(&play.model.tab().draft)[1].shown(false), "env:TOKEN");
}

#[test]
fn the_guide_asks_for_address_way_and_each_field_and_connects() {
    let mut play = Play::new();
    play.msg(Msg::Do(Action::ConnectModelArts));
    play.keys("ctrl+a").types("ftp://a.example").keys("enter");
    assert!(matches!(play.model.modals.last(), Some(Modal::Prompt { problem: Some(_), .. })));
    play.keys("ctrl+a").msg(Msg::Paste("wss://a.example/v2/infer/x".into())).keys("enter");
    play.types("digest").keys("enter");
    let Some(Modal::Prompt { title, .. }) = play.model.modals.last() else { panic!("no prompt") };
    assert!(title.contains("1 of 2"), "{title}");
    play.types("ann").keys("enter").types("hunter2").keys("enter");
    assert!(play.model.modals.is_empty(), "{:?}", play.model.modals);
    let request = play.taken_connect().unwrap();
    assert_eq!(request.draft.url, "wss://a.example/v2/infer/x");
    assert_eq!(request.draft.auth.value("username"), "ann");
    assert_eq!(request.draft.auth.value("password"), "hunter2");
}

#[test]
fn a_command_runs_only_after_a_yes_that_was_chosen() {
    let mut play = Play::new();
    let request = play.connects_to("ws://a.example/");
    asks(&mut play, &request, 7);
    assert!(asked(&play));
    // Neither Enter nor a letter of what is just being typed means yes.
    play.types("yY").keys("enter");
    assert_eq!(answers(&play), [(7, false)]);
    assert!(!asked(&play));
    asks(&mut play, &request, 8);
    play.keys("left enter");
    assert_eq!(answers(&play), [(7, false), (8, true)]);
    asks(&mut play, &request, 9);
    play.keys("esc");
    assert_eq!(answers(&play).last(), Some(&(9, false)));
}

#[test]
fn a_question_waits_for_its_tab_and_for_other_windows() {
    let mut play = Play::new();
    let request = play.connects_to("ws://a.example/");
    play.keys("ctrl+t");
    asks(&mut play, &request, 1);
    assert!(!asked(&play) && answers(&play).is_empty());
    assert!(!play.model.tabs[0].conn.credential.dialogues.is_empty());
    play.keys("ctrl+p ctrl+n");
    play.keys("esc");
    assert!(!asked(&play), "the new tab is in front");
    play.msg(Msg::Do(Action::PreviousTab));
    assert!(asked(&play));
    // It can be left for another tab, and comes back.
    play.msg(Msg::Do(Action::NextTab));
    assert!(!asked(&play) && answers(&play).is_empty());
    play.msg(Msg::Do(Action::PreviousTab));
    assert!(asked(&play));
}

#[test]
fn an_older_attempt_asks_in_vain() {
    let mut play = Play::new();
    let old = play.connects_to("ws://a.example/");
    asks(&mut play, &old, 1);
    play.keys("esc");
    let new = play.connects_to("ws://b.example/");
    asks(&mut play, &old, 2);
    assert!(!asked(&play));
    assert_eq!(answers(&play).last(), Some(&(2, false)));
    asks(&mut play, &new, 3);
    assert!(asked(&play));
    // Its end closes the window.
    play.refused(&new);
    assert!(!asked(&play));
}

#[test]
fn a_code_is_shown_until_it_is_typed_somewhere() {
    let mut play = Play::new();
    let request = play.connects_to("ws://a.example/");
    news(&mut play, &request, CredentialNews::Notice(Notice::Working("getting a token".into())));
    assert_eq!(play.model.tab().conn.credential.working.as_deref(), Some("getting a token"));
    let code = || Notice::DeviceCode {
        page: "https://a.example/device".into(),
        whole: Some("https://a.example/device?c=WDJB".into()),
        code: "WDJB".into(),
        expires: Some(play_time(600)),
    };
    news(&mut play, &request, CredentialNews::Notice(code()));
    assert!(asked(&play));
    play.types("cu");
    let copies: Vec<&str> = play
        .effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Copy { text, .. } => Some(text.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(copies, ["WDJB", "https://a.example/device?c=WDJB"]);
    news(&mut play, &request, CredentialNews::Notice(Notice::Done));
    assert!(!asked(&play));
    let facts = GrantFacts { source: "the service".into(), ..GrantFacts::default() };
    news(&mut play, &request, CredentialNews::Notice(Notice::Ready(facts)));
    assert_eq!(play.model.tab().grant().map(|g| g.source).as_deref(), Some("the service"));
    assert_eq!(play.model.tab().conn.credential.working, None);
    // Esc stops the attempt.
    news(&mut play, &request, CredentialNews::Notice(code()));
    play.keys("esc");
    assert!(!asked(&play));
    let last = play.effects.last();
    assert!(matches!(last, Some(Effect::Command(id, Command::Disconnect)) if *id == request.conn));
}

fn play_time(seconds: u64) -> Micros {
    Micros(1_800_000_000_000_000 + seconds * 1_000_000)
}

#[test]
fn the_end_of_a_credential_is_said_before_and_when_it_comes() {
    let mut play = Play::new();
    let request = play.connects_to("ws://a.example/");
    let expires = Some(play_time(1_000));
    let credential = CredentialFacts { expires, ..CredentialFacts::default() };
    let evidence = Evidence {
        session: Some(SessionFacts::default()),
        request: RequestFacts { credential, ..RequestFacts::default() },
        ..Evidence::default()
    };
    let event = EventKind::Open(Box::new(evidence));
    play.msg(Msg::Net { tab: request.tab, conn: request.conn, event });
    // Another tab in front, whose clock does not tick.
    play.keys("ctrl+t");
    play.model.notice = None;
    play.model.save_at = None;
    assert_eq!(next_deadline(&play.model, play.now), Some(play_time(700)));
    play.wait();
    assert!(play.notice().contains("ends within 5 minutes"), "{}", play.notice());
    play.model.notice = None;
    assert_eq!(next_deadline(&play.model, play.now), Some(play_time(1_000)));
    play.wait();
    assert!(play.notice().contains("has ended"), "{}", play.notice());
    play.model.notice = None;
    assert_eq!(next_deadline(&play.model, play.now), None);
}

#[test]
fn what_will_be_sent_can_be_read_from_anywhere() {
    let mut play = Play::new();
    play.model.tab_mut().set_url("ws://a.example/x");
    play.model.tab_mut().draft.auth.kind = "bearer".into();
    play.model.tab_mut().draft.auth.set("token", "s3cret-token".into());
    play.msg(Msg::Do(Action::PreviewRequest));
    let Some(Modal::Text { text, .. }) = play.model.modals.last() else { panic!("no window") };
    let text = text.text();
    assert!(text.contains("GET /x HTTP/1.1") && text.contains("Bearer ••••••"), "{text}");
    assert!(!text.contains("s3cret"), "{text}");
}

#[test]
fn remedies_of_authentication_come_back_with_what_was_there() {
    use crate::core::change::{Change, TokenSlip};
    use crate::core::evidence::FailureKind;
    use crate::core::finding::{Confidence, Finding, Fix, Severity};
    use crate::core::stage::Stage;

    let changes = [
        Change::SetClockOffset { seconds: 900 },
        Change::SetAuthKind { way: "none".into() },
        Change::SetAuthField { name: "token".into(), value: "other-token".into() },
        Change::MendToken { slip: TokenSlip::Quotes },
    ];
    for change in changes {
        let mut play = Play::new();
        let tab = play.model.tab_mut();
        tab.draft.auth.kind = "bearer".into();
        tab.draft.auth.set("token", "\"s3cret-token\"".into());
        let request = play.connects_to("ws://a.example/");
        let before = play.model.tab().draft.clone();
        play.fails(&request, Stage::Http, FailureKind::Cancelled);
        let finding = Finding {
            code: "http/401".into(),
            phase: Stage::Http,
            severity: Severity::Error,
            confidence: Confidence::Certain,
            summary: "Refused.".into(),
            explanation: String::new(),
            hints: Vec::new(),
            fixes: vec![Fix { label: "Mend it".into(), change: change.clone() }],
            also_called: Vec::new(),
        };
        let tab = play.model.tab_mut();
        tab.conn.evidence = Some(Box::default());
        tab.conn.findings = vec![finding];
        (tab.focus, tab.request_tab) = (Pane::Body, RequestTab::Handshake);
        play.keys("1");
        assert_ne!(play.model.tab().draft, before, "{change:?}");
        let sent = play.taken_connect().expect("it connects with the remedy");
        assert_eq!(sent.draft.auth, play.model.tab().draft.auth);
        play.msg(Msg::Do(Action::UndoFix));
        assert_eq!(play.model.tab().draft, before, "{change:?}");
        assert!(!play.notice().contains("s3cret"), "{}", play.notice());
    }
}

#[test]
fn the_guide_wants_what_the_way_needs() {
    let mut play = Play::new();
    play.msg(Msg::Do(Action::ConnectModelArts));
    play.keys("ctrl+a").msg(Msg::Paste("wss://a.example/".into())).keys("enter");
    play.types("bearer").keys("enter enter");
    assert!(matches!(play.model.modals.last(), Some(Modal::Prompt { problem: Some(_), .. })));
    play.keys("esc");
    assert!(play.model.modals.is_empty() && play.taken_connect().is_none());
}

#[test]
fn an_address_of_modelarts_puts_its_ways_first() {
    let mut play = Play::new();
    let url = "wss://infer-modelarts-cn-north-4.modelarts-infer.com/v2/infer/x";
    play.model.tab_mut().set_url(url);
    let advised = auth::advise(url).unwrap();
    let lines = advice_lines(play.model.tab(), "w", "m");
    assert!(lines.iter().any(|line| line.text.contains("w chooses one")), "{lines:?}");
    play.keys("alt+a enter enter");
    assert_eq!(play.model.tab().draft.auth.kind, advised.fits[0].kind);
    // Once one of them is chosen, there is nothing to choose any more.
    let lines = advice_lines(play.model.tab(), "w", "m");
    assert!(lines.iter().all(|line| !line.text.contains("w chooses one")), "{lines:?}");
    play.model.tab_mut().set_url("wss://a.example/");
    assert!(advice_lines(play.model.tab(), "w", "m").is_empty());
}

#[test]
fn cookies_are_forgotten_one_by_one_or_all_after_a_yes() {
    let row = |name: &str| CookieRow {
        domain: "a.example".into(),
        path: "/".into(),
        name: name.into(),
        secure: false,
        expires: None,
        bytes: 3,
    };
    let mut play = Play::new();
    play.msg(Msg::Do(Action::Cookies));
    assert!(matches!(play.effects.last(), Some(Effect::ListCookies)));
    play.msg(Msg::Cookies(vec![row("a"), row("b")]));
    play.keys("down d");
    let last = play.effects.last();
    assert!(matches!(last, Some(Effect::ForgetCookies(Some(gone))) if gone.name == "b"));
    // The window stays, with what is left.
    play.msg(Msg::Cookies(vec![row("a")]));
    let windows = play.model.modals.len();
    assert!(matches!(play.model.modals.last(), Some(Modal::Cookies { cursor: 0, .. })));
    play.keys("a enter");
    assert_eq!(play.model.modals.len(), windows, "Enter is no yes");
    assert!(!matches!(play.effects.last(), Some(Effect::ForgetCookies(None))));
    play.keys("a y");
    assert!(matches!(play.effects.last(), Some(Effect::ForgetCookies(None))));
}

#[test]
fn a_token_that_was_got_can_be_forgotten() {
    let mut play = Play::new();
    play.msg(Msg::Do(Action::ForgetToken));
    assert!(play.notice().contains("No token"), "{}", play.notice());
    let way = play.model.tab().way().to_owned();
    play.model.tab_mut().conn.credential.got(way, GrantFacts::default());
    assert!(play.model.tab().grant().is_some());
    play.msg(Msg::Do(Action::ForgetToken));
    assert!(matches!(play.effects.last(), Some(Effect::ForgetGrant(_))));
    assert!(play.model.tab().grant().is_none());
}
