//! The detail: one message, looked at in whatever way.

mod act;
mod compare;
mod filter;
mod find;
mod lay;
mod lenses;
mod outward;
mod scroll;
mod show;
mod title;
mod tree;

pub use compare::BESIDE;
pub use filter::LoadedSchema;
pub use find::search;
pub use lay::{Made, Request, lay};
pub use outward::{as_composed, bare};
