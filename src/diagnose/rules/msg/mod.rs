//! Rules of what is said over the open connection: time, size, and protocols on top.

mod drop;
mod idle;
mod limit;
mod protocol;
mod said;

use crate::diagnose::rule::{FnRule, Rule};

/// Rules that a known protocol's codes make idle.
const PRIVATE: &[&str] = &["ws/close-44xx", "ws/close-4xxx-unknown"];

pub(super) static RULES: &[&dyn Rule] = &[
    &idle::OTHER,
    &FnRule::new("msg/idle-55-heroku", idle::heroku).over(idle::GENERAL),
    &FnRule::new("msg/idle-60", idle::sixty).over(idle::GENERAL),
    &FnRule::new("msg/idle-100-cloudflare", idle::cloudflare).over(idle::GENERAL),
    &FnRule::new("msg/idle-240-azure", idle::azure).over(idle::GENERAL),
    &FnRule::new("msg/idle-300-envoy", idle::envoy).over(idle::GENERAL),
    &FnRule::new("msg/idle-350-nlb", idle::nlb).over(idle::GENERAL),
    &FnRule::new("msg/idle-600", idle::api_gateway).over(idle::GENERAL),
    &FnRule::new("msg/not-maintained", drop::not_maintained),
    &FnRule::new("msg/one-request-then-close", drop::after_one).over(&["ws/close-1006"]),
    &FnRule::new("msg/drop-on-send", drop::on_send).over(&["ws/close-1006"]),
    &FnRule::new("msg/backpressure-slow-reader", drop::slow_reader),
    &FnRule::new("msg/too-big-received", limit::ours).over(&["ws/close-1006"]),
    &FnRule::new("msg/too-big-apigw", limit::api_gateway).over(&["ws/close-1009"]),
    &FnRule::new("msg/too-big-java", limit::java).over(&["ws/close-1009"]),
    &FnRule::new("msg/too-big-frame-65536", limit::netty).over(&["ws/close-1009"]),
    &FnRule::new("msg/engineio-greeting", protocol::engineio),
    &FnRule::new("msg/engineio-no-pong", protocol::engineio_no_pong).over(&["ws/close-1006"]),
    &FnRule::new("msg/sockjs-open", protocol::sockjs),
    &FnRule::new("msg/signalr-handshake", protocol::signalr).over(&["msg/vendor-error-message"]),
    &FnRule::new("msg/graphql-4408", |e| protocol::graphql(e, &[4408])).over(PRIVATE),
    &FnRule::new("msg/graphql-4401", |e| protocol::graphql(e, &[4401])).over(PRIVATE),
    &FnRule::new("msg/graphql-4403", |e| protocol::graphql(e, &[4403])).over(PRIVATE),
    &FnRule::new("msg/graphql-4406", |e| protocol::graphql(e, &[4406])).over(PRIVATE),
    &FnRule::new("msg/graphql-4400", |e| protocol::graphql(e, &[4400, 4409, 4429, 4500, 4504]))
        .over(PRIVATE),
    &FnRule::new("msg/ha-auth", protocol::home_assistant)
        .over(&["ws/close-1006", "msg/vendor-error-message"]),
    &FnRule::new("msg/apigw-no-route", said::no_route),
    &FnRule::new("msg/apigw-internal", said::internal),
    &FnRule::new("msg/json-rejected", said::json_rejected),
    &FnRule::new("msg/vendor-error-message", said::error),
];
