//! One exchange over HTTP/1.1 with somebody who gives credentials, over our own dial: the same
//! proxy, private CA, name lines and limits as the request that needs the credential, so that a
//! token endpoint behind them can be reached, and a failure names its stage.
//!
//! What is meant for the request's own server (client certificate, pinned certificates, server
//! name) goes along only if the exchange is with that server. Redirects are never followed: a
//! password must not go where an answer sends it.

use std::error::Error as _;
use std::fmt;
use std::time::Duration;

use base64::Engine as _;
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper_util::rt::TokioIo;

use super::obtain::Failed;
use crate::core::evidence::{CredentialProblem, CredentialStep, FailureKind};
use crate::core::request::{AuthContribution, Files, RequestDraft, RequestSettings, RequestSpec};
use crate::core::sanitize;
use crate::core::secret::{Masker, Secret};
use crate::core::stage::Stage;
use crate::core::url::{self, Address, Scheme};
use crate::net::clock::Clock;
use crate::net::{self, Options};

/// Far more than any token with its catalogue.
const LARGEST_BODY: usize = 1024 * 1024;

/// Longest wait for an answer if the request sets no limit.
const LONGEST: Duration = Duration::from_secs(60);

/// What goes out.
#[derive(Debug, Default)]
pub(super) struct HttpRequest {
    /// `GET` if empty.
    pub(super) method: String,
    /// `https://…` or `http://…`; a name and password in it go out as Basic authentication.
    pub(super) url: String,
    /// Beside `Host`, `User-Agent`, `Accept` and the length.
    pub(super) headers: Vec<(String, Secret)>,
    pub(super) body: Secret,
}

/// The request whose ways and limits an exchange uses.
#[derive(Clone, Copy, Debug)]
pub(super) struct Like<'a> {
    pub(super) draft: &'a RequestDraft,
    pub(super) files: &'a Files,
    pub(super) clock: Clock,
}

/// What came back. Neither headers nor body are shown by `Debug`: they hold credentials.
#[derive(Default)]
pub(super) struct HttpReply {
    pub(super) status: u16,
    /// In the order of the wire.
    pub(super) headers: Vec<(String, Secret)>,
    pub(super) body: zeroize::Zeroizing<Vec<u8>>,
    /// From the name to the end of the body, in milliseconds.
    pub(super) ms: f64,
}

impl fmt::Debug for HttpReply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HttpReply({}, {} bytes)", self.status, self.body.len())
    }
}

impl HttpReply {
    /// The first header of that name.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.expose())
    }

    pub(super) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The body as JSON.
    pub(super) fn json(&self) -> Option<serde_json::Value> {
        serde_json::from_slice(&self.body).ok()
    }

    /// The record of this exchange.
    pub(super) fn step(&self, what: &str, from: &str, detail: impl Into<String>) -> CredentialStep {
        CredentialStep {
            what: what.to_owned(),
            from: shown(from),
            ms: self.ms,
            status: Some(self.status),
            ok: self.is_success(),
            detail: detail.into(),
        }
    }
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct HttpFailed {
    pub(super) problem: CredentialProblem,
    /// Escaped and masked.
    pub(super) text: String,
    pub(super) ms: f64,
}

impl HttpFailed {
    /// The record of this exchange.
    pub(super) fn step(&self, what: &str, from: &str) -> CredentialStep {
        CredentialStep {
            what: what.to_owned(),
            from: shown(from),
            ms: self.ms,
            status: None,
            ok: false,
            detail: self.text.clone(),
        }
    }
}

impl From<HttpFailed> for Failed {
    fn from(failed: HttpFailed) -> Failed {
        Failed { problem: failed.problem, text: failed.text }
    }
}

/// An address for a record.
pub(super) fn shown(address: &str) -> String {
    sanitize::escape(&url::masked(address)).into_owned()
}

/// Sends a request and reads the whole answer, whatever its status.
///
/// # Errors
/// [`CredentialProblem::Unreachable`] with the stage, [`CredentialProblem::TimedOut`], or
/// [`CredentialProblem::Unusable`] for an answer that is too large and an address that is none.
pub(super) async fn exchange(
    request: HttpRequest,
    like: &Like<'_>,
) -> Result<HttpReply, HttpFailed> {
    let began = like.clock.now();
    // The limit for connecting is once more the limit for the answer.
    let limit = match like.draft.settings.connect_timeout_ms {
        0 => LONGEST,
        ms => Duration::from_millis(ms),
    };
    let whom = shown(&request.url);
    let result = attempt(request, like, limit, &whom).await;
    let ms = like.clock.now().since(began).as_secs_f64() * 1_000.0;
    match result {
        Ok(reply) => Ok(HttpReply { ms, ..reply }),
        Err((problem, text)) => Err(HttpFailed { problem, text, ms }),
    }
}

type Ended = (CredentialProblem, String);

async fn attempt(
    request: HttpRequest,
    like: &Like<'_>,
    limit: Duration,
    whom: &str,
) -> Result<HttpReply, Ended> {
    let spec = spec(&request, like).map_err(|why| unusable(format!("{whom}: {why}")))?;
    let options = Options { clock: like.clock, ..Options::default() };
    let stream = net::connect_stream(&spec, options).await.map_err(|failure| {
        let problem = match failure.kind {
            FailureKind::TimedOut => CredentialProblem::TimedOut,
            _ => CredentialProblem::Unreachable { stage: failure.stage },
        };
        (problem, format!("{whom}: {}", failure.text))
    })?;
    let masker = masker(&request);
    let message = message(request, &spec).map_err(|why| unusable(format!("{whom}: {why}")))?;
    tokio::time::timeout(limit, talk(stream, message, &masker, whom)).await.unwrap_or_else(|_| {
        let waited = limit.as_millis();
        Err((CredentialProblem::TimedOut, format!("{whom}: no whole answer within {waited} ms")))
    })
}

fn unusable(text: String) -> Ended {
    (CredentialProblem::Unusable { why: text.clone() }, text)
}

/// Secrets of the exchange, for errors that repeat them.
fn masker(request: &HttpRequest) -> Masker {
    let mut masker = Masker::default();
    masker.add(request.body.expose());
    for (_, value) in &request.headers {
        masker.add(value.expose());
    }
    masker
}

/// The ways and limits of the request, for another address.
fn spec(request: &HttpRequest, like: &Like<'_>) -> Result<RequestSpec, String> {
    let lower = request.url.trim_start().to_ascii_lowercase();
    if !lower.starts_with("https://") && !lower.starts_with("http://") {
        return Err("the address must begin with https:// or http://".into());
    }
    let address = url::read(&request.url).map_err(|problem| problem.masked().to_string())?;
    let same = is_same_server(&address, &like.draft.url);
    let settings = &like.draft.settings;
    let mut bare = RequestDraft {
        settings: RequestSettings {
            connect_timeout_ms: settings.connect_timeout_ms,
            verify: settings.verify,
            proxy: settings.proxy.clone(),
            no_proxy: settings.no_proxy.clone(),
            resolve: settings.resolve.clone(),
            ip_family: settings.ip_family,
            tls_versions: settings.tls_versions,
            compression: false,
            ..RequestSettings::default()
        },
        ..RequestDraft::default()
    };
    bare.set_url(request.url.clone());
    let mut files = like.files.clone();
    if same {
        bare.auth = like.draft.auth.clone();
        bare.settings.server_name.clone_from(&settings.server_name);
        bare.settings.trusted.clone_from(&settings.trusted);
    } else {
        files.drop_identity();
    }
    bare.spec(&AuthContribution::default(), files).map_err(|problem| problem.masked().to_string())
}

fn is_same_server(address: &Address, typed: &str) -> bool {
    url::read(typed).is_ok_and(|own| {
        own.socket.is_none()
            && own.scheme == Scheme::Wss
            && address.scheme == Scheme::Wss
            && own.host.eq_ignore_ascii_case(&address.host)
            && own.port_or_default() == address.port_or_default()
    })
}

fn message(request: HttpRequest, spec: &RequestSpec) -> Result<http::Request<Full<Bytes>>, String> {
    let method = if request.method.is_empty() { "GET" } else { request.method.as_str() };
    let mut out = http::Request::builder().method(method).uri(spec.target.expose());
    let given = |name: &str| request.headers.iter().any(|(n, _)| n.eq_ignore_ascii_case(name));
    out = out.header("Host", spec.address.host_header());
    if !given("user-agent") {
        out = out.header("User-Agent", concat!("wsdeck/", env!("CARGO_PKG_VERSION")));
    }
    if !given("accept") {
        out = out.header("Accept", "application/json");
    }
    if let Some((user, password)) = &spec.address.userinfo
        && !given("authorization")
    {
        let pair = format!("{user}:{}", password.expose());
        let pair = base64::engine::general_purpose::STANDARD.encode(pair);
        out = out.header("Authorization", format!("Basic {pair}"));
    }
    for (name, value) in &request.headers {
        let mut value = http::HeaderValue::from_str(value.expose())
            .map_err(|_| format!("the header {name} holds a character that cannot be sent"))?;
        value.set_sensitive(true);
        out = out.header(name.as_str(), value);
    }
    let body = Full::new(Bytes::copy_from_slice(request.body.expose().as_bytes()));
    // The words of the error hold no value.
    out.body(body).map_err(|error| format!("the request cannot be written: {error}"))
}

async fn talk(
    stream: net::Stream,
    message: http::Request<Full<Bytes>>,
    masker: &Masker,
    whom: &str,
) -> Result<HttpReply, Ended> {
    let failed = |error: &hyper::Error| {
        let inner = error.source().and_then(|inner| inner.downcast_ref::<std::io::Error>());
        let stage = inner.map_or(Stage::Http, net::stream_stage);
        let why = inner.map_or_else(|| error.to_string(), std::string::ToString::to_string);
        let why = sanitize::escape(&masker.mask(&why)).into_owned();
        (CredentialProblem::Unreachable { stage }, format!("{whom}: {why}"))
    };
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
        .await
        .map_err(|e| failed(&e))?;
    let exchange = async {
        let reply = sender.send_request(message).await.map_err(|e| failed(&e))?;
        let (head, body) = reply.into_parts();
        let body = Limited::new(body, LARGEST_BODY).collect().await.map_err(|error| {
            if error.is::<LengthLimitError>() {
                return unusable(format!("{whom}: the answer is larger than 1 MiB"));
            }
            match error.downcast_ref::<hyper::Error>() {
                Some(error) => failed(error),
                None => unusable(format!("{whom}: the answer cannot be read")),
            }
        })?;
        let headers = head.headers.iter().map(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
            (name.as_str().to_owned(), Secret::new(value))
        });
        Ok(HttpReply {
            status: head.status.as_u16(),
            headers: headers.collect(),
            body: zeroize::Zeroizing::new(body.to_bytes().to_vec()),
            ms: 0.0,
        })
    };
    // Both in one future, so that dropping it ends the connection.
    tokio::pin!(exchange);
    tokio::select! {
        biased;
        reply = &mut exchange => reply,
        // The connection has ended; what came is there to be read.
        _ = connection => exchange.await,
    }
}
