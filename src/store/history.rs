//! Addresses used before, for the up key of the address line.

use super::secrets::without_secrets;

/// Most addresses that are kept.
const LIMIT: usize = 500;

/// Longest address that is kept, in bytes.
const LONGEST: usize = 8 * 1024;

/// Addresses, the most recent one first, each once, none with a secret.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    urls: Vec<String>,
}

impl History {
    /// Takes note of an address as typed. Passwords and the values of parameters whose names say
    /// secret are left out.
    pub fn add(&mut self, url: &str) {
        let url = without_secrets(url.trim());
        if url.is_empty() || url.len() > LONGEST {
            return;
        }
        self.urls.retain(|old| *old != url);
        self.urls.insert(0, url);
        self.urls.truncate(LIMIT);
    }

    /// The most recent one first.
    #[must_use]
    pub fn urls(&self) -> &[String] {
        &self.urls
    }

    /// A history of these addresses, the most recent one first.
    #[must_use]
    pub fn from_urls<S: AsRef<str>>(urls: impl IntoIterator<Item = S>) -> History {
        let mut history = History::default();
        for url in urls {
            let url = without_secrets(url.as_ref().trim());
            let is_new = !url.is_empty() && url.len() <= LONGEST && !history.urls.contains(&url);
            if is_new && history.urls.len() < LIMIT {
                history.urls.push(url);
            }
        }
        history
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn most_recent_first_each_once_and_bounded() {
        let mut history = History::default();
        for n in 0..600 {
            history.add(&format!("ws://a/{n}"));
        }
        history.add(" ws://a/300 ");
        history.add("");
        assert_eq!(history.urls().len(), LIMIT);
        assert_eq!(history.urls()[..2], ["ws://a/300", "ws://a/599"]);
        assert_eq!(History::from_urls(history.urls()), history);
    }

    #[test]
    fn secrets_are_left_out() {
        let mut history = History::default();
        history.add("wss://me:hunter2@a.example/x?stream=1&access_token=hunter2&y");
        assert_eq!(history.urls(), ["wss://me@a.example/x?stream=1&access_token=&y"]);
    }
}
