//! The 101, close codes, and frames that break the rules.

use super::super::peer::{Act, close, frame, leaves, leaves_after_one, stays, text};
use super::super::row::{Row, peer, practice};

/// A 101 as these lines have it; `{accept}` cannot be known here.
fn bad_101(id: &'static str, lines: &'static str) -> Row {
    peer(
        id,
        vec![
            Act::Head,
            Act::Bytes(format!("HTTP/1.1 101 Switching Protocols\r\n{lines}\r\n").into_bytes()),
        ],
    )
}

/// A lawful 101 with these lines added.
fn lawful(id: &'static str, lines: &'static str) -> Row {
    peer(id, vec![Act::Head, Act::Upgrade(lines), Act::Bye])
}

pub fn upgrades() -> Vec<Row> {
    vec![
        practice("ws/accept-missing", "/no-accept"),
        practice("ws/accept-mismatch", "/wrong-accept"),
        bad_101("ws/upgrade-missing", "Connection: Upgrade\r\nSec-WebSocket-Accept: x\r\n")
            .or(&["ws/accept-mismatch"], "both are wrong in this answer, and both certain"),
        bad_101(
            "ws/upgrade-other",
            "Upgrade: h2c\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: x\r\n",
        )
        .or(&["ws/accept-mismatch"], "both are wrong in this answer, and both certain"),
        bad_101(
            "ws/connection-missing",
            "Upgrade: websocket\r\nConnection: keep-alive\r\nSec-WebSocket-Accept: x\r\n",
        )
        .or(&["ws/accept-mismatch"], "both are wrong in this answer, and both certain"),
        peer("ws/101-http10", vec![Act::Head, Act::UpgradeInHttp10, Act::Bye])
            .close_after(0)
            .remark(),
        lawful("ws/subprotocol-not-chosen", "").subprotocols(&["chat"]).close_after(0).remark(),
        practice("ws/subprotocol-not-chosen", "/subprotocol?ignore=1")
            .subprotocols(&["chat.v9"])
            .close_after(0)
            .remark(),
        lawful("ws/subprotocol-unrequested", "Sec-WebSocket-Protocol: chat\r\n"),
        practice("ws/subprotocol-unrequested", "/subprotocol?wrong=1").subprotocols(&["chat.v1"]),
        lawful("ws/subprotocol-multiple", "Sec-WebSocket-Protocol: chat, superchat\r\n")
            .subprotocols(&["chat", "superchat"]),
        lawful("ws/extension-unrequested", "Sec-WebSocket-Extensions: x-webkit-deflate-frame\r\n"),
        lawful(
            "ws/deflate-bad-parameter",
            "Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=77\r\n",
        ),
        practice("ws/deflate-bad-parameter", "/deflate?fault=bad-parameter&parameter=level%3D9"),
        practice("ws/101-then-fin", "/drop"),
        practice("ws/101-then-rst", "/reset"),
        practice("ws/101-late-body", "/late-body"),
        peer("ws/101-late-body", leaves("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")),
        peer("ws/101-late-body", leaves("{\"event\":\"connected\"}")),
    ]
}

pub fn closes() -> Vec<Row> {
    let coded = |id, code, reason: &str| peer(id, leaves(close(code, reason)));
    vec![
        coded("ws/close-1000", 1000, "").among(),
        coded("ws/close-1001", 1001, "going away").among(),
        coded("ws/close-1002", 1002, "Invalid frame header"),
        coded("ws/close-1003", 1003, "text frames are not supported"),
        peer("ws/close-1005", leaves(frame(0x88, b""))).among(),
        peer("ws/close-1006", leaves([text("one"), text("two")].concat())),
        coded("ws/close-1007", 1007, "Request contains an invalid argument."),
        coded("ws/close-1008", 1008, "policy"),
        practice("ws/close-1009", "/close/1009"),
        coded("ws/close-1010", 1010, "permessage-deflate"),
        practice("ws/close-1011", "/close/1011?reason=keepalive%20ping%20timeout"),
        coded("ws/close-1012-1013", 1012, "service restart")
            .or(&["msg/deploy-or-reload"], "1012 is what a restart is told by"),
        coded("ws/close-1012-1013", 1013, "try again later"),
        coded("ws/close-1012-1013", 1014, ""),
        coded("ws/close-3000-3999", 3000, "unauthorized"),
        coded("ws/close-3000-3999", 3008, ""),
        coded("ws/close-44xx", 4401, "token"),
        coded("ws/close-44xx", 4429, ""),
        coded("ws/close-4xxx-unknown", 4242, "see the docs"),
        coded("ws/close-invalid-code", 1006, ""),
        coded("ws/close-invalid-code", 999, ""),
        coded("ws/close-invalid-code", 5000, ""),
        practice("ws/close-invalid-code", "/bad-close-code?code=1015"),
        peer("ws/close-one-byte", leaves(frame(0x88, &[3]))),
        peer("ws/close-reason-utf8", leaves(frame(0x88, b"\x03\xe9caf\xe9 closed"))),
        peer("ws/close-unanswered", vec![Act::Head, Act::Upgrade(""), Act::Hold]).close_after(0),
    ]
}

pub fn frames() -> Vec<Row> {
    let sends = |id, bytes: Vec<u8>| peer(id, stays(bytes));
    let long = |length: u64| [&[0x82, 127][..], &length.to_be_bytes()[..], b"start"].concat();
    let mut cut = frame(0x82, &[0x55; 4000]);
    cut.truncate(700);
    vec![
        practice("ws/frame-masked", "/mask"),
        practice("ws/frame-rsv1", "/reserved-bits"),
        sends("ws/frame-rsv1", frame(0xC1, b"compressed?")),
        sends("ws/frame-rsv23", frame(0xA1, b"odd")),
        sends("ws/frame-rsv23", frame(0x91, b"odd")),
        practice("ws/frame-opcode", "/reserved-opcode"),
        sends("ws/frame-opcode", frame(0x8B, b"")),
        sends("ws/frame-control-fragmented", frame(0x09, b"half")),
        sends("ws/frame-control-too-long", frame(0x89, &[b'x'; 126])),
        sends("ws/frame-continuation", frame(0x80, b"of nothing")),
        sends("ws/frame-continuation", [frame(0x01, b"one"), frame(0x81, b"two")].concat()),
        sends("ws/frame-length", long(1 << 63)),
        sends("ws/frame-length", long(u64::MAX)),
        practice("ws/frame-length", "/huge-frame").or(
            &["msg/too-big-received"],
            "a lawful length beyond our limit is our limit's matter",
        ),
        peer("ws/frame-cut", leaves(cut)),
        practice("ws/text-not-utf8", "/bad-utf8"),
        sends("ws/text-not-utf8", frame(0x81, b"caf\xe9 au lait")),
        practice("ws/deflate-corrupt", "/deflate?fault=corrupt"),
        practice("ws/deflate-bomb", "/deflate?fault=bomb"),
        peer("ws/half-open", vec![Act::Head, Act::Upgrade(""), Act::Hold])
            .edit(|draft, _| draft.settings.heartbeat_ms = 400)
            .or(
                &["ws/close-1006", "ws/ping-unanswered"],
                "how many pings may be missed is net's rule",
            ),
        peer("msg/drop-on-send", leaves_after_one("")).send("boom").among(),
    ]
}
