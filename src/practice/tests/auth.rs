//! Endpoints that ask for credentials.

use super::{HANDSHAKE, exchange, handshake, raw_open, server};

#[tokio::test]
async fn the_right_credentials_open() {
    let server = server().await;
    for (path, lines) in [
        ("/auth/bearer", "Authorization: bearer practice-token\r\n"),
        ("/auth/basic", "Authorization: Basic cHJhY3RpY2U6cHJhY3RpY2U=\r\n"),
        ("/auth/header", "x-api-key: practice-key\r\n"),
        ("/auth/query?x=1&api_key=practice-key", ""),
        ("/auth/cookie", "Cookie: a=b; session=practice-session\r\n"),
        ("/auth/subprotocol", "Sec-WebSocket-Protocol: v1, bearer, practice-token\r\n"),
        ("/auth/token", "X-Auth-Token: practice-token\r\n"),
        ("/auth/appcode", "X-Apig-AppCode: practice-app-code\r\n"),
    ] {
        let (head, _tcp) = raw_open(&server, path, lines).await;
        assert!(head.starts_with("HTTP/1.1 101 "), "{path}: {head}");
        if path == "/auth/subprotocol" {
            assert!(head.contains("Sec-WebSocket-Protocol: bearer\r\n"), "{head}");
        }
    }
}

#[tokio::test]
async fn anything_else_is_refused_in_the_servers_way() {
    let server = server().await;
    let challenge = "WWW-Authenticate: Bearer realm=\"practice\", error=\"invalid_token\"";
    for (path, lines, part) in [
        ("/auth/bearer", "", challenge),
        ("/auth/bearer", "Authorization: Bearer practice-token2\r\n", challenge),
        ("/auth/bearer", "Authorization: practice-token\r\n", "\"error\":\"invalid_token\""),
        ("/auth/basic", "", "WWW-Authenticate: Basic realm=\"practice\""),
        ("/auth/basic", "Authorization: Basic !!!\r\n", "WWW-Authenticate: Basic"),
        ("/auth/basic", "Authorization: Basic cHJhY3RpY2U6\r\n", "WWW-Authenticate: Basic"),
        ("/auth/header", "", "missing_api_key"),
        ("/auth/header", "X-API-Key: x\r\n", "invalid_api_key"),
        ("/auth/query", "", "missing_api_key"),
        ("/auth/query?api_key=x", "", "invalid_api_key"),
        ("/auth/cookie", "Cookie: session=x\r\n", "Set-Cookie: session=anonymous"),
        ("/auth/subprotocol", "Sec-WebSocket-Protocol: bearer\r\n", "invalid_token"),
        ("/auth/token", "", "x-auth-token not found"),
        (
            "/auth/token",
            "X-Auth-Token: x\r\n",
            "\"error_msg\":\"Incorrect IAM authentication information: decrypt token fail\"",
        ),
        ("/auth/token", "X-Auth-Token: x\r\n", "\"error_code\":\"APIG.0301\""),
        ("/auth/token", "X-Auth-Token: x\r\n", "\"request_id\":\"0"),
        ("/auth/appcode", "X-Apig-AppCode: x\r\n", "APIG.0303"),
        ("/auth/huawei", "", "APIG.0301"),
        (
            "/auth/huawei/v1/infers/x?b=2&a=1",
            "X-Sdk-Date: 20200101T000000Z\r\nAuthorization: SDK-HMAC-SHA256 Access=PRACTICEACCESSKEY, SignedHeaders=host;x-sdk-date, Signature=0\r\n",
            "signature expired, signature time:20200101T000000Z,server time:",
        ),
    ] {
        let reply = handshake(&server, path, lines).await;
        assert!(reply.starts_with("HTTP/1.1 401 Unauthorized\r\nDate: "), "{path}: {reply}");
        assert!(reply.contains(part), "{path} {lines} lacks {part}: {reply}");
    }
}

#[tokio::test]
async fn a_wrong_signature_is_told_what_was_signed() {
    let server = server().await;
    let date = jiff::Timestamp::now().strftime("%Y%m%dT%H%M%SZ");
    let lines = format!(
        "X-Sdk-Date: {date}\r\nAuthorization: SDK-HMAC-SHA256 Access=PRACTICEACCESSKEY, \
         SignedHeaders=host;x-sdk-date, Signature=0\r\n"
    );
    let reply = handshake(&server, "/auth/huawei/v1/infers/x?b=2&a=1", &lines).await;
    let canonical = format!(
        "verify aksk signature fail, canonicalRequest:GET|/auth/huawei/v1/infers/x/|a=1&b=2|\
         host:localhost|x-sdk-date:{date}||host;x-sdk-date|e3b0c442"
    );
    assert!(reply.contains(&canonical), "{reply}");
}

#[tokio::test]
async fn a_request_that_is_no_handshake_is_told_to_upgrade() {
    let server = server().await;
    for path in ["/auth/bearer", "/auth/huawei", "/auth/subprotocol"] {
        let plain = format!("GET {path} HTTP/1.1\r\n{HANDSHAKE}\r\n").replace("websocket", "h2c");
        assert!(exchange(&server, plain).await.starts_with(b"HTTP/1.1 426 "), "{path}");
    }
}
