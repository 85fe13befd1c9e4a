//! A verifier that remembers: it keeps the chain and the verdict of the real one, also when that
//! refuses, and also when verification is switched off. Signatures of the handshake are always
//! checked: that the peer holds the key of the certificate it shows is no matter of trust.

use std::sync::Arc;

use rustls::client::ResolvesClientCert;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::WebPkiSupportedAlgorithms;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::sign::CertifiedKey;
use rustls::{AlertDescription, DigitallySignedStruct, DistinguishedName, Error, SignatureScheme};
use sha2::{Digest as _, Sha256};

use super::errors::trust_problem;
use super::{Probe, certificate};
use crate::core::limits::{MAX_CHAIN, MAX_ISSUERS};

#[derive(Debug)]
pub(super) struct Remembering {
    pub real: Arc<dyn ServerCertVerifier>,
    /// Whether a refusal of the real one ends the handshake.
    pub verify: bool,
    /// SHA-256 in lower-case hex of certificates for which it does not.
    pub trusted: Vec<String>,
    pub probe: Arc<Probe>,
}

impl Remembering {
    /// A signature of the handshake that does not fit tells against the certificate too: its key
    /// is too weak to be used, or the peer does not have it.
    fn noted(
        &self,
        verdict: Result<HandshakeSignatureValid, Error>,
    ) -> Result<HandshakeSignatureValid, Error> {
        if let Err(error) = &verdict {
            let problem = trust_problem(error);
            self.probe.with(|seen| seen.trust.get_or_insert(problem).clone());
        }
        verdict
    }
}

impl ServerCertVerifier for Remembering {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let chain: Vec<CertificateDer<'static>> = std::iter::once(end_entity)
            .chain(intermediates)
            .take(MAX_CHAIN)
            .map(|der| der.clone().into_owned())
            .collect();
        self.probe.with(|seen| seen.chain = chain);
        let verdict = self.real.verify_server_cert(
            end_entity,
            intermediates,
            server_name,
            ocsp_response,
            now,
        );
        match verdict {
            Ok(verified) => Ok(verified),
            Err(error) => {
                let problem = trust_problem(&error);
                let fingerprint = crate::net::hex(&Sha256::digest(end_entity));
                let pinned = self.verify && self.trusted.contains(&fingerprint);
                self.probe.with(|seen| {
                    seen.trust = Some(problem);
                    seen.pinned = pinned;
                    if self.verify
                        && !pinned
                        && let Error::InvalidCertificate(why) = &error
                    {
                        seen.alert_sent = Some(AlertDescription::from(why.clone()));
                    }
                });
                if self.verify && !pinned {
                    Err(error)
                } else {
                    Ok(ServerCertVerified::assertion())
                }
            }
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.noted(self.real.verify_tls12_signature(message, cert, dss))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.noted(self.real.verify_tls13_signature(message, cert, dss))
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.real.supported_verify_schemes()
    }

    fn requires_raw_public_keys(&self) -> bool {
        self.real.requires_raw_public_keys()
    }

    fn root_hint_subjects(&self) -> Option<&[DistinguishedName]> {
        self.real.root_hint_subjects()
    }
}

/// Judges nothing: for handshakes that only look at who is there, and send nothing. Signatures of
/// the handshake are checked all the same.
#[derive(Debug)]
pub(super) struct Unjudging {
    pub algorithms: WebPkiSupportedAlgorithms,
}

impl ServerCertVerifier for Unjudging {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        rustls::crypto::verify_tls12_signature(message, cert, dss, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        rustls::crypto::verify_tls13_signature(message, cert, dss, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

/// Notes whether the server asked for a client certificate and got one.
#[derive(Debug)]
pub(super) struct Asked {
    pub real: Arc<dyn ResolvesClientCert>,
    pub probe: Arc<Probe>,
}

impl ResolvesClientCert for Asked {
    fn resolve(
        &self,
        root_hint_subjects: &[&[u8]],
        sigschemes: &[SignatureScheme],
    ) -> Option<Arc<CertifiedKey>> {
        let key = self.real.resolve(root_hint_subjects, sigschemes);
        let issuers: Vec<String> = root_hint_subjects
            .iter()
            .take(MAX_ISSUERS)
            .map(|der| certificate::name_of(der))
            .collect();
        self.probe.with(|seen| {
            seen.cert_issuers = issuers;
            seen.cert_schemes =
                sigschemes.iter().take(MAX_ISSUERS).map(|scheme| format!("{scheme:?}")).collect();
            seen.cert_requested = true;
            seen.cert_sent = key.is_some();
        });
        key
    }

    fn only_raw_public_keys(&self) -> bool {
        self.real.only_raw_public_keys()
    }

    fn has_certs(&self) -> bool {
        self.real.has_certs()
    }
}
