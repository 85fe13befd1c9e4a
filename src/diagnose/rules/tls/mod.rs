//! Rules of the TLS handshake.

mod alert;
mod certificate;
mod client_cert;
mod not_tls;
mod own;
mod silence;
mod truncated;
mod trust;
mod warning;

pub(in crate::diagnose::rules) use not_tls::service;

pub(in crate::diagnose::rules) use trust::inspector;

use crate::diagnose::rule::{FnRule, Rule};

pub(super) static RULES: &[&dyn Rule] = &[
    &FnRule::new("tls/plain-http-server", not_tls::http),
    &FnRule::new("tls/plain-other-server", not_tls::other),
    &FnRule::new("tls/h2-frames", not_tls::h2_frames).over(&["http/not-http"]),
    &FnRule::new("tls/alpn-h2-chosen", not_tls::h2_chosen).over(&["http/not-http", "http/405"]),
    &FnRule::new("tls/closed-on-hello", silence::closed),
    &FnRule::new("tls/reset-on-hello", silence::reset),
    &FnRule::new("tls/silent", silence::silent),
    &FnRule::new("tls/handshake-failure", alert::handshake_failure),
    &FnRule::new("tls/protocol-version", alert::protocol_version),
    &FnRule::new("tls/no-shared-cipher", alert::no_shared_cipher),
    &FnRule::new("tls/unrecognized-name", alert::unrecognized_name),
    &FnRule::new("tls/internal-error", alert::internal_error),
    &FnRule::new("tls/no-alpn", alert::no_alpn),
    &FnRule::new("tls/no-sni", alert::no_sni).over(&[
        "tls/handshake-failure",
        "tls/internal-error",
        "tls/unrecognized-name",
    ]),
    &FnRule::new("tls/decrypt-or-mac", alert::decrypt_or_mac),
    &FnRule::new("tls/peer-dislikes-hello", alert::dislikes_hello),
    &FnRule::new("tls/fallback-refused", alert::fallback_refused),
    &FnRule::new("tls/close-notify-early", alert::close_notify),
    &FnRule::new("tls/client-cert-12", client_cert::tls12).over(&["tls/handshake-failure"]),
    &FnRule::new("tls/client-cert-13", client_cert::tls13),
    &FnRule::new("tls/client-cert-rejected", client_cert::rejected).over(&["tls/decrypt-or-mac"]),
    &FnRule::new("tls/client-cert-http", client_cert::http).over(&[
        "http/400-bare",
        "http/403-bare",
        "http/other-status",
    ]),
    &FnRule::new("tls/client-cert-files", own::client_files),
    &FnRule::new("tls/fingerprint", own::fingerprint),
    &FnRule::new("tls/server-name", own::server_name),
    &FnRule::new("tls/cert-expired", trust::expired),
    &FnRule::new("tls/cert-not-yet-valid", trust::not_yet_valid),
    &FnRule::new("tls/clock-wrong", trust::clock_wrong),
    &FnRule::new("tls/cert-wrong-host", certificate::wrong_host),
    &FnRule::new("tls/cert-ip", certificate::ip).over(&["tls/cert-wrong-host"]),
    &FnRule::new("tls/cert-no-san", certificate::no_san)
        .over(&["tls/cert-wrong-host", "tls/cert-ip"]),
    &FnRule::new("tls/cert-default", certificate::default).over(&[
        "tls/cert-wrong-host",
        "tls/cert-no-san",
        "tls/cert-self-signed",
        "tls/cert-private-ca",
        "tls/cert-incomplete-chain",
    ]),
    &FnRule::new("tls/cert-self-signed", trust::self_signed),
    &FnRule::new("tls/cert-ca-as-leaf", certificate::ca_as_leaf),
    &FnRule::new("tls/cert-private-ca", trust::private_ca),
    &FnRule::new("tls/cert-incomplete-chain", trust::incomplete_chain),
    &FnRule::new("tls/ca-file", own::ca_file),
    &FnRule::new("tls/inspected", trust::inspected)
        .over(&["tls/cert-private-ca", "tls/cert-incomplete-chain"]),
    &FnRule::new("tls/cert-weak", certificate::weak),
    &FnRule::new("tls/cert-revoked", certificate::revoked),
    &FnRule::new("tls/cert-usage", certificate::usage),
    &FnRule::new("tls/truncated", truncated::truncated).over(&["http/partial-head"]),
    &FnRule::new("tls/verification-off", warning::verification_off),
    // Whoever pins a certificate knows that nobody else vouches for it.
    &FnRule::new("tls/pinned", warning::pinned).over(&[
        "tls/cert-self-signed",
        "tls/cert-ca-as-leaf",
        "tls/cert-private-ca",
        "tls/cert-incomplete-chain",
    ]),
    &FnRule::new("tls/key-log", warning::key_log),
    &FnRule::new("tls/cert-expires-soon", warning::expires_soon),
];
