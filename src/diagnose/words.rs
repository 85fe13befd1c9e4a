//! Values of a record as words of a sentence.

use std::net::IpAddr;

use crate::core::evidence::{Evidence, Outcome};
use crate::core::sanitize::{escape_line, truncate_to_width};
use crate::core::time::Micros;

/// Cells of a text of the server's that a sentence takes in.
const SAID_CELLS: usize = 160;

/// Somebody else's words: escaped, shortened, in quotation marks.
pub(super) fn said(text: &str) -> String {
    said_in(text, SAID_CELLS)
}

/// As [`said`], with its own limit in cells.
pub(super) fn said_in(text: &str, cells: usize) -> String {
    let line = escape_line(text.trim());
    format!("“{}”", truncate_to_width(&line, cells))
}

/// A short name out of a record (host, header, subprotocol): escaped and shortened, no marks.
pub(super) fn name(text: &str) -> String {
    truncate_to_width(&escape_line(text.trim()), 80).into_owned()
}

/// `a, b and 3 more`.
pub(super) fn names<S: AsRef<str>>(list: &[S], most: usize) -> String {
    let shown: Vec<String> = list.iter().take(most).map(|n| name(n.as_ref())).collect();
    match list.len().saturating_sub(shown.len()) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

/// The host as asked for.
pub(super) fn host(e: &Evidence) -> String {
    if e.request.host.is_empty() { "the server".into() } else { name(&e.request.host) }
}

/// `host:port`, an IPv6 literal in brackets.
pub(super) fn target(e: &Evidence) -> String {
    let host = host(e);
    if host.parse::<IpAddr>().is_ok_and(|ip| ip.is_ipv6()) {
        format!("[{host}]:{}", e.request.port)
    } else {
        format!("{host}:{}", e.request.port)
    }
}

/// A duration in the unit that people would use.
pub(super) fn span(us: u64) -> String {
    match us {
        0..=999 => format!("{us} µs"),
        1_000..=999_999 => format!("{} ms", us / 1_000),
        1_000_000..=9_999_999 => {
            let tenths = us / 100_000;
            if tenths.is_multiple_of(10) {
                format!("{} s", tenths / 10)
            } else {
                format!("{}.{} s", tenths / 10, tenths % 10)
            }
        }
        10_000_000..=179_999_999 => format!("{} s", us / 1_000_000),
        // 350 s and 90 s are limits that people know by their seconds.
        180_000_000..=599_999_999 if us % 60_000_000 >= 1_000_000 => {
            format!("{} s", us / 1_000_000)
        }
        180_000_000..=10_799_999_999 => format!("{} min", us / 60_000_000),
        _ => format!("{} h", us / 3_600_000_000),
    }
}

/// `1 byte`, `12 bytes`, `3 KiB`, `64 MiB`.
pub(super) fn bytes(n: u64) -> String {
    match n {
        1 => "1 byte".into(),
        0..=4095 => format!("{n} bytes"),
        4096..=1_048_575 => format!("{} KiB", n / 1024),
        _ => format!("{} MiB", n / 1_048_576),
    }
}

/// `1 message`, `3 messages`.
pub(super) fn count(n: u64, what: &str) -> String {
    if n == 1 { format!("1 {what}") } else { format!("{n} {what}s") }
}

/// A second: `2026-11-24T12:00:00Z`.
pub(super) fn second(at: Micros) -> String {
    at.to_second()
}

/// A day: `2026-11-24`.
pub(super) fn day(at: Micros) -> String {
    let text = at.to_string();
    text.split('T').next().unwrap_or_default().to_owned()
}

/// Whole days from `earlier` to `later`, in words.
pub(super) fn days(earlier: Micros, later: Micros) -> String {
    match later.since(earlier).as_secs() / 86_400 {
        0 => "less than a day".into(),
        1 => "1 day".into(),
        n => format!("{n} days"),
    }
}

/// How far the attempt came, stage by stage with its times:
/// `DNS 12 ms, TCP 30 ms, TLS failed after 31 ms.`
pub(super) fn trail(e: &Evidence) -> String {
    let parts: Vec<String> = e
        .stages
        .iter()
        .map(|record| {
            let label = record.stage.label();
            let took = span(record.ended_us.map_or(0, |end| end.saturating_sub(record.began_us)));
            match record.outcome {
                Outcome::Ok => format!("{label} {took}"),
                Outcome::Failed => format!("{label} failed after {took}"),
                Outcome::TimedOut => format!("{label} gave up after {took}"),
                Outcome::Cancelled => format!("{label} cancelled after {took}"),
                Outcome::Running => format!("{label} going on"),
            }
        })
        .collect();
    if parts.is_empty() { String::new() } else { format!("Times: {}.", parts.join(", ")) }
}

/// `n` in the form of the error texts of operating systems: ` (os error 111)`, or nothing.
pub(super) fn errno(number: Option<i32>) -> String {
    number.map(|n| format!(" (os error {n})")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_in_the_unit_that_people_use() {
        for (us, text) in [
            (7, "7 µs"),
            (12_400, "12 ms"),
            (1_000_000, "1 s"),
            (1_500_000, "1.5 s"),
            (60_000_000, "60 s"),
            (240_000_000, "4 min"),
            (350_000_000, "350 s"),
            (7_200_000_000, "120 min"),
            (86_400_000_000, "24 h"),
        ] {
            assert_eq!(span(us), text);
        }
    }

    #[test]
    fn the_servers_words_are_escaped_and_marked() {
        assert_eq!(said(" a\u{1b}[2Jb\n"), "“a\\x1b[2Jb”");
        assert!(said(&"x".repeat(5000)).len() < 200);
    }

    #[test]
    fn long_lists_are_counted() {
        assert_eq!(names(&["a", "b", "c"], 2), "a, b and 1 more");
        assert_eq!(names(&["a"], 2), "a");
    }
}
