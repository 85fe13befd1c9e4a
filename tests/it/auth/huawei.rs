//! Huawei Cloud's ways through the real binary: every vector of the signing as `check --dry-run`
//! tells it, and each way against a server that checks it by code of its own.

use serde::Deserialize;
use serde_json::{Value, json};
use tokio::runtime::Runtime;
use wsdeck::practice::{Options, Server, credentials};

use crate::cli::run::{Ran, run};

#[derive(Deserialize)]
struct Vector {
    name: String,
    kind: String,
    url: String,
    headers: Vec<(String, String)>,
    access_key: String,
    secret_key: String,
    #[serde(default)]
    security_token: String,
    date: String,
    host_header: String,
    canonical_query: String,
    canonical_request: String,
    string_to_sign: String,
    signature: String,
    authorization: String,
}

impl Vector {
    fn all() -> Vec<Vector> {
        serde_json::from_str(include_str!("../../vectors/huawei-signing.json")).unwrap()
    }

    /// The command line that signs so.
    fn dry_run(&self, reveal: bool) -> Value {
        let app = self.kind == "app";
        let (kind, access, secret) = if app {
            ("huawei-app", "app-key", "app-secret")
        } else {
            ("huawei-aksk", "access-key", "secret-key")
        };
        let mut args: Vec<String> = vec!["check".into(), self.url.clone()];
        args.extend(["--dry-run", "--json", "--at", &self.date, "--auth", kind].map(String::from));
        let mut param = |name: &str, value: &str| {
            args.extend(["--auth-param".to_owned(), format!("{name}={value}")]);
        };
        param(access, &self.access_key);
        param(secret, &self.secret_key);
        if !self.security_token.is_empty() {
            param("security-token", &self.security_token);
        }
        let mut lines = Vec::new();
        for (name, value) in &self.headers {
            param("signed-header", name);
            let line =
                if value.is_empty() { format!("{name};") } else { format!("{name}: {value}") };
            lines.extend(["-H".to_owned(), line]);
        }
        args.extend(lines);
        if reveal {
            args.push("--reveal".into());
        }
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        let ran = run(&args);
        assert_eq!(ran.code, 0, "{}: {ran:?}", self.name);
        ran.json()
    }
}

fn header<'a>(out: &'a Value, name: &str) -> &'a str {
    let headers = out["request"]["headers"].as_array().unwrap();
    let found = headers.iter().find(|pair| pair[0] == name);
    found.and_then(|pair| pair[1].as_str()).unwrap_or_default()
}

#[test]
fn every_vector_comes_out_of_a_dry_run() {
    for vector in Vector::all() {
        let name = &vector.name;
        let out = vector.dry_run(true);
        let signing = json!({
            "canonical_request": vector.canonical_request,
            "string_to_sign": vector.string_to_sign,
            "signature": vector.signature,
        });
        assert_eq!(out["signing"], signing, "{name}");
        assert_eq!(header(&out, "Authorization"), vector.authorization, "{name}");
        assert_eq!(header(&out, "Host"), vector.host_header, "{name}");
        assert_eq!(header(&out, "X-Sdk-Date"), vector.date, "{name}");
        assert_eq!(header(&out, "X-Security-Token"), vector.security_token, "{name}");
        let target = out["request"]["target"].as_str().unwrap();
        assert_eq!(target.split_once('?').map_or("", |(_, q)| q), vector.canonical_query, "{name}");
    }
}

#[test]
fn without_reveal_a_security_token_is_masked_and_a_signature_is_not() {
    let vectors = Vector::all();
    let vector = vectors.iter().find(|vector| !vector.security_token.is_empty()).unwrap();
    let out = vector.dry_run(false);
    let text = out.to_string();
    assert!(!text.contains(&vector.security_token) && !text.contains(&vector.secret_key), "{text}");
    assert_eq!(out["signing"]["signature"], vector.signature);
    assert_eq!(header(&out, "Authorization"), vector.authorization);
    let canonical = out["signing"]["canonical_request"].as_str().unwrap();
    assert!(canonical.contains("\nx-security-token:••••••\n"), "{canonical}");
}

#[test]
fn a_signed_header_must_be_given() {
    let ran = run(&[
        "check",
        "wss://a.example/",
        "--dry-run",
        "-H",
        "X-Stage: RELEASE",
        "--auth",
        "huawei-aksk",
        "--auth-param",
        "access-key=AK",
        "--auth-param",
        "secret-key=SK",
        "--auth-param",
        "signed-header=x-stage",
        "--auth-param",
        "signed-header=X-Trace",
    ]);
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.stderr.contains("the header X-Trace, which is not given with -H"), "{ran:?}");
}

/// A server of its own for each test, since it remembers failures.
struct Practice {
    _runtime: Runtime,
    server: Server,
}

fn practice() -> Practice {
    let runtime = Runtime::new().unwrap();
    let server = runtime.block_on(Server::start(Options::default())).unwrap();
    Practice { _runtime: runtime, server }
}

impl Practice {
    fn check(&self, path: &str, kind: &str, params: &[&str], more: &[&str]) -> Ran {
        let url = self.server.url(path);
        let mut args = vec!["check", &url, "--json", "--wait", "0", "--auth", kind];
        for param in params {
            args.extend(["--auth-param", param]);
        }
        args.extend(more);
        run(&args)
    }

    /// That the connection opens.
    #[track_caller]
    fn opens(&self, path: &str, kind: &str, params: &[&str], more: &[&str]) {
        let ran = self.check(path, kind, params, more);
        assert_eq!(ran.code, 0, "{path} {kind}: {ran:?}");
        assert_eq!(ran.json()["ok"], true);
    }

    /// That the gateway refuses it in these words.
    #[track_caller]
    fn refuses(&self, path: &str, kind: &str, params: &[&str], more: &[&str], words: &str) {
        let ran = self.check(path, kind, params, more);
        assert_eq!(ran.code, 15, "{path} {kind}: {ran:?}");
        let out = ran.json();
        assert!(out["evidence"].to_string().contains(words), "{path} {kind} lacks {words}: {out}");
    }
}

const AKSK: &[&str] = &["access-key=PRACTICEACCESSKEY", "secret-key=practice-secret-key"];
const APP: &[&str] = &["app-key=PRACTICEAPPKEY", "app-secret=practice-app-secret"];

#[test]
fn each_way_opens_with_the_right_credential() {
    let practice = practice();
    let key = format!("api-key={}", credentials::HUAWEI_API_KEY);
    for path in ["/auth/huawei", "/auth/huawei/", "/v1/infers/8f2c/ws/", "/v1/infers/8f2c/ws"] {
        practice.opens(path, "huawei-aksk", AKSK, &[]);
        practice.opens(path, "huawei-app", APP, &[]);
    }
    let odd = "/auth/huawei/%e8%af%ad/a%2Fb//c?b=2&a=~&a=1&c&d=a+b&%5B%5D=%20&é=1&A=100%";
    practice.opens(odd, "huawei-aksk", AKSK, &[]);
    let more =
        [AKSK, &["security-token=tok", "project-id=p", "signed-header=X-Stage, x-empty"]].concat();
    practice.opens(
        "/auth/huawei?x",
        "huawei-aksk",
        &more,
        &["-H", "X-Stage:  A  b ", "-H", "X-Empty;"],
    );
    practice.opens("/auth/huawei", "huawei-aksk", AKSK, &["-H", "Host: gateway.example:443"]);
    for path in ["/auth/appkey", "/v1/infers/8f2c"] {
        practice.opens(path, "huawei-app", &["app-key=PRACTICEAPPKEY"], &[]);
    }
    for path in ["/auth/appcode", "/v1/infers/8f2c"] {
        practice.opens(path, "huawei-appcode", &["app-code=practice-app-code"], &[]);
    }
    for path in ["/auth/huawei-api-key", "/v2/infer/8f2c/ws"] {
        practice.opens(path, "huawei-api-key", &[&key], &[]);
    }
    for path in ["/auth/token", "/v1/infers/8f2c/ws", "/v2/infer/8f2c/ws"] {
        practice.opens(path, "huawei-token", &["token=practice-token"], &[]);
    }
}

#[test]
fn each_way_is_refused_with_a_wrong_one() {
    let practice = practice();
    let wrong = &["access-key=PRACTICEACCESSKEY", "secret-key=wrong"];
    practice.refuses(
        "/auth/huawei?b=2&a=1",
        "huawei-aksk",
        wrong,
        &[],
        "canonicalRequest:GET|/auth/huawei/|a=1&b=2|",
    );
    let other = &["access-key=OTHER", "secret-key=wrong"];
    practice.refuses("/v1/infers/8f2c", "huawei-aksk", other, &[], "err:ak not exist");
    let app = &["app-key=PRACTICEAPPKEY", "app-secret=wrong"];
    practice.refuses("/auth/huawei", "huawei-app", app, &[], "verify signature fail");
    practice.refuses("/auth/appkey", "huawei-app", &["app-key=OTHERAPP"], &[], "app not found");
    practice.refuses("/auth/appcode", "huawei-appcode", &["app-code=x"], &[], "APIG.0303");
    practice.refuses("/v2/infer/8f2c", "huawei-api-key", &["api-key=x"], &[], "APIG.0305");
    practice.refuses("/v1/infers/8f2c", "huawei-token", &["token=x"], &[], "decrypt token fail");
    practice.refuses("/v1/infers/", "huawei-aksk", AKSK, &[], "APIG.0101");
    practice.refuses(
        "/auth/huawei",
        "huawei-aksk",
        AKSK,
        &["-H", "X-Sdk-Date: 20191115T033655Z"],
        "signature expired, signature time:20191115T033655Z,server time:",
    );
}

#[test]
fn the_fifth_failure_in_a_row_locks_the_key() {
    let practice = practice();
    let wrong = &["access-key=PRACTICEACCESSKEY", "secret-key=wrong"];
    for _ in 0..4 {
        practice.refuses("/auth/huawei", "huawei-aksk", wrong, &[], "canonicalRequest");
    }
    practice.opens("/auth/huawei", "huawei-aksk", AKSK, &[]);
    for _ in 0..4 {
        practice.refuses("/auth/huawei", "huawei-aksk", wrong, &[], "canonicalRequest");
    }
    let limit = "AK access failed to reach the limit,forbidden";
    practice.refuses("/auth/huawei", "huawei-aksk", wrong, &[], limit);
    practice.refuses("/auth/huawei", "huawei-aksk", AKSK, &[], limit);
    // The App has a key of its own.
    practice.opens("/auth/huawei", "huawei-app", APP, &[]);
}

/// A clock that is off is told with its correction, and the correction goes into the signature.
#[test]
fn a_clock_is_corrected_once() {
    let practice = practice();
    // A date that was typed stands for a clock that is an hour behind.
    let behind = jiff::Timestamp::now() - jiff::SignedDuration::from_hours(1);
    let date = format!("X-Sdk-Date: {}", behind.strftime("%Y%m%dT%H%M%SZ"));
    let ran = practice.check("/auth/huawei", "huawei-aksk", AKSK, &["-H", &date]);
    let report = ran.json();
    assert_eq!(report["code"], "http/401-signature-clock", "{report}");
    assert!(report["hints"].to_string().contains("--clock-offset"), "{report}");
    let seconds = report["fixes"][0]["change"]["seconds"].as_i64().unwrap();
    assert_eq!(report["fixes"][0]["change"]["kind"], "set-clock-offset");
    assert!((3_590..=3_610).contains(&seconds), "{seconds}");

    // The same from outside: an offset that is wrong is no second time offered as a cure.
    let ran = practice.check("/auth/huawei", "huawei-aksk", AKSK, &["--clock-offset", "3600"]);
    let report = ran.json();
    assert_eq!(report["code"], "http/401-signature-clock", "{report}");
    assert_eq!(report["fixes"], json!([]), "{report}");
    let ran = practice.check("/auth/huawei", "huawei-aksk", AKSK, &["--clock-offset", "-60"]);
    assert_eq!(ran.code, 0, "{ran:?}");
}
