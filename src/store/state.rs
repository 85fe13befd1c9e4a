//! A workspace as the program holds it.

use super::history::History;
use crate::core::log_rules::LogRules;
use crate::core::request::{RequestDraft, Scopes};

/// Everything that is loaded at the start and saved after changes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WorkspaceState {
    /// All requests, in the order of the list.
    pub requests: Vec<StoredRequest>,
    /// Ids of the requests that are open in tabs, in the order of the tabs. After loading a
    /// workspace for the first time it is the first request.
    pub open: Vec<String>,
    /// Id of the request in front.
    pub active: Option<String>,
    /// What the workspace and its folders give to their requests.
    pub scopes: Scopes,
    /// The workspace's filters and marks of logs.
    pub rules: LogRules,
    pub history: History,
}

/// A request with what is kept for it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StoredRequest {
    /// Its file below `requests/` without the suffix: folders, if there are any, and the stem, with
    /// `/` between (`team/echo`). The stem is made once from its name and then kept, so that a new name does not
    /// move the file. Make it by [`WorkspaceState::new_id`].
    pub id: String,
    /// Its name; empty if it never got one.
    pub name: String,
    pub draft: RequestDraft,
    /// Messages to send again, in the order of the list. They are shared with the request.
    pub messages: Vec<SavedMessage>,
    /// What stands in the composer. It is not shared.
    pub composer: ComposerDraft,
}

impl StoredRequest {
    /// The folder that it is in, parts joined with `/`; empty for the top.
    #[must_use]
    pub fn folder(&self) -> &str {
        self.id.rsplit_once('/').map_or("", |(folder, _)| folder)
    }
}

/// A message to send again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SavedMessage {
    pub name: String,
    /// Kind by its name in files: `text`, `json`, `xml`, `html`, `binary`.
    pub kind: String,
    /// How the bytes of a binary message are typed: `hex`, `base64`, `file`; empty for others.
    pub form: String,
    pub text: String,
    /// Sent by itself as soon as a connection is open.
    pub on_open: bool,
}

/// What stands in a composer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ComposerDraft {
    /// As [`SavedMessage::kind`]; empty if it was never chosen.
    pub kind: String,
    /// As [`SavedMessage::form`].
    pub form: String,
    pub text: String,
}

impl WorkspaceState {
    #[must_use]
    pub fn request(&self, id: &str) -> Option<&StoredRequest> {
        self.requests.iter().find(|request| request.id == id)
    }

    /// An id for a new request of this name in a folder (empty for the top): unlike all others here, also where letter case
    /// makes no difference between file names. The store says which ones it cannot use
    /// ([`super::Store::is_taken`]).
    #[must_use]
    pub fn new_id(&self, folder: &str, name: &str, is_taken: impl Fn(&str) -> bool) -> String {
        let stem = match folder {
            "" => slug(name),
            folder => format!("{folder}/{}", slug(name)),
        };
        let free = |id: &str| {
            !is_taken(id) && !self.requests.iter().any(|other| other.id.eq_ignore_ascii_case(id))
        };
        if free(&stem) {
            return stem;
        }
        // There are fewer requests than numbers.
        (2u64..).map(|n| format!("{stem}-{n}")).find(|id| free(id)).unwrap_or(stem)
    }
}

/// Longest stem, so that a path stays short on every system.
const LONGEST: usize = 48;

/// Names that mean devices on Windows, whatever their suffix.
const DEVICES: &[&str] = &["con", "prn", "aux", "nul"];

/// A file name from a name: lower-case ASCII letters and digits with hyphens between.
pub(super) fn slug(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars() {
        if out.len() >= LONGEST {
            break;
        }
        if c.is_ascii_alphanumeric() {
            out.push(c.to_ascii_lowercase());
        } else if !out.is_empty() && !out.ends_with('-') {
            out.push('-');
        }
    }
    let stem = out.trim_end_matches('-');
    let is_device = DEVICES.contains(&stem)
        || (stem.len() == 4
            && (stem.starts_with("com") || stem.starts_with("lpt"))
            && stem.ends_with(|c: char| c.is_ascii_digit()));
    match stem {
        "" => "request".into(),
        super::scope_file::FOLDER_STEM => "folder-request".into(),
        stem if is_device => format!("{stem}-request"),
        stem => stem.into(),
    }
}

/// Folders of folders that are looked into.
pub(super) const DEEPEST: usize = 8;

/// Whether an id can name a file: nothing that leaves the folder, hides the file or is a folder's
/// own.
pub(super) fn is_usable_id(id: &str) -> bool {
    let (folder, stem) = id.rsplit_once('/').unwrap_or(("", id));
    !id.starts_with('/')
        && is_usable_folder(folder)
        && is_usable_part(stem)
        && stem != super::scope_file::FOLDER_STEM
}

/// Whether a path of folders can be used; empty for the top.
#[must_use]
pub fn is_usable_folder(path: &str) -> bool {
    path.is_empty() || (path.split('/').count() <= DEEPEST && path.split('/').all(is_usable_part))
}

fn is_usable_part(part: &str) -> bool {
    !part.is_empty() && !part.starts_with('.') && !part.contains(['/', '\\', '\0', ':'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_file_names() {
        for (name, expected) in [
            ("Echo (local)", "echo-local"),
            ("../../etc/passwd", "etc-passwd"),
            ("wss://a.example/x?y=1", "wss-a-example-x-y-1"),
            ("日本", "request"),
            ("", "request"),
            ("NUL", "nul-request"),
            ("com1", "com1-request"),
        ] {
            assert_eq!(slug(name), expected);
            assert!(is_usable_id(&slug(name)));
        }
        assert!(slug(&"x".repeat(500)).len() <= LONGEST);
        assert!(is_usable_id("team/chat/echo") && slug("Folder") == "folder-request");
        for id in ["", ".hidden", "a//b", "/a", "a/", "a/..", "..", "c:x", "a\\b", "a/folder"] {
            assert!(!is_usable_id(id), "{id}");
        }
    }

    #[test]
    fn a_new_id_is_free() {
        let mut state = WorkspaceState::default();
        state.requests.push(StoredRequest { id: "Echo".into(), ..StoredRequest::default() });
        assert_eq!(state.new_id("", "echo", |id| id == "echo-2"), "echo-3");
        assert_eq!(state.new_id("", "other", |_| false), "other");
        assert_eq!(state.new_id("a/b", "Echo", |_| false), "a/b/echo");
    }
}
