//! All rules, family by family in the order of the stages.

mod auth;
mod dns;
mod fallback;
mod http;
mod msg;
mod proxy;
mod tcp;
mod tls;
mod url;
mod ws;

use super::rule::Rule;

pub(super) fn all() -> impl Iterator<Item = &'static dyn Rule> {
    [
        url::RULES,
        dns::RULES,
        tcp::RULES,
        proxy::RULES,
        tls::RULES,
        http::RULES,
        auth::RULES,
        ws::RULES,
        msg::RULES,
        fallback::RULES,
    ]
    .into_iter()
    .flatten()
    .copied()
}
