//! References to secrets, so that none has to stand in the shell's history.

use std::process::{Command, Stdio};

use super::failure::Failure;
use crate::core::secret::Secret;

/// The value that was given, or what it refers to: `env:NAME`, `file:PATH` (without one line
/// break at its end), `cmd:COMMAND` (run by the shell; what it prints, without the last line
/// break). `whose` names the option in messages.
///
/// # Errors
/// A usage error if the variable is not set, the file cannot be read or the command fails. It
/// never holds the value.
pub fn resolve(whose: &str, value: &str) -> Result<Secret, Failure> {
    if let Some(name) = value.strip_prefix("env:") {
        return match std::env::var(name) {
            Ok(value) => Ok(Secret::new(value)),
            Err(std::env::VarError::NotPresent) => Err(Failure::usage(format!(
                "{whose} refers to the environment variable {name}, which is not set"
            ))),
            Err(std::env::VarError::NotUnicode(_)) => Err(Failure::usage(format!(
                "{whose} refers to the environment variable {name}, which is not valid UTF-8"
            ))),
        };
    }
    if let Some(path) = value.strip_prefix("file:") {
        let text = std::fs::read_to_string(path).map_err(|error| {
            Failure::usage(format!(
                "{whose} refers to the file {path}, which cannot be read: {error}"
            ))
        })?;
        return Ok(without_line_break(text));
    }
    if let Some(command) = value.strip_prefix("cmd:") {
        return run(whose, command);
    }
    Ok(Secret::from(value))
}

fn run(whose: &str, command: &str) -> Result<Secret, Failure> {
    let (shell, flag) = if cfg!(windows) { ("cmd", "/C") } else { ("sh", "-c") };
    // Standard input may be meant for the connection; a password prompt uses the terminal itself.
    let done = Command::new(shell)
        .args([flag, command])
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| Failure::usage(format!("{whose}: cannot run {shell}: {error}")))?;
    if !done.status.success() {
        return Err(Failure::usage(format!(
            "{whose} refers to a command that failed ({}): {command}",
            done.status
        )));
    }
    let text = String::from_utf8(done.stdout).map_err(|_| {
        Failure::usage(format!(
            "{whose}: the command printed something that is not UTF-8: {command}"
        ))
    })?;
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
        resolve("--auth-param token", text).unwrap().expose().to_owned()
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
        let failed = resolve("--auth-param token", "cmd:echo s3cret; exit 3").unwrap_err();
        assert!(failed.to_string().contains("exit status: 3"), "{failed}");
    }

    #[test]
    fn what_cannot_be_resolved_is_a_usage_error() {
        for text in ["env:WSDECK_NO_SUCH_VARIABLE", "file:/no/such/file"] {
            let failure = resolve("--auth-param token", text).unwrap_err();
            assert!(matches!(&failure, Failure::Usage(m) if m.contains("--auth-param token")));
        }
    }
}
