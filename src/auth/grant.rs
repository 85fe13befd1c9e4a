//! Credentials that are not in the fields and must be got from elsewhere first: what to ask for,
//! and what is got.
//!
//! A way says what it asks for ([`super::Way::ask`]) and is done again with the [`Grant`]. The
//! asking itself needs network, files or a person, and is the business of `credentials`.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use crate::core::credential::GrantFacts;
use crate::core::secret::Secret;
use crate::core::time::Micros;

/// A credential that was got.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Grant {
    /// The credential itself: an access token. It is masked wherever it comes up, as are all
    /// parts; what is no secret belongs to the facts.
    pub value: Secret,
    /// More that belongs to it, by name: `refresh-token`, `secret-key`, `session-token`.
    pub more: BTreeMap<String, Secret>,
    /// What may be told of it.
    pub facts: GrantFacts,
}

impl Grant {
    /// A fact by name; empty if it is not there.
    #[must_use]
    pub fn fact(&self, name: &str) -> &str {
        let found = self.facts.more.iter().find(|(known, _)| known == name);
        found.map_or("", |(_, value)| value)
    }

    /// A further part; empty if it is not there.
    #[must_use]
    pub fn part(&self, name: &str) -> &str {
        self.more.get(name).map_or("", Secret::expose)
    }

    /// Whether it is good for at least `margin_s` seconds more.
    #[must_use]
    pub fn is_good(&self, now: Micros, margin_s: u64) -> bool {
        self.facts.expires.is_none_or(|end| now.0.saturating_add(margin_s * 1_000_000) < end.0)
    }
}

/// What to ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ask {
    /// A token of Huawei Cloud's IAM by user name and password (`POST /v3/auth/tokens`).
    HuaweiToken(HuaweiTokenAsk),
    OAuth2(Box<OAuth2Ask>),
    /// Keys of AWS from the usual variables and files. The grant's value is the secret key, its
    /// part `session-token` that of temporary keys; the id of the key is among its facts as
    /// `access-key`, and the region, if one is set, as `region`.
    AwsKeys {
        /// Name of the profile; empty for `AWS_PROFILE`, then `default`.
        profile: String,
    },
    /// The challenge of a digest (RFC 7616 section 3.3), by an attempt without credentials. It is
    /// no secret and stands among the grant's facts as `challenge`: `Digest realm=…`.
    DigestChallenge {
        /// The address as typed, which the challenge belongs to.
        url: String,
        user: String,
    },
    /// Cookies of a login over HTTP. The grant's parts are the cookies by name.
    Login(LoginAsk),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HuaweiTokenAsk {
    /// Whole address of the token call.
    pub url: String,
    /// Name of the account.
    pub domain: String,
    pub user: String,
    pub password: Secret,
    /// Name of the project (often the region) that the token is for; empty for one of the whole
    /// account.
    pub project: String,
}

/// How an OAuth 2.0 token is got (RFC 6749, RFC 8628).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OAuth2Flow {
    ClientCredentials,
    DeviceCode,
    /// With PKCE (RFC 7636) and an answer to a port of ours on loopback (RFC 8252).
    AuthorizationCode,
    /// A refresh token that the user has.
    RefreshToken,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OAuth2Ask {
    pub flow: OAuth2Flow,
    pub token_url: String,
    /// Authorization endpoint, or for device codes the device authorization endpoint.
    pub authorize_url: String,
    pub client_id: String,
    /// Empty for a public client.
    pub client_secret: Secret,
    /// Whether id and secret go in the body instead of a Basic header (RFC 6749 section 2.3.1).
    pub secret_in_body: bool,
    pub scopes: Vec<String>,
    /// Further parameters of the requests: `audience`, `resource`.
    pub more: Vec<(String, String)>,
    /// Port of the loopback listener; 0 for any.
    pub redirect_port: u16,
    pub refresh_token: Secret,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoginAsk {
    pub url: String,
    pub method: String,
    pub content_type: String,
    /// User name and password filled in already.
    pub body: Secret,
}

impl Ask {
    /// For a sentence: `a token from https://iam.example/v3/auth/tokens`.
    #[must_use]
    pub fn what(&self) -> String {
        match self {
            Ask::HuaweiToken(ask) => format!("a token from {}", ask.url),
            Ask::OAuth2(ask) => format!("a token from {}", ask.token_url),
            Ask::AwsKeys { profile } if profile.is_empty() => {
                "keys from the variables and files of AWS".into()
            }
            Ask::AwsKeys { profile } => format!("keys of the AWS profile {profile}"),
            Ask::DigestChallenge { .. } => "the server's challenge".into(),
            Ask::Login(ask) => format!("cookies from {}", ask.url),
        }
    }

    /// Names what is asked for, so that a grant can be kept and found again. It is a digest, from
    /// which no secret can be read; another password asks for another grant.
    #[must_use]
    pub fn id(&self) -> String {
        let mut hash = Sha256::new();
        let mut put = |text: &str| {
            hash.update((text.len() as u64).to_be_bytes());
            hash.update(text.as_bytes());
        };
        match self {
            Ask::HuaweiToken(ask) => {
                let HuaweiTokenAsk { url, domain, user, password, project } = ask;
                for text in ["iam", url, domain, user, password.expose(), project] {
                    put(text);
                }
            }
            Ask::OAuth2(ask) => {
                let flow = match ask.flow {
                    OAuth2Flow::ClientCredentials => "client",
                    OAuth2Flow::DeviceCode => "device",
                    OAuth2Flow::AuthorizationCode => "code",
                    OAuth2Flow::RefreshToken => "refresh",
                };
                let (secret, refresh) = (ask.client_secret.expose(), ask.refresh_token.expose());
                for text in [
                    "oauth2",
                    flow,
                    &ask.token_url,
                    &ask.authorize_url,
                    &ask.client_id,
                    secret,
                    refresh,
                    &ask.scopes.join(" "),
                ] {
                    put(text);
                }
                for (name, value) in &ask.more {
                    put(name);
                    put(value);
                }
            }
            Ask::AwsKeys { profile } => {
                put("aws");
                put(profile);
            }
            Ask::DigestChallenge { url, user } => {
                put("digest");
                put(url);
                put(user);
            }
            Ask::Login(ask) => {
                let LoginAsk { url, method, content_type, body } = ask;
                for text in ["login", url, method, content_type, body.expose()] {
                    put(text);
                }
            }
        }
        hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Whether the grant is worth keeping on disk until it expires, so that the next run of the
    /// program need not ask again. Keys in files are read anew instead, and a challenge is of use
    /// to one server for minutes.
    #[must_use]
    pub fn is_kept(&self) -> bool {
        matches!(self, Ask::HuaweiToken(_) | Ask::OAuth2(_) | Ask::Login(_))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(password: &str, project: &str) -> Ask {
        Ask::HuaweiToken(HuaweiTokenAsk {
            url: "https://iam.example/v3/auth/tokens".into(),
            domain: "d".into(),
            user: "u".into(),
            password: password.into(),
            project: project.into(),
        })
    }

    #[test]
    fn another_password_asks_for_another_grant() {
        assert_eq!(ask("a", "p").id(), ask("a", "p").id());
        assert_ne!(ask("a", "p").id(), ask("b", "p").id());
        // Where one text ends and the next begins counts.
        assert_ne!(ask("ab", "c").id(), ask("a", "bc").id());
        assert!(!ask("hunter2", "p").id().contains("hunter2"));
    }

    #[test]
    fn a_grant_ends_a_little_early() {
        let mut grant = Grant::default();
        assert!(grant.is_good(Micros(u64::MAX), 60));
        grant.facts.expires = Some(Micros(100_000_000));
        assert!(grant.is_good(Micros(39_000_000), 60));
        assert!(!grant.is_good(Micros(40_000_000), 60));
    }
}
