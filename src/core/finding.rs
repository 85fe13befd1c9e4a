//! What a diagnosis says: sentences, next steps and changes that can be tried.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::change::Change;
use super::stage::Stage;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The attempt failed, or the connection ended, because of it.
    Error,
    /// It works, and this will hurt.
    Warning,
    Info,
}

/// How far what was seen proves the cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    Certain,
    Likely,
    Possible,
}

/// One thing that a rule found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// Stable id, `tls/plain-http-server`; names the page that explains it at length.
    pub code: Cow<'static, str>,
    /// Stage that it belongs to; `ws/…` and `msg/…` belong to the stage websocket.
    pub phase: Stage,
    pub severity: Severity,
    pub confidence: Confidence,
    /// The verdict: one complete sentence in plain words.
    pub summary: String,
    /// What was seen and why it means that.
    pub explanation: String,
    /// Imperatives, at most three, best first.
    pub hints: Vec<String>,
    /// Changes to the request that can be made with one key.
    pub fixes: Vec<Fix>,
    /// What other tools call it (`WRONG_VERSION_NUMBER`, `ECONNREFUSED`), to be found by search.
    #[serde(default)]
    pub also_called: Vec<Cow<'static, str>>,
}

/// A remedy: what it is called and what it changes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fix {
    /// Imperative: `Switch to ws://`.
    pub label: String,
    pub change: Change,
}
