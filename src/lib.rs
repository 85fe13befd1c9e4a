//! wsdeck: a terminal client for WebSockets.

pub mod auth;
pub mod core;
pub mod editor;
pub mod payload;
pub mod practice;
