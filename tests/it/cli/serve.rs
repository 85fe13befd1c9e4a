//! `serve` prints where it listens, serves, and leaves nothing behind.

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::TcpStream;
use std::process::Stdio;

use serde_json::Value;

use super::run::{run, wait, wsdeck};

#[cfg(unix)]
#[test]
fn endpoints_are_printed_and_served_until_ctrl_c() {
    let mut child = wsdeck(&["serve", "--tls", "--json"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut reader = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    reader.read_line(&mut line).unwrap();
    let out: Value = serde_json::from_str(&line).unwrap();
    let endpoints = out["endpoints"].as_array().unwrap();
    let echo = endpoints.iter().find(|endpoint| endpoint["path"] == "/echo").unwrap();
    let (url, tls_url) = (echo["url"].as_str().unwrap(), echo["tls_url"].as_str().unwrap());
    let ca = out["ca_file"].as_str().unwrap();
    assert!(out["listen"].as_str().unwrap().starts_with("127.0.0.1:"));

    let plain = run(&["check", url, "--wait", "0"]);
    let tls = run(&["check", tls_url, "--cacert", ca, "--wait", "0"]);

    let killed = std::process::Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status()
        .unwrap();
    let mut rest = String::new();
    reader.read_to_string(&mut rest).unwrap();
    assert_eq!(wait(child), Some(0));
    assert!(killed.success() && rest.is_empty());
    assert_eq!((plain.code, tls.code), (0, 0), "{plain:?} {tls:?}");
    assert!(!std::path::Path::new(ca).exists());
    assert!(TcpStream::connect(out["listen"].as_str().unwrap()).is_err());
}

#[test]
fn the_list_names_every_kind() {
    let mut child = wsdeck(&["serve"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut reader = BufReader::new(child.stdout.take().unwrap());
    let mut text = String::new();
    while !text.contains("Try:") {
        assert_ne!(reader.read_line(&mut text).unwrap(), 0, "{text}");
    }
    child.kill().unwrap();
    wait(child);
    for word in ["Healthy", "/echo", "Broken protocol", "/mask", "/close/1011"] {
        assert!(text.contains(word), "{word} in {text}");
    }
}

#[test]
fn a_taken_port_is_told() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let ran = run(&["serve", "--listen", &taken.local_addr().unwrap().to_string()]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.stderr.contains("listening on 127.0.0.1:"), "{ran:?}");
}
