//! The credential of an attempt on its way: questions and news, the windows that show them, and
//! how near its end it is.

use super::Cx;
use crate::app::effect::Effect;
use crate::app::model::{Ending, Level, Matter, Modal, TabId, ending};
use crate::app::msg::CredentialNews;
use crate::core::action::Action;
use crate::core::credential::{Notice, Question};
use crate::core::stage::{ConnId, ConnectionState};

impl Cx<'_> {
    /// Takes news of the credential of an attempt; those of an old one are not shown, and its
    /// questions are answered with no.
    pub(super) fn credential(&mut self, tab: TabId, conn: ConnId, news: CredentialNews) {
        let Some(index) = self.place(tab, conn) else {
            if let CredentialNews::Question { id, .. } = news {
                self.effects.push(Effect::Answer { question: id, yes: false });
            }
            return;
        };
        let tab = &mut self.model.tabs[index];
        let kind = tab.way().to_owned();
        let way = &mut tab.conn.credential;
        match news {
            CredentialNews::Question { id, question } => match question {
                Question::RunCommand { command, whose } => {
                    way.ask(conn, Matter::Command { id, command, whose });
                }
            },
            CredentialNews::Notice(notice) => match notice {
                Notice::Working(words) => way.working = Some(words),
                Notice::DeviceCode { page, whole, code, expires } => {
                    let code = Some(code);
                    way.ask(conn, Matter::Agree { page, whole, code, expires, opened: false });
                }
                Notice::Browser { page, opened } => {
                    let (whole, code, expires) = (None, None, None);
                    way.ask(conn, Matter::Agree { page, whole, code, expires, opened });
                }
                Notice::Done => {
                    way.dialogues.retain(|d| !matches!(d.matter, Matter::Agree { .. }));
                }
                Notice::Ready(facts) => {
                    way.got(kind, facts);
                }
            },
        }
    }

    /// Lets windows about credentials follow the tabs: the first matter of the tab in front is on
    /// screen, and a matter that is over is not. It waits for other windows to be closed, so that
    /// no key meant for one of them answers it.
    pub(super) fn sync_credential(&mut self) {
        for tab in &mut self.model.tabs {
            if !matches!(tab.conn.state, ConnectionState::Connecting(_)) {
                tab.conn.credential.through();
            }
        }
        let wanted = self.model.tab().conn.credential.dialogues.front();
        let wanted = wanted.map(|dialogue| (dialogue.conn, dialogue.serial));
        self.model.modals.retain(|modal| match modal {
            Modal::Credential { conn, serial, .. } => wanted == Some((*conn, *serial)),
            _ => true,
        });
        if let Some((conn, serial)) = wanted
            && self.model.modals.is_empty()
        {
            self.leave_fields();
            self.model.modals.push(Modal::Credential { conn, serial, on_yes: false });
        }
    }

    /// An action in the window about a credential. False if the window has no use for it.
    pub(super) fn credential_act(&mut self, action: Action) -> bool {
        let Some(Modal::Credential { on_yes, .. }) = self.model.modals.last_mut() else {
            return false;
        };
        let yes = *on_yes;
        let switched = matches!(
            action,
            Action::Left
                | Action::Right
                | Action::Up
                | Action::Down
                | Action::NextPane
                | Action::PreviousPane
        );
        // Another tab may be worked on meanwhile; the window comes back with this one.
        if matches!(action, Action::NextTab | Action::PreviousTab) {
            return false;
        }
        let front = self.model.tab().conn.credential.dialogues.front();
        match front.map(|dialogue| dialogue.matter.clone()) {
            Some(Matter::Command { id, .. }) => match action {
                _ if switched => {
                    if let Some(Modal::Credential { on_yes, .. }) = self.model.modals.last_mut() {
                        *on_yes = !yes;
                    }
                }
                Action::Submit => self.answer_command(id, yes),
                Action::Cancel => self.answer_command(id, false),
                _ => {}
            },
            Some(Matter::Agree { .. }) => match action {
                Action::Submit | Action::Copy => self.copy_for_page(true),
                Action::Cancel => {
                    self.tab().conn.credential.through();
                    self.disconnect();
                }
                _ => {}
            },
            None => {}
        }
        true
    }

    /// A letter in that window. A question is not answered by one: it comes by itself, in the
    /// middle of somebody's typing.
    pub(super) fn credential_letter(&mut self, c: char) {
        match c.to_ascii_lowercase() {
            'c' => self.copy_for_page(true),
            'u' => self.copy_for_page(false),
            _ => {}
        }
    }

    fn answer_command(&mut self, question: u64, yes: bool) {
        self.effects.push(Effect::Answer { question, yes });
        self.tab().conn.credential.dialogues.retain(
            |dialogue| !matches!(dialogue.matter, Matter::Command { id, .. } if id == question),
        );
    }

    /// The code, or without one and if not wanted the address, goes to the clipboard.
    fn copy_for_page(&mut self, code_first: bool) {
        let front = self.model.tab().conn.credential.dialogues.front();
        let Some(Matter::Agree { page, whole, code, .. }) = front.map(|d| &d.matter) else {
            return;
        };
        let effect = match code {
            Some(code) if code_first => {
                Effect::Copy { text: code.clone(), what: "The code".into() }
            }
            _ => Effect::Copy {
                text: whole.clone().unwrap_or_else(|| page.clone()),
                what: "The address".into(),
            },
        };
        self.effects.push(effect);
    }

    /// Says once when the credential of an open connection is about to end, and once when it has.
    pub(super) fn due_endings(&mut self) {
        let now = self.now;
        let mut words = None;
        for (index, tab) in self.model.tabs.iter_mut().enumerate() {
            let near = tab.open_until().and_then(|expires| ending(expires, now));
            if near <= tab.conn.credential.told {
                continue;
            }
            tab.conn.credential.told = near;
            let title = if index == self.model.active {
                "this connection".to_owned()
            } else {
                format!("“{}”", tab.title())
            };
            words = Some(match near {
                Some(Ending::Soon) => format!(
                    "The credential of {title} ends within 5 minutes; connecting anew gets another."
                ),
                _ => format!(
                    "The credential of {title} has ended; the server may close it. Connecting anew \
                     gets another."
                ),
            });
        }
        if let Some(words) = words {
            self.say(Level::Warning, words);
        }
    }
}
