//! Exchanges with real servers on this machine: what comes of them, what is kept, and how they fail.

use std::sync::Mutex;

use futures_util::future::BoxFuture;

use super::http::{HttpRequest, exchange};
use super::obtain::Failed;
use super::*;
use crate::auth::{HuaweiTokenAsk, LoginAsk};
use crate::core::evidence::{HttpFacts, ReplyFacts};
use crate::core::request::Files;
use crate::core::secret::Secret;
use crate::core::stage::{ConnId, Stage};
use crate::practice::script::{RawServer, Step};
use crate::practice::{self, Server};

const PASSWORD: &str = "hunter2-secret";
const TOKEN: &str = "MIIT0ken-value";

/// Keeps what it was told, and answers every question with no.
#[derive(Default)]
struct Listener(Mutex<Vec<Notice>>);

impl Attendant for Listener {
    fn ask(&self, _question: Question) -> BoxFuture<'_, bool> {
        Box::pin(std::future::ready(false))
    }

    fn tell(&self, notice: Notice) {
        self.0.lock().unwrap().push(notice);
    }
}

fn credentials(kept: Kept) -> Credentials {
    Credentials::new(kept, ProxyEnvironment::default(), Clock::process())
}

fn draft(url: &str) -> RequestDraft {
    let mut draft = RequestDraft::default();
    draft.set_url(url.into());
    draft.settings.proxy = "none".into();
    draft
}

/// A server that gives these answers, a connection each.
async fn answering(answers: &[String]) -> RawServer {
    let steps = answers.iter().flat_map(|answer| {
        // Held until the client has read all and ends it: closing with its body unread would
        // reset the connection, and throw the answer away.
        [Step::Accept, Step::ReadHead, Step::Write(answer.clone().into_bytes()), Step::Hold]
    });
    RawServer::start(steps.chain([Step::Accept, Step::Hold]).collect()).await.unwrap()
}

fn reply(status: &str, headers: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n{headers}\r\n{body}", body.len())
}

fn token_reply(end: &str) -> String {
    let body = format!(r#"{{"token":{{"expires_at":"{end}","project":{{"name":"p1"}}}}}}"#);
    reply("201 Created", &format!("X-Subject-Token: {TOKEN}\r\n"), &body)
}

fn iam(server: &RawServer) -> Ask {
    Ask::HuaweiToken(HuaweiTokenAsk {
        url: format!("http://{}/v3/auth/tokens", server.addr()),
        domain: "account".into(),
        user: "user".into(),
        password: PASSWORD.into(),
        project: "p1".into(),
    })
}

async fn get(
    credentials: &Credentials,
    ask: &Ask,
    draft: &RequestDraft,
) -> (Result<Grant, Failed>, Vec<CredentialStep>) {
    let files = Files::default();
    let like = Like { draft, files: &files, clock: Clock::process() };
    let mut steps = Vec::new();
    let got = credentials.grant(ask, like, &mut steps, &Listener::default()).await;
    (got, steps)
}

fn refused_with(status: u16) -> Evidence {
    let reply = Some(ReplyFacts { status, ..ReplyFacts::default() });
    Evidence { http: Some(HttpFacts { reply, ..HttpFacts::default() }), ..Evidence::default() }
}

#[tokio::test]
async fn a_token_is_got_once_and_kept_until_it_is_refused() {
    let far = token_reply("2099-01-01T00:00:00.000000Z");
    let server = answering(&[far.clone(), far]).await;
    let dir = tempfile::tempdir().unwrap();
    let kept = Kept { private: Some(dir.path().join("private")), jar: None };
    let (first, draft) = (credentials(kept.clone()), draft("ws://h.example/"));
    let ask = iam(&server);

    let (got, steps) = get(&first, &ask, &draft).await;
    let grant = got.unwrap();
    assert_eq!((grant.value.expose(), grant.facts.kept), (TOKEN, false));
    assert_eq!(grant.facts.more, [("scope".to_owned(), "project p1".to_owned())]);
    assert_eq!((steps.len(), steps[0].status, steps[0].ok), (1, Some(201), true));
    assert!(steps[0].detail.contains("expires 2099-01-01"), "{steps:?}");
    let asked = String::from_utf8(server.received()).unwrap();
    assert!(asked.starts_with("POST /v3/auth/tokens?nocatalog=true HTTP/1.1\r\n"), "{asked}");
    assert!(!format!("{grant:?} {steps:?} {first:?} {ask:?}").contains(TOKEN));
    assert!(!format!("{grant:?} {steps:?} {first:?} {ask:?}").contains(PASSWORD));

    // Another run of the program finds it.
    let next = credentials(kept.clone());
    for credentials in [&first, &next] {
        let (again, steps) = get(credentials, &ask, &draft).await;
        assert!(again.unwrap().facts.kept && steps.is_empty());
    }
    assert_eq!(server.connections(), 1);

    let mut spec = auth::prepare(&draft, Files::default(), Means::at(Micros(0))).unwrap();
    spec.provenance.grant = Some(ask.id());
    next.learn(&spec, &refused_with(403));
    assert!(get(&next, &ask, &draft).await.0.unwrap().facts.kept);
    next.learn(&spec, &refused_with(401));
    assert!(!get(&next, &ask, &draft).await.0.unwrap().facts.kept);
    assert_eq!(server.connections(), 2);
}

#[tokio::test]
async fn two_that_ask_at_once_share_one_exchange() {
    let server = answering(&[token_reply("2099-01-01T00:00:00Z")]).await;
    let (credentials, draft) = (credentials(Kept::default()), draft("ws://h.example/"));
    let ask = iam(&server);
    let both = tokio::join!(get(&credentials, &ask, &draft), get(&credentials, &ask, &draft));
    assert_eq!(both.0.0.unwrap().value, both.1.0.unwrap().value);
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn a_token_near_its_end_is_got_anew() {
    let old = token_reply("2020-01-01T00:00:00Z");
    let server = answering(&[old.clone(), old]).await;
    let (credentials, draft) = (credentials(Kept::default()), draft("ws://h.example/"));
    for _ in 0..2 {
        assert!(!get(&credentials, &iam(&server), &draft).await.0.unwrap().facts.kept);
    }
    assert_eq!(server.connections(), 2);
}

#[tokio::test]
async fn each_bad_answer_has_its_problem() {
    let error =
        format!(r#"{{"error":{{"code":401,"title":"Unauthorized","message":"no {PASSWORD}"}}}}"#);
    let huge = "x".repeat(2 * 1024 * 1024);
    let server = answering(&[
        reply("401 Unauthorized", "", &error),
        reply("200 OK", "", "<html>"),
        "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n".into(),
        "nonsense\r\n\r\n".into(),
        reply("200 OK", "", &huge),
    ])
    .await;
    let mut draft = draft("ws://h.example/");
    let credentials = credentials(Kept::default());
    let ask = iam(&server);
    let mut problems = Vec::new();
    for _ in 0..5 {
        let (got, steps) = get(&credentials, &ask, &draft).await;
        let failed = got.unwrap_err();
        assert!(!format!("{failed:?} {steps:?}").contains(PASSWORD), "{failed:?}");
        assert!(steps.len() == 1 && !steps[0].ok);
        problems.push(failed.problem);
    }
    assert!(
        matches!(&problems[0], CredentialProblem::Refused { status: 401, error: Some(e), .. }
            if e == "Unauthorized"),
        "{problems:?}"
    );
    let why = |problem: &CredentialProblem| match problem {
        CredentialProblem::Unusable { why } => why.clone(),
        other => panic!("{other:?}"),
    };
    assert!(why(&problems[1]).contains("X-Subject-Token"));
    assert!(why(&problems[4]).contains("larger than 1 MiB"));
    // A redirect is an answer, and no reason to send the password elsewhere.
    assert!(matches!(problems[2], CredentialProblem::Refused { status: 302, .. }), "{problems:?}");
    assert_eq!(problems[3], CredentialProblem::Unreachable { stage: Stage::Http });
    // A connection that is never answered.
    let silent = RawServer::start(vec![Step::Accept, Step::Hold]).await.unwrap();
    draft.settings.connect_timeout_ms = 200;
    let failed = get(&credentials, &iam(&silent), &draft).await.0.unwrap_err();
    assert_eq!(failed.problem, CredentialProblem::TimedOut, "{failed:?}");
}

async fn practice() -> Server {
    Server::start(practice::Options::default()).await.unwrap()
}

#[tokio::test]
async fn an_exchange_goes_the_ways_of_its_request() {
    let server = practice().await;
    let port = server.tls_addr().unwrap().port();
    let url = format!("https://localhost:{port}/status/204");
    let mut draft = draft("wss://elsewhere.example/");
    let files = Files { ca_pem: Some(server.ca_pem().into()), ..Files::default() };
    let ask = |url: &str| HttpRequest { url: url.to_owned(), ..HttpRequest::default() };

    draft.settings.proxy = server.proxy_url();
    let like = Like { draft: &draft, files: &files, clock: Clock::process() };
    let reply = exchange(ask(&url), &like).await.unwrap();
    assert!(reply.status >= 200, "{reply:?}");

    let without = Files::default();
    let like = Like { draft: &draft, files: &without, clock: Clock::process() };
    let failed = exchange(ask(&url), &like).await.unwrap_err();
    assert_eq!(failed.problem, CredentialProblem::Unreachable { stage: Stage::Tls });

    let denied = format!("https://denied.practice.example:{port}/");
    let failed = exchange(ask(&denied), &like).await.unwrap_err();
    assert_eq!(failed.problem, CredentialProblem::Unreachable { stage: Stage::Proxy });

    draft.settings.proxy = "none".into();
    let like = Like { draft: &draft, files: &files, clock: Clock::process() };
    let failed = exchange(ask("http://127.0.0.1:1/"), &like).await.unwrap_err();
    assert_eq!(failed.problem, CredentialProblem::Unreachable { stage: Stage::Tcp });
    for odd in ["ws://127.0.0.1/", "/etc/passwd", "https://"] {
        let failed = exchange(ask(odd), &like).await.unwrap_err();
        assert!(matches!(failed.problem, CredentialProblem::Unusable { .. }), "{failed:?}");
    }
}

#[tokio::test]
async fn the_first_leg_of_a_digest_finds_the_challenge() {
    let challenge = r#"Digest realm="r", nonce="abc==", qop="auth", algorithm=SHA-256"#;
    let header =
        format!("WWW-Authenticate: Basic realm=\"r\"\r\nWWW-Authenticate: {challenge}\r\n");
    let raw = answering(&[reply("401 Unauthorized", &header, "")]).await;
    let server = practice().await;
    let credentials = credentials(Kept::default());
    let ask = Ask::DigestChallenge { url: String::new(), user: "u".into() };

    let mut asked = draft(&raw.url("/x"));
    asked.auth.kind = "basic".into();
    asked.auth.set("username", "u".into());
    asked.auth.set("password", PASSWORD.into());
    let (got, steps) = get(&credentials, &ask, &asked).await;
    let got: Vec<String> = got.unwrap().facts.more.into_iter().map(|(_, value)| value).collect();
    assert_eq!(got, ["Basic realm=\"r\"", challenge]);
    assert_eq!((steps[0].status, steps[0].ok), (Some(401), true));
    let sent = String::from_utf8(raw.received()).unwrap();
    assert!(!sent.to_ascii_lowercase().contains("authorization"), "{sent}");

    for (path, expected) in [("/echo", "asks for no login"), ("/auth/basic", "with Basic and no")] {
        let failed = get(&credentials, &ask, &draft(&server.url(path))).await.0.unwrap_err();
        assert!(failed.text.contains(expected), "{failed:?}");
    }
    let failed = get(&credentials, &ask, &draft("ws://127.0.0.1:1/")).await.0.unwrap_err();
    assert_eq!(failed.problem, CredentialProblem::Unreachable { stage: Stage::Tcp });
}

#[tokio::test]
async fn cookies_of_a_login_go_to_the_jar_too() {
    let cookies = "Set-Cookie: sid=s3ssion-value; Path=/; HttpOnly\r\nLocation: /home\r\n";
    let server = answering(&[reply("302 Found", cookies, "")]).await;
    let ask = Ask::Login(LoginAsk {
        url: format!("http://{}/login", server.addr()),
        method: String::new(),
        content_type: "application/x-www-form-urlencoded".into(),
        body: Secret::from("user=u&password=p"),
    });
    let credentials = credentials(Kept::default());
    let draft = draft(&server.url("/chat"));
    let (got, steps) = get(&credentials, &ask, &draft).await;
    assert_eq!(got.unwrap().part("sid"), "s3ssion-value");
    assert_eq!(steps[0].detail, "cookies sid");
    assert_eq!(credentials.cookies()[0].name, "sid");
    let spec = credentials.prepare(&draft, None, &Nobody).await.unwrap();
    assert_eq!(spec.facts.credential.jar, ["sid"]);
    assert!(!format!("{spec:?} {credentials:?}").contains("s3ssion"));
}

/// Makes an attempt, heard of and learned from as the program does it.
async fn attempt(credentials: &Credentials, draft: &RequestDraft) -> Evidence {
    let spec = credentials.prepare(draft, None, &Nobody).await.unwrap();
    let (_handle, mut events) = net::spawn(ConnId(1), spec.clone(), net::Options::default());
    while let Some(event) = events.recv().await {
        credentials.hear(&spec, &event.kind);
        if let EventKind::Ended(evidence) = event.kind {
            credentials.learn(&spec, &evidence);
            return *evidence;
        }
    }
    panic!("every attempt ends");
}

#[tokio::test]
async fn cookies_of_replies_go_along_the_next_time() {
    let refusal = reply("401 Unauthorized", "Set-Cookie: a=c00kie-value; Path=/\r\n", "");
    // What follows a 101 that cannot be accepted is kept as well.
    let odd = "HTTP/1.1 101 Switching Protocols\r\nSet-Cookie: b=2; Path=/\r\n\r\n".to_owned();
    let server = answering(&[refusal, odd, reply("403 No", "", "")]).await;
    let dir = tempfile::tempdir().unwrap();
    let jar = Kept { jar: Some(dir.path().join("jar.json")), private: None };
    let draft = draft(&server.url("/chat"));
    for names in [&[][..], &["a"], &["a", "b"]] {
        // Each time as in a new run of the program.
        let evidence = attempt(&credentials(jar.clone()), &draft).await;
        let mut sent = evidence.request.credential.jar.clone();
        sent.sort();
        assert_eq!(sent, names);
        assert!(!serde_json::to_string(&evidence).unwrap().contains("c00kie"));
    }
    let credentials = credentials(jar);
    assert_eq!(credentials.forget_cookies(|cookie| cookie.domain == "127.0.0.1"), 2);

    let mut apart = draft.clone();
    apart.settings.cookies = false;
    let spec = credentials.prepare(&apart, None, &Nobody).await.unwrap();
    let lines = vec![Secret::from("a=1")];
    credentials.hear(&spec, &EventKind::Cookies { url: Secret::from(&*draft.url), lines });
    assert!(credentials.cookies().is_empty());
}
