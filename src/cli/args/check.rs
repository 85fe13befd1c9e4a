//! Options of `wsdeck check`.

use clap::Args;

use super::ConnectArgs;
use super::values::{Seconds, stamp};
use crate::core::time::Micros;

/// Try to connect once and explain the result
///
/// Connects in the open: every stage (DNS, TCP, TLS, HTTP, WebSocket) with its time, then the
/// verdict, the reason and what to try. A healthy connection is watched for a while, pinged and
/// closed with code 1000.
#[derive(Args, Clone, Debug)]
#[command(after_long_help = EXAMPLES)]
pub struct CheckArgs {
    /// Address to connect to
    pub url: String,

    /// Print one JSON object and nothing else to standard output
    #[arg(long)]
    pub json: bool,

    /// Print the report as Markdown, for a bug tracker
    ///
    /// With the request, the reply, the certificates, and command lines for curl and websocat
    /// that repeat the attempt; secrets masked.
    #[arg(long, conflicts_with = "json")]
    pub markdown: bool,

    /// Text message to send once open (repeatable)
    #[arg(long, value_name = "TEXT")]
    pub send: Vec<String>,

    /// How long to watch the open connection
    #[arg(long, value_name = "SECONDS", default_value = "2")]
    pub wait: Seconds,

    /// If it fails, find out why with further attempts that change one thing each
    ///
    /// Such a probe goes to the same host and port and carries nothing of yours: no credentials,
    /// no query, no headers, no client certificate. At most 8, each up to 3 seconds. The table
    /// tells what was changed and what happened, and a sentence what that shows.
    #[arg(long, conflicts_with = "dry_run")]
    pub probe: bool,

    /// As --probe, and also probes that send what the request sends, credentials too
    ///
    /// Each is named before it goes out. A login that fails again may count: some services lock
    /// an account or a key after a few. None is made after a refused login, and none goes to
    /// another host.
    #[arg(long, conflicts_with = "dry_run")]
    pub probe_with_credentials: bool,

    /// Find out where the server reads the token: header, query, cookie, subprotocol, or nowhere
    ///
    /// Sends the same token at other places of the request, to the same host only, one attempt a
    /// place, and prints what came of each. For ways with one token: bearer, api-key, huawei-token,
    /// huawei-api-key, huawei-appcode, oauth2. It asks first, since refused attempts may count
    /// against the key and a token in a query may end up in logs. It stops when the server says
    /// that the key is locked or that there were too many attempts.
    #[arg(long, conflicts_with_all = ["dry_run", "markdown"])]
    pub auth_probe: bool,

    /// With --auth-probe: yes, send the token
    #[arg(long, requires = "auth_probe")]
    pub yes: bool,

    /// Show the request and the reply as they went over the wire, secrets masked
    #[arg(short, long)]
    pub verbose: bool,

    /// Connect to nothing: print the request that would go out
    #[arg(long)]
    pub dry_run: bool,

    /// With --dry-run: the time to sign for, such as 20191115T033655Z
    #[arg(long, value_name = "STAMP", requires = "dry_run", value_parser = stamp)]
    pub at: Option<Micros>,

    /// With --dry-run: show secrets instead of masking them
    #[arg(long, requires = "dry_run")]
    pub reveal: bool,

    #[command(flatten)]
    pub connect: ConnectArgs,
}

const EXAMPLES: &str = "\
Examples:
  wsdeck check wss://echo.example/chat
  wsdeck check wss://api.example/v1 --auth bearer --auth-param token=env:TOKEN
  wsdeck check ws://localhost:9001/ --send '{\"hello\":1}' --wait 0.5
  wsdeck check wss://api.example/v1 --json | jq -r .code
  wsdeck check wss://api.example/v1 -H 'X-Trace: 1' --dry-run
  wsdeck check ws://api.example/feed --probe
  wsdeck check wss://api.example/v1 --auth bearer --auth-param token=env:TOKEN --auth-probe

Exit codes: 0 connected and healthy, 1 our own failure, 2 wrong use, 10 URL, 11 DNS, 12 TCP,
13 proxy, 14 TLS, 15 HTTP, 16 WebSocket. With --json, `code` is the id of the first finding
(`wsdeck explain ID` tells more), and null if all went well.";
