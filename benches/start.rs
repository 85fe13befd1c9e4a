//! From the start to the first picture, with 1,000 saved requests of which 20 are open: settings,
//! keys, theme and workspace are read from disk and drawn. The aim is 30 ms for the whole program.

mod common;

use std::path::Path;

use criterion::{Criterion, criterion_group, criterion_main};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use wsdeck::app::Model;
use wsdeck::config::{self, Places};
use wsdeck::core::headers::HeaderRow;
use wsdeck::core::request::RequestDraft;
use wsdeck::core::time::Micros;
use wsdeck::store::{ComposerDraft, Paths, SavedMessage, Store, StoredRequest, WorkspaceState};
use wsdeck::tui::{Styles, draw};

const REQUESTS: usize = 1_000;
const OPEN: usize = 20;

fn request(number: usize) -> StoredRequest {
    let mut draft = RequestDraft::default();
    draft.set_url(format!("wss://example.com/v1/rooms/{number}?token=abc&depth={number}"));
    draft.headers =
        vec![HeaderRow::new("X-Trace", format!("{number}")), HeaderRow::new("X-A", "b")];
    StoredRequest {
        id: format!("request-{number}"),
        name: format!("Room {number}"),
        draft,
        messages: vec![SavedMessage {
            name: "hello".into(),
            kind: "json".into(),
            form: String::new(),
            text: "{\"hello\": 1}".into(),
        }],
        composer: ComposerDraft {
            kind: "json".into(),
            form: String::new(),
            text: "{\"op\": \"subscribe\"}".into(),
        },
    }
}

fn fill(paths: &Paths, workspace: &Path) {
    let (mut store, mut state, problems) = Store::load(paths, workspace);
    assert!(problems.is_empty(), "an empty folder has no problems: {problems:?}");
    state.requests = (0..REQUESTS).map(request).collect();
    state.open = state.requests.iter().take(OPEN).map(|request| request.id.clone()).collect();
    store.save(&state).expect("the temporary folder can be written");
}

/// What the interface does before its first picture.
fn first_picture(places: &Places, paths: &Paths, workspace: &Path) -> usize {
    let loaded = config::load(places, false);
    let styles = Styles::from(&loaded.theme);
    let mut model = Model::new(loaded.keymap, loaded.settings);
    let (_store, state, problems): (Store, WorkspaceState, _) = Store::load(paths, workspace);
    assert!(problems.is_empty(), "what was saved is sound: {problems:?}");
    for request in state.open.iter().filter_map(|id| state.request(id)) {
        let tab = model.push_tab(request.draft.clone(), request.name.clone());
        tab.composer.editor.reset_text(&request.composer.text);
        tab.refresh_preview(Micros(0));
    }
    let mut terminal =
        Terminal::new(TestBackend::new(200, 60)).expect("the test backend cannot fail");
    terminal
        .draw(|frame| {
            let _ = draw(&model, &styles, Micros(0), frame);
        })
        .expect("the test backend cannot fail");
    model.tabs.len()
}

fn start(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let (config_dir, data_dir) = (folder.path().join("config"), folder.path().join("data"));
    let paths = Paths { config_dir: config_dir.clone(), data_dir: data_dir.clone() };
    let places = Places {
        settings: config_dir.join("config.toml"),
        settings_named: false,
        config_dir,
        data_dir,
    };
    let (full, empty) = (folder.path().join("full"), folder.path().join("empty"));
    fill(&paths, &full);
    let mut group = criterion.benchmark_group("start to first picture");
    for (name, workspace, tabs) in
        [("empty", &empty, 1), ("1,000 requests, 20 open", &full, OPEN + 1)]
    {
        group.bench_function(name, |b| {
            b.iter(|| assert_eq!(first_picture(&places, &paths, workspace), tabs));
        });
    }
    group.finish();
}

criterion_group! {
    name = benches;
    config = common::criterion();
    targets = start
}
criterion_main!(benches);
