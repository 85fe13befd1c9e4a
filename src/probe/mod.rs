//! Makes the probes that a diagnosis asks for, one after the other.
//!
//! What a probe is and what it means is [`diagnose::probes`](crate::diagnose::probes)' matter;
//! here it goes out. [`bare`] writes the requests, so that nothing of the user's is left in those
//! that run unasked: it copies what is needed and leaves everything else, instead of taking away
//! what is known to be secret. [`attempt`] does whole opening handshakes, [`wire`] looks at ports
//! below HTTP. [`places`] sends the same token at other places, which is for `check --auth-probe`
//! and never planned by a diagnosis. A connection that opens is closed at once with 1000.
//!
//! [`run`] is bounded in number and in time, and dropping its future stops it.

mod attempt;
mod bare;
pub mod places;
mod wire;

use std::time::Duration;

use crate::auth::Means;
use crate::core::evidence::{Evidence, ProbeRecord, ProbeResult};
use crate::core::request::{RequestDraft, RequestSpec};
use crate::diagnose::probes::{MOST_ASKED, MOST_BARE, Planned, decides};
use crate::net::clock::Clock;

pub use bare::NotBare;

/// Bounds of one run.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Longest time of one probe.
    pub each: Duration,
    /// Longest time of all together.
    pub all: Duration,
    /// Probes that are made at most.
    pub most: usize,
    /// How long to listen to a port that is told nothing.
    pub listen: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            each: Duration::from_secs(3),
            all: Duration::from_secs(20),
            most: MOST_BARE + MOST_ASKED,
            listen: Duration::from_secs(1),
        }
    }
}

/// The attempt that probes are about: the request as it was, and as it went out. The latter has
/// the files, the proxy and every secret that must be masked.
#[derive(Clone, Debug)]
pub struct Subject {
    /// With secrets in place of references, since it is prepared anew for some probes.
    pub draft: RequestDraft,
    pub spec: RequestSpec,
    /// What the draft did not hold: a token from elsewhere, cookies.
    pub means: Means,
}

/// How a run goes on.
#[derive(Debug)]
pub enum Step<'a> {
    /// The probe at this place has begun.
    Began(usize, &'a Planned),
    /// A result; a probe of several addresses has several.
    Made(&'a ProbeRecord),
}

/// Makes the probes in their order and tells of each step. A probe that decides ends the run,
/// since the others would only confirm it; what is left over is not in the result.
///
/// Whoever hands over a probe that is not bare has the user's word for it.
pub async fn run(
    subject: &Subject,
    evidence: &Evidence,
    planned: &[Planned],
    limits: Limits,
    clock: Clock,
    mut sink: impl FnMut(Step<'_>),
) -> Vec<ProbeRecord> {
    let mut made = Vec::new();
    let end = clock.now().plus(limits.all);
    for (at, probe) in planned.iter().take(limits.most).enumerate() {
        let left = end.since(clock.now());
        if left.is_zero() {
            break;
        }
        sink(Step::Began(at, probe));
        let limit = limits.each.min(left);
        let records = one(subject, evidence, probe, limits, limit, clock).await;
        let mut over = false;
        for mut record in records {
            record.change = record.change.or_else(|| probe.change.clone());
            record.credentials = probe.whole && record.result != ProbeResult::Skipped;
            over |= decides(evidence, &record);
            sink(Step::Made(&record));
            made.push(record);
        }
        if over {
            break;
        }
    }
    made
}

async fn one(
    subject: &Subject,
    evidence: &Evidence,
    probe: &Planned,
    limits: Limits,
    limit: Duration,
    clock: Clock,
) -> Vec<ProbeRecord> {
    let began = clock.now();
    let mut records = if wire::is_below_http(probe.kind) {
        wire::look(subject, evidence, probe, limits.listen, limit, clock).await
    } else {
        vec![attempt::make(subject, evidence, probe, limit, clock).await]
    };
    let took = u64::try_from(clock.now().since(began).as_micros()).unwrap_or(u64::MAX);
    for record in &mut records {
        if record.took_us == 0 {
            record.took_us = took;
        }
    }
    records
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth;
    use crate::core::evidence::{DnsFacts, ProbeKind, ProxyFacts, RequestFacts, TcpFacts};
    use crate::core::request::Files;
    use crate::diagnose::probes::Consent;
    use crate::practice::script::{RawServer, Step as Scripted};

    const PATIENCE: Duration = Duration::from_secs(30);

    fn planned(kind: ProbeKind) -> Planned {
        Planned {
            kind,
            changed: "x".into(),
            change: None,
            consent: Consent::Bare,
            whole: false,
            settles: &[],
        }
    }

    /// A request to this server, and the record of an attempt that reached it.
    fn attempt(server: &RawServer) -> (Subject, Evidence) {
        let clock = Clock::process();
        let mut draft = RequestDraft::default();
        draft.set_url(server.url("/x?token=s3cr3t-4711"));
        let spec = auth::prepare(&draft, Files::default(), clock.now()).unwrap();
        let evidence = Evidence {
            request: RequestFacts { scheme: "ws".into(), ..spec.facts.clone() },
            dns: Some(DnsFacts { answers: vec![server.addr().ip()], ..DnsFacts::default() }),
            tcp: Some(TcpFacts { peer: Some(server.addr()), ..TcpFacts::default() }),
            ..Evidence::default()
        };
        (Subject { draft, spec, means: Means::default() }, evidence)
    }

    async fn make(server: &RawServer, kinds: &[ProbeKind], limits: Limits) -> Vec<ProbeRecord> {
        let (subject, evidence) = attempt(server);
        let list: Vec<Planned> = kinds.iter().copied().map(planned).collect();
        let clock = Clock::process();
        let work = run(&subject, &evidence, &list, limits, clock, |_| {});
        tokio::time::timeout(PATIENCE, work).await.expect("it is bounded")
    }

    async fn holding(connections: usize) -> RawServer {
        let once = [Scripted::Accept, Scripted::Hold];
        let steps = once.iter().cycle().take(2 * connections).cloned().collect();
        RawServer::start(steps).await.unwrap()
    }

    #[tokio::test]
    async fn a_silent_server_takes_no_longer_than_allowed() {
        let server = holding(9).await;
        let each = Duration::from_millis(40);
        let limits = Limits { each, listen: each, ..Limits::default() };
        let kinds = [ProbeKind::TlsHello, ProbeKind::ConnectAndWait, ProbeKind::BareUpgrade];
        let made = make(&server, &kinds, limits).await;
        let results: Vec<&ProbeResult> = made.iter().map(|r| &r.result).collect();
        use ProbeResult::{Quiet, TimedOut};
        assert_eq!(results, [&TimedOut, &Quiet, &TimedOut]);
        assert!(made.iter().all(|r| r.took_us > 0 && !r.credentials));
        // The time of all is up after the first.
        let limits = Limits { all: each, ..limits };
        let made = make(&server, &kinds, limits).await;
        assert!(made.len() <= 2, "{made:?}");
        let limits = Limits { most: 1, ..limits };
        assert_eq!(make(&server, &kinds, limits).await.len(), 1);
        assert_eq!(make(&server, &kinds, Limits { all: Duration::ZERO, ..limits }).await, []);
    }

    #[tokio::test]
    async fn dropping_the_run_hangs_up() {
        let server = holding(1).await;
        let (subject, evidence) = attempt(&server);
        let list = [planned(ProbeKind::BareUpgrade)];
        let clock = Clock::process();
        let work = run(&subject, &evidence, &list, Limits::default(), clock, |_| {});
        tokio::select! {
            _ = work => panic!("nobody answers"),
            _ = server.wait_received(|bytes| bytes.ends_with(b"\r\n\r\n")) => {}
        }
        // `Hold` ends when the peer goes away.
        let heard = tokio::time::timeout(PATIENCE, server.finished()).await.expect("it hangs up");
        let heard = String::from_utf8(heard.unwrap()).unwrap();
        assert!(heard.starts_with("GET /x HTTP/1.1\r\n") && !heard.contains("4711"), "{heard}");
    }

    #[tokio::test]
    async fn a_proxy_of_the_other_kind_gives_itself_away() {
        let socks =
            vec![Scripted::Accept, Scripted::Read(3), Scripted::Write(vec![5, 0]), Scripted::Hold];
        let http = b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec();
        let http =
            vec![Scripted::Accept, Scripted::ReadHead, Scripted::Write(http), Scripted::Hold];
        for (url, script, told, sent) in [
            ("http://p.example:1", socks, "SOCKS5", &b"\x05\x01\x00"[..]),
            ("socks5://p.example:1", http, "HTTP proxy", b"CONNECT 127.0.0.1:"),
        ] {
            let server = RawServer::start(script).await.unwrap();
            let (subject, mut evidence) = attempt(&server);
            evidence.proxy = Some(ProxyFacts { url: url.into(), ..ProxyFacts::default() });
            let list = [planned(ProbeKind::OtherProxyKind)];
            let clock = Clock::process();
            let made = run(&subject, &evidence, &list, Limits::default(), clock, |_| {}).await;
            assert_eq!(made[0].result, ProbeResult::OtherProtocol, "{made:?}");
            assert!(made[0].told.contains(told), "{made:?}");
            assert!(server.received().starts_with(sent), "{:?}", server.received());
            // Nothing else goes round it.
            let list = [planned(ProbeKind::TlsHello), planned(ProbeKind::ConnectAndWait)];
            let made = run(&subject, &evidence, &list, Limits::default(), clock, |_| {}).await;
            assert!(made.iter().all(|r| r.result == ProbeResult::Skipped), "{made:?}");
        }
    }
}
