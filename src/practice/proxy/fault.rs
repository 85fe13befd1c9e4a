//! Proxies that fail on purpose, whatever is asked of them.

use std::io;
use std::net::SocketAddr;

use super::{Login, socks};
use crate::practice::conn::{Conn, End};
use crate::practice::head::{self, Arrival};
use crate::practice::reply::Reply;

/// How a proxy fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ProxyFault {
    /// An HTTP proxy that asks everybody for a Windows login (`Negotiate` and `NTLM`).
    WindowsLogin,
    /// An HTTP proxy that answers every CONNECT with this status; 407 asks for Basic.
    Status(u16),
    /// Takes the connection and says nothing, whatever the client speaks.
    Silent,
    /// Reads the first bytes and ends the connection without an answer.
    Closed,
    /// Greets as an SSH server.
    OtherProtocol,
    /// A SOCKS 5 proxy that serves nobody without name and password (`practice` both).
    SocksLogin,
    /// A SOCKS proxy that answers every request with this code (RFC 1928 section 6; for version 4
    /// any code but 0 is a refusal).
    SocksReply(u8),
    /// A SOCKS proxy that agrees on a method and then ends the connection.
    SocksCut,
}

/// Serves one connection to such a proxy.
pub(in crate::practice) async fn fail(
    fault: ProxyFault,
    conn: &mut Conn,
    own: &[SocketAddr],
) -> io::Result<End> {
    match fault {
        ProxyFault::WindowsLogin => {
            head::read(conn).await?;
            Reply::new(407)
                .header("Proxy-Authenticate", "Negotiate")
                .header("Proxy-Authenticate", "NTLM")
                .body("text/plain", "a login of the domain is needed\n")
                .send(conn)
                .await
        }
        ProxyFault::Status(status) => match head::read(conn).await? {
            Arrival::Request(_) => {
                let mut reply = Reply::new(status);
                if status == 407 {
                    reply = reply.header("Proxy-Authenticate", "Basic realm=\"practice proxy\"");
                }
                reply.body("text/plain", "so says the practice proxy\n").send(conn).await
            }
            // A SOCKS greeting: an HTTP server takes it for a bad request.
            _ => Reply::new(400).body("text/plain", "this is an HTTP proxy\n").send(conn).await,
        },
        ProxyFault::Silent => {
            conn.wait_for_end().await;
            Ok(End::Finish)
        }
        ProxyFault::Closed => {
            conn.fill().await?;
            Ok(End::Drop)
        }
        ProxyFault::OtherProtocol => {
            conn.write_all(b"SSH-2.0-OpenSSH_9.9 practice\r\n").await?;
            conn.wait_for_end().await;
            Ok(End::Finish)
        }
        ProxyFault::SocksLogin => socks(conn, Login::Demanded, own).await,
        ProxyFault::SocksReply(code) => socks(conn, Login::Answer(code), own).await,
        ProxyFault::SocksCut => socks(conn, Login::Cut, own).await,
    }
}
