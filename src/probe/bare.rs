//! Requests of probes.
//!
//! A bare request is not the user's request with the secrets taken out, but a new one: the
//! address without user, password, query and fragment, and those settings that say how to get
//! there. What a later version adds to requests is so left out by itself.

use crate::auth::{self, Means};
use crate::core::change::Change;
use crate::core::evidence::ProbeKind;
use crate::core::request::{
    AuthContribution, Files, HeaderOrigin, RequestDraft, RequestSettings, RequestSpec,
};
use crate::core::time::Micros;
use crate::core::url::{self, Address, UrlProblem, split_query};
use crate::diagnose::probes::Planned;

use super::Subject;

/// Why a probe is not made after all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotBare {
    #[error("the request cannot be written: {0}")]
    Unwritable(UrlProblem),
    #[error("it would go to another host or port")]
    Elsewhere,
    #[error("the path itself holds a credential")]
    PathIsSecret,
    #[error("the proxy's password would go out again")]
    ProxyIsSecret,
}

/// The request without anything of the user's: same scheme, host, port and path, and how to get
/// there. No userinfo, query, header, subprotocol, authentication or client certificate.
///
/// # Errors
/// If the address cannot be read.
pub(super) fn draft(of: &RequestDraft) -> Result<RequestDraft, UrlProblem> {
    let address = url::read(&of.url)?;
    let path = split_query(&address.target).0.to_owned();
    let s = &of.settings;
    let mut bare = RequestDraft {
        settings: RequestSettings {
            verify: s.verify,
            ca_file: s.ca_file.clone(),
            resolve: s.resolve.clone(),
            ip_family: s.ip_family,
            server_name: s.server_name.clone(),
            tls_versions: s.tls_versions,
            trusted: s.trusted.clone(),
            compression: s.compression,
            ..RequestSettings::default()
        },
        ..RequestDraft::default()
    };
    // It writes neither user nor password.
    bare.set_url(Address { target: path, ..address }.to_url());
    Ok(bare)
}

/// What goes out for a probe that is a whole attempt.
///
/// # Errors
/// If it cannot be written, or would carry a secret although it must not.
pub(super) fn spec(
    subject: &Subject,
    probe: &Planned,
    limit_ms: u64,
    now: Micros,
) -> Result<RequestSpec, NotBare> {
    let base = &subject.spec;
    let keeps = probe.whole && !probe.is_bare();
    let mut draft = if keeps {
        subject.draft.clone()
    } else {
        draft(&subject.draft).map_err(NotBare::Unwritable)?
    };
    if let Some(change) = &probe.change {
        change.apply(&mut draft);
    }
    if probe.kind == ProbeKind::PlainGet {
        Change::SetPath { path: "/".into() }.apply(&mut draft);
    }
    draft.settings.connect_timeout_ms = limit_ms.max(1);
    draft.settings.follow_redirects = 0;
    draft.settings.heartbeat_ms = 0;
    let mut spec = if keeps {
        let means = Means { now, ..subject.means.clone() };
        auth::prepare(&draft, base.tls.files.clone(), means).map_err(NotBare::Unwritable)?
    } else {
        let files = Files { ca_pem: base.tls.files.ca_pem.clone(), ..Files::default() };
        draft.spec(&AuthContribution::default(), files).map_err(NotBare::Unwritable)?
    };
    // The way that the attempt took, whoever chose it.
    spec.proxy = match probe.kind {
        ProbeKind::WithoutProxy => None,
        _ => base.proxy.clone(),
    };
    if !keeps {
        guard(base, &spec, probe)?;
    }
    same_place(base, &spec)?;
    // What a server echoes of the attempt's secrets is masked as it was then.
    spec.masker = merged(base, &spec);
    match probe.kind {
        ProbeKind::GetSamePath | ProbeKind::PlainGet => without_upgrade(&mut spec),
        _ => {}
    }
    Ok(spec)
}

fn merged(base: &RequestSpec, spec: &RequestSpec) -> crate::core::secret::Masker {
    if spec.masker.is_empty() { base.masker.clone() } else { spec.masker.clone() }
}

/// Never another host, nor another port of it.
fn same_place(base: &RequestSpec, spec: &RequestSpec) -> Result<(), NotBare> {
    let same = base.address.host == spec.address.host
        && base.address.port_or_default() == spec.address.port_or_default()
        && base.address.socket == spec.address.socket;
    if same { Ok(()) } else { Err(NotBare::Elsewhere) }
}

/// The last look before a bare request goes out.
fn guard(base: &RequestSpec, spec: &RequestSpec, probe: &Planned) -> Result<(), NotBare> {
    let target = spec.target.expose();
    if base.masker.mask(target) != target {
        return Err(NotBare::PathIsSecret);
    }
    let proxy_has_login = spec.proxy.as_ref().is_some_and(|proxy| proxy.url.expose().contains('@'));
    if proxy_has_login && probe.is_bare() {
        return Err(NotBare::ProxyIsSecret);
    }
    Ok(())
}

/// An ordinary GET: only Host is left of the handshake.
fn without_upgrade(spec: &mut RequestSpec) {
    spec.headers.retain(|header| {
        header.origin == HeaderOrigin::Handshake && header.name.eq_ignore_ascii_case("host")
    });
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::core::headers::HeaderRow;
    use crate::core::secret::Secret;
    use crate::diagnose::probes::Consent;

    const SECRET: &str = "s3cr3t-4711";
    const NOW: Micros = Micros(1_795_521_600_000_000);

    fn probe(kind: ProbeKind, change: Option<Change>) -> Planned {
        Planned {
            kind,
            changed: "x".into(),
            change,
            consent: Consent::Bare,
            whole: false,
            settles: &[],
        }
    }

    fn subject(draft: RequestDraft) -> Subject {
        let files = Files {
            ca_pem: Some(b"ca".to_vec()),
            cert_pem: Some(SECRET.into()),
            key_pem: Some(Secret::new(SECRET)),
            ..Files::default()
        };
        let spec = auth::prepare(&draft, files, NOW).unwrap();
        Subject { draft, spec, means: Means::default() }
    }

    /// A request with the secret in every place that can hold one.
    fn full_of_secrets() -> RequestDraft {
        let mut draft = RequestDraft::default();
        draft.set_url(format!("wss://user:{SECRET}@a.example:8443/feed/x?token={SECRET}&b"));
        for name in ["Authorization", "Cookie", "X-Whatever", "X-Api-Key", "Origin"] {
            draft.headers.push(HeaderRow::new(name, SECRET));
        }
        draft.auth.kind = "api-key".into();
        for (field, value) in [("in", "subprotocol"), ("name", "bearer"), ("value", SECRET)] {
            draft.auth.set(field, Secret::new(value));
        }
        draft.settings.subprotocols = vec![format!("own-{SECRET}")];
        draft.settings.cert_file = SECRET.into();
        draft.settings.key_file = SECRET.into();
        draft.settings.override_handshake = true;
        draft
    }

    /// Everything that can go out, as one text.
    fn wire(spec: &RequestSpec) -> String {
        let mut out = format!("GET {} HTTP/1.1\n", spec.target.expose());
        for header in &spec.headers {
            out.push_str(&format!("{}: {}\n", header.name, header.value.expose()));
        }
        let files = &spec.tls.files;
        out.push_str(&format!("{:?}{:?}", files.cert_pem, files.key_pem.is_some()));
        out.push_str(&format!("{:?}{:?}", spec.subprotocols, spec.address.userinfo.is_some()));
        out
    }

    #[test]
    fn nothing_of_the_users_is_left() {
        let subject = subject(full_of_secrets());
        assert!(wire(&subject.spec).contains(SECRET), "the test has its secrets");
        let own = |value: &str| Change::SetHeader { name: "Origin".into(), value: value.into() };
        for (kind, change, want) in [
            (ProbeKind::BareUpgrade, None, "GET /feed/x HTTP/1.1"),
            (ProbeKind::GetSamePath, None, "GET /feed/x HTTP/1.1"),
            (
                ProbeKind::OwnOrigin,
                Some(own("https://a.example:8443")),
                "Origin: https://a.example:8443",
            ),
            (
                ProbeKind::WithoutOrigin,
                Some(Change::DisableHeader { name: "Origin".into() }),
                "GET /feed/x HTTP/1.1",
            ),
            (
                ProbeKind::TrailingSlash,
                Some(Change::SetPath { path: "/feed/x/".into() }),
                "GET /feed/x/ HTTP/1.1",
            ),
            (
                ProbeKind::OtherSubprotocol,
                Some(Change::SetSubprotocols { names: vec!["mqtt".into()] }),
                "Sec-WebSocket-Protocol: mqtt",
            ),
            (
                ProbeKind::EngineIo,
                Some(Change::SetUrl { url: "wss://a.example:8443/socket.io/?EIO=4".into() }),
                "GET /socket.io/?EIO=4 HTTP/1.1",
            ),
        ] {
            let spec = spec(&subject, &probe(kind, change), 3_000, NOW).unwrap();
            let wire = wire(&spec);
            assert!(wire.contains(want), "{kind:?}: {wire}");
            for word in [SECRET, "Authorization", "Cookie", "X-", "token", "bearer"] {
                assert!(!wire.contains(word), "{kind:?} {word}: {wire}");
            }
            assert!(wire.ends_with("Nonefalse[]false") || wire.contains("mqtt"), "{wire}");
            assert_eq!(spec.tls.files.ca_pem.as_deref(), Some(&b"ca"[..]));
            // What the server echoes of the attempt is masked as before.
            assert_ne!(spec.masker.mask(SECRET), SECRET);
            assert_eq!(spec.facts.credentials, Vec::<String>::new(), "{kind:?}");
        }
    }

    #[test]
    fn a_get_is_no_upgrade() {
        let subject = subject(full_of_secrets());
        for (kind, target) in [(ProbeKind::GetSamePath, "/feed/x"), (ProbeKind::PlainGet, "/")] {
            let spec = spec(&subject, &probe(kind, None), 3_000, NOW).unwrap();
            let names: Vec<&str> = spec.headers.iter().map(|h| h.name.as_str()).collect();
            assert_eq!((names, spec.target.expose()), (vec!["Host"], target), "{kind:?}");
        }
    }

    #[test]
    fn what_would_give_something_away_is_not_made() {
        let made = |draft: RequestDraft, change: Option<Change>| {
            spec(&subject(draft), &probe(ProbeKind::BareUpgrade, change), 3_000, NOW)
                .map(|_| ())
                .unwrap_err()
        };
        let url = |text: &str| Some(Change::SetUrl { url: text.into() });
        for elsewhere in ["wss://b.example:8443/", "wss://a.example/", "wss://a.example:8444/feed"]
        {
            assert_eq!(made(full_of_secrets(), url(elsewhere)), NotBare::Elsewhere, "{elsewhere}");
        }
        let mut in_path = full_of_secrets();
        in_path.set_url(format!("wss://user:{SECRET}@a.example:8443/hook/{SECRET}"));
        assert_eq!(made(in_path, None), NotBare::PathIsSecret);
        let mut behind = full_of_secrets();
        behind.settings.proxy = "http://u:pw@p.example:1".into();
        assert_eq!(made(behind, None), NotBare::ProxyIsSecret);
    }

    #[test]
    fn with_a_yes_the_whole_request_goes_out_to_the_same_place() {
        let subject = subject(full_of_secrets());
        let asked = Planned {
            whole: true,
            consent: Consent::Asks { sends: vec![], to: String::new(), why: String::new() },
            ..probe(ProbeKind::TrailingSlash, Some(Change::SetPath { path: "/feed/x/".into() }))
        };
        let whole = spec(&subject, &asked, 3_000, NOW).unwrap();
        assert!(whole.target.expose().starts_with("/feed/x/?token="), "{:?}", whole.facts);
        assert!(wire(&whole).contains(SECRET));
        // Bare by its consent, whatever else it says.
        let bare = Planned { consent: Consent::Bare, ..asked.clone() };
        assert!(!wire(&spec(&subject, &bare, 3_000, NOW).unwrap()).contains(SECRET));
        let away = Planned { change: Some(Change::SetHost { host: "b.example".into() }), ..asked };
        assert_eq!(spec(&subject, &away, 3_000, NOW).unwrap_err(), NotBare::Elsewhere);
    }

    proptest! {
        #[test]
        fn no_text_of_the_user_but_the_place_gets_through(
            secret in "Z[a-z0-9]{11}Z",
            path in "(/[a-y0-9._~-]{0,8}){0,4}",
            names in proptest::collection::vec("[a-yA-Y-]{1,12}", 0..6),
        ) {
            let mut draft = RequestDraft::default();
            draft.set_url(format!("ws://{secret}:{secret}@a.example:81{path}?{secret}={secret}"));
            for name in &names {
                draft.headers.push(HeaderRow::new(name.clone(), secret.clone()));
            }
            draft.settings.subprotocols = vec![secret.clone()];
            draft.auth.kind = "bearer".into();
            draft.auth.set("token", Secret::new(secret.clone()));
            prop_assume!(auth::prepare(&draft, Files::default(), NOW).is_ok());
            let subject = subject(draft);
            let spec = spec(&subject, &probe(ProbeKind::BareUpgrade, None), 1, NOW).unwrap();
            prop_assert!(!wire(&spec).contains(&secret));
            let path = if path.is_empty() { "/".to_owned() } else { path };
            prop_assert_eq!(spec.target.expose(), path);
        }
    }
}
