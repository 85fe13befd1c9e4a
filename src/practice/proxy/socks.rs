//! SOCKS 5 (RFC 1928, RFC 1929) and SOCKS 4 with its extension for names (4a).

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use bytes::Buf;

use super::{DENIED_HOST, reach};
use crate::practice::conn::{Conn, End};
use crate::practice::credentials::{PASSWORD, USER};

/// No login; name and password; none of what was offered (RFC 1928 section 3).
const NO_LOGIN: u8 = 0;
const PASSWORD_LOGIN: u8 = 2;
const NONE_FITS: u8 = 0xff;

/// How the proxy deals with logins and requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::practice) enum Login {
    /// Checks name and password if the client offers them.
    IfOffered,
    /// Serves nobody without.
    Demanded,
    /// Needs none and answers each request with this code.
    Answer(u8),
    /// Needs none and hangs up at the request.
    Cut,
}

/// Serves one SOCKS dialogue and the tunnel behind it.
pub(in crate::practice) async fn serve(
    conn: &mut Conn,
    login: Login,
    own: &[SocketAddr],
) -> io::Result<End> {
    match byte(conn).await? {
        5 => version5(conn, login, own).await,
        4 => version4(conn, login, own).await,
        // An HTTP proxy was expected: this one knows no other answer.
        _ => {
            conn.write_all(&[5, NONE_FITS]).await?;
            Ok(End::Finish)
        }
    }
}

async fn version5(conn: &mut Conn, login: Login, own: &[SocketAddr]) -> io::Result<End> {
    let count = byte(conn).await?;
    let offered = take(conn, count.into()).await?;
    let method = match login {
        Login::IfOffered | Login::Demanded if offered.contains(&PASSWORD_LOGIN) => PASSWORD_LOGIN,
        Login::Demanded => NONE_FITS,
        _ if offered.contains(&NO_LOGIN) => NO_LOGIN,
        _ => NONE_FITS,
    };
    conn.write_all(&[5, method]).await?;
    if method == NONE_FITS {
        return Ok(End::Finish);
    }
    if method == PASSWORD_LOGIN {
        byte(conn).await?;
        let user = counted(conn).await?;
        let password = counted(conn).await?;
        let right = user == USER.as_bytes() && password == PASSWORD.as_bytes();
        conn.write_all(&[1, u8::from(!right)]).await?;
        if !right {
            return Ok(End::Finish);
        }
    }
    let head = take(conn, 4).await?;
    let host = match head[3] {
        1 => Ipv4Addr::from(u32::from_be_bytes(array(&take(conn, 4).await?))).to_string(),
        4 => Ipv6Addr::from(u128::from_be_bytes(array(&take(conn, 16).await?))).to_string(),
        3 => String::from_utf8_lossy(&counted(conn).await?).into_owned(),
        _ => return refuse5(conn, 8).await,
    };
    let port = u16::from_be_bytes(array(&take(conn, 2).await?));
    match login {
        Login::Answer(code) if code != 0 => return refuse5(conn, code).await,
        Login::Cut => return Ok(End::Drop),
        _ if head[1] != 1 => return refuse5(conn, 7).await,
        _ if host == DENIED_HOST => return refuse5(conn, 2).await,
        _ => {}
    }
    let Some(mut onward) = reach(port, own).await else { return refuse5(conn, 5).await };
    conn.output.extend_from_slice(&[5, 0, 0, 1, 127, 0, 0, 1]);
    conn.output.extend_from_slice(&port.to_be_bytes());
    conn.carry(&mut onward).await?;
    Ok(End::Finish)
}

async fn refuse5(conn: &mut Conn, code: u8) -> io::Result<End> {
    conn.write_all(&[5, code, 0, 1, 0, 0, 0, 0, 0, 0]).await?;
    Ok(End::Finish)
}

/// The bytes after the version: command, port, address, user, and for 4a a name.
async fn version4(conn: &mut Conn, login: Login, own: &[SocketAddr]) -> io::Result<End> {
    let head = take(conn, 7).await?;
    let port = u16::from_be_bytes(array(&head[1..3]));
    let _user = until_zero(conn).await?;
    // 0.0.0.x with x other than 0 announces a name.
    let named = head[3..6] == [0, 0, 0] && head[6] != 0;
    let host = if named { until_zero(conn).await? } else { Vec::new() };
    if login == Login::Cut {
        return Ok(End::Drop);
    }
    let refused = match login {
        Login::Answer(code) => code != 0,
        Login::Demanded => true,
        _ => head[0] != 1 || host == DENIED_HOST.as_bytes(),
    };
    let onward = if refused { None } else { reach(port, own).await };
    let Some(mut onward) = onward else {
        conn.write_all(&[0, 0x5b, 0, 0, 0, 0, 0, 0]).await?;
        return Ok(End::Finish);
    };
    conn.output.extend_from_slice(&[0, 0x5a, 0, 0, 0, 0, 0, 0]);
    conn.carry(&mut onward).await?;
    Ok(End::Finish)
}

/// Exactly `count` bytes.
async fn take(conn: &mut Conn, count: usize) -> io::Result<Vec<u8>> {
    while conn.input.len() < count {
        if conn.fill().await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    let taken = conn.input[..count].to_vec();
    conn.input.advance(count);
    Ok(taken)
}

async fn byte(conn: &mut Conn) -> io::Result<u8> {
    Ok(take(conn, 1).await?[0])
}

/// A field behind its length.
async fn counted(conn: &mut Conn) -> io::Result<Vec<u8>> {
    let count = byte(conn).await?;
    take(conn, count.into()).await
}

/// A field up to a zero, which ends it; at most 255 bytes.
async fn until_zero(conn: &mut Conn) -> io::Result<Vec<u8>> {
    let mut out = Vec::new();
    loop {
        match byte(conn).await? {
            0 => return Ok(out),
            _ if out.len() == 255 => return Err(io::ErrorKind::InvalidData.into()),
            byte => out.push(byte),
        }
    }
}

/// The bytes as an array of the length that was asked for.
fn array<const N: usize>(bytes: &[u8]) -> [u8; N] {
    let mut out = [0; N];
    out.copy_from_slice(&bytes[..N]);
    out
}
