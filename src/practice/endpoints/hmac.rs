//! `/auth/hmac`: opens for a signature by a scheme such as services make up.

use std::io;

use jiff::Timestamp;
use serde_json::json;

use super::{Call, auth};
use crate::practice::conn::{Conn, End};
use crate::practice::hmac_scheme::verify;
use crate::practice::reply::Reply;

/// `algorithm=sha256|sha512|sha1` and `encoding=hex|base64|base64url` choose the scheme.
pub(super) async fn hmac(call: &Call, conn: &mut Conn) -> io::Result<End> {
    let algorithm = call.head.param("algorithm").unwrap_or_default();
    let encoding = call.head.param("encoding").unwrap_or_default();
    let checked = verify(&call.head, &algorithm, &encoding, Timestamp::now());
    let checked = checked.map_err(|refused| {
        Reply::new(401).json(&json!({
            "error": refused.error,
            "error_description": refused.message,
            "string_to_sign": refused.string_to_sign,
        }))
    });
    auth::admit(call, conn, checked).await
}
