//! Rows that tell of work under way: what is done with the composed text, and a file on its way out.
//! What there is no room for is left out from the least important on.

use std::time::Duration;

use ratatui::layout::Rect;

use crate::app::geometry::Target;
use crate::app::model::{FileTransfer, TransferStage, Working};
use crate::core::action::Action;
use crate::core::message::MessageKind;
use crate::core::time::Micros;
use crate::payload::human_bytes;
use crate::tui::pen::{Pen, Span, span, width_of};
use crate::tui::words;

/// Cells of a bar at most, and at least if it is drawn.
const WIDEST: u16 = 40;
const NARROWEST: u16 = 8;

/// Work that takes less is not worth a word.
const WORTH_A_WORD_US: u64 = 50_000;

/// What is done with the composed text.
pub(in crate::tui) fn draw_work(pen: &mut Pen<'_>, work: &Working, line: Rect, now: Micros) {
    pen.clear(line);
    if now.0.saturating_sub(work.began.0) < WORTH_A_WORD_US {
        return;
    }
    let styles = pen.styles;
    let share = work.progress.share();
    let mut left = vec![span(format!(" {}", work.task.words()), styles.accent)];
    if let Some(share) = share {
        left.push(span(format!(" {} %", percent(share)), styles.text));
    }
    let right = [span("Esc", styles.accent), span(" stops", styles.dim), span(" ", styles.dim)];
    row(pen, line, &left, share, &[], &right);
    pen.hit(line, Target::Button(Action::StopTransfer));
}

/// A file on its way out, and how many wait behind it.
pub(in crate::tui) fn draw_transfer(
    pen: &mut Pen<'_>,
    file: &FileTransfer,
    behind: usize,
    keys: Option<String>,
    line: Rect,
) {
    pen.clear(line);
    let styles = pen.styles;
    let mark = if file.kind == MessageKind::Text { "↑" } else { "⇡" };
    let mut left = vec![span(format!(" {mark} "), styles.accent), span(file.name(), styles.text)];
    if behind > 0 {
        left.push(span(format!(" +{behind}"), styles.dim));
    }
    let keys = keys.unwrap_or_default();
    let right = [span(keys, styles.accent), span(" stops", styles.dim), span(" ", styles.dim)];
    pen.hit(line, Target::Button(Action::StopTransfer));
    match file.stage {
        TransferStage::Waiting => {
            left.push(span(format!("  {} wait", human_bytes(file.total)), styles.dim));
            row(pen, line, &left, None, &[], &right);
        }
        TransferStage::Stopping => {
            left.push(span("  stopping …", styles.warn));
            row(pen, line, &left, None, &[], &[]);
        }
        TransferStage::Running => {
            left.push(span(format!("  {} %", file.percent()), styles.text));
            let sent = format!("{} / {}", human_bytes(file.sent), human_bytes(file.total));
            let mut facts = vec![span(format!(" {sent}"), styles.text)];
            if let Some(rate) = file.rate() {
                facts.push(span(format!("  {}/s", human_bytes(rate)), styles.dim));
            }
            if let Some(left) = file.left() {
                facts.push(span(format!("  {} left", time_left(left)), styles.dim));
            }
            #[expect(clippy::cast_precision_loss, reason = "a share of a bar of some cells")]
            let share = file.sent as f64 / file.total.max(1) as f64;
            row(pen, line, &left, Some(share.min(1.0)), &facts, &right);
        }
    }
}

/// To the second, since it is a guess.
fn time_left(left: Duration) -> String {
    if left.as_secs() < 60 { format!("{} s", left.as_secs()) } else { words::duration(left) }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share between 0 and 1"
)]
fn percent(share: f64) -> u64 {
    (share * 100.0) as u64
}

/// Words, a bar, facts one after the other as far as they fit, and at the right what stops it.
fn row(
    pen: &mut Pen<'_>,
    line: Rect,
    left: &[Span<'_>],
    share: Option<f64>,
    facts: &[Span<'_>],
    right: &[Span<'_>],
) {
    let stop = width_of(right);
    let right_x = if stop + 12 < line.width {
        pen.spans_right(line.right(), line.y, stop, right)
    } else {
        line.right()
    };
    let mut room = right_x.saturating_sub(line.x);
    // The name gives way to how far it is.
    let words = width_of(left).min(room.max(1));
    room = room.saturating_sub(words + 1);
    let bar_least = if share.is_some() { NARROWEST + 1 } else { 0 };
    let mut fitting = 0;
    let mut taken = 0;
    for fact in facts {
        let wanted = width_of(std::slice::from_ref(fact));
        if taken + wanted + bar_least > room {
            break;
        }
        taken += wanted;
        fitting += 1;
    }
    let mut x = line.x + pen.spans(line.x, line.y, words, left);
    if let Some(share) = share {
        let bar = room.saturating_sub(taken + 1).min(WIDEST);
        if bar >= NARROWEST {
            x += 1;
            let (done, rest) = bar_of(bar, share);
            let styles = pen.styles;
            x += pen.text(x, line.y, bar, &done, styles.accent);
            x += pen.text(x, line.y, bar, &rest, styles.dim);
        }
    }
    pen.spans(x, line.y, right_x.saturating_sub(x), &facts[..fitting]);
}

/// The part that is done and the rest of a bar.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share between 0 and 1 of some cells"
)]
fn bar_of(cells: u16, share: f64) -> (String, String) {
    let done = ((f64::from(cells) * share) as usize).min(usize::from(cells));
    ("━".repeat(done), "─".repeat(usize::from(cells) - done))
}
