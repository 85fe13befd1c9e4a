//! The last row: what the keys do here, or what was just said; and always how the connection stands.

use ratatui::layout::Rect;

use super::state;
use crate::app::Model;
use crate::app::geometry::Target;
use crate::app::model::{FormValue, Level, Notice, RequestTab, Section, Tab, auth_rows};
use crate::core::action::Action;
use crate::core::time::Micros;
use crate::payload::Kind;
use crate::tui::pen::{Pen, cells, span, width_of};

pub(in crate::tui) fn draw(pen: &mut Pen<'_>, model: &Model, area: Rect, now: Micros) {
    let right = area.right().saturating_sub(1);
    // At least a few hints should fit beside the state; a notice is worth more than details.
    let wanted = match &model.notice {
        Some(notice) => cells(&notice.text).saturating_add(6),
        None => area.width / 3,
    };
    let forms = state::forms(pen.styles, model.tab(), now);
    let fitting = forms.iter().find(|form| width_of(form) + wanted <= area.width);
    let Some(form) = fitting.or(forms.last()) else { return };
    let x = pen.spans_right(right, area.y, area.width.saturating_sub(2), form);
    let left = Rect { x: area.x + 1, width: x.saturating_sub(area.x + 3), ..area };
    match &model.notice {
        Some(notice) => draw_notice(pen, notice, left),
        None => draw_hints(pen, model, left),
    }
}

fn draw_notice(pen: &mut Pen<'_>, notice: &Notice, area: Rect) {
    let styles = pen.styles;
    let (mark, style) = match notice.level {
        Level::Info => ("›", styles.accent),
        Level::Warning => ("!", styles.warn),
        Level::Error => ("✗", styles.error),
    };
    let text = match notice.level {
        Level::Info => styles.text,
        _ => style,
    };
    pen.spans(
        area.x,
        area.y,
        area.width,
        &[span(mark, style), span(format!(" {}", notice.text), text)],
    );
}

/// Whether there is something on screen that Reveal would show or mask.
fn has_secrets(tab: &Tab) -> bool {
    match tab.request_tab {
        RequestTab::Settings => !tab.draft.auth.cert_password().is_empty(),
        RequestTab::Auth => {
            auth_rows(&tab.draft).iter().any(|row| matches!(row.value, FormValue::Secret(_)))
        }
        _ => true,
    }
}

/// As many hints as fit whole.
fn draw_hints(pen: &mut Pen<'_>, model: &Model, area: Rect) {
    let styles = pen.styles;
    let contexts = crate::app::update::contexts(model);
    let mut x = area.x;
    let viewed = model.tab().viewed();
    let findings = viewed.map(|viewed| viewed.findings).unwrap_or_default();
    for hint in model.keymap.hints(&contexts) {
        // A key that would answer "there is none" is no hint.
        let useless = match hint.action {
            Action::ApplyFix1 => findings.iter().all(|finding| finding.fixes.is_empty()),
            Action::UndoFix => model.tab().handshake.taken.is_empty(),
            Action::Probe => {
                let conn = &model.tab().conn;
                conn.plan.is_empty() && conn.probing.is_none()
            }
            Action::MarkAttempt | Action::ToggleSame => {
                model.tab().handshake.section != Section::Attempts
            }
            Action::CopyReport | Action::SaveReport => viewed.is_none(),
            Action::ExplainFinding => findings.is_empty(),
            Action::Reveal => !has_secrets(model.tab()),
            Action::ForgetToken => {
                model.tab().request_tab != RequestTab::Auth || model.tab().grant().is_none()
            }
            Action::ChooseWay | Action::PreviewRequest | Action::Cookies => {
                model.tab().request_tab != RequestTab::Auth
            }
            Action::Beautify => matches!(model.tab().composer.kind, Kind::Text | Kind::Binary),
            Action::SaveEvidence | Action::CopyEvidence => model.tab().conn.evidence.is_none(),
            _ => false,
        };
        if useless {
            continue;
        }
        let spans = [span(hint.keys, styles.accent), span(format!(" {}", hint.word), styles.dim)];
        let width = width_of(&spans);
        if width > area.right().saturating_sub(x) {
            // A shorter one may still fit.
            continue;
        }
        pen.spans(x, area.y, width, &spans);
        pen.hit(Rect { x, y: area.y, width, height: 1 }, Target::Button(hint.action));
        x += width + 2;
    }
}
