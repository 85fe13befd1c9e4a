//! How the connection stands, in words: the lower right corner of the screen.

use std::borrow::Cow;

use crate::app::model::{Ending, Tab, ending, offset_words, wire};
use crate::core::close::code_name;
use crate::core::sanitize::truncate_to_width;
use crate::core::stage::ConnectionState;
use crate::core::time::Micros;
use crate::tui::pen::{Span, span};
use crate::tui::styles::Styles;
use crate::tui::words::{clock, duration, short_duration};

/// Cells for what is done to get a credential.
const WORKING: usize = 34;

/// The state in spans, the most important first: each list holds one more thing than the one after
/// it, and the last one is only the word.
pub(super) fn forms<'a>(styles: &Styles, tab: &Tab, now: Micros) -> Vec<Vec<Span<'a>>> {
    let conn = &tab.conn;
    let mut head: Vec<Span<'a>> = Vec::new();
    for mark in marks(tab, now) {
        head.push(span(
            format!(" {mark} "),
            styles.warn.add_modifier(ratatui::style::Modifier::REVERSED),
        ));
        head.push(span(" ", styles.text));
    }
    let mut more: Vec<Span<'a>> = Vec::new();
    let since = |from: Micros| now.since(from);
    match conn.state {
        ConnectionState::Idle => head.push(span("○ NOT CONNECTED", styles.dim)),
        ConnectionState::Connecting(stage) => {
            let words = match &conn.credential.working {
                // At its end stands an address, of which the beginning tells enough.
                Some(words) => truncate_to_width(words, WORKING).into_owned(),
                None => stage.doing().to_owned(),
            };
            head.push(span(format!("◌ CONNECTING: {words}"), styles.warn));
            more.push(span(format!(" {}", duration(since(conn.began))), styles.dim));
        }
        ConnectionState::Open => {
            head.push(span("● CONNECTED", styles.ok));
            if let Some(opened) = conn.opened {
                more.push(span(format!(" {}", clock(since(opened))), styles.text));
            }
            if let Some(round_trip) = conn.round_trip {
                more.push(span(format!("  rtt {}", duration(round_trip)), styles.dim));
            }
            more.extend(facts(tab).into_iter().map(|fact| span(format!("  {fact}"), styles.dim)));
        }
        ConnectionState::Closing => {
            head.push(span("◌ CLOSING", styles.warn));
            more.push(span(format!(" {}", duration(since(conn.began))), styles.dim));
        }
        ConnectionState::Closed { code } => {
            let clean = matches!(code, 1000 | 1001 | 1005);
            let (mark, style) = if clean { ("○", styles.text) } else { ("⊘", styles.warn) };
            head.push(span(format!("{mark} CLOSED {code}"), style));
            more.push(span(format!(" {}", code_name(code)), style));
        }
        ConnectionState::Failed(stage) => {
            let what = match conn.findings.first() {
                Some(finding) => finding.code.to_string(),
                None => stage.label().to_owned(),
            };
            head.push(span(format!("✗ FAILED {what}"), styles.error));
        }
    }
    let mut tail: Vec<Span<'a>> = Vec::new();
    if let Some(reconnect) = conn.reconnect {
        let all = tab.draft.settings.reconnect_attempts;
        let attempt = reconnect.attempt;
        // Rounded up, so that it does not say 0 while it still waits.
        let wait = reconnect.at.since(now).as_millis().div_ceil(1_000);
        let words = format!("reconnect {attempt}/{} in {wait} s", all.max(attempt));
        tail.push(span(format!(" · {words}"), styles.warn));
    }
    (0..=more.len())
        .rev()
        .map(|count| head.iter().chain(&more[..count]).chain(&tail).cloned().collect())
        .collect()
}

/// What is to be minded, shown for as long as it holds. What weakens TLS: certificates are not checked, by the connection
/// there is or by the request to come; one is trusted by its fingerprint against the verifier;
/// keys are written to a file. Then a shifted clock, and a credential that ends.
fn marks(tab: &Tab, now: Micros) -> Vec<Cow<'static, str>> {
    let live = tab.conn.evidence.as_ref().filter(|_| tab.conn.state.is_live());
    let tls = live.and_then(|evidence| evidence.tls.as_ref());
    let mut out = if tab.conn.state.is_live() { wire::marks(&tab.conn) } else { Vec::new() };
    if !tab.draft.settings.verify || live.is_some_and(|evidence| !evidence.request.verify) {
        out.push("VERIFY OFF".into());
    }
    if tls.is_some_and(|tls| tls.pinned) {
        out.push("PINNED".into());
    }
    if tls.is_some_and(|tls| tls.key_log.is_some()) {
        out.push("KEY LOG".into());
    }
    let offset = match live {
        Some(evidence) => evidence.request.credential.clock_offset_s,
        None => tab.draft.settings.clock_offset_s,
    };
    if offset != 0 {
        out.push(format!("CLOCK {}", offset_words(offset)).into());
    }
    match tab.open_until().map(|end| (ending(end, now), end)) {
        Some((Some(Ending::Over), _)) => out.push("TOKEN OVER".into()),
        Some((Some(Ending::Soon), end)) => {
            out.push(format!("TOKEN ENDS IN {}", short_duration(end.since(now))).into());
        }
        _ => {}
    }
    out
}

/// What was agreed on: TLS version, subprotocol, extensions.
fn facts(tab: &Tab) -> Vec<String> {
    let Some(evidence) = &tab.conn.evidence else { return Vec::new() };
    let tls = evidence.tls.as_ref().and_then(|tls| tls.version.clone());
    let websocket = evidence.websocket.as_ref();
    let subprotocol = websocket.and_then(|facts| facts.subprotocol.clone());
    let deflate = websocket
        .and_then(|facts| facts.extensions.as_ref())
        .filter(|extensions| extensions.contains("permessage-deflate"))
        .map(|_| "deflate".to_owned());
    tls.into_iter().chain(subprotocol).chain(deflate).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::model::TabId;
    use crate::config::Settings;
    use crate::core::evidence::{Evidence, TlsFacts};
    use crate::core::request::RequestDraft;

    #[test]
    fn what_weakens_tls_is_marked_for_as_long_as_it_does() {
        let settings = Settings::default();
        let mut tab = Tab::new(TabId(1), String::new(), RequestDraft::default(), &settings);
        let mut evidence = Evidence::default();
        evidence.request.verify = true;
        evidence.tls =
            Some(TlsFacts { pinned: true, key_log: Some("keys".into()), ..TlsFacts::default() });
        tab.conn.evidence = Some(evidence.into());
        assert!(marks(&tab, Micros(0)).is_empty(), "the connection is gone");
        tab.conn.state = ConnectionState::Open;
        assert_eq!(marks(&tab, Micros(0)), ["PINNED", "KEY LOG"]);
        tab.draft.settings.verify = false;
        assert_eq!(marks(&tab, Micros(0)), ["VERIFY OFF", "PINNED", "KEY LOG"]);
        tab.conn.state = ConnectionState::Idle;
        assert_eq!(marks(&tab, Micros(0)), ["VERIFY OFF"]);
    }
}
