//! Reads what a JSON Web Token (RFC 7519) says of itself. The signature is not looked at, and
//! nothing but times, issuer, audience and algorithm is taken out.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use super::evidence::TokenFacts;
use super::sanitize;
use super::time::Micros;

/// Longest token that is read, in bytes.
const LONGEST: usize = 64 * 1024;

/// Audiences that are kept, and cells of each name.
const AUDIENCES: usize = 4;
const NAME_CELLS: usize = 120;

/// Prefix of the subprotocol in which Kubernetes takes a bearer token.
const KUBERNETES: &str = "base64url.bearer.authorization.k8s.io.";

/// The facts of `token`, which goes to `place`; `None` if it is no JWT in compact form.
#[must_use]
pub fn read(token: &str, place: impl Into<String>) -> Option<TokenFacts> {
    let token = token.trim();
    if token.len() > LONGEST {
        return None;
    }
    let mut parts = token.split('.');
    let (header, payload, _) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    let header = object(header)?;
    let claims = object(payload)?;
    let aud = match claims.get("aud") {
        Some(Value::String(one)) => vec![name(one)],
        Some(Value::Array(list)) => {
            list.iter().filter_map(Value::as_str).take(AUDIENCES).map(name).collect()
        }
        _ => Vec::new(),
    };
    Some(TokenFacts {
        place: place.into(),
        alg: header.get("alg").and_then(Value::as_str).map(name).unwrap_or_default(),
        exp: time(&claims, "exp"),
        nbf: time(&claims, "nbf"),
        iat: time(&claims, "iat"),
        iss: claims.get("iss").and_then(Value::as_str).map(name),
        aud,
    })
}

/// Tokens in a header's value: behind a scheme word, among cookies, among subprotocols, or alone.
#[must_use]
pub fn in_header(header: &str, value: &str) -> Vec<TokenFacts> {
    if header.eq_ignore_ascii_case("cookie") {
        let pairs = value.split(';').filter_map(|pair| pair.trim().split_once('='));
        return pairs
            .filter_map(|(key, value)| {
                read(value.trim_matches('"'), format!("cookie {}", name(key)))
            })
            .collect();
    }
    if header.eq_ignore_ascii_case("sec-websocket-protocol") {
        return value.split(',').filter_map(|item| subprotocol(item.trim())).collect();
    }
    let bare = value.trim().rsplit(' ').next().unwrap_or_default();
    read(bare, format!("header {}", name(header))).into_iter().collect()
}

/// Tokens in the query of a target.
#[must_use]
pub fn in_query(query: &str) -> Vec<TokenFacts> {
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs.filter_map(|(key, value)| read(value, format!("query {}", name(key)))).collect()
}

fn subprotocol(item: &str) -> Option<TokenFacts> {
    match item.strip_prefix(KUBERNETES) {
        Some(packed) => {
            let token = URL_SAFE_NO_PAD.decode(packed).ok()?;
            read(std::str::from_utf8(&token).ok()?, "subprotocol")
        }
        None => read(item, "subprotocol"),
    }
}

fn object(part: &str) -> Option<Value> {
    let json = URL_SAFE_NO_PAD.decode(part.trim_end_matches('=')).ok()?;
    serde_json::from_slice::<Value>(&json).ok().filter(Value::is_object)
}

/// A NumericDate (RFC 7519 section 2): seconds, perhaps with a fraction.
fn time(claims: &Value, claim: &str) -> Option<Micros> {
    let seconds = claims.get(claim)?.as_f64()?;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a float cast saturates, and a date before 1970 is as expired as one at 1970"
    )]
    Some(Micros((seconds * 1e6) as u64))
}

fn name(text: &str) -> String {
    sanitize::truncate_to_width(&sanitize::escape_line(text), NAME_CELLS).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(header: &str, payload: &str) -> String {
        let pack = |text: &str| URL_SAFE_NO_PAD.encode(text);
        format!("{}.{}.c2ln", pack(header), pack(payload))
    }

    fn sample() -> String {
        token(
            r#"{"alg":"RS256","kid":"k1"}"#,
            r#"{"iss":"https://id.example","aud":["chat","feed"],"sub":"alice","exp":1700000000,"nbf":1600000000.5,"iat":1600000000}"#,
        )
    }

    #[test]
    fn only_what_explains_a_refusal_is_taken_out() {
        let facts = read(&sample(), "header Authorization").unwrap();
        assert_eq!(facts.alg, "RS256");
        assert_eq!(facts.exp, Some(Micros(1_700_000_000_000_000)));
        assert_eq!(facts.nbf, Some(Micros(1_600_000_000_500_000)));
        assert_eq!(facts.iss.as_deref(), Some("https://id.example"));
        assert_eq!(facts.aud, ["chat", "feed"]);
        let json = serde_json::to_string(&facts).unwrap();
        assert!(!json.contains("alice") && !json.contains("c2ln"), "{json}");
    }

    #[test]
    fn what_is_no_token_is_nothing() {
        for text in ["", "a.b.c", "x.y", "a.b.c.d", "W10.W10.x", "Bearer"] {
            assert_eq!(read(text, "x"), None, "{text}");
        }
        assert_eq!(read(&"a".repeat(LONGEST + 1), "x"), None);
    }

    #[test]
    fn tokens_are_found_where_they_go() {
        let t = sample();
        let packed = format!("{KUBERNETES}{}", URL_SAFE_NO_PAD.encode(&t));
        let cases = [
            (in_header("Authorization", &format!("Bearer {t}")), "header Authorization"),
            (in_header("X-Auth", &t), "header X-Auth"),
            (in_header("Cookie", &format!("a=b; sid={t}")), "cookie sid"),
            (in_header("Sec-WebSocket-Protocol", &format!("chat, {t}")), "subprotocol"),
            (in_header("Sec-WebSocket-Protocol", &packed), "subprotocol"),
            (in_query(&format!("v=1&access_token={t}")), "query access_token"),
        ];
        for (found, place) in cases {
            assert_eq!(found.len(), 1, "{place}");
            assert_eq!(found[0].place, place);
            assert_eq!(found[0].alg, "RS256");
        }
        assert_eq!(in_header("Authorization", "Basic YTpi"), []);
        assert_eq!(in_query("a=b&c"), []);
    }

    #[test]
    fn names_in_a_token_are_escaped() {
        let t = token(r#"{"alg":"none"}"#, r#"{"iss":"a\u001b[2Jb","aud":"x"}"#);
        let facts = read(&t, "x").unwrap();
        assert!(!facts.iss.unwrap().contains('\u{1b}'));
        assert_eq!(facts.aud, ["x"]);
    }
}
