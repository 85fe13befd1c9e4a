//! `/json`: a server that takes JSON and nothing else.

use std::io;

use serde::de::IgnoredAny;
use serde_json::{Value, json};

use super::{Call, open};
use crate::practice::conn::{Conn, End};
use crate::practice::session::Talk;

/// Longer documents are only checked, and their size echoed: as values they would fill the memory.
const ECHO_MAX: usize = 1024 * 1024;

/// What it sends at the start: nested, long numbers, repeated keys, escapes, an array.
const DOCUMENTS: &[&str] = &[
    r#"{"type":"welcome","server":"practice","features":["echo","json"],"nested":{"a":[1,2,{"b":null}]}}"#,
    r#"{"id":12345678901234567890,"price":10.50,"tiny":1e-400,"again":1,"again":2}"#,
    r#"["text with \"quotes\", \u00e9, \ud83e\udd80 and a tab\t",true,false,null,[],{}]"#,
];

/// Sends its documents and then answers.
pub(super) async fn json(call: &Call, conn: &mut Conn) -> io::Result<End> {
    let mut session = open!(call, conn);
    for document in DOCUMENTS {
        session.text(document);
    }
    loop {
        let answer = match session.talk().await? {
            Talk::Over(end) => return Ok(end),
            Talk::Text(bytes) => answer(&bytes),
            Talk::Binary(bytes) => json!({
                "ok": false, "error": "binary messages are not understood", "bytes": bytes.len(),
            }),
        };
        session.text(&answer.to_string());
    }
}

fn answer(bytes: &[u8]) -> Value {
    let parsed = if bytes.len() > ECHO_MAX {
        serde_json::from_slice::<IgnoredAny>(bytes).map(|_| Value::from(bytes.len()))
    } else {
        serde_json::from_slice::<Value>(bytes)
    };
    match parsed {
        Ok(value) => json!({ "ok": true, "echo": value }),
        Err(error) => json!({
            "ok": false, "error": error.to_string(), "line": error.line(), "column": error.column(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_echoed_and_anything_else_explained() {
        assert_eq!(answer(b"{\"a\":1}"), json!({ "ok": true, "echo": { "a": 1 } }));
        let error = answer(b"{\n oops");
        assert_eq!((&error["ok"], &error["line"]), (&json!(false), &json!(2)));
    }
}
