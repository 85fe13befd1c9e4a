//! A token of Huawei Cloud's IAM for a user name and password: `POST /v3/auth/tokens`. The token
//! is in the header `X-Subject-Token` of the answer, its end in the body.

use serde_json::{Value, json};

use super::{Failed, Work, host, time, words};
use crate::auth::{Grant, HuaweiTokenAsk};
use crate::core::credential::GrantFacts;
use crate::core::evidence::CredentialProblem;
use crate::core::secret::Secret;
use crate::credentials::http::{HttpReply, HttpRequest, exchange, shown};

const WHAT: &str = "IAM token request";

pub(super) async fn obtain(ask: &HuaweiTokenAsk, work: &mut Work<'_>) -> Result<Grant, Failed> {
    let request = HttpRequest {
        method: "POST".into(),
        url: without_catalogue(&ask.url),
        headers: vec![("Content-Type".into(), "application/json;charset=utf8".into())],
        body: body(ask),
    };
    let reply = match exchange(request, &work.like).await {
        Ok(reply) => reply,
        Err(failed) => {
            work.steps.push(failed.step(WHAT, &ask.url));
            return Err(failed.into());
        }
    };
    let read = read(ask, &reply, work);
    let detail = match &read {
        Ok(grant) => grant.facts.expires.map_or_else(
            || "a token without an end".to_owned(),
            |end| format!("expires {}", end.to_second()),
        ),
        Err(failed) => failed.text.clone(),
    };
    let mut step = reply.step(WHAT, &ask.url, detail);
    step.ok = read.is_ok();
    work.steps.push(step);
    read
}

/// The list of all endpoints, some hundred kilobytes, is left out of the answer.
fn without_catalogue(address: &str) -> String {
    if address.contains("nocatalog") {
        return address.to_owned();
    }
    let mark = if address.contains('?') { '&' } else { '?' };
    format!("{}{mark}nocatalog=true", address.trim())
}

fn body(ask: &HuaweiTokenAsk) -> Secret {
    let scope = if ask.project.is_empty() {
        json!({"domain": {"name": ask.domain}})
    } else {
        json!({"project": {"name": ask.project}})
    };
    let user = json!({
        "name": ask.user,
        "password": ask.password.expose(),
        "domain": {"name": ask.domain},
    });
    let identity = json!({"methods": ["password"], "password": {"user": user}});
    Secret::new(json!({"auth": {"identity": identity, "scope": scope}}).to_string())
}

fn read(ask: &HuaweiTokenAsk, reply: &HttpReply, work: &Work<'_>) -> Result<Grant, Failed> {
    let whom = shown(&ask.url);
    let answer = reply.json().unwrap_or_default();
    if !reply.is_success() {
        return Err(refused(&whom, reply.status, &answer, ask.password.expose()));
    }
    let token = reply.header("X-Subject-Token").unwrap_or_default().trim();
    if token.is_empty() {
        return Err(Failed::unusable(format!(
            "{whom} answered {} without the header X-Subject-Token, which holds the token; the \
             address must be that of POST /v3/auth/tokens",
            reply.status
        )));
    }
    let text = |place: &str| {
        let found = answer.pointer(place).and_then(Value::as_str);
        found.map(|text| words(text, &[ask.password.expose()]))
    };
    let mut more = Vec::new();
    match (text("/token/project/name"), text("/token/domain/name")) {
        (Some(project), _) => more.push(("scope".to_owned(), format!("project {project}"))),
        (None, Some(domain)) => more.push(("scope".to_owned(), format!("account {domain}"))),
        (None, None) => {}
    }
    if let Some(user) = text("/token/user/name") {
        more.push(("user".to_owned(), user));
    }
    let expires = answer.pointer("/token/expires_at").and_then(Value::as_str).and_then(time);
    Ok(Grant {
        value: token.into(),
        facts: GrantFacts {
            source: format!("IAM {}", host(&ask.url)),
            obtained: work.now(),
            expires,
            kept: false,
            more,
        },
        ..Grant::default()
    })
}

/// IAM says `{"error":{"code":401,"title":…,"message":…}}`; the gateway before it says
/// `{"error_code":…,"error_msg":…}`.
fn refused(whom: &str, status: u16, answer: &Value, password: &str) -> Failed {
    let text = |places: &[&str]| {
        let found = places.iter().find_map(|place| answer.pointer(place)?.as_str());
        found.map(|text| words(text, &[password]))
    };
    let error = text(&["/error_code", "/error/title", "/error/code"]);
    let description = text(&["/error_msg", "/error/message", "/message"]);
    let said: Vec<&str> = [&error, &description].into_iter().flatten().map(|s| &**s).collect();
    let said = if said.is_empty() { "without a word".to_owned() } else { said.join(": ") };
    Failed {
        text: format!("{whom} answered {status}: {said}"),
        problem: CredentialProblem::Refused { status, error, description },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(project: &str) -> HuaweiTokenAsk {
        HuaweiTokenAsk {
            url: "https://iam.example/v3/auth/tokens".into(),
            domain: "account".into(),
            user: "user".into(),
            password: "hunter2-secret".into(),
            project: project.into(),
        }
    }

    #[test]
    fn the_body_is_as_the_vendor_shows_it() {
        let body: Value = serde_json::from_str(body(&ask("cn-north-4")).expose()).unwrap();
        let expected = json!({"auth": {
            "identity": {"methods": ["password"], "password": {"user": {
                "name": "user", "password": "hunter2-secret", "domain": {"name": "account"}}}},
            "scope": {"project": {"name": "cn-north-4"}},
        }});
        assert_eq!(body, expected);
        let body: Value = serde_json::from_str(super::body(&ask("")).expose()).unwrap();
        assert_eq!(body.pointer("/auth/scope/domain/name"), Some(&json!("account")));
    }

    #[test]
    fn the_catalogue_is_left_out_once() {
        let address = without_catalogue("https://iam.example/v3/auth/tokens");
        assert_eq!(address, "https://iam.example/v3/auth/tokens?nocatalog=true");
        assert_eq!(without_catalogue(&address), address);
        assert!(without_catalogue("https://h/?a=b").ends_with("?a=b&nocatalog=true"));
    }

    #[test]
    fn a_refusal_is_told_in_either_form() {
        let iam = json!({"error": {"code": 401, "title": "Unauthorized",
            "message": "The password hunter2-secret is wrong."}});
        let failed = refused("https://iam.example/", 401, &iam, "hunter2-secret");
        assert!(failed.text.contains("answered 401: Unauthorized: The password "), "{failed:?}");
        assert!(!format!("{failed:?}").contains("hunter2"));
        let gateway = json!({"error_code": "APIGW.0301", "error_msg": "Incorrect IAM"});
        let failed = refused("x", 401, &gateway, "");
        let CredentialProblem::Refused { error, .. } = failed.problem else { panic!() };
        assert_eq!(error.as_deref(), Some("APIGW.0301"));
    }
}
