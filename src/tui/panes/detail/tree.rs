//! A tree: a row a node that no folded one hides.

use ratatui::layout::Rect;

use super::bar::Place;
use crate::app::geometry::Target;
use crate::app::model::{Detail, TreeView};
use crate::payload::Class;
use crate::payload::lens::{NodeId, Shape};
use crate::tui::pen::{Pen, row_of, span};
use crate::tui::widgets::list;
use crate::tui::words::count;

/// Cells of one level.
const INDENT: usize = 2;

pub(super) fn draw(
    pen: &mut Pen<'_>,
    detail: &Detail,
    view: &TreeView,
    area: Rect,
    focused: bool,
) -> Place {
    pen.hit(area, Target::Detail);
    let total = view.len();
    let height = usize::from(area.height);
    let first = view.top.min(total.saturating_sub(height));
    let shown = height.min(total - first);
    for (y, row) in (0..area.height).zip(first..first + shown) {
        let Some(node) = view.tree.row(&view.folds, row) else { break };
        let line = row_of(area, y);
        pen.hit(line, Target::DetailRow(y));
        draw_node(pen, detail, view, node, line);
        if node == view.cursor {
            list::mark_row(pen, line, focused);
        }
    }
    let words = format!("{}–{} of {}", first + 1, first + shown, count(total as u64));
    Place { first, seen: shown, total, words }
}

fn draw_node(pen: &mut Pen<'_>, detail: &Detail, view: &TreeView, node: NodeId, line: Rect) {
    let styles = pen.styles;
    let tree = &view.tree;
    // Deep nodes stay within the window.
    let most = usize::from(line.width) / 2;
    let indent = u16::try_from((tree.depth(node) * INDENT).min(most)).unwrap_or(0) + 1;
    let holds = tree.first_child(node).is_some();
    let mark = match (holds, view.folds.is_folded(node)) {
        (false, _) => "  ",
        (true, true) => "▸ ",
        (true, false) => "▾ ",
    };
    let label = tree.label(node);
    let shape = tree.shape(node).unwrap_or(Shape::Other);
    let room = usize::from(line.width.saturating_sub(indent + 2));
    let summary = tree.summary(node, room);
    let class = match shape {
        Shape::String | Shape::Content => Class::String,
        Shape::Number => Class::Number,
        Shape::Bool | Shape::Null => Class::Literal,
        Shape::Object | Shape::Array | Shape::Deep => Class::Comment,
        Shape::Element => Class::Text,
        Shape::Aside => Class::Comment,
        Shape::Bytes | Shape::Other => Class::Text,
    };
    let key = if shape == Shape::Element { styles.tag } else { styles.key };
    let colon = if label.is_empty() || summary.is_empty() {
        ""
    } else if shape == Shape::Element {
        "  "
    } else {
        ": "
    };
    let (key, value) = match &detail.find.pattern {
        Some(pattern) if pattern.is_match(label.as_bytes()) => {
            (key.patch(styles.hit), styles.class(class))
        }
        Some(pattern) if pattern.is_match(summary.as_bytes()) => {
            (key, styles.class(class).patch(styles.hit))
        }
        _ => (key, styles.class(class)),
    };
    pen.spans(
        line.x + indent,
        line.y,
        line.width.saturating_sub(indent),
        &[
            span(mark, styles.dim),
            span(label, key),
            span(colon, styles.punctuation),
            span(summary, value),
        ],
    );
}
