//! The up key in the URL line: addresses that were connected to before.

use super::Cx;
use crate::core::url;

impl Cx<'_> {
    /// Goes to the next older (or newer) address that begins as what was typed.
    pub(super) fn walk_history(&mut self, older: bool) {
        let now = self.now;
        let history = std::mem::take(&mut self.model.url_history);
        let tab = self.model.tab_mut();
        let (at, typed) = match tab.history.take() {
            Some((at, typed)) => (Some(at), typed),
            None => (None, tab.url.text()),
        };
        let fits = |entry: &String| typed.is_empty() || entry.contains(typed.trim());
        let current = tab.url.text();
        let next = if older {
            let from = at.map_or(0, |at| at + 1);
            (from..history.len()).find(|i| fits(&history[*i]) && history[*i] != current)
        } else {
            at.and_then(|at| (0..at).rev().find(|i| fits(&history[*i])))
        };
        match (next, older) {
            (Some(at), _) => {
                let text = history[at].clone();
                tab.set_url(&text);
                tab.history = Some((at, typed));
            }
            // Past the newest one stands what was typed.
            (None, false) if at.is_some() => tab.set_url(&typed),
            (None, _) => tab.history = at.map(|at| (at, typed)),
        }
        tab.refresh_preview(now);
        self.model.url_history = history;
    }

    /// Notes the address of an attempt, newest first; secrets in it are not kept.
    pub(super) fn remember_url(&mut self) {
        let typed = self.tab().draft.url.trim().to_owned();
        let kept = strip_secrets(&typed);
        self.model.url_history.retain(|entry| *entry != kept);
        self.model.url_history.push_front(kept);
        let most = self.model.settings.interface.history_size;
        self.model.url_history.truncate(most as usize);
        self.touch();
    }
}

/// The address without a password and without the values of parameters whose names say secret.
fn strip_secrets(typed: &str) -> String {
    url::masked(typed).replace(crate::core::secret::MASK, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_not_remembered() {
        assert_eq!(
            strip_secrets("wss://jo:pw@a.example/?token=abc&x=1"),
            "wss://jo:@a.example/?token=&x=1"
        );
    }
}
