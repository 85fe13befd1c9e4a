//! What each way puts on the handshake, and what it says of odd credentials.

use proptest::prelude::*;

use super::*;
use crate::core::request::AuthHeader;
use crate::core::secret::Secret;

const NOW: Micros = Micros(1_800_000_000_000_000);

pub(super) fn draft(kind: &str, values: &[(&str, &str)]) -> AuthDraft {
    let mut draft = AuthDraft { kind: kind.into(), ..AuthDraft::default() };
    for (name, value) in values {
        draft.set(name, Secret::from(*value));
    }
    draft
}

fn put(kind: &str, values: &[(&str, &str)]) -> Result<AuthContribution, AuthProblem> {
    let request = RequestDraft::default();
    contribute(
        &draft(kind, values),
        &Context { now: NOW, request: &request, grant: None, entropy: &[0; 16] },
    )
}

/// As `put`, for a request to this address.
pub(super) fn put_on(
    url: &str,
    kind: &str,
    values: &[(&str, &str)],
) -> Result<AuthContribution, AuthProblem> {
    let mut request = RequestDraft::default();
    request.set_url(url.into());
    let ctx = Context { now: NOW, request: &request, grant: None, entropy: &[0; 16] };
    contribute(&draft(kind, values), &ctx)
}

/// `header Name: value`, `query name=value`, `subprotocol value`, each on a line.
fn shown(out: &AuthContribution) -> String {
    let mut lines = Vec::new();
    lines.extend(out.cookies.iter().map(|(n, v)| format!("cookie {n}={}", v.expose())));
    lines.extend(out.headers.iter().map(|h| format!("header {}: {}", h.name, h.value.expose())));
    lines.extend(out.query.iter().map(|(n, v)| format!("query {n}={}", v.expose())));
    lines.extend(out.subprotocols.iter().map(|v| format!("subprotocol {}", v.text.expose())));
    lines.join("\n")
}

#[test]
fn each_way_puts_its_credential_where_it_belongs() {
    for (kind, values, expected) in [
        ("none", &[][..], ""),
        ("bearer", &[("token", "abc")], "header Authorization: Bearer abc"),
        (
            "basic",
            &[("username", "Aladdin"), ("password", "open sesame")],
            "header Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==",
        ),
        ("api-key", &[("name", "X-Key"), ("value", "v")], "header X-Key: v"),
        ("api-key", &[("name", "k"), ("value", "a&b"), ("in", "query")], "query k=a&b"),
        ("api-key", &[("name", "s"), ("value", "v"), ("in", "cookie")], "cookie s=v"),
        (
            "api-key",
            &[("name", "bearer"), ("value", "v"), ("in", "subprotocol")],
            "subprotocol bearer\nsubprotocol v",
        ),
        ("api-key", &[("value", "v"), ("in", "subprotocol")], "subprotocol v"),
        ("huawei-token", &[("token", "MIIT")], "header X-Auth-Token: MIIT"),
    ] {
        let out = put(kind, values).unwrap();
        assert_eq!(shown(&out), expected, "{kind} {values:?}");
        assert!(out.notes.is_empty(), "{kind} {:?}", out.notes);
    }
}

#[test]
fn utf_8_goes_into_basic_as_it_is() {
    let out = put("basic", &[("username", "test"), ("password", "123£")]).unwrap();
    // The example of RFC 7617 section 2.1.
    assert_eq!(shown(&out), "header Authorization: Basic dGVzdDoxMjPCow==");
}

#[test]
fn odd_credentials_are_told_and_never_shown() {
    let secret = "s3cretvalue";
    for (kind, field, typed, sent, note) in [
        ("bearer", "token", "s3cretvalue\n", "Bearer s3cretvalue", "a line break at its end"),
        ("bearer", "token", "  s3cretvalue", "Bearer s3cretvalue", "blanks at its start"),
        ("bearer", "token", "Bearer s3cretvalue", "Bearer s3cretvalue", "began with “Bearer”"),
        ("bearer", "token", "\"s3cretvalue\"", "Bearer s3cretvalue", "quotation marks"),
        (
            "bearer",
            "token",
            "Authorization: bearer s3cretvalue",
            "Bearer s3cretvalue",
            "began with “Authorization:”",
        ),
        ("huawei-token", "token", "s3cretvalue\r\n", "s3cretvalue", "a line break at its end"),
        ("api-key", "value", "'s3cretvalue'", "'s3cretvalue'", "sent as typed"),
        ("basic", "username", "s3cretvalue:x", "Basic czNjcmV0dmFsdWU6eDo=", "a colon"),
        ("basic", "password", "s3cretvalue\n", "Basic OnMzY3JldHZhbHVlCg==", "a line break"),
    ] {
        let out = put(kind, &[(field, typed), ("name", "k")]).unwrap();
        assert_eq!(out.headers[0].value.expose(), sent, "{kind} {typed:?}");
        let notes = out.notes.join("; ");
        assert!(notes.contains(note), "{kind} {typed:?}: {notes}");
        assert!(!notes.contains(secret) && !format!("{out:?}").contains(secret));
    }
}

#[test]
fn an_expired_jwt_is_told() {
    use base64::Engine as _;
    let token = |claims: &str| {
        let middle = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(claims);
        format!("eyJhbGciOiJub25lIn0.{middle}.sig")
    };
    let notes = |claims: &str| put("bearer", &[("token", &token(claims))]).unwrap().notes;
    assert_eq!(
        notes(r#"{"exp":1799996400}"#),
        ["the token is a JWT that expired at 2027-01-15T07:00:00Z (60 min ago)"]
    );
    assert!(notes(r#"{"exp":1800000001}"#).is_empty());
    assert!(notes(r#"{"nbf":1800000100}"#)[0].contains("valid only from"));
    assert!(notes("no json").is_empty());
    assert!(notes(r#"{"exp":"soon"}"#).is_empty());
    assert_eq!(notes(r#"{"exp":-1e300}"#).len(), 1);
}

#[test]
fn what_is_missing_or_cannot_be_sent_is_an_error() {
    for (kind, values, expected) in [
        ("bearer", &[][..], "Bearer token needs the field “Token”, which is empty"),
        ("bearer", &[("token", " \n")], "Bearer token needs the field “Token”, which is empty"),
        ("bearer", &[("token", "\"\"")], "Bearer token needs the field “token”, which is empty"),
        ("bearer", &[("token", "a\nb")], "the token holds a line break at position 2"),
        ("api-key", &[("value", "v")], "API key needs the field “Name”, which is empty"),
        (
            "api-key",
            &[("name", "k"), ("value", "v"), ("in", "body")],
            "“In” must be one of header, query, cookie, subprotocol",
        ),
        (
            "api-key",
            &[("name", "k"), ("value", "a;b"), ("in", "cookie")],
            "the key holds “;” at position 2, which cannot stand in a cookie",
        ),
        (
            "api-key",
            &[("value", "dG9r=="), ("in", "subprotocol")],
            "the key holds “=” at position 5, which cannot stand in a subprotocol",
        ),
        ("basic", &[], "Basic needs the field “User name”, which is empty"),
        ("kerberos", &[], "“kerberos” is no way of authenticating that this version knows"),
    ] {
        let problem = put(kind, values).unwrap_err().to_string();
        assert!(problem.starts_with(expected), "{kind} {values:?}: {problem}");
    }
}

#[test]
fn a_password_is_masked_in_clear_as_well() {
    let mut request = RequestDraft::default();
    request.set_url("ws://a.example/".into());
    request.auth = draft("basic", &[("username", "jo"), ("password", "hunter2-hunter2")]);
    let spec = prepare(&request, Files::default(), NOW).unwrap();
    assert_eq!(spec.masker.mask("you sent hunter2-hunter2"), "you sent ••••••");
}

#[test]
fn every_way_is_described() {
    let mut kinds = std::collections::HashSet::new();
    for way in ways() {
        assert!(kinds.insert(way.kind()), "{} twice", way.kind());
        assert!(find(way.kind()).is_some());
        assert!(way.about().summary.ends_with('.') && !way.label().is_empty());
        for field in way.fields() {
            assert!(field.help.ends_with('.'), "{} {}", way.kind(), field.name);
            assert!(field.choices.is_empty() || field.choices.contains(&field.default));
        }
    }
}

proptest! {
    /// Whatever is pasted: no panic, no line break on the wire, no credential in words.
    #[test]
    fn hostile_text_cannot_break_the_request(
        text in "[\\s\"'BearAuthoriz:.{}\\PC\u{0}\u{7f}]{0,40}",
        way in 0..ways().len(),
        place in prop::sample::select(vec!["header", "query", "cookie", "subprotocol"]),
    ) {
        let way = ways()[way];
        let mut values: Vec<(&str, &str)> = way.fields().iter().map(|f| (f.name, text.as_str())).collect();
        for value in &mut values {
            let field = way.fields().iter().find(|field| field.name == value.0).unwrap();
            if !field.choices.is_empty() {
                let has_place = field.name == "in" && field.choices.contains(&place);
                value.1 = if has_place { place } else { field.default };
            }
        }
        match put_on("wss://a.example/x?y=1", way.kind(), &values) {
            Ok(out) => {
                for AuthHeader { name, value, .. } in &out.headers {
                    prop_assert!(!name.contains(['\r', '\n', ':']));
                    prop_assert!(!value.expose().contains(['\r', '\n']));
                }
            }
            Err(_) => {
                // What is no secret may be told, so only secrets hold the text now.
                for value in &mut values {
                    let field = way.fields().iter().find(|field| field.name == value.0).unwrap();
                    if !field.secret && field.choices.is_empty() {
                        value.1 = "a";
                    }
                }
                let secret = text.trim();
                if let Err(problem) = put_on("wss://a.example/x?y=1", way.kind(), &values) {
                    prop_assert!(secret.len() < 12 || !problem.to_string().contains(secret));
                }
            }
        }
    }
}
