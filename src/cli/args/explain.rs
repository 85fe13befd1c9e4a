//! Options of `wsdeck explain`.

use clap::Args;

/// Explain a finding at length, or list all findings
///
/// A finding is what check, cat and the interface name when something is wrong, such as
/// tls/plain-http-server. The pages are Markdown.
#[derive(Args, Clone, Debug)]
#[command(after_long_help = "\
Examples:
  wsdeck explain
  wsdeck explain tls/plain-http-server
  wsdeck explain $(wsdeck check wss://localhost:9001/ --json | jq -r .code)")]
pub struct ExplainArgs {
    /// Id of the finding; without it the list is printed
    pub id: Option<String>,
}
