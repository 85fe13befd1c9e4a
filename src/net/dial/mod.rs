//! Connecting in stages, one file each, so that each can be timed, interrupted and explained.

mod dns;
mod proxy;
mod tcp;
pub(super) mod tls;
mod upgrade;

use bytes::Bytes;

use super::link::Link;
use super::recorder::Recorder;
use crate::core::evidence::{DnsProblem, Failure, FailureKind, IoProblem, ProxyProblem};
use crate::core::request::RequestSpec;
use crate::core::stage::Stage;
use crate::core::url::Scheme;

pub(super) use upgrade::Refusal;

/// What an attempt came to.
pub(super) enum Dialed {
    /// The connection is open; `early` came behind the reply's head.
    Open { link: Link, early: Bytes },
    /// The server answered with something else than a 101; the body is still to be read.
    Refused(Box<Refusal>),
}

/// Goes through all stages. What is seen is written into the record at once, so that it is there
/// also if this future is dropped midway.
pub(super) async fn run(spec: &RequestSpec, recorder: &mut Recorder) -> Result<Dialed, Failure> {
    let proxy = match &spec.proxy {
        Some(url) => Some(proxy::read(url, recorder)?),
        None => None,
    };
    let tcp = match &proxy {
        None => {
            let host = &spec.address.host;
            let addresses =
                dns::resolve(host, spec.address.port_or_default(), spec, recorder).await?;
            tcp::connect(&addresses, recorder).await?
        }
        Some(proxy) => {
            let addresses = dns::resolve(&proxy.host, proxy.port, spec, recorder)
                .await
                .map_err(proxy_unreachable)?;
            let mut tcp = tcp::connect(&addresses, recorder).await.map_err(proxy_unreachable)?;
            proxy::connect(&mut tcp, proxy, &spec.address, recorder).await?;
            tcp
        }
    };
    let link = match spec.address.scheme {
        Scheme::Ws => Link::Plain(tcp),
        Scheme::Wss => Link::Tls(Box::new(tls::connect(tcp, spec, recorder).await?)),
    };
    upgrade::run(link, spec, recorder).await
}

/// A proxy that cannot be reached is a matter of the proxy, whichever stage noticed.
fn proxy_unreachable(failure: Failure) -> Failure {
    let problem = match failure.kind {
        FailureKind::Tcp(problem) => problem,
        FailureKind::Dns(DnsProblem::TryAgain) => IoProblem::TimedOut,
        _ => IoProblem::Other,
    };
    Failure {
        stage: Stage::Proxy,
        kind: FailureKind::Proxy(ProxyProblem::Unreachable(problem)),
        text: failure.text,
    }
}
