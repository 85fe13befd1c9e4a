//! Models for pictures: each function is a moment in somebody's work.

use std::borrow::Cow;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use bytes::Bytes;
use wsdeck::app::model::{
    Attempt, FileTransfer, Level, Model, Notice, Pane, Reconnect, RequestTab, SavedMessage, Tab,
    Task, Validation, Working,
};
use wsdeck::app::{Msg, update};
use wsdeck::config::{Keymap, Settings};
use wsdeck::core::action::Action;
use wsdeck::core::change::Change;
use wsdeck::core::event::{Transfer, TransferId, TransferState};
use wsdeck::core::evidence::{
    Certificate, DnsFacts, EarlierAttempt, EndedBy, Evidence, Failure, FailureKind, HttpFacts,
    Outcome, ReplyFacts, RequestFacts, SessionFacts, StageRecord, TcpFacts, TcpTry, TlsFacts,
    TlsProblem, WebSocketFacts,
};
use wsdeck::core::finding::{Confidence, Finding, Fix, Severity};
use wsdeck::core::headers::HeaderRow;
use wsdeck::core::key::{Key, KeyCombo};
use wsdeck::core::message::{Direction, Message, MessageKind};
use wsdeck::core::progress::Progress;
use wsdeck::core::secret::Secret;
use wsdeck::core::stage::{ConnId, ConnectionState, Stage};
use wsdeck::core::time::Micros;
use wsdeck::core::url::Scheme;
use wsdeck::log::Note;
use wsdeck::log::Scan as _;
use wsdeck::payload::{BinaryForm, Kind, validate};

use super::NOW;

/// A program that was just started.
pub fn idle() -> Model {
    Model::new(Keymap::embedded(), Settings::default())
}

/// A tab with an address, params, headers and a token.
pub fn request() -> Model {
    let mut model = idle();
    let tab = model.tab_mut();
    tab.set_url("wss://infer.example.com/v1/infers/8f2c?stream=true&trace");
    tab.draft.headers = vec![
        HeaderRow::new("X-Request-Id", "7b0c-11ef"),
        HeaderRow { enabled: false, ..HeaderRow::new("Origin", "https://app.example.com") },
        HeaderRow::new("X-Api-Key", "sk-1234567890abcdef"),
    ];
    tab.draft.auth.kind = "bearer".into();
    tab.draft.auth.set("token", Secret::new("eyJhbGciOiJIUzI1NiJ9.e30.abcdef"));
    tab.refresh_preview(NOW);
    model
}

/// Typing JSON that is not right yet.
pub fn composing() -> Model {
    let mut model = request();
    let text = "{\n  \"prompt\": \"hello\",\n  \"max_tokens\": 32\n  \"stream\": true\n}\n";
    let tab = model.tab_mut();
    compose(tab, Kind::Json, text);
    tab.focus = Pane::Body;
    model
}

/// Puts a text into the composer, judged.
pub fn compose(tab: &mut Tab, kind: Kind, text: &str) {
    tab.composer.kind = kind;
    tab.composer.editor.reset_text(text);
    tab.composer.validation = match validate(kind, text) {
        Ok(()) => Validation::Valid,
        Err(problem) => Validation::Problem(problem),
    };
}

pub fn stage(stage: Stage, from: u64, to: u64, outcome: Outcome, detail: &str) -> StageRecord {
    let ended_us = (outcome != Outcome::Running).then_some(to);
    StageRecord { stage, began_us: from, ended_us, outcome, detail: detail.into() }
}

pub fn address() -> SocketAddr {
    SocketAddr::new(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 7)), 443)
}

pub fn evidence() -> Evidence {
    Evidence {
        version: 1,
        started: Micros(NOW.0 - 83_000_000),
        request: RequestFacts { verify: true, ..RequestFacts::default() },
        dns: Some(DnsFacts {
            host: "infer.example.com".into(),
            answers: vec![address().ip()],
            ..DnsFacts::default()
        }),
        tcp: Some(TcpFacts {
            tries: vec![TcpTry {
                address: address(),
                began_us: 1_204,
                ended_us: Some(10_310),
                problem: None,
                errno: None,
                text: String::new(),
            }],
            peer: Some(address()),
            ..TcpFacts::default()
        }),
        ..Evidence::default()
    }
}

pub fn first_stages() -> Vec<StageRecord> {
    vec![
        stage(Stage::Url, 0, 40, Outcome::Ok, ""),
        stage(Stage::Dns, 40, 1_204, Outcome::Ok, "1 address"),
        stage(Stage::Tcp, 1_204, 10_310, Outcome::Ok, "192.0.2.7:443"),
    ]
}

pub fn message(after_ms: u64, direction: Direction, kind: MessageKind, payload: &[u8]) -> Message {
    let at = Micros(NOW.0 - 8_000_000 + after_ms * 1_000 + 456);
    Message {
        at,
        direction,
        kind,
        payload: Bytes::copy_from_slice(payload),
        packed: None,
        split: None,
    }
}

/// An open connection with a log; a message is selected.
pub fn connected() -> Model {
    use Direction::{In, Out};
    use MessageKind::{Binary, Close, Ping, Pong, Text};
    let mut model = request();
    let tab = model.tab_mut();
    compose(tab, Kind::Json, "{\n  \"prompt\": \"hello\",\n  \"max_tokens\": 32\n}\n");
    let mut stages = first_stages();
    stages.push(stage(Stage::Tls, 10_310, 31_870, Outcome::Ok, "TLS 1.3, http/1.1"));
    stages.push(stage(Stage::Http, 31_870, 40_002, Outcome::Ok, "101"));
    stages.push(stage(Stage::WebSocket, 40_002, 40_110, Outcome::Ok, ""));
    let mut evidence = evidence();
    evidence.stages.clone_from(&stages);
    evidence.tls = Some(TlsFacts {
        sni: Some("infer.example.com".into()),
        version: Some("TLS 1.3".into()),
        cipher: Some("TLS_AES_128_GCM_SHA256".into()),
        roots: "system".into(),
        ..TlsFacts::default()
    });
    evidence.http = Some(HttpFacts {
        request: "GET /v1/infers/8f2c?stream=true&trace HTTP/1.1\nHost: infer.example.com\n\
                  Upgrade: websocket\nAuthorization: Bearer ••••••"
            .into(),
        reply: Some(ReplyFacts {
            version: "HTTP/1.1".into(),
            status: 101,
            raw_head: "HTTP/1.1 101 Switching Protocols\nUpgrade: websocket\nConnection: Upgrade"
                .into(),
            ..ReplyFacts::default()
        }),
        ..HttpFacts::default()
    });
    evidence.websocket = Some(WebSocketFacts::default());
    evidence.session = Some(SessionFacts { opened_us: 40_110, ..SessionFacts::default() });
    let conn = &mut tab.conn;
    conn.state = ConnectionState::Open;
    conn.id = Some(ConnId(1));
    conn.stages = stages;
    conn.evidence = Some(Box::new(evidence));
    conn.began = Micros(NOW.0 - 83_040_110);
    conn.opened = Some(Micros(NOW.0 - 83_000_000));
    conn.round_trip = Some(Duration::from_micros(8_200));

    let log = &tab.log.handle;
    log.note(
        message(0, In, Text, b"").at,
        Note::Connected { detail: "192.0.2.7:443, TLS 1.3".into() },
    );
    log.append(&[
        message(100, Out, Text, br#"{"prompt":"hello","max_tokens":32}"#),
        message(108, In, Text, br#"{"token":"Hi","index":0}"#),
        message(117, In, Text, br#"{"token":" there","index":1,"logprobs":null,"finish_reason":null,"usage":{"prompt_tokens":12,"completion_tokens":2},"model":"example-7b-instruct"}"#),
        message(240, In, Binary, &[0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13]),
        message(400, Out, Ping, b""),
        message(408, In, Pong, b""),
        message(1_408, In, Text, "naïve 漢字 \u{1b}[31mred\u{1b}[0m\nsecond line\tend".as_bytes()),
        message(2_000, In, Close, b"\x03\xf0restart"),
    ]);
    log.note(
        message(2_001, In, Text, b"").at,
        Note::Closed { code: 1008, reason: "restart".into(), by: EndedBy::Peer },
    );
    log.note(
        message(3_000, In, Text, b"").at,
        Note::Reconnected { attempt: 1, detail: String::new() },
    );
    log.append(&[message(3_100, In, Text, br#"{"token":"!","index":2}"#)]);
    tab.focus = Pane::Log;
    model
}

/// The same with the third row selected, so that the detail shows it.
pub fn reading() -> Model {
    let mut model = connected();
    model.geometry.log.height = 5;
    for action in [Action::First, Action::Down, Action::Down] {
        let _ = update(&mut model, Msg::Do(action), NOW);
    }
    model
}

/// A search with a hit under the cursor.
pub fn searching() -> Model {
    let mut model = connected();
    let _ = update(&mut model, Msg::Do(Action::Search), NOW);
    for c in "token".chars() {
        let _ = update(&mut model, Msg::Key(KeyCombo::plain(Key::Char(c))), NOW);
    }
    // What the runtime does with the effect: search until nothing is left.
    let tab = model.tab_mut();
    if let Some(search) = &tab.log.search.search {
        while !search.step(&tab.log.handle, 1 << 20).done {}
    }
    tab.log.search.running = false;
    let _ = update(&mut model, Msg::Do(Action::Submit), NOW);
    let _ = update(&mut model, Msg::Do(Action::SearchPrevious), NOW);
    model
}

pub fn plain_server_finding() -> Finding {
    Finding {
        code: Cow::Borrowed("tls/plain-http-server"),
        phase: Stage::Tls,
        severity: Severity::Error,
        confidence: Confidence::Certain,
        summary: "The server speaks plain HTTP on this port, but wss:// asks for TLS.".into(),
        explanation: "The first bytes that came back are “HTTP/1.1 400 Bad Request”, an \
                      unencrypted reply, where a TLS record should begin."
            .into(),
        hints: vec![
            "Use ws:// for this port.".into(),
            "Or ask for the port where the server speaks TLS; often it is 443 or 8443.".into(),
        ],
        fixes: vec![
            Fix {
                label: "Switch to ws://".into(),
                change: Change::SetScheme { scheme: Scheme::Ws },
            },
            Fix { label: "Try port 443".into(), change: Change::SetPort { port: Some(443) } },
        ],
        also_called: vec![Cow::Borrowed("WRONG_VERSION_NUMBER"), Cow::Borrowed("EPROTO")],
    }
}

/// wss:// to a port that speaks plain HTTP; the verdict is open.
pub fn failed() -> Model {
    let mut model = request();
    let tab = model.tab_mut();
    let mut stages = first_stages();
    stages.push(stage(Stage::Tls, 10_310, 12_870, Outcome::Failed, "no TLS record"));
    let mut evidence = evidence();
    evidence.stages.clone_from(&stages);
    evidence.tls = Some(TlsFacts {
        sni: Some("infer.example.com".into()),
        versions_offered: vec!["TLS 1.3".into(), "TLS 1.2".into()],
        first_bytes_hex: "485454502f312e3120343030204261642052657175657374".into(),
        first_bytes_text: Some("HTTP/1.1 400 Bad Request".into()),
        chain: vec![Certificate {
            subject: "CN=infer.example.com".into(),
            issuer: "CN=Example CA".into(),
            names: vec!["infer.example.com".into()],
            not_before: Some(Micros(1_760_000_000_000_000)),
            not_after: Some(Micros(1_800_000_000_000_000)),
            key: "EC P-256".into(),
            signature: "ECDSA with SHA-256".into(),
            sha256: "0f".repeat(32),
            ..Certificate::default()
        }],
        ..TlsFacts::default()
    });
    evidence.failure = Some(Failure {
        stage: Stage::Tls,
        kind: FailureKind::Tls(TlsProblem::NotTls),
        text: "received corrupt message of type InvalidContentType".into(),
    });
    let findings = vec![plain_server_finding()];
    tab.conn.state = ConnectionState::Failed(Stage::Tls);
    tab.conn.stages = stages;
    tab.conn.findings.clone_from(&findings);
    tab.conn.history.push_back(Attempt { evidence: Box::new(evidence.clone()), findings });
    tab.conn.earlier = vec![EarlierAttempt {
        started: Micros(NOW.0 - 600_000_000),
        code: Some("tls/plain-http-server".into()),
        opened: false,
        open_us: 0,
        silence_us: 0,
        ended_by: None,
        close_code: None,
        ..EarlierAttempt::default()
    }];
    tab.conn.evidence = Some(Box::new(evidence));
    tab.log.handle.note(
        NOW,
        Note::Failed {
            code: Cow::Borrowed("tls/plain-http-server"),
            summary: "The server speaks plain HTTP on this port, but wss:// asks for TLS.".into(),
        },
    );
    tab.request_tab = RequestTab::Handshake;
    tab.focus = Pane::Body;
    model
}

/// Several connections in several states, saved messages, a reconnect that waits, no checking of
/// certificates.
pub fn busy() -> Model {
    let mut model = connected();
    "echo".clone_into(&mut model.tab_mut().name);
    for (name, state, unseen) in [
        ("modelarts", ConnectionState::Connecting(Stage::Tls), 0),
        ("orders feed", ConnectionState::Open, 1_204),
        ("old gateway", ConnectionState::Closed { code: 1006 }, 3),
    ] {
        let tab = model.push_tab(Default::default(), name.into());
        tab.conn.state = state;
        tab.unseen = unseen;
    }
    let tab = model.tab_mut();
    tab.set_url("legacy.example.com:8080/feed");
    tab.draft.settings.verify = false;
    tab.draft.settings.reconnect_attempts = 5;
    tab.refresh_preview(NOW);
    tab.conn.reconnect = Some(Reconnect { attempt: 2, at: Micros(NOW.0 + 2_400_000) });
    tab.saved = vec![
        SavedMessage {
            on_open: false,
            name: "hello".into(),
            kind: Kind::Json,
            form: BinaryForm::Hex,
            text: "{\"prompt\":\"hello\"}".into(),
        },
        SavedMessage {
            on_open: false,
            name: "subscribe to everything".into(),
            kind: Kind::Xml,
            form: BinaryForm::Hex,
            text: "<subscribe topic=\"*\"/>".into(),
        },
        SavedMessage {
            on_open: false,
            name: "png".into(),
            kind: Kind::Binary,
            form: BinaryForm::File,
            text: "/tmp/a.png".into(),
        },
    ];
    compose(tab, Kind::Xml, "<subscribe topic=\"*\">\n  <!-- all of it -->\n</subscribe>\n");
    tab.focus = Pane::Body;
    model
}

/// The tab of the request part that is named, with the keys.
/// The statistics over a log of requests and replies of three names, with pongs.
pub fn statistics() -> Model {
    use Direction::{In, Out};
    let mut model = connected();
    let tab = model.tab_mut();
    let mut messages = Vec::new();
    for id in 0..40_u64 {
        let method = ["chat.send", "chat.history", "presence\u{1b}[31m"][(id % 3) as usize];
        let call = format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"{method}"}}"#);
        messages.push(message(3_200 + id * 90, Out, MessageKind::Text, call.as_bytes()));
        if id % 13 == 12 {
            continue;
        }
        let reply = match id % 10 {
            9 => format!(r#"{{"jsonrpc":"2.0","id":{id},"error":{{"code":-32000}}}}"#),
            _ => format!(
                r#"{{"jsonrpc":"2.0","id":{id},"result":"{}"}}"#,
                "x".repeat(1 << (id % 11))
            ),
        };
        let late = 3 + id * id % 71;
        let mut reply = message(3_200 + id * 90 + late, In, MessageKind::Text, reply.as_bytes());
        reply.packed = std::num::NonZeroU32::new(24 + u32::try_from(id).unwrap());
        messages.push(reply);
    }
    tab.log.handle.append(&messages);
    for n in 0..90_u64 {
        let at = Micros(NOW.0 - 90_000_000 + n * 1_000_000);
        tab.conn.round_trips.add(at, Duration::from_micros(8_000 + n * n % 700));
    }
    let mut model = after(model, &[Action::Statistics]);
    let tab = model.tab_mut();
    if let Some(pairs) = &tab.log.pairs {
        while !wsdeck::log::Scan::step(pairs, &tab.log.handle, 1 << 20).done {}
    }
    tab.log.pairing_behind = false;
    model
}

pub fn at(mut model: Model, request_tab: RequestTab) -> Model {
    let tab = model.tab_mut();
    tab.request_tab = request_tab;
    tab.focus = Pane::Body;
    model
}

/// A model after an action.
pub fn after(mut model: Model, actions: &[Action]) -> Model {
    for action in actions {
        let _ = update(&mut model, Msg::Do(*action), NOW);
    }
    model
}

/// A name is being typed into the headers table, one that the handshake owns in the row above.
pub fn naming_a_header() -> Model {
    let mut model = at(request(), RequestTab::Headers);
    model.tab_mut().draft.headers.push(HeaderRow::new("Host", "other.example.com"));
    let _ = update(&mut model, Msg::Do(Action::RowAdd), NOW);
    for c in "auth".chars() {
        let _ = update(&mut model, Msg::Key(KeyCombo::plain(Key::Char(c))), NOW);
    }
    model
}

/// Something was just said.
pub fn notified() -> Model {
    let mut model = connected();
    model.notice = Some(Notice {
        level: Level::Error,
        text: "The clipboard cannot be reached: no display and no answer from the terminal.".into(),
        until: Micros(NOW.0 + 1),
    });
    model
}

/// Every scene, for what must hold in all of them.
pub fn all() -> Vec<(&'static str, Model)> {
    let mut scenes = vec![
        ("idle", idle()),
        ("composing", composing()),
        ("connected", connected()),
        ("reading", reading()),
        ("searching", searching()),
        ("failed", failed()),
        ("busy", busy()),
        ("naming", naming_a_header()),
        ("notified", notified()),
        ("statistics", statistics()),
        ("auth", at(request(), RequestTab::Auth)),
        ("settings", at(request(), RequestTab::Settings)),
        ("params", at(request(), RequestTab::Params)),
        ("untried", at(request(), RequestTab::Handshake)),
        ("open handshake", at(connected(), RequestTab::Handshake)),
        ("palette", after(connected(), &[Action::Palette])),
        ("help", after(connected(), &[Action::Help])),
        ("go to", after(connected(), &[Action::GoTo])),
        ("kinds", after(composing(), &[Action::ChooseKind])),
        ("filter", after(connected(), &[Action::FilterKind])),
        ("close with", after(connected(), &[Action::CloseWith])),
        ("quit", after(connected(), &[Action::Quit])),
        ("ways", after(at(request(), RequestTab::Auth), &[Action::ChooseWay])),
        ("device code", super::auth::device_code()),
        ("command", super::auth::command()),
        ("signed", super::auth::signed()),
        ("composer search", after(composing(), &[Action::Search])),
    ];
    for pane in Pane::ORDER {
        let mut model = busy();
        model.tab_mut().focus = pane;
        scenes.push(("pane", model));
    }
    scenes
}

/// A long text is laid out while a file goes out and another waits behind it.
pub fn at_work() -> Model {
    let mut model = at(request(), RequestTab::Message);
    let tab = model.tab_mut();
    compose(tab, Kind::Json, "[{\"key\": 1},\n {\"key\": 2}]");
    let progress = Progress::new(1000);
    progress.set_done(430);
    let began = Micros(NOW.0 - 2_000_000);
    tab.composer.work = Some(Working { task: Task::Beautify, number: 1, progress, began });
    tab.conn.state = ConnectionState::Open;
    tab.conn.opened = Some(Micros(NOW.0 - 60_000_000));
    for (id, path) in [(TransferId(1), "/data/orders.ndjson"), (TransferId(2), "/data/second")] {
        let file = FileTransfer::new(id, path.into(), MessageKind::Text, 65_536, 1 << 30);
        tab.conn.transfers.push_back(file);
    }
    let file = &mut tab.conn.transfers[0];
    let _ = file.begin(began);
    let told = Transfer {
        id: TransferId(1),
        kind: MessageKind::Text,
        name: "orders.ndjson".into(),
        sent: 440 << 20,
        total: 1 << 30,
        frames: 7_040,
        state: TransferState::Running,
    };
    file.told(&told, NOW);
    model
}

/// Bytes are typed, one of them wrong.
pub fn typing_bytes() -> Model {
    let mut model = at(request(), RequestTab::Message);
    let bytes: Vec<u8> = (0..100_u8).map(|n| n.wrapping_mul(37)).collect();
    let text = wsdeck::payload::to_hex(&bytes, true).replacen("25 ", "2x ", 1);
    compose(model.tab_mut(), Kind::Binary, &text);
    model.tab_mut().composer.overwrite = true;
    model
}
