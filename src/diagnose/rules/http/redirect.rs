//! Redirects. They are never followed by themselves, since credentials would go along.

use crate::core::change::Change;
use crate::core::evidence::{Evidence, ReplyFacts};
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
    Some(
        certain("The server redirects to https, so this address should be wss://.")
            .because(target.seen())
            .hint("Switch the address to wss://.")
            .fix("Switch to wss://", Change::SetScheme { scheme: Scheme::Wss }),
    )
}

pub(super) fn path(e: &Evidence) -> Option<Draft> {
    let target = target(e)?;
    let path = target.path.split(['?', '#']).next().unwrap_or_default();
    (target.same_host(e) && !target.is_upgrade(e) && path.starts_with('/')).then_some(())?;
    Some(
        certain(format!("The server wants the path {}.", words::said_in(path, 80)))
            .because(target.seen())
            .because("Frameworks often add or take away the slash at the end.")
            .hint("Use that path.")
            .fix(
                format!("Use the path {}", words::name(path)),
                Change::SetPath { path: path.into() },
            ),
    )
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
    Some(if plain && port.is_none() && !see::has_credentials(e) {
        draft.fix(format!("Use {name}"), Change::SetHost { host: name.into() })
    } else {
        draft
    })
}
