//! The credential of an attempt on its way.

use super::Cx;
use crate::app::effect::Effect;
use crate::app::model::TabId;
use crate::app::msg::CredentialNews;
use crate::core::stage::ConnId;

impl Cx<'_> {
    /// Takes news of the credential of an attempt; those of an old one are not shown, and its
    /// questions are answered with no.
    pub(super) fn credential(&mut self, tab: TabId, conn: ConnId, news: CredentialNews) {
        let current = self.place(tab, conn).is_some();
        match news {
            CredentialNews::Question { id, .. } if !current => {
                self.effects.push(Effect::Answer { question: id, yes: false });
            }
            CredentialNews::Question { id, .. } => {
                self.effects.push(Effect::Answer { question: id, yes: false });
            }
            CredentialNews::Notice(_) => {}
        }
    }
}
