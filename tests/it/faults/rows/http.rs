//! Answers that are none, and refusals that their text explains.

use super::super::peer::{Act, answer};
use super::super::row::{Row, peer, practice, reply};

const NO_PROBE: &str = "one picture, and no probe that would tell them apart";

pub fn rows() -> Vec<Row> {
    let html = "Content-Type: text/html; charset=utf-8\r\n";
    let json = "Content-Type: application/json\r\n";
    let moved = |id, status, location: &'static str| {
        reply(id, status, &format!("Location: {location}\r\n"), "")
    };
    vec![
        reply(
            "http/tls-port-400",
            "400 Bad Request",
            "Server: nginx/1.24.0\r\nContent-Type: text/html\r\n",
            "<html><head><title>400 The plain HTTP request was sent to HTTPS port</title></head>\
             <body><center><h1>400 Bad Request</h1></center><center>The plain HTTP request was \
             sent to HTTPS port</center></body></html>",
        ),
        peer(
            "http/tls-port-400",
            answer("HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n"),
        ),
        reply(
            "http/tls-port-400",
            "400 Bad Request",
            "Server: Apache/2.4.58\r\n",
            "Reason: You're speaking plain HTTP to an SSL-enabled server port.<br />",
        ),
        reply(
            "http/tls-port-400",
            "400 ",
            "",
            "Bad Request\r\nThis combination of host and port requires TLS.\r\n",
        ),
        practice("http/tls-port-alert", "ws://127.0.0.1:{tls}/echo"),
        peer("http/tls-port-alert", answer(&b"\x15\x03\x03\x00\x02\x02\x0a"[..])),
        peer("http/tls-port-closed", vec![Act::Head])
            .or(&["tcp/accepted-then-closed", "http/closed-no-answer"], NO_PROBE),
        practice("http/silent", "/hang").limited(),
        peer("http/closed-no-answer", vec![Act::Head])
            .or(&["tcp/accepted-then-closed", "http/tls-port-closed"], NO_PROBE),
        peer("http/reset-no-answer", vec![Act::Head, Act::Reset]),
        peer("http/partial-head", answer("HTTP/1.1 101 Switching Protocols\r\nUpgrade: webs")),
        peer("http/not-http", answer("SSH-2.0-OpenSSH_9.6\r\n")),
        peer("http/not-http", answer("-ERR unknown command 'GET'\r\n")),
        peer("http/not-http", answer("220 mail.example.com ESMTP Postfix\r\n")),
        peer("http/not-http", answer("RFB 003.008\n")),
        peer("http/not-http", answer(&b"\x81\x05hello"[..])),
        practice("http/not-http", "/garbage"),
        practice("http/head-too-large", "/endless-headers"),
        peer("http/malformed", answer("HTTP/1.1 101 Switching Protocols\r\nno colon in here\r\n\r\n")),
        reply(
            "http/200-spa",
            "200 OK",
            html,
            "<!doctype html><html><head><title>App</title></head><body><div id=\"root\"></div></body></html>",
        ),
        reply("http/200-plain-endpoint", "200 OK", json, "{\"status\":\"ok\"}"),
        reply("http/200-plain-endpoint", "200 OK", "Content-Type: text/plain\r\n", "healthy"),
        peer(
            "http/200-sse",
            answer("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: tick\n\n"),
        ),
        reply("http/200-sockjs-base", "200 OK", "Content-Type: text/plain\r\n", "Welcome to SockJS!\n"),
        reply(
            "http/200-sockjs-base",
            "200 OK",
            json,
            "{\"websocket\":true,\"origins\":[\"*:*\"],\"cookie_needed\":false,\"entropy\":2917374372}",
        )
        .at("/stomp/info"),
        reply("http/200-error-in-body", "200 OK", json, "{\"code\":401,\"message\":\"login first\"}"),
        reply("http/301-to-https", "301 Moved Permanently", "Location: https://127.0.0.1/feed\r\n", ""),
        moved("http/redirect-path", "307 Temporary Redirect", "/feed/"),
        moved("http/redirect-login", "302 Found", "/login?next=%2Ffeed"),
        moved("http/redirect-login", "302 Found", "https://team.cloudflareaccess.com/cdn-cgi/access"),
        moved("http/redirect-other-host", "307 Temporary Redirect", "http://eu.example.net/feed"),
        moved("http/redirect-loop", "302 Found", "/feed")
            .edit(|draft, _| draft.settings.follow_redirects = 4)
            .or(&["http/redirect-path"], "without following it is a redirect to the same path"),
        reply("http/clock-skew", "404 Not Found", "Date: Tue, 01 Jan 2019 00:00:00 GMT\r\n", "").among(),
        peer(
            "http/103-interim",
            answer("HTTP/1.1 103 Early Hints\r\nLink: </s.css>; rel=preload\r\n\r\nHTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"),
        )
        .or(&["http/404-path"], "an interim reply is no failure: the final one is judged"),
    ]
}

pub fn bad_requests() -> Vec<Row> {
    let bad = |id, body: &str| reply(id, "400 Bad Request", "", body);
    let stripped = |body: &str| bad("http/400-upgrade-stripped", body);
    let engine =
        |id, body: &str| reply(id, "400 Bad Request", "Content-Type: application/json\r\n", body);
    vec![
        stripped(
            "Bad Request\nwebsocket: the client is not using the websocket protocol: 'upgrade' token not found in 'Connection' header\n",
        ),
        stripped(
            "websocket: the client is not using the websocket protocol: 'websocket' token not found in 'Upgrade' header",
        ),
        stripped("Can \"Upgrade\" only to \"WebSocket\"."),
        stripped("Not a valid websocket request"),
        stripped("Upgrade request required"),
        stripped("WebSockets request was expected"),
        reply(
            "http/400-upgrade-stripped",
            "505 HTTP Version Not Supported",
            "Server: nginx/1.22.1\r\n",
            "Failed to open a WebSocket connection: unsupported HTTP version: HTTP/1.0.\n",
        ),
        bad("http/400-bare", ""),
        bad("http/400-bare", "Bad Request"),
        reply("http/400-version", "400 Bad Request", "Sec-WebSocket-Version: 8, 7\r\n", ""),
        reply("http/400-version", "426 Upgrade Required", "Sec-WebSocket-Version: 13\r\n", ""),
        bad("http/400-version", "Missing or invalid Sec-WebSocket-Version header"),
        bad("http/400-key", "Missing or invalid Sec-WebSocket-Key header"),
        bad(
            "http/400-key",
            "websocket: not a websocket handshake: `Sec-WebSocket-Key' header is missing or blank",
        ),
        bad(
            "http/400-host",
            "Invalid HTTP_HOST header: '127.0.0.1'. You may need to add '127.0.0.1' to ALLOWED_HOSTS.",
        ),
        bad("http/400-host", "Invalid host header"),
        bad(
            "http/400-host",
            "<h2>Bad Request - Invalid Hostname</h2><hr><p>HTTP Error 400. The request hostname is invalid.</p>",
        ),
        engine("http/400-engineio", "{\"code\":0,\"message\":\"Transport unknown\"}"),
        engine("http/400-engineio", "{\"code\":3,\"message\":\"Bad request\"}"),
        engine("http/400-engineio", "{\"code\":2,\"message\":\"Bad handshake method\"}"),
        engine(
            "http/400-engineio-version",
            "{\"code\":5,\"message\":\"Unsupported protocol version\"}",
        ),
        engine("http/400-engineio-sid", "{\"code\":1,\"message\":\"Session ID unknown\"}"),
        bad("http/400-subprotocol", "Missing subprotocol"),
        bad("http/400-subprotocol", "websocket: no common protocols"),
        practice("http/400-subprotocol", "/subprotocol?required=1"),
        practice("http/400-extensions", "/deflate?fault=refuse"),
        bad("http/400-extensions", "Invalid or unacceptable Sec-WebSocket-Extensions header"),
        bad("http/400-forwarded", "400: Bad Request").at("/api/websocket"),
        bad(
            "http/400-header-size",
            "<html><head><title>400 Request Header Or Cookie Too Large</title></head></html>",
        ),
        bad(
            "http/400-tls-host",
            "Hostname a.example provided via SNI and hostname b.example provided via HTTP are different",
        ),
        bad("http/400-dev-token", "").subprotocols(&["vite-hmr"]),
    ]
}
