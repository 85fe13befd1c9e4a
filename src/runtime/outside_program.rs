//! Handing a message to the user's editor or pager.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use ropey::Rope;
use tempfile::NamedTempFile;

/// A kind of program that the user may have chosen.
pub(super) struct Kind {
    what: &'static str,
    /// Environment variables that name it, best first.
    variables: &'static [&'static str],
    /// Names to look for if none does.
    common: &'static [&'static str],
}

pub(super) const EDITOR: Kind = Kind {
    what: "editor",
    variables: &["VISUAL", "EDITOR"],
    common: &["vi", "nano", "vim", "nvim"],
};

pub(super) const PAGER: Kind =
    Kind { what: "pager", variables: &["PAGER"], common: &["less", "more"] };

/// A message in a file, and the command that edits or shows it.
pub(super) struct Session {
    file: NamedTempFile,
    before: String,
    /// Program and options, the file last.
    pub(super) command: Vec<String>,
}

impl Kind {
    /// The program to use: the setting, else what a variable names, else the first common one
    /// that is installed.
    ///
    /// # Errors
    /// A sentence if there is none, or the command cannot be read.
    pub(super) fn choose(
        &self,
        setting: &str,
        env: impl Fn(&str) -> Option<String>,
        installed: impl Fn(&str) -> bool,
    ) -> Result<Vec<String>, String> {
        let what = self.what;
        let named = std::iter::once(setting.to_owned())
            .chain(self.variables.iter().filter_map(|name| env(name)))
            .find(|command| !command.trim().is_empty());
        if let Some(command) = named {
            return shlex::split(&command).filter(|words| !words.is_empty()).ok_or_else(|| {
                format!("The {what}'s command “{command}” cannot be read: a quote is left open.")
            });
        }
        self.common
            .iter()
            .find(|name| installed(name))
            .map(|name| vec![(*name).to_owned()])
            .ok_or_else(|| {
                let variable = self.variables.last().unwrap_or(&"");
                format!("No {what} was found. Set ${variable}, or {what} under [tools].")
            })
    }
}

/// Whether a program of this name is on the path.
pub(super) fn is_installed(name: &str) -> bool {
    std::env::var_os("PATH")
        .is_some_and(|path| std::env::split_paths(&path).any(|dir| dir.join(name).is_file()))
}

impl Session {
    /// Writes the message to a file that only the user can read.
    ///
    /// # Errors
    /// If it cannot be written.
    pub(super) fn begin(
        text: &Rope,
        suffix: &str,
        mut command: Vec<String>,
        dir: &Path,
    ) -> io::Result<Session> {
        let mut file = tempfile::Builder::new()
            .prefix("wsdeck-message-")
            .suffix(&format!(".{suffix}"))
            .tempfile_in(dir)?;
        for chunk in text.chunks() {
            file.write_all(chunk.as_bytes())?;
        }
        file.flush()?;
        command.push(file.path().to_string_lossy().into_owned());
        Ok(Session { file, before: text.to_string(), command })
    }

    /// The text that the editor left; `None` if it is the same.
    ///
    /// # Errors
    /// If it cannot be read.
    pub(super) fn end(self) -> io::Result<Option<String>> {
        let path: PathBuf = self.file.path().to_owned();
        let mut text = std::fs::read_to_string(path)?;
        // Editors end the last line; a message that had no such end is not to get one.
        if !self.before.ends_with('\n') && text.ends_with('\n') {
            text.pop();
            if text.ends_with('\r') {
                text.pop();
            }
        }
        Ok(Some(text).filter(|text| *text != self.before))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_setting_comes_first_and_options_are_kept() {
        let env = |name: &str| (name == "EDITOR").then(|| "ed -s".to_owned());
        let chosen = EDITOR.choose("code --wait 'a b'", env, |_| false).unwrap();
        assert_eq!(chosen, ["code", "--wait", "a b"]);
        assert_eq!(EDITOR.choose(" ", env, |_| false).unwrap(), ["ed", "-s"]);
        assert_eq!(EDITOR.choose("", |_| None, |name| name == "nano").unwrap(), ["nano"]);
        assert!(EDITOR.choose("", |_| None, |_| false).unwrap_err().contains("$EDITOR"));
        assert!(EDITOR.choose("ed 'x", |_| None, |_| false).unwrap_err().contains("quote"));
    }

    #[test]
    fn a_pager_is_chosen_by_its_own_variable() {
        let env = |name: &str| (name == "PAGER").then(|| "most -w".to_owned());
        assert_eq!(PAGER.choose("", env, |_| false).unwrap(), ["most", "-w"]);
        assert_eq!(PAGER.choose("", |_| None, |name| name == "more").unwrap(), ["more"]);
        assert!(PAGER.choose("", |_| None, |_| false).unwrap_err().contains("$PAGER"));
    }

    #[test]
    fn a_line_end_of_the_editors_is_no_change() {
        let dir = tempfile::tempdir().unwrap();
        let edit = |before: &str, after: &str| {
            let command = vec!["ed".to_owned()];
            let session = Session::begin(&Rope::from(before), "json", command, dir.path()).unwrap();
            let path = session.command.last().unwrap();
            assert!(path.ends_with(".json"));
            assert_eq!(std::fs::read_to_string(path).unwrap(), before);
            std::fs::write(path, after).unwrap();
            session.end().unwrap()
        };
        assert_eq!(edit("a", "a\n"), None);
        assert_eq!(edit("a\n", "a\n"), None);
        assert_eq!(edit("a", "b\r\n"), Some("b".into()));
        assert_eq!(edit("a\n", "b\n"), Some("b\n".into()));
        assert!(std::fs::read_dir(dir.path()).unwrap().next().is_none());
    }
}
