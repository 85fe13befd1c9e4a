//! Tunnels through an HTTP proxy.

use wsdeck::core::evidence::{DnsSource, FailureKind, IoProblem, Outcome, ProxyProblem};
use wsdeck::core::stage::Stage;
use wsdeck::practice::script::{RawServer, Step};

use super::*;

fn through(proxy: &str, url: &str) -> RequestSpec {
    let mut draft = draft(url);
    draft.settings.proxy = proxy.to_owned();
    spec_of(&draft)
}

#[tokio::test]
async fn the_proxy_looks_the_name_up() {
    let server = server().await;
    let url = format!("ws://far.practice.example:{}/echo", server.addr().port());
    let mut conn = Conn::open(through(&server.proxy_url(), &url)).await;
    conn.text("through");
    conn.until_received(1).await;
    conn.close(1000, "");
    let evidence = conn.ended().await;
    let stages: Vec<Stage> = evidence.stages.iter().map(|s| s.stage).collect();
    assert_eq!(stages, [Stage::Dns, Stage::Tcp, Stage::Proxy, Stage::Http, Stage::WebSocket]);
    let dns = evidence.dns.unwrap();
    assert_eq!((dns.host.as_str(), dns.source), ("127.0.0.1", DnsSource::Literal));
    let proxy = evidence.proxy.unwrap();
    assert_eq!(proxy.status, Some(200));
    assert!(proxy.request.starts_with("CONNECT far.practice.example:"));
}

#[tokio::test]
async fn tls_goes_through_the_tunnel() {
    let server = server().await;
    let mut spec = tls_spec(&server.tls_url("/echo"), &server);
    spec.proxy = Some(server.proxy_url());
    let mut conn = Conn::open(spec).await;
    conn.close(1000, "");
    assert!(conn.ended().await.tls.unwrap().version.is_some());
}

#[tokio::test]
async fn refusals_are_the_proxys() {
    let server = server().await;
    let port = server.addr().port();
    for (host, status) in [("auth.practice.example", 407), ("denied.practice.example", 403)] {
        let url = format!("ws://{host}:{port}/echo");
        let (evidence, failure) = failed(through(&server.proxy_url(), &url)).await;
        assert_eq!(failure.stage, Stage::Proxy);
        assert_eq!(failure.kind, FailureKind::Proxy(ProxyProblem::Status));
        let proxy = evidence.proxy.unwrap();
        assert_eq!(proxy.status, Some(status));
        assert!(proxy.reply.starts_with(&format!("HTTP/1.1 {status}")), "{}", proxy.reply);
    }
}

#[tokio::test]
async fn credentials_go_to_the_proxy_and_nowhere_else() {
    let server = server().await;
    let proxy = server.proxy_url().replace("http://", "http://practice:practice@");
    let url = format!("ws://auth.practice.example:{}/echo", server.addr().port());
    let mut conn = Conn::open(through(&proxy, &url)).await;
    conn.close(1000, "");
    let evidence = conn.ended().await;
    let shown = evidence.proxy.as_ref().unwrap();
    assert!(shown.request.contains("Proxy-Authorization: Basic "), "{}", shown.request);
    let json = serde_json::to_string(&evidence).unwrap();
    assert!(!json.contains("practice:practice") && !json.contains("cHJhY3RpY2U6cHJhY3RpY2U="));
}

#[tokio::test]
async fn proxies_that_are_none() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let ssh =
        RawServer::start(vec![Step::Accept, Step::Write(b"SSH-2.0-x\r\n".to_vec()), Step::Hold])
            .await
            .unwrap();
    let closed =
        RawServer::start(vec![Step::Accept, Step::ReadHead, Step::CloseNow]).await.unwrap();
    let cases = [
        (format!("http://{free}"), ProxyProblem::Unreachable(IoProblem::Refused)),
        (format!("http://{}", ssh.addr()), ProxyProblem::NotAProxy),
        (format!("{}", closed.addr()), ProxyProblem::Closed),
        ("socks5://127.0.0.1:1".to_owned(), ProxyProblem::Unsupported),
        ("http://".to_owned(), ProxyProblem::Unsupported),
    ];
    for (proxy, problem) in cases {
        let (evidence, failure) = failed(through(&proxy, "ws://far.practice.example/")).await;
        assert_eq!(failure.stage, Stage::Proxy, "{proxy}");
        assert_eq!(failure.kind, FailureKind::Proxy(problem), "{proxy}");
        assert_eq!(evidence.stages.last().unwrap().outcome, Outcome::Failed);
    }
}
