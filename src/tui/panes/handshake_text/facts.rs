//! The facts below the verdict: request and reply, certificates, addresses, the open connection,
//! earlier attempts.

use super::{BODY_LINES, Text};
use crate::app::model::Tab;
use crate::core::evidence::{
    Certificate, EarlierAttempt, HttpFacts, SessionFacts, TcpFacts, TlsFacts, TrustProblem,
};
use crate::core::message::Direction;
use crate::core::time::Micros;
use crate::payload::human_bytes;
use crate::tui::pen::span;
use crate::tui::words::{close_words, count, day_and_time, micros, wrap};

impl Text<'_> {
    pub(super) fn http(&mut self, http: &HttpFacts) {
        if !http.request.is_empty() {
            self.heading("Request as sent");
            self.raw(&http.request, "→");
        }
        if let Some(reply) = &http.reply {
            self.heading("Reply");
            for code in &reply.interim {
                self.raw(&format!("(before it: an interim reply {code})"), "←");
            }
            self.raw(&reply.raw_head, "←");
            if reply.body_bytes > 0 || !reply.body.is_empty() {
                let cut = if reply.body_cut { ", not to its end" } else { "" };
                self.heading(&format!("Body of the reply, {}{cut}", human_bytes(reply.body_bytes)));
                let room = self.width;
                let body: Vec<String> =
                    reply.body.lines().take(BODY_LINES).flat_map(|line| wrap(line, room)).collect();
                let lines = reply.body.lines().count();
                for line in body {
                    self.push(vec![span(line, self.styles.text)]);
                }
                if lines > BODY_LINES {
                    let rest = count((lines - BODY_LINES) as u64);
                    self.prose(&format!("… {rest} more lines"), self.styles.dim, 0, "");
                }
            }
            if let Some(skew) = reply.clock_skew_ms.filter(|skew| skew.abs() >= 2_000) {
                self.fact("clock", &format!("the server's is off ours by {} s", skew / 1_000));
            }
        } else {
            self.heading("Reply");
            self.fact("received", &format!("{} bytes", count(http.received)));
            if let Some(text) = &http.first_bytes_text {
                self.fact("as text", text);
            }
            if let Some(hex) = &http.first_bytes_hex {
                self.fact("in hex", hex);
            }
        }
    }

    pub(super) fn tls(&mut self, tls: &TlsFacts) {
        self.heading("TLS");
        let agreed: Vec<&str> = [&tls.version, &tls.cipher, &tls.group, &tls.alpn]
            .into_iter()
            .flatten()
            .map(String::as_str)
            .collect();
        if agreed.is_empty() {
            self.fact("offered", &tls.versions_offered.join(", "));
        } else {
            self.fact("agreed on", &agreed.join(", "));
        }
        if let Some(sni) = &tls.sni {
            self.fact("server name", sni);
        }
        for (name, alert) in
            [("alert received", &tls.alert_received), ("alert sent", &tls.alert_sent)]
        {
            if let Some(alert) = alert {
                self.fact(name, &format!("{} {}", alert.number, alert.name));
            }
        }
        if tls.version.is_none() {
            if let Some(text) = &tls.first_bytes_text {
                self.fact("server's text", text);
            }
            if !tls.first_bytes_hex.is_empty() {
                self.fact("first bytes", &tls.first_bytes_hex);
            }
        }
        if tls.client_cert_requested {
            let sent =
                if tls.client_cert_sent { "asked for and sent" } else { "asked for, none sent" };
            self.fact("client cert", sent);
        }
        match &tls.trust {
            Some(problem) => self.fact("trust", &format!("✗ {}", trust_words(problem))),
            None if !tls.chain.is_empty() => {
                self.fact("trust", &format!("✓ by the roots: {}", tls.roots));
            }
            None => {}
        }
        let last = tls.chain.len().saturating_sub(1);
        for (index, certificate) in tls.chain.iter().enumerate() {
            self.certificate(index, index == last, certificate);
        }
    }

    fn certificate(&mut self, index: usize, is_last: bool, certificate: &Certificate) {
        self.blank();
        let role = match index {
            0 => "server's certificate",
            _ if is_last && certificate.self_issued => "root",
            _ => "issuer",
        };
        self.push(vec![
            span(format!("{}. ", index + 1), self.styles.accent),
            span(role.to_owned(), self.styles.title),
        ]);
        self.fact("subject", &certificate.subject);
        if certificate.self_issued {
            self.fact("issuer", "itself");
        } else {
            self.fact("issuer", &certificate.issuer);
        }
        if !certificate.names.is_empty() {
            self.fact("names", &certificate.names.join(", "));
        }
        let date = |at: Option<Micros>| {
            at.map_or_else(|| "?".to_owned(), |at| day_and_time(at, &self.zone))
        };
        let valid = format!("{} to {}", date(certificate.not_before), date(certificate.not_after));
        self.fact("valid", &valid);
        self.fact("key", &format!("{}, signed with {}", certificate.key, certificate.signature));
        self.fact("SHA-256", &certificate.sha256);
        if let Some(why) = &certificate.unreadable {
            self.fact("unreadable", why);
        }
    }

    pub(super) fn tcp(&mut self, tcp: &TcpFacts) {
        if tcp.tries.is_empty() {
            return;
        }
        self.heading("Addresses tried");
        for attempt in &tcp.tries {
            let won = tcp.peer == Some(attempt.address);
            let took = attempt
                .ended_us
                .map(|end| micros(end.saturating_sub(attempt.began_us)))
                .unwrap_or_default();
            let (mark, style, words) = if won {
                ("✓", self.styles.ok, "connected".to_owned())
            } else if attempt.problem.is_some() {
                ("✗", self.styles.error, attempt.text.clone())
            } else {
                ("·", self.styles.dim, "given up, another one was faster".to_owned())
            };
            self.push(vec![
                span(format!("{mark} "), style),
                span(format!("{:<28}", attempt.address.to_string()), self.styles.text),
                span(format!("{took:>8}  "), self.styles.dim),
                span(words, self.styles.dim),
            ]);
        }
        if let Some(local) = tcp.local {
            self.fact("from", &local.to_string());
        }
    }

    pub(super) fn session(&mut self, session: &SessionFacts) {
        self.heading("Open connection");
        let counts = |c: &crate::core::evidence::Counts| {
            let plural = if c.messages() == 1 { "" } else { "s" };
            format!(
                "{} message{plural}, {}, {} pings, {} pongs",
                count(c.messages()),
                human_bytes(c.bytes),
                count(c.ping),
                count(c.pong)
            )
        };
        self.fact("received", &counts(&session.received));
        self.fact("sent", &counts(&session.sent));
        let trips = &session.round_trips_us;
        if let (Some(least), Some(most), Some(last)) =
            (trips.iter().min(), trips.iter().max(), trips.last())
        {
            let words = format!("{} to {}, last {}", micros(*least), micros(*most), micros(*last));
            self.fact("round trips", &words);
        }
        if session.unanswered_pings > 0 {
            self.fact("no pong to", &format!("{} pings", session.unanswered_pings));
        }
        if session.stalled_us > 0 {
            self.fact("held up", &micros(session.stalled_us));
        }
        if let Some(end) = &session.end {
            let reason = if end.reason_received.is_empty() {
                String::new()
            } else {
                format!(" “{}”", end.reason_received)
            };
            self.fact("ended with", &format!("{}{reason}", close_words(end.code())));
            self.fact("open for", &micros(end.at_us.saturating_sub(session.opened_us)));
            self.fact("silent before", &micros(end.silence_us));
            if !end.text.is_empty() {
                self.fact("error", &end.text);
            }
            self.frames(session);
        }
    }

    /// The last frames, which tell what a peer did before it broke off.
    fn frames(&mut self, session: &SessionFacts) {
        if session.last_frames.is_empty() {
            return;
        }
        self.heading("Last frames");
        for frame in session.last_frames.iter().rev().take(8).rev() {
            let (arrow, style) = match frame.direction {
                Direction::Out => ("↑", self.styles.outgoing),
                Direction::In => ("↓", self.styles.incoming),
            };
            let name = match frame.opcode {
                0 => "continuation",
                1 => "text",
                2 => "binary",
                8 => "close",
                9 => "ping",
                10 => "pong",
                _ => "unknown",
            };
            let mut words =
                format!("{name} (opcode {}), {} bytes", frame.opcode, count(frame.length));
            if !frame.fin {
                words += ", more to come";
            }
            if frame.rsv != 0 {
                words += &format!(", reserved bits {:03b}", frame.rsv);
            }
            if frame.masked {
                words += ", masked";
            }
            self.push(vec![
                span(format!("{:>10}  ", micros(frame.at_us)), self.styles.dim),
                span(format!("{arrow} "), style),
                span(words, self.styles.text),
            ]);
        }
    }

    pub(super) fn earlier(&mut self, tab: &Tab) {
        if tab.conn.earlier.is_empty() {
            return;
        }
        self.heading("Earlier attempts");
        for attempt in tab.conn.earlier.iter().rev().take(12) {
            let (mark, style) =
                if attempt.opened { ("✓", self.styles.ok) } else { ("✗", self.styles.error) };
            self.push(vec![
                span(format!("{mark} "), style),
                span(format!("{}  ", day_and_time(attempt.started, &self.zone)), self.styles.dim),
                span(earlier_words(attempt), self.styles.text),
            ]);
        }
    }
}

fn earlier_words(attempt: &EarlierAttempt) -> String {
    let mut words = if attempt.opened {
        format!("open for {}", micros(attempt.open_us))
    } else {
        "did not open".to_owned()
    };
    if let Some(code) = attempt.close_code {
        words += &format!(", {}", close_words(code));
    }
    if let Some(code) = &attempt.code {
        words += &format!(" · {code}");
    }
    words
}

fn trust_words(problem: &TrustProblem) -> String {
    match problem {
        TrustProblem::Expired => "it has expired".into(),
        TrustProblem::NotYetValid => "it is not valid yet".into(),
        TrustProblem::WrongName { expected, presented } => {
            format!("it is for {}, not for {expected}", presented.join(", "))
        }
        TrustProblem::UnknownIssuer => "no path to a trusted root".into(),
        TrustProblem::CaAsServer => "a CA's certificate stands where the server's should".into(),
        TrustProblem::WrongPurpose => "it is not for servers".into(),
        TrustProblem::Revoked => "it was revoked".into(),
        TrustProblem::BadSignature => "a signature is wrong".into(),
        TrustProblem::WeakSignature => "a signature is of a kind that is too weak".into(),
        TrustProblem::UnsupportedVersion => "its version is not supported".into(),
        TrustProblem::Other { text } => text.clone(),
    }
}
