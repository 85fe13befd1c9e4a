//! What people do with the interface, from keys to the wire and back to the screen.

mod auth;
mod connect;
mod demo;
mod doctor;
mod keep;
pub(crate) mod kept_log;
mod large;
mod log;
mod message;
mod probe;
mod request;
