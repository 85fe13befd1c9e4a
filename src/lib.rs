//! wsdeck: a terminal client for WebSockets.

pub mod app;
pub mod auth;
pub mod cli;
pub mod config;
pub mod core;
pub mod diagnose;
pub mod editor;
pub mod log;
pub mod net;
pub mod payload;
pub mod practice;
pub mod runtime;
pub mod store;
pub mod tui;
