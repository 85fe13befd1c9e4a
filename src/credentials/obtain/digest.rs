//! The first leg of a digest (RFC 7616 section 3.3): an attempt without credentials, whose refusal
//! holds the server's challenge.

use super::{Failed, Work, words};
use crate::auth::{self, Grant, Means};
use crate::core::challenge::{self, Challenge};
use crate::core::credential::GrantFacts;
use crate::core::event::{Command, EventKind};
use crate::core::evidence::{CredentialProblem, CredentialStep, Evidence, FailureKind};
use crate::core::stage::ConnId;
use crate::credentials::http::shown;
use crate::net::{self, Options};

pub(super) async fn obtain(work: &mut Work<'_>) -> Result<Grant, Failed> {
    let mut bare = work.like.draft.clone();
    bare.auth.kind = "none".into();
    bare.settings.follow_redirects = 0;
    // One that was typed would answer the challenge before it is asked.
    bare.headers.retain(|row| !row.name.eq_ignore_ascii_case("authorization"));
    let began = work.now();
    let spec = auth::prepare(&bare, work.like.files.clone(), Means::at(began))
        .map_err(|problem| Failed::unusable(problem.masked().to_string()))?;
    let options = Options { clock: work.like.clock, ..Options::default() };
    let (handle, mut events) = net::spawn(ConnId(0), spec, options);
    let mut seen = None;
    while let Some(event) = events.recv().await {
        match event.kind {
            EventKind::Open(evidence) => {
                seen = Some(evidence);
                let _ = handle.send(Command::Disconnect).await;
            }
            EventKind::Ended(evidence) => {
                seen.get_or_insert(evidence);
            }
            _ => {}
        }
    }
    let evidence = seen.unwrap_or_default();
    let read = read(&evidence, work);
    work.steps.push(CredentialStep {
        what: "first attempt, for the challenge".into(),
        from: shown(&bare.url),
        ms: work.ms_since(began),
        status: evidence.http.as_ref().and_then(|http| http.reply.as_ref()).map(|r| r.status),
        ok: read.is_ok(),
        detail: match &read {
            Ok(grant) => {
                let got: Vec<&str> = grant.facts.more.iter().map(|(_, text)| &**text).collect();
                words(&got.join(", "), &[])
            }
            Err(failed) => failed.text.clone(),
        },
    });
    read
}

fn read(evidence: &Evidence, work: &Work<'_>) -> Result<Grant, Failed> {
    let reply = evidence.http.as_ref().and_then(|http| http.reply.as_ref());
    let Some(reply) = reply else {
        let failure = evidence.failure.as_ref();
        let text = failure.map_or_else(|| "no answer came".to_owned(), |f| f.text.clone());
        let problem = match failure.map(|f| (&f.kind, f.stage)) {
            Some((FailureKind::TimedOut, _)) => CredentialProblem::TimedOut,
            Some((_, stage)) => CredentialProblem::Unreachable { stage },
            None => CredentialProblem::Unusable { why: text.clone() },
        };
        return Err(Failed { problem, text });
    };
    if reply.status == 101 {
        return Err(Failed::unusable(
            "the server asks for no login: it opened the connection without one",
        ));
    }
    let offered: Vec<&String> = reply
        .headers
        .iter()
        .filter(|(name, _)| name.eq_ignore_ascii_case("www-authenticate"))
        .map(|(_, value)| value)
        .collect();
    let all: Vec<Challenge> = offered.iter().flat_map(|value| challenge::read(value)).collect();
    if challenge::strongest(&all).is_none() {
        let what = if all.is_empty() {
            "no challenge".to_owned()
        } else {
            let schemes: Vec<&str> = all.iter().map(|one| one.scheme.as_str()).collect();
            format!("{} and no digest that is known", words(&schemes.join(", "), &[]))
        };
        return Err(Failed::unusable(format!("the server answered {} with {what}", reply.status)));
    }
    Ok(Grant {
        facts: GrantFacts {
            source: format!("challenge of {}", evidence.request.host),
            obtained: work.now(),
            more: offered.into_iter().map(|value| ("challenge".into(), value.clone())).collect(),
            ..GrantFacts::default()
        },
        ..Grant::default()
    })
}
