//! What the benchmarks share: their time limits, and things to measure on.
//!
//! A benchmark uses only some of it, which is why unused parts are no matter here.
#![allow(
    dead_code,
    clippy::allow_attributes,
    reason = "each benchmark is a program of its own and takes what it needs"
)]

pub mod console;

use std::path::Path;
use std::time::Duration;

use criterion::Criterion;
use wsdeck::auth;
use wsdeck::config::Places;
use wsdeck::core::evidence::{Evidence, Failure, FailureKind, HttpFacts, HttpProblem, ReplyFacts};
use wsdeck::core::message::{Direction, Message, MessageKind};
use wsdeck::core::request::{Files, RequestDraft, RequestSpec};
use wsdeck::core::time::Micros;

/// Short runs: every benchmark together is a matter of a minute or two.
#[must_use]
pub fn criterion() -> Criterion {
    Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(3))
        .without_plots()
        .configure_from_args()
}

/// Places for settings and data in a folder of the benchmark's own.
#[must_use]
pub fn places(folder: &Path) -> Places {
    let (config_dir, data_dir) = (folder.join("config"), folder.join("data"));
    let settings = config_dir.join("config.toml");
    Places { settings, settings_named: false, config_dir, data_dir }
}

/// The request for an address, as typed.
#[must_use]
pub fn draft(url: &str) -> RequestDraft {
    let mut draft = RequestDraft::default();
    draft.set_url(url.to_owned());
    draft
}

/// The request for an address, as it goes out.
#[must_use]
pub fn spec(url: &str) -> RequestSpec {
    auth::prepare(&draft(url), Files::default(), Micros(0)).expect("the address is sound")
}

/// `count` received JSON messages of about `size` bytes, numbered from `first`.
#[must_use]
pub fn messages(first: u64, count: u64, size: usize) -> Vec<Message> {
    (first..first + count)
        .map(|number| {
            let head = format!(r#"{{"n":{number},"price":{}.5,"text":""#, number % 997);
            let fill = "lorem ipsum dolor ".repeat(size / 18 + 1);
            let text = format!("{head}{}\"}}", &fill[..size.saturating_sub(head.len() + 2)]);
            Message {
                at: Micros(1_764_000_000_000_000 + number * 30),
                direction: Direction::In,
                kind: MessageKind::Text,
                payload: text.into_bytes().into(),
                packed: None,
                split: None,
            }
        })
        .collect()
}

/// A JSON text of about `bytes` bytes: an array of objects, on one line.
#[must_use]
pub fn json(bytes: usize) -> String {
    let mut text = String::with_capacity(bytes + 256);
    text.push('[');
    let mut number = 0_u64;
    while text.len() < bytes {
        if number > 0 {
            text.push(',');
        }
        text.push_str(&format!(
            r#"{{"id":{number},"name":"nämé {number}","tags":["a","b\n"],"ok":true,"none":null,"x":{}.25e3}}"#,
            number % 1000
        ));
        number += 1;
    }
    text.push(']');
    text
}

/// An XML text of about `bytes` bytes, on one line.
#[must_use]
pub fn xml(bytes: usize) -> String {
    let mut text = String::with_capacity(bytes + 256);
    text.push_str("<orders>");
    let mut number = 0_u64;
    while text.len() < bytes {
        text.push_str(&format!(
            r#"<order id="{number}" state='open'><name>n&amp;m {number}</name><!-- c --><empty/></order>"#
        ));
        number += 1;
    }
    text.push_str("</orders>");
    text
}

/// A record of a refused handshake with that body.
#[must_use]
pub fn refusal_with(body: String) -> Evidence {
    let headers = (0..100).map(|n| format!("X-Header-{n}: {}", "v".repeat(60)));
    let raw_head = headers.fold("HTTP/1.1 403 Forbidden".to_owned(), |head, h| head + "\n" + &h);
    let reply = ReplyFacts {
        status: 403,
        raw_head,
        body_bytes: body.len() as u64,
        body,
        ..ReplyFacts::default()
    };
    let request = "GET / HTTP/1.1\nHost: example.com".into();
    let http = HttpFacts { request, reply: Some(reply), ..HttpFacts::default() };
    Evidence { http: Some(http), ..Evidence::default() }
}

/// The record of an attempt that a server refused.
#[must_use]
pub fn refusal() -> Evidence {
    let mut evidence = refusal_with(r#"{"error":"invalid token"}"#.into());
    evidence.failure = Some(Failure {
        stage: wsdeck::core::stage::Stage::Http,
        kind: FailureKind::Http(HttpProblem::Status),
        text: "403 Forbidden".into(),
    });
    evidence
}
