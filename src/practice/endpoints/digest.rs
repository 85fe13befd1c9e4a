//! `/auth/digest`: opens for user and password `practice`, proved by Digest (RFC 7616).

use std::io;

use jiff::Timestamp;
use serde_json::json;

use super::{Call, auth};
use crate::practice::conn::{Conn, End};
use crate::practice::digest::{Algorithm, Wanted, challenges, verify};
use crate::practice::reply::Reply;

/// `algorithm=` (several with commas; SHA-256 and MD5 if it is not given) and `uses=` a nonce.
pub(super) async fn digest(call: &Call, conn: &mut Conn) -> io::Result<End> {
    let named = call.head.param("algorithm").unwrap_or_default();
    let mut algorithms: Vec<Algorithm> = named.split(',').filter_map(Algorithm::find).collect();
    if algorithms.is_empty() {
        algorithms = ["SHA-256", "MD5"].into_iter().filter_map(Algorithm::find).collect();
    }
    let wanted = Wanted { algorithms, uses: call.head.number("uses", 1_000) };
    let now = Timestamp::now();
    let checked = verify(&call.head, &wanted, now).map_err(|refused| {
        let body = json!({ "error": "unauthorized", "error_description": refused.message });
        challenges(&wanted, refused.stale, now)
            .iter()
            .fold(Reply::new(401), |reply, challenge| reply.header("WWW-Authenticate", challenge))
            .json(&body)
    });
    auth::admit(call, conn, checked).await
}
