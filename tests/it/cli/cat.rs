//! `cat` against the practice server: what goes in comes out, and how it ends.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, Stdio};

use serde_json::{Value, json};
use wsdeck::practice::script::{RawServer, Step};

use super::practice::{closed_port, practice};
use super::run::{Ran, finish, run, wait, wsdeck};

/// `cat URL` with lines on standard input.
fn cat(path: &str, options: &[&str], input: &[u8]) -> Ran {
    let url = practice().url(path);
    finish(wsdeck(&[&["cat", &url], options].concat()), input)
}

/// The events of a kind.
fn events<'a>(lines: &'a [Value], event: &str, dir: &str) -> Vec<&'a Value> {
    lines.iter().filter(|line| line["event"] == event && line["dir"] == dir).collect()
}

#[test]
fn lines_there_and_back() {
    let ran = cat("/echo", &[], "hello\n\nwörld \u{1f600}\r\nlast".as_bytes());
    assert_eq!(
        (ran.code, ran.stdout.as_str()),
        (0, "hello\n\nwörld \u{1f600}\r\nlast\n"),
        "{ran:?}"
    );
    assert!(ran.stderr.is_empty(), "{}", ran.stderr);
}

#[test]
fn a_long_line_is_one_message() {
    let line = "x".repeat(3 << 20);
    let ran = cat("/echo", &["--json"], line.as_bytes());
    assert_eq!(ran.code, 0);
    let lines = ran.json_lines();
    let received = events(&lines, "text", "in");
    assert_eq!(received.len(), 1);
    assert!(received[0]["text"] == line && received[0]["bytes"] == line.len());
}

#[test]
fn binary_in_each_form() {
    let input = b"\x00\xff\x80 a\n";
    for (form, expected) in [
        ("base64", "AP+AIGE=\n"),
        ("hex", "00ff802061\n"),
        ("summary", "binary message, 5 bytes\n"),
    ] {
        let ran = cat("/echo", &["--binary", "--binary-as", form], input);
        assert_eq!((ran.code, ran.stdout.as_str()), (0, expected), "{ran:?}");
    }
    let raw = cat("/echo", &["--binary", "--binary-as", "raw"], b"\x01a\nb\n");
    assert_eq!(raw.stdout, "\u{1}ab");
    let lines = cat("/echo", &["--binary", "--json"], input).json_lines();
    let received = events(&lines, "binary", "in");
    assert_eq!((&received[0]["base64"], &received[0]["bytes"]), (&json!("AP+AIGE="), &json!(5)));
}

#[test]
fn json_tells_the_whole_story() {
    let ran = cat("/echo", &["--json"], b"a \"b\"\\\n");
    assert_eq!(ran.code, 0, "{ran:?}");
    let lines = ran.json_lines();
    for line in &lines {
        let t = line["t"].as_str().unwrap();
        assert!(t.len() == 27 && t.ends_with('Z') && t.as_bytes()[19] == b'.', "{t}");
    }
    assert_eq!(lines[0]["event"], "open");
    for dir in ["in", "out"] {
        let text = events(&lines, "text", dir);
        assert_eq!(text.len(), 1);
        assert_eq!((&text[0]["text"], &text[0]["bytes"]), (&json!("a \"b\"\\"), &json!(6)));
        let close = events(&lines, "close", dir);
        assert_eq!(
            (&close[0]["code"], &close[0]["name"], &close[0]["reason"]),
            (&json!(1000), &json!("Normal Closure"), &json!(""))
        );
    }
    let stats = lines.last().unwrap();
    assert_eq!((&stats["event"], &stats["code"]), (&json!("stats"), &json!(1000)));
    assert_eq!((&stats["received"]["text"], &stats["sent"]["text"]), (&json!(1), &json!(1)));
}

#[test]
fn pings_of_the_server_are_seen_and_answered() {
    let lines = cat("/ping?every=0.05", &["--json", "--count", "1"], b"").json_lines();
    assert!(!events(&lines, "ping", "in").is_empty(), "{lines:?}");
    assert!(!events(&lines, "pong", "out").is_empty(), "{lines:?}");
}

#[test]
fn a_flood_arrives_whole_and_in_order() {
    let plain = cat("/flood?count=20000&size=100", &["--no-input"], b"");
    assert_eq!(plain.code, 0, "{}", plain.stderr);
    assert_eq!(plain.stdout.lines().count(), 20_000);
    let lines = cat("/flood?count=20000&size=100", &["--no-input", "--json"], b"").json_lines();
    let texts: Vec<&str> =
        events(&lines, "text", "in").iter().map(|line| line["text"].as_str().unwrap()).collect();
    assert!(texts.iter().copied().eq(plain.stdout.lines()));
}

#[test]
fn count_ends_after_so_many() {
    for input in [&b""[..], b"one\ntwo\nthree\nfour\n"] {
        let path = if input.is_empty() { "/flood?count=1000000" } else { "/echo" };
        let ran = cat(path, &["--count", "3"], input);
        assert_eq!((ran.code, ran.stdout.lines().count()), (0, 3), "{path} {ran:?}");
    }
}

#[test]
fn time_ends_it() {
    let ran = cat("/echo", &["--exit-after", "0.2", "--json"], b"hi\n");
    assert_eq!(ran.code, 0, "{ran:?}");
    let lines = ran.json_lines();
    assert_eq!(events(&lines, "text", "in").len(), 1);
    assert_eq!(lines.last().unwrap()["ended_by"], "us");
}

#[test]
fn the_end_of_the_connection_decides_the_exit_code() {
    for (path, code) in [
        ("/close/1000", 0),
        ("/close/1001?reason=bye", 0),
        ("/close/1011", 17),
        ("/close/4000", 17),
        ("/drop", 17),
        ("/reset", 17),
        ("/bad-utf8", 17),
    ] {
        let ran = cat(path, &["--no-input"], b"");
        assert_eq!(ran.code, code, "{path} {ran:?}");
        assert_eq!(ran.stderr.is_empty(), code == 0, "{path} {ran:?}");
        let json = cat(path, &["--no-input", "--json"], b"");
        assert_eq!(json.code, code, "{path} {json:?}");
        assert_eq!(json.json_lines().last().unwrap()["event"], "stats");
    }
}

#[test]
fn a_failed_connect_has_the_code_of_its_phase() {
    let p = practice();
    let refused = format!("ws://{}/", closed_port());
    for (url, code) in [
        ("ws://a b/".to_owned(), 10),
        ("ws://wsdeck-test.invalid/".to_owned(), 11),
        (refused, 12),
        (p.tls_url("/echo"), 14),
        (p.url("/status/503"), 15),
        (p.url("/no-accept"), 16),
    ] {
        let plain = run(&["cat", &url]);
        assert_eq!(plain.code, code, "{url} {plain:?}");
        assert!(plain.stdout.is_empty() && plain.stderr.contains("wsdeck: "), "{url} {plain:?}");
        let json = run(&["cat", &url, "--json"]);
        assert_eq!(json.code, code, "{url} {json:?}");
        let lines = json.json_lines();
        assert!(lines.iter().any(|line| line["event"] == "finding" && line["code"].is_string()));
        assert!(json.stderr.is_empty(), "{json:?}");
    }
}

#[test]
fn a_line_that_is_not_text_is_told() {
    let ran = cat("/echo", &[], b"good\n\xff\xfe\nafter\n");
    assert_eq!((ran.code, ran.stdout.as_str()), (1, "good\nafter\n"), "{ran:?}");
    assert!(ran.stderr.contains("--binary"), "{ran:?}");
}

#[test]
fn a_closed_pipe_is_a_normal_end() {
    let url = practice().url("/flood?count=100000000");
    let mut child = start(&["cat", &url, "--no-input"]);
    let mut reader = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    reader.read_line(&mut line).unwrap();
    drop(reader);
    let mut stderr = String::new();
    child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
    assert_eq!((wait(child), stderr.as_str()), (Some(0), ""));
    assert!(line.starts_with('{'));
}

fn start(args: &[&str]) -> Child {
    wsdeck(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary starts")
}

#[cfg(unix)]
#[test]
fn ctrl_c_closes_in_good_order() {
    let mut child = start(&["cat", &practice().url("/echo"), "--json"]);
    let mut input = child.stdin.take().unwrap();
    input.write_all(b"one\n").unwrap();
    let mut reader = BufReader::new(child.stdout.take().unwrap());
    let mut seen = String::new();
    // The echo has come back, so it is open and deaf to nothing.
    while !seen.contains("\"dir\":\"in\"") {
        assert_ne!(reader.read_line(&mut seen).unwrap(), 0, "{seen}");
    }
    let killed = std::process::Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status()
        .unwrap();
    assert!(killed.success());
    let mut rest = String::new();
    reader.read_to_string(&mut rest).unwrap();
    assert_eq!(wait(child), Some(0), "{rest}");
    assert!(rest.contains("\"event\":\"close\",\"dir\":\"out\",\"code\":1000"), "{rest}");
    assert!(rest.contains("\"event\":\"stats\""), "{rest}");
}

/// A server's frame: final, not masked.
fn frame(opcode: u8, payload: &[u8]) -> Vec<u8> {
    let length = u8::try_from(payload.len()).expect("a short frame");
    assert!(length < 126);
    [&[0x80 | opcode, length], payload].concat()
}

/// Payload of the client's first frame in `bytes`, and what follows it.
fn unmask(bytes: &[u8]) -> (u8, Vec<u8>, &[u8]) {
    let length = usize::from(bytes[1] & 0x7f);
    let (mask, rest) = bytes[2..].split_at(4);
    let payload = rest[..length].iter().zip(mask.iter().cycle()).map(|(b, m)| b ^ m).collect();
    (bytes[0], payload, &rest[length..])
}

#[test]
fn echo_sends_back_what_came_as_it_came() {
    let runtime = practice().runtime();
    let server = runtime
        .block_on(RawServer::start(vec![
            Step::Accept,
            Step::ReadHead,
            Step::UpgradeOk,
            Step::Write(
                [frame(1, "grüße".as_bytes()), frame(2, b"\x00\xff"), frame(1, b"")].concat(),
            ),
            Step::Read(13 + 8 + 6),
            Step::Write(frame(8, b"\x03\xe8")),
            Step::ReadToEnd,
        ]))
        .unwrap();
    let ran = run(&["cat", &format!("ws://{}/", server.addr()), "--echo"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let received = runtime.block_on(server.finished()).unwrap();
    let head = memchr::memmem::find(&received, b"\r\n\r\n").unwrap() + 4;
    let mut rest = &received[head..];
    for expected in [(0x81, "grüße".as_bytes()), (0x82, b"\x00\xff"), (0x81, b"")] {
        let (first, payload, after) = unmask(rest);
        assert_eq!((first, payload.as_slice()), expected);
        rest = after;
    }
}

#[test]
fn echo_of_large_messages_does_not_block() {
    let ran = cat("/large?size=20000000", &["--echo", "--count", "1", "--json"], b"");
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let lines = ran.json_lines();
    assert_eq!(events(&lines, "text", "out")[0]["bytes"], events(&lines, "text", "in")[0]["bytes"]);
}
