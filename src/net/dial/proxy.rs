//! A tunnel through an HTTP proxy with CONNECT (RFC 9110 section 9.3.6). The proxy looks the
//! server's name up, so the stage of DNS is about the proxy's name.

use std::io;

use base64::Engine as _;
use percent_encoding::percent_decode_str;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::core::evidence::{Failure, FailureKind, ProxyFacts, ProxyProblem};
use crate::core::limits::{MAX_REPLY_HEAD, MAX_REPLY_HEADERS};
use crate::core::secret::{Secret, mask_value};
use crate::core::stage::Stage;
use crate::core::url::{self, Address};
use crate::net::errors::{io_problem, io_text};
use crate::net::recorder::Recorder;

/// A proxy that we can speak to.
#[derive(Debug)]
pub(super) struct Proxy {
    pub host: String,
    pub port: u16,
    credentials: Option<Secret>,
}

fn failure(problem: ProxyProblem, text: impl Into<String>) -> Failure {
    Failure { stage: Stage::Proxy, kind: FailureKind::Proxy(problem), text: text.into() }
}

/// Reads the proxy's address; `host:port` alone means `http://`.
pub(super) fn read(text: &str, recorder: &mut Recorder) -> Result<Proxy, Failure> {
    let whole = if text.contains("://") { text.to_owned() } else { format!("http://{text}") };
    recorder.evidence.proxy = Some(ProxyFacts {
        url: url::masked(&whole),
        source: "setting".to_owned(),
        ..ProxyFacts::default()
    });
    let refuse = |recorder: &mut Recorder, problem, text: String| {
        recorder.begin(Stage::Proxy);
        Err(failure(problem, text))
    };
    let parsed = match ::url::Url::parse(&whole) {
        Ok(parsed) => parsed,
        Err(error) => {
            let text = format!("the proxy's address cannot be read: {error}");
            return refuse(recorder, ProxyProblem::Unsupported, text);
        }
    };
    if parsed.scheme() != "http" {
        let text = format!("{}:// proxies are not supported; http:// ones are", parsed.scheme());
        return refuse(recorder, ProxyProblem::Unsupported, text);
    }
    let Some(host) = parsed.host_str() else {
        let text = "the proxy's address names no host".to_owned();
        return refuse(recorder, ProxyProblem::Unsupported, text);
    };
    let decode = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let credentials = (!parsed.username().is_empty() || parsed.password().is_some()).then(|| {
        let password = decode(parsed.password().unwrap_or_default());
        recorder.masker.add(&password);
        let pair = format!("{}:{password}", decode(parsed.username()));
        let encoded = base64::engine::general_purpose::STANDARD.encode(pair);
        recorder.masker.add(&encoded);
        Secret::new(format!("Basic {encoded}"))
    });
    Ok(Proxy {
        host: host.trim_matches(['[', ']']).to_owned(),
        port: parsed.port_or_known_default().unwrap_or(80),
        credentials,
    })
}

/// Asks for the tunnel. Afterwards `tcp` leads to the server.
pub(super) async fn connect(
    tcp: &mut TcpStream,
    proxy: &Proxy,
    address: &Address,
    recorder: &mut Recorder,
) -> Result<(), Failure> {
    recorder.begin(Stage::Proxy);
    let target = format!("{}:{}", address.host_in_url(), address.port_or_default());
    let head = |credentials: Option<&str>| {
        let mut out = format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n");
        if let Some(value) = credentials {
            out.push_str(&format!("Proxy-Authorization: {value}\r\n"));
        }
        out.push_str("\r\n");
        out
    };
    let sent = head(proxy.credentials.as_ref().map(Secret::expose));
    let shown = head(proxy.credentials.as_ref().map(|s| mask_value(s.expose())).as_deref());
    facts(recorder).request = shown.replace("\r\n", "\n");
    tcp.write_all(sent.as_bytes()).await.map_err(|error| closed(&error))?;
    let reply = read_head(tcp, recorder).await?;
    let mut headers = [httparse::EMPTY_HEADER; MAX_REPLY_HEADERS];
    let mut parsed = httparse::Response::new(&mut headers);
    if parsed.parse(&reply).is_err() {
        return Err(failure(ProxyProblem::NotAProxy, "the answer to CONNECT is not HTTP"));
    }
    let status = parsed.code.unwrap_or_default();
    facts(recorder).status = Some(status);
    if !(200..300).contains(&status) {
        let reason = parsed.reason.unwrap_or_default();
        return Err(failure(
            ProxyProblem::Status,
            format!("the proxy answered {status} {reason} to CONNECT {target}"),
        ));
    }
    recorder.succeed(format!("tunnel to {target}"));
    Ok(())
}

fn facts(recorder: &mut Recorder) -> &mut ProxyFacts {
    recorder.evidence.proxy.get_or_insert_default()
}

fn closed(error: &io::Error) -> Failure {
    failure(ProxyProblem::Closed, format!("{}: {:?}", io_text(error), io_problem(error)))
}

/// Reads the head of the answer byte by byte: what follows it belongs to the server.
async fn read_head(tcp: &mut TcpStream, recorder: &mut Recorder) -> Result<Vec<u8>, Failure> {
    let mut head = Vec::new();
    let ended = loop {
        if head.ends_with(b"\r\n\r\n") || head.ends_with(b"\n\n") {
            break Ok(());
        }
        if head.len() >= 5 && !head.starts_with(b"HTTP/") {
            break Err(failure(ProxyProblem::NotAProxy, "the answer to CONNECT is not HTTP"));
        }
        if head.len() > MAX_REPLY_HEAD {
            break Err(failure(ProxyProblem::NotAProxy, "the answer to CONNECT never ends"));
        }
        match tcp.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                break Err(failure(ProxyProblem::Closed, "closed without an answer to CONNECT"));
            }
            Err(error) => break Err(closed(&error)),
        }
    };
    let text = String::from_utf8_lossy(&head).replace("\r\n", "\n");
    let text = recorder.clean_lines(&text);
    facts(recorder).reply = text;
    ended.map(|()| head)
}
