//! Against the practice server: each place is found where an endpoint takes it.

use super::*;
use crate::auth;
use crate::core::request::Files;
use crate::practice::{Options as Practice, Server};

async fn server() -> Server {
    Server::start(Practice::default()).await.unwrap()
}

fn subject(url: String, kind: &str, fields: &[(&str, &str)]) -> Subject {
    let mut draft = RequestDraft::default();
    draft.set_url(url);
    draft.auth.kind = kind.into();
    for (name, value) in fields {
        draft.auth.set(name, (*value).into());
    }
    let spec = auth::prepare(&draft, Files::default(), Clock::process().now()).unwrap();
    Subject { draft, spec, means: crate::auth::Means::default() }
}

async fn table(subject: &Subject) -> Vec<PlaceRecord> {
    let found = token(subject).unwrap();
    let clock = Clock::process();
    let first = attempt(subject.spec.clone(), clock).await.unwrap();
    let list = places(&found, &subject.draft.auth.kind);
    run(subject, &found, &list, &first, clock, |_| {}).await
}

fn accepted(rows: &[PlaceRecord]) -> Vec<&str> {
    let good = rows.iter().filter(|row| row.verdict == Verdict::Accepted);
    good.map(|row| row.place.as_str()).collect()
}

#[tokio::test]
async fn each_place_is_found_where_it_is_taken() {
    let server = server().await;
    let key = |name, value, place| vec![("name", name), ("value", value), ("in", place)];
    for (path, kind, fields, place) in [
        (
            "/auth/bearer",
            "bearer",
            vec![("token", "practice-token")],
            "header Authorization: Bearer",
        ),
        (
            "/auth/bearer",
            "api-key",
            key("access_token", "practice-token", "query"),
            "header Authorization: Bearer",
        ),
        ("/auth/header", "api-key", key("api_key", "practice-key", "query"), "header X-API-Key"),
        ("/auth/query?x=1", "api-key", key("api_key", "practice-key", "query"), "query api_key"),
        ("/auth/cookie", "api-key", key("session", "practice-session", "cookie"), "cookie session"),
        ("/auth/subprotocol", "bearer", vec![("token", "practice-token")], "subprotocol bearer"),
        ("/auth/token", "huawei-token", vec![("token", "practice-token")], "header X-Auth-Token"),
    ] {
        let subject = subject(server.url(path), kind, &fields);
        let rows = table(&subject).await;
        assert_eq!(accepted(&rows), [place], "{path}: {rows:#?}");
        let none = rows.iter().find(|row| row.place == "none").unwrap();
        assert_eq!((none.verdict, none.status), (Verdict::Refused, Some(401)), "{path}");
    }
}

#[tokio::test]
async fn who_needs_no_token_accepts_all() {
    let server = server().await;
    let subject = subject(server.url("/echo"), "bearer", &[("token", "a/b=")]);
    let rows = table(&subject).await;
    assert!(accepted(&rows).contains(&"none"), "{rows:#?}");
    // A slash is no character of a subprotocol's name.
    let last = rows.last().unwrap();
    assert_eq!(last.verdict, Verdict::NotMade, "{rows:#?}");
    assert!(rows.iter().all(|row| !row.detail.contains("a/b=")));
}

#[tokio::test]
async fn too_many_attempts_end_it() {
    let server = server().await;
    let subject = subject(server.url("/status/429"), "bearer", &[("token", "practice-token")]);
    let rows = table(&subject).await;
    assert_eq!(rows[0].status, Some(429));
    assert!(rows[1..].iter().all(|row| row.verdict == Verdict::NotMade), "{rows:#?}");
}

#[test]
fn the_rest_of_the_request_stays() {
    let mut subject = subject(
        "wss://u:p@a.example:8443/x?a=1&token=abc&b".into(),
        "api-key",
        &[("name", "k y"), ("value", "s3cret-token"), ("in", "query")],
    );
    subject.draft.headers.push(HeaderRow::new("X-A", "env:NOT-THIS"));
    let found = token(&subject).unwrap();
    assert_eq!(
        (found.place.clone(), found.token.expose()),
        (Place::Query("k y".into()), "s3cret-token")
    );
    let spec = spec(&subject, &found, &Place::Bearer).unwrap();
    assert_eq!(spec.target.expose(), "/x?a=1&token=abc&b");
    assert_eq!(spec.address.host, subject.spec.address.host);
    assert!(!spec.masker.mask("s3cret-token").contains("s3cret"));
    let header = spec.headers.iter().find(|h| h.name == "Authorization").unwrap();
    assert_eq!(header.value.expose(), "Bearer s3cret-token");
}

#[test]
fn ways_without_one_token_have_none() {
    let fields = [("username", "u"), ("password", "p")];
    assert!(token(&subject("ws://a.example/".into(), "basic", &fields)).is_none());
}
