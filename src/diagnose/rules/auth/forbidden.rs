//! 403 by who says it.

use crate::core::change::Change;
use crate::core::evidence::{Evidence, ReplyFacts};
use crate::core::finding::Confidence;
use crate::diagnose::draft::{Draft, certain, likely, possible};
use crate::diagnose::{see, words};

fn forbidden(e: &Evidence) -> Option<&ReplyFacts> {
    see::status(e, &[403])
}

fn says(reply: &ReplyFacts) -> String {
    match reply.body.trim() {
        "" => format!("It answered {} without a text.", reply.status),
        body => format!("It answered {} and says {}.", reply.status, words::said(body)),
    }
}

/// Texts that speak of where the request came from.
const ADDRESS: &[&str] = &[
    "your ip",
    "ip address",
    "client ip",
    "ip not allowed",
    "ip is not allowed",
    "allowlist",
    "allow list",
    "whitelist",
];

pub(super) fn address(e: &Evidence) -> Option<Draft> {
    let reply = forbidden(e)?;
    let header = see::header_has(reply, "x-deny-reason", "host_not_allowed");
    let text = see::holds(reply, ADDRESS);
    (header || text.is_some()).then_some(())?;
    Some(
        possible("The server may not allow the address that you come from.")
            .confidence(if text.is_some() { Confidence::Likely } else { Confidence::Possible })
            .because(says(reply))
            .because(match text {
                Some(text) => format!("The answer speaks of it (“{text}”)."),
                None => "Its header x-deny-reason is host_not_allowed.".to_owned(),
            })
            .hint("Ask the operator to allow your public address.")
            .hint("Connect through the VPN whose address is allowed."),
    )
}

pub(super) fn scope(e: &Evidence) -> Option<Draft> {
    let reply = forbidden(e)?;
    let scope = see::challenge_param(reply, "error").as_deref() == Some("insufficient_scope");
    let text = see::holds(
        reply,
        &[
            "insufficient_scope",
            "not authorized to perform",
            "permission",
            "access denied",
            "accessdenied",
        ],
    );
    (see::has_credentials(e) && (scope || text.is_some())).then_some(())?;
    let needed = see::challenge_param(reply, "scope")
        .map(|scope| format!("It wants the scope {}.", words::said_in(&scope, 60)))
        .unwrap_or_default();
    let mut draft =
        certain("You are logged in, but may not use this.").because(says(reply)).because(needed);
    if let Some(scope) = see::challenge_param(reply, "scope").filter(|_| scope)
        && e.request.auth == "oauth2"
    {
        draft = draft.hint(format!("Get a token with the scope {}.", words::name(&scope))).fix(
            format!("Set the scope to {}", words::name(&scope)),
            Change::SetAuthField { name: "scope".into(), value: scope.clone() },
        );
    }
    Some(
        draft
            .hint("Ask for the right that is missing.")
            .hint("Check that the credential is of the right account or project."),
    )
}

pub(super) fn application(e: &Evidence) -> Option<Draft> {
    let reply = forbidden(e)?;
    let server = see::server(e);
    let known =
        ["uvicorn", "daphne", "hypercorn", "cowboy"].into_iter().find(|n| server.contains(n))?;
    reply.body.trim().is_empty().then_some(())?;
    Some(
        likely("The application refused the connection before it accepted it.")
            .because(format!(
                "The server is {known}. Its frameworks answer 403 when the application closes \
                 first, and some also for a path without a route."
            ))
            .hint("Check the token or the parameters in the query.")
            .hint("Check that the path is that of a WebSocket route.")
            .hint("Read the application's log."),
    )
}

pub(super) fn envoy(e: &Evidence) -> Option<Draft> {
    let reply = forbidden(e)?;
    (see::header_has(reply, "server", "envoy") && reply.body.trim().is_empty()).then_some(())?;
    Some(
        likely("The Envoy gateway does not allow upgrades on this route.")
            .because("The answer is 403 without a text, from Envoy itself.")
            .hint("Add `upgrade_type: websocket` to the upgrade_configs of the listener or route."),
    )
}

pub(super) fn aws(e: &Evidence) -> Option<Draft> {
    let reply = forbidden(e)?;
    let kind = reply.header("x-amzn-errortype");
    let gateway = e.request.host.contains(".execute-api.")
        || see::holds(reply, &["missing authentication token"]).is_some();
    (kind.is_some() || gateway).then_some(())?;
    Some(
        certain("AWS API Gateway refuses the request.")
            .because(match kind {
                Some(kind) => format!("It names the error {}.", words::said_in(kind, 60)),
                None => says(reply),
            })
            .because("It answers so for a wrong stage or path, an unsigned request, and a refusing authorizer alike.")
            .hint("Check the stage in the path, such as /production.")
            .hint(if e.request.auth == "aws-sigv4" {
                "Check that the identity that signed may execute-api:Invoke on this stage."
            } else {
                "Sign the request if the API uses IAM."
            })
            .hint("Look at the authorizer and the resource policy."),
    )
}

pub(super) fn csrf(e: &Evidence) -> Option<Draft> {
    let reply = forbidden(e)?;
    see::holds(reply, &["csrf", "xsrf"])?;
    Some(
        likely("The server wants its session cookie and its CSRF token.")
            .because(says(reply))
            .hint("Take the Cookie and Origin headers from a logged-in browser."),
    )
}

pub(super) fn account(e: &Evidence) -> Option<Draft> {
    let reply = forbidden(e)?;
    see::holds(reply, &["subscription", "arrears", "billing", "quota", "model access", "plan"])?;
    see::has_credentials(e).then_some(())?;
    Some(
        likely("The key is right, but the account has no access to this service.")
            .because(says(reply))
            .hint("Check the plan, the balance and the access to the model or product."),
    )
}

pub(super) fn bare(e: &Evidence) -> Option<Draft> {
    let reply = forbidden(e)?;
    Some(
        certain(match reply.body.trim() {
            "" => "The server understood the request and forbids it, without a reason.".to_owned(),
            body => format!(
                "The server understood the request and forbids it: {}.",
                words::said_in(body, 100)
            ),
        })
        .because("An application's rule, a missing right, the Origin header or the address you come from can be behind it.")
        .because(words::trail(e))
        .hint("Try with and without an Origin header.")
        .hint("Check whether the credential has the right for this path.")
        .hint("Ask whether the server has an allow-list of addresses."),
    )
}
