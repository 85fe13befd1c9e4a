//! What is different between two attempts, in rows that stand side by side.
//!
//! A row is made for everything that at least one of the two records knows, so that a reader can
//! also see what is the same; [`DiffRow::changed`] picks out what may matter. What differs in every
//! attempt by its nature (the key, a `Date`, a request id) is shown and never called a change, and
//! times count as changed only if a person would feel it.

use super::{Certificate, Evidence, HeaderFacts, Outcome, ReplyFacts, TcpTry, TrustProblem};
use crate::core::stage::Stage;

/// Rows about one subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiffGroup {
    /// `Request headers`.
    pub title: &'static str,
    pub rows: Vec<DiffRow>,
}

impl DiffGroup {
    /// Whether any of its rows is a change.
    #[must_use]
    pub fn changed(&self) -> bool {
        self.rows.iter().any(|row| row.changed)
    }
}

/// One thing as the two attempts had it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiffRow {
    /// What the row is about: the name of a header, `agreed version`.
    pub what: String,
    /// As the first attempt had it; `None` if it had no such thing.
    pub left: Option<String>,
    /// As the second attempt had it.
    pub right: Option<String>,
    /// The two differ in a way that may matter.
    pub changed: bool,
}

/// Compares two attempts, `left` being the earlier one. Groups without rows are left out.
#[must_use]
pub fn difference(left: &Evidence, right: &Evidence) -> Vec<DiffGroup> {
    let groups = [
        ("Request", request(left, right)),
        ("Request headers", headers(&sent(left), &sent(right))),
        ("Addresses", addresses(left, right)),
        ("Proxy", proxy(left, right)),
        ("TLS", tls(left, right)),
        ("Reply", reply(left, right)),
        ("Reply headers", headers(&received(left), &received(right))),
        ("WebSocket", websocket(left, right)),
        ("Times", times(left, right)),
        ("End", end(left, right)),
    ];
    groups
        .into_iter()
        .filter(|(_, rows)| !rows.is_empty())
        .map(|(title, rows)| DiffGroup { title, rows })
        .collect()
}

/// Headers that are new in every attempt.
const ALWAYS_NEW: [&str; 14] = [
    "sec-websocket-key",
    "sec-websocket-accept",
    "date",
    "age",
    "x-request-id",
    "x-correlation-id",
    "request-id",
    "traceparent",
    "cf-ray",
    "x-amzn-requestid",
    "x-amzn-trace-id",
    "x-amz-cf-id",
    "apigw-requestid",
    "x-sdk-date",
];

/// Times that differ by less are the same, in microseconds.
const FELT_US: u64 = 20_000;

/// The rows of a group while they are collected.
#[derive(Default)]
struct Rows(Vec<DiffRow>);

impl Rows {
    /// A row, unless neither attempt knows anything.
    fn add(&mut self, what: &str, left: Option<String>, right: Option<String>) {
        let changed = left != right;
        self.judged(what, left, right, changed);
    }

    fn judged(&mut self, what: &str, left: Option<String>, right: Option<String>, changed: bool) {
        if left.is_some() || right.is_some() {
            self.0.push(DiffRow { what: what.to_owned(), left, right, changed });
        }
    }

    /// The same question to both records.
    fn both(
        &mut self,
        what: &str,
        of: (&Evidence, &Evidence),
        ask: impl Fn(&Evidence) -> Option<String>,
    ) {
        self.add(what, ask(of.0), ask(of.1));
    }
}

fn filled(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

fn listed<T: AsRef<str>>(texts: &[T]) -> Option<String> {
    (!texts.is_empty()).then(|| texts.iter().map(AsRef::as_ref).collect::<Vec<_>>().join(", "))
}

/// `1.2 ms`, `3.40 s`.
fn time(us: u64) -> String {
    match us {
        0..10_000 => format!("{}.{} ms", us / 1_000, us % 1_000 / 100),
        10_000..1_000_000 => format!("{} ms", us / 1_000),
        _ => format!("{}.{:02} s", us / 1_000_000, us % 1_000_000 / 10_000),
    }
}

/// Whether a person would call two times different.
fn felt(left: Option<u64>, right: Option<u64>) -> bool {
    match (left, right) {
        (Some(a), Some(b)) => a.abs_diff(b) >= FELT_US && a.max(b) >= a.min(b).saturating_mul(2),
        (a, b) => a.is_some() != b.is_some(),
    }
}

fn request(left: &Evidence, right: &Evidence) -> Vec<DiffRow> {
    let of = (left, right);
    let mut rows = Rows::default();
    rows.both("address", of, |e| filled(&e.request.typed));
    rows.both("target", of, |e| filled(&e.request.target));
    rows.both("subprotocols", of, |e| listed(&e.request.subprotocols));
    rows.both("extensions", of, |e| listed(&e.request.extensions));
    rows.both("authentication", of, |e| filled(&e.request.auth));
    rows.both("credentials in", of, |e| listed(&e.request.credentials));
    rows.both("odd credential", of, |e| listed(&e.request.credential_notes));
    rows.both("certificates", of, |e| {
        // Before a request could be made, nothing is known of its settings.
        filled(&e.request.scheme)
            .map(|_| if e.request.verify { "checked" } else { "not checked" }.to_owned())
    });
    rows.both("time limit", of, |e| some_ms(e.request.timeout_ms));
    rows.both("heartbeat", of, |e| some_ms(e.request.heartbeat_ms));
    rows.both("message limit", of, |e| {
        (e.request.max_message > 0).then(|| format!("{} bytes", e.request.max_message))
    });
    rows.both("head", of, |e| {
        (e.request.head_bytes > 0).then(|| format!("{} bytes", e.request.head_bytes))
    });
    rows.both("redirects", of, |e| {
        let all: Vec<String> =
            e.redirects.iter().map(|hop| format!("{} to {}", hop.status, hop.to)).collect();
        listed(&all)
    });
    rows.0
}

fn some_ms(ms: u64) -> Option<String> {
    (ms > 0).then(|| time(ms.saturating_mul(1_000)))
}

/// A header as it is compared.
struct Field {
    name: String,
    value: String,
}

fn sent(evidence: &Evidence) -> Vec<Field> {
    let field = |h: &HeaderFacts| Field { name: h.name.clone(), value: h.value.clone() };
    evidence.request.headers.iter().map(field).collect()
}

fn received(evidence: &Evidence) -> Vec<Field> {
    let all = the_reply(evidence).map(|reply| reply.headers.as_slice()).unwrap_or_default();
    all.iter().map(|(name, value)| Field { name: name.clone(), value: value.clone() }).collect()
}

fn the_reply(evidence: &Evidence) -> Option<&ReplyFacts> {
    evidence.http.as_ref().and_then(|http| http.reply.as_ref())
}

/// Each header with its counterpart: the first of a name with the first of that name, and so on.
fn headers(left: &[Field], right: &[Field]) -> Vec<DiffRow> {
    let mut rows = Rows::default();
    let mut partner: Vec<Option<usize>> = vec![None; left.len()];
    let mut taken = vec![false; right.len()];
    // Names are looked up, since a hostile reply may have many.
    let mut by_name: std::collections::HashMap<String, std::collections::VecDeque<usize>> =
        std::collections::HashMap::new();
    for (at, field) in right.iter().enumerate() {
        by_name.entry(field.name.to_ascii_lowercase()).or_default().push_back(at);
    }
    for (at, field) in left.iter().enumerate() {
        let same = by_name.get_mut(&field.name.to_ascii_lowercase());
        if let Some(found) = same.and_then(std::collections::VecDeque::pop_front) {
            partner[at] = Some(found);
            taken[found] = true;
        }
    }
    for (field, found) in left.iter().zip(&partner) {
        let Some(other) = found.map(|at| &right[at]) else {
            rows.add(&field.name, Some(field.value.clone()), None);
            continue;
        };
        let new = ALWAYS_NEW.iter().any(|name| name.eq_ignore_ascii_case(&field.name));
        if field.name == other.name {
            let changed = field.value != other.value && !new;
            let (a, b) = (field.value.clone(), other.value.clone());
            rows.judged(&field.name, Some(a), Some(b), changed);
        } else {
            // The same name, written in another way.
            let whole = |field: &Field| format!("{}: {}", field.name, field.value);
            rows.add(&field.name, Some(whole(field)), Some(whole(other)));
        }
    }
    for (field, taken) in right.iter().zip(&taken) {
        if !taken {
            rows.add(&field.name, None, Some(field.value.clone()));
        }
    }
    let pairs: Vec<usize> = partner.iter().flatten().copied().collect();
    if !pairs.is_sorted() {
        let names = |at: &mut dyn Iterator<Item = &Field>| {
            let names: Vec<&str> = at.map(|field| field.name.as_str()).collect();
            listed(&names)
        };
        let mut sorted = pairs.clone();
        sorted.sort_unstable();
        let first = left.iter().zip(&partner).filter(|(_, found)| found.is_some());
        rows.add(
            "(order)",
            names(&mut first.map(|(field, _)| field)),
            names(&mut sorted.iter().map(|at| &right[*at])),
        );
    }
    rows.0
}

fn addresses(left: &Evidence, right: &Evidence) -> Vec<DiffRow> {
    let of = (left, right);
    let mut rows = Rows::default();
    rows.both("host", of, |e| filled(&e.request.host));
    rows.both("port", of, |e| (e.request.port > 0).then(|| e.request.port.to_string()));
    rows.both("name lookup", of, |e| {
        let dns = e.dns.as_ref()?;
        let answers: Vec<String> = dns.answers.iter().map(ToString::to_string).collect();
        dns.error.clone().or_else(|| listed(&answers))
    });
    let tries = |e: &Evidence| -> Vec<TcpTry> {
        e.tcp.as_ref().map(|tcp| tcp.tries.clone()).unwrap_or_default()
    };
    let mut known = Vec::new();
    for attempt in tries(left).iter().chain(&tries(right)) {
        if known.contains(&attempt.address) {
            continue;
        }
        known.push(attempt.address);
        rows.both(&attempt.address.to_string(), of, |e| {
            let tcp = e.tcp.as_ref()?;
            let tried = tcp.tries.iter().find(|t| t.address == attempt.address)?;
            Some(match (tcp.peer == Some(tried.address), tried.problem) {
                (true, _) => "connected".to_owned(),
                (false, Some(_)) => tried.text.clone(),
                (false, None) => "given up, another one was faster".to_owned(),
            })
        });
    }
    rows.0
}

fn proxy(left: &Evidence, right: &Evidence) -> Vec<DiffRow> {
    let of = (left, right);
    let mut rows = Rows::default();
    rows.both("proxy", of, |e| e.proxy.as_ref().and_then(|proxy| filled(&proxy.url)));
    rows.both("set by", of, |e| e.proxy.as_ref().and_then(|proxy| filled(&proxy.source)));
    rows.both("its answer", of, |e| {
        let proxy = e.proxy.as_ref()?;
        proxy.reply.lines().next().map(str::to_owned)
    });
    rows.0
}

fn tls(left: &Evidence, right: &Evidence) -> Vec<DiffRow> {
    let of = (left, right);
    let mut rows = Rows::default();
    rows.both("server name", of, |e| e.tls.as_ref().and_then(|tls| tls.sni.clone()));
    rows.both("versions offered", of, |e| e.tls.as_ref().and_then(|t| listed(&t.versions_offered)));
    rows.both("ALPN offered", of, |e| e.tls.as_ref().and_then(|tls| listed(&tls.alpn_offered)));
    rows.both("version", of, |e| e.tls.as_ref().and_then(|tls| tls.version.clone()));
    rows.both("cipher", of, |e| e.tls.as_ref().and_then(|tls| tls.cipher.clone()));
    rows.both("group", of, |e| e.tls.as_ref().and_then(|tls| tls.group.clone()));
    rows.both("ALPN", of, |e| e.tls.as_ref().and_then(|tls| tls.alpn.clone()));
    rows.both("alert received", of, |e| {
        e.tls.as_ref().and_then(|tls| tls.alert_received.as_ref()).map(|alert| alert.name.clone())
    });
    rows.both("client certificate", of, |e| {
        let tls = e.tls.as_ref()?;
        let words = match (tls.client_cert_requested, tls.client_cert_sent) {
            (false, _) => return None,
            (true, true) => "asked for and sent",
            (true, false) => "asked for, none sent",
        };
        Some(words.to_owned())
    });
    rows.both("trust", of, |e| {
        let tls = e.tls.as_ref().filter(|tls| !tls.chain.is_empty())?;
        Some(tls.trust.as_ref().map_or_else(|| "trusted".to_owned(), TrustProblem::words))
    });
    rows.both("roots", of, |e| e.tls.as_ref().and_then(|tls| filled(&tls.roots)));
    let longest = [left, right].map(|e| e.tls.as_ref().map_or(0, |tls| tls.chain.len()));
    for at in 0..longest[0].max(longest[1]) {
        let of_certificate = |e: &Evidence| {
            let tls = e.tls.as_ref()?;
            tls.chain.get(at).map(certificate)
        };
        rows.both(&format!("certificate {}", at + 1), of, of_certificate);
    }
    rows.0
}

fn certificate(certificate: &Certificate) -> String {
    let print = certificate.sha256.get(..16).unwrap_or(&certificate.sha256);
    format!("{} ({}, {print}…)", certificate.subject, certificate.key)
}

fn reply(left: &Evidence, right: &Evidence) -> Vec<DiffRow> {
    let of = (left, right);
    let mut rows = Rows::default();
    rows.both("status", of, |e| {
        let reply = the_reply(e)?;
        Some(format!("{} {} {}", reply.version, reply.status, reply.reason).trim().to_owned())
    });
    rows.both("body", of, |e| {
        let reply = the_reply(e)?;
        (reply.body_bytes > 0).then(|| format!("{} bytes", reply.body_bytes))
    });
    rows.both("body begins", of, |e| {
        let line = the_reply(e)?.body.lines().find(|line| !line.trim().is_empty())?;
        Some(line.trim().chars().take(200).collect())
    });
    rows.both("instead of a reply", of, |e| {
        e.http.as_ref().and_then(|http| http.first_bytes_text.clone())
    });
    rows.0
}

fn websocket(left: &Evidence, right: &Evidence) -> Vec<DiffRow> {
    let of = (left, right);
    let mut rows = Rows::default();
    rows.both("subprotocol chosen", of, |e| {
        e.websocket.as_ref().and_then(|w| w.subprotocol.clone())
    });
    rows.both("extensions chosen", of, |e| e.websocket.as_ref().and_then(|w| w.extensions.clone()));
    rows.both("deviations", of, |e| {
        let all = e.websocket.as_ref()?.deviations.iter().map(|deviation| deviation.words());
        listed(&all.collect::<Vec<_>>())
    });
    rows.0
}

fn times(left: &Evidence, right: &Evidence) -> Vec<DiffRow> {
    let mut rows = Rows::default();
    let mut row = |what: &str, ask: &dyn Fn(&Evidence) -> Option<u64>| {
        let (a, b) = (ask(left), ask(right));
        rows.judged(what, a.map(time), b.map(time), felt(a, b));
    };
    for stage in Stage::ALL.into_iter().filter(|stage| *stage != Stage::Url) {
        row(stage.label(), &|e| {
            let record = e.stage(stage)?;
            Some(record.ended_us?.saturating_sub(record.began_us))
        });
    }
    row("first byte of the reply", &|e| {
        let http = e.http.as_ref()?;
        Some(http.first_byte_us?.saturating_sub(http.sent_us))
    });
    row("until open", &|e| e.session.as_ref().map(|session| session.opened_us));
    rows.0
}

fn end(left: &Evidence, right: &Evidence) -> Vec<DiffRow> {
    let of = (left, right);
    let mut rows = Rows::default();
    rows.both("outcome", of, |e| {
        let stopped =
            e.stages.iter().find(|s| !matches!(s.outcome, Outcome::Ok | Outcome::Running));
        Some(match (&e.failure, stopped, &e.session) {
            (_, _, Some(_)) => "opened".to_owned(),
            (Some(failure), ..) => format!("{}: {}", failure.stage.label(), failure.text),
            (None, Some(stage), None) => format!("stopped in {}", stage.stage.label()),
            (None, None, None) => return None,
        })
    });
    rows.both("ended by", of, |e| the_end(e).map(|end| end.by.words().to_owned()));
    rows.both("broken by it", of, |e| Some(the_end(e)?.violation?.words().to_owned()));
    rows.both("close code", of, |e| {
        let end = the_end(e)?;
        Some(format!("{} {}", end.code(), end.reason_received).trim().to_owned())
    });
    let mut felt_row = |what: &str, ask: &dyn Fn(&Evidence) -> Option<u64>| {
        let (a, b) = (ask(left), ask(right));
        rows.judged(what, a.map(time), b.map(time), felt(a, b));
    };
    felt_row("open for", &|e| {
        let session = e.session.as_ref()?;
        Some(session.end.as_ref()?.at_us.saturating_sub(session.opened_us))
    });
    felt_row("silent before", &|e| the_end(e).map(|end| end.silence_us));
    rows.both("received", of, |e| {
        e.session.as_ref().map(|s| format!("{} messages", s.received.messages()))
    });
    rows.both("sent", of, |e| {
        e.session.as_ref().map(|s| format!("{} messages", s.sent.messages()))
    });
    rows.0
}

fn the_end(evidence: &Evidence) -> Option<&super::End> {
    evidence.session.as_ref().and_then(|session| session.end.as_ref())
}

#[cfg(test)]
mod tests;
