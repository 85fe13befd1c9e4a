//! The table: which fault is staged how, and what must be said of it. One file a phase; a row's
//! words are those of the servers that failures are known from.

mod dial;
mod http;
mod login;
mod message;
mod request;
mod session;
mod status;
mod tls;
mod unstaged;

pub use unstaged::UNSTAGED;

use super::row::Row;

pub fn all() -> Vec<Row> {
    [
        request::rows(),
        dial::rows(),
        dial::proxies(),
        tls::rows(),
        http::rows(),
        http::bad_requests(),
        login::unauthorized(),
        login::forbidden(),
        status::rows(),
        session::upgrades(),
        session::closes(),
        session::frames(),
        message::rows(),
        message::dialects(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
