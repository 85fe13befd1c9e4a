//! `explain` and `config`: what is printed, and what a mistyped id gets.

use super::run::{finish, run, wsdeck};

#[test]
fn a_page_the_list_and_a_suggestion() {
    let list = run(&["explain"]);
    assert_eq!(list.code, 0);
    let id = list.stdout.split_whitespace().next().unwrap();
    let page = run(&["explain", id]);
    assert!(page.code == 0 && page.stdout.starts_with("# "), "{page:?}");

    let slip = run(&["explain", "tcp/refsed"]);
    assert_eq!(slip.code, 2);
    assert!(slip.stdout.is_empty() && slip.stderr.contains("tcp/refused"), "{slip:?}");
    assert_eq!(run(&["explain", "zzz"]).code, 2);
}

#[test]
fn settings_are_shown_and_checked() {
    let dir = tempfile::tempdir().unwrap();
    let config = |args: &[&str]| {
        let mut command = wsdeck(args);
        command.env("WSDECK_CONFIG_DIR", dir.path()).env("WSDECK_DATA_DIR", dir.path());
        finish(command, b"")
    };
    let file = dir.path().join("config.toml");
    assert_eq!(config(&["config", "path"]).stdout, format!("{}\n", file.display()));
    assert_eq!(config(&["config", "check"]).code, 0);

    std::fs::write(&file, config(&["config", "example"]).stdout).unwrap();
    assert_eq!(config(&["config", "check"]).code, 0);
    let shown = config(&["config", "show"]);
    assert!(shown.code == 0 && shown.stdout.contains(" = "), "{shown:?}");

    std::fs::write(&file, "[no_such_section]\n").unwrap();
    let bad = config(&["config", "check"]);
    assert_eq!(bad.code, 1);
    assert!(bad.stderr.contains("config.toml:1:"), "{bad:?}");
}
