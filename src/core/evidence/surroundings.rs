//! Where the program ran, as far as that changes what an address or a command line means.

use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Surroundings {
    /// A machine of its own inside another one, whose `localhost` is not the other one's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inside: Option<Inside>,
    /// A shell runs the command in the background, as it does with everything before a `&`.
    pub background: bool,
}

impl Surroundings {
    /// Whether there is nothing to tell.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        *self == Surroundings::default()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Inside {
    /// Docker, Podman or the like.
    Container,
    Kubernetes,
    /// Windows Subsystem for Linux.
    Wsl,
    /// A shell on another machine.
    Ssh,
}
