//! What is said between a person and whoever gets a credential for a request: questions that
//! must be answered first, and news of how it goes.

use super::time::Micros;

/// Something that is only done if a person agrees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Question {
    /// A command that a field refers to, before its first run.
    RunCommand {
        command: String,
        /// Whose value it gives: `Token`.
        whose: String,
    },
}

/// How getting a credential goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// For the status line: `getting a token from iam.example`.
    Working(String),
    /// A person must open a page and type a code there (RFC 8628 section 3.3).
    DeviceCode {
        page: String,
        /// The page with the code in it, if the service gave one.
        whole: Option<String>,
        code: String,
        expires: Option<Micros>,
    },
    /// A person must agree in a browser; the answer comes to a port of ours on loopback
    /// (RFC 8252 section 7.3).
    Browser {
        page: String,
        /// Whether a browser could be started.
        opened: bool,
    },
    /// What a person had to do is done; a dialogue about it can go away.
    Done,
    /// The credential is there.
    Ready(GrantFacts),
}

/// What is known of a credential that was got from elsewhere, without the credential.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct GrantFacts {
    /// Who gave it: `IAM iam.cn-north-4.myhuaweicloud.com`.
    pub source: String,
    pub obtained: Micros,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires: Option<Micros>,
    /// Whether it was kept from an earlier attempt.
    pub kept: bool,
    /// Further facts in words: scope, project, token type.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub more: Vec<(String, String)>,
}
