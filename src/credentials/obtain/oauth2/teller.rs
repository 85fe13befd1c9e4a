//! Carries the requests of the crate `oauth2` out, and keeps the record of each.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::future::BoxFuture;
use oauth2::{AsyncHttpClient, ErrorResponse, HttpRequest, HttpResponse, RequestTokenError};
use tokio::sync::Notify;

use super::answer;
use crate::auth::OAuth2Ask;
use crate::core::evidence::CredentialStep;
use crate::core::request::{Files, RequestDraft};
use crate::core::sanitize;
use crate::core::secret::{Masker, Secret};
use crate::core::time::Micros;
use crate::credentials::http::{self, HttpFailed, Like};
use crate::credentials::obtain::Failed;
use crate::net::clock::Clock;

/// Failures in a row after which a server is not asked about a device code any more.
const FAILURES: u32 = 3;

/// There was no answer.
#[derive(Debug, thiserror::Error)]
#[error("{}", .0.text)]
pub(super) struct NoAnswer(HttpFailed);

#[derive(Default)]
struct Log {
    steps: Vec<CredentialStep>,
    what: &'static str,
    /// Whether the exchanges are one question asked again and again, which is one step.
    polling: bool,
    polls: u32,
    failures: u32,
    /// Why the last exchange gave nothing.
    last: Option<Failed>,
    masker: Masker,
}

/// See the module. It owns all that it needs, since the crate's futures cannot be moved between
/// threads with a carrier that borrows.
#[derive(Clone)]
pub(super) struct Teller(Arc<Inner>);

pub(super) struct Inner {
    draft: RequestDraft,
    files: Files,
    clock: Clock,
    log: Mutex<Log>,
    enough: Notify,
}

impl Teller {
    pub(super) fn new(ask: &OAuth2Ask, like: &Like<'_>) -> Teller {
        let mut masker = Masker::default();
        for secret in [&ask.client_secret, &ask.refresh_token] {
            masker.add(secret.expose());
        }
        Teller(Arc::new(Inner {
            draft: like.draft.clone(),
            files: like.files.clone(),
            clock: like.clock,
            log: Mutex::new(Log { masker, ..Log::default() }),
            enough: Notify::new(),
        }))
    }

    fn lock(&self) -> MutexGuard<'_, Log> {
        // A record that misses a step is no reason to end.
        self.0.log.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn now(&self) -> Micros {
        self.0.clock.now()
    }

    /// Names the exchanges that come.
    pub(super) fn what(&self, what: &'static str) {
        let mut log = self.lock();
        (log.what, log.polling) = (what, false);
    }

    /// The same for a question that is asked again and again.
    pub(super) fn poll(&self, what: &'static str) {
        let mut log = self.lock();
        (log.what, log.polling, log.polls) = (what, true, 0);
    }

    /// A text that must not be told when a server repeats it.
    pub(super) fn keep_secret(&self, text: &str) {
        self.lock().masker.add(text);
    }

    /// Says what came of the last exchange.
    pub(super) fn detail(&self, detail: String) {
        let mut log = self.lock();
        let polls = log.polls;
        let masked = log.masker.mask(&detail);
        if let Some(step) = log.steps.last_mut() {
            step.detail = if polls > 1 { format!("{masked}, asked {polls} times") } else { masked };
        }
    }

    /// Whether the last step is one that failed.
    pub(super) fn has_failed(&self) -> bool {
        self.lock().steps.last().is_some_and(|step| !step.ok)
    }

    /// A step that is no exchange of ours and went well.
    pub(super) fn note(&self, what: &str, url: &str, began: Micros, detail: &str) {
        let ms = self.now().since(began).as_secs_f64() * 1_000.0;
        self.lock().steps.push(CredentialStep {
            what: what.into(),
            from: http::shown(url),
            ms,
            status: None,
            ok: true,
            detail: detail.into(),
        });
    }

    /// The same for one that failed.
    pub(super) fn fail(&self, what: &str, url: &str, began: Micros, failed: Failed) -> Failed {
        self.note(what, url, began, "");
        let mut log = self.lock();
        let text = log.masker.mask(&failed.text);
        if let Some(step) = log.steps.last_mut() {
            (step.ok, step.detail) = (false, text.clone());
        }
        Failed { text, ..failed }
    }

    pub(super) fn into_steps(self) -> Vec<CredentialStep> {
        std::mem::take(&mut self.lock().steps)
    }

    /// Carries one request out.
    async fn exchange(&self, request: HttpRequest) -> Result<HttpResponse, NoAnswer> {
        let url = request.uri().to_string();
        let text = |value: &::http::HeaderValue| {
            Secret::new(String::from_utf8_lossy(value.as_bytes()).into_owned())
        };
        let headers =
            request.headers().iter().map(|(name, value)| (name.to_string(), text(value))).collect();
        let outgoing = http::HttpRequest {
            method: request.method().to_string(),
            url: url.clone(),
            headers,
            // A form is ASCII.
            body: Secret::new(String::from_utf8_lossy(request.body()).into_owned()),
        };
        let (what, polling) = {
            let log = self.lock();
            (log.what, log.polling)
        };
        let Inner { draft, files, clock, .. } = &*self.0;
        let like = Like { draft, files, clock: *clock };
        match http::exchange(outgoing, &like).await {
            Ok(reply) => {
                let error = answer::error(&reply);
                let failed = error.map(|(error, description)| {
                    answer::refused(&url, reply.status, error, description)
                });
                let masked = |failed: Failed| self.masked(failed);
                let failed = failed.map(masked);
                let detail = failed.as_ref().map(|f| f.text.clone()).unwrap_or_default();
                let mut step = reply.step(what, &url, detail);
                step.ok = failed.is_none();
                let mut log = self.lock();
                log.failures = 0;
                log.last = failed;
                log.push(step, polling);
                Ok(answer::mended(&reply))
            }
            Err(failed) => {
                let step = failed.step(what, &url);
                let mut log = self.lock();
                log.last = Some(failed.clone().into());
                log.push(step, polling);
                log.failures += 1;
                if log.failures >= FAILURES {
                    self.0.enough.notify_one();
                }
                Err(NoAnswer(failed))
            }
        }
    }

    fn masked(&self, failed: Failed) -> Failed {
        use crate::core::evidence::CredentialProblem::Refused;
        let masker = self.lock().masker.clone();
        let problem = match failed.problem {
            Refused { status, error, description } => Refused {
                status,
                error: error.map(|text| masker.mask(&text)),
                description: description.map(|text| masker.mask(&text)),
            },
            other => other,
        };
        Failed { problem, text: masker.mask(&failed.text) }
    }

    /// Ends when the server could not be reached several times in a row.
    pub(super) async fn given_up(&self) -> Failed {
        self.0.enough.notified().await;
        let last = self.lock().last.clone();
        last.unwrap_or_else(|| Failed::unusable("the server gives no answer"))
    }

    /// What the crate's error means.
    pub(super) fn failed<T: ErrorResponse + 'static>(
        &self,
        error: RequestTokenError<NoAnswer, T>,
    ) -> Failed {
        let last = self.lock().last.clone();
        match error {
            RequestTokenError::Request(NoAnswer(failed)) => failed.into(),
            // The polling ends by itself when the code has expired; the last answer was “not yet”.
            RequestTokenError::ServerResponse(_) if self.is_waiting(last.as_ref()) => {
                answer::refused("the server", 400, Some("expired_token".into()), None)
            }
            RequestTokenError::ServerResponse(_) => {
                last.unwrap_or_else(|| Failed::unusable("the server refused"))
            }
            RequestTokenError::Parse(error, _) => last.unwrap_or_else(|| {
                // The error's own words may repeat a secret.
                let path = error.path().to_string();
                let place = if path == "." { String::new() } else { format!(", see {path}") };
                let text = format!("its answer is none of RFC 6749 section 5.1{place}");
                self.wrong(sanitize::escape(&text).into_owned())
            }),
            RequestTokenError::Other(_) => last
                .unwrap_or_else(|| self.wrong("its answer is none of RFC 6749 section 5.1".into())),
        }
    }

    fn is_waiting(&self, last: Option<&Failed>) -> bool {
        use crate::core::evidence::CredentialProblem::Refused;
        let Some(Failed { problem: Refused { error: Some(error), .. }, .. }) = last else {
            return false;
        };
        matches!(error.as_str(), "authorization_pending" | "slow_down")
    }

    /// The last exchange gave an answer that is of no use.
    fn wrong(&self, why: String) -> Failed {
        let mut log = self.lock();
        let whom = log.steps.last_mut().map(|step| {
            step.ok = false;
            step.detail.clone_from(&why);
            step.from.clone()
        });
        Failed::unusable(format!("{}: {why}", whom.unwrap_or_default()))
    }
}

impl<'c> AsyncHttpClient<'c> for Teller {
    type Error = NoAnswer;
    type Future = BoxFuture<'static, Result<HttpResponse, NoAnswer>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        let teller = self.clone();
        Box::pin(async move { teller.exchange(request).await })
    }
}

impl Log {
    fn push(&mut self, step: CredentialStep, polling: bool) {
        if !polling {
            self.steps.push(step);
            return;
        }
        self.polls += 1;
        let mut step = step;
        if self.polls > 1
            && let Some(earlier) = self.steps.pop()
        {
            step.ms += earlier.ms;
            step.detail.push_str(&format!(" (asked {} times)", self.polls));
        }
        self.steps.push(step);
    }
}
