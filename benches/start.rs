//! From the start of the interface to its first picture, with 1,000 saved requests of which 20 are
//! open: settings, keys, theme and workspace are read from disk and drawn. The aim is 30 ms for the
//! whole program.

mod common;

use std::path::Path;
use std::time::{Duration, Instant};

use common::console::{Awaited, Memory};
use criterion::{Criterion, criterion_group, criterion_main};
use tokio::runtime::Runtime;
use wsdeck::config::Places;
use wsdeck::core::headers::HeaderRow;
use wsdeck::runtime::{Opening, Program, Start};
use wsdeck::store::{ComposerDraft, Paths, SavedMessage, Store, StoredRequest};

const REQUESTS: usize = 1_000;
const OPEN: usize = 20;

fn request(number: usize) -> StoredRequest {
    let mut draft =
        common::draft(&format!("wss://example.com/v1/rooms/{number}?token=abc&depth={number}"));
    draft.headers =
        vec![HeaderRow::new("X-Trace", format!("{number}")), HeaderRow::new("X-A", "b")];
    StoredRequest {
        id: format!("request-{number}"),
        name: format!("Room {number}"),
        draft,
        messages: vec![SavedMessage {
            on_open: false,
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

/// Starts the interface and ends it with its first picture; the time between.
fn first_picture(
    threads: &Runtime,
    places: &Places,
    workspace: &Path,
    awaited: Awaited,
) -> Duration {
    let start = Start { workspace: Some(workspace.to_owned()), ..Start::default() };
    let began = Instant::now();
    let seen = threads.block_on(async {
        let opening = Opening::prepare(&start, places).await.expect("nothing has to be started");
        let (memory, seen) = Memory::new(awaited);
        let program = Program::new(opening, memory, Program::<Memory>::PACE);
        program.run(None).await.expect("a picture in memory cannot fail");
        seen
    });
    *seen.get().expect("the program ends with the awaited picture") - began
}

fn start(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let places = common::places(folder.path());
    let paths = Paths { config_dir: places.config_dir.clone(), data_dir: places.data_dir.clone() };
    let (full, empty) = (folder.path().join("full"), folder.path().join("empty"));
    fill(&paths, &full);
    let threads = Runtime::new().expect("the system has threads");
    let mut group = criterion.benchmark_group("start to first picture");
    for (name, workspace, awaited) in [
        ("empty", &empty, (|_| true) as Awaited),
        ("1,000 requests, 20 open", &full, |screen| screen.contains("Room 0")),
    ] {
        group.bench_function(name, |b| {
            b.iter_custom(|rounds| {
                (0..rounds).map(|_| first_picture(&threads, &places, workspace, awaited)).sum()
            });
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
