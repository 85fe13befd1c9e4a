//! IAM's `POST /v3/auth/tokens`: what a body must hold, and what a token looks like.
//!
//! Written from the vendor's description of the call, not from our client.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::practice::credentials::{DOMAIN, PASSWORD, PROJECT, USER};

/// What a token is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::practice) enum Scope {
    /// The practice project.
    Project,
    /// The whole account.
    Account,
}

/// Why there is no token, with IAM's status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::practice) struct Denied {
    pub(in crate::practice) status: u16,
    pub(in crate::practice) message: String,
}

impl Denied {
    fn body(what: &str) -> Denied {
        Denied { status: 400, message: format!("The request body is invalid: {what}") }
    }

    fn user(what: &str) -> Denied {
        Denied { status: 401, message: what.to_owned() }
    }

    /// In the form of IAM's errors.
    pub(in crate::practice) fn json(&self) -> Value {
        let title = if self.status == 400 { "Bad Request" } else { "Unauthorized" };
        json!({ "error": { "code": self.status, "message": self.message, "title": title } })
    }
}

/// Checks the body of a token request.
///
/// # Errors
/// Why there is no token.
pub(in crate::practice) fn check(body: &[u8]) -> Result<Scope, Denied> {
    let body: Value =
        serde_json::from_slice(body).map_err(|error| Denied::body(&error.to_string()))?;
    let auth = &body["auth"];
    let methods = auth["identity"]["methods"].as_array();
    if !methods.is_some_and(|methods| methods.iter().any(|method| method == "password")) {
        return Err(Denied::body("auth.identity.methods lacks password"));
    }
    let user = &auth["identity"]["password"]["user"];
    let text = |value: &Value, place: &str| match value.as_str() {
        Some(text) => Ok(text.to_owned()),
        None => Err(Denied::body(&format!("{place} is missing"))),
    };
    let name = text(&user["name"], "user.name")?;
    let password = text(&user["password"], "user.password")?;
    let domain = text(&user["domain"]["name"], "user.domain.name")?;
    if (&*domain, &*name, &*password) != (DOMAIN, USER, PASSWORD) {
        return Err(Denied::user("The username or password is wrong."));
    }
    let scope = &auth["scope"];
    match (scope["project"]["name"].as_str(), scope["domain"]["name"].as_str()) {
        (Some(PROJECT), _) => Ok(Scope::Project),
        (Some(_), _) => Err(Denied::user("The user has no role in the project of the scope.")),
        (None, Some(DOMAIN) | None) => Ok(Scope::Account),
        (None, Some(_)) => Err(Denied::user("The user has no role in the domain of the scope.")),
    }
}

/// Body of the answer, which is the readable part of the token as well.
pub(in crate::practice) fn described(scope: Scope, now: Timestamp, expires: Timestamp) -> Value {
    let stamp = |at: Timestamp| at.strftime("%Y-%m-%dT%H:%M:%S.%6fZ").to_string();
    let mut token = json!({
        "methods": ["password"],
        "issued_at": stamp(now),
        "expires_at": stamp(expires),
        "user": { "name": USER, "domain": { "name": DOMAIN } },
        "catalog": [],
        "roles": [],
    });
    match scope {
        Scope::Project => {
            token["project"] = json!({ "name": PROJECT, "domain": { "name": DOMAIN } })
        }
        Scope::Account => token["domain"] = json!({ "name": DOMAIN }),
    }
    json!({ "token": token })
}

/// The token itself: to the eye a signed message (RFC 5652) in base64 with `-` for `/`, as IAM's
/// are. Its number makes it one of its own.
pub(super) fn token(scope: Scope, number: u64, now: Timestamp, expires: Timestamp) -> String {
    let json = described(scope, now, expires).to_string();
    let size = u16::try_from(json.len() + 8).unwrap_or(u16::MAX);
    let mut bytes = vec![0x30, 0x82];
    bytes.extend_from_slice(&size.to_be_bytes());
    bytes.extend_from_slice(json.as_bytes());
    bytes.extend_from_slice(&number.to_be_bytes());
    STANDARD.encode(bytes).replace('/', "-")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(change: impl Fn(&mut Value)) -> Vec<u8> {
        let mut body = json!({ "auth": {
            "identity": {
                "methods": ["password"],
                "password": { "user": {
                    "name": USER, "password": PASSWORD, "domain": { "name": DOMAIN },
                } },
            },
            "scope": { "project": { "name": PROJECT } },
        } });
        change(&mut body);
        body.to_string().into_bytes()
    }

    #[test]
    fn a_body_is_judged_part_by_part() {
        assert_eq!(check(&body(|_| {})), Ok(Scope::Project));
        let account = json!({ "domain": { "name": DOMAIN } });
        assert_eq!(check(&body(|b| b["auth"]["scope"] = account.clone())), Ok(Scope::Account));
        let user = |field: &'static str, value: Value| {
            body(move |b| b["auth"]["identity"]["password"]["user"][field] = value.clone())
        };
        for (body, status, words) in [
            (b"{".to_vec(), 400, "request body is invalid"),
            (body(|b| b["auth"]["identity"]["methods"] = json!(["token"])), 400, "lacks password"),
            (user("name", Value::Null), 400, "user.name is missing"),
            (user("domain", json!({ "id": "x" })), 400, "user.domain.name is missing"),
            (user("password", json!("x")), 401, "The username or password is wrong."),
            (user("domain", json!({ "name": "x" })), 401, "The username or password is wrong."),
            (body(|b| b["auth"]["scope"]["project"]["name"] = json!("x")), 401, "no role"),
        ] {
            let denied = check(&body).unwrap_err();
            assert_eq!(denied.status, status, "{denied:?}");
            assert!(denied.message.contains(words), "{denied:?}");
            assert_eq!(denied.json()["error"]["code"], status);
        }
    }
}
