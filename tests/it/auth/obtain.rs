//! What is kept between runs: cookies in a jar that was named.

use crate::cli::practice::practice;
use crate::cli::run::run;

#[test]
fn a_jar_that_is_named_is_filled_and_used() {
    let p = practice();
    let dir = tempfile::tempdir().unwrap();
    let jar = dir.path().join("jar.json");
    let (url, jar) = (p.url("/auth/cookie"), jar.to_str().unwrap());
    let check = |options: &[&str]| {
        run(&[&["check", &url, "--json", "--wait", "0"], options].concat()).json()
    };
    let sent = |out: &serde_json::Value| out["evidence"]["request"]["credential"]["jar"].clone();

    // The refusal sets a cookie, which goes along from then on.
    assert!(sent(&check(&["--cookie-jar", jar])).is_null());
    let text = std::fs::read_to_string(jar).unwrap();
    assert!(text.contains("anonymous"), "{text}");
    let second = check(&["--cookie-jar", jar]);
    assert_eq!(sent(&second), serde_json::json!(["session"]), "{second}");
    assert!(!second.to_string().contains("anonymous"), "{second}");

    // One that was typed stands alone, and without the option there is no jar.
    let typed = check(&["--cookie-jar", jar, "-H", "Cookie: session=mine"]);
    assert!(sent(&typed).is_null(), "{typed}");
    assert!(sent(&check(&[])).is_null());

    std::fs::write(jar, "no jar").unwrap();
    let broken = run(&["check", &url, "--cookie-jar", jar]);
    assert!(broken.stdout.contains("is not as wsdeck writes it"), "{broken:?}");
    assert_eq!(std::fs::read_to_string(jar).unwrap(), "no jar");
}
