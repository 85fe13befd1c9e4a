//! The cookie jar and kept tokens, as the interface sees and forgets them.

use std::sync::Arc;

use super::inbox::Inbox;
use crate::app::Msg;
use crate::app::model::CookieRow;
use crate::core::request::RequestDraft;
use crate::credentials::{CookieFacts, Credentials};

/// Which cookies to take out of the jar.
#[derive(Clone, Debug)]
pub(super) enum Which {
    None,
    One(CookieRow),
    All,
}

/// Takes cookies out of the jar and tells what is left. Its file is read and written beside the
/// loop.
pub(super) fn cookies(credentials: &Arc<Credentials>, inbox: &Inbox, forget: Which) {
    let (credentials, inbox) = (Arc::clone(credentials), inbox.clone());
    tokio::task::spawn_blocking(move || {
        match &forget {
            Which::None => {}
            Which::One(row) => {
                credentials.forget_cookies(|facts| row_of(facts.clone()) == *row);
            }
            Which::All => {
                credentials.forget_cookies(|_| true);
            }
        }
        let rows = credentials.cookies().into_iter().map(row_of).collect();
        inbox.push(Msg::Cookies(rows));
    });
}

fn row_of(facts: CookieFacts) -> CookieRow {
    CookieRow {
        domain: facts.domain,
        path: facts.path,
        name: facts.name,
        secure: facts.secure,
        expires: facts.expires,
        bytes: facts.bytes,
    }
}

/// Throws away the token that is kept for a request, and says whether there was one.
pub(super) fn forget_grant(credentials: &Arc<Credentials>, inbox: &Inbox, draft: RequestDraft) {
    let (credentials, inbox) = (Arc::clone(credentials), inbox.clone());
    tokio::spawn(async move {
        let (ok, text) = match credentials.forget_grant(&draft).await {
            Ok(true) => (true, "The token is forgotten; connecting gets another."),
            Ok(false) => (true, "No token was kept; connecting gets another."),
            Err(_) => (
                false,
                "The token could not be found, since what it was asked with cannot be read now.",
            ),
        };
        inbox.push(Msg::Said { ok, text: text.into() });
    });
}
