//! TLS: certificates, alerts, and peers that speak something else.

use wsdeck::core::request::Files;
use wsdeck::core::secret::Secret;
use wsdeck::practice::TlsFault;

use super::super::peer::{Act, answer, reply};
use super::super::row::{Row, faulty_tls, peer, practice, tls_peer};

/// A fatal alert in answer to the ClientHello (RFC 8446 section 6).
fn alert(number: u8) -> Vec<Act> {
    vec![Act::Read(16), Act::Bytes(vec![0x15, 3, 3, 0, 2, 2, number])]
}

/// Anything else in answer to the ClientHello.
fn says(bytes: &[u8]) -> Vec<Act> {
    vec![Act::Read(16), Act::Bytes(bytes.to_vec())]
}

/// An alert that answers a hello with a name; an address has none.
fn named(id: &'static str, number: u8) -> Row {
    tls_peer(id, alert(number)).at("wss://localhost:{port}/feed").edit(|draft, _| {
        draft.settings.ip_family = wsdeck::core::request::IpFamily::V4;
    })
}

/// A client certificate that no server knows.
fn stranger() -> Files {
    let key = rcgen::KeyPair::generate().expect("a key");
    let mut params = rcgen::CertificateParams::new(vec![]).expect("no names are names");
    params.distinguished_name.push(rcgen::DnType::CommonName, "stranger");
    params.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ClientAuth];
    let cert = params.self_signed(&key).expect("a certificate");
    Files {
        cert_pem: Some(cert.pem().into()),
        key_pem: Some(Secret::new(key.serialize_pem())),
        ..Files::default()
    }
}

pub fn rows() -> Vec<Row> {
    let http = b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n";
    let hung_up: &[&str] = &["tls/closed-on-hello", "tls/reset-on-hello"];
    vec![
        practice("tls/plain-http-server", "wss://{addr}/echo"),
        tls_peer("tls/plain-http-server", says(http)),
        tls_peer("tls/plain-other-server", says(b"SSH-2.0-OpenSSH_9.6\r\n")),
        tls_peer("tls/plain-other-server", says(b"220 mail.example.com ESMTP\r\n")),
        tls_peer("tls/plain-other-server", says(b"-ERR unknown command\r\n")),
        tls_peer("tls/closed-on-hello", vec![Act::Read(16)]),
        tls_peer("tls/reset-on-hello", vec![Act::Read(16), Act::Reset])
            .or(hung_up, "bytes that are still unread decide between FIN and RST"),
        tls_peer("tls/silent", vec![Act::Hold]).limited(),
        named("tls/handshake-failure", 40)
            .or(&["tls/no-shared-cipher"], "alert 40 says no more than that nothing fits"),
        named("tls/protocol-version", 70),
        faulty_tls("tls/protocol-version", TlsFault::OldTls),
        named("tls/no-shared-cipher", 71),
        named("tls/unrecognized-name", 112),
        named("tls/internal-error", 80),
        named("tls/no-alpn", 120),
        named("tls/decrypt-or-mac", 20),
        named("tls/decrypt-or-mac", 51),
        named("tls/peer-dislikes-hello", 47),
        named("tls/peer-dislikes-hello", 50),
        named("tls/peer-dislikes-hello", 10),
        named("tls/peer-dislikes-hello", 109),
        named("tls/fallback-refused", 86),
        named("tls/close-notify-early", 90),
        tls_peer("tls/no-sni", alert(40)),
        tls_peer("tls/no-sni", alert(112)),
        peer(
            "tls/h2-frames",
            answer(&b"\x00\x00\x12\x04\x00\x00\x00\x00\x00\x00\x03\x00\x00\x00\x80"[..]),
        ),
        faulty_tls("tls/client-cert-rejected", TlsFault::ClientCertRequired).files(stranger()),
        faulty_tls("tls/client-cert-rejected", TlsFault::ClientCertRequiredTls12).files(stranger()),
        faulty_tls("tls/client-cert-13", TlsFault::ClientCertRequired),
        faulty_tls("tls/client-cert-12", TlsFault::ClientCertRequiredTls12)
            .or(&["tls/client-cert-13"], "rustls sends the alert of TLS 1.3 under 1.2 too"),
        peer(
            "tls/client-cert-http",
            reply(
                "400 Bad Request",
                "Server: nginx\r\nContent-Type: text/html\r\n",
                "<html><head><title>400 No required SSL certificate was sent</title></head><body>\
                 <center><h1>400 Bad Request</h1></center><center>No required SSL certificate was \
                 sent</center></body></html>",
            ),
        ),
        faulty_tls("tls/cert-expired", TlsFault::Expired),
        faulty_tls("tls/cert-not-yet-valid", TlsFault::NotYetValid),
        faulty_tls("tls/cert-wrong-host", TlsFault::WrongName),
        faulty_tls("tls/cert-ip", TlsFault::WrongName).at("wss://127.0.0.1:{port}/echo"),
        faulty_tls("tls/cert-self-signed", TlsFault::SelfSigned),
        faulty_tls("tls/cert-private-ca", TlsFault::UntrustedCa),
        faulty_tls("tls/cert-private-ca", TlsFault::UntrustedCaSent),
        faulty_tls("tls/cert-expires-soon", TlsFault::EndsSoon).close_after(0).remark(),
        faulty_tls("tls/cert-ip", TlsFault::NoAddress).at("wss://127.0.0.1:{port}/echo"),
        faulty_tls("tls/cert-no-san", TlsFault::NoNames),
        faulty_tls("tls/cert-ca-as-leaf", TlsFault::CaAsServer),
        faulty_tls("tls/cert-incomplete-chain", TlsFault::MissingPublicIntermediate),
        faulty_tls("tls/cert-default", TlsFault::DefaultCertificate),
        faulty_tls("tls/inspected", TlsFault::Inspected),
        faulty_tls("tls/cert-weak", TlsFault::OldSignature),
        faulty_tls("tls/cert-weak", TlsFault::OldCertificateVersion),
        faulty_tls("tls/no-alpn", TlsFault::Http2Only),
        faulty_tls("tls/alpn-h2-chosen", TlsFault::Http2Chosen),
        faulty_tls("tls/cert-weak", TlsFault::BadSignature),
        faulty_tls("tls/cert-usage", TlsFault::ClientPurpose),
        faulty_tls("tls/decrypt-or-mac", TlsFault::Damaged),
        faulty_tls("tls/protocol-version", TlsFault::OldTlsAnswers),
        faulty_tls("tls/no-shared-cipher", TlsFault::OldCipher),
        faulty_tls("tls/truncated", TlsFault::Truncated),
        faulty_tls("tls/plain-other-server", TlsFault::Ssh),
        faulty_tls("tls/silent", TlsFault::Silent).limited(),
        faulty_tls("tls/closed-on-hello", TlsFault::ClosesOnHello),
        faulty_tls("tls/reset-on-hello", TlsFault::ResetsOnHello),
        practice("tls/cert-private-ca", "wss://localhost:{tls}/echo").distrusting(),
        practice("tls/verification-off", "wss://localhost:{tls}/echo")
            .edit(|draft, _| draft.settings.verify = false)
            .close_after(0)
            .remark(),
        practice("tls/truncated", "wss://localhost:{tls}/drop?after=1").send("x").among(),
        practice("ws/frame-cut", "wss://localhost:{tls}/huge-frame").or(
            &["msg/too-big-received", "ws/frame-length"],
            "the announced length is refused first",
        ),
    ]
}
