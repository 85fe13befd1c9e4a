//! Gets the credentials that a request needs, from wherever they are, and keeps what is worth
//! keeping: the last step before the transport.
//!
//! [`Credentials::prepare`] takes a draft (with all that it inherits) to the finished
//! [`RequestSpec`]: it lets the way of authenticating settle the request, reads the files that are
//! named, resolves references to secrets, asks for what must be fetched ([`auth::Ask`]) and hands
//! everything to [`auth::prepare`]. Each exchange on the way is a step of the record.
//!
//! - [`mod@reference`]: environment, files, commands, keyring and named secrets.
//! - [`files`]: certificates and keys that a request names.
//! - [`obtain`]: one file a kind of [`auth::Ask`].
//! - [`http`]: exchanges over the request's own ways to the network.
//! - [`grants`]: what was got, for the next attempt.
//! - [`jar`] holds cookies.
//! - [`failures`]: failures in a row of keys that their service locks.
//!
//! A person is only met through an [`Attendant`]: the command line asks on the terminal, the
//! interface in a dialogue, and a test answers by itself. A 401 or 403 is never tried again from
//! here.

mod agreed;
mod command;
mod failures;
mod files;
mod grants;
mod http;
mod jar;
mod obtain;
mod reference;
#[cfg(test)]
mod tests;

use std::path::PathBuf;

use futures_util::future::BoxFuture;

use crate::auth::{self, Ask, Grant, Means};
use crate::core::credential::{Notice, Question};
use crate::core::event::EventKind;
use crate::core::evidence::{
    CredentialFacts, CredentialProblem, CredentialStep, Evidence, RequestFacts,
};
use crate::core::proxy::ProxyEnvironment;
use crate::core::request::{RequestDraft, RequestSpec};
use crate::core::time::Micros;
use crate::core::url::{self, UrlProblem};
use crate::net::{self, clock::Clock};

pub use jar::CookieFacts;
pub use reference::resolve_given;

use self::http::Like;
use failures::Failures;
use grants::Grants;
use jar::Jar;
use obtain::Work;
use reference::Sources;

/// Meets the person on whose behalf credentials are got.
pub trait Attendant: Send + Sync {
    /// Asks, and waits for the answer; no answer is a no.
    fn ask(&self, question: Question) -> BoxFuture<'_, bool>;

    /// Tells how it goes. Must not block.
    fn tell(&self, notice: Notice);

    /// Opens a page in the person's browser; whether one could be started.
    fn browse<'a>(&'a self, page: &'a str) -> BoxFuture<'a, bool> {
        Box::pin(obtain::oauth2::browser::open(page))
    }

    /// Whether this command was typed by that person just now, so that it runs without asking.
    fn has_typed(&self, _command: &str) -> bool {
        false
    }

    /// Whether the terminal is free for what a command writes and asks.
    fn has_terminal(&self) -> bool {
        false
    }
}

/// Nobody is there: every question is answered with no, and nothing is told.
#[derive(Clone, Copy, Debug, Default)]
pub struct Nobody;

impl Attendant for Nobody {
    fn ask(&self, _question: Question) -> BoxFuture<'_, bool> {
        Box::pin(std::future::ready(false))
    }

    fn tell(&self, _notice: Notice) {}

    fn browse<'a>(&'a self, _page: &'a str) -> BoxFuture<'a, bool> {
        Box::pin(std::future::ready(false))
    }
}

/// Where things are kept.
#[derive(Clone, Debug, Default)]
pub struct Kept {
    /// Folder of what belongs to this person and is kept apart from what is shared: grants,
    /// agreed commands, named secrets, failures of keys. `None` keeps all of it in memory only.
    pub private: Option<PathBuf>,
    /// File of the cookie jar; `None` keeps it in memory only.
    pub jar: Option<PathBuf>,
}

/// Why a request cannot go out.
#[derive(Clone, Debug, PartialEq)]
pub enum NotReady {
    /// It cannot be written, or something that it names cannot be read.
    Request(UrlProblem),
    /// Its credential could not be got.
    Credential {
        /// What is known of the request, with the steps that were made.
        facts: Box<RequestFacts>,
        problem: CredentialProblem,
        /// In the words of whoever refused, escaped and masked.
        text: String,
    },
}

impl From<UrlProblem> for NotReady {
    fn from(problem: UrlProblem) -> NotReady {
        NotReady::Request(problem)
    }
}

/// A grant must be good for this much longer to be used again, in seconds.
const MARGIN_S: u64 = 60;

/// A request that can go out, and what it was made of.
#[derive(Clone, Debug)]
pub struct Ready {
    pub spec: RequestSpec,
    /// Settled, and with secrets in place of references.
    pub draft: RequestDraft,
    pub means: Means,
}

/// Gets credentials and keeps them; one for the whole program.
#[derive(Debug)]
pub struct Credentials {
    clock: Clock,
    proxies: ProxyEnvironment,
    sources: Sources,
    grants: Grants,
    jar: Jar,
    failures: Failures,
}

impl Credentials {
    #[must_use]
    pub fn new(kept: Kept, proxies: ProxyEnvironment, clock: Clock) -> Credentials {
        let file = |name: &str| kept.private.as_ref().map(|dir| dir.join(name));
        let sources = Sources::new(&kept);
        Credentials {
            clock,
            proxies,
            sources,
            grants: Grants::new(file("grants.toml")),
            failures: Failures::new(file("failures.toml")),
            jar: Jar::new(kept.jar),
        }
    }

    /// The request as it will go out. `draft` is with all that it inherits
    /// ([`Scopes::effective`](crate::core::request::Scopes::effective)); `at` stands for this
    /// machine's clock if it is given.
    ///
    /// Dropping the future stops whatever is under way.
    ///
    /// # Errors
    /// See [`NotReady`].
    pub async fn prepare(
        &self,
        draft: &RequestDraft,
        at: Option<Micros>,
        attendant: &dyn Attendant,
    ) -> Result<RequestSpec, NotReady> {
        self.ready(draft, at, attendant, true).await.map(|ready| ready.spec)
    }

    /// As [`Credentials::prepare`], with what the request was made of, for whoever makes further
    /// attempts of it.
    ///
    /// # Errors
    /// See [`NotReady`].
    pub async fn prepare_whole(
        &self,
        draft: &RequestDraft,
        at: Option<Micros>,
        attendant: &dyn Attendant,
    ) -> Result<Ready, NotReady> {
        self.ready(draft, at, attendant, true).await
    }

    /// The same to be looked at: nobody is asked for a credential, so that one which is not kept
    /// from before stays [pending](RequestSpec::pending).
    ///
    /// # Errors
    /// See [`NotReady::Request`].
    pub async fn look(
        &self,
        draft: &RequestDraft,
        at: Option<Micros>,
        attendant: &dyn Attendant,
    ) -> Result<RequestSpec, NotReady> {
        self.ready(draft, at, attendant, false).await.map(|ready| ready.spec)
    }

    async fn ready(
        &self,
        draft: &RequestDraft,
        at: Option<Micros>,
        attendant: &dyn Attendant,
        fetch: bool,
    ) -> Result<Ready, NotReady> {
        let mut draft = draft.clone();
        auth::settle(&mut draft);
        let mut files = files::read(&draft.settings).await?;
        files.proxy_environment = self.proxies.clone();
        // As it was typed: with references in place of what they refer to.
        let typed = url::masked(&draft.url);
        let secrets = self.sources.resolve(&mut draft, attendant).await?;
        let mut means = Means::at(at.unwrap_or_else(|| self.clock.now()));
        means.secrets = secrets;
        let key = failures::key_of(&draft.auth);
        let lock = key.as_ref().map(|key| self.failures.of(key, self.clock.now()));
        means.entropy = net::entropy();
        let mut steps: Vec<CredentialStep> = Vec::new();
        let mut granted = None;
        if let Some(ask) = auth::ask(&draft, &means).map_err(UrlProblem::from)? {
            let like = Like { draft: &draft, files: &files, clock: self.clock };
            let got = if fetch {
                self.grant(&ask, like, &mut steps, attendant).await.map(Some)
            } else {
                Ok(self.kept(&ask))
            };
            match got {
                Ok(None) => {}
                Ok(Some(grant)) => {
                    attendant.tell(Notice::Ready(grant.facts.clone()));
                    granted = Some(ask.id());
                    means.grant = Some(grant);
                }
                Err(obtain::Failed { problem, text }) => {
                    let credential = CredentialFacts { steps, lock, ..CredentialFacts::default() };
                    let facts = RequestFacts {
                        typed,
                        auth: draft.auth.kind.clone(),
                        credential,
                        ..RequestFacts::default()
                    };
                    return Err(NotReady::Credential { facts: Box::new(facts), problem, text });
                }
            }
        }
        // After the login, whose cookies are in the jar by now.
        if draft.settings.cookies
            && let Ok(address) = url::read(&draft.url)
        {
            means.cookies = self.jar.matching(&address.to_url())?;
        }
        let mut spec = auth::prepare(&draft, files, means.clone())?;
        spec.facts.credential.steps = steps;
        spec.facts.credential.lock = lock;
        spec.provenance.grant = granted;
        spec.provenance.key = key;
        Ok(Ready { spec, draft, means })
    }

    /// One that is kept and good.
    fn kept(&self, ask: &Ask) -> Option<Grant> {
        let found = ask.is_kept().then(|| self.grants.find(&ask.id())).flatten();
        let mut grant = found.filter(|grant| grant.is_good(self.clock.now(), MARGIN_S))?;
        grant.facts.kept = true;
        Some(grant)
    }

    /// One that is kept and good, or a new one. Two attempts that ask for the same at once share
    /// one exchange.
    async fn grant(
        &self,
        ask: &Ask,
        like: Like<'_>,
        steps: &mut Vec<CredentialStep>,
        attendant: &dyn Attendant,
    ) -> Result<Grant, obtain::Failed> {
        let id = ask.id();
        let gate = self.grants.gate(&id);
        let _first = gate.lock().await;
        if let Some(grant) = self.kept(ask) {
            return Ok(grant);
        }
        let old = ask.is_kept().then(|| self.grants.find(&id)).flatten();
        attendant.tell(Notice::Working(format!("getting {}", ask.what())));
        let mut work = Work { like, steps, attendant, cookies: Vec::new() };
        let grant = obtain::obtain(ask, old.as_ref(), &mut work).await?;
        if like.draft.settings.cookies {
            for (address, lines) in &work.cookies {
                self.jar.take(address, lines);
            }
        }
        if ask.is_kept() {
            self.grants.keep(&id, &grant, self.clock.now());
        }
        Ok(grant)
    }

    /// Hears of an event of an attempt that `spec` made, for the cookies that came.
    pub fn hear(&self, spec: &RequestSpec, event: &EventKind) {
        if let EventKind::Cookies { url, lines } = event
            && spec.provenance.cookies
        {
            self.jar.take(url.expose(), lines);
        }
    }

    /// Learns from an attempt that has ended: a token that was refused is not kept, and a key
    /// that failed is counted.
    pub fn learn(&self, spec: &RequestSpec, evidence: &Evidence) {
        // What a redirect led to is another server, and has not seen the credential.
        if !evidence.redirects.is_empty() {
            return;
        }
        let now = self.clock.now();
        let reply = evidence.http.as_ref().and_then(|http| http.reply.as_ref());
        if let Some(id) = &spec.provenance.grant
            && reply.is_some_and(|reply| reply.status == 401)
        {
            self.grants.forget(id, now);
        }
        if let Some(key) = &spec.provenance.key {
            self.failures.learn(key, evidence, now);
        }
    }

    /// Throws away the token that is kept for a request, which is with all that it inherits; gives
    /// whether there was one.
    ///
    /// # Errors
    /// When what the token was asked with cannot be read now, so that it cannot be found. Nobody is
    /// asked for that.
    pub async fn forget_grant(&self, draft: &RequestDraft) -> Result<bool, UrlProblem> {
        let mut draft = draft.clone();
        auth::settle(&mut draft);
        self.sources.resolve(&mut draft, &Nobody).await?;
        let now = self.clock.now();
        let ask = auth::ask(&draft, &Means::at(now)).map_err(UrlProblem::from)?;
        let Some(ask) = ask else { return Ok(false) };
        let id = ask.id();
        let known = self.grants.find(&id).is_some();
        self.grants.forget(&id, now);
        Ok(known)
    }

    /// What is in the cookie jar, without the values.
    #[must_use]
    pub fn cookies(&self) -> Vec<CookieFacts> {
        self.jar.facts()
    }

    /// Takes cookies out of the jar; gives how many.
    pub fn forget_cookies(&self, picked: impl Fn(&CookieFacts) -> bool) -> usize {
        self.jar.forget(picked)
    }
}
