//! Options of the commands that print documentation for machines.

use std::path::PathBuf;

use clap::Args;
use clap_complete::Shell;

/// Print completions for a shell
#[derive(Args, Clone, Debug)]
#[command(after_long_help = "\
Examples:
  wsdeck completions bash > ~/.local/share/bash-completion/completions/wsdeck
  wsdeck completions zsh > ~/.zfunc/_wsdeck
  wsdeck completions fish > ~/.config/fish/completions/wsdeck.fish")]
pub struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    pub shell: Shell,
}

/// Print the manual page
#[derive(Args, Clone, Debug)]
#[command(after_long_help = "\
Examples:
  wsdeck man | man -l -
  wsdeck man --dir ~/.local/share/man/man1")]
pub struct ManArgs {
    /// Write a page for each command into this folder instead
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,
}
