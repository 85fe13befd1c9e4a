//! Addresses and settings that are wrong before anything is sent, or that show in the answer.

use wsdeck::core::request::Files;
use wsdeck::core::stage::Stage;

use super::super::peer::stays;
use super::super::row::{Row, nobody, peer, practice, reply};

pub fn rows() -> Vec<Row> {
    vec![
        nobody("url/empty", ""),
        nobody("url/empty", "   "),
        practice("url/no-scheme", "{addr}/echo").close_after(0).remark(),
        practice("url/http-scheme", "http://{addr}/echo").close_after(0).remark(),
        nobody("url/unknown-scheme", "wws://127.0.0.1:1/"),
        nobody("url/unknown-scheme", "mqtt://127.0.0.1:1883"),
        nobody("url/bad-port", "ws://127.0.0.1:99999/"),
        nobody("url/bad-port", "ws://127.0.0.1:0/"),
        nobody("url/bad-port", "ws://127.0.0.1:http/"),
        nobody("url/empty-host", "ws:///feed"),
        nobody("url/ipv6-brackets", "ws://::1:8080/feed"),
        nobody("url/ipv6-brackets", "ws://[::1:8080/feed"),
        nobody("url/unfilled-variable", "ws://{{host}}/feed"),
        nobody("url/unfilled-variable", "wss://api.example.com/${STAGE}/feed"),
        nobody("url/blank-or-invisible", "ws://127.0.0.1:1/a b"),
        nobody("url/blank-or-invisible", "ws://127.0.0.1:1/a\u{200b}b"),
        nobody("url/fragment", "ws://127.0.0.1:1/feed#top"),
        reply("url/plus-in-query", "401 Unauthorized", "", "invalid token")
            .at("/feed?id=a+b")
            .among(),
        reply("url/plus-in-query", "403 Forbidden", "", "invalid token")
            .at("/feed?token=abc+defghi")
            .among(),
        reply("url/double-encoded", "404 Not Found", "", "").at("/feed%252Fone").among(),
        nobody("url/userinfo-special", "ws://ann:se/cret@127.0.0.1:1/feed"),
        nobody("url/subprotocol-syntax", "ws://127.0.0.1:1/").subprotocols(&["chat v1"]),
        nobody("url/subprotocol-syntax", "ws://127.0.0.1:1/").subprotocols(&["a", "a"]),
        nobody("url/header-value", "ws://127.0.0.1:1/").header("X-Token", "abc\n"),
        practice("url/header-reserved", "/echo")
            .header("Sec-WebSocket-Version", "13")
            .overriding()
            .close_after(0)
            .remark(),
        practice("url/auth-doubled", "/echo")
            .auth("bearer", &[("token", "Bearer Bearer abc")])
            .close_after(0)
            .or(&["url/credential-odd"], "the same warning under the name of its family")
            .remark(),
        // Of our own making: not in failures.md, but found before anything is sent all the same.
        nobody("url/auth-incomplete", "ws://127.0.0.1:1/").auth("bearer", &[]),
        peer("url/credentials-in-clear", stays(""))
            .host("feed.example.com")
            .bearer()
            .close_after(0)
            .remark(),
        nobody("dns/bad-name", "ws://a..b.example/").phase(Stage::Dns),
        nobody("tls/client-cert-files", "wss://localhost:{tls}/echo")
            .files(Files { cert_pem: Some(b"no certificate".to_vec()), ..Files::default() }),
        nobody("tls/ca-file", "wss://localhost:{tls}/echo")
            .files(Files { ca_pem: Some(b"no certificate".to_vec()), ..Files::default() })
            .or(&["tls/client-cert-files"], "files that do not fit are told by one rule"),
    ]
}
