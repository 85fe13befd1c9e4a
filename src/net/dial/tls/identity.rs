//! The user's certificates and keys, out of PEM and PKCS#12 files.

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::core::request::Files;

/// A chain, leaf first, and the key of its leaf.
pub(super) type Identity = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

/// The client certificate that the files hold; `None` if there is none.
///
/// # Errors
/// In words, if they hold none that can be used.
pub(super) fn read(files: &Files) -> Result<Option<Identity>, String> {
    let (cert, key) = match (&files.cert_pem, &files.key_pem) {
        (None, None) => return Ok(None),
        (None, Some(_)) => return Err("a key was given without its client certificate".into()),
        (Some(cert), key) => (cert, key),
    };
    if is_der(cert) {
        let password = files.cert_password.as_ref().map_or("", |password| password.expose());
        return unpack(cert, password).map(Some);
    }
    let chain = read_certificates(cert, "client certificate")?;
    // One file may hold both.
    let key = match key {
        Some(key) => read_key(key.expose().as_bytes())?,
        None => read_key(cert)?,
    };
    Ok(Some((chain, key)))
}

/// Certificates in PEM; there is at least one.
pub(super) fn read_certificates(
    pem: &[u8],
    what: &str,
) -> Result<Vec<CertificateDer<'static>>, String> {
    let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    match read {
        Ok(certificates) if !certificates.is_empty() => Ok(certificates),
        Ok(_) if pem.trim_ascii().is_empty() => Err(format!("the {what} is empty")),
        Ok(_) if is_der(pem) => Err(format!(
            "the {what} is in DER form; PEM is needed \
             (openssl x509 -inform der -in FILE -out FILE.pem)"
        )),
        Ok(_) => Err(format!("the {what} holds no certificate in PEM form")),
        Err(error) => Err(format!("the {what} cannot be read: {error}")),
    }
}

fn read_key(pem: &[u8]) -> Result<PrivateKeyDer<'static>, String> {
    PrivateKeyDer::from_pem_slice(pem).map_err(|error| {
        // PKCS#8 says it in the header line, older forms in a line of their own.
        let holds = |text: &str| memchr::memmem::find(pem, text.as_bytes()).is_some();
        if holds("BEGIN ENCRYPTED PRIVATE KEY") || holds("Proc-Type: 4,ENCRYPTED") {
            "the key is encrypted; take the passphrase off (openssl pkey -in KEY -out PLAIN) or \
             pack key and certificate into a PKCS#12 file"
                .to_owned()
        } else if is_der(pem) {
            "the key is in DER form; PEM is needed (openssl pkey -inform der -in KEY -out KEY.pem)"
                .to_owned()
        } else if !holds("PRIVATE KEY-----") {
            "no private key in PEM form is there; set the file that holds it".to_owned()
        } else {
            format!("the key cannot be read: {error}")
        }
    })
}

/// Whether it begins as a sequence in DER, as PKCS#12 files, keys and certificates do. No text
/// begins with these bytes.
fn is_der(bytes: &[u8]) -> bool {
    matches!(bytes, [0x30, 0x80..=0x84, ..]) && std::str::from_utf8(bytes).is_err()
}

#[cfg(feature = "pkcs12")]
fn unpack(bytes: &[u8], password: &str) -> Result<Identity, String> {
    use p12_keystore::Pkcs12Archive;
    use p12_keystore::error::Error;

    let archive = Pkcs12Archive::from_pkcs12(bytes, password).map_err(|error| match error {
        Error::MacError(_) | Error::UnpadError | Error::Pkcs5Error(_) if password.is_empty() => {
            "the PKCS#12 file wants its password: --cert-password, or Certificate password in \
             Settings"
                .to_owned()
        }
        Error::MacError(_) | Error::UnpadError | Error::Pkcs5Error(_) => {
            "the password of the PKCS#12 file is wrong".to_owned()
        }
        Error::DerError(_) | Error::InvalidVersion | Error::UnsupportedContentType => format!(
            "the client certificate is neither PEM nor a PKCS#12 file that can be read: {error}"
        ),
        other => format!("the PKCS#12 file cannot be read: {other}"),
    })?;
    let key = archive.keys.first().ok_or("the PKCS#12 file holds no private key")?;
    // The leaf is the certificate that has the key's number; one that has none is alone.
    let number = key.local_key_id.as_ref().map(|id| id.0.as_slice());
    let same = |cert: &&p12_keystore::CertificateBag| {
        number.is_some() && cert.local_key_id.as_deref() == number
    };
    let leaf = archive.certs.iter().find(same).or(archive.certs.first());
    let leaf = leaf.ok_or("the PKCS#12 file holds no certificate")?;
    let mut chain = vec![&leaf.cert];
    // Up to the root, which is not sent: who trusts it has it.
    while let Some(last) = chain.last()
        && let Some(next) = archive.certs.iter().map(|bag| &bag.cert).find(|cert| {
            cert.subject() == last.issuer()
                && cert.issuer() != cert.subject()
                && !chain.iter().any(|known| known.as_der() == cert.as_der())
        })
    {
        chain.push(next);
    }
    let chain = chain.iter().map(|cert| CertificateDer::from(cert.as_der().to_vec())).collect();
    let key = PrivateKeyDer::try_from(key.key.as_der().to_vec())
        .map_err(|why| format!("the key in the PKCS#12 file cannot be used: {why}"))?;
    Ok((chain, key))
}

#[cfg(not(feature = "pkcs12"))]
fn unpack(_: &[u8], _: &str) -> Result<Identity, String> {
    Err("the client certificate is no PEM file, and this build of wsdeck cannot read PKCS#12; \
         unpack it (openssl pkcs12 -in FILE -nodes -out FILE.pem)"
        .to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::secret::Secret;

    fn key_pair() -> (rcgen::Certificate, rcgen::KeyPair) {
        let key = rcgen::KeyPair::generate().unwrap();
        let params = rcgen::CertificateParams::new(vec!["a.example".to_owned()]).unwrap();
        (params.self_signed(&key).unwrap(), key)
    }

    fn problem(cert: Option<Vec<u8>>, key: Option<&str>) -> Option<String> {
        let files = Files { cert_pem: cert, key_pem: key.map(Secret::new), ..Files::default() };
        read(&files).err()
    }

    #[test]
    fn pem_files_that_cannot_be_used_are_named() {
        let (cert, key) = key_pair();
        let (pem, key_pem) = (cert.pem().into_bytes(), key.serialize_pem());
        let encrypted =
            "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n";
        let old = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nAAAA\n\
                   -----END RSA PRIVATE KEY-----\n";
        let both = [pem.clone(), key_pem.clone().into_bytes()].concat();
        let cases = [
            (None, None, None),
            (Some(pem.clone()), Some(key_pem.as_str()), None),
            (Some(both), None, None),
            (Some(pem.clone()), None, Some("no private key in PEM form is there")),
            (Some(pem.clone()), Some(encrypted), Some("the key is encrypted")),
            (Some(pem.clone()), Some(old), Some("the key is encrypted")),
            (Some(pem), Some("x"), Some("no private key in PEM form")),
            (Some(b" \n".to_vec()), Some(&key_pem), Some("is empty")),
            (Some(b"no pem".to_vec()), Some(&key_pem), Some("holds no certificate")),
            (None, Some(&key_pem), Some("without its client certificate")),
        ];
        for (cert, key, want) in cases {
            let got = problem(cert, key);
            assert_eq!(got.is_some(), want.is_some(), "{got:?}");
            assert!(got.unwrap_or_default().contains(want.unwrap_or_default()), "{want:?}");
        }
        let der = read_certificates(cert.der(), "CA file").unwrap_err();
        assert!(der.contains("is in DER form"), "{der}");
    }

    #[cfg(feature = "pkcs12")]
    #[test]
    fn a_pkcs12_file_is_known_by_its_content() {
        use p12_keystore::{
            Certificate, KeyStore, KeyStoreEntry, LocalKeyId, PrivateKey, PrivateKeyChain,
        };

        let (cert, key) = key_pair();
        let packed = Certificate::from_der(cert.der()).unwrap();
        let key = PrivateKey::from_der(&key.serialize_der()).unwrap();
        let mut store = KeyStore::new();
        let chain = PrivateKeyChain::new(LocalKeyId(vec![1]), key, [packed]);
        store.add_entry("me", KeyStoreEntry::PrivateKeyChain(chain));
        let bytes =
            store.writer("right").encryption_iterations(1).mac_iterations(1).write().unwrap();
        let with = |bytes: &[u8], password: &str| {
            read(&Files {
                cert_pem: Some(bytes.to_vec()),
                cert_password: Some(Secret::new(password)),
                ..Files::default()
            })
        };
        let (chain, _) = with(&bytes, "right").unwrap().unwrap();
        assert_eq!(chain, [cert.der().clone()]);
        for (bytes, password, want) in [
            (&bytes[..], "wrong", "the password of the PKCS#12 file is wrong"),
            (&bytes, "", "wants its password"),
            (&bytes[..bytes.len() / 2], "right", "neither PEM nor a PKCS#12 file"),
            (cert.der(), "", "neither PEM nor a PKCS#12 file"),
        ] {
            let error = with(bytes, password).unwrap_err();
            assert!(error.contains(want) && !error.contains("right"), "{error}");
        }
    }
}
