//! The hot paths as pieces of work of a fixed size, for counting instructions: they are the same in
//! each run, which times never are.
//!
//! `counts NAME TIMES` does one piece so many times; `counts` names them. `.ci/counts` runs them
//! under callgrind and holds the numbers against those in `benches/counts.txt`.

mod common;

use std::hint::black_box;
use std::process::ExitCode;

use bytes::Bytes;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use wsdeck::app::Model;
use wsdeck::auth;
use wsdeck::config::{Keymap, Settings, Theme, ThemeName};
use wsdeck::core::request::Files;
use wsdeck::core::stage::ConnectionState;
use wsdeck::core::time::Micros;
use wsdeck::log::{Filter, LogHandle, Mode, Pattern, Scan as _, Search};
use wsdeck::payload::{Kind, LineState, beautify, lex_line};
use wsdeck::tui::{Styles, draw};

/// Messages in a piece of work that is about messages.
const MESSAGES: u64 = 10_000;

/// Bytes of each.
const SIZE: usize = 150;

type Work = fn(u64);

const WORK: &[(&str, Work)] = &[
    ("receive", receive),
    ("append", append),
    ("search", search),
    ("draw", picture),
    ("beautify", layout),
    ("highlight", highlight),
    ("sign", sign),
    ("diagnose", judge),
];

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).filter(|arg| arg != "--bench").collect();
    let times = args.get(1).and_then(|times| times.parse().ok()).unwrap_or(1);
    match args.first() {
        None => WORK.iter().for_each(|(name, _)| println!("{name}")),
        Some(wanted) => match WORK.iter().find(|(name, _)| name == wanted) {
            Some((_, work)) => work(times),
            None => {
                eprintln!("there is no {wanted}");
                return ExitCode::from(2);
            }
        },
    }
    ExitCode::SUCCESS
}

/// From the bytes of the socket to messages.
fn receive(times: u64) {
    let mut frames = Vec::new();
    for message in common::messages(0, MESSAGES, SIZE) {
        let length = u16::try_from(message.payload.len()).unwrap_or(u16::MAX);
        frames.extend_from_slice(&[0x81, 126]);
        frames.extend_from_slice(&length.to_be_bytes());
        frames.extend_from_slice(&message.payload);
    }
    let frames = Bytes::from(frames);
    let runtime =
        tokio::runtime::Builder::new_current_thread().build().expect("a runtime of one thread");
    for _ in 0..times {
        let (messages, _) = runtime.block_on(wsdeck::net::take_messages(frames.clone()));
        assert_eq!(messages, MESSAGES, "a message was lost");
    }
}

/// From messages to the log in memory, with the oldest thrown away.
fn append(times: u64) {
    let log = LogHandle::new(4 << 20);
    let messages = common::messages(0, MESSAGES, SIZE);
    for _ in 0..times {
        for batch in messages.chunks(1024) {
            log.append(batch);
        }
    }
    black_box(log.stats());
}

/// A text that is nowhere, through all messages.
fn search(times: u64) {
    let log = LogHandle::new(1 << 30);
    log.append(&common::messages(0, MESSAGES, SIZE));
    for _ in 0..times {
        let pattern = Pattern::new("not there", Mode::Plain, true).expect("the pattern is sound");
        let search = Search::new(pattern, Filter::default());
        while !search.step(&log, usize::MAX).done {}
        black_box(search.total());
    }
}

/// A picture of 200 by 60 cells with all new messages in it.
fn picture(times: u64) {
    let mut model = Model::new(Keymap::embedded(), Settings::default());
    model.tab_mut().conn.state = ConnectionState::Open;
    let styles = Styles::from(&Theme::embedded(ThemeName::Dark));
    let mut terminal =
        Terminal::new(TestBackend::new(200, 60)).expect("the test backend cannot fail");
    let messages = common::messages(0, 100, SIZE);
    for _ in 0..times {
        model.tab_mut().log.handle.append(&messages);
        terminal
            .draw(|frame| {
                black_box(draw(&model, &styles, Micros(1_764_000_100_000_000), frame));
            })
            .expect("the test backend cannot fail");
    }
}

fn layout(times: u64) {
    let text = common::json(200_000);
    for _ in 0..times {
        black_box(beautify(Kind::Json, black_box(&text)).expect("the text is sound"));
    }
}

fn highlight(times: u64) {
    let text = beautify(Kind::Json, &common::json(200_000)).expect("the text is sound");
    for _ in 0..times {
        let mut state = LineState::default();
        for line in black_box(&text).split('\n') {
            state = black_box(lex_line(Kind::Json, line, state)).1;
        }
    }
}

fn sign(times: u64) {
    let mut draft = common::draft("wss://example.com/v1/infers/468d146d/ws?stream=true&a=1&b=2");
    draft.auth.kind = "huawei-aksk".into();
    draft.auth.set("access-key", "AK".into());
    draft.auth.set("secret-key", "SK".into());
    for _ in 0..times {
        black_box(
            auth::prepare(black_box(&draft), Files::default(), Micros(1_800_000_000_000_000))
                .expect("it is whole"),
        );
    }
}

/// All rules over the record of an attempt that failed.
fn judge(times: u64) {
    let evidence = common::refusal();
    for _ in 0..times {
        black_box(wsdeck::diagnose::diagnose(black_box(&evidence)));
    }
}
