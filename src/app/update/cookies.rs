//! The cookie jar's window, and forgetting what was got.

use super::Cx;
use crate::app::effect::Effect;
use crate::app::model::{CookieRow, Modal, Question};

impl Cx<'_> {
    /// Asks for what is in the jar; the window opens with the answer.
    pub(super) fn open_cookies(&mut self) {
        self.effects.push(Effect::ListCookies);
    }

    /// What is in the jar now.
    pub(super) fn cookies(&mut self, rows: Vec<CookieRow>) {
        let open = self.model.modals.iter_mut().find_map(|modal| match modal {
            Modal::Cookies { rows, cursor } => Some((rows, cursor)),
            _ => None,
        });
        match open {
            Some((shown, cursor)) => {
                *cursor = (*cursor).min(rows.len().saturating_sub(1));
                *shown = rows;
            }
            None => self.model.modals.push(Modal::Cookies { rows, cursor: 0 }),
        }
    }

    /// A letter in the window of the jar.
    pub(super) fn cookies_letter(&mut self, c: char) {
        let Some(Modal::Cookies { rows, cursor }) = self.model.modals.last() else { return };
        match c {
            'd' | 'D' => {
                if let Some(row) = rows.get(*cursor) {
                    self.effects.push(Effect::ForgetCookies(Some(row.clone())));
                }
            }
            'a' | 'A' if !rows.is_empty() => {
                let text = match rows.len() {
                    1 => "The cookie of the jar is forgotten.".to_owned(),
                    count => format!("All {count} cookies of the jar are forgotten."),
                };
                self.model.modals.push(Modal::Confirm {
                    title: "Empty the cookie jar?".into(),
                    text,
                    yes: "Empty it",
                    no: "Keep them",
                    question: Question::EmptyJar,
                    on_yes: false,
                });
            }
            _ => {}
        }
    }

    /// The token that was got for the chosen way is got anew next time.
    pub(super) fn forget_token(&mut self) {
        self.leave_fields();
        if self.tab().grant().is_none() {
            self.info("No token was got for this way.");
            return;
        }
        let tab = self.tab();
        tab.conn.credential.forget();
        let draft = Box::new(tab.effective());
        self.effects.push(Effect::ForgetGrant(draft));
    }
}
