//! What will be sent, beside the form: as much as there is room for, the rest by a key.

use ratatui::layout::Rect;

use crate::app::Model;
use crate::app::geometry::Target;
use crate::app::model::{Ending, Pane, SentLine, SentPart, Tab, ending, sent};
use crate::core::action::{Action, Context};
use crate::core::time::Micros;
use crate::tui::panes::handshake::Doc;
use crate::tui::pen::{Pen, Span, inside, span};
use crate::tui::words::{day_and_time, short_duration};

pub(super) fn draw(pen: &mut Pen<'_>, model: &Model, area: Rect, focused: bool, now: Micros) {
    let styles = pen.styles;
    pen.hit(area, Target::Pane(Pane::Body));
    pen.border(area, styles.border_of(focused));
    let top = Rect { height: 1, ..area };
    pen.on_border(top, &[span("What will be sent", styles.title_of(focused))], &[]);
    let inner = inside(area);
    let inner = Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner };
    let mut doc = Doc::new(styles, inner.width, &model.zone);
    token(&mut doc, model.tab(), now);
    for part in sent(&model.tab().preview) {
        write(&mut doc, part, now);
    }
    doc.draw(pen, inner, 0);
    let unseen = doc.rows().saturating_sub(usize::from(inner.height));
    if unseen > 0 {
        let contexts = [Context::Form, Context::Command, Context::Global];
        let key = model.keymap.label_for(Action::PreviewRequest, &contexts).unwrap_or_default();
        let bottom = Rect { y: area.bottom().saturating_sub(1), height: 1, ..area };
        let words = [
            span(format!("… {unseen} more lines, "), styles.dim),
            span(key, styles.accent),
            span(" shows all", styles.dim),
        ];
        pen.on_border(bottom, &[], &words);
    }
}

/// The token that is known, on a border: for a pane without room for more.
pub(super) fn draw_token_line(pen: &mut Pen<'_>, model: &Model, line: Rect, now: Micros) {
    let Some(facts) = model.tab().grant() else { return };
    let styles = pen.styles;
    let mut words = vec![span("token of ", styles.dim), span(facts.source, styles.dim)];
    if let Some(expires) = facts.expires {
        words.push(span(", ", styles.dim));
        words.push(until(pen, expires, now));
    }
    pen.on_border(line, &words, &[]);
}

fn until<'a>(pen: &Pen<'_>, expires: Micros, now: Micros) -> Span<'a> {
    let styles = pen.styles;
    let left = short_duration(expires.since(now));
    match ending(expires, now) {
        Some(Ending::Over) => span("it is over", styles.error),
        Some(Ending::Soon) => span(format!("{left} left"), styles.warn),
        None => span(format!("{left} left"), styles.ok),
    }
}

/// What is known of a token that was got, without the token.
fn token(doc: &mut Doc<'_>, tab: &Tab, now: Micros) {
    let Some(facts) = tab.grant() else { return };
    let zone = doc.zone.clone();
    let styles = doc.styles;
    let kept = if facts.kept { "kept from an earlier attempt" } else { "" };
    doc.heading_with("Token", &[kept.to_owned()]);
    doc.fact_if("from", Some(&facts.source));
    if facts.obtained.0 > 0 {
        doc.fact("got", &day_and_time(facts.obtained, &zone));
    }
    if let Some(expires) = facts.expires {
        let when = day_and_time(expires, &zone);
        let left = short_duration(expires.since(now));
        let (words, style) = match ending(expires, now) {
            Some(Ending::Over) => (format!("{when}, it is over"), styles.error),
            Some(Ending::Soon) => (format!("{when}, in {left}"), styles.warn),
            None => (format!("{when}, in {left}"), styles.text),
        };
        doc.styled_fact("ends", &words, style);
    }
    for (name, value) in &facts.more {
        doc.fact(name, value);
    }
}

fn is_common(line: &SentLine) -> bool {
    matches!(line, SentLine::Header { handshake: true, .. })
}

fn write(doc: &mut Doc<'_>, part: SentPart, now: Micros) {
    let styles = doc.styles;
    let zone = doc.zone.clone();
    doc.heading(&part.title);
    // Those that every handshake has are only counted, so that the credential is seen.
    let common = part.lines.iter().filter(|line| is_common(line)).count();
    for line in part.lines.into_iter().filter(|line| !is_common(line)) {
        match line {
            SentLine::Start(text) => {
                doc.flow(vec![span("→ ", styles.outgoing), span(text, styles.title)], 4);
            }
            SentLine::Header { name, value, credential, from, .. } => {
                let style = if credential { styles.accent } else { styles.dim };
                let mut spans = vec![
                    span("→ ", styles.outgoing),
                    span(format!("{name}: "), styles.dim),
                    span(value, style),
                ];
                if let Some(from) = from {
                    spans.push(span(format!("  from {from}"), styles.dim));
                }
                doc.flow(spans, 4);
            }
            SentLine::Exact(text) => doc.flow(vec![span(text, styles.text)], 2),
            SentLine::Fact { name, value } => doc.fact(name, &value),
            SentLine::Time { name, at } => {
                let left = short_duration(at.since(now));
                let words = match ending(at, now) {
                    Some(Ending::Over) => format!("{}, it is over", day_and_time(at, &zone)),
                    _ => format!("{}, in {left}", day_and_time(at, &zone)),
                };
                doc.fact(name, &words);
            }
            SentLine::Remark(text) => doc.remark(&text),
            SentLine::Warning(text) => doc.prose(&text, styles.warn, 2, "!"),
        }
    }
    if common > 0 {
        doc.remark(&format!("and {common} headers that every handshake has"));
    }
}
