//! Huawei Cloud's gateway, ModelArts and IAM.

use serde_json::{Value, json};

use super::{HANDSHAKE, exchange, handshake, raw_open, server};
use crate::practice::Server;
use crate::practice::credentials::{DOMAIN, PASSWORD, PROJECT, USER};

/// What IAM answers to this body.
async fn iam(server: &Server, body: &str) -> String {
    let request = format!(
        "POST /v3/auth/tokens HTTP/1.1\r\nHost: iam\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    String::from_utf8(exchange(server, request).await).expect("text")
}

fn body(password: &str, scope: &Value) -> String {
    json!({ "auth": {
        "identity": {
            "methods": ["password"],
            "password": { "user": {
                "name": USER, "password": password, "domain": { "name": DOMAIN },
            } },
        },
        "scope": scope,
    } })
    .to_string()
}

#[tokio::test]
async fn a_token_of_iam_opens_what_wants_one() {
    let server = server().await;
    let project = json!({ "project": { "name": PROJECT } });
    let account = json!({ "domain": { "name": DOMAIN } });
    let mut tokens = Vec::new();
    for scope in [&project, &project, &account] {
        let reply = iam(&server, &body(PASSWORD, scope)).await;
        assert!(reply.starts_with("HTTP/1.1 201 Created\r\n"), "{reply}");
        let json: Value = serde_json::from_str(reply.split_once("\r\n\r\n").unwrap().1).unwrap();
        let ends = json["token"]["expires_at"].as_str().unwrap();
        assert!(ends.parse::<jiff::Timestamp>().unwrap() > jiff::Timestamp::now());
        let line = reply.lines().find_map(|line| line.strip_prefix("X-Subject-Token: "));
        tokens.push(line.unwrap().to_owned());
    }
    assert_ne!(tokens[0], tokens[1]);
    for token in &tokens {
        let (head, _tcp) =
            raw_open(&server, "/auth/token", &format!("X-Auth-Token: {token}\r\n")).await;
        assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
    }
    let line = format!("X-Auth-Token: {}\r\n", tokens[0]);
    let (head, _tcp) = raw_open(&server, "/v1/infers/8f2c", &line).await;
    assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
    let line = format!("X-Auth-Token: {}\r\n", tokens[2]);
    assert!(handshake(&server, "/v2/infer/8f2c", &line).await.contains("ModelArts.0207"));
}

#[tokio::test]
async fn iam_denies_in_its_own_form() {
    let server = server().await;
    let scope = json!({ "project": { "name": PROJECT } });
    let reply = iam(&server, &body("wrong", &scope)).await;
    assert!(reply.starts_with("HTTP/1.1 401 "), "{reply}");
    assert!(reply.contains("\"message\":\"The username or password is wrong.\""), "{reply}");
    assert!(iam(&server, "{").await.starts_with("HTTP/1.1 400 "));
    for (head, status) in [
        ("POST /v3/auth/tokens HTTP/1.1\r\n\r\n", "400"),
        ("POST /v3/auth/tokens HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n", "413"),
        ("GET /v3/auth/tokens HTTP/1.1\r\n\r\n", "405"),
    ] {
        let reply = exchange(&server, head.to_owned()).await;
        assert!(reply.starts_with(format!("HTTP/1.1 {status} ").as_bytes()), "{status}");
    }
}

#[tokio::test]
async fn services_know_their_own_ways() {
    let server = server().await;
    for (path, line) in [
        ("/auth/appkey", "apikey: PRACTICEAPPKEY\r\n"),
        ("/v1/infers/8f2c/ws", "apikey: PRACTICEAPPKEY\r\n"),
        ("/v1/infers/8f2c", "X-Apig-AppCode: practice-app-code\r\n"),
        ("/auth/huawei-api-key", "Authorization: Bearer practice-api-key\r\n"),
        ("/v2/infer/8f2c/ws", "Authorization: bearer practice-api-key\r\n"),
        ("/v2/infer/8f2c", "X-Auth-Token: practice-token\r\n"),
    ] {
        let (head, _tcp) = raw_open(&server, path, line).await;
        assert!(head.starts_with("HTTP/1.1 101 "), "{path}: {head}");
    }
    for (path, line, status, part) in [
        ("/auth/appkey", "", "401", "APIG.0305"),
        ("/auth/appkey", "apikey: x\r\n", "401", "app not found, appkey x"),
        ("/auth/huawei-api-key", "", "401", "APIG.0305"),
        ("/v1/infers/8f2c", "", "401", "x-auth-token not found"),
        ("/v1/infers/8f2c", "Authorization: Bearer practice-api-key\r\n", "401", "APIG.0301"),
        ("/v2/infer/8f2c", "apikey: PRACTICEAPPKEY\r\n", "401", "APIG.0305"),
        ("/v2/infer/", "X-Auth-Token: practice-token\r\n", "404", "APIG.0101"),
    ] {
        let reply = handshake(&server, path, line).await;
        assert!(reply.starts_with(&format!("HTTP/1.1 {status} ")), "{path}: {reply}");
        assert!(reply.contains(part), "{path} {line} lacks {part}: {reply}");
    }
    let plain =
        format!("GET /v1/infers/8f2c HTTP/1.1\r\n{HANDSHAKE}\r\n").replace("websocket", "h2c");
    assert!(exchange(&server, plain).await.starts_with(b"HTTP/1.1 426 "));
}
