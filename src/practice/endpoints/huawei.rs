//! Endpoints that ask for credentials and refuse as Huawei Cloud's API gateway, ModelArts and IAM
//! do. With the right ones each of them echoes.

use std::io;

use jiff::Timestamp;
use serde_json::json;

use super::Call;
use super::auth::admit;
use crate::practice::conn::{Conn, End};
use crate::practice::credentials::{APP_CODE, APP_KEY, HUAWEI_API_KEY, TOKEN};
use crate::practice::huawei::iam::{self, Scope};
use crate::practice::huawei::{Refused, Worth};
use crate::practice::reply::Reply;

/// `/auth/token`.
pub(super) async fn token(call: &Call, conn: &mut Conn) -> io::Result<End> {
    admit(call, conn, by_token(call).map(drop)).await
}

/// `/auth/appcode`.
pub(super) async fn app_code(call: &Call, conn: &mut Conn) -> io::Result<End> {
    admit(call, conn, by_app_code(call)).await
}

/// `/auth/appkey`: the AppKey alone.
pub(super) async fn app_key(call: &Call, conn: &mut Conn) -> io::Result<End> {
    admit(call, conn, by_app_key(call)).await
}

/// `/auth/huawei` and every path below it.
pub(super) async fn signature(call: &Call, conn: &mut Conn) -> io::Result<End> {
    admit(call, conn, by_signature(call)).await
}

/// `/auth/huawei-api-key`.
pub(super) async fn api_key(call: &Call, conn: &mut Conn) -> io::Result<End> {
    admit(call, conn, by_api_key(call)).await
}

/// `/v1/infers/<id>…`: a real-time service of the old generation, which takes each of its ways.
pub(super) async fn old_service(call: &Call, conn: &mut Conn) -> io::Result<End> {
    let has = |name: &str| call.head.header(name).is_some();
    let checked = match service(call) {
        Err(reply) => Err(reply),
        Ok(()) if has("x-auth-token") => by_project_token(call),
        Ok(()) if has("x-apig-appcode") => by_app_code(call),
        Ok(()) if has("apikey") => by_app_key(call),
        Ok(()) => by_signature(call),
    };
    admit(call, conn, checked).await
}

/// `/v2/infer/<id>…`: a service of the new generation, which takes an API key or a token.
pub(super) async fn new_service(call: &Call, conn: &mut Conn) -> io::Result<End> {
    let checked = match service(call) {
        Err(reply) => Err(reply),
        Ok(()) if call.head.header("x-auth-token").is_some() => by_project_token(call),
        Ok(()) => by_api_key(call),
    };
    admit(call, conn, checked).await
}

/// Whether the path has the id of a service in its third part.
fn service(call: &Call) -> Result<(), Reply> {
    match call.head.path().split('/').nth(3) {
        Some(id) if !id.is_empty() => Ok(()),
        _ => Err(gateway(404, "APIG.0101", "The API does not exist or has not been published")),
    }
}

fn by_token(call: &Call) -> Result<Scope, Reply> {
    let now = Timestamp::now();
    match call.head.header("x-auth-token").as_deref() {
        None => Err(iam_refusal("x-auth-token not found")),
        Some(TOKEN) => Ok(Scope::Project),
        Some(text) => match call.gateway.token(text, now) {
            Worth::Good(scope) => Ok(scope),
            Worth::Ended => Err(gateway(401, "APIG.0307", "The token must be updated")),
            Worth::Unknown => Err(iam_refusal("decrypt token fail")),
        },
    }
}

/// ModelArts itself looks at the token once more, behind the gateway.
fn by_project_token(call: &Call) -> Result<(), Reply> {
    match by_token(call)? {
        Scope::Project => Ok(()),
        Scope::Account => Err(gateway(
            401,
            "ModelArts.0207",
            "Invalid token: the token must contain the project of this region",
        )),
    }
}

fn by_app_code(call: &Call) -> Result<(), Reply> {
    match call.head.header("x-apig-appcode").as_deref() {
        Some(APP_CODE) => Ok(()),
        _ => Err(app_refusal("app not found with specified appCode")),
    }
}

fn by_app_key(call: &Call) -> Result<(), Reply> {
    match call.head.header("apikey").as_deref() {
        Some(APP_KEY) => Ok(()),
        Some(key) => Err(app_refusal(&format!("app not found, appkey {key}"))),
        None => Err(gateway(401, "APIG.0305", "Incorrect authentication information")),
    }
}

fn by_signature(call: &Call) -> Result<(), Reply> {
    let checked = call.gateway.verify(&call.head, Timestamp::now());
    checked.map_err(|Refused { code, message }| gateway(401, code, &message))
}

fn by_api_key(call: &Call) -> Result<(), Reply> {
    let value = call.head.header("authorization").unwrap_or_default();
    match value.split_once(' ') {
        Some((scheme, HUAWEI_API_KEY)) if scheme.eq_ignore_ascii_case("bearer") => Ok(()),
        _ => Err(gateway(401, "APIG.0305", "Incorrect authentication information")),
    }
}

fn iam_refusal(what: &str) -> Reply {
    gateway(401, "APIG.0301", &format!("Incorrect IAM authentication information: {what}"))
}

fn app_refusal(what: &str) -> Reply {
    gateway(401, "APIG.0303", &format!("Incorrect app authentication information: {what}"))
}

/// A refusal as Huawei Cloud's API gateway words it.
fn gateway(status: u16, code: &str, message: &str) -> Reply {
    // The gateway's request ids are 32 hexadecimal digits; the time makes ours differ.
    let request_id = format!("{:032x}", Timestamp::now().as_nanosecond());
    let body = json!({ "error_msg": message, "error_code": code, "request_id": request_id });
    Reply::new(status).header("X-Request-Id", &request_id).json(&body)
}

/// `POST /v3/auth/tokens`: IAM. The token is in a header of the answer.
pub(super) async fn tokens(call: &Call, conn: &mut Conn) -> io::Result<End> {
    if call.head.method != "POST" {
        return Reply::new(405).header("Allow", "POST").send(conn).await;
    }
    let body = match call.body(conn).await? {
        Ok(body) => body,
        Err(reply) => return reply.send(conn).await,
    };
    let scope = match iam::check(&body) {
        Ok(scope) => scope,
        Err(denied) => return Reply::new(denied.status).json(&denied.json()).send(conn).await,
    };
    let now = Timestamp::now();
    let (token, expires) = call.gateway.issue(scope, now);
    Reply::new(201)
        .header("X-Subject-Token", &token)
        .json(&iam::described(scope, now, expires))
        .send(conn)
        .await
}
