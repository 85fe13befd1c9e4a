//! Where things are kept.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use directories::ProjectDirs;
use sha2::{Digest, Sha256};

use super::state::slug;

/// Values of the variables that move the folders, read by whoever may look at the environment.
#[derive(Clone, Debug, Default)]
pub struct EnvDirs {
    /// `WSDECK_CONFIG_DIR`; an empty one counts as not set.
    pub config_dir: Option<OsString>,
    /// `WSDECK_DATA_DIR`; an empty one counts as not set.
    pub data_dir: Option<OsString>,
}

/// The two folders of one user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paths {
    /// Settings, key table, themes.
    pub config_dir: PathBuf,
    /// Workspaces, secrets, history, sessions.
    pub data_dir: PathBuf,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PathsError {
    #[error(
        "Looking for the folders of settings and data: this system names no home folder. \
         Set HOME, or both WSDECK_CONFIG_DIR and WSDECK_DATA_DIR."
    )]
    NoHome,
}

impl Paths {
    /// [`Paths::find`] with the variables of this process.
    ///
    /// # Errors
    /// As there.
    pub fn of_process() -> Result<Paths, PathsError> {
        let var = |name: &str| std::env::var_os(name);
        let (config_dir, data_dir) = (var("WSDECK_CONFIG_DIR"), var("WSDECK_DATA_DIR"));
        Paths::find(&EnvDirs { config_dir, data_dir })
    }

    /// The folders that the variables name, else those that the operating system has for it.
    /// Nothing is created.
    ///
    /// # Errors
    /// If neither says where.
    pub fn find(env: &EnvDirs) -> Result<Paths, PathsError> {
        let set = |value: &Option<OsString>| {
            value.as_ref().filter(|value| !value.is_empty()).map(PathBuf::from)
        };
        let (config, data) = (set(&env.config_dir), set(&env.data_dir));
        if let (Some(config_dir), Some(data_dir)) = (&config, &data) {
            return Ok(Paths { config_dir: config_dir.clone(), data_dir: data_dir.clone() });
        }
        let dirs = ProjectDirs::from("", "", "wsdeck").ok_or(PathsError::NoHome)?;
        Ok(Paths {
            config_dir: config.unwrap_or_else(|| dirs.config_dir().to_owned()),
            data_dir: data.unwrap_or_else(|| dirs.data_dir().to_owned()),
        })
    }

    #[must_use]
    pub fn config_file(&self) -> PathBuf {
        self.config_dir.join("config.toml")
    }

    /// The workspace that is opened if no other one is asked for.
    #[must_use]
    pub fn default_workspace(&self) -> PathBuf {
        self.data_dir.join("workspace")
    }

    /// Where the program writes down what it does.
    #[must_use]
    pub fn diagnostics_dir(&self) -> PathBuf {
        self.data_dir.join("diagnostics")
    }

    /// Name of the file of named secrets, which lies beside the workspaces' private folders.
    pub const NAMED_SECRETS: &str = "named-secrets.toml";

    /// Secrets that have a name and belong to no workspace.
    #[must_use]
    pub fn named_secrets_file(&self) -> PathBuf {
        self.data_dir.join("private").join(Self::NAMED_SECRETS)
    }

    /// Addresses used, of all workspaces together.
    #[must_use]
    pub fn history_file(&self) -> PathBuf {
        self.data_dir.join("history.toml")
    }

    /// What belongs to one person of one workspace: secrets, open tabs, drafts. Named for the
    /// workspace's folder and told apart by its whole path.
    #[must_use]
    pub fn private_dir(&self, workspace: &Path) -> PathBuf {
        let whole = std::path::absolute(workspace).unwrap_or_else(|_| workspace.to_owned());
        let whole = whole.canonicalize().unwrap_or(whole);
        // A folder `.wsdeck` of a project says less than the project's own name.
        let named = whole
            .components()
            .rev()
            .map(|part| part.as_os_str().to_string_lossy())
            .find(|part| !part.starts_with('.'))
            .unwrap_or_default();
        let digest = Sha256::digest(whole.as_os_str().as_encoded_bytes());
        let mark: String = digest[..6].iter().map(|byte| format!("{byte:02x}")).collect();
        self.data_dir.join("private").join(format!("{}-{mark}", slug(&named)))
    }

    /// The logs of all workspaces, as they came over the wire. For the owner alone.
    #[must_use]
    pub fn all_sessions_dir(&self) -> PathBuf {
        self.data_dir.join("sessions")
    }

    /// The logs of a workspace: a folder a session, named as [`Paths::private_dir`] is.
    #[must_use]
    pub fn sessions_dir(&self, workspace: &Path) -> PathBuf {
        let name = self.private_dir(workspace).file_name().unwrap_or_default().to_owned();
        self.all_sessions_dir().join(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn env(config: &str, data: &str) -> EnvDirs {
        EnvDirs { config_dir: Some(config.into()), data_dir: Some(data.into()) }
    }

    #[test]
    fn the_variables_move_the_folders() {
        let paths = Paths::find(&env("/c", "/d")).unwrap();
        assert_eq!(paths.config_file(), Path::new("/c/config.toml"));
        assert_eq!(paths.default_workspace(), Path::new("/d/workspace"));
    }

    #[test]
    fn two_workspaces_of_one_name_are_told_apart() {
        let paths = Paths::find(&env("/c", "/d")).unwrap();
        let a = paths.private_dir(Path::new("/projects/a/.wsdeck"));
        assert!(a.to_string_lossy().starts_with("/d/private/a-"), "{a:?}");
        assert_ne!(
            paths.private_dir(Path::new("/x/workspace")),
            paths.private_dir(Path::new("/y/workspace"))
        );
        assert_eq!(a, paths.private_dir(Path::new("/projects/a/.wsdeck")));
    }
}
