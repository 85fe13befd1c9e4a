//! What the first bytes of either side say, read from the wire itself: the library tells neither
//! what its greeting holds nor what a server answered that it refused.

use rustls::{NamedGroup, ProtocolVersion, SignatureScheme};

use super::config::version_name;

/// Content type of an alert.
const ALERT: u8 = 21;

/// Content type and message type of a ClientHello and a ServerHello (RFC 8446 sections 4 and 5.1).
const HANDSHAKE: u8 = 22;
const CLIENT_HELLO: u8 = 1;
const SERVER_HELLO: u8 = 2;

/// Extensions (RFC 8446 section 4.2).
const SUPPORTED_GROUPS: u16 = 10;
const SIGNATURE_ALGORITHMS: u16 = 13;
const KEY_SHARE: u16 = 51;

/// Reads numbers and parts from bytes; `None` where they end too early.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (part, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(part)
    }

    fn u8(&mut self) -> Option<usize> {
        self.take(1).map(|b| usize::from(b[0]))
    }

    fn u16(&mut self) -> Option<u16> {
        self.take(2).map(|b| u16::from_be_bytes([b[0], b[1]]))
    }

    /// A part with its length in two bytes in front.
    fn vector(&mut self) -> Option<Reader<'a>> {
        let length = self.u16()?;
        self.take(usize::from(length)).map(Reader)
    }

    fn u16s(mut self) -> Vec<u16> {
        std::iter::from_fn(|| self.u16()).collect()
    }
}

/// What a ClientHello offers.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct ClientHello {
    /// With the record's header.
    pub bytes: u64,
    pub groups: Vec<String>,
    pub key_shares: Vec<String>,
    pub signature_schemes: Vec<String>,
}

/// Reads the ClientHello at the start of what was sent; `None` if it is not there whole.
pub(super) fn client_hello(sent: &[u8]) -> Option<ClientHello> {
    let mut record = Reader(sent);
    (record.take(1)? == [HANDSHAKE]).then_some(())?;
    record.u16()?;
    let mut body = record.vector()?;
    let mut out = ClientHello { bytes: body.0.len() as u64 + 5, ..ClientHello::default() };
    (body.take(1)? == [CLIENT_HELLO]).then_some(())?;
    // Length, version and random.
    body.take(3 + 2 + 32)?;
    let session = body.u8()?;
    body.take(session)?;
    body.vector()?;
    let compression = body.u8()?;
    body.take(compression)?;
    let mut extensions = body.vector()?;
    while let Some(kind) = extensions.u16() {
        let mut data = extensions.vector()?;
        match kind {
            SUPPORTED_GROUPS => out.groups = data.vector()?.u16s().into_iter().map(group).collect(),
            SIGNATURE_ALGORITHMS => {
                out.signature_schemes = data.vector()?.u16s().into_iter().map(scheme).collect();
            }
            KEY_SHARE => {
                let mut shares = data.vector()?;
                while let Some(kind) = shares.u16() {
                    shares.vector()?;
                    out.key_shares.push(group(kind));
                }
            }
            _ => {}
        }
    }
    Some(out)
}

fn group(number: u16) -> String {
    format!("{:?}", NamedGroup::from(number))
}

fn scheme(number: u16) -> String {
    format!("{:?}", SignatureScheme::from(number))
}

/// Versions that the first bytes of the peer name: in the record's header, and in the ServerHello
/// if it is one.
pub(super) fn peer_versions(first: &[u8]) -> (Option<String>, Option<String>) {
    let mut record = Reader(first);
    let Some(&[kind]) = record.take(1) else { return (None, None) };
    let Some(outer) = record.u16().filter(|_| super::errors::looks_like_tls(first)) else {
        return (None, None);
    };
    let inner = (|| {
        // The record's length and, behind the message's type, its own.
        record.take(2)?;
        (kind == HANDSHAKE && record.take(1)? == [SERVER_HELLO]).then_some(())?;
        record.take(3)?;
        record.u16()
    })();
    (Some(name(outer)), inner.map(name))
}

/// Level and number of an alert in clear text, if these bytes begin with one (RFC 8446 section 6).
pub(super) fn alert(bytes: &[u8]) -> Option<(u8, u8)> {
    match *bytes {
        [ALERT, 3, _, 0, 2, level @ 1..=2, number, ..] => Some((level, number)),
        _ => None,
    }
}

fn name(version: u16) -> String {
    match version {
        0x0300 => "SSL 3.0".to_owned(),
        0x0200 => "SSL 2.0".to_owned(),
        other => match version_name(ProtocolVersion::from(other)) {
            "unknown" => format!("version {other:#06x}"),
            known => known.to_owned(),
        },
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn versions_of_the_peer() {
        let some = |text: &str| Some(text.to_owned());
        for (first, want) in [
            (&[][..], (None, None)),
            (b"SSH-2.0", (None, None)),
            (&[21, 3, 1, 0, 2, 2, 70], (some("TLS 1.0"), None)),
            (&[22, 3, 3, 0, 90, 2, 0, 0, 86, 3, 3], (some("TLS 1.2"), some("TLS 1.2"))),
            (&[22, 3, 1, 0, 90, 2, 0, 0, 86, 3, 1], (some("TLS 1.0"), some("TLS 1.0"))),
            (&[22, 3, 0, 0, 90, 2, 0, 0, 86, 3, 0], (some("SSL 3.0"), some("SSL 3.0"))),
            (&[22, 3, 2, 0, 90, 2, 0, 0, 86, 3], (some("TLS 1.1"), None)),
        ] {
            assert_eq!(peer_versions(first), want, "{first:?}");
        }
    }

    #[test]
    fn alerts_in_clear_text() {
        assert_eq!(alert(&[21, 3, 1, 0, 2, 1, 112]), Some((1, 112)));
        assert_eq!(alert(&[21, 3, 3, 0, 2, 2, 40, 22]), Some((2, 40)));
        // Encrypted ones are longer.
        assert_eq!(alert(&[21, 3, 3, 0, 26, 2, 40]), None);
        assert_eq!(alert(b"21"), None);
    }

    #[test]
    fn the_greeting_of_the_library_is_read() {
        let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(rustls::RootCertStore::empty())
            .with_no_client_auth();
        let name = "a.example".try_into().unwrap();
        let mut client = rustls::ClientConnection::new(config.into(), name).unwrap();
        let mut sent = Vec::new();
        client.write_tls(&mut sent).unwrap();
        let hello = client_hello(&sent).unwrap();
        assert_eq!(hello.bytes, sent.len() as u64);
        assert!(hello.groups.contains(&"X25519".to_owned()), "{hello:?}");
        assert_eq!(hello.key_shares, ["X25519"]);
        assert!(hello.signature_schemes.contains(&"ED25519".to_owned()), "{hello:?}");
        for cut in 0..sent.len() {
            assert_eq!(client_hello(&sent[..cut]), None);
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_harm(mut bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            peer_versions(&bytes);
            client_hello(&bytes);
            bytes.splice(0..0, [HANDSHAKE, 3, 1]);
            peer_versions(&bytes);
            client_hello(&bytes);
        }
    }
}
