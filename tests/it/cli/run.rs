//! Runs the binary and waits for it, with a watchdog that only a hang can meet.

use std::io::Write as _;
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc;
use std::time::Duration;

/// Far longer than any run takes on a busy machine.
pub const WATCHDOG: Duration = Duration::from_secs(60);

/// What a run left behind.
#[derive(Debug)]
pub struct Ran {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Ran {
    /// Standard output as the one JSON value that it must be.
    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| {
            panic!("{error} in {:?}, stderr {:?}", self.stdout, self.stderr)
        })
    }

    /// Standard output as one JSON value a line.
    #[track_caller]
    pub fn json_lines(&self) -> Vec<serde_json::Value> {
        self.stdout
            .lines()
            .map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e} in {line:?}")))
            .collect()
    }
}

/// The binary, in an environment that no setting of the tester reaches.
pub fn wsdeck(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wsdeck"));
    command.args(args).env_remove("SSLKEYLOGFILE");
    for name in ["http_proxy", "https_proxy", "all_proxy", "no_proxy", "ws_proxy", "wss_proxy"] {
        command.env_remove(name).env_remove(name.to_uppercase());
    }
    // Kept tokens and failures are this run's own.
    let data = format!("{}/data-{}", env!("CARGO_TARGET_TMPDIR"), std::process::id());
    command.env("WSDECK_DATA_DIR", data);
    command
}

/// Runs to the end with nothing on standard input.
#[track_caller]
pub fn run(args: &[&str]) -> Ran {
    finish(wsdeck(args), b"")
}

/// Runs to the end with `input` on standard input.
#[track_caller]
pub fn finish(mut command: Command, input: &[u8]) -> Ran {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    let mut stdin = child.stdin.take().expect("it was piped");
    let input = input.to_vec();
    // A command that ends early closes its input; that is no fault of the test.
    let feeder = std::thread::spawn(move || drop(stdin.write_all(&input)));
    let output = output_of(child);
    drop(feeder.join());
    Ran {
        code: output.status.code().expect("it ended by itself"),
        stdout: String::from_utf8(output.stdout).expect("standard output is UTF-8"),
        stderr: String::from_utf8(output.stderr).expect("standard error is UTF-8"),
    }
}

/// Waits for a process whose output is read by the test.
#[track_caller]
pub fn wait(child: Child) -> Option<i32> {
    output_of(child).status.code()
}

#[track_caller]
fn output_of(child: Child) -> Output {
    let pid = child.id();
    let (done, waited) = mpsc::channel();
    std::thread::spawn(move || drop(done.send(child.wait_with_output())));
    waited
        .recv_timeout(WATCHDOG)
        .unwrap_or_else(|_| panic!("process {pid} hangs"))
        .expect("its output can be read")
}
