//! The last step before the transport: credentials and the finished request.

use futures_util::future::BoxFuture;

use super::report::unsendable;
use crate::core::credential::{Notice, Question};
use crate::core::evidence::Evidence;
use crate::core::proxy::ProxyEnvironment;
use crate::core::request::{RequestDraft, RequestSpec};
use crate::core::sanitize;
use crate::core::time::Micros;
use crate::credentials::{Attendant, Credentials, Kept, NotReady};
use crate::net;
use crate::net::clock::Clock;

/// Credentials for one run of a command.
pub fn credentials() -> Credentials {
    let proxies = ProxyEnvironment::read(|name| std::env::var(name).ok());
    Credentials::new(Kept::default(), proxies, Clock::process())
}

/// The request as it will go out.
///
/// # Errors
/// The record of an attempt that could not be made.
pub async fn ready(
    credentials: &Credentials,
    draft: &RequestDraft,
    at: Option<Micros>,
) -> Result<RequestSpec, Box<Evidence>> {
    let prepared = credentials.prepare(draft, at, &Terminal).await;
    prepared.map_err(|not_ready| {
        Box::new(match not_ready {
            NotReady::Request(problem) => unsendable(draft, problem),
            NotReady::Credential { facts, problem, text } => {
                net::credential_failure(*facts, problem, text, Clock::process())
            }
        })
    })
}

/// Meets the user on the terminal. What is told goes to standard error.
#[derive(Debug)]
struct Terminal;

impl Attendant for Terminal {
    /// A command line is given in person, so that a command in it needs no consent.
    fn ask(&self, question: Question) -> BoxFuture<'_, bool> {
        let Question::RunCommand { .. } = question;
        Box::pin(std::future::ready(true))
    }

    fn tell(&self, notice: Notice) {
        match notice {
            Notice::Working(_) | Notice::Done | Notice::Ready(_) => {}
            Notice::DeviceCode { page, whole, code, .. } => {
                let (page, code) = (sanitize::escape(&page), sanitize::escape(&code));
                eprintln!("Open {page} and enter the code {code}");
                if let Some(whole) = whole {
                    eprintln!("or open {}", sanitize::escape(&whole));
                }
            }
            Notice::Browser { page, opened } => {
                let page = sanitize::escape(&page);
                let how = if opened { "A browser was started; if none is seen," } else { "Please" };
                eprintln!("{how} open {page}");
            }
        }
    }
}
