//! A scroll mark on the right border of a box.

use ratatui::layout::Rect;

use crate::tui::pen::Pen;

/// Draws where in `total` lines the `seen` ones that begin at `first` are, along the right border of
/// `frame`. Nothing if all is seen.
pub(in crate::tui) fn draw(
    pen: &mut Pen<'_>,
    frame: Rect,
    first: usize,
    seen: u16,
    total: usize,
    focused: bool,
) {
    let track = usize::from(frame.height.saturating_sub(2));
    if total <= usize::from(seen) || track < 2 || frame.width == 0 {
        return;
    }
    let length = (track * usize::from(seen) / total).clamp(1, track - 1);
    let range = total.saturating_sub(usize::from(seen)).max(1);
    let start = (first.min(range) * (track - length) + range / 2) / range;
    let style = pen.styles.border_of(focused);
    let x = frame.right() - 1;
    for (y, _) in (frame.y + 1..).zip(0..track).skip(start).take(length) {
        pen.text(x, y, 1, "┃", style);
    }
}
