//! `check --auth-probe`, and what `check` tells of a signature that does not fit.

use serde_json::Value;

use super::practice::practice;
use super::run::{Ran, run};

const SECRET: &str = "practice-token";

fn probed(path: &str, options: &[&str]) -> Ran {
    let url = practice().url(path);
    let bearer = ["--auth", "bearer", "--auth-param", "token=practice-token"];
    run(&[&["check", &url, "--wait", "0", "--auth-probe"], &bearer[..], options].concat())
}

#[test]
fn the_token_goes_out_with_consent_only() {
    let ran = probed("/auth/bearer", &[]);
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.stderr.contains("--yes") && ran.stderr.contains("may count"), "{ran:?}");
    let url = practice().url("/auth/basic");
    let basic = ["--auth", "basic", "--auth-param", "username=a", "--auth-param", "password=b"];
    let ran = run(&[&["check", &url, "--auth-probe", "--yes"], &basic[..]].concat());
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.stderr.contains("one token"), "{ran:?}");
}

#[test]
fn the_place_is_found_and_the_exit_code_is_the_attempts() {
    let ran = probed("/auth/subprotocol", &["--yes", "--json"]);
    assert_eq!(ran.code, 15, "{ran:?}");
    let out = ran.json();
    let rows = out["auth_probe"].as_array().unwrap();
    let good: Vec<&Value> = rows.iter().filter(|row| row["verdict"] == "accepted").collect();
    assert_eq!(good.len(), 1, "{rows:?}");
    assert_eq!(good[0]["place"], "subprotocol bearer");
    assert_eq!(good[0]["status"], 101);
    assert!(rows.iter().any(|row| row["place"] == "none" && row["verdict"] == "refused"));
    assert!(!ran.stdout.contains(SECRET) && !ran.stderr.contains(SECRET), "{ran:?}");

    let ran = probed("/auth/bearer", &["--yes"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let text = "The server reads the token from: header Authorization: Bearer.";
    assert!(ran.stdout.contains(text), "{ran:?}");
    assert!(!ran.stdout.contains(SECRET), "{ran:?}");
}

#[test]
fn a_signature_that_does_not_fit_is_told_by_its_first_cause() {
    let url = practice().url("/auth/huawei/v1?b=2&a=1");
    let keys = |secret: &str| {
        let secret = format!("secret-key={secret}");
        let args = ["check", &url, "--json", "--wait", "0", "--auth", "huawei-aksk"];
        let params = ["--auth-param", "access-key=PRACTICEACCESSKEY", "--auth-param", &secret];
        run(&[&args[..], &params].concat())
    };
    let ran = keys("practice-secret-key");
    assert_eq!(ran.code, 0, "{ran:?}");
    let ran = keys("another-secret-key");
    assert_eq!(ran.code, 15, "{ran:?}");
    let out = ran.json();
    assert_eq!(out["code"], "http/401-signature-mismatch");
    let summary = out["summary"].as_str().unwrap();
    assert!(summary.contains("both sides signed the same text"), "{summary}");
    assert!(!ran.stdout.contains("another-secret-key"));
}
