//! Pieces that several panes and windows draw with.

pub(super) mod field;
pub(super) mod list;
pub(super) mod scroll;
pub(super) mod spark;
pub(super) mod text_view;
