//! Values and rules that every other part shares: what a person asks for (request), what may
//! happen (command, event), what was seen (evidence) and what it means (finding).
//!
//! Nothing here touches a socket, terminal, file or clock, so that all of it can be tested by
//! value and a saved record can be judged on another machine.

pub mod action;
pub mod backoff;
pub mod challenge;
pub mod change;
pub mod close;
pub mod credential;
pub mod event;
pub mod evidence;
pub mod finding;
pub mod frame;
pub mod headers;
pub mod jwt;
pub mod key;
pub mod limits;
pub mod log_rules;
pub mod message;
pub mod params;
pub mod progress;
pub mod proxy;
pub mod reference;
pub mod request;
pub mod sanitize;
pub mod secret;
pub mod stage;
pub mod subprotocol;
pub mod time;
pub mod url;
