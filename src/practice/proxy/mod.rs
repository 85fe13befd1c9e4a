//! The server's ports as a proxy: HTTP with CONNECT (RFC 9110 section 9.3.6) on both of them, SOCKS
//! on the plain one. It leads to this server only, whatever host is asked for, so that it opens
//! nothing else to anybody.
//!
//! As a proxy resolves names itself, the name can say what to practise: `auth.practice.example`
//! wants the credentials of `/auth/basic`, `digest.practice.example` the same as Digest, `denied.practice.example` is forbidden, and a port that
//! is none of ours cannot be reached. Proxies that fail before they hear a name are listeners of
//! their own, see [`ProxyFault`].

mod digest;
mod fault;
mod socks;

pub use fault::ProxyFault;
pub(super) use fault::fail;
pub(super) use socks::{Login, serve as socks};

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use tokio::net::TcpStream;

use super::conn::{Conn, End};
use super::endpoints::is_practice_user;
use super::head::Head;
use super::reply::Reply;

/// The host that wants credentials.
const AUTH_HOST: &str = "auth.practice.example";
/// The host that wants the same credentials as Digest.
const DIGEST_HOST: &str = "digest.practice.example";
/// The host that is forbidden.
const DENIED_HOST: &str = "denied.practice.example";

/// Answers a CONNECT and carries the tunnel to one of the server's own addresses.
pub(super) async fn tunnel(head: &Head, conn: &mut Conn, own: &[SocketAddr]) -> io::Result<End> {
    let target = head.target.rsplit_once(':').map(|(host, port)| (host, port.parse()));
    let Some((host, Ok(port))) = target else {
        return Reply::new(400).body("text/plain", "CONNECT wants host:port\n").send(conn).await;
    };
    let credentials = head.header("proxy-authorization").unwrap_or_default();
    if host == AUTH_HOST && !is_practice_user(&credentials) {
        return Reply::new(407)
            .header("Proxy-Authenticate", "Basic realm=\"practice proxy\"")
            .body("text/plain", "this proxy wants to know who asks\n")
            .send(conn)
            .await;
    }
    if host == DIGEST_HOST && !digest::is_practice_user(&credentials, &head.target) {
        return Reply::new(407)
            .header("Proxy-Authenticate", "Negotiate")
            .header("Proxy-Authenticate", &digest::challenge())
            .body("text/plain", "this proxy wants to know who asks\n")
            .send(conn)
            .await;
    }
    if host == DENIED_HOST {
        return Reply::new(403).body("text/plain", "forbidden by policy\n").send(conn).await;
    }
    let Some(mut onward) = reach(port, own).await else {
        let text = format!("{} cannot be reached\n", head.target);
        return Reply::new(502).body("text/plain", text).send(conn).await;
    };
    conn.output.extend_from_slice(b"HTTP/1.1 200 Connection established\r\n\r\n");
    conn.carry(&mut onward).await?;
    Ok(End::Finish)
}

/// A connection to the server's own port of that number; `None` if there is none.
async fn reach(port: u16, own: &[SocketAddr]) -> Option<TcpStream> {
    let addr = own.iter().find(|addr| addr.port() == port)?;
    let ip = match addr.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    let onward = TcpStream::connect((ip, port)).await.ok()?;
    onward.set_nodelay(true).ok()?;
    Some(onward)
}
