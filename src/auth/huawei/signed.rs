//! From a request to a signed one, for AK/SK and App alike: which headers are signed, what goes
//! out, and what is doubtful about it.
//!
//! The query goes out in the very form that is signed, as all of the vendor's clients send it; so
//! most doubts about encoding do not arise. The path goes out as typed: the slash at the end of
//! the canonical one belongs to the signature only, and `/x` and `/x/` are two APIs to a gateway.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::super::{AuthProblem, Context, Values, names};
use super::canonical::{self, EMPTY_HASH, Key, Request};
use crate::core::headers;
use crate::core::request::{AuthContribution, AuthHeader};
use crate::core::secret::Secret;
use crate::core::url;

const DATE: &str = "X-Sdk-Date";
const DATE_FORM: &str = "%Y%m%dT%H%M%SZ";
pub(super) const TOKEN: &str = "X-Security-Token";
const BODY_HASH: &str = "X-Sdk-Content-Sha256";

/// How far the gateway lets the date be from its own clock, in seconds.
const CLOCK_TOLERANCE_S: i64 = 15 * 60;

/// A clock before this year was never set.
const FIRST_YEAR: i16 = 2015;

/// Headers that cannot be covered: one changes with each attempt, one carries the signature.
const UNSIGNABLE: &[&str] = &["sec-websocket-key", "authorization"];

/// Headers that belong to one hop, so that a proxy on the way may write them anew.
const OF_A_HOP: &[&str] =
    &["connection", "upgrade", "sec-websocket-version", "sec-websocket-extensions"];

const FIELD: &str = "Signed headers";

/// What is put on a request that is signed with `key`. `extra` are headers that go out with the
/// signature and are signed as well.
pub(super) fn contribute(
    key: Key<'_>,
    extra: Vec<AuthHeader>,
    values: &Values<'_>,
    ctx: &Context<'_>,
    mut notes: Vec<String>,
) -> Result<AuthContribution, AuthProblem> {
    let typed = ctx.address()?;
    let (path, query, _) = url::split_query(&typed.target);
    let query = query.unwrap_or_default();
    notes.extend(of_path(path));
    notes.extend(of_query(query));
    let wire_path = whole_percents(path);

    let mut out = extra;
    let date = match ctx.sent(DATE).pop() {
        Some(date) => {
            notes.extend(of_typed_date(&date, ctx)?);
            date
        }
        None => {
            let date = ctx.now.timestamp().strftime(DATE_FORM).to_string();
            notes.extend(of_clock(ctx));
            out.insert(0, AuthHeader::open(DATE, &*date));
            date
        }
    };

    let mut signed: Vec<(String, String)> =
        vec![("host".into(), ctx.header("host").unwrap_or_default()), (DATE.into(), date.clone())];
    signed.extend(
        out.iter()
            .filter(|header| header.name != DATE)
            .map(|header| (header.name.clone(), header.value.expose().to_owned())),
    );
    let token = ctx.sent(TOKEN);
    if let Some(token) = token.last() {
        if signed.iter().any(|(known, _)| known.eq_ignore_ascii_case(TOKEN)) {
            notes.push(format!(
                "{TOKEN} is a header of the request and a field as well: it is sent twice, and the \
                 field's is signed"
            ));
        } else {
            // A token of temporary keys is always signed, wherever it was written.
            signed.push((TOKEN.into(), token.clone()));
        }
    }
    for name in names(values.get("signed-header")) {
        if signed.iter().any(|(known, _)| known.eq_ignore_ascii_case(name)) {
            continue;
        }
        if let Some(value) = value_to_sign(name, ctx, &mut notes)? {
            signed.push((name.to_owned(), value));
        }
    }
    let body_hash = ctx.sent(BODY_HASH).pop();
    if body_hash.is_some() {
        notes.push(format!(
            "the request has a header {BODY_HASH}, whose value is signed as the hash of the body; \
             a handshake has none, and signers differ here: better leave it out"
        ));
    }
    if !ctx.sent("authorization").is_empty() {
        notes.push(
            "the request has a header Authorization of its own beside the one with the signature: \
             the gateway may look at the wrong one"
                .into(),
        );
    }

    let result = canonical::sign(
        key,
        &Request {
            path: &wire_path,
            query,
            date: &date,
            headers: &signed,
            body_hash: body_hash.as_deref().unwrap_or(EMPTY_HASH),
        },
    );
    let query = canonical::query(query);
    let target = if query.is_empty() { wire_path } else { format!("{wire_path}?{query}") };
    out.push(AuthHeader::open("Authorization", result.authorization));
    Ok(AuthContribution {
        headers: out,
        target: Some(Secret::from(target)),
        notes,
        signing: Some(result.signing),
        ..AuthContribution::default()
    })
}

/// The value that is signed of a header that the user asked for; `None` if it is left out, with a
/// note why.
fn value_to_sign(
    name: &str,
    ctx: &Context<'_>,
    notes: &mut Vec<String>,
) -> Result<Option<String>, AuthProblem> {
    let lower = name.to_ascii_lowercase();
    if let Some(c) = name.chars().find(|c| !headers::is_token_char(*c)) {
        let why = format!("holds {}, which cannot stand in a header's name", headers::describe(c));
        return Err(AuthProblem::Value { label: FIELD, why });
    }
    if UNSIGNABLE.contains(&&*lower) {
        let why = format!("names {name}, which is made with or after the signature");
        return Err(AuthProblem::Value { label: FIELD, why });
    }
    let values = ctx.sent(name);
    if values.is_empty() {
        let why = format!("names {name}, which is no header of the request");
        return Err(AuthProblem::Value { label: FIELD, why });
    }
    if lower.contains('_') {
        notes.push(format!(
            "{name} is sent and not signed: gateways drop headers with an underscore, and the \
             vendor's signers differ on them"
        ));
        return Ok(None);
    }
    if OF_A_HOP.contains(&&*lower) {
        notes.push(format!(
            "{name} is signed, but belongs to one hop: a proxy that writes it anew breaks the \
             signature"
        ));
    }
    if values.len() > 1 {
        notes.push(format!(
            "{name} is sent {} times and signed as one value with commas; gateways differ on that",
            values.len()
        ));
    }
    if !values.iter().all(|value| value.is_ascii()) {
        notes.push(format!("{name} holds letters beyond ASCII, signed as UTF-8"));
    }
    Ok(Some(values.join(",")))
}

/// A `%` that begins no escape is written `%25`, on the wire and in the signature: nothing can
/// decode it otherwise.
fn whole_percents(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    let mut from = 0;
    for at in canonical::bad_percents(path) {
        out.push_str(&path[from..at]);
        out.push_str("%25");
        from = at + 1;
    }
    out.push_str(&path[from..]);
    out
}

fn of_path(path: &str) -> Vec<String> {
    let mut notes = Vec::new();
    let mut note = |text: &str| notes.push(text.to_owned());
    if path.contains("//") {
        note(
            "the path holds //, signed as it stands; a gateway that makes one slash of it refuses \
             the signature",
        );
    }
    if path.to_ascii_uppercase().contains("%2F") {
        note("the path holds %2F: it is sent so and signed as a slash, as the vendor's signers do");
    }
    if path.split('/').any(|part| matches!(part, "." | "..")) {
        note(
            "the path holds . or .. as a part, signed as it stands; a gateway that resolves it \
             refuses the signature",
        );
    }
    if !canonical::bad_percents(path).is_empty() {
        note("a % in the path is not followed by two hexadecimal digits: sent as %25");
    }
    if canonical::is_no_utf8(path) {
        note(
            "the path is no UTF-8 when decoded: signed with U+FFFD in its place, as most of the \
             vendor's signers do",
        );
    }
    notes
}

fn of_query(query: &str) -> Vec<String> {
    let mut notes = Vec::new();
    let mut note = |text: &str| notes.push(text.to_owned());
    if query.contains('+') {
        note("a + in the query is sent as %2B and means a plus; if a blank is meant, write %20");
    }
    if !canonical::bad_percents(query).is_empty() {
        note("a % in the query is not followed by two hexadecimal digits: sent as %25");
    }
    if canonical::is_no_utf8(query) {
        note("the query is no UTF-8 when decoded: sent with U+FFFD (%EF%BF%BD) in its place");
    }
    if query.split('&').any(|piece| piece.starts_with('=')) {
        note("the query has a value without a name, which some signers leave out");
    }
    if canonical::order_is_disputed(query) {
        note(
            "the query sorts otherwise when its names are compared encoded, as Java signers do; \
             sorted decoded here. If the signature is refused, rename the parameters",
        );
    }
    notes
}

/// The date as the user typed it, as a header of the request.
fn of_typed_date(date: &str, ctx: &Context<'_>) -> Result<Vec<String>, AuthProblem> {
    let read = DateTime::strptime(DATE_FORM, date)
        .ok()
        .filter(|civil| civil.strftime(DATE_FORM).to_string() == date)
        .and_then(|civil| TimeZone::UTC.to_timestamp(civil).ok());
    let Some(signed_at) = read else {
        let why = "is no date in UTC such as 20261124T081530Z".into();
        return Err(AuthProblem::Value { label: "The header X-Sdk-Date", why });
    };
    let mut notes = vec!["X-Sdk-Date is a header of the request, and is signed as typed".into()];
    let far = signed_at.as_second() - ctx.now.timestamp().as_second();
    if far.abs() > CLOCK_TOLERANCE_S {
        notes.push(format!(
            "X-Sdk-Date is {} {} this machine's clock; the gateway refuses more than 15 minutes",
            span(far.unsigned_abs()),
            if far < 0 { "before" } else { "after" }
        ));
    }
    Ok(notes)
}

fn of_clock(ctx: &Context<'_>) -> Vec<String> {
    let mut notes = Vec::new();
    let offset = ctx.request.settings.clock_offset_s;
    if offset.abs() > CLOCK_TOLERANCE_S {
        notes.push(format!(
            "X-Sdk-Date is {} {} this machine's clock, as the settings say",
            span(offset.unsigned_abs()),
            if offset < 0 { "before" } else { "after" }
        ));
    }
    let year = TimeZone::UTC.to_datetime(ctx.now.timestamp()).year();
    if year < FIRST_YEAR {
        notes.push(format!(
            "the clock says {year}, so the signature's date is far off; the gateway refuses more \
             than 15 minutes"
        ));
    }
    notes
}

fn span(seconds: u64) -> String {
    match seconds {
        0..=7_199 => format!("{} min", seconds / 60),
        7_200..=172_799 => format!("{} h", seconds / 3_600),
        _ => format!("{} days", seconds / 86_400),
    }
}
