//! Authentication in a command line that repeats an attempt: the way by its name, and a reference
//! to a variable in place of each thing that must not stand in a shell's history.

use super::repeat_line::variable;
use crate::core::evidence::Evidence;
use crate::core::secret::MASK;

/// Ways with what they need, as `name=value`; a value in capitals is a variable to set.
const WAYS: &[(&str, &[(&str, &str)])] = &[
    ("bearer", &[("token", "TOKEN")]),
    ("basic", &[("username", "USERNAME"), ("password", "PASSWORD")]),
    ("digest", &[("username", "USERNAME"), ("password", "PASSWORD")]),
    ("huawei-token", &[("token", "HUAWEI_TOKEN")]),
    ("huawei-aksk", &[("access-key", "HUAWEI_AK"), ("secret-key", "HUAWEI_SK")]),
    ("huawei-appcode", &[("app-code", "HUAWEI_APP_CODE")]),
    ("huawei-app", &[("app-key", "HUAWEI_APP_KEY"), ("app-secret", "HUAWEI_APP_SECRET")]),
    ("huawei-api-key", &[("api-key", "MODELARTS_API_KEY")]),
];

/// Headers that these ways write.
const HEADERS: &[&str] = &[
    "authorization",
    "x-auth-token",
    "x-apig-appcode",
    "x-sdk-date",
    "x-security-token",
    "x-project-id",
];

/// How long a signature of this way counts, in minutes.
fn lifetime(way: &str) -> u32 {
    if way.starts_with("aws") { 5 } else { 15 }
}

/// What to say of a request that was signed; `None` for one that was not.
pub(super) fn warning(evidence: &Evidence) -> Option<String> {
    let request = &evidence.request;
    request.credential.signing.as_ref()?;
    let minutes = lifetime(&request.auth);
    let end = evidence.started.plus(std::time::Duration::from_secs(u64::from(minutes) * 60));
    Some(format!(
        "the signature ends {minutes} minutes after the attempt, at {}; make a new one with wsdeck",
        end.to_second()
    ))
}

/// The way of authenticating as options of wsdeck.
pub(super) struct Auth {
    pub(super) kind: String,
    /// `token=env:TOKEN`.
    pub(super) params: Vec<String>,
    headers: Vec<String>,
    /// Parameter of the query that the way writes.
    query: Option<String>,
}

impl Auth {
    /// `None` if the way is none, or not one whose needs are known here.
    pub(super) fn of(evidence: &Evidence) -> Option<Auth> {
        let request = &evidence.request;
        let kind = request.auth.clone();
        let mut headers: Vec<String> = Vec::new();
        if kind == "api-key" {
            let place = request.credentials.first()?;
            let (place, name) = place.split_once(' ')?;
            let (header, query) = match place {
                "header" => (Some(name.to_owned()), None),
                "query" => (None, Some(name.to_owned())),
                _ => return None,
            };
            headers.extend(header);
            let params = vec![
                format!("name={name}"),
                format!("in={place}"),
                format!("value=env:{}", variable(name)),
            ];
            return Some(Auth { kind, params, headers, query });
        }
        let (_, needs) = WAYS.iter().find(|(way, _)| *way == kind)?;
        let mut params: Vec<String> =
            needs.iter().map(|(name, value)| format!("{name}=env:{value}")).collect();
        for (header, name, variable) in [
            ("x-security-token", "security-token", Some("HUAWEI_SECURITY_TOKEN")),
            ("x-project-id", "project-id", None),
        ] {
            let sent = request.headers.iter().find(|h| h.name.eq_ignore_ascii_case(header));
            if let Some(sent) = sent.filter(|_| kind == "huawei-aksk") {
                let value = match variable {
                    Some(variable) => format!("env:{variable}"),
                    None => sent.value.clone(),
                };
                params.push(format!("{name}={value}"));
            }
        }
        headers.extend(HEADERS.iter().map(|name| (*name).to_owned()));
        Some(Auth { kind, params, headers, query: None })
    }

    /// Whether the way writes a header of that name by itself.
    pub(super) fn writes(&self, header: &str) -> bool {
        self.headers.iter().any(|name| name.eq_ignore_ascii_case(header))
    }

    /// The address without what the way puts into the query.
    pub(super) fn without(&self, url: &str) -> String {
        let Some(name) = &self.query else { return url.to_owned() };
        let Some((path, query)) = url.split_once('?') else { return url.to_owned() };
        let kept: Vec<&str> = query
            .split('&')
            .filter(|piece| {
                !piece.split_once('=').is_some_and(|(n, v)| n == name && v.contains(MASK))
            })
            .collect();
        if kept.is_empty() { path.to_owned() } else { format!("{path}?{}", kept.join("&")) }
    }
}
