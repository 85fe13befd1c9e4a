//! Ways to the server, by options and by the environment: proxies, redirects, Unix sockets.

use serde_json::Value;

use super::practice::{closed_port, practice};
use super::run::{Ran, finish, run, wsdeck};

/// `check URL --json` with more options and variables.
fn check(url: &str, options: &[&str], variables: &[(&str, &str)]) -> Ran {
    let mut command = wsdeck(&[&["check", url, "--json", "--wait", "0"], options].concat());
    command.envs(variables.iter().copied());
    finish(command, b"")
}

fn code(ran: &Ran) -> Value {
    ran.json()["code"].clone()
}

#[test]
fn the_environment_names_the_proxy_and_its_exceptions() {
    let p = practice();
    let (url, closed) = (p.url("/echo"), format!("http://me:hunter2-x@{}", closed_port()));
    let through = &[("HTTP_PROXY", &*closed)][..];
    let ran = check(&url, &[], through);
    assert_eq!(ran.code, 13, "{ran:?}");
    let out = ran.json();
    assert_eq!(out["code"], "proxy/refused", "{out}");
    assert_eq!(out["evidence"]["proxy"]["source"], "HTTP_PROXY");
    assert!(!ran.stdout.contains("hunter2-x"), "{out}");
    // The host is local, so the variable itself is worth a word, with a way around it.
    let surprise =
        out["findings"].as_array().unwrap().iter().find(|f| f["code"] == "proxy/env-surprise");
    assert!(surprise.is_some(), "{out}");

    for (options, variables) in [
        (&["--proxy", "none"][..], through),
        (&["--proxy", ""], through),
        (&["--noproxy", "*"], through),
        (&["--noproxy", "10.0.0.0/8,127.0.0.1"], through),
        (&[], &[("HTTP_PROXY", &*closed), ("NO_PROXY", "127.0.0.0/8")]),
        (&[], &[("HTTPS_PROXY", &*closed)]),
        (&[], &[("HTTP_PROXY", &*closed), ("REQUEST_METHOD", "GET")]),
    ] {
        let ran = check(&url, options, variables);
        assert_eq!(ran.code, 0, "{options:?} {variables:?} {ran:?}");
        assert!(ran.json()["evidence"]["proxy"].is_null());
    }
    let exempt = check(&url, &[], &[("all_proxy", &closed), ("no_proxy", "127.0.0.1")]).json();
    let exemption = &exempt["evidence"]["request"]["proxy_exemption"];
    assert_eq!(exemption["source"], "no_proxy", "{exempt}");
    let human = run(&["check", &url, "--wait", "0", "--proxy", &closed, "--noproxy", "127.0.0.1"]);
    assert!(human.stdout.contains("since setting has 127.0.0.1"), "{}", human.stdout);
    assert!(!human.stdout.contains("hunter2-x"));
}

#[test]
fn socks_by_option() {
    let p = practice();
    let url = format!("ws://far.practice.example:{}/echo", p.addr().port());
    let socks = format!("socks5h://{}", p.addr());
    let ran = check(&url, &["-x", &socks], &[]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_eq!(ran.json()["evidence"]["proxy"]["kind"], "socks5h");
    // Nothing of ours listens there: the proxy says so by a code.
    let ran = check("ws://far.practice.example:1/", &["-x", &socks], &[]);
    assert_eq!((ran.code, code(&ran)), (13, "proxy/socks-reply".into()), "{ran:?}");
    let ran = check(&url, &["-x", &socks.replace("://", "://me:wrong@")], &[]);
    assert_eq!((ran.code, code(&ran)), (13, "proxy/socks-auth".into()), "{ran:?}");
}

#[test]
fn redirects_are_shown_and_followed_if_asked() {
    let p = practice();
    let url = p.url("/status/302?location=%2Fecho");
    let shown = check(&url, &[], &[]);
    assert_eq!((shown.code, code(&shown)), (15, "http/redirect-path".into()), "{shown:?}");
    let fixes = shown.json()["fixes"].clone();
    let follow = fixes.as_array().unwrap().iter().find(|f| f["label"] == "Follow it");
    assert_eq!(follow.unwrap()["change"]["kind"], "follow-redirects", "{fixes}");

    let followed = check(&url, &["-L"], &[]);
    assert_eq!(followed.code, 0, "{followed:?}");
    assert_eq!(followed.json()["evidence"]["redirects"][0]["status"], 302);
    let none = check(&url, &["-L", "--max-redirs", "0"], &[]);
    assert_eq!(none.code, 15);
    let human = run(&["check", &url, "--wait", "0", "--location"]);
    assert!(human.stdout.contains("followed 302 to ws://"), "{}", human.stdout);
}

#[cfg(unix)]
#[test]
fn a_unix_socket_by_option_and_by_address() {
    let p = practice();
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("s");
    let listener = p.runtime().block_on(async { tokio::net::UnixListener::bind(&path) }).unwrap();
    let to = p.addr();
    let task = p.runtime().spawn(async move {
        while let Ok((mut unix, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut tcp = tokio::net::TcpStream::connect(to).await?;
                tokio::io::copy_bidirectional(&mut unix, &mut tcp).await
            });
        }
    });
    let typed = path.to_str().unwrap();
    let by_option = check("ws://api.example/echo", &["--unix-socket", typed], &[]);
    assert_eq!(by_option.code, 0, "{by_option:?}");
    let sent = by_option.json()["evidence"]["http"]["request"].to_string();
    assert!(sent.contains("Host: api.example"), "{sent}");
    let by_address = check(&format!("ws+unix://{typed}:/echo"), &[], &[]);
    assert_eq!(by_address.code, 0, "{by_address:?}");
    task.abort();

    let missing = check("ws+unix:///no/such/socket:/", &[], &[]);
    assert_eq!((missing.code, code(&missing)), (12, "tcp/socket-missing".into()), "{missing:?}");
    let wss = check("wss://api.example/", &["--unix-socket", typed], &[]);
    assert_eq!(wss.code, 2, "{wss:?}");
}
