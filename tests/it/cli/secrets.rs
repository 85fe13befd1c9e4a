//! No secret leaves by any door of the commands: every way of authenticating with every secret
//! field filled, against servers that say everything back, and a search through all that was
//! printed and written.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use wsdeck::auth::{self, Field, Way};
use wsdeck::core::reference::Reference;
use wsdeck::store::NamedSecrets;

use super::practice::practice;
use super::run::{Ran, finish, wsdeck};

/// A server that refuses everyone and says in each part of its reply what it was sent. It is
/// there as long as the process.
pub fn refusing() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            std::thread::spawn(move || {
                let (mut head, mut chunk) = (Vec::new(), [0; 4096]);
                while !head.windows(4).any(|w| w == b"\r\n\r\n") {
                    match stream.read(&mut chunk) {
                        Ok(count @ 1..) => head.extend_from_slice(&chunk[..count]),
                        _ => return,
                    }
                }
                let text = String::from_utf8_lossy(&head).into_owned();
                let lines: Vec<&str> = text.lines().collect();
                let mut reply = format!(
                    "HTTP/1.1 401 {}\r\nWWW-Authenticate: Bearer error_description=\"{}\"\r\n",
                    lines[0].replace('\r', ""),
                    lines[0].replace('"', "'"),
                );
                for line in lines.iter().skip(1).filter(|line| !line.is_empty()) {
                    reply.push_str(&format!("X-Echo-{line}\r\n"));
                }
                let body = serde_json::json!({ "error_msg": text, "again": lines }).to_string();
                reply.push_str(&format!("Content-Length: {}\r\n\r\n{body}", body.len()));
                let _ = stream.write_all(reply.as_bytes());
            });
        }
    });
    addr
}

/// All forms in which a secret can be read.
pub fn forms(secret: &str) -> Vec<String> {
    let percent = utf8_percent_encode(secret, NON_ALPHANUMERIC).to_string();
    let hex: String = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
    vec![
        secret.to_owned(),
        percent.to_lowercase(),
        percent,
        STANDARD_NO_PAD.encode(secret),
        URL_SAFE_NO_PAD.encode(secret),
        hex,
    ]
}

/// Fails if a text has a secret in any of its forms.
#[track_caller]
pub fn assert_none(secrets: &[String], what: &str, text: &str) {
    for secret in secrets {
        for form in forms(secret) {
            assert!(!text.contains(&form), "{what} holds {form:?} of {secret:?}:\n{text}");
        }
    }
}

/// Fails if a file below `dir` holds a secret and is not a private one of its owner's.
#[track_caller]
pub fn assert_private(secrets: &[String], dir: &Path) -> usize {
    let (mut folders, mut holders) = (vec![dir.to_owned()], 0);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
            let holds = |secret: &String| forms(secret).iter().any(|form| text.contains(form));
            if let Some(secret) = secrets.iter().find(|secret| holds(secret)) {
                let private = path
                    .strip_prefix(dir)
                    .unwrap()
                    .components()
                    .any(|part| part.as_os_str() == "private");
                assert!(private, "{} holds {secret}:\n{text}", path.display());
                assert!(wsdeck::store::is_private(&path).unwrap(), "{}", path.display());
                holders += 1;
            }
        }
    }
    holders
}

/// Parameters of a way with all its fields filled, and the secrets among them.
struct Filled {
    params: Vec<String>,
    secrets: Vec<String>,
}

fn fill(way: &dyn Way, chosen: Option<(&Field, &str)>, refusing: SocketAddr, odd: bool) -> Filled {
    let (mut params, mut secrets) = (Vec::new(), Vec::new());
    for field in way.fields() {
        let value = match chosen {
            Some((choice, value)) if choice.name == field.name => value.to_owned(),
            _ if field.secret => {
                let tail = if odd { "+/~&=Zq9" } else { "Zq97" };
                let secret = format!("hunter2{}x{}{tail}", way.kind(), field.name);
                secrets.push(secret.clone());
                secret
            }
            _ if !field.choices.is_empty() || !field.default.is_empty() => continue,
            _ if field.name.contains("url") => format!("http://{refusing}/got"),
            _ if !field.required && field.placeholder.is_empty() => continue,
            _ if field.placeholder.is_empty() => "somebody".into(),
            _ => field.placeholder.to_owned(),
        };
        params.push(format!("{}={value}", field.name));
    }
    Filled { params, secrets }
}

/// Runs with its own folders.
fn at_home(home: &Path, args: &[&str], input: &[u8]) -> Ran {
    let mut command = wsdeck(args);
    command.env("WSDECK_CONFIG_DIR", home.join("config"));
    command.env("WSDECK_DATA_DIR", home.join("data"));
    command.env("WSDECK_LOG", "trace").env("HOME", home);
    command.env_remove("DBUS_SESSION_BUS_ADDRESS");
    finish(command, input)
}

/// What a run has printed. Lines of `cat --json` that are messages are left out: what came is
/// told as it came.
fn printed(ran: &Ran) -> String {
    let is_message =
        |line: &&str| line.contains("\"event\":\"text\"") || line.contains("\"event\":\"binary\"");
    let out: Vec<&str> = ran.stdout.lines().filter(|line| !is_message(line)).collect();
    format!("{}\n{}", out.join("\n"), ran.stderr)
}

#[test]
fn no_way_gives_a_secret_away() {
    let (home, refusing) = (tempfile::tempdir().unwrap(), refusing());
    let home = home.path();
    let refused = format!("ws://{refusing}/x?a=1");
    let echo = practice().url("/headers");
    let mut arrived = BTreeMap::new();
    for way in auth::ways() {
        let kind = way.kind();
        if way.fields().iter().all(|field| !field.secret) {
            continue;
        }
        let mut variants: Vec<Option<(&Field, &str)>> = vec![None];
        for field in way.fields() {
            // That one waits for a person with a browser.
            let alone = field.choices.iter().filter(|choice| **choice != "authorization-code");
            variants.extend(alone.map(|choice| Some((field, *choice))));
        }
        for (index, chosen) in variants.into_iter().enumerate() {
            let filled = fill(*way, chosen, refusing, index % 2 == 1);
            let mut options: Vec<&str> = vec!["--auth", kind];
            for param in &filled.params {
                options.extend(["--auth-param", param]);
            }
            let run = |args: &[&str]| {
                let args: Vec<&str> = args.iter().chain(&options).copied().collect();
                let ran = at_home(home, &args, b"");
                assert_none(&filled.secrets, &format!("{args:?}"), &printed(&ran));
                ran
            };
            let json = run(&["check", &refused, "--json", "--connect-timeout", "20"]);
            if chosen.is_some() {
                continue;
            }
            run(&["check", &refused, "--markdown"]);
            run(&["check", &refused, "--dry-run", "--verbose"]);
            run(&["check", &echo, "--json", "--wait", "0"]);
            if ["bearer", "api-key", "basic"].contains(&kind) {
                run(&["check", &refused, "--probe", "--json"]);
                run(&["check", &refused, "--probe-with-credentials"]);
                run(&["check", &refused, "--auth-probe", "--yes", "--json"]);
            }
            let talk = run(&["cat", &echo, "--json", "--no-input", "--count", "1"]);
            let whole = filled.secrets.iter().any(|secret| talk.stdout.contains(secret));
            arrived.insert(kind, whole);
            if json.code == 15 {
                let file = home.join("record.json");
                std::fs::write(&file, &json.stdout).unwrap();
                for form in ["--json", "--markdown", "--verbose"] {
                    let again =
                        at_home(home, &["explain", "--from", file.to_str().unwrap(), form], b"");
                    assert_eq!(again.code, 0, "{again:?}");
                    assert_none(&filled.secrets, &format!("explain {form}"), &printed(&again));
                }
            }
            assert_private(&filled.secrets, home);
        }
    }
    // The search would find nothing as well if nothing had gone out.
    for kind in ["bearer", "api-key", "huawei-token"] {
        assert_eq!(arrived.get(kind), Some(&true), "{kind} {arrived:?}");
    }
}

#[test]
fn every_other_place_of_a_request() {
    let (home, refusing) = (tempfile::tempdir().unwrap(), refusing());
    let secret = |name: &str| format!("hunter2-{name}-Zq97");
    let secrets: Vec<String> =
        ["password", "query", "header", "cookie", "offered", "reference", "proxy"]
            .map(secret)
            .into();
    let [password, query, header, cookie, offered, reference, proxy] = &secrets[..] else {
        panic!("seven of them")
    };
    let file = home.path().join("token");
    std::fs::write(&file, reference).unwrap();
    let url = format!("ws://me:{password}@{refusing}/x?token={query}&a=1");
    let through = format!("http://me:{proxy}@{refusing}");
    let (header, cookie) = (format!("X-Api-Key: {header}"), format!("Cookie: sid={cookie}"));
    let plain = format!("X-Plain: {{{{file:{}}}}}", file.display());
    let request: Vec<&str> = vec![
        &url,
        "-H",
        &header,
        "-H",
        &cookie,
        "-H",
        &plain,
        "--subprotocol",
        "bearer",
        "--subprotocol",
        offered,
    ];
    for more in [
        vec!["check", "--json"],
        vec!["check", "--markdown"],
        vec!["check", "--verbose"],
        vec!["check", "--probe", "--json"],
        vec!["check", "--dry-run", "--json"],
        vec!["cat", "--json", "--no-input"],
        vec!["check", "--json", "--proxy", &through],
        vec!["check", "--markdown", "--proxy", &through],
    ] {
        let args: Vec<&str> = more.iter().chain(&request).copied().collect();
        let ran = at_home(home.path(), &args, b"");
        assert_none(&secrets, &format!("{args:?}"), &printed(&ran));
    }
    std::fs::remove_file(file).unwrap();
    assert_eq!(assert_private(&secrets, home.path()), 0);
}

fn named_file(home: &Path) -> PathBuf {
    home.join("data/private/named-secrets.toml")
}

#[test]
fn a_named_secret_is_set_listed_used_and_removed() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    let secrets = vec!["hunter2-named".to_owned()];
    let set = at_home(home, &["secret", "set", "work", "--file"], b"hunter2-named\n");
    assert_eq!((set.code, &*set.stdout), (0, ""), "{set:?}");
    assert!(set.stderr.contains("secret:work"), "{set:?}");
    let list = at_home(home, &["secret", "list"], b"");
    assert_eq!((list.code, &*list.stdout), (0, "secret:work\n"));
    assert_none(&secrets, "set and list", &format!("{set:?}{list:?}"));
    assert_eq!(assert_private(&secrets, home), 1);
    assert_eq!(
        NamedSecrets::load(&named_file(home)).unwrap().get("work").unwrap().expose(),
        "hunter2-named"
    );

    let token = format!("token={}", Reference::Named("work".into()).text());
    let url = practice().url("/headers");
    let args =
        ["cat", &url, "--no-input", "--count", "1", "--auth", "bearer", "--auth-param", &token];
    let talk = at_home(home, &args, b"");
    assert!(talk.stdout.contains("Bearer hunter2-named"), "{talk:?}");
    let header = ["-H", "X-A: {{secret:work}}"];
    let args = [&["cat", &url, "--no-input", "--count", "1"][..], &header].concat();
    assert!(at_home(home, &args, b"").stdout.contains("hunter2-named"));

    let removed = at_home(home, &["secret", "remove", "work"], b"");
    assert_eq!(removed.code, 0, "{removed:?}");
    let none = at_home(home, &["secret", "remove", "work"], b"");
    assert!(none.code == 1 && none.stderr.contains("secret:work"), "{none:?}");
    let missing = at_home(home, &["check", &url, "--auth", "bearer", "--auth-param", &token], b"");
    assert!(missing.code == 2 && missing.stderr.contains("wsdeck secret set work"), "{missing:?}");
}

#[test]
fn what_cannot_be_kept_is_told() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    for (args, input, code, words) in [
        (&["secret", "set", "a b}}"][..], &b"x"[..], 2, "}}"),
        (&["secret", "set", "a"], b"\n", 2, "empty"),
        (&["secret", "set", "a", "--file", "--keyring"], b"x", 2, "--keyring"),
    ] {
        let ran = at_home(home, args, input);
        assert!(ran.code == code && ran.stderr.contains(words), "{ran:?}");
    }
    assert!(!named_file(home).exists());
}

#[cfg(all(target_os = "linux", feature = "keyring"))]
#[test]
fn a_machine_without_a_keyring_says_what_to_try() {
    let home = tempfile::tempdir().unwrap();
    // No bus is where this says.
    let none = |args: &[&str]| {
        let mut command = wsdeck(args);
        command.env("WSDECK_DATA_DIR", home.path()).env("WSDECK_CONFIG_DIR", home.path());
        command.env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere/bus");
        finish(command, b"hunter2")
    };
    let set = none(&["secret", "set", "a", "--keyring"]);
    assert!(set.code == 1 && set.stderr.contains("wsdeck secret set NAME --file"), "{set:?}");
    let url = practice().url("/echo");
    let used = none(&["check", &url, "--auth", "bearer", "--auth-param", "token=keyring:a"]);
    assert!(used.code == 2 && used.stderr.contains("offers no keyring"), "{used:?}");
}
