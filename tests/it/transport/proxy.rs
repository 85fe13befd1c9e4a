//! Ways through proxies: HTTP, HTTP over TLS, SOCKS; and who chose them.

use wsdeck::core::evidence::{DnsSource, FailureKind, IoProblem, Outcome, ProxyKind, ProxyProblem};
use wsdeck::core::proxy::{ProxyEnvironment, ProxyUse};
use wsdeck::core::secret::Secret;
use wsdeck::core::stage::Stage;
use wsdeck::practice::ProxyFault;
use wsdeck::practice::script::{RawServer, Step};

use super::*;

/// A proxy as the setting names it.
fn by_hand(url: &str) -> ProxyUse {
    ProxyUse { url: Secret::new(url), source: "setting".into() }
}

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
    spec.proxy = Some(by_hand(&server.proxy_url()));
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
        ("quic://127.0.0.1:1".to_owned(), ProxyProblem::Unsupported),
        ("http://".to_owned(), ProxyProblem::Unsupported),
    ];
    for (proxy, problem) in cases {
        let (evidence, failure) = failed(through(&proxy, "ws://far.practice.example/")).await;
        assert_eq!(failure.stage, Stage::Proxy, "{proxy}");
        assert_eq!(failure.kind, FailureKind::Proxy(problem), "{proxy}");
        assert_eq!(evidence.stages.last().unwrap().outcome, Outcome::Failed);
    }
}

/// A connection through this proxy that opens and ends in order; its record.
async fn opened_through(proxy: &str, server: &Server) -> wsdeck::core::evidence::Evidence {
    let url = format!("ws://far.practice.example:{}/echo", server.addr().port());
    let mut conn = Conn::open(through(proxy, &url)).await;
    conn.text("through");
    conn.until_received(1).await;
    conn.close(1000, "");
    conn.ended().await
}

#[tokio::test]
async fn socks_resolves_there_or_here() {
    let server = server().await;
    let at = server.addr();
    for (proxy, kind) in [
        (format!("socks5h://{at}"), ProxyKind::Socks5h),
        (format!("socks4a://{at}"), ProxyKind::Socks4a),
    ] {
        let evidence = opened_through(&proxy, &server).await;
        let stages: Vec<Stage> = evidence.stages.iter().map(|s| s.stage).collect();
        assert_eq!(stages, [Stage::Dns, Stage::Tcp, Stage::Proxy, Stage::Http, Stage::WebSocket]);
        let facts = evidence.proxy.unwrap();
        assert_eq!(facts.kind, kind);
        assert!(facts.request.contains("far.practice.example"), "{}", facts.request);
        let socks = facts.socks.unwrap();
        assert_eq!(socks.reply, Some(if kind == ProxyKind::Socks4a { 90 } else { 0 }));
    }

    // Names that are resolved here: the answer given beforehand is what goes to the proxy.
    for scheme in ["socks5", "socks4"] {
        let port = at.port();
        let mut draft = draft(&format!("ws://here.practice.example:{port}/echo"));
        draft.settings.proxy = format!("{scheme}://{at}");
        draft.settings.resolve = vec![format!("here.practice.example:{port}:127.0.0.1")];
        let mut conn = Conn::open(spec_of(&draft)).await;
        conn.close(1000, "");
        let evidence = conn.ended().await;
        let dns = evidence.dns.unwrap();
        assert_eq!((&*dns.host, dns.source), ("here.practice.example", DnsSource::Override));
        let facts = evidence.proxy.unwrap();
        assert!(facts.request.contains(&format!("127.0.0.1:{port}")), "{}", facts.request);
    }
}

#[tokio::test]
async fn a_name_that_is_not_resolved_here_is_a_matter_of_dns() {
    let server = server().await;
    let mut draft = draft("ws://here.practice.example:9/");
    draft.settings.proxy = format!("socks4://{}", server.addr());
    draft.settings.resolve = vec!["here.practice.example:9:::1".into()];
    let (evidence, failure) = failed(spec_of(&draft)).await;
    // SOCKS 4 has no room for an IPv6 address.
    assert_eq!(failure.kind, FailureKind::Proxy(ProxyProblem::Unsupported), "{}", failure.text);
    assert_eq!(evidence.dns.unwrap().host, "here.practice.example");
    draft.settings.ip_family = wsdeck::core::request::IpFamily::V4;
    let (_, failure) = failed(spec_of(&draft)).await;
    assert_eq!(failure.stage, Stage::Dns);
}

#[tokio::test]
async fn socks_logins() {
    let server = server().await;
    let at = server.start_proxy_fault(ProxyFault::SocksLogin).await.unwrap();
    let evidence = opened_through(&format!("socks5h://practice:practice@{at}"), &server).await;
    let facts = evidence.proxy.as_ref().unwrap();
    let socks = facts.socks.clone().unwrap();
    assert_eq!((socks.methods_offered, socks.method), (vec![0, 2], Some(2)));
    assert_eq!((socks.login_status, socks.reply), (Some(0), Some(0)));
    assert!(facts.reply.starts_with("05 02\n01 00\n05 00 00 01"), "{}", facts.reply);

    for (login, method, status) in
        [("", Some(255), None), ("practice:s3cret-w0rd@", Some(2), Some(1))]
    {
        let url = "ws://far.practice.example/";
        let (evidence, failure) = failed(through(&format!("socks5h://{login}{at}"), url)).await;
        assert_eq!(failure.kind, FailureKind::Proxy(ProxyProblem::SocksAuth));
        let socks = evidence.proxy.as_ref().unwrap().socks.clone().unwrap();
        assert_eq!((socks.method, socks.login_status), (method, status));
        let json = serde_json::to_string(&evidence).unwrap();
        assert!(!json.contains("s3cret-w0rd"), "{json}");
    }
}

#[tokio::test]
async fn socks_replies_are_kept() {
    let server = server().await;
    for code in [1, 2, 3, 4, 5, 6, 7, 8, 200] {
        let at = server.start_proxy_fault(ProxyFault::SocksReply(code)).await.unwrap();
        let (evidence, failure) =
            failed(through(&format!("socks5h://{at}"), "ws://far.practice.example/")).await;
        assert_eq!(failure.kind, FailureKind::Proxy(ProxyProblem::SocksReply), "{code}");
        assert_eq!(evidence.proxy.unwrap().socks.unwrap().reply, Some(code));
    }
    let at = server.start_proxy_fault(ProxyFault::SocksReply(1)).await.unwrap();
    let (evidence, failure) =
        failed(through(&format!("socks4a://{at}"), "ws://far.practice.example/")).await;
    assert_eq!(failure.kind, FailureKind::Proxy(ProxyProblem::SocksReply));
    assert_eq!(evidence.proxy.unwrap().socks.unwrap().reply, Some(91));
}

#[tokio::test]
async fn proxies_of_the_other_kind_show_their_first_bytes() {
    let server = server().await;
    let http = server.start_proxy_fault(ProxyFault::Status(502)).await.unwrap();
    let socks = server.start_proxy_fault(ProxyFault::SocksLogin).await.unwrap();
    let ssh = server.start_proxy_fault(ProxyFault::OtherProtocol).await.unwrap();
    for (proxy, begin) in [
        (format!("socks5h://{http}"), "485454502f312e31"),
        (format!("socks4a://{http}"), "485454502f312e31"),
        (format!("http://{socks}"), "05ff"),
        (format!("socks4a://{ssh}"), "5353482d"),
        (format!("http://{ssh}"), "5353482d"),
    ] {
        let (evidence, failure) = failed(through(&proxy, "ws://far.practice.example/")).await;
        assert_eq!(failure.kind, FailureKind::Proxy(ProxyProblem::NotAProxy), "{proxy}");
        let hex = evidence.proxy.unwrap().first_bytes_hex.unwrap();
        assert!(hex.starts_with(begin), "{proxy}: {hex}");
    }
    let cut = server.start_proxy_fault(ProxyFault::SocksCut).await.unwrap();
    let (_, failure) = failed(through(&format!("socks5h://{cut}"), "ws://a.example/")).await;
    assert_eq!(failure.kind, FailureKind::Proxy(ProxyProblem::Closed));
}

#[tokio::test]
async fn a_silent_proxy_meets_the_time_limit() {
    let server = server().await;
    let at = server.start_proxy_fault(ProxyFault::Silent).await.unwrap();
    for scheme in ["http", "https", "socks5h", "socks4a"] {
        let mut spec = through(&format!("{scheme}://{at}"), "ws://far.practice.example/");
        spec.connect_timeout_ms = 300;
        let (_, failure) = failed(spec).await;
        assert_eq!((failure.stage, failure.kind), (Stage::Proxy, FailureKind::TimedOut));
    }
}

#[tokio::test]
async fn a_proxy_over_tls() {
    let server = server().await;
    let files = Files { ca_pem: Some(server.ca_pem().into()), ..Files::default() };
    let through = |proxy: &str, url: &str, files: Files| {
        let mut draft = draft(url);
        draft.settings.proxy = proxy.to_owned();
        draft.spec(&AuthContribution::default(), files).unwrap()
    };
    let plain = format!("ws://far.practice.example:{}/echo", server.addr().port());
    for (url, inner) in [(plain.clone(), false), (server.tls_url("/echo"), true)] {
        let mut conn = Conn::open(through(&server.tls_proxy_url(), &url, files.clone())).await;
        conn.text("through");
        conn.until_received(1).await;
        conn.close(1000, "");
        let evidence = conn.ended().await;
        let facts = evidence.proxy.unwrap();
        assert_eq!((facts.kind, facts.status), (ProxyKind::Https, Some(200)));
        assert!(facts.tls.unwrap().version.is_some());
        assert_eq!(evidence.tls.is_some(), inner);
    }

    // The proxy's certificate is judged as a server's is.
    let untrusted = through(&server.tls_proxy_url(), &plain, Files::default());
    let (evidence, failure) = failed(untrusted).await;
    assert_eq!(failure.kind, FailureKind::Proxy(ProxyProblem::Tls));
    assert!(evidence.proxy.unwrap().tls.unwrap().trust.is_some());
    assert!(evidence.tls.is_none());

    let not_tls = through(&format!("https://{}", server.addr()), &plain, files);
    let (evidence, failure) = failed(not_tls).await;
    assert_eq!(failure.kind, FailureKind::Proxy(ProxyProblem::NotTls));
    assert!(evidence.proxy.unwrap().first_bytes_hex.unwrap().starts_with("48545450"));
}

#[tokio::test]
async fn the_environment_chooses_and_exempts() {
    let server = server().await;
    let (proxy, port) = (server.proxy_url(), server.addr().port());
    let spec = |url: &str, no_proxy: &str| {
        let proxy_environment = ProxyEnvironment::read(|name| match name {
            "http_proxy" => Some(proxy.clone()),
            "NO_PROXY" => Some(no_proxy.to_owned()),
            _ => None,
        });
        let files = Files { proxy_environment, ..Files::default() };
        draft(url).spec(&AuthContribution::default(), files).unwrap()
    };
    let mut conn = Conn::open(spec(&format!("ws://far.practice.example:{port}/echo"), "")).await;
    conn.close(1000, "");
    assert_eq!(conn.ended().await.proxy.unwrap().source, "http_proxy");

    let mut conn = Conn::open(spec(&server.url("/echo"), "127.0.0.0/8")).await;
    conn.close(1000, "");
    let evidence = conn.ended().await;
    assert!(evidence.proxy.is_none());
    let exemption = evidence.request.proxy_exemption.unwrap();
    assert_eq!((&*exemption.source, &*exemption.entry), ("NO_PROXY", "127.0.0.0/8"));
}

#[tokio::test]
async fn a_digest_challenge_is_answered_once() {
    let server = server().await;
    let url = format!("ws://digest.practice.example:{}/echo", server.addr().port());
    let with = |login: &str| server.proxy_url().replace("http://", &format!("http://{login}"));
    let mut conn = Conn::open(through(&with("practice:practice@"), &url)).await;
    conn.text("through");
    conn.until_received(1).await;
    conn.close(1000, "");
    let evidence = conn.ended().await;
    let proxy = evidence.proxy.as_ref().unwrap();
    assert_eq!(proxy.status, Some(200), "{proxy:?}");
    assert_eq!(proxy.earlier.len(), 1);
    assert_eq!(proxy.earlier[0].status, Some(407));
    assert!(proxy.earlier[0].request.contains("Proxy-Authorization: Basic •"), "{proxy:?}");
    assert!(proxy.earlier[0].reply.contains("Proxy-Authenticate: Digest "), "{proxy:?}");
    assert!(proxy.request.contains("Proxy-Authorization: Digest •"), "{}", proxy.request);
    assert!(!proxy.request.contains("response="), "{}", proxy.request);
    let stages: Vec<Stage> = evidence.stages.iter().map(|s| s.stage).collect();
    assert_eq!(stages, [Stage::Dns, Stage::Tcp, Stage::Proxy, Stage::Http, Stage::WebSocket]);

    for (login, asked) in [("practice:wrong-pw@", 2), ("", 1)] {
        let before = server.counts().requests;
        let (evidence, failure) = failed(through(&with(login), &url)).await;
        assert_eq!(failure.kind, FailureKind::Proxy(ProxyProblem::Status), "{login}");
        assert_eq!(evidence.proxy.unwrap().status, Some(407));
        assert_eq!(server.counts().requests - before, asked, "{login}");
    }
}

#[tokio::test]
async fn a_digest_challenge_is_answered_over_tls_to_the_proxy() {
    let server = server().await;
    let url = format!("ws://digest.practice.example:{}/echo", server.addr().port());
    let proxy = server.tls_proxy_url().replace("https://", "https://practice:practice@");
    let mut draft = draft(&url);
    draft.settings.proxy = proxy;
    let files = Files { ca_pem: Some(server.ca_pem().into()), ..Files::default() };
    let spec = draft.spec(&AuthContribution::default(), files).unwrap();
    let mut conn = Conn::open(spec).await;
    conn.close(1000, "");
    assert_eq!(conn.ended().await.proxy.unwrap().earlier.len(), 1);
}
