//! What was seen of a TLS handshake, also of one that failed.

use serde::{Deserialize, Serialize};

use crate::core::time::Micros;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct TlsFacts {
    /// Server name in the ClientHello; `None` for an address literal.
    pub sni: Option<String>,
    pub versions_offered: Vec<String>,
    pub ciphers_offered: Vec<String>,
    pub alpn_offered: Vec<String>,
    /// Key exchange groups offered, as the ClientHello that went out has them: `X25519`.
    pub groups_offered: Vec<String>,
    /// Those of them that a key share was sent for, so that the server can go on at once.
    pub key_shares: Vec<String>,
    /// Signature schemes offered: `ECDSA_NISTP256_SHA256`.
    pub signature_schemes_offered: Vec<String>,
    /// Size of the ClientHello with its record header, in bytes; some boxes on the way lose one
    /// that does not fit a packet.
    pub hello_bytes: u64,
    /// Agreed version: `TLS 1.3`.
    pub version: Option<String>,
    pub cipher: Option<String>,
    pub group: Option<String>,
    pub alpn: Option<String>,
    /// First bytes that came from the peer, at most [`crate::core::limits::FIRST_BYTES`], in hex.
    pub first_bytes_hex: String,
    /// The same as text, escaped, if they are no TLS record.
    pub first_bytes_text: Option<String>,
    /// Version in the header of the first TLS record that came, `TLS 1.0`. Servers of every
    /// version write 1.0 or 1.2 there, so it only hints at what they speak.
    pub record_version: Option<String>,
    /// Version in the ServerHello, where TLS 1.3 writes 1.2 (RFC 8446 section 4.1.3).
    pub server_hello_version: Option<String>,
    pub alert_received: Option<TlsAlert>,
    pub alert_sent: Option<TlsAlert>,
    /// Whether the server asked for a client certificate.
    pub client_cert_requested: bool,
    pub client_cert_sent: bool,
    /// Names of the issuers that the server accepts a client certificate from, at most
    /// [`crate::core::limits::MAX_ISSUERS`]; empty if it named none.
    pub client_cert_issuers: Vec<String>,
    /// Signature schemes that the server accepts of a client certificate's key.
    pub client_cert_schemes: Vec<String>,
    /// The peer's chain as sent, leaf first, also if it was refused.
    pub chain: Vec<Certificate>,
    /// The verifier's verdict, also when verification is off; `None` if it trusts the chain or
    /// never saw one.
    pub trust: Option<TrustProblem>,
    /// Name of the issuer that is missing: neither sent in the chain nor among the trusted roots.
    /// `None` if the chain is trusted, or is refused for another reason.
    pub missing_issuer: Option<String>,
    /// The verifier refuses the chain, and it is accepted all the same, because its first
    /// certificate is one that the request trusts by its fingerprint.
    pub pinned: bool,
    /// Where trusted roots came from: `system`, `bundled`, `custom CA`.
    pub roots: String,
    /// Subjects of the CAs in the user's own file, which are trusted beside the roots.
    pub custom_cas: Vec<String>,
    /// File that the session's keys are written to, from which anybody can decrypt a capture.
    pub key_log: Option<String>,
    /// Why the keys could not be written, with the file's name.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub key_log_problem: Option<String>,
    /// Whether the peer said goodbye with `close_notify`.
    pub close_notify: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TlsAlert {
    /// Alert number (RFC 8446 section 6).
    pub number: u8,
    /// Its name there: `handshake_failure`.
    pub name: String,
}

/// A certificate in the parts that people compare.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Certificate {
    pub subject: String,
    pub issuer: String,
    /// DNS names and addresses in the subject alternative name.
    pub names: Vec<String>,
    pub not_before: Option<Micros>,
    pub not_after: Option<Micros>,
    pub is_ca: bool,
    /// Issuer and subject are equal.
    pub self_issued: bool,
    /// `RSA 2048`, `EC P-256`, `Ed25519`.
    pub key: String,
    pub signature: String,
    pub serial: String,
    /// SHA-256 of the whole certificate, lower-case hex.
    pub sha256: String,
    /// Address of the issuer's certificate (authority information access), if it names one.
    pub issuer_url: Option<String>,
    /// What went wrong when reading it; the other fields are then as far as they could be read.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub unreadable: Option<String>,
}

/// Why a chain is not trusted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum TrustProblem {
    Expired,
    NotYetValid,
    WrongName {
        expected: String,
        presented: Vec<String>,
    },
    /// No path to a trusted root. The chain tells self-signed, private CA and missing
    /// intermediate apart.
    UnknownIssuer,
    /// A CA's certificate stands where the server's should (what `openssl req -x509` makes).
    CaAsServer,
    WrongPurpose,
    Revoked,
    BadSignature,
    WeakSignature,
    UnsupportedVersion,
    Other {
        text: String,
    },
}

/// How a TLS handshake failed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TlsProblem {
    /// The first bytes are no TLS record; see [`TlsFacts::first_bytes_hex`].
    NotTls,
    /// The peer sent an alert; see [`TlsFacts::alert_received`].
    Alert,
    /// See [`TlsFacts::trust`].
    Certificate,
    Eof,
    Reset,
    /// The server answered with a version that was not offered; see
    /// [`TlsFacts::server_hello_version`].
    Version,
    /// The server found, or chose, no cipher suite, group or signature that was offered.
    NothingShared,
    /// The server chose a protocol by ALPN that was not offered.
    Alpn,
    /// Another message that breaks the protocol; in the library's words.
    Protocol,
    /// The bytes that came cannot be decrypted or verified.
    Damaged,
    /// The user's CA file holds nothing that can be used.
    CaFile,
    /// The user's client certificate or key cannot be used.
    ClientFiles,
    /// Something else about the TLS settings of the request cannot be used.
    OwnConfiguration,
    Other,
}
