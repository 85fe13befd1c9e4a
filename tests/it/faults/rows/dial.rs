//! Names, TCP and proxies.

use super::super::peer::{Act, answer};
use super::super::row::{Row, closed_port, nobody, peer, practice};

/// What a name that does not exist comes to depends on the machine's resolver.
const RESOLVER: &[&str] = &["dns/offline", "dns/timeout", "dns/servfail", "dns/no-address"];
const RESOLVER_WHY: &str = "a machine without a resolver cannot know that the name does not exist";

pub fn rows() -> Vec<Row> {
    vec![
        nobody("dns/nxdomain", "ws://no-such-name.wsdeck.invalid:9/").or(RESOLVER, RESOLVER_WHY),
        nobody("dns/single-label", "ws://wsdeck-no-such-service:9/").or(RESOLVER, RESOLVER_WHY),
        nobody("dns/single-label", "ws://api.default.svc.cluster.local:9/")
            .or(RESOLVER, RESOLVER_WHY),
        closed_port("tcp/refused", "ws://127.0.0.1:{port}/feed"),
        closed_port("tcp/refused", "wss://127.0.0.1:{port}/feed"),
        nobody("tcp/refused-default-port", "ws://127.255.7.7/feed")
            .or(&["tcp/unreachable", "tcp/timeout-filtered"], "only Linux has all of 127.0.0.0/8"),
        practice("tcp/localhost-v6", "ws://localhost:{port}/echo")
            .edit(|draft, scene| {
                let port = scene.addr.port();
                draft.settings.resolve =
                    vec![format!("localhost:{port}:::1"), format!("localhost:{port}:127.0.0.1")];
            })
            .close_after(0)
            .remark(),
        closed_port("tcp/zero-address", "ws://0.0.0.0:{port}/feed"),
        nobody("dns/split-horizon", "ws://chat.wsdeck-test.corp:9/")
            .or(RESOLVER, RESOLVER_WHY)
            .among(),
        peer("tcp/accepted-then-closed", vec![Act::Head]).or(
            &["http/closed-no-answer", "http/tls-port-closed"],
            "one picture, and no probe that would tell them apart",
        ),
    ]
}

pub fn proxies() -> Vec<Row> {
    let target = "ws://far.practice.example:{port}/echo";
    vec![
        closed_port("proxy/refused", target).proxy("http://{addr}"),
        nobody("proxy/unresolved", "ws://far.practice.example:9/")
            .proxy("http://no-such-proxy.wsdeck.invalid:3128"),
        practice("proxy/auth-407", "ws://auth.practice.example:{port}/echo")
            .proxy("http://{practice}"),
        peer(
            "proxy/auth-ntlm",
            answer(
                "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Negotiate\r\n\
                 Proxy-Authenticate: NTLM\r\nContent-Length: 0\r\n\r\n",
            ),
        )
        .at(target)
        .proxy("http://{addr}"),
        practice("proxy/connect-403", "ws://denied.practice.example:{port}/echo")
            .proxy("http://{practice}"),
        nobody("proxy/connect-5xx", "ws://far.practice.example:9/").proxy("http://{practice}"),
        peer("proxy/silent", vec![Act::Hold]).at(target).proxy("http://{addr}").limited(),
        peer("proxy/closed", vec![Act::Head]).at(target).proxy("http://{addr}"),
        peer("proxy/kind-mismatch", answer(&b"\x05\x00\x00\x00\x00\x00"[..]))
            .at(target)
            .proxy("http://{addr}"),
        peer(
            "proxy/kind-mismatch",
            vec![
                Act::Read(3),
                Act::Bytes(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n".to_vec()),
            ],
        )
        .at(target)
        .proxy("socks5h://{addr}"),
        peer(
            "proxy/tls-to-plain-proxy",
            vec![
                Act::Read(16),
                Act::Bytes(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n".to_vec()),
            ],
        )
        .at(target)
        .proxy("https://{addr}"),
        // No method that we know (RFC 1928 section 3).
        peer("proxy/socks-auth", vec![Act::Read(3), Act::Bytes(vec![5, 0xFF])])
            .at(target)
            .proxy("socks5h://{addr}"),
        peer(
            "proxy/socks-auth",
            vec![Act::Read(4), Act::Bytes(vec![5, 2]), Act::Read(5), Act::Bytes(vec![1, 1])],
        )
        .at(target)
        .proxy("socks5h://a:b@{addr}"),
        peer("proxy/socks-reply", socks_reply(5)).at(target).proxy("socks5h://{addr}"),
        peer("proxy/socks-reply", socks_reply(2)).at(target).proxy("socks5h://{addr}"),
        // A middlebox that takes the upgrade for a GET.
        peer(
            "proxy/plain-ws",
            super::super::peer::reply(
                "501 Not Implemented",
                "Via: 1.1 squid-gw (squid/5.7)\r\nX-Cache: MISS from squid-gw\r\n",
                "ERR_UNSUP_REQ",
            ),
        ),
        peer(
            "proxy/captive-portal",
            super::super::peer::reply(
                "511 Network Authentication Required",
                "Content-Type: text/html\r\n",
                "<html><head><meta http-equiv=\"refresh\" content=\"0; url=http://login.hotel.example/\"></head></html>",
            ),
        ),
    ]
}

/// No login, then a reply with this number (RFC 1928 section 6).
fn socks_reply(number: u8) -> Vec<Act> {
    vec![
        Act::Read(3),
        Act::Bytes(vec![5, 0]),
        Act::Read(10),
        Act::Bytes(vec![5, number, 0, 1, 0, 0, 0, 0, 0, 0]),
    ]
}
