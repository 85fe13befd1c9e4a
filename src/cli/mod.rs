//! Headless commands: check, cat, serve, explain and their kin.
//!
//! [`args`] says what can be typed, and holds the texts of the manual. [`run`] carries a command
//! out and answers with its exit code, or with what the interface is to start with, since this
//! module knows no terminal interface.
//!
//! Names of options, fields of the JSON output and exit codes are relied on by scripts.

mod alike;
pub mod args;
mod attempt;
mod cat;
mod check;
mod config;
mod dry_run;
mod explain;
mod failure;
mod manual;
mod output;
mod prompt;
mod report;
mod request;
mod secret;
mod serve;
mod task;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::Parser as _;

use crate::core::request::RequestDraft;
use crate::core::time::Micros;
use crate::net::clock::Clock;
use args::{Cli, Command};
use failure::Failure;

/// Exit code of a failure of our own: a file that cannot be written, a bug.
pub const EXIT_OURS: u8 = 1;
/// Exit code of a command line that makes no sense.
pub const EXIT_USAGE: u8 = 2;

/// What is left to do after [`run`].
#[derive(Debug)]
pub enum Outcome {
    /// All is done; the process ends with this code.
    Done(u8),
    /// The terminal interface is asked for.
    Interface(Box<InterfaceStart>),
}

/// What the terminal interface begins with.
#[derive(Debug, Default)]
pub struct InterfaceStart {
    /// The request to open, with references to secrets resolved; `None` for an empty one.
    pub request: Option<RequestDraft>,
    /// Connect at once.
    pub connect: bool,
    /// Start the practice server and open the workspace that shows it.
    pub demo: bool,
    /// Settings file given by hand.
    pub config: Option<PathBuf>,
    /// Workspace folder given by hand.
    pub workspace: Option<PathBuf>,
}

/// Reads the command line (the program's name first) and carries it out.
pub fn run<I, T>(args: I) -> Outcome
where
    I: IntoIterator<Item = T>,
    T: Into<OsString> + Clone,
{
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(error) => return Outcome::Done(print_parse_error(&error)),
    };
    match dispatch(cli) {
        Ok(outcome) => outcome,
        Err(failure) => Outcome::Done(failure.tell()),
    }
}

/// Help and version go to standard output with code 0, a wrong command line to standard error
/// with code 2.
fn print_parse_error(error: &clap::Error) -> u8 {
    let told = error.print();
    if error.use_stderr() { EXIT_USAGE } else { output::exit_of(told) }
}

fn dispatch(cli: Cli) -> Result<Outcome, Failure> {
    let Some(command) = cli.command else {
        request::refuse_mistyped_command(cli.url.as_deref())?;
        return Ok(Outcome::Interface(Box::new(InterfaceStart {
            request: request::draft_of_interface(cli.url.as_deref(), &cli.connect_options)?,
            connect: cli.connect,
            demo: false,
            config: cli.place.config,
            workspace: cli.place.workspace,
        })));
    };
    let code = match command {
        Command::Demo(demo) => {
            return Ok(Outcome::Interface(Box::new(InterfaceStart {
                demo: true,
                config: demo.config,
                ..InterfaceStart::default()
            })));
        }
        Command::Check(args) => check::run(&args)?,
        Command::Cat(args) => cat::run(&args)?,
        Command::Serve(args) => serve::run(&args)?,
        Command::Explain(args) => explain::run(&args)?,
        Command::Config(args) => config::run(&args)?,
        Command::Secret(args) => secret::run(&args)?,
        Command::Completions(args) => manual::completions(&args)?,
        Command::Man(args) => manual::man(&args)?,
    };
    Ok(Outcome::Done(code))
}

/// The clock that the transport's times come from as well.
fn now() -> Micros {
    Clock::process().now()
}
