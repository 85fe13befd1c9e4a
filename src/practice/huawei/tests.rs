//! The verifier against vectors that the vendor's own signers agree on.

use serde::Deserialize;

use super::*;
use crate::practice::head::parsed;

#[derive(Deserialize)]
struct Vector {
    name: String,
    method: String,
    url: String,
    headers: Vec<(String, String)>,
    secret_key: String,
    #[serde(default)]
    security_token: Option<String>,
    date: String,
    host_header: String,
    canonical_query: String,
    canonical_request: String,
    string_to_sign: String,
    signature: String,
    authorization: String,
}

fn vectors() -> Vec<Vector> {
    serde_json::from_str(include_str!("../../../tests/vectors/huawei-signing.json")).expect("JSON")
}

/// The request as a client sends it: the path as a URL parser leaves it, the query canonical.
fn sent(vector: &Vector) -> Head {
    let path = url::Url::parse(&vector.url).expect("a URL").path().to_owned();
    let query = match vector.canonical_query.as_str() {
        "" => String::new(),
        query => format!("?{query}"),
    };
    let mut text = format!("{} {path}{query} HTTP/1.1\r\n", vector.method);
    let mut line = |name: &str, value: &str| text.push_str(&format!("{name}: {value}\r\n"));
    line("Host", &vector.host_header);
    line("X-Sdk-Date", &vector.date);
    for (name, value) in &vector.headers {
        line(name, value);
    }
    if let Some(token) = &vector.security_token {
        line("X-Security-Token", token);
    }
    line("Authorization", &vector.authorization);
    text.push_str("\r\n");
    parsed(&text)
}

#[test]
fn every_vector_is_verified() {
    let vectors = vectors();
    assert_eq!(vectors.len(), 40);
    for vector in &vectors {
        let head = sent(vector);
        let value = head.header("authorization").expect("sent");
        let authorization = Authorization::parse(&value).expect(&vector.name);
        assert_eq!(authorization.signature, vector.signature, "{}", vector.name);
        let canonical = canonical_request(&head, authorization.signed_headers);
        assert_eq!(canonical, vector.canonical_request, "{}", vector.name);
        let text = string_to_sign(&vector.date, &canonical);
        assert_eq!(text, vector.string_to_sign, "{}", vector.name);
        assert_eq!(signature(&vector.secret_key, &text), vector.signature, "{}", vector.name);
    }
}

/// A request signed with one of the practice keys.
fn request(access: &str, secret: &str, date: &str) -> String {
    let unsigned = format!(
        "GET /auth/huawei?b=2&a=1 HTTP/1.1\r\nHost: 127.0.0.1:1\r\nX-Sdk-Date: {date}\r\n\r\n"
    );
    let canonical = canonical_request(&parsed(&unsigned), "host;x-sdk-date");
    let signature = signature(secret, &string_to_sign(date, &canonical));
    let line = format!(
        "Authorization: {ALGORITHM} Access={access}, SignedHeaders=host;x-sdk-date, Signature={signature}"
    );
    unsigned.replace("\r\n\r\n", &format!("\r\n{line}\r\n\r\n"))
}

#[test]
fn each_refusal_has_the_gateways_words() {
    let now: Timestamp = "2026-11-24T08:15:30Z".parse().expect("a time");
    let date = "20261124T080100Z";
    let good = request(ACCESS_KEY, SECRET_KEY, date);
    assert_eq!(verify(&parsed(&good), now), Ok(()));
    assert_eq!(verify(&parsed(&request(APP_KEY, APP_SECRET, date)), now), Ok(()));
    let canonical = "canonicalRequest:GET|/auth/huawei/|a=1&b=2|host:127.0.0.1:1|\
                     x-sdk-date:20261124T080100Z||host;x-sdk-date|e3b0c442";
    let other_query = good.replace("b=2&", "").replace("a=1", "a=1&b=2&c=3");
    for (text, code, words) in [
        (request(ACCESS_KEY, "wrong", date), "APIG.0301", canonical),
        (request(APP_KEY, "wrong", date), "APIG.0303", canonical),
        (other_query, "APIG.0301", "verify aksk signature fail, canonicalRequest:"),
        (request("OTHER", SECRET_KEY, date), "APIG.0301", "ak:OTHER, err:ak not exist"),
        (request("OTHERAPP", SECRET_KEY, date), "APIG.0303", "app not found, appkey OTHERAPP"),
        (
            request(ACCESS_KEY, SECRET_KEY, "20261124T080000Z"),
            "APIG.0301",
            "signature expired, signature time:20261124T080000Z,server time:20261124T081530Z",
        ),
        (request(ACCESS_KEY, SECRET_KEY, "20261124T083031Z"), "APIG.0301", "signature expired"),
        (request(ACCESS_KEY, SECRET_KEY, "yesterday"), "APIG.0301", "x-sdk-date not found"),
        (good.replace("Access=", "Credential="), "APIG.0301", "format error"),
        ("GET /auth/huawei HTTP/1.1\r\n\r\n".to_owned(), "APIG.0301", "x-auth-token not found"),
    ] {
        let refused = verify(&parsed(&text), now).expect_err("refused");
        assert_eq!(refused.code, code, "{text}");
        assert!(refused.message.contains(words), "{} lacks {words}", refused.message);
    }
}
