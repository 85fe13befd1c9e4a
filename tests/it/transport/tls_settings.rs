//! What a request may set about TLS: the name, versions, trust by fingerprint, key log.

use std::io::Write;
use std::sync::{Arc, Mutex};

use wsdeck::core::evidence::{Evidence, FailureKind, TlsProblem, TrustProblem};
use wsdeck::core::request::{KeyLog, TlsVersions};
use wsdeck::core::secret::Secret;
use wsdeck::practice::{Server, TlsFault};

use super::{Conn, failed, server, tls_spec};

async fn url_of(server: &Server, fault: TlsFault) -> String {
    let port = server.start_tls_fault(fault).await.unwrap().port();
    format!("wss://localhost:{port}/echo")
}

/// The record of a connection that was closed in good order.
async fn opened(spec: wsdeck::core::request::RequestSpec) -> Evidence {
    let mut conn = Conn::open(spec).await;
    conn.close(1000, "");
    conn.ended().await
}

#[tokio::test]
async fn a_certificate_is_trusted_by_its_fingerprint_alone() {
    let server = server().await;
    for fault in
        [TlsFault::SelfSigned, TlsFault::CaAsServer, TlsFault::Expired, TlsFault::WrongName]
    {
        let url = url_of(&server, fault).await;
        let (evidence, _) = failed(tls_spec(&url, &server)).await;
        let tls = evidence.tls.unwrap();
        assert!(!tls.pinned);
        let mut spec = tls_spec(&url, &server);
        spec.tls.trusted = vec!["00".repeat(32), tls.chain[0].sha256.clone()];
        let pinned = opened(spec).await.tls.unwrap();
        // The verdict stays what it was.
        assert!(pinned.pinned && pinned.trust == tls.trust && pinned.trust.is_some(), "{fault:?}");
        assert_eq!(pinned.alert_sent, None);

        let mut spec = tls_spec(&url, &server);
        spec.tls.trusted = vec!["00".repeat(32)];
        let (_, failure) = failed(spec).await;
        assert_eq!(failure.kind, FailureKind::Tls(TlsProblem::Certificate));
    }
    // One that is trusted anyway needs no pin.
    let url = server.tls_url("/echo");
    let sound = opened(tls_spec(&url, &server)).await.tls.unwrap();
    let mut spec = tls_spec(&url, &server);
    spec.tls.trusted = vec![sound.chain[0].sha256.clone()];
    let tls = opened(spec).await.tls.unwrap();
    assert!(!tls.pinned && tls.trust.is_none());
}

#[tokio::test]
async fn another_server_name_is_sent_and_checked() {
    let server = server().await;
    let url = url_of(&server, TlsFault::WrongName).await;
    let mut spec = tls_spec(&url, &server);
    spec.tls.server_name = Some("wrong.practice.example".into());
    let tls = opened(spec).await.tls.unwrap();
    assert_eq!(tls.sni.as_deref(), Some("wrong.practice.example"));
    assert_eq!(tls.trust, None);
    // And the host's own name no longer counts.
    let mut spec = tls_spec(&server.tls_url("/echo"), &server);
    spec.tls.server_name = Some("other.practice.example".into());
    let (evidence, _) = failed(spec).await;
    assert!(matches!(
        evidence.tls.unwrap().trust,
        Some(TrustProblem::WrongName { expected, .. }) if expected == "other.practice.example"
    ));
}

#[tokio::test]
async fn limits_of_the_version_are_kept() {
    let server = server().await;
    for (versions, version, fault) in [
        (TlsVersions::Only12, "TLS 1.2", TlsFault::Tls13Only),
        (TlsVersions::Only13, "TLS 1.3", TlsFault::Tls12Only),
    ] {
        let mut spec = tls_spec(&server.tls_url("/echo"), &server);
        spec.tls.versions = versions;
        let tls = opened(spec).await.tls.unwrap();
        assert_eq!(tls.version.as_deref(), Some(version));
        assert_eq!(tls.versions_offered, [version]);

        let mut spec = tls_spec(&url_of(&server, fault).await, &server);
        spec.tls.versions = versions;
        let (evidence, failure) = failed(spec).await;
        assert_eq!(failure.kind, FailureKind::Tls(TlsProblem::Alert), "{fault:?}");
        assert_eq!(evidence.tls.unwrap().alert_received.unwrap().number, 70, "{fault:?}");
    }
}

#[derive(Default)]
struct Kept(Arc<Mutex<Vec<u8>>>);

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

struct Full;

impl Write for Full {
    fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
        Err(std::io::ErrorKind::StorageFull.into())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn keys_of_the_session_are_written_and_that_is_told() {
    let server = server().await;
    let kept = Kept::default();
    let lines = Arc::clone(&kept.0);
    let mut spec = tls_spec(&server.tls_url("/echo"), &server);
    spec.tls.files.key_log =
        Some(KeyLog { path: "keys.txt".into(), sink: Arc::new(Mutex::new(kept)) });
    let tls = opened(spec).await.tls.unwrap();
    assert_eq!(tls.key_log.as_deref(), Some("keys.txt"));
    let text = String::from_utf8(lines.lock().unwrap().clone()).unwrap();
    let line = text.lines().find(|line| line.starts_with("CLIENT_TRAFFIC_SECRET_0 ")).unwrap();
    let parts: Vec<usize> = line.split(' ').map(str::len).collect();
    assert_eq!(parts[1], 64, "{line}");

    let mut spec = tls_spec(&server.tls_url("/echo"), &server);
    spec.tls.files.key_log = Some(KeyLog { path: "full".into(), sink: Arc::new(Mutex::new(Full)) });
    let tls = opened(spec).await.tls.unwrap();
    assert_eq!(tls.key_log, None);
    assert!(tls.key_log_problem.unwrap().starts_with("full: "));
}

#[tokio::test]
async fn a_client_certificate_of_another_issuer_is_refused_with_its_alert() {
    let ours = server().await;
    let other = server().await;
    let (cert, key) = other.client_identity_pem().unwrap();
    for fault in [TlsFault::ClientCertRequired, TlsFault::ClientCertRequiredTls12] {
        let mut spec = tls_spec(&url_of(&ours, fault).await, &ours);
        spec.tls.files.cert_pem = Some(cert.clone().into());
        spec.tls.files.key_pem = Some(Secret::new(key.clone()));
        let (evidence, failure) = failed(spec).await;
        assert_eq!(failure.kind, FailureKind::Tls(TlsProblem::Alert), "{fault:?} {failure:?}");
        let tls = evidence.tls.unwrap();
        assert!(tls.client_cert_sent);
        assert!(tls.client_cert_issuers[0].contains("wsdeck practice CA"));
        // decrypt_error where the authorities have one name, and so only the signature differs.
        assert!(matches!(tls.alert_received.unwrap().number, 48 | 51), "{fault:?}");
    }
}
