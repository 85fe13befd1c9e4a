//! A tunnel through an HTTP proxy with CONNECT (RFC 9110 section 9.3.6).

use std::io;

use base64::Engine as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::address::Proxy;
use super::{closed, digest, facts, failure, first_bytes};
use crate::core::evidence::{Failure, ProxyProblem};
use crate::core::limits::{MAX_REPLY_HEAD, MAX_REPLY_HEADERS};
use crate::core::secret::{Secret, mask_value};
use crate::core::url::Address;
use crate::net::pipe::Pipe;
use crate::net::recorder::Recorder;

/// Asks for the tunnel, with name and password as Basic (RFC 7617), or with `answer` to a
/// challenge. Afterwards `pipe` leads to the server.
///
/// If there was no such answer yet and the proxy wants Digest, nothing else than that, the answer
/// to its challenge is given back. Whoever refuses Basic as well as Digest does not know the
/// password, which is not tried twice.
pub(super) async fn connect(
    pipe: &mut Pipe,
    proxy: &Proxy,
    address: &Address,
    answer: Option<Secret>,
    recorder: &mut Recorder,
) -> Result<Option<Secret>, Failure> {
    let target = address.authority();
    let is_answer = answer.is_some();
    let basic = |(user, password): &(String, Secret)| {
        let pair = format!("{user}:{}", password.expose());
        let encoded = base64::engine::general_purpose::STANDARD.encode(pair);
        recorder.masker.add(&encoded);
        Secret::new(format!("Basic {encoded}"))
    };
    let login = answer.or_else(|| proxy.login.as_ref().map(basic));
    let head = |login: Option<&str>| {
        let mut out = format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n");
        if let Some(value) = login {
            out.push_str(&format!("Proxy-Authorization: {value}\r\n"));
        }
        out.push_str("\r\n");
        out
    };
    let sent = Secret::new(head(login.as_ref().map(Secret::expose)));
    let shown = head(login.as_ref().map(|s| mask_value(s.expose())).as_deref());
    facts(recorder).request = shown.replace("\r\n", "\n");
    let written = async {
        pipe.write_all(sent.expose().as_bytes()).await?;
        pipe.flush().await
    };
    // A proxy may refuse before it has read all; what it said then counts more.
    let write_error = written.await.err();
    let reply = read_head(pipe, write_error, recorder).await?;
    let mut headers = [httparse::EMPTY_HEADER; MAX_REPLY_HEADERS];
    let mut parsed = httparse::Response::new(&mut headers);
    if parsed.parse(&reply).is_err() {
        return Err(failure(ProxyProblem::NotAProxy, "the answer to CONNECT is not HTTP"));
    }
    let status = parsed.code.unwrap_or_default();
    facts(recorder).status = Some(status);
    if !(200..300).contains(&status) {
        if let (407, false, Some((user, password))) = (status, is_answer, &proxy.login) {
            let name = |header: &&httparse::Header<'_>| {
                header.name.eq_ignore_ascii_case("proxy-authenticate")
            };
            let challenges: Vec<&[u8]> =
                parsed.headers.iter().filter(name).map(|header| header.value).collect();
            if let Some(answer) = digest::answer(&challenges, user, password, &target) {
                return Ok(Some(answer));
            }
        }
        let reason = parsed.reason.unwrap_or_default();
        return Err(failure(
            ProxyProblem::Status,
            format!("the proxy answered {status} {reason} to CONNECT {target}"),
        ));
    }
    recorder.succeed(format!("tunnel to {target}"));
    Ok(None)
}

/// Reads the head of the answer byte by byte: what follows it belongs to the server.
async fn read_head(
    pipe: &mut Pipe,
    write_error: Option<io::Error>,
    recorder: &mut Recorder,
) -> Result<Vec<u8>, Failure> {
    const WORD: &[u8] = b"HTTP/";
    let mut head = Vec::new();
    let not_http = || failure(ProxyProblem::NotAProxy, "the answer to CONNECT is not HTTP");
    let ended = loop {
        if head.ends_with(b"\r\n\r\n") || head.ends_with(b"\n\n") {
            break Ok(());
        }
        let begun = head.len().min(WORD.len());
        if head[..begun] != WORD[..begun] {
            first_bytes::keep(head, pipe, recorder).await;
            return Err(not_http());
        }
        if head.len() > MAX_REPLY_HEAD {
            break Err(failure(ProxyProblem::NotAProxy, "the answer to CONNECT never ends"));
        }
        match (pipe.read_u8().await, &write_error) {
            (Ok(byte), _) => head.push(byte),
            (Err(error), None) if error.kind() == io::ErrorKind::UnexpectedEof => {
                break Err(failure(ProxyProblem::Closed, "closed without an answer to CONNECT"));
            }
            (Err(_), Some(error)) => break Err(closed(error)),
            (Err(error), None) => break Err(closed(&error)),
        }
    };
    let text = String::from_utf8_lossy(&head).replace("\r\n", "\n");
    let text = recorder.clean_lines(&text);
    facts(recorder).reply = text;
    ended.map(|()| head)
}
