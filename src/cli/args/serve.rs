//! Options of `wsdeck serve`.

use std::net::SocketAddr;

use clap::Args;

/// Run the practice server: healthy and faulty endpoints
///
/// Prints every endpoint with its URL and serves until Ctrl+C. It binds loopback unless told
/// otherwise; it guards nothing and is not made for other networks.
#[derive(Args, Clone, Debug)]
#[command(after_long_help = "\
Examples:
  wsdeck serve
  wsdeck serve --listen 127.0.0.1:9001 --tls
  wsdeck serve --json | head -1 | jq -r '.endpoints[].url'")]
pub struct ServeArgs {
    /// Address and port to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0")]
    pub listen: SocketAddr,

    /// Open a TLS port as well, and one for each way in which TLS can be broken
    ///
    /// The TLS port is the one after --listen's, or a free one. The certificate authority is
    /// written to a file that can be given as --cacert; it goes away with the server.
    #[arg(long)]
    pub tls: bool,

    /// Print one JSON object instead of the list
    #[arg(long)]
    pub json: bool,
}
