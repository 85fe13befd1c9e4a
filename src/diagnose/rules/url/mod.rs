//! Rules of the address and of the request before anything is sent.

mod mend;
mod problem;
mod query;
mod request;
mod token;

use crate::diagnose::rule::{FnRule, Rule};

pub(super) static RULES: &[&dyn Rule] = &[
    &FnRule::new("url/empty", problem::empty),
    &FnRule::new("url/unknown-scheme", problem::unknown_scheme),
    &FnRule::new("url/bad-port", problem::bad_port),
    &FnRule::new("url/empty-host", problem::empty_host),
    &FnRule::new("url/ipv6-brackets", problem::ipv6_brackets),
    &FnRule::new("url/unfilled-variable", problem::placeholder),
    &FnRule::new("url/blank-or-invisible", problem::bad_character),
    &FnRule::new("url/fragment", problem::fragment),
    &FnRule::new("url/userinfo-special", problem::userinfo),
    &FnRule::new("url/subprotocol-syntax", request::subprotocol),
    &FnRule::new("url/header-value", request::header),
    &FnRule::new("url/auth-incomplete", request::auth),
    &FnRule::new("url/file-unreadable", request::file),
    &FnRule::new("url/no-scheme", mend::no_scheme),
    &FnRule::new("url/http-scheme", mend::http_scheme),
    &FnRule::new("url/header-reserved", request::reserved),
    &FnRule::new("url/credential-odd", request::credential_odd),
    &FnRule::new("url/credentials-in-clear", request::credentials_in_clear),
    &FnRule::new("url/plus-in-query", query::plus),
    &FnRule::new("url/double-encoded", query::double_encoded),
    &FnRule::new("url/shell-ampersand", query::shell_ampersand),
    &FnRule::new("url/auth-doubled", request::authorization_odd),
    &FnRule::new("url/request-head-large", request::head_large),
    &FnRule::new("url/token-expired", token::expired),
    &FnRule::new("url/token-not-yet-valid", token::not_yet_valid),
    &FnRule::new("url/token-ends-soon", token::ends_soon),
];
