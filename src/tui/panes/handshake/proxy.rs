//! The dialogue with a proxy, or why there was none.

use super::doc::Doc;
use crate::core::evidence::{ProxyFacts, SocksFacts, TlsFacts};
use crate::core::proxy::ProxyExemption;
use crate::tui::pen::span;

/// A list says that this address has no proxy.
pub(super) fn exempt(doc: &mut Doc<'_>, exemption: &ProxyExemption) {
    doc.heading("Proxy");
    doc.fact("not used", &exemption.proxy);
    doc.fact("because of", &format!("the entry {} of {}", exemption.entry, exemption.source));
}

pub(super) fn write<'a>(doc: &mut Doc<'a>, proxy: &'a ProxyFacts) {
    let styles = doc.styles;
    let source = match proxy.source.as_str() {
        "" => String::new(),
        source => format!("set by {source}"),
    };
    doc.heading_with("Proxy", &[source]);
    doc.fact("address", &proxy.url);
    let names =
        if proxy.kind.resolves_there() { "it looks names up" } else { "names are looked up here" };
    doc.fact("kind", &format!("{}, {names}", proxy.kind.scheme()));
    if let Some(status) = proxy.status {
        let style = if (200..300).contains(&status) { styles.ok } else { styles.error };
        doc.styled_fact("status", &status.to_string(), style);
    }
    if let Some(socks) = &proxy.socks {
        socks_facts(doc, socks);
    }
    if let Some(tls) = &proxy.tls {
        tls_facts(doc, tls);
    }
    let lines = |text: &'a str| text.lines().filter(|line| !line.is_empty());
    let legs = proxy.earlier.iter().map(|leg| (&leg.request, &leg.reply));
    for (request, reply) in legs.chain([(&proxy.request, &proxy.reply)]) {
        for line in lines(request) {
            doc.flow_behind(span("→ ", styles.outgoing), vec![span(line, styles.text)], 2);
        }
        for line in lines(reply) {
            doc.flow_behind(span("← ", styles.incoming), vec![span(line, styles.text)], 2);
        }
    }
    doc.fact_if("first bytes", proxy.first_bytes_hex.as_deref());
}

/// The numbers of SOCKS with what they mean (RFC 1928, RFC 1929).
fn socks_facts(doc: &mut Doc<'_>, socks: &SocksFacts) {
    let styles = doc.styles;
    let method = |number: u8| match number {
        0 => "none".to_owned(),
        1 => "GSSAPI".to_owned(),
        2 => "name and password".to_owned(),
        255 => "none of them".to_owned(),
        number => format!("method {number}"),
    };
    if !socks.methods_offered.is_empty() {
        let offered: Vec<String> = socks.methods_offered.iter().map(|n| method(*n)).collect();
        doc.fact("login by", &format!("offered: {}", offered.join(", ")));
    }
    if let Some(chosen) = socks.method {
        let style = if chosen == 255 { styles.error } else { styles.text };
        doc.styled_fact("chosen", &method(chosen), style);
    }
    if let Some(status) = socks.login_status {
        let (words, style) = match status {
            0 => ("accepted".to_owned(), styles.ok),
            status => (format!("refused, status {status}"), styles.error),
        };
        doc.styled_fact("login", &words, style);
    }
    if let Some(reply) = socks.reply {
        let words = match reply {
            0 | 90 => "granted",
            1 => "general failure",
            2 => "not allowed by its rules",
            3 => "network unreachable",
            4 => "host unreachable",
            5 => "connection refused",
            6 => "too many hops",
            7 => "command not supported",
            8 => "kind of address not supported",
            91 => "rejected or failed",
            92 => "it cannot reach identd here",
            93 => "identd names another user",
            _ => "unknown",
        };
        let style = if matches!(reply, 0 | 90) { styles.ok } else { styles.error };
        doc.styled_fact("reply", &format!("{reply}, {words}"), style);
    }
}

/// The handshake with the proxy itself, in short.
fn tls_facts(doc: &mut Doc<'_>, tls: &TlsFacts) {
    let styles = doc.styles;
    doc.fact("TLS with it", tls.version.as_deref().unwrap_or("no handshake"));
    if let Some(leaf) = tls.chain.first() {
        doc.fact("its name", &leaf.subject);
    }
    if let Some(problem) = &tls.trust {
        doc.styled_fact("not trusted", &problem.words(), styles.error);
    }
    if let Some(alert) = &tls.alert_received {
        doc.styled_fact("alert", &format!("{} {}", alert.number, alert.name), styles.error);
    }
    doc.fact_if("said", tls.first_bytes_text.as_deref());
}
