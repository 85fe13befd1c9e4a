//! Rules of what is said over the open connection: time, size, and protocols on top.

mod dialect;
mod drop;
mod handshake;
mod idle;
mod kind;
mod life;
mod limit;
mod protocol;
mod quiet;
mod said;

use crate::core::evidence::Evidence;
use crate::diagnose::draft::Draft;
use crate::diagnose::rule::{FnRule, Rule};

/// Rules that a known protocol's codes make idle.
const PRIVATE: &[&str] = &["ws/close-44xx", "ws/close-4xxx-unknown"];

pub(super) static RULES: &[&dyn Rule] = &[
    &idle::OTHER,
    &FnRule::new("msg/idle-30", |e| life::thirty(e).or_else(|| idle::thirty(e)))
        .over(idle::GENERAL),
    &FnRule::new("msg/idle-55-heroku", idle::heroku).over(idle::GENERAL),
    &FnRule::new("msg/idle-60", idle::sixty).over(idle::GENERAL),
    &FnRule::new("msg/idle-100-cloudflare", idle::cloudflare).over(idle::GENERAL),
    &FnRule::new("msg/idle-240-azure", idle::azure).over(idle::GENERAL),
    &FnRule::new("msg/idle-300-envoy", idle::envoy).over(idle::GENERAL),
    &FnRule::new("msg/idle-350-nlb", idle::nlb).over(idle::GENERAL),
    &FnRule::new("msg/idle-600", idle::api_gateway).over(idle::GENERAL),
    &FnRule::new("msg/lifetime-gcp-openai", life::hour).over(life::GENERAL),
    &FnRule::new("msg/lifetime-apigw", life::api_gateway).over(life::GENERAL),
    &FnRule::new("msg/lifetime-day", life::day).over(life::GENERAL),
    &FnRule::new("msg/token-expiry", life::token).over(&[
        "msg/not-maintained",
        "ws/close-1000",
        "ws/close-1001",
        "ws/close-1005",
        "ws/close-1006",
        "ws/close-1008",
        "ws/close-3000-3999",
        "ws/close-44xx",
        "ws/close-4xxx-unknown",
    ]),
    &FnRule::new("msg/deploy-or-reload", life::restarted).over(&[
        "ws/close-1000",
        "ws/close-1001",
        "ws/close-1012-1013",
        "ws/close-4xxx-unknown",
        "msg/not-maintained",
    ]),
    &FnRule::new("msg/not-maintained", drop::not_maintained),
    &FnRule::new("msg/one-request-then-close", drop::after_one).over(&["ws/close-1006"]),
    &FnRule::new("msg/drop-on-send", drop::on_send).over(&[
        "ws/close-1006",
        "ws/101-then-fin",
        "ws/101-then-rst",
    ]),
    &FnRule::new("msg/too-big-drop", limit::drop_by_size)
        .over(&["ws/close-1006", "msg/drop-on-send"]),
    &FnRule::new("msg/send-stalled", quiet::send_stalled).over(&["ws/close-1006"]),
    &FnRule::new("msg/render-hang", quiet::huge_message),
    &FnRule::new("msg/silence", quiet::silence),
    &FnRule::new("msg/subscribe-deadline", quiet::subscribe_deadline).over(&[
        "msg/not-maintained",
        "ws/101-then-fin",
        "ws/101-then-rst",
        "ws/close-1000",
        "ws/close-1001",
        "ws/close-1005",
        "ws/close-1006",
        "ws/close-1008",
        "ws/close-4xxx-unknown",
    ]),
    &FnRule::new("msg/first-message-auth", quiet::first_message_auth).over(&[
        "msg/subscribe-deadline",
        "msg/vendor-error-message",
        "ws/close-1000",
        "ws/close-1006",
        "ws/close-1008",
        "ws/close-3000-3999",
        "ws/close-44xx",
        "ws/close-4xxx-unknown",
    ]),
    &FnRule::new("msg/connection-limit", quiet::other_connection).over(&[
        "msg/vendor-error-message",
        "ws/close-1000",
        "ws/close-1001",
        "ws/close-1006",
        "ws/close-1008",
        "ws/close-1012-1013",
        "ws/close-3000-3999",
        "ws/close-44xx",
        "ws/close-4xxx-unknown",
    ]),
    &FnRule::new("msg/binary-wanted", kind::binary_wanted).over(&[
        "ws/close-1003",
        "ws/close-1006",
        "msg/drop-on-send",
        "ws/101-then-fin",
    ]),
    &FnRule::new("msg/text-wanted", kind::text_wanted).over(&[
        "ws/close-1003",
        "ws/close-1006",
        "msg/drop-on-send",
        "ws/101-then-fin",
    ]),
    &FnRule::new("msg/rate-limited", kind::rate_limited).over(&[
        "msg/vendor-error-message",
        "ws/close-1008",
        "ws/close-1011",
        "ws/close-1012-1013",
        "ws/close-44xx",
        "ws/close-4xxx-unknown",
    ]),
    &FnRule::new("msg/backpressure-slow-reader", drop::slow_reader),
    &FnRule::new("msg/too-big-received", limit::ours).over(&["ws/close-1006"]),
    &FnRule::new("msg/too-big-apigw", limit::api_gateway).over(&["ws/close-1009"]),
    &FnRule::new("msg/too-big-java", limit::java).over(&["ws/close-1009"]),
    &FnRule::new("msg/too-big-frame-65536", limit::netty).over(&["ws/close-1009"]),
    &FnRule::new("msg/too-big-known", limit::known),
    &FnRule::new("msg/engineio-greeting", protocol::engineio),
    &FnRule::new("msg/engineio-no-pong", protocol::engineio_no_pong).over(&["ws/close-1006"]),
    &FnRule::new("msg/engineio-namespace", protocol::engineio_namespace).over(dialect::OVER),
    &FnRule::new("msg/socketio-on-raw-server", protocol::socketio_on_raw)
        .over(&["msg/silence", "ws/close-1006"]),
    &FnRule::new("msg/sockjs-open", protocol::sockjs),
    &FnRule::new("msg/signalr-handshake", protocol::signalr).over(dialect::OVER),
    &FnRule::new("msg/signalr-terminator", |e| dialect::unended(e, "signalr")).over(&[
        "msg/signalr-handshake",
        "msg/drop-on-send",
        "msg/vendor-error-message",
        "ws/close-1000",
        "ws/close-1006",
    ]),
    &FnRule::new("msg/stomp-connect", |e| dialect::waits(e, "stomp")).over(dialect::OVER),
    &FnRule::new("msg/stomp-terminator", |e| dialect::unended(e, "stomp")).over(&[
        "msg/stomp-connect",
        "msg/stomp-error",
        "msg/drop-on-send",
        "ws/close-1002",
        "ws/close-1006",
    ]),
    &FnRule::new("msg/stomp-error", |e| dialect::says(e, "stomp")).over(dialect::OVER),
    &FnRule::new("msg/graphql-4408", |e| protocol::graphql(e, &[4408])).over(PRIVATE),
    &FnRule::new("msg/graphql-4401", |e| protocol::graphql(e, &[4401])).over(PRIVATE),
    &FnRule::new("msg/graphql-4403", |e| protocol::graphql(e, &[4403])).over(PRIVATE),
    &FnRule::new("msg/graphql-4406", |e| protocol::graphql(e, &[4406])).over(PRIVATE),
    &FnRule::new("msg/graphql-4400", |e| protocol::graphql(e, &[4400, 4409, 4429, 4500, 4504]))
        .over(PRIVATE),
    &FnRule::new("msg/graphql-legacy", protocol::graphql_legacy),
    &FnRule::new("msg/mqtt-subprotocol", handshake::mqtt_subprotocol).over(&[
        "http/400-subprotocol",
        "http/400-bare",
        "ws/101-then-fin",
        "ws/101-then-rst",
        "ws/close-1006",
    ]),
    &FnRule::new("msg/mqtt-connack", handshake::mqtt_connack).over(dialect::OVER),
    &FnRule::new("msg/phoenix-path", handshake::phoenix_path)
        .over(&["http/404-path", "http/404-resource"]),
    &FnRule::new("msg/phoenix-heartbeat", handshake::phoenix_heartbeat).over(&[
        "msg/idle-60",
        "msg/idle-other",
        "msg/not-maintained",
        "ws/close-1000",
        "ws/close-1006",
    ]),
    &FnRule::new("msg/phoenix-join", |e| dialect::says(e, "phoenix")).over(dialect::OVER),
    &FnRule::new("msg/cable-disconnect", |e| said_as(e, "actioncable", "disconnect"))
        .over(dialect::OVER),
    &FnRule::new("msg/cable-reject", |e| said_as(e, "actioncable", "reject_subscription"))
        .over(dialect::OVER),
    &FnRule::new("msg/wamp", |e| dialect::any(e, "wamp")).over(dialect::OVER),
    &FnRule::new("msg/ocpp-subprotocol", handshake::ocpp_subprotocol).over(&[
        "ws/subprotocol-not-chosen",
        "ws/close-1002",
        "ws/close-1006",
        "ws/101-then-fin",
    ]),
    &FnRule::new("msg/ocpp-identity", handshake::ocpp_identity)
        .over(&["http/404-path", "http/404-resource"]),
    &FnRule::new("msg/k8s-exec", handshake::kubernetes).over(&[
        "http/400-upgrade-stripped",
        "http/400-bare",
        "http/403-bare",
        "ws/close-1000",
    ]),
    &FnRule::new("msg/jupyter", handshake::jupyter).over(&[
        "http/403-bare",
        "http/404-path",
        "http/404-resource",
    ]),
    &FnRule::new("msg/discord", |e| dialect::any(e, "discord")).over(dialect::OVER),
    &FnRule::new("msg/slack", |e| dialect::says(e, "slack")).over(dialect::OVER),
    &FnRule::new("msg/twitch", |e| dialect::code(e, "twitch")).over(dialect::OVER),
    &FnRule::new("msg/openai", |e| {
        dialect::says(e, "openai").or_else(|| dialect::code(e, "openai"))
    })
    .over(dialect::OVER),
    &FnRule::new("msg/deepgram", |e| dialect::code(e, "deepgram")).over(dialect::OVER),
    &FnRule::new("msg/gemini", |e| {
        dialect::code(e, "gemini").or_else(|| dialect::waits(e, "gemini"))
    })
    .over(dialect::OVER),
    &FnRule::new("msg/pusher", |e| {
        dialect::code(e, "pusher").or_else(|| dialect::says(e, "pusher"))
    })
    .over(dialect::OVER),
    &FnRule::new("msg/protocol-error", dialect::others).over(dialect::OVER),
    &FnRule::new("msg/ha-auth", protocol::home_assistant).over(&[
        "msg/subscribe-deadline",
        "ws/close-1006",
        "msg/vendor-error-message",
        "msg/first-message-auth",
    ]),
    &FnRule::new("msg/apigw-no-route", said::no_route),
    &FnRule::new("msg/apigw-internal", said::internal),
    &FnRule::new("msg/json-rejected", said::json_rejected),
    &FnRule::new("msg/vendor-error-message", said::error),
];

/// An error of a dialect whose message is of this type: one table serves two findings.
fn said_as(e: &Evidence, key: &str, kind: &str) -> Option<Draft> {
    let session = e.session.as_ref()?;
    let kind = format!("\"type\":\"{kind}\"");
    crate::diagnose::dialect::heard(session)
        .find(|text| crate::diagnose::dialect::squash(text).contains(&kind))?;
    dialect::says(e, key)
}
