//! Where the `Location` of a redirect leads (RFC 9110 section 10.2.2, RFC 3986 section 5.2).

use super::read::{encode_non_ascii, is_invisible};
use super::{Address, Scheme, read, split_query};

/// The address that a `Location` names, seen from the address that answered with it; `http` and
/// `https` become `ws` and `wss`, a fragment is left out.
///
/// `None` if it cannot be followed: no address, another scheme, or characters that cannot stand in
/// one. A Unix socket is never led to, since the server that redirects cannot be meant to choose
/// among the files of this machine.
#[must_use]
pub fn resolve(from: &Address, location: &str) -> Option<Address> {
    let location = location.trim();
    let location = location.split('#').next().unwrap_or_default();
    if location.is_empty() || location.chars().any(|c| c.is_whitespace() || is_invisible(c)) {
        return None;
    }
    if let Some((scheme, rest)) = split_scheme(location) {
        let known = ["http", "https", "ws", "wss"].iter().any(|s| scheme.eq_ignore_ascii_case(s));
        return (known && rest.starts_with("//")).then(|| read(location).ok())?.map(plain);
    }
    if location.starts_with("//") {
        let scheme = if from.socket.is_some() { Scheme::Ws } else { from.scheme };
        return read(&format!("{}:{location}", scheme.name())).ok().map(plain);
    }
    let (path, query, _) = split_query(location);
    let (old_path, old_query, _) = split_query(&from.target);
    let (path, query) = match path {
        "" => (old_path.to_owned(), query.or(old_query)),
        path if path.starts_with('/') => (without_dots(path), query),
        path => {
            let folder = old_path.rfind('/').map_or("/", |at| &old_path[..=at]);
            (without_dots(&format!("{folder}{path}")), query)
        }
    };
    let query = query.map(|query| format!("?{query}")).unwrap_or_default();
    Some(plain(Address { target: encode_non_ascii(&format!("{path}{query}")), ..from.clone() }))
}

/// Without what only an address that somebody typed has.
fn plain(address: Address) -> Address {
    Address { userinfo: None, mends: Vec::new(), ..address }
}

/// The scheme, if there is one (RFC 3986 section 3.1), and what follows its colon.
fn split_scheme(text: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = text.split_once(':')?;
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
    is_scheme.then_some((scheme, rest))
}

/// Takes `.` and `..` out of a path (RFC 3986 section 5.2.4).
fn without_dots(path: &str) -> String {
    let mut out: Vec<&str> = Vec::new();
    let mut ends_in_folder = false;
    for piece in path.split('/').skip(1) {
        ends_in_folder = matches!(piece, "." | "..");
        match piece {
            "." => {}
            ".." => drop(out.pop()),
            piece => out.push(piece),
        }
    }
    let slash = if ends_in_folder && !out.is_empty() { "/" } else { "" };
    format!("/{}{slash}", out.join("/"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn locations_lead_somewhere() {
        let from = "wss://a.example:9/b/c?x=1";
        for (location, to) in [
            ("/d", "wss://a.example:9/d"),
            ("/d?y=2#z", "wss://a.example:9/d?y=2"),
            ("d/", "wss://a.example:9/b/d/"),
            ("../d", "wss://a.example:9/d"),
            ("../../../d", "wss://a.example:9/d"),
            ("./", "wss://a.example:9/b/"),
            ("/a/./b/../c//d/..", "wss://a.example:9/a/c//"),
            ("?y=2", "wss://a.example:9/b/c?y=2"),
            ("//b.example/x", "wss://b.example/x"),
            ("https://b.example", "wss://b.example/"),
            ("HTTP://B.example:80/X", "ws://b.example:80/X"),
            ("ws://u:p@b.example/x", "ws://b.example/x"),
            ("http://bücher.example/ü", "ws://xn--bcher-kva.example/%C3%BC"),
            ("/ü", "wss://a.example:9/%C3%BC"),
            (" /d ", "wss://a.example:9/d"),
            ("a:b", ""),
            ("", ""),
            ("#x", ""),
            ("ftp://b.example/", ""),
            ("javascript:alert(1)", ""),
            ("ws+unix:///run/docker.sock:/", ""),
            ("https:b.example", ""),
            ("https://b..example/", ""),
            ("https://<host>/", ""),
            ("/a b", ""),
            ("/a\u{202e}b", ""),
            ("/a\r\nX: y", ""),
        ] {
            let got = resolve(&read(from).unwrap(), location).map(|address| address.to_url());
            assert_eq!(got.as_deref().unwrap_or_default(), to, "{location}");
        }
        let socket = read("ws+unix:///run/x.sock:/a/b").unwrap();
        for (location, to) in [
            ("c", "ws+unix:///run/x.sock:/a/c"),
            ("//b.example/", "ws://b.example/"),
            ("https://b.example/", "wss://b.example/"),
        ] {
            assert_eq!(resolve(&socket, location).unwrap().to_url(), to);
        }
    }

    proptest! {
        #[test]
        fn what_is_resolved_can_be_read(location in "\\PC{0,40}") {
            let from = read("ws://a.example/b").unwrap();
            if let Some(to) = resolve(&from, &location) {
                prop_assert!(to.target.starts_with('/') && to.target.is_ascii());
            }
        }
    }
}
