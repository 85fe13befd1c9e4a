//! `check --probe`: what is changed, what is concluded, and that nothing of the user's goes out.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use wsdeck::practice::TlsFault;
use wsdeck::practice::script::{RawServer, Step};

use super::practice::practice;
use super::run::{Ran, run};

fn probed(url: &str, options: &[&str]) -> Ran {
    run(&[&["check", url, "--probe", "--json", "--wait", "0"], options].concat())
}

/// Kinds and results of the probes that were made.
fn made(out: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let probes = out["probes"].as_array().expect("probes is a list");
    assert_eq!(out["evidence"]["probes"].as_array().unwrap_or(&Vec::new()), probes);
    probes.iter().map(|p| (text(&p["kind"]), text(&p["result"]["kind"]))).collect()
}

#[test]
fn each_fault_is_settled_by_one_change() {
    let p = practice();
    let tls_port = p.tls_url("/echo").replacen("wss:", "ws:", 1);
    let h2 = p.faulty(TlsFault::Http2Only);
    let location = p.url("/status/308?location=/echo");
    let scheme = |name: &str| json!({"kind": "set-scheme", "scheme": name});
    let none = || Value::Null;
    let origin = |v: &str| json!({"kind": "set-header", "name": "Origin", "value": v});
    let own = format!("http://{}", p.addr());
    let chat = json!({"kind": "set-subprotocols", "names": ["chat.v2"]});
    let path = |path: &str| json!({"kind": "set-path", "path": path});
    let engine = json!({"kind": "set-url", "url": p.url("/socket.io/?EIO=4&transport=websocket")});
    // url, options, the probe that decides, what is concluded, finding, its first remedy
    for (url, options, kind, told, code, fix) in [
        (
            &tls_port,
            &[][..],
            "tls-hello",
            "the scheme should be wss",
            "http/tls-port-alert",
            scheme("wss"),
        ),
        (
            &p.wss_to_plain("/echo"),
            &[],
            "plain-get",
            "the scheme should be ws",
            "tls/plain-http-server",
            scheme("ws"),
        ),
        (
            &p.url("/origin/own"),
            &[],
            "own-origin",
            "403 only when Origin is absent",
            "http/403-origin",
            origin(&own),
        ),
        (
            &p.url("/origin/none"),
            &["--origin", "https://x.example"],
            "without-origin",
            "403 only when Origin is “https://x.example”",
            "http/403-origin",
            json!({"kind": "disable-header", "name": "Origin"}),
        ),
        (
            &p.url("/subprotocol/required"),
            &[],
            "other-subprotocol",
            "it opens with the subprotocol chat.v2",
            "http/400-subprotocol",
            chat,
        ),
        (
            &p.url("/slash"),
            &[],
            "trailing-slash",
            "it opens with a slash at the end",
            "http/404-path",
            path("/slash/"),
        ),
        (
            &p.url("/socket"),
            &[],
            "web-socket-suffix",
            "it opens with /websocket",
            "msg/phoenix-path",
            path("/socket/websocket"),
        ),
        (
            &p.url("/socket.io/"),
            &[],
            "engine-io",
            "it opens at /socket.io/",
            "http/400-engineio",
            engine,
        ),
        (
            &location,
            &[],
            "follow-redirect",
            "it opens at the redirect's path",
            "http/redirect-path",
            path("/echo"),
        ),
        (&h2, &[], "tls-h2", "HTTP/2 only", "tls/no-alpn", none()),
        (
            &p.url("/hang"),
            &["--connect-timeout", "0.3"],
            "plain-get",
            "does not answer the upgrade",
            "http/silent",
            none(),
        ),
        (
            &p.tls_url("/echo"),
            &[],
            "tls-unverified",
            "TLS itself works",
            "tls/cert-private-ca",
            none(),
        ),
    ] {
        let ran = probed(url, options);
        let out = ran.json();
        let conclusion = out["conclusion"].as_str().unwrap_or_default();
        assert!(conclusion.contains(told), "{url}: {conclusion}\n{out}");
        assert_eq!(out["code"], code, "{url}: {out}");
        let last = made(&out).pop().expect("a probe was made");
        assert_eq!(last.0, kind, "{url}: {:?}", made(&out));
        assert!(out["explanation"].as_str().unwrap().contains("Checked: "), "{url}: {out}");
        if fix != Value::Null {
            assert_eq!(out["fixes"][0]["change"], fix, "{url}: {out}");
        }
        // What failed is what failed, whatever the probe found.
        let plain = run(&[&["check", url.as_str(), "--json", "--wait", "0"], options].concat());
        assert_eq!(ran.code, plain.code, "{url}");
        assert!(plain.json().get("probes").is_none() && plain.json().get("conclusion").is_none());
    }
}

#[test]
fn ports_below_http_are_told_by_what_they_do() {
    let runtime = practice().runtime();
    let script = |steps: Vec<Step>| runtime.block_on(RawServer::start(steps)).unwrap();
    // The attempt, the TLS greeting, and then the one that says nothing.
    let closing = || {
        let once = [Step::Accept, Step::CloseNow];
        script(once.iter().cycle().take(6).cloned().collect())
    };
    let server = closing();
    let out = probed(&server.url("/"), &[]).json();
    assert_eq!(out["code"], "tcp/accepted-then-closed", "{out}");
    let ssh = [Step::Accept, Step::Write(b"SSH-2.0-x\r\n".to_vec()), Step::CloseNow];
    let server = script(ssh.iter().cycle().take(12).cloned().collect());
    let url = server.url("/").replacen("ws:", "wss:", 1);
    let out = probed(&url, &[]).json();
    let conclusion = out["conclusion"].as_str().unwrap_or_default();
    assert!(conclusion.contains("SSH-2.0-x"), "{out}");
    assert_eq!(out["code"], "tls/plain-other-server", "{out}");
}

#[test]
fn one_dead_address_is_told_though_the_other_works() {
    let p = practice();
    let port = p.addr().port();
    let resolve = [format!("localhost:{port}:::1"), format!("localhost:{port}:127.0.0.1")];
    let url = format!("ws://localhost:{port}/echo");
    let ran = probed(&url, &["--resolve", &resolve[0], "--resolve", &resolve[1]]);
    let out = ran.json();
    assert_eq!(ran.code, 0, "{out}");
    // Without IPv6 on this machine there is no refusal that a rule could have seen.
    if made(&out).iter().any(|(kind, _)| kind == "each-address") {
        let conclusion = out["conclusion"].as_str().unwrap_or_default();
        assert!(conclusion.contains(&format!("Only 127.0.0.1:{port}")), "{out}");
    }
}

#[test]
fn people_read_a_table_and_a_sentence() {
    let p = practice();
    let ran = run(&["check", &p.url("/origin/own"), "--probe"]);
    let row = ran.stdout.lines().find(|line| line.contains("with Origin: http://"));
    let row = row.unwrap_or_else(|| panic!("{}", ran.stdout));
    assert!(row.contains(" ms") && row.contains("opens"), "{row}");
    assert!(ran.stdout.contains("⇒ 403 only when Origin is absent."), "{}", ran.stdout);
    let healthy = run(&["check", &p.url("/echo"), "--probe", "--wait", "0"]);
    assert_eq!(healthy.code, 0);
    assert!(healthy.stdout.contains("No probe would tell more."), "{}", healthy.stdout);
}

#[test]
fn what_sends_credentials_waits_for_its_flag_and_is_named() {
    let p = practice();
    let url = p.url("/status/404");
    let auth = ["--auth", "bearer", "--auth-param", "token=tok-4711-very-secret"];
    let unasked = run(&[&["check", &url, "--probe"][..], &auth].concat());
    assert!(unasked.stdout.contains("not made: "), "{}", unasked.stdout);
    assert!(unasked.stdout.contains("--probe-with-credentials"), "{}", unasked.stdout);
    let asked = run(&[&["check", &url, "--probe-with-credentials"][..], &auth].concat());
    assert!(asked.stderr.contains("sends header Authorization to 127.0.0.1"), "{}", asked.stderr);
    assert!(asked.stdout.contains("(credentials sent)"), "{}", asked.stdout);
    for text in [&unasked.stdout, &asked.stdout, &asked.stderr] {
        assert!(!text.contains("4711-"), "{text}");
    }
    // After a refused login there is none to ask for.
    let url = p.url("/auth/bearer");
    let refused = run(&[&["check", &url, "--probe-with-credentials"][..], &auth].concat());
    assert!(refused.stdout.contains("No probe would tell more."), "{}", refused.stdout);
    assert!(refused.stderr.is_empty(), "{}", refused.stderr);
}

/// Passes connections on to a server and keeps every byte that clients send, connection by
/// connection.
struct Recorder {
    addr: SocketAddr,
    heard: Arc<Mutex<Vec<Vec<u8>>>>,
}

impl Recorder {
    fn before(server: SocketAddr) -> Recorder {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let addr = listener.local_addr().unwrap();
        let heard: Arc<Mutex<Vec<Vec<u8>>>> = Arc::default();
        let kept = Arc::clone(&heard);
        std::thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let number = {
                    let mut kept = kept.lock().unwrap();
                    kept.push(Vec::new());
                    kept.len() - 1
                };
                let Ok(server) = TcpStream::connect(server) else { return };
                let kept = Arc::clone(&kept);
                let (up, down) = (server.try_clone().unwrap(), client.try_clone().unwrap());
                std::thread::spawn(move || {
                    carry(client, up, |bytes| kept.lock().unwrap()[number].extend(bytes));
                });
                std::thread::spawn(move || carry(server, down, |_| {}));
            }
        });
        Recorder { addr, heard }
    }
}

fn carry(mut from: TcpStream, mut to: TcpStream, mut see: impl FnMut(&[u8])) {
    let mut buffer = [0; 4096];
    while let Ok(count) = from.read(&mut buffer) {
        see(&buffer[..count]);
        if count == 0 || to.write_all(&buffer[..count]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Write);
}

/// The first connection is the attempt, which sends the secret; all others are probes, which
/// must not hold a trace of it.
#[test]
fn not_a_byte_of_a_secret_goes_out_with_bare_probes() {
    const SECRET: &str = "tok-4711-very-secret";
    let p = practice();
    let auth = |kind: &'static str, params: &[&str]| {
        let mut options = vec!["--auth".to_owned(), kind.to_owned()];
        for param in params {
            options.extend(["--auth-param".to_owned(), (*param).to_owned()]);
        }
        options
    };
    let value = format!("value={SECRET}");
    let token = format!("token={SECRET}");
    let password = format!("password={SECRET}");
    let ways: Vec<Vec<String>> = vec![
        auth("bearer", &[&token]),
        auth("basic", &["username=u", &password]),
        auth("api-key", &["in=header", "name=X-Key", &value]),
        auth("api-key", &["in=query", "name=k", &value]),
        auth("api-key", &["in=cookie", "name=c", &value]),
        auth("api-key", &["in=subprotocol", "name=bearer", &value]),
        vec!["-H".into(), format!("X-Whatever: {SECRET}")],
        vec!["--origin".into(), format!("https://{SECRET}.example")],
        vec!["--subprotocol".into(), SECRET.into()],
    ];
    // One path for each ladder that makes requests.
    let paths = ["/status/404", "/status/400", "/status/503", "/origin/own", "/hang", "/socket"];
    for path in paths {
        // That ladder listens for a second each time, and is the same for all of them.
        let some = if path == "/hang" { 1 } else { ways.len() };
        for way in &ways[..some] {
            let recorder = Recorder::before(p.addr());
            let url = format!("ws://user:{SECRET}@{}{path}?access_token={SECRET}", recorder.addr);
            let mut args =
                vec!["check", &url, "--probe", "--json", "--wait", "0", "--connect-timeout", "0.5"];
            args.extend(way.iter().map(String::as_str));
            let ran = run(&args);
            let out = ran.json();
            let heard = recorder.heard.lock().unwrap().clone();
            assert!(heard.len() > 1, "{path} {way:?}: no probe was made, {out}");
            assert!(memory_of(&heard[0], SECRET), "{path}: the attempt sends it");
            for bytes in &heard[1..] {
                let text = String::from_utf8_lossy(bytes).to_lowercase();
                for trace in [
                    "4711-",
                    "dg9rltq3mt",
                    "authorization",
                    "cookie",
                    "x-whatever",
                    "x-key",
                    "access_token",
                    "bearer",
                    "user:",
                ] {
                    assert!(!text.contains(trace), "{path} {way:?} {trace}:\n{text}");
                }
            }
            // Not by its digits alone: a port may have them.
            assert!(!ran.stdout.contains("4711-") && !ran.stderr.contains("4711-"), "{out}");
        }
    }
}

fn memory_of(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}
