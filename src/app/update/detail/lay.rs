//! A payload as text.

use crate::app::model::DetailView;
use crate::core::sanitize;
use crate::payload::{self, Kind};

/// Larger ones are not offered in a laid-out form: raw and hex show them at once.
const PRETTY_MOST: usize = 64 * 1024 * 1024;

/// A payload as the detail shows it. Escaping is the editor view's work: it draws no character
/// that could move the cursor.
#[must_use]
pub fn lay(view: DetailView, kind: Kind, payload: &[u8]) -> String {
    match view {
        DetailView::Pretty if kind != Kind::Binary && payload.len() <= PRETTY_MOST => {
            payload::pretty(kind, payload)
        }
        DetailView::Raw | DetailView::Pretty if kind != Kind::Binary => {
            payload::text_of(payload).into_owned()
        }
        DetailView::Raw => sanitize::escape_bytes(payload).into_owned(),
        DetailView::Pretty | DetailView::Hex => {
            payload::hexdump(payload, 0, payload::hexdump_line_count(payload.len())).join("\n")
        }
    }
}
