//! The TLS library's errors in the words of the evidence.

use std::io;

use rustls::{CertificateError, Error, InvalidMessage, PeerIncompatible, PeerMisbehaved};

use super::Seen;
use crate::core::evidence::{Failure, IoProblem, TlsProblem, TrustProblem};
use crate::net::errors::{io_problem, io_text, tls_error};

/// Content types of TLS records (RFC 8446 section 5.1) begin every record; anything else is
/// another protocol.
pub(super) fn looks_like_tls(first: &[u8]) -> bool {
    match first {
        [] => true,
        [kind] => matches!(kind, 20..=23),
        [kind, major, ..] => matches!(kind, 20..=23) && *major == 3,
    }
}

/// What a failed handshake means.
pub(super) fn failure_of(error: &io::Error, first: &[u8]) -> Failure {
    if !looks_like_tls(first) {
        return super::failure(TlsProblem::NotTls, "the server does not speak TLS on this port");
    }
    let Some(tls) = tls_error(error) else {
        let problem = match io_problem(error) {
            IoProblem::Eof => TlsProblem::Eof,
            IoProblem::Reset => TlsProblem::Reset,
            _ => TlsProblem::Other,
        };
        return super::failure(problem, io_text(error));
    };
    let problem = problem_of(tls);
    let text = match tls {
        // The library's own text lists object identifiers by the hundred.
        Error::InvalidCertificate(
            CertificateError::UnsupportedSignatureAlgorithmContext { .. }
            | CertificateError::UnsupportedSignatureAlgorithmForPublicKeyContext { .. },
        ) => "the certificate is signed with an algorithm that is not accepted".to_owned(),
        other => other.to_string(),
    };
    super::failure(problem, text)
}

/// What an error of the library means.
pub(in crate::net) fn problem_of(error: &Error) -> TlsProblem {
    match error {
        Error::InvalidMessage(InvalidMessage::InvalidContentType) => TlsProblem::NotTls,
        Error::AlertReceived(_) => TlsProblem::Alert,
        Error::InvalidCertificate(_) | Error::NoCertificatesPresented => TlsProblem::Certificate,
        Error::PeerIncompatible(why) if is_version(why) => TlsProblem::Version,
        Error::PeerIncompatible(why) if nothing_shared(why) => TlsProblem::NothingShared,
        Error::PeerMisbehaved(why) if chose_unoffered(why) => TlsProblem::NothingShared,
        Error::PeerMisbehaved(PeerMisbehaved::SelectedUnofferedApplicationProtocol) => {
            TlsProblem::Alpn
        }
        Error::DecryptError | Error::PeerSentOversizedRecord => TlsProblem::Damaged,
        Error::InvalidMessage(_)
        | Error::PeerIncompatible(_)
        | Error::PeerMisbehaved(_)
        | Error::InappropriateMessage { .. }
        | Error::InappropriateHandshakeMessage { .. }
        | Error::NoApplicationProtocol => TlsProblem::Protocol,
        _ => TlsProblem::Other,
    }
}

fn is_version(why: &PeerIncompatible) -> bool {
    matches!(
        why,
        PeerIncompatible::ServerDoesNotSupportTls12Or13
            | PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig
    )
}

fn nothing_shared(why: &PeerIncompatible) -> bool {
    matches!(
        why,
        PeerIncompatible::NoCipherSuitesInCommon
            | PeerIncompatible::NoKxGroupsInCommon
            | PeerIncompatible::NoSignatureSchemesInCommon
            | PeerIncompatible::NoEcPointFormatsInCommon
            | PeerIncompatible::EcPointsExtensionRequired
            | PeerIncompatible::UncompressedEcPointsRequired
            | PeerIncompatible::ExtendedMasterSecretExtensionRequired
    )
}

/// The server chose what it was not offered, as old servers do that know one thing only.
fn chose_unoffered(why: &PeerMisbehaved) -> bool {
    matches!(
        why,
        PeerMisbehaved::SelectedUnofferedCipherSuite
            | PeerMisbehaved::SelectedUnusableCipherSuiteForVersion
            | PeerMisbehaved::SelectedUnofferedKxGroup
            | PeerMisbehaved::IllegalHelloRetryRequestWithUnofferedNamedGroup
            | PeerMisbehaved::IllegalHelloRetryRequestWithUnofferedCipherSuite
            | PeerMisbehaved::SignedHandshakeWithUnadvertisedSigScheme
            | PeerMisbehaved::SignedKxWithWrongAlgorithm
    )
}

/// Alerts that an error tells of. Those of ours that went out in clear text are read from the
/// wire.
pub(super) fn note_alerts(error: &io::Error, seen: &mut Seen) {
    if let Some(Error::AlertReceived(alert)) = tls_error(error) {
        seen.alert_received = Some(*alert);
    }
}

/// Why a verifier refuses a chain.
pub(super) fn trust_problem(error: &Error) -> TrustProblem {
    let Error::InvalidCertificate(why) = error else {
        return TrustProblem::Other { text: error.to_string() };
    };
    match why {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            TrustProblem::Expired
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            TrustProblem::NotYetValid
        }
        CertificateError::NotValidForNameContext { expected, presented } => {
            TrustProblem::WrongName {
                expected: expected.to_str().into_owned(),
                presented: presented.iter().map(|name| readable_name(name)).collect(),
            }
        }
        CertificateError::NotValidForName => {
            TrustProblem::WrongName { expected: String::new(), presented: Vec::new() }
        }
        CertificateError::UnknownIssuer => TrustProblem::UnknownIssuer,
        CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => {
            TrustProblem::WrongPurpose
        }
        CertificateError::Revoked => TrustProblem::Revoked,
        CertificateError::BadSignature => TrustProblem::BadSignature,
        // A trusted authority has the issuer's name, but its key cannot have made the signature:
        // another authority of that name did.
        CertificateError::UnsupportedSignatureAlgorithmForPublicKeyContext {
            signature_algorithm_id,
            public_key_algorithm_id,
        } if family(signature_algorithm_id) != family(public_key_algorithm_id) => {
            TrustProblem::UnknownIssuer
        }
        CertificateError::UnsupportedSignatureAlgorithmContext { .. }
        | CertificateError::UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => {
            TrustProblem::WeakSignature
        }
        other => by_text(&format!("{other:?}")),
    }
}

/// What RSA's identifiers have in common, and those of elliptic curves: the arcs behind tag and
/// length.
fn family(algorithm: &[u8]) -> Option<&[u8]> {
    algorithm.get(2..7)
}

/// Errors of the path builder that have no variant of their own, by the name in their text.
fn by_text(text: &str) -> TrustProblem {
    for (needle, problem) in [
        ("CaUsedAsEndEntity", TrustProblem::CaAsServer),
        // So the platform's verifier writes InvalidPurpose.
        ("EkuError", TrustProblem::WrongPurpose),
        ("UnsupportedCertVersion", TrustProblem::UnsupportedVersion),
        ("UnsupportedSignatureAlgorithm", TrustProblem::WeakSignature),
        // The system verifier's own, where the library has a variant.
        ("EkuError", TrustProblem::WrongPurpose),
    ] {
        if text.contains(needle) {
            return problem;
        }
    }
    TrustProblem::Other { text: crate::core::sanitize::escape(text).into_owned() }
}

/// The library writes presented names as `DnsName("a.example")`.
fn readable_name(name: &str) -> String {
    let inner = name
        .split_once('(')
        .and_then(|(_, rest)| rest.strip_suffix(')'))
        .map_or(name, |inner| inner.trim_matches('"'));
    crate::core::sanitize::escape(inner).into_owned()
}

#[cfg(test)]
mod tests {
    use rustls::AlertDescription;

    use super::*;
    use crate::core::evidence::FailureKind;

    fn io(error: Error) -> io::Error {
        io::Error::new(io::ErrorKind::InvalidData, error)
    }

    #[test]
    fn failures_find_their_kind() {
        let server_hello = [0x16, 3, 3];
        let cases: Vec<(io::Error, &[u8], TlsProblem)> = vec![
            (
                io(Error::InvalidMessage(InvalidMessage::InvalidContentType)),
                b"HTTP/1.1",
                TlsProblem::NotTls,
            ),
            (io::ErrorKind::UnexpectedEof.into(), b"SSH-2.0", TlsProblem::NotTls),
            (io::ErrorKind::UnexpectedEof.into(), b"", TlsProblem::Eof),
            (io::ErrorKind::ConnectionReset.into(), b"", TlsProblem::Reset),
            (
                io(Error::AlertReceived(AlertDescription::HandshakeFailure)),
                &[21, 3, 3],
                TlsProblem::Alert,
            ),
            (
                io(Error::InvalidCertificate(CertificateError::Expired)),
                &server_hello,
                TlsProblem::Certificate,
            ),
            (
                io(Error::PeerIncompatible(PeerIncompatible::ServerDoesNotSupportTls12Or13)),
                &server_hello,
                TlsProblem::Version,
            ),
            (
                io(Error::PeerMisbehaved(PeerMisbehaved::SelectedUnofferedCipherSuite)),
                &server_hello,
                TlsProblem::NothingShared,
            ),
            (
                io(Error::PeerMisbehaved(PeerMisbehaved::TooManyEmptyFragments)),
                &server_hello,
                TlsProblem::Protocol,
            ),
            (io(Error::DecryptError), &server_hello, TlsProblem::Damaged),
        ];
        for (error, first, problem) in cases {
            let failure = failure_of(&error, first);
            assert_eq!(failure.kind, FailureKind::Tls(problem), "{error}");
        }
    }

    #[test]
    fn verdicts_find_their_problem() {
        let presented = vec!["DnsName(\"a.example\")".to_owned()];
        let expected = "b.example".try_into().unwrap();
        let wrong = CertificateError::NotValidForNameContext { expected, presented };
        assert_eq!(
            trust_problem(&Error::InvalidCertificate(wrong)),
            TrustProblem::WrongName {
                expected: "b.example".into(),
                presented: vec!["a.example".into()]
            }
        );
        const RSA_KEY: &[u8] = &[6, 9, 42, 134, 72, 134, 247, 13, 1, 1, 1, 5, 0];
        const EC_KEY: &[u8] = &[6, 7, 42, 134, 72, 206, 61, 2, 1];
        const ECDSA: &[u8] = &[6, 8, 42, 134, 72, 206, 61, 4, 3, 2];
        for (key, problem) in
            [(RSA_KEY, TrustProblem::UnknownIssuer), (EC_KEY, TrustProblem::WeakSignature)]
        {
            let why = CertificateError::UnsupportedSignatureAlgorithmForPublicKeyContext {
                signature_algorithm_id: ECDSA.to_vec(),
                public_key_algorithm_id: key.to_vec(),
            };
            assert_eq!(trust_problem(&Error::InvalidCertificate(why)), problem);
        }
        assert_eq!(by_text("Other(OtherError(CaUsedAsEndEntity))"), TrustProblem::CaAsServer);
        assert_eq!(by_text("Other(OtherError(EkuError))"), TrustProblem::WrongPurpose);
    }
}
