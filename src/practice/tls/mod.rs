//! TLS of the practice server, sound and faulty.
//!
//! - [`certs`]: the authority, what it signs, and the configurations made of that.
//! - [`raw`]: peers whose answer to a ClientHello is no handshake of a TLS library.

pub(super) mod certs;
pub(super) mod raw;

use std::sync::Arc;

use rustls::ServerConfig;

use raw::Answer;

/// What is wrong with the TLS of a listener started with
/// [`Server::start_tls_fault`](super::Server::start_tls_fault).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TlsFault {
    /// The certificate ended yesterday.
    Expired,
    /// The certificate begins tomorrow.
    NotYetValid,
    /// The certificate is sound and ends in five days.
    EndsSoon,
    /// The certificate is for `wrong.practice.example`.
    WrongName,
    /// The certificate is for `localhost` and names no address.
    NoAddress,
    /// The certificate has its name in the subject only.
    NoNames,
    /// The certificate is signed with its own key.
    SelfSigned,
    /// The certificate is signed with its own key, and marks itself as a CA.
    CaAsServer,
    /// The certificate is signed by an authority that nobody has.
    UntrustedCa,
    /// The same, and that authority's certificate is sent along.
    UntrustedCaSent,
    /// The certificate is signed by an intermediate of the known authority, which is not sent.
    MissingIntermediate,
    /// The same, and the certificate names an address where browsers would fetch it.
    MissingPublicIntermediate,
    /// The certificate is what an ingress controller of Kubernetes shows for unknown names.
    DefaultCertificate,
    /// The certificate is signed by an authority with the name of a product that opens TLS.
    Inspected,
    /// The certificate is for clients only.
    ClientPurpose,
    /// The certificate is signed by the known authority with an algorithm that is not accepted.
    OldSignature,
    /// The certificate is of X.509 version 2, which has no extensions.
    OldCertificateVersion,
    /// The signature on the certificate is not the known authority's.
    BadSignature,
    /// A certificate of the client is demanded, under TLS 1.3 or 1.2; see
    /// [`Server::client_identity_pem`](super::Server::client_identity_pem).
    ClientCertRequired,
    /// The same, under TLS 1.2 only, where the refusal comes within the handshake.
    ClientCertRequiredTls12,
    /// Nothing is wrong, but only TLS 1.2 is spoken.
    Tls12Only,
    /// Nothing is wrong, but only TLS 1.3 is spoken.
    Tls13Only,
    /// Only HTTP/2 is agreed on by ALPN.
    Http2Only,
    /// HTTP/2 is chosen by ALPN whatever was offered.
    Http2Chosen,
    /// Every ClientHello is answered as a server answers that only speaks TLS 1.0:
    /// with the alert protocol_version.
    OldTls,
    /// The same, by a server that does not know the list of versions in the greeting and answers
    /// with a ServerHello of TLS 1.0.
    OldTlsAnswers,
    /// The server chooses a cipher suite that no modern client offers.
    OldCipher,
    /// What comes encrypted arrives damaged.
    Damaged,
    /// The connection ends in the middle of the reply's head, without close_notify.
    Truncated,
    /// An SSH server.
    Ssh,
    /// Nothing ever answers.
    Silent,
    /// The ClientHello is read, and the connection closed.
    ClosesOnHello,
    /// The ClientHello is read, and the connection reset.
    ResetsOnHello,
    /// The ClientHello is answered with the fatal alert of this number (RFC 8446 section 6).
    Alert(u8),
}

impl TlsFault {
    /// Every fault there is, alerts but for one left out; see [`TlsFault::ALERTS`].
    pub const ALL: [TlsFault; 34] = [
        TlsFault::Expired,
        TlsFault::NotYetValid,
        TlsFault::EndsSoon,
        TlsFault::WrongName,
        TlsFault::NoAddress,
        TlsFault::NoNames,
        TlsFault::SelfSigned,
        TlsFault::CaAsServer,
        TlsFault::UntrustedCa,
        TlsFault::UntrustedCaSent,
        TlsFault::MissingIntermediate,
        TlsFault::MissingPublicIntermediate,
        TlsFault::DefaultCertificate,
        TlsFault::Inspected,
        TlsFault::ClientPurpose,
        TlsFault::OldSignature,
        TlsFault::OldCertificateVersion,
        TlsFault::BadSignature,
        TlsFault::ClientCertRequired,
        TlsFault::ClientCertRequiredTls12,
        TlsFault::Tls12Only,
        TlsFault::Tls13Only,
        TlsFault::Http2Only,
        TlsFault::Http2Chosen,
        TlsFault::OldTls,
        TlsFault::OldTlsAnswers,
        TlsFault::OldCipher,
        TlsFault::Damaged,
        TlsFault::Truncated,
        TlsFault::Ssh,
        TlsFault::Silent,
        TlsFault::ClosesOnHello,
        TlsFault::ResetsOnHello,
        TlsFault::Alert(40),
    ];

    /// Numbers of the alerts by which servers refuse a greeting or a client.
    pub const ALERTS: [u8; 24] = [
        0, 10, 20, 22, 40, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 70, 71, 80, 86, 90, 109, 112,
        116, 120,
    ];
}

/// How a listener with a fault meets its clients.
pub(super) enum Way {
    /// TLS as a library does it, and the same endpoints behind it.
    Served(Arc<ServerConfig>),
    /// The same, until something breaks it.
    Broken(Arc<ServerConfig>, raw::Break),
    /// No library at all.
    Raw(Answer),
}
