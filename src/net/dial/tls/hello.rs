//! A TLS greeting for its own sake: who answers, in which version, with which certificate. Nothing
//! is judged, and never a byte of HTTP goes out, so nothing can be given away.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::verifier::{Asked, Remembering, Unjudging};
use super::{Probe, Recorded, config, errors, latin, note_agreed};
use crate::core::evidence::{FailureKind, IoProblem, TlsFacts, TlsProblem};
use crate::core::request::TlsVersions;
use crate::net::errors::{io_problem, io_text};

/// Protocols that a greeting offers by ALPN (RFC 7301).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HelloAlpn {
    /// `http/1.1`, as a WebSocket needs it.
    #[default]
    Http11,
    H2,
    /// No ALPN extension at all.
    None,
}

/// What a greeting offers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HelloKind {
    pub alpn: HelloAlpn,
    pub versions: TlsVersions,
}

/// What answered a greeting.
#[derive(Clone, Debug, PartialEq)]
pub enum HelloOutcome {
    /// The handshake went to its end; [`TlsHelloResult::facts`] says how.
    Agreed,
    /// An alert came, see [`TlsFacts::alert_received`].
    Alert,
    /// Something came that is no TLS, see [`TlsFacts::first_bytes_hex`].
    NotTls,
    /// The peer closed without an answer, or in the middle of one.
    Closed,
    /// As that, by a reset.
    Reset,
    /// TCP was there, and nothing more came in time.
    Silent,
    /// No TCP connection; `TimedOut` if that took too long.
    Unconnected(IoProblem),
    /// The handshake failed in another way.
    Failed(TlsProblem),
}

/// A greeting and what came of it.
#[derive(Clone, Debug, PartialEq)]
pub struct TlsHelloResult {
    pub outcome: HelloOutcome,
    /// All that was seen, the chain among it; its `trust` stays empty, since nothing was judged.
    pub facts: TlsFacts,
    /// The error in the words of the layer that reported it; empty if all went well.
    pub text: String,
}

/// Connects to `address`, does a TLS handshake without judging the certificate, and hangs up.
/// Without `host_for_sni`, or if it is an address, the greeting names no server.
///
/// All of it takes at most `limit`. Under TLS 1.3 a server that misses a client certificate is
/// content with the handshake itself; [`TlsFacts::client_cert_requested`] tells of it.
pub async fn tls_hello(
    host_for_sni: Option<&str>,
    address: SocketAddr,
    hello: HelloKind,
    limit: Duration,
) -> TlsHelloResult {
    let probe = Arc::new(Probe::default());
    let mut facts = TlsFacts::default();
    let mut connected = false;
    let greeting = greet(host_for_sni, address, hello, &probe, &mut facts, &mut connected);
    let (outcome, text) = match tokio::time::timeout(limit, greeting).await {
        Ok(Ok(())) => (HelloOutcome::Agreed, String::new()),
        Ok(Err(failed)) => failed,
        Err(_) if connected => (HelloOutcome::Silent, "no answer in time".to_owned()),
        Err(_) => {
            (HelloOutcome::Unconnected(IoProblem::TimedOut), "not connected in time".to_owned())
        }
    };
    probe.fill(&mut facts);
    TlsHelloResult { outcome, facts, text }
}

async fn greet(
    host: Option<&str>,
    address: SocketAddr,
    hello: HelloKind,
    probe: &Arc<Probe>,
    facts: &mut TlsFacts,
    connected: &mut bool,
) -> Result<(), (HelloOutcome, String)> {
    let own = |text: String| (HelloOutcome::Failed(TlsProblem::OwnConfiguration), text);
    let name = match host {
        Some(host) => ServerName::try_from(host.trim_end_matches('.').to_owned())
            .map_err(|_| own(format!("{host} cannot be a name in TLS")))?,
        None => ServerName::from(address.ip()),
    };
    facts.sni = match &name {
        ServerName::DnsName(name) => Some(name.as_ref().to_owned()),
        _ => None,
    };
    let config = config_of(hello, probe, facts).map_err(own)?;
    let tcp = TcpStream::connect(address)
        .await
        .map_err(|error| (HelloOutcome::Unconnected(io_problem(&error)), io_text(&error)))?;
    *connected = true;
    // Only a matter of speed.
    let _ = tcp.set_nodelay(true);
    let stream = Recorded::new(tcp, Arc::clone(probe));
    let mut stream = match TlsConnector::from(Arc::new(config)).connect(name, stream).await {
        Ok(stream) => stream,
        Err(error) => {
            let first = probe.with(|seen| {
                errors::note_alerts(&error, seen);
                seen.first.clone()
            });
            let failure = errors::failure_of(&error, &first);
            return Err((outcome_of(failure.kind), failure.text));
        }
    };
    note_agreed(stream.get_ref().1, facts);
    // Says goodbye; what a peer does with that no longer matters.
    let _ = stream.shutdown().await;
    Ok(())
}

fn outcome_of(kind: FailureKind) -> HelloOutcome {
    match kind {
        FailureKind::Tls(TlsProblem::Alert) => HelloOutcome::Alert,
        FailureKind::Tls(TlsProblem::NotTls) => HelloOutcome::NotTls,
        FailureKind::Tls(TlsProblem::Eof) => HelloOutcome::Closed,
        FailureKind::Tls(TlsProblem::Reset) => HelloOutcome::Reset,
        FailureKind::Tls(problem) => HelloOutcome::Failed(problem),
        _ => HelloOutcome::Failed(TlsProblem::Other),
    }
}

fn config_of(
    hello: HelloKind,
    probe: &Arc<Probe>,
    facts: &mut TlsFacts,
) -> Result<ClientConfig, String> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let versions = config::offered(hello.versions);
    let judge = Unjudging { algorithms: provider.signature_verification_algorithms };
    let verifier = Remembering {
        real: Arc::new(judge),
        verify: false,
        trusted: Vec::new(),
        probe: Arc::clone(probe),
    };
    let mut config = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(versions)
        .map_err(|error| format!("these versions of TLS cannot be used: {error}"))?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    config.alpn_protocols = match hello.alpn {
        HelloAlpn::Http11 => vec![b"http/1.1".to_vec()],
        HelloAlpn::H2 => vec![b"h2".to_vec()],
        HelloAlpn::None => Vec::new(),
    };
    // A session taken up again would show no certificate.
    config.resumption = rustls::client::Resumption::disabled();
    config.enable_sni = facts.sni.is_some();
    config.client_auth_cert_resolver = Arc::new(Asked {
        real: Arc::clone(&config.client_auth_cert_resolver),
        probe: Arc::clone(probe),
    });
    facts.versions_offered = config::version_names(versions);
    facts.ciphers_offered = config::suite_names(&provider, versions);
    facts.alpn_offered = config.alpn_protocols.iter().map(|p| latin(p)).collect();
    Ok(config)
}
