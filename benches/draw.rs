//! One picture at 200 by 60 cells with a flood in the log: a frame has 16 ms.

mod common;

use std::time::Duration;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use wsdeck::app::Model;
use wsdeck::app::model::{Pane, RequestTab, Section};
use wsdeck::app::{Msg, update};
use wsdeck::config::{Keymap, Settings, Theme, ThemeName};
use wsdeck::core::key::{Key, KeyCombo};
use wsdeck::core::stage::ConnectionState;
use wsdeck::core::time::Micros;
use wsdeck::editor::{Edit, Motion};
use wsdeck::tui::{Styles, draw};

const WIDTH: u16 = 200;
const HEIGHT: u16 = 60;

/// Messages that arrive between two pictures at 3 million a second.
const BETWEEN: u64 = 50_000;

const NOW: Micros = Micros(1_764_000_100_000_000);

/// A connected tab with text in the composer and a log that is full.
fn model() -> Model {
    let mut model = Model::new(Keymap::embedded(), Settings::default());
    let tab = model.tab_mut();
    tab.set_url("wss://example.com/v1/stream?symbol=abc&depth=20");
    tab.conn.state = ConnectionState::Open;
    tab.conn.opened = Some(Micros(1_764_000_000_000_000));
    tab.composer.editor.reset_text(&common::json(1_000_000));
    tab.log.handle.append(&common::messages(0, 500_000, 150));
    model
}

fn show(model: &mut Model, styles: &Styles, terminal: &mut Terminal<TestBackend>) {
    let mut geometry = None;
    terminal
        .draw(|frame| geometry = Some(draw(model, styles, NOW, frame)))
        .expect("the test backend cannot fail");
    if let Some(geometry) = geometry {
        let _ = update(model, Msg::Drawn(geometry), NOW);
    }
}

fn pictures(criterion: &mut Criterion) {
    let mut model = model();
    let styles = Styles::from(&Theme::embedded(ThemeName::default()));
    let mut terminal =
        Terminal::new(TestBackend::new(WIDTH, HEIGHT)).expect("the test backend cannot fail");
    let tab = model.tab().id;
    let mut group = criterion.benchmark_group("draw 200x60");
    group.measurement_time(Duration::from_secs(2));
    for (name, request) in [
        ("message", RequestTab::Message),
        ("params", RequestTab::Params),
        ("settings", RequestTab::Settings),
        ("handshake", RequestTab::Handshake),
    ] {
        model.tab_mut().request_tab = request;
        group.bench_function(name, |b| b.iter(|| show(&mut model, &styles, &mut terminal)));
    }
    // A refusal of the largest kind: what of its reply is seen is little, what there is is much.
    let tab_in_front = model.tab_mut();
    tab_in_front.request_tab = RequestTab::Handshake;
    tab_in_front.handshake.section = Section::Exchange;
    for (name, body) in [
        ("handshake, a body of 64 KiB in a line", "x".repeat(65_536)),
        ("handshake, a body of 64 KiB in lines", "line\n".repeat(13_107)),
    ] {
        model.tab_mut().conn.evidence = Some(Box::new(common::refusal_with(body)));
        group.bench_function(name, |b| b.iter(|| show(&mut model, &styles, &mut terminal)));
    }
    model.tab_mut().request_tab = RequestTab::Message;
    // All that happens between two pictures: the log takes what came, the model hears of it.
    let mut next = 500_000;
    group.bench_function("message, with 50,000 arrivals", |b| {
        b.iter_batched(
            || {
                let batch = common::messages(next, BETWEEN, 150);
                next += BETWEEN;
                batch
            },
            |batch| {
                model.tab().log.handle.append(&batch);
                let _ = update(&mut model, Msg::LogGrew(tab), NOW);
                show(&mut model, &styles, &mut terminal);
                batch
            },
            BatchSize::PerIteration,
        );
    });
    group.finish();
}

/// A key and its picture in a composer that holds 100 MiB.
fn keys(criterion: &mut Criterion) {
    let mut model = model();
    let styles = Styles::from(&Theme::embedded(ThemeName::default()));
    let mut terminal =
        Terminal::new(TestBackend::new(WIDTH, HEIGHT)).expect("the test backend cannot fail");
    let one_line = common::json(100 << 20);
    let lines = one_line.replace(',', ",\n");
    let mut group = criterion.benchmark_group("key and picture, 100 MiB");
    for (name, text) in [("in a line", &one_line), ("in lines", &lines)] {
        let tab = model.tab_mut();
        tab.focus = Pane::Body;
        tab.composer.editor.reset_text(text);
        let middle = tab.composer.editor.len_chars() / 2;
        tab.composer.editor.apply(Edit::Move { motion: Motion::To(middle), extend: false });
        show(&mut model, &styles, &mut terminal);
        for (what, key) in [("a letter", Key::Char('x')), ("down", Key::Down)] {
            group.bench_function(format!("{name}: {what}"), |b| {
                b.iter(|| {
                    let effects = update(&mut model, Msg::Key(KeyCombo::plain(key)), NOW);
                    show(&mut model, &styles, &mut terminal);
                    effects
                });
            });
        }
    }
    group.finish();
}

criterion_group! {
    name = benches;
    config = common::criterion();
    targets = pictures, keys
}
criterion_main!(benches);
