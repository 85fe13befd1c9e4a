//! Which columns of the log there is room for, and where they stand.

use crate::config::{Column, Columns, Timestamps};

/// The payload is never narrower than this for the sake of a column that was asked for.
const LEAST_PAYLOAD: u16 = 16;

/// What gives way first when there is no room.
const GIVES_WAY: [Column; 6] =
    [Column::Wire, Column::Number, Column::Kind, Column::Delta, Column::Size, Column::Time];

/// A stretch of a row: first cell from the row's left, and cells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Stretch {
    pub x: u16,
    pub width: u16,
}

/// The columns of all rows of one drawing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Laid {
    places: [Option<Stretch>; 7],
    pub payload: Stretch,
    /// Times with microseconds.
    pub fine: bool,
    /// Columns that were asked for and have no room.
    pub left_out: usize,
}

/// What decides on the columns.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wish<'a> {
    pub columns: &'a Columns,
    /// Cells of a row, its marks at the left and the scroll bar at the right included.
    pub width: u16,
    pub timestamps: Timestamps,
    /// Times are counted from a row, so they must be seen.
    pub marked: bool,
    /// The largest number of a row.
    pub last: u64,
}

impl Laid {
    pub fn of(wish: &Wish<'_>) -> Laid {
        let fine = wish.width >= 100;
        let mut chosen = chosen(wish);
        let asked = chosen.len();
        let width = |column| match column {
            // With its sign.
            Column::Number => u16::try_from(wish.last.max(1).ilog10()).unwrap_or(19) + 2,
            Column::Time if fine => 15,
            Column::Time => 12,
            Column::Direction => 1,
            Column::Kind => 5,
            Column::Delta => 11,
            Column::Wire | Column::Size => 9,
        };
        // Cursor and mark at the left, a gap and the scroll bar at the right.
        let room = |chosen: &[Column]| {
            let taken: u16 = chosen.iter().map(|column| width(*column) + gap(*column)).sum();
            wish.width.saturating_sub(3 + taken)
        };
        for column in GIVES_WAY {
            if room(&chosen) < LEAST_PAYLOAD {
                chosen.retain(|c| *c != column);
            }
        }
        let mut laid = Laid { fine, left_out: asked - chosen.len(), ..Laid::default() };
        let mut x = 2;
        laid.payload.width = room(&chosen);
        laid.payload.x = x;
        for (place, column) in Column::ALL.into_iter().enumerate() {
            if column == Column::Delta {
                laid.payload.x = x;
                x += laid.payload.width;
            }
            if chosen.contains(&column) {
                let is_right = matches!(column, Column::Delta | Column::Wire | Column::Size);
                let start = if is_right { x + gap(column) } else { x };
                laid.places[place] = Some(Stretch { x: start, width: width(column) });
                x += width(column) + gap(column);
            }
        }
        laid
    }

    pub fn place(&self, column: Column) -> Option<Stretch> {
        Column::ALL.iter().position(|c| *c == column).and_then(|place| self.places[place])
    }

    /// For each of [`Column::ALL`] whether it is there.
    pub fn shown(&self) -> [bool; 7] {
        self.places.map(|place| place.is_some())
    }
}

/// Blanks between a column and the payload's side of it.
fn gap(column: Column) -> u16 {
    match column {
        Column::Number | Column::Time | Column::Direction | Column::Kind => 2,
        Column::Delta | Column::Wire | Column::Size => 1,
    }
}

fn chosen(wish: &Wish<'_>) -> Vec<Column> {
    let width = wish.width;
    let wanted = |column| match (wish.columns, column) {
        (_, Column::Delta) if wish.marked && wish.timestamps != Timestamps::Relative => true,
        (Columns::These(these), column) => these.contains(&column),
        (Columns::Auto, Column::Time | Column::Direction | Column::Size) => true,
        (Columns::Auto, Column::Delta) => width >= 90 && wish.timestamps != Timestamps::Relative,
        (Columns::Auto, Column::Number) => width >= 110,
        (Columns::Auto, Column::Kind) => width >= 140,
        (Columns::Auto, Column::Wire) => width >= 150,
    };
    Column::ALL.into_iter().filter(|column| wanted(*column)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wish(columns: &Columns, width: u16) -> Wish<'_> {
        Wish { columns, width, timestamps: Timestamps::Local, marked: false, last: 10_000_000 }
    }

    #[test]
    fn stretches_stand_side_by_side_at_every_width() {
        let all = Columns::These(Column::ALL.to_vec());
        for columns in [Columns::Auto, all, Columns::These(Vec::new())] {
            for width in 24..220 {
                let laid = Laid::of(&wish(&columns, width));
                let mut stretches: Vec<Stretch> = laid.places.iter().flatten().copied().collect();
                stretches.push(laid.payload);
                stretches.sort_by_key(|stretch| stretch.x);
                let mut end = 2;
                for stretch in stretches {
                    assert!(stretch.x >= end, "{width}: {laid:?}");
                    end = stretch.x + stretch.width;
                }
                assert!(end < width, "{width}: {laid:?}");
                assert!(laid.payload.width >= LEAST_PAYLOAD || width < 30, "{width}: {laid:?}");
            }
        }
    }

    #[test]
    fn columns_come_with_the_width_and_go_when_there_is_no_room() {
        let shown = |columns: &Columns, width| {
            let laid = Laid::of(&wish(columns, width));
            let names: Vec<&str> = Column::ALL
                .into_iter()
                .filter(|column| laid.place(*column).is_some())
                .map(Column::name)
                .collect();
            (names.join(" "), laid.left_out)
        };
        let all = Columns::These(Column::ALL.to_vec());
        for (columns, width, expected) in [
            (&Columns::Auto, 80, ("time direction size", 0)),
            (&Columns::Auto, 120, ("number time direction delta size", 0)),
            (&Columns::Auto, 160, ("number time direction kind delta wire size", 0)),
            (&all, 90, ("number time direction kind delta wire size", 0)),
            (&all, 80, ("number time direction kind delta size", 1)),
            (&all, 60, ("time direction delta size", 3)),
        ] {
            assert_eq!(shown(columns, width), (expected.0.to_owned(), expected.1), "{width}");
        }
        let marked = Wish { marked: true, ..wish(&Columns::Auto, 80) };
        assert!(Laid::of(&marked).place(Column::Delta).is_some());
    }
}
