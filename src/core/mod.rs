//! Values and rules: no socket, terminal, file or clock.

pub mod sanitize;
