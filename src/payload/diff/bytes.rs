//! Bytes compared at the same offsets, sixteen at a time.

use super::super::hexdump::{WIDTH, hexdump_line, hexdump_line_count};
use super::{Mark, Rows};
use crate::core::progress::Progress;

/// Rows between two looks at the progress.
const STRIDE: usize = 1 << 14;

pub(super) fn diff(a: &[u8], b: &[u8], progress: &Progress) -> Rows {
    let mut rows = Rows::default();
    let count = hexdump_line_count(a.len().max(b.len()));
    for row in 0..count {
        if row.is_multiple_of(STRIDE) && progress.is_cancelled() {
            break;
        }
        let (left, right) = (piece(a, row), piece(b, row));
        if left == right {
            continue;
        }
        let mark = match (left.is_empty(), right.is_empty()) {
            (true, _) => Mark::Added,
            (_, true) => Mark::Removed,
            _ => Mark::Changed,
        };
        rows.push(mark, &hexdump_line(a, row), &hexdump_line(b, row), None);
        if rows.is_full() {
            rows.limited |= row + 1 < count;
            break;
        }
    }
    rows
}

fn piece(bytes: &[u8], row: usize) -> &[u8] {
    let start = (row * WIDTH).min(bytes.len());
    &bytes[start..bytes.len().min(start + WIDTH)]
}
