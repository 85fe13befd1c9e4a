//! TLS: sound, faulty, and not TLS at all.

use wsdeck::core::evidence::{EndedBy, FailureKind, HttpProblem, TlsProblem, TrustProblem};
use wsdeck::core::secret::Secret;
use wsdeck::core::stage::Stage;
use wsdeck::practice::TlsFault;
use wsdeck::practice::script::{RawServer, Step};

use super::*;

#[tokio::test]
async fn a_sound_handshake_is_described() {
    let server = server().await;
    let mut conn = Conn::open(tls_spec(&server.tls_url("/echo"), &server)).await;
    conn.text("over TLS");
    conn.until_received(1).await;
    conn.close(1000, "");
    let evidence = conn.ended().await;
    let stage = evidence.stage(Stage::Tls).unwrap();
    assert!(stage.detail.starts_with("TLS 1.3"), "{}", stage.detail);
    let tls = evidence.tls.unwrap();
    assert_eq!(tls.sni.as_deref(), Some("localhost"));
    assert_eq!(tls.version.as_deref(), Some("TLS 1.3"));
    assert!(tls.cipher.unwrap().starts_with("TLS_"));
    assert!(tls.group.is_some());
    assert_eq!(tls.alpn_offered, ["http/1.1"]);
    assert_eq!(tls.trust, None);
    assert!(tls.roots.ends_with("custom CA"));
    assert!(tls.first_bytes_hex.starts_with("1603") && tls.first_bytes_text.is_none());
    assert!(tls.chain[0].names.contains(&"localhost".to_owned()));
    assert!(tls.chain[0].names.contains(&"127.0.0.1".to_owned()));
    assert!(!tls.client_cert_requested);
    assert!(tls.close_notify);
    assert!(evidence.session.unwrap().end.unwrap().is_clean());
}

#[tokio::test]
async fn an_address_needs_no_name() {
    let server = server().await;
    let url = server.tls_url("/echo").replace("localhost", "127.0.0.1");
    let mut conn = Conn::open(tls_spec(&url, &server)).await;
    conn.close(1000, "");
    assert_eq!(conn.ended().await.tls.unwrap().sni, None);
}

#[tokio::test]
async fn faulty_certificates_are_refused_with_their_reason_and_chain() {
    let server = server().await;
    type Fits = fn(&TrustProblem) -> bool;
    let cases: [(TlsFault, Fits); 6] = [
        (TlsFault::Expired, |p| *p == TrustProblem::Expired),
        (TlsFault::NotYetValid, |p| *p == TrustProblem::NotYetValid),
        (TlsFault::WrongName, |p| {
            matches!(p, TrustProblem::WrongName { expected, presented }
                if expected == "localhost" && presented == &["wrong.practice.example"])
        }),
        (TlsFault::SelfSigned, |p| {
            matches!(p, TrustProblem::UnknownIssuer | TrustProblem::CaAsServer)
        }),
        (TlsFault::UntrustedCa, |p| *p == TrustProblem::UnknownIssuer),
        (TlsFault::MissingIntermediate, |p| *p == TrustProblem::UnknownIssuer),
    ];
    for (fault, fits) in cases {
        let port = server.start_tls_fault(fault).await.unwrap().port();
        let url = format!("wss://localhost:{port}/echo");
        let (evidence, failure) = failed(tls_spec(&url, &server)).await;
        assert_eq!(failure.stage, Stage::Tls, "{fault:?}");
        assert_eq!(failure.kind, FailureKind::Tls(TlsProblem::Certificate), "{fault:?}");
        let tls = evidence.tls.unwrap();
        assert!(fits(tls.trust.as_ref().unwrap()), "{fault:?}: {:?}", tls.trust);
        assert!(!tls.chain.is_empty() && tls.chain[0].unreadable.is_none(), "{fault:?}");
        assert!(tls.alert_sent.is_some(), "{fault:?}");

        // Without verification it opens, and the verdict is there all the same.
        let mut spec = tls_spec(&url, &server);
        spec.tls.verify = false;
        let mut conn = Conn::open(spec).await;
        conn.close(1000, "");
        let tls = conn.ended().await.tls.unwrap();
        assert!(fits(tls.trust.as_ref().unwrap()), "{fault:?}");
        assert_eq!(tls.alert_sent, None);
    }
}

#[tokio::test]
async fn a_client_certificate_is_demanded_and_shown() {
    let server = server().await;
    let (cert, key) = server.client_identity_pem().unwrap();
    for (fault, alert) in
        [(TlsFault::ClientCertRequired, 116), (TlsFault::ClientCertRequiredTls12, 40)]
    {
        let port = server.start_tls_fault(fault).await.unwrap().port();
        let url = format!("wss://localhost:{port}/echo");
        let (evidence, failure) = failed(tls_spec(&url, &server)).await;
        assert_eq!(failure.stage, Stage::Tls, "{fault:?} {failure:?}");
        assert_eq!(failure.kind, FailureKind::Tls(TlsProblem::Alert), "{fault:?}");
        let tls = evidence.tls.clone().unwrap();
        // Servers differ in the alert they choose under TLS 1.2.
        let received = tls.alert_received.unwrap();
        assert!(received.number == alert || fault == TlsFault::ClientCertRequiredTls12);
        assert!(tls.client_cert_requested && !tls.client_cert_sent);
        let stage = evidence.stage(Stage::Tls).unwrap();
        assert_eq!(stage.outcome, wsdeck::core::evidence::Outcome::Failed);

        let mut spec = tls_spec(&url, &server);
        spec.tls.files.cert_pem = Some(cert.clone().into());
        spec.tls.files.key_pem = Some(Secret::new(key.clone()));
        let mut conn = Conn::open(spec).await;
        conn.close(1000, "");
        let tls = conn.ended().await.tls.unwrap();
        assert!(tls.client_cert_requested && tls.client_cert_sent, "{fault:?}");
    }
}

#[tokio::test]
async fn an_old_server_says_so_in_an_alert() {
    let server = server().await;
    let port = server.start_tls_fault(TlsFault::OldTls).await.unwrap().port();
    let (evidence, failure) = failed(tls_spec(&format!("wss://localhost:{port}/"), &server)).await;
    assert_eq!(failure.kind, FailureKind::Tls(TlsProblem::Alert));
    assert_eq!(evidence.tls.unwrap().alert_received.unwrap().name, "protocol_version");
}

#[tokio::test]
async fn a_plain_server_on_the_tls_port_is_named() {
    for greeting in ["HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n", "SSH-2.0-Open\r\n"] {
        let raw = RawServer::start(vec![
            Step::Accept,
            Step::Read(16),
            Step::Write(greeting.into()),
            Step::Hold,
        ])
        .await
        .unwrap();
        let url = raw.url("/").replace("ws://", "wss://");
        let (evidence, failure) = failed(spec(&url)).await;
        assert_eq!(
            (failure.stage, failure.kind),
            (Stage::Tls, FailureKind::Tls(TlsProblem::NotTls))
        );
        let text = evidence.tls.unwrap().first_bytes_text.unwrap();
        assert!(text.starts_with(&greeting[..8]), "{text}");
    }
}

#[tokio::test]
async fn a_server_that_hangs_up_on_the_hello() {
    let raw = RawServer::start(vec![Step::Accept, Step::Read(16), Step::CloseNow]).await.unwrap();
    let url = raw.url("/").replace("ws://", "wss://");
    let (_, failure) = failed(spec(&url)).await;
    // Closing with bytes unread makes the system send a reset.
    assert!(
        matches!(failure.kind, FailureKind::Tls(TlsProblem::Eof | TlsProblem::Reset)),
        "{failure:?}"
    );
}

#[tokio::test]
async fn a_plain_request_to_the_tls_port() {
    let server = server().await;
    let url = format!("ws://{}/echo", server.tls_addr().unwrap());
    let (evidence, failure) = failed(spec(&url)).await;
    assert_eq!(failure.stage, Stage::Http);
    match failure.kind {
        FailureKind::Http(HttpProblem::NotHttp) => {
            assert!(evidence.http.unwrap().first_bytes_hex.unwrap().starts_with("1503"));
        }
        FailureKind::Http(HttpProblem::Eof | HttpProblem::Reset) => {
            assert_eq!(evidence.http.unwrap().received, 0);
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn files_that_do_not_fit_are_our_own_fault() {
    let server = server().await;
    let mut spec = tls_spec(&server.tls_url("/"), &server);
    spec.tls.files.ca_pem = Some(b"not a certificate".to_vec());
    let (_, failure) = failed(spec).await;
    assert_eq!(failure.kind, FailureKind::Tls(TlsProblem::CaFile));
}

#[tokio::test]
async fn ended_without_close_notify() {
    let server = server().await;
    let evidence = ran(tls_spec(&server.tls_url("/drop"), &server)).await;
    assert!(!evidence.tls.as_ref().unwrap().close_notify);
    let end = evidence.session.unwrap().end.unwrap();
    assert_eq!((end.by, end.close_received), (EndedBy::PeerDropped, false));
}
