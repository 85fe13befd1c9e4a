//! TLS options of the command line.

use wsdeck::practice::TlsFault;

use super::practice::practice;
use super::run::{Ran, finish, run, wsdeck};

fn check(url: &str, options: &[&str]) -> Ran {
    run(&[&["check", url, "--json", "--wait", "0"], options].concat())
}

fn codes(ran: &Ran) -> Vec<String> {
    let out = ran.json();
    let findings = out["findings"].as_array().unwrap();
    findings.iter().map(|finding| finding["code"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_certificate_is_trusted_by_the_fingerprint_that_the_fix_names() {
    let url = practice().faulty(TlsFault::SelfSigned);
    let refused = check(&url, &[]);
    assert_eq!(refused.code, 14, "{refused:?}");
    let out = refused.json();
    let fix = &out["fixes"][0];
    assert_eq!(fix["change"]["kind"], "trust-certificate", "{out}");
    let sha256 = fix["change"]["sha256"].as_str().unwrap();
    assert!(fix["label"].as_str().unwrap().contains(&sha256[..16]), "{fix}");

    let pairs: Vec<String> = sha256
        .to_uppercase()
        .as_bytes()
        .chunks(2)
        .map(|p| String::from_utf8_lossy(p).into())
        .collect();
    let trusted = check(&url, &["--trust-fingerprint", &pairs.join(":")]);
    assert_eq!(trusted.code, 0, "{trusted:?}");
    assert_eq!(trusted.json()["evidence"]["tls"]["pinned"], true);
    assert!(codes(&trusted).contains(&"tls/pinned".to_owned()));
    // What was accepted is no warning any more.
    assert!(!codes(&trusted).iter().any(|code| code.starts_with("tls/cert-")), "{trusted:?}");
    // Another server's is refused as ever.
    let other = practice().faulty(TlsFault::SelfSigned);
    assert_eq!(check(&other, &["--trust-fingerprint", sha256]).code, 14);
}

#[test]
fn name_and_versions_are_set() {
    let ca = practice().ca_file();
    let ca = ca.to_str().unwrap();
    let url = practice().faulty(TlsFault::WrongName);
    let named = check(&url, &["--cacert", ca, "--tls-server-name", "wrong.practice.example"]);
    assert_eq!(named.code, 0, "{named:?}");
    for (options, version) in [
        (&["--tls-max", "1.2"][..], "TLS 1.2"),
        (&["--tlsv1.2"], "TLS 1.3"),
        (&["--tlsv1.3"], "TLS 1.3"),
    ] {
        let ran = check(&practice().tls_url("/echo"), &[&["--cacert", ca], options].concat());
        assert_eq!(ran.json()["evidence"]["tls"]["version"], version, "{options:?} {ran:?}");
    }
    let only12 = practice().faulty(TlsFault::Tls12Only);
    let ran = check(&only12, &["--cacert", ca, "--tlsv1.3"]);
    assert_eq!(ran.json()["code"], "tls/protocol-version", "{ran:?}");
    assert_eq!(ran.json()["fixes"][0]["change"]["versions"], "any", "{ran:?}");
    let ran = check(&only12, &["--cacert", ca, "--tls-server-name", "a b"]);
    assert_eq!(ran.json()["code"], "tls/server-name", "{ran:?}");
}

#[test]
fn session_keys_are_written_where_the_environment_says() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("keys.txt");
    let ca = practice().ca_file();
    let url = practice().tls_url("/echo");
    let args = ["check", &url, "--wait", "0", "--cacert", ca.to_str().unwrap()];
    let mut command = wsdeck(&args);
    command.env("SSLKEYLOGFILE", &file);
    let ran = finish(command, b"");
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(std::fs::read_to_string(&file).unwrap().contains("CLIENT_TRAFFIC_SECRET_0 "));
    let shown = format!("{}{}", ran.stdout, ran.stderr);
    assert!(shown.contains("Session keys are written to"), "{shown}");
}

#[cfg(feature = "pkcs12")]
#[test]
fn a_pkcs12_file_opens_the_door_with_its_password() {
    use p12_keystore::{
        Certificate, KeyStore, KeyStoreEntry, LocalKeyId, PrivateKey, PrivateKeyChain,
    };
    use rustls::pki_types::pem::PemObject as _;
    use rustls::pki_types::{CertificateDer, PrivateKeyDer};

    let (cert, key) = practice().client_identity();
    let cert = CertificateDer::from_pem_slice(cert.as_bytes()).unwrap();
    let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap();
    let chain = PrivateKeyChain::new(
        LocalKeyId(vec![1]),
        PrivateKey::from_der(key.secret_der()).unwrap(),
        [Certificate::from_der(&cert).unwrap()],
    );
    let mut store = KeyStore::new();
    store.add_entry("client", KeyStoreEntry::PrivateKeyChain(chain));
    let dir = tempfile::tempdir().unwrap();
    // The name says nothing: the content does.
    let file = dir.path().join("client.bin");
    std::fs::write(&file, store.writer("p4ssw0rd").write().unwrap()).unwrap();

    let url = practice().faulty(TlsFault::ClientCertRequired);
    let ca = practice().ca_file();
    let with = |password: &[&str]| {
        let given = ["--cacert", ca.to_str().unwrap(), "--cert", file.to_str().unwrap()];
        let mut command =
            wsdeck(&[&["check", &url, "--json", "--wait", "0"], &given[..], password].concat());
        command.env("WSDECK_TEST_P12", "p4ssw0rd");
        finish(command, b"")
    };
    let ran = with(&["--cert-password", "env:WSDECK_TEST_P12"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_eq!(ran.json()["evidence"]["tls"]["client_cert_sent"], true);
    assert!(!ran.stdout.contains("p4ssw0rd"));
    let mut command = wsdeck(&["check", &url, "--json", "--wait", "0", "--cacert"]);
    command.arg(&ca).args(["--auth", "mtls", "--auth-param"]);
    command.arg(format!("cert={}", file.display()));
    command.args(["--auth-param", "password=env:WSDECK_TEST_P12"]);
    command.env("WSDECK_TEST_P12", "p4ssw0rd");
    let ran = finish(command, b"");
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(!ran.stdout.contains("p4ssw0rd"));
    for (password, why) in [
        (&["--cert-password", "wr0ng-0ne"][..], "the password of the PKCS#12 file is wrong"),
        (&[], "wants its password"),
    ] {
        let ran = with(password);
        assert_eq!(
            (ran.code, &ran.json()["code"]),
            (14, &"tls/client-cert-files".into()),
            "{ran:?}"
        );
        assert!(ran.stdout.contains(why) && !ran.stdout.contains("wr0ng-0ne"), "{ran:?}");
    }
}
