//! Probes: begun by a key, asked for where something goes out again, written into the record.

use super::Play;
use crate::app::effect::{Effect, ProbeRequest};
use crate::app::model::{Modal, Planned};
use crate::app::msg::{Msg, ProbeStep};
use crate::config::Probes;
use crate::core::evidence::{Evidence, ProbeKind, ProbeRecord, ProbeResult};
use crate::diagnose::diagnose;
use crate::diagnose::fixtures::status;

/// An attempt that ended with this record.
fn ended(play: &mut Play, evidence: Evidence) {
    let request = play.connects_to("ws://api.example.com:8080/feed");
    let findings = diagnose(&evidence);
    let (tab, conn) = (request.tab, request.conn);
    play.msg(Msg::Ended { tab, conn, evidence: Box::new(evidence), findings });
}

fn begun(play: &Play) -> Vec<&ProbeRequest> {
    let probes = play.effects.iter().filter_map(|effect| match effect {
        Effect::Probe(request) => Some(&**request),
        _ => None,
    });
    probes.collect()
}

fn made(planned: &Planned, result: ProbeResult) -> ProbeStep {
    let mut record = ProbeRecord::new(planned.kind, &planned.changed, result, "opens");
    record.change.clone_from(&planned.change);
    ProbeStep::Made(Box::new(record))
}

fn step(play: &mut Play, run: u64, step: ProbeStep) {
    let tab = play.model.tab().id;
    play.msg(Msg::Probed { tab, run, step });
}

fn with_token() -> Evidence {
    let mut e = status(404, &[], "nope");
    e.request.credentials.push("header Authorization".into());
    e
}

#[test]
fn the_key_makes_bare_ones_and_the_verdict_follows() {
    let mut play = Play::new();
    ended(&mut play, status(404, &[], "nope"));
    assert!(begun(&play).is_empty(), "nothing begins by itself");
    play.keys("p");
    let request = begun(&play)[0].clone();
    let kinds: Vec<ProbeKind> = request.planned.iter().map(|p| p.kind).collect();
    assert_eq!(kinds, [ProbeKind::GetSamePath, ProbeKind::TrailingSlash]);
    assert_eq!(request.draft.url, "ws://api.example.com:8080/feed");
    let probing = play.model.tab().conn.probing.clone().unwrap();
    assert_eq!((probing.current().unwrap().kind, probing.waiting()), (kinds[0], 1));
    step(&mut play, request.run, ProbeStep::Began(1));
    step(&mut play, request.run, made(&request.planned[1], ProbeResult::Open));
    let conn = &play.model.tab().conn;
    assert_eq!(conn.evidence.as_ref().unwrap().probes.len(), 1);
    assert_eq!(conn.history.back().unwrap().evidence.probes.len(), 1);
    assert!(conn.findings[0].explanation.contains("Checked: "), "{:?}", conn.findings[0]);
    assert!(conn.conclusion.as_ref().unwrap().contains("it opens with a slash"));
    step(&mut play, request.run, ProbeStep::Over);
    assert!(play.model.tab().conn.probing.is_none());
    assert!(play.notice().contains("it opens with a slash"), "{}", play.notice());
    // The remedy is at the first key, and is offered, not applied.
    assert_eq!(play.model.tab().draft.url, "ws://api.example.com:8080/feed");
    play.keys("1");
    assert_eq!(play.model.tab().draft.url, "ws://api.example.com:8080/feed/");
}

#[test]
fn what_sends_something_again_needs_a_yes() {
    let mut play = Play::new();
    ended(&mut play, with_token());
    play.keys("p");
    let run = begun(&play)[0].run;
    assert!(begun(&play)[0].planned.iter().all(Planned::is_bare));
    step(&mut play, run, ProbeStep::Over);
    play.keys("p");
    let Some(Modal::Confirm { text, on_yes, .. }) = play.model.modals.last() else {
        panic!("it is asked for")
    };
    assert!(
        text.contains("header Authorization") && text.contains("api.example.com:8080"),
        "{text}"
    );
    assert!(!on_yes, "Enter alone sends nothing");
    play.keys("n");
    assert_eq!(begun(&play).len(), 1);
    play.keys("p y");
    let asked = begun(&play)[1].clone();
    assert!(asked.planned.len() == 1 && asked.planned[0].whole, "{asked:?}");
    // It is not offered twice.
    step(&mut play, asked.run, ProbeStep::Over);
    play.keys("p");
    assert!(
        play.model.modals.is_empty() && play.notice().contains("No probe"),
        "{}",
        play.notice()
    );
}

#[test]
fn the_key_stops_them_and_late_results_are_dropped() {
    let mut play = Play::new();
    ended(&mut play, status(404, &[], "nope"));
    play.keys("p");
    let request = begun(&play)[0].clone();
    play.keys("p");
    assert!(play.effects.iter().any(|effect| matches!(effect, Effect::StopProbes(_))));
    let late = play.model.late_events;
    step(&mut play, request.run, made(&request.planned[0], ProbeResult::Open));
    assert_eq!(play.model.late_events, late + 1);
    assert!(play.model.tab().conn.evidence.as_ref().unwrap().probes.is_empty());
    // They can be made later; a new attempt stops those that run.
    play.keys("p");
    assert_eq!(begun(&play)[1].planned, request.planned);
    play.effects.clear();
    play.connects_to("ws://api.example.com:8080/feed");
    assert!(play.effects.iter().any(|effect| matches!(effect, Effect::StopProbes(_))));
}

#[test]
fn the_setting_lets_them_begin_or_hides_them() {
    let mut play = Play::new();
    play.model.settings.interface.probes = Probes::Auto;
    ended(&mut play, with_token());
    let probes = begun(&play);
    assert_eq!(probes.len(), 1);
    assert!(probes[0].planned.len() <= 3 && probes[0].planned.iter().all(Planned::is_bare));

    let mut play = Play::new();
    play.model.settings.interface.probes = Probes::Off;
    ended(&mut play, with_token());
    play.keys("p");
    assert!(begun(&play).is_empty() && play.model.tab().conn.plan.is_empty());
    assert!(play.notice().contains("switched off"), "{}", play.notice());
}
