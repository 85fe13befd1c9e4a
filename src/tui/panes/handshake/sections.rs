//! The bar of sections on the border, and why a section has nothing to show.

use ratatui::layout::Rect;
use ratatui::style::Modifier;

use crate::app::geometry::Target;
use crate::app::model::{Section, Tab, Viewed};
use crate::core::evidence::Evidence;
use crate::core::stage::Stage;
use crate::tui::pen::{Pen, Span, cells, span, width_of};

/// Draws the bar; the cells that are left of the line.
pub(super) fn draw(pen: &mut Pen<'_>, tab: &Tab, area: Rect, focused: bool) -> Rect {
    let line = Rect { x: area.x + 2, width: area.width.saturating_sub(4), height: 1, ..area };
    let viewed = tab.viewed();
    let items: Vec<Vec<Span<'_>>> =
        Section::ALL.into_iter().map(|section| label(pen, tab, viewed, section, focused)).collect();
    // With blanks around each, without, or only the one in front.
    let width: u16 = items.iter().map(|item| width_of(item)).sum();
    let count = u16::try_from(items.len()).unwrap_or(7);
    let pad = if width + count * 3 <= line.width {
        1
    } else if width + count <= line.width {
        0
    } else {
        return draw_short(pen, tab, line, focused);
    };
    let border = pen.styles.border_of(focused);
    let mut x = line.x;
    for (index, (section, spans)) in Section::ALL.into_iter().zip(&items).enumerate() {
        if index > 0 {
            x += pen.text(x, line.y, 1, "│", border);
        }
        let wide = width_of(spans) + 2 * pad;
        if pad > 0 {
            pen.text(x, line.y, 1, " ", border);
            pen.text(x + wide - 1, line.y, 1, " ", border);
        }
        pen.spans(x + pad, line.y, wide - pad, spans);
        pen.hit(Rect { x, width: wide, ..line }, Target::Section(section));
        x += wide;
    }
    Rect { x, width: line.right().saturating_sub(x), ..line }
}

/// ` ‹ Overview 1/7 › `: the ends go to the neighbours.
fn draw_short(pen: &mut Pen<'_>, tab: &Tab, line: Rect, focused: bool) -> Rect {
    let styles = pen.styles;
    let section = tab.handshake.section;
    let place = Section::ALL.iter().position(|s| *s == section).unwrap_or(0) + 1;
    let words = format!("{} {place}/{}", section.label(), Section::ALL.len());
    let mut x = line.x;
    for (text, style, target) in [
        ("‹", styles.accent, Target::Section(section.step(false))),
        (words.as_str(), styles.title_of(focused), Target::Section(section)),
        ("›", styles.accent, Target::Section(section.step(true))),
    ] {
        let room = line.right().saturating_sub(x);
        x += pen.button(x, line.y, room, &[span(text.to_owned(), style)], target);
    }
    Rect { x, width: line.right().saturating_sub(x), ..line }
}

fn label<'a>(
    pen: &Pen<'_>,
    tab: &Tab,
    viewed: Option<Viewed<'_>>,
    section: Section,
    focused: bool,
) -> Vec<Span<'a>> {
    let styles = pen.styles;
    let empty = why_empty(tab, viewed, section).is_some();
    // The border below may be bold, and a theme without colours tells only by such means.
    let mut style = styles.text.remove_modifier(Modifier::BOLD);
    if empty {
        style = styles.dim.remove_modifier(Modifier::BOLD).add_modifier(Modifier::DIM);
    }
    if section == tab.handshake.section {
        style = styles.title_of(focused).add_modifier(Modifier::UNDERLINED);
    }
    let mut out = vec![span(section.label(), style)];
    let number = match section {
        Section::Probes => viewed.map_or(0, |viewed| viewed.evidence.probes.len()),
        Section::Attempts => tab.conn.attempts().len(),
        _ => 0,
    };
    if number > 0 {
        out.push(span(format!(" {number}"), styles.dim));
    }
    debug_assert!(out.iter().all(|(text, _)| cells(text) > 0));
    out
}

/// Why there is nothing in a section, a sentence; `None` if there is something.
pub(super) fn why_empty(tab: &Tab, viewed: Option<Viewed<'_>>, section: Section) -> Option<String> {
    if section == Section::Overview {
        return None;
    }
    if section == Section::Attempts {
        let none = tab.conn.attempts().is_empty();
        return none.then(|| "No attempt has ended yet; each one is kept here.".into());
    }
    let Some(Viewed { evidence, last, .. }) = viewed else {
        let begun = !tab.conn.stages.is_empty();
        return match section {
            _ if begun => {
                Some("The attempt is under way; this is known when it is through.".into())
            }
            // What would go out is known before.
            Section::Exchange if tab.preview.is_ok() => None,
            _ => Some("Nothing was tried yet.".into()),
        };
    };
    match section {
        Section::Exchange
            if evidence.http.is_none()
                && evidence.request.headers.is_empty()
                // How its credential was asked for in vain is worth a look.
                && evidence.request.credential.is_plain() =>
        {
            Some(format!("No request was made: {}.", stopped(evidence)))
        }
        Section::Tls if evidence.tls.is_none() => Some(match evidence.request.scheme.as_str() {
            "ws" => {
                "A ws:// address does without TLS: everything goes over the wire in clear.".into()
            }
            _ => format!("TLS was not reached: {}.", stopped(evidence)),
        }),
        Section::Network
            if evidence.dns.is_none()
                && evidence.tcp.is_none()
                && evidence.proxy.is_none()
                && evidence.redirects.is_empty() =>
        {
            Some(format!("The network was not used: {}.", stopped(evidence)))
        }
        Section::Session if evidence.session.is_none() => {
            Some(format!("The connection was never open: {}.", stopped(evidence)))
        }
        Section::Probes if evidence.probes.is_empty() && !last => {
            Some("No probes were made for this attempt.".into())
        }
        Section::Probes
            if evidence.probes.is_empty()
                && tab.conn.plan.is_empty()
                && tab.conn.probing.is_none() =>
        {
            Some(
                "A probe is one more attempt that changes one thing, to settle what this one \
                 left open. Nothing about this attempt would become clearer by one."
                    .into(),
            )
        }
        _ => None,
    }
}

/// Where the attempt ended.
fn stopped(evidence: &Evidence) -> String {
    match evidence.failure.as_ref().map(|failure| failure.stage) {
        Some(Stage::Url) => "the request cannot be sent as it is".into(),
        Some(stage) => format!("the attempt ended in the stage {}", stage.label()),
        None => "the record does not hold it".into(),
    }
}
