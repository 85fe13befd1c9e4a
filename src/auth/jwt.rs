//! What a JSON Web Token (RFC 7519) says of its own time. The signature is not looked at.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::core::time::Micros;

/// Notes on `exp` and `nbf` of a token that is a JWT; nothing for any other token.
pub(super) fn notes(token: &str, what: &str, now: Micros) -> Vec<String> {
    let Some(claims) = claims(token) else { return Vec::new() };
    let mut notes = Vec::new();
    if let Some(expiry) = time(&claims, "exp")
        && expiry <= now
    {
        let ago = span(now.since(expiry).as_secs());
        notes.push(format!("the {what} is a JWT that expired at {} ({ago} ago)", second(expiry)));
    }
    if let Some(start) = time(&claims, "nbf")
        && start > now
    {
        let left = span(start.since(now).as_secs());
        notes.push(format!(
            "the {what} is a JWT that is valid only from {} ({left} from now)",
            second(start)
        ));
    }
    notes
}

fn claims(token: &str) -> Option<serde_json::Value> {
    let mut parts = token.split('.');
    let (_, payload, _) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    let json = URL_SAFE_NO_PAD.decode(payload).ok()?;
    serde_json::from_slice(&json).ok()
}

/// A NumericDate (RFC 7519 section 2): seconds, perhaps with a fraction.
fn time(claims: &serde_json::Value, name: &str) -> Option<Micros> {
    let seconds = claims.get(name)?.as_f64()?;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a float cast saturates, and a date before 1970 is as expired as one at 1970"
    )]
    Some(Micros((seconds * 1e6) as u64))
}

fn second(at: Micros) -> String {
    Micros(at.0 / 1_000_000 * 1_000_000).to_string().replace(".000000Z", "Z")
}

fn span(seconds: u64) -> String {
    match seconds {
        0..=119 => format!("{seconds} s"),
        120..=7_199 => format!("{} min", seconds / 60),
        7_200..=172_799 => format!("{} h", seconds / 3_600),
        _ => format!("{} days", seconds / 86_400),
    }
}
