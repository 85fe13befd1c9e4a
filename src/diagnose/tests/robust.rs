//! Rules stand whatever a record lacks or holds.

use proptest::prelude::*;

use super::*;
use crate::core::evidence::Evidence;

const HOSTILE: &str = "\u{1b}]52;c;aGk=\u{7}\u{202e}é\u{0}\u{9b}2J\r\n“{\"a\":%s}";

/// Puts hostile text into every string of a record, by way of its JSON, except where a string
/// is the name of a variant, which would not be read back.
fn poisoned(e: &Evidence) -> Evidence {
    let mut e = e.clone();
    let r = &mut e.request;
    for text in [&mut r.typed, &mut r.used, &mut r.host, &mut r.target] {
        text.push_str(HOSTILE);
    }
    r.subprotocols.push(HOSTILE.into());
    r.credentials.push(HOSTILE.into());
    r.credential_notes.push(HOSTILE.into());
    r.overridden.push(HOSTILE.into());
    if let Some(failure) = &mut e.failure {
        failure.text.push_str(HOSTILE);
    }
    if let Some(dns) = &mut e.dns {
        dns.error = Some(HOSTILE.into());
    }
    if let Some(proxy) = &mut e.proxy {
        proxy.url.push_str(HOSTILE);
        proxy.reply.push_str(HOSTILE);
    }
    if let Some(tls) = &mut e.tls {
        tls.first_bytes_text = tls.first_bytes_text.take().map(|text| text + HOSTILE);
        for cert in &mut tls.chain {
            cert.subject.push_str(HOSTILE);
            cert.issuer.push_str(HOSTILE);
            cert.names.push(HOSTILE.into());
            cert.sha256.push_str(HOSTILE);
            cert.key.push_str(HOSTILE);
        }
    }
    if let Some(http) = &mut e.http {
        http.request.push_str(HOSTILE);
        http.first_bytes_text = http.first_bytes_text.take().map(|text| text + HOSTILE);
        if let Some(reply) = &mut http.reply {
            reply.reason.push_str(HOSTILE);
            reply.body.push_str(HOSTILE);
            for (_, value) in &mut reply.headers {
                value.push_str(HOSTILE);
            }
        }
    }
    if let Some(ws) = &mut e.websocket {
        ws.subprotocol = ws.subprotocol.take().map(|text| text + HOSTILE);
        ws.extensions = ws.extensions.take().map(|text| text + HOSTILE);
    }
    if let Some(session) = &mut e.session {
        for text in &mut session.first_received {
            text.push_str(HOSTILE);
        }
        session.last_received = session.last_received.take().map(|text| text + HOSTILE);
        if let Some(end) = &mut session.end {
            end.reason_received.push_str(HOSTILE);
            end.text.push_str(HOSTILE);
        }
    }
    e
}

fn is_hostile(c: char) -> bool {
    c.is_control() || matches!(c, '\u{202a}'..='\u{202e}')
}

#[test]
fn hostile_text_is_escaped_in_every_finding() {
    for record in records() {
        let e = poisoned(&record);
        for finding in rules::all().filter_map(|rule| match rule.check(&e) {
            Verdict::Hit(finding) => Some(finding),
            _ => None,
        }) {
            let labels = finding.fixes.iter().map(|fix| &fix.label);
            for text in [&finding.summary, &finding.explanation]
                .into_iter()
                .chain(&finding.hints)
                .chain(labels)
            {
                // An explanation has line breaks of its own; other texts are one line.
                let own = |c: char| c == '\n' && *text == finding.explanation;
                let hostile = text.chars().any(|c| is_hostile(c) && !own(c));
                assert!(!hostile, "{}: {text:?}", finding.code);
            }
            for fix in &finding.fixes {
                if let crate::core::change::Change::SetUrl { .. } = fix.change {
                    continue;
                }
                let json = serde_json::to_string(&fix.change).unwrap();
                assert!(
                    !json.contains("u001b") || json.contains("header"),
                    "{}: {json}",
                    finding.code
                );
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    /// Takes any parts out of any record, or empties lists in it.
    #[test]
    fn rules_stand_a_record_with_holes(pick in any::<prop::sample::Index>(), mask in any::<u32>()) {
        let all = records();
        let mut e = all[pick.index(all.len())].clone();
        let out = |bit: u32| mask & (1 << bit) != 0;
        if out(0) { e.stages.clear(); }
        if out(1) { e.dns = None; }
        if out(2) { e.tcp = None; }
        if out(3) { e.proxy = None; }
        if out(4) { e.tls = None; }
        if out(5) { e.http = None; }
        if out(6) { e.websocket = None; }
        if out(7) { e.session = None; }
        if out(8) { e.earlier.clear(); }
        if out(9) { e.request = crate::core::evidence::RequestFacts::default(); }
        if out(10) && let Some(tls) = &mut e.tls { tls.chain.clear(); tls.first_bytes_hex.clear(); }
        if out(11) && let Some(http) = &mut e.http { http.reply = None; }
        if out(12) && let Some(reply) = e.http.as_mut().and_then(|h| h.reply.as_mut()) { reply.headers.clear(); reply.body.clear(); }
        if out(13) && let Some(tcp) = &mut e.tcp { tcp.tries.clear(); }
        if out(14) && let Some(s) = &mut e.session { s.end = None; s.last_frames.clear(); }
        let findings = diagnose(&e);
        prop_assert_eq!(e.failure.is_some() && findings.is_empty(), false);
    }

    /// Any text in the places that are cut and searched.
    #[test]
    fn rules_stand_any_text(pick in any::<prop::sample::Index>(), text in "\\PC{0,40}") {
        let all = records();
        let mut e = all[pick.index(all.len())].clone();
        e.request.host.clone_from(&text);
        e.request.typed = format!("ws://{text}");
        e.request.target.clone_from(&text);
        if let Some(tls) = &mut e.tls {
            tls.first_bytes_hex.clone_from(&text);
        }
        if let Some(http) = &mut e.http {
            http.request = format!("Authorization:{text}");
            if let Some(reply) = &mut http.reply {
                reply.body.clone_from(&text);
                for (_, value) in &mut reply.headers {
                    value.clone_from(&text);
                }
            }
        }
        if let Some(session) = &mut e.session {
            session.first_received = vec![text.clone()];
            session.last_received = Some(text.clone());
        }
        let _ = diagnose(&e);
    }
}
