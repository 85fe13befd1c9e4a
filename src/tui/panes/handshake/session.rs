//! The open connection: what went over it, its last frames, and how it ended.

use super::doc::{Doc, Page};
use crate::app::model::{Tab, Viewed};
use crate::core::evidence::{Counts, End, SessionFacts};
use crate::core::message::Direction;
use crate::core::stage::ConnectionState;
use crate::core::time::Micros;
use crate::payload::human_bytes;
use crate::tui::pen::span;
use crate::tui::words::{clock, close_words, count, duration, micros};

pub(super) fn page<'a>(
    base: &Doc<'_>,
    tab: &Tab,
    viewed: Viewed<'a>,
    now: Micros,
) -> Option<Page<'a>> {
    let session = viewed.evidence.session.as_ref()?;
    let (mut left, mut right) = Page::halves(base, !session.last_frames.is_empty());
    match &session.end {
        Some(end) => {
            ending(&mut left, session, end);
            counts(&mut left, session);
            pings(&mut left, session);
            firsts(&mut left, session);
            frames(&mut right, session);
        }
        None => open(&mut left, tab, viewed, now),
    }
    Some(Page::of(left, right))
}

/// The record of a connection that is still open was made at its opening; what is known since
/// stands in the log and the footer.
fn open(doc: &mut Doc<'_>, tab: &Tab, viewed: Viewed<'_>, now: Micros) {
    let styles = doc.styles;
    if !viewed.last || !matches!(tab.conn.state, ConnectionState::Open | ConnectionState::Closing) {
        doc.remark("The record was made while the connection was open.");
        return;
    }
    let since = tab.conn.opened.map(|opened| clock(now.since(opened))).unwrap_or_default();
    doc.prose(&format!("Open for {since}."), styles.ok, 2, "●");
    doc.blank();
    let stats = tab.log.handle.stats();
    doc.fact("in the log", &format!("{} entries", count(stats.kept())));
    match tab.conn.round_trip {
        Some(trip) => doc.fact("round trip", &duration(trip)),
        None => doc.fact("round trip", "no ping was answered yet"),
    }
    doc.blank();
    doc.remark(
        "Counts, the last frames and who closed first stand here when the connection has ended; \
         until then every message is in the log below.",
    );
}

fn ending(doc: &mut Doc<'_>, session: &SessionFacts, end: &End) {
    let styles = doc.styles;
    let style = if end.is_clean() { styles.text } else { styles.warn };
    let mark = if end.is_clean() { "○" } else { "⊘" };
    let open_us = end.at_us.saturating_sub(session.opened_us);
    doc.prose(&format!("Ended by {}, after {}.", end.by.words(), micros(open_us)), style, 2, mark);
    doc.blank();
    doc.fact("code", &close_words(end.code()));
    if !end.reason_received.is_empty() {
        doc.fact("reason", &format!("“{}”", end.reason_received));
    }
    let frame = |was: bool, code: Option<u16>| match (was, code) {
        (false, _) => "none".to_owned(),
        (true, Some(code)) => close_words(code),
        (true, None) => "without a code".to_owned(),
    };
    doc.fact("close sent", &frame(end.close_sent, end.code_sent));
    doc.fact("received", &frame(end.close_received, end.code_received));
    doc.fact("silent before", &micros(end.silence_us));
    if let Some(violation) = end.violation {
        doc.styled_fact("broken", violation.words(), styles.error);
    }
    if end.frame_cut {
        doc.styled_fact("cut", "a frame was not whole when the stream ended", styles.warn);
    }
    if !end.text.is_empty() {
        doc.styled_fact("error", &end.text, styles.error);
    }
}

fn counts(doc: &mut Doc<'_>, session: &SessionFacts) {
    let styles = doc.styles;
    doc.heading("What went over it");
    let head = format!(
        "{:<10}{:>9} {:>9} {:>6} {:>6} {:>9}",
        "", "messages", "bytes", "pings", "pongs", "frames"
    );
    doc.push(vec![span(head, styles.dim)]);
    let mut row = |name: &str, style, c: &Counts| {
        doc.push(vec![
            span(format!("{name:<10}"), style),
            span(
                format!(
                    "{:>9} {:>9} {:>6} {:>6} {:>9}",
                    count(c.messages()),
                    human_bytes(c.bytes),
                    count(c.ping),
                    count(c.pong),
                    count(c.frames)
                ),
                styles.text,
            ),
        ]);
    };
    row("↓ received", styles.incoming, &session.received);
    row("↑ sent", styles.outgoing, &session.sent);
    let kinds = |c: &Counts| format!("{} text, {} binary", count(c.text), count(c.binary));
    doc.blank();
    doc.fact("kinds", &format!("↓ {}; ↑ {}", kinds(&session.received), kinds(&session.sent)));
    if session.largest_received.max(session.largest_sent) > 0 {
        let words = format!(
            "↓ {}, ↑ {}",
            human_bytes(session.largest_received),
            human_bytes(session.largest_sent)
        );
        doc.fact("largest", &words);
    }
    let last = |name: &str, at: Option<u64>, doc: &mut Doc<'_>| {
        if let Some(at) = at {
            doc.fact(name, &format!("{} after the attempt began", micros(at)));
        }
    };
    last("last received", session.last_received_us, doc);
    last("last sent", session.last_sent_us, doc);
    if session.last_message_sent_us.is_some() && !session.answered_last_message {
        doc.styled_fact("no answer", "nothing came after the last message sent", styles.warn);
    }
    if session.unsent > 0 {
        let words = format!("{} messages had not gone out", count(session.unsent));
        doc.styled_fact("unsent", &words, styles.warn);
    }
    if session.stalled_us > 0 {
        doc.fact(
            "held up",
            &format!("{}, since nobody took the messages", micros(session.stalled_us)),
        );
    }
    if let Some(stalled) = session.write_stalled_us {
        doc.styled_fact(
            "peer held up",
            &format!("took no byte for {}", micros(stalled)),
            styles.warn,
        );
    }
}

fn pings(doc: &mut Doc<'_>, session: &SessionFacts) {
    let trips = &session.round_trips_us;
    if trips.is_empty() && session.unanswered_pings == 0 {
        return;
    }
    doc.heading("Pings of ours");
    if let (Some(least), Some(most), Some(last)) =
        (trips.iter().min(), trips.iter().max(), trips.last())
    {
        let answered = trips.len();
        doc.fact("answered", &format!("{answered} (of more, the last 32 count)"));
        let mean = trips.iter().sum::<u64>() / answered as u64;
        let words = format!(
            "{} to {}, {} on average, last {}",
            micros(*least),
            micros(*most),
            micros(mean),
            micros(*last)
        );
        doc.fact("round trips", &words);
    }
    if session.unanswered_pings > 0 {
        let words = format!("{} pings", session.unanswered_pings);
        doc.styled_fact("no pong to", &words, doc.styles.warn);
    }
    if let Some(age) = session.ping_waiting_us {
        doc.fact("oldest waits", &micros(age));
    }
}

/// How each side began to talk.
fn firsts(doc: &mut Doc<'_>, session: &SessionFacts) {
    let styles = doc.styles;
    if session.first_received.is_empty() && session.first_sent.is_empty() {
        return;
    }
    doc.heading("First messages");
    for sent in &session.first_sent {
        let when = span(format!("{:>8} ", micros(sent.at_us)), styles.dim);
        doc.flow_behind(
            when,
            vec![span("↑ ", styles.outgoing), span(sent.start.clone(), styles.text)],
            2,
        );
    }
    for text in &session.first_received {
        let when = span(" ".repeat(9), styles.dim);
        doc.flow_behind(
            when,
            vec![span("↓ ", styles.incoming), span(text.clone(), styles.text)],
            2,
        );
    }
}

/// The last frames, which tell what a peer did before it broke off.
fn frames(doc: &mut Doc<'_>, session: &SessionFacts) {
    let styles = doc.styles;
    if session.last_frames.is_empty() {
        return;
    }
    let number = session.last_frames.len();
    doc.heading_with("Last frames", &[format!("{number}, the newest one last")]);
    let head = format!(
        "{:>10}     {:<14} {:<4}{:<4}{:>10}  {}",
        "after", "opcode", "FIN", "RSV", "length", "mask"
    );
    doc.push(vec![span(head, styles.dim)]);
    for frame in &session.last_frames {
        let (arrow, style) = match frame.direction {
            Direction::Out => ("↑", styles.outgoing),
            Direction::In => ("↓", styles.incoming),
        };
        let name = match frame.opcode {
            0 => "continuation",
            1 => "text",
            2 => "binary",
            8 => "close",
            9 => "ping",
            10 => "pong",
            _ => "unknown",
        };
        // A server masks nothing, a client everything (RFC 6455 section 5.1).
        let masked = frame.masked == (frame.direction == Direction::Out);
        let odd = |is: bool| if is { styles.text } else { styles.warn };
        doc.push(vec![
            span(format!("{:>10}  ", micros(frame.at_us)), styles.dim),
            span(format!("{arrow} "), style),
            span(format!("{:>2} {name:<12}", frame.opcode), odd(name != "unknown")),
            span(format!("{:<4}", u8::from(frame.fin)), styles.text),
            span(format!("{:03b} ", frame.rsv & 7), odd(frame.rsv & 3 == 0)),
            span(format!("{:>10}  ", count(frame.length)), styles.text),
            span(if frame.masked { "yes" } else { "no" }, odd(masked)),
        ]);
        if let Some(hex) = &frame.first_bytes_hex {
            doc.flow_behind(
                span(" ".repeat(12), styles.dim),
                vec![span("begins ", styles.dim), span(hex.clone(), styles.error)],
                0,
            );
        }
    }
}
