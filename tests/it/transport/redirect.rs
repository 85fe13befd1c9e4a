//! Redirects: shown, and followed only where the request says so, without credentials.

use wsdeck::core::evidence::{FailureKind, HttpProblem};
use wsdeck::core::headers::HeaderRow;
use wsdeck::core::stage::Stage;
use wsdeck::practice::credentials;

use super::*;

/// A request that follows so many redirects and has a credential in each of its headers.
fn following(url: &str, at_most: u32) -> RequestSpec {
    let mut draft = draft(url);
    draft.settings.follow_redirects = at_most;
    draft.headers = vec![
        HeaderRow::new("Authorization", format!("Bearer {}", credentials::TOKEN)),
        HeaderRow::new("Cookie", "sid=c00kie-of-the-first"),
        HeaderRow::new("X-Api-Key", "k3y-of-the-first"),
        HeaderRow::new("User-Agent", "test"),
    ];
    spec_of(&draft)
}

/// A path that redirects to `to`.
fn to(status: u16, to: &str) -> String {
    let encoded: String = to.bytes().map(|byte| format!("%{byte:02X}")).collect();
    format!("/status/{status}?location={encoded}")
}

#[tokio::test]
async fn without_being_asked_nothing_is_followed() {
    let server = server().await;
    let (evidence, failure) = failed(following(&server.url(&to(302, "/echo")), 0)).await;
    assert_eq!(failure.kind, FailureKind::Http(HttpProblem::Status));
    assert!(evidence.redirects.is_empty());
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn the_same_server_gets_the_credentials_again() {
    let server = server().await;
    for status in [301, 302, 303, 307, 308] {
        let before = server.requests().len();
        let url = server.url(&to(status, "/auth/bearer"));
        let mut conn = Conn::open(following(&url, 1)).await;
        conn.close(1000, "");
        let evidence = conn.ended().await;
        assert_eq!(evidence.redirects.len(), 1);
        let redirect = &evidence.redirects[0];
        assert_eq!((redirect.status, redirect.dropped.len()), (status, 0));
        assert!(redirect.from.contains("/status/") && redirect.to.ends_with("/auth/bearer"));
        assert_eq!(evidence.request.target, "/auth/bearer");
        assert_eq!(evidence.request.typed, url);
        // The record is about the last address, on the clock of the whole attempt.
        let stages: Vec<Stage> = evidence.stages.iter().map(|s| s.stage).collect();
        assert_eq!(stages, [Stage::Dns, Stage::Tcp, Stage::Http, Stage::WebSocket]);
        assert!(evidence.stages[0].began_us >= redirect.at_us && redirect.at_us > 0);
        assert_eq!(evidence.http.unwrap().reply.unwrap().status, 101);
        assert_eq!(server.requests().len(), before + 2);
    }
}

#[tokio::test]
async fn another_server_gets_no_credentials() {
    let (first, second) = (server().await, server().await);
    let secret_query = format!("{}&token=qu3ry-of-the-first", to(307, &second.url("/headers")));
    let mut conn = Conn::open(following(&first.url(&secret_query), 5)).await;
    conn.until_received(1).await;
    conn.close(1000, "");
    let evidence = conn.ended().await;
    let seen = String::from_utf8(second.requests()[0].raw.to_vec()).unwrap();
    for secret in
        [credentials::TOKEN, "c00kie", "k3y", "qu3ry", "Authorization", "Cookie", "X-Api-Key"]
    {
        assert!(!seen.contains(secret), "{secret} in {seen}");
    }
    assert!(seen.contains("User-Agent: test"));
    assert!(seen.contains(&format!("Host: {}", second.addr())));
    let dropped = &evidence.redirects[0].dropped;
    for what in ["header Authorization", "header Cookie", "header X-Api-Key", "query token"] {
        assert!(dropped.iter().any(|d| d == what), "{dropped:?}");
    }
    assert!(evidence.request.credentials.is_empty());
    assert_eq!(evidence.request.port, second.addr().port());
    let json = serde_json::to_string(&evidence).unwrap();
    assert!(!json.contains("c00kie-of") && !json.contains("qu3ry-of"), "{json}");
}

#[tokio::test]
async fn https_is_wss_and_a_client_certificate_stays() {
    let server = server().await;
    let asking = server.start_tls_fault(practice::TlsFault::ClientCertRequired).await.unwrap();
    let (cert, key) = server.client_identity_pem().unwrap();
    let files = Files {
        ca_pem: Some(server.ca_pem().into()),
        cert_pem: Some(cert.into_bytes()),
        key_pem: Some(key.into()),
        ..Files::default()
    };
    let spec = |url: &str| {
        let mut draft = draft(url);
        draft.settings.follow_redirects = 3;
        draft.settings.cert_file = "client.pem".into();
        draft.spec(&AuthContribution::default(), files.clone()).unwrap()
    };
    let https = server.tls_url("/echo").replace("wss://", "https://");
    let mut conn = Conn::open(spec(&server.url(&to(301, &https)))).await;
    conn.close(1000, "");
    let evidence = conn.ended().await;
    assert_eq!(evidence.request.scheme, "wss");
    assert!(evidence.tls.unwrap().version.is_some());

    let location = format!("https://localhost:{}/echo", asking.port());
    let (evidence, failure) = failed(spec(&server.url(&to(301, &location)))).await;
    assert_eq!(failure.stage, Stage::Tls, "{}", failure.text);
    let tls = evidence.tls.unwrap();
    assert!(tls.client_cert_requested && !tls.client_cert_sent);
    assert!(evidence.redirects[0].dropped.contains(&"certificate".to_owned()));
}

#[tokio::test]
async fn circles_and_limits_end() {
    let server = server().await;
    // A redirect without a location of its own leads to itself here.
    let path = "/status/302?location=%3Flocation%3D";
    let (evidence, failure) = failed(following(&server.url(&to(302, path)), 20)).await;
    assert!(evidence.redirects.len() <= 20);
    assert_ne!(failure.kind, FailureKind::TimedOut);

    let first = server.url("/status/302?location=%2Fstatus%2F307%3Flocation%3D%252Fback");
    let (evidence, failure) = failed(following(&first, 1)).await;
    assert_eq!(evidence.redirects.len(), 1);
    assert_eq!(failure.kind, FailureKind::Http(HttpProblem::Status));
    assert_eq!(evidence.http.unwrap().reply.unwrap().status, 307);

    let circle = practice::script::RawServer::start(circle()).await.unwrap();
    let (evidence, failure) = failed(following(&circle.url("/a"), 20)).await;
    assert_eq!(failure.kind, FailureKind::Http(HttpProblem::RedirectLoop));
    let hops: Vec<&str> =
        evidence.redirects.iter().map(|r| r.to.rsplit('/').next().unwrap()).collect();
    assert_eq!(hops, ["b"]);
}

/// `/a` leads to `/b`, and `/b` to `/a`.
fn circle() -> Vec<practice::script::Step> {
    use practice::script::Step;
    let leads = |path: &str| {
        Step::Write(
            format!("HTTP/1.1 302 Found\r\nLocation: {path}\r\nContent-Length: 0\r\n\r\n").into(),
        )
    };
    vec![
        Step::Accept,
        Step::ReadHead,
        leads("/b"),
        Step::Accept,
        Step::ReadHead,
        leads("/a"),
        Step::Hold,
    ]
}

#[tokio::test]
async fn a_location_that_cannot_be_followed_is_shown() {
    let server = server().await;
    for location in ["ftp://127.0.0.1/", "ws+unix:///run/x.sock:/", "javascript:0", "http://"] {
        let (evidence, failure) = failed(following(&server.url(&to(302, location)), 5)).await;
        assert_eq!(failure.kind, FailureKind::Http(HttpProblem::Status), "{location}");
        assert!(evidence.redirects.is_empty(), "{location}");
    }
}

#[tokio::test]
async fn one_time_limit_holds_for_all_hops() {
    let server = server().await;
    let mut spec = following(&server.url(&to(302, "/hang")), 5);
    spec.connect_timeout_ms = 300;
    let (evidence, failure) = failed(spec).await;
    assert_eq!((failure.stage, &failure.kind), (Stage::Http, &FailureKind::TimedOut));
    assert_eq!(evidence.redirects.len(), 1);
}
