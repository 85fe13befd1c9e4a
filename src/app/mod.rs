//! The program without I/O: everything that can be on screen ([`Model`]), everything that can
//! happen ([`Msg`]), everything that can be asked of the outside ([`Effect`]), and the one function
//! that joins them ([`update()`]).
//!
//! `update` is synchronous and returns; what waits or takes long is an effect whose result comes
//! back as a message. Time is a parameter. So a test can play any course of events by value.

pub mod effect;
pub mod geometry;
pub mod model;
pub mod msg;
pub mod schedule;
pub mod update;

pub use effect::Effect;
pub use model::Model;
pub use msg::Msg;
pub use update::update;
