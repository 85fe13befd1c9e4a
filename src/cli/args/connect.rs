//! Options of every command that connects, named as curl names them.

use std::path::PathBuf;

use clap::Args;

use super::values::{Seconds, Size, header, some_seconds};
use crate::core::headers::HeaderRow;
use crate::core::request::read_fingerprint;

/// How to connect.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Connect options")]
pub struct ConnectArgs {
    /// Header to send, as 'Name: value' (repeatable)
    ///
    /// Order, case and repeated names go out as given; 'Name;' sends an empty value. A header
    /// that belongs to the handshake (Host, Upgrade, Connection, Sec-WebSocket-*) replaces ours,
    /// so that broken handshakes can be tested.
    #[arg(short = 'H', long, value_name = "LINE", value_parser = header)]
    pub header: Vec<HeaderRow>,

    /// Subprotocol to offer, best first (repeatable)
    #[arg(long, value_name = "NAME")]
    pub subprotocol: Vec<String>,

    /// Origin header, as a browser would send it
    #[arg(long, value_name = "ORIGIN")]
    pub origin: Option<String>,

    /// PEM file of certificate authorities to trust beside the system's
    #[arg(long, value_name = "FILE")]
    pub cacert: Option<PathBuf>,

    /// PEM or PKCS#12 file (.p12, .pfx) of the client certificate and its chain
    #[arg(long, value_name = "FILE")]
    pub cert: Option<PathBuf>,

    /// Password of the PKCS#12 file, or where it is: env:NAME, file:PATH, cmd:COMMAND,
    /// secret:NAME, keyring:NAME
    #[arg(long, value_name = "VALUE", requires = "cert")]
    pub cert_password: Option<String>,

    /// PEM file of the client certificate's key, if --cert does not hold it
    #[arg(long, value_name = "FILE", requires = "cert")]
    pub key: Option<PathBuf>,

    /// Do not verify the server's certificate
    #[arg(short = 'k', long)]
    pub insecure: bool,

    /// Trust the certificate with this SHA-256, whoever issued it (repeatable)
    ///
    /// The digits may be in upper or lower case, with or without colons, as browsers and
    /// `openssl x509 -fingerprint -sha256` show them. Any other certificate is judged as ever.
    #[arg(long, value_name = "SHA256", value_parser = read_fingerprint)]
    pub trust_fingerprint: Vec<String>,

    /// Server name in the TLS greeting (SNI), which the certificate must be for, instead of the host
    #[arg(long, value_name = "NAME")]
    pub tls_server_name: Option<String>,

    /// Offer TLS 1.2 or later, which is the default
    #[arg(long = "tlsv1.2", conflicts_with = "tls13")]
    pub tls12: bool,

    /// Offer TLS 1.3 only
    #[arg(long = "tlsv1.3")]
    pub tls13: bool,

    /// Highest version of TLS to offer
    #[arg(long, value_name = "VERSION", value_parser = ["1.2", "1.3"])]
    pub tls_max: Option<String>,

    /// Proxy to connect through, with its scheme and port, or 'none'
    ///
    /// http:// and https:// proxies are asked for a tunnel by CONNECT; socks5h:// and socks4a://
    /// ones resolve the server's name themselves, for socks5:// and socks4:// it is resolved
    /// here. A login stands in the address: http://NAME:PASSWORD@HOST:PORT. Without this option
    /// the environment decides: wss_proxy, https_proxy and all_proxy for wss://, ws_proxy,
    /// http_proxy and all_proxy for ws://, no_proxy for the hosts that need none, in lower or
    /// upper case.
    #[arg(short = 'x', long, value_name = "URL")]
    pub proxy: Option<String>,

    /// Hosts to reach without a proxy, instead of those of NO_PROXY; '*' for all
    ///
    /// Names, separated by commas, with all that is under them, addresses, and networks such as
    /// 10.0.0.0/8. Counts for --proxy as well.
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    pub noproxy: Vec<String>,

    /// Unix socket to connect to, instead of the URL's host
    ///
    /// The URL then gives the path and the Host header. ws+unix:///path/to/socket:/path in place
    /// of the URL does the same.
    #[arg(long, value_name = "PATH")]
    pub unix_socket: Option<PathBuf>,

    /// Follow redirects, which are only shown otherwise
    ///
    /// Credentials go along to the same host and port only, and never from wss:// to ws://.
    #[arg(short = 'L', long)]
    pub location: bool,

    /// Redirects to follow at most [default: 10]
    #[arg(long, value_name = "N", requires = "location", value_parser = clap::value_parser!(u32).range(0..=20))]
    pub max_redirs: Option<u32>,

    /// Limit from the name lookup to the open connection [default: 10]
    #[arg(long, value_name = "SECONDS", value_parser = some_seconds)]
    pub connect_timeout: Option<Seconds>,

    /// Address to use for this host and port instead of asking DNS (repeatable)
    #[arg(long, value_name = "HOST:PORT:ADDR")]
    pub resolve: Vec<String>,

    /// Use IPv4 addresses only
    #[arg(short = '4', conflicts_with = "ipv6")]
    pub ipv4: bool,

    /// Use IPv6 addresses only
    #[arg(short = '6')]
    pub ipv6: bool,

    /// Largest message to accept, such as 64MiB; 0 for no limit [default: 64MiB]
    #[arg(long, value_name = "SIZE")]
    pub max_message_size: Option<Size>,

    /// Do not offer compression of messages (permessage-deflate)
    #[arg(long)]
    pub no_compression: bool,

    /// File of cookies: those that belong to the URL go along, and those of the reply are kept
    ///
    /// Without it no cookie is kept beyond this run. The file is made if it is not there; it is
    /// JSON and readable by its owner only.
    #[arg(long, value_name = "FILE")]
    pub cookie_jar: Option<PathBuf>,

    /// Seconds to add to this machine's clock for signatures and tokens, such as -120
    #[arg(
        long,
        value_name = "SECONDS",
        allow_negative_numbers = true,
        value_parser = clap::value_parser!(i64).range(-315_360_000..=315_360_000)
    )]
    pub clock_offset: Option<i64>,

    /// Way of authenticating: none, bearer, basic, api-key, huawei-token, huawei-aksk, huawei-app,
    /// huawei-appcode, huawei-api-key
    ///
    /// bearer takes the parameter token; basic takes username and password; api-key takes name,
    /// value and in (header, query, cookie or subprotocol); huawei-token takes token, or with
    /// source=iam domain, user, password, and region or iam-url, and project; huawei-aksk takes
    /// access-key, secret-key, security-token, project-id and signed-header (repeatable: a header
    /// given with -H); huawei-app takes app-key, app-secret (without it the key alone is sent) and
    /// signed-header; huawei-appcode takes app-code; huawei-api-key takes api-key.
    #[arg(long, value_name = "KIND")]
    pub auth: Option<String>,

    /// Parameter of --auth (repeatable)
    ///
    /// VALUE may be a reference, so that no secret stands in the shell's history: env:NAME is an
    /// environment variable, file:PATH the content of a file without its last line break,
    /// cmd:COMMAND what a shell command prints within 60 s, secret:NAME and keyring:NAME what
    /// `wsdeck secret set` keeps. Within a header, the URL, --proxy and --subprotocol the form
    /// is {{env:NAME}}.
    #[arg(long, value_name = "NAME=VALUE", requires = "auth")]
    pub auth_param: Vec<String>,
}
