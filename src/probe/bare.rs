//! Requests of probes.
//!
//! A bare request is not the user's request with the secrets taken out, but a new one: the
//! address without user, password, query and fragment, and those settings that say how to get
//! there. What a later version adds to requests is so left out by itself.

use crate::auth;
use crate::core::change::Change;
use crate::core::evidence::ProbeKind;
use crate::core::request::{
    AuthContribution, Files, HeaderOrigin, RequestDraft, RequestSettings, RequestSpec,
};
use crate::core::time::Micros;
use crate::core::url::{self, UrlProblem, split_query};
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
    let port = address.port.map(|port| format!(":{port}")).unwrap_or_default();
    let path = split_query(&address.target).0;
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
            ..RequestSettings::default()
        },
        ..RequestDraft::default()
    };
    bare.set_url(format!("{}://{}{port}{path}", address.scheme.name(), address.host_in_url()));
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
        auth::prepare(&draft, base.tls.files.clone(), now).map_err(NotBare::Unwritable)?
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
