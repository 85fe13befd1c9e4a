//! Gets the credentials that a request needs, from wherever they are, and keeps what is worth
//! keeping: the last step before the transport.
//!
//! [`Credentials::prepare`] takes a draft (with all that it inherits) to the finished
//! [`RequestSpec`]: it lets the way of authenticating settle the request, reads the files that are
//! named, resolves references to secrets, asks for what must be fetched ([`auth::Ask`]) and hands
//! everything to [`auth::prepare`]. Each exchange on the way is a step of the record.
//!
//! - [`reference`]: environment, files, commands, keyring and named secrets.
//! - [`files`]: certificates and keys that a request names.
//! - [`obtain`]: one file a kind of [`auth::Ask`].
//!
//! A person is only met through an [`Attendant`]: the command line asks on the terminal, the
//! interface in a dialogue, and a test answers by itself. A 401 or 403 is never tried again from
//! here.

mod agreed;
mod command;
mod files;
mod obtain;
mod reference;

use std::path::PathBuf;

use futures_util::future::BoxFuture;

use crate::auth::{self, Grant, Means};
use crate::core::credential::{Notice, Question};
use crate::core::event::EventKind;
use crate::core::evidence::{
    CredentialFacts, CredentialProblem, CredentialStep, Evidence, RequestFacts,
};
use crate::core::proxy::ProxyEnvironment;
use crate::core::request::{RequestDraft, RequestSpec};
use crate::core::time::Micros;
use crate::core::url::{self, UrlProblem};
use crate::net::clock::Clock;

pub use reference::resolve_given;

use reference::Sources;

/// Meets the person on whose behalf credentials are got.
pub trait Attendant: Send + Sync {
    /// Asks, and waits for the answer; no answer is a no.
    fn ask(&self, question: Question) -> BoxFuture<'_, bool>;

    /// Tells how it goes. Must not block.
    fn tell(&self, notice: Notice);

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

/// Gets credentials and keeps them; one for the whole program.
#[derive(Debug)]
pub struct Credentials {
    clock: Clock,
    proxies: ProxyEnvironment,
    sources: Sources,
}

impl Credentials {
    #[must_use]
    pub fn new(kept: Kept, proxies: ProxyEnvironment, clock: Clock) -> Credentials {
        Credentials { clock, proxies, sources: Sources::new(&kept) }
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
        let mut draft = draft.clone();
        auth::settle(&mut draft);
        let mut files = files::read(&draft.settings).await?;
        files.proxy_environment = self.proxies.clone();
        let secrets = self.sources.resolve(&mut draft, attendant).await?;
        let mut means = Means::at(at.unwrap_or_else(|| self.clock.now()));
        means.secrets = secrets;
        let mut steps: Vec<CredentialStep> = Vec::new();
        if let Some(ask) = auth::ask(&draft, &means).map_err(UrlProblem::from)? {
            attendant.tell(Notice::Working(format!("getting {}", ask.what())));
            let got: Result<Grant, obtain::Failed> =
                obtain::obtain(&ask, &draft, &files, &mut steps, attendant).await;
            match got {
                Ok(grant) => means.grant = Some(grant),
                Err(obtain::Failed { problem, text }) => {
                    let facts = RequestFacts {
                        typed: url::masked(&draft.url),
                        auth: draft.auth.kind.clone(),
                        credential: CredentialFacts { steps, ..CredentialFacts::default() },
                        ..RequestFacts::default()
                    };
                    return Err(NotReady::Credential { facts: Box::new(facts), problem, text });
                }
            }
        }
        let mut spec = auth::prepare(&draft, files, means)?;
        spec.facts.credential.steps = steps;
        Ok(spec)
    }

    /// Hears of an event of an attempt that `spec` made, for the cookies that came.
    pub fn hear(&self, _spec: &RequestSpec, _event: &EventKind) {}

    /// Learns from an attempt that has ended: a token that was refused is not kept, and a key
    /// that failed is counted.
    pub fn learn(&self, _spec: &RequestSpec, _evidence: &Evidence) {}
}
