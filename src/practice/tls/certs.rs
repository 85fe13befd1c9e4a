//! The practice server's certificates: an authority made at start, and what it signs, rightly and
//! wrongly. Nothing is written to disk and nothing outlives the process.

use std::io;
use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, CustomExtension, DnType,
    ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose,
};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{RootCertStore, ServerConfig, SupportedProtocolVersion};
use time::{Duration, OffsetDateTime};

use super::raw::{Answer, Break};
use super::{TlsFault, Way};

/// The names that the good certificate is for.
const NAMES: [&str; 3] = ["localhost", "127.0.0.1", "::1"];

type Issuer = CertifiedIssuer<'static, KeyPair>;

/// A certificate authority with everything that the server presents.
pub(in crate::practice) struct Authority {
    issuer: Issuer,
    pub(in crate::practice) pem: String,
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
    pub(in crate::practice) fn new() -> io::Result<Authority> {
        let issuer = root("wsdeck practice CA")?;
        let pem = issuer.pem();
        Ok(Authority { issuer, pem })
    }

    /// TLS as it should be.
    pub(in crate::practice) fn good(&self) -> io::Result<Arc<ServerConfig>> {
        serve(signed(leaf(&NAMES)?, &self.issuer)?, rustls::ALL_VERSIONS)
    }

    /// TLS with a fault.
    pub(in crate::practice) fn faulty(&self, fault: TlsFault) -> io::Result<Way> {
        let identity = match fault {
            TlsFault::ClientCertRequired => {
                return self.demanding(rustls::ALL_VERSIONS).map(Way::Served);
            }
            TlsFault::ClientCertRequiredTls12 => {
                return self.demanding(&[&rustls::version::TLS12]).map(Way::Served);
            }
            TlsFault::Tls12Only => {
                let identity = signed(leaf(&NAMES)?, &self.issuer)?;
                return serve(identity, &[&rustls::version::TLS12]).map(Way::Served);
            }
            TlsFault::Tls13Only => {
                let identity = signed(leaf(&NAMES)?, &self.issuer)?;
                return serve(identity, &[&rustls::version::TLS13]).map(Way::Served);
            }
            TlsFault::Http2Only => {
                let identity = signed(leaf(&NAMES)?, &self.issuer)?;
                let mut config = (*serve(identity, rustls::ALL_VERSIONS)?).clone();
                config.alpn_protocols = vec![b"h2".to_vec()];
                return Ok(Way::Served(Arc::new(config)));
            }
            TlsFault::Damaged => return Ok(Way::Broken(self.good()?, Break::Damage)),
            TlsFault::Truncated => return Ok(Way::Broken(self.good()?, Break::Truncate)),
            TlsFault::OldTls => return Ok(Way::Raw(Answer::alert_in_old_record(70))),
            TlsFault::OldTlsAnswers => return Ok(Way::Raw(Answer::server_hello(TLS_1_0, &[]))),
            TlsFault::OldCipher => return Ok(Way::Raw(Answer::server_hello(TLS_1_2, &[]))),
            TlsFault::Http2Chosen => {
                // The extension application_layer_protocol_negotiation (RFC 7301 section 3.1).
                let alpn = [0, 16, 0, 5, 0, 3, 2, b'h', b'2'];
                return Ok(Way::Raw(Answer::server_hello(TLS_1_2, &alpn)));
            }
            TlsFault::Ssh => return Ok(Way::Raw(Answer::Greet(b"SSH-2.0-OpenSSH_9.6\r\n"))),
            TlsFault::Silent => return Ok(Way::Raw(Answer::Silence)),
            TlsFault::ClosesOnHello => return Ok(Way::Raw(Answer::Close)),
            TlsFault::ResetsOnHello => return Ok(Way::Raw(Answer::Reset)),
            TlsFault::Alert(number) => return Ok(Way::Raw(Answer::alert(number))),
            fault => self.odd_identity(fault)?,
        };
        serve(identity, rustls::ALL_VERSIONS).map(Way::Served)
    }

    /// The certificate of a fault that is one of the certificate.
    fn odd_identity(&self, fault: TlsFault) -> io::Result<Identity> {
        let now = OffsetDateTime::now_utc();
        let mut params = leaf(&NAMES)?;
        match fault {
            TlsFault::Expired => {
                params.not_before = now - Duration::days(30);
                params.not_after = now - Duration::days(1);
            }
            TlsFault::NotYetValid => params.not_before = now + Duration::days(1),
            TlsFault::EndsSoon => params.not_after = now + Duration::days(5),
            TlsFault::WrongName => params = leaf(&["wrong.practice.example"])?,
            TlsFault::NoAddress => params = leaf(&["localhost"])?,
            TlsFault::NoNames => params.subject_alt_names.clear(),
            TlsFault::ClientPurpose => {
                params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
            }
            TlsFault::SelfSigned => return self_signed(params),
            TlsFault::CaAsServer => {
                params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
                return self_signed(params);
            }
            TlsFault::DefaultCertificate => {
                let mut params = leaf(&["ingress.local"])?;
                let name = "Kubernetes Ingress Controller Fake Certificate";
                params.distinguished_name.push(DnType::CommonName, name);
                return self_signed(params);
            }
            TlsFault::UntrustedCa => return signed(params, &root("Nobody's CA")?),
            TlsFault::UntrustedCaSent => {
                let issuer = root("Nobody's CA")?;
                let mut identity = signed(params, &issuer)?;
                identity.chain.push(issuer.der().clone());
                return Ok(identity);
            }
            TlsFault::Inspected => return signed(params, &root("Zscaler Root CA")?),
            TlsFault::MissingIntermediate | TlsFault::MissingPublicIntermediate => {
                if fault == TlsFault::MissingPublicIntermediate {
                    params.custom_extensions = vec![issuer_address("http://ca.practice.example/i")];
                }
                let key = KeyPair::generate().map_err(io::Error::other)?;
                let params_of_ca = ca("wsdeck practice intermediate");
                let between = CertifiedIssuer::signed_by(params_of_ca, key, &self.issuer);
                return signed(params, &between.map_err(io::Error::other)?);
            }
            TlsFault::OldSignature => {
                // Of ecdsa-with-SHA256 and -SHA224 (RFC 5758 section 3.2) the last digit differs;
                // both places that name the algorithm must agree.
                return self.patched(params, &OID_ECDSA_SHA2, |found| found[9] = 1);
            }
            TlsFault::OldCertificateVersion => {
                // `[0] EXPLICIT INTEGER`, counted from 0 (RFC 5280 section 4.1).
                return self.patched(params, &[0xa0, 3, 2, 1, 2], |found| found[4] = 1);
            }
            TlsFault::BadSignature => {
                let mut identity = signed(params, &self.issuer)?;
                // The end of a certificate is the end of its signature.
                change(&mut identity, |der| {
                    if let Some(last) = der.last_mut() {
                        *last ^= 1;
                    }
                });
                return Ok(identity);
            }
            // Nothing is wrong with the certificate of the others.
            _ => {}
        }
        signed(params, &self.issuer)
    }

    /// A signed certificate in which every place that begins with `pattern` is changed.
    fn patched(
        &self,
        params: CertificateParams,
        pattern: &[u8],
        patch: impl Fn(&mut [u8]),
    ) -> io::Result<Identity> {
        let mut identity = signed(params, &self.issuer)?;
        change(&mut identity, |der| {
            let places: Vec<usize> = memchr::memmem::find_iter(der, pattern).collect();
            for at in places {
                patch(&mut der[at..at + pattern.len()]);
            }
        });
        Ok(identity)
    }

    /// A client's certificate and key in PEM, as a server that demands one accepts them.
    pub(in crate::practice) fn client_identity(&self) -> io::Result<(String, String)> {
        let mut params = CertificateParams::new(vec![]).map_err(io::Error::other)?;
        params.distinguished_name.push(DnType::CommonName, "practice client");
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        set_period(&mut params);
        let key = KeyPair::generate().map_err(io::Error::other)?;
        let cert = params.signed_by(&key, &self.issuer).map_err(io::Error::other)?;
        Ok((cert.pem(), key.serialize_pem()))
    }

    /// Demands a client certificate that the authority has signed.
    fn demanding(
        &self,
        versions: &[&'static SupportedProtocolVersion],
    ) -> io::Result<Arc<ServerConfig>> {
        let identity = signed(leaf(&NAMES)?, &self.issuer)?;
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
    let key = provider().key_provider.load_private_key(private(&key)).map_err(io::Error::other)?;
    // Not by `with_single_cert`, which reads the certificate and refuses the odd ones.
    let identity = SingleCertAndKey::from(CertifiedKey::new(chain, key));
    let config = builder.with_no_client_auth().with_cert_resolver(Arc::new(identity));
    Ok(Arc::new(config))
}

/// What begins the algorithm identifier ecdsa-with-SHA256.
const OID_ECDSA_SHA2: [u8; 10] = [6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2];

/// Versions as a ServerHello writes them.
const TLS_1_0: [u8; 2] = [3, 1];
const TLS_1_2: [u8; 2] = [3, 3];

/// Changes the bytes of the server's own certificate.
fn change(identity: &mut Identity, edit: impl FnOnce(&mut Vec<u8>)) {
    if let Some(first) = identity.chain.first_mut() {
        let mut der = first.to_vec();
        edit(&mut der);
        *first = CertificateDer::from(der);
    }
}

fn self_signed(params: CertificateParams) -> io::Result<Identity> {
    let key = KeyPair::generate().map_err(io::Error::other)?;
    let cert = params.self_signed(&key).map_err(io::Error::other)?;
    Ok(Identity { chain: vec![cert.der().clone()], key })
}

/// The extension that tells where the issuer's certificate can be fetched (RFC 5280 section
/// 4.2.2.1): a sequence of one description, which is id-ad-caIssuers and a URL.
fn issuer_address(url: &'static str) -> CustomExtension {
    let part = |tag: u8, content: &[u8]| {
        let length = u8::try_from(content.len()).unwrap_or(0x7f).min(0x7f);
        [&[tag, length], &content[..usize::from(length)]].concat()
    };
    let method = [6, 8, 0x2b, 6, 1, 5, 5, 7, 0x30, 2];
    let description = part(0x30, &[&method[..], &part(0x86, url.as_bytes())].concat());
    CustomExtension::from_oid_content(&[1, 3, 6, 1, 5, 5, 7, 1, 1], part(0x30, &description))
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
