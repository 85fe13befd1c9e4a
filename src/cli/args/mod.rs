//! The command line: names, values and the texts of the manual.

mod cat;
mod check;
mod config;
mod connect;
mod explain;
mod manual;
mod secret;
mod serve;
pub mod values;

pub use cat::{BinaryAs, CatArgs};
pub use check::CheckArgs;
pub use config::{ConfigArgs, ConfigCommand};
pub use connect::ConnectArgs;
pub use explain::ExplainArgs;
pub use manual::{CompletionsArgs, ManArgs};
pub use secret::{SecretArgs, SecretCommand, SecretPlace};
pub use serve::ServeArgs;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

/// A terminal client for WebSockets: connect, compose, read, and be told why it does not work.
#[derive(Debug, Parser)]
#[command(
    name = "wsdeck",
    version,
    args_conflicts_with_subcommands = true,
    after_long_help = INTERFACE_HELP,
    max_term_width = 100
)]
pub struct Cli {
    /// Address to open in the interface: ws://, wss://, http://, https:// or none of them
    pub url: Option<String>,

    /// Connect at once
    #[arg(long, requires = "url")]
    pub connect: bool,

    #[command(flatten)]
    pub place: PlaceArgs,

    #[command(flatten)]
    pub connect_options: ConnectArgs,

    #[command(subcommand)]
    pub command: Option<Command>,
}

const INTERFACE_HELP: &str = "\
Without a command the terminal interface is opened.

Examples:
  wsdeck demo                                  try everything, without an account or a network
  wsdeck wss://echo.example/chat --connect     open the interface and connect
  wsdeck check wss://echo.example/chat         one attempt, stage by stage, and the verdict
  tail -f log | wsdeck cat ws://localhost:9001 lines become messages

Exit codes: 0 all went well, 1 our own failure, 2 wrong use; of a failed connect: 10 URL, 11 DNS,
12 TCP, 13 proxy, 14 TLS, 15 HTTP, 16 WebSocket; of cat: 17 the connection ended in disorder.";

/// Where the interface keeps its things.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Files")]
pub struct PlaceArgs {
    /// Settings file to use instead of the one in the configuration folder
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,

    /// Workspace folder to use instead of ./.wsdeck or the one in the data folder
    #[arg(long, value_name = "DIR")]
    pub workspace: Option<PathBuf>,
}

/// What can be done beside opening the interface.
#[derive(Debug, Subcommand)]
pub enum Command {
    Demo(DemoArgs),
    Check(Box<CheckArgs>),
    Cat(Box<CatArgs>),
    Serve(ServeArgs),
    Explain(ExplainArgs),
    Config(ConfigArgs),
    Secret(SecretArgs),
    Completions(CompletionsArgs),
    Man(ManArgs),
}

/// Open the interface on the built-in practice server
///
/// The practice server listens on loopback. The workspace that is opened shows each kind of
/// success and of failure; nothing of it is kept.
#[derive(Args, Clone, Debug)]
pub struct DemoArgs {
    /// Settings file to use instead of the one in the configuration folder
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_definition_is_sound() {
        Cli::command().debug_assert();
    }

    /// Every command, every option: a sentence without which the manual has a hole.
    #[test]
    fn everything_is_described() {
        fn look(command: &clap::Command, path: &str) {
            let path = format!("{path} {}", command.get_name());
            assert!(command.get_about().is_some(), "{path} has no description");
            for arg in command.get_arguments() {
                assert!(arg.get_help().is_some(), "{path}: {} has no help", arg.get_id());
            }
            for sub in command.get_subcommands() {
                look(sub, &path);
            }
        }
        let mut command = Cli::command();
        command.build();
        look(&command, "");
    }

    #[test]
    fn a_word_that_is_no_command_is_an_address() {
        let cli = Cli::try_parse_from(["wsdeck", "localhost:9001", "--connect"]).unwrap();
        assert_eq!(cli.url.as_deref(), Some("localhost:9001"));
        assert!(cli.connect && cli.command.is_none());
        assert!(Cli::try_parse_from(["wsdeck", "--connect"]).is_err());
    }
}
