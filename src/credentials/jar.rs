//! The cookie jar (RFC 6265): cookies that replies and logins have set, and which of them go along.
//!
//! A `ws://` address counts as its `http://` form, `wss://` as `https://`, as browsers have it. The
//! file is JSON, readable by its owner only. Cookies for a whole top-level domain are not taken;
//! there is no list of public suffixes behind this, so those of `co.uk` would be.

use std::io::BufReader;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use cookie_store::{CookieExpiration, CookieStore, RawCookie};
use url::Url;

use crate::core::secret::Secret;
use crate::core::time::Micros;
use crate::core::url::UrlProblem;
use crate::store;

/// Cookies that are kept, as browsers bound them.
const MOST: usize = 3_000;

/// Longest line that is taken (RFC 6265 section 6.1 asks for at least this much).
const LONGEST: usize = 8 * 1024;

/// Far more than [`MOST`] usual ones.
const LARGEST_FILE: u64 = 32 * 1024 * 1024;

/// What may be told of a cookie; its value is a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CookieFacts {
    pub name: String,
    /// The host, or the domain with all hosts under it.
    pub domain: String,
    pub path: String,
    /// Goes over `wss://` only.
    pub secure: bool,
    pub http_only: bool,
    /// `None` for one of a session.
    pub expires: Option<Micros>,
    /// Length of the value in bytes.
    pub bytes: usize,
}

/// One jar; the file is read at its first use.
#[derive(Default)]
pub(super) struct Jar {
    file: Option<PathBuf>,
    store: Mutex<Option<CookieStore>>,
}

impl std::fmt::Debug for Jar {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Jar").field("file", &self.file).finish_non_exhaustive()
    }
}

impl Jar {
    pub(super) fn new(file: Option<PathBuf>) -> Jar {
        Jar { file, ..Jar::default() }
    }

    /// The cookies for an address, longest path first (RFC 6265 section 5.4).
    ///
    /// # Errors
    /// If the file is there and is no jar.
    pub(super) fn matching(&self, address: &str) -> Result<Vec<(String, Secret)>, UrlProblem> {
        let Some(address) = http_form(address) else { return Ok(Vec::new()) };
        self.with(|store| {
            let mut found = store.matches(&address);
            found.sort_by_key(|cookie| std::cmp::Reverse(cookie.path.as_ref().len()));
            let pairs = found.iter().filter(|cookie| is_sendable(cookie.value()));
            pairs.map(|c| (c.name().to_owned(), Secret::from(c.value()))).collect()
        })
    }

    /// Keeps what a reply from that address has set.
    pub(super) fn take(&self, address: &str, lines: &[Secret]) {
        let Some(address) = http_form(address) else { return };
        let host = address.host_str().unwrap_or_default().to_owned();
        let taken = self.with(|store| {
            let mut changed = false;
            for line in lines.iter().map(Secret::expose).filter(|line| line.len() <= LONGEST) {
                let Ok(cookie) = RawCookie::parse(line) else { continue };
                let domain = cookie.domain().unwrap_or_default().trim_start_matches('.');
                let is_top = !domain.is_empty() && !domain.trim_end_matches('.').contains('.');
                if is_top && !domain.eq_ignore_ascii_case(&host) {
                    continue;
                }
                let room = store.iter_any().count() < MOST;
                // One that was refused (another domain, a scheme that it is not for) is left out.
                changed |= room && store.insert_raw(&cookie, &address).is_ok();
            }
            changed
        });
        if let Ok(true) = taken {
            self.save();
        }
    }

    /// All that are in it, by domain.
    pub(super) fn facts(&self) -> Vec<CookieFacts> {
        let facts = self.with(|store| store.iter_unexpired().map(facts_of).collect::<Vec<_>>());
        let mut facts = facts.unwrap_or_default();
        facts.sort_by(|a, b| (&a.domain, &a.path, &a.name).cmp(&(&b.domain, &b.path, &b.name)));
        facts
    }

    /// Takes out those that are picked; gives how many they were.
    pub(super) fn forget(&self, picked: impl Fn(&CookieFacts) -> bool) -> usize {
        let gone = self.with(|store| {
            let all: Vec<CookieFacts> = store.iter_any().map(facts_of).collect();
            let picked = all.iter().filter(|facts| picked(facts));
            picked.filter(|c| store.remove(&c.domain, &c.path, &c.name).is_some()).count()
        });
        let gone = gone.unwrap_or_default();
        if gone > 0 {
            self.save();
        }
        gone
    }

    fn with<T>(&self, look: impl FnOnce(&mut CookieStore) -> T) -> Result<T, UrlProblem> {
        let mut store = self.store.lock().unwrap_or_else(PoisonError::into_inner);
        let store = match &mut *store {
            Some(store) => store,
            empty => empty.insert(self.load()?),
        };
        Ok(look(store))
    }

    fn load(&self) -> Result<CookieStore, UrlProblem> {
        let Some(path) = &self.file else { return Ok(CookieStore::default()) };
        let bad = |why: String| UrlProblem::File {
            why: format!("the cookie jar {} {why}", path.display()),
        };
        let meta = match std::fs::metadata(path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Ok(CookieStore::default());
            }
            other => other.map_err(|error| bad(format!("cannot be read: {error}")))?,
        };
        if !meta.is_file() || meta.len() > LARGEST_FILE {
            return Err(bad("cannot be read: it is no small regular file".into()));
        }
        if meta.len() == 0 {
            return Ok(CookieStore::default());
        }
        let file =
            std::fs::File::open(path).map_err(|error| bad(format!("cannot be read: {error}")))?;
        // The parser's words may quote a cookie.
        cookie_store::serde::json::load_all(BufReader::new(file)).map_err(|_| {
            bad("is not as wsdeck writes it; name another file, or remove this one".into())
        })
    }

    /// That it cannot be written is no reason to end a connection.
    fn save(&self) {
        let Some(file) = &self.file else { return };
        let text = self.with(|store| {
            let ended: Vec<CookieFacts> =
                store.iter_any().filter(|cookie| cookie.is_expired()).map(facts_of).collect();
            for cookie in ended {
                store.remove(&cookie.domain, &cookie.path, &cookie.name);
            }
            let mut text = zeroize::Zeroizing::new(Vec::new());
            cookie_store::serde::json::save_incl_expired_and_nonpersistent(store, &mut *text)
                .map(|()| text)
        });
        let Ok(Ok(text)) = text else { return };
        if let Err(error) = store::write_private(file, &text) {
            tracing::warn!(%error, "cookies are kept in memory only");
        }
    }
}

fn facts_of(cookie: &cookie_store::Cookie<'static>) -> CookieFacts {
    let expires = match cookie.expires {
        CookieExpiration::SessionEnd => None,
        CookieExpiration::AtUtc(end) => {
            let end = u64::try_from(end.unix_timestamp()).unwrap_or_default();
            Some(Micros(end.saturating_mul(1_000_000)))
        }
    };
    CookieFacts {
        name: cookie.name().to_owned(),
        domain: String::from(&cookie.domain),
        path: String::from(&cookie.path),
        secure: cookie.secure().unwrap_or_default(),
        http_only: cookie.http_only().unwrap_or_default(),
        expires,
        bytes: cookie.value().len(),
    }
}

/// A value that would break the header line is not sent.
fn is_sendable(value: &str) -> bool {
    value.chars().all(|c| !c.is_control() && c != ';')
}

/// The address by which cookies go; `None` for one that has none.
fn http_form(address: &str) -> Option<Url> {
    let (scheme, rest) = address.split_once("://")?;
    let scheme = match scheme.to_ascii_lowercase().as_str() {
        "ws" | "http" => "http",
        "wss" | "https" => "https",
        _ => return None,
    };
    Url::parse(&format!("{scheme}://{rest}")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(lines: &[&str]) -> Vec<Secret> {
        lines.iter().map(|line| Secret::from(*line)).collect()
    }

    fn names(jar: &Jar, address: &str) -> Vec<String> {
        jar.matching(address).unwrap().into_iter().map(|(name, _)| name).collect()
    }

    #[test]
    fn cookies_go_where_they_belong() {
        let jar = Jar::default();
        jar.take(
            "wss://app.example.org/chat/room",
            &lines(&[
                "root=1; Path=/",
                "safe=1; Path=/; Secure",
                "deep=1; Path=/chat",
                "wide=1; Path=/; Domain=example.org",
                "gone=1; Path=/; Max-Age=0",
                "top=1; Path=/; Domain=org",
                "theirs=1; Path=/; Domain=other.org",
                "no cookie",
            ]),
        );
        let cases: &[(&str, &[&str])] = &[
            ("wss://app.example.org/chat/x?y", &["deep", "root", "safe", "wide"]),
            ("ws://app.example.org/", &["root", "wide"]),
            ("wss://app.example.org:8443/", &["root", "safe", "wide"]),
            ("wss://other.example.org/", &["wide"]),
            ("wss://other.org/", &[]),
            ("ws+unix:///tmp/x:/", &[]),
        ];
        for (address, expected) in cases {
            let mut found = names(&jar, address);
            if let Some(first) = found.first().filter(|_| address.contains("/chat/")) {
                assert_eq!(first, "deep");
            }
            found.sort();
            assert_eq!(found, *expected, "{address}");
        }
    }

    #[test]
    fn the_file_comes_back_and_holds_nothing_that_was_taken_out() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("jar.json");
        let jar = Jar::new(Some(file.clone()));
        jar.take("wss://h.example/", &lines(&["a=s3cret-value", "b=2; Max-Age=1000; HttpOnly"]));
        let next = Jar::new(Some(file.clone()));
        assert_eq!(names(&next, "wss://h.example/").len(), 2);
        let facts = next.facts();
        assert_eq!((facts[0].name.as_str(), facts[0].bytes, facts[0].expires), ("a", 12, None));
        assert!(facts[1].http_only && facts[1].expires.is_some());
        assert!(!format!("{facts:?} {next:?}").contains("s3cret"));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        }
        assert_eq!(next.forget(|cookie| cookie.name == "a"), 1);
        assert!(!std::fs::read_to_string(&file).unwrap().contains("s3cret"));
        assert_eq!(names(&Jar::new(Some(file)), "wss://h.example/"), ["b"]);
    }

    #[test]
    fn a_file_that_is_no_jar_is_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("jar");
        std::fs::write(&file, "my diary\n").unwrap();
        let jar = Jar::new(Some(file.clone()));
        let problem = jar.matching("wss://h.example/").unwrap_err().to_string();
        assert!(problem.contains("is not as wsdeck writes it"), "{problem}");
        jar.take("wss://h.example/", &lines(&["a=1"]));
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "my diary\n");
    }
}
