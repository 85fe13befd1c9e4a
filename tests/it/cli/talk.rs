//! `check` against servers that open the connection and do not keep it: what the record of a real
//! talk tells, from the first message to the close code.

use serde_json::Value;

use super::practice::practice;
use super::run::run;

/// `check PATH --json` with more options; a wait that ends with the connection.
fn check(path: &str, options: &[&str]) -> Value {
    let url = practice().url(path);
    let out = run(&[&["check", &url, "--json"], options].concat()).json();
    let evidence = out["evidence"].to_string();
    assert!(!evidence.contains("hunter2"), "{path}: a secret is in the record");
    out
}

fn codes(out: &Value) -> Vec<&str> {
    out["findings"].as_array().unwrap().iter().map(|f| f["code"].as_str().unwrap()).collect()
}

const PATIENT: &[&str] = &["--wait", "10"];
const SOON: &[&str] = &["--wait", "0.05"];

#[track_caller]
fn ends_with(path: &str, options: &[&str], code: &str) -> Value {
    let out = check(path, &[PATIENT, options].concat());
    assert_eq!(out["code"], code, "{path}: {:?} {}", codes(&out), out["evidence"]["session"]);
    assert_eq!(out["ok"], false, "{path}");
    out
}

#[track_caller]
fn warns_of(path: &str, options: &[&str], code: &str) -> Value {
    let out = check(path, &[SOON, options].concat());
    assert!(
        codes(&out).contains(&code),
        "{path}: {:?} {}",
        codes(&out),
        out["evidence"]["session"]
    );
    out
}

fn fix(out: &Value, kind: &str) -> Value {
    out["fixes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|fix| fix["change"].clone())
        .find(|change| change["kind"] == kind)
        .unwrap_or_else(|| panic!("no {kind} in {}", out["fixes"]))
}

#[test]
fn graphql() {
    let new = &["--subprotocol", "graphql-transport-ws"][..];
    let out = ends_with("/graphql?ms=20", new, "msg/graphql-4408");
    assert_eq!(fix(&out, "set-message")["text"], r#"{"type":"connection_init","payload":{}}"#);
    let out = ends_with("/graphql", &[], "msg/graphql-4406");
    assert_eq!(fix(&out, "set-subprotocols")["names"][0], "graphql-transport-ws");
    let subscribe = r#"{"type":"subscribe","id":"1","payload":{"query":"{a}"}}"#;
    ends_with("/graphql", &[new, &["--send", subscribe]].concat(), "msg/graphql-4401");
    let wrong = r#"{"type":"connection_init","payload":{"token":"hunter2"}}"#;
    ends_with("/graphql?token=1", &[new, &["--send", wrong]].concat(), "msg/graphql-4403");
    let init = r#"{"type":"connection_init"}"#;
    let old = &["--subprotocol", "graphql-ws", "--send", init, "--send", subscribe];
    warns_of("/graphql?legacy=1", old, "msg/graphql-legacy");
}

#[test]
fn first_messages_that_do_not_come() {
    let out = ends_with("/stomp?ms=20", &["--subprotocol", "v12.stomp"], "msg/stomp-connect");
    assert!(fix(&out, "set-message")["text"].as_str().unwrap().ends_with("\n\n\0"));
    let out = ends_with("/signalr?ms=20", &[], "msg/signalr-handshake");
    assert!(fix(&out, "set-message")["text"].as_str().unwrap().ends_with('\u{1e}'));
    ends_with("/first-message?seconds=0.02", &[], "msg/subscribe-deadline");
    let asks = "/first-message?seconds=0.02&ask=%7B%22type%22%3A%22auth_required%22%7D";
    ends_with(asks, &[], "msg/ha-auth");
    let asks = "/first-message?seconds=0.02&ask=please%20authenticate";
    ends_with(asks, &[], "msg/first-message-auth");
    ends_with("/mqtt", &[], "msg/mqtt-subprotocol");
}

#[test]
fn messages_without_their_end() {
    let unended = "CONNECT\naccept-version:1.2\nhost:x\nlogin:me\npasscode:hunter2\n\n";
    let stomp = &["--subprotocol", "v12.stomp", "--send", unended];
    // A line feed may follow the NUL, so another byte is sent at the end.
    let unended = format!("{unended}x");
    let stomp = &[stomp[0], stomp[1], stomp[2], &unended];
    ends_with("/stomp", stomp, "msg/stomp-terminator");
    let handshake = r#"{"protocol":"json","version":1}"#;
    ends_with("/signalr?ms=20", &["--send", handshake], "msg/signalr-terminator");
}

#[test]
fn errors_that_protocols_tell() {
    ends_with("/cable?unauthorized=1", &[], "msg/cable-disconnect");
    let subscribe = r#"{"command":"subscribe","identifier":"{\"channel\":\"No\"}"}"#;
    warns_of("/cable", &["--send", subscribe], "msg/cable-reject");
    let join = r#"["1","1","room:no","phx_join",{}]"#;
    warns_of("/socket/websocket?vsn=2.0.0", &["--send", join], "msg/phoenix-join");
    let hello = r#"[1,"nowhere",{"roles":{}}]"#;
    ends_with("/wamp", &["--subprotocol", "wamp.2.json", "--send", hello], "msg/wamp");
    warns_of("/sockjs", &[], "msg/sockjs-open");
    for (text, end, code) in [
        (r#"{"type":"disconnect","reason":"link_disabled"}"#, "code=1000", "msg/slack"),
        (
            r#"{"event":"pusher:error","data":{"code":4001,"message":"no app"}}"#,
            "code=4001",
            "msg/pusher",
        ),
        (r#"{"error":"Too many requests"}"#, "code=1008", "msg/rate-limited"),
        (":tmi.twitch.tv NOTICE * :Login authentication failed", "how=drop", "msg/protocol-error"),
    ] {
        let text: String = text.bytes().map(|byte| format!("%{byte:02X}")).collect();
        ends_with(&format!("/say?text={text}&{end}"), &[], code);
    }
    let refused = "/say?text=0%7B%22sid%22%3A%22a%22%7D&text=44%7B%22message%22%3A%22Invalid%20namespace%22%7D";
    warns_of(refused, &[], "msg/engineio-namespace");
    warns_of("/say?EIO=4&transport=websocket&text=hello", &[], "msg/socketio-on-raw-server");
    let out = ends_with(
        "/say?hex=20020005&how=drop&after=1",
        &["--subprotocol", "mqtt", "--send", "x"],
        "msg/mqtt-connack",
    );
    assert!(out["summary"].as_str().unwrap().contains("not authorised"), "{}", out["summary"]);
}

#[test]
fn identities_and_versions() {
    let ocpp = &["--subprotocol", "ocpp1.6"][..];
    let out = check("/ocpp/XX1", &[PATIENT, ocpp].concat());
    assert!(codes(&out).contains(&"msg/ocpp-identity"), "{:?}", codes(&out));
    let out = ends_with("/ocpp/CP1?version=2.0.1", ocpp, "msg/ocpp-subprotocol");
    assert_eq!(fix(&out, "set-subprotocols")["names"][0], "ocpp2.0.1");
    let out = check("/socket", PATIENT);
    assert!(codes(&out).contains(&"msg/phoenix-path"), "{:?}", codes(&out));
}

#[test]
fn limits_of_kind_size_number_and_age() {
    ends_with("/binary-only", &["--send", "text"], "msg/binary-wanted");
    ends_with("/drop-each", &["--send", "x"], "msg/drop-on-send");
    ends_with("/rate-limit?count=1", &["--send", "a", "--send", "b"], "msg/rate-limited");
    let restart = "/lifetime?ms=20&reason=server%20is%20shutting%20down";
    // A server that goes away in good order is no fault of the connection.
    let out = check(restart, PATIENT);
    assert!(codes(&out).contains(&"msg/deploy-or-reload"), "{:?}", codes(&out));
    ends_with(
        "/say?code=4000&reason=replaced%20by%20another%20connection",
        &[],
        "msg/connection-limit",
    );
    ends_with("/size-limit?bytes=10", &["--send", "more than ten"], "ws/close-1009");
}

#[test]
fn a_talk_that_goes_well_is_not_accused() {
    for (path, options) in [
        (
            "/graphql",
            &["--subprotocol", "graphql-transport-ws", "--send", r#"{"type":"connection_init"}"#][..],
        ),
        ("/signalr", &["--send", "{\"protocol\":\"json\",\"version\":1}\u{1e}"]),
        ("/wamp", &["--subprotocol", "wamp.2.json", "--send", r#"[1,"realm1",{"roles":{}}]"#]),
        ("/echo", &["--send", "too many requests"]),
        ("/cable", &["--subprotocol", "actioncable-v1-json"]),
    ] {
        let out = check(path, &[SOON, options].concat());
        assert_eq!((&out["ok"], codes(&out).len()), (&true.into(), 0), "{path}: {:?}", codes(&out));
    }
}
