//! What went over the wire and below it: request and reply, TLS, the network.

use std::fmt::Write as _;

use super::{Page, code};
use crate::core::evidence::{Certificate, Evidence, HttpFacts, TlsFacts};
use crate::core::sanitize::{escape, escape_multiline};
use crate::core::time::{Micros, measured};

/// Lines of a refusal's body that are put into the report.
const BODY_LINES: usize = 60;

impl Page {
    pub(super) fn http(&mut self, http: &HttpFacts) {
        self.heading("Request");
        self.block(&escape_multiline(&http.request), "http");
        let Some(reply) = &http.reply else {
            self.line("\nThere was no complete HTTP reply.");
            if http.received > 0 {
                self.fact("Bytes received", &http.received.to_string());
            }
            self.fact("First bytes", http.first_bytes_text.as_deref().unwrap_or_default());
            self.fact("In hex", http.first_bytes_hex.as_deref().unwrap_or_default());
            return;
        };
        self.heading("Reply");
        let mut text = escape_multiline(&reply.raw_head).trim_end_matches('\n').to_owned();
        text.push('\n');
        let lines: Vec<&str> = reply.body.lines().collect();
        if !lines.is_empty() {
            text.push('\n');
            for line in lines.iter().take(BODY_LINES) {
                let _ = writeln!(text, "{}", escape(line));
            }
        }
        self.block(&text, "http");
        if lines.len() > BODY_LINES {
            let left = lines.len() - BODY_LINES;
            self.line(&format!("\nThe body has {left} more lines in the record."));
        }
        if reply.body_cut {
            self.line("\nThe body was not read to its end.");
        }
        if let Some(first) = http.first_byte_us {
            let waited = measured(first.saturating_sub(http.sent_us));
            self.line(&format!("\n- First byte after: {waited}"));
        }
        if let Some(skew) = reply.clock_skew_ms.filter(|skew| skew.abs() > 2_000) {
            let side = if skew > 0 { "ahead of" } else { "behind" };
            let by = measured(skew.unsigned_abs().saturating_mul(1000));
            self.line(&format!("- The server's clock is {by} {side} ours."));
        }
    }

    pub(super) fn tls(&mut self, tls: &TlsFacts) {
        self.heading("TLS");
        let plain = |value: &Option<String>| value.clone().unwrap_or_default();
        self.fact("Server name sent", &plain(&tls.sni));
        self.fact("Offered", &tls.versions_offered.join(", "));
        self.fact("Agreed", &plain(&tls.version));
        self.fact("Cipher suite", &plain(&tls.cipher));
        self.fact("ALPN", &plain(&tls.alpn));
        for (name, alert) in
            [("Alert received", &tls.alert_received), ("Alert sent", &tls.alert_sent)]
        {
            if let Some(alert) = alert {
                self.fact(name, &format!("{} ({})", alert.name, alert.number));
            }
        }
        if let Some(text) = &tls.first_bytes_text {
            self.fact("First bytes received", text);
        }
        if tls.client_cert_requested {
            let sent = if tls.client_cert_sent { "sent" } else { "not sent" };
            self.line(&format!("- The server asked for a client certificate; it was {sent}."));
            self.fact("Accepted issuers", &tls.client_cert_issuers.join("; "));
        }
        if let Some(trust) = &tls.trust {
            let words = serde_json::to_string(trust).unwrap_or_default();
            self.fact("Not trusted", &words);
        }
        self.fact("Missing issuer", &plain(&tls.missing_issuer));
        if tls.pinned {
            self.line("- The certificate was accepted by its fingerprint.");
        }
        self.fact("Session keys written to", &plain(&tls.key_log));
        for (index, certificate) in tls.chain.iter().enumerate() {
            self.certificate(index, certificate);
        }
    }

    fn certificate(&mut self, index: usize, certificate: &Certificate) {
        let date =
            |at: Option<Micros>| at.map(Micros::to_second).unwrap_or_else(|| "unknown".into());
        self.line(&format!("- Certificate {index}: {}", code(&certificate.subject)));
        self.line(&format!("  - issued by {}", code(&certificate.issuer)));
        if !certificate.names.is_empty() {
            self.line(&format!("  - for {}", code(&certificate.names.join(", "))));
        }
        let (from, to) = (date(certificate.not_before), date(certificate.not_after));
        self.line(&format!("  - valid from {from} to {to}"));
        self.line(&format!("  - SHA-256 {}", code(&certificate.sha256)));
    }

    pub(super) fn network(&mut self, evidence: &Evidence) {
        let tries = evidence.tcp.as_ref().map(|tcp| tcp.tries.as_slice()).unwrap_or_default();
        if evidence.dns.is_none() && tries.is_empty() && evidence.proxy.is_none() {
            return;
        }
        self.heading("Network");
        if let Some(dns) = &evidence.dns {
            let answers: Vec<String> = dns.answers.iter().map(ToString::to_string).collect();
            self.fact(&format!("Answers for {}", code(&dns.host)), &answers.join(", "));
            self.fact("Error", dns.error.as_deref().unwrap_or_default());
        }
        for each in tries {
            let took = each.ended_us.map(|end| measured(end.saturating_sub(each.began_us)));
            let took = took.map(|took| format!(" after {took}")).unwrap_or_default();
            let came = match each.problem {
                None if each.ended_us.is_some() => "connected".to_owned(),
                None => "given up, another address was faster".to_owned(),
                Some(_) => code(&each.text),
            };
            self.line(&format!("- {}: {came}{took}", code(&each.address.to_string())));
        }
        if let Some(proxy) = &evidence.proxy {
            self.fact("Proxy", &proxy.url);
            self.fact("Chosen by", &proxy.source);
            if let Some(hex) = &proxy.first_bytes_hex {
                self.fact("Its first bytes", hex);
            }
            for leg in &proxy.earlier {
                self.line("\nThe proxy answered with a challenge, which was taken up once:\n");
                self.block(&escape_multiline(&leg.reply), "http");
            }
            if !proxy.reply.is_empty() {
                self.line("\nThe proxy answered:\n");
                self.block(&escape_multiline(&proxy.reply), "http");
            }
        }
        if let Some(exempt) = &evidence.request.proxy_exemption {
            let words = format!("{} (since {} has {})", exempt.proxy, exempt.source, exempt.entry);
            self.fact("Proxy not used", &words);
        }
        for redirect in &evidence.redirects {
            let (from, to) = (code(&redirect.from), code(&redirect.to));
            self.line(&format!("- Redirect {} from {from} to {to}", redirect.status));
        }
    }
}
