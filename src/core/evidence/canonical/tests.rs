//! Refusals with one difference each.

use proptest::prelude::*;

use super::*;
use crate::core::evidence::{HttpFacts, ReplyFacts};
use crate::core::request::Signing;

const HASH: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// A canonical request with these parts.
fn canonical(path: &str, query: &str, headers: &[(&str, &str)]) -> String {
    let lines: String = headers.iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
    let names: Vec<&str> = headers.iter().map(|(name, _)| *name).collect();
    format!("GET\n{path}\n{query}\n{lines}\n{}\n{HASH}", names.join(";"))
}

fn signed(ours: &str, string_to_sign: &str, status: u16, body: &str) -> Evidence {
    let reply = ReplyFacts { status, body: body.into(), ..ReplyFacts::default() };
    let mut e = Evidence {
        http: Some(HttpFacts { reply: Some(reply), ..HttpFacts::default() }),
        ..Evidence::default()
    };
    e.request.credential.signing = Some(Signing {
        canonical_request: ours.into(),
        string_to_sign: string_to_sign.into(),
        signature: "00".into(),
    });
    e
}

/// As Huawei Cloud's gateway answers.
fn apig(ours: &str, theirs: &str) -> Option<CanonicalDifference> {
    let text = format!(
        "Incorrect IAM authentication information: verify aksk signature fail, \
         canonicalRequest:{}",
        theirs.replace('\n', "|")
    );
    let body = serde_json::json!({
        "error_msg": text, "error_code": "APIG.0301", "request_id": "7f2c"
    });
    canonical_difference(&signed(ours, "", 401, &body.to_string()))
}

/// As AWS answers.
fn aws(ours: (&str, &str), theirs: (&str, &str)) -> Option<CanonicalDifference> {
    let text = format!(
        "The request signature we calculated does not match the signature you provided. Check \
         your AWS Secret Access Key and signing method. Consult the service documentation for \
         details.\n\nThe Canonical String for this request should have been\n'{}'\n\nThe \
         String-to-Sign should have been\n'{}'\n",
        theirs.0, theirs.1
    );
    let body = serde_json::json!({ "message": text }).to_string();
    canonical_difference(&signed(ours.0, ours.1, 403, &body))
}

const HEADERS: &[(&str, &str)] = &[("host", "a.example"), ("x-sdk-date", "20261124T120000Z")];

#[test]
fn the_first_difference_names_the_cause() {
    use CanonicalCause as C;
    let host = |host: &'static str| [("host", host), ("x-sdk-date", "20261124T120000Z")];
    let name = |name: &str| name.to_owned();
    let more = [("host", "a.example"), ("x-a", "1"), ("x-sdk-date", "20261124T120000Z")];
    for (ours, theirs, cause) in [
        (canonical("/x/", "", HEADERS), canonical("/x", "", HEADERS), C::PathSlash),
        (canonical("/a%20b/", "", HEADERS), canonical("/a b/", "", HEADERS), C::PathEncoding),
        (canonical("/a%2520b/", "", HEADERS), canonical("/a%20b/", "", HEADERS), C::PathEncoding),
        (canonical("/x/", "", HEADERS), canonical("/api/x/", "", HEADERS), C::Path),
        (canonical("/", "a=1&b=2", HEADERS), canonical("/", "b=2&a=1", HEADERS), C::QueryOrder),
        (
            canonical("/", "q=a%2Bb", HEADERS),
            canonical("/", "q=a%20b", HEADERS),
            C::QueryEncoding { plus: true },
        ),
        (
            canonical("/", "q=a%3Ab", HEADERS),
            canonical("/", "q=a:b", HEADERS),
            C::QueryEncoding { plus: false },
        ),
        (
            canonical("/", "a=1", HEADERS),
            canonical("/", "a=1&trace=9", HEADERS),
            C::ParameterAdded { name: name("trace") },
        ),
        (
            canonical("/", "a=1&debug=", HEADERS),
            canonical("/", "a=1", HEADERS),
            C::ParameterDropped { name: name("debug") },
        ),
        (
            canonical("/", "a=1", HEADERS),
            canonical("/", "a=2", HEADERS),
            C::ParameterChanged { name: name("a") },
        ),
        (canonical("/", "", &host("a.example:443")), canonical("/", "", HEADERS), C::HostPort),
        (canonical("/", "", &host("10.0.0.7")), canonical("/", "", HEADERS), C::HostName),
        (
            canonical("/", "", HEADERS),
            canonical("/", "", &[("host", "a.example"), ("x-sdk-date", "20261124T120001Z")]),
            C::HeaderChanged { name: name("x-sdk-date") },
        ),
        (canonical("/", "", &more), canonical("/", "", HEADERS), C::SignedHeaders),
        (
            canonical("/", "", &more),
            canonical("/", "", &more).replace("x-a:1\n", "x-a:\n"),
            C::HeaderDropped { name: name("x-a") },
        ),
        (
            canonical("/", "", HEADERS),
            canonical("/", "", HEADERS).replace("e3b0", "f3b0"),
            C::PayloadHash,
        ),
        (canonical("/", "", HEADERS), canonical("/", "", HEADERS), C::Secret),
        (canonical("/", "", HEADERS), "GET|/||host:a.example|x-sd".into(), C::Unseen),
        (canonical("/x/", "", HEADERS), "GET|/x||".into(), C::PathSlash),
    ] {
        let found = apig(&ours, &theirs).unwrap();
        assert_eq!(found.cause, cause, "{ours}\n{theirs}\n{:#?}", found.rows);
        let quiet = matches!(cause, C::Secret | C::Unseen);
        assert_eq!(found.differing().next().is_none(), quiet);
        assert_eq!(found.first().is_none(), quiet);
        assert!(cause.sentence().ends_with('.'));
    }
}

#[test]
fn a_bar_in_a_value_is_no_line() {
    let headers = [("host", "a.example"), ("x-list", "a|b: c|d")];
    let found = apig(&canonical("/", "", &headers), &canonical("/", "", &headers)).unwrap();
    assert_eq!(found.cause, CanonicalCause::Secret);
    let row = found.rows.iter().find(|row| row.part == "header x-list").unwrap();
    assert_eq!((row.ours.as_str(), row.same), ("a|b: c|d", true));
}

#[test]
fn aws_tells_text_and_scope() {
    let text = canonical("/production", "a=it%27s", &[("host", "x.execute-api"), ("x-q", "it's")]);
    let scope = |region: &str| {
        format!(
            "AWS4-HMAC-SHA256\n20261124T120000Z\n20261124/{region}/execute-api/aws4_request\nab"
        )
    };
    let (here, there) = (scope("eu-west-1"), scope("us-east-1"));
    let found = aws((&text, &here), (&text, &here)).unwrap();
    assert_eq!(found.cause, CanonicalCause::Secret, "{:#?}", found.rows);
    let found = aws((&text, &here), (&text, &there)).unwrap();
    assert_eq!(found.cause, CanonicalCause::Scope);
    assert!(found.first().unwrap().theirs.contains("us-east-1"));
    let found = aws((&text, &here), (&text.replace("/production", "/"), &here)).unwrap();
    assert_eq!(found.cause, CanonicalCause::Path);
}

#[test]
fn nothing_is_compared_without_both_texts() {
    let ours = canonical("/", "", HEADERS);
    assert_eq!(canonical_difference(&signed(&ours, "", 401, "no")), None);
    let mut e = signed(&ours, "", 401, "canonicalRequest:GET|/");
    e.request.credential.signing = None;
    assert_eq!(canonical_difference(&e), None);
}

proptest! {
    #[test]
    fn hostile_texts_do_no_harm(ours in "[GET/|\n a-c:;='é%0-9]{0,80}", theirs in ".{0,120}") {
        let aws = "The Canonical String for this request should have been\n'";
        for start in ["canonicalRequest:", "{\"message\":\"canonicalRequest:", aws] {
            let found = canonical_difference(&signed(&ours, &theirs, 401, &format!("{start}{theirs}")));
            prop_assert!(found.is_none_or(|found| found.rows.len() >= 5));
        }
    }

    #[test]
    fn the_same_text_leaves_the_secret(
        path in "/[a-z%0-9'\"]{0,12}",
        value in "[ -~é]{0,24}",
    ) {
        let text = canonical(&path, "a=1", &[("host", "a.example"), ("x-a", &value)]);
        let found = apig(&text, &text).unwrap();
        prop_assert_eq!(found.cause, CanonicalCause::Secret);
    }
}
