//! `/rpc`: a JSON-RPC 2.0 server whose answers take as long as one asks for, so that they come in
//! another order than their requests.

use std::io;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::{Instant, sleep_until};

use super::{Call, open};
use crate::practice::conn::{Conn, End};
use crate::practice::session::Talk;

/// Longest delay.
const LONGEST: f64 = 60.0;

/// Answers that may wait for their time; further requests are answered at once.
const WAITING: usize = 1024;

/// Requests of a batch that are answered.
const BATCH: usize = 64;

/// Answers every request when its time has come.
pub(super) async fn rpc(call: &Call, conn: &mut Conn) -> io::Result<End> {
    let delay = call.head.fraction("delay", 0.0);
    let mut session = open!(call, conn);
    let mut waiting: Vec<(Instant, String)> = Vec::new();
    loop {
        let next = waiting.iter().map(|(due, _)| *due).min();
        let said = tokio::select! {
            said = session.talk() => said?,
            () = sleep_until(next.unwrap_or_else(Instant::now)), if next.is_some() => {
                let now = Instant::now();
                let (due, later) = waiting.into_iter().partition(|(due, _)| *due <= now);
                waiting = later;
                let due: Vec<(Instant, String)> = due;
                due.iter().for_each(|(_, text)| session.text(text));
                continue;
            }
        };
        let bytes = match said {
            Talk::Over(end) => return Ok(end),
            Talk::Text(bytes) | Talk::Binary(bytes) => bytes,
        };
        let (answer, seconds) = answer(&bytes, delay);
        if answer.is_null() {
            continue;
        }
        if seconds > 0.0 && waiting.len() < WAITING {
            waiting.push((Instant::now() + Duration::from_secs_f64(seconds), answer.to_string()));
        } else {
            session.text(&answer.to_string());
        }
    }
}

/// The answer, null if none is wanted, and after how many seconds it shall go out.
fn answer(bytes: &[u8], delay: f64) -> (Value, f64) {
    match serde_json::from_slice::<Value>(bytes) {
        Ok(Value::Array(batch)) if !batch.is_empty() => {
            let mut longest = 0.0_f64;
            let answers: Vec<Value> = batch
                .into_iter()
                .take(BATCH)
                .filter_map(|request| {
                    let (answer, seconds) = one(request, delay);
                    longest = longest.max(seconds);
                    answer
                })
                .collect();
            if answers.is_empty() { (Value::Null, 0.0) } else { (Value::Array(answers), longest) }
        }
        Ok(request) => {
            let (answer, seconds) = one(request, delay);
            (answer.unwrap_or(Value::Null), seconds)
        }
        Err(_) => (error(&Value::Null, -32700, "Parse error"), 0.0),
    }
}

/// JSON-RPC 2.0 section 5.1.
fn error(id: &Value, code: i32, message: &str) -> Value {
    json!({ "jsonrpc": "2.0", "id": id, "error": { "code": code, "message": message } })
}

fn one(request: Value, delay: f64) -> (Option<Value>, f64) {
    let Some(method) = request.get("method").and_then(Value::as_str) else {
        return (Some(error(&Value::Null, -32600, "Invalid Request")), 0.0);
    };
    let params = request.get("params").cloned().unwrap_or(Value::Null);
    let asked = params.get("delay").and_then(Value::as_f64).unwrap_or(delay);
    let seconds = if asked.is_finite() { asked.clamp(0.0, LONGEST) } else { 0.0 };
    // Without an id it is a notification (section 4.1).
    let Some(id) = request.get("id") else { return (None, 0.0) };
    let answer = match method {
        "fail" => error(id, -32000, "as you wished"),
        "sum" => {
            let numbers = params.get("numbers").unwrap_or(&params).as_array();
            let sum: f64 = numbers.into_iter().flatten().filter_map(Value::as_f64).sum();
            json!({ "jsonrpc": "2.0", "id": id, "result": sum })
        }
        "echo" => json!({ "jsonrpc": "2.0", "id": id, "result": params }),
        _ => error(id, -32601, "Method not found"),
    };
    (Some(answer), seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_answered_as_the_specification_says() {
        for (request, expected, delay) in [
            (
                r#"{"jsonrpc":"2.0","id":1,"method":"echo","params":{"delay":0.5}}"#,
                r#"{"jsonrpc":"2.0","id":1,"result":{"delay":0.5}}"#,
                0.5,
            ),
            (
                r#"{"id":"a","method":"sum","params":[1,2.5]}"#,
                r#"{"jsonrpc":"2.0","id":"a","result":3.5}"#,
                0.1,
            ),
            (r#"{"method":"echo"}"#, "null", 0.0),
            (r#"[{"method":"echo"}]"#, "null", 0.0),
        ] {
            let expected: Value = serde_json::from_str(expected).unwrap();
            assert_eq!(answer(request.as_bytes(), 0.1), (expected, delay), "{request}");
        }
        for (request, code) in [
            ("{", -32700),
            ("1", -32600),
            (r#"{"id":1,"method":"x"}"#, -32601),
            (r#"{"id":1,"method":"fail","params":{"delay":1e300}}"#, -32000),
        ] {
            assert_eq!(answer(request.as_bytes(), 0.0).0["error"]["code"], code, "{request}");
        }
        let (both, _) = answer(br#"[{"id":1,"method":"fail"},{"id":2,"method":"echo"}]"#, 0.0);
        assert_eq!(both.as_array().map(Vec::len), Some(2));
    }
}
