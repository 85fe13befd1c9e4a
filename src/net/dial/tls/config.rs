//! The client's TLS configuration: versions, roots, client certificate.

use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{CipherSuite, ClientConfig, ProtocolVersion, RootCertStore, SupportedProtocolVersion};

use super::Probe;
use super::verifier::{Asked, Remembering};
use crate::core::request::{TlsSpec, TlsVersions};

pub(super) struct Built {
    pub config: ClientConfig,
    pub versions: Vec<String>,
    pub ciphers: Vec<String>,
    /// Where roots came from.
    pub roots: String,
}

/// Makes the configuration of one attempt.
///
/// # Errors
/// In words, if a file of the user's cannot be used.
pub(super) fn build(spec: &TlsSpec, probe: &Arc<Probe>) -> Result<Built, String> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let extra = match &spec.files.ca_pem {
        Some(pem) => read_certificates(pem, "CA file")?,
        None => Vec::new(),
    };
    let (real, roots) = verifier(extra, &provider)?;
    let verifier = Arc::new(Remembering { real, verify: spec.verify, probe: Arc::clone(probe) });
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| format!("no version of TLS can be used: {error}"))?
        .dangerous()
        .with_custom_certificate_verifier(verifier);
    let mut config = match (&spec.files.cert_pem, &spec.files.key_pem) {
        (None, None) => builder.with_no_client_auth(),
        (Some(cert), key) => {
            let chain = read_certificates(cert, "client certificate")?;
            // One file may hold both.
            let key = match key {
                Some(key) => read_key(key.expose().as_bytes())?,
                None => read_key(cert)?,
            };
            builder.with_client_auth_cert(chain, key).map_err(|error| match error {
                rustls::Error::InconsistentKeys(_) => {
                    "the client certificate and the key do not belong together".to_owned()
                }
                other => format!("the client certificate cannot be used: {other}"),
            })?
        }
        (None, Some(_)) => return Err("a key was given without its client certificate".into()),
    };
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    config.client_auth_cert_resolver = Arc::new(Asked {
        real: Arc::clone(&config.client_auth_cert_resolver),
        probe: Arc::clone(probe),
    });
    Ok(Built {
        config,
        versions: rustls::DEFAULT_VERSIONS
            .iter()
            .map(|version| version_name(version.version).to_owned())
            .collect(),
        ciphers: provider.cipher_suites.iter().map(|suite| suite_name(suite.suite())).collect(),
        roots,
    })
}

/// The operating system's verdict where it has one, its roots elsewhere, and bundled roots where
/// there are none (a bare container). The user's own CAs are trusted beside them.
fn verifier(
    extra: Vec<CertificateDer<'static>>,
    provider: &Arc<CryptoProvider>,
) -> Result<(Arc<dyn ServerCertVerifier>, String), String> {
    let own = if extra.is_empty() { "" } else { " and custom CA" };
    let bad = |error: rustls::Error| format!("the CA file cannot be used: {error}");
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
            .map_err(|error| format!("the bundled roots cannot be used: {error}"))?;
    Ok((bundled, format!("bundled{own}")))
}

fn read_certificates(pem: &[u8], what: &str) -> Result<Vec<CertificateDer<'static>>, String> {
    let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    match read {
        Ok(certificates) if certificates.is_empty() => {
            Err(format!("the {what} holds no certificate in PEM form"))
        }
        Ok(certificates) => Ok(certificates),
        Err(error) => Err(format!("the {what} cannot be read: {error}")),
    }
}

fn read_key(pem: &[u8]) -> Result<PrivateKeyDer<'static>, String> {
    PrivateKeyDer::from_pem_slice(pem).map_err(|error| {
        if memchr::memmem::find(pem, b"ENCRYPTED").is_some() {
            "the key is encrypted; decrypt it first (openssl pkey -in KEY -out PLAIN)".to_owned()
        } else {
            format!("the key cannot be read: {error}")
        }
    })
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

    fn key_pair(name: &str) -> (Vec<u8>, String) {
        let key = rcgen::KeyPair::generate().unwrap();
        let cert = rcgen::CertificateParams::new(vec![name.to_owned()])
            .unwrap()
            .self_signed(&key)
            .unwrap();
        (cert.pem().into_bytes(), key.serialize_pem())
    }

    fn problem(files: Files) -> Option<String> {
        build(&TlsSpec { verify: true, files }, &Arc::default()).err()
    }

    #[test]
    fn files_that_cannot_be_used_are_named() {
        let (cert, key) = key_pair("a.example");
        let (_, other) = key_pair("b.example");
        let encrypted =
            "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n";
        let cases = [
            (None, Some(cert.clone()), Some(key.clone()), None),
            (None, Some([cert.clone(), key.clone().into_bytes()].concat()), None, None),
            (Some(cert.clone()), None, None, None),
            (Some(b"no pem".to_vec()), None, None, Some("CA file holds no certificate")),
            (None, Some(cert.clone()), Some(other), Some("do not belong together")),
            (None, Some(cert.clone()), Some(encrypted.to_owned()), Some("encrypted")),
            (None, Some(cert.clone()), Some("x".to_owned()), Some("key cannot be read")),
            (None, None, Some(key), Some("without its client certificate")),
        ];
        for (ca_pem, cert_pem, key, want) in cases {
            let got = problem(Files {
                ca_pem,
                cert_pem,
                key_pem: key.map(Secret::new),
                ..Files::default()
            });
            match want {
                None => assert_eq!(got, None),
                Some(want) => assert!(got.as_deref().unwrap_or("").contains(want), "{got:?}"),
            }
        }
    }

    #[test]
    fn suites_have_their_registered_names() {
        assert_eq!(suite_name(CipherSuite::TLS13_AES_128_GCM_SHA256), "TLS_AES_128_GCM_SHA256");
    }
}
