//! A plain stream to an address through the same stages as a WebSocket: name, TCP, proxy, TLS. For
//! exchanges over HTTP that belong to a request, such as the one for a token.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::dial;
use super::link::Link;
use super::options::Options;
use super::recorder::{Interruption, Recorder};
use crate::core::evidence::{Failure, FailureKind};
use crate::core::request::RequestSpec;
use crate::core::stage::{ConnId, Stage};

/// Bytes to and from the server of [`connect_stream`].
#[derive(Debug)]
pub struct Stream(Link);

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buf)
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}

/// Goes through all stages before HTTP, within the request's limit for connecting. Of the request
/// only its address and the ways there are used; nothing of it is sent. Dropping the future
/// gives up.
///
/// # Errors
/// As an attempt would have ended, its text escaped and masked.
pub async fn connect_stream(spec: &RequestSpec, options: Options) -> Result<Stream, Failure> {
    // Nobody follows these stages; what is sent to a channel without a receiver is dropped.
    let (nobody, _) = mpsc::channel(1);
    let mut recorder = Recorder::new(ConnId(0), spec, &options, nobody);
    let dialled = Box::pin(dial::link(spec, &mut recorder));
    let dialled = match spec.connect_timeout_ms {
        0 => Ok(dialled.await),
        ms => timeout(Duration::from_millis(ms), dialled).await,
    };
    match dialled {
        Ok(Ok(link)) => return Ok(Stream(link)),
        Ok(Err(failure)) => recorder.fail(failure),
        Err(_) => recorder.interrupt(Interruption::TimedOut, spec.connect_timeout_ms),
    }
    Err(recorder.evidence.failure.unwrap_or_else(|| Failure {
        stage: Stage::Url,
        kind: FailureKind::Internal,
        text: "wsdeck failed while it connected".into(),
    }))
}

/// The error of a [`Stream`] in the words of an attempt: a TLS 1.3 server refuses a client
/// certificate only once the first bytes are exchanged.
#[must_use]
pub fn stream_stage(error: &io::Error) -> Stage {
    if super::errors::tls_error(error).is_some() { Stage::Tls } else { Stage::Http }
}
