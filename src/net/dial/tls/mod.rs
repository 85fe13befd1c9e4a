//! TLS to the server with rustls and ring, watched closely: the chain is kept also if it is
//! refused, the first bytes also if they are no TLS.

mod alert;
mod certificate;
mod config;
mod errors;
mod hello;
mod identity;
mod key_log;
mod record;
mod verifier;
mod wire;

use std::sync::{Arc, Mutex, PoisonError};

use rustls::AlertDescription;
use rustls::pki_types::{CertificateDer, ServerName};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

pub(in crate::net) use errors::problem_of;
pub use hello::{HelloAlpn, HelloKind, HelloOutcome, TlsHelloResult, tls_hello};
pub(in crate::net) use record::Recorded;

use crate::core::evidence::{
    Certificate, Failure, FailureKind, TlsFacts, TlsProblem, TrustProblem,
};
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
    /// The ClientHello that went out.
    hello: Vec<u8>,
    /// Level and number of our alert, if it went out in clear text.
    clear_alert_sent: Option<(u8, u8)>,
    first: Vec<u8>,
    chain: Vec<CertificateDer<'static>>,
    trust: Option<TrustProblem>,
    pinned: bool,
    key_log: Option<String>,
    key_log_problem: Option<String>,
    alert_received: Option<AlertDescription>,
    alert_sent: Option<AlertDescription>,
    cert_requested: bool,
    cert_sent: bool,
    cert_issuers: Vec<String>,
    cert_schemes: Vec<String>,
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
            (facts.record_version, facts.server_hello_version) = wire::peer_versions(&seen.first);
            if let Some(hello) = wire::client_hello(&seen.hello) {
                facts.hello_bytes = hello.bytes;
                facts.groups_offered = hello.groups;
                facts.key_shares = hello.key_shares;
                facts.signature_schemes_offered = hello.signature_schemes;
            }
            // The library passes over warnings, and does not tell what it sends.
            let clear = |alert: Option<(u8, u8)>| alert.map(|(_, number)| number.into());
            let received = seen.alert_received.or_else(|| clear(wire::alert(&seen.first)));
            let sent = seen.alert_sent.or_else(|| clear(seen.clear_alert_sent));
            facts.alert_received = received.map(alert::describe);
            facts.alert_sent = sent.map(alert::describe);
            facts.client_cert_requested = seen.cert_requested;
            facts.client_cert_sent = seen.cert_sent;
            facts.client_cert_issuers.clone_from(&seen.cert_issuers);
            facts.client_cert_schemes.clone_from(&seen.cert_schemes);
            if facts.chain.len() != seen.chain.len() {
                facts.chain = seen.chain.iter().map(|der| certificate::read(der)).collect();
            }
            facts.trust = seen.trust.clone();
            facts.pinned = seen.pinned;
            facts.missing_issuer = match seen.trust {
                Some(TrustProblem::UnknownIssuer) => missing_issuer(&facts.chain),
                _ => None,
            };
            facts.key_log.clone_from(&seen.key_log);
            facts.key_log_problem.clone_from(&seen.key_log_problem);
        });
    }
}

/// Name of the issuer at which the way from the leaf ends although it does not end in a root.
fn missing_issuer(chain: &[Certificate]) -> Option<String> {
    let mut at = chain.first()?;
    // Each step leads to another certificate, or the chain goes in a circle.
    for _ in 0..chain.len() {
        if at.self_issued || at.issuer.is_empty() {
            return None;
        }
        match chain.iter().find(|cert| cert.subject == at.issuer) {
            Some(next) => at = next,
            None => return Some(at.issuer.clone()),
        }
    }
    None
}

fn failure(problem: TlsProblem, text: impl Into<String>) -> Failure {
    Failure { stage: Stage::Tls, kind: FailureKind::Tls(problem), text: text.into() }
}

/// Does the handshake with a proxy that is itself spoken to over TLS: with the roots and versions
/// of the request, and without its client certificate, which is for the server. What was seen is
/// in `facts`, also if it failed.
pub(super) async fn connect_proxy(
    tcp: TcpStream,
    host: &str,
    spec: &RequestSpec,
    facts: &mut TlsFacts,
) -> Result<TlsStream<Recorded<TcpStream>>, Failure> {
    let host = host.trim_end_matches('.').to_owned();
    let own = |text: String| failure(TlsProblem::OwnConfiguration, text);
    let name = ServerName::try_from(host.clone())
        .map_err(|_| own(format!("{host} cannot be a name in TLS")))?;
    facts.sni = matches!(name, ServerName::DnsName(_)).then_some(host);
    let mut files = spec.tls.clone();
    files.files.drop_identity();
    let probe = Arc::new(Probe::default());
    let seen = Arc::clone(&probe);
    let built = tokio::task::spawn_blocking(move || config::build(&files, &seen)).await;
    let built = built
        .map_err(|error| own(error.to_string()))?
        .map_err(|unusable| failure(unusable.problem, unusable.why))?;
    facts.versions_offered = built.versions;
    facts.ciphers_offered = built.ciphers;
    facts.roots = built.roots;
    let stream = Recorded::new(tcp, Arc::clone(&probe));
    let connected = TlsConnector::from(Arc::new(built.config)).connect(name, stream).await;
    let first = probe.with(|seen| {
        if let Err(error) = &connected {
            errors::note_alerts(error, seen);
        }
        seen.first.clone()
    });
    probe.fill(facts);
    let stream = connected.map_err(|error| errors::failure_of(&error, &first))?;
    note_agreed(stream.get_ref().1, facts);
    Ok(stream)
}

/// Does the handshake over `tcp`.
pub(super) async fn connect<S: AsyncRead + AsyncWrite + Unpin>(
    tcp: S,
    spec: &RequestSpec,
    recorder: &mut Recorder,
) -> Result<TlsStream<Recorded<S>>, Failure> {
    recorder.begin(Stage::Tls);
    let probe = Arc::new(Probe::default());
    recorder.tls = Some(Arc::clone(&probe));
    let host = match &spec.tls.server_name {
        Some(name) => name,
        None => spec.address.host_without_zone(),
    };
    let host = host.trim_end_matches('.').to_owned();
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
        Ok(Err(unusable)) => return Err(failure(unusable.problem, unusable.why)),
        Err(error) => return Err(failure(TlsProblem::OwnConfiguration, error.to_string())),
    };
    if let Some(facts) = &mut recorder.evidence.tls {
        facts.versions_offered = built.versions;
        facts.ciphers_offered = built.ciphers;
        facts.alpn_offered = built.config.alpn_protocols.iter().map(|p| latin(p)).collect();
        facts.roots = built.roots;
        facts.custom_cas = built.custom_cas;
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

fn agreed<S>(stream: &TlsStream<Recorded<S>>, recorder: &mut Recorder) {
    let mut detail = Vec::new();
    if let Some(facts) = &mut recorder.evidence.tls {
        note_agreed(stream.get_ref().1, facts);
        detail.extend(facts.version.clone().into_iter().chain(facts.alpn.clone()));
    }
    recorder.collect_tls();
    recorder.succeed(detail.join(", "));
}

/// What both sides have agreed on.
fn note_agreed(connection: &rustls::ClientConnection, facts: &mut TlsFacts) {
    facts.version = connection.protocol_version().map(|v| config::version_name(v).to_owned());
    facts.cipher =
        connection.negotiated_cipher_suite().map(|suite| config::suite_name(suite.suite()));
    facts.group =
        connection.negotiated_key_exchange_group().map(|group| format!("{:?}", group.name()));
    facts.alpn = connection.alpn_protocol().map(|alpn| sanitize::escape(&latin(alpn)).into_owned());
}

fn latin(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cert(subject: &str, issuer: &str) -> Certificate {
        Certificate {
            subject: subject.into(),
            issuer: issuer.into(),
            self_issued: subject == issuer,
            ..Certificate::default()
        }
    }

    #[test]
    fn the_issuer_that_is_missing_is_named() {
        for (chain, missing) in [
            (vec![], None),
            (vec![cert("leaf", "leaf")], None),
            (vec![cert("leaf", "a")], Some("a")),
            (vec![cert("leaf", "a"), cert("a", "b")], Some("b")),
            (vec![cert("leaf", "a"), cert("b", "b")], Some("a")),
            (vec![cert("leaf", "a"), cert("b", "b"), cert("a", "b")], None),
            (vec![cert("leaf", "a"), cert("a", "leaf")], None),
        ] {
            assert_eq!(missing_issuer(&chain).as_deref(), missing, "{chain:?}");
        }
    }
}
