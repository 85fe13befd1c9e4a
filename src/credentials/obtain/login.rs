//! A login over HTTP, whose cookies the handshake then carries (RFC 6265).

use cookie_store::RawCookie;

use super::{Failed, Work, host, words};
use crate::auth::{Grant, LoginAsk};
use crate::core::credential::GrantFacts;
use crate::core::evidence::CredentialProblem;
use crate::core::secret::Secret;
use crate::core::time::Micros;
use crate::credentials::http::{HttpReply, HttpRequest, exchange, shown};

const WHAT: &str = "login";

pub(super) async fn obtain(ask: &LoginAsk, work: &mut Work<'_>) -> Result<Grant, Failed> {
    let mut headers = vec![("Accept".to_owned(), Secret::from("*/*"))];
    if !ask.content_type.is_empty() {
        headers.push(("Content-Type".to_owned(), Secret::from(&*ask.content_type)));
    }
    let request = HttpRequest {
        method: if ask.method.is_empty() { "POST".into() } else { ask.method.clone() },
        url: ask.url.clone(),
        headers,
        body: ask.body.clone(),
    };
    let reply = match exchange(request, &work.like).await {
        Ok(reply) => reply,
        Err(failed) => {
            work.steps.push(failed.step(WHAT, &ask.url));
            return Err(failed.into());
        }
    };
    let read = read(ask, &reply, work.now());
    let detail = match &read {
        Ok(grant) => {
            let names: Vec<&str> = grant.more.keys().map(String::as_str).collect();
            format!("cookies {}", words(&names.join(", "), &[]))
        }
        Err(failed) => failed.text.clone(),
    };
    let mut step = reply.step(WHAT, &ask.url, detail);
    step.ok = read.is_ok();
    work.steps.push(step);
    if read.is_ok() {
        let lines = set_cookies(&reply).map(Secret::from).collect();
        work.cookies.push((ask.url.clone(), lines));
    }
    read
}

fn set_cookies(reply: &HttpReply) -> impl Iterator<Item = &str> {
    let lines = reply.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("set-cookie"));
    lines.map(|(_, value)| value.expose())
}

/// A login form answers with a page or leads to one, so that any 2xx and 3xx will do, if it has
/// cookies.
fn read(ask: &LoginAsk, reply: &HttpReply, now: Micros) -> Result<Grant, Failed> {
    let whom = shown(&ask.url);
    if !(200..400).contains(&reply.status) {
        let said = String::from_utf8_lossy(&reply.body);
        let said = words(said.lines().next().unwrap_or_default(), &[ask.body.expose()]);
        let description = Some(said).filter(|said| !said.is_empty());
        let tail = description.as_ref().map_or_else(String::new, |said| format!(": {said}"));
        return Err(Failed {
            text: format!("{whom} answered {}{tail}", reply.status),
            problem: CredentialProblem::Refused { status: reply.status, error: None, description },
        });
    }
    let mut grant = Grant {
        facts: GrantFacts {
            source: format!("login {}", host(&ask.url)),
            obtained: now,
            ..GrantFacts::default()
        },
        ..Grant::default()
    };
    for cookie in set_cookies(reply).filter_map(|line| RawCookie::parse(line).ok()) {
        let seconds = lifetime_s(&cookie, now);
        // A cookie without a value, or at its end already, is one that is taken away.
        if cookie.value().is_empty() || seconds.is_some_and(|seconds| seconds <= 0) {
            grant.more.remove(cookie.name());
            continue;
        }
        if let Some(seconds) = seconds.and_then(|seconds| u64::try_from(seconds).ok()) {
            let end = Micros(now.0.saturating_add(seconds.saturating_mul(1_000_000)));
            let ends = &mut grant.facts.expires;
            *ends = Some(ends.map_or(end, |known| known.min(end)));
        }
        grant.more.insert(cookie.name().to_owned(), cookie.value().into());
    }
    if grant.more.is_empty() {
        return Err(Failed::unusable(format!(
            "{whom} answered {} without a cookie; a page that refuses a login often looks like \
             this, so check name, password and the names of the form's fields",
            reply.status
        )));
    }
    Ok(grant)
}

/// Seconds that a cookie lives; `None` until the end of a session. `Max-Age` goes before `Expires`
/// (RFC 6265 section 5.3).
fn lifetime_s(cookie: &RawCookie<'_>, now: Micros) -> Option<i64> {
    let aged = cookie.max_age().map(|age| age.whole_seconds());
    aged.or_else(|| {
        let end = cookie.expires_datetime()?.unix_timestamp();
        Some(end.saturating_sub(i64::try_from(now.0 / 1_000_000).unwrap_or(i64::MAX)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, cookies: &[&str]) -> Result<Grant, Failed> {
        let ask = LoginAsk {
            url: "https://h.example/login".into(),
            method: String::new(),
            content_type: String::new(),
            body: "user=a&password=hunter2-secret".into(),
        };
        let headers =
            cookies.iter().map(|line| ("set-cookie".to_owned(), Secret::from(*line))).collect();
        let reply = HttpReply { status, headers, ..HttpReply::default() };
        read(&ask, &reply, Micros(1_000_000))
    }

    #[test]
    fn cookies_are_the_parts_and_the_first_end_counts() {
        let grant = answer(302, &["a=1; Max-Age=60; HttpOnly", "b=2; Max-Age=30", "c=3"]).unwrap();
        assert_eq!((grant.part("a"), grant.part("b"), grant.part("c")), ("1", "2", "3"));
        assert_eq!(grant.facts.expires, Some(Micros(31_000_000)));
    }

    #[test]
    fn an_answer_without_a_cookie_is_no_login() {
        let nothing: [&[&str]; 3] = [&[], &["a=; Max-Age=0"], &["a=1", "a=gone; Max-Age=0"]];
        for cookies in nothing {
            let failed = answer(200, cookies).unwrap_err();
            assert!(matches!(failed.problem, CredentialProblem::Unusable { .. }), "{failed:?}");
        }
        let failed = answer(403, &["a=1"]).unwrap_err();
        assert!(matches!(failed.problem, CredentialProblem::Refused { status: 403, .. }));
    }
}
