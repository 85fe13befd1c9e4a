//! Which rows are shown.

use crate::core::message::{Direction, MessageKind};

/// Number of classes of rows: each direction with each kind of message, and notes.
pub(super) const CLASSES: usize = 11;

/// Class of notes.
pub(super) const NOTE_CLASS: u8 = 10;

/// Class of a message: what a filter tells apart.
pub(super) fn class_of(direction: Direction, kind: MessageKind) -> u8 {
    let side = match direction {
        Direction::In => 0,
        Direction::Out => 5,
    };
    side + match kind {
        MessageKind::Text => 0,
        MessageKind::Binary => 1,
        MessageKind::Ping => 2,
        MessageKind::Pong => 3,
        MessageKind::Close => 4,
    }
}

/// Direction and kind of a class; `None` for notes.
pub(super) fn class_parts(class: u8) -> Option<(Direction, MessageKind)> {
    let direction = if class < 5 { Direction::In } else { Direction::Out };
    let kind = *MessageKind::ALL.get(usize::from(class % 5))?;
    (class < NOTE_CLASS).then_some((direction, kind))
}

/// A choice of rows by direction and kind; everything by default.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Filter {
    /// One bit a class.
    mask: u16,
}

impl Default for Filter {
    fn default() -> Self {
        Filter::ALL
    }
}

impl Filter {
    pub const ALL: Filter = Filter { mask: (1 << CLASSES) - 1 };
    pub const NONE: Filter = Filter { mask: 0 };

    /// Messages that fit both, and notes if asked for.
    #[must_use]
    pub fn new(directions: &[Direction], kinds: &[MessageKind], notes: bool) -> Filter {
        let mut mask = u16::from(notes) << NOTE_CLASS;
        for direction in directions {
            for kind in kinds {
                mask |= 1 << class_of(*direction, *kind);
            }
        }
        Filter { mask }
    }

    #[must_use]
    pub fn is_all(self) -> bool {
        self == Filter::ALL
    }

    /// Whether messages of this direction and kind are shown.
    #[must_use]
    pub fn shows(self, direction: Direction, kind: MessageKind) -> bool {
        self.has(class_of(direction, kind))
    }

    #[must_use]
    pub fn shows_notes(self) -> bool {
        self.has(NOTE_CLASS)
    }

    pub(super) fn has(self, class: u8) -> bool {
        self.mask >> class & 1 == 1
    }

    /// Sum of the counts of the classes that are shown.
    pub(super) fn sum(self, counts: &[u64; CLASSES]) -> u64 {
        if self.is_all() {
            return counts.iter().sum();
        }
        (0u8..).zip(counts).filter(|(class, _)| self.has(*class)).map(|(_, count)| count).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_and_their_parts_agree() {
        let mut seen = 0u16;
        for direction in [Direction::In, Direction::Out] {
            for kind in MessageKind::ALL {
                let class = class_of(direction, kind);
                assert_eq!(class_parts(class), Some((direction, kind)));
                seen |= 1 << class;
            }
        }
        assert_eq!(seen, (1 << NOTE_CLASS) - 1);
        assert_eq!(class_parts(NOTE_CLASS), None);
    }

    #[test]
    fn a_filter_shows_what_fits_both() {
        let filter = Filter::new(&[Direction::In], &[MessageKind::Text, MessageKind::Ping], false);
        assert!(filter.shows(Direction::In, MessageKind::Ping));
        assert!(!filter.shows(Direction::Out, MessageKind::Ping));
        assert!(!filter.shows(Direction::In, MessageKind::Binary));
        assert!(!filter.shows_notes());
        let all = Filter::new(&[Direction::In, Direction::Out], &MessageKind::ALL, true);
        assert!(all.is_all());
    }
}
