//! Command lines that repeat an attempt: with curl, with websocat, and with wsdeck.
//!
//! They are for a POSIX shell. What was masked becomes a variable (`$AUTHORIZATION`), which the
//! reader sets; what a tool has no option for is said in a comment.

use crate::core::evidence::{DnsSource, Evidence, HeaderFacts};
use crate::core::secret::MASK;

/// Sent instead of a fresh key; the one of RFC 6455 section 1.3.
const SAMPLE_KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";

/// The opening handshake by curl. It shows the reply's head and body; it does not go on to speak
/// WebSocket, so after a 101 it waits until `--max-time`.
#[must_use]
pub fn curl(evidence: &Evidence) -> String {
    let request = &evidence.request;
    let mut line = Line::new("curl");
    line.bare("--include --no-buffer --http1.1");
    line.bare(&format!("--max-time {}", request.timeout_ms.div_ceil(1000).max(1)));
    network(&mut line, evidence);
    let only = evidence.tls.as_ref().and_then(|tls| match tls.versions_offered.as_slice() {
        [version] => Some(version.as_str()),
        _ => None,
    });
    match only {
        Some("TLS 1.2") => line.bare("--tlsv1.2 --tls-max 1.2"),
        Some("TLS 1.3") => line.bare("--tlsv1.3"),
        _ => {}
    }
    for (option, path) in certificates(evidence) {
        line.bare(&format!("{option} {path}"));
    }
    if !request.verify {
        line.bare("--insecure");
    }
    // curl's own, which we do not send.
    for name in ["User-Agent", "Accept"] {
        if !request.headers.iter().any(|h| h.name.eq_ignore_ascii_case(name)) {
            line.option("--header", &format!("{name}:"), name);
        }
    }
    for header in &request.headers {
        if header.name.eq_ignore_ascii_case("host") && header.added {
            continue;
        }
        let value = match header.name.eq_ignore_ascii_case("sec-websocket-key") && header.added {
            true => SAMPLE_KEY,
            false => &header.value,
        };
        // curl takes a semicolon for a header without a value.
        let text = match value {
            "" => format!("{};", header.name),
            value => format!("{}: {value}", header.name),
        };
        line.option("--header", &text, &header.name);
    }
    let scheme = if request.scheme == "wss" { "https" } else { "http" };
    line.url(&address(evidence, scheme));
    if let Some(sni) = other_server_name(evidence) {
        line.comment(&format!("the attempt sent the TLS server name {sni}, curl sends the host's"));
    }
    line.end()
}

/// The connection by websocat: what is typed goes out as text messages.
#[must_use]
pub fn websocat(evidence: &Evidence) -> String {
    let request = &evidence.request;
    let mut line = Line::new("websocat");
    line.bare("-v");
    if !request.verify {
        line.bare("--insecure");
    }
    if !request.subprotocols.is_empty() {
        line.option("--protocol", &request.subprotocols.join(", "), "SUBPROTOCOL");
    }
    for header in own_headers(evidence) {
        if header.name.eq_ignore_ascii_case("origin") {
            line.option("--origin", &header.value, "ORIGIN");
        } else {
            line.equals("--header", &format!("{}: {}", header.name, header.value), &header.name);
        }
    }
    line.url(&address(evidence, &request.scheme));
    if let Some(proxy) = &evidence.proxy {
        line.comment(&format!("without the proxy {}, for which there is no option", proxy.url));
    }
    if !certificates(evidence).is_empty() {
        line.comment("without the certificates that the attempt used");
    }
    line.end()
}

/// The attempt by `wsdeck check`.
#[must_use]
pub fn wsdeck(evidence: &Evidence) -> String {
    let request = &evidence.request;
    let mut line = Line::new("wsdeck check");
    network(&mut line, evidence);
    for (option, path) in certificates(evidence) {
        line.bare(&format!("{option} {path}"));
    }
    if !request.verify {
        line.bare("--insecure");
    }
    if let Some(sni) = other_server_name(evidence) {
        line.option("--tls-server-name", sni, "SERVER");
    }
    if request.extensions.is_empty() && !request.headers.is_empty() {
        line.bare("--no-compression");
    }
    if let Some(tls) = &evidence.tls {
        match tls.versions_offered.as_slice() {
            [only] if only == "TLS 1.2" => line.bare("--tls-max 1.2"),
            [only] if only == "TLS 1.3" => line.bare("--tlsv1.3"),
            _ => {}
        }
        if let Some(leaf) = tls.chain.first().filter(|_| tls.pinned) {
            line.option("--trust-fingerprint", &leaf.sha256, "FINGERPRINT");
        }
    }
    let theirs: Vec<&HeaderFacts> = own_headers(evidence).collect();
    for name in &request.subprotocols {
        line.option("--subprotocol", name, "SUBPROTOCOL");
    }
    for header in theirs {
        line.option("--header", &format!("{}: {}", header.name, header.value), &header.name);
    }
    line.url(&address(evidence, &request.scheme));
    line.end()
}

/// Headers that are not ours: typed, or of a way of authenticating.
fn own_headers(evidence: &Evidence) -> impl Iterator<Item = &HeaderFacts> {
    evidence.request.headers.iter().filter(|header| !header.added)
}

/// Options that curl and wsdeck name alike.
fn network(line: &mut Line, evidence: &Evidence) {
    match &evidence.proxy {
        Some(proxy) if !proxy.url.is_empty() => line.option("--proxy", &proxy.url, "PROXY"),
        _ => {}
    }
    if let Some(dns) = &evidence.dns
        && dns.source == DnsSource::Override
        && let Some(first) = dns.answers.first()
    {
        let fixed = format!("{}:{}:{first}", dns.host, evidence.request.port);
        line.option("--resolve", &fixed, "ADDRESS");
    }
}

/// Options for certificate files. Their paths are not in the record, since they tell about the
/// machine and say nothing on another one.
fn certificates(evidence: &Evidence) -> Vec<(&'static str, &'static str)> {
    let mut out = Vec::new();
    if evidence.tls.as_ref().is_some_and(|tls| tls.roots.contains("custom CA")) {
        out.push(("--cacert", "CA.pem"));
    }
    if evidence.request.credentials.iter().any(|what| what == "certificate") {
        out.push(("--cert", "CLIENT.pem"));
    }
    out
}

/// The name in the ClientHello, if it is not the host's.
fn other_server_name(evidence: &Evidence) -> Option<&str> {
    let sni = evidence.tls.as_ref()?.sni.as_deref()?;
    let host = evidence.request.host.trim_end_matches('.');
    (!sni.eq_ignore_ascii_case(host)).then_some(sni)
}

/// The address under another scheme; as typed, if it could not be read.
fn address(evidence: &Evidence, scheme: &str) -> String {
    let request = &evidence.request;
    if request.host.is_empty() {
        return request.typed.clone();
    }
    let host = match request.host.contains(':') {
        true => format!("[{}]", request.host),
        false => request.host.clone(),
    };
    let port = if request.port_typed { format!(":{}", request.port) } else { String::new() };
    format!("{scheme}://{host}{port}{}", request.target)
}

/// A command that grows by an option a line.
struct Line {
    parts: Vec<String>,
    comments: Vec<String>,
}

impl Line {
    fn new(command: &str) -> Line {
        Line { parts: vec![command.to_owned()], comments: Vec::new() }
    }

    fn bare(&mut self, text: &str) {
        self.parts.push(text.to_owned());
    }

    fn option(&mut self, option: &str, value: &str, name: &str) {
        self.parts.push(format!("{option} {}", quote(value, name)));
    }

    /// For tools whose option takes as many words as follow it.
    fn equals(&mut self, option: &str, value: &str, name: &str) {
        self.parts.push(format!("{option}={}", quote(value, name)));
    }

    fn url(&mut self, url: &str) {
        self.parts.push(quote_url(url));
    }

    fn comment(&mut self, text: &str) {
        // A comment ends with its line.
        self.comments.push(format!("# {}\n", text.replace(['\n', '\r'], " ")));
    }

    fn end(self) -> String {
        format!("{}{}", self.comments.concat(), self.parts.join(" \\\n  "))
    }
}

/// `text` as one word of a shell; what was masked in it becomes the variable `$NAME`.
fn quote(text: &str, name: &str) -> String {
    if !text.contains(MASK) {
        return single(text);
    }
    double(&split_at_masks(text), |_| variable(name))
}

/// As [`quote`], with the names of the query's parameters.
fn quote_url(url: &str) -> String {
    if !url.contains(MASK) {
        return single(url);
    }
    let pieces = split_at_masks(url);
    double(&pieces, |before| {
        let name = before.rsplit(['?', '&', ':', '/']).next().unwrap_or_default();
        let name = name.trim_end_matches('=');
        if before.ends_with(':') || name.is_empty() { "PASSWORD".into() } else { variable(name) }
    })
}

/// What stands between the masks, each without the remark on its length behind it.
fn split_at_masks(text: &str) -> Vec<&str> {
    let mut pieces: Vec<&str> = text.split(MASK).collect();
    for piece in pieces.iter_mut().skip(1) {
        let length = piece.strip_prefix(" (").and_then(|rest| rest.split_once(')'));
        if let Some((words, rest)) = length
            && words.split_once(' ').is_some_and(|(count, unit)| {
                count.bytes().all(|b| b.is_ascii_digit()) && unit.starts_with("char")
            })
        {
            *piece = rest;
        }
    }
    pieces
}

fn single(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

fn double(pieces: &[&str], name: impl Fn(&str) -> String) -> String {
    let mut out = String::from("\"");
    for (index, piece) in pieces.iter().enumerate() {
        if index > 0 {
            out.push_str(&format!("${{{}}}", name(pieces[index - 1])));
        }
        for c in piece.chars() {
            // `!` is history in an interactive shell, and no backslash helps within quotes.
            match c {
                '"' | '\\' | '$' | '`' => out.extend(['\\', c]),
                '!' => out.push_str("\"'!'\""),
                c => out.push(c),
            }
        }
    }
    out.push('"');
    out
}

/// `X-Auth-Token` as `X_AUTH_TOKEN`.
fn variable(name: &str) -> String {
    let mut out: String = name
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' })
        .collect();
    if out.is_empty() || out.starts_with(|c: char| c.is_ascii_digit()) {
        out.insert(0, '_');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::evidence::{DnsFacts, ProxyFacts, TlsFacts};
    use crate::core::headers::HeaderRow;
    use crate::core::request::{AuthContribution, Files, RequestDraft};

    fn evidence(url: &str) -> Evidence {
        let mut draft = RequestDraft::default();
        draft.set_url(url.into());
        draft.headers = vec![
            HeaderRow::new("X-Note", "it's"),
            HeaderRow::new("Authorization", "Bearer s3cret-token"),
            HeaderRow::new("Origin", "https://a.example"),
            HeaderRow::new("X-Empty", ""),
        ];
        draft.settings.subprotocols = vec!["v2".into()];
        draft.settings.verify = false;
        let spec = draft.spec(&AuthContribution::default(), Files::default()).unwrap();
        Evidence { request: spec.facts, ..Evidence::default() }
    }

    #[test]
    fn curl_sends_what_was_sent_and_no_secret() {
        let mut evidence = evidence("wss://a.example:9/x?q=1&token=s3cret-token&b='c");
        evidence.proxy = Some(ProxyFacts { url: "http://p:1".into(), ..ProxyFacts::default() });
        evidence.dns = Some(DnsFacts {
            host: "a.example".into(),
            source: DnsSource::Override,
            answers: vec!["127.0.0.1".parse().unwrap()],
            error: None,
        });
        evidence.tls = Some(TlsFacts {
            versions_offered: vec!["TLS 1.2".into()],
            sni: Some("b.example".into()),
            ..TlsFacts::default()
        });
        let expected = r#"# the attempt sent the TLS server name b.example, curl sends the host's
curl \
  --include --no-buffer --http1.1 \
  --max-time 10 \
  --proxy 'http://p:1' \
  --resolve 'a.example:9:127.0.0.1' \
  --tlsv1.2 --tls-max 1.2 \
  --insecure \
  --header 'User-Agent:' \
  --header 'Accept:' \
  --header 'Upgrade: websocket' \
  --header 'Connection: Upgrade' \
  --header 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==' \
  --header 'Sec-WebSocket-Version: 13' \
  --header 'Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits' \
  --header 'Sec-WebSocket-Protocol: v2' \
  --header 'X-Note: it'\''s' \
  --header "Authorization: Bearer ${AUTHORIZATION}" \
  --header 'Origin: https://a.example' \
  --header 'X-Empty;' \
  "https://a.example:9/x?q=1&token=${TOKEN}&b='c""#;
        assert_eq!(curl(&evidence), expected);
        assert!(!websocat(&evidence).contains("s3cret"));
        assert!(!wsdeck(&evidence).contains("s3cret"));
    }

    #[test]
    fn websocat_and_wsdeck_have_their_own_options() {
        let evidence = evidence("ws://[::1]:9/x");
        let expected = r#"websocat \
  -v \
  --insecure \
  --protocol 'v2' \
  --header='X-Note: it'\''s' \
  --header="Authorization: Bearer ${AUTHORIZATION}" \
  --origin 'https://a.example' \
  --header='X-Empty: ' \
  'ws://[::1]:9/x'"#;
        assert_eq!(websocat(&evidence), expected);
        let ours = wsdeck(&evidence);
        assert!(
            ours.starts_with("wsdeck check \\\n  --insecure \\\n  --subprotocol 'v2'"),
            "{ours}"
        );
    }

    #[test]
    fn nothing_in_a_value_reaches_the_shell() {
        for (text, expected) in [
            ("a$(id)`id`", "'a$(id)`id`'"),
            ("••••••$(id)\"\\", r#""${T}\$(id)\"\\""#),
            ("Bearer •••••• (11 chars)", r#""Bearer ${T}""#),
            ("•••••• (not a length)!", r#""${T} (not a length)"'!'"""#),
        ] {
            assert_eq!(quote(text, "t"), expected);
        }
        assert_eq!(
            quote_url("ws://jo:••••••@a/?x=1&k=••••••"),
            r#""ws://jo:${PASSWORD}@a/?x=1&k=${K}""#
        );
    }
}
