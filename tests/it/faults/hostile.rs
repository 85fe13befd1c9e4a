//! Peers that mean harm: endless, huge, slow, or full of what upsets parsers and terminals.
//!
//! The client is a process of its own, so that its memory can be measured from outside. Whatever
//! is done to it, it ends soon after the handshake limit (or, once open, after the time that it
//! was to watch), says what happened, does not panic, writes no control character to a terminal,
//! and needs no more than [`GROWTH`] beyond what a healthy connection needs.

use std::io::{Read as _, Write as _};
use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant};

use flate2::Compression;
use rcgen::{CertificateParams, KeyPair};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use wsdeck::practice::{self, Server};

use crate::cli::run::wsdeck;

use super::peer::{Act, Peer, close, frame, text};

/// Memory beyond that of a healthy connection, in KiB.
const GROWTH: u64 = 64 * 1024;
/// The handshake limit that the client is given.
const LIMIT: &str = "1.5";
/// What the client may take in all: the handshake limit, a second for a refusal's body, the time
/// to watch, and the waits for pong and close, on a machine that does other things as well.
const PATIENCE: Duration = Duration::from_secs(45);
/// The same for a handshake that does not succeed.
const HANDSHAKE: Duration = Duration::from_secs(15);
/// Clients at once.
const AT_ONCE: usize = 4;

/// A client process that has ended.
struct Ended {
    code: Option<i32>,
    stdout: Vec<u8>,
    stderr: String,
    took: Duration,
    /// Its largest resident memory in KiB; `None` where the system does not tell.
    peak: Option<u64>,
}

/// Largest resident memory so far. It only grows, so that looking now and then is enough.
fn peak_of(pid: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}

/// Runs the client to its end, or ends it when the patience is over.
#[expect(clippy::disallowed_methods, reason = "memory is sampled; nothing is waited for by it")]
fn run(args: &[String]) -> Ended {
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    let began = Instant::now();
    let mut child = wsdeck(&words)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    let mut out = child.stdout.take().expect("it was piped");
    let mut err = child.stderr.take().expect("it was piped");
    let out = std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = out.read_to_end(&mut bytes);
        bytes
    });
    let err = std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = err.read_to_end(&mut bytes);
        String::from_utf8_lossy(&bytes).into_owned()
    });
    let mut peak = None;
    let code = loop {
        peak = peak_of(child.id()).max(peak);
        if let Some(status) = child.try_wait().expect("it can be waited for") {
            break status.code();
        }
        if began.elapsed() > PATIENCE {
            child.kill().expect("it is ours");
            child.wait().expect("it was killed");
            break None;
        }
        // A sample of the memory, not a wait for something to happen.
        std::thread::sleep(Duration::from_millis(4));
    };
    let took = began.elapsed();
    let stdout = out.join().expect("the reader ends");
    Ended { code, stdout, stderr: err.join().expect("the reader ends"), took, peak }
}

/// What a peer does to the client.
struct Case {
    name: &'static str,
    acts: Vec<Act>,
    /// `{addr}` stands for the peer.
    words: &'static [&'static str],
    /// Codes that tell it; empty for a connection that is healthy all the same.
    codes: &'static [&'static str],
    /// It may open.
    opens: bool,
    /// Memory beyond that of a healthy connection, in KiB.
    growth: u64,
}

/// A case of the opening handshake over plain TCP.
fn case(name: &'static str, acts: Vec<Act>, codes: &'static [&'static str]) -> Case {
    Case { name, acts, words: &["ws://{addr}/feed"], codes, opens: false, growth: GROWTH }
}

/// A case of the open connection.
fn open(name: &'static str, bytes: Vec<Act>, codes: &'static [&'static str]) -> Case {
    let acts = [vec![Act::Head, Act::Upgrade("")], bytes].concat();
    Case { opens: true, ..case(name, acts, codes) }
}

/// A case of TLS, whose first act is played when some of the ClientHello has come.
fn tls(name: &'static str, acts: Vec<Act>, codes: &'static [&'static str]) -> Case {
    let acts = [vec![Act::Read(16)], acts].concat();
    Case { words: &["wss://{addr}/feed"], ..case(name, acts, codes) }
}

/// A case of the open connection with compression agreed on.
fn packed(name: &'static str, acts: Vec<Act>, codes: &'static [&'static str]) -> Case {
    let agreed = "Sec-WebSocket-Extensions: permessage-deflate\r\n";
    let acts = [vec![Act::Head, Act::Upgrade(agreed)], acts].concat();
    Case { opens: true, ..case(name, acts, codes) }
}

const BOMB: &[&str] = &["ws/deflate-bomb", "msg/too-big-received"];

/// 256 MiB of zeros as the payload of a compressed message (RFC 7692 section 7.2.1).
fn squeezed() -> Vec<u8> {
    let zeros = vec![0; 1 << 20];
    let mut packer = flate2::write::DeflateEncoder::new(Vec::new(), Compression::fast());
    (0..256).for_each(|_| packer.write_all(&zeros).expect("a vector takes all"));
    packer.flush().expect("a vector takes all");
    let mut out = packer.get_ref().clone();
    let end = out.strip_suffix(&[0, 0, 0xFF, 0xFF]).map_or(out.len(), <[u8]>::len);
    out.truncate(end);
    out
}

fn bytes(bytes: impl Into<Vec<u8>>) -> Act {
    Act::Bytes(bytes.into())
}

fn forever(bytes: impl Into<Vec<u8>>) -> Act {
    Act::Forever(bytes.into())
}

/// `Content-Encoding` and a body that unpacks to a thousand times its size.
fn bomb(coding: &str) -> Vec<Act> {
    let zeros = vec![0; 1 << 20];
    let body = match coding {
        "deflate" => {
            let mut packer = flate2::write::ZlibEncoder::new(Vec::new(), Compression::best());
            (0..64).for_each(|_| packer.write_all(&zeros).expect("a vector takes all"));
            packer.finish().expect("a vector takes all")
        }
        _ => {
            let mut packer = flate2::write::GzEncoder::new(Vec::new(), Compression::best());
            (0..64).for_each(|_| packer.write_all(&zeros).expect("a vector takes all"));
            packer.finish().expect("a vector takes all")
        }
    };
    let head = format!(
        "HTTP/1.1 403 Forbidden\r\nContent-Encoding: {coding}\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    vec![Act::Head, bytes(head), bytes(body)]
}

/// Sequences that move cursors, set titles, ask for answers, and turn text around.
const ESCAPES: &str = "\x1b[2J\x1b]0;owned\x07\x1bPq\x1b\\\u{9b}31m\x08\x7f\u{202e}evil\u{2066}";

fn cases() -> Vec<Case> {
    let head = |status: &str, headers: &str| bytes(format!("HTTP/1.1 {status}\r\n{headers}\r\n"));
    let mib = || vec![b'x'; 1 << 20];
    let length = |n: u64| [&[0x82, 0x7F][..], &n.to_be_bytes()[..]].concat();
    let refused: &[&str] = &["http/403-bare", "http/403-ip", "http/other-status"];
    let record = |kind: u8, payload: &[u8]| {
        let length = u16::try_from(payload.len()).expect("a record is short").to_be_bytes();
        [&[kind, 3, 3][..], &length[..], payload].concat()
    };
    let silent: &[&str] = &["http/silent", "http/partial-head"];
    let tls_failed: &[&str] = &[
        "tls/failed",
        "tls/silent",
        "tls/peer-dislikes-hello",
        "tls/plain-other-server",
        "tls/decrypt-or-mac",
        "tls/no-shared-cipher",
        "tls/protocol-version",
        "tls/reset-on-hello",
        "tls/closed-on-hello",
        "tls/close-notify-early",
    ];
    let proxy_failed: &[&str] = &[
        "proxy/failed",
        "proxy/silent",
        "proxy/closed",
        "proxy/kind-mismatch",
        "proxy/unsupported",
        "proxy/socks-reply",
        "proxy/socks-auth",
    ];
    let line = "X-Endless: more and more and more and more and more\r\n".repeat(64);
    let mut all = vec![
        case(
            "headers without end",
            vec![Act::Head, bytes("HTTP/1.1 403 Forbidden\r\n"), forever(line.clone())],
            &["http/head-too-large"],
        ),
        case(
            "a header line without end",
            vec![Act::Head, bytes("HTTP/1.1 403 Forbidden\r\nX: "), forever(mib())],
            &["http/head-too-large"],
        ),
        case(
            "a status line without end",
            vec![Act::Head, bytes("HTTP/1.1 403 "), forever(mib())],
            &["http/head-too-large"],
        ),
        case(
            "a body of 10 MB",
            vec![
                Act::Head,
                head("403 Forbidden", "Content-Length: 10485760\r\n"),
                bytes(vec![b'x'; 10 << 20]),
            ],
            refused,
        ),
        case(
            "a body without end",
            vec![Act::Head, head("403 Forbidden", ""), forever(mib())],
            refused,
        ),
        case(
            "a body that is announced with 2^63 bytes",
            vec![
                Act::Head,
                head("403 Forbidden", "Content-Length: 9223372036854775808\r\n"),
                forever(mib()),
            ],
            refused,
        ),
        case(
            "chunks without end",
            vec![
                Act::Head,
                head("403 Forbidden", "Transfer-Encoding: chunked\r\n"),
                forever([b"1000\r\n".to_vec(), vec![b'x'; 0x1000], b"\r\n".to_vec()].concat()),
            ],
            refused,
        ),
        case(
            "chunks of one byte without end",
            vec![
                Act::Head,
                head("403 Forbidden", "Transfer-Encoding: chunked\r\n"),
                forever("1\r\nx\r\n".repeat(1000)),
            ],
            refused,
        ),
        case(
            "a chunk's size without end",
            vec![
                Act::Head,
                head("403 Forbidden", "Transfer-Encoding: chunked\r\n"),
                forever(vec![b'0'; 4096]),
            ],
            refused,
        ),
        case(
            "trailers without end",
            vec![
                Act::Head,
                head("403 Forbidden", "Transfer-Encoding: chunked\r\n"),
                bytes("0\r\n"),
                forever(line.clone()),
            ],
            refused,
        ),
        case("a gzip bomb", bomb("gzip"), refused),
        case("a deflate bomb", bomb("deflate"), refused),
        case(
            "brotli that is none",
            vec![Act::Head, head("403 Forbidden", "Content-Encoding: br\r\n"), bytes(mib())],
            refused,
        ),
        case(
            "a head byte by byte, beyond the limit",
            vec![
                Act::Head,
                Act::ByteByByte(vec![b'H'; 1], 1),
                Act::ByteByByte(
                    format!("TTP/1.1 101 Switching Protocols\r\nX: {}", "y".repeat(400))
                        .into_bytes(),
                    40,
                ),
            ],
            silent,
        ),
        case(
            "a body byte by byte",
            vec![
                Act::Head,
                head("403 Forbidden", "Content-Length: 400\r\n"),
                Act::ByteByByte(vec![b'x'; 400], 40),
            ],
            refused,
        ),
        case(
            "interim replies without end",
            vec![Act::Head, forever("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n".repeat(64))],
            silent,
        ),
        case(
            "NUL bytes instead of a reply",
            vec![Act::Head, bytes(vec![0; 1 << 20])],
            &["http/not-http"],
        ),
        case(
            "NUL bytes in a head",
            vec![Act::Head, bytes("HTTP/1.1 403 \0\0\r\nX\0Y: \0\r\n\r\n\0\0\0")],
            &["http/malformed"],
        ),
        case(
            "NUL bytes in a body",
            vec![
                Act::Head,
                head("403 Forbidden", "Content-Length: 70000\r\n"),
                bytes(vec![0; 70000]),
            ],
            refused,
        ),
        case(
            "brackets without end in a body",
            vec![
                Act::Head,
                head(
                    "401 Unauthorized",
                    "Content-Type: application/json\r\nContent-Length: 65000\r\n",
                ),
                bytes(vec![b'['; 65000]),
            ],
            &["http/401-no-credentials"],
        ),
        case(
            "a redirect to itself",
            vec![Act::Head, head("302 Found", "Location: /feed\r\nContent-Length: 0\r\n")],
            &["http/redirect-path", "http/redirect-loop"],
        ),
        case("silence", vec![Act::Deaf], silent),
        case(
            "a reply in segments of one byte",
            vec![
                Act::Head,
                Act::ByteByByte(
                    b"HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno".to_vec(),
                    1,
                ),
            ],
            refused,
        ),
        open(
            "a frame of 2^62 bytes",
            vec![bytes(length(1 << 62)), forever(mib())],
            &["msg/too-big-received", "ws/frame-length"],
        ),
        open(
            "a frame of 2^63 bytes",
            vec![bytes(length(1 << 63)), forever(mib())],
            &["ws/frame-length"],
        ),
        open(
            "a frame of 64 MiB that does not come",
            vec![bytes(length(64 << 20)), Act::Deaf],
            &["ws/ping-unanswered", "ws/close-unanswered", "msg/silence"],
        ),
        Case {
            words: &["ws://{addr}/feed", "--max-message-size", "16MiB"],
            ..open(
                "fragments without end",
                vec![bytes(frame(0x01, b"begin")), forever(frame(0x00, &[b'x'; 16384]))],
                &["msg/too-big-received"],
            )
        },
        // As much as the user allows is kept until it is more: 64 MiB unless set otherwise.
        Case {
            growth: GROWTH + 16 * 1024,
            ..open(
                "fragments up to the usual limit",
                vec![bytes(frame(0x01, b"begin")), forever(frame(0x00, &[b'x'; 16384]))],
                &["msg/too-big-received"],
            )
        },
        open(
            "empty fragments without end",
            vec![bytes(frame(0x01, b"")), forever(frame(0x00, b"").repeat(10_000))],
            &["ws/ping-unanswered", "ws/close-unanswered"],
        ),
        open(
            "pings without end, and pongs that nobody reads",
            vec![forever(frame(0x89, &[b'p'; 125]).repeat(100))],
            &["ws/ping-unanswered", "ws/close-unanswered", "ws/close-1006"],
        ),
        open(
            "messages without end, and a close that nobody hears",
            vec![forever(text("{\"tick\":1}").repeat(1000))],
            &["ws/ping-unanswered", "ws/close-unanswered"],
        ),
        open(
            "empty messages without end",
            vec![forever(frame(0x82, b"").repeat(10_000))],
            &["ws/ping-unanswered", "ws/close-unanswered"],
        ),
        Case {
            words: &["ws://{addr}/feed", "--max-message-size", "16MiB"],
            ..packed(
                "a message that unpacks to 256 MiB",
                vec![bytes(frame(0xC1, &squeezed()))],
                BOMB,
            )
        },
        Case {
            growth: GROWTH + 16 * 1024,
            ..packed(
                "a message that unpacks beyond the usual limit",
                vec![bytes(frame(0xC1, &squeezed()))],
                BOMB,
            )
        },
        Case {
            words: &["ws://{addr}/feed", "--max-message-size", "16MiB"],
            ..packed(
                "a message that unpacks to 256 MiB, in fragments of one byte",
                {
                    let mut frames = frame(0x42, b"");
                    squeezed().chunks(1).for_each(|byte| frames.extend(frame(0, byte)));
                    vec![bytes(frames)]
                },
                BOMB,
            )
        },
        packed(
            "a compressed message of nothing, without end",
            // Stored blocks that are empty: input without output.
            vec![
                bytes(frame(0x42, b"")),
                forever(frame(0, &[0, 0, 0, 0xFF, 0xFF].repeat(2000)).repeat(10)),
            ],
            &[
                "ws/ping-unanswered",
                "ws/close-unanswered",
                "ws/deflate-bomb",
                "msg/too-big-received",
                "ws/close-1006",
            ],
        ),
        packed(
            "garbage that is marked as compressed",
            vec![bytes(frame(0xC1, &[0xFF; 1000]))],
            &["ws/deflate-corrupt"],
        ),
        open(
            "a close frame of garbage",
            vec![bytes(frame(0x88, &[0xFF; 125]))],
            &["ws/close-invalid-code", "ws/close-reason-utf8", "ws/text-not-utf8"],
        ),
        open(
            "a close frame of 64 KiB",
            vec![bytes(frame(0x88, &[0x03; 65535]))],
            &["ws/frame-control-too-long"],
        ),
        open(
            "frames after the close frame, without end",
            vec![bytes(close(1011, "bye")), forever(text("more").repeat(1000))],
            &["ws/close-1011"],
        ),
        open(
            "random bytes",
            vec![bytes((0..=255u8).rev().cycle().take(100_000).collect::<Vec<_>>())],
            &["ws/frame-masked", "ws/frame-rsv23"],
        ),
        tls("TLS records without end", vec![forever(record(0x16, &[0; 16384]))], tls_failed),
        tls(
            "a handshake message of 16 MiB in fragments",
            vec![bytes(record(0x16, &[2, 0xFF, 0xFF, 0xFF])), forever(record(0x16, &[1; 16384]))],
            tls_failed,
        ),
        tls(
            "a handshake message in fragments of one byte",
            vec![bytes(record(0x16, &[2, 0, 0xFF, 0xFF])), forever(record(0x16, &[1]).repeat(100))],
            tls_failed,
        ),
        tls("warnings without end", vec![forever(record(0x15, &[1, 90]).repeat(100))], tls_failed),
        tls(
            "changes of the cipher without end",
            vec![forever(record(0x14, &[1]).repeat(100))],
            tls_failed,
        ),
        tls("empty records without end", vec![forever(record(0x16, &[]).repeat(100))], tls_failed),
        tls("NUL bytes instead of TLS", vec![forever(vec![0; 4096])], tls_failed),
        tls(
            "a banner without end",
            vec![forever("220 ".repeat(1000))],
            &["tls/plain-other-server"],
        ),
        tls("silence instead of TLS", vec![Act::Deaf], &["tls/silent"]),
        Case {
            words: &["ws://{addr}/feed", "--location"],
            ..case(
                "redirects in a circle, followed",
                super::peer::reply("302 Found", "Location: /feed\r\n", ""),
                &["http/redirect-path", "http/redirect-loop"],
            )
        },
        Case {
            words: &["ws://{addr}/feed", "--location", "--max-redirs", "20"],
            ..case(
                "redirects in a circle, each slow",
                vec![
                    Act::Head,
                    bytes("HTTP/1.1 302 Found\r\nLocation: /feed\r\nContent-Length: 0\r\n"),
                    Act::ByteByByte(b"X: y\r\n\r\n".to_vec(), 100),
                ],
                &["http/redirect-path", "http/redirect-loop", "http/silent"],
            )
        },
        Case {
            words: &["ws://far.example:1/", "--proxy", "http://{addr}"],
            ..case(
                "a proxy's headers without end",
                vec![Act::Head, bytes("HTTP/1.1 200 OK\r\n"), forever(line)],
                proxy_failed,
            )
        },
        Case {
            words: &["ws://far.example:1/", "--proxy", "http://{addr}"],
            ..case("a proxy's garbage", vec![Act::Head, forever(vec![0xFF; 4096])], proxy_failed)
        },
        Case {
            words: &["ws://far.example:1/", "--proxy", "http://{addr}"],
            ..case("a proxy's silence", vec![Act::Deaf], &["proxy/silent"])
        },
        Case {
            words: &["ws://far.example:1/", "--proxy", "socks5h://{addr}"],
            ..case("SOCKS garbage", vec![Act::Read(3), forever(vec![0xFF; 4096])], proxy_failed)
        },
        Case {
            words: &["ws://far.example:1/", "--proxy", "socks5h://{addr}"],
            ..case("SOCKS zeros", vec![Act::Read(3), forever(vec![0; 4096])], proxy_failed)
        },
        Case {
            words: &["ws://far.example:1/", "--proxy", "socks5h://{addr}"],
            ..case(
                "SOCKS with a name of the greatest length",
                vec![
                    Act::Read(3),
                    bytes([5, 0]),
                    Act::Read(10),
                    bytes([&[5, 0, 0, 3, 255][..], &[0; 100]].concat()),
                ],
                proxy_failed,
            )
        },
    ];
    // What a terminal would obey, in every field that is shown.
    let escaped = format!(
        "HTTP/1.1 403 {reason}\r\nServer: {ESCAPES}\r\nLocation: {ESCAPES}\r\nWWW-Authenticate: \
         {ESCAPES} realm=\"{ESCAPES}\"\r\nContent-Length: {}\r\n\r\n{ESCAPES}",
        ESCAPES.len(),
        reason = "Forbidden",
    );
    all.push(case(
        "escapes in a refusal",
        vec![Act::Head, bytes(escaped)],
        &["http/403-bare", "http/malformed"],
    ));
    all.push(case(
        "escapes instead of a reply",
        vec![Act::Head, bytes(ESCAPES.repeat(20))],
        &["http/not-http"],
    ));
    all.push(case(
        "escapes in a body",
        vec![
            Act::Head,
            head("401 Unauthorized", "Content-Length: 60\r\n"),
            bytes(ESCAPES.repeat(2)),
        ],
        &["http/401-no-credentials"],
    ));
    all.push(open(
        "escapes in messages and in the close reason",
        vec![bytes([text(ESCAPES), close(4000, ESCAPES)].concat())],
        &["ws/close-4xxx-unknown", "msg/vendor-error-message"],
    ));
    all.push(tls("escapes instead of TLS", vec![bytes(ESCAPES.repeat(8))], tls_failed));
    all
}

/// What is wrong with a run, in words.
fn faults(case: &Case, ended: &Ended, json: bool) -> Vec<String> {
    let mut wrong = Vec::new();
    let limit = if case.opens { PATIENCE } else { HANDSHAKE };
    if ended.code.is_none() || ended.took > limit {
        wrong.push(format!("took {:?}", ended.took));
    }
    if ended.stderr.contains("panicked") {
        wrong.push(format!("it panicked: {}", ended.stderr));
    }
    if !matches!(ended.code, Some(0 | 10..=16)) {
        wrong.push(format!("exit code {:?}, {}", ended.code, ended.stderr));
    }
    if json {
        match serde_json::from_slice::<serde_json::Value>(&ended.stdout) {
            Ok(report) => {
                let code = report["code"].as_str();
                if !code.is_some_and(|code| case.codes.contains(&code)) {
                    wrong.push(format!("code {code:?}: {}", report["summary"]));
                }
            }
            Err(error) => wrong.push(format!("no JSON: {error}")),
        }
    } else {
        let out = String::from_utf8_lossy(&ended.stdout);
        let harms = |c: char| {
            (c.is_control() && c != '\n')
                || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        };
        if let Some(c) = out.chars().chain(ended.stderr.chars()).find(|c| harms(*c)) {
            wrong.push(format!("{c:?} reaches the terminal: {out:?}"));
        }
    }
    wrong
}

/// Runs a case; answers with its peak memory and what was wrong.
async fn play(
    case: Case,
    healthy: u64,
    places: Arc<Semaphore>,
) -> (&'static str, u64, Vec<String>) {
    let _place = places.acquire_owned().await;
    let peer = Peer::start(case.acts.clone()).await;
    let addr = peer.addr().to_string();
    let words = |json: bool| {
        let mut words = vec!["check", "--connect-timeout", LIMIT, "--wait", "0.4"];
        words.extend(json.then_some("--json"));
        let mut words: Vec<String> = words.into_iter().map(str::to_owned).collect();
        words.extend(case.words.iter().map(|word| word.replace("{addr}", &addr)));
        words
    };
    let (as_json, as_text) = (words(true), words(false));
    let shown = case.name.contains("escapes");
    tokio::task::spawn_blocking(move || {
        let ended = run(&as_json);
        let mut wrong = faults(&case, &ended, true);
        let peak = ended.peak.unwrap_or_default();
        if peak > healthy + case.growth {
            wrong.push(format!("grew to {peak} KiB, a healthy connection takes {healthy} KiB"));
        }
        if shown {
            wrong.extend(faults(&case, &run(&as_text), false));
        }
        (case.name, peak, wrong)
    })
    .await
    .expect("the case itself does not fail")
}

/// Peak memory of a healthy connection, in KiB.
async fn healthy() -> u64 {
    let server = Server::start(practice::Options::default()).await.expect("it starts");
    let url = server.url("/echo");
    let words = ["check", "--json", "--wait", "0.4", url.as_str()].map(str::to_owned);
    let ended = tokio::task::spawn_blocking(move || run(&words)).await.expect("it ran");
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    ended.peak.unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hostile_peers_are_survived_in_bounded_time_and_memory() {
    let healthy = healthy().await;
    let places = Arc::new(Semaphore::new(AT_ONCE));
    let only = std::env::var("WSDECK_FAULT").unwrap_or_default();
    let mut running = tokio::task::JoinSet::new();
    let mut count = 0;
    for case in cases().into_iter().filter(|case| case.name.contains(&only)) {
        count += 1;
        running.spawn(play(case, healthy, Arc::clone(&places)));
    }
    let results = running.join_all().await;
    let worst = results.iter().max_by_key(|(_, peak, _)| *peak).map(|(name, peak, _)| (name, peak));
    println!("{count} hostile peers; healthy {healthy} KiB; largest {worst:?}");
    let wrong: Vec<String> = results
        .iter()
        .filter(|(_, _, wrong)| !wrong.is_empty())
        .map(|(name, _, wrong)| format!("{name}: {}", wrong.join("; ")))
        .collect();
    assert!(wrong.is_empty(), "{} of {count}:\n{}", wrong.len(), wrong.join("\n"));
}

/// A TLS server that sends its certificate so often in one chain.
async fn chained(times: usize) -> (u16, JoinHandle<()>) {
    let key = KeyPair::generate().expect("a key");
    let params = CertificateParams::new(vec!["localhost".to_owned()]).expect("a name");
    let cert = params.self_signed(&key).expect("a certificate");
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("the versions are known")
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone(); times], key)
        .expect("key and certificate fit");
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let port = listener.local_addr().expect("it is bound").port();
    let task = tokio::spawn(async move {
        while let Ok((tcp, _)) = listener.accept().await {
            let _ = acceptor.accept(tcp).await;
        }
    });
    (port, task)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_chain_of_any_length_is_survived() {
    let healthy = healthy().await;
    for times in [20, 100, 2000] {
        let (port, task) = chained(times).await;
        let url = format!("wss://localhost:{port}/");
        let words =
            ["check", "--json", "--connect-timeout", LIMIT, url.as_str()].map(str::to_owned);
        let ended = tokio::task::spawn_blocking(move || run(&words)).await.expect("it ran");
        task.abort();
        assert_eq!(ended.code, Some(14), "{times}: {}", ended.stderr);
        assert!(ended.took < HANDSHAKE, "{times}: {:?}", ended.took);
        let peak = ended.peak.unwrap_or_default();
        assert!(peak <= healthy + GROWTH, "{times}: {peak} KiB");
        let report: serde_json::Value = serde_json::from_slice(&ended.stdout).expect("JSON");
        let kept = report["evidence"]["tls"]["chain"].as_array().map_or(0, Vec::len);
        assert!(kept <= wsdeck::core::limits::MAX_CHAIN, "{times}: {kept} certificates are kept");
    }
}
