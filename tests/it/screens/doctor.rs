//! The handshake tab in its sections: pictures of the failures that people meet, the pointer, and
//! records that mean harm.

use std::borrow::Cow;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use wsdeck::app::geometry::Target;
use wsdeck::app::model::{
    Attempt, Consent, Model, Pane, Planned, Probing, RequestTab, Section, Taken,
};
use wsdeck::app::{Msg, update};
use wsdeck::core::action::Action;
use wsdeck::core::change::Change;
use wsdeck::core::evidence::{
    Certificate, Counts, DnsFacts, End, EndedBy, Evidence, Failure, FailureKind, FrameRecord,
    HeaderFacts, HttpFacts, HttpProblem, IoProblem, Outcome, ProbeKind, ProbeRecord, ProbeResult,
    Redirect, ReplyFacts, SessionFacts, TcpFacts, TcpTry, TlsFacts, TlsProblem, TrustProblem,
    WebSocketFacts,
};
use wsdeck::core::finding::{Confidence, Finding, Fix, Severity};
use wsdeck::core::message::Direction;
use wsdeck::core::request::RequestDraft;
use wsdeck::core::stage::{ConnId, ConnectionState, Stage};
use wsdeck::core::time::Micros;

use super::look::{picture, pictures};
use super::scenes::{address, evidence, first_stages, idle, stage};
use super::{NOW, settle, text_of};

const DAY_US: u64 = 86_400_000_000;

fn header(name: &str, value: &str, added: bool) -> HeaderFacts {
    HeaderFacts { name: name.into(), value: value.into(), added }
}

/// A request with an Origin and a token, as it goes out.
fn asked() -> Evidence {
    let mut e = evidence();
    let request = &mut e.request;
    request.typed = "wss://infer.example.com/v1/infers/8f2c".into();
    request.used.clone_from(&request.typed);
    request.scheme = "wss".into();
    request.host = "infer.example.com".into();
    request.port = 443;
    request.target = "/v1/infers/8f2c".into();
    request.auth = "bearer".into();
    request.credentials = vec!["header Authorization".into()];
    request.timeout_ms = 10_000;
    request.head_bytes = 312;
    request.extensions = vec!["permessage-deflate; client_max_window_bits".into()];
    request.headers = vec![
        header("Host", "infer.example.com", true),
        header("Upgrade", "websocket", true),
        header("Connection", "Upgrade", true),
        header("Sec-WebSocket-Key", "", true),
        header("Sec-WebSocket-Version", "13", true),
        header("Sec-WebSocket-Extensions", "permessage-deflate; client_max_window_bits", true),
        header("Origin", "https://app.example.com", false),
        header("Authorization", "Bearer ••••••", false),
    ];
    e
}

/// The same with TLS behind it and the request sent.
fn sent() -> Evidence {
    let mut e = asked();
    e.stages = first_stages();
    e.stages.push(stage(Stage::Tls, 10_310, 31_870, Outcome::Ok, "TLS 1.3, http/1.1"));
    e.tls = Some(TlsFacts {
        sni: Some("infer.example.com".into()),
        versions_offered: vec!["TLS 1.3".into(), "TLS 1.2".into()],
        ciphers_offered: vec!["TLS_AES_256_GCM_SHA384".into(), "TLS_AES_128_GCM_SHA256".into()],
        alpn_offered: vec!["http/1.1".into()],
        version: Some("TLS 1.3".into()),
        cipher: Some("TLS_AES_128_GCM_SHA256".into()),
        group: Some("X25519".into()),
        alpn: Some("http/1.1".into()),
        roots: "system".into(),
        chain: vec![leaf()],
        ..TlsFacts::default()
    });
    let mut request = String::from("GET /v1/infers/8f2c HTTP/1.1");
    for header in &e.request.headers {
        let value =
            if header.value.is_empty() { "dGhlIHNhbXBsZSBub25jZQ==" } else { &header.value };
        request += &format!("\n{}: {value}", header.name);
    }
    e.http = Some(HttpFacts {
        request,
        sent_us: 31_900,
        first_byte_us: Some(39_600),
        received: 512,
        ..HttpFacts::default()
    });
    e
}

fn leaf() -> Certificate {
    Certificate {
        subject: "CN=infer.example.com".into(),
        issuer: "CN=Example Issuing CA 2,O=Example Ltd".into(),
        names: vec!["infer.example.com".into(), "*.infer.example.com".into()],
        not_before: Some(Micros(NOW.0 - 80 * DAY_US)),
        not_after: Some(Micros(NOW.0 + 12 * DAY_US)),
        key: "EC P-256".into(),
        signature: "ECDSA with SHA-256".into(),
        serial: "04a1".into(),
        sha256: "0f1e2d3c".repeat(8),
        ..Certificate::default()
    }
}

/// What the rules would say in about these words; the pictures shall not change with them.
fn findings(e: &Evidence) -> Vec<Finding> {
    let finding = |code, phase, severity, summary: &str, hint: &str, fixes| Finding {
        code: Cow::Borrowed(code),
        phase,
        severity,
        confidence: Confidence::Likely,
        summary: summary.into(),
        explanation: "This stands here in place of what was seen and why it means that, which may \
                      well be two lines long."
            .into(),
        hints: vec![hint.into()],
        fixes,
        also_called: vec![Cow::Borrowed("EPROTO"), Cow::Borrowed("some error of another program")],
    };
    let fix = |label: &str, change| vec![Fix { label: label.into(), change }];
    let status = e.http.as_ref().and_then(|http| http.reply.as_ref()).map(|reply| reply.status);
    let (error, warning) = (Severity::Error, Severity::Warning);
    match (e.failure.as_ref().map(|failure| failure.stage), status) {
        (Some(Stage::Tcp), _) => vec![finding(
            "tcp/refused",
            Stage::Tcp,
            error,
            "Nothing listens on port 443 of infer.example.com.",
            "Check that the server runs.",
            Vec::new(),
        )],
        (Some(Stage::Tls), _) => vec![finding(
            "tls/cert-private-ca",
            Stage::Tls,
            error,
            "infer.example.com uses a private CA that this machine does not trust.",
            "Set that CA's certificate as CA file in Settings.",
            fix(
                "Trust this certificate for this request (SHA-256 0f1e2d3c…)",
                Change::TrustCertificate { sha256: "0f1e2d3c".repeat(8) },
            ),
        )],
        (Some(_), Some(401)) => vec![finding(
            "http/401-bearer-expired",
            Stage::Http,
            error,
            "The token has expired.",
            "Get a new token and paste all of it.",
            Vec::new(),
        )],
        (Some(_), _) => vec![finding(
            "http/403-origin",
            Stage::Http,
            error,
            "The server does not let the Origin https://app.example.com in.",
            "Take the Origin away, or ask for it to be allowed.",
            fix("Send no Origin", Change::DisableHeader { name: "Origin".into() }),
        )],
        (None, _) if e.session.as_ref().is_some_and(|session| session.end.is_some()) => {
            vec![finding(
                "ws/idle-timeout",
                Stage::WebSocket,
                error,
                "The connection was cut after a minute of silence.",
                "Send pings more often than that.",
                fix("Ping every 30 s", Change::SetHeartbeat { ms: 30_000 }),
            )]
        }
        (None, _) => vec![
            finding(
                "tls/cert-expires-soon",
                Stage::Tls,
                warning,
                "The certificate of infer.example.com ends in 12 days.",
                "Renew it, or check that the program that renews it still runs.",
                Vec::new(),
            ),
            finding(
                "ws/no-compression",
                Stage::WebSocket,
                warning,
                "The server does not compress.",
                "Leave it so, if messages are small.",
                Vec::new(),
            ),
        ],
    }
}

fn planned(kind: ProbeKind, changed: &str, consent: Consent) -> Planned {
    Planned {
        kind,
        changed: changed.into(),
        change: None,
        whole: consent != Consent::Bare,
        consent,
        settles: &[],
    }
}

/// Two that send nothing of the user's, and one that is asked for.
fn plan() -> Vec<Planned> {
    let consent = Consent::Asks {
        sends: vec!["header Authorization".into()],
        to: "infer.example.com:443".into(),
        why: "A failed login counts.".into(),
    };
    vec![
        planned(ProbeKind::OwnOrigin, "with Origin: https://infer.example.com", Consent::Bare),
        planned(ProbeKind::WithoutExtensions, "without extensions", Consent::Bare),
        planned(
            ProbeKind::WithoutOrigin,
            "without Origin, with all that the request sends",
            consent,
        ),
    ]
}

/// A model whose last attempt this is.
fn after(e: Evidence) -> Model {
    let mut model = idle();
    let tab = model.tab_mut();
    tab.set_url(&e.request.typed);
    tab.refresh_preview(NOW);
    let findings = findings(&e);
    tab.conn.state = match (&e.failure, &e.session) {
        (Some(failure), _) => ConnectionState::Failed(failure.stage),
        (None, Some(SessionFacts { end: Some(end), .. })) => {
            ConnectionState::Closed { code: end.code() }
        }
        _ => ConnectionState::Open,
    };
    tab.conn.stages.clone_from(&e.stages);
    tab.conn.began = e.started;
    if tab.conn.state == ConnectionState::Open {
        tab.conn.id = Some(ConnId(1));
        tab.conn.opened = Some(Micros(NOW.0 - 83_000_000));
    } else {
        tab.conn.plan = plan();
        let kept = Attempt { evidence: Box::new(e.clone()), findings: findings.clone() };
        tab.conn.history.push_back(kept);
    }
    tab.conn.evidence = Some(Box::new(e));
    tab.conn.findings = findings;
    tab.request_tab = RequestTab::Handshake;
    tab.focus = Pane::Body;
    model
}

fn at(mut model: Model, section: Section) -> Model {
    model.tab_mut().handshake.section = section;
    model
}

/// A 401 that says what is wrong with the token.
fn unauthorized() -> Evidence {
    let mut e = sent();
    e.stages.push(stage(Stage::Http, 31_870, 40_002, Outcome::Failed, "401 Unauthorized"));
    let head = "HTTP/1.1 401 Unauthorized\nDate: Tue, 24 Nov 2026 12:00:07 GMT\n\
                Content-Type: application/json\nContent-Length: 118\n\
                WWW-Authenticate: Bearer realm=\"infer\", error=\"invalid_token\", \
                error_description=\"The token expired at 11:58\"";
    e.http.as_mut().unwrap().reply = Some(ReplyFacts {
        version: "HTTP/1.1".into(),
        status: 401,
        reason: "Unauthorized".into(),
        headers: head
            .lines()
            .skip(1)
            .map(|line| line.split_once(": ").map(|(a, b)| (a.into(), b.into())).unwrap())
            .collect(),
        raw_head: head.into(),
        body: "{\n  \"error_code\": \"token_expired\",\n  \"error_msg\": \"The token expired at \
               11:58; ask for a new one at https://iam.example.com/v3/auth/tokens\"\n}"
            .into(),
        body_bytes: 118,
        ..ReplyFacts::default()
    });
    e.failure = Some(Failure {
        stage: Stage::Http,
        kind: FailureKind::Http(HttpProblem::Status),
        text: "the server answered 401 Unauthorized".into(),
    });
    e
}

/// A chain that leads to nobody we know.
fn unknown_issuer() -> Evidence {
    let mut e = asked();
    e.stages = first_stages();
    e.stages.push(stage(Stage::Tls, 10_310, 31_870, Outcome::Failed, "UnknownIssuer"));
    let issuing = Certificate {
        subject: "CN=Example Issuing CA 2,O=Example Ltd".into(),
        issuer: "CN=Example Root,O=Example Ltd".into(),
        not_before: Some(Micros(NOW.0 - 900 * DAY_US)),
        not_after: Some(Micros(NOW.0 + 2_700 * DAY_US)),
        is_ca: true,
        key: "RSA 4096".into(),
        signature: "RSA with SHA-256".into(),
        serial: "1001".into(),
        sha256: "a1b2c3d4".repeat(8),
        issuer_url: Some("http://pki.example.com/root.crt".into()),
        ..Certificate::default()
    };
    e.tls = Some(TlsFacts {
        trust: Some(TrustProblem::UnknownIssuer),
        missing_issuer: Some("CN=Example Root,O=Example Ltd".into()),
        chain: vec![leaf(), issuing],
        version: None,
        cipher: None,
        first_bytes_hex: "160303007a02000076".into(),
        record_version: Some("TLS 1.2".into()),
        alert_sent: Some(wsdeck::core::evidence::TlsAlert {
            number: 48,
            name: "unknown_ca".into(),
        }),
        ..sent().tls.unwrap()
    });
    e.failure = Some(Failure {
        stage: Stage::Tls,
        kind: FailureKind::Tls(TlsProblem::Certificate),
        text: "invalid peer certificate: UnknownIssuer".into(),
    });
    e
}

/// Nobody listens on either address.
fn refused() -> Evidence {
    let mut e = asked();
    let v6 = SocketAddr::new(IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 7)), 443);
    let tried = |address, began_us, ended_us| TcpTry {
        address,
        began_us,
        ended_us: Some(ended_us),
        problem: Some(IoProblem::Refused),
        errno: Some(111),
        text: "Connection refused".into(),
    };
    e.dns = Some(DnsFacts {
        host: "infer.example.com".into(),
        answers: vec![v6.ip(), address().ip()],
        ..DnsFacts::default()
    });
    e.tcp = Some(TcpFacts {
        tries: vec![tried(v6, 1_204, 9_310), tried(address(), 9_310, 21_500)],
        ..TcpFacts::default()
    });
    e.stages = first_stages();
    e.stages[1].detail = "2 addresses".into();
    e.stages[2] = stage(Stage::Tcp, 1_204, 21_500, Outcome::Failed, "2 addresses, none connected");
    e.redirects = vec![Redirect {
        status: 308,
        from: "wss://example.com/v1/infers/8f2c".into(),
        to: "wss://infer.example.com/v1/infers/8f2c".into(),
        dropped: vec!["header Authorization".into()],
        at_us: 900,
    }];
    e.failure = Some(Failure {
        stage: Stage::Tcp,
        kind: FailureKind::Tcp(IoProblem::Refused),
        text: "Connection refused (os error 111)".into(),
    });
    e
}

/// Open, with a certificate that ends soon.
fn healthy() -> Evidence {
    let mut e = sent();
    e.stages.push(stage(Stage::Http, 31_870, 40_002, Outcome::Ok, "101 Switching Protocols"));
    e.stages.push(stage(Stage::WebSocket, 40_002, 40_110, Outcome::Ok, ""));
    let head = "HTTP/1.1 101 Switching Protocols\nUpgrade: websocket\nConnection: Upgrade\n\
                Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
    e.http.as_mut().unwrap().reply = Some(ReplyFacts {
        version: "HTTP/1.1".into(),
        status: 101,
        reason: "Switching Protocols".into(),
        raw_head: head.into(),
        ..ReplyFacts::default()
    });
    e.websocket = Some(WebSocketFacts {
        key: "dGhlIHNhbXBsZSBub25jZQ==".into(),
        accept_expected: "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=".into(),
        accept_received: Some("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=".into()),
        ..WebSocketFacts::default()
    });
    e.session = Some(SessionFacts { opened_us: 40_110, ..SessionFacts::default() });
    e
}

/// It was open for a minute and the peer broke off.
fn dropped() -> Evidence {
    let mut e = healthy();
    let frame = |at_us, direction, opcode, length| FrameRecord {
        at_us,
        direction,
        fin: true,
        rsv: if opcode == 1 { 4 } else { 0 },
        opcode,
        masked: direction == Direction::Out,
        length,
        offset: 0,
        first_bytes_hex: None,
    };
    e.session = Some(SessionFacts {
        opened_us: 40_110,
        received: Counts { text: 2, pong: 1, frames: 3, bytes: 44, ..Counts::default() },
        sent: Counts { text: 1, ping: 2, frames: 3, bytes: 18, ..Counts::default() },
        first_received: vec!["{\"token\":\"Hi\"}".into()],
        round_trips_us: vec![8_200, 9_100, 7_700],
        unanswered_pings: 1,
        last_frames: vec![
            frame(41_000, Direction::Out, 1, 18),
            frame(49_300, Direction::In, 1, 22),
            frame(58_100, Direction::In, 1, 22),
            frame(20_058_000, Direction::Out, 9, 0),
            frame(20_066_200, Direction::In, 10, 0),
        ],
        end: Some(End {
            at_us: 80_066_200,
            by: EndedBy::PeerDropped,
            code_received: None,
            reason_received: String::new(),
            close_received: false,
            close_sent: false,
            code_sent: None,
            frame_cut: false,
            problem: Some(IoProblem::Eof),
            violation: None,
            text: "the peer closed the stream".into(),
            silence_us: 60_000_000,
            deflate: None,
        }),
        ..SessionFacts::default()
    });
    e
}

/// Two attempts: the second one without Origin, answered otherwise and later.
fn two_attempts() -> Model {
    let mut first = healthy();
    first.started = Micros(NOW.0 - 600_000_000);
    first.session = dropped().session;
    let mut second = unauthorized();
    second.request.headers.retain(|header| header.name != "Origin");
    second.request.auth = "none".into();
    second.stages.last_mut().unwrap().ended_us = Some(940_000);
    let mut model = after(second);
    let findings = findings(&first);
    let tab = model.tab_mut();
    tab.conn.history.push_front(Attempt { evidence: Box::new(first), findings });
    model
}

fn probe(kind: ProbeKind, changed: &str, result: ProbeResult, told: &str) -> ProbeRecord {
    ProbeRecord { took_us: 8_400, ..ProbeRecord::new(kind, changed, result, told) }
}

fn forbidden() -> Evidence {
    let mut e = unauthorized();
    let reply = e.http.as_mut().unwrap().reply.as_mut().unwrap();
    (reply.status, reply.reason) = (403, "Forbidden".into());
    reply.raw_head = "HTTP/1.1 403 Forbidden".into();
    reply.headers.clear();
    reply.body = "Origin not allowed".into();
    e.failure.as_mut().unwrap().text = "the server answered 403 Forbidden".into();
    e.stages.last_mut().unwrap().detail = "403 Forbidden".into();
    e
}

fn probed() -> Model {
    let mut e = forbidden();
    e.probes = vec![
        probe(
            ProbeKind::BareUpgrade,
            "without credentials, query and headers of yours",
            ProbeResult::Status { status: 401 },
            "401 Unauthorized",
        ),
        probe(ProbeKind::WithoutOrigin, "without Origin", ProbeResult::Open, "opens"),
        probe(ProbeKind::TlsH2, "a ClientHello with h2", ProbeResult::TimedOut, "no answer in 3 s"),
        probe(
            ProbeKind::OwnOrigin,
            "with the server's own Origin",
            ProbeResult::Skipped,
            "decided",
        ),
    ];
    let mut model = after(e);
    let tab = model.tab_mut();
    tab.conn.conclusion = Some("403 only when Origin is “https://app.example.com”.".into());
    let queue = std::mem::take(&mut tab.conn.plan);
    tab.conn.probing = Some(Probing { run: 1, queue, at: 1 });
    model
}

#[test]
fn refused_with_a_reply() {
    pictures("doctor_401_overview", after(unauthorized()));
    pictures("doctor_401_exchange", at(after(unauthorized()), Section::Exchange));
}

#[test]
fn a_chain_that_is_not_trusted() {
    pictures("doctor_issuer_overview", after(unknown_issuer()));
    pictures("doctor_issuer_tls", at(after(unknown_issuer()), Section::Tls));
}

#[test]
fn two_addresses_that_refuse() {
    pictures("doctor_refused_network", at(after(refused()), Section::Network));
}

#[test]
fn open_with_warnings() {
    pictures("doctor_open_overview", after(healthy()));
    picture("doctor_open_session_80x24", &mut at(after(healthy()), Section::Session), 80, 24);
}

#[test]
fn open_and_then_not() {
    pictures("doctor_dropped_session", at(after(dropped()), Section::Session));
}

#[test]
fn what_is_different() {
    pictures("doctor_attempts", at(two_attempts(), Section::Attempts));
}

#[test]
fn probes_that_run_and_ran() {
    pictures("doctor_probes", at(probed(), Section::Probes));
    picture("doctor_probes_offered_80x24", &mut at(after(forbidden()), Section::Probes), 80, 24);
    picture("doctor_probes_overview_120x40", &mut probed(), 120, 40);
}

#[test]
fn an_earlier_attempt_and_a_remedy_that_was_taken() {
    let mut model = at(two_attempts(), Section::Attempts);
    for action in [Action::Down, Action::Submit, Action::ShowExchange] {
        let _ = update(&mut model, Msg::Do(action), NOW);
    }
    picture("doctor_earlier_80x24", &mut model, 80, 24);
    let mut model = after(unauthorized());
    let (before, after) = (RequestDraft::default(), RequestDraft::default());
    let taken = Taken { label: "Switch to wss://".into(), before, after };
    model.tab_mut().handshake.taken.push(taken);
    picture("doctor_taken_120x40", &mut model, 120, 40);
}

/// Everything that a section holds, by scrolling through it line by line.
fn all_text(model: &mut Model, width: u16, height: u16) -> String {
    let _ = update(model, Msg::Do(Action::First), NOW);
    let mut out = String::new();
    loop {
        let (buffer, geometry, _) = settle(model, width, height);
        out += &text_of(&buffer);
        let seen = model.tab().handshake.scroll();
        if seen >= geometry.handshake_last {
            return out;
        }
        let _ = update(model, Msg::Do(Action::PageDown), NOW);
        assert!(model.tab().handshake.scroll() > seen, "a page down goes on");
    }
}

#[test]
fn nothing_is_out_of_reach_on_a_small_screen() {
    let mut model = at(after(unknown_issuer()), Section::Tls);
    let text = all_text(&mut model, 80, 24);
    for words in [
        "no path to a trusted root",
        "CN=Example Root",
        "48 unknown_ca",
        "TLS_AES_256_GCM_SHA384",
        "12 days left",
        "*.infer.example.com",
        "http://pki.example.com/root.crt",
    ] {
        assert!(text.contains(words), "{words} in\n{text}");
    }
    let mut model = at(after(unauthorized()), Section::Exchange);
    let text = all_text(&mut model, 80, 24);
    for words in ["Sec-WebSocket-Version: 13", "invalid_token", "/v3/auth/tokens"] {
        assert!(text.contains(words), "{words} in\n{text}");
    }
}

#[test]
fn empty_sections_say_why() {
    for (section, words) in [
        (Section::Tls, "TLS was not reached: the attempt ended in the stage TCP."),
        (Section::Exchange, "it was not sent"),
        (Section::Session, "The connection was never open"),
    ] {
        let mut model = at(after(refused()), section);
        let (buffer, ..) = settle(&mut model, 120, 40);
        let text = text_of(&buffer);
        assert!(text.contains(words), "{words} in\n{text}");
    }
    for section in Section::ALL.into_iter().filter(|section| *section != Section::Overview) {
        let mut model = at(super::scenes::at(idle(), RequestTab::Handshake), section);
        let (buffer, ..) = settle(&mut model, 80, 24);
        let text = text_of(&buffer);
        assert!(text.contains("tried yet") || text.contains("No attempt"), "{section:?}\n{text}");
    }
}

/// The target under the first cell of these words.
fn under(model: &mut Model, words: &str, (width, height): (u16, u16)) -> Option<Target> {
    let (buffer, geometry, _) = settle(model, width, height);
    let text = text_of(&buffer);
    let (y, line) = text.lines().enumerate().skip(5).find(|(_, line)| line.contains(words))?;
    let x = wsdeck::core::sanitize::display_width(line.split(words).next()?);
    geometry.at(u16::try_from(x).unwrap(), u16::try_from(y).unwrap()).map(|(_, target)| target)
}

#[test]
fn the_bar_the_list_and_the_remedies_are_clickable() {
    for size in [(80, 24), (120, 40), (200, 60)] {
        let mut model = at(two_attempts(), Section::Attempts);
        for section in Section::ALL {
            assert_eq!(
                under(&mut model, section.label(), size),
                Some(Target::Section(section)),
                "{size:?}"
            );
        }
        assert_eq!(under(&mut model, "[ ]", size), Some(Target::AttemptMark(0)));
        assert_eq!(under(&mut model, "open, closed 1006", size), Some(Target::Attempt(1)));
    }
    // In a narrow one, the neighbours are at the ends of the only name.
    let mut model = at(two_attempts(), Section::Attempts);
    assert_eq!(under(&mut model, "‹", (50, 24)), Some(Target::Section(Section::Probes)));
    assert_eq!(under(&mut model, "›", (50, 24)), Some(Target::Section(Section::Overview)));
    let mut model = at(probed(), Section::Probes);
    assert_eq!(under(&mut model, "[p]", (120, 40)), Some(Target::Button(Action::Probe)));
}

#[test]
fn warnings_of_an_open_connection_are_counted_at_the_tab() {
    let mut model = after(healthy());
    model.tab_mut().request_tab = RequestTab::Message;
    let warnings = model.tab().conn.warnings();
    assert!(warnings > 0);
    for (width, height) in [(80, 24), (120, 40), (200, 60)] {
        let (buffer, ..) = settle(&mut model, width, height);
        let text = text_of(&buffer);
        assert!(text.contains(&format!("Handshake !{warnings}")), "{text}");
    }
}

/// Many headers, long names, a body of the largest size, in one line and in very many.
fn monstrous(body: String) -> Model {
    let mut e = unauthorized();
    let long = "n".repeat(9_000);
    for at in 0..10_000 {
        let name = if at % 1_000 == 0 { format!("X-{at}-{long}") } else { format!("X-{at}") };
        e.request.headers.push(header(&name, &"v".repeat(at % 90), false));
    }
    let http = e.http.as_mut().unwrap();
    for header in &e.request.headers[8..] {
        http.request += &format!("\n{}: {}", header.name, header.value);
    }
    let reply = http.reply.as_mut().unwrap();
    reply.raw_head += &format!("\n{long}: {long}\nno colon\n: no name");
    reply.body_bytes = body.len() as u64;
    reply.body = body;
    let chain = &mut e.tls.as_mut().unwrap().chain;
    chain[0].names = (0..5_000).map(|n| format!("{n}.example.com")).collect();
    chain[0].subject = "CN=".to_owned() + &long;
    *chain = vec![chain[0].clone(); 10];
    after(e)
}

#[test]
fn records_of_any_size_are_drawn() {
    let bodies = ["x".repeat(65_536), "y\n".repeat(32_768), "漢字 \u{1b}[2J".repeat(6_000)];
    for body in bodies {
        let mut model = at(monstrous(body), Section::Exchange);
        draw_both_ends(&mut model);
    }
    let mut model = monstrous(String::new());
    for section in Section::ALL {
        model.tab_mut().handshake.section = section;
        draw_both_ends(&mut model);
    }
}

fn draw_both_ends(model: &mut Model) {
    let (_, geometry, _) = settle(model, 200, 60);
    let _ = update(model, Msg::Do(Action::Last), NOW);
    if model.tab().handshake.section != Section::Attempts {
        assert_eq!(model.tab().handshake.scroll(), geometry.handshake_last);
    }
    let _ = super::draw_once(model, 80, 24);
}

#[test]
fn every_section_is_drawn_at_every_kind_of_size() {
    for model in [
        after(unauthorized()),
        after(unknown_issuer()),
        after(refused()),
        after(dropped()),
        two_attempts(),
        probed(),
    ] {
        let mut model = model;
        for section in Section::ALL {
            model.tab_mut().handshake.section = section;
            for width in [40, 41, 57, 63, 64, 79, 107, 110, 112, 300] {
                for height in [10, 11, 13, 18, 30, 100] {
                    let (buffer, geometry, _) = settle(&mut model, width, height);
                    super::hostile::check(&buffer, &format!("{section:?} {width}x{height}"));
                    for (area, target) in &geometry.hits {
                        let inside = area.x + area.width <= width && area.y + area.height <= height;
                        assert!(inside, "{section:?} {width}x{height} {target:?} {area:?}");
                    }
                }
            }
        }
    }
}

#[test]
fn text_of_the_peer_stays_a_picture_in_every_section() {
    const HOSTILE: &str = super::hostile::HOSTILE;
    let mut e = dropped();
    e.http = unauthorized().http;
    e.tls = unknown_issuer().tls;
    e.tcp = refused().tcp;
    e.redirects = refused().redirects;
    let text = || HOSTILE.to_owned();
    let http = e.http.as_mut().unwrap();
    http.request = text();
    let reply = http.reply.as_mut().unwrap();
    (reply.raw_head, reply.body, reply.reason) = (text(), text(), text());
    reply.headers = vec![(text(), text())];
    let tls = e.tls.as_mut().unwrap();
    tls.missing_issuer = Some(text());
    tls.client_cert_requested = true;
    tls.client_cert_issuers = vec![text()];
    tls.chain[0].subject = text();
    tls.chain[1].issuer_url = Some(text());
    e.tcp.as_mut().unwrap().tries[0].text = text();
    e.dns.as_mut().unwrap().error = Some(text());
    e.redirects[0].to = text();
    let session = e.session.as_mut().unwrap();
    session.first_received = vec![text()];
    session.end.as_mut().unwrap().reason_received = text();
    e.probes = vec![probe(ProbeKind::SameAgain, HOSTILE, ProbeResult::Closed, HOSTILE)];
    let mut earlier = e.clone();
    earlier.started = Micros(1);
    earlier.http = None;
    let mut model = after(e);
    let findings = findings(&earlier);
    let tab = model.tab_mut();
    tab.conn.history.push_front(Attempt { evidence: Box::new(earlier), findings });
    for section in Section::ALL {
        model.tab_mut().handshake.section = section;
        for (width, height) in [(40, 10), (80, 24), (200, 90)] {
            let (buffer, ..) = settle(&mut model, width, height);
            super::hostile::check(&buffer, &format!("{section:?} {width}x{height}"));
        }
    }
}
