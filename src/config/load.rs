//! Where the files are, and reading all of them at the start.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

use super::keymap::Keymap;
use super::problem::Problem;
use super::settings::Settings;
use super::theme::{Theme, ThemeName};

/// The folders and files of this user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Places {
    /// The file of settings, `config.toml` unless another was named.
    pub settings: PathBuf,
    /// Whether the user named the file, so that its absence is worth a word.
    pub settings_named: bool,
    /// The folder of `config.toml`, `keymap.toml` and `theme.toml`.
    pub config_dir: PathBuf,
    /// The folder of workspaces, history and sessions.
    pub data_dir: PathBuf,
}

impl Places {
    /// From what the command line named (`--config`: a file, or a folder that holds one), else the
    /// environment (`WSDECK_CONFIG_DIR`, `WSDECK_DATA_DIR`), else the system's customs. `None` if
    /// there is no home folder and the environment does not help.
    #[must_use]
    pub fn find(named: Option<&Path>, env: impl Fn(&str) -> Option<OsString>) -> Option<Places> {
        let from_env = |name| env(name).filter(|dir| !dir.is_empty()).map(PathBuf::from);
        let custom = directories::ProjectDirs::from("", "", "wsdeck");
        let named_dir = named.filter(|path| path.is_dir());
        let config_dir = named_dir
            .map(Path::to_owned)
            .or_else(|| from_env("WSDECK_CONFIG_DIR"))
            .or_else(|| custom.as_ref().map(|dirs| dirs.config_dir().to_owned()))?;
        let data_dir = from_env("WSDECK_DATA_DIR")
            .or_else(|| custom.as_ref().map(|dirs| dirs.data_dir().to_owned()))?;
        let named_file = named.filter(|_| named_dir.is_none());
        Some(Places {
            settings: named_file.map_or_else(|| config_dir.join("config.toml"), Path::to_owned),
            settings_named: named_file.is_some(),
            config_dir,
            data_dir,
        })
    }

    /// The user's keys.
    #[must_use]
    pub fn keymap(&self) -> PathBuf {
        self.config_dir.join("keymap.toml")
    }

    /// The user's styles.
    #[must_use]
    pub fn theme(&self) -> PathBuf {
        self.config_dir.join("theme.toml")
    }
}

/// All that the files say, or the defaults where they say nothing usable.
#[derive(Clone, Debug)]
pub struct Loaded {
    pub settings: Settings,
    pub keymap: Keymap,
    /// The theme that the settings name, the user's styles on top; without colours if there shall
    /// be none.
    pub theme: Theme,
    /// Everything that is wrong in the files.
    pub problems: Vec<Problem>,
}

/// Reads the files. `plain` says that the surroundings ask for no colours, which counts unless
/// the settings insist on them.
#[must_use]
pub fn load(places: &Places, plain: bool) -> Loaded {
    let mut problems = Vec::new();
    let text = read(&places.settings, places.settings_named, &mut problems);
    let (settings, found) = Settings::read(text.as_deref().unwrap_or(""), &places.settings);
    problems.extend(found);

    let text = read(&places.keymap(), false, &mut problems);
    let (keymap, found) = Keymap::layered(text.as_deref(), &places.keymap());
    problems.extend(found);

    let text = read(&places.theme(), false, &mut problems);
    let coloured = settings.interface.colours.wanted(plain);
    let name = if coloured { settings.interface.theme } else { ThemeName::Mono };
    let (mut theme, found) = Theme::layered(name, text.as_deref(), &places.theme());
    problems.extend(found);
    if !coloured {
        theme = theme.without_colours();
    }
    Loaded { settings, keymap, theme, problems }
}

/// Largest file that is read; whatever is longer was not written by hand.
const LARGEST: u64 = 4 * 1024 * 1024;

/// The text of a file, or nothing if it is absent; everything else is a problem.
fn read(file: &Path, named: bool, problems: &mut Vec<Problem>) -> Option<String> {
    let mut report = |line, column, message: String, hint: &str| {
        let (file, key, hint) = (file.to_owned(), String::new(), hint.to_owned());
        problems.push(Problem { file, line, column, key, message, hint });
    };
    let bytes = match bounded(file) {
        Ok(bytes) if bytes.len() as u64 <= LARGEST => bytes,
        Ok(_) => {
            report(0, 0, "the file is too large for settings".to_owned(), "is it the right one?");
            return None;
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound && !named => return None,
        Err(error) => {
            report(0, 0, format!("cannot read the file: {error}"), "the defaults are used");
            return None;
        }
    };
    // Some editors put a byte order mark before the text.
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    match std::str::from_utf8(text) {
        Ok(text) => Some(text.to_owned()),
        Err(error) => {
            let before = String::from_utf8_lossy(&text[..error.valid_up_to()]);
            let line = before.matches('\n').count() + 1;
            let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
            report(line, column, "the file is not UTF-8".to_owned(), "save it as UTF-8");
            None
        }
    }
}

/// At most one byte more than the largest size.
fn bounded(file: &Path) -> io::Result<Vec<u8>> {
    use std::io::Read as _;
    let mut bytes = Vec::new();
    std::fs::File::open(file)?.take(LARGEST + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(dir: &Path) -> Places {
        Places::find(Some(dir), |_| Some(dir.join("data").into())).unwrap()
    }

    #[test]
    fn the_command_line_comes_before_the_environment() {
        let dir = tempfile::tempdir().unwrap();
        let env = |name: &str| match name {
            "WSDECK_CONFIG_DIR" => Some("/c".into()),
            "WSDECK_DATA_DIR" => Some("/d".into()),
            _ => None,
        };
        let found = Places::find(None, env).unwrap();
        assert_eq!(found.settings, Path::new("/c/config.toml"));
        assert_eq!(found.data_dir, Path::new("/d"));
        assert!(!found.settings_named);
        let file = dir.path().join("other.toml");
        let found = Places::find(Some(&file), env).unwrap();
        assert_eq!((found.settings, found.settings_named), (file, true));
        assert_eq!(found.config_dir, Path::new("/c"));
        let found = Places::find(Some(dir.path()), env).unwrap();
        assert_eq!(found.settings, dir.path().join("config.toml"));
        assert_eq!(found.config_dir, dir.path());
    }

    #[test]
    fn absent_files_are_no_problem_unless_named() {
        let dir = tempfile::tempdir().unwrap();
        let loaded = load(&places(dir.path()), false);
        assert!(loaded.problems.is_empty(), "{:?}", loaded.problems);
        assert_eq!(loaded.settings, Settings::default());
        assert_eq!(loaded.theme, Theme::embedded(ThemeName::Dark));

        let named = Places::find(Some(&dir.path().join("absent.toml")), |_| Some("/d".into()));
        let problems = load(&named.unwrap(), false).problems;
        assert_eq!(problems.len(), 1);
        assert!(problems[0].to_string().contains("absent.toml: cannot read the file"));
    }

    #[test]
    fn all_files_are_read_and_all_problems_collected() {
        let dir = tempfile::tempdir().unwrap();
        let write =
            |name: &str, bytes: &[u8]| std::fs::write(dir.path().join(name), bytes).unwrap();
        write("config.toml", b"\xef\xbb\xbf[interface]\ntheme = \"light\"\nx = 1\n");
        write("keymap.toml", b"[[bind]]\naction = \"ping\"\nkeys = [\"f9\"]\nin = [\"nowhere\"]\n");
        write("theme.toml", b"ok = \"blue\"\nb\xffd = 1\n");
        let loaded = load(&places(dir.path()), false);
        let told: Vec<String> = loaded.problems.iter().map(ToString::to_string).collect();
        assert_eq!(told.len(), 3, "{told:#?}");
        assert!(told[0].contains("config.toml:3:1: unknown setting x"), "{told:#?}");
        assert!(told[1].contains("keymap.toml:4:7: unknown place nowhere"), "{told:#?}");
        assert!(told[2].contains("theme.toml:2:2: the file is not UTF-8"), "{told:#?}");
        assert_eq!(loaded.theme, Theme::embedded(ThemeName::Light));
        let plain = load(&places(dir.path()), true);
        assert_eq!(plain.theme, Theme::embedded(ThemeName::Mono));
    }
}
