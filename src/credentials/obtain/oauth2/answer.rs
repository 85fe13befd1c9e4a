//! What the answer of a token endpoint says: a grant, or why there is none.

use http::header::CONTENT_TYPE;
use oauth2::basic::BasicTokenResponse;
use oauth2::{HttpResponse, TokenResponse as _};
use serde_json::{Map, Value};
use url::{Url, form_urlencoded};

use crate::auth::{Grant, OAuth2Ask};
use crate::core::credential::GrantFacts;
use crate::core::evidence::CredentialProblem;
use crate::core::jwt;
use crate::core::sanitize;
use crate::core::time::Micros;
use crate::credentials::http::HttpReply;
use crate::credentials::obtain::Failed;

/// The most cells of an error's description that are kept.
const DESCRIPTION_CELLS: usize = 400;

/// The grant of a token response (RFC 6749 section 5.1).
pub(super) fn grant(answer: &BasicTokenResponse, ask: &OAuth2Ask, now: Micros) -> Grant {
    let token = answer.access_token().secret();
    let mut more = vec![("token type".to_owned(), shown(answer.token_type().as_ref(), 40))];
    if let Some(scopes) = answer.scopes() {
        let scopes: Vec<&str> = scopes.iter().map(|scope| scope.as_str()).collect();
        more.push(("scope".into(), shown(&scopes.join(" "), DESCRIPTION_CELLS)));
    }
    let host = Url::parse(&ask.token_url).ok().and_then(|url| url.host_str().map(str::to_owned));
    let mut grant = Grant {
        value: token.as_str().into(),
        facts: GrantFacts {
            source: host.unwrap_or_default(),
            obtained: now,
            // A server that tells no time may have given a token that does.
            expires: answer
                .expires_in()
                .map(|life| now.plus(life))
                .or_else(|| jwt::read(token, "").and_then(|facts| facts.exp)),
            kept: false,
            more,
        },
        ..Grant::default()
    };
    if let Some(refresh) = answer.refresh_token() {
        grant.more.insert("refresh-token".into(), refresh.secret().as_str().into());
    }
    grant
}

/// A grant in a few words, for the record.
pub(super) fn told(grant: &Grant) -> String {
    let mut out = match grant.facts.expires {
        Some(end) => format!("a token that expires {}", end.to_second()),
        None => "a token without a time of expiry".into(),
    };
    if !grant.fact("scope").is_empty() {
        out.push_str(&format!(", scope {}", grant.fact("scope")));
    }
    if !grant.part("refresh-token").is_empty() {
        out.push_str(", with a refresh token");
    }
    out
}

/// A refusal in the words of whoever refused (RFC 6749 sections 4.1.2.1 and 5.2).
pub(super) fn refused(
    url: &str,
    status: u16,
    error: Option<String>,
    description: Option<String>,
) -> Failed {
    let url = crate::credentials::http::shown(url);
    let error = error.map(|text| shown(&text, 80));
    let description = description.map(|text| shown(&text, DESCRIPTION_CELLS));
    match error.as_deref() {
        Some("access_denied") => {
            let text = description.unwrap_or_else(|| "the person said no".into());
            let text = format!("{url} denied access: {text}");
            return Failed { problem: CredentialProblem::Denied, text };
        }
        Some("expired_token") => {
            let text = format!("nobody has agreed at {url} before the code expired");
            return Failed { problem: CredentialProblem::TimedOut, text };
        }
        _ => {}
    }
    let words: Vec<&str> = [&error, &description].into_iter().flatten().map(|t| &**t).collect();
    let text = if words.is_empty() {
        format!("{url} refused with status {status}")
    } else {
        format!("{url} refused with status {status}: {}", words.join(": "))
    };
    Failed { problem: CredentialProblem::Refused { status, error, description }, text }
}

fn shown(text: &str, cells: usize) -> String {
    let escaped = sanitize::escape_line(text).into_owned();
    sanitize::truncate_to_width(&escaped, cells).into_owned()
}

/// What an answer holds, as JSON or, as some servers write it, as a form.
fn object(reply: &HttpReply) -> Option<Map<String, Value>> {
    if let Some(Value::Object(object)) = reply.json() {
        return Some(object);
    }
    let kind = reply.header("content-type").unwrap_or_default().to_ascii_lowercase();
    if kind.contains("json") || kind.contains("html") {
        return None;
    }
    let pairs: Map<String, Value> = form_urlencoded::parse(&reply.body)
        .map(|(name, value)| (name.into_owned(), Value::String(value.into_owned())))
        .collect();
    (pairs.contains_key("access_token") || pairs.contains_key("error")).then_some(pairs)
}

/// The error that an answer tells, if it is one: the standard's form, and those of Google's APIs
/// (an object under `error`) and Okta's (`errorCode`).
pub(super) fn error(reply: &HttpReply) -> Option<(Option<String>, Option<String>)> {
    let found = object(reply);
    let is_error = !reply.is_success()
        || found.as_ref().is_some_and(|object| {
            object.contains_key("error")
                && !object.contains_key("access_token")
                && !object.contains_key("device_code")
        });
    if !is_error {
        return None;
    }
    let Some(object) = found else { return Some((None, None)) };
    let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
    let first = |names: &[&str]| names.iter().find_map(|name| text(object.get(*name)));
    if let Some(Value::Object(inner)) = object.get("error") {
        return Some((text(inner.get("status")), text(inner.get("message"))));
    }
    Some((
        first(&["error", "errorCode", "error_code"]),
        first(&["error_description", "errorSummary", "error_msg", "message"]),
    ))
}

/// The answer as the crate understands it. Servers write forms for JSON, numbers as texts, errors
/// under a status of success, or leave out the type of a token; all of that is understood.
pub(super) fn mended(reply: &HttpReply) -> HttpResponse {
    let (status, body) = match (error(reply), object(reply)) {
        (Some((Some(error), description)), _) => {
            let mut out = Map::new();
            out.insert("error".into(), error.into());
            if let Some(description) = description {
                out.insert("error_description".into(), description.into());
            }
            let status = if reply.is_success() { 400 } else { reply.status };
            (status, Value::Object(out).to_string().into_bytes())
        }
        (Some((None, _)), _) | (None, None) => (reply.status, reply.body.to_vec()),
        (None, Some(mut object)) => {
            for name in ["expires_in", "interval"] {
                let seconds = object.get(name).and_then(seconds);
                match seconds {
                    Some(seconds) => drop(object.insert(name.into(), seconds.into())),
                    None => drop(object.remove(name)),
                }
            }
            for name in ["scope", "refresh_token", "token_type"] {
                if object.get(name).is_some_and(Value::is_null) {
                    object.remove(name);
                }
            }
            if object.contains_key("access_token") {
                object.entry("token_type").or_insert_with(|| "bearer".into());
            }
            (200, Value::Object(object).to_string().into_bytes())
        }
    };
    let mut out = HttpResponse::new(body);
    *out.status_mut() = http::StatusCode::from_u16(status).unwrap_or(http::StatusCode::BAD_REQUEST);
    let json = http::HeaderValue::from_static("application/json");
    out.headers_mut().insert(CONTENT_TYPE, json);
    out
}

/// A number of seconds, also as a text or with a fraction; at most a century.
fn seconds(value: &Value) -> Option<u64> {
    const CENTURY: u64 = 100 * 366 * 86_400;
    let number = match value {
        Value::Number(number) => number.as_f64()?,
        Value::String(text) => text.trim().parse().ok()?,
        _ => return None,
    };
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a cast of a float saturates, and the sign is judged before"
    )]
    (number >= 0.0).then(|| (number as u64).min(CENTURY))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(status: u16, kind: &str, body: &str) -> HttpReply {
        HttpReply {
            status,
            headers: vec![("Content-Type".into(), kind.into())],
            body: body.as_bytes().to_vec().into(),
            ..HttpReply::default()
        }
    }

    fn mend(status: u16, kind: &str, body: &str) -> (u16, Value) {
        let out = mended(&reply(status, kind, body));
        (out.status().as_u16(), serde_json::from_slice(out.body()).unwrap_or_default())
    }

    #[test]
    fn answers_that_nearly_keep_the_standard_are_understood() {
        for (kind, body) in [
            ("application/json", r#"{"access_token":"t","token_type":"bearer","expires_in":60}"#),
            ("text/plain", r#"{"access_token":"t","expires_in":"60","scope":null}"#),
            ("application/x-www-form-urlencoded", "access_token=t&expires_in=60"),
            ("application/json", r#"{"access_token":"t","expires_in":60.9,"interval":"x"}"#),
        ] {
            let (status, object) = mend(200, kind, body);
            let expected = r#"{"access_token":"t","token_type":"bearer","expires_in":60}"#;
            let expected: Value = serde_json::from_str(expected).unwrap();
            assert_eq!((status, object), (200, expected), "{body}");
        }
        let (_, object) = mend(200, "application/json", r#"{"access_token":"t","expires_in":-1}"#);
        assert_eq!(object.get("expires_in"), None);
    }

    #[test]
    fn errors_of_many_forms_are_told() {
        for (status, kind, body, error, description) in [
            (
                400,
                "application/json",
                r#"{"error":"invalid_client","error_description":"no"}"#,
                Some("invalid_client"),
                Some("no"),
            ),
            // GitHub.
            (200, "application/json", r#"{"error":"slow_down"}"#, Some("slow_down"), None),
            (
                200,
                "application/x-www-form-urlencoded",
                "error=bad_verification_code&error_description=The+code",
                Some("bad_verification_code"),
                Some("The code"),
            ),
            (
                401,
                "application/json",
                r#"{"error":{"code":401,"message":"m","status":"UNAUTHENTICATED"}}"#,
                Some("UNAUTHENTICATED"),
                Some("m"),
            ),
            (
                401,
                "application/json",
                r#"{"errorCode":"E1","errorSummary":"s"}"#,
                Some("E1"),
                Some("s"),
            ),
            (502, "text/html", "<h1>error=1</h1>", None, None),
        ] {
            let reply = reply(status, kind, body);
            let expected = Some((error.map(str::to_owned), description.map(str::to_owned)));
            assert_eq!(super::error(&reply), expected, "{body}");
            assert!(!mended(&reply).status().is_success());
        }
        let good = r#"{"access_token":"t","error":""}"#;
        assert_eq!(error(&reply(200, "application/json", good)), None);
    }

    #[test]
    fn a_refusal_is_escaped_and_bounded() {
        let long = format!("\u{1b}[31m{}", "x".repeat(5000));
        let failed = refused("https://u:p@a/", 400, Some("e\n".into()), Some(long));
        assert!(!failed.text.contains(['\u{1b}', '\n']) && failed.text.len() < 800);
        assert!(!failed.text.contains("u:p@"), "{}", failed.text);
        let denied = refused("https://a/", 400, Some("access_denied".into()), None);
        assert_eq!(denied.problem, CredentialProblem::Denied);
    }
}
