//! A record for other people: as Markdown for a bug tracker, as command lines that repeat the
//! attempt with other tools, and read back from a file that somebody sent.
//!
//! All of it is made from an [`Evidence`](crate::core::evidence::Evidence), in which secrets are
//! masked already, so that what is handed on cannot hold more than the record does. Where a secret
//! stood, a command line has a shell variable to fill in.

mod markdown;
mod record;
mod repeat;
mod repeat_auth;
mod repeat_line;

pub use markdown::markdown;
pub use record::{LARGEST_RECORD, RecordError, read};
pub use repeat::{curl, websocat, wsdeck};
