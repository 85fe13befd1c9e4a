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

    let pasted = run(&["explain", "Error:", "connect", "ECONNREFUSED", "127.0.0.1:80"]);
    assert!(pasted.code == 0 && pasted.stdout.contains("tcp/refused"), "{pasted:?}");
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

#[test]
fn a_saved_record_is_judged_as_check_judged_it() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("record.json");
    let path = file.to_str().unwrap();
    let port = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap().port()
    };
    let url = format!("ws://127.0.0.1:{port}/x?token=s3cret-token");
    let header = "Authorization: Bearer s3cret-token";
    let checked = run(&["check", &url, "-H", header, "--json"]);
    assert_eq!(checked.code, 12, "{checked:?}");
    std::fs::write(&file, &checked.stdout).unwrap();

    let again = run(&["explain", "--from", path, "--json"]);
    assert_eq!((again.code, again.json()), (0, checked.json()));
    let alone = serde_json::to_vec(&checked.json()["evidence"]).unwrap();
    let piped = finish(wsdeck(&["explain", "--from", "-"]), &alone);
    assert!(piped.code == 0 && piped.stdout.contains("✗ tcp/refused"), "{piped:?}");

    let page = run(&["explain", "--from", path, "--markdown"]);
    assert!(page.code == 0 && page.stdout.starts_with("## "), "{page:?}");
    assert!(page.stdout.contains("- Finding: `tcp/refused` (certain)"), "{page:?}");
    assert!(page.stdout.contains("Bearer ${AUTHORIZATION}"), "{page:?}");
    assert_eq!(run(&["check", &url, "-H", header, "--markdown"]).code, 12);
    for told in [&checked.stdout, &again.stdout, &piped.stdout, &page.stdout] {
        assert!(!told.contains("s3cret"), "{told}");
    }

    std::fs::write(&file, "{\"ok\":true}").unwrap();
    let none = run(&["explain", "--from", path]);
    assert!(none.code == 2 && none.stderr.contains("no record of an attempt"), "{none:?}");
    assert_eq!(run(&["explain", "--from", "no such file"]).code, 2);
}

/// Records that wsdeck 0.1.0 wrote when the form was new: they stay readable for good.
#[test]
fn records_of_old_versions_are_judged() {
    for (file, code) in [
        ("record-v1-401.json", "http/401-bearer-invalid"),
        ("record-v1-untrusted.json", "tls/cert-private-ca"),
        ("record-v1-closed.json", "ws/close-44xx"),
    ] {
        let path = format!("{}/tests/data/{file}", env!("CARGO_MANIFEST_DIR"));
        let told = run(&["explain", "--from", &path, "--json"]);
        assert_eq!(told.code, 0, "{told:?}");
        assert_eq!(told.json()["code"], code, "{file}");
    }
}
