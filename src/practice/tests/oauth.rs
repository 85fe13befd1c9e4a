//! The authorization server, by requests as they stand on the wire.

use serde_json::Value;

use super::{exchange, handshake, raw_open, server};
use crate::practice::Server;

/// practice-client:practice-client-secret
const BASIC: &str = "Authorization: Basic cHJhY3RpY2UtY2xpZW50OnByYWN0aWNlLWNsaWVudC1zZWNyZXQ=\r\n";

async fn post(server: &Server, path: &str, lines: &str, body: &str) -> (u16, String) {
    let length = body.len();
    let request = format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\nContent-Type: \
         application/x-www-form-urlencoded\r\n{lines}\r\n{body}"
    );
    let reply = String::from_utf8(exchange(server, request).await).expect("text");
    (reply[9..12].parse().expect("a status"), reply)
}

fn json(reply: &str) -> Value {
    let (_, body) = reply.split_once("\r\n\r\n").expect("a body");
    serde_json::from_str(body).expect("JSON")
}

#[tokio::test]
async fn a_token_that_was_given_opens() {
    let server = server().await;
    let body = "grant_type=client_credentials&scope=read+write";
    let (status, reply) = post(&server, "/oauth/token", BASIC, body).await;
    assert_eq!(status, 200, "{reply}");
    let token = json(&reply);
    assert_eq!((&token["scope"], &token["expires_in"]), (&"read write".into(), &3600.into()));
    let line = format!("Authorization: Bearer {}\r\n", token["access_token"].as_str().unwrap());
    let (head, _tcp) = raw_open(&server, "/auth/oauth", &line).await;
    assert!(head.starts_with("HTTP/1.1 101 "), "{head}");

    let (_, reply) = post(&server, "/oauth/token?expires_in=0", BASIC, body).await;
    let token = json(&reply)["access_token"].as_str().unwrap().to_owned();
    for (lines, part) in [
        (String::new(), "WWW-Authenticate: Bearer realm=\"practice\"\r\n"),
        ("Authorization: Bearer x\r\n".into(), "error_description=\"The access token is unknown\""),
        (format!("Authorization: Bearer {token}\r\n"), "The access token expired"),
    ] {
        let reply = handshake(&server, "/auth/oauth", &lines).await;
        assert!(reply.starts_with("HTTP/1.1 401 ") && reply.contains(part), "{reply}");
    }
}

#[tokio::test]
async fn clients_and_grants_are_checked() {
    let server = server().await;
    let wrong = "Authorization: Basic cHJhY3RpY2UtY2xpZW50Ong=\r\n";
    let client = "client_id=practice-client&client_secret=practice-client-secret";
    let form = |grant: &str| format!("{grant}&{client}");
    for (lines, body, status, error) in [
        (wrong, "grant_type=client_credentials".into(), 401, "invalid_client"),
        ("", "grant_type=client_credentials".into(), 401, "invalid_client"),
        ("", form("grant_type=password"), 400, "unsupported_grant_type"),
        ("", form("x=1"), 400, "invalid_request"),
        ("", form("grant_type=x&grant_type=y"), 400, "invalid_request"),
        ("", form("grant_type=refresh_token&refresh_token=x"), 400, "invalid_grant"),
        ("", form("grant_type=authorization_code&code=x"), 400, "invalid_grant"),
        (
            "",
            "grant_type=client_credentials&client_id=practice-public".into(),
            400,
            "unauthorized_client",
        ),
    ] {
        let (told, reply) = post(&server, "/oauth/token", lines, &body).await;
        assert_eq!(told, status, "{body}: {reply}");
        assert_eq!(json(&reply)["error"], error, "{body}");
        assert_eq!(reply.contains("WWW-Authenticate: Basic"), !lines.is_empty(), "{reply}");
    }
    let (status, _) =
        post(&server, "/oauth/token", "", &form("grant_type=client_credentials")).await;
    assert_eq!(status, 200);
    let get = exchange(&server, "GET /oauth/token HTTP/1.1\r\nHost: x\r\n\r\n").await;
    assert!(get.starts_with(b"HTTP/1.1 405 "));
    let long = "POST /oauth/token HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\nContent-Type: \
                application/x-www-form-urlencoded\r\n\r\n";
    assert!(exchange(&server, long).await.starts_with(b"HTTP/1.1 413 "));
}

#[tokio::test]
async fn the_page_sends_back_with_a_code_or_an_error() {
    let server = server().await;
    let good = "response_type=code&client_id=practice-public&state=s&code_challenge_method=S256\
                &code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM\
                &redirect_uri=http%3A%2F%2F127.0.0.1%3A9%2Fcallback";
    for (query, part) in [
        (good.to_owned(), "Location: http://127.0.0.1:9/callback?code=practice-code-"),
        (format!("{good}&deny=1"), "callback?error=access_denied&"),
        (format!("{good}&wrong_state=1"), "&state=another\r\n"),
        (good.replace("S256", "plain"), "callback?error=invalid_request&"),
        (good.replace("127.0.0.1", "evil.example"), "HTTP/1.1 400 "),
        (good.replace("practice-public", "x"), "HTTP/1.1 400 "),
    ] {
        let request = format!("GET /oauth/authorize?{query} HTTP/1.1\r\nHost: x\r\n\r\n");
        let reply = String::from_utf8(exchange(&server, request).await).expect("text");
        assert!(reply.contains(part), "{query} lacks {part}: {reply}");
    }
}
