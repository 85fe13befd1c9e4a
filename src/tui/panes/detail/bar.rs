//! The border of the detail: the views that fit, the facts of the message, and where in it the
//! window is.

use ratatui::layout::Rect;
use ratatui::style::Modifier;

use crate::app::geometry::Target;
use crate::app::model::{Detail, Tab};
use crate::core::action::Action;
use crate::core::progress::Progress;
use crate::core::sanitize::{escape, truncate_to_width};
use crate::tui::pen::{Pen, Span, cells, span};
use crate::tui::widgets::scroll;

/// Cells that the facts should have beside the views.
const FACTS: u16 = 40;

/// Where in the body the window is.
pub(super) struct Place {
    /// In units of which there are `total`: rows, or bytes of a body whose rows are not counted.
    pub first: usize,
    pub seen: usize,
    pub total: usize,
    pub words: String,
}

/// ` 42 %`; nothing if that is not known.
pub(super) fn percent(progress: &Progress) -> String {
    progress.share().map(|share| format!(" {:.0} %", share * 100.0)).unwrap_or_default()
}

/// The views as tabs, or the one in use if there is no room for all.
pub(super) fn draw(pen: &mut Pen<'_>, detail: &Detail, area: Rect, focused: bool) {
    let styles = pen.styles;
    let border = styles.border_of(focused);
    let chosen = styles.title_of(focused).add_modifier(Modifier::UNDERLINED);
    let mut x = area.x + 2;
    let labels: u16 = detail.views.iter().map(|view| cells(view.label()) + 3).sum();
    let all = labels + cells("auto") + 3;
    if detail.views.is_empty() {
        x += pen.padded(x, area.y, area.width.saturating_sub(4), &[span("detail", styles.dim)]);
    } else if all + FACTS <= area.width {
        let auto = if detail.choice.is_none() { styles.accent } else { styles.dim };
        let room = |x: u16| area.right().saturating_sub(x + 2);
        x += pen.button(x, area.y, room(x), &[span("auto", auto)], Target::DetailView(None));
        for view in &detail.views {
            x += pen.text(x, area.y, 1, "│", border);
            let style = if *view == detail.view { chosen } else { styles.dim };
            let target = Target::DetailView(Some(*view));
            x += pen.button(x, area.y, room(x), &[span(view.label(), style)], target);
        }
    } else {
        let auto = if detail.choice.is_none() { "auto: " } else { "" };
        let words: [Span<'_>; 3] =
            [span(auto, styles.dim), span(detail.view.label(), chosen), span(" ▾", styles.dim)];
        let room = area.width.saturating_sub(4);
        x += pen.button(x, area.y, room, &words, Target::Button(Action::LensMenu));
    }
    let rest = Rect {
        x: x.saturating_sub(2),
        y: area.y,
        width: area.right().saturating_sub(x) + 2,
        height: 1,
    };
    let title = match &detail.work {
        Some(work) => {
            let stop = if focused { " · Esc stops" } else { "" };
            format!("{}{}{stop} · {}", work.what, percent(&work.progress), detail.title)
        }
        None => detail.title.clone(),
    };
    let room = usize::from(rest.width.saturating_sub(8));
    if room > 8 && !title.is_empty() {
        let title = escape(&title);
        let title = truncate_to_width(&title, room).into_owned();
        let style = if detail.work.is_some() { styles.warn } else { styles.dim };
        pen.on_border(rest, &[], &[span(title, style)]);
    }
}

/// What the lens says at the left of the lower border, or else the message that belongs to this
/// one; the place at the right.
pub(super) fn draw_place(pen: &mut Pen<'_>, tab: &Tab, place: &Place, area: Rect, focused: bool) {
    let styles = pen.styles;
    let detail = &tab.log.detail;
    let bottom = Rect { y: area.bottom() - 1, height: 1, ..area };
    let cut = place.total > place.seen;
    let room = usize::from(area.width.saturating_sub(cells(&place.words) + 12));
    let note: Vec<Span<'_>> = if !detail.note.is_empty() {
        vec![span(truncate_to_width(&detail.note, room).into_owned(), styles.warn)]
    } else if let Some(words) = tab.log.mate_words(detail.number) {
        vec![span(truncate_to_width(&words, room).into_owned(), styles.dim)]
    } else {
        Vec::new()
    };
    let words = [span(place.words.as_str(), styles.dim)];
    pen.on_border(bottom, &note, if cut { &words } else { &[] });
    if cut {
        // The mark wants rows; of many bytes, their thousandths.
        let scale = |n: usize| (n as u128 * 1000 / place.total.max(1) as u128) as usize;
        let seen = u16::try_from(scale(place.seen)).unwrap_or(1000).max(1);
        scroll::draw(pen, area, scale(place.first), seen, 1000, focused);
    }
}
