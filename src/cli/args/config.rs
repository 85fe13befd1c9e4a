//! Options of `wsdeck config`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// Show, check and explain the settings
///
/// Settings live in config.toml, keys in keymap.toml and colours in theme.toml, all in one folder
/// and all optional.
#[derive(Args, Clone, Debug)]
#[command(after_long_help = "\
Examples:
  wsdeck config example > \"$(wsdeck config path)\"
  wsdeck config check
  wsdeck config show")]
pub struct ConfigArgs {
    #[command(subcommand)]
    pub command: ConfigCommand,

    /// Settings file to use instead of the one in the configuration folder
    #[arg(long, value_name = "FILE", global = true)]
    pub config: Option<PathBuf>,
}

/// What to do with the settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Subcommand)]
pub enum ConfigCommand {
    /// Print where the settings file is, or would be
    Path,
    /// Print a settings file that explains every setting and its default
    Example,
    /// Report everything that is wrong in the files; exit code 1 if anything is
    Check,
    /// Print every setting with the value that counts
    Show,
}
