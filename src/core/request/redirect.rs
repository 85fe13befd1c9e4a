//! The request that follows a redirect, and what of it stays behind.
//!
//! Credentials belong to the server that they were given for. They go along only to the same host
//! and port by a scheme that is no weaker; to any other place the request goes bare of them, and
//! the record says so.

use super::facts::{FIRST_MESSAGE, credentials, head_bytes, header_facts, overridden};
use super::{FirstMessage, HeaderOrigin, RequestSpec, WireHeader};
use crate::core::evidence::{Redirect, RequestFacts};
use crate::core::secret::{Masker, Secret, is_sensitive_name};
use crate::core::url::{self, Address, Scheme, split_query};

/// Pieces of header names that may hold a credential though they are not masked: what is shown
/// openly to its owner is still nobody else's.
const PERSONAL: &[&str] =
    &["auth", "cookie", "session", "key", "token", "secret", "csrf", "xsrf", "jwt", "access"];

impl RequestSpec {
    /// The address with everything that goes out, for comparing.
    #[must_use]
    pub fn full_url(&self) -> String {
        Address { target: self.target.expose().to_owned(), ..self.address.clone() }.to_url()
    }

    /// The request to where a redirect leads, and its entry in the record (its time is the
    /// caller's).
    ///
    /// `None` if the location cannot be followed: see [`url::resolve`]; or it holds a secret of
    /// this request's in its path, which must not go elsewhere.
    #[must_use]
    pub fn redirected(&self, status: u16, location: &str) -> Option<(RequestSpec, Redirect)> {
        let mut address = url::resolve(&self.address, location)?;
        let same = is_same_server(&self.address, &address);
        let mut left = Vec::new();
        if !same {
            (address.target, left) = without_secrets(&address.target, self);
            if holds(&self.masker, &address.target) {
                return None;
            }
        }

        let mut next = self.clone();
        next.target = Secret::new(address.target.clone());
        if !same {
            self.leave_credentials(&mut next);
        } else if self.signing.is_some() && self.target.expose() != address.target {
            // A signature is one for its path; a wrong one counts as a failed login.
            next.headers.retain(|header| header.origin != HeaderOrigin::Auth);
            next.first_messages.clear();
        }
        for header in &mut next.headers {
            if header.name.eq_ignore_ascii_case("host")
                && (header.origin == HeaderOrigin::Handshake || !same)
            {
                header.value = Secret::new(address.host_header());
                header.origin = HeaderOrigin::Handshake;
            }
        }
        let choice = next.proxy_rules.choose(&address);
        next.proxy = choice.proxy;
        next.address = address;
        next.facts = RequestFacts { proxy_exemption: choice.exemption, ..next.facts_of_hop(same) };
        left.extend(self.facts.credentials.iter().cloned());
        left.retain(|what| !next.facts.credentials.contains(what));
        left.sort_unstable();
        left.dedup();
        let record = Redirect {
            status,
            from: self.facts.used.clone(),
            to: next.facts.used.clone(),
            dropped: left,
            at_us: 0,
        };
        Some((next, record))
    }

    /// Takes from `next` what is meant for this request's server only.
    fn leave_credentials(&self, next: &mut RequestSpec) {
        next.headers.retain(|header| !is_personal(header));
        let secret = |name: &str| {
            let lower = name.to_ascii_lowercase();
            self.auth_subprotocols.iter().any(|s| s.text.expose() == name)
                || self.masker.mask(name) != name
                || lower.starts_with("bearer")
                || PERSONAL.iter().any(|piece| lower.contains(piece))
        };
        if next.subprotocols.iter().any(|name| secret(name)) {
            next.subprotocols.retain(|name| !secret(name));
            next.auth_subprotocols.clear();
            let offered = next.subprotocols.join(", ");
            let is_ours = |h: &WireHeader| h.name.eq_ignore_ascii_case("sec-websocket-protocol");
            for header in next.headers.iter_mut().filter(|header| is_ours(header)) {
                header.value = Secret::new(offered.clone());
                header.shown = None;
            }
            next.headers.retain(|header| !(offered.is_empty() && is_ours(header)));
        }
        next.tls.files.drop_identity();
        // Said of the first host, they would be wrong of another one.
        next.tls.server_name = None;
        next.tls.trusted.clear();
        next.signing = None;
        next.first_messages.clear();
    }

    fn facts_of_hop(&self, same: bool) -> RequestFacts {
        let old = &self.facts;
        let target = self.target.expose();
        let certificate = same && old.credentials.iter().any(|what| what == "certificate");
        let has_auth = self.headers.iter().any(|h| h.origin == HeaderOrigin::Auth)
            || !self.auth_subprotocols.is_empty();
        let mut sent = credentials(&self.headers, target, &self.auth_subprotocols, certificate);
        if self.first_messages.iter().any(FirstMessage::holds_secret) {
            sent.push(FIRST_MESSAGE.into());
        }
        RequestFacts {
            used: self.masker.mask(&url::masked(&self.full_url())),
            scheme: self.address.scheme.name().into(),
            host: self.address.host.clone(),
            port: self.address.port_or_default(),
            port_typed: self.address.port.is_some(),
            target: self.masker.mask(&url::masked(target)),
            subprotocols: self.subprotocols.iter().map(|s| self.masker.mask(s)).collect(),
            auth: if has_auth { old.auth.clone() } else { "none".into() },
            credential_notes: if has_auth { old.credential_notes.clone() } else { Vec::new() },
            credentials: sent,
            overridden: overridden(&self.headers),
            head_bytes: head_bytes(target, &self.headers),
            headers: header_facts(&self.headers, &self.masker),
            ..old.clone()
        }
    }
}

/// Whether credentials of one address may go to the other: same host, port and socket, and not
/// from TLS to plain text.
fn is_same_server(from: &Address, to: &Address) -> bool {
    from.host.eq_ignore_ascii_case(&to.host)
        && from.port_or_default() == to.port_or_default()
        && from.socket == to.socket
        && !(from.scheme == Scheme::Wss && to.scheme == Scheme::Ws)
}

/// Whether a header stays with the server that it was written for.
fn is_personal(header: &WireHeader) -> bool {
    let name = header.name.to_ascii_lowercase();
    if name.starts_with("sec-websocket-") {
        return false;
    }
    // Of what authentication adds nothing is anybody else's, be it shown (a signature, its date)
    // or not.
    matches!(header.origin, HeaderOrigin::Auth | HeaderOrigin::Jar)
        || header.is_sensitive()
        || name.starts_with("proxy-")
        || PERSONAL.iter().any(|piece| name.contains(piece))
}

/// A target without the query parameters that repeat a secret of the request, which a server may
/// copy into its redirect; and what was left out.
fn without_secrets(target: &str, of: &RequestSpec) -> (String, Vec<String>) {
    let (path, Some(query), _) = split_query(target) else {
        return (target.to_owned(), Vec::new());
    };
    let (_, ours, _) = split_query(of.target.expose());
    let ours: Vec<&str> = ours.unwrap_or_default().split('&').collect();
    let mut left = Vec::new();
    let mut kept = Vec::new();
    for piece in query.split('&') {
        let name = piece.split('=').next().unwrap_or_default();
        if (is_sensitive_name(name) && ours.contains(&piece)) || holds(&of.masker, piece) {
            left.push(format!("query {}", of.masker.mask(name)));
        } else {
            kept.push(piece);
        }
    }
    let query = if kept.is_empty() { String::new() } else { format!("?{}", kept.join("&")) };
    (format!("{path}{query}"), left)
}

/// Whether a text holds a known secret, as it stands or percent-encoded.
fn holds(masker: &Masker, text: &str) -> bool {
    let decoded = percent_encoding::percent_decode_str(text).decode_utf8_lossy();
    masker.mask(text) != text || masker.mask(&decoded) != decoded
}

#[cfg(test)]
mod tests {
    use super::super::{AuthContribution, AuthSubprotocol, Files, RequestDraft, Signing};
    use super::*;
    use crate::core::headers::HeaderRow;
    use crate::core::request::AuthHeader;

    const SECRETS: [&str; 6] = [
        "t0ken-of-auth",
        "c00kie-value",
        "pr0xy-value",
        "qu3ry-value",
        "s3ssion-value",
        "sub-s3cret",
    ];

    /// A request with a credential in every place.
    fn spec(url: &str) -> RequestSpec {
        let mut draft = RequestDraft::default();
        draft.set_url(url.to_owned());
        draft.headers = vec![
            HeaderRow::new("Cookie", "sid=c00kie-value"),
            HeaderRow::new("Proxy-Authorization", "Basic pr0xy-value"),
            HeaderRow::new("X-My-Session", "s3ssion-value"),
            HeaderRow::new("User-Agent", "test"),
        ];
        draft.settings.subprotocols = vec!["chat".into()];
        draft.settings.cert_file = "c.pem".into();
        let auth = AuthContribution {
            headers: vec![AuthHeader::secret("Authorization", "Bearer t0ken-of-auth")],
            query: vec![("api_key".into(), "qu3ry-value".into())],
            subprotocols: vec![AuthSubprotocol { text: "sub-s3cret".into(), is_secret: true }],
            ..AuthContribution::default()
        };
        let files = Files {
            cert_pem: Some(b"cert".to_vec()),
            key_pem: Some("key".into()),
            ..Files::default()
        };
        draft.spec(&auth, files).unwrap()
    }

    /// Everything that would go over the wire.
    fn wire(spec: &RequestSpec) -> String {
        let headers: String =
            spec.headers.iter().map(|h| format!("{}: {}\n", h.name, h.value.expose())).collect();
        format!("{}\n{headers}{:?}", spec.target.expose(), spec.subprotocols)
    }

    #[test]
    fn credentials_stay_where_they_belong() {
        let from = "wss://a.example:9/x";
        for to in [
            "wss://b.example:9/x",
            "wss://a.example:10/x",
            "wss://a.example/x",
            "ws://a.example:9/x",
            "wss://sub.a.example:9/x",
            "//b.example/x",
            "wss://a.example.:9/x",
        ] {
            for query in ["", "?api_key=qu3ry-value&n=1", "?n=qu3ry%2Dvalue"] {
                let (next, record) = spec(from).redirected(302, &format!("{to}{query}")).unwrap();
                let wire = wire(&next);
                for secret in SECRETS {
                    assert!(!wire.contains(secret), "{to}{query}: {wire}");
                }
                assert!(!wire.contains("qu3ry"), "{wire}");
                assert!(next.tls.files.cert_pem.is_none() && next.tls.files.key_pem.is_none());
                assert!(next.facts.credentials.is_empty(), "{:?}", next.facts.credentials);
                for what in [
                    "header Authorization",
                    "header Cookie",
                    "query api_key",
                    "subprotocol",
                    "certificate",
                ] {
                    assert!(record.dropped.iter().any(|d| d == what), "{what}: {record:?}");
                }
                assert_eq!(next.subprotocols, ["chat"]);
                assert!(wire.contains("User-Agent: test"), "{wire}");
                assert!(wire.contains(&format!("Host: {}", next.address.host_header())));
                assert_eq!(next.facts.auth, "none");
            }
        }
        // A secret in the path cannot be taken out.
        assert!(spec(from).redirected(302, "//b.example/qu3ry-value/x").is_none());
    }

    #[test]
    fn the_same_server_gets_them_again() {
        for (from, to) in [
            ("ws://a.example:9/x", "/y"),
            ("ws://a.example:9/x", "ws://A.example:9/y"),
            ("ws://a.example:9/x", "https://a.example:9/y"),
            ("wss://a.example/x", "https://a.example:443/y"),
        ] {
            let (next, record) = spec(from).redirected(307, to).unwrap();
            let wire = wire(&next);
            assert!(wire.contains("t0ken-of-auth") && wire.contains("c00kie-value"), "{wire}");
            assert!(next.tls.files.cert_pem.is_some());
            // What the location does not name does not go out.
            assert_eq!(record.dropped, ["query api_key"]);
            assert_eq!(next.target.expose(), "/y");
            assert_eq!(next.facts.host, "a.example");
        }
    }

    #[test]
    fn a_signature_does_not_fit_another_path() {
        let mut signed = spec("ws://a.example/x");
        signed.signing = Some(Signing::default());
        let (next, record) = signed.redirected(301, "/y").unwrap();
        assert!(!wire(&next).contains("t0ken-of-auth"));
        assert!(record.dropped.contains(&"header Authorization".to_owned()));
    }

    #[test]
    fn a_record_shows_no_secret() {
        let (_, record) =
            spec("ws://a.example/x?token=abcdefg").redirected(302, "/y?token=hijklmn").unwrap();
        let text = format!("{record:?}");
        assert!(!text.contains("abcdefg") && !text.contains("hijklmn"), "{text}");
        assert_eq!(record.status, 302);
    }

    #[test]
    fn the_proxy_is_chosen_anew() {
        let mut from = spec("ws://a.example/");
        from.proxy_rules.setting = Secret::new("http://p:1");
        from.proxy_rules.exempt = vec!["b.example".into()];
        let (next, _) = from.redirected(302, "http://b.example/").unwrap();
        assert!(next.proxy.is_none());
        assert_eq!(next.facts.proxy_exemption.unwrap().entry, "b.example");
        let (next, _) = from.redirected(302, "http://c.example/").unwrap();
        assert_eq!(next.proxy.unwrap().source, "setting");
    }
}
