//! Where the program runs: in a container, in WSL, behind SSH, in a shell's background.
//!
//! None of it is a setting. It stands here since it is read from files and variables, once, by
//! whoever starts connections, and goes into their records.

use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use crate::core::evidence::{Inside, Surroundings};

/// What can be told of the surroundings; read once.
#[must_use]
pub fn surroundings() -> Surroundings {
    static READ: OnceLock<Surroundings> = OnceLock::new();
    *READ.get_or_init(|| {
        let release = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
        let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
        Surroundings {
            inside: inside(
                |name| std::env::var_os(name).is_some_and(|value| !value.is_empty()),
                |path| Path::new(path).exists(),
                &release,
            ),
            background: is_background(&stat),
        }
    })
}

fn inside(
    is_set: impl Fn(&str) -> bool,
    exists: impl Fn(&str) -> bool,
    release: &str,
) -> Option<Inside> {
    if is_set("KUBERNETES_SERVICE_HOST") {
        Some(Inside::Kubernetes)
    } else if exists("/.dockerenv") || exists("/run/.containerenv") {
        Some(Inside::Container)
    } else if release.to_ascii_lowercase().contains("microsoft") {
        Some(Inside::Wsl)
    } else if is_set("SSH_CONNECTION") {
        Some(Inside::Ssh)
    } else {
        None
    }
}

/// Whether Linux' line about this process says that its group is not the terminal's foreground
/// one (proc(5): pgrp, session, tty and tpgid follow the name and two more fields).
fn is_background(stat: &str) -> bool {
    let Some((_, rest)) = stat.rsplit_once(')') else { return false };
    let field = |n: usize| rest.split_whitespace().nth(n).and_then(|text| text.parse::<i64>().ok());
    match (field(2), field(4), field(5)) {
        (Some(group), Some(terminal), Some(foreground)) => {
            terminal != 0 && foreground > 0 && foreground != group
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_innermost_place_is_told() {
        let told = |set: &'static str, file: &'static str, release: &str| {
            inside(|name| name == set, |path| path == file, release)
        };
        assert_eq!(told("", "", "6.1.0-generic"), None);
        assert_eq!(told("SSH_CONNECTION", "", ""), Some(Inside::Ssh));
        assert_eq!(told("", "", "5.15.153.1-microsoft-standard-WSL2"), Some(Inside::Wsl));
        assert_eq!(told("SSH_CONNECTION", "/.dockerenv", ""), Some(Inside::Container));
        assert_eq!(told("", "/run/.containerenv", ""), Some(Inside::Container));
        assert_eq!(told("KUBERNETES_SERVICE_HOST", "/.dockerenv", ""), Some(Inside::Kubernetes));
    }

    #[test]
    fn the_terminals_foreground_group_is_another_one() {
        for (stat, background) in [
            ("42 (wsdeck) R 1 42 1 34816 42 4194304 1", false),
            ("42 (wsdeck) R 1 42 1 34816 7 4194304 1", true),
            // No terminal, and a name that tries to look like more fields.
            ("42 (ws) R 9 (deck) R 1 42 1 0 -1 4194304 1", false),
            ("", false),
        ] {
            assert_eq!(is_background(stat), background, "{stat}");
        }
    }
}
