//! `/auth/azure/client/hubs/NAME`: opens for a client access token as Azure Web PubSub takes it.

use std::io;

use jiff::Timestamp;

use super::{Call, auth, jwt::refusal};
use crate::practice::conn::{Conn, End};
use crate::practice::credentials::AZURE_KEY;
use crate::practice::jwt;

/// The audience must be the address that was called, with `https` or `http` and without its query.
pub(super) async fn azure(call: &Call, conn: &mut Conn) -> io::Result<End> {
    let header = call.head.header("authorization");
    let bearer = header.as_deref().and_then(|value| value.strip_prefix("Bearer "));
    let token = call.head.param("access_token").or_else(|| bearer.map(str::to_owned));
    let checked = match token {
        None => Err("No token came".to_owned()),
        Some(token) => check(call, &token),
    };
    auth::admit(call, conn, checked.map_err(|why| refusal(&why))).await
}

fn check(call: &Call, token: &str) -> Result<(), String> {
    let claims = jwt::verify(token, AZURE_KEY.as_bytes())?;
    jwt::in_time(&claims, Timestamp::now())?;
    let scheme = if call.tls { "https" } else { "http" };
    let host = call.head.header("host").unwrap_or_default();
    let address = format!("{scheme}://{host}{}", call.head.path());
    let audience = claims.get("aud").and_then(|aud| aud.as_str()).unwrap_or_default();
    if audience == address { Ok(()) } else { Err(format!("The audience '{audience}' is invalid")) }
}
