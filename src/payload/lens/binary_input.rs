//! Bytes read from the front, as the decoders of binary forms need it.

use super::LensProblem;
use super::tree::Tree;
use super::tree::notation::{Full, Notation};
use crate::core::progress::Progress;

/// Items between two looks at the progress.
const STRIDE: u64 = 1 << 12;

/// Why decoding went no further, and at which byte.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// The bytes are not of this form.
    Wrong(&'static str, usize),
    /// There is more than is shown.
    Full(usize),
    /// Somebody asked to stop.
    Cancelled,
}

/// What was met, for telling forms apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Met {
    /// Values that nothing holds.
    pub roots: u64,
    /// The first of them is an array or map with entries.
    pub container: bool,
    /// A key is neither a string nor an integer.
    pub odd_key: bool,
    /// All strings are UTF-8.
    pub odd_text: bool,
}

impl Met {
    /// Whether this is what a program sends: one value that holds others, with plain keys.
    pub fn is_plausible(&self) -> bool {
        self.roots == 1 && self.container && !self.odd_key && !self.odd_text
    }
}

/// Bytes and how far they are read.
#[derive(Debug)]
pub(super) struct Input<'a> {
    pub bytes: &'a [u8],
    pub at: usize,
    progress: &'a Progress,
    items: u64,
}

impl<'a> Input<'a> {
    pub fn new(bytes: &'a [u8], progress: &'a Progress) -> Self {
        progress.set_total(bytes.len() as u64);
        Input { bytes, at: 0, progress, items: 0 }
    }

    /// To be called for every item.
    pub fn tick(&mut self) -> Result<(), Fault> {
        self.items += 1;
        if self.items.is_multiple_of(STRIDE) {
            self.progress.set_done(self.at as u64);
            if self.progress.is_cancelled() {
                return Err(Fault::Cancelled);
            }
        }
        Ok(())
    }

    pub fn is_done(&self) -> bool {
        self.at >= self.bytes.len()
    }

    pub fn take(&mut self, len: u64) -> Result<&'a [u8], Fault> {
        let end = usize::try_from(len).ok().and_then(|len| self.at.checked_add(len));
        let taken = end.and_then(|end| self.bytes.get(self.at..end));
        let taken = taken.ok_or(Fault::Wrong("the data end inside a value", self.bytes.len()))?;
        self.at += taken.len();
        Ok(taken)
    }

    /// An unsigned integer of so many bytes, at most 8, the most significant first.
    pub fn uint(&mut self, len: u64) -> Result<u64, Fault> {
        Ok(self.take(len)?.iter().fold(0, |value, byte| value << 8 | u64::from(*byte)))
    }

    pub fn byte(&mut self) -> Result<u8, Fault> {
        Ok(self.take(1)?.first().copied().unwrap_or_default())
    }

    pub fn full(&self, _: Full) -> Fault {
        Fault::Full(self.at)
    }
}

/// Makes a tree of what was decoded until the fault.
pub(super) fn finish(
    what: &'static str,
    notation: Notation,
    result: Result<(), Fault>,
) -> Result<Tree, LensProblem> {
    let problem = match result {
        Ok(()) => None,
        Err(Fault::Cancelled) => return Err(LensProblem::Cancelled),
        Err(Fault::Full(at)) => Some(format!("the rest is not shown (from byte {at} on)")),
        Err(Fault::Wrong(message, at)) => Some(format!("{message} (at byte {at})")),
    };
    let tree = notation.finish(problem);
    match (tree.is_empty(), tree.problem()) {
        (true, Some(problem)) => Err(LensProblem::not(what, problem, None)),
        (true, None) => Err(LensProblem::not(what, "there is nothing", None)),
        _ => Ok(tree),
    }
}
