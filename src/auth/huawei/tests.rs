//! The signing against what the vendor's own signers made, and what each way says and sends.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;
use serde::Deserialize;

use super::canonical;
use super::token::Told;
use crate::auth::{self, Ask, AuthProblem, Context, Grant, Means, preview};
use crate::core::headers::HeaderRow;
use crate::core::request::{AuthContribution, Files, RequestDraft};
use crate::core::secret::Secret;
use crate::core::time::Micros;

#[derive(Deserialize)]
struct Vector {
    name: String,
    #[serde(default)]
    kind: String,
    url: String,
    headers: Vec<(String, String)>,
    access_key: String,
    secret_key: String,
    #[serde(default)]
    security_token: String,
    date: String,
    #[serde(default)]
    host_header: String,
    #[serde(default)]
    canonical_query: String,
    #[serde(default)]
    canonical_request: String,
    #[serde(default)]
    string_to_sign: String,
    #[serde(default)]
    signature: String,
    #[serde(default)]
    authorization: String,
    #[serde(default)]
    results: Vec<Made>,
}

/// What some of the vendor's signers made of a disputed case.
#[derive(Deserialize)]
struct Made {
    implementations: Vec<String>,
    /// `None` where one refused to sign.
    authorization: Option<String>,
}

fn vectors() -> Vec<Vector> {
    serde_json::from_str(include_str!("../../../tests/vectors/huawei-signing.json")).unwrap()
}

fn disputed() -> Vec<Vector> {
    let text = include_str!("../../../tests/vectors/huawei-signing-disputed.json");
    serde_json::from_str(text).unwrap()
}

fn at(date: &str) -> Micros {
    let civil = jiff::civil::DateTime::strptime("%Y%m%dT%H%M%SZ", date).unwrap();
    let stamp = jiff::tz::TimeZone::UTC.to_timestamp(civil).unwrap();
    Micros(u64::try_from(stamp.as_microsecond()).unwrap())
}

fn draft(url: &str, kind: &str, values: &[(&str, &str)]) -> RequestDraft {
    let mut draft = RequestDraft::default();
    draft.set_url(url.into());
    draft.auth.kind = kind.into();
    for (name, value) in values {
        draft.auth.set(name, Secret::from(*value));
    }
    draft
}

impl Vector {
    fn draft(&self) -> RequestDraft {
        let app = self.kind == "app";
        let signed: Vec<&str> = self.headers.iter().map(|(name, _)| &**name).collect();
        let mut draft = draft(
            &self.url,
            if app { "huawei-app" } else { "huawei-aksk" },
            &[
                (if app { "app-key" } else { "access-key" }, &self.access_key),
                (if app { "app-secret" } else { "secret-key" }, &self.secret_key),
                ("security-token", &self.security_token),
                ("signed-header", &signed.join(", ")),
            ],
        );
        draft.settings.override_handshake = true;
        draft.headers =
            self.headers.iter().map(|(name, value)| HeaderRow::new(name, value)).collect();
        draft
    }

    fn contribution(&self) -> AuthContribution {
        put(&self.draft(), at(&self.date)).expect(&self.name)
    }
}

fn put(draft: &RequestDraft, now: Micros) -> Result<AuthContribution, AuthProblem> {
    let ctx = Context { now, request: draft, grant: None, entropy: &[0; 16] };
    auth::contribute(&draft.auth, &ctx)
}

fn header<'a>(out: &'a AuthContribution, name: &str) -> &'a str {
    out.headers.iter().find(|h| h.name == name).map_or("", |h| h.value.expose())
}

#[test]
fn every_vector_is_signed_exactly() {
    let vectors = vectors();
    assert_eq!(vectors.len(), 40);
    for vector in &vectors {
        let name = &vector.name;
        let out = vector.contribution();
        let signing = out.signing.as_ref().unwrap();
        assert_eq!(signing.canonical_request, vector.canonical_request, "{name}");
        assert_eq!(signing.string_to_sign, vector.string_to_sign, "{name}");
        assert_eq!(signing.signature, vector.signature, "{name}");
        assert_eq!(header(&out, "Authorization"), vector.authorization, "{name}");
        assert_eq!(header(&out, "X-Sdk-Date"), vector.date, "{name}");
        assert_eq!(header(&out, "X-Security-Token"), vector.security_token, "{name}");
        // What goes out: the path as typed, the query as signed, and the host as signed.
        let spec = auth::prepare(&vector.draft(), Files::default(), at(&vector.date)).unwrap();
        let (path, query) =
            spec.target.expose().split_once('?').unwrap_or((spec.target.expose(), ""));
        assert_eq!(query, vector.canonical_query, "{name}");
        assert_eq!(path, spec.address.target.split('?').next().unwrap(), "{name}");
        let host = spec.headers.iter().find(|h| h.name == "Host").unwrap();
        assert_eq!(host.value.expose(), vector.host_header, "{name}");
        // Nothing but the token is hidden, and it is hidden everywhere.
        let facts = spec.facts.credential.signing.unwrap();
        let hidden = !vector.security_token.is_empty();
        assert_eq!(facts.canonical_request == vector.canonical_request, !hidden, "{name}");
        assert!(!hidden || !facts.canonical_request.contains(&vector.security_token), "{name}");
    }
}

/// Of the signers that differ, ours does as these do, and says so where it matters.
#[test]
fn disputed_cases_follow_most_signers_and_are_told() {
    for (name, with, note) in [
        ("x-query-plus-raw", "py-sdkcore", "sent as %2B"),
        ("x-query-bad-percent", "py-sdkcore", "% in the query"),
        ("x-query-semicolon-raw", "py-sdkcore", ""),
        ("x-query-empty-key", "py-sdkcore", "a value without a name"),
        ("x-query-double-amp", "py-sdkcore", ""),
        ("x-query-key-order-bracket", "py-sdkcore", "sorts otherwise"),
        ("x-query-key-order-unicode", "py-sdkcore", "sorts otherwise"),
        ("x-query-value-order-encoded", "py-sdkcore", "sorts otherwise"),
        ("x-query-astral-order", "py-sdkcore", "sorts otherwise"),
        ("x-path-trailing-double-slash", "py-sdkcore", "holds //"),
        ("x-path-dot-segments", "py-sdkcore", "holds . or .."),
        ("x-path-bad-percent", "py-sdkcore", "% in the path"),
        ("x-path-percent-non-utf8", "py-sdkcore", "no UTF-8"),
        ("x-header-underscore", "py-sdkcore", "X_Under is sent and not signed"),
        ("x-header-unsigned-payload", "go-v3", "X-Sdk-Content-Sha256"),
        ("x-header-content-type-json", "py-sdkcore", ""),
        ("x-header-utf8-value", "py-sdkcore", "beyond ASCII"),
        // The host is put into lower case before it is sent.
        ("x-host-uppercase", "node-v3", ""),
    ] {
        let cases = disputed();
        let case = cases.iter().find(|case| case.name == name).expect(name);
        let out = case.contribution();
        let made = case
            .results
            .iter()
            .find(|made| made.implementations.iter().any(|known| known == with))
            .expect(name);
        assert_eq!(Some(header(&out, "Authorization")), made.authorization.as_deref(), "{name}");
        let notes = out.notes.join("\n");
        assert!(notes.contains(note) && notes.is_empty() == note.is_empty(), "{name}: {notes}");
    }
}

const NOW: Micros = Micros(1_800_000_000_000_000);
const KEYS: &[(&str, &str)] = &[("access-key", "AK"), ("secret-key", "SK-secret")];

#[test]
fn doubtful_requests_are_noted() {
    let notes = |change: &dyn Fn(&mut RequestDraft)| {
        let mut draft = draft("wss://a.example/v1/x?b=2&a=1", "huawei-aksk", KEYS);
        change(&mut draft);
        put(&draft, NOW).unwrap().notes.join("\n")
    };
    assert_eq!(notes(&|_| {}), "");
    assert!(notes(&|d| d.set_url("wss://a.example/a%2fb".into())).contains("%2F"));
    let plain = "ws://x.apig.cn-north-4.huaweicloudapis.com/v1/infers/1/ws";
    assert!(notes(&|d| d.set_url(plain.into())).contains("by wss:// only"));
    let new = "wss://infer-modelarts-cn-north-4.modelarts-infer.com/v2/infer/1/ws";
    assert!(notes(&|d| d.set_url(new.into())).contains("an API key or a token"));
    assert!(notes(&|d| d.settings.clock_offset_s = -7_200).contains("2 h before"));
    assert_eq!(notes(&|d| d.settings.clock_offset_s = 60), "");
    let dated = |date: &str| notes(&|d| d.headers.push(HeaderRow::new("X-Sdk-Date", date)));
    assert!(dated("20270115T070000Z").contains("60 min before"), "{}", dated("20270115T070000Z"));
    assert!(!dated("20270115T080000Z").contains("refuses"));
    let twice = notes(&|d| {
        d.headers = vec![HeaderRow::new("x-a", "1"), HeaderRow::new("X-A", "2")];
        d.auth.set("signed-header", "X-A".into());
    });
    assert!(twice.contains("is sent 2 times"));
    assert!(notes(&|d| d.headers.push(HeaderRow::new("Authorization", "x"))).contains("wrong one"));
    let long = "x".repeat(40);
    let swapped = notes(&|d| {
        d.auth.set("access-key", (*long).into());
        d.auth.set("secret-key", long[..20].into());
    });
    assert!(swapped.contains("changed places"));
    let clock = put(&draft("wss://a.example/", "huawei-aksk", KEYS), Micros(0)).unwrap().notes;
    assert!(clock[0].contains("the clock says 1970"));
}

#[test]
fn what_cannot_be_signed_is_an_error() {
    let problem = |change: &dyn Fn(&mut RequestDraft)| {
        let mut draft = draft("wss://a.example/v1/x", "huawei-aksk", KEYS);
        change(&mut draft);
        put(&draft, NOW).unwrap_err().to_string()
    };
    for (names, words) in [
        ("X-Nowhere", "names X-Nowhere, which is no header of the request"),
        ("Sec-WebSocket-Key", "made with or after the signature"),
        ("Authorization", "made with or after the signature"),
        ("X(a)", "holds “(”"),
    ] {
        let found = problem(&|d| d.auth.set("signed-header", names.into()));
        assert!(found.contains(words), "{names}: {found}");
    }
    let found = problem(&|d| d.headers.push(HeaderRow::new("X-Sdk-Date", "2026-11-24")));
    assert!(found.contains("is no date in UTC"), "{found}");
    let found = problem(&|d| d.auth.set("access-key", "A, K".into()));
    assert!(found.contains("a comma at position 2"), "{found}");
    let found = problem(&|d| d.auth.set("secret-key", Secret::default()));
    assert!(found.contains("Secret key (SK)"), "{found}");
    let found = problem(&|d| d.set_url("wss://".into()));
    assert!(!found.is_empty());
    let mut named = draft("wss://a.example/", "huawei-aksk", KEYS);
    named.auth.set("signed-header", "Host, X-Here;X-Gone".into());
    named.headers.push(HeaderRow::new("x-here", "1"));
    assert_eq!(auth::unknown_header(&named), Some(("signed-header", "X-Gone".into())));
}

#[test]
fn the_host_that_is_sent_is_signed() {
    let mut draft = draft("wss://a.example:8443/", "huawei-aksk", KEYS);
    let host = |draft: &RequestDraft| {
        let signing = put(draft, NOW).unwrap().signing.unwrap();
        let line = signing.canonical_request.lines().find(|l| l.starts_with("host:"));
        line.unwrap()[5..].to_owned()
    };
    assert_eq!(host(&draft), "a.example:8443");
    draft.headers.push(HeaderRow::new("HOST", "b.example"));
    assert_eq!(host(&draft), "a.example:8443");
    draft.settings.override_handshake = true;
    assert_eq!(host(&draft), "b.example");
}

#[test]
fn temporary_keys_and_sub_projects_are_signed() {
    let mut draft = draft("wss://a.example/", "huawei-aksk", KEYS);
    draft.auth.set("security-token", "X-Security-Token: tok-1234567890\n".into());
    draft.auth.set("project-id", "p1".into());
    draft.settings.subprotocols = vec!["v2".into(), "v1".into()];
    draft.auth.set("signed-header", "sec-websocket-protocol".into());
    let out = put(&draft, NOW).unwrap();
    assert_eq!(header(&out, "X-Security-Token"), "tok-1234567890");
    let canonical = out.signing.unwrap().canonical_request;
    for line in [
        "sec-websocket-protocol:v2, v1\n",
        "x-project-id:p1\n",
        "x-security-token:tok-1234567890\n",
    ] {
        assert!(canonical.contains(line), "{line} in {canonical}");
    }
    // A token that is typed as a header is signed as well, and masked by its name.
    draft.auth.set("security-token", Secret::default());
    draft.headers.push(HeaderRow::new("X-Security-Token", "tok-1234567890"));
    let spec = auth::prepare(&draft, Files::default(), NOW).unwrap();
    assert!(spec.signing.unwrap().canonical_request.contains("x-security-token:tok-1234567890"));
    let shown = spec.facts.credential.signing.unwrap().canonical_request;
    assert!(shown.contains("x-security-token:") && !shown.contains("tok-1234567890"));
}

#[test]
fn each_way_sends_what_it_says() {
    for (kind, values, name, value) in [
        ("huawei-appcode", &[("app-code", "X-Apig-AppCode: c0de")][..], "X-Apig-AppCode", "c0de"),
        ("huawei-app", &[("app-key", "key")], "apikey", "key"),
        ("huawei-api-key", &[("api-key", "Bearer k\n")], "Authorization", "Bearer k"),
        ("huawei-token", &[("token", "ab\n cd\r\nef")], "X-Auth-Token", "abcdef"),
    ] {
        let out = put(&draft("wss://a.example/", kind, values), NOW).unwrap();
        assert_eq!(header(&out, name), value, "{kind}");
        assert!(out.headers.len() == 1 && out.headers[0].shown.is_none(), "{kind}");
        assert!(out.signing.is_none() && out.target.is_none(), "{kind}");
    }
    let old = draft("wss://a.example/v1/infers/1/ws", "huawei-api-key", &[("api-key", "k")]);
    assert!(put(&old, NOW).unwrap().notes[0].contains("old generation"));
    for (kind, field) in [("huawei-aksk", "access-key"), ("huawei-app", "app-key")] {
        let lock = auth::find(kind).unwrap().lock().unwrap();
        assert_eq!((lock.limit, lock.locked_s, lock.field), (5, 300, field));
    }
}

const IAM: &[(&str, &str)] =
    &[("source", "iam"), ("domain", "acc"), ("user", "jo"), ("password", "hunter2-hunter2")];

#[test]
fn iam_is_asked_for_a_project_of_the_region() {
    let service = "wss://x.apig.cn-north-4.huaweicloudapis.com/v1/infers/1/ws";
    for (url, more, expected) in [
        (
            service,
            &[][..],
            Some(("https://iam.cn-north-4.myhuaweicloud.com/v3/auth/tokens", "cn-north-4")),
        ),
        (
            "wss://a.example/",
            &[("region", "AP-southeast-1 ")],
            Some(("https://iam.ap-southeast-1.myhuaweicloud.com/v3/auth/tokens", "ap-southeast-1")),
        ),
        (
            service,
            &[("region", "cn-east-3"), ("project", "cn-east-3_sub")],
            Some(("https://iam.cn-east-3.myhuaweicloud.com/v3/auth/tokens", "cn-east-3_sub")),
        ),
        (
            service,
            &[("iam-url", "http://127.0.0.1:1")],
            Some(("http://127.0.0.1:1/v3/auth/tokens", "")),
        ),
        (
            service,
            &[("iam-url", "iam.example/v3/"), ("region", "cn-east-3")],
            Some(("https://iam.example/v3/auth/tokens", "cn-east-3")),
        ),
        (
            service,
            &[("iam-url", "https://iam.example/v3/auth/tokens?nocatalog=true")],
            Some(("https://iam.example/v3/auth/tokens?nocatalog=true", "")),
        ),
        ("wss://a.example/", &[], None),
        (service, &[("region", "Beijing 4")], None),
        (service, &[("iam-url", "ftp://iam.example")], None),
    ] {
        let draft = draft(url, "huawei-token", &[IAM, more].concat());
        let asked = auth::ask(&draft, &Means::at(NOW));
        match (asked, expected) {
            (Ok(Some(Ask::HuaweiToken(ask))), Some((url, project))) => {
                assert_eq!((&*ask.url, &*ask.project), (url, project), "{more:?}");
                assert_eq!((&*ask.domain, &*ask.user), ("acc", "jo"));
                assert_eq!(ask.password.expose(), "hunter2-hunter2");
            }
            (Err(_), None) => {}
            (asked, _) => panic!("{url} {more:?}: {asked:?}"),
        }
    }
    let pasted = draft(service, "huawei-token", &[("token", "t")]);
    assert_eq!(auth::ask(&pasted, &Means::at(NOW)), Ok(None));
}

#[test]
fn a_token_of_iam_is_shown_as_pending_and_then_sent() {
    let mut draft = draft("wss://a.example/v1/infers/1/ws", "huawei-token", IAM);
    draft.auth.set("region", "cn-north-4".into());
    let shown: Vec<&str> = auth::fields(&draft.auth).iter().map(|field| field.name).collect();
    assert_eq!(shown, ["source", "region", "domain", "user", "password", "project", "iam-url"]);
    let spec = preview(&draft, Files::default(), NOW).unwrap();
    assert!(spec.pending.unwrap().contains("iam.cn-north-4.myhuaweicloud.com"));
    let line = spec.headers.last().unwrap();
    assert_eq!((&*line.name, &*line.shown_value()), ("X-Auth-Token", "‹token from IAM›"));
    assert!(spec.facts.credential.shown[0].text.contains("user jo of account acc"));

    let means = Means {
        grant: Some(Grant { value: "MII-granted-token".into(), ..Grant::default() }),
        ..Means::at(NOW)
    };
    let spec = auth::prepare(&draft, Files::default(), means).unwrap();
    assert_eq!(spec.pending, None);
    assert_eq!(spec.headers.last().unwrap().value.expose(), "MII-granted-token");
    assert!(!spec.headers.last().unwrap().shown_value().contains("granted"));

    draft.auth.set("source", "pasted".into());
    let shown: Vec<&str> = auth::fields(&draft.auth).iter().map(|field| field.name).collect();
    assert_eq!(shown, ["source", "token"]);
}

/// A token as IAM makes them: JSON in clear within a signed message, `/` written as `-`.
fn token(json: &str) -> String {
    let mut bytes = vec![0x30, 0x82, 0x05, 0xff, 0xbf, 0xff];
    bytes.extend_from_slice(json.as_bytes());
    bytes.extend_from_slice(b"\x31\x82\x01\x85 and a signature");
    STANDARD.encode(bytes).replace('/', "-")
}

#[test]
fn a_token_tells_its_end_and_its_region() {
    let whole = token(
        r#"{"token":{"expires_at":"2027-01-15T07:00:00.000000Z","project":{"name":"cn-east-3_sub","id":"1"}}}"#,
    );
    assert!(whole.starts_with("MI"));
    let told = Told::of(&whole).unwrap();
    assert_eq!(told.project.as_deref(), Some("cn-east-3_sub"));
    let url = "wss://x.apig.cn-north-4.huaweicloudapis.com/v1/infers/1/ws";
    let out = put(&draft(url, "huawei-token", &[("token", &whole)]), NOW).unwrap();
    let notes = out.notes.join("\n");
    assert!(notes.contains("the token ended at 2027-01-15T07:00:00Z"), "{notes}");
    assert!(notes.contains("is for cn-east-3 and the service is in cn-north-4"), "{notes}");
    assert_eq!(out.expires, told.expires);
    let account = token(r#"{"token":{"domain":{"name":"acc"}}}"#);
    let out = put(&draft(url, "huawei-token", &[("token", &account)]), NOW).unwrap();
    assert!(out.notes.join("\n").contains("whole account"));
    for other in ["MIIT", "practice-token", &token("{\"token\":"), &token("{}")] {
        assert_eq!(Told::of(other), None, "{other}");
    }
}

#[test]
fn a_preview_with_references_names_the_signature_as_later() {
    let mut draft = draft("wss://a.example/", "huawei-aksk", KEYS);
    draft.auth.set("access-key", "cmd:pass show ak".into());
    draft.auth.set("secret-key", "env:SK".into());
    let spec = preview(&draft, Files::default(), NOW).unwrap();
    let line = spec.headers.last().unwrap().shown_value();
    assert!(line.contains("Signature=(computed at connecting)"), "{line}");
    assert!(spec.pending.is_some());
}

proptest! {
    /// Whatever is typed: no panic, and a signature or a reason.
    #[test]
    fn anything_can_be_signed(
        path in "(/|%2[fF]|%|\\.|\\PC){0,12}",
        query in "(&|=|%|\\+|;|%[0-9a-f]{2}|\\PC){0,20}",
        key in "\\PC{0,8}",
        names in "([a-zA-Z_,; -]|\\PC){0,10}",
    ) {
        let mut draft = draft(
            &format!("wss://a.example/{path}?{query}"),
            "huawei-aksk",
            &[("access-key", &key), ("secret-key", &key), ("signed-header", &names)],
        );
        draft.headers.push(HeaderRow::new("X-A", &query));
        if let Ok(out) = put(&draft, NOW) {
            let target = out.target.unwrap();
            prop_assert!(target.expose().is_ascii() && !target.expose().contains('#'));
            prop_assert_eq!(out.signing.unwrap().signature.len(), 64);
        }
    }

    /// What is sent is what is signed: a gateway that makes the query canonical finds it so.
    #[test]
    fn the_order_of_parameters_changes_nothing(
        (ordered, mixed) in prop::collection::vec("[a-cA-C%+é]{0,3}(=[a-c%é ]{0,3})?", 0..6)
            .prop_flat_map(|pieces| (Just(pieces.clone()), Just(pieces).prop_shuffle())),
    ) {
        let (ordered, mixed) = (ordered.join("&"), mixed.join("&"));
        let query = canonical::query(&ordered);
        prop_assert_eq!(&query, &canonical::query(&mixed));
        prop_assert_eq!(&canonical::query(&query), &query);
        let sign = |query: &str| {
            let url = format!("wss://a.example/x?{}", query.replace(' ', "%20"));
            put(&draft(&url, "huawei-aksk", KEYS), NOW).map(|out| out.signing.unwrap().signature)
        };
        prop_assert_eq!(sign(&ordered), sign(&mixed));
    }
}
