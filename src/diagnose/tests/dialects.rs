//! The samples of the table of dialects, judged as a whole: what comes first, and what is offered.

use super::*;
use crate::core::change::Change;
use crate::diagnose::fixtures::*;

#[test]
fn each_sample_gives_its_finding_first() {
    let mut wrong = Vec::new();
    for (key, dialect) in dialect::all() {
        for sample in &dialect.samples {
            let found: Vec<_> = diagnose(&sample.record())
                .into_iter()
                .map(|finding| (finding.code, finding.severity, finding.confidence))
                .collect();
            // What is only possible stands after what is sure.
            let at = found.iter().position(|(code, ..)| *code == sample.finds);
            let first = at.is_some_and(|at| at == 0 || found[at].2 == Confidence::Possible);
            if !first {
                wrong.push(format!("{key}: {} is not first in {found:?}", sample.finds));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn patterns_come_before_what_they_explain() {
    let mut wrong = Vec::new();
    for (id, e) in fixtures::cases() {
        if !id.starts_with("msg/") {
            continue;
        }
        let findings = diagnose(&e);
        let at = findings.iter().position(|finding| finding.code == id);
        let general = findings.iter().position(|f| f.code.starts_with("ws/close-"));
        let firm = at.is_some_and(|at| findings[at].confidence != Confidence::Possible);
        if at.is_none() || (firm && general.is_some_and(|general| at > Some(general))) {
            let codes: Vec<_> = findings.iter().map(|f| f.code.to_string()).collect();
            wrong.push(format!("{id}: {codes:?}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_first_message_is_offered_as_it_must_be_sent() {
    let offered = |id: &str| {
        fixtures::cases()
            .into_iter()
            .filter(|(case, _)| *case == id)
            .flat_map(|(_, e)| diagnose(&e))
            .filter(|finding| finding.code == id)
            .flat_map(|finding| finding.fixes)
            .find_map(|fix| match fix.change {
                Change::SetMessage { text } => Some(text),
                _ => None,
            })
    };
    for (id, end) in [
        ("msg/stomp-connect", "\n\n\0"),
        ("msg/signalr-handshake", "}\u{1e}"),
        ("msg/signalr-terminator", "}\u{1e}"),
        ("msg/graphql-4408", "}"),
        ("msg/engineio-greeting", "40"),
        ("msg/ha-auth", "}"),
        ("msg/wamp", "]"),
        ("msg/subscribe-deadline", "}"),
    ] {
        let text = offered(id).unwrap_or_else(|| panic!("{id} offers no message"));
        assert!(text.ends_with(end), "{id}: {text:?}");
    }
}

#[test]
fn another_vendors_codes_are_not_borrowed() {
    for code in [4003, 4004, 4008, 4201, 3000] {
        let findings = diagnose(&closed(code, ""));
        let codes: Vec<_> = findings.iter().map(|f| f.code.as_ref()).collect();
        let vendors = ["msg/discord", "msg/twitch", "msg/pusher", "msg/openai"];
        assert!(!codes.iter().any(|code| vendors.contains(code)), "{code}: {codes:?}");
    }
}

#[test]
fn one_drop_proves_no_limit() {
    for seconds in [30, 45, 60, 100, 240, 300, 350, 600] {
        let findings = diagnose(&idle(seconds, 0));
        assert!(
            findings.iter().all(|f| !f.code.starts_with("msg/idle-")),
            "{seconds} s: {findings:#?}"
        );
    }
}
