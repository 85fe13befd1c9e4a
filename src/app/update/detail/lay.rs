//! A payload made ready to be shown. Small ones are made ready on the loop, others by a job.

use std::sync::Arc;

use bytes::Bytes;
use ropey::Rope;

use crate::app::model::Compared;
use crate::core::progress::Progress;
use crate::payload::Kind;
use crate::payload::diff::diff;
use crate::payload::lens::{self, Folds, Laid, Lens, LensProblem, Options, Tree};

/// Payloads up to this many bytes are laid out on the loop: a millisecond or two.
pub const INLINE: usize = 64 * 1024;

/// Rows of a tree that is shown open from the start; of a larger one, the first levels are.
const OPEN_ROWS: usize = 200;

/// What is to be made of a payload.
#[derive(Clone, Debug)]
pub struct Request {
    pub ask: Ask,
    pub payload: Bytes,
    pub is_text: bool,
    pub progress: Progress,
}

#[derive(Clone, Debug)]
pub enum Ask {
    Lens(Lens, Options),
    /// What differs from another message, the entry of number `left`; the payload is that of `right`.
    Diff {
        left: u64,
        other: Bytes,
        other_is_text: bool,
        right: u64,
    },
}

/// What was made, ready to be drawn.
#[derive(Clone, Debug)]
pub enum Made {
    Text { rope: Rope, kind: Kind, note: String },
    Tree { tree: Arc<Tree>, folds: Folds, note: String },
    Diff(Compared),
}

/// Makes it. May take as long as the payload is large.
///
/// # Errors
/// What the lens says; cancelled.
pub fn lay(request: &Request) -> Result<Made, LensProblem> {
    let Request { ask, payload, is_text, progress } = request;
    match ask {
        Ask::Lens(lens, options) => {
            lens::lay(*lens, payload, *is_text, options, progress).map(made)
        }
        Ask::Diff { left, other, other_is_text, right } => {
            let found = diff(other, *other_is_text, payload, *is_text, progress);
            if progress.is_cancelled() {
                return Err(LensProblem::Cancelled);
            }
            let diff = Arc::new(found);
            Ok(Made::Diff(Compared { diff, left: *left, right: *right, at: None }))
        }
    }
}

fn made(laid: Laid) -> Made {
    match laid {
        Laid::Text { text, kind, note } => Made::Text { rope: Rope::from_str(&text), kind, note },
        Laid::Tree { tree, note } => {
            let folds = first_folds(&tree);
            Made::Tree { tree: Arc::new(tree), folds, note }
        }
    }
}

/// A small tree is open; a large one as deep as a few screens take, the roots' entries at least.
fn first_folds(tree: &Tree) -> Folds {
    if tree.len() <= OPEN_ROWS {
        return Folds::default();
    }
    let two = Folds::to_depth(tree, 2);
    if tree.rows(&two) <= OPEN_ROWS { two } else { Folds::to_depth(tree, 1) }
}
