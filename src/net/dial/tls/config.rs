//! The client's TLS configuration: versions, roots, client certificate.

use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::CertificateDer;
use rustls::{CipherSuite, ClientConfig, ProtocolVersion, RootCertStore, SupportedProtocolVersion};

use super::identity::{self, read_certificates};
use super::key_log::WrittenKeys;
use super::verifier::{Asked, Remembering};
use super::{Probe, certificate};
use crate::core::evidence::TlsProblem;
use crate::core::limits::MAX_CHAIN;
use crate::core::request::{TlsSpec, TlsVersions};

pub(super) struct Built {
    pub config: ClientConfig,
    pub versions: Vec<String>,
    pub ciphers: Vec<String>,
    /// Where roots came from.
    pub roots: String,
    /// Subjects in the user's CA file.
    pub custom_cas: Vec<String>,
}

/// What of the user's cannot be used, and why.
#[derive(Debug, PartialEq)]
pub(super) struct Unusable {
    pub problem: TlsProblem,
    pub why: String,
}

/// Makes the configuration of one attempt.
///
/// # Errors
/// If a file of the user's cannot be used.
pub(super) fn build(spec: &TlsSpec, probe: &Arc<Probe>) -> Result<Built, Unusable> {
    let of = |problem: TlsProblem| move |why: String| Unusable { problem: problem.clone(), why };
    let own = of(TlsProblem::OwnConfiguration);
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let extra = match &spec.files.ca_pem {
        Some(pem) => read_certificates(pem, "CA file").map_err(of(TlsProblem::CaFile))?,
        None => Vec::new(),
    };
    let custom_cas = extra.iter().take(MAX_CHAIN).map(|der| certificate::read(der).subject);
    let custom_cas = custom_cas.collect();
    let (real, roots) = verifier(extra, &provider)?;
    let verifier = Remembering {
        real,
        verify: spec.verify,
        trusted: spec.trusted.clone(),
        probe: Arc::clone(probe),
    };
    let versions = offered(spec.versions);
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(versions)
        .map_err(|error| own(format!("no version of TLS can be used: {error}")))?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier));
    let identity = identity::read(&spec.files).map_err(of(TlsProblem::ClientFiles))?;
    let mut config = match identity {
        None => builder.with_no_client_auth(),
        Some((chain, key)) => builder.with_client_auth_cert(chain, key).map_err(|error| {
            of(TlsProblem::ClientFiles)(match error {
                rustls::Error::InconsistentKeys(_) => {
                    "the client certificate and the key do not belong together".to_owned()
                }
                other => format!("the client certificate cannot be used: {other}"),
            })
        })?,
    };
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    config.client_auth_cert_resolver = Arc::new(Asked {
        real: Arc::clone(&config.client_auth_cert_resolver),
        probe: Arc::clone(probe),
    });
    if let Some(log) = &spec.files.key_log {
        config.key_log = Arc::new(WrittenKeys { log: log.clone(), probe: Arc::clone(probe) });
    }
    let ciphers = suite_names(&provider, versions);
    Ok(Built { config, versions: version_names(versions), ciphers, roots, custom_cas })
}

/// The operating system's verdict where it has one, its roots elsewhere, and bundled roots where
/// there are none (a bare container). The user's own CAs are trusted beside them.
fn verifier(
    extra: Vec<CertificateDer<'static>>,
    provider: &Arc<CryptoProvider>,
) -> Result<(Arc<dyn ServerCertVerifier>, String), Unusable> {
    let own = if extra.is_empty() { "" } else { " and custom CA" };
    let bad = |error: rustls::Error| Unusable {
        problem: TlsProblem::CaFile,
        why: format!("the CA file cannot be used: {error}"),
    };
    // Judged alone first, so that a CA that cannot be used is told from a system without roots.
    let mut store = RootCertStore::empty();
    for der in &extra {
        store.add(der.clone()).map_err(bad)?;
    }
    // Without roots of the system the custom CA alone would be trusted.
    let has_system = rustls_platform_verifier::Verifier::new(Arc::clone(provider)).is_ok();
    if has_system
        && let Ok(system) =
            rustls_platform_verifier::Verifier::new_with_extra_roots(extra, Arc::clone(provider))
    {
        return Ok((Arc::new(system), format!("system{own}")));
    }
    store.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    let bundled =
        WebPkiServerVerifier::builder_with_provider(Arc::new(store), Arc::clone(provider))
            .build()
            .map_err(|error| Unusable {
                problem: TlsProblem::OwnConfiguration,
                why: format!("the bundled roots cannot be used: {error}"),
            })?;
    Ok((bundled, format!("bundled{own}")))
}

/// Versions to offer.
pub(super) fn offered(versions: TlsVersions) -> &'static [&'static SupportedProtocolVersion] {
    static ONLY_12: &[&SupportedProtocolVersion] = &[&rustls::version::TLS12];
    static ONLY_13: &[&SupportedProtocolVersion] = &[&rustls::version::TLS13];
    match versions {
        TlsVersions::Any => rustls::DEFAULT_VERSIONS,
        TlsVersions::Only12 => ONLY_12,
        TlsVersions::Only13 => ONLY_13,
    }
}

/// Their names.
pub(super) fn version_names(versions: &[&SupportedProtocolVersion]) -> Vec<String> {
    versions.iter().map(|version| version_name(version.version).to_owned()).collect()
}

/// Names of the suites that can be used with these versions.
pub(super) fn suite_names(
    provider: &CryptoProvider,
    versions: &[&SupportedProtocolVersion],
) -> Vec<String> {
    let fits = |suite: &&rustls::SupportedCipherSuite| {
        versions.iter().any(|version| version.version == suite.version().version)
    };
    provider.cipher_suites.iter().filter(fits).map(|suite| suite_name(suite.suite())).collect()
}

/// `TLS 1.3`.
pub(super) fn version_name(version: ProtocolVersion) -> &'static str {
    match version {
        ProtocolVersion::TLSv1_3 => "TLS 1.3",
        ProtocolVersion::TLSv1_2 => "TLS 1.2",
        ProtocolVersion::TLSv1_1 => "TLS 1.1",
        ProtocolVersion::TLSv1_0 => "TLS 1.0",
        _ => "unknown",
    }
}

/// The name in the IANA registry, which differs from the library's for TLS 1.3.
pub(super) fn suite_name(suite: CipherSuite) -> String {
    format!("{suite:?}").replacen("TLS13_", "TLS_", 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::request::Files;
    use crate::core::secret::Secret;

    fn spec(files: Files) -> TlsSpec {
        TlsSpec {
            verify: true,
            server_name: None,
            versions: TlsVersions::Any,
            trusted: Vec::new(),
            files,
        }
    }

    fn key_pair(name: &str) -> (Vec<u8>, String) {
        let key = rcgen::KeyPair::generate().unwrap();
        let cert = rcgen::CertificateParams::new(vec![name.to_owned()])
            .unwrap()
            .self_signed(&key)
            .unwrap();
        (cert.pem().into_bytes(), key.serialize_pem())
    }

    #[test]
    fn files_that_cannot_be_used_are_told_apart() {
        let (cert, key) = key_pair("a.example");
        let (_, other) = key_pair("b.example");
        let ca = |pem: Vec<u8>| Files { ca_pem: Some(pem), ..Files::default() };
        assert!(build(&spec(ca(cert.clone())), &Arc::default()).is_ok());
        let why = build(&spec(ca(b"x".to_vec())), &Arc::default()).err().unwrap();
        assert_eq!(why.problem, TlsProblem::CaFile);
        let files = |key: String| Files {
            cert_pem: Some(cert.clone()),
            key_pem: Some(Secret::new(key)),
            ..Files::default()
        };
        assert!(build(&spec(files(key)), &Arc::default()).is_ok());
        let why = build(&spec(files(other)), &Arc::default()).err().unwrap();
        assert_eq!(why.problem, TlsProblem::ClientFiles);
        assert!(why.why.contains("do not belong together"), "{why:?}");
    }

    #[test]
    fn limits_of_the_version_choose_the_suites() {
        for (versions, names, suites) in [
            (TlsVersions::Any, &["TLS 1.3", "TLS 1.2"][..], 9),
            (TlsVersions::Only12, &["TLS 1.2"], 6),
            (TlsVersions::Only13, &["TLS 1.3"], 3),
        ] {
            let spec = TlsSpec { versions, ..spec(Files::default()) };
            let built = build(&spec, &Arc::default()).ok().unwrap();
            assert_eq!(
                (built.versions.as_slice(), built.ciphers.len()),
                (&names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>()[..], suites)
            );
        }
    }

    #[test]
    fn suites_have_their_registered_names() {
        assert_eq!(suite_name(CipherSuite::TLS13_AES_128_GCM_SHA256), "TLS_AES_128_GCM_SHA256");
    }
}
