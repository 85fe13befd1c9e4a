//! The last step before the transport: credentials and the finished request.

use std::collections::BTreeSet;

use futures_util::future::BoxFuture;

use super::args::ConnectArgs;
use super::prompt;
use super::report::unsendable;
use crate::config::Places;
use crate::core::credential::{Notice, Question};
use crate::core::evidence::Evidence;
use crate::core::proxy::ProxyEnvironment;
use crate::core::reference::{Piece, Reference, pieces};
use crate::core::request::{RequestDraft, RequestSpec};
use crate::core::sanitize;
use crate::core::secret::Secret;
use crate::core::time::Micros;
use crate::credentials::{Attendant, Credentials, Kept, NotReady, Ready};
use crate::net;
use crate::net::clock::Clock;
use crate::store::Paths;

/// Where a command keeps credentials: with the interface's own workspace, so that a token is good
/// for both, and failures of a key add up. Cookies are kept only in a jar that was named.
pub fn kept(args: &ConnectArgs) -> Kept {
    let places = Places::find(None, |name| std::env::var_os(name));
    let private = places.map(|places| {
        let Places { config_dir, data_dir, .. } = places;
        let paths = Paths { config_dir, data_dir };
        paths.private_dir(&paths.default_workspace())
    });
    Kept { private, jar: args.cookie_jar.clone() }
}

/// Credentials for one run of a command.
pub fn credentials(args: &ConnectArgs) -> Credentials {
    let proxies = ProxyEnvironment::read(|name| std::env::var(name).ok());
    Credentials::new(kept(args), proxies, Clock::process())
}

/// The request as it will go out.
///
/// # Errors
/// The record of an attempt that could not be made.
pub async fn ready(
    credentials: &Credentials,
    draft: &RequestDraft,
    at: Option<Micros>,
) -> Result<Ready, Box<Evidence>> {
    made(draft, credentials.prepare_whole(draft, at, &Terminal::of(draft)).await)
}

/// The request to be looked at; nobody is asked for a credential.
///
/// # Errors
/// As [`ready`].
pub async fn look(
    credentials: &Credentials,
    draft: &RequestDraft,
    at: Option<Micros>,
) -> Result<RequestSpec, Box<Evidence>> {
    made(draft, credentials.look(draft, at, &Terminal::of(draft)).await)
}

fn made<T>(draft: &RequestDraft, prepared: Result<T, NotReady>) -> Result<T, Box<Evidence>> {
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
struct Terminal {
    /// Commands that stand on the command line: given in person, they need no consent.
    typed: BTreeSet<String>,
}

impl Terminal {
    /// A request that a command line describes.
    fn of(draft: &RequestDraft) -> Terminal {
        let values = draft.auth.values.values().map(Secret::expose);
        let headers = draft.headers.iter().map(|row| row.value.as_str());
        let settings = &draft.settings;
        let rest = settings.subprotocols.iter().chain([&draft.url, &settings.proxy]);
        let mut typed = BTreeSet::new();
        for text in values.chain(headers).chain(rest.map(String::as_str)) {
            let whole = Reference::read(text);
            let within = pieces(text).into_iter().filter_map(|piece| match piece {
                Piece::Reference(reference) => Some(reference),
                Piece::Text(_) => None,
            });
            typed.extend(whole.into_iter().chain(within).filter_map(|reference| match reference {
                Reference::Cmd(command) => Some(command),
                _ => None,
            }));
        }
        Terminal { typed }
    }
}

impl Attendant for Terminal {
    fn ask(&self, question: Question) -> BoxFuture<'_, bool> {
        let Question::RunCommand { command, whose } = question;
        let (command, whose) = (sanitize::escape(&command), sanitize::escape(&whose));
        let text =
            format!("{whose} comes from a command that you did not type:\n  {command}\nRun it?");
        Box::pin(prompt::agree(text))
    }

    fn has_typed(&self, command: &str) -> bool {
        self.typed.contains(command)
    }

    fn has_terminal(&self) -> bool {
        true
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::headers::HeaderRow;

    #[test]
    fn only_what_stands_on_the_command_line_is_typed() {
        let mut draft = RequestDraft::default();
        draft.set_url("ws://h/?t={{cmd:a b}}".into());
        draft.headers.push(HeaderRow::new("X", "Bearer {{cmd:c}} {{cmd:d}}"));
        draft.auth.set("x", "cmd:e".into());
        let terminal = Terminal::of(&draft);
        for command in ["a b", "c", "d", "e"] {
            assert!(terminal.has_typed(command), "{command}");
        }
        assert!(!terminal.has_typed("f") && !terminal.has_typed("cmd:e"));
    }
}
