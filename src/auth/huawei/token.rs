//! A token of Huawei Cloud's IAM, as ModelArts and other services behind its API gateway take it:
//! pasted, or got with user name and password when connecting.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde_json::Value;

use super::super::credential::Credential;
use super::super::grant::{Ask, HuaweiTokenAsk};
use super::super::{About, AuthProblem, Context, Field, Group, Values, Way};
use super::address;
use crate::core::request::{AuthContribution, AuthHeader, Shown};
use crate::core::secret::Secret;
use crate::core::time::Micros;
use crate::core::url;

#[derive(Debug)]
pub(in crate::auth) struct Token;

const HEADER: &str = "X-Auth-Token";
const IAM: &str = "iam";
/// Path of the call that gives tokens.
const TOKENS: &str = "/v3/auth/tokens";
/// A token that ends within this time is told of, in seconds.
const SOON_S: u64 = 60 * 60;
/// Longest token that is looked into; the gateway takes no header of more than 32 KiB.
const LONGEST: usize = 128 * 1024;

impl Way for Token {
    fn about(&self) -> &'static About {
        const ABOUT: About = About {
            kind: "huawei-token",
            label: "Huawei Cloud token",
            summary: "Sends X-Auth-Token with a token of IAM (valid for 24 hours), pasted or got \
                      when connecting.",
            group: Group::Huawei,
            fields: &[
                Field {
                    help: "Where the token comes from: pasted, or from IAM by user name and \
                           password when connecting.",
                    ..Field::choice("source", "Source", &["pasted", IAM], "pasted")
                },
                Field {
                    placeholder: "MIIT…",
                    help: "Value of X-Subject-Token in IAM's answer to POST /v3/auth/tokens, \
                           whole: several thousand characters in one line.",
                    ..Field::secret("token", "Token")
                },
                Field {
                    placeholder: "cn-north-4",
                    help: "Region whose IAM is asked; if it is empty, the region in the address.",
                    ..Field::text("region", "Region").optional()
                },
                Field {
                    placeholder: "account",
                    help: "Name of the account (domain), as My Credentials shows it.",
                    ..Field::text("domain", "Account")
                },
                Field {
                    placeholder: "user",
                    help: "Name of the IAM user.",
                    ..Field::text("user", "IAM user")
                },
                Field {
                    help: "Password of the IAM user.",
                    ..Field::secret("password", "Password")
                },
                Field {
                    placeholder: "cn-north-4",
                    help: "Project that the token is for; if it is empty, the one named as the \
                           region. With an IAM address and no region, the whole account.",
                    ..Field::text("project", "Project").optional()
                },
                Field {
                    placeholder: "https://iam.cn-north-4.myhuaweicloud.com",
                    help: "Address of IAM, if it is not the usual one of the region.",
                    ..Field::text("iam-url", "IAM address").optional()
                },
            ],
        };
        &ABOUT
    }

    fn applies(&self, field: &Field, values: &Values<'_>) -> bool {
        match field.name {
            "source" => true,
            "token" => values.get("source") != IAM,
            _ => values.get("source") == IAM,
        }
    }

    fn ask(&self, values: &Values<'_>, ctx: &Context<'_>) -> Result<Option<Ask>, AuthProblem> {
        if values.get("source") != IAM {
            return Ok(None);
        }
        Ok(Some(Ask::HuaweiToken(request(values, ctx)?)))
    }

    fn contribute(
        &self,
        values: &Values<'_>,
        ctx: &Context<'_>,
    ) -> Result<AuthContribution, AuthProblem> {
        let mut out = if values.get("source") == IAM {
            from_iam(values, ctx)?
        } else {
            pasted(values, ctx, self.label())?
        };
        out.notes.extend(address::misfits(self.kind(), ctx));
        Ok(out)
    }
}

fn pasted(
    values: &Values<'_>,
    ctx: &Context<'_>,
    way: &'static str,
) -> Result<AuthContribution, AuthProblem> {
    let typed = values.get("token");
    let joined = joined(typed);
    let (token, mut notes) = Credential::read("token", joined.as_deref().unwrap_or(typed))
        .unquote()
        .without_prefix("X-Subject-Token:")
        .without_prefix("X-Auth-Token:")
        .note_expiry(ctx.now)
        .finish(way)?;
    if joined.is_some() {
        notes.push("the token was broken into lines, joined to one".into());
    }
    let told = Told::of(token);
    if let Some(told) = &told {
        notes.extend(told.notes(ctx));
    }
    Ok(AuthContribution {
        headers: vec![AuthHeader::secret(HEADER, token)],
        notes,
        expires: told.and_then(|told| told.expires),
        ..AuthContribution::default()
    })
}

/// A token that a terminal or a mail broke into lines, in one again: none of its characters is a
/// blank. `None` if it is in one already.
fn joined(typed: &str) -> Option<String> {
    let inner = typed.trim();
    inner.contains(['\n', '\r']).then(|| {
        let lines: Vec<&str> = inner.lines().map(str::trim).collect();
        lines.concat()
    })
}

fn from_iam(values: &Values<'_>, ctx: &Context<'_>) -> Result<AuthContribution, AuthProblem> {
    let ask = request(values, ctx)?;
    let mut notes = Vec::new();
    if ask.url.starts_with("http://") && !url::read(&ask.url).is_ok_and(|iam| iam.is_local()) {
        notes.push("the password goes to IAM unencrypted (http://)".into());
    }
    if let Some(region) = address::advise(&ctx.request.url).and_then(|advice| advice.region) {
        let asked = values.get("region").trim();
        if !asked.is_empty() && !asked.starts_with('‹') && asked != region {
            notes.push(format!(
                "the token is asked for in {asked} and the service is in {region}: a token is good \
                 in its own region only"
            ));
        }
    }
    let scope = match ask.project.as_str() {
        "" => {
            notes.push(
                "the token is for the whole account; ModelArts wants one for a project".into(),
            );
            "the whole account".to_owned()
        }
        project => format!("project {project}"),
    };
    let shown = Shown {
        title: "Token request".into(),
        text: format!(
            "POST {}\nuser {} of account {}, scope {scope}",
            ask.url, ask.user, ask.domain
        ),
    };
    let mut out = AuthContribution { shown: vec![shown], ..AuthContribution::default() };
    match ctx.grant {
        Some(grant) => {
            let told = Told::of(grant.value.expose());
            // The token was asked for just now, so its region is told only if it is another's.
            notes.extend(told.iter().flat_map(|told| told.notes(ctx)));
            out.headers.push(AuthHeader::secret(HEADER, grant.value.clone()));
        }
        None => {
            out.headers.push(AuthHeader {
                name: HEADER.into(),
                value: Secret::default(),
                shown: Some("‹token from IAM›".into()),
            });
            out.pending = Some(format!("the token, which {} gives at connecting", host(&ask.url)));
        }
    }
    out.notes = notes;
    Ok(out)
}

fn host(address: &str) -> &str {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    rest.split(['/', '?']).next().unwrap_or(rest)
}

/// What IAM is asked.
fn request(values: &Values<'_>, ctx: &Context<'_>) -> Result<HuaweiTokenAsk, AuthProblem> {
    let typed = values.get("region").trim().to_ascii_lowercase();
    if !typed.is_empty() && !typed.starts_with('‹') && !address::is_region(&typed) {
        let why = "is no region id such as cn-north-4".into();
        return Err(AuthProblem::Value { label: "Region", why });
    }
    let given = values.get("iam-url").trim();
    let (address, region) = if given.is_empty() {
        let own = || address::advise(&ctx.request.url).and_then(|advice| advice.region);
        let region = Some(typed).filter(|typed| !typed.is_empty()).or_else(own);
        let region = region.ok_or(AuthProblem::Missing { label: "Region", way: Token.label() })?;
        (format!("https://iam.{region}.myhuaweicloud.com{TOKENS}"), region)
    } else {
        (iam_address(given)?, typed)
    };
    let project = values.get("project").trim();
    Ok(HuaweiTokenAsk {
        url: address,
        domain: values.get("domain").trim().to_owned(),
        user: values.get("user").trim().to_owned(),
        password: values.get("password").into(),
        project: if project.is_empty() { region } else { project.to_owned() },
    })
}

/// The address of the token call from that of IAM, with or without scheme and path.
fn iam_address(given: &str) -> Result<String, AuthProblem> {
    let bad = |why: &str| AuthProblem::Value { label: "IAM address", why: why.to_owned() };
    let whole = match given.split_once("://") {
        None => format!("https://{given}"),
        Some((scheme, _))
            if ["http", "https"].iter().any(|known| scheme.eq_ignore_ascii_case(known)) =>
        {
            given.to_owned()
        }
        Some(_) => return Err(bad("begins with neither https:// nor http://")),
    };
    let (before, query, _) = url::split_query(&whole);
    let bare = before.trim_end_matches('/');
    let path = bare.split_once("://").and_then(|(_, rest)| rest.find('/').map(|at| &rest[at..]));
    let whole = match path {
        None => format!("{bare}{TOKENS}"),
        Some("/v3") => format!("{}{TOKENS}", bare.trim_end_matches("/v3")),
        Some(_) => bare.to_owned(),
    };
    let whole = query.map_or(whole.clone(), |query| format!("{whole}?{query}"));
    if !given.contains('‹') && url::read(&whole).is_err() {
        return Err(bad("is no address such as https://iam.cn-north-4.myhuaweicloud.com"));
    }
    Ok(whole)
}

/// What a token tells of itself. IAM's tokens are signed messages (CMS, RFC 5652) in base64 whose
/// content is JSON in clear; one that is made otherwise tells nothing.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Told {
    pub(super) expires: Option<Micros>,
    /// Name of the project that it is for.
    pub(super) project: Option<String>,
    /// Whether it is for a whole account.
    pub(super) of_account: bool,
}

impl Told {
    pub(super) fn of(token: &str) -> Option<Told> {
        if token.len() > LONGEST || !token.starts_with("MI") {
            return None;
        }
        // IAM writes `-` where base64 has `/`.
        let lenient =
            GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
        let bytes = GeneralPurpose::new(&alphabet::STANDARD, lenient)
            .decode(token.replace('-', "/"))
            .ok()?;
        let at = memchr::memmem::find(&bytes, b"{\"token\"")?;
        let json = serde_json::Deserializer::from_slice(&bytes[at..]).into_iter::<Value>().next();
        let json = json?.ok()?;
        let token = json.get("token")?;
        let text = |of: &Value, name: &str| of.get(name).and_then(Value::as_str).map(str::to_owned);
        let stamp: Option<jiff::Timestamp> =
            text(token, "expires_at").and_then(|text| text.parse().ok());
        let micros = stamp.and_then(|stamp| u64::try_from(stamp.as_microsecond()).ok());
        let project = token.get("project").and_then(|project| text(project, "name"));
        let of_account = project.is_none() && token.get("domain").is_some();
        Some(Told { expires: micros.map(Micros), project, of_account })
    }

    fn notes(&self, ctx: &Context<'_>) -> Vec<String> {
        let mut notes = Vec::new();
        if let Some(end) = self.expires {
            if end <= ctx.now {
                notes.push(format!("the token ended at {}", end.to_second()));
            } else if end.since(ctx.now).as_secs() < SOON_S {
                let left = end.since(ctx.now).as_secs() / 60;
                notes.push(format!("the token ends in {left} min, at {}", end.to_second()));
            }
        }
        if self.of_account {
            notes.push(
                "the token is for a whole account; ModelArts wants one for a project of its \
                 region (ModelArts.0207)"
                    .into(),
            );
        }
        let region = address::advise(&ctx.request.url).and_then(|advice| advice.region);
        if let (Some(project), Some(region)) = (&self.project, region) {
            // A sub-project is named as the region with something behind an underscore.
            let own = project.split('_').next().unwrap_or(project);
            if address::is_region(own) && own != region {
                notes.push(format!(
                    "the token is for {own} and the service is in {region}: a token is good in \
                     its own region only"
                ));
            }
        }
        notes
    }
}
