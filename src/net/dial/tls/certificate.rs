//! A certificate taken apart for people. Certificates come from strangers: whatever cannot be read
//! is said, everything else is shown as far as it goes, escaped.

use sha2::{Digest as _, Sha256};
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::{GeneralName, ParsedExtension};
use x509_parser::prelude::FromDer as _;
use x509_parser::public_key::PublicKey;
use x509_parser::time::ASN1Time;
use x509_parser::x509::{SubjectPublicKeyInfo, X509Name};

use crate::core::evidence::Certificate;
use crate::core::sanitize;
use crate::core::time::Micros;

/// Names of a certificate that are kept; some carry thousands.
const MAX_NAMES: usize = 200;

/// Longest text that is kept of one field, in characters.
const MAX_TEXT: usize = 1000;

pub(super) fn read(der: &[u8]) -> Certificate {
    let mut out =
        Certificate { sha256: crate::net::hex(&Sha256::digest(der)), ..Certificate::default() };
    let parsed = match X509Certificate::from_der(der) {
        Ok((_, parsed)) => parsed,
        Err(error) => {
            out.unreadable = Some(clean(&error.to_string()));
            return out;
        }
    };
    out.subject = clean(&parsed.subject().to_string());
    out.issuer = clean(&parsed.issuer().to_string());
    out.self_issued = parsed.subject().as_raw() == parsed.issuer().as_raw();
    out.not_before = micros(parsed.validity().not_before);
    out.not_after = micros(parsed.validity().not_after);
    out.key = key(parsed.public_key());
    out.signature = signature(&parsed.signature_algorithm.algorithm.to_id_string());
    out.serial = clean(&parsed.raw_serial_as_string());
    for extension in parsed.extensions() {
        match extension.parsed_extension() {
            ParsedExtension::SubjectAlternativeName(names) => {
                out.names.extend(names.general_names.iter().take(MAX_NAMES).filter_map(name));
            }
            ParsedExtension::BasicConstraints(constraints) => out.is_ca = constraints.ca,
            ParsedExtension::AuthorityInfoAccess(access) => {
                // id-ad-caIssuers, RFC 5280 section 4.2.2.1.
                out.issuer_url = access.iter().find_map(|description| {
                    match (&description.access_location, description.access_method.to_id_string()) {
                        (GeneralName::URI(url), id) if id == "1.3.6.1.5.5.7.48.2" => {
                            Some(clean(url))
                        }
                        _ => None,
                    }
                });
            }
            ParsedExtension::ParseError { error } => {
                out.unreadable = Some(clean(&format!("an extension: {error}")));
            }
            _ => {}
        }
    }
    out
}

/// A distinguished name as text; in hex if it cannot be read.
pub(super) fn name_of(der: &[u8]) -> String {
    match X509Name::from_der(der) {
        Ok((_, name)) => clean(&name.to_string()),
        Err(_) => clean(&crate::net::hex(der)),
    }
}

fn clean(text: &str) -> String {
    let short: String = text.chars().take(MAX_TEXT).collect();
    sanitize::escape(&short).into_owned()
}

fn micros(time: ASN1Time) -> Option<Micros> {
    u64::try_from(time.timestamp()).ok().map(|secs| Micros(secs.saturating_mul(1_000_000)))
}

/// A name that a client can ask for: DNS or address.
fn name(name: &GeneralName<'_>) -> Option<String> {
    match name {
        GeneralName::DNSName(dns) => Some(clean(dns)),
        GeneralName::IPAddress(bytes) => Some(match bytes.len() {
            4 => {
                <[u8; 4]>::try_from(*bytes).map(|b| std::net::Ipv4Addr::from(b).to_string()).ok()?
            }
            16 => <[u8; 16]>::try_from(*bytes)
                .map(|b| std::net::Ipv6Addr::from(b).to_string())
                .ok()?,
            _ => format!("address of {} bytes", bytes.len()),
        }),
        _ => None,
    }
}

fn key(info: &SubjectPublicKeyInfo<'_>) -> String {
    let algorithm = info.algorithm.algorithm.to_id_string();
    match algorithm.as_str() {
        "1.3.101.112" => return "Ed25519".to_owned(),
        "1.3.101.113" => return "Ed448".to_owned(),
        _ => {}
    }
    match info.parsed() {
        Ok(PublicKey::RSA(rsa)) => {
            // By the digits themselves, since a modulus may be written with zeros in front.
            let digits = rsa.modulus.iter().skip_while(|byte| **byte == 0);
            let first = digits.clone().next().map_or(0, |byte| 8 - byte.leading_zeros());
            let rest = digits.count().saturating_sub(1) * 8;
            format!("RSA {}", rest + usize::try_from(first).unwrap_or(0))
        }
        Ok(PublicKey::EC(_)) => {
            let curve = info
                .algorithm
                .parameters
                .as_ref()
                .and_then(|any| any.as_oid().ok())
                .map(|oid| oid.to_id_string());
            match curve.as_deref() {
                Some("1.2.840.10045.3.1.7") => "EC P-256".to_owned(),
                Some("1.3.132.0.34") => "EC P-384".to_owned(),
                Some("1.3.132.0.35") => "EC P-521".to_owned(),
                Some("1.3.132.0.10") => "EC secp256k1".to_owned(),
                Some(other) => format!("EC {}", clean(other)),
                None => "EC".to_owned(),
            }
        }
        _ => clean(&algorithm),
    }
}

fn signature(oid: &str) -> String {
    match oid {
        "1.2.840.113549.1.1.4" => "RSA MD5",
        "1.2.840.113549.1.1.5" => "RSA SHA-1",
        "1.2.840.113549.1.1.10" => "RSA-PSS",
        "1.2.840.113549.1.1.11" => "RSA SHA-256",
        "1.2.840.113549.1.1.12" => "RSA SHA-384",
        "1.2.840.113549.1.1.13" => "RSA SHA-512",
        "1.2.840.10045.4.1" => "ECDSA SHA-1",
        "1.2.840.10045.4.3.2" => "ECDSA SHA-256",
        "1.2.840.10045.4.3.3" => "ECDSA SHA-384",
        "1.2.840.10045.4.3.4" => "ECDSA SHA-512",
        "1.3.101.112" => "Ed25519",
        "1.3.101.113" => "Ed448",
        other => return clean(other),
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rcgen::{CertificateParams, DnType, KeyPair, SanType};

    use super::*;

    fn certificate() -> Vec<u8> {
        let mut params = CertificateParams::new(vec!["a.example".to_owned()]).unwrap();
        params.distinguished_name.push(DnType::CommonName, "evil\u{1b}[31m");
        params.subject_alt_names.push(SanType::IpAddress("::1".parse().unwrap()));
        params.subject_alt_names.push(SanType::IpAddress("10.0.0.1".parse().unwrap()));
        params.self_signed(&KeyPair::generate().unwrap()).unwrap().der().to_vec()
    }

    #[test]
    fn the_parts_people_compare() {
        let read = read(&certificate());
        assert_eq!(read.names, ["a.example", "::1", "10.0.0.1"]);
        assert_eq!((read.key.as_str(), read.signature.as_str()), ("EC P-256", "ECDSA SHA-256"));
        assert!(read.self_issued && !read.is_ca && read.unreadable.is_none());
        assert!(read.subject.contains("\\x1b[31m"), "{}", read.subject);
        assert_eq!(read.sha256.len(), 64);
        assert!(read.not_before < read.not_after);
    }

    proptest! {
        #[test]
        fn damaged_certificates_do_no_harm(
            flips in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
            cut in any::<prop::sample::Index>(),
        ) {
            static SOUND: std::sync::LazyLock<Vec<u8>> = std::sync::LazyLock::new(certificate);
            let mut der = SOUND.clone();
            for (at, value) in flips {
                let at = at.index(der.len());
                der[at] = value;
            }
            read(&der);
            der.truncate(cut.index(der.len()));
            read(&der);
        }
    }
}
