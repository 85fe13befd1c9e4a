//! The crate's one integration test binary: each folder tests one part from outside.

mod arch;
mod auth;
mod cli;
mod config;
mod faults;
mod flows;
mod harness;
#[cfg(unix)]
mod pty;
mod screens;
mod transport;
