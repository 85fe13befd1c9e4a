//! The practice server's certificates: an authority made at start, and what it signs, rightly and
//! wrongly. Nothing is written to disk and nothing outlives the process.

use std::io;
use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair, KeyUsagePurpose,
};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, SupportedProtocolVersion};
use time::{Duration, OffsetDateTime};

/// The names that the good certificate is for.
const NAMES: [&str; 3] = ["localhost", "127.0.0.1", "::1"];

/// What is wrong with the TLS of a listener started with
/// [`Server::start_tls_fault`](super::Server::start_tls_fault).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TlsFault {
    /// The certificate ended yesterday.
    Expired,
    /// The certificate begins tomorrow.
    NotYetValid,
    /// The certificate is for `wrong.practice.example`.
    WrongName,
    /// The certificate is signed with its own key.
    SelfSigned,
    /// The certificate is signed by an authority that nobody has.
    UntrustedCa,
    /// The certificate is signed by an intermediate of the known authority, which is not sent.
    MissingIntermediate,
    /// A certificate of the client is demanded, under TLS 1.3 or 1.2; see
    /// [`Server::client_identity_pem`](super::Server::client_identity_pem).
    ClientCertRequired,
    /// The same, under TLS 1.2 only, where the refusal comes within the handshake.
    ClientCertRequiredTls12,
    /// Every ClientHello is answered as a server answers that only speaks TLS 1.0:
    /// with the alert protocol_version.
    OldTls,
}

impl TlsFault {
    /// Every fault there is.
    pub const ALL: [TlsFault; 9] = [
        TlsFault::Expired,
        TlsFault::NotYetValid,
        TlsFault::WrongName,
        TlsFault::SelfSigned,
        TlsFault::UntrustedCa,
        TlsFault::MissingIntermediate,
        TlsFault::ClientCertRequired,
        TlsFault::ClientCertRequiredTls12,
        TlsFault::OldTls,
    ];
}

type Issuer = CertifiedIssuer<'static, KeyPair>;

/// A certificate authority with everything that the server presents.
pub(super) struct Authority {
    issuer: Issuer,
    pub(super) pem: String,
}

/// A certificate chain and the key of its first certificate.
struct Identity {
    chain: Vec<CertificateDer<'static>>,
    key: KeyPair,
}

impl Authority {
    /// Makes a new authority.
    ///
    /// # Errors
    /// When the system gives no random numbers.
    pub(super) fn new() -> io::Result<Authority> {
        let issuer = root("wsdeck practice CA")?;
        let pem = issuer.pem();
        Ok(Authority { issuer, pem })
    }

    /// TLS as it should be.
    pub(super) fn good(&self) -> io::Result<Arc<ServerConfig>> {
        serve(signed(leaf(&NAMES)?, &self.issuer)?, rustls::ALL_VERSIONS)
    }

    /// TLS with a fault; `None` for the one that is no TLS at all.
    pub(super) fn faulty(&self, fault: TlsFault) -> io::Result<Option<Arc<ServerConfig>>> {
        let now = OffsetDateTime::now_utc();
        let mut params = leaf(&NAMES)?;
        let identity = match fault {
            TlsFault::Expired => {
                params.not_before = now - Duration::days(30);
                params.not_after = now - Duration::days(1);
                signed(params, &self.issuer)?
            }
            TlsFault::NotYetValid => {
                params.not_before = now + Duration::days(1);
                signed(params, &self.issuer)?
            }
            TlsFault::WrongName => signed(leaf(&["wrong.practice.example"])?, &self.issuer)?,
            TlsFault::SelfSigned => {
                let key = KeyPair::generate().map_err(io::Error::other)?;
                let cert = params.self_signed(&key).map_err(io::Error::other)?;
                Identity { chain: vec![cert.der().clone()], key }
            }
            TlsFault::UntrustedCa => signed(params, &root("Nobody's CA")?)?,
            TlsFault::MissingIntermediate => {
                let key = KeyPair::generate().map_err(io::Error::other)?;
                let params_of_ca = ca("wsdeck practice intermediate");
                let between = CertifiedIssuer::signed_by(params_of_ca, key, &self.issuer);
                signed(params, &between.map_err(io::Error::other)?)?
            }
            TlsFault::ClientCertRequired => {
                let identity = signed(params, &self.issuer)?;
                return self.demanding(identity, rustls::ALL_VERSIONS).map(Some);
            }
            TlsFault::ClientCertRequiredTls12 => {
                let identity = signed(params, &self.issuer)?;
                return self.demanding(identity, &[&rustls::version::TLS12]).map(Some);
            }
            TlsFault::OldTls => return Ok(None),
        };
        serve(identity, rustls::ALL_VERSIONS).map(Some)
    }

    /// A client's certificate and key in PEM, as a server that demands one accepts them.
    pub(super) fn client_identity(&self) -> io::Result<(String, String)> {
        let mut params = CertificateParams::new(vec![]).map_err(io::Error::other)?;
        params.distinguished_name.push(DnType::CommonName, "practice client");
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        set_period(&mut params);
        let key = KeyPair::generate().map_err(io::Error::other)?;
        let cert = params.signed_by(&key, &self.issuer).map_err(io::Error::other)?;
        Ok((cert.pem(), key.serialize_pem()))
    }

    fn demanding(
        &self,
        identity: Identity,
        versions: &[&'static SupportedProtocolVersion],
    ) -> io::Result<Arc<ServerConfig>> {
        let mut roots = RootCertStore::empty();
        roots.add(self.issuer.der().clone()).map_err(io::Error::other)?;
        let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider())
            .build()
            .map_err(io::Error::other)?;
        let builder = ServerConfig::builder_with_provider(provider())
            .with_protocol_versions(versions)
            .map_err(io::Error::other)?;
        let Identity { chain, key } = identity;
        let config =
            builder.with_client_cert_verifier(verifier).with_single_cert(chain, private(&key));
        Ok(Arc::new(config.map_err(io::Error::other)?))
    }
}

/// Named at every use: the process may have no default provider, or another one.
fn provider() -> Arc<rustls::crypto::CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

fn private(key: &KeyPair) -> PrivateKeyDer<'static> {
    PrivatePkcs8KeyDer::from(key.serialize_der()).into()
}

fn serve(
    identity: Identity,
    versions: &[&'static SupportedProtocolVersion],
) -> io::Result<Arc<ServerConfig>> {
    let builder = ServerConfig::builder_with_provider(provider())
        .with_protocol_versions(versions)
        .map_err(io::Error::other)?;
    let Identity { chain, key } = identity;
    let config = builder.with_no_client_auth().with_single_cert(chain, private(&key));
    Ok(Arc::new(config.map_err(io::Error::other)?))
}

/// A year from yesterday: some clients refuse periods over 825 days.
fn set_period(params: &mut CertificateParams) {
    let now = OffsetDateTime::now_utc();
    params.not_before = now - Duration::days(1);
    params.not_after = now + Duration::days(365);
}

fn ca(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    set_period(&mut params);
    params
}

fn root(name: &str) -> io::Result<Issuer> {
    let key = KeyPair::generate().map_err(io::Error::other)?;
    CertifiedIssuer::self_signed(ca(name), key).map_err(io::Error::other)
}

fn leaf(names: &[&str]) -> io::Result<CertificateParams> {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let common_name = names.first().cloned().unwrap_or_default();
    let mut params = CertificateParams::new(names).map_err(io::Error::other)?;
    params.distinguished_name.push(DnType::CommonName, common_name);
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    set_period(&mut params);
    Ok(params)
}

fn signed(params: CertificateParams, issuer: &Issuer) -> io::Result<Identity> {
    let key = KeyPair::generate().map_err(io::Error::other)?;
    let cert = params.signed_by(&key, issuer).map_err(io::Error::other)?;
    Ok(Identity { chain: vec![cert.der().clone()], key })
}
