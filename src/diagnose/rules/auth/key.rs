//! Keys and signatures.

use crate::core::change::Change;
use crate::core::evidence::{Evidence, ReplyFacts};
use crate::core::finding::Confidence;
use crate::diagnose::draft::{Draft, certain};
use crate::diagnose::rules::http::vendor_login_code;
use crate::diagnose::{see, words};

fn refused(e: &Evidence) -> Option<&ReplyFacts> {
    see::status(e, &[401, 403])
}

fn says(reply: &ReplyFacts) -> String {
    format!("It answered {} and says {}.", reply.status, words::said(&reply.body))
}

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

/// Texts about a signature whose time does not fit.
const CLOCK: &[&str] = &["signature expired", "requesttimetooskewed", "signature not yet current"];

/// The least that is allowed anywhere, in milliseconds.
const TOLERANCE_MS: u64 = 300_000;

pub(super) fn clock(e: &Evidence) -> Option<Draft> {
    let reply = refused(e)?;
    see::holds(reply, CLOCK)?;
    let skew = reply.clock_skew_ms.unwrap_or(0);
    let off = skew.unsigned_abs() > TOLERANCE_MS;
    let draft = if off {
        certain(format!(
            "This machine's clock is {} off, so the signature counts as too old.",
            words::span(skew.unsigned_abs().saturating_mul(1000))
        ))
    } else {
        certain("The server calls the signature too old.").confidence(Confidence::Likely)
    };
    Some(
        draft
            .because(says(reply))
            .because(if off {
                "The Date header of the answer shows the server's clock."
            } else {
                "The clocks agree by the answer's Date header, so the signature itself is old."
            })
            .hint(if off { "Set the clock." } else { "Sign anew for each attempt." })
            .hint("Get new temporary keys if theirs have ended."),
    )
}

pub(super) fn mismatch(e: &Evidence) -> Option<Draft> {
    let reply = refused(e)?;
    see::holds(
        reply,
        &[
            "signature fail",
            "signaturedoesnotmatch",
            "signature we calculated does not match",
            "canonicalrequest",
        ],
    )?;
    (see::holds(reply, CLOCK).is_none()).then_some(())?;
    Some(
        certain("The signature does not fit what the server got.")
            .because(says(reply))
            .hint("Compare the server's canonical request with the one that was signed.")
            .hint("Check path, trailing slash, order and encoding of the query, and Host.")
            .hint("Check that secret and key belong together."),
    )
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
    Some(
        certain("The server does not know this access key.")
            .because(says(reply))
            .hint("Check that the key is of this account and region, and still exists.")
            .hint("Send the security token too if the key is a temporary one."),
    )
}

pub(super) fn locked(e: &Evidence) -> Option<Draft> {
    let reply = see::status(e, &[401, 403, 429])?;
    see::holds(reply, &["failed to reach the limit", "too many failed"])?;
    Some(
        certain("The key is locked after failed logins.")
            .because(says(reply))
            .because("Huawei Cloud locks a key for 5 minutes after more than 5 failures; each try within that time may prolong it.")
            .hint("Wait 5 minutes without any attempt.")
            .hint("Check before the next attempt that key and secret belong together.")
            .fix("Stop reconnecting by itself", Change::SetReconnect { attempts: 0 }),
    )
}

pub(super) fn vendor_code(e: &Evidence) -> Option<Draft> {
    vendor_login_code(e)
}
