//! What could not be read, said so that somebody can mend it.

use std::fmt;
use std::path::PathBuf;

/// A file, or a part of one, that was not loaded. It stays on disk as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub file: PathBuf,
    /// Line and column from 1, if the place is known. Columns count characters.
    pub place: Option<(usize, usize)>,
    /// What is wrong, without a full stop.
    pub what: String,
    /// What to do about it: a sentence.
    pub cure: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file.display())?;
        if let Some((line, column)) = self.place {
            write!(f, ":{line}:{column}")?;
        }
        write!(f, ": {}. {}", self.what, self.cure)
    }
}

/// What is wrong with a text, before it is known which file it came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) place: Option<(usize, usize)>,
    pub(super) what: String,
}

impl Fault {
    pub(super) fn at(text: &str, byte: Option<usize>, what: impl Into<String>) -> Fault {
        Fault { place: byte.map(|byte| place_of(text, byte)), what: what.into() }
    }

    pub(super) fn toml(text: &str, error: &toml::de::Error) -> Fault {
        let what = error.message().trim_end_matches('.').replace('\n', ", ");
        Fault::at(text, error.span().map(|span| span.start), what)
    }

    pub(super) fn in_file(self, file: PathBuf, cure: impl Into<String>) -> Problem {
        Problem { file, place: self.place, what: self.what, cure: cure.into() }
    }
}

/// Version of a file's form that is newer than what is understood here.
pub(super) fn newer_version(version: u32, known: u32) -> Option<Fault> {
    (version > known).then(|| Fault {
        place: None,
        what: format!("it has version {version}, and this wsdeck knows version {known}"),
    })
}

/// Line and column from 1 of a byte offset.
fn place_of(text: &str, byte: usize) -> (usize, usize) {
    let before = text.get(..byte.min(text.len())).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_names_file_line_column_and_cure() {
        let text = "a = 1\nü = ?\n";
        let error = toml::from_str::<toml::Table>(text).unwrap_err();
        let problem = Fault::toml(text, &error).in_file("x.toml".into(), "Mend it.");
        assert_eq!(problem.place.unwrap().0, 2);
        let shown = problem.to_string();
        assert!(shown.starts_with("x.toml:2:") && shown.ends_with(". Mend it."), "{shown}");
        assert_eq!(place_of(text, 6), (2, 1));
        assert_eq!(place_of(text, 8), (2, 2));
    }
}
