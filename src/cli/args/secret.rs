//! Options of `wsdeck secret`.

use clap::{Args, Subcommand};

/// Keep secrets by name, to refer to them from requests
///
/// A request says secret:NAME or keyring:NAME where a password or token belongs, so that its file
/// can be shared and no secret stands in the shell's history. secret: is a file in the data
/// folder that only you can read; keyring: is the keyring of the operating system, which servers
/// and SSH sessions often lack. Within a longer text the form is {{secret:NAME}}.
#[derive(Args, Clone, Debug)]
#[command(after_long_help = "\
Examples:
  wsdeck secret set work-token
  pass show work/token | wsdeck secret set work-token --file
  wsdeck check wss://api.example/ --auth bearer --auth-param token=secret:work-token
  wsdeck secret list
  wsdeck secret remove work-token

A value is never printed.")]
pub struct SecretArgs {
    #[command(subcommand)]
    pub command: SecretCommand,
}

/// What to do with them.
#[derive(Clone, Debug, Subcommand)]
pub enum SecretCommand {
    /// Keep a secret, typed at a prompt that does not show it, or from standard input
    ///
    /// From a pipe or file one line break at its end is left out. One of the same name is
    /// replaced.
    Set {
        /// Its name
        name: String,
        #[command(flatten)]
        place: SecretPlace,
    },
    /// Print the names, as references
    List,
    /// Take a secret away
    Remove {
        /// Its name
        name: String,
        #[command(flatten)]
        place: SecretPlace,
    },
}

/// Where a secret is kept.
#[derive(Args, Clone, Copy, Debug, Default)]
pub struct SecretPlace {
    /// In the keyring of the operating system
    #[arg(long, conflicts_with = "file")]
    pub keyring: bool,

    /// In the private file, which is the default unless the setting secrets.store says otherwise
    #[arg(long)]
    pub file: bool,
}
