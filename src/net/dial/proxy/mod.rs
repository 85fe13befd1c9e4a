//! The way through a proxy: HTTP with CONNECT, plain or itself over TLS, and SOCKS 4 and 5.
//!
//! Whichever stage notices it, what keeps us from the proxy is a matter of the proxy. Where the
//! proxy resolves the server's name, the stage of DNS is about the proxy's; where we do (`socks5:`,
//! `socks4:`), it is about the server's.

mod address;
mod connect;
mod digest;
mod first_bytes;
mod socks;

use std::net::{IpAddr, SocketAddr};

use tokio::net::TcpStream;

use self::address::Proxy;
use super::{dns, tcp, tls};
use crate::core::evidence::{
    DnsProblem, Failure, FailureKind, IoProblem, ProxyFacts, ProxyKind, ProxyLeg, ProxyProblem,
    TlsFacts, TlsProblem,
};
use crate::core::proxy::ProxyUse;
use crate::core::request::RequestSpec;
use crate::core::stage::Stage;
use crate::net::errors::{io_problem, io_text};
use crate::net::pipe::Pipe;
use crate::net::recorder::Recorder;

fn failure(problem: ProxyProblem, text: impl Into<String>) -> Failure {
    Failure { stage: Stage::Proxy, kind: FailureKind::Proxy(problem), text: text.into() }
}

fn facts(recorder: &mut Recorder) -> &mut ProxyFacts {
    recorder.evidence.proxy.get_or_insert_default()
}

/// The proxy hung up, or its connection broke.
fn closed(error: &std::io::Error) -> Failure {
    failure(ProxyProblem::Closed, io_text(error))
}

/// Connects to the proxy and lets it open a way to the server, which the pipe then leads to.
pub(super) async fn reach(
    chosen: &ProxyUse,
    spec: &RequestSpec,
    recorder: &mut Recorder,
) -> Result<Pipe, Failure> {
    let proxy = address::read(chosen, recorder)?;
    let (host, port) = (spec.address.host_without_zone(), spec.address.port_or_default());
    let to = match host.parse::<IpAddr>() {
        Ok(ip) => socks::To::Ip(ip),
        Err(_) if proxy.kind.resolves_there() => socks::To::Name(host.to_owned()),
        Err(_) => {
            let addresses = dns::resolve(host, port, spec, recorder).await?;
            socks::To::Ip(fitting(proxy.kind, &addresses, recorder)?)
        }
    };
    recorder.to_proxy = true;
    let stages = recorder.evidence.stages.len();
    let addresses = if recorder.evidence.dns.is_some() {
        dns::quietly(&proxy.host, proxy.port, spec).await
    } else {
        dns::resolve(&proxy.host, proxy.port, spec, recorder).await
    };
    let tcp = match addresses {
        Ok(addresses) => tcp::connect(&addresses, recorder).await,
        Err(failure) => {
            if recorder.evidence.stages.len() == stages {
                recorder.begin(Stage::Proxy);
            }
            Err(failure)
        }
    };
    let tcp = tcp.map_err(unreachable)?;
    recorder.begin(Stage::Proxy);
    let peer = tcp.peer_addr();
    let mut pipe = pipe_over(tcp, &proxy, spec, recorder).await?;
    if proxy.kind.is_socks() {
        socks::connect(&mut pipe, &proxy, &to, port, recorder).await?;
    } else if let Some(answer) =
        connect::connect(&mut pipe, &proxy, &spec.address, None, recorder).await?
    {
        // Most proxies end the connection that they refused, so the answer goes over another one.
        drop(pipe);
        let seen = facts(recorder);
        let leg = ProxyLeg {
            request: std::mem::take(&mut seen.request),
            status: seen.status.take(),
            reply: std::mem::take(&mut seen.reply),
        };
        seen.earlier.push(leg);
        let again = async { TcpStream::connect(peer?).await };
        let tcp = again.await.map_err(|error| {
            let text = format!("connecting again to answer its challenge: {}", io_text(&error));
            failure(ProxyProblem::Unreachable(io_problem(&error)), text)
        })?;
        let _ = tcp.set_nodelay(true);
        pipe = pipe_over(tcp, &proxy, spec, recorder).await?;
        connect::connect(&mut pipe, &proxy, &spec.address, Some(answer), recorder).await?;
    }
    recorder.to_proxy = false;
    Ok(pipe)
}

/// The connection to the proxy, under TLS if it speaks that.
async fn pipe_over(
    tcp: TcpStream,
    proxy: &Proxy,
    spec: &RequestSpec,
    recorder: &mut Recorder,
) -> Result<Pipe, Failure> {
    match proxy.kind {
        ProxyKind::Https => secure(tcp, proxy, spec, recorder).await,
        _ => Ok(Pipe::Tcp(tcp)),
    }
}

/// The address that is named to the proxy; SOCKS 4 knows those of IPv4 only.
fn fitting(
    kind: ProxyKind,
    addresses: &[SocketAddr],
    recorder: &mut Recorder,
) -> Result<IpAddr, Failure> {
    let fits = |address: &&SocketAddr| kind != ProxyKind::Socks4 || address.is_ipv4();
    match addresses.iter().find(fits) {
        Some(address) => Ok(address.ip()),
        None => {
            recorder.begin(Stage::Proxy);
            Err(failure(
                ProxyProblem::Unsupported,
                "SOCKS 4 knows IPv4 only, and the server has no such address",
            ))
        }
    }
}

/// TLS to the proxy itself.
async fn secure(
    tcp: TcpStream,
    proxy: &Proxy,
    spec: &RequestSpec,
    recorder: &mut Recorder,
) -> Result<Pipe, Failure> {
    let mut seen = TlsFacts::default();
    let connected = tls::connect_proxy(tcp, &proxy.host, spec, &mut seen).await;
    if let Err(Failure { kind: FailureKind::Tls(TlsProblem::NotTls), .. }) = &connected {
        let first: String = seen.first_bytes_hex.chars().take(2 * first_bytes::MOST).collect();
        facts(recorder).first_bytes_hex = Some(first);
    }
    facts(recorder).tls = Some(Box::new(seen));
    match connected {
        Ok(stream) => Ok(Pipe::Tls(Box::new(stream))),
        Err(Failure { kind: FailureKind::Tls(TlsProblem::NotTls), .. }) => {
            Err(failure(ProxyProblem::NotTls, "the proxy does not speak TLS on this port"))
        }
        Err(other) => Err(failure(ProxyProblem::Tls, other.text)),
    }
}

/// A proxy that cannot be reached.
fn unreachable(failure: Failure) -> Failure {
    let problem = match failure.kind {
        FailureKind::Tcp(problem) => problem,
        FailureKind::Dns(DnsProblem::TryAgain) => IoProblem::TimedOut,
        _ => IoProblem::Other,
    };
    self::failure(ProxyProblem::Unreachable(problem), failure.text)
}
