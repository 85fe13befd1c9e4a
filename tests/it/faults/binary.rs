//! The same from outside: `check --json` names the fault and ends with the exit code of its phase.

use crate::cli::run::{finish, wsdeck};

use super::peer::{self, Act, Peer};
use super::*;

/// Address, further options, code, exit code.
async fn rows(server: &Server, peers: &mut Vec<Peer>) -> Vec<(Vec<String>, &'static str, i32)> {
    let mut start = async |acts: Vec<Act>| {
        let peer = Peer::start(acts).await;
        let addr = peer.addr().to_string();
        peers.push(peer);
        addr
    };
    let free =
        std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("bound");
    let html = peer::reply("403 Forbidden", "", "request origin not allowed");
    let plain = start(html).await;
    let ssh = start(vec![Act::Read(16), Act::Bytes(b"SSH-2.0-x\r\n".to_vec())]).await;
    let broken = start(peer::stays(peer::frame(0x83, b"?"))).await;
    let silent = start(vec![Act::Hold]).await;
    let refusing =
        start(peer::answer("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")).await;
    let practice = server.addr();
    let one = |url: String| vec![url];
    vec![
        (one(server.url("/echo")), "", 0),
        (one("ws://a b/".to_owned()), "url/blank-or-invisible", 10),
        (one("ws://a..b.example/".to_owned()), "dns/bad-name", 11),
        (one(format!("ws://{free}/")), "tcp/refused", 12),
        (
            vec![server.url("/echo"), "--proxy".into(), format!("http://{refusing}")],
            "proxy/connect-5xx",
            13,
        ),
        (one(format!("wss://{practice}/")), "tls/plain-http-server", 14),
        (one(format!("wss://{ssh}/")), "tls/plain-other-server", 14),
        (one(format!("ws://{plain}/")), "http/403-origin", 15),
        (
            vec![format!("ws://{silent}/"), "--connect-timeout".into(), "0.4".into()],
            "http/silent",
            15,
        ),
        (one(server.url("/auth/bearer")), "http/401-no-credentials", 15),
        (one(server.url("/no-accept")), "ws/accept-missing", 16),
        (one(format!("ws://{broken}/")), "ws/frame-opcode", 16),
        (one(server.url("/no-pong")), "ws/ping-unanswered", 16),
        (one(server.url("/close/1011")), "ws/close-1011", 16),
        (
            vec![server.url("/drop?after=1"), "--send".into(), "x".into()],
            "msg/one-request-then-close",
            16,
        ),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn check_ends_with_the_exit_code_of_the_phase() {
    let server = Server::start(practice::Options::default()).await.expect("it starts");
    let mut peers = Vec::new();
    let mut running = tokio::task::JoinSet::new();
    for (arguments, code, exit) in rows(&server, &mut peers).await {
        running.spawn_blocking(move || {
            let mut words = vec!["check", "--json", "--wait", "0.3"];
            words.extend(arguments.iter().map(String::as_str));
            let ran = finish(wsdeck(&words), b"");
            let report = ran.json();
            let told = report["code"].as_str().unwrap_or_default().to_owned();
            assert_eq!(
                (told.as_str(), ran.code),
                (code, exit),
                "{arguments:?}: {}",
                report["summary"]
            );
            assert_eq!(report["ok"], exit == 0, "{arguments:?}");
        });
    }
    while let Some(done) = running.join_next().await {
        done.expect("every row fits");
    }
}

/// A variable leads a local address to a proxy that cannot reach it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_proxy_of_the_environment_is_named() {
    let refusing = peer::answer("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n");
    let proxy = Peer::start(refusing).await;
    let url = format!("http://{}", proxy.addr());
    let ran = tokio::task::spawn_blocking(move || {
        let mut command = wsdeck(&["check", "--json", "ws://10.1.2.3:9/"]);
        command.env("http_proxy", url);
        finish(command, b"")
    });
    let ran = ran.await.expect("it ran");
    let report = ran.json();
    assert_eq!((report["code"].as_str(), ran.code), (Some("proxy/connect-5xx"), 13));
    let codes: Vec<_> =
        report["findings"].as_array().expect("a list").iter().map(|f| &f["code"]).collect();
    assert!(codes.iter().any(|code| *code == "proxy/env-surprise"), "{codes:?}");
}
