//! The rows of the log's window, and its scroll bar.

use std::ops::Range;

use ratatui::layout::Rect;

use super::log_columns::Laid;
use super::log_filter::mark_of;
use super::log_row::{Message, Place, draw_message, draw_note, draw_pending};
use crate::app::Model;
use crate::app::geometry::Target;
use crate::app::model::LogEntry;
use crate::core::time::Micros;
use crate::tui::pen::Pen;

/// What all rows have in common.
pub(super) struct Rows<'a> {
    pub model: &'a Model,
    pub laid: &'a Laid,
    /// Numbers of the rows that the search has found.
    pub hits: &'a [u64],
    /// Byte ranges of a preview that the search has found.
    pub found: &'a dyn Fn(&str) -> Vec<Range<usize>>,
}

/// Draws one row. `before` is the time of the row before it.
pub(super) fn draw_entry(
    pen: &mut Pen<'_>,
    rows: &Rows<'_>,
    line: Rect,
    entry: &LogEntry,
    before: Option<Micros>,
) {
    let Rows { model, laid, .. } = *rows;
    let log = &model.tab().log;
    let marks = log.marks.get(entry.number);
    let mut signs = String::new();
    if let Some(marks) = marks {
        signs.extend(marks.bookmark.is_some().then_some('★'));
        signs.extend((!marks.note.is_empty()).then_some('✎'));
        signs.extend(marks.pinned.then_some('◆'));
    }
    let words = marks.map(|marks| marks.words()).unwrap_or_default();
    let place = Place {
        line,
        laid,
        number: entry.number,
        at: entry.at,
        before,
        mark: log.mark,
        zone: &model.zone,
        timestamps: model.settings.log.timestamps,
        widest_preview: model.settings.log.preview as usize,
        highlight: model
            .highlights
            .of(model.tab().id, entry)
            .map(|highlight| mark_of(pen.styles, highlight)),
        answer: log.answer(entry.number),
        signs: &signs,
        words: &words,
    };
    if let Some((direction, kind, payload)) = entry.message() {
        let is_hit = rows.hits.binary_search(&entry.number).is_ok();
        let wire = entry.packed().map(std::num::NonZeroU32::get);
        let message = Message { direction, kind, payload, wire, is_hit };
        let none: &dyn Fn(&str) -> Vec<Range<usize>> = &|_| Vec::new();
        draw_message(pen, &place, &message, if is_hit { rows.found } else { none });
    } else if let Some(note) = entry.note() {
        draw_note(pen, &place, &note.text());
    } else {
        draw_pending(pen, &place);
    }
}

/// Where the window is among all rows, at the right edge of `area`. Nothing if all rows are seen.
pub(super) fn draw_bar(pen: &mut Pen<'_>, area: Rect, row: u64, rows: u64, focused: bool) {
    let height = u64::from(area.height);
    if rows <= height || height < 2 || area.width == 0 {
        return;
    }
    let length = (height * height / rows).clamp(1, height - 1);
    let range = rows - height;
    // In 128 bits: ten million times a screen fits into 64, but hostile counts need not.
    let start = u128::from(row.min(range)) * u128::from(height - length) / u128::from(range);
    let start = u64::try_from(start).unwrap_or(0);
    let x = area.right() - 1;
    for (y, at) in (area.y..area.bottom()).zip(0u64..) {
        if (start..start + length).contains(&at) {
            pen.text(x, y, 1, "┃", pen.styles.border_of(focused));
        } else {
            pen.text(x, y, 1, "│", pen.styles.dim);
        }
    }
    pen.hit(Rect { x, width: 1, ..area }, Target::LogBar);
}

#[cfg(test)]
mod tests {
    use ratatui::buffer::Buffer;

    use super::*;
    use crate::app::model::DeltaMark;
    use crate::config::{Columns, Keymap, Settings, Theme, ThemeName, Timestamps};
    use crate::log::Row;
    use crate::tui::panes::log_columns::Wish;
    use crate::tui::styles::Styles;

    /// A row whose contents are still on disk, as it is drawn.
    fn pending(width: u16, at: Micros, marked: bool) -> String {
        let mut model = Model::new(Keymap::embedded(), Settings::default());
        model.tab_mut().log.mark = marked.then_some(DeltaMark { number: 3, at: Micros(1) });
        let wish = Wish {
            columns: &Columns::Auto,
            width,
            timestamps: Timestamps::Utc,
            marked,
            last: 10_000_000,
        };
        let laid = Laid::of(&wish);
        let area = Rect::new(0, 0, width, 1);
        let mut buffer = Buffer::empty(area);
        let styles = Styles::from(&Theme::embedded(ThemeName::Dark));
        let mut pen = Pen::new(&mut buffer, &styles);
        let rows = Rows { model: &model, laid: &laid, hits: &[], found: &|_| Vec::new() };
        let entry = LogEntry { number: 1_234_567, at, row: Row::Pending };
        draw_entry(&mut pen, &rows, area, &entry, None);
        let line: String = (0..width).map(|x| buffer[(x, 0)].symbol().to_owned()).collect();
        line.trim_end().to_owned()
    }

    #[test]
    fn a_row_that_is_on_its_way_from_disk_has_its_number_and_says_so() {
        let narrow = pending(80, Micros(0), true);
        assert_eq!(narrow.trim(), "#1234567 … being read from disk");
        let wide = pending(120, Micros(0), false);
        assert!(wide.starts_with("   #1234567") || wide.starts_with("  #1234567"), "{wide}");
        assert!(wide.ends_with("… being read from disk"), "{wide}");
        assert!(!wide.contains("00:00"), "a time that is not known is not drawn: {wide}");
        assert!(pending(120, Micros(1_000_000), false).contains("00:00:01"));
    }

    #[test]
    fn the_bar_is_within_its_track_and_its_end_is_the_end() {
        let styles = Styles::from(&Theme::embedded(ThemeName::Dark));
        for rows in [11, 12, 100, 10_000_000, u64::MAX] {
            let last = rows - 10;
            for row in [0, 1, last / 2, last, u64::MAX] {
                let area = Rect::new(0, 0, 3, 10);
                let mut buffer = Buffer::empty(area);
                draw_bar(&mut Pen::new(&mut buffer, &styles), area, row, rows, false);
                let bar: String = (0..10).map(|y| buffer[(2, y)].symbol().to_owned()).collect();
                assert!(bar.contains('┃'), "{rows} {row}: {bar}");
                assert_eq!(bar.ends_with('┃'), row >= last, "{rows} {row}: {bar}");
            }
        }
    }
}
