//! The opening handshake as it went over the wire: the request, and what came back.

use super::credential;
use super::doc::{Doc, Page};
use crate::app::Model;
use crate::app::model::Preview;
use crate::core::evidence::{
    Evidence, HeaderFacts, HttpFacts, OddAuthorization, ReplyFacts, TokenFacts, WebSocketFacts,
};
use crate::core::request::HeaderOrigin;
use crate::core::time::Micros;
use crate::payload::human_bytes;
use crate::tui::pen::span;
use crate::tui::words::{count, day_and_time, duration, micros};

/// Lines of a refusal's body that are shown; the record has all that was read.
const BODY_LINES: usize = 2_000;

/// Its value is not known before the request is sent.
const KEY: &str = "Sec-WebSocket-Key";

pub(super) fn page<'a>(base: &Doc<'_>, model: &'a Model) -> Page<'a> {
    let two = model.tab().viewed().is_some();
    let (mut left, mut right) = Page::halves(base, two);
    match model.tab().viewed() {
        Some(viewed) => {
            request(&mut left, viewed.evidence);
            logins(&mut left, viewed.evidence);
            credential::write(&mut left, viewed.evidence);
            received(&mut right, viewed.evidence);
            if let Some(websocket) = &viewed.evidence.websocket {
                checks(&mut right, viewed.evidence, websocket);
            }
        }
        None => {
            if let Ok(found) = &model.tab().preview {
                left.remark("Connecting will send:");
                left.blank();
                preview(&mut left, found);
            }
        }
    }
    Page::of(left, right)
}

/// The headers that would go out now.
pub(super) fn preview(doc: &mut Doc<'_>, preview: &Preview) {
    let styles = doc.styles;
    for header in &preview.headers {
        let value = if header.is_key {
            "(made anew for each attempt)".to_owned()
        } else {
            header.shown_value()
        };
        let style = match header.origin {
            HeaderOrigin::Handshake => styles.dim,
            HeaderOrigin::User | HeaderOrigin::Auth | HeaderOrigin::Jar => styles.text,
        };
        let name = format!("{}: ", header.name);
        doc.flow(vec![span("→ ", styles.outgoing), span(name, styles.dim), span(value, style)], 4);
    }
}

fn request<'a>(doc: &mut Doc<'a>, evidence: &'a Evidence) {
    let styles = doc.styles;
    let facts = &evidence.request;
    let size = (facts.head_bytes > 0).then(|| format!("{} bytes", count(facts.head_bytes)));
    let sent = evidence.http.as_ref().filter(|http| !http.request.is_empty());
    let Some(http) = sent else {
        doc.heading_with("Request", &["it was not sent".into(), size.unwrap_or_default()]);
        for header in &facts.headers {
            let anew = header.value.is_empty() && header.name.eq_ignore_ascii_case(KEY);
            let value = if anew { "(made anew for each attempt)" } else { &header.value };
            header_line(doc, &header.name, value, Some(header.added));
        }
        legend(doc, &facts.headers);
        return;
    };
    doc.heading_with("Request as sent", &[size.unwrap_or_default()]);
    let mut lines = http.request.lines();
    if let Some(first) = lines.next() {
        doc.flow(vec![span("→ ", styles.outgoing), span(first, styles.title)], 4);
    }
    // The record lists the headers in the order of the wire; a name that differs was not ours.
    let mut known = facts.headers.iter().peekable();
    for line in lines.filter(|line| !line.is_empty()) {
        let (name, value) = line.split_once(':').unwrap_or((line, ""));
        let origin = known
            .next_if(|header| header.name.eq_ignore_ascii_case(name))
            .map(|header| header.added);
        header_line(doc, name, value.trim_start(), origin);
    }
    legend(doc, &facts.headers);
    if !facts.overridden.is_empty() {
        let names = facts.overridden.join(", ");
        doc.prose(
            &format!("These headers of the handshake were taken over by yours: {names}."),
            styles.warn,
            2,
            "!",
        );
    }
}

/// What can be read from the credentials that go out, without showing them.
fn logins(doc: &mut Doc<'_>, evidence: &Evidence) {
    let styles = doc.styles;
    if let Some(odd) = evidence.request.odd_authorization {
        let words = match odd {
            OddAuthorization::SchemeTwice => "Authorization names its scheme twice.",
            OddAuthorization::NameInside => "Authorization holds its own name once more.",
            OddAuthorization::Quoted => "The credential stands in quotation marks.",
            OddAuthorization::BasicInClear => "Basic is followed by clear text, not by base64.",
        };
        doc.blank();
        doc.prose(words, styles.warn, 2, "!");
    }
    for token in &evidence.request.tokens {
        token_facts(doc, token, evidence.started);
    }
}

fn token_facts(doc: &mut Doc<'_>, token: &TokenFacts, at: Micros) {
    let styles = doc.styles;
    let zone = doc.zone.clone();
    let when = |time: Micros| day_and_time(time, &zone);
    doc.heading_with("Token", &[token.place.clone(), token.alg.clone()]);
    doc.fact_if("issued by", token.iss.as_deref());
    doc.list_fact("for", &token.aud);
    if let Some(iat) = token.iat {
        doc.fact("made", &when(iat));
    }
    if let Some(nbf) = token.nbf {
        let early = nbf > at;
        let style = if early { styles.error } else { styles.text };
        let words = if early { ", not good yet" } else { "" };
        doc.styled_fact("good from", &format!("{}{words}", when(nbf)), style);
    }
    if let Some(exp) = token.exp {
        let (words, style) = if exp <= at {
            (format!("over for {}", duration(at.since(exp))), styles.error)
        } else {
            (format!("{} left", duration(exp.since(at))), styles.text)
        };
        doc.styled_fact("good until", &format!("{}, {words}", when(exp)), style);
    }
}

/// A header of ours is dim; one that was typed or logs in is not.
fn header_line<'a>(doc: &mut Doc<'a>, name: &'a str, value: &'a str, added: Option<bool>) {
    let styles = doc.styles;
    let (mark, style) = match added {
        Some(true) => ("  ", styles.dim),
        Some(false) => ("▸ ", styles.text),
        None => ("  ", styles.text),
    };
    let name_style = if added == Some(true) { styles.dim } else { styles.key };
    doc.flow_behind(
        span(mark, styles.outgoing),
        vec![span(name, name_style), span(": ", styles.dim), span(value, style)],
        2,
    );
}

fn legend(doc: &mut Doc<'_>, headers: &[HeaderFacts]) {
    let added = headers.iter().filter(|header| header.added).count();
    let yours = headers.len() - added;
    if headers.is_empty() {
        return;
    }
    doc.blank();
    doc.prose(
        &format!("{yours} of yours or of the login; the {added} dim ones the handshake adds"),
        doc.styles.dim,
        2,
        "▸",
    );
}

fn received<'a>(doc: &mut Doc<'a>, evidence: &'a Evidence) {
    let Some(http) = &evidence.http else {
        if !evidence.request.headers.is_empty() {
            doc.heading("Reply");
            doc.remark("None, since nothing was asked.");
        }
        return;
    };
    let waited = http.first_byte_us.map(|first| {
        format!("first byte {} after the request", micros(first.saturating_sub(http.sent_us)))
    });
    match &http.reply {
        Some(reply) => the_reply(doc, reply, waited),
        None => no_reply(doc, http, waited),
    }
}

fn the_reply<'a>(doc: &mut Doc<'a>, reply: &'a ReplyFacts, waited: Option<String>) {
    let styles = doc.styles;
    doc.heading_with("Reply", &[waited.unwrap_or_default()]);
    for code in &reply.interim {
        doc.prose(&format!("(before it: an interim reply {code})"), styles.dim, 2, "←");
    }
    let mut lines = reply.raw_head.lines();
    if let Some(first) = lines.next() {
        let style = if reply.status == 101 { styles.ok } else { styles.error };
        doc.flow(vec![span("← ", styles.incoming), span(first, style)], 4);
    }
    for line in lines.filter(|line| !line.is_empty()) {
        match line.split_once(':') {
            Some((name, value)) => doc.flow_behind(
                span("  ", styles.incoming),
                vec![
                    span(name, styles.key),
                    span(": ", styles.dim),
                    span(value.trim_start(), styles.text),
                ],
                2,
            ),
            None => {
                doc.flow_behind(span("  ", styles.incoming), vec![span(line, styles.text)], 2);
            }
        }
    }
    if let Some(skew) = reply.clock_skew_ms.filter(|skew| skew.abs() >= 2_000) {
        let (by, way) = (skew.unsigned_abs() / 1_000, if skew < 0 { "behind" } else { "ahead of" });
        doc.blank();
        doc.fact("clock", &format!("the server's is {by} s {way} ours"));
    }
    if reply.body_bytes > 0 || !reply.body.is_empty() {
        body(doc, reply);
    }
}

fn body<'a>(doc: &mut Doc<'a>, reply: &'a ReplyFacts) {
    let styles = doc.styles;
    let cut = if reply.body_cut { "not to its end" } else { "" };
    doc.heading_with("Body", &[human_bytes(reply.body_bytes), cut.into()]);
    let lines = reply.body.lines().count();
    let digits = lines.min(BODY_LINES).to_string().len();
    for (number, line) in (1..).zip(reply.body.lines()).take(BODY_LINES) {
        doc.flow_behind(
            span(format!("{number:>digits$} "), styles.dim),
            vec![span(line, styles.text)],
            0,
        );
    }
    if lines > BODY_LINES {
        let rest = count((lines - BODY_LINES) as u64);
        doc.remark(&format!("… and {rest} more lines, which the record has"));
    }
}

fn no_reply(doc: &mut Doc<'_>, http: &HttpFacts, waited: Option<String>) {
    doc.heading_with("Reply", &["none that is HTTP".into(), waited.unwrap_or_default()]);
    doc.fact("received", &format!("{} bytes", count(http.received)));
    doc.fact_if("as text", http.first_bytes_text.as_deref());
    doc.fact_if("in hex", http.first_bytes_hex.as_deref());
}

/// What RFC 6455 section 4.1 has a client check.
fn checks(doc: &mut Doc<'_>, evidence: &Evidence, websocket: &WebSocketFacts) {
    let styles = doc.styles;
    doc.heading("What was agreed");
    doc.fact_if("key", Some(&websocket.key));
    if let Some(received) = &websocket.accept_received {
        if *received == websocket.accept_expected {
            doc.styled_fact("accept", &format!("✓ {received}"), styles.ok);
        } else {
            doc.styled_fact("accept", &format!("✗ {received}"), styles.error);
            doc.fact_if("expected", Some(&websocket.accept_expected));
        }
    } else {
        doc.fact_if("accept due", Some(&websocket.accept_expected));
    }
    let offered = |list: &[String]| match list {
        [] => "none offered".to_owned(),
        list => format!("offered {}", list.join(", ")),
    };
    let chosen = websocket.subprotocol.as_deref().unwrap_or("none");
    doc.fact("subprotocol", &format!("{chosen} ({})", offered(&evidence.request.subprotocols)));
    let chosen = websocket.extensions.as_deref().unwrap_or("none");
    doc.fact("extensions", &format!("{chosen} ({})", offered(&evidence.request.extensions)));
    for deviation in &websocket.deviations {
        let (mark, style) =
            if deviation.is_fatal() { ("✗", styles.error) } else { ("!", styles.warn) };
        doc.prose(deviation.words(), style, 2, mark);
    }
}
