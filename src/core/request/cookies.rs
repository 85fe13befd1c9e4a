//! The one `Cookie` line of a request.

use super::wire::{HeaderOrigin, WireHeader, check_size};
use crate::core::headers;
use crate::core::secret::{Secret, mask_value};
use crate::core::url::UrlProblem;

pub(super) fn is_cookie(header: &WireHeader) -> bool {
    header.name.eq_ignore_ascii_case("cookie")
}

/// The pairs of a `Cookie` line; what has no `=` is a name.
pub(super) fn cookie_pairs(line: &str) -> impl Iterator<Item = (&str, &str)> {
    line.split(';')
        .map(str::trim)
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
}

/// Puts cookies into the one line that a request may have (RFC 6265 section 5.4): behind those of
/// a line that was typed, which counts where both name a cookie.
pub(super) fn add_cookies(
    out: &mut Vec<WireHeader>,
    cookies: &[(String, Secret)],
    from: Option<&String>,
) -> Result<(), UrlProblem> {
    let typed = out.iter().position(is_cookie);
    let mut line = zeroize::Zeroizing::new(match typed {
        Some(at) => out[at].value.expose().trim().trim_end_matches(';').to_owned(),
        None => String::new(),
    });
    let mut added = false;
    for (name, value) in cookies {
        if typed.is_some() && cookie_pairs(&line).any(|(known, _)| known == name) {
            continue;
        }
        if !line.is_empty() {
            line.push_str("; ");
        }
        line.push_str(&format!("{name}={}", value.expose()));
        added = true;
    }
    if !added {
        return Ok(());
    }
    if let Some(why) = headers::syntax_problem("Cookie", &line) {
        return Err(UrlProblem::Header { name: "Cookie".into(), why });
    }
    check_size("Cookie", line.len())?;
    let masked: Vec<String> =
        cookie_pairs(&line).map(|(name, value)| format!("{name}={}", mask_value(value))).collect();
    let (value, shown) = (Secret::from(line.as_str()), Some(masked.join("; ")));
    match typed {
        Some(at) => {
            out[at].value = value;
            out[at].shown = shown;
        }
        None => out.push(WireHeader {
            name: "Cookie".into(),
            value,
            origin: HeaderOrigin::Jar,
            is_key: false,
            shown,
            from: from.cloned(),
        }),
    }
    Ok(())
}
