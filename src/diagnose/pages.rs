//! The long explanations, embedded: one page for each finding's id.

/// A page of explanation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// Id of the finding that it explains.
    pub id: &'static str,
    /// The page as Markdown; its first line is `# ` and the title.
    pub text: &'static str,
}

impl Page {
    /// The first line without its `#`.
    #[must_use]
    pub fn title(&self) -> &'static str {
        self.text.lines().next().unwrap_or_default().trim_start_matches('#').trim()
    }
}

/// All pages in the order of the phases.
#[must_use]
pub fn pages() -> &'static [Page] {
    PAGES
}

/// The page of a finding.
#[must_use]
pub fn page(id: &str) -> Option<&'static Page> {
    PAGES.iter().find(|page| page.id == id)
}

/// The page of a finding as Markdown; `None` for an id that nobody knows.
#[must_use]
pub fn explain(id: &str) -> Option<&'static str> {
    page(id).map(|page| page.text)
}

/// Cases that are known and cannot be told from a record, each with the reason. They have no
/// rule and no page; `explain` gives the reason.
pub const CANNOT_TELL: &[(&str, &str)] = &[
    (
        "ws/deflate-bomb",
        "wsdeck offers no compression and unpacks none, so no message can grow beyond its limit. A \
         compressed frame that comes all the same is told as `ws/frame-rsv1`.",
    ),
    (
        "ws/deflate-corrupt",
        "wsdeck offers no compression and unpacks none, so it cannot see that a message does not \
         unpack. A compressed frame that comes all the same is told as `ws/frame-rsv1`.",
    ),
];

/// Why a known case cannot be told from a record; `None` for any other id.
#[must_use]
pub fn cannot_tell(id: &str) -> Option<&'static str> {
    CANNOT_TELL.iter().find(|(case, _)| *case == id).map(|(_, why)| *why)
}

/// Heading of the section that lists what other tools say, one in a line.
const CALLED: &str = "## What other tools call it";

/// What other tools call it, from the page's list.
pub(super) fn also_called(id: &str) -> impl Iterator<Item = &'static str> {
    let text = explain(id).unwrap_or_default();
    let list = text.split_once(CALLED).map_or("", |(_, list)| list);
    list.lines()
        .take_while(|line| !line.starts_with("## "))
        .filter_map(|line| line.strip_prefix("- "))
        .map(|line| line.trim().trim_matches('`'))
}

macro_rules! pages {
    ($($phase:literal / $name:literal),* $(,)?) => {
        &[$(Page {
            id: concat!($phase, "/", $name),
            text: include_str!(concat!("../../assets/findings/", $phase, "-", $name, ".md")),
        }),*]
    };
}

static PAGES: &[Page] = pages![
    "url" / "auth-doubled",
    "url" / "auth-incomplete",
    "url" / "bad-port",
    "url" / "blank-or-invisible",
    "url" / "credential-odd",
    "url" / "credentials-in-clear",
    "url" / "double-encoded",
    "url" / "empty",
    "url" / "empty-host",
    "url" / "failed",
    "url" / "file-unreadable",
    "url" / "fragment",
    "url" / "header-reserved",
    "url" / "header-value",
    "url" / "http-scheme",
    "url" / "ipv6-brackets",
    "url" / "no-scheme",
    "url" / "plus-in-query",
    "url" / "request-head-large",
    "url" / "shell-ampersand",
    "url" / "subprotocol-syntax",
    "url" / "token-ends-soon",
    "url" / "token-expired",
    "url" / "token-not-yet-valid",
    "url" / "unfilled-variable",
    "url" / "unknown-scheme",
    "url" / "userinfo-special",
    "dns" / "bad-name",
    "dns" / "failed",
    "dns" / "local-mdns",
    "dns" / "moved",
    "dns" / "no-address",
    "dns" / "nxdomain",
    "dns" / "offline",
    "dns" / "servfail",
    "dns" / "single-label",
    "dns" / "sinkhole",
    "dns" / "split-horizon",
    "dns" / "timeout",
    "tcp" / "accepted-then-closed",
    "tcp" / "backlog-full",
    "tcp" / "failed",
    "tcp" / "ipv6-broken",
    "tcp" / "local-limits",
    "tcp" / "localhost-v6",
    "tcp" / "loopback-inside",
    "tcp" / "macos-local-network",
    "tcp" / "permission",
    "tcp" / "refused",
    "tcp" / "refused-default-port",
    "tcp" / "reset-on-connect",
    "tcp" / "timeout-filtered",
    "tcp" / "unreachable",
    "tcp" / "v6-only",
    "tcp" / "zero-address",
    "proxy" / "auth-407",
    "proxy" / "auth-ntlm",
    "proxy" / "closed",
    "proxy" / "connect-403",
    "proxy" / "connect-5xx",
    "proxy" / "env-surprise",
    "proxy" / "failed",
    "proxy" / "kind-mismatch",
    "proxy" / "refused",
    "proxy" / "silent",
    "proxy" / "unresolved",
    "proxy" / "unsupported",
    "tls" / "alpn-h2-chosen",
    "tls" / "cert-ca-as-leaf",
    "tls" / "cert-default",
    "tls" / "cert-expired",
    "tls" / "cert-expires-soon",
    "tls" / "cert-incomplete-chain",
    "tls" / "cert-ip",
    "tls" / "cert-no-san",
    "tls" / "cert-not-yet-valid",
    "tls" / "cert-private-ca",
    "tls" / "cert-revoked",
    "tls" / "cert-self-signed",
    "tls" / "cert-usage",
    "tls" / "cert-weak",
    "tls" / "cert-wrong-host",
    "tls" / "client-cert-12",
    "tls" / "client-cert-13",
    "tls" / "client-cert-files",
    "tls" / "client-cert-http",
    "tls" / "client-cert-rejected",
    "tls" / "clock-wrong",
    "tls" / "close-notify-early",
    "tls" / "closed-on-hello",
    "tls" / "decrypt-or-mac",
    "tls" / "failed",
    "tls" / "fallback-refused",
    "tls" / "h2-frames",
    "tls" / "handshake-failure",
    "tls" / "inspected",
    "tls" / "internal-error",
    "tls" / "no-alpn",
    "tls" / "no-shared-cipher",
    "tls" / "no-sni",
    "tls" / "peer-dislikes-hello",
    "tls" / "plain-http-server",
    "tls" / "plain-other-server",
    "tls" / "protocol-version",
    "tls" / "reset-on-hello",
    "tls" / "silent",
    "tls" / "unrecognized-name",
    "tls" / "verification-off",
    "http" / "103-interim",
    "http" / "200-error-in-body",
    "http" / "200-plain-endpoint",
    "http" / "200-sockjs-base",
    "http" / "200-spa",
    "http" / "200-sse",
    "http" / "301-to-https",
    "http" / "400-bare",
    "http" / "400-dev-token",
    "http" / "400-engineio",
    "http" / "400-engineio-sid",
    "http" / "400-engineio-version",
    "http" / "400-extensions",
    "http" / "400-forwarded",
    "http" / "400-header-size",
    "http" / "400-host",
    "http" / "400-key",
    "http" / "400-subprotocol",
    "http" / "400-tls-host",
    "http" / "400-upgrade-stripped",
    "http" / "400-version",
    "http" / "401-api-key",
    "http" / "401-bare",
    "http" / "401-basic-refused",
    "http" / "401-bearer-expired",
    "http" / "401-bearer-invalid",
    "http" / "401-digest",
    "http" / "401-key-locked",
    "http" / "401-key-unknown",
    "http" / "401-negotiate",
    "http" / "401-no-credentials",
    "http" / "401-query-token",
    "http" / "401-signature-clock",
    "http" / "401-signature-mismatch",
    "http" / "401-stripped",
    "http" / "401-vendor-code",
    "http" / "401-wrong-scheme",
    "http" / "403-account",
    "http" / "403-app-reject",
    "http" / "403-aws",
    "http" / "403-bare",
    "http" / "403-csrf",
    "http" / "403-envoy-upgrade",
    "http" / "403-host-not-allowed",
    "http" / "403-ip",
    "http" / "403-origin",
    "http" / "403-origin-unwanted",
    "http" / "403-scope",
    "http" / "403-waf",
    "http" / "404-default-backend",
    "http" / "404-no-ws-support",
    "http" / "404-origin-cable",
    "http" / "404-path",
    "http" / "404-resource",
    "http" / "404-signalr",
    "http" / "405",
    "http" / "406-415",
    "http" / "407-transparent",
    "http" / "408",
    "http" / "409-429-conn-limit",
    "http" / "410",
    "http" / "411-413-414",
    "http" / "421",
    "http" / "426-http10",
    "http" / "426-tls",
    "http" / "426-upgrade",
    "http" / "429",
    "http" / "431",
    "http" / "464",
    "http" / "499-460",
    "http" / "500",
    "http" / "501-505",
    "http" / "502",
    "http" / "503",
    "http" / "504",
    "http" / "52x",
    "http" / "clock-skew",
    "http" / "closed-no-answer",
    "http" / "failed",
    "http" / "head-too-large",
    "http" / "malformed",
    "http" / "not-http",
    "http" / "other-status",
    "http" / "partial-head",
    "http" / "platform-no-ws",
    "http" / "redirect-login",
    "http" / "redirect-other-host",
    "http" / "redirect-path",
    "http" / "reset-no-answer",
    "http" / "silent",
    "http" / "tls-port-400",
    "http" / "tls-port-alert",
    "http" / "tls-port-closed",
    "http" / "vendor-code",
    "ws" / "101-http10",
    "ws" / "101-late-body",
    "ws" / "101-then-fin",
    "ws" / "101-then-rst",
    "ws" / "accept-mismatch",
    "ws" / "accept-missing",
    "ws" / "close-1000",
    "ws" / "close-1001",
    "ws" / "close-1002",
    "ws" / "close-1003",
    "ws" / "close-1005",
    "ws" / "close-1006",
    "ws" / "close-1007",
    "ws" / "close-1008",
    "ws" / "close-1009",
    "ws" / "close-1010",
    "ws" / "close-1011",
    "ws" / "close-1012-1013",
    "ws" / "close-1015",
    "ws" / "close-3000-3999",
    "ws" / "close-44xx",
    "ws" / "close-4xxx-unknown",
    "ws" / "close-invalid-code",
    "ws" / "close-one-byte",
    "ws" / "close-reason-utf8",
    "ws" / "close-unanswered",
    "ws" / "compression-declined",
    "ws" / "connection-missing",
    "ws" / "deflate-bad-parameter",
    "ws" / "extension-unrequested",
    "ws" / "failed",
    "ws" / "frame-continuation",
    "ws" / "frame-control-fragmented",
    "ws" / "frame-control-too-long",
    "ws" / "frame-cut",
    "ws" / "frame-length",
    "ws" / "frame-masked",
    "ws" / "frame-opcode",
    "ws" / "frame-rsv1",
    "ws" / "frame-rsv23",
    "ws" / "half-open",
    "ws" / "ping-unanswered",
    "ws" / "protocol-violation",
    "ws" / "subprotocol-multiple",
    "ws" / "subprotocol-not-chosen",
    "ws" / "subprotocol-unrequested",
    "ws" / "text-not-utf8",
    "ws" / "upgrade-missing",
    "ws" / "upgrade-other",
    "msg" / "apigw-internal",
    "msg" / "apigw-no-route",
    "msg" / "backpressure-slow-reader",
    "msg" / "drop-on-send",
    "msg" / "engineio-greeting",
    "msg" / "engineio-no-pong",
    "msg" / "graphql-4400",
    "msg" / "graphql-4401",
    "msg" / "graphql-4403",
    "msg" / "graphql-4406",
    "msg" / "graphql-4408",
    "msg" / "ha-auth",
    "msg" / "idle-100-cloudflare",
    "msg" / "idle-240-azure",
    "msg" / "idle-300-envoy",
    "msg" / "idle-350-nlb",
    "msg" / "idle-55-heroku",
    "msg" / "idle-60",
    "msg" / "idle-600",
    "msg" / "idle-other",
    "msg" / "json-rejected",
    "msg" / "not-maintained",
    "msg" / "one-request-then-close",
    "msg" / "signalr-handshake",
    "msg" / "sockjs-open",
    "msg" / "too-big-apigw",
    "msg" / "too-big-frame-65536",
    "msg" / "too-big-java",
    "msg" / "too-big-received",
    "msg" / "vendor-error-message",
];
