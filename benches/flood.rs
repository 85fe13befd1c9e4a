//! Receiving a flood: the transport with the log behind it, against a bare loop around
//! tokio-tungstenite, from the same sender, in turns.
//!
//! The number that matters is the ratio at the end. The aim is 0.8 of the bare loop's rate.

mod common;

use std::cell::RefCell;
use std::rc::Rc;
use std::time::{Duration, Instant};

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use futures_util::StreamExt as _;
use tokio::net::TcpStream;
use tokio::runtime::{Builder, Runtime};
use wsdeck::core::event::EventKind;
use wsdeck::core::stage::ConnId;
use wsdeck::log::{DEFAULT_BUDGET, LogHandle};
use wsdeck::net;
use wsdeck::practice::{Options, Server};

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

fn flood(criterion: &mut Criterion) {
    let (serving, receiving) = (threads(1), threads(2));
    let server = serving
        .block_on(Server::start(Options { tls_listen: None, ..Options::default() }))
        .expect("loopback has a free port");
    let (url, address) = (server.url(&format!("/flood?count={COUNT}&size={SIZE}")), server.addr());

    let spent: Rc<RefCell<[Vec<Duration>; 2]>> = Rc::default();
    let mut group = criterion.benchmark_group("flood");
    group.throughput(Throughput::Elements(COUNT)).measurement_time(Duration::from_secs(8));
    for (which, name) in ["bare tungstenite", "transport and log"].into_iter().enumerate() {
        let spent = Rc::clone(&spent);
        let (receiving, url) = (&receiving, url.as_str());
        group.bench_function(BenchmarkId::from_parameter(name), move |bencher| {
            bencher.iter_custom(|rounds| {
                let mut total = Duration::ZERO;
                for _ in 0..rounds {
                    let start = Instant::now();
                    let count = receiving.block_on(async {
                        if which == 0 { bare(url, address).await } else { logged(url).await }
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
    if let [Some(bare), Some(ours)] = [median(&spent[0]), median(&spent[1])] {
        let rate = |took: Duration| COUNT as f64 / took.as_secs_f64() / 1e6;
        println!(
            "flood: bare {:.2} million messages/s, transport and log {:.2}; ratio {:.2}\n",
            rate(bare),
            rate(ours),
            bare.as_secs_f64() / ours.as_secs_f64()
        );
    }
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
