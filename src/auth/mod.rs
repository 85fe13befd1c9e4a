//! How each way of authenticating puts itself on the opening handshake.
//!
//! A way is one file: what it needs ([`About::fields`]) and what it makes of it
//! ([`Way::contribute`]). Forms, command-line options and documentation are drawn from the fields,
//! so adding a way takes its file and one line in [`ways`].
//!
//! Everything here is pure: clock and randomness come in by [`Means`], references to secrets
//! (`env:`, `file:`, `cmd:`) are resolved before, and files and network are somebody else's: a way
//! that needs a token from elsewhere says so ([`Way::ask`]), and is given it ([`Means::grant`]).

mod api_key;
mod aws;
mod azure_web_pubsub;
mod basic;
mod bearer;
mod cookie;
mod credential;
mod digest;
mod field;
mod first_message;
mod grant;
mod huawei;
mod inherit;
pub(crate) mod json;
mod jwt;
mod login;
mod mtls;
mod none;
mod oauth2;
mod own_hmac;
mod own_jwt;
mod place;
mod preview;
mod problem;
mod signed_token;
mod template;
#[cfg(test)]
mod tests;

pub use field::{Field, Values};
pub use grant::{Ask, Grant, HuaweiTokenAsk, LoginAsk, OAuth2Ask, OAuth2Flow};
pub use huawei::{Advice, Fit, Generation, Remark, advise};
pub use preview::preview;
pub use problem::AuthProblem;

use std::borrow::Cow;

use crate::core::headers;
use crate::core::request::{
    AuthContribution, AuthDraft, Files, RequestDraft, RequestSettings, RequestSpec,
};
use crate::core::secret::Secret;
use crate::core::time::Micros;
use crate::core::url::{self, Address, UrlProblem};

/// What the fields do not hold, handed in by whoever has clock, randomness and network.
#[derive(Clone, Debug, Default)]
pub struct Means {
    /// This machine's clock. [`RequestSettings::clock_offset_s`] is added by [`prepare`].
    ///
    /// [`RequestSettings::clock_offset_s`]: crate::core::request::RequestSettings::clock_offset_s
    pub now: Micros,
    /// What was got from elsewhere, if the way asks for it.
    pub grant: Option<Grant>,
    /// Unpredictable bytes for nonces and ids; made anew for each attempt.
    pub entropy: [u8; 16],
    /// Cookies of the jar that belong to this address, in the order of RFC 6265 section 5.4.
    pub cookies: Vec<(String, Secret)>,
    /// What was put in place of references, to be masked wherever it comes up.
    pub secrets: Vec<Secret>,
}

impl Means {
    /// The clock and nothing else.
    #[must_use]
    pub fn at(now: Micros) -> Means {
        Means { now, ..Means::default() }
    }
}

impl From<Micros> for Means {
    fn from(now: Micros) -> Means {
        Means::at(now)
    }
}

/// What a way may look at beside its own fields.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// The clock of ways that sign or judge an expiry, put right already.
    pub now: Micros,
    /// The request that is to carry the credential; ways that sign read its address and headers.
    pub request: &'a RequestDraft,
    /// See [`Means::grant`]. Without it, a way that asks contributes a preview with
    /// [`AuthContribution::pending`].
    pub grant: Option<&'a Grant>,
    pub entropy: &'a [u8; 16],
}

impl Context<'_> {
    /// The address that the request goes to.
    ///
    /// # Errors
    /// In the words of the address's own problem; [`prepare`] tells the same.
    pub fn address(&self) -> Result<Address, AuthProblem> {
        url::read(&self.request.url).map_err(|problem| AuthProblem::Address(Box::new(problem)))
    }

    /// The value of a header that goes out: `Host` as the handshake will have it, everything else
    /// as typed or inherited.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<String> {
        let request = self.request;
        let rows = request.headers.iter().chain(request.inherited_headers.iter().map(|(r, _)| r));
        let typed = || {
            rows.clone()
                .find(|row| row.enabled && row.name.eq_ignore_ascii_case(name))
                .map(|row| row.value.clone())
        };
        if name.eq_ignore_ascii_case("host") {
            let ours = || url::read(&request.url).ok().map(|address| address.host_header());
            let overridden = request.settings.override_handshake.then(typed).flatten();
            return overridden.or_else(ours);
        }
        typed()
    }

    /// Values of every header of the request's tables that goes out under this name, in the order
    /// of the wire; of the handshake's own names only those that were taken over, and the
    /// subprotocols of the settings.
    #[must_use]
    pub fn sent(&self, name: &str) -> Vec<String> {
        let request = self.request;
        let overriding = request.settings.override_handshake;
        let inherited = request.inherited_headers.iter().map(|(row, _)| row);
        let rows: Vec<String> = inherited
            .chain(&request.headers)
            .filter(|row| row.enabled && row.name.eq_ignore_ascii_case(name))
            .filter(|row| overriding || headers::owned_reason(&row.name).is_none())
            .map(|row| row.value.clone())
            .collect();
        let subprotocols = &request.settings.subprotocols;
        let protocol = name.eq_ignore_ascii_case("sec-websocket-protocol");
        if rows.is_empty() && protocol && !subprotocols.is_empty() {
            return vec![subprotocols.join(", ")];
        }
        rows
    }
}

/// Where a way stands in a menu.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// None, and what is around the request.
    Plain,
    /// A credential that is sent as it is.
    Token,
    /// A credential that proves itself: signatures, digests, certificates.
    Proof,
    /// A credential that is got from elsewhere first.
    Fetched,
    /// Huawei Cloud and ModelArts.
    Huawei,
    /// Other clouds.
    Cloud,
}

impl Group {
    /// Its heading.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Group::Plain => "General",
            Group::Token => "Sent as it is",
            Group::Proof => "Signed or proved",
            Group::Fetched => "Fetched first",
            Group::Huawei => "Huawei Cloud ModelArts",
            Group::Cloud => "Other clouds",
        }
    }
}

/// A service that locks a key when it is used wrongly too often.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LockPolicy {
    /// Failures in a row after which the key is locked.
    pub limit: u32,
    /// For how long, in seconds.
    pub locked_s: u32,
    /// The field whose value names the key; it is no secret.
    pub field: &'static str,
}

/// What is known of a way without a request: enough for menus, forms and documentation.
#[derive(Clone, Copy, Debug)]
pub struct About {
    /// Its name in files and on the command line: `bearer`.
    pub kind: &'static str,
    /// Its name on screen: `Bearer token`.
    pub label: &'static str,
    /// A sentence on what it puts on the handshake.
    pub summary: &'static str,
    /// Where it stands in a menu.
    pub group: Group,
    /// What it needs, in the order of a form.
    pub fields: &'static [Field],
}

/// A way of authenticating.
pub trait Way: Sync {
    /// What is known of it without a request.
    fn about(&self) -> &'static About;

    /// See [`About::kind`].
    fn kind(&self) -> &'static str {
        self.about().kind
    }

    /// See [`About::label`].
    fn label(&self) -> &'static str {
        self.about().label
    }

    /// See [`About::fields`].
    fn fields(&self) -> &'static [Field] {
        self.about().fields
    }

    /// What it puts on the handshake.
    ///
    /// # Errors
    /// When a field is missing or holds something that cannot be sent.
    fn contribute(
        &self,
        values: &Values<'_>,
        ctx: &Context<'_>,
    ) -> Result<AuthContribution, AuthProblem>;

    /// Whether a field is asked for with these values; the others of the way are not shown.
    fn applies(&self, _field: &Field, _values: &Values<'_>) -> bool {
        true
    }

    /// What must be got from elsewhere before [`Way::contribute`] can give the real thing.
    ///
    /// # Errors
    /// When a field that the asking needs is missing or cannot be used.
    fn ask(&self, _values: &Values<'_>, _ctx: &Context<'_>) -> Result<Option<Ask>, AuthProblem> {
        Ok(None)
    }

    /// Changes what else of the request the way decides, such as the client certificate's file.
    fn settle(&self, _values: &Values<'_>, _settings: &mut RequestSettings) {}

    /// The password of the client certificate's PKCS#12 file, if the way has one. It may still be
    /// a reference, and is asked for once it is none.
    fn cert_password<'a>(&self, _values: &Values<'a>) -> &'a str {
        ""
    }

    /// What the service does with a key that fails again and again.
    fn lock(&self) -> Option<LockPolicy> {
        None
    }
}

/// Every way that this version knows, in the order of a menu.
#[must_use]
pub fn ways() -> &'static [&'static dyn Way] {
    &[
        &none::None,
        &bearer::Bearer,
        &basic::Basic,
        &api_key::ApiKey,
        &cookie::Cookie,
        &first_message::FirstMessageWay,
        &own_jwt::OwnJwt,
        &own_hmac::OwnHmac,
        &digest::DigestWay,
        &mtls::Mtls,
        &oauth2::OAuth2,
        &login::Login,
        &huawei::ApiKey,
        &huawei::Token,
        &huawei::AkSk,
        &huawei::App,
        &huawei::AppCode,
        &aws::AwsSigV4,
        &azure_web_pubsub::AzureWebPubSub,
        &inherit::Inherit,
    ]
}

/// The way of that kind.
#[must_use]
pub fn find(kind: &str) -> Option<&'static dyn Way> {
    ways().iter().copied().find(|way| way.kind() == kind)
}

/// The chosen way of a draft and its values, checked as far as each field by itself.
fn chosen(draft: &AuthDraft) -> Result<(&'static dyn Way, Values<'_>), AuthProblem> {
    let way =
        find(&draft.kind).ok_or_else(|| AuthProblem::UnknownKind { kind: draft.kind.clone() })?;
    let values = Values::new(draft, way.fields());
    for field in way.fields().iter().filter(|field| way.applies(field, &values)) {
        let value = values.get(field.name);
        if field.required && value.trim().is_empty() {
            return Err(AuthProblem::Missing { label: field.label, way: way.label() });
        }
        if !field.choices.is_empty() && !field.choices.contains(&value) {
            return Err(AuthProblem::Choice { label: field.label, choices: field.choices });
        }
    }
    Ok((way, values))
}

/// The fields of the chosen way that are asked for with what is filled in, in the order of a form.
#[must_use]
pub fn fields(draft: &AuthDraft) -> Vec<&'static Field> {
    let Some(way) = find(&draft.kind) else { return Vec::new() };
    let values = Values::new(draft, way.fields());
    way.fields().iter().filter(|field| way.applies(field, &values)).collect()
}

/// The first header that a field of the chosen way names and the request does not have: the label
/// of the field and the name. A command line tells of it as wrong use.
#[must_use]
pub fn unknown_header(draft: &RequestDraft) -> Option<(&'static str, String)> {
    let means = Means::default();
    let ctx = context(draft, &means);
    let named = fields(&draft.auth).into_iter().filter(|field| field.names_headers);
    named
        .flat_map(|field| names(draft.auth.value(field.name)).map(move |name| (field, name)))
        .find(|(_, name)| !MADE.contains(&&*name.to_ascii_lowercase()) && ctx.sent(name).is_empty())
        .map(|(field, name)| (field.name, name.to_owned()))
}

/// Headers that a way which signs writes or knows by itself.
const MADE: &[&str] = &["host", "x-sdk-date", "x-security-token", "x-project-id"];

/// The names in a field that [names headers](Field::names_headers): commas, semicolons or blanks
/// between them.
pub(crate) fn names(list: &str) -> impl Iterator<Item = &str> {
    list.split([',', ';', ' ', '\t', '\n']).filter(|name| !name.is_empty())
}

/// What the chosen way puts on the handshake.
///
/// # Errors
/// When the kind is not known, or see [`Way::contribute`].
pub fn contribute(draft: &AuthDraft, ctx: &Context<'_>) -> Result<AuthContribution, AuthProblem> {
    let (way, values) = chosen(draft)?;
    way.contribute(&values, ctx)
}

/// What must be got from elsewhere before the request can go out; see [`Way::ask`].
///
/// # Errors
/// As [`contribute`].
pub fn ask(draft: &RequestDraft, means: &Means) -> Result<Option<Ask>, AuthProblem> {
    let (way, values) = chosen(&draft.auth)?;
    way.ask(&values, &context(draft, means))
}

/// Makes the changes of [`Way::settle`]; to be done before the request's files are read.
pub fn settle(draft: &mut RequestDraft) {
    if let Some(way) = find(&draft.auth.kind) {
        let auth = draft.auth.clone();
        way.settle(&Values::new(&auth, way.fields()), &mut draft.settings);
    }
}

/// The draft with the password of its way's client certificate where the request looks for it.
fn with_cert_password(draft: &RequestDraft) -> Cow<'_, RequestDraft> {
    let way = find(&draft.auth.kind);
    let password = way.map_or("", |w| w.cert_password(&Values::new(&draft.auth, w.fields())));
    if password.is_empty() {
        return Cow::Borrowed(draft);
    }
    let mut with = draft.clone();
    with.auth.set_cert_password(password.into());
    Cow::Owned(with)
}

fn context<'a>(request: &'a RequestDraft, means: &'a Means) -> Context<'a> {
    let offset = request.settings.clock_offset_s.saturating_mul(1_000_000);
    Context {
        now: Micros(means.now.0.saturating_add_signed(offset)),
        request,
        grant: means.grant.as_ref(),
        entropy: &means.entropy,
    }
}

/// The draft with its authentication as it will go out: [`contribute`], then
/// [`RequestDraft::spec`], with every secret field noted for masking. The draft is
/// [settled](settle) and its references are resolved.
///
/// # Errors
/// The first thing that keeps the request from being sent.
pub fn prepare(
    draft: &RequestDraft,
    files: Files,
    means: impl Into<Means>,
) -> Result<RequestSpec, UrlProblem> {
    let means = means.into();
    let mut contribution = contribute(&draft.auth, &context(draft, &means))?;
    let saved = draft.first_messages.iter().filter(|saved| saved.on_open);
    contribution.first_messages.extend(saved.map(|saved| saved.message.clone()));
    let mut jar = Vec::new();
    // Who typed a Cookie header means just that one.
    let typed = |name: &str| {
        draft
            .headers
            .iter()
            .chain(draft.inherited_headers.iter().map(|(row, _)| row))
            .any(|row| row.enabled && row.name.eq_ignore_ascii_case(name))
    };
    if draft.settings.cookies && !typed("cookie") {
        for (name, value) in &means.cookies {
            if !contribution.cookies.iter().any(|(own, _)| own == name) {
                contribution.cookies.push((name.clone(), value.clone()));
                jar.push(name.clone());
            }
        }
    }
    if let Some(grant) = &means.grant {
        contribution.secrets.push(grant.value.clone());
        contribution.secrets.extend(grant.more.values().cloned());
        contribution.expires = contribution.expires.or(grant.facts.expires);
    }
    contribution.secrets.extend(means.secrets);
    // A password inside Basic is masked as it goes out; a server may echo it in clear as well.
    if let Some(way) = find(&draft.auth.kind) {
        for field in way.fields().iter().filter(|field| field.secret) {
            // What stands for a secret that is read later is no secret itself.
            let value = draft.auth.value(field.name);
            if !(value.starts_with('‹') && value.ends_with('›')) {
                contribution.secrets.push(value.into());
            }
        }
    }
    let mut spec = with_cert_password(draft).spec(&contribution, files)?;
    spec.facts.credential.jar = jar;
    spec.facts.credential.grant = means.grant.map(|grant| grant.facts);
    Ok(spec)
}
