//! Endpoints that learn who is there elsewhere than from a header: from the first message, or
//! from the client's certificate in TLS.

use std::io;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::timeout;

use super::{Call, open, talk};
use crate::practice::conn::{Conn, End};
use crate::practice::credentials::TOKEN;
use crate::practice::reply::Reply;
use crate::practice::session::Talk;

/// `/auth/first-message`: opens to everybody, and wants `{"type":"auth","token":…}` first.
pub(super) async fn first_message(call: &Call, conn: &mut Conn) -> io::Result<End> {
    let limit = Duration::from_secs_f64(call.head.fraction("seconds", 10.0));
    let mut session = open!(call, conn);
    session.conn.drain().await?;
    let said = match timeout(limit, session.talk()).await {
        Err(_) => return session.close(4408, b"authentication timeout").await,
        Ok(said) => said?,
    };
    let text = match said {
        Talk::Over(end) => return Ok(end),
        Talk::Text(bytes) | Talk::Binary(bytes) => bytes,
    };
    let said: Value = serde_json::from_slice(&text).unwrap_or_default();
    if said["type"] != "auth" {
        return session.close(4401, b"the first message is no auth").await;
    }
    if said["token"] != TOKEN {
        session.text(&json!({ "type": "auth_invalid", "message": "unknown token" }).to_string());
        return session.close(4403, b"unknown token").await;
    }
    session.text(&json!({ "type": "auth_ok" }).to_string());
    session.echo_all().await
}

/// `/auth/mtls`: an echo for whoever showed a certificate. The port that takes one is another
/// than the usual.
pub(super) async fn mtls(call: &Call, conn: &mut Conn) -> io::Result<End> {
    if conn.has_client_certificate() || !call.head.wants_upgrade() {
        return talk::echo(call, conn).await;
    }
    // As nginx answers with `ssl_verify_client optional`.
    let text = "No required SSL certificate was sent; this port does not ask for one\n";
    Reply::new(400).body("text/plain", text).send(conn).await
}
