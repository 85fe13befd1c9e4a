//! Where the parts are joined: the loop, what effects do, the terminal.
//!
//! Everything with rules of its own is elsewhere and is tested by value; here are the joints. The
//! flow is always the same: an event becomes a [`Msg`](crate::app::Msg), [`update`](crate::app::update())
//! changes the model and answers with [`Effect`](crate::app::Effect)s, and what comes of those
//! returns through the [`Inbox`](inbox::Inbox) as further messages.
//!
//! | where | what |
//! | --- | --- |
//! | `start` | from the command line's wishes to a running interface, and the way out |
//! | `program` | the loop: signals, input, results, deadline; when to draw |
//! | `console` | the terminal as the loop sees it, so that a test can be one |
//! | `terminal` | the real terminal: entering, leaving, panics |
//! | `inbox` | results on their way to the loop, bounded without holding anybody up |
//! | `effects` | one arm for each effect |
//! | `attendant` | questions about a credential, and their answers |
//! | `connections` | connecting, and the task that carries a connection's events |
//! | `jobs` | work beside the loop |
//! | `clipboard`, `files`, `outside_program` | the rest of the world |
//! | `workspace` | the model's tabs as the store's requests, and saving them |
//! | `demo` | the workspace of `wsdeck demo` |
//! | `trace` | the program's own log file |

mod attendant;
mod clipboard;
mod connections;
pub mod console;
pub mod demo;
mod drafts;
mod effects;
mod files;
mod inbox;
mod jobs;
mod kept;
mod outside_program;
mod probes;
mod program;
mod schema;
mod sessions;
mod signals;
mod start;
mod terminal;
mod texts;
mod told;
mod trace;
mod workspace;

pub use console::Console;
pub use program::{Ending, Program};
pub use start::{Opening, Start, run};
