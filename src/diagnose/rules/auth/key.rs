//! Keys and signatures.

use crate::core::change::Change;
use crate::core::evidence::{CanonicalCause, Evidence, LockFacts, canonical_difference};
use crate::core::time::Micros;
use crate::diagnose::draft::{Draft, certain};
use crate::diagnose::rules::http::vendor_login_code;
use crate::diagnose::{see, words};

use super::difference::hints;
use super::{refused, says};

pub(super) fn api_key(e: &Evidence) -> Option<Draft> {
    let reply = refused(e)?;
    see::holds(
        reply,
        &[
            "no api key found",
            "missing subscription key",
            "api key is required",
            "missing api key",
            "api key required",
        ],
    )?;
    let body = reply.body.to_lowercase();
    let name = ["ocp-apim-subscription-key", "x-api-key", "api-key", "apikey"]
        .into_iter()
        .find(|name| body.contains(name))
        .or_else(|| body.contains("subscription key").then_some("Ocp-Apim-Subscription-Key"));
    Some(certain("The gateway wants an API key.").because(says(reply)).hint(match name {
        Some(name) => format!("Choose API key in the Auth tab, with the header {name}."),
        None => "Choose API key in the Auth tab, with the header that the vendor names.".into(),
    }))
}

/// Texts that say that the signature does not fit.
const MISMATCH: &[&str] = &[
    "signature fail",
    "signaturedoesnotmatch",
    "signature we calculated does not match",
    "canonicalrequest",
    "canonical string for this request",
];

/// Cells of a signed line that a sentence takes in.
const LINE: usize = 200;

pub(super) fn mismatch(e: &Evidence) -> Option<Draft> {
    let reply = refused(e)?;
    see::holds(reply, MISMATCH)?;
    see::holds(reply, super::clock::TEXTS).is_none().then_some(())?;
    let Some(difference) = canonical_difference(e) else {
        return Some(
            certain("The signature does not fit what the server got.")
                .because(says(reply))
                .hint("Compare the server's canonical request with the one that was signed.")
                .hint("Check path, trailing slash, order and encoding of the query, and Host.")
                .hint("Check that secret and key belong together."),
        );
    };
    let sentence = difference.cause.sentence();
    let mut draft = match difference.cause {
        // These name the signature themselves.
        CanonicalCause::Unseen | CanonicalCause::Scope => certain(sentence),
        _ => certain(format!("The signature does not fit: {}", small(&sentence))),
    }
    .because(format!("It answered {} and tells the text that it signed.", reply.status));
    draft = match difference.first() {
        Some(row) => draft
            .line(format!("Signed here, {}: {}.", words::name(&row.part), line(&row.ours)))
            .line(format!("Signed by the server: {}.", line(&row.theirs))),
        None => draft.because(format!(
            "Line by line it is the text that was signed here ({} parts compared).",
            difference.rows.len()
        )),
    };
    let more = difference.differing().count().saturating_sub(1);
    if more > 0 {
        draft = draft.line(format!(
            "Besides this, {} not the same.",
            match more {
                1 => "1 part is".to_owned(),
                more => format!("{more} parts are"),
            }
        ));
    }
    for hint in hints(&difference.cause) {
        draft = draft.hint(*hint);
    }
    Some(draft.exact())
}

fn line(text: &str) -> String {
    if text.is_empty() { "nothing".into() } else { words::said_in(text, LINE) }
}

/// A sentence as the end of another one.
fn small(sentence: &str) -> String {
    let mut letters = sentence.chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}

pub(super) fn unknown(e: &Evidence) -> Option<Draft> {
    let reply = refused(e)?;
    see::holds(
        reply,
        &[
            "ak not exist",
            "app not found",
            "unrecognizedclientexception",
            "invalidclienttokenid",
            "security token included in the request is invalid",
        ],
    )?;
    let key = certain("The server does not know this access key.").because(says(reply));
    let temporary = sends(e, "x-security-token") || sends(e, "x-amz-security-token");
    Some(
        if temporary {
            key.because("A security token went along, so the key is a temporary one.")
                .hint("Get new temporary keys: key, secret and security token belong together.")
        } else {
            key.because("No security token went along, which a temporary key needs.")
                .hint("Fill in the security token too if the key is a temporary one.")
        }
        .hint("Check that the key is of this account and region, and still exists."),
    )
}

/// Whether a header of that name goes out, or a parameter of it in the query.
fn sends(e: &Evidence, name: &str) -> bool {
    e.request.headers.iter().any(|header| header.name.eq_ignore_ascii_case(name))
        || e.request.target.to_ascii_lowercase().contains(&format!("{name}="))
}

/// Texts about a key that is locked.
const LOCKED: &[&str] = &["failed to reach the limit", "too many failed"];

pub(super) fn locked(e: &Evidence) -> Option<Draft> {
    let reply = see::status(e, &[401, 403, 429])?;
    see::holds(reply, LOCKED)?;
    let until = e
        .request
        .credential
        .lock
        .map(|lock| format!("It is locked until about {}.", words::second(unlocked(e, lock))));
    let wait = e.request.credential.lock.map_or(300, |lock| lock.locked_s);
    let wait = words::span(u64::from(wait).saturating_mul(1_000_000));
    Some(
        certain("The key is locked after failed logins.")
            .because(says(reply))
            .because("Huawei Cloud locks a key for 5 minutes after more than 5 failures; each try within that time may prolong it.")
            .because(until.unwrap_or_default())
            .hint(format!("Wait {wait} without any attempt, also of other programs with this key."))
            .hint("Check before the next attempt that key and secret belong together.")
            .fix("Stop reconnecting by itself", Change::SetReconnect { attempts: 0 }),
    )
}

/// When a key that is locked by this attempt is free again, by this machine's clock.
fn unlocked(e: &Evidence, lock: LockFacts) -> Micros {
    let end = e.stages.iter().filter_map(|record| record.ended_us).max().unwrap_or(0);
    let us = u64::from(lock.locked_s).saturating_mul(1_000_000).saturating_add(end);
    Micros(e.started.0.saturating_add(us))
}

/// How near a key that was refused is to being locked.
pub(super) fn near_lock(e: &Evidence) -> Option<Draft> {
    let reply = refused(e)?;
    let lock = e.request.credential.lock.filter(|lock| lock.limit > 0)?;
    // The server says it itself then.
    see::holds(reply, LOCKED).is_none().then_some(())?;
    let failures = lock.failed.saturating_add(1);
    let span = words::span(u64::from(lock.locked_s).saturating_mul(1_000_000));
    let why = format!(
        "The service locks a key for {span} after {} failures in a row, and this machine has seen \
         {failures} with this key. Those of other programs count there too.",
        lock.limit
    );
    let left = lock.limit.saturating_sub(failures);
    let draft = match left {
        0 => certain(format!(
            "This was failure {failures} in a row with this key; it is locked until {}.",
            words::second(unlocked(e, lock))
        ))
        .hint("Wait until then without any attempt, also of other programs with this key."),
        1 => certain(format!(
            "This was failure {failures} of {} in a row with this key; one more locks it for \
             {span}.",
            lock.limit
        ))
        .hint("Check key and secret before the next attempt: it is the last one."),
        _ => certain(format!(
            "This was failure {failures} of {} in a row with this key; the last one locks it for \
             {span}.",
            lock.limit
        ))
        .hint("Check that key and secret belong together before many more attempts."),
    };
    let draft = draft.because(why);
    Some(if left > 1 {
        draft.info()
    } else {
        draft.warning().fix("Stop reconnecting by itself", Change::SetReconnect { attempts: 0 })
    })
}

pub(super) fn vendor_code(e: &Evidence) -> Option<Draft> {
    // The fixes go with the vendor's row.
    vendor_login_code(e).or_else(|| super::way::by_code(e))
}
