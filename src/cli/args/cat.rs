//! Options of `wsdeck cat`.

use clap::{Args, ValueEnum};

use super::ConnectArgs;
use super::values::{Seconds, some_seconds};

/// How a binary message is printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum BinaryAs {
    /// Base64, a message a line
    #[default]
    Base64,
    /// Hexadecimal digits, a message a line
    Hex,
    /// The bytes as they came, without a line break
    Raw,
    /// Only how many bytes it had
    Summary,
}

/// Connect standard input and output to a WebSocket
///
/// Lines of standard input become text messages; received messages become lines of standard
/// output. On a terminal what was received is printed with control characters escaped; into a
/// pipe or file it goes exactly as it came.
///
/// When standard input ends, the connection is closed with code 1000 once everything is sent, and
/// what still arrives until the server's close is printed. With --count or --exit-after the end
/// of standard input closes nothing: the connection stays until that condition is met. With
/// --no-input or --echo standard input is not read at all.
///
/// Ctrl+C closes with code 1000; a second one ends at once.
#[derive(Args, Clone, Debug)]
#[command(after_long_help = EXAMPLES)]
pub struct CatArgs {
    /// Address to connect to
    pub url: String,

    /// Print one JSON object a line for each event
    ///
    /// Each has t (RFC 3339 with microseconds) and event: open, text, binary, ping, pong, close,
    /// finding or stats. Messages have dir (in or out), text or base64, and bytes.
    #[arg(long)]
    pub json: bool,

    /// Send lines as binary messages
    #[arg(long)]
    pub binary: bool,

    /// Send every text or binary message back as it came
    #[arg(long)]
    pub echo: bool,

    /// End after this many received messages
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub count: Option<u64>,

    /// End this long after the connection has opened
    #[arg(long, value_name = "SECONDS", value_parser = some_seconds)]
    pub exit_after: Option<Seconds>,

    /// Do not read standard input
    #[arg(long)]
    pub no_input: bool,

    /// How to print binary messages (--json always has base64)
    #[arg(long, value_name = "FORM", value_enum, default_value_t)]
    pub binary_as: BinaryAs,

    #[command(flatten)]
    pub connect: ConnectArgs,
}

const EXAMPLES: &str = "\
Examples:
  wsdeck cat ws://localhost:9001/clock --no-input --count 3
  echo '{\"hello\":1}' | wsdeck cat ws://localhost:9001/echo
  wsdeck cat wss://feed.example/v1 --no-input --json | jq -r 'select(.event==\"text\").text'
  wsdeck cat ws://localhost:9001/ --echo

Exit codes: 0 the server closed with 1000 or 1001, or we ended (input, count, time, Ctrl+C, closed
pipe); 17 any other end of an open connection; of a failed connect: 10 URL, 11 DNS, 12 TCP,
13 proxy, 14 TLS, 15 HTTP, 16 WebSocket; 1 our own failure, 2 wrong use.";
