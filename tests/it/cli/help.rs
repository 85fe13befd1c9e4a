//! The built-in manual.

use super::run::run;

#[test]
fn every_command_has_long_help_with_examples() {
    let top = run(&["--help"]);
    assert_eq!(top.code, 0);
    let commands: Vec<&str> = top
        .stdout
        .lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.split_whitespace().next())
        .filter(|command| *command != "help")
        .collect();
    assert!(commands.contains(&"check") && commands.contains(&"man"), "{commands:?}");
    for command in commands {
        let ran = run(&[command, "--help"]);
        assert_eq!(ran.code, 0, "{command} {ran:?}");
        assert!(ran.stdout.contains("Usage: wsdeck"), "{command} {ran:?}");
        assert!(command == "demo" || ran.stdout.contains("Examples:"), "{command} {}", ran.stdout);
    }
    assert!(top.stdout.contains("Exit codes:"));
}

#[test]
fn version_and_completions_and_manual() {
    assert_eq!(run(&["--version"]).stdout, format!("wsdeck {}\n", env!("CARGO_PKG_VERSION")));
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let ran = run(&["completions", shell]);
        assert!(ran.code == 0 && ran.stdout.contains("subprotocol"), "{shell}");
    }
    let page = run(&["man"]);
    assert!(page.code == 0 && page.stdout.contains(".TH wsdeck 1"), "{}", page.stdout);
    let dir = tempfile::tempdir().unwrap();
    let into = dir.path().join("man1");
    assert_eq!(run(&["man", "--dir", into.to_str().unwrap()]).code, 0);
    assert!(into.join("wsdeck.1").exists() && into.join("wsdeck-check.1").exists());
}
