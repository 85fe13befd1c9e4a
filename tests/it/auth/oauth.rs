//! OAuth 2.0: every flow against the practice server's authorization server, in the program and
//! through the binary. The person is the test: it approves device codes, and follows the page as
//! a browser does.

use std::sync::{Arc, Mutex};

use futures_util::future::BoxFuture;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use url::Url;
use wsdeck::core::credential::{Notice, Question};
use wsdeck::core::evidence::CredentialProblem;
use wsdeck::core::proxy::ProxyEnvironment;
use wsdeck::core::request::{RequestDraft, RequestSpec};
use wsdeck::credentials::{Attendant, Credentials, Kept, NotReady};
use wsdeck::net::clock::Clock;
use wsdeck::practice::Server;
use wsdeck::practice::credentials::{CLIENT_ID, CLIENT_SECRET, PUBLIC_CLIENT_ID};

use crate::cli::practice::practice as running;
use crate::cli::run::run;
use crate::harness::practice;

/// Does what a person would do.
#[derive(Clone, Default)]
struct Person {
    /// Appended to the page that is opened: `&deny=1`.
    says: &'static str,
    /// Where the browser was sent at last.
    visited: Arc<Mutex<Vec<String>>>,
}

/// What a browser gets, with all redirects followed.
async fn visit(page: &str, visited: &Mutex<Vec<String>>) -> String {
    let mut page = Url::parse(page).unwrap();
    loop {
        visited.lock().unwrap().push(page.to_string());
        let at = (page.host_str().unwrap(), page.port().unwrap());
        let mut tcp = TcpStream::connect(at).await.unwrap();
        let target = &page[url::Position::BeforePath..];
        let request = format!("GET {target} HTTP/1.1\r\nHost: {}\r\n\r\n", page.authority());
        tcp.write_all(request.as_bytes()).await.unwrap();
        let mut reply = String::new();
        tcp.read_to_string(&mut reply).await.unwrap();
        let Some(next) = reply.lines().find_map(|line| line.strip_prefix("Location: ")) else {
            return reply;
        };
        page = Url::parse(next).unwrap();
    }
}

impl Attendant for Person {
    fn ask(&self, _question: Question) -> BoxFuture<'_, bool> {
        Box::pin(std::future::ready(false))
    }

    fn tell(&self, notice: Notice) {
        if let Notice::DeviceCode { whole, .. } = notice {
            let page = format!("{}{}", whole.unwrap(), self.says);
            let visited = Arc::clone(&self.visited);
            tokio::spawn(async move { visit(&page, &visited).await });
        }
    }

    fn browse<'a>(&'a self, page: &'a str) -> BoxFuture<'a, bool> {
        let page = format!("{page}{}", self.says);
        Box::pin(async move {
            let shown = visit(&page, &self.visited).await;
            assert!(shown.starts_with("HTTP/1.1 200 "), "{shown}");
            true
        })
    }
}

fn credentials() -> Credentials {
    Credentials::new(Kept::default(), ProxyEnvironment::default(), Clock::process())
}

fn http(server: &Server, path: &str) -> String {
    server.url(path).replace("ws://", "http://")
}

fn draft(server: &Server, token: &str, values: &[(&str, &str)]) -> RequestDraft {
    let mut draft = RequestDraft::default();
    draft.set_url(server.url("/auth/oauth"));
    draft.auth.kind = "oauth2".into();
    for (name, value) in [
        ("token-url", http(server, token)),
        ("device-url", http(server, "/oauth/device?interval=0")),
        ("authorize-url", http(server, "/oauth/authorize")),
        ("client-id", CLIENT_ID.to_owned()),
        ("client-secret", CLIENT_SECRET.to_owned()),
        ("scope", "read write".to_owned()),
    ] {
        draft.auth.set(name, value.as_str().into());
    }
    for (name, value) in values {
        draft.auth.set(name, (*value).into());
    }
    draft
}

fn token(spec: &RequestSpec) -> String {
    let header = spec.headers.iter().find(|header| header.name == "Authorization").unwrap();
    header.value.expose().strip_prefix("Bearer ").unwrap().to_owned()
}

fn whats(spec: &RequestSpec) -> Vec<&str> {
    spec.facts.credential.steps.iter().map(|step| step.what.as_str()).collect()
}

/// The status with which the practice server answers a handshake that carries the token.
async fn opened(server: &Server, token: &str) -> String {
    let mut tcp = TcpStream::connect(server.addr()).await.unwrap();
    let request = format!(
        "GET /auth/oauth HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
         Authorization: Bearer {token}\r\n\r\n"
    );
    tcp.write_all(request.as_bytes()).await.unwrap();
    let mut status = [0; 12];
    tcp.read_exact(&mut status).await.unwrap();
    String::from_utf8_lossy(&status[9..]).into_owned()
}

#[tokio::test]
async fn every_flow_gives_a_token_that_opens() {
    let server = practice().await;
    for (flow, public, steps) in [
        ("client-credentials", false, &["token request"][..]),
        ("device-code", false, &["device code", "waiting for the person"]),
        ("device-code", true, &["device code", "waiting for the person"]),
        ("authorization-code", false, &["answer of the browser", "token request"]),
        ("authorization-code", true, &["answer of the browser", "token request"]),
    ] {
        for auth in ["basic", "body"] {
            let mut values = vec![("flow", flow), ("client-auth", auth)];
            if public {
                values.extend([("client-id", PUBLIC_CLIENT_ID), ("client-secret", "")]);
            }
            let draft = draft(&server, "/oauth/token", &values);
            let person = Person::default();
            let spec = credentials().prepare(&draft, None, &person).await.unwrap();
            assert_eq!(opened(&server, &token(&spec)).await, "101", "{flow} {auth}");
            assert_eq!(whats(&spec), steps, "{flow} {auth}");
            let credential = &spec.facts.credential;
            assert!(credential.expires.is_some() && credential.steps.iter().all(|step| step.ok));
            let grant = credential.grant.as_ref().unwrap();
            assert!(grant.more.contains(&("scope".into(), "read write".into())), "{grant:?}");
            let told = format!("{:?}", spec.facts);
            assert!(!told.contains(&token(&spec)) && !told.contains(CLIENT_SECRET), "{told}");
        }
    }
}

#[tokio::test]
async fn a_kept_token_is_used_until_its_end_and_then_refreshed_without_a_person() {
    let server = practice().await;
    let credentials = credentials();
    let long = draft(&server, "/oauth/token", &[("flow", "device-code")]);
    let first = credentials.prepare(&long, None, &Person::default()).await.unwrap();
    let again = credentials.prepare(&long, None, &Person::default()).await.unwrap();
    assert_eq!(token(&first), token(&again));
    assert!(again.facts.credential.grant.as_ref().unwrap().kept && whats(&again).is_empty());

    // Near its end from the beginning.
    let short = draft(&server, "/oauth/token?expires_in=30", &[("flow", "authorization-code")]);
    let person = Person::default();
    let first = credentials.prepare(&short, None, &person).await.unwrap();
    let visits = person.visited.lock().unwrap().len();
    let mut last = token(&first);
    // The refresh token changes each time, so that the second round needs the newest.
    for _ in 0..2 {
        let next = credentials.prepare(&short, None, &person).await.unwrap();
        assert_eq!(whats(&next), ["refreshing the token"]);
        assert_ne!(token(&next), last);
        assert_eq!(opened(&server, &token(&next)).await, "101");
        last = token(&next);
    }
    assert_eq!(person.visited.lock().unwrap().len(), visits, "nobody was asked again");
}

/// The problem, and the whole failure as text.
async fn refused(draft: &RequestDraft, person: &Person) -> (CredentialProblem, String) {
    match credentials().prepare(draft, None, person).await {
        Err(NotReady::Credential { facts, problem, text }) => {
            let steps = &facts.credential.steps;
            assert!(!steps.is_empty() && !steps.last().unwrap().ok, "{steps:?}");
            (problem, format!("{text} {facts:?}"))
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn refusals_are_told_in_the_servers_words() {
    let server = practice().await;
    let yes = Person::default();
    let no = Person { says: "&deny=1", ..Person::default() };

    let wrong = draft(&server, "/oauth/token", &[("client-secret", "wr0ng-s3cret")]);
    let (problem, told) = refused(&wrong, &yes).await;
    let CredentialProblem::Refused { status: 401, error, .. } = problem else { panic!("{told}") };
    assert_eq!(error.as_deref(), Some("invalid_client"));
    assert!(told.contains("The client's secret is wrong") && !told.contains("wr0ng"), "{told}");

    for flow in ["device-code", "authorization-code"] {
        let asked = draft(&server, "/oauth/token", &[("flow", flow)]);
        let (problem, told) = refused(&asked, &no).await;
        assert_eq!(problem, CredentialProblem::Denied, "{flow}: {told}");
    }

    let another = Person { says: "&wrong_state=1", ..Person::default() };
    let asked = draft(&server, "/oauth/token", &[("flow", "authorization-code")]);
    let (problem, told) = refused(&asked, &another).await;
    assert!(matches!(problem, CredentialProblem::Unusable { .. }), "{told}");
    assert!(told.contains("its state is another"), "{told}");

    let expired = http(&server, "/oauth/device?interval=0&expires_in=0");
    let asked =
        draft(&server, "/oauth/token", &[("flow", "device-code"), ("device-url", &expired)]);
    let (problem, told) = refused(&asked, &no).await;
    assert_eq!(problem, CredentialProblem::TimedOut, "{told}");

    let used = [("flow", "refresh-token"), ("refresh-token", "us3d-before")];
    let (problem, told) = refused(&draft(&server, "/oauth/token", &used), &yes).await;
    assert!(matches!(problem, CredentialProblem::Refused { status: 400, .. }), "{told}");
    assert!(!told.contains("us3d-before"), "{told}");

    // No authorization server at all.
    let (problem, told) = refused(&draft(&server, "/status/200?body=hello", &[]), &yes).await;
    assert!(matches!(problem, CredentialProblem::Unusable { .. }), "{told}");
}

#[tokio::test]
async fn the_listener_is_gone_afterwards() {
    let server = practice().await;
    let person = Person::default();
    let asked = draft(&server, "/oauth/token", &[("flow", "authorization-code")]);
    credentials().prepare(&asked, None, &person).await.unwrap();
    let last = person.visited.lock().unwrap().last().cloned().unwrap();
    let back = Url::parse(&last).unwrap();
    assert_eq!(back.path(), "/callback");
    let at = ("127.0.0.1", back.port().unwrap());
    assert!(TcpStream::connect(at).await.is_err(), "{last}");
}

#[test]
fn check_gets_a_token_and_a_dry_run_gets_none() {
    let p = running();
    let url = p.url("/auth/oauth");
    let at = p.url("/oauth/token").replace("ws://", "http://");
    let token_url = format!("token-url={at}?expires_in=61");
    let secret = format!("client-secret={CLIENT_SECRET}");
    let id = format!("client-id={CLIENT_ID}");
    let with = |more: &[&str]| {
        let base = ["check", &url, "--json", "--wait", "0", "--auth", "oauth2"];
        let params = ["flow=client-credentials", &token_url, &id, &secret, "scope=read"];
        let params = params.iter().flat_map(|param| ["--auth-param", param]);
        run(&base.iter().copied().chain(params).chain(more.iter().copied()).collect::<Vec<_>>())
    };
    let dry = with(&["--dry-run"]);
    assert_eq!(dry.code, 0, "{dry:?}");
    let out = dry.json();
    assert!(out["pending"].as_str().unwrap().contains("/oauth/token"), "{out}");
    let shown = out["shown"][0]["text"].as_str().unwrap();
    assert!(shown.contains("grant_type=client_credentials\nscope=read"), "{shown}");
    assert!(!dry.stdout.contains(CLIENT_SECRET));

    let ran = with(&[]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let out = ran.json();
    let credential = &out["evidence"]["request"]["credential"];
    // The dry run got nothing, so this one had to ask.
    assert_eq!(credential["steps"][0]["what"], "token request", "{out}");
    assert!(!ran.stdout.contains(CLIENT_SECRET) && !ran.stdout.contains("practice-access-"));
}
