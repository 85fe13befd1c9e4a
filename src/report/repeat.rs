//! Command lines that repeat an attempt: with curl, with websocat, and with wsdeck.
//!
//! They are for a POSIX shell. What was masked becomes a variable (`$AUTHORIZATION`), which the
//! reader sets; what a tool has no option for is said in a comment.

use super::repeat_auth::{self, Auth};
use super::repeat_line::Line;
use crate::core::evidence::{DnsSource, Evidence, HeaderFacts};

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
    if let Some(warning) = repeat_auth::warning(evidence) {
        line.comment(&warning);
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
    if let Some(warning) = repeat_auth::warning(evidence) {
        line.comment(&warning);
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
    let auth = Auth::of(evidence);
    let typed = |header: &&&HeaderFacts| !auth.as_ref().is_some_and(|a| a.writes(&header.name));
    for header in theirs.iter().filter(typed) {
        line.option("--header", &format!("{}: {}", header.name, header.value), &header.name);
    }
    let url = address(evidence, &request.scheme);
    let Some(auth) = auth else {
        if let Some(warning) = repeat_auth::warning(evidence) {
            line.comment(&warning);
        }
        line.url(&url);
        return line.end();
    };
    line.option("--auth", &auth.kind, "AUTH");
    for param in &auth.params {
        line.option("--auth-param", param, "PARAM");
    }
    if evidence.request.credential.clock_offset_s != 0 {
        line.bare(&format!("--clock-offset={}", evidence.request.credential.clock_offset_s));
    }
    line.url(&auth.without(&url));
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
    fn a_signed_request_names_its_way_and_no_secret() {
        use crate::core::evidence::HeaderFacts;
        use crate::core::request::Signing;

        let mut evidence = evidence("wss://a.example/v1/infers/8f2c");
        let header = |name: &str, value: &str| HeaderFacts {
            name: name.into(),
            value: value.into(),
            added: false,
        };
        let request = &mut evidence.request;
        request.auth = "huawei-aksk".into();
        request.headers.retain(|h| h.name != "Authorization");
        request.headers.extend([
            header("X-Sdk-Date", "20261124T120000Z"),
            header("X-Security-Token", "•••••• (900 chars)"),
            header("Authorization", "SDK-HMAC-SHA256 Access=AK, SignedHeaders=host, Signature=0a"),
        ]);
        request.credential.signing = Some(Signing::default());
        let ours = wsdeck(&evidence);
        let expected = r"  --auth 'huawei-aksk' \
  --auth-param 'access-key=env:HUAWEI_AK' \
  --auth-param 'secret-key=env:HUAWEI_SK' \
  --auth-param 'security-token=env:HUAWEI_SECURITY_TOKEN' \
  'wss://a.example/v1/infers/8f2c'";
        assert!(ours.ends_with(expected), "{ours}");
        assert!(!ours.contains("X-Sdk-Date") && ours.contains("--header 'X-Note: "), "{ours}");
        for line in [curl(&evidence), websocat(&evidence)] {
            assert!(
                line.starts_with("# the signature ends 15 minutes after the attempt"),
                "{line}"
            );
        }
    }

    #[test]
    fn a_key_in_the_query_is_the_ways_own() {
        let mut evidence = evidence("wss://a.example/x?q=1&k=s3cret-token");
        evidence.request.auth = "api-key".into();
        evidence.request.credentials = vec!["query k".into()];
        evidence.request.target = "/x?q=1&k=••••••".into();
        let ours = wsdeck(&evidence);
        assert!(ours.contains("--auth-param 'value=env:K'"), "{ours}");
        assert!(ours.ends_with("'wss://a.example/x?q=1'"), "{ours}");
    }
}
