//! When TLS fails.

use super::{Case, FailureKind, Planned, ProbeKind, bare, plain_get};
use crate::core::change::Change;
use crate::core::evidence::TlsProblem;
use crate::core::request::TlsVersions;
use crate::core::url::Scheme;
use crate::diagnose::see;

pub(super) fn tls(case: &Case<'_>, kind: &FailureKind, out: &mut Vec<Planned>) {
    if !case.is_direct() {
        return;
    }
    let facts = case.e.tls.as_ref();
    let nothing_came = facts.is_none_or(|tls| tls.first_bytes_hex.is_empty());
    let problem = match kind {
        FailureKind::Tls(problem) => Some(problem),
        _ => None,
    };
    if matches!(problem, Some(TlsProblem::Certificate)) {
        out.push(bare(
            ProbeKind::TlsUnverified,
            "TLS without trust, no byte of HTTP",
            &["tls/cert-wrong-host", "tls/cert-default", "tls/cert-self-signed"],
        ));
        if case.has(&["tls/cert-wrong-host", "tls/cert-default"]) {
            out.push(without_sni());
        }
        return;
    }
    if matches!(problem, Some(TlsProblem::NotTls)) || nothing_came {
        out.push(plain_get(case));
    }
    if nothing_came || matches!(problem, Some(TlsProblem::NotTls)) {
        out.push(connect_and_wait());
    }
    let alert = see::alert(case.e);
    if matches!(alert, Some(42 | 43 | 44 | 45 | 46 | 48 | 49 | 116)) {
        // The server wants a certificate of ours; no greeting changes that.
        return;
    }
    if alert == Some(120) || case.has(&["tls/no-alpn", "tls/alpn-h2-chosen"]) {
        out.push(bare(
            ProbeKind::TlsH2,
            "TLS that offers h2 by ALPN",
            &["tls/no-alpn", "tls/alpn-h2-chosen"],
        ));
        out.push(without_alpn());
    }
    if alert != Some(120) {
        out.push(
            bare(
                ProbeKind::Tls12Only,
                "TLS 1.2 only",
                &["tls/peer-dislikes-hello", "tls/silent", "tls/protocol-version"],
            )
            .with(Change::SetTlsVersions { versions: TlsVersions::Only12 }),
        );
        if alert.is_some() {
            out.push(
                bare(ProbeKind::Tls13Only, "TLS 1.3 only", &["tls/protocol-version"])
                    .with(Change::SetTlsVersions { versions: TlsVersions::Only13 }),
            );
            out.push(without_alpn());
        }
        if facts.is_some_and(|tls| tls.sni.is_some()) {
            out.push(without_sni());
        }
    }
}

pub(super) fn without_alpn() -> Planned {
    bare(ProbeKind::TlsWithoutAlpn, "TLS without ALPN", &["tls/no-alpn", "tls/alpn-h2-chosen"])
}

pub(super) fn without_sni() -> Planned {
    bare(
        ProbeKind::TlsWithoutSni,
        "TLS without a server name",
        &["tls/reset-on-hello", "tls/no-sni", "tls/cert-default", "tls/unrecognized-name"],
    )
}

pub(super) fn connect_and_wait() -> Planned {
    bare(
        ProbeKind::ConnectAndWait,
        "connect and say nothing",
        &["tls/plain-other-server", "http/not-http", "tcp/accepted-then-closed"],
    )
}

pub(super) fn tls_hello() -> Planned {
    bare(
        ProbeKind::TlsHello,
        "TLS hello to the same port",
        &["http/tls-port-closed", "http/closed-no-answer", "tcp/accepted-then-closed"],
    )
    .with(Change::SetScheme { scheme: Scheme::Wss })
}
