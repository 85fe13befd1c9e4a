//! What is kept on disk between runs: requests with their saved messages, what was open, drafts,
//! history.
//!
//! A workspace is a folder that may be shared: `workspace.toml` and one file a request under
//! `requests/`, made to be read and reviewed by people. What belongs to one person is kept in the
//! data folder and readable by its owner only: the secrets of the requests, which tabs are open,
//! what was being composed, and the history of addresses. A secret never stands in a shared file:
//! there a mask takes its place.
//!
//! Every file is written whole beside the old one and then put in its place, so that a crash
//! leaves the old or the new one. A file that cannot be understood is reported and never
//! overwritten; everything else loads.

mod atomic;
mod history;
mod key_log;
pub mod keyring;
mod merge;
mod named_secrets;
mod parallel;
mod paths;
mod private_files;
mod problem;
mod request_file;
mod scope_file;
mod secret_place;
mod secrets;
mod state;
#[expect(clippy::module_inception, reason = "the store itself is what this room is named for")]
mod store;

pub use atomic::{StoreError, write_private, write_shared};
pub use history::History;
pub use key_log::key_log;
pub use named_secrets::{NamedError, NamedSecrets, is_private};
pub use paths::{EnvDirs, Paths, PathsError};
pub use problem::Problem;
pub use secret_place::SecretsIn;
pub use state::{ComposerDraft, SavedMessage, StoredRequest, WorkspaceState, is_usable_folder};
pub use store::Store;

#[cfg(test)]
mod tests;
