//! `/auth/aws` and every path below it: opens for a signature of AWS.

use std::io;

use jiff::Timestamp;
use serde_json::json;

use super::{Call, auth};
use crate::practice::aws::{KEYS, verify};
use crate::practice::conn::{Conn, End};
use crate::practice::reply::Reply;

/// Answers 403, as API Gateway does. `region=` and `service=` are what the scope must name.
pub(super) async fn aws(call: &Call, conn: &mut Conn) -> io::Result<End> {
    let region = call.head.param("region").unwrap_or_default();
    let service = call.head.param("service").unwrap_or_default();
    let checked = verify(&call.head, &KEYS, Timestamp::now(), &region, &service);
    let checked = checked.map_err(|refused| {
        Reply::new(403)
            .header("x-amzn-RequestId", &format!("{:032x}", Timestamp::now().as_nanosecond()))
            .header("x-amzn-ErrorType", refused.error)
            .json(&json!({ "message": refused.message }))
    });
    auth::admit(call, conn, checked).await
}
