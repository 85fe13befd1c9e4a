//! Pictures of authentication: the pane, its windows, and a credential on its way.

use wsdeck::app::model::{Model, Pane, RequestTab, Section};
use wsdeck::app::msg::CredentialNews;
use wsdeck::app::{Msg, update};
use wsdeck::core::action::Action;
use wsdeck::core::credential::{GrantFacts, Notice, Question};
use wsdeck::core::evidence::{CredentialFacts, CredentialStep, HttpFacts, LockFacts};
use wsdeck::core::key::{Key, KeyCombo};
use wsdeck::core::request::{Shown, Signing};
use wsdeck::core::stage::{ConnId, ConnectionState, Stage};
use wsdeck::core::time::Micros;

use super::look::{picture, pictures};
use super::{NOW, scenes};

fn grant() -> GrantFacts {
    GrantFacts {
        source: "IAM iam.cn-north-4.myhuaweicloud.com".into(),
        obtained: Micros(NOW.0 - 120_000_000),
        expires: Some(NOW.plus(std::time::Duration::from_secs(86_280))),
        kept: true,
        more: vec![("project".into(), "cn-north-4".into())],
    }
}

/// The pane with a token that was pasted with a blank in front.
fn pane() -> Model {
    let mut model = scenes::at(scenes::request(), RequestTab::Auth);
    let tab = model.tab_mut();
    tab.draft.auth.set("token", " eyJhbGciOiJIUzI1NiJ9.e30.abcdef".into());
    tab.draft.settings.clock_offset_s = 900;
    tab.auth.row = 1;
    tab.refresh_preview(NOW);
    model
}

/// An attempt that gets its credential.
pub fn getting(news: CredentialNews) -> Model {
    let mut model = scenes::at(scenes::request(), RequestTab::Auth);
    let tab = model.tab_mut();
    let id = tab.id;
    tab.conn.state = ConnectionState::Connecting(Stage::Url);
    tab.conn.id = Some(ConnId(1));
    tab.conn.began = Micros(NOW.0 - 3_000_000);
    let words = "getting a token from https://iam.cn-north-4.myhuaweicloud.com/v3/auth/tokens";
    let working = CredentialNews::Notice(Notice::Working(words.into()));
    for news in [working, news] {
        let _ = update(&mut model, Msg::Credential { tab: id, conn: ConnId(1), news }, NOW);
    }
    model
}

pub fn device_code() -> Model {
    getting(CredentialNews::Notice(Notice::DeviceCode {
        page: "https://login.example.com/device".into(),
        whole: Some("https://login.example.com/device?user_code=WDJB-MJHT".into()),
        code: "WDJB-MJHT".into(),
        expires: Some(NOW.plus(std::time::Duration::from_secs(581))),
    }))
}

pub fn command() -> Model {
    let command = "pass show work/modelarts | head -n1 && curl -s https://a.example/\u{1b}[8m";
    getting(CredentialNews::Question {
        id: 1,
        question: Question::RunCommand { command: command.into(), whose: "Token".into() },
    })
}

/// The handshake tab after a signed request that was refused.
pub fn signed() -> Model {
    let mut model = scenes::at(scenes::failed(), RequestTab::Handshake);
    let tab = model.tab_mut();
    tab.handshake.section = Section::Exchange;
    if let Some(evidence) = &mut tab.conn.evidence {
        evidence.http = Some(HttpFacts {
            request: "GET /v1/infers/8f2c?stream=true HTTP/1.1\nHost: infer.example.com".into(),
            ..HttpFacts::default()
        });
        evidence.request.auth = "bearer".into();
        evidence.request.credential = CredentialFacts {
            inherited_from: Some("the folder chat".into()),
            steps: vec![CredentialStep {
                what: "token request".into(),
                from: "https://iam.cn-north-4.myhuaweicloud.com/v3/auth/tokens".into(),
                ms: 84.2,
                status: Some(201),
                ok: true,
                detail: "good for 24 h".into(),
            }],
            grant: Some(grant()),
            signing: Some(Signing {
                canonical_request: "GET\n/v1/infers/8f2c/\nstream=true\nhost:infer.example.com\n\
                                    x-sdk-date:20261124T120130Z\n\nhost;x-sdk-date\ne3b0c442"
                    .into(),
                string_to_sign: "SDK-HMAC-SHA256\n20261124T120130Z\n5f3a".into(),
                signature: "9a1c".into(),
            }),
            shown: vec![Shown { title: "Token request".into(), text: "POST /v3".into() }],
            clock_offset_s: 900,
            lock: Some(LockFacts { failed: 2, limit: 5, locked_s: 300 }),
            ..CredentialFacts::default()
        };
    }
    model
}

#[test]
fn the_pane() {
    pictures("auth_pane", pane());
}

#[test]
fn a_token_that_is_known() {
    let mut model = scenes::at(scenes::request(), RequestTab::Auth);
    model.tab_mut().conn.credential.grant = Some(("bearer".into(), grant()));
    picture("auth_token_80x24", &mut model, 80, 24);
    picture("auth_token_120x40", &mut model, 120, 40);
}

#[test]
fn a_secret_while_it_is_typed() {
    let mut model = pane();
    let _ = update(&mut model, Msg::Paste(format!("{}\n", "x".repeat(32_768))), NOW);
    picture("auth_typing_80x24", &mut model, 80, 24);
}

#[test]
fn the_ways() {
    let mut model = scenes::after(pane(), &[Action::ChooseWay]);
    pictures("auth_ways", model);
    model = scenes::after(pane(), &[Action::ChooseWay]);
    for c in "basic".chars() {
        let _ = update(&mut model, Msg::Key(KeyCombo::plain(Key::Char(c))), NOW);
    }
    picture("auth_ways_typed_80x24", &mut model, 80, 24);
}

#[test]
fn what_will_be_sent() {
    picture("auth_sent_80x24", &mut scenes::after(pane(), &[Action::PreviewRequest]), 80, 24);
}

#[test]
fn a_code_to_type_elsewhere() {
    picture("auth_code_80x24", &mut device_code(), 80, 24);
    picture("auth_code_120x40", &mut device_code(), 120, 40);
}

#[test]
fn a_command_that_wants_to_run() {
    picture("auth_command_80x24", &mut command(), 80, 24);
    picture("auth_command_40x10", &mut command(), 40, 10);
}

#[test]
fn another_tab_waits_for_an_answer() {
    let mut model = scenes::after(command(), &[Action::Cancel]);
    let id = model.tab().id;
    model.push_tab(wsdeck::core::request::RequestDraft::default(), "other".into());
    model.tab_mut().focus = Pane::Url;
    let question = Question::RunCommand { command: "pass show x".into(), whose: "Token".into() };
    let news = CredentialNews::Question { id: 2, question };
    let _ = update(&mut model, Msg::Credential { tab: id, conn: ConnId(1), news }, NOW);
    picture("auth_waits_80x24", &mut model, 80, 24);
}

#[test]
fn the_credential_in_the_exchange() {
    picture("auth_exchange_80x24", &mut signed(), 80, 24);
    picture("auth_exchange_120x40", &mut signed(), 120, 40);
    picture("auth_exchange_200x60", &mut signed(), 200, 60);
}
