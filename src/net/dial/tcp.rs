//! TCP to the first address that takes it (RFC 8305, "Happy Eyeballs"): families take turns, the
//! next try begins when one failed or has taken 250 ms. Every try is recorded.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use tokio::net::TcpStream;

use crate::core::evidence::{Failure, FailureKind, IoProblem, TcpFacts, TcpTry};
use crate::core::stage::Stage;
use crate::net::errors::{io_problem, io_text};
use crate::net::recorder::Recorder;

/// Connection Attempt Delay of RFC 8305 section 5.
const DELAY: Duration = Duration::from_millis(250);

pub(super) async fn connect(
    addresses: &[SocketAddr],
    recorder: &mut Recorder,
) -> Result<TcpStream, Failure> {
    recorder.begin(Stage::Tcp);
    recorder.evidence.tcp = Some(TcpFacts::default());
    let order = take_turns(addresses);
    let mut waiting = order.iter().copied().enumerate().peekable();
    let mut running = FuturesUnordered::new();
    loop {
        if let Some((index, address)) = waiting.next() {
            begin(recorder, address);
            running.push(async move { (index, TcpStream::connect(address).await) });
        }
        // Until one ended, or it is the turn of the next.
        let ended = if waiting.peek().is_some() {
            tokio::time::timeout(DELAY, running.next()).await.unwrap_or_default()
        } else {
            running.next().await
        };
        match ended {
            Some((index, Ok(stream))) => {
                end(recorder, index, None);
                return Ok(connected(stream, recorder));
            }
            Some((index, Err(error))) => end(recorder, index, Some(&error)),
            None if running.is_empty() && waiting.peek().is_none() => break,
            None => {}
        }
    }
    Err(failure(recorder))
}

/// Addresses of both families in turn, beginning with that of the first.
fn take_turns(addresses: &[SocketAddr]) -> Vec<SocketAddr> {
    let Some(first) = addresses.first() else { return Vec::new() };
    let (mut one, mut other): (Vec<SocketAddr>, Vec<SocketAddr>) =
        addresses.iter().partition(|address| address.is_ipv4() == first.is_ipv4());
    let mut out = Vec::with_capacity(addresses.len());
    one.reverse();
    other.reverse();
    while !(one.is_empty() && other.is_empty()) {
        out.extend(one.pop());
        out.extend(other.pop());
    }
    out
}

fn begin(recorder: &mut Recorder, address: SocketAddr) {
    let began_us = recorder.elapsed();
    if let Some(facts) = &mut recorder.evidence.tcp {
        facts.tries.push(TcpTry {
            address,
            began_us,
            ended_us: None,
            problem: None,
            errno: None,
            text: String::new(),
        });
    }
}

fn end(recorder: &mut Recorder, index: usize, error: Option<&io::Error>) {
    let ended_us = recorder.elapsed();
    let Some(tried) = recorder.evidence.tcp.as_mut().and_then(|facts| facts.tries.get_mut(index))
    else {
        return;
    };
    tried.ended_us = Some(ended_us);
    if let Some(error) = error {
        tried.problem = Some(io_problem(error));
        tried.errno = error.raw_os_error();
        tried.text = io_text(error);
    }
}

fn connected(stream: TcpStream, recorder: &mut Recorder) -> TcpStream {
    // Small messages must not wait for Nagle's algorithm; without it they are only slower.
    let _ = stream.set_nodelay(true);
    let (local, peer) = (stream.local_addr().ok(), stream.peer_addr().ok());
    if let Some(facts) = &mut recorder.evidence.tcp {
        facts.local = local;
        facts.peer = peer;
    }
    recorder.succeed(peer.map(|peer| peer.to_string()).unwrap_or_default());
    stream
}

/// All tries failed: tells the first one's problem, unless only that family has no route.
fn failure(recorder: &Recorder) -> Failure {
    let tries = recorder.evidence.tcp.as_ref().map(|facts| facts.tries.as_slice());
    let tries = tries.unwrap_or_default();
    let told = tries
        .iter()
        .find(|tried| tried.problem.is_some_and(|problem| problem != IoProblem::Unreachable))
        .or_else(|| tries.first());
    let problem = told.and_then(|tried| tried.problem).unwrap_or(IoProblem::Other);
    let text = told.map_or_else(
        || "there was no address to try".to_owned(),
        |tried| format!("{}: {}", tried.address, tried.text),
    );
    Failure { stage: Stage::Tcp, kind: FailureKind::Tcp(problem), text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_take_turns() {
        let read = |list: &[&str]| -> Vec<SocketAddr> {
            list.iter().map(|text| text.parse().unwrap()).collect()
        };
        let given = read(&["[::1]:1", "[::2]:1", "[::3]:1", "1.1.1.1:1", "2.2.2.2:1"]);
        let want = read(&["[::1]:1", "1.1.1.1:1", "[::2]:1", "2.2.2.2:1", "[::3]:1"]);
        assert_eq!(take_turns(&given), want);
        assert!(take_turns(&[]).is_empty());
    }
}
