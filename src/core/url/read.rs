//! From typed text to an [`Address`], or to what is wrong with it.

use percent_encoding::percent_decode_str;

use super::problem::guess_scheme;
use super::{Address, Mend, Scheme, UrlProblem, split_query};
use crate::core::secret::Secret;

/// Quotation marks that come along when an address is copied from a shell line or a document.
const QUOTES: &[char] = &['"', '\'', '`', '“', '”', '‘', '’', '«', '»'];

/// Reads an address as typed or pasted.
///
/// # Errors
/// The first thing that makes it unusable.
pub fn read(typed: &str) -> Result<Address, UrlProblem> {
    let mut mends = Vec::new();
    let text = trim(typed);
    if text.len() != typed.len() {
        mends.push(Mend::Trimmed);
    }
    if text.is_empty() {
        return Err(UrlProblem::Empty);
    }
    if let Some(placeholder) = placeholder(text) {
        return Err(UrlProblem::Placeholder { placeholder });
    }
    if let Some((position, bad)) =
        text.chars().enumerate().find(|(_, c)| c.is_whitespace() || is_invisible(*c))
    {
        return Err(UrlProblem::BadCharacter {
            character: describe(bad),
            position: position + 1,
            encoded: encode_blanks(text),
        });
    }

    let (before, query, fragment) = split_query(text);
    if !fragment.is_empty() {
        let base = &text[..text.len() - fragment.len()];
        return Err(UrlProblem::Fragment {
            without: base.to_owned(),
            encoded: format!("{base}{}", fragment.replace('#', "%23")),
        });
    }

    if let Some(rest) = super::unix::strip_scheme(before) {
        let (socket, path) = super::unix::read(rest)?;
        return Ok(Address {
            scheme: Scheme::Ws,
            userinfo: None,
            host: "localhost".into(),
            port: None,
            target: target_of(path, query),
            socket: Some(socket),
            mends,
        });
    }
    let (scheme, rest) = split_scheme(before, &mut mends)?;
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let (userinfo, host_port) = match authority.rsplit_once('@') {
        Some((userinfo, host_port)) => (Some(userinfo), host_port),
        None => (None, authority),
    };
    let slip = |problem| {
        if super::password_holds_slash(text) { UrlProblem::Userinfo } else { problem }
    };
    let (typed_host, port) = split_port(host_port, before).map_err(slip)?;
    let host = judge_host(typed_host, &mut mends).map_err(slip)?;
    let scheme = scheme.unwrap_or_else(|| {
        let scheme = guess_scheme(&host, port);
        mends.push(Mend::SchemeGuessed { scheme });
        scheme
    });

    Ok(Address {
        scheme,
        userinfo: userinfo.map(read_userinfo),
        host,
        port,
        target: target_of(path, query),
        socket: None,
        mends,
    })
}

/// Path and query as they go out.
fn target_of(path: &str, query: Option<&str>) -> String {
    let mut target = if path.is_empty() { "/".to_owned() } else { path.to_owned() };
    if let Some(query) = query {
        target.push('?');
        target.push_str(query);
    }
    encode_non_ascii(&target)
}

/// What is left of an address without the blanks, quotes and invisible characters around it.
#[must_use]
pub fn trim(typed: &str) -> &str {
    let mut text = typed;
    loop {
        let next =
            text.trim_matches(|c: char| c.is_whitespace() || is_invisible(c)).trim_matches(QUOTES);
        if next.len() == text.len() {
            return next;
        }
        text = next;
    }
}

pub(super) fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{ad}')
}

fn describe(c: char) -> String {
    let name = match c {
        ' ' => "a blank",
        '\t' => "a tab",
        '\n' | '\r' => "a line break",
        '\u{a0}' => "a no-break space",
        _ => "an invisible character",
    };
    format!("{name} (U+{:04X})", u32::from(c))
}

fn encode_blanks(text: &str) -> String {
    text.chars()
        .filter(|c| !is_invisible(*c))
        .map(|c| if c.is_whitespace() { "%20".to_owned() } else { c.to_string() })
        .collect()
}

/// Writes what cannot stand in a request line as UTF-8 percent-encoding; what the person typed
/// in ASCII stays as it is.
pub(super) fn encode_non_ascii(target: &str) -> String {
    if target.is_ascii() {
        return target.to_owned();
    }
    target.chars().fold(String::with_capacity(target.len() + 16), |mut out, c| {
        if c.is_ascii() {
            out.push(c);
        } else {
            let mut buffer = [0; 4];
            for byte in c.encode_utf8(&mut buffer).bytes() {
                out.push_str(&format!("%{byte:02X}"));
            }
        }
        out
    })
}

/// Encodes everything but letters and digits, so that it stays in one piece anywhere in an address.
#[must_use]
pub fn encode_all(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

/// Encodes only what would end a name or value in a query: `&`, `#`, blanks and control
/// characters, and `=` in a name. A `%` or `+` that was typed stays.
#[must_use]
pub fn encode_piece(text: &str, is_name: bool) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut out, c| {
        if c == '&' || c == '#' || c.is_whitespace() || c.is_control() || (is_name && c == '=') {
            let mut buffer = [0; 4];
            for byte in c.encode_utf8(&mut buffer).bytes() {
                out.push_str(&format!("%{byte:02X}"));
            }
        } else {
            out.push(c);
        }
        out
    })
}

/// A template that was not filled: `{{x}}`, `${X}`, `<token>`.
fn placeholder(text: &str) -> Option<String> {
    for (open, close) in [("{{", "}}"), ("${", "}"), ("%7B%7B", "%7D%7D"), ("<", ">")] {
        if let Some(start) = text.find(open)
            && let Some(end) = text[start..].find(close)
        {
            return Some(text[start..start + end + close.len()].to_owned());
        }
    }
    None
}

/// The scheme if one was typed, and what follows it.
fn split_scheme<'a>(
    before: &'a str,
    mends: &mut Vec<Mend>,
) -> Result<(Option<Scheme>, &'a str), UrlProblem> {
    let Some((word, rest)) = before.split_once(':') else {
        return Ok((None, before.trim_start_matches("//")));
    };
    let lower = word.to_ascii_lowercase();
    let known = match lower.as_str() {
        "ws" => Some(Scheme::Ws),
        "wss" => Some(Scheme::Wss),
        "http" => Some(Scheme::Ws),
        "https" => Some(Scheme::Wss),
        _ => None,
    };
    let Some(scheme) = known else {
        let looks_like_scheme = rest.starts_with("//")
            && word.starts_with(|c: char| c.is_ascii_alphabetic())
            && word.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
        // `localhost:9001/x` and `10.0.0.1:80` are a host and its port, not a scheme.
        return if looks_like_scheme {
            Err(UrlProblem::UnknownScheme { scheme: word.to_owned() })
        } else {
            Ok((None, before.trim_start_matches("//")))
        };
    };
    let rest = match rest.strip_prefix("//") {
        Some(rest) => rest,
        // `ws:9001` would be a host called ws; but nobody names one so, and many lose a slash.
        None => {
            mends.push(Mend::SlashAdded);
            rest.trim_start_matches('/')
        }
    };
    if lower.starts_with("http") {
        mends.push(Mend::SchemeMapped { from: lower, to: scheme });
    }
    Ok((Some(scheme), rest))
}

fn split_port<'a>(host_port: &'a str, before: &str) -> Result<(&'a str, Option<u16>), UrlProblem> {
    if let Some(inner) = host_port.strip_prefix('[') {
        let Some((host, after)) = inner.split_once(']') else {
            return Err(UrlProblem::Ipv6Brackets { mended: before.replacen('[', "", 1) });
        };
        let port = match after.strip_prefix(':') {
            None if after.is_empty() => None,
            None => return Err(UrlProblem::BadPort { port: after.to_owned() }),
            Some(port) => read_port(port)?,
        };
        return Ok((host, port));
    }
    if host_port.parse::<std::net::Ipv6Addr>().is_ok() || host_port.matches(':').count() > 1 {
        return Err(UrlProblem::Ipv6Brackets {
            mended: before.replacen(host_port, &format!("[{host_port}]"), 1),
        });
    }
    match host_port.split_once(':') {
        Some((host, port)) => Ok((host, read_port(port)?)),
        None => Ok((host_port, None)),
    }
}

/// An empty port (`host:/x`) means the default one, as RFC 3986 section 3.2.3 has it.
fn read_port(port: &str) -> Result<Option<u16>, UrlProblem> {
    if port.is_empty() {
        return Ok(None);
    }
    match port.parse::<u16>() {
        Ok(n) if n > 0 && port.bytes().all(|b| b.is_ascii_digit()) => Ok(Some(n)),
        _ => Err(UrlProblem::BadPort { port: port.to_owned() }),
    }
}

fn judge_host(typed: &str, mends: &mut Vec<Mend>) -> Result<String, UrlProblem> {
    if typed.is_empty() {
        return Err(UrlProblem::EmptyHost);
    }
    let bad = |why: &str| UrlProblem::BadHost { host: typed.to_owned(), why: why.to_owned() };
    let (literal, zone) = super::split_zone(typed);
    if literal.contains(':') {
        if literal.parse::<std::net::Ipv6Addr>().is_err() {
            return Err(bad("it is not an IPv6 address"));
        }
        let literal = literal.to_ascii_lowercase();
        let Some(zone) = zone else { return Ok(literal) };
        // RFC 6874 writes `%25` before the zone; people write `%`, as other tools show it.
        let zone = zone.strip_prefix("25").filter(|zone| !zone.is_empty()).unwrap_or(zone);
        let is_zone = |c: char| c.is_ascii_alphanumeric() || "-._~".contains(c);
        if zone.is_empty() || !zone.chars().all(is_zone) {
            return Err(bad("what stands behind % is not the name of a network interface"));
        }
        return Ok(format!("{literal}%{zone}"));
    }
    let decoded = percent_decode_str(typed)
        .decode_utf8()
        .map_err(|_| bad("its percent-encoding is not UTF-8"))?;
    let labels = decoded.strip_suffix('.').unwrap_or(&decoded);
    if labels.split('.').any(str::is_empty) {
        return Err(bad("it has an empty label (two dots in a row)"));
    }
    let ascii = if decoded.is_ascii() {
        decoded.to_ascii_lowercase()
    } else {
        match url::Host::parse(&decoded) {
            Ok(host) => {
                let ascii = host.to_string();
                mends.push(Mend::HostAscii { ascii: ascii.clone() });
                ascii
            }
            Err(_) => return Err(bad("it is not a valid international name")),
        }
    };
    if let Some(c) = ascii.chars().find(|c| !(c.is_ascii_alphanumeric() || "-._~".contains(*c))) {
        return Err(bad(&format!("“{c}” cannot stand in it")));
    }
    if ascii.split('.').any(|label| label.len() > 63) {
        return Err(bad("a label is longer than 63 bytes"));
    }
    if ascii.len() > 253 {
        return Err(bad("it is longer than 253 bytes"));
    }
    Ok(ascii)
}

fn read_userinfo(userinfo: &str) -> (String, Secret) {
    let decode = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    match userinfo.split_once(':') {
        Some((user, password)) => (decode(user), Secret::new(decode(password))),
        None => (decode(userinfo), Secret::default()),
    }
}
