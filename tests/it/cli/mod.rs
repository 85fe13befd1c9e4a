//! The program as scripts meet it: the real binary, its output and its exit codes.

#![expect(clippy::panic, clippy::unwrap_used, reason = "helpers of tests fail by panicking")]

mod auth_probe;
mod cat;
mod check;
mod dry_run;
mod explain;
mod help;
pub mod practice;
mod probe;
pub mod run;
pub mod secrets;
mod serve;
mod talk;
mod tls;
mod ways;
