//! Options of `wsdeck explain`.

use std::path::PathBuf;

use clap::Args;

/// Explain a finding at length, or list all findings
///
/// A finding is what check, cat and the interface name when something is wrong, such as
/// tls/plain-http-server. The pages are Markdown. What another program said finds its page too.
#[derive(Args, Clone, Debug)]
#[command(after_long_help = "\
Examples:
  wsdeck explain
  wsdeck explain tls/plain-http-server
  wsdeck explain 'write EPROTO … wrong version number'
  wsdeck explain $(wsdeck check wss://localhost:9001/ --json | jq -r .code)
  wsdeck explain --from record.json
  wsdeck explain --from record.json --markdown > report.md

A record is what `wsdeck check --json` prints, or what the Handshake tab saves. It is judged by
the rules of this version, whichever version made it. Secrets are masked in it.")]
pub struct ExplainArgs {
    /// Id of the finding, or what another program said; without it the list is printed
    #[arg(value_name = "ID")]
    pub id: Vec<String>,

    /// Judge a saved record of an attempt instead; - for standard input
    #[arg(long, value_name = "FILE", conflicts_with = "id")]
    pub from: Option<PathBuf>,

    /// With --from: print what `check --json` would
    #[arg(long, requires = "from", conflicts_with = "markdown")]
    pub json: bool,

    /// With --from: print a report as Markdown, for a bug tracker
    #[arg(long, requires = "from")]
    pub markdown: bool,

    /// With --from: show the request and the reply too
    #[arg(short, long, requires = "from")]
    pub verbose: bool,
}
