//! Where the keys go: panes, and the tabs of the request part.

/// A place that can have the focus.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Pane {
    Url,
    /// The bar with Message, Params, Headers …
    Bar,
    /// What the chosen one of them shows.
    Body,
    Saved,
    Log,
    Detail,
}

impl Pane {
    /// In the order in which Tab goes through them.
    pub const ORDER: [Pane; 6] =
        [Pane::Url, Pane::Bar, Pane::Body, Pane::Saved, Pane::Log, Pane::Detail];

    /// The next one, or the one before, of those that are shown.
    #[must_use]
    pub fn step(self, forward: bool, shown: impl Fn(Pane) -> bool) -> Pane {
        let len = Self::ORDER.len();
        let start = Self::ORDER.iter().position(|pane| *pane == self).unwrap_or(0);
        (1..=len)
            .map(|n| Self::ORDER[if forward { (start + n) % len } else { (start + len - n) % len }])
            .find(|pane| shown(*pane))
            .unwrap_or(self)
    }
}

/// The tabs of the request part.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum RequestTab {
    #[default]
    Message,
    Params,
    Headers,
    Auth,
    Settings,
    Handshake,
}

impl RequestTab {
    pub const ALL: [RequestTab; 6] = [
        RequestTab::Message,
        RequestTab::Params,
        RequestTab::Headers,
        RequestTab::Auth,
        RequestTab::Settings,
        RequestTab::Handshake,
    ];

    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            RequestTab::Message => "Message",
            RequestTab::Params => "Params",
            RequestTab::Headers => "Headers",
            RequestTab::Auth => "Auth",
            RequestTab::Settings => "Settings",
            RequestTab::Handshake => "Handshake",
        }
    }

    /// The neighbour to the right or left; stays at the ends.
    #[must_use]
    pub fn step(self, forward: bool) -> RequestTab {
        let at = Self::ALL.iter().position(|tab| *tab == self).unwrap_or(0);
        let next = if forward { (at + 1).min(Self::ALL.len() - 1) } else { at.saturating_sub(1) };
        Self::ALL[next]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stepping_goes_round_and_leaves_out_what_is_hidden() {
        let shown = |pane| pane != Pane::Saved && pane != Pane::Detail;
        let mut pane = Pane::Url;
        let mut seen = Vec::new();
        for _ in 0..4 {
            pane = pane.step(true, shown);
            seen.push(pane);
        }
        assert_eq!(seen, [Pane::Bar, Pane::Body, Pane::Log, Pane::Url]);
        assert_eq!(Pane::Url.step(false, shown), Pane::Log);
        assert_eq!(Pane::Url.step(true, |_| false), Pane::Url);
    }
}
