//! Every cause of `failures.md` that can be staged on loopback, and what must be said of it.
//!
//! [`rows`] is the table: a fault, how it is staged, what the client asks, and the code that must
//! come first. The client is the real one, from the draft to the findings, as `check` runs it;
//! [`binary`] proves the same from outside with exit codes. What cannot be staged is listed with
//! the reason, and nothing may be in neither list. [`hostile`] is
//! about peers that mean harm.

mod binary;
mod hostile;
mod peer;
mod row;
mod rows;

use std::collections::BTreeSet;
use std::sync::Arc;

use tokio::sync::Semaphore;
use wsdeck::core::evidence::EarlierAttempt;
use wsdeck::diagnose;
use wsdeck::practice::{self, Server};

use row::{Row, record, run};
use rows::UNSTAGED;

/// Rows under way at once.
const AT_ONCE: usize = 24;

/// Every id that the rules answer for.
fn all_ids() -> BTreeSet<&'static str> {
    include_str!("../../data/failure-ids.txt").lines().filter(|line| !line.is_empty()).collect()
}

/// Causes that are told apart from their kind by a second time only.
const TWICE: &[&str] = &["msg/idle-other", "msg/not-maintained"];
/// A connection that ends after two seconds, whatever is done.
const LASTS: &str = "/lifetime?ms=2100";
/// Causes that only the binary shows: it waits for a pong, and it reads the environment.
const BINARY: &[&str] = &["ws/ping-unanswered", "proxy/env-surprise"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_fault_is_told_by_its_name() {
    let server = Arc::new(Server::start(practice::Options::default()).await.expect("it starts"));
    let places = Arc::new(Semaphore::new(AT_ONCE));
    let mut running = tokio::task::JoinSet::new();
    let only = std::env::var("WSDECK_FAULT").ok();
    for row in rows::all() {
        if only.as_ref().is_some_and(|only| !row.id.contains(only.as_str())) {
            continue;
        }
        assert!(!row.is_unexplained(), "{} allows other codes without a reason", row.id);
        let (server, places) = (Arc::clone(&server), Arc::clone(&places));
        running.spawn(async move {
            let _place = places.acquire_owned().await;
            Box::pin(run(row, &server)).await
        });
    }
    let results = running.join_all().await;
    let mut wrong = BTreeSet::new();
    for result in &results {
        if let Some(why) = &result.wrong {
            wrong.insert(format!("{}: {why}", result.id));
        }
    }
    let ids: BTreeSet<&str> = results.iter().map(|result| result.id).collect();
    let slow = results.iter().max_by_key(|result| result.took).map(|r| (r.id, r.took));
    println!("{} rows of {} causes; slowest {slow:?}", results.len(), ids.len());
    let list: Vec<String> = wrong.into_iter().collect();
    assert!(list.is_empty(), "{} of {} rows:\n{}", list.len(), results.len(), list.join("\n"));
}

/// A pattern is seen at the second time: two connections end alike.
#[tokio::test]
async fn what_happens_twice_is_a_pattern() {
    let server = Server::start(practice::Options::default()).await.expect("it starts");
    for (id, path) in [("msg/idle-other", "/idle?seconds=5.2"), ("msg/not-maintained", LASTS)] {
        let row = row::practice(id, path).send("hello");
        let (first, second) = (Box::pin(record(&row, &server)), Box::pin(record(&row, &server)));
        // The first one is remembered when the second one ends.
        let (before, mut after) = tokio::join!(first, second);
        after.earlier = vec![EarlierAttempt::of(&before, None)];
        let codes: Vec<_> = diagnose::diagnose(&after).into_iter().map(|f| f.code).collect();
        assert!(codes.iter().any(|code| code == id), "{codes:?}");
    }
}

#[test]
fn every_cause_is_staged_or_has_a_reason_not_to_be() {
    let all = all_ids();
    assert_eq!(all.len(), 311, "failures.md and the list of its ids differ");
    let staged: BTreeSet<&str> =
        rows::all().iter().map(|row: &Row| row.id).chain([TWICE, BINARY].concat()).collect();
    let unstaged: BTreeSet<&str> = UNSTAGED.iter().map(|(id, _)| *id).collect();
    assert_eq!(unstaged.len(), UNSTAGED.len(), "an id is listed twice");
    assert!(UNSTAGED.iter().all(|(_, reason)| !reason.is_empty()));
    let both: Vec<_> = staged.intersection(&unstaged).collect();
    assert!(both.is_empty(), "staged and said not to be: {both:?}");
    let strange: Vec<_> = unstaged.difference(&all).collect();
    assert!(strange.is_empty(), "no such cause: {strange:?}");
    let neither: Vec<_> =
        all.iter().filter(|id| !staged.contains(*id) && !unstaged.contains(*id)).collect();
    let own = staged.difference(&all).count();
    println!(
        "{} of {} causes are staged, {} cannot be; {own} further codes are staged too",
        staged.intersection(&all).count(),
        all.len(),
        unstaged.len()
    );
    assert!(neither.is_empty(), "{} neither staged nor explained: {neither:?}", neither.len());
}
