//! Addresses of Unix sockets, as Node's `ws` writes them:
//! `ws+unix:///path/to/server.sock:/http/path?query`.
//!
//! The path is percent-decoded, so that a colon or a blank in it can be written.

use percent_encoding::percent_decode_str;

use super::UrlProblem;

const SCHEME: &str = "ws+unix:";

/// What follows the scheme, if it is this one.
pub(super) fn strip_scheme(text: &str) -> Option<&str> {
    let start = text.get(..SCHEME.len())?;
    start.eq_ignore_ascii_case(SCHEME).then(|| &text[SCHEME.len()..])
}

/// Cuts the address of a Unix socket as typed into what stands before the path of the request (with
/// the colon, if it is there) and the rest; `None` for any other address.
#[must_use]
pub fn split_socket(typed: &str) -> Option<(&str, &str)> {
    let rest = strip_scheme(typed.trim_start())?;
    let rest_at = typed.len() - rest.len();
    let path = typed[rest_at..].find(':').map_or(typed.len(), |at| rest_at + at + 1);
    Some(typed.split_at(path))
}

/// Path of the socket, and the path of the request, which may be empty.
pub(super) fn read(rest: &str) -> Result<(String, &str), UrlProblem> {
    let bad = |why: &str| UrlProblem::BadHost { host: SCHEME.to_owned(), why: why.to_owned() };
    let rest = rest.strip_prefix("//").unwrap_or(rest);
    let (socket, path) = rest.split_once(':').unwrap_or((rest, ""));
    let socket = percent_decode_str(socket)
        .decode_utf8()
        .map_err(|_| bad("the percent-encoding of the socket's path is not UTF-8"))?;
    if socket.is_empty() {
        return Err(bad("no socket is named; write ws+unix:///path/to/server.sock:/path"));
    }
    if socket.contains('\0') {
        return Err(bad("the socket's path holds a zero byte"));
    }
    if !(path.is_empty() || path.starts_with('/')) {
        return Err(bad("the path of the request begins with / behind the colon"));
    }
    Ok((socket.into_owned(), path))
}

/// The address as it is read.
pub(super) fn to_url(socket: &str, target: &str) -> String {
    let slashes = if socket.starts_with('/') { "//" } else { "" };
    let mut out = format!("{SCHEME}{slashes}");
    for byte in socket.bytes() {
        if byte.is_ascii_alphanumeric() || b"/._-~@+=,".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    format!("{out}:{target}")
}
