//! Causes that no row stages, and why not.

const MINUTES: &str = "its sign is minutes or hours of real silence or life";
const SYSTEM: &str = "it takes a fault of the system or the network, which a test must not make";

const CERTIFICATE: &str = "the practice server makes no such certificate";

/// `(id, reason)`; together with the table it covers every cause there is.
pub const UNSTAGED: &[(&str, &str)] = &[
    ("url/shell-ampersand", "it takes a shell that puts the command into the background"),
    ("dns/timeout", "it takes a resolver that does not answer; the table accepts it for names"),
    ("dns/offline", SYSTEM),
    ("dns/servfail", "it takes a resolver of our own; the system's cannot be replaced"),
    ("dns/no-address", "it takes a zone of our own"),
    ("dns/sinkhole", "it takes a hosts file or a resolver that says 0.0.0.0"),
    ("dns/local-mdns", "it takes seconds of mDNS silence, and depends on the machine's resolver"),
    ("dns/moved", "one attempt cannot show that a service used to be elsewhere"),
    ("tcp/loopback-inside", "it takes a container"),
    ("tcp/timeout-filtered", "loopback drops no SYN, and no other address may be asked"),
    ("tcp/unreachable", SYSTEM),
    ("tcp/macos-local-network", SYSTEM),
    ("tcp/ipv6-broken", "loopback drops no SYN, and refuses at once where IPv6 is off"),
    ("tcp/v6-only", SYSTEM),
    ("tcp/reset-on-connect", "a RST before the first write races with it on loopback"),
    ("tcp/permission", SYSTEM),
    ("tcp/local-limits", SYSTEM),
    ("tcp/backlog-full", "its sign is a second and more that the system takes to try again"),
    ("tls/clock-wrong", "the clock of the machine is not a test's to set"),
    ("http/499-460", "it shows in the server's log only"),
    ("ws/close-1015", "the code never travels; a failed handshake is staged under tls/"),
    ("msg/idle-30", MINUTES),
    ("msg/idle-55-heroku", MINUTES),
    ("msg/idle-60", MINUTES),
    ("msg/idle-100-cloudflare", MINUTES),
    ("msg/idle-240-azure", MINUTES),
    ("msg/idle-300-envoy", MINUTES),
    ("msg/idle-350-nlb", MINUTES),
    ("msg/idle-600", MINUTES),
    ("msg/lifetime-gcp-openai", MINUTES),
    ("msg/lifetime-apigw", MINUTES),
    ("msg/lifetime-day", MINUTES),
    ("msg/token-expiry", MINUTES),
    ("msg/phoenix-heartbeat", MINUTES),
    ("msg/render-hang", "it is about other clients, not about a connection"),
    ("proxy/inspection-strips-upgrade", CERTIFICATE),
    ("tls/cert-revoked", "revocation is not looked up"),
    ("msg/send-stalled", "it takes seconds without progress"),
];
