//! Close codes from 3000 on: registered and private ones.

use crate::core::change::Change;
use crate::core::close::code_name;
use crate::core::evidence::Evidence;
use crate::core::finding::Confidence;
use crate::diagnose::draft::Draft;
use crate::diagnose::words;

use super::close::{closed, with_reason};
use super::dropped::{last_words, story};

const LOGIN: &str = "That is a refused login, so trying again by itself would only repeat it.";

pub(super) fn registered(e: &Evidence) -> Option<Draft> {
    let (session, end, code @ 3000..=3999) = closed(e)? else { return None };
    let name = match code {
        3000 | 3003 | 3008 => format!(" ({})", code_name(code)),
        _ => String::new(),
    };
    let draft = with_reason(&format!("The server closed with code {code}{name}"), end)
        .because(story(session, end))
        .because(last_words(session));
    Some(match code {
        3000 | 3003 => draft
            .because(LOGIN)
            .hint("Check the credential and its rights.")
            .fix("Stop reconnecting by itself", Change::SetReconnect { attempts: 0 }),
        3008 => draft.hint("Send what the server waits for sooner."),
        _ => {
            draft.hint("Look the code up in the documentation of the library that the server uses.")
        }
    })
}

/// Words of HTTP statuses that private codes copy.
fn like(status: u16) -> Option<&'static str> {
    Some(match status {
        400 => "bad request",
        401 => "login required",
        403 => "forbidden",
        404 => "not found",
        408 => "timeout",
        409 => "conflict",
        413 => "too large",
        429 => "too many requests",
        _ => return None,
    })
}

pub(super) fn like_http(e: &Evidence) -> Option<Draft> {
    let (session, end, code @ 4400..=4499) = closed(e)? else { return None };
    let status = code - 4000;
    let meaning = like(status)?;
    let draft = with_reason(&format!("The server closed with its private code {code}"), end)
        .confidence(Confidence::Likely)
        .because(format!(
            "By habit {code} copies the HTTP status {status} ({meaning}); only the vendor's \
             documentation knows for sure."
        ))
        .because(story(session, end))
        .because(last_words(session));
    Some(match status {
        401 | 403 => draft
            .because(LOGIN)
            .hint("Check the token, and whether it belongs into the query or the first message.")
            .fix("Stop reconnecting by itself", Change::SetReconnect { attempts: 0 }),
        429 => draft
            .hint("Wait before the next attempt, and send more slowly.")
            .fix("Stop reconnecting by itself", Change::SetReconnect { attempts: 0 }),
        _ => draft.hint("Look the code up in the vendor's documentation."),
    })
}

pub(super) fn private(e: &Evidence) -> Option<Draft> {
    let (session, end, code @ 4000..=4999) = closed(e)? else { return None };
    Some(
        with_reason(&format!("The server closed with its private code {code}"), end)
            .because("Codes from 4000 to 4999 are free for applications; only the vendor's documentation knows them.")
            .because(story(session, end))
            .because(last_words(session))
            .hint("Look the code up in the vendor's documentation.")
            .hint(format!("Read the server's log for {}.", words::name(&code.to_string()))),
    )
}
