//! References to secrets, so that none has to stand in a shared file or in the shell's history.

use std::process::{Command, Stdio};

use super::Attendant;
use super::files::path_of;
use crate::auth;
use crate::core::credential::Question;
use crate::core::reference::{Piece, Reference, pieces};
use crate::core::request::RequestDraft;
use crate::core::secret::{Masker, Secret};
use crate::core::url::UrlProblem;

/// Resolves a value that its owner has given in person, on a command line: a command is run
/// without asking. A value that is no reference stands for itself.
///
/// # Errors
/// A sentence, if the variable is not set, the file cannot be read or the command fails. It never
/// holds the value.
pub fn resolve_given(value: &str) -> Result<Secret, String> {
    // In braces it may as well be meant for later; on a command line only the bare form counts.
    match Reference::read(value).filter(|_| !value.trim_start().starts_with("{{")) {
        Some(reference) => read(&reference),
        None => Ok(Secret::from(value)),
    }
}

/// Puts secrets in place of references: in the fields of the chosen way, and in braces in the
/// values of headers. Gives a masker that knows what was put there.
///
/// # Errors
/// [`UrlProblem::Auth`] for the first that cannot be resolved.
pub(super) async fn resolve(
    draft: &mut RequestDraft,
    attendant: &dyn Attendant,
) -> Result<Masker, UrlProblem> {
    let mut masker = Masker::default();
    let kind = draft.auth.kind.clone();
    let prefix = format!("{kind}.");
    for (key, value) in &mut draft.auth.values {
        let Some(field) = key.strip_prefix(&prefix) else { continue };
        let label = auth::find(&kind)
            .and_then(|way| way.fields().iter().find(|known| known.name == field))
            .map_or(field, |known| known.label);
        if let Some(reference) = Reference::read(value.expose()) {
            *value = one(label, reference, attendant).await?;
            masker.add(value.expose());
        } else if let Some(text) = within(label, value.expose(), &mut masker, attendant).await? {
            *value = text;
        }
    }
    let inherited = draft.inherited_headers.iter_mut().map(|(row, _)| row);
    for row in draft.headers.iter_mut().chain(inherited).filter(|row| row.enabled) {
        let name = format!("the header {}", row.name);
        if let Some(text) = within(&name, &row.value, &mut masker, attendant).await? {
            text.expose().clone_into(&mut row.value);
        }
    }
    Ok(masker)
}

async fn within(
    whose: &str,
    text: &str,
    masker: &mut Masker,
    attendant: &dyn Attendant,
) -> Result<Option<Secret>, UrlProblem> {
    let pieces = pieces(text);
    if !pieces.iter().any(|piece| matches!(piece, Piece::Reference(_))) {
        return Ok(None);
    }
    let mut out = zeroize::Zeroizing::new(String::new());
    for piece in pieces {
        match piece {
            Piece::Text(text) => out.push_str(text),
            Piece::Reference(reference) => {
                let value = one(whose, reference, attendant).await?;
                masker.add(value.expose());
                out.push_str(value.expose());
            }
        }
    }
    Ok(Some(Secret::from(out.as_str())))
}

async fn one(
    whose: &str,
    reference: Reference,
    attendant: &dyn Attendant,
) -> Result<Secret, UrlProblem> {
    if let Reference::Cmd(command) = &reference {
        let question = Question::RunCommand { command: command.clone(), whose: whose.into() };
        if !attendant.ask(question).await {
            return Err(UrlProblem::Auth {
                why: format!("{whose} comes from the command `{command}`, which was not allowed"),
            });
        }
    }
    let read = tokio::task::spawn_blocking(move || read(&reference)).await;
    let read = read.unwrap_or_else(|_| Err("reading it failed in wsdeck itself".into()));
    read.map_err(|why| UrlProblem::Auth { why: format!("{whose} {why}") })
}

/// Reads one; the error goes on behind the name of the field: `refers to the file …`.
fn read(reference: &Reference) -> Result<Secret, String> {
    match reference {
        Reference::Env(name) => match std::env::var(name) {
            Ok(value) => Ok(Secret::new(value)),
            Err(std::env::VarError::NotPresent) => {
                Err(format!("refers to the environment variable {name}, which is not set"))
            }
            Err(std::env::VarError::NotUnicode(_)) => {
                Err(format!("refers to the environment variable {name}, which is not valid UTF-8"))
            }
        },
        Reference::File(path) => match std::fs::read_to_string(path_of(path)) {
            Ok(text) => Ok(without_line_break(text)),
            Err(error) => Err(format!("refers to the file {path}, which cannot be read: {error}")),
        },
        Reference::Cmd(command) => run(command),
        Reference::Keyring(_) | Reference::Named(_) => {
            Err(format!("refers to {}, which is not in this version", reference.describe()))
        }
    }
}

fn run(command: &str) -> Result<Secret, String> {
    let (shell, flag) = if cfg!(windows) { ("cmd", "/C") } else { ("sh", "-c") };
    // Standard input may be meant for the connection; a password prompt uses the terminal itself.
    let done = Command::new(shell)
        .args([flag, command])
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| format!("refers to a command, and {shell} cannot be run: {error}"))?;
    if !done.status.success() {
        return Err(format!("refers to a command that failed ({}): {command}", done.status));
    }
    let text = String::from_utf8(done.stdout)
        .map_err(|_| format!("refers to a command that printed no UTF-8: {command}"))?;
    Ok(without_line_break(text))
}

fn without_line_break(mut text: String) -> Secret {
    if text.ends_with('\n') {
        text.pop();
        if text.ends_with('\r') {
            text.pop();
        }
    }
    Secret::new(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str) -> String {
        resolve_given(text).unwrap().expose().to_owned()
    }

    #[test]
    fn a_plain_value_stands_for_itself() {
        assert_eq!(value("environment:x"), "environment:x");
        assert_eq!(value(""), "");
    }

    #[test]
    fn a_file_loses_one_line_break() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("token");
        for (content, expected) in
            [("abc\n", "abc"), ("abc\r\n", "abc"), ("abc\n\n", "abc\n"), (" abc", " abc"), ("", "")]
        {
            std::fs::write(&path, content).unwrap();
            assert_eq!(value(&format!("file:{}", path.display())), expected, "{content:?}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_command_is_run_by_the_shell() {
        assert_eq!(value("cmd:printf 'a b\\n' | tr a x"), "x b");
        let failed = resolve_given("cmd:echo s3cret; exit 3").unwrap_err();
        assert!(failed.contains("exit status: 3"), "{failed}");
    }

    #[test]
    fn what_cannot_be_resolved_is_a_usage_error() {
        for text in ["env:WSDECK_NO_SUCH_VARIABLE", "file:/no/such/file"] {
            let why = resolve_given(text).unwrap_err();
            assert!(why.starts_with("refers to the "), "{why}");
        }
    }
}
