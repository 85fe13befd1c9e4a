//! Connecting in stages, one file each, so that each can be timed, interrupted and explained.

mod dns;
mod proxy;
mod redirect;
mod tcp;
pub(super) mod tls;
mod unix;
mod upgrade;

use bytes::Bytes;

use super::link::Link;
use super::pipe::Pipe;
use super::recorder::Recorder;
use crate::core::evidence::Failure;
use crate::core::request::{FirstMessage, RequestSpec};
use crate::core::url::Scheme;

pub(super) use upgrade::Refusal;

/// What an attempt came to.
pub(super) enum Dialed {
    /// The connection is open; `early` came behind the reply's head. The messages to begin with
    /// are those of the request that opened it: after a redirect there may be fewer.
    Open { link: Link, early: Bytes, first_messages: Vec<FirstMessage> },
    /// The server answered with something else than a 101; the body is still to be read.
    Refused(Box<Refusal>),
}

/// Goes through all stages, and through redirects as far as the request allows it. What is seen
/// is written into the record at once, so that it is there also if this future is dropped midway.
pub(super) async fn run(spec: &RequestSpec, recorder: &mut Recorder) -> Result<Dialed, Failure> {
    redirect::follow(spec, recorder).await
}

/// Goes through all stages once.
async fn once(spec: &RequestSpec, recorder: &mut Recorder) -> Result<Dialed, Failure> {
    let link = link(spec, recorder).await?;
    upgrade::run(link, spec, recorder).await
}

/// Goes through the stages before HTTP.
pub(super) async fn link(spec: &RequestSpec, recorder: &mut Recorder) -> Result<Link, Failure> {
    let pipe = reach(spec, recorder).await?;
    Ok(match spec.address.scheme {
        Scheme::Ws => Link::Plain(pipe),
        Scheme::Wss => Link::Tls(Box::new(tls::connect(pipe, spec, recorder).await?)),
    })
}

/// A way for bytes to the server: by its socket, by its proxy, or straight by TCP.
async fn reach(spec: &RequestSpec, recorder: &mut Recorder) -> Result<Pipe, Failure> {
    if let Some(path) = &spec.address.socket {
        return unix::connect(path, recorder).await;
    }
    if let Some(chosen) = &spec.proxy {
        return proxy::reach(chosen, spec, recorder).await;
    }
    let (host, port) = (&spec.address.host, spec.address.port_or_default());
    let addresses = dns::resolve(host, port, spec, recorder).await?;
    tcp::connect(&addresses, recorder).await.map(Pipe::Tcp)
}
