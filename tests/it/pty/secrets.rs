//! No secret leaves by any door of the interface: the screen, the log file at its most talkative,
//! reports, copies, the message of a panic, and the files of the workspace.

use std::path::Path;

use super::screen::Window;
use crate::cli::secrets::{assert_none, assert_private, refusing};

/// Secrets of a request that can be read nowhere, and the options that give them.
fn request() -> (Vec<String>, Vec<String>) {
    let secret = |name: &str| format!("hunter2-{name}-Zq97");
    let secrets: Vec<String> = ["token", "header", "offered"].map(secret).into();
    let (token, header, offered) = (&secrets[0], &secrets[1], &secrets[2]);
    let options = [
        "--auth".into(),
        "bearer".into(),
        "--auth-param".into(),
        format!("token={token}"),
        "-H".into(),
        format!("X-Api-Key: {header}"),
        "--subprotocol".into(),
        "bearer".into(),
        "--subprotocol".into(),
        offered.clone(),
    ];
    (secrets, options.into())
}

fn open(options: &[String], url: &str, env: &[(&str, &str)]) -> Window {
    let mut args = vec![url, "--connect"];
    args.extend(options.iter().map(String::as_str));
    let window = Window::open(&args, env);
    window.wait_for("FAILED");
    window
}

#[test]
fn a_run_leaves_its_secrets_in_private_files_only() {
    let (secrets, options) = request();
    let url = format!("ws://{}/x", refusing());
    let mut window = open(&options, &url, &[("WSDECK_LOG", "trace"), ("SSH_TTY", "/dev/null")]);
    let report = window.home().join("report.md");
    // Every section of the attempt, then what can be copied, then a report in a file.
    for section in ["e", "n", "s", "o"] {
        window.keys(section);
    }
    for copy in ["r", "c", "C", "k"] {
        window.keys(copy);
    }
    window.keys("W");
    window.wait_for("Save a report");
    window.keys("\x15");
    window.keys(&report.display().to_string());
    window.keys("\r");
    window.wait_until("the report", |_| report.exists());
    window.keys("\x11");
    assert_eq!(window.end(), 0);
    assert_none(&secrets, "the terminal", &window.output());
    assert_none(&secrets, "a copy", &copies(&window.output()));
    let home = window.home();
    assert!(log_of(home).contains("wsdeck"), "the log file was written");
    assert!(assert_private(&secrets, home) >= 1, "the private file keeps them");
}

#[test]
fn a_panic_tells_no_secret() {
    let (secrets, options) = request();
    let url = format!("ws://{}/x", refusing());
    let mut window =
        open(&options, &url, &[("WSDECK_TEST_PANIC", "1"), ("RUST_BACKTRACE", "full")]);
    window.keys("x");
    assert_eq!(window.end(), 101);
    assert_none(&secrets, "the terminal", &window.output());
    assert_private(&secrets, window.home());
}

#[test]
fn a_secret_is_typed_unseen() {
    let mut window = Window::open(&["secret", "set", "work", "--file"], &[]);
    window.wait_for("Secret for work (not shown): ");
    window.keys("hunter2x\x7f-Zq97\r");
    window.wait_for("secret:work");
    assert_eq!(window.end(), 0);
    assert_none(&["hunter2-Zq97".into(), "hunter2x".into()], "the terminal", &window.output());
    let file = window.home().join("data/private/named-secrets.toml");
    let named = wsdeck::store::NamedSecrets::load(&file).unwrap();
    assert_eq!(named.get("work").unwrap().expose(), "hunter2-Zq97");
}

#[test]
fn a_secret_that_is_given_up_changes_nothing() {
    let mut window = Window::open(&["secret", "set", "work", "--file"], &[]);
    window.wait_for("(not shown)");
    window.keys("hunter2\x03");
    assert_eq!(window.end(), 1);
    assert!(window.output().contains("nothing was changed"), "{}", window.output());
    assert!(!window.home().join("data/private").exists());
}

/// What was handed to the terminal's clipboard.
fn copies(output: &str) -> String {
    use base64::Engine as _;
    let pieces = output.split("\x1b]52;c;").skip(1);
    let texts = pieces.filter_map(|piece| {
        let text = piece.split(['\x07', '\x1b']).next()?;
        base64::engine::general_purpose::STANDARD.decode(text).ok()
    });
    texts.map(|bytes| String::from_utf8_lossy(&bytes).into_owned() + "\n").collect()
}

fn log_of(home: &Path) -> String {
    std::fs::read_to_string(home.join("data/wsdeck.log")).unwrap_or_default()
}
