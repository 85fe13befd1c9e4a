//! The way to the server: redirects, names, addresses; `proxy` has the way through one.

use std::net::IpAddr;

use super::doc::Doc;
use crate::core::evidence::{
    DnsFacts, DnsSource, Evidence, Inside, Redirect, Surroundings, TcpFacts,
};
use crate::tui::pen::span;
use crate::tui::words::{micros, wrap};

pub(super) fn write<'a>(doc: &mut Doc<'a>, evidence: &'a Evidence) {
    if !evidence.redirects.is_empty() {
        redirects(doc, &evidence.redirects);
    }
    if let Some(dns) = &evidence.dns {
        names(doc, dns, evidence);
    }
    if let Some(tcp) = &evidence.tcp {
        addresses(doc, tcp);
    }
    if let Some(proxy) = &evidence.proxy {
        super::proxy::write(doc, proxy);
    } else if let Some(exemption) = &evidence.request.proxy_exemption {
        super::proxy::exempt(doc, exemption);
    }
    surroundings(doc, evidence.surroundings);
}

fn redirects(doc: &mut Doc<'_>, redirects: &[Redirect]) {
    let styles = doc.styles;
    doc.heading_with("Redirects", &["followed, since the request asks for it".into()]);
    for hop in redirects {
        doc.flow(
            vec![
                span(format!("{} ", hop.status), styles.accent),
                span(hop.from.clone(), styles.text),
            ],
            4,
        );
        doc.flow(vec![span("  → ", styles.dim), span(hop.to.clone(), styles.text)], 4);
        if hop.at_us > 0 {
            doc.prose(&format!("after {}", micros(hop.at_us)), styles.dim, 4, "");
        }
        if !hop.dropped.is_empty() {
            let words = format!("left behind: {}", hop.dropped.join(", "));
            doc.prose(&words, styles.warn, 4, "");
        }
    }
}

fn names(doc: &mut Doc<'_>, dns: &DnsFacts, evidence: &Evidence) {
    let styles = doc.styles;
    let source = match dns.source {
        DnsSource::System => "the system's resolver",
        DnsSource::Literal => "an address, nothing to look up",
        DnsSource::Override => "given by the request's settings",
        DnsSource::Proxy => "left to the proxy",
    };
    let took = evidence
        .stage(crate::core::stage::Stage::Dns)
        .and_then(|stage| Some(micros(stage.ended_us?.saturating_sub(stage.began_us))));
    doc.heading_with("Name", &[source.into(), took.unwrap_or_default()]);
    doc.fact("host", &dns.host);
    if let Some(error) = &dns.error {
        doc.styled_fact("error", error, styles.error);
    }
    for (index, answer) in dns.answers.iter().enumerate() {
        let family = match answer {
            IpAddr::V4(_) => "IPv4",
            IpAddr::V6(_) => "IPv6",
        };
        let name = if index == 0 { "answers" } else { "" };
        doc.fact(name, &format!("{}. {answer}  {family}", index + 1));
    }
}

fn addresses(doc: &mut Doc<'_>, tcp: &TcpFacts) {
    let styles = doc.styles;
    if let Some(socket) = &tcp.socket {
        doc.heading("Unix socket");
        doc.fact("path", socket);
        return;
    }
    let tried = tcp.tries.len();
    let plural = if tried == 1 { "" } else { "es" };
    doc.heading_with("Addresses", &[format!("{tried} address{plural} tried")]);
    let begin = tcp.tries.iter().map(|t| t.began_us).min().unwrap_or(0);
    let end = tcp.tries.iter().map(|t| t.ended_us.unwrap_or(t.began_us)).max().unwrap_or(0);
    let total = end.saturating_sub(begin).max(1);
    let size: usize = match doc.width {
        0..70 => 8,
        70..130 => 16,
        _ => 32,
    };
    let longest = tcp.tries.iter().map(|t| t.address.to_string().len()).max().unwrap_or(0).min(48);
    let indent = 2 + longest + 2 + size + 11;
    for attempt in &tcp.tries {
        let won = tcp.peer == Some(attempt.address);
        let (mark, style, words) = if won {
            ("✓", styles.ok, "connected".to_owned())
        } else if attempt.problem.is_some() {
            let number = attempt.errno.map(|n| format!(" (errno {n})")).unwrap_or_default();
            ("✗", styles.error, format!("{}{number}", attempt.text))
        } else {
            ("·", styles.dim, "given up, another one was faster".to_owned())
        };
        let at = |us: u64| {
            let cells =
                u128::from(us.saturating_sub(begin).min(total)) * size as u128 / u128::from(total);
            usize::try_from(cells).unwrap_or(0)
        };
        let from = at(attempt.began_us).min(size - 1);
        let to = at(attempt.ended_us.unwrap_or(end)).clamp(from + 1, size);
        let took = attempt
            .ended_us
            .map(|ended| micros(ended.saturating_sub(attempt.began_us)))
            .unwrap_or_default();
        let mut spans = vec![
            span(format!("{mark} "), style),
            span(format!("{:<longest$}  ", attempt.address.to_string()), styles.text),
            span("·".repeat(from), styles.border),
            span("━".repeat(to - from), style),
            span("·".repeat(size - to), styles.border),
            span(format!(" {took:>8}  "), styles.dim),
        ];
        let room = usize::from(doc.width).saturating_sub(indent);
        if room >= 16 {
            let mut lines = wrap(&words, u16::try_from(room).unwrap_or(16)).into_iter();
            spans.push(span(lines.next().unwrap_or_default(), styles.dim));
            doc.push(spans);
            for line in lines {
                doc.push(vec![span(" ".repeat(indent), styles.dim), span(line, styles.dim)]);
            }
        } else {
            doc.push(spans);
            doc.prose(&words, styles.dim, 4, "");
        }
    }
    if tried == 0 {
        doc.remark("None was tried.");
    }
    if let Some(local) = tcp.local {
        doc.fact("from", &local.to_string());
    }
    if let Some(peer) = tcp.peer {
        doc.fact("to", &peer.to_string());
    }
}

/// Where the program ran, if an address means something else there.
fn surroundings(doc: &mut Doc<'_>, around: Surroundings) {
    let place = around.inside.map(|inside| match inside {
        Inside::Container => "in a container, whose localhost is its own",
        Inside::Kubernetes => "in a Kubernetes pod, whose localhost is its own",
        Inside::Wsl => "in WSL, whose localhost may not be that of Windows",
        Inside::Ssh => "in a shell on another machine, whose localhost is that machine's",
    });
    if let Some(place) = place {
        doc.heading("Surroundings");
        doc.fact("wsdeck ran", place);
    }
}
