//! Receiving a flood from one sender, three ways: a bare loop around tokio-tungstenite, the
//! transport with the log behind it, and the whole interface, drawing.
//!
//! What matters are the ratios at the end. The aim is 0.8 of the bare loop's rate.

mod common;

use std::cell::RefCell;
use std::path::Path;
use std::rc::Rc;
use std::time::{Duration, Instant};

use common::console::Memory;
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use futures_util::StreamExt as _;
use tokio::net::TcpStream;
use tokio::runtime::{Builder, Runtime};
use wsdeck::core::event::EventKind;
use wsdeck::core::stage::ConnId;
use wsdeck::log::{DEFAULT_BUDGET, LogHandle};
use wsdeck::net;
use wsdeck::practice::{Options, Server};
use wsdeck::runtime::{Opening, Program, Start};

/// Messages in one measurement.
const COUNT: u64 = 500_000;

/// Bytes of a message.
const SIZE: u64 = 150;

fn threads(count: usize) -> Runtime {
    Builder::new_multi_thread()
        .worker_threads(count)
        .enable_all()
        .build()
        .expect("the system has threads")
}

/// Reads until the close and counts the messages.
async fn bare(url: &str, address: std::net::SocketAddr) -> u64 {
    let stream = TcpStream::connect(address).await.expect("the server listens");
    let (mut socket, _) =
        tokio_tungstenite::client_async(url, stream).await.expect("the server accepts");
    let mut count = 0;
    while let Some(message) = socket.next().await {
        let message = message.expect("the server keeps to the protocol");
        count += u64::from(message.is_text());
    }
    count
}

/// The same with our transport; every message goes into a log.
async fn logged(url: &str) -> u64 {
    let log = LogHandle::new(DEFAULT_BUDGET);
    let (_handle, mut events) = net::spawn(ConnId(1), common::spec(url), net::Options::default());
    while let Some(event) = events.recv().await {
        if let EventKind::Messages(messages) = event.kind {
            log.append(&messages);
        }
    }
    log.stats().totals.received.text
}

/// The same with the whole interface, which draws all the while; it ends when its picture says that
/// the connection is closed and every message was counted.
async fn shown(url: &str, folder: &Path) -> u64 {
    let start = Start {
        request: Some(common::draft(url)),
        connect: true,
        workspace: Some(folder.join("workspace")),
        ..Start::default()
    };
    let opening =
        Opening::prepare(&start, &common::places(folder)).await.expect("nothing has to be started");
    let (memory, seen) =
        Memory::new(|screen| screen.contains("CLOSED 1000") && screen.contains("↓ 500,000"));
    let program = Program::new(opening, memory, Program::<Memory>::PACE).run(None);
    let ended = tokio::time::timeout(Duration::from_secs(120), program).await;
    ended.expect("the picture comes").expect("a picture in memory cannot fail");
    if seen.get().is_some() { COUNT } else { 0 }
}

fn flood(criterion: &mut Criterion) {
    let (serving, receiving) = (threads(1), threads(2));
    let server = serving
        .block_on(Server::start(Options { tls_listen: None, ..Options::default() }))
        .expect("loopback has a free port");
    let (url, address) = (server.url(&format!("/flood?count={COUNT}&size={SIZE}")), server.addr());

    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let spent: Rc<RefCell<[Vec<Duration>; 3]>> = Rc::default();
    let mut group = criterion.benchmark_group("flood");
    group.throughput(Throughput::Elements(COUNT)).measurement_time(Duration::from_secs(8));
    let ways = ["bare tungstenite", "transport and log", "interface at 200x60"];
    for (which, name) in ways.into_iter().enumerate() {
        let spent = Rc::clone(&spent);
        let (receiving, url, folder) = (&receiving, url.as_str(), folder.path());
        group.bench_function(BenchmarkId::from_parameter(name), move |bencher| {
            bencher.iter_custom(|rounds| {
                let mut total = Duration::ZERO;
                for _ in 0..rounds {
                    let start = Instant::now();
                    let count = receiving.block_on(async {
                        match which {
                            0 => bare(url, address).await,
                            1 => logged(url).await,
                            _ => shown(url, folder).await,
                        }
                    });
                    let took = start.elapsed();
                    assert_eq!(count, COUNT, "{name} lost messages");
                    spent.borrow_mut()[which].push(took);
                    total += took;
                }
                total
            });
        });
    }
    group.finish();
    let spent = spent.borrow();
    let mut bare = None;
    for (name, times) in ways.into_iter().zip(spent.iter()) {
        let Some(took) = median(times).map(|took| took.as_secs_f64()) else { continue };
        let ratio = *bare.get_or_insert(took) / took;
        println!(
            "flood: {name}: {:.2} million/s, {ratio:.2} of {}",
            COUNT as f64 / took / 1e6,
            ways[0]
        );
    }
    println!();
    serving.block_on(server.shutdown());
}

fn median(times: &[Duration]) -> Option<Duration> {
    let mut times = times.to_vec();
    times.sort();
    times.get(times.len() / 2).copied()
}

criterion_group! {
    name = benches;
    config = common::criterion();
    targets = flood
}
criterion_main!(benches);
