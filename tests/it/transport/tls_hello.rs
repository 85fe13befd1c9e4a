//! A TLS greeting that only looks at who answers.

use std::net::SocketAddr;
use std::time::Duration;

use wsdeck::core::evidence::IoProblem;
use wsdeck::core::request::TlsVersions;
use wsdeck::net::{HelloAlpn, HelloKind, HelloOutcome, TlsHelloResult, tls_hello};
use wsdeck::practice::TlsFault;
use wsdeck::practice::script::{RawServer, Step};

use super::{PATIENCE, server, within};

async fn greet(host: Option<&str>, address: SocketAddr, hello: HelloKind) -> TlsHelloResult {
    within(tls_hello(host, address, hello, PATIENCE)).await
}

#[tokio::test]
async fn a_server_shows_its_version_and_chain() {
    let server = server().await;
    let address = server.tls_addr().unwrap();
    let seen = greet(Some("localhost"), address, HelloKind::default()).await;
    assert_eq!(seen.outcome, HelloOutcome::Agreed, "{}", seen.text);
    assert_eq!(seen.facts.version.as_deref(), Some("TLS 1.3"));
    assert_eq!(seen.facts.sni.as_deref(), Some("localhost"));
    assert_eq!(seen.facts.chain[0].names[0], "localhost");
    assert_eq!(seen.facts.key_shares, ["X25519"]);
    assert!(seen.facts.hello_bytes > 100 && seen.facts.record_version.is_some());

    let hello = HelloKind { versions: TlsVersions::Only12, alpn: HelloAlpn::None };
    let seen = greet(None, address, hello).await;
    assert_eq!(seen.outcome, HelloOutcome::Agreed, "{}", seen.text);
    assert_eq!(seen.facts.version.as_deref(), Some("TLS 1.2"));
    assert_eq!(seen.facts.server_hello_version.as_deref(), Some("TLS 1.2"));
    assert_eq!(seen.facts.versions_offered, ["TLS 1.2"]);
    assert!(seen.facts.sni.is_none() && seen.facts.alpn_offered.is_empty());
    assert_eq!(server.counts().requests, 0);
}

#[tokio::test]
async fn a_server_that_wants_a_certificate_tells_whose() {
    let server = server().await;
    let address = server.start_tls_fault(TlsFault::ClientCertRequired).await.unwrap();
    let seen = greet(Some("localhost"), address, HelloKind::default()).await;
    assert_eq!(seen.outcome, HelloOutcome::Agreed, "{}", seen.text);
    assert!(seen.facts.client_cert_requested && !seen.facts.client_cert_sent);
    assert!(seen.facts.client_cert_issuers[0].contains("wsdeck practice CA"), "{:?}", seen.facts);
    assert!(!seen.facts.client_cert_schemes.is_empty());
}

#[tokio::test]
async fn what_is_no_tls_is_told_apart() {
    let server = server().await;
    let old = server.start_tls_fault(TlsFault::OldTls).await.unwrap();
    let seen = greet(Some("localhost"), old, HelloKind::default()).await;
    assert_eq!(seen.outcome, HelloOutcome::Alert);
    assert_eq!(seen.facts.alert_received.unwrap().number, 70);
    assert_eq!(seen.facts.record_version.as_deref(), Some("TLS 1.0"));

    let seen = greet(Some("localhost"), server.addr(), HelloKind::default()).await;
    assert_eq!(seen.outcome, HelloOutcome::NotTls);
    assert!(seen.facts.first_bytes_text.unwrap().starts_with("HTTP/1.1 400"));

    let raw = RawServer::start(vec![Step::Accept, Step::Read(16), Step::Hold]).await.unwrap();
    let quick = Duration::from_millis(200);
    let seen = within(tls_hello(None, raw.addr(), HelloKind::default(), quick)).await;
    assert_eq!(seen.outcome, HelloOutcome::Silent);
    assert!(seen.facts.hello_bytes > 0);

    let raw = RawServer::start(vec![Step::Accept, Step::CloseNow]).await.unwrap();
    let seen = greet(None, raw.addr(), HelloKind::default()).await;
    assert!(matches!(seen.outcome, HelloOutcome::Closed | HelloOutcome::Reset), "{seen:?}");

    let address = server.addr();
    server.shutdown().await;
    let seen = greet(None, address, HelloKind::default()).await;
    assert_eq!(seen.outcome, HelloOutcome::Unconnected(IoProblem::Refused));
}
