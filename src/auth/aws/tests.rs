//! AWS's published vectors, and what we write down against what AWS's crate signs.

use aws_sigv4::sign::v4::{calculate_signature, generate_signing_key};
use proptest::prelude::*;

use super::super::tests::{draft, put_on};
use super::super::{Grant, ask, contribute};
use super::*;
use crate::auth::Means;
use crate::core::headers::HeaderRow;
use crate::core::request::RequestDraft;
use crate::core::time::Micros;

const ACCESS: &str = "AKIDEXAMPLE";
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
/// 2015-08-30T12:36:00Z, the time of the vectors.
const THEN: u64 = 1_440_938_160;

const KEYS: [(&str, &str); 2] = [("access-key", ACCESS), ("secret-key", SECRET)];

fn at(url: &str, values: &[(&str, &str)], second: u64, rows: &[(&str, &str)]) -> AuthContribution {
    let mut request = RequestDraft::default();
    request.set_url(url.into());
    request.headers.extend(rows.iter().map(|(name, value)| HeaderRow::new(*name, *value)));
    let now = Micros(second * 1_000_000);
    let ctx = Context { now, request: &request, grant: None, entropy: &[0; 16] };
    contribute(&draft("aws-sigv4", values), &ctx).unwrap()
}

fn signed(target: &str, more: &[(&str, &str)]) -> AuthContribution {
    let mut values = KEYS.to_vec();
    values.extend([("region", "us-east-1"), ("service", "service"), ("expires", "3600")]);
    values.extend(more);
    at(&format!("wss://example.amazonaws.com{target}"), &values, THEN, &[])
}

/// Signatures of AWS's “Signature Version 4 test suite”, in headers and in the query.
#[test]
fn published_signatures_come_out() {
    for (name, target, header, query) in [
        (
            "get-vanilla",
            "/",
            "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
            "e93c787ed7f371d5c6b165c1b38ede9550f4dce4144713e844b25b7192d3865d",
        ),
        (
            "get-vanilla-query-order-key-case",
            "/?Param2=value2&Param1=value1",
            "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
            "86012e2c9ad4d77369f5d81c11f75158aae4f895a085212cc6d3f923d300bed5",
        ),
        (
            "get-vanilla-query-unreserved",
            "/?-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz=-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
            "9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197",
            "8e76a88a7433637b12778d5592799b29ad21ecd6cf6325051c21d86f0acda2bf",
        ),
        (
            "get-vanilla-empty-query-key",
            "/?Param1=value1",
            "a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb",
            "49096700cbbaa5753443850f40df10f904fc2fdb544dc9512203cc77c471a9de",
        ),
        (
            "get-vanilla-query-order-encoded",
            "/?Param-3=Value3&Param=Value2&%E1%88%B4=Value1",
            "371d3713e185cc334048618a97f809c9ffe339c62934c032af5a0e595648fcac",
            "c5f1848ceec943ac2ca68ee720460c23aaae30a2300586597ada94c4a65e4787",
        ),
        (
            "get-unreserved",
            "/-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
            "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f",
            "95968482db1b9e0fadef6efc1bd24689f77c77d9ef56919c96a28cc92e0d6005",
        ),
        (
            "get-slashes-normalized",
            "//example//",
            "9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84",
            "c1834e8fb0307243711f0f907f6ab7311ed300d87f13792d7ee4da89ab93e082",
        ),
        (
            "get-slash-pointless-dot-normalized",
            "/./example",
            "ef75d96142cf21edca26f06005da7988e4f8dc83a165a80865db7089db637ec5",
            "35034b1a0bdd969f346975386daf8aedfd4976573b8348cf4f67eaa41c5857de",
        ),
        (
            "get-relative-relative-normalized",
            "/example1/example2/../..",
            "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
            "e93c787ed7f371d5c6b165c1b38ede9550f4dce4144713e844b25b7192d3865d",
        ),
    ] {
        let out = signed(target, &[]);
        let signing = out.signing.as_ref().unwrap();
        assert_eq!(signing.signature, header, "{name}:\n{}", signing.canonical_request);
        let value = out.headers.iter().find(|h| h.name == "Authorization").unwrap();
        assert_eq!(
            value.value.expose(),
            format!(
                "AWS4-HMAC-SHA256 Credential={ACCESS}/20150830/us-east-1/service/aws4_request, \
                 SignedHeaders=host;x-amz-date, Signature={header}"
            )
        );
        let out = signed(target, &[("in", "query")]);
        assert_eq!(out.signing.as_ref().unwrap().signature, query, "{name}");
        let sent = out.target.unwrap();
        assert!(sent.expose().ends_with(&format!("&X-Amz-Signature={query}")));
        assert!(sent.expose().contains("&X-Amz-Expires=3600&"));
        assert_eq!(out.expires, Some(Micros((THEN + 3_600) * 1_000_000)));
    }
}

#[test]
fn what_is_shown_is_what_aws_publishes() {
    let signing = signed("/", &[]).signing.unwrap();
    assert_eq!(
        signing.canonical_request,
        "GET\n/\n\nhost:example.amazonaws.com\nx-amz-date:20150830T123600Z\n\nhost;x-amz-date\n\
         e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    );
    assert_eq!(
        signing.string_to_sign,
        "AWS4-HMAC-SHA256\n20150830T123600Z\n20150830/us-east-1/service/aws4_request\n\
         bb579772317eb040ac9ed261061d46c1f17a8133879d6129b6e1c25292927e63"
    );
}

/// The signature that our own text makes.
fn ours(signing: &Signing, second: u64, region: &str, service: &str) -> String {
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(second);
    let key = generate_signing_key(SECRET, time, region, service);
    calculate_signature(key, signing.string_to_sign.as_bytes())
}

proptest! {
    /// Our writing of the canonical request is the crate's, for whatever can stand in an address.
    #[test]
    fn what_is_shown_is_what_was_signed(
        path in "(/[a-zA-Z0-9._~!$&'()*+,;=:@%-]{0,6}){0,5}",
        query in "[a-cA-C0-3=&+%._~:/?@!$'()*,;-]{0,24}",
        token in prop::option::of("[A-Za-z0-9+/=]{1,20}"),
        service in prop::sample::select(vec!["execute-api", "iotdevicegateway"]),
        place in prop::sample::select(vec!["header", "query"]),
        row in "[ a-z]{0,8}",
        second in 0u64..5_000_000_000,
    ) {
        let mut values = KEYS.to_vec();
        values.extend([("region", "eu-west-1"), ("service", service), ("in", place)]);
        if let Some(token) = &token {
            values.push(("session-token", token));
        }
        let query = if query.is_empty() { query } else { format!("?{query}") };
        let rows = [("X-Amz-Meta", row.as_str()), ("x-amz-meta", "b"), ("X-Other", "c")];
        let out = at(&format!("ws://a.example:8080{path}{query}"), &values, second, &rows);
        let signing = out.signing.unwrap();
        prop_assert_eq!(
            ours(&signing, second, "eu-west-1", service),
            signing.signature,
            "{}", signing.canonical_request
        );
    }
}

#[test]
fn region_and_service_are_guessed_and_said() {
    let out = at("wss://a.execute-api.eu-west-1.amazonaws.com/prod", &KEYS, THEN, &[]);
    assert!(out.signing.unwrap().string_to_sign.contains("/eu-west-1/execute-api/aws4_request"));
    assert_eq!(
        out.notes,
        [
            "the region eu-west-1 is taken from the host's name",
            "the service execute-api is taken from the host's name"
        ]
    );
    let problem = put_on("wss://a.example/", "aws-sigv4", &KEYS).unwrap_err().to_string();
    assert_eq!(problem, "AWS Signature V4 needs the field “Region”, which is empty");
}

#[test]
fn a_token_stands_beside_a_signature_of_iot_core() {
    let mut values = KEYS.to_vec();
    values.extend([("session-token", "to/ken=="), ("in", "query")]);
    let out = at("wss://a-ats.iot.us-east-1.amazonaws.com/mqtt", &values, THEN, &[]);
    assert!(!out.signing.unwrap().canonical_request.contains("Security-Token"));
    let target = out.target.unwrap();
    assert!(
        target.expose().ends_with("&X-Amz-Security-Token=to%2Fken%3D%3D"),
        "{}",
        target.expose()
    );
    let out = signed("/", &[("session-token", "to/ken==")]);
    assert!(out.signing.unwrap().canonical_request.contains("\nx-amz-security-token:to/ken==\n"));
    let token = out.headers.iter().find(|h| h.name == TOKEN_HEADER).unwrap();
    assert!(token.shown.is_none() && token.value.expose() == "to/ken==");
}

#[test]
fn a_profile_is_asked_for() {
    let mut request = RequestDraft::default();
    request.set_url("wss://a.example/".into());
    request.auth = draft("aws-sigv4", &[("source", "profile"), ("profile", "work")]);
    let means = Means::at(Micros(THEN * 1_000_000));
    assert_eq!(ask(&request, &means).unwrap(), Some(Ask::AwsKeys { profile: "work".into() }));
    let look = contribute(
        &request.auth,
        &Context { now: means.now, request: &request, grant: None, entropy: &[0; 16] },
    )
    .unwrap();
    assert!(look.pending.is_some());
    assert_eq!(look.signing.unwrap().signature, LATER);

    let mut grant = Grant { value: SECRET.into(), ..Grant::default() };
    grant.facts.more =
        vec![("access-key".into(), ACCESS.into()), ("region".into(), "us-east-1".into())];
    let ctx = Context { now: means.now, request: &request, grant: Some(&grant), entropy: &[0; 16] };
    let out = contribute(&request.auth, &ctx).unwrap();
    assert!(out.pending.is_none());
    let signing = out.signing.unwrap();
    assert_eq!(ours(&signing, THEN, "us-east-1", "execute-api"), signing.signature);
}

#[test]
fn keys_that_are_not_read_yet_leave_what_is_signed() {
    for place in ["header", "query"] {
        let out = signed(
            "/?b=2&a=1",
            &[("secret-key", "‹env:SECRET›"), ("session-token", "‹env:TOKEN›"), ("in", place)],
        );
        let signing = out.signing.unwrap();
        assert_eq!(signing.signature, LATER);
        assert!(signing.canonical_request.contains("a=1&b=2"));
    }
}

#[test]
fn slips_are_told() {
    for (values, expected) in [
        (&[("access-key", ACCESS)][..], "AWS Signature V4 needs the field “Secret access key”"),
        (&[KEYS[0], KEYS[1], ("region", "eu west")], "the region holds a blank at position 3"),
        (
            &[KEYS[0], KEYS[1], ("region", "r"), ("in", "query"), ("expires", "8d")],
            "the time after which it expires cannot be used",
        ),
        (&[KEYS[0], ("secret-key", "a b")], "the secret access key holds a blank at position 2"),
    ] {
        let problem = put_on("wss://a.example/", "aws-sigv4", values).unwrap_err().to_string();
        assert!(problem.starts_with(expected), "{values:?}: {problem}");
    }
}
