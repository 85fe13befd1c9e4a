//! Error codes of vendors in a refusal; logins have the same under an id of their own.

use crate::core::change::Change;
use crate::core::evidence::{Evidence, ReplyFacts};
use crate::diagnose::draft::{Draft, certain};
use crate::diagnose::{see, vendor, words};

/// What the code in this body means; `None` if there is none.
pub(in crate::diagnose::rules) fn draft(e: &Evidence, reply: &ReplyFacts) -> Option<Draft> {
    let error = vendor::read(&reply.body)?;
    let code = words::name(&error.code);
    let message = if error.message.is_empty() {
        format!("The body holds the code {code}.")
    } else {
        format!("The server's words are {} ({code}).", words::said(&error.message))
    };
    let id = error
        .request_id
        .map(|id| format!("Its log knows the request as {}.", words::said_in(&id, 60)))
        .unwrap_or_default();
    Some(match error.known {
        Some((name, row)) => {
            let mut draft = certain(format!("{name} says {code}: {}.", row.meaning))
                .because(message)
                .because(id)
                .hint(format!("{}.", row.check));
            if row.code == "APIG.0607" {
                let scheme = if see::is_wss(e) {
                    crate::core::url::Scheme::Ws
                } else {
                    crate::core::url::Scheme::Wss
                };
                draft = draft
                    .fix(format!("Switch to {}://", scheme.name()), Change::SetScheme { scheme });
            }
            draft
        }
        None => {
            certain(format!("The server answered {} with the error code {code}.", reply.status))
                .because(message)
                .because(id)
                .hint("Look the code up in the vendor's documentation.")
        }
    })
}

pub(super) fn code(e: &Evidence) -> Option<Draft> {
    draft(e, see::refusal(e).filter(|reply| reply.status != 401)?)
}
