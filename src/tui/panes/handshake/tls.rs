//! TLS: what was offered and agreed, and the certificates that came, as cards.

use super::doc::{Doc, Page};
use crate::app::model::Viewed;
use crate::core::evidence::{Certificate, TlsFacts};
use crate::core::time::Micros;
use crate::tui::pen::span;
use crate::tui::words::{count, day_and_time};

/// A certificate that ends within so many days should be renewed.
const SOON: u64 = 21;

const DAY_US: u64 = 86_400_000_000;

pub(super) fn page<'a>(base: &Doc<'_>, viewed: Viewed<'a>) -> Option<Page<'a>> {
    let tls = viewed.evidence.tls.as_ref()?;
    let (mut left, mut right) = Page::halves(base, !tls.chain.is_empty());
    trust(&mut left, viewed, tls);
    agreed(&mut left, tls);
    alerts(&mut left, tls);
    let plain = tls.first_bytes_text.is_some() || tls.first_bytes_hex.is_empty();
    if plain {
        first_bytes(&mut left, tls);
    }
    client(&mut left, tls);
    chain(&mut right, viewed, tls);
    // In one column, the certificates come before what is hardly ever the reason.
    let rest = if left.half { &mut left } else { &mut right };
    offered(rest, tls);
    if !plain {
        first_bytes(rest, tls);
    }
    Some(Page::of(left, right))
}

fn trust(doc: &mut Doc<'_>, viewed: Viewed<'_>, tls: &TlsFacts) {
    let styles = doc.styles;
    let verify = viewed.evidence.request.verify;
    match &tls.trust {
        Some(problem) if tls.pinned => {
            doc.prose("Trusted by its fingerprint, for this request.", styles.warn, 2, "✓");
            doc.prose(
                &format!("By itself it would be refused: {}.", problem.words()),
                styles.text,
                2,
                "",
            );
        }
        Some(problem) if !verify => {
            doc.prose("Not trusted, and used all the same: checking is off.", styles.warn, 2, "!");
            doc.prose(&format!("Why not: {}.", problem.words()), styles.text, 2, "");
        }
        Some(problem) => {
            doc.prose(&format!("Not trusted: {}.", problem.words()), styles.error, 2, "✗");
        }
        None if !tls.chain.is_empty() && tls.version.is_some() => {
            doc.prose("The certificate is trusted and fits the name.", styles.ok, 2, "✓");
        }
        None if tls.chain.is_empty() => {
            doc.prose("No certificate came.", styles.dim, 0, "");
        }
        None => {}
    }
    if let Some(missing) = &tls.missing_issuer {
        doc.styled_fact("missing", missing, styles.warn);
        doc.prose(
            "It is neither in the chain that the server sent nor among the trusted roots.",
            styles.dim,
            16,
            "",
        );
    }
    doc.fact_if("roots", Some(&tls.roots));
    doc.list_fact("your CAs", &tls.custom_cas);
    if tls.close_notify {
        doc.fact("goodbye", "the server said close_notify");
    }
    if let Some(file) = &tls.key_log {
        doc.styled_fact("key log", &format!("{file}: whoever has it can decrypt"), styles.warn);
    }
}

fn agreed(doc: &mut Doc<'_>, tls: &TlsFacts) {
    if tls.version.is_none() && tls.cipher.is_none() {
        return;
    }
    doc.heading("Agreed");
    doc.fact_if("version", tls.version.as_deref());
    doc.fact_if("cipher", tls.cipher.as_deref());
    doc.fact_if("key exchange", tls.group.as_deref());
    doc.fact("ALPN", tls.alpn.as_deref().unwrap_or("none"));
}

/// What ended the handshake, in TLS's own words.
fn alerts(doc: &mut Doc<'_>, tls: &TlsFacts) {
    let styles = doc.styles;
    let alerts = [("received", &tls.alert_received), ("sent", &tls.alert_sent)];
    if alerts.iter().any(|(_, alert)| alert.is_some()) {
        doc.heading("Alerts");
        for (name, alert) in alerts {
            if let Some(alert) = alert {
                let words = format!("{} {}", alert.number, alert.name);
                doc.styled_fact(name, &words, styles.error);
            }
        }
    }
}

/// What came first: of interest at once if it is no TLS, and after all else if it is.
fn first_bytes(doc: &mut Doc<'_>, tls: &TlsFacts) {
    let styles = doc.styles;
    if tls.version.is_none() {
        doc.heading("First bytes of the server");
        if tls.first_bytes_hex.is_empty() {
            doc.remark("None came.");
        }
        if let Some(text) = &tls.first_bytes_text {
            doc.styled_fact("as text", text, styles.error);
        }
        doc.fact_if("in hex", Some(&tls.first_bytes_hex));
        doc.fact_if("record says", tls.record_version.as_deref());
        doc.fact_if("hello says", tls.server_hello_version.as_deref());
    }
}

fn client(doc: &mut Doc<'_>, tls: &TlsFacts) {
    if !tls.client_cert_requested {
        return;
    }
    doc.heading("Client certificate");
    let (words, style) = if tls.client_cert_sent {
        ("asked for and sent", doc.styles.text)
    } else {
        ("asked for, none sent", doc.styles.warn)
    };
    doc.styled_fact("it was", words, style);
    doc.list_fact("issued by", &tls.client_cert_issuers);
    doc.list_fact("signed with", &tls.client_cert_schemes);
}

fn offered(doc: &mut Doc<'_>, tls: &TlsFacts) {
    doc.heading("Offered by us");
    doc.fact("server name", tls.sni.as_deref().unwrap_or("none, since the host is an address"));
    doc.list_fact("versions", &tls.versions_offered);
    doc.list_fact("ALPN", &tls.alpn_offered);
    doc.list_fact("ciphers", &tls.ciphers_offered);
    doc.list_fact("groups", &tls.groups_offered);
    doc.list_fact("key shares", &tls.key_shares);
    doc.list_fact("signatures", &tls.signature_schemes_offered);
    if tls.hello_bytes > 0 {
        doc.fact("ClientHello", &format!("{} bytes", count(tls.hello_bytes)));
    }
}

fn chain(doc: &mut Doc<'_>, viewed: Viewed<'_>, tls: &TlsFacts) {
    if tls.chain.is_empty() {
        return;
    }
    let number = tls.chain.len();
    let plural = if number == 1 { "" } else { "s" };
    doc.heading_with("Chain as sent", &[format!("{number} certificate{plural}")]);
    let last = number - 1;
    for (index, certificate) in tls.chain.iter().enumerate() {
        let role = match index {
            0 => "the server's",
            _ if index == last && certificate.self_issued => "root",
            _ => "issuer",
        };
        card(doc, (index, role), certificate, viewed.evidence.started);
    }
    if let Some(missing) = &tls.missing_issuer {
        doc.blank();
        doc.prose(&format!("missing: {missing}"), doc.styles.error, 3, "✗");
    }
}

fn card(doc: &mut Doc<'_>, (index, role): (usize, &str), certificate: &Certificate, at: Micros) {
    let styles = doc.styles;
    if index > 0 {
        doc.blank();
    }
    let subject = format!("{} ", certificate.subject);
    doc.flow(
        vec![
            span(format!("{}. ", index + 1), styles.accent),
            span(subject, styles.title),
            span(format!("· {role}"), styles.dim),
        ],
        3,
    );
    let issuer = if certificate.self_issued { "itself" } else { &certificate.issuer };
    doc.fact("   issuer", issuer);
    if !certificate.names.is_empty() {
        doc.list_fact("   names", &certificate.names);
    } else if index == 0 {
        doc.styled_fact("   names", "none, so that it fits no name", styles.warn);
    }
    let zone = doc.zone.clone();
    let date = |time: Option<Micros>| {
        time.map_or_else(|| "?".to_owned(), |time| day_and_time(time, &zone))
    };
    let (words, style) = left(certificate, at);
    let style = match style {
        Left::Good => styles.text,
        Left::Soon => styles.warn,
        Left::Not => styles.error,
    };
    doc.fact("   valid from", &date(certificate.not_before));
    doc.styled_fact("   valid to", &format!("{}, {words}", date(certificate.not_after)), style);
    doc.fact("   key", &format!("{}, signed with {}", certificate.key, certificate.signature));
    doc.fact_if("   serial", Some(&certificate.serial));
    doc.fact_if("   SHA-256", Some(&certificate.sha256));
    doc.fact_if("   issuer at", certificate.issuer_url.as_deref());
    if let Some(why) = &certificate.unreadable {
        doc.styled_fact("   unreadable", why, styles.error);
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Left {
    Good,
    Soon,
    Not,
}

/// How long a certificate was still valid when the attempt began.
fn left(certificate: &Certificate, at: Micros) -> (String, Left) {
    let days = |us: u64| match us / DAY_US {
        1 => "1 day".to_owned(),
        days => format!("{} days", count(days)),
    };
    if let Some(begin) = certificate.not_before.filter(|begin| *begin > at) {
        return (format!("it begins in {}", days(begin.0 - at.0)), Left::Not);
    }
    match certificate.not_after {
        None => ("no end".into(), Left::Good),
        Some(end) if end <= at => (format!("ended {} ago", days(at.0 - end.0)), Left::Not),
        Some(end) => {
            let rest = end.0 - at.0;
            let state = if rest / DAY_US < SOON { Left::Soon } else { Left::Good };
            (format!("{} left", days(rest)), state)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_days_that_are_left_are_counted_from_the_attempt() {
        let day = |n: u64| Some(Micros(n * DAY_US));
        for (from, to, at, words, state) in [
            (day(1), day(101), 1, "100 days left", Left::Good),
            (day(1), day(101), 99, "2 days left", Left::Soon),
            (day(1), day(101), 100, "1 day left", Left::Soon),
            (day(1), day(101), 103, "ended 2 days ago", Left::Not),
            (day(5), day(101), 1, "it begins in 4 days", Left::Not),
            (None, None, 1, "no end", Left::Good),
        ] {
            let certificate =
                Certificate { not_before: from, not_after: to, ..Certificate::default() };
            assert_eq!(left(&certificate, Micros(at * DAY_US)), (words.to_owned(), state));
        }
    }
}
