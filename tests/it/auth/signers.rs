//! The ways that prove themselves. What they sign is checked by code of the practice server's own,
//! and a refusal that names what should have been signed must name what was shown.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use wsdeck::auth::{self, Grant, Means};
use wsdeck::core::event::{Command, EventKind};
use wsdeck::core::evidence::{Evidence, ReplyFacts, canonical_difference};
use wsdeck::core::request::{Files, RequestDraft, RequestSpec};
use wsdeck::core::stage::ConnId;
use wsdeck::net::clock::Clock;
use wsdeck::net::{self, Options};
use wsdeck::practice::credentials::{
    AWS_ACCESS_KEY, AWS_SECRET_KEY, AWS_SESSION_TOKEN, AWS_TEMPORARY_KEY, AZURE_KEY, HMAC_KEY,
    HMAC_SECRET, JWT_SECRET, PASSWORD, USER,
};
use wsdeck::practice::{self, Server};

/// Bound for one attempt; nothing waits for it unless something hangs.
const PATIENCE: Duration = Duration::from_secs(60);

type Values<'a> = &'a [(&'a str, &'a str)];

async fn server() -> Server {
    Server::start(practice::Options::default()).await.unwrap()
}

fn draft(url: &str, kind: &str, values: Values<'_>) -> RequestDraft {
    let mut draft = RequestDraft::default();
    draft.set_url(url.into());
    draft.auth.kind = kind.into();
    for (name, value) in values {
        draft.auth.set(name, (*value).into());
    }
    draft
}

fn means() -> Means {
    Means { now: Clock::process().now(), entropy: *b"0123456789abcdef", ..Means::default() }
}

/// Connects, closes as soon as it is open, and gives the record.
async fn attempt(draft: &RequestDraft, files: Files, means: Means) -> Evidence {
    let spec = auth::prepare(draft, files, means).unwrap();
    run(spec).await
}

async fn run(spec: RequestSpec) -> Evidence {
    assert_eq!(spec.pending, None);
    let (handle, mut events) = net::spawn(ConnId(1), spec, Options::default());
    let until_end = async {
        while let Some(event) = events.recv().await {
            match event.kind {
                EventKind::Open(_) => {
                    handle
                        .try_send(Command::Close { code: Some(1000), reason: String::new() })
                        .unwrap();
                }
                EventKind::Ended(evidence) => return *evidence,
                _ => {}
            }
        }
        panic!("no end was told");
    };
    tokio::time::timeout(PATIENCE, until_end).await.expect("the transport hangs")
}

async fn opens(url: &str, kind: &str, values: Values<'_>) -> Evidence {
    let evidence = attempt(&draft(url, kind, values), Files::default(), means()).await;
    assert!(evidence.opened(), "{kind} {values:?}: {:#?}", evidence.http);
    evidence
}

async fn refused(draft: &RequestDraft) -> (Evidence, ReplyFacts) {
    let evidence = attempt(draft, Files::default(), means()).await;
    assert!(!evidence.opened(), "{:?}", draft.auth);
    let reply = evidence.http.clone().and_then(|http| http.reply).unwrap();
    (evidence, reply)
}

/// A field of the refusal's JSON.
fn said(reply: &ReplyFacts, field: &str) -> String {
    let body: serde_json::Value = serde_json::from_str(&reply.body).unwrap();
    body[field].as_str().unwrap_or_default().to_owned()
}

/// What was signed, as it stands in the record.
fn signing(evidence: &Evidence) -> wsdeck::core::request::Signing {
    evidence.request.credential.signing.clone().unwrap()
}

fn holds_no(evidence: &Evidence, secrets: &[&str]) {
    let json = serde_json::to_string(evidence).unwrap();
    for secret in secrets {
        assert!(!json.contains(secret), "{secret} is in {json}");
    }
}

const AWS: [(&str, &str); 4] = [
    ("access-key", AWS_ACCESS_KEY),
    ("secret-key", AWS_SECRET_KEY),
    ("region", "eu-west-1"),
    ("service", "execute-api"),
];

fn with<'a>(values: &[(&'a str, &'a str)], more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut all: Vec<_> =
        values.iter().filter(|(name, _)| !more.iter().any(|(n, _)| n == name)).copied().collect();
    all.extend(more);
    all
}

#[tokio::test]
async fn signatures_of_aws_are_taken() {
    let server = server().await;
    let temporary = [("access-key", AWS_TEMPORARY_KEY), ("session-token", AWS_SESSION_TOKEN)];
    let iot = [("service", "iotdevicegateway"), temporary[0], temporary[1]];
    for path in [
        "/auth/aws",
        "/auth/aws?region=eu-west-1",
        "/auth/aws/a%20b/./c/?b=2&a=%C3%A9&a=1+2&a&A=~*",
        "/auth/aws//x/../arn%3Aaws%3Ay/ws?=v&x=%2B",
    ] {
        for more in [&[][..], &temporary, &iot] {
            for place in ["header", "query"] {
                let values = with(&AWS, more);
                let values = with(&values, &[("in", place)]);
                let evidence = opens(&server.url(path), "aws-sigv4", &values).await;
                holds_no(&evidence, &[AWS_SECRET_KEY, AWS_SESSION_TOKEN]);
            }
        }
    }
    // Over TLS what is signed says https, and the port is not the default either.
    let files = Files { ca_pem: Some(server.ca_pem().into()), ..Files::default() };
    let request = draft(&server.tls_url("/auth/aws"), "aws-sigv4", &AWS);
    assert!(attempt(&request, files, means()).await.opened());
}

#[tokio::test]
async fn aws_names_what_should_have_been_signed() {
    let server = server().await;
    for place in ["header", "query"] {
        let url = server.url("/auth/aws/x?b=2&a=1");
        let wrong = [
            ("secret-key", "another-secret-key"),
            ("access-key", AWS_TEMPORARY_KEY),
            ("session-token", AWS_SESSION_TOKEN),
            ("in", place),
        ];
        let request = draft(&url, "aws-sigv4", &with(&AWS, &wrong));
        let (evidence, reply) = refused(&request).await;
        assert_eq!(reply.status, 403);
        let message = said(&reply, "message");
        let ours = signing(&evidence);
        assert!(ours.canonical_request.contains("••••••"), "{}", ours.canonical_request);
        let expected = format!(
            "The Canonical String for this request should have been\n'{}'\n\nThe String-to-Sign \
             should have been\n'{}'",
            ours.canonical_request, ours.string_to_sign
        );
        assert!(message.contains(&expected), "{message}\n{expected}");
        let difference = canonical_difference(&evidence).unwrap();
        assert_eq!(difference.first(), None, "{difference:?}");
        holds_no(&evidence, &["another-secret-key", AWS_SESSION_TOKEN]);
    }
}

/// A request that is changed on its way is told by the part that differs.
#[tokio::test]
async fn a_changed_request_shows_its_difference() {
    let server = server().await;
    let request = draft(&server.url("/auth/aws?stage=prod"), "aws-sigv4", &AWS);
    let mut spec = auth::prepare(&request, Files::default(), means()).unwrap();
    spec.target = "/auth/aws?stage=test".into();
    let evidence = run(spec).await;
    let difference = canonical_difference(&evidence).unwrap();
    let first = difference.first().unwrap();
    assert_eq!((first.part.as_str(), first.ours.as_str()), ("query", "stage=prod"));
    assert_eq!(first.theirs, "stage=test");
}

#[tokio::test]
async fn aws_refuses_in_its_own_words() {
    let server = server().await;
    let late = |place: &str| {
        let values = with(&AWS, &[("in", place)]);
        let mut request = draft(&server.url("/auth/aws"), "aws-sigv4", &values);
        request.settings.clock_offset_s = -3_600;
        request
    };
    let with_url =
        |path: &str, more: Values<'_>| draft(&server.url(path), "aws-sigv4", &with(&AWS, more));
    for (request, part) in [
        (late("header"), "Signature expired: "),
        (late("query"), "- 300 sec.)"),
        (with_url("/auth/aws", &[("access-key", "AKIAUNKNOWN")]), "The security token included"),
        (with_url("/auth/aws?region=us-east-1", &[]), "valid region, not 'eu-west-1'"),
        (with_url("/auth/aws?service=iotdata", &[]), "correct service: 'iotdata'"),
        (draft(&server.url("/auth/aws"), "none", &[]), "Missing Authentication Token"),
    ] {
        let (_, reply) = refused(&request).await;
        assert!(reply.header("x-amzn-ErrorType").is_some());
        let message = said(&reply, "message");
        assert!(message.contains(part), "{message}");
    }
}

#[tokio::test]
async fn keys_of_a_profile_sign_as_typed_ones_do() {
    let server = server().await;
    let request = draft(&server.url("/auth/aws"), "aws-sigv4", &[("source", "profile")]);
    let mut grant = Grant { value: AWS_SECRET_KEY.into(), ..Grant::default() };
    grant.more.insert("session-token".into(), AWS_SESSION_TOKEN.into());
    grant.facts.more = vec![
        ("access-key".into(), AWS_TEMPORARY_KEY.into()),
        ("region".into(), "eu-west-1".into()),
    ];
    let means = Means { grant: Some(grant), ..means() };
    let evidence = attempt(&request, Files::default(), means).await;
    assert!(evidence.opened(), "{:#?}", evidence.http);
}

const HMAC: [(&str, &str); 2] = [("key", HMAC_KEY), ("secret", HMAC_SECRET)];

#[tokio::test]
async fn signatures_by_a_template_are_taken() {
    let server = server().await;
    let hex: String = HMAC_SECRET.bytes().map(|byte| format!("{byte:02X}")).collect();
    let in_query: [(&str, &str); 5] = [
        ("in", "query"),
        ("template", "{{query}}"),
        ("time", "unix-ms"),
        ("key-name", "key"),
        ("timestamp-name", "timestamp"),
    ];
    for (path, more) in [
        ("/auth/hmac", &[][..]),
        ("/auth/hmac?b=2&a=%20", &[("secret", hex.as_str()), ("secret-encoding", "hex")]),
        ("/auth/hmac?algorithm=sha1", &[("algorithm", "sha1")]),
        (
            "/auth/hmac?algorithm=sha512&encoding=base64",
            &[
                ("algorithm", "sha512"),
                ("encoding", "base64"),
                ("template", "{{method}}\\n{{target}}\\n{{timestamp}}\\n{{nonce}}"),
                ("value", "HMAC key={{key}}, nonce={{nonce}}, ts={{timestamp}}, sig={{signature}}"),
            ],
        ),
        ("/auth/hmac?x=1", &in_query),
        ("/auth/hmac?encoding=base64", &with(&in_query, &[("encoding", "base64")])),
        ("/auth/hmac?encoding=base64url", &with(&in_query, &[("encoding", "base64url")])),
    ] {
        let evidence = opens(&server.url(path), "hmac", &with(&HMAC, more)).await;
        holds_no(&evidence, &[HMAC_SECRET, &hex]);
    }
}

#[tokio::test]
async fn a_wrong_hmac_is_told_what_should_have_been_signed() {
    let server = server().await;
    let url = server.url("/auth/hmac?b=2");
    let request = draft(&url, "hmac", &with(&HMAC, &[("secret", "another-secret")]));
    let (evidence, reply) = refused(&request).await;
    assert_eq!(said(&reply, "error"), "invalid_signature");
    assert_eq!(said(&reply, "string_to_sign"), signing(&evidence).string_to_sign);
    let mut late = draft(&url, "hmac", &HMAC);
    late.settings.clock_offset_s = 3_600;
    assert_eq!(said(&refused(&late).await.1, "error"), "timestamp_expired");
}

/// The private key that the practice server gives away.
async fn pem(server: &Server, algorithm: &str) -> String {
    let mut tcp = TcpStream::connect(server.addr()).await.unwrap();
    let request = format!("GET /auth/jwt/key.pem?alg={algorithm} HTTP/1.1\r\nHost: x\r\n\r\n");
    tcp.write_all(request.as_bytes()).await.unwrap();
    let mut reply = String::new();
    tcp.read_to_string(&mut reply).await.unwrap();
    reply[reply.find("-----BEGIN").unwrap()..].to_owned()
}

#[tokio::test]
async fn tokens_of_every_algorithm_are_taken() {
    let server = server().await;
    for algorithm in ["HS256", "HS384", "HS512"] {
        let values = [("algorithm", algorithm), ("key", JWT_SECRET)];
        let evidence = opens(&server.url("/auth/jwt"), "jwt", &values).await;
        assert_eq!(evidence.request.tokens[0].alg, algorithm);
        assert!(evidence.request.credential.expires.is_some());
        holds_no(&evidence, &[JWT_SECRET]);
    }
    for algorithm in
        ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA"]
    {
        let key = pem(&server, algorithm).await;
        let values = [("algorithm", algorithm), ("key", key.as_str())];
        let evidence = opens(&server.url("/auth/jwt"), "jwt", &values).await;
        holds_no(&evidence, &["PRIVATE KEY"]);
    }
}

#[tokio::test]
async fn a_token_is_taken_from_each_place() {
    let server = server().await;
    let key = ("key", JWT_SECRET);
    for (path, more) in [
        (
            "/auth/jwt?aud=chat",
            &[("claims", "{\"aud\": [\"x\", \"chat\"], \"jti\": \"{{uuid}}\"}")][..],
        ),
        ("/auth/jwt", &[("in", "query")]),
        ("/auth/jwt", &[("in", "subprotocol")]),
        ("/auth/jwt", &[("lifetime", "0"), ("claims", "{\"exp\": {{now+60}}}")]),
    ] {
        opens(&server.url(path), "jwt", &with(&[key], more)).await;
    }
    let base64 = [("key", "cHJhY3RpY2Utand0LXNlY3JldA=="), ("key-encoding", "base64")];
    opens(&server.url("/auth/jwt"), "jwt", &base64).await;
}

#[tokio::test]
async fn a_token_that_is_not_right_is_refused() {
    let server = server().await;
    let key = ("key", JWT_SECRET);
    let mut late = draft(&server.url("/auth/jwt"), "jwt", &[key]);
    late.settings.clock_offset_s = -3_600;
    let other = draft(&server.url("/auth/jwt"), "jwt", &[("key", "another-secret")]);
    let audience = draft(&server.url("/auth/jwt?aud=chat"), "jwt", &[key]);
    let endless = draft(&server.url("/auth/jwt"), "jwt", &[key, ("lifetime", "0")]);
    for (request, part) in [
        (late, "The token expired at '"),
        (other, "The signature is invalid"),
        (audience, "The audience is not 'chat'"),
        (endless, "The token has no expiration"),
    ] {
        let (_, reply) = refused(&request).await;
        assert!(said(&reply, "error_description").contains(part), "{}", reply.body);
        let challenge = reply.header("WWW-Authenticate").unwrap();
        assert!(challenge.contains("error=\"invalid_token\""), "{challenge}");
    }
}

#[tokio::test]
async fn tokens_of_azure_are_for_one_address() {
    let server = server().await;
    let key = ("access-key", AZURE_KEY);
    let url = server.url("/auth/azure/client/hubs/chat?x=1");
    let own =
        format!("Endpoint=http://{}/auth/azure;AccessKey={AZURE_KEY};Version=1.0;", server.addr());
    for values in [
        &[key, ("user", "ann"), ("roles", "webpubsub.sendToGroup")][..],
        &[key, ("in", "header")],
        &[("connection-string", own.as_str())],
    ] {
        let evidence = opens(&url, "azure-web-pubsub", values).await;
        holds_no(&evidence, &[AZURE_KEY]);
    }
    let files = Files { ca_pem: Some(server.ca_pem().into()), ..Files::default() };
    let request =
        draft(&server.tls_url("/auth/azure/client/hubs/chat"), "azure-web-pubsub", &[key]);
    assert!(attempt(&request, files, means()).await.opened());

    let request = draft(&url, "azure-web-pubsub", &[key, ("hub", "other")]);
    let (evidence, reply) = refused(&request).await;
    assert!(said(&reply, "error_description").ends_with("/client/hubs/other' is invalid"));
    assert!(evidence.request.credential_notes[0].contains("the token is for the hub other"));
}

/// The first handshake, and the request with its challenges.
async fn challenged(request: &RequestDraft) -> Means {
    let mut bare = request.clone();
    bare.auth.kind = "none".into();
    let (_, reply) = refused(&bare).await;
    let mut grant = Grant::default();
    for (name, value) in reply.headers {
        if name.eq_ignore_ascii_case("www-authenticate") {
            grant.facts.more.push(("challenge".into(), value));
        }
    }
    Means { grant: Some(grant), ..means() }
}

#[tokio::test]
async fn a_digest_answers_its_challenge() {
    let server = server().await;
    let values = [("username", USER), ("password", PASSWORD)];
    for (query, algorithm) in [
        ("", "SHA-256"),
        ("?algorithm=MD5", "MD5"),
        ("?algorithm=MD5-sess", "MD5-sess"),
        ("?algorithm=MD5,SHA-512-256,SHA-256", "SHA-512-256"),
        ("?x=%22a&algorithm=SHA-256-sess", "SHA-256-sess"),
    ] {
        let url = server.url(&format!("/auth/digest{query}"));
        let request = draft(&url, "digest", &values);
        let asked = auth::ask(&request, &means()).unwrap();
        assert_eq!(asked, Some(auth::Ask::DigestChallenge { url, user: USER.into() }));
        let means = challenged(&request).await;
        let evidence = attempt(&request, Files::default(), means).await;
        assert!(evidence.opened(), "{query}: {:#?}", evidence.http);
        let shown = &evidence.request.credential.shown[0].text;
        assert!(shown.contains(&format!("algorithm {algorithm}\n")), "{shown}");
    }
}

#[tokio::test]
async fn a_digest_that_is_wrong_or_stale_is_refused() {
    let server = server().await;
    let wrong = [("username", USER), ("password", "hunter2-hunter2")];
    let request = draft(&server.url("/auth/digest"), "digest", &wrong);
    let means = challenged(&request).await;
    let evidence = attempt(&request, Files::default(), means).await;
    let reply = evidence.http.clone().and_then(|http| http.reply).unwrap();
    assert_eq!(said(&reply, "error_description"), "User name or password is wrong");
    assert!(!reply.header("WWW-Authenticate").unwrap().contains("stale"));
    holds_no(&evidence, &["hunter2"]);

    let right = [("username", USER), ("password", PASSWORD)];
    let request = draft(&server.url("/auth/digest?uses=0"), "digest", &right);
    let means = challenged(&request).await;
    let evidence = attempt(&request, Files::default(), means).await;
    let reply = evidence.http.clone().and_then(|http| http.reply).unwrap();
    assert!(reply.header("WWW-Authenticate").unwrap().ends_with(", stale=true"));
}
