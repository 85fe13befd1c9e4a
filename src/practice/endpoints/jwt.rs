//! `/auth/jwt`: opens for a JSON Web Token that was signed with the practice secret or one of the
//! practice keys; `/auth/jwt/key.pem` gives those keys away.

use std::io;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Call, auth};
use crate::practice::conn::{Conn, End};
use crate::practice::credentials::JWT_SECRET;
use crate::practice::jwt;
use crate::practice::reply::Reply;
use crate::practice::upgrade;

/// In a bearer header, as `access_token` in the query, or as the subprotocol behind `bearer`.
/// `aud=` is an audience that the token must have.
pub(super) async fn jwt(call: &Call, conn: &mut Conn) -> io::Result<End> {
    let offered = upgrade::offered(&call.head);
    let subprotocol = offered.iter().skip_while(|offer| *offer != "bearer").nth(1).cloned();
    let by_subprotocol = subprotocol.is_some();
    let header = call.head.header("authorization").and_then(|value| {
        let (scheme, token) = value.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim().to_owned())
    });
    let token = header.or_else(|| call.head.param("access_token")).or(subprotocol);
    let audience = call.head.param("aud");
    let checked = match token {
        None => Err("No token came".to_owned()),
        Some(token) => check(&token, audience.as_deref()),
    };
    match checked {
        Ok(()) if by_subprotocol => match call.open_with(conn, Some("bearer")).await? {
            Ok(mut session) => session.echo_all().await,
            Err(end) => Ok(end),
        },
        checked => auth::admit(call, conn, checked.map_err(|why| refusal(&why))).await,
    }
}

fn check(token: &str, audience: Option<&str>) -> Result<(), String> {
    let claims = jwt::verify(token, JWT_SECRET.as_bytes())?;
    jwt::in_time(&claims, Timestamp::now())?;
    let Some(wanted) = audience else { return Ok(()) };
    let right = match claims.get("aud") {
        Some(Value::String(one)) => one == wanted,
        Some(Value::Array(all)) => all.iter().any(|one| one == wanted),
        _ => false,
    };
    if right { Ok(()) } else { Err(format!("The audience is not '{wanted}'")) }
}

/// A refusal as RFC 6750 section 3 has it.
pub(super) fn refusal(why: &str) -> Reply {
    // The quotation marks of the header's value must not be closed by what came.
    let safe: String = why.chars().filter(|c| !matches!(c, '"' | '\\')).collect();
    let challenge =
        format!("Bearer realm=\"practice\", error=\"invalid_token\", error_description=\"{safe}\"");
    Reply::new(401)
        .header("WWW-Authenticate", &challenge)
        .json(&json!({ "error": "invalid_token", "error_description": why }))
}

/// `/auth/jwt/key.pem?alg=ES256`.
pub(super) async fn key(call: &Call, conn: &mut Conn) -> io::Result<End> {
    let algorithm = call.head.param("alg").unwrap_or_else(|| "RS256".into());
    match jwt::private_pem(&algorithm) {
        Some(pem) => Reply::new(200).body("application/x-pem-file", pem).send(conn).await,
        None => {
            let known =
                "alg= must be RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384 or EdDSA";
            Reply::new(404).json(&json!({ "error": known })).send(conn).await
        }
    }
}
