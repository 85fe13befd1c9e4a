//! Credentials that are no header: in the first message, in TLS; cookies; and very long ones.
#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests may fail as tests do")]

use std::path::Path;

use serde_json::{Value, json};
use wsdeck::core::event::{Command, Event, EventKind};
use wsdeck::core::evidence::Evidence;
use wsdeck::core::message::{Direction, Message};
use wsdeck::core::proxy::ProxyEnvironment;
use wsdeck::core::request::{FirstMessage, RequestDraft, RequestSpec, SavedMessage};
use wsdeck::core::stage::ConnId;
use wsdeck::credentials::{Credentials, Kept, Nobody};
use wsdeck::net::clock::Clock;
use wsdeck::net::{self, Options};
use wsdeck::practice::TlsFault;

use crate::cli::practice::practice;
use crate::cli::run::{Ran, finish, run, wsdeck};
use crate::harness::App;

const TOKEN: &str = "practice-token";

fn draft(url: &str, kind: &str, fields: &[(&str, &str)]) -> RequestDraft {
    let mut draft = RequestDraft::default();
    draft.set_url(url.to_owned());
    draft.auth.kind = kind.to_owned();
    for (name, value) in fields {
        draft.auth.set(name, (*value).into());
    }
    draft
}

async fn prepared(draft: &RequestDraft) -> RequestSpec {
    let credentials =
        Credentials::new(Kept::default(), ProxyEnvironment::default(), Clock::process());
    credentials.prepare(draft, None, &Nobody).await.unwrap()
}

/// Connects, waits for that many messages, closes; what was told of messages, and the record.
async fn talk(spec: RequestSpec, wanted: usize) -> (Vec<Message>, Evidence) {
    let (handle, mut events) = net::spawn(ConnId(1), spec, Options::default());
    let mut told = Vec::new();
    let mut closing = false;
    let session = async {
        while let Some(Event { kind, .. }) = events.recv().await {
            match kind {
                // Behind what is sent by itself, however early it comes.
                EventKind::Open(_) => {
                    handle.try_send(Command::SendText("mine".into())).unwrap();
                }
                EventKind::Messages(batch) => told.extend(batch),
                EventKind::Ended(evidence) => return (told, *evidence),
                _ => {}
            }
            let received = told.iter().filter(|m: &&Message| m.direction == Direction::In);
            if received.count() >= wanted && !closing {
                closing = true;
                let reason = String::new();
                handle.try_send(Command::Close { code: Some(1000), reason }).unwrap();
            }
        }
        panic!("it ends with its record");
    };
    tokio::time::timeout(std::time::Duration::from_secs(60), session).await.expect("it hangs")
}

fn texts(told: &[Message], direction: Direction) -> Vec<&str> {
    told.iter().filter(|m| m.direction == direction).filter_map(Message::text).collect()
}

#[tokio::test]
async fn the_first_message_opens_the_door_and_stays_a_secret() {
    let url = practice().url("/auth/first-message");
    let draft = draft(&url, "first-message", &[("token", TOKEN)]);
    let (told, evidence) = talk(prepared(&draft).await, 2).await;
    assert_eq!(texts(&told, Direction::In), [r#"{"type":"auth_ok"}"#, "mine"]);
    let sent = texts(&told, Direction::Out);
    assert_eq!(sent, [r#"{"type":"auth","token":"**************"}"#, "mine"]);

    let wire = format!(r#"{{"type":"auth","token":"{TOKEN}"}}"#).len() as u64;
    let session = evidence.session.as_ref().unwrap();
    assert_eq!(session.first_sent[0].bytes, wire);
    assert_eq!(session.first_sent[0].start, r#"{"type":"auth","token":"•••••• (14 chars)"}"#);
    assert_eq!((session.sent.text, session.largest_sent), (2, wire));
    assert_eq!(evidence.request.credentials, ["first message"]);
    let kept = format!("{told:?} {evidence:?} {}", serde_json::to_string(&evidence).unwrap());
    assert!(!kept.contains(TOKEN), "{kept}");
}

#[tokio::test]
async fn what_is_wrong_is_refused_by_the_server() {
    let url = practice().url("/auth/first-message");
    let draft = draft(&url, "first-message", &[("token", "s0me-0ther-token")]);
    let (told, evidence) = talk(prepared(&draft).await, usize::MAX).await;
    assert!(texts(&told, Direction::In)[0].contains("auth_invalid"));
    let end = evidence.session.as_ref().unwrap().end.as_ref().unwrap();
    assert_eq!(end.code_received, Some(4403));
    let json = serde_json::to_string(&evidence).unwrap();
    assert!(!json.contains("s0me-0ther-token"), "{json}");
}

#[tokio::test]
async fn saved_messages_follow_with_their_references_resolved() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("secret");
    std::fs::write(&path, "s3cr\"et\n").unwrap();
    let saved = |name: &str, on_open: bool, text: &str| SavedMessage {
        name: name.into(),
        on_open,
        message: FirstMessage::plain(text),
    };
    let mut draft = draft(&practice().url("/echo"), "first-message", &[("saved", "login")]);
    let path = path.display();
    draft.first_messages = vec![
        saved("one", true, "plain"),
        saved("login", false, &format!("{{\"key\":\"{{{{file:{path}}}}}\"}}")),
        saved("two", true, &format!("key={{{{file:{path}}}}}")),
    ];
    let (told, evidence) = talk(prepared(&draft).await, 4).await;
    let came = texts(&told, Direction::In);
    assert_eq!(came, [r#"{"key":"s3cr\"et"}"#, "plain", "key=s3cr\"et", "mine"]);
    let sent = texts(&told, Direction::Out);
    assert_eq!(sent, [r#"{"key":"********"}"#, "plain", "key=*******", "mine"]);
    let json = serde_json::to_string(&evidence).unwrap();
    assert!(!json.contains("s3cr"), "{json}");
}

#[tokio::test]
async fn a_redirect_leaves_the_first_message_behind() {
    let target = practice().url("/echo").replace("127.0.0.1", "localhost").replace("ws:", "http:");
    let url = practice().url(&format!("/status/302?location={target}"));
    let mut draft = draft(&url, "first-message", &[("token", TOKEN)]);
    draft.settings.follow_redirects = 1;
    draft.settings.resolve = vec![format!("localhost:{}:127.0.0.1", practice().addr().port())];
    let (told, evidence) = talk(prepared(&draft).await, 1).await;
    assert_eq!(texts(&told, Direction::In), ["mine"]);
    assert_eq!(evidence.redirects[0].dropped, ["first message"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_saved_message_is_sent_at_each_opening() {
    let server = crate::harness::practice().await;
    let mut app = App::start().await;
    app.type_text(&server.url("/auth/first-message")).await;
    app.key("alt+m").await;
    app.paste(&format!(r#"{{"type":"auth","token":"{TOKEN}"}}"#)).await;
    app.key("ctrl+k").await;
    app.type_text("login").await;
    app.key("enter").await;
    app.palette("send the saved message on open").await;
    app.wait_for("is sent as soon as the connection is open").await;
    app.sees("▸ login");
    for round in 1..=2 {
        app.palette("connect").await;
        app.wait_until("the server to accept", |screen| {
            let answers = screen.lines.iter().filter(|l| l.contains(r#"{"type":"auth_ok"}"#));
            answers.count() == round
        })
        .await;
        app.palette("disconnect").await;
        app.wait_for("CLOSED").await;
    }
    app.quit().await;
}

fn check(url: &str, options: &[&str]) -> Ran {
    run(&[&["check", url, "--json", "--wait", "0"], options].concat())
}

#[test]
fn commands_send_it_as_well() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("token");
    std::fs::write(&path, format!("{TOKEN}\n")).unwrap();
    let token = format!("token=file:{}", path.display());
    let url = practice().url("/auth/first-message");
    let way = ["--auth", "first-message", "--auth-param", &token];
    let ran = finish(wsdeck(&[&["cat", &url], &way[..]].concat()), b"hello\n");
    assert_eq!((ran.code, &*ran.stdout), (0, "{\"type\":\"auth_ok\"}\nhello\n"), "{ran:?}");
    let lines = finish(wsdeck(&[&["cat", &url, "--json"], &way[..]].concat()), b"hello\n");
    assert!(!lines.stdout.contains(TOKEN), "{}", lines.stdout);

    let ran = run(&[&["check", &url, "--json", "--wait", "1"], &way[..]].concat());
    assert_eq!(ran.code, 0, "{ran:?}");
    let sent = ran.json()["evidence"]["session"]["first_sent"].clone();
    assert_eq!(sent[0]["bytes"], json!(40), "{sent}");
    let dry = run(&[&["check", &url, "--dry-run", "--json"], &way[..]].concat());
    assert_eq!(dry.json()["first_messages"], json!([r#"{"type":"auth","token":"••••••"}"#]));
    let bad = check(&url, &[&way[..], &["--auth-param", "message={}"]].concat());
    assert!(bad.stdout.contains("holds no {{token}}"), "{bad:?}");
}

#[test]
fn cookies_as_a_browser_shows_them() {
    let url = practice().url("/auth/cookie");
    let cookies = "cookies=Cookie: theme=dark; session=practice-session";
    let ran = check(&url, &["--auth", "cookie", "--auth-param", cookies]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(!ran.stdout.contains("practice-session"), "{}", ran.stdout);
    let notes = ran.json()["evidence"]["request"]["credential_notes"].clone();
    assert!(notes[0].as_str().unwrap().contains("left out"), "{notes}");
    let cookies = "cookies=session=other-session";
    let ran = check(&url, &["--auth", "cookie", "--auth-param", cookies]);
    assert_eq!(ran.json()["evidence"]["http"]["reply"]["status"], 401, "{ran:?}");
}

#[test]
fn a_login_gives_the_cookie_that_opens() {
    let url = practice().url("/auth/cookie");
    let login = format!("url={}", practice().url("/login").replacen("ws", "http", 1));
    let way = |kind: &str, password: &str| {
        let values = ["username=practice", password, kind, &login];
        let params = values.iter().flat_map(|value| ["--auth-param", value]);
        let options: Vec<&str> = ["--auth", "login"].into_iter().chain(params).collect();
        check(&url, &options)
    };
    for kind in ["content-type=application/json", "content-type=application/x-www-form-urlencoded"]
    {
        let ran = way(kind, "password=practice");
        assert_eq!(ran.code, 0, "{kind} {ran:?}");
        let facts = &ran.json()["evidence"]["request"];
        assert_eq!(facts["credentials"][0], "header Cookie", "{facts}");
        assert_eq!(facts["credential"]["steps"][0]["status"], 204, "{facts}");
        assert!(!ran.stdout.contains("practice-session"), "{}", ran.stdout);
        let ran = way(kind, "password=mistyped-password");
        assert_eq!(ran.json()["code"], "http/credential-refused", "{ran:?}");
        assert_eq!(ran.code, 15);
        assert!(!ran.stdout.contains("mistyped"), "{}", ran.stdout);
    }
}

/// A token of that many characters, in a file.
fn long_token(dir: &Path, size: usize) -> (String, String) {
    let token: String = (0..size).map(|n| char::from(b'a' + (n * 7 % 26) as u8)).collect();
    let path = dir.join(format!("token-{size}"));
    std::fs::write(&path, &token).unwrap();
    (token, format!("token=file:{}", path.display()))
}

#[test]
fn a_token_of_32_kib_goes_out_whole() {
    let dir = tempfile::tempdir().unwrap();
    let (token, param) = long_token(dir.path(), 32 * 1024);
    let url = practice().url("/headers");
    for (kind, line) in [("bearer", "Authorization: Bearer "), ("huawei-token", "X-Auth-Token: ")] {
        let way = ["--auth", kind, "--auth-param", &param];
        let ran = finish(wsdeck(&[&["cat", &url], &way[..]].concat()), b"");
        assert_eq!(ran.code, 0, "{kind} {}", ran.stderr);
        assert!(ran.stdout.contains(&format!("{line}{token}\\r\\n")), "{kind}");
        let ran = check(&practice().url("/echo"), &way);
        assert_eq!(ran.code, 0, "{kind} {}", ran.stderr);
        assert!(ran.json()["evidence"]["request"]["head_bytes"].as_u64() > Some(32 * 1024));
        assert!(!ran.stdout.contains(&token[..40]), "{kind}");
    }
}

#[test]
fn what_is_too_large_is_refused_here_or_explained() {
    let dir = tempfile::tempdir().unwrap();
    let (_, param) = long_token(dir.path(), 64 * 1024 + 1);
    let url = practice().url("/echo");
    let ran = check(&url, &["--auth", "huawei-token", "--auth-param", &param]);
    assert_ne!(ran.code, 0);
    assert!(ran.stdout.contains("65537 bytes"), "{}", ran.stdout);
    assert!(ran.json()["evidence"]["tcp"].is_null(), "nothing was sent");

    let line = format!("X-Big: {}", "b".repeat(60 * 1024));
    let many: Vec<&str> = (0..5).flat_map(|_| ["-H", &line]).collect();
    let ran = check(&url, &many);
    assert_eq!(ran.json()["code"], "http/431", "{}", ran.stderr);
}

fn codes(ran: &Ran) -> Vec<Value> {
    ran.json()["findings"].as_array().unwrap().iter().map(|f| f["code"].clone()).collect()
}

#[test]
fn a_client_certificate_opens_the_door() {
    let dir = tempfile::tempdir().unwrap();
    let (cert, key) = practice().client_identity();
    let write = |name: &str, text: &str| {
        let path = dir.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let (both, cert, key) =
        (write("both", &format!("{cert}{key}")), write("c", &cert), write("k", &key));
    let url = practice().faulty(TlsFault::ClientCertRequired).replace("/echo", "/auth/mtls");
    let ca = practice().ca_file();
    let with = |fields: &[&str]| {
        let params = fields.iter().flat_map(|field| ["--auth-param", field]);
        let way = ["--cacert", ca.to_str().unwrap(), "--auth", "mtls"].into_iter().chain(params);
        check(&url, &way.collect::<Vec<_>>())
    };
    let (both, cert, key) = (format!("cert={both}"), format!("cert={cert}"), format!("key={key}"));
    for fields in [&[&*cert, &*key][..], &[&*both]] {
        let ran = with(fields);
        assert_eq!(ran.code, 0, "{ran:?}");
        assert_eq!(ran.json()["evidence"]["tls"]["client_cert_sent"], true);
        assert_eq!(ran.json()["evidence"]["request"]["credentials"], json!(["certificate"]));
    }
    let none = check(&url, &["--cacert", ca.to_str().unwrap()]);
    assert!(codes(&none).contains(&json!("tls/client-cert-13")), "{none:?}");
    let missing = with(&["cert=/no/such/file.pem"]);
    assert!(missing.stdout.contains("cannot be read"), "{missing:?}");
    // The usual port asks nobody.
    let usual = practice().tls_url("/auth/mtls");
    let ran = check(
        &usual,
        &[
            "--cacert",
            ca.to_str().unwrap(),
            "--auth",
            "mtls",
            "--auth-param",
            &cert,
            "--auth-param",
            &key,
        ],
    );
    assert_eq!(ran.json()["evidence"]["http"]["reply"]["status"], 400, "{ran:?}");
}
