//! The practice server: healthy and faulty WebSocket endpoints on loopback.
//!
//! `wsdeck serve` and `wsdeck demo` run it for people; the tests, the documentation and the
//! benchmarks run it for themselves. It is independent of the client on purpose: it has its own
//! reading of HTTP and its own frame codec, because half of its work is to break the rules of
//! RFC 6455 at the level of bytes, and because a client tested against its own codec proves little.
//!
//! - [`Server`] starts the listeners, owns every task and ends them when dropped.
//! - [`endpoints`](fn@endpoints) is the table that routing, the printed list and the docs share.
//! - [`SeenRequest`] is an opening handshake as its bytes arrived.
//! - [`TlsFault`] names the listeners whose TLS is wrong on purpose.
//! - [`ProxyFault`] names the listeners that are proxies and fail on purpose.
//! - [`script::RawServer`] plays a scripted peer for tests that need an even odder one.

mod accept;
mod aws;
mod conn;
mod deflate;
mod digest;
mod endpoints;
mod frames;
mod head;
mod hmac_scheme;
mod huawei;
mod jwt;
mod md5;
mod oauth;
mod proxy;
mod reply;
pub mod script;
mod seen;
mod server;
mod session;
#[cfg(test)]
mod tests;
mod tls;
mod upgrade;

pub use endpoints::{Endpoint, Kind, endpoints};
pub use proxy::ProxyFault;
pub use seen::SeenRequest;
pub use server::{Counts, Options, Server};
pub use tls::TlsFault;

/// The credentials that the `/auth/…` endpoints accept. They guard nothing, so they are public.
pub mod credentials {
    /// Token of `/auth/bearer`, `/auth/token` and `/auth/subprotocol`.
    pub const TOKEN: &str = "practice-token";
    /// User name of `/auth/basic`.
    pub const USER: &str = "practice";
    /// Password of `/auth/basic`.
    pub const PASSWORD: &str = "practice";
    /// Key of `/auth/header` (`X-API-Key`) and `/auth/query` (`api_key`).
    pub const API_KEY: &str = "practice-key";
    /// Value of the cookie `session` that `/auth/cookie` accepts.
    pub const SESSION: &str = "practice-session";
    /// Access key (AK) of `/auth/huawei`.
    pub const ACCESS_KEY: &str = "PRACTICEACCESSKEY";
    /// Secret key (SK) of `/auth/huawei`.
    pub const SECRET_KEY: &str = "practice-secret-key";
    /// App key that `/auth/huawei` accepts as well.
    pub const APP_KEY: &str = "PRACTICEAPPKEY";
    /// Secret that belongs to [`APP_KEY`].
    pub const APP_SECRET: &str = "practice-app-secret";
    /// Id of the access key of `/auth/aws`.
    pub const AWS_ACCESS_KEY: &str = "AKIAPRACTICEKEY00000";
    /// Id of the temporary access key of `/auth/aws`, which needs [`AWS_SESSION_TOKEN`].
    pub const AWS_TEMPORARY_KEY: &str = "ASIAPRACTICEKEY00000";
    /// Secret access key of both.
    pub const AWS_SECRET_KEY: &str = "practice/secret+access/key";
    /// Session token of the temporary key.
    pub const AWS_SESSION_TOKEN: &str = "practice/session+token==";
    /// Id of the key of `/auth/hmac`.
    pub const HMAC_KEY: &str = "practice-hmac-key";
    /// Its secret.
    pub const HMAC_SECRET: &str = "practice-hmac-secret";
    /// Secret of `/auth/jwt`, for HS256 and its relatives.
    pub const JWT_SECRET: &str = "practice-jwt-secret";
    /// Access key of `/auth/azure`.
    pub const AZURE_KEY: &str = "cHJhY3RpY2UtYXp1cmUta2V5";
    /// Account (domain) of [`USER`] at `/v3/auth/tokens`, where the password is [`PASSWORD`].
    pub const DOMAIN: &str = "practice";
    /// Project that `/v3/auth/tokens` gives tokens for.
    pub const PROJECT: &str = "practice-1";
    /// API key of `/auth/huawei-api-key` and `/v2/infer/…`.
    pub const HUAWEI_API_KEY: &str = "practice-api-key";
    /// AppCode of `/auth/appcode` (`X-Apig-AppCode`).
    pub const APP_CODE: &str = "practice-app-code";
    /// Client of `/oauth/token` and its sisters.
    pub const CLIENT_ID: &str = "practice-client";
    /// Secret of [`CLIENT_ID`].
    pub const CLIENT_SECRET: &str = "practice-client-secret";
    /// Client without a secret, for codes from a browser or a device.
    pub const PUBLIC_CLIENT_ID: &str = "practice-public";
}
