//! The TLS port, and the ports where TLS is wrong on purpose, as rustls sees them.

use std::net::SocketAddr;
use std::sync::Arc;

use futures_util::{SinkExt, StreamExt};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{AlertDescription, CertificateError, ClientConfig, Error, RootCertStore};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_tungstenite::tungstenite::Message;

use super::{HANDSHAKE, server};
use crate::practice::{Server, TlsFault};

/// A client that trusts the server's authority, with its client certificate if asked.
fn config(server: &Server, identity: bool) -> Arc<ClientConfig> {
    let mut roots = RootCertStore::empty();
    let ca = CertificateDer::from_pem_slice(server.ca_pem().as_bytes()).expect("PEM");
    roots.add(ca).expect("a certificate");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(roots);
    Arc::new(if identity {
        let (cert, key) = server.client_identity_pem().expect("made");
        let cert = CertificateDer::from_pem_slice(cert.as_bytes()).expect("PEM");
        let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).expect("PEM");
        builder.with_client_auth_cert(vec![cert], key).expect("fits")
    } else {
        builder.with_no_client_auth()
    })
}

async fn shake(
    addr: SocketAddr,
    name: &'static str,
    config: Arc<ClientConfig>,
) -> std::io::Result<TlsStream<TcpStream>> {
    let tcp = TcpStream::connect(addr).await?;
    let name = ServerName::try_from(name).expect("a name");
    TlsConnector::from(config).connect(name, tcp).await
}

fn cause(error: &std::io::Error) -> &Error {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref());
    inner.unwrap_or_else(|| panic!("{error:?} is none of rustls"))
}

#[tokio::test]
async fn the_tls_port_is_as_it_should_be() {
    let server = server().await;
    let addr = server.tls_addr().expect("a TLS port");
    for name in ["localhost", "127.0.0.1", "::1"] {
        let tls = shake(addr, name, config(&server, false)).await.expect("trusted");
        let opened = tokio_tungstenite::client_async(server.tls_url("/echo"), tls).await;
        let (mut client, _) = opened.expect("opens");
        for message in [Message::text("over TLS"), Message::binary(vec![1; 2_000_000])] {
            client.send(message.clone()).await.expect("sends");
            assert_eq!(client.next().await.expect("answers").expect("lawful"), message);
        }
        client.close(None).await.expect("closes");
        while client.next().await.is_some() {}
        let mut inner = client.into_inner();
        assert_eq!(inner.read(&mut [0; 9]).await.expect("close_notify came"), 0);
    }
    assert!(server.requests().iter().all(|seen| seen.tls));
}

#[tokio::test]
async fn a_drop_comes_without_close_notify() {
    let server = server().await;
    let addr = server.tls_addr().expect("a TLS port");
    let mut tls = shake(addr, "localhost", config(&server, false)).await.expect("trusted");
    let request = format!("GET /drop HTTP/1.1\r\n{HANDSHAKE}\r\n");
    tls.write_all(request.as_bytes()).await.expect("writes");
    let mut all = Vec::new();
    let error = tls.read_to_end(&mut all).await.expect_err("cut off");
    assert_eq!(error.kind(), std::io::ErrorKind::UnexpectedEof);
    assert!(all.starts_with(b"HTTP/1.1 101 "));
}

/// Faults that a client which trusts the authority does not refuse in the handshake.
const SOUND: [TlsFault; 5] = [
    TlsFault::EndsSoon,
    TlsFault::Tls12Only,
    TlsFault::Tls13Only,
    // This client names no protocol.
    TlsFault::Http2Only,
    TlsFault::Truncated,
];

#[tokio::test]
async fn each_fault_is_found_by_a_strict_client() {
    let server = server().await;
    let all = TlsFault::ALL.into_iter().chain(TlsFault::ALERTS.map(TlsFault::Alert));
    for fault in all.filter(|fault| !SOUND.contains(fault) && *fault != TlsFault::Silent) {
        let addr = server.start_tls_fault(fault).await.expect("starts");
        // The certificate without addresses is sound but for those.
        let name = if fault == TlsFault::NoAddress { "127.0.0.1" } else { "localhost" };
        let shaken = shake(addr, name, config(&server, false)).await;
        let error = match shaken {
            Err(error) => error,
            // TLS 1.3 tells of a missing client certificate after the client's handshake.
            Ok(mut tls) if fault == TlsFault::ClientCertRequired => {
                tls.read(&mut [0; 9]).await.expect_err("refused")
            }
            Ok(_) => panic!("{fault:?} let a client in"),
        };
        if matches!(fault, TlsFault::ClosesOnHello | TlsFault::ResetsOnHello) {
            let kind = match fault {
                TlsFault::ClosesOnHello => std::io::ErrorKind::UnexpectedEof,
                _ => std::io::ErrorKind::ConnectionReset,
            };
            assert_eq!(error.kind(), kind);
            continue;
        }
        let met = match (fault, cause(&error)) {
            (TlsFault::Expired, Error::InvalidCertificate(why)) => {
                matches!(why, CertificateError::ExpiredContext { .. })
            }
            (TlsFault::NotYetValid, Error::InvalidCertificate(why)) => {
                matches!(why, CertificateError::NotValidYetContext { .. })
            }
            (
                TlsFault::WrongName | TlsFault::NoAddress | TlsFault::NoNames,
                Error::InvalidCertificate(why),
            ) => {
                matches!(why, CertificateError::NotValidForNameContext { .. })
            }
            (
                TlsFault::SelfSigned
                | TlsFault::UntrustedCa
                | TlsFault::UntrustedCaSent
                | TlsFault::MissingIntermediate
                | TlsFault::MissingPublicIntermediate
                | TlsFault::DefaultCertificate
                | TlsFault::Inspected,
                Error::InvalidCertificate(why),
            ) => matches!(why, CertificateError::UnknownIssuer),
            (TlsFault::CaAsServer, Error::InvalidCertificate(CertificateError::Other(why))) => {
                format!("{why:?}").contains("CaUsedAsEndEntity")
            }
            (
                TlsFault::OldCertificateVersion,
                Error::InvalidCertificate(CertificateError::Other(why)),
            ) => format!("{why:?}").contains("UnsupportedCertVersion"),
            (TlsFault::OldSignature, Error::InvalidCertificate(why)) => {
                format!("{why:?}").contains("UnsupportedSignatureAlgorithm")
            }
            (TlsFault::BadSignature, Error::InvalidCertificate(why)) => {
                matches!(why, CertificateError::BadSignature)
            }
            (TlsFault::ClientPurpose, Error::InvalidCertificate(why)) => {
                matches!(why, CertificateError::InvalidPurposeContext { .. })
            }
            // rustls sends this alert under TLS 1.2 too, where OpenSSL sends handshake_failure.
            (
                TlsFault::ClientCertRequired | TlsFault::ClientCertRequiredTls12,
                Error::AlertReceived(alert),
            ) => *alert == AlertDescription::CertificateRequired,
            (TlsFault::OldTls, Error::AlertReceived(alert)) => {
                *alert == AlertDescription::ProtocolVersion
            }
            (TlsFault::OldTlsAnswers, Error::PeerIncompatible(why)) => {
                *why == rustls::PeerIncompatible::ServerDoesNotSupportTls12Or13
            }
            // This client offers no protocol at all.
            (TlsFault::Http2Chosen, Error::PeerMisbehaved(why)) => {
                *why == rustls::PeerMisbehaved::UnsolicitedServerHelloExtension
            }
            (TlsFault::OldCipher, Error::PeerMisbehaved(why)) => {
                *why == rustls::PeerMisbehaved::SelectedUnofferedCipherSuite
            }
            (TlsFault::Damaged, Error::DecryptError) => true,
            (TlsFault::Ssh, Error::InvalidMessage(why)) => {
                *why == rustls::InvalidMessage::InvalidContentType
            }
            (TlsFault::Alert(number), Error::AlertReceived(alert)) => u8::from(*alert) == number,
            _ => false,
        };
        assert!(met, "{fault:?}: {error:?}");
    }
}

#[tokio::test]
async fn a_client_certificate_opens_the_door() {
    let server = server().await;
    for fault in [TlsFault::ClientCertRequired, TlsFault::ClientCertRequiredTls12] {
        let addr = server.start_tls_fault(fault).await.expect("starts");
        let tls = shake(addr, "localhost", config(&server, true)).await.expect("accepted");
        tokio_tungstenite::client_async("wss://localhost/echo", tls).await.expect("opens");
    }
}

#[tokio::test]
async fn the_wrong_protocol_on_either_port_is_met() {
    let server = server().await;
    let error =
        shake(server.addr(), "localhost", config(&server, false)).await.expect_err("no TLS");
    let wrong = Error::InvalidMessage(rustls::InvalidMessage::InvalidContentType);
    assert_eq!(*cause(&error), wrong, "what OpenSSL calls WRONG_VERSION_NUMBER");

    let tls = server.tls_addr().expect("a TLS port");
    let mut tcp = TcpStream::connect(tls).await.expect("connects");
    let request = format!("GET /echo HTTP/1.1\r\n{HANDSHAKE}\r\n");
    tcp.write_all(request.as_bytes()).await.expect("writes");
    let mut all = Vec::new();
    // The socket may end with a RST, since the request was not read to its end.
    let _ = tcp.read_to_end(&mut all).await;
    assert!(all.is_empty() || all[0] == 0x15, "an alert or nothing: {all:?}");
    assert!(server.requests().is_empty());
}
