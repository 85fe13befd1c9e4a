//! Notes on what a JSON Web Token (RFC 7519) says of its own time.

use crate::core::jwt;
use crate::core::time::Micros;

/// Notes on `exp` and `nbf` of a token that is a JWT; nothing for any other token.
pub(super) fn notes(token: &str, what: &str, now: Micros) -> Vec<String> {
    let Some(facts) = jwt::read(token, "") else { return Vec::new() };
    let mut notes = Vec::new();
    if let Some(expiry) = facts.exp.filter(|expiry| *expiry <= now) {
        let ago = span(now.since(expiry).as_secs());
        notes.push(format!(
            "the {what} is a JWT that expired at {} ({ago} ago)",
            expiry.to_second()
        ));
    }
    if let Some(start) = facts.nbf.filter(|start| *start > now) {
        let left = span(start.since(now).as_secs());
        notes.push(format!(
            "the {what} is a JWT that is valid only from {} ({left} from now)",
            start.to_second()
        ));
    }
    notes
}

fn span(seconds: u64) -> String {
    match seconds {
        0..=119 => format!("{seconds} s"),
        120..=7_199 => format!("{} min", seconds / 60),
        7_200..=172_799 => format!("{} h", seconds / 3_600),
        _ => format!("{} days", seconds / 86_400),
    }
}
