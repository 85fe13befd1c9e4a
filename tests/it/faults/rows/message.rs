//! What is said over the open connection, and protocols on top.

use std::time::Duration;

use super::super::peer::{
    Act, close, frame, leaves, leaves_after_one, stays, stays_after_one, text,
};
use super::super::row::{Row, peer, practice};

pub fn rows() -> Vec<Row> {
    vec![
        peer("msg/one-request-then-close", leaves_after_one(text("the answer"))).send("a question"),
        peer("msg/drop-on-send", vec![Act::Head, Act::Upgrade(""), Act::Hear(1), Act::Reset])
            .send("boom")
            .among(),
        practice("msg/drop-on-send", "/drop?after=1").send("boom").or(
            &["msg/one-request-then-close"],
            "this endpoint answers the message before it drops",
        ),
        peer("msg/backpressure-slow-reader", leaves([text("x"), close(1008, "slow consumer")].concat()))
            .among(),
        practice("msg/silence", "/echo").ping().stay(Duration::from_millis(1_600)).remark(),
        peer("msg/too-big-java", leaves_after_one(close(1009, "The decoded text message was too big for the output buffer and the endpoint does not support partial messages")))
            .send("large"),
        peer("msg/too-big-java", leaves_after_one(close(1009, "Text message size [70000] exceeds maximum size [65536]")))
            .send("large"),
        peer("msg/too-big-frame-65536", leaves_after_one(close(1009, "Max frame length of 65536 has been exceeded.")))
            .send("large"),
        peer("msg/too-big-apigw", leaves_after_one(close(1009, "")))
            .host("a1b2c3.execute-api.eu-west-1.amazonaws.com")
            .send("large"),
        peer(
            "msg/too-big-known",
            leaves_after_one(close(1009, "frame exceeds limit of 1048576 bytes")),
        )
        .send(&"x".repeat(1_100_000))
        .among(),
        peer(
            "msg/too-big-drop",
            vec![Act::Head, Act::Upgrade(""), Act::Hear(1), Act::Bytes(text("fine")), Act::Hear(1)],
        )
        .send("small")
        .later(&"x".repeat(30_000))
        .among(),
        practice("msg/too-big-received", "/large?size=200000")
            .edit(|draft, _| draft.settings.max_message = 100_000),
        peer("msg/binary-wanted", leaves_after_one(close(1003, "binary messages only"))).send("text"),
        peer("msg/text-wanted", leaves_after_one(close(1003, "text messages only")))
            .send_binary(b"\x00\x01"),
        peer("msg/json-rejected", stays_after_one(text("Unexpected token } in JSON at position 4")))
            .send("{\"a\"}")
            .close_after(1)
            .remark(),
        peer("msg/rate-limited", leaves_after_one([text("{\"error\":\"Too many requests\",\"code\":429}"), close(4029, "rate limited")].concat()))
            .send("again"),
        peer("msg/apigw-no-route", stays_after_one(text("{\"message\":\"Forbidden\",\"connectionId\":\"a=\",\"requestId\":\"b=\"}")))
            .send("{}")
            .close_after(1)
            .remark(),
        peer("msg/apigw-internal", stays_after_one(text("{\"message\": \"Internal server error\", \"connectionId\":\"a=\", \"requestId\":\"b=\"}")))
            .send("{}")
            .close_after(1)
            .remark(),
        peer("msg/vendor-error-message", leaves([text("{\"type\":\"error\",\"error\":{\"message\":\"model not found\"}}"), close(1008, "")].concat())),
        peer("msg/first-message-auth", leaves([text("{\"type\":\"challenge\",\"nonce\":\"a\"}"), close(4003, "not authenticated")].concat())),
        peer("msg/deploy-or-reload", leaves(close(1012, "service restart"))).among(),
    ]
}

/// The greetings and codes of protocols on top of WebSocket.
pub fn dialects() -> Vec<Row> {
    let says = |id, bytes: Vec<u8>| peer(id, leaves(bytes));
    let graphql = |id, code, reason: &str| {
        peer(
            id,
            vec![
                Act::Head,
                Act::Upgrade("Sec-WebSocket-Protocol: graphql-transport-ws\r\n"),
                Act::Bytes(close(code, reason)),
            ],
        )
        .subprotocols(&["graphql-transport-ws"])
    };
    let sid = "0{\"sid\":\"lv_VI97HAXpY6yYWAAAC\",\"upgrades\":[],\"pingInterval\":25000,\"pingTimeout\":20000,\"maxPayload\":1000000}";
    let coded = |id, host, code, reason: &str| peer(id, leaves(close(code, reason))).host(host);
    vec![
        practice("msg/engineio-greeting", "/socket.io/?EIO=4&transport=websocket")
            .close_after(1)
            .remark(),
        says("msg/engineio-no-pong", [text(sid), text("2")].concat()),
        peer("msg/engineio-namespace", stays([text(sid), text("44{\"message\":\"Invalid namespace\"}")].concat()))
            .close_after(2)
            .among(),
        peer("msg/sockjs-open", stays(text("o"))).close_after(1).remark(),
        says("msg/signalr-handshake", [text("{\"error\":\"Handshake was canceled.\"}\u{1e}"), close(1000, "")].concat())
            .among(),
        peer("msg/signalr-terminator", leaves_after_one([text("{\"type\":7,\"error\":\"Connection closed with an error.\"}\u{1e}"), close(1011, "")].concat()))
            .send("{\"protocol\":\"json\",\"version\":1}")
            .among(),
        peer("msg/stomp-connect", vec![Act::Head, Act::Upgrade("Sec-WebSocket-Protocol: v12.stomp\r\n")])
            .subprotocols(&["v12.stomp"])
            .among(),
        says("msg/stomp-terminator", [text("ERROR\nmessage:malformed frame received\n\n\0"), close(1002, "")].concat())
            .or(&["msg/stomp-error"], "the same frame, told with its header"),
        says("msg/stomp-error", [text("ERROR\nmessage:Access refused for user 'guest'\ncontent-type:text/plain\n\nAccess refused\0"), close(1000, "")].concat())
            .among(),
        graphql("msg/graphql-4408", 4408, "Connection initialisation timeout"),
        graphql("msg/graphql-4401", 4401, "Unauthorized"),
        graphql("msg/graphql-4403", 4403, "Forbidden"),
        graphql("msg/graphql-4406", 4406, "Subprotocol not acceptable"),
        graphql("msg/graphql-4400", 4400, "Invalid message"),
        graphql("msg/graphql-4400", 4429, "Too many initialisation requests"),
        peer(
            "msg/graphql-legacy",
            vec![
                Act::Head,
                Act::Upgrade("Sec-WebSocket-Protocol: graphql-ws\r\n"),
                Act::Bytes(text("{\"type\":\"ka\"}")),
                Act::Hear(1),
                Act::Bytes(text("{\"type\":\"ka\"}")),
                Act::Bye,
            ],
        )
        .subprotocols(&["graphql-ws"])
        .send("{\"id\":\"1\",\"type\":\"subscribe\",\"payload\":{}}")
        .close_after(2)
        .among(),
        peer("msg/mqtt-subprotocol", vec![Act::Head, Act::Upgrade("")]).at("/mqtt").among(),
        peer("msg/mqtt-connack", vec![
            Act::Head,
            Act::Upgrade("Sec-WebSocket-Protocol: mqtt\r\n"),
            Act::Bytes(frame(0x82, &[0x20, 2, 0, 5])),
        ])
        .subprotocols(&["mqtt"]),
        peer("msg/phoenix-path", super::super::peer::reply("404 Not Found", "server: Cowboy\r\n", "")).at("/socket").among(),
        says("msg/phoenix-join", [text("[\"1\",\"1\",\"room:x\",\"phx_reply\",{\"status\":\"error\",\"response\":{\"reason\":\"unmatched topic\"}}]"), close(1000, "")].concat())
            .among(),
        says("msg/cable-disconnect", [text("{\"type\":\"disconnect\",\"reason\":\"unauthorized\",\"reconnect\":false}"), close(1000, "")].concat())
            .among(),
        peer("msg/cable-reject", stays([text("{\"type\":\"welcome\"}"), text("{\"identifier\":\"{}\",\"type\":\"reject_subscription\"}")].concat()))
            .close_after(2)
            .among(),
        peer("msg/wamp", vec![
            Act::Head,
            Act::Upgrade("Sec-WebSocket-Protocol: wamp.2.json\r\n"),
            Act::Bytes([text("[3,{\"message\":\"no such realm\"},\"wamp.error.no_such_realm\"]"), close(1000, "")].concat()),
        ])
        .subprotocols(&["wamp.2.json"])
        .among(),
        peer("msg/ocpp-subprotocol", vec![Act::Head, Act::Upgrade(""), Act::Bytes(close(1002, ""))])
            .subprotocols(&["ocpp1.6"])
            .at("/ocpp/CP-1")
            .among(),
        peer("msg/ocpp-identity", super::super::peer::reply("404 Not Found", "", ""))
            .subprotocols(&["ocpp1.6"])
            .at("/ocpp/CP-1")
            .among(),
        says("msg/ha-auth", [text("{\"type\":\"auth_required\",\"ha_version\":\"2026.11\"}"), text("{\"type\":\"auth_invalid\",\"message\":\"Invalid access token or password\"}")].concat()),
        coded("msg/discord", "gateway.discord.gg", 4004, "Authentication failed."),
        coded("msg/discord", "gateway.discord.gg", 4014, "Disallowed intent(s)."),
        coded("msg/twitch", "eventsub.wss.twitch.tv", 4003, "connection unused"),
        coded("msg/openai", "api.openai.com", 3000, "invalid_request_error.invalid_api_key"),
        coded("msg/deepgram", "api.deepgram.com", 1011, "NET-0001: Deepgram did not receive audio data or a text message within the timeout window."),
        coded("msg/gemini", "generativelanguage.googleapis.com", 1008, "Operation is not implemented, or supported, or enabled."),
        coded("msg/pusher", "ws-eu.pusher.com", 4001, "App key x not in this cluster."),
        peer("msg/pusher", leaves([text("{\"event\":\"pusher:error\",\"data\":{\"code\":4001,\"message\":\"App key x not in this cluster\"}}"), close(4001, "")].concat())),
        peer("msg/slack", leaves([text("{\"type\":\"disconnect\",\"reason\":\"link_disabled\"}"), close(1000, "")].concat()))
            .host("wss-primary.slack.com")
            .among(),
        peer("msg/k8s-exec", super::super::peer::reply("403 Forbidden", "", "unable to upgrade: you must specify at least 1 of stdin, stdout, stderr: Upgrade request required"))
            .at("/api/v1/namespaces/default/pods/web/exec?command=sh")
            .among(),
        peer("msg/jupyter", super::super::peer::reply("403 Forbidden", "Server: TornadoServer/6.4\r\n", ""))
            .at("/api/kernels/7e5b/channels")
            .among(),
        practice("msg/socketio-on-raw-server", "/json?EIO=4&transport=websocket")
            .close_after(1)
            .among(),
        peer("msg/subscribe-deadline", leaves(close(4003, "connection unused"))).among(),
    ]
}
