//! `check --dry-run` shows exactly what would go out, and no secret unless asked.

use serde_json::{Value, json};

use super::run::{finish, run, wsdeck};

const SECRET: &str = "tok-4711-very-secret";

#[test]
fn order_case_and_duplicates_are_shown_as_they_go_out() {
    let ran = run(&[
        "check",
        "wss://a.example:8443/v1/%7Ex?b=2&a=1&a",
        "--dry-run",
        "--json",
        "-H",
        "x-dup: 1",
        "-H",
        "X-Other:  2 ",
        "-H",
        "x-DUP: 3",
        "-H",
        "X-Empty;",
        "--origin",
        "https://a.example",
        "--subprotocol",
        "v2.chat",
        "--subprotocol",
        "v1.chat",
    ]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let out = ran.json();
    assert_eq!(
        out["request"],
        json!({
            "target": "/v1/%7Ex?b=2&a=1&a",
            "headers": [
                ["Host", "a.example:8443"],
                ["Upgrade", "websocket"],
                ["Connection", "Upgrade"],
                ["Sec-WebSocket-Key", "<made anew for each attempt>"],
                ["Sec-WebSocket-Version", "13"],
                ["Sec-WebSocket-Extensions", "permessage-deflate; client_max_window_bits"],
                ["Sec-WebSocket-Protocol", "v2.chat, v1.chat"],
                ["Origin", "https://a.example"],
                ["x-dup", "1"],
                ["X-Other", "2"],
                ["x-DUP", "3"],
                ["X-Empty", ""],
            ],
        })
    );
    assert_eq!(out["url"], "wss://a.example:8443/v1/%7Ex?b=2&a=1&a");
    assert_eq!(out.get("signing"), None);
    assert!(ran.stderr.is_empty());
}

#[test]
fn a_header_of_the_handshake_takes_the_place_of_ours() {
    let ran = run(&[
        "check",
        "ws://a.example/",
        "--dry-run",
        "--no-compression",
        "-H",
        "Host: other.example",
    ]);
    assert_eq!(ran.code, 0);
    assert_eq!(
        ran.stdout,
        "GET / HTTP/1.1\nUpgrade: websocket\nConnection: Upgrade\n\
         Sec-WebSocket-Key: <made anew for each attempt>\nSec-WebSocket-Version: 13\n\
         Host: other.example\n"
    );
}

/// The request with a secret in each place that can hold one.
fn with_secret(reveal: bool, json: bool, place: &[&str]) -> super::run::Ran {
    let url = format!("ws://a.example/?stream=1&access_token={SECRET}");
    let mut args = vec!["check", &url, "--dry-run", "--no-compression"];
    args.extend(place);
    if reveal {
        args.push("--reveal");
    }
    if json {
        args.push("--json");
    }
    let mut command = wsdeck(&args);
    command.env("WSDECK_TEST_SECRET", SECRET);
    finish(command, b"")
}

const PLACES: &[&[&str]] = &[
    &["--auth", "bearer", "--auth-param", "token=env:WSDECK_TEST_SECRET"],
    &["--auth", "basic", "--auth-param", "password=env:WSDECK_TEST_SECRET"],
    &["--auth", "huawei-token", "--auth-param", "token=env:WSDECK_TEST_SECRET"],
    &[
        "--auth",
        "api-key",
        "--auth-param",
        "name=k",
        "--auth-param",
        "value=env:WSDECK_TEST_SECRET",
    ],
    &[
        "--auth",
        "api-key",
        "--auth-param",
        "name=k",
        "--auth-param",
        "in=query",
        "--auth-param",
        "value=env:WSDECK_TEST_SECRET",
    ],
    &[
        "--auth",
        "api-key",
        "--auth-param",
        "name=k",
        "--auth-param",
        "in=cookie",
        "--auth-param",
        "value=env:WSDECK_TEST_SECRET",
    ],
    &[
        "--auth",
        "api-key",
        "--auth-param",
        "in=subprotocol",
        "--auth-param",
        "value=env:WSDECK_TEST_SECRET",
    ],
    &["-H", "Authorization: Bearer tok-4711-very-secret"],
    &["-H", "X-Auth-Token: tok-4711-very-secret"],
];

#[test]
fn secrets_are_masked_wherever_they_stand() {
    for place in PLACES {
        for json in [false, true] {
            let ran = with_secret(false, json, place);
            assert_eq!(ran.code, 0, "{place:?} {ran:?}");
            assert!(ran.stdout.contains("•"), "{place:?} {}", ran.stdout);
            for text in [&ran.stdout, &ran.stderr] {
                assert!(!text.contains("4711"), "{place:?} {text}");
                // The same in base64, as Basic sends it.
                assert!(!text.contains("dG9rLTQ3MT"), "{place:?} {text}");
            }
        }
    }
}

#[test]
fn reveal_shows_them_exactly() {
    let headers = |place: &[&str]| -> Vec<Value> {
        let out = with_secret(true, true, place).json();
        assert_eq!(
            out["request"]["target"].as_str().unwrap().split("&k=").next(),
            Some("/?stream=1&access_token=tok-4711-very-secret")
        );
        out["request"]["headers"].as_array().unwrap().clone()
    };
    assert_eq!(headers(PLACES[0])[5], json!(["Authorization", format!("Bearer {SECRET}")]));
    assert_eq!(headers(PLACES[2])[5], json!(["X-Auth-Token", SECRET]));
    assert_eq!(headers(PLACES[3])[5], json!(["k", SECRET]));
    assert_eq!(headers(PLACES[5])[5], json!(["Cookie", format!("k={SECRET}")]));
    assert_eq!(headers(PLACES[6])[5], json!(["Sec-WebSocket-Protocol", SECRET]));
    let out = with_secret(true, true, PLACES[4]).json();
    assert!(out["request"]["target"].as_str().unwrap().ends_with(&format!("&k={SECRET}")));
}

#[test]
fn a_slip_in_the_token_is_told_without_the_token() {
    let mut command = wsdeck(&[
        "check",
        "ws://a.example/",
        "--dry-run",
        "--auth",
        "bearer",
        "--auth-param",
        "token=env:WSDECK_TEST_SECRET",
    ]);
    command.env("WSDECK_TEST_SECRET", format!("Bearer {SECRET}\n"));
    let ran = finish(command, b"");
    assert!(ran.stderr.contains("note: the token had a line break at its end"), "{ran:?}");
    assert!(ran.stderr.contains("“Bearer”") && !ran.stderr.contains("4711"), "{ran:?}");
}

#[test]
fn what_cannot_be_sent_is_a_finding() {
    for (args, code) in [
        (&["ftp://a.example/"][..], "url/unknown-scheme"),
        (&["ws://a.example:99999/"], "url/bad-port"),
        (&["ws://a.example/", "-H", "A b: c"], "url/header-value"),
        (&["ws://a.example/", "--subprotocol", "a b"], "url/subprotocol-syntax"),
        (&["ws://a.example/", "--cacert", "/no/such/file"], "url/file-unreadable"),
        (&["ws://a.example/", "--auth", "bearer", "--auth-param", "token="], "url/auth-incomplete"),
    ] {
        let ran = run(&[&["check", "--dry-run", "--json"], args].concat());
        assert_eq!(ran.code, 10, "{args:?} {ran:?}");
        let out = ran.json();
        assert_eq!((&out["phase"], &out["ok"]), (&json!("url"), &json!(false)), "{args:?}");
        assert_eq!(out["code"], code, "{args:?} {out}");
        assert!(out["summary"].as_str().is_some_and(|s| !s.is_empty()), "{args:?}");
    }
}

#[test]
fn wrong_use_is_told_on_standard_error_only() {
    for args in [
        &["check"][..],
        &["check", "ws://a.example/", "--reveal"],
        &["check", "ws://a.example/", "--no-such-option"],
        &["check", "ws://a.example/", "--dry-run", "--auth", "kerberos"],
        &[
            "check",
            "ws://a.example/",
            "--dry-run",
            "--auth",
            "bearer",
            "--auth-param",
            "token=env:WSDECK_NOT_SET_ANYWHERE",
        ],
        &["check", "ws://a.example/", "--dry-run", "--max-message-size", "big"],
        &["check", "ws://a.example/", "--dry-run", "--at", "soon"],
    ] {
        let ran = run(args);
        assert_eq!(ran.code, 2, "{args:?} {ran:?}");
        assert!(ran.stdout.is_empty() && ran.stderr.contains("--help"), "{args:?} {ran:?}");
    }
}
