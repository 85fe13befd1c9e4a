//! Credentials that could not be got, so that no attempt was made.

use crate::core::evidence::{CredentialProblem, CredentialStep, Evidence, FailureKind};
use crate::core::stage::Stage;
use crate::diagnose::draft::{Draft, certain};
use crate::diagnose::{see, words};

fn problem(e: &Evidence) -> Option<&CredentialProblem> {
    match see::kind(e)? {
        FailureKind::Credential(problem) => Some(problem),
        _ => None,
    }
}

/// The exchange that failed, or the last one.
fn step(e: &Evidence) -> Option<&CredentialStep> {
    let steps = &e.request.credential.steps;
    steps.iter().rev().find(|step| !step.ok).or(steps.last())
}

/// Whom it was asked of: `iam.example`, or as the step names it.
fn whom(e: &Evidence) -> String {
    let Some(step) = step(e).filter(|step| !step.from.is_empty()) else {
        return "whoever gives the credential".into();
    };
    let from = step.from.as_str();
    let host = from.split_once("://").map_or(from, |(_, rest)| rest);
    words::name(host.split(['/', '?']).next().unwrap_or(from))
}

/// What was done, exchange by exchange.
fn steps(e: &Evidence) -> String {
    let list: Vec<String> = e
        .request
        .credential
        .steps
        .iter()
        .map(|step| {
            let came = match (step.ok, step.status) {
                (_, Some(status)) => format!("{status}"),
                (true, None) => "done".into(),
                (false, None) => "failed".into(),
            };
            format!("{} at {}: {came}", words::name(&step.what), words::name(&step.from))
        })
        .collect();
    if list.is_empty() { String::new() } else { format!("Done so far: {}.", list.join("; ")) }
}

fn error(e: &Evidence) -> String {
    let text = see::text(e);
    if text.is_empty() { String::new() } else { format!("The error was {}.", words::said(text)) }
}

const NO_ATTEMPT: &str = "The server itself was not contacted.";

pub(super) fn unreachable(e: &Evidence) -> Option<Draft> {
    let CredentialProblem::Unreachable { stage } = problem(e)? else { return None };
    let hint = match stage {
        Stage::Url => "Check the token address in the Auth tab.",
        Stage::Dns => "Check the host in the token address, and whether a VPN is needed.",
        Stage::Tcp => {
            "Check host and port of the token address, and whether a firewall is between."
        }
        Stage::Proxy => "Check the proxy setting: the token is got through the same proxy.",
        Stage::Tls => {
            "Check the certificate of the token's server; a private CA belongs in Settings."
        }
        Stage::Http | Stage::WebSocket => "Check that the token address is the one that is meant.",
    };
    Some(
        certain(format!("{} could not be reached for a token.", capital(&whom(e))))
            .because(format!("It ended during {}.", stage.label()))
            .because(error(e))
            .because(steps(e))
            .because(NO_ATTEMPT)
            .hint(hint)
            .hint("Paste a token that you have, with the way Bearer, to go on without it."),
    )
}

/// The kept grant of an OAuth refresh, which is no longer good.
fn is_refresh(e: &Evidence, error: Option<&str>) -> bool {
    let refresh = e
        .request
        .credential
        .steps
        .iter()
        .any(|step| !step.ok && step.what.to_ascii_lowercase().contains("refresh"));
    refresh && error.is_none_or(|error| error == "invalid_grant")
}

pub(super) fn refused(e: &Evidence) -> Option<Draft> {
    let CredentialProblem::Refused { status, error: code, description } = problem(e)? else {
        return None;
    };
    let code = code.as_deref();
    let named = match (code, description.as_deref().map(str::trim)) {
        (Some(code), Some(text)) if !text.is_empty() => {
            format!("It says {} ({}).", words::said(text), words::name(code))
        }
        (Some(code), _) => format!("It says {}.", words::name(code)),
        (None, Some(text)) if !text.is_empty() => format!("It says {}.", words::said(text)),
        _ => error(e),
    };
    if is_refresh(e, code) {
        return Some(
            certain("The kept token was refused; it was forgotten, connect again.")
                .because(format!("{} answered {status} to its renewal.", capital(&whom(e))))
                .because(named)
                .because(steps(e))
                .hint("Connect again and log in anew.")
                .hint("Paste a new refresh token if one is filled in."),
        );
    }
    let mut draft = certain(match code {
        Some(code) => format!("{} gave no token: {}.", capital(&whom(e)), words::name(code)),
        None => format!("{} gave no token: it answered {status}.", capital(&whom(e))),
    })
    .because(format!("It answered {status}."))
    .because(named)
    .because(steps(e))
    .because(NO_ATTEMPT);
    // RFC 6749 sections 4.1.2.1 and 5.2, RFC 8628 section 3.5.
    let hints: &[&str] = match code {
        Some("invalid_client" | "unauthorized_client") => &[
            "Check client id and client secret, and that the client may use this flow.",
            "Try the other client authentication: some servers want the secret in the body.",
        ],
        Some("invalid_grant") => &[
            "Check user name and password, or log in anew: the grant has ended or was used.",
            "Check that the redirect address is registered for this client.",
        ],
        Some("invalid_scope") => &["Check the scopes: this client may not ask for one of them."],
        Some("unsupported_grant_type" | "unsupported_response_type") => {
            &["Choose another flow in the Auth tab: this server does not know it."]
        }
        Some("invalid_request") => &[
            "Check the fields of the Auth tab: the server misses one, such as an audience.",
            "Check that the address is the token endpoint and not the one for logins.",
        ],
        Some("expired_token") => &["Connect again, and enter the new code sooner."],
        _ => match status {
            400 => &["Check the fields in the Auth tab, and the address of the token call."],
            401 | 403 => &[
                "Check user name, password, and account: the login itself was refused.",
                "Check whether the login needs a second factor, which this call does not give.",
            ],
            404 | 405 => &["Check the token address: nothing answers there."],
            429 => &["Wait before the next attempt: too many were made."],
            _ => &["Try again later, and look at the service's status."],
        },
    };
    for hint in hints {
        draft = draft.hint(*hint);
    }
    Some(draft)
}

pub(super) fn unusable(e: &Evidence) -> Option<Draft> {
    let CredentialProblem::Unusable { why } = problem(e)? else { return None };
    Some(
        certain("The answer holds no credential that can be used.")
            .because(format!("{} answered, but: {}.", capital(&whom(e)), clause(why)))
            .because(steps(e))
            .because(NO_ATTEMPT)
            .hint("Check that the address is the token endpoint, and not a page for people.")
            .hint("Compare with what curl gets from the same address."),
    )
}

pub(super) fn denied(e: &Evidence) -> Option<Draft> {
    (*problem(e)? == CredentialProblem::Denied).then_some(())?;
    Some(
        certain("The login was denied by a person.")
            .because(error(e))
            .because(steps(e))
            .because(NO_ATTEMPT)
            .hint("Connect again and agree in the dialogue or in the browser.")
            .hint("Choose another way in the Auth tab."),
    )
}

pub(super) fn timed_out(e: &Evidence) -> Option<Draft> {
    (*problem(e)? == CredentialProblem::TimedOut).then_some(())?;
    Some(
        certain("The login was not finished in time.")
            .because(error(e))
            .because(steps(e))
            .because(NO_ATTEMPT)
            .hint("Connect again, and finish the login in the browser before the code ends.")
            .hint("Check whether the browser can reach this machine's port for the answer."),
    )
}

pub(super) fn none_found(e: &Evidence) -> Option<Draft> {
    let CredentialProblem::NotFound { places } = problem(e)? else { return None };
    let looked = match places.as_slice() {
        [] => String::new(),
        list => format!("Looked at: {}.", words::names(list, 8)),
    };
    let draft = certain("No credential was found where it should be.")
        .because(looked)
        .because(error(e))
        .because(steps(e))
        .because(NO_ATTEMPT);
    Some(if e.request.auth.starts_with("aws") {
        draft
            .hint("Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or fill in the keys.")
            .hint("Check the name of the profile in ~/.aws/credentials.")
            .hint("Log in with `aws sso login` and export the keys if the profile uses SSO.")
    } else {
        draft.hint("Fill the credential in, or put it where it is looked for.")
    })
}

fn clause(text: &str) -> String {
    words::name(text).trim_end_matches('.').to_owned()
}

/// A host keeps its own letter.
fn capital(text: &str) -> String {
    if text.contains('.') {
        return text.to_owned();
    }
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
