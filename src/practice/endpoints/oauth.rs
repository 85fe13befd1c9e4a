//! An authorization server: tokens (RFC 6749), device codes (RFC 8628), a page that agrees at
//! once, and an endpoint that takes the tokens that were given.

use std::collections::HashMap;
use std::io;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use url::Url;
use url::form_urlencoded;

use super::{Call, talk};
use crate::practice::conn::{Conn, End};
use crate::practice::credentials::{CLIENT_ID, PUBLIC_CLIENT_ID};
use crate::practice::oauth::{Given, Refused, Verdict};
use crate::practice::reply::Reply;

type Form = HashMap<String, String>;

/// `/auth/oauth` (RFC 6750 section 3).
pub(super) async fn oauth(call: &Call, conn: &mut Conn) -> io::Result<End> {
    let header = call.head.header("authorization");
    let bearer = header.as_deref().and_then(|value| value.split_once(' '));
    let token = match bearer {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => Some(token.to_owned()),
        _ => call.head.param("access_token"),
    };
    let refusal = match &token {
        None => Some(("No access token came", "Bearer realm=\"practice\"".to_owned())),
        Some(token) => call.issuer.check(token).err().map(|why| {
            let challenge = format!(
                "Bearer realm=\"practice\", error=\"invalid_token\", error_description=\"{why}\""
            );
            (why, challenge)
        }),
    };
    match refusal {
        Some((why, challenge)) if call.head.wants_upgrade() => {
            let body = json!({ "error": "invalid_token", "error_description": why });
            Reply::new(401).header("WWW-Authenticate", &challenge).json(&body).send(conn).await
        }
        _ => talk::echo(call, conn).await,
    }
}

/// `/oauth/token`.
pub(super) async fn token(call: &Call, conn: &mut Conn) -> io::Result<End> {
    let (form, client) = match asked(call, conn).await? {
        Ok(asked) => asked,
        Err(reply) => return reply.send(conn).await,
    };
    let reply = match given(call, &form, &client) {
        Ok(given) => {
            let mut body = json!({
                "access_token": given.access,
                "token_type": "Bearer",
                "expires_in": given.seconds,
            });
            if let Some(refresh) = given.refresh {
                body["refresh_token"] = refresh.into();
            }
            if !given.scope.is_empty() {
                body["scope"] = given.scope.into();
            }
            Reply::new(200).header("Cache-Control", "no-store").json(&body)
        }
        Err(refused) => error(400, refused),
    };
    reply.send(conn).await
}

fn given(call: &Call, form: &Form, client: &str) -> Result<Given, Refused> {
    let seconds = call.head.number("expires_in", 3600);
    let get = |name: &str| form.get(name).map_or("", String::as_str);
    match get("grant_type") {
        "client_credentials" if client == PUBLIC_CLIENT_ID => Err(Refused {
            error: "unauthorized_client",
            description: "A public client gets no token for itself",
        }),
        "client_credentials" => Ok(call.issuer.for_client(client, get("scope"), seconds)),
        "authorization_code" => {
            let (redirect, verifier) = (get("redirect_uri"), get("code_verifier"));
            call.issuer.exchange(get("code"), client, redirect, verifier, seconds)
        }
        "refresh_token" => call.issuer.refresh(get("refresh_token"), client, seconds),
        "urn:ietf:params:oauth:grant-type:device_code" => {
            call.issuer.poll(get("device_code"), client, seconds)
        }
        "" => Err(Refused { error: "invalid_request", description: "grant_type is missing" }),
        _ => Err(Refused {
            error: "unsupported_grant_type",
            description: "This server does not know that grant_type",
        }),
    }
}

/// `/oauth/device` (RFC 8628 section 3.2).
pub(super) async fn device(call: &Call, conn: &mut Conn) -> io::Result<End> {
    let (form, client) = match asked(call, conn).await? {
        Ok(asked) => asked,
        Err(reply) => return reply.send(conn).await,
    };
    let life = call.head.number("expires_in", 600);
    let interval = call.head.number("interval", 5);
    let (device_code, user_code) = call.issuer.device(
        &client,
        form.get("scope").map_or("", String::as_str),
        Duration::from_secs(life),
        Duration::from_secs(interval),
    );
    let scheme = if call.tls { "https" } else { "http" };
    let host = call.head.header("host").unwrap_or_default();
    let page = format!("{scheme}://{host}/oauth/device/approve");
    let body = json!({
        "device_code": device_code,
        "user_code": user_code,
        "verification_uri": page,
        "verification_uri_complete": format!("{page}?user_code={user_code}"),
        "expires_in": life,
        "interval": interval,
    });
    Reply::new(200).header("Cache-Control", "no-store").json(&body).send(conn).await
}

/// `/oauth/device/approve`: what a person would do in a browser.
pub(super) async fn approve(call: &Call, conn: &mut Conn) -> io::Result<End> {
    let code = call.head.param("user_code").unwrap_or_default();
    let verdict = if call.head.flag("deny") { Verdict::Denied } else { Verdict::Approved };
    let (status, text) = if call.issuer.decide(&code, verdict) {
        (200, "Done. Go back to the program.\n")
    } else {
        (404, "There is no such code: add ?user_code=CODE (and deny=1 to say no).\n")
    };
    Reply::new(status).body("text/plain; charset=utf-8", text).send(conn).await
}

/// `/oauth/authorize` (RFC 6749 section 4.1.1, RFC 7636 section 4.3): agrees at once.
pub(super) async fn authorize(call: &Call, conn: &mut Conn) -> io::Result<End> {
    let param = |name: &str| call.head.param(name).unwrap_or_default();
    let (client, redirect) = (param("client_id"), param("redirect_uri"));
    // Neither error may go to an address that is not known to be the client's.
    let back = Url::parse(&redirect).ok().filter(|url| {
        url.scheme() == "http" && matches!(url.host_str(), Some("127.0.0.1" | "localhost"))
    });
    let known = [CLIENT_ID, PUBLIC_CLIENT_ID].contains(&client.as_str());
    let (Some(mut back), true) = (back, known) else {
        let text = "client_id is unknown, or redirect_uri is not on this machine\n";
        return Reply::new(400).body("text/plain; charset=utf-8", text).send(conn).await;
    };
    let challenge = param("code_challenge");
    let wrong = if param("response_type") != "code" {
        Some(("unsupported_response_type", "Only code is known here"))
    } else if challenge.len() != 43 || param("code_challenge_method") != "S256" {
        Some(("invalid_request", "A code_challenge with S256 is required"))
    } else if call.head.flag("deny") {
        Some(("access_denied", "The person said no"))
    } else {
        None
    };
    let state = if call.head.flag("wrong_state") { "another".into() } else { param("state") };
    {
        let mut query = back.query_pairs_mut();
        match wrong {
            Some((error, why)) => {
                query.append_pair("error", error).append_pair("error_description", why);
            }
            None => {
                let code = call.issuer.code(&client, &redirect, &challenge, &param("scope"));
                query.append_pair("code", &code);
            }
        }
        query.append_pair("state", &state);
    }
    Reply::new(302).header("Location", back.as_str()).send(conn).await
}

/// The form of a POST and the client that sent it, or the refusal.
async fn asked(call: &Call, conn: &mut Conn) -> io::Result<Result<(Form, String), Reply>> {
    Ok(match form(call, conn).await? {
        Ok(form) => match client(call, &form) {
            Ok(client) => Ok((form, client)),
            Err(refused) => Err(unknown_client(call, refused)),
        },
        Err(reply) => Err(reply),
    })
}

/// The form of a POST.
async fn form(call: &Call, conn: &mut Conn) -> io::Result<Result<Form, Reply>> {
    if call.head.method != "POST" {
        return Ok(Err(Reply::new(405).header("Allow", "POST")));
    }
    let kind = call.head.header("content-type").unwrap_or_default();
    if !kind.to_ascii_lowercase().starts_with("application/x-www-form-urlencoded") {
        let description = "The body must be application/x-www-form-urlencoded";
        return Ok(Err(error(400, Refused { error: "invalid_request", description })));
    }
    Ok(match call.body(conn).await? {
        Ok(body) => {
            let mut form = Form::new();
            for (name, value) in form_urlencoded::parse(&body) {
                if form.insert(name.into_owned(), value.into_owned()).is_some() {
                    // RFC 6749 section 3.2.
                    let description = "A parameter came twice";
                    return Ok(Err(error(400, Refused { error: "invalid_request", description })));
                }
            }
            Ok(form)
        }
        Err(reply) => Err(reply),
    })
}

/// The client by its Basic header or by the form (RFC 6749 section 2.3.1).
fn client(call: &Call, form: &Form) -> Result<String, Refused> {
    let header = call.head.header("authorization");
    let (id, secret) = match header.as_deref().and_then(|value| value.split_once(' ')) {
        Some((scheme, encoded)) if scheme.eq_ignore_ascii_case("basic") => {
            let pair = STANDARD.decode(encoded.trim()).unwrap_or_default();
            let pair = String::from_utf8_lossy(&pair).into_owned();
            let (id, secret) = pair.split_once(':').unwrap_or((&pair, ""));
            (decoded(id), Some(decoded(secret)))
        }
        _ => {
            let id = form.get("client_id").cloned().unwrap_or_default();
            (id, form.get("client_secret").cloned())
        }
    };
    call.issuer.client(&id, secret.as_deref()).map(|()| id)
}

/// A text that was encoded as a value of a form.
fn decoded(text: &str) -> String {
    let pairs = form_urlencoded::parse(text.as_bytes());
    pairs.map(|(name, _)| name.into_owned()).next().unwrap_or_default()
}

fn unknown_client(call: &Call, refused: Refused) -> Reply {
    let reply = error(401, refused);
    if call.head.header("authorization").is_some() {
        return reply.header("WWW-Authenticate", "Basic realm=\"practice\"");
    }
    reply
}

fn error(status: u16, refused: Refused) -> Reply {
    let body = json!({ "error": refused.error, "error_description": refused.description });
    Reply::new(status).header("Cache-Control", "no-store").json(&body)
}
