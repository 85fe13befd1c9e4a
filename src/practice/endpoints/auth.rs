//! Endpoints that ask for credentials. With the right ones each of them echoes.

use std::io;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use url::form_urlencoded;

use super::{Call, talk};
use crate::practice::conn::{Conn, End};
use crate::practice::credentials::{API_KEY, PASSWORD, SESSION, TOKEN, USER};
use crate::practice::reply::Reply;
use crate::practice::upgrade;

/// Goes on to the echo, or refuses. A request that is no handshake gets the echo's 426.
pub(super) async fn admit(
    call: &Call,
    conn: &mut Conn,
    checked: Result<(), Reply>,
) -> io::Result<End> {
    match checked {
        Err(reply) if call.head.wants_upgrade() => reply.send(conn).await,
        _ => talk::echo(call, conn).await,
    }
}

/// A refusal in JSON.
fn refusal(error: &str, description: &str) -> Reply {
    Reply::new(401).json(&json!({ "error": error, "error_description": description }))
}

/// `/auth/bearer` (RFC 6750 section 3).
pub(super) async fn bearer(call: &Call, conn: &mut Conn) -> io::Result<End> {
    let value = call.head.header("authorization");
    let token = value.as_deref().and_then(|value| value.split_once(' '));
    let checked = match token {
        Some((scheme, TOKEN)) if scheme.eq_ignore_ascii_case("bearer") => Ok(()),
        Some((scheme, _)) if scheme.eq_ignore_ascii_case("bearer") => {
            let challenge = "Bearer realm=\"practice\", error=\"invalid_token\", \
                             error_description=\"The access token is unknown\"";
            Err(refusal("invalid_token", "The access token is unknown")
                .header("WWW-Authenticate", challenge))
        }
        _ => Err(refusal("invalid_token", "No bearer token came")
            .header("WWW-Authenticate", "Bearer realm=\"practice\", error=\"invalid_token\"")),
    };
    admit(call, conn, checked).await
}

/// Whether this is the value of an authorization header with the practice user and password.
pub(in crate::practice) fn is_practice_user(value: &str) -> bool {
    let (scheme, encoded) = value.split_once(' ').unwrap_or_default();
    scheme.eq_ignore_ascii_case("basic")
        && STANDARD
            .decode(encoded.trim())
            .is_ok_and(|pair| pair == format!("{USER}:{PASSWORD}").as_bytes())
}

/// `/auth/basic` (RFC 7617).
pub(super) async fn basic(call: &Call, conn: &mut Conn) -> io::Result<End> {
    let right = is_practice_user(&call.head.header("authorization").unwrap_or_default());
    let checked = if right {
        Ok(())
    } else {
        let challenge = "Basic realm=\"practice\", charset=\"UTF-8\"";
        Err(refusal("unauthorized", "User name or password is wrong")
            .header("WWW-Authenticate", challenge))
    };
    admit(call, conn, checked).await
}

/// `/auth/header`.
pub(super) async fn header(call: &Call, conn: &mut Conn) -> io::Result<End> {
    let checked = match call.head.header("x-api-key").as_deref() {
        Some(API_KEY) => Ok(()),
        Some(_) => Err(refusal("invalid_api_key", "The key in X-API-Key is unknown")),
        None => Err(refusal("missing_api_key", "The header X-API-Key is missing")),
    };
    admit(call, conn, checked).await
}

/// `/auth/query`.
pub(super) async fn query(call: &Call, conn: &mut Conn) -> io::Result<End> {
    let checked = match call.head.param("api_key").as_deref() {
        Some(API_KEY) => Ok(()),
        Some(_) => Err(refusal("invalid_api_key", "The api_key is unknown")),
        None => Err(refusal("missing_api_key", "The query parameter api_key is missing")),
    };
    admit(call, conn, checked).await
}

/// `/auth/cookie`; the refusal sets a cookie that will not do either.
pub(super) async fn cookie(call: &Call, conn: &mut Conn) -> io::Result<End> {
    let cookies: Vec<String> = call.head.values("cookie").collect();
    let right = cookies
        .iter()
        .flat_map(|line| line.split(';'))
        .any(|pair| pair.trim().split_once('=').is_some_and(|pair| pair == ("session", SESSION)));
    let checked = if right {
        Ok(())
    } else {
        Err(refusal("no_session", "The cookie session is missing or unknown")
            .header("Set-Cookie", "session=anonymous; Path=/; HttpOnly"))
    };
    admit(call, conn, checked).await
}

/// `/login`: a form or a JSON object with `username` and `password`, for the cookie that
/// `/auth/cookie` wants.
pub(super) async fn login(call: &Call, conn: &mut Conn) -> io::Result<End> {
    if call.head.method != "POST" {
        return Reply::new(405).header("Allow", "POST").send(conn).await;
    }
    let body = match call.body(conn).await? {
        Ok(body) => body,
        Err(reply) => return reply.send(conn).await,
    };
    let kind = call.head.header("content-type").unwrap_or_default().to_ascii_lowercase();
    let of = |name: &str| {
        if kind.starts_with("application/json") {
            let object: Value = serde_json::from_slice(&body).unwrap_or_default();
            object[name].as_str().map(str::to_owned)
        } else {
            let mut pairs = form_urlencoded::parse(&body);
            pairs.find(|(known, _)| known == name).map(|(_, value)| value.into_owned())
        }
    };
    let right =
        of("username").as_deref() == Some(USER) && of("password").as_deref() == Some(PASSWORD);
    let reply = if right {
        let cookie = format!("session={SESSION}; Path=/; HttpOnly; Max-Age=3600");
        Reply::new(204).header("Set-Cookie", &cookie)
    } else {
        refusal("invalid_login", "User name or password is wrong")
    };
    reply.send(conn).await
}

/// `/auth/subprotocol`: the token as a second subprotocol, for browsers, which set no headers.
pub(super) async fn subprotocol(call: &Call, conn: &mut Conn) -> io::Result<End> {
    let offered = upgrade::offered(&call.head);
    let after_bearer = offered.iter().skip_while(|offer| *offer != "bearer").nth(1);
    let checked = match after_bearer.map(String::as_str) {
        Some(TOKEN) => Ok(()),
        _ => Err(refusal("invalid_token", "Offer the subprotocols bearer and the token")),
    };
    if checked.is_ok() {
        return match call.open_with(conn, Some("bearer")).await? {
            Ok(mut session) => session.echo_all().await,
            Err(end) => Ok(end),
        };
    }
    admit(call, conn, checked).await
}
