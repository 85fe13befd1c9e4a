//! TLS to the server with rustls and ring, watched closely: the chain is kept also if it is
//! refused, the first bytes also if they are no TLS.

mod alert;
mod certificate;
mod config;
mod errors;
mod record;
mod verifier;

use std::sync::{Arc, Mutex, PoisonError};

use rustls::AlertDescription;
use rustls::pki_types::{CertificateDer, ServerName};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

pub(in crate::net) use record::Recorded;

use crate::core::evidence::{Failure, FailureKind, TlsFacts, TlsProblem, TrustProblem};
use crate::core::request::RequestSpec;
use crate::core::sanitize;
use crate::core::stage::Stage;
use crate::net::recorder::Recorder;

/// What is seen of a handshake while it goes on. The stream, the verifier and the resolver of
/// client certificates write into it; the recorder reads it, also after an interruption.
#[derive(Debug, Default)]
pub(in crate::net) struct Probe {
    seen: Mutex<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    first: Vec<u8>,
    chain: Vec<CertificateDer<'static>>,
    trust: Option<TrustProblem>,
    alert_received: Option<AlertDescription>,
    alert_sent: Option<AlertDescription>,
    cert_requested: bool,
    cert_sent: bool,
}

impl Probe {
    fn with<T>(&self, f: impl FnOnce(&mut Seen) -> T) -> T {
        // What was seen stays true if a writer panicked.
        f(&mut self.seen.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(in crate::net) fn alert_received(&self, alert: AlertDescription) {
        self.with(|seen| seen.alert_received = Some(alert));
    }

    /// Puts what was seen into the facts.
    pub(in crate::net) fn fill(&self, facts: &mut TlsFacts) {
        self.with(|seen| {
            facts.first_bytes_hex = crate::net::hex(&seen.first);
            facts.first_bytes_text = (!errors::looks_like_tls(&seen.first))
                .then(|| sanitize::escape_bytes(&seen.first).into_owned())
                .filter(|text| !text.is_empty());
            facts.alert_received = seen.alert_received.map(alert::describe);
            facts.alert_sent = seen.alert_sent.map(alert::describe);
            facts.client_cert_requested = seen.cert_requested;
            facts.client_cert_sent = seen.cert_sent;
            if facts.chain.len() != seen.chain.len() {
                facts.chain = seen.chain.iter().map(|der| certificate::read(der)).collect();
            }
            facts.trust = seen.trust.clone();
        });
    }
}

fn failure(problem: TlsProblem, text: impl Into<String>) -> Failure {
    Failure { stage: Stage::Tls, kind: FailureKind::Tls(problem), text: text.into() }
}

/// Does the handshake over `tcp`.
pub(super) async fn connect(
    tcp: TcpStream,
    spec: &RequestSpec,
    recorder: &mut Recorder,
) -> Result<TlsStream<Recorded<TcpStream>>, Failure> {
    recorder.begin(Stage::Tls);
    let probe = Arc::new(Probe::default());
    recorder.tls = Some(Arc::clone(&probe));
    let host = spec.address.host.trim_end_matches('.').to_owned();
    let name = ServerName::try_from(host.clone()).map_err(|_| {
        failure(TlsProblem::OwnConfiguration, format!("{host} cannot be a name in TLS"))
    })?;
    recorder.evidence.tls = Some(TlsFacts {
        sni: matches!(name, ServerName::DnsName(_)).then_some(host),
        ..TlsFacts::default()
    });
    // Reading the system's roots takes some milliseconds of file access.
    let files = spec.tls.clone();
    let own = Arc::clone(&probe);
    let built = tokio::task::spawn_blocking(move || config::build(&files, &own)).await;
    let built = match built {
        Ok(Ok(built)) => built,
        Ok(Err(text)) => return Err(failure(TlsProblem::OwnConfiguration, text)),
        Err(error) => return Err(failure(TlsProblem::OwnConfiguration, error.to_string())),
    };
    if let Some(facts) = &mut recorder.evidence.tls {
        facts.versions_offered = built.versions;
        facts.ciphers_offered = built.ciphers;
        facts.alpn_offered = built.config.alpn_protocols.iter().map(|p| latin(p)).collect();
        facts.roots = built.roots;
    }
    let stream = Recorded::new(tcp, Arc::clone(&probe));
    match TlsConnector::from(Arc::new(built.config)).connect(name, stream).await {
        Ok(stream) => {
            agreed(&stream, recorder);
            Ok(stream)
        }
        Err(error) => {
            let first = probe.with(|seen| {
                errors::note_alerts(&error, seen);
                seen.first.clone()
            });
            Err(errors::failure_of(&error, &first))
        }
    }
}

fn agreed(stream: &TlsStream<Recorded<TcpStream>>, recorder: &mut Recorder) {
    let connection = stream.get_ref().1;
    let version = connection.protocol_version().map(|v| config::version_name(v).to_owned());
    let alpn = connection.alpn_protocol().map(|alpn| recorder.clean(&latin(alpn)));
    let detail = [version.clone(), alpn.clone()].into_iter().flatten().collect::<Vec<_>>();
    if let Some(facts) = &mut recorder.evidence.tls {
        facts.version = version;
        facts.cipher =
            connection.negotiated_cipher_suite().map(|suite| config::suite_name(suite.suite()));
        facts.group =
            connection.negotiated_key_exchange_group().map(|group| format!("{:?}", group.name()));
        facts.alpn = alpn;
    }
    recorder.collect_tls();
    recorder.succeed(detail.join(", "));
}

fn latin(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
