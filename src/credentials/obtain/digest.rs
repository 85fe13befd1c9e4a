//! The first leg of a digest (RFC 7616 section 3.3): an attempt without credentials, whose refusal
//! holds the server's challenge.

use super::{Failed, Work, words};
use crate::auth::{self, Grant, Means};
use crate::core::credential::GrantFacts;
use crate::core::event::{Command, EventKind};
use crate::core::evidence::{CredentialProblem, CredentialStep, Evidence, FailureKind};
use crate::core::stage::ConnId;
use crate::credentials::http::shown;
use crate::net::{self, Options};

/// Algorithms that a client can be expected to know (RFC 7616 section 6.1).
const KNOWN: &[&str] = &["md5", "md5-sess", "sha-256", "sha-256-sess", "sha-512-256"];

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
            Ok(grant) => words(grant.fact("challenge"), &[]),
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
    let offered: Vec<String> = reply
        .headers
        .iter()
        .filter(|(name, _)| name.eq_ignore_ascii_case("www-authenticate"))
        .flat_map(|(_, value)| challenges(value))
        .collect();
    let Some(challenge) = choose(&offered) else {
        let schemes: Vec<&str> =
            offered.iter().filter_map(|one| one.split_whitespace().next()).collect();
        let what = match schemes.as_slice() {
            [] => "no challenge".to_owned(),
            schemes => format!("{} and no digest that is known", schemes.join(", ")),
        };
        return Err(Failed::unusable(format!("the server answered {} with {what}", reply.status)));
    };
    Ok(Grant {
        facts: GrantFacts {
            source: format!("challenge of {}", evidence.request.host),
            obtained: work.now(),
            more: vec![("challenge".into(), challenge.to_owned())],
            ..GrantFacts::default()
        },
        ..Grant::default()
    })
}

/// The first digest whose algorithm is known: a server lists them in the order of its preference
/// (RFC 7616 section 3.7). Without a word on it the algorithm is MD5.
fn choose(offered: &[String]) -> Option<&str> {
    let is_known = |challenge: &&String| {
        let Some((scheme, parameters)) = challenge.split_once(' ') else { return false };
        let algorithm = parts(parameters).find_map(|part| {
            let (name, value) = part.split_once('=')?;
            let is_it = name.trim().eq_ignore_ascii_case("algorithm");
            is_it.then(|| value.trim().trim_matches('"').to_ascii_lowercase())
        });
        scheme.eq_ignore_ascii_case("digest")
            && algorithm.is_none_or(|algorithm| KNOWN.contains(&&*algorithm))
    };
    offered.iter().find(is_known).map(String::as_str)
}

/// The pieces between commas that stand outside of quotes.
fn parts(text: &str) -> impl Iterator<Item = &str> {
    let (mut quoted, mut escaped) = (false, false);
    text.split(move |c: char| {
        let ends = c == ',' && !quoted;
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ => {}
        }
        ends
    })
}

/// The challenges of one header line (RFC 9110 section 11.6.1): a scheme's word begins a new one.
fn challenges(line: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for part in parts(line).map(str::trim).filter(|part| !part.is_empty()) {
        let name = part.split('=').next().unwrap_or_default().trim_end();
        let begins = name.contains(' ') || !part.contains('=');
        match out.last_mut() {
            Some(last) if !begins => {
                last.push_str(", ");
                last.push_str(part);
            }
            _ => out.push(part.to_owned()),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn challenges_of_one_line_are_told_apart() {
        let line =
            r#"Basic realm="a, b", Digest realm="x \" , y", nonce="n==", qop="auth", Negotiate"#;
        let found = challenges(line);
        assert_eq!(found.len(), 3, "{found:?}");
        assert_eq!(choose(&found), Some(r#"Digest realm="x \" , y", nonce="n==", qop="auth""#));
    }

    #[test]
    fn the_first_that_is_known_is_taken() {
        let offered: Vec<String> = [
            "Basic realm=x",
            "Digest realm=x, algorithm=SHA3-1, nonce=a",
            "digest realm=x, algorithm=\"SHA-256\", nonce=b",
            "Digest realm=x, nonce=c",
        ]
        .map(String::from)
        .into();
        assert_eq!(choose(&offered), Some(&*offered[2]));
        assert_eq!(choose(&offered[..2]), None);
        assert_eq!(choose(&offered[3..]), Some(&*offered[3]));
    }
}
