//! One file a pane. Each draws the model's part of it into its rectangle and notes what lies where.

pub(super) mod auth;
pub(super) mod composer;
pub(super) mod detail;
pub(super) mod footer;
pub(super) mod form;
pub(super) mod handshake;
mod hex;
pub(super) mod log;
mod log_columns;
mod log_filter;
mod log_header;
mod log_pins;
mod log_row;
mod log_rows;
mod progress;
pub(super) mod request_bar;
pub(super) mod saved;
pub(super) mod state;
pub(super) mod tab_bar;
pub(super) mod table;
pub(super) mod url;
