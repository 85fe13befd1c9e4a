//! Redirects. They are shown, and followed only if the user asks for it; credentials never go to
//! another host.

use crate::core::change::Change;
use crate::core::evidence::{Evidence, HttpProblem, ReplyFacts};
use crate::core::url::Scheme;
use crate::diagnose::draft::{Draft, certain, likely};
use crate::diagnose::{see, words};

/// Where a redirect leads.
struct Target<'a> {
    reply: &'a ReplyFacts,
    location: &'a str,
    /// `https`, in lower case; empty for a relative one.
    scheme: String,
    /// Host with its port as it stands there; empty for a relative one.
    host: &'a str,
    path: &'a str,
}

fn target(e: &Evidence) -> Option<Target<'_>> {
    let reply = see::status(e, &[301, 302, 303, 307, 308])?;
    let location = reply.header("location")?.trim();
    (!location.is_empty() && location.bytes().all(|b| b.is_ascii_graphic())).then_some(())?;
    let (scheme, rest) = match location.split_once("://") {
        Some((scheme, rest)) => (scheme.to_ascii_lowercase(), rest),
        None => match location.strip_prefix("//") {
            Some(rest) => (String::new(), rest),
            None => {
                return Some(Target {
                    reply,
                    location,
                    scheme: String::new(),
                    host: "",
                    path: location,
                });
            }
        },
    };
    let (host, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    Some(Target { reply, location, scheme, host, path })
}

impl Target<'_> {
    fn same_host(&self, e: &Evidence) -> bool {
        let name = self.host.split(':').next().unwrap_or_default();
        self.host.is_empty() || name.eq_ignore_ascii_case(&e.request.host)
    }

    /// Whether it leads from plain to TLS.
    fn is_upgrade(&self, e: &Evidence) -> bool {
        !see::is_wss(e) && matches!(self.scheme.as_str(), "https" | "wss")
    }

    /// Offers to follow it. After hops that were followed already the changes that a rule knows
    /// for the typed address no longer fit, so that this is all there is.
    fn follow(&self, e: &Evidence, draft: Draft) -> Draft {
        let at_most = u32::try_from(e.redirects.len()).unwrap_or(u32::MAX).saturating_add(1);
        let label = if self.same_place(e) || !see::has_credentials(e) {
            "Follow it"
        } else {
            "Follow this redirect without credentials"
        };
        draft.fix(label, Change::FollowRedirects { at_most })
    }

    /// Whether credentials may go there, as following decides it: same host and port, and no
    /// weaker scheme.
    fn same_place(&self, e: &Evidence) -> bool {
        if self.host.is_empty() {
            return true;
        }
        let is_tls = match self.scheme.as_str() {
            "" => see::is_wss(e),
            scheme => matches!(scheme, "https" | "wss"),
        };
        let authority = self.host.rsplit('@').next().unwrap_or_default();
        let (name, port) = match authority.rsplit_once(':') {
            Some((name, port)) if !port.contains(']') => (name, port.parse().ok()),
            _ => (authority, Some(if is_tls { 443 } else { 80 })),
        };
        name.trim_matches(['[', ']']).eq_ignore_ascii_case(&e.request.host)
            && port == Some(e.request.port)
            && (is_tls || !see::is_wss(e))
    }

    fn seen(&self) -> String {
        format!(
            "It answered {} with the location {}.",
            self.reply.status,
            words::said_in(self.location, 120)
        )
    }
}

pub(super) fn to_https(e: &Evidence) -> Option<Draft> {
    let target = target(e)?;
    (target.same_host(e) && target.is_upgrade(e)).then_some(())?;
    let mut draft = certain("The server redirects to https, so this address should be wss://.")
        .because(target.seen())
        .hint("Switch the address to wss://.");
    if e.redirects.is_empty() {
        draft = draft.fix("Switch to wss://", Change::SetScheme { scheme: Scheme::Wss });
    }
    Some(target.follow(e, draft))
}

pub(super) fn path(e: &Evidence) -> Option<Draft> {
    let target = target(e)?;
    let path = target.path.split(['?', '#']).next().unwrap_or_default();
    (target.same_host(e) && !target.is_upgrade(e) && path.starts_with('/')).then_some(())?;
    let mut draft = certain(format!("The server wants the path {}.", words::said_in(path, 80)))
        .because(target.seen())
        .because("Frameworks often add or take away the slash at the end.")
        .hint("Use that path.");
    if e.redirects.is_empty() {
        let label = format!("Use the path {}", words::name(path));
        draft = draft.fix(label, Change::SetPath { path: path.into() });
    }
    Some(target.follow(e, draft))
}

const LOGINS: &[&str] = &[
    "/login",
    "/signin",
    "/sign-in",
    "/sign_in",
    "/oauth",
    "/sso",
    "/saml",
    "/auth/",
    "accounts.",
    "login.",
    "cloudflareaccess.com",
    "/users/sign",
];

pub(super) fn login(e: &Evidence) -> Option<Draft> {
    let target = target(e)?;
    let lower = target.location.to_lowercase();
    LOGINS.iter().any(|word| lower.contains(word)).then_some(())?;
    Some(
        likely("You are not logged in; the server sends you to its login page.")
            .because(target.seen())
            .hint("Send the session cookie or the token of a login.")
            .hint("Renew the login in the browser, and copy its Cookie header anew."),
    )
}

pub(super) fn other_host(e: &Evidence) -> Option<Draft> {
    let target = target(e)?;
    (!target.same_host(e)).then_some(())?;
    let (name, port) = match target.host.rsplit_once(':') {
        Some((name, port)) => (name, port.parse::<u16>().ok()),
        None => (target.host, None),
    };
    let draft =
        certain(format!("The server sends you to the host {}.", words::said_in(target.host, 80)))
            .because(target.seen())
            .because(if see::has_credentials(e) {
                "Credentials are not taken along by themselves: the other host would get them."
            } else {
                ""
            })
            .hint("Connect to that host if you trust it with what the request holds.")
            .hint("Remove credentials that belong to the first host only.");
    let plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.' || b == b'-');
    let draft = if plain && port.is_none() && !see::has_credentials(e) && e.redirects.is_empty() {
        draft.fix(format!("Use {name}"), Change::SetHost { host: name.into() })
    } else {
        draft
    };
    let can_follow = matches!(target.scheme.as_str(), "" | "http" | "https" | "ws" | "wss");
    Some(if can_follow { target.follow(e, draft) } else { draft })
}

/// Redirects that were followed before one speaks of a circle, where no address came twice: they
/// may differ in a counter.
const MANY: usize = 5;

pub(super) fn circle(e: &Evidence) -> Option<Draft> {
    let again = matches!(see::http(e), Some((HttpProblem::RedirectLoop, _)));
    let target = target(e)?;
    let draft = if again {
        certain("The server redirects in a circle.")
            .because(target.seen())
            .because("That address has been asked before, and redirected as well.")
    } else if e.redirects.len() >= MANY {
        likely(format!("The server has redirected {} times and goes on.", e.redirects.len() + 1))
            .because(target.seen())
    } else {
        return None;
    };
    let hops: Vec<&str> = e.redirects.iter().map(|hop| hop.to.as_str()).collect();
    let draft = if hops.is_empty() {
        draft
    } else {
        draft.because(format!("The way was {}.", words::names(&hops, 4)))
    };
    Some(
        draft
            .hint("Check X-Forwarded-Proto at the proxy before the server: without it a server that wants https sends everybody there again.")
            .hint("Try the last address of the way by itself.")
            .hint("Send the cookie that the server sets with its redirect, if it sets one."),
    )
}
