//! Rules of the opening handshake's answer, but for logins (see `auth`).

mod answer;
mod bad_request;
mod not_found;
mod ok;
mod redirect;
mod status;
mod tls_port;
mod upgrade;
mod vendor;

pub(in crate::diagnose::rules) use bad_request::engineio_fixes;
pub(in crate::diagnose::rules) use vendor::login_code as vendor_login_code;

use crate::diagnose::rule::{FnRule, Rule};

pub(super) static RULES: &[&dyn Rule] = &[
    &FnRule::new("http/tls-port-400", tls_port::text).vendors(),
    &FnRule::new("http/tls-port-alert", tls_port::alert).over(&["http/not-http"]),
    &FnRule::new("http/tls-port-closed", tls_port::closed).over(&["http/closed-no-answer"]),
    &FnRule::new("http/silent", answer::silent),
    &FnRule::new("http/closed-no-answer", answer::closed),
    &FnRule::new("http/reset-no-answer", answer::reset),
    &FnRule::new("http/partial-head", answer::partial),
    &FnRule::new("http/head-too-large", answer::too_large),
    &FnRule::new("http/malformed", answer::malformed),
    &FnRule::new("http/not-http", answer::not_http),
    &FnRule::new("http/clock-skew", answer::clock_skew),
    &FnRule::new("http/103-interim", answer::interim),
    &FnRule::new("http/499-460", answer::hung_up),
    &FnRule::new("http/200-spa", ok::page).vendors(),
    &FnRule::new("http/200-sse", ok::events),
    &FnRule::new("http/200-sockjs-base", ok::sockjs),
    &FnRule::new("http/200-error-in-body", ok::error_in_body),
    &FnRule::general("http/200-plain-endpoint", ok::plain),
    &FnRule::new("http/301-to-https", redirect::to_https),
    &FnRule::new("http/redirect-path", redirect::path),
    &FnRule::new("http/redirect-login", redirect::login)
        .over(&["http/redirect-path", "http/redirect-other-host"]),
    &FnRule::new("http/redirect-other-host", redirect::other_host),
    &FnRule::new("http/redirect-loop", redirect::circle).over(&[
        "http/redirect-path",
        "http/redirect-login",
        "http/redirect-other-host",
        "http/301-to-https",
    ]),
    &FnRule::new("http/400-upgrade-stripped", upgrade::stripped).vendors().over(&["http/501-505"]),
    &FnRule::new("http/400-version", upgrade::version).vendors(),
    &FnRule::new("http/400-key", bad_request::key).vendors(),
    &FnRule::new("http/400-host", bad_request::host).vendors(),
    &FnRule::new("http/400-engineio", bad_request::engineio).vendors(),
    &FnRule::new("http/400-engineio-version", bad_request::engineio_version).vendors(),
    &FnRule::new("http/400-engineio-sid", bad_request::engineio_sid).vendors(),
    &FnRule::new("http/400-subprotocol", bad_request::subprotocol).vendors(),
    &FnRule::new("http/400-header-size", bad_request::header_size).vendors(),
    &FnRule::new("http/400-tls-host", bad_request::tls_host).vendors(),
    &FnRule::new("http/400-extensions", bad_request::extensions).vendors(),
    &FnRule::new("http/400-dev-token", bad_request::dev_token).vendors(),
    &FnRule::new("http/400-forwarded", bad_request::forwarded).vendors(),
    &FnRule::general("http/400-bare", bad_request::bare).vendors(),
    &FnRule::general("http/404-path", not_found::path).vendors(),
    &FnRule::new("http/404-default-backend", not_found::default_backend).vendors(),
    &FnRule::new("http/404-no-ws-support", not_found::no_ws_support).vendors(),
    &FnRule::new("http/404-origin-cable", not_found::cable),
    &FnRule::new("http/404-signalr", not_found::signalr).vendors(),
    &FnRule::new("http/404-resource", not_found::resource).vendors(),
    &FnRule::general("http/405", status::method).vendors(),
    &FnRule::new("http/406-415", status::not_acceptable),
    &FnRule::new("http/407-transparent", status::proxy_login),
    &FnRule::new("http/408", status::request_timeout).vendors(),
    &FnRule::new("http/409-429-conn-limit", status::connection_limit).vendors().over(&["http/429"]),
    &FnRule::new("http/410", status::gone).vendors(),
    &FnRule::new("http/411-413-414", status::too_large).vendors(),
    &FnRule::new("http/421", status::misdirected).vendors(),
    &FnRule::new("http/426-upgrade", upgrade::required).vendors(),
    &FnRule::new("http/426-http10", upgrade::http10).vendors().over(&["http/426-upgrade"]),
    &FnRule::new("http/426-tls", upgrade::tls).vendors(),
    &FnRule::new("http/429", status::too_many).vendors(),
    &FnRule::new("http/431", status::headers_too_large).vendors(),
    &FnRule::new("http/464", status::alb).vendors(),
    &FnRule::general("http/500", status::internal).vendors(),
    &FnRule::new("http/501-505", status::not_implemented).vendors(),
    &FnRule::general("http/502", status::bad_gateway).vendors(),
    &FnRule::general("http/503", status::unavailable).vendors(),
    &FnRule::general("http/504", status::gateway_timeout).vendors(),
    &FnRule::new("http/52x", status::origin).vendors(),
    &FnRule::new("http/platform-no-ws", |_| None).vendors(),
    &FnRule::new("http/vendor-code", vendor::code).vendors(),
    &FnRule::general("http/other-status", status::other),
];
