//! AWS Signature Version 4: as headers, or as a presigned address.
//!
//! AWS's own crate makes the signature. It does not tell what it signed, so [`canonical`] writes
//! that down a second time, and a test holds the two against each other.

mod canonical;
mod host;

use std::borrow::Cow;
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{
    SessionTokenMode, SignableBody, SignableRequest, SignatureLocation, SigningParams,
    SigningSettings, sign,
};
use aws_sigv4::sign::v4;

use super::credential::{Credential, only};
use super::place::LATER;
use super::{About, Ask, AuthProblem, Context, Field, Group, Values, Way, template};
use crate::core::request::{AuthContribution, AuthHeader, Signing};
use crate::core::secret::Secret;
use crate::core::url::Scheme;
use canonical::{Parts, encode};

#[derive(Debug)]
pub(super) struct AwsSigV4;

/// The last second that has a date of four digits, which the signature's date needs.
const LAST_SECOND: u64 = 253_402_300_799;

/// The longest that AWS lets a presigned address last, in seconds: seven days.
const LONGEST: u64 = 604_800;

/// The header, and with other letters the parameter, of a session token.
const TOKEN_HEADER: &str = "X-Amz-Security-Token";

impl Way for AwsSigV4 {
    fn about(&self) -> &'static About {
        const ABOUT: About = About {
            kind: "aws-sigv4",
            label: "AWS Signature V4",
            summary: "Signs the handshake as AWS wants it (API Gateway, IoT Core, Bedrock …), in \
                      headers or in the query.",
            group: Group::Cloud,
            fields: &[
                Field {
                    help: "Keys that stand here, or those of AWS's own variables and files.",
                    ..Field::choice("source", "Keys from", &["keys", "profile"], "keys")
                },
                Field {
                    placeholder: "default",
                    help: "Name of the profile in ~/.aws; empty for AWS's variables, then \
                           AWS_PROFILE, then default.",
                    ..Field::text("profile", "Profile").optional()
                },
                Field {
                    placeholder: "AKIA…",
                    help: "Id of the access key; it is no secret.",
                    ..Field::text("access-key", "Access key id")
                },
                Field {
                    help: "The secret access key.",
                    ..Field::secret("secret-key", "Secret access key")
                },
                Field {
                    help: "For temporary keys (their ids begin with ASIA).",
                    ..Field::secret("session-token", "Session token").optional()
                },
                Field {
                    placeholder: "eu-west-1",
                    help: "If it is not in the host's name or in the profile.",
                    ..Field::text("region", "Region").optional()
                },
                Field {
                    placeholder: "execute-api",
                    help: "Name of the service in signatures: execute-api, iotdevicegateway, \
                           bedrock; if it is empty, a guess from the host's name.",
                    ..Field::text("service", "Service").optional()
                },
                Field {
                    help: "Headers, or a presigned address as browsers use it.",
                    ..Field::choice("in", "In", &["header", "query"], "header")
                },
                Field {
                    default: "300",
                    help: "Seconds for which a presigned address is good, at most 604800.",
                    ..Field::text("expires", "Expires").optional()
                },
            ],
        };
        &ABOUT
    }

    fn applies(&self, field: &Field, values: &Values<'_>) -> bool {
        match field.name {
            "profile" => values.get("source") == "profile",
            "access-key" | "secret-key" | "session-token" => values.get("source") == "keys",
            "expires" => values.get("in") == "query",
            _ => true,
        }
    }

    fn ask(&self, values: &Values<'_>, _: &Context<'_>) -> Result<Option<Ask>, AuthProblem> {
        Ok((values.get("source") == "profile")
            .then(|| Ask::AwsKeys { profile: values.get("profile").trim().to_owned() }))
    }

    fn contribute(
        &self,
        values: &Values<'_>,
        ctx: &Context<'_>,
    ) -> Result<AuthContribution, AuthProblem> {
        let mut out = AuthContribution::default();
        let keys = Keys::read(values, ctx, self.label(), &mut out)?;
        let address = ctx.address()?;
        let guess = host::guess(&address.host);
        let mut choose = |field: &str, fact: &str, guessed: Option<&str>| {
            let typed = values.get(field).trim();
            if !typed.is_empty() {
                return Some(typed.to_owned());
            }
            if let Some(guessed) = guessed {
                out.notes.push(format!("the {field} {guessed} is taken from the host's name"));
                return Some(guessed.to_owned());
            }
            Some(fact.to_owned()).filter(|fact| !fact.is_empty())
        };
        let profiles = ctx.grant.map_or("", |grant| grant.fact("region"));
        let region = choose("region", profiles, guess.map(|guess| guess.region));
        let service = choose("service", "execute-api", guess.map(|guess| guess.service));
        let region = match (region, &out.pending) {
            (Some(region), _) => region,
            // The profile may name one.
            (None, Some(_)) => "‹region of the profile›".into(),
            (None, None) => {
                return Err(AuthProblem::Missing { label: "Region", way: self.label() });
            }
        };
        let service = service.unwrap_or_default();
        let scope_char = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '*');
        only(&service, "service", "a signature's scope", scope_char)?;
        if !template::is_later(&region) {
            only(&region, "region", "a signature's scope", scope_char)?;
        }
        if address.target.contains('+') && address.target.contains('?') {
            out.notes.push(
                "a + in the query is signed as a blank (%20); write %2B if a plus is meant".into(),
            );
        }
        let expires = match values.get("in") {
            "query" => Some(read_expires(values.get("expires").trim())?),
            _ => None,
        };
        let at = ctx.now.0 / 1_000_000;
        let request = Request {
            scheme: if address.scheme == Scheme::Wss { "https" } else { "http" },
            authority: address.host_header(),
            target: &address.target,
            headers: headers(ctx),
            second: at.min(LAST_SECOND),
            region,
            sign_token: service != "iotdevicegateway",
            service,
            expires,
        };
        request.sign(&keys, &mut out)?;
        if let Some(expires) = expires {
            out.expires = Some(crate::core::time::Micros(
                at.saturating_add(expires).saturating_mul(1_000_000),
            ));
        }
        Ok(out)
    }
}

/// What signs. A part that is a reference in a preview stands as such.
struct Keys {
    access: String,
    secret: Secret,
    token: Secret,
    /// Whether the signature can be computed.
    is_here: bool,
}

impl Keys {
    fn read(
        values: &Values<'_>,
        ctx: &Context<'_>,
        way: &'static str,
        out: &mut AuthContribution,
    ) -> Result<Keys, AuthProblem> {
        let (access, secret, token) = match (values.get("source"), ctx.grant) {
            ("profile", None) => {
                out.pending =
                    Some("the keys, which are read from AWS's files at connecting".into());
                let access = "‹access key of the profile›".into();
                let secret = "‹secret key of the profile›".into();
                return Ok(Keys { access, secret, token: Secret::default(), is_here: false });
            }
            ("profile", Some(grant)) => {
                (grant.fact("access-key"), grant.value.expose(), grant.part("session-token"))
            }
            _ => (values.get("access-key"), values.get("secret-key"), values.get("session-token")),
        };
        let mut read = |what, text| {
            let (text, notes) = Credential::read(what, text).unquote().finish(way)?;
            out.notes.extend(notes);
            Ok::<String, AuthProblem>(text.to_owned())
        };
        let access = read("access key id", access)?;
        let secret = read("secret access key", secret)?;
        let token =
            if token.trim().is_empty() { String::new() } else { read("session token", token)? };
        for (what, text) in
            [("access key id", &access), ("secret access key", &secret), ("session token", &token)]
        {
            if !template::is_later(text) {
                only(text, what, "a key of AWS", |c| c.is_ascii_graphic())?;
            }
        }
        let is_here = ![&access, &secret, &token].into_iter().any(|text| template::is_later(text));
        Ok(Keys { access, secret: secret.into(), token: token.into(), is_here })
    }
}

fn read_expires(text: &str) -> Result<u64, AuthProblem> {
    text.parse().ok().filter(|seconds| (1..=LONGEST).contains(seconds)).ok_or_else(|| {
        AuthProblem::Value {
            label: "the time after which it expires",
            why: format!("is no number of seconds from 1 to {LONGEST}"),
        }
    })
}

/// The headers that are signed beside those of the signature: `Host` and every `X-Amz-…` that the
/// user sends, as AWS demands.
fn headers(ctx: &Context<'_>) -> Vec<(String, String)> {
    const NOT_SIGNED: [&str; 4] =
        ["x-amz-date", "x-amz-security-token", "x-amz-user-agent", "x-amz-checksum-mode"];
    let mut out = vec![("host".to_owned(), ctx.header("host").unwrap_or_default())];
    let inherited = ctx.request.inherited_headers.iter().map(|(row, _)| row);
    for row in inherited.chain(&ctx.request.headers).filter(|row| row.enabled) {
        let name = row.name.to_ascii_lowercase();
        if name.starts_with("x-amz-") && !NOT_SIGNED.contains(&name.as_str()) {
            out.push((name, row.value.clone()));
        }
    }
    out
}

/// One request to sign.
struct Request<'a> {
    scheme: &'static str,
    authority: String,
    target: &'a str,
    /// Names in lower case.
    headers: Vec<(String, String)>,
    second: u64,
    region: String,
    service: String,
    /// IoT Core wants the session token beside the signature and not in it.
    sign_token: bool,
    /// Seconds, for a presigned address.
    expires: Option<u64>,
}

impl Request<'_> {
    fn sign(&self, keys: &Keys, out: &mut AuthContribution) -> Result<(), AuthProblem> {
        let parts = self.parts(keys);
        let canonical_request = parts.canonical_request();
        let string_to_sign = parts.string_to_sign(&canonical_request);
        let (added, signature) = if keys.is_here {
            self.by_the_crate(keys)?
        } else {
            (self.later(&parts, keys), LATER.to_owned())
        };
        let token = keys.token.expose();
        if self.expires.is_some() {
            let mut target = self.target.to_owned();
            for (name, value) in &added {
                target.push(if target.contains('?') { '&' } else { '?' });
                target.push_str(&format!("{name}={}", encode(value)));
            }
            out.target = Some(target.into());
        } else {
            for (name, value) in added {
                out.headers.push(match name.as_str() {
                    "authorization" => AuthHeader::open("Authorization", value),
                    "x-amz-date" => AuthHeader::open("X-Amz-Date", value),
                    _ => AuthHeader::secret(TOKEN_HEADER, value),
                });
            }
        }
        out.secrets.push(keys.secret.clone());
        if !token.is_empty() {
            out.secrets.push(keys.token.clone());
            // As it stands in a presigned address, and in a refusal that repeats it.
            out.secrets.push(encode(token).into());
        }
        out.signing = Some(Signing { canonical_request, string_to_sign, signature });
        Ok(())
    }

    fn parts(&self, keys: &Keys) -> Parts {
        let token = keys.token.expose();
        let signed_token = Some(token).filter(|token| !token.is_empty() && self.sign_token);
        let mut parts = Parts::new(self.target, &self.headers, self.second);
        parts.region.clone_from(&self.region);
        parts.service.clone_from(&self.service);
        if let Some(expires) = self.expires {
            parts.presign(&keys.access, expires, signed_token);
        } else {
            parts.add_header("x-amz-date", &parts.date_time());
            if let Some(token) = signed_token {
                parts.add_header("x-amz-security-token", token);
            }
        }
        parts
    }

    /// Headers or parameters that carry the signature, and the signature.
    fn by_the_crate(&self, keys: &Keys) -> Result<(Vec<(String, String)>, String), AuthProblem> {
        let bad = |what: &str| AuthProblem::Value {
            label: "the request",
            why: format!("cannot be signed: {what}"),
        };
        let token = Some(keys.token.expose()).filter(|token| !token.is_empty());
        let identity = Credentials::new(
            keys.access.as_str(),
            keys.secret.expose(),
            token.map(str::to_owned),
            None,
            "wsdeck",
        )
        .into();
        let mut settings = SigningSettings::default();
        if let Some(expires) = self.expires {
            settings.signature_location = SignatureLocation::QueryParams;
            settings.expires_in = Some(Duration::from_secs(expires));
        }
        if !self.sign_token {
            settings.session_token_mode = SessionTokenMode::Exclude;
        }
        let params: SigningParams<'_> = v4::SigningParams::builder()
            .identity(&identity)
            .region(&self.region)
            .name(&self.service)
            .time(SystemTime::UNIX_EPOCH + Duration::from_secs(self.second))
            .settings(settings)
            .build()
            .map_err(|_| bad("a part is missing"))?
            .into();
        let request = SignableRequest::new(
            "GET",
            format!("{}://{}{}", self.scheme, self.authority, self.target),
            self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())),
            SignableBody::empty(),
        )
        .map_err(|_| bad("its address holds something that cannot be signed"))?;
        let (instructions, signature) = sign(request, &params)
            .map_err(|_| bad("a header holds something that cannot be signed"))?
            .into_parts();
        let (headers, params) = instructions.into_parts();
        let headers = headers.into_iter().map(|h| (h.name().to_owned(), h.value().to_owned()));
        let params = params.into_iter().map(|(name, value)| (name.to_owned(), value.into_owned()));
        Ok((headers.chain(params).collect(), signature))
    }

    /// The same without a signature, for a preview.
    fn later(&self, parts: &Parts, keys: &Keys) -> Vec<(String, String)> {
        let token = keys.token.expose();
        let mut added: Vec<(Cow<'static, str>, String)> = if self.expires.is_some() {
            let mut all: Vec<_> =
                parts.added.iter().map(|(n, v)| (Cow::from(*n), v.clone())).collect();
            all.retain(|(name, _)| name != TOKEN_HEADER);
            all.push(("X-Amz-Signature".into(), LATER.into()));
            all
        } else {
            let line = format!(
                "AWS4-HMAC-SHA256 Credential={}/{}, SignedHeaders={}, Signature={LATER}",
                keys.access,
                parts.scope(),
                parts.signed_headers()
            );
            vec![("x-amz-date".into(), parts.date_time()), ("authorization".into(), line)]
        };
        if !token.is_empty() {
            added.push((TOKEN_HEADER.into(), token.to_owned()));
        }
        added.into_iter().map(|(name, value)| (name.into_owned(), value)).collect()
    }
}

#[cfg(test)]
mod tests;
