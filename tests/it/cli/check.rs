//! `check` against the practice server: JSON fields, exit codes, secrets, hostile text.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::Stdio;

use serde_json::{Value, json};
use wsdeck::practice::{TlsFault, credentials};

use super::practice::{closed_port, practice};
use super::run::{Ran, finish, run, wait, wsdeck};

/// `check URL --json --wait 0` with more options.
fn check(url: &str, options: &[&str]) -> Ran {
    run(&[&["check", url, "--json", "--wait", "0"], options].concat())
}

/// The fields and types that scripts rely on.
#[track_caller]
fn assert_shape(out: &Value) {
    let text = |value: &Value, what: &str| assert!(value.is_string(), "{what} in {out}");
    for field in ["wsdeck", "url", "phase", "summary", "explanation"] {
        text(&out[field], field);
    }
    assert_eq!(out["wsdeck"], env!("CARGO_PKG_VERSION"));
    assert!(!out["summary"].as_str().unwrap().is_empty());
    let ok = out["ok"].as_bool().expect("ok is a boolean");
    assert_eq!(ok, out["phase"] == "none", "{out}");
    assert_eq!(ok, out["code"].is_null(), "{out}");
    let phases = ["url", "dns", "tcp", "proxy", "tls", "http", "websocket", "none"];
    assert!(phases.contains(&out["phase"].as_str().unwrap()), "{out}");
    for hint in out["hints"].as_array().expect("hints") {
        text(hint, "hint");
    }
    for fix in out["fixes"].as_array().expect("fixes") {
        text(&fix["label"], "label");
        assert!(fix["change"].is_object());
    }
    let findings = out["findings"].as_array().expect("findings");
    for finding in findings {
        for field in ["code", "phase", "severity", "confidence", "summary", "explanation"] {
            text(&finding[field], field);
        }
        assert!(finding["hints"].is_array());
    }
    if !ok {
        assert_eq!(findings[0]["code"], out["code"]);
        assert_eq!(findings[0]["phase"], out["phase"]);
        assert_eq!(findings[0]["summary"], out["summary"]);
    }
    for stage in out["stages"].as_array().expect("stages") {
        text(&stage["name"], "name");
        text(&stage["detail"], "detail");
        assert!(stage["ms"].is_number() && stage["ok"].is_boolean());
    }
    assert!(out["evidence"].is_object());
    assert_eq!(out["evidence"]["version"], 1);
}

#[test]
fn a_healthy_server_is_ok() {
    let url = practice().url("/echo?x=1");
    let ran = check(&url, &["--send", "one", "--send", "two"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let out = ran.json();
    assert_shape(&out);
    assert_eq!((&out["url"], &out["ok"]), (&json!(url), &json!(true)));
    let names: Vec<&str> =
        out["stages"].as_array().unwrap().iter().map(|s| s["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["dns", "tcp", "http", "websocket"]);
    let session = &out["evidence"]["session"];
    assert_eq!((&session["sent"]["text"], &session["sent"]["ping"]), (&json!(2), &json!(1)));
    assert_eq!(session["received"]["pong"], 1);
    assert_eq!(
        (&session["end"]["by"], &session["end"]["code_received"]),
        (&json!("us"), &json!(1000))
    );
    // The object is alone on standard output.
    assert_eq!(ran.stdout.lines().count(), 1);
    assert!(ran.stderr.is_empty(), "{}", ran.stderr);
}

#[test]
fn what_was_sent_is_answered_within_the_wait() {
    let ran =
        run(&["check", &practice().url("/echo"), "--json", "--send", "hello", "--wait", "0.2"]);
    let session = &ran.json()["evidence"]["session"];
    assert_eq!(session["received"]["text"], 1);
    assert_eq!(session["first_received"], json!(["hello"]));
}

#[test]
fn tls_with_a_ca_of_its_own() {
    let ca = practice().ca_file();
    let ran = check(&practice().tls_url("/echo"), &["--cacert", ca.to_str().unwrap()]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.json()["stages"].as_array().unwrap().iter().any(|s| s["name"] == "tls"));
    let unverified = check(&practice().tls_url("/echo"), &["-k"]);
    assert_eq!(unverified.code, 0, "{unverified:?}");
    assert_shape(&unverified.json());
}

#[test]
fn every_phase_has_its_exit_code() {
    let p = practice();
    let refused = format!("ws://{}/", closed_port());
    let proxy = format!("http://{}", closed_port());
    let (echo, tls, plain) = (p.url("/echo"), p.tls_url("/echo"), p.wss_to_plain("/echo"));
    let expired = p.faulty(TlsFault::Expired);
    let ca = p.ca_file();
    let ca = ca.to_str().unwrap();
    let hang = p.url("/hang");
    let (s401, s404, s426) = (p.url("/auth/bearer"), p.url("/status/404"), p.url("/status/426"));
    let (no_accept, drop, close) = (p.url("/no-accept"), p.url("/drop"), p.url("/close/1011"));
    let mask = p.url("/mask");
    for (url, options, phase, code) in [
        ("ws://", &[][..], "url", 10),
        ("ws://wsdeck-test.invalid/", &[], "dns", 11),
        (&refused, &[], "tcp", 12),
        (&echo, &["--proxy", &proxy], "proxy", 13),
        (&tls, &[], "tls", 14),
        (&expired, &["--cacert", ca], "tls", 14),
        (&plain, &[], "tls", 14),
        (&s401, &[], "http", 15),
        (&s404, &[], "http", 15),
        (&s426, &[], "http", 15),
        (&hang, &["--connect-timeout", "0.3"], "http", 15),
        (&no_accept, &[], "websocket", 16),
        (&drop, &["--wait", "20"], "websocket", 16),
        (&close, &["--wait", "20"], "websocket", 16),
        (&mask, &["--wait", "20"], "websocket", 16),
    ] {
        // The last --wait counts, so that an end is always waited for and never met by chance.
        let ran = run(&[&["check", url, "--json"], options].concat());
        assert_eq!(ran.code, code, "{url} {options:?} {ran:?}");
        let out = ran.json();
        assert_shape(&out);
        assert_eq!(out["phase"], phase, "{url} {out}");
        assert_eq!(out["ok"], false);
    }
}

#[test]
fn a_server_that_closes_in_good_order_is_healthy() {
    let ran = run(&["check", &practice().url("/close/1000"), "--json", "--wait", "20"]);
    assert_eq!(ran.code, 0, "{ran:?}");
}

#[test]
fn tls_to_a_plain_port_says_what_openssl_says() {
    let url = practice().wss_to_plain("/echo");
    let out = check(&url, &[]).json();
    assert_eq!(out["code"], "tls/plain-http-server", "{out}");
    let fix = &out["fixes"][0]["change"];
    assert_eq!(fix, &json!({"kind": "set-scheme", "scheme": "ws"}), "{out}");
    let human = run(&["check", &url]);
    assert!(human.stdout.contains("WRONG_VERSION_NUMBER"), "{}", human.stdout);
    assert!(human.stdout.contains("wsdeck explain tls/plain-http-server"), "{}", human.stdout);
}

#[test]
fn a_401_is_explained() {
    let out = check(&practice().url("/auth/bearer"), &[]).json();
    assert!(out["code"].as_str().unwrap().starts_with("http/401"), "{out}");
    let reply = &out["evidence"]["http"]["reply"];
    assert_eq!(reply["status"], 401);
    assert!(reply["body"].as_str().unwrap().contains("No bearer token came"), "{out}");
}

#[test]
fn each_way_of_authenticating_opens_its_door() {
    let p = practice();
    let param = |name: &str, value: &str| format!("{name}={value}");
    for (path, kind, params) in [
        ("/auth/bearer", "bearer", vec![param("token", credentials::TOKEN)]),
        (
            "/auth/basic",
            "basic",
            vec![param("username", credentials::USER), param("password", credentials::PASSWORD)],
        ),
        (
            "/auth/header",
            "api-key",
            vec![param("name", "X-API-Key"), param("value", credentials::API_KEY)],
        ),
        (
            "/auth/query",
            "api-key",
            vec![
                param("name", "api_key"),
                param("value", credentials::API_KEY),
                param("in", "query"),
            ],
        ),
        (
            "/auth/cookie",
            "api-key",
            vec![
                param("name", "session"),
                param("value", credentials::SESSION),
                param("in", "cookie"),
            ],
        ),
        (
            "/auth/subprotocol",
            "api-key",
            vec![
                param("name", "bearer"),
                param("value", credentials::TOKEN),
                param("in", "subprotocol"),
            ],
        ),
        ("/auth/token", "huawei-token", vec![param("token", credentials::TOKEN)]),
    ] {
        let mut options = vec!["--auth", kind];
        for param in &params {
            options.extend(["--auth-param", param]);
        }
        let ran = check(&p.url(path), &options);
        assert_eq!(ran.code, 0, "{path} {ran:?}");
        let refused = check(&p.url(path), &[]);
        assert_eq!(refused.code, 15, "{path} {refused:?}");
    }
}

#[test]
fn no_secret_comes_out_also_if_the_server_sends_it_back() {
    const SECRET: &str = "tok-4711-very-secret";
    let p = practice();
    for path in ["/auth/bearer", "/headers", "/echo"] {
        let url = p.url(&format!("{path}?access_token={SECRET}"));
        for form in [&["--json"][..], &["-v"]] {
            for auth in [
                &["--auth", "bearer", "--auth-param", "token=env:WSDECK_TEST_SECRET"][..],
                &["--auth", "basic", "--auth-param", "password=env:WSDECK_TEST_SECRET"],
                &["-H", "X-Auth-Token: tok-4711-very-secret"],
            ] {
                let args = [&["check", &url, "--wait", "0.1"], form, auth].concat();
                let mut command = wsdeck(&args);
                command.env("WSDECK_TEST_SECRET", SECRET);
                let ran = finish(command, b"");
                for text in [&ran.stdout, &ran.stderr] {
                    assert!(!text.contains("4711"), "{path} {auth:?} {text}");
                    assert!(!text.contains("dG9rLTQ3MT"), "{path} {auth:?} {text}");
                }
            }
        }
    }
}

#[test]
fn nothing_that_a_server_says_reaches_the_terminal_raw() {
    let p = practice();
    for path in [
        "/escape?close=1",
        "/status/418?body=%1b%5b31mred%1b%5d52;c;eA%07",
        "/status/403?header=X-Evil:%1b%5b2J",
        "/garbage",
    ] {
        for form in ["--json", "-v"] {
            let ran = run(&["check", &p.url(path), form, "--wait", "0.2"]);
            for text in [&ran.stdout, &ran.stderr] {
                let raw = text.chars().find(|c| c.is_control() && *c != '\n');
                assert_eq!(raw, None, "{path} {form} {text:?}");
            }
        }
    }
}

#[test]
fn a_proxy_is_gone_through() {
    let p = practice();
    let proxy = format!("http://{}", p.addr());
    let ran = check(&p.url("/echo"), &["--proxy", &proxy]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.json()["stages"].as_array().unwrap().iter().any(|s| s["name"] == "proxy"));
}

#[test]
fn a_fixed_address_stands_before_dns() {
    let p = practice();
    let port = p.addr().port();
    let resolve = format!("wsdeck-test.invalid:{port}:127.0.0.1");
    let url = format!("ws://wsdeck-test.invalid:{port}/echo");
    let ran = check(&url, &["--resolve", &resolve]);
    assert_eq!(ran.code, 0, "{ran:?}");
}

#[test]
fn each_stage_is_told_when_it_has_ended() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("ws://{}/x", listener.local_addr().unwrap());
    let mut child = wsdeck(&["check", &url]).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    // The server has said nothing yet, and will not until this line has come.
    let before = lines.by_ref().map(Result::unwrap).find(|line| line.contains("✓ tcp")).unwrap();
    assert!(before.contains("127.0.0.1"), "{before}");
    let (mut stream, _) = listener.accept().unwrap();
    stream.write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n").unwrap();
    let after: Vec<String> = lines.map(Result::unwrap).collect();
    drop(stream);
    assert!(after[0].contains("✗ http") && after[0].contains("404"), "{after:?}");
    assert!(after.iter().any(|line| line.contains("✗ http/404-path")), "{after:?}");
    assert_eq!(wait(child), Some(15));
}
