//! The opening handshake (RFC 6455 section 4), as our own dialogue, so that the request goes out
//! exactly as the user sees it and the answer comes in whole.

mod body;
mod check;
mod extensions;
mod reply;
mod request;

use std::io;

use tokio::io::AsyncWriteExt as _;

use super::Dialed;
use super::tls::problem_of;
use crate::core::evidence::{Failure, FailureKind, HttpFacts, HttpProblem, IoProblem};
use crate::core::request::RequestSpec;
use crate::core::secret::Secret;
use crate::core::stage::Stage;
use crate::net::errors::{io_problem, io_text, tls_error};
use crate::net::link::Link;
use crate::net::recorder::Recorder;

pub(in crate::net) use body::Refusal;

/// Sends the request and judges the answer.
pub(super) async fn run(
    mut link: Link,
    spec: &RequestSpec,
    recorder: &mut Recorder,
) -> Result<Dialed, Failure> {
    recorder.begin(Stage::Http);
    let request = request::build(spec, recorder);
    recorder.evidence.http =
        Some(HttpFacts { request: request.shown.clone(), ..HttpFacts::default() });
    let written = async {
        link.write_all(request.bytes.expose().as_bytes()).await?;
        link.flush().await
    };
    // A server may refuse and close before it has read all; what it said then counts more.
    let write_error = written.await.err();
    let sent_us = recorder.elapsed();
    facts(recorder).sent_us = sent_us;

    let (head, early) = reply::read(&mut link, write_error, recorder).await?;
    let cookies = head.values("Set-Cookie").map(Secret::from).collect();
    recorder.set_cookies(spec.full_url(), cookies);
    if head.status != 101 {
        return Ok(Dialed::Refused(Box::new(Refusal::new(link, head, early))));
    }
    recorder.succeed("101 Switching Protocols");
    recorder.begin(Stage::WebSocket);
    let (checked, verdict) = check::check(&head, &request);
    let mut detail = checked.subprotocol.as_ref().map_or_else(
        || "no subprotocol".to_owned(),
        |name| recorder.clean(&format!("subprotocol {name}")),
    );
    if checked.deflate.is_some() {
        detail.push_str(", deflate");
    }
    recorder.evidence.websocket = Some(check::cleaned(checked, recorder));
    if let Some(text) = verdict {
        return Err(Failure { stage: Stage::WebSocket, kind: FailureKind::Upgrade, text });
    }
    recorder.succeed(detail);
    let first_messages = spec.first_messages.clone();
    Ok(Dialed::Open { link, early: early.into(), first_messages })
}

fn facts(recorder: &mut Recorder) -> &mut HttpFacts {
    recorder.evidence.http.get_or_insert_default()
}

/// What an error of the stream means before there is a reply. A TLS 1.3 server that misses a
/// client certificate says so only now; that is a matter of TLS (RFC 8446 section 4.4.2.4).
fn stream_failure(error: &io::Error) -> Failure {
    if let Some(tls) = tls_error(error) {
        let problem = problem_of(tls);
        return Failure {
            stage: Stage::Tls,
            kind: FailureKind::Tls(problem),
            text: tls.to_string(),
        };
    }
    let problem = match io_problem(error) {
        IoProblem::Reset => HttpProblem::Reset,
        IoProblem::Eof => HttpProblem::Eof,
        _ => HttpProblem::Other,
    };
    Failure { stage: Stage::Http, kind: FailureKind::Http(problem), text: io_text(error) }
}
