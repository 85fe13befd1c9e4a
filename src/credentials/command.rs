//! Running a command that prints a secret.
//!
//! What it prints is taken as the secret and bounded; what it writes to standard error is only
//! let through where a terminal is free for it. The interface owns the terminal: there the
//! command runs in a process group of its own, which is in the background of the terminal and so
//! can neither draw over the interface nor take keys from it, and what it said last becomes a part
//! of the error. Whoever stops waiting for it, stops it.

use std::process::{ExitStatus, Stdio};
#[cfg(unix)]
use std::sync::atomic::{AtomicI32, Ordering};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::process::Command;
use zeroize::Zeroizing;

use crate::core::sanitize::escape_line;
use crate::core::secret::Secret;

/// How long a command may run.
const LIMIT: Duration = Duration::from_secs(60);

/// How much it may print; far more than any key or token.
const LARGEST: u64 = 1024 * 1024;

/// How much of what it says last is kept, in bytes.
const TAIL: usize = 4 * 1024;

/// Cells of its last line that are told.
const LAST_LINE: usize = 200;

/// Why a command gave no secret. Goes on behind the name of the field: `refers to a command …`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum CommandError {
    #[error("refers to a command, and {shell} cannot be run: {why}")]
    NoShell { shell: &'static str, why: String },
    #[error("refers to a command that failed ({status}): {command}{}", said(.last.as_deref()))]
    Failed { command: String, status: ExitStatus, last: Option<String> },
    #[error(
        "refers to a command that did not end within {} s and was stopped: {command}{}. One that \
         asks for a password needs a terminal: run it once beforehand, so that its agent knows it",
        LIMIT.as_secs(), said(.last.as_deref())
    )]
    Late { command: String, last: Option<String> },
    #[error("refers to a command that printed more than 1 MiB and was stopped: {command}")]
    TooMuch { command: String },
    #[error("refers to a command that printed no UTF-8: {command}")]
    NoText { command: String },
    #[error("refers to a command whose output cannot be read ({why}): {command}")]
    Unread { command: String, why: String },
}

fn said(last: Option<&str>) -> String {
    last.map(|line| format!("; it said: {line}")).unwrap_or_default()
}

/// Runs `command` by the shell and gives what it prints, without one line break at its end.
/// `on_terminal` says that the terminal is free for what it writes and asks.
///
/// Dropping the future stops the command.
///
/// # Errors
/// See [`CommandError`]; none holds what it printed to standard output.
pub(super) async fn run(command: &str, on_terminal: bool) -> Result<Secret, CommandError> {
    run_within(command, on_terminal, LIMIT).await
}

async fn run_within(
    text: &str,
    on_terminal: bool,
    limit: Duration,
) -> Result<Secret, CommandError> {
    let (shell, flag) = if cfg!(windows) { ("cmd", "/C") } else { ("sh", "-c") };
    let mut command = Command::new(shell);
    // Standard input may be meant for the connection; a password prompt uses the terminal itself.
    command.args([flag, text]).stdin(Stdio::null()).stdout(Stdio::piped()).kill_on_drop(true);
    if on_terminal {
        command.stderr(Stdio::inherit());
    } else {
        command.stderr(Stdio::piped());
        #[cfg(unix)]
        command.process_group(0);
    }
    let no_shell = |error: std::io::Error| CommandError::NoShell { shell, why: error.to_string() };
    let mut child = command.spawn().map_err(no_shell)?;
    let group = Group::of(child.id(), !on_terminal);
    let (out, err) = (child.stdout.take(), child.stderr.take());
    let mut tail = Vec::new();
    let unread = |error: std::io::Error| CommandError::Unread {
        command: text.into(),
        why: error.to_string(),
    };
    let work = async {
        let (printed, ()) = tokio::join!(
            async {
                let printed = read_all(out).await;
                if let Ok(None) = printed {
                    // The rest of it is nobody's business, and it may wait for a reader.
                    group.stop();
                }
                printed
            },
            keep_tail(err, &mut tail),
        );
        let printed = printed.map_err(unread)?;
        let Some(printed) = printed else {
            return Err(CommandError::TooMuch { command: text.into() });
        };
        Ok((printed, child.wait().await.map_err(unread)?))
    };
    let done = tokio::time::timeout(limit, work).await;
    let last = last_line(&tail);
    let Ok(done) = done else {
        return Err(CommandError::Late { command: text.into(), last });
    };
    let (printed, status) = done?;
    group.has_ended();
    if !status.success() {
        return Err(CommandError::Failed { command: text.into(), status, last });
    }
    let printed =
        std::str::from_utf8(&printed).map_err(|_| CommandError::NoText { command: text.into() })?;
    Ok(without_line_break(printed))
}

/// The text without one line break at its end.
pub(super) fn without_line_break(text: &str) -> Secret {
    let text = text.strip_suffix('\n').map_or(text, |text| text.strip_suffix('\r').unwrap_or(text));
    Secret::from(text)
}

/// All that is printed; `None` if it is too much.
async fn read_all(
    out: Option<impl AsyncRead + Unpin>,
) -> std::io::Result<Option<Zeroizing<Vec<u8>>>> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(16 * 1024));
    if let Some(out) = out {
        out.take(LARGEST + 1).read_to_end(&mut bytes).await?;
    }
    Ok(Some(bytes).filter(|bytes| bytes.len() as u64 <= LARGEST))
}

/// Reads to the end and keeps what came last.
async fn keep_tail(err: Option<impl AsyncRead + Unpin>, tail: &mut Vec<u8>) {
    let Some(mut err) = err else { return };
    let mut chunk = [0; 1024];
    // One that cannot be read any more has said all that can be told.
    while let Ok(count @ 1..) = err.read(&mut chunk).await {
        tail.extend_from_slice(&chunk[..count]);
        let surplus = tail.len().saturating_sub(TAIL);
        tail.drain(..surplus);
    }
}

/// The last line that says something, escaped.
fn last_line(tail: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(tail);
    let line = text.lines().rev().map(str::trim).find(|line| !line.is_empty())?;
    let mut short: String = line.chars().take(LAST_LINE).collect();
    if short.len() < line.len() {
        short.push('…');
    }
    Some(escape_line(&short).into_owned())
}

/// A command with all that it has started, if that is a group of its own; stopped when it is
/// dropped too early.
struct Group {
    /// Process id of its leader; 0 for none.
    #[cfg(unix)]
    leader: AtomicI32,
}

impl Group {
    #[cfg(unix)]
    fn of(leader: Option<u32>, own: bool) -> Group {
        let leader = leader.filter(|_| own).and_then(|id| i32::try_from(id).ok());
        Group { leader: AtomicI32::new(leader.unwrap_or(0)) }
    }

    #[cfg(not(unix))]
    fn of(_leader: Option<u32>, _own: bool) -> Group {
        Group {}
    }

    /// Its leader is gone, and its number may soon be another's.
    fn has_ended(&self) {
        #[cfg(unix)]
        self.leader.store(0, Ordering::Relaxed);
    }

    fn stop(&self) {
        #[cfg(unix)]
        if let Some(leader) = rustix::process::Pid::from_raw(self.leader.swap(0, Ordering::Relaxed))
        {
            // It may be gone already.
            let _ = rustix::process::kill_process_group(leader, rustix::process::Signal::KILL);
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.stop();
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_it_prints_is_the_secret_and_what_it_says_is_told() {
        assert_eq!(run("printf 'a b\\n' | tr a x", false).await.unwrap().expose(), "x b");
        assert_eq!(run("printf 'a\\r\\n'; echo noise >&2", false).await.unwrap().expose(), "a");
        let failed =
            run("echo s3cret; echo one >&2; printf 'no \\033[2Jkey\\n\\n' >&2; exit 3", false);
        let failed = failed.await.unwrap_err().to_string();
        assert!(failed.contains("exit status: 3") && failed.contains("it said: no "), "{failed}");
        assert!(!failed.contains('\u{1b}') && !failed.contains("it said: one"), "{failed}");
    }

    #[tokio::test]
    async fn too_much_and_no_text() {
        let error = run("head -c 1100000 /dev/zero; cat /dev/zero", false).await.unwrap_err();
        assert!(matches!(error, CommandError::TooMuch { .. }), "{error}");
        let error = run("printf '\\377'", false).await.unwrap_err();
        assert!(matches!(error, CommandError::NoText { .. }), "{error}");
    }

    /// A command that announces itself by writing its process id, and then waits for ever.
    fn endless(dir: &std::path::Path) -> (std::path::PathBuf, String) {
        let file = dir.join("pid");
        let shown = file.display();
        (
            file.clone(),
            format!(
                "sh -c 'echo $$ >{shown}.new; mv {shown}.new {shown}; exec cat /dev/zero >/dev/null' ; true"
            ),
        )
    }

    fn is_running(pid: &str) -> bool {
        let pid = pid.trim().parse().ok().and_then(rustix::process::Pid::from_raw).unwrap();
        rustix::process::test_kill_process(pid).is_ok()
    }

    #[tokio::test]
    async fn whoever_stops_waiting_stops_it_and_its_children() {
        let dir = tempfile::tempdir().unwrap();
        let (file, command) = endless(dir.path());
        let started = async {
            loop {
                if let Ok(pid) = std::fs::read_to_string(&file) {
                    return pid;
                }
                tokio::task::yield_now().await;
            }
        };
        let pid = tokio::select! {
            biased;
            pid = started => pid,
            _ = run(&command, false) => panic!("it ended"),
        };
        // Its process is gone as soon as somebody has taken note of its death.
        let patience = tokio::time::timeout(Duration::from_secs(60), async {
            while is_running(&pid) {
                tokio::task::yield_now().await;
            }
        });
        patience.await.expect("the child was stopped as well");
    }

    #[tokio::test]
    async fn one_that_does_not_end_is_stopped() {
        let error = run_within("echo working >&2; cat /dev/zero >/dev/null", false, Duration::ZERO);
        let error = error.await.unwrap_err();
        assert!(matches!(error, CommandError::Late { .. }), "{error}");
        assert!(error.to_string().contains("was stopped"), "{error}");
    }
}
