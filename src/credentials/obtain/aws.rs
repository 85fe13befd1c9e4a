//! Keys of AWS from where its own tools look for them: the variables, then the files of profiles.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::{Failed, Work, time, words};
use crate::auth::Grant;
use crate::core::credential::{GrantFacts, Question};
use crate::core::evidence::{CredentialProblem, CredentialStep};
use crate::core::time::Micros;
use crate::credentials::files::path_of;
use crate::credentials::reference::resolve_given;

/// Far more than any file of profiles.
const LARGEST: u64 = 1024 * 1024;

/// What is looked at.
struct Places {
    variables: BTreeMap<&'static str, String>,
    credentials: PathBuf,
    config: PathBuf,
}

const VARIABLES: &[&str] = &[
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_PROFILE",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "AWS_SHARED_CREDENTIALS_FILE",
    "AWS_CONFIG_FILE",
];

impl Places {
    fn find(variable: impl Fn(&str) -> Option<String>) -> Places {
        let set = |name: &'static str| {
            variable(name).filter(|value| !value.trim().is_empty()).map(|value| (name, value))
        };
        let variables: BTreeMap<&str, String> =
            VARIABLES.iter().filter_map(|name| set(name)).collect();
        let file = |name: &str, usual: &str| {
            path_of(variables.get(name).map_or(usual, |value| value.as_str()))
        };
        let credentials = file("AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials");
        let config = file("AWS_CONFIG_FILE", "~/.aws/config");
        Places { variables, credentials, config }
    }

    fn variable(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(|value| value.trim())
    }
}

/// What was found, before a command is run for it.
#[derive(PartialEq, Eq)]
enum Found {
    Keys(Keys),
    Process { command: String, profile: String, region: Option<String> },
    Nothing(Vec<String>),
}

#[derive(Default, PartialEq, Eq)]
struct Keys {
    id: String,
    secret: String,
    token: String,
    region: Option<String>,
    expires: Option<Micros>,
    /// Where they were, in words.
    from: String,
}

pub(super) async fn obtain(profile: &str, work: &mut Work<'_>) -> Result<Grant, Failed> {
    let began = work.now();
    let places = Places::find(|name| std::env::var(name).ok());
    let named = profile.trim().to_owned();
    let found = tokio::task::spawn_blocking(move || search(&named, &places)).await;
    let found =
        found.map_err(|_| Failed::unusable("reading the files of AWS failed in wsdeck itself"))?;
    let (from, result) = match found {
        Found::Keys(keys) => (keys.from.clone(), Ok(keys)),
        Found::Nothing(places) => {
            let text = format!("no keys of AWS were found in {}", places.join(", "));
            let problem = CredentialProblem::NotFound { places };
            ("variables and files of AWS".to_owned(), Err(Failed { problem, text }))
        }
        Found::Process { command, profile, region } => {
            let whose = format!("AWS profile {profile}");
            let from = format!("command `{}`", words(&command, &[]));
            (from, run(command, whose, region, work).await)
        }
    };
    work.steps.push(CredentialStep {
        what: "keys of AWS".into(),
        from,
        ms: work.ms_since(began),
        status: None,
        ok: result.is_ok(),
        detail: match &result {
            Ok(keys) => format!("access key {}", words(&keys.id, &[])),
            Err(failed) => failed.text.clone(),
        },
    });
    result.map(|keys| grant(keys, work.now()))
}

fn grant(keys: Keys, now: Micros) -> Grant {
    let mut more = vec![("access-key".to_owned(), keys.id)];
    more.extend(keys.region.map(|region| ("region".to_owned(), region)));
    let mut grant = Grant {
        value: keys.secret.into(),
        facts: GrantFacts {
            source: format!("AWS {}", keys.from),
            obtained: now,
            expires: keys.expires,
            kept: false,
            more,
        },
        ..Grant::default()
    };
    if !keys.token.is_empty() {
        grant.more.insert("session-token".into(), keys.token.into());
    }
    grant
}

/// As AWS's own tools do it: a profile that is named goes before the variables, and those before
/// the profile of the environment.
fn search(named: &str, places: &Places) -> Found {
    let config = read(&places.config);
    let profile = match (named, places.variable("AWS_PROFILE")) {
        ("", variable) => variable.unwrap_or("default"),
        (named, _) => named,
    };
    let section = |file: &Result<Profiles, String>, name: &str| {
        file.as_ref().ok().and_then(|file| file.get(name).cloned()).unwrap_or_default()
    };
    let mut settings = section(&config, &format!("profile {profile}"));
    if profile == "default" {
        settings.extend(section(&config, "default"));
    }
    let region = places
        .variable("AWS_REGION")
        .or(places.variable("AWS_DEFAULT_REGION"))
        .map(str::to_owned)
        .or_else(|| settings.get("region").cloned());
    if named.is_empty()
        && let (Some(id), Some(secret)) =
            (places.variable("AWS_ACCESS_KEY_ID"), places.variable("AWS_SECRET_ACCESS_KEY"))
    {
        return Found::Keys(Keys {
            id: id.to_owned(),
            secret: secret.to_owned(),
            token: places.variable("AWS_SESSION_TOKEN").unwrap_or_default().to_owned(),
            region,
            from: "variables".into(),
            expires: None,
        });
    }
    let credentials = read(&places.credentials);
    let own = section(&credentials, profile);
    for (file, values) in [(&places.credentials, &own), (&places.config, &settings)] {
        let value = |name: &str| values.get(name).cloned().unwrap_or_default();
        let (id, secret) = (value("aws_access_key_id"), value("aws_secret_access_key"));
        if !id.is_empty() && !secret.is_empty() {
            let token = value("aws_session_token");
            let from = format!("profile {profile} in {}", file.display());
            return Found::Keys(Keys { id, secret, token, region, from, expires: None });
        }
    }
    let process = own.get("credential_process").or(settings.get("credential_process"));
    if let Some(command) = process {
        let (command, profile) = (command.clone(), profile.to_owned());
        return Found::Process { command, profile, region };
    }
    Found::Nothing(looked_at(named, profile, places, [&credentials, &config], &settings))
}

/// Where there was nothing, with what was wrong there.
fn looked_at(
    named: &str,
    profile: &str,
    places: &Places,
    files: [&Result<Profiles, String>; 2],
    settings: &BTreeMap<String, String>,
) -> Vec<String> {
    let mut out = Vec::new();
    if named.is_empty() {
        out.push("the variables AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY".to_owned());
    }
    for (path, read) in [&places.credentials, &places.config].into_iter().zip(files) {
        let why = match read {
            Ok(_) => String::new(),
            Err(why) => format!(" ({})", words(why, &[])),
        };
        out.push(format!("profile {} of {}{why}", words(profile, &[]), path.display()));
    }
    let elsewhere = ["sso_session", "sso_start_url", "role_arn", "source_profile"];
    if let Some(name) = elsewhere.iter().find(|name| settings.contains_key(**name)) {
        out.push(format!(
            "the profile's {name}, which is not followed here: \
             `aws configure export-credentials --profile {} --format env` gives its keys",
            words(profile, &[])
        ));
    }
    out
}

/// Runs a `credential_process`, if a person agrees.
async fn run(
    command: String,
    whose: String,
    region: Option<String>,
    work: &Work<'_>,
) -> Result<Keys, Failed> {
    let question = Question::RunCommand { command: command.clone(), whose };
    if !work.attendant.ask(question).await {
        let text = format!("the command `{}` was not allowed", words(&command, &[]));
        return Err(Failed { problem: CredentialProblem::Denied, text });
    }
    let line = format!("cmd:{command}");
    let answer = tokio::task::spawn_blocking(move || resolve_given(&line)).await;
    let answer = answer.unwrap_or_else(|_| Err("could not be run by wsdeck".into()));
    let answer = answer.map_err(|why| Failed::unusable(format!("the AWS profile {why}")))?;
    let answer: serde_json::Value = serde_json::from_str(answer.expose())
        .map_err(|_| Failed::unusable("what the credential_process printed is no JSON"))?;
    let text = |name: &str| answer.get(name).and_then(|v| v.as_str()).unwrap_or_default();
    let (id, secret) = (text("AccessKeyId").to_owned(), text("SecretAccessKey").to_owned());
    if id.is_empty() || secret.is_empty() {
        let why = "what the credential_process printed has no AccessKeyId and SecretAccessKey";
        return Err(Failed::unusable(why));
    }
    Ok(Keys {
        id,
        secret,
        token: text("SessionToken").to_owned(),
        region,
        expires: time(text("Expiration")),
        from: "credential_process".into(),
    })
}

/// Values by section.
type Profiles = BTreeMap<String, BTreeMap<String, String>>;

fn read(path: &Path) -> Result<Profiles, String> {
    let meta = std::fs::metadata(path).map_err(|error| error.to_string())?;
    if !meta.is_file() || meta.len() > LARGEST {
        return Err("it is no small regular file".into());
    }
    std::fs::read_to_string(path).map(|text| parse(&text)).map_err(|error| error.to_string())
}

/// The form of AWS's files: sections, `name = value`, comments behind `#` or `;` at the beginning
/// of a line, and settings within settings further in, which are of no interest here.
fn parse(text: &str) -> Profiles {
    let mut out = Profiles::new();
    let mut section = String::new();
    for line in text.lines() {
        if line.starts_with([' ', '\t']) || line.starts_with(['#', ';']) {
            continue;
        }
        let line = line.trim();
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.split(']').next()) {
            section = name.split_whitespace().collect::<Vec<_>>().join(" ").replace('"', "");
            out.entry(section.clone()).or_default();
        } else if let Some((name, value)) = line.split_once('=') {
            let name = name.trim().to_ascii_lowercase();
            out.entry(section.clone()).or_default().insert(name, value.trim().to_owned());
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(dir: &Path, more: &[(&str, &str)]) -> Places {
        std::fs::write(
            dir.join("credentials"),
            "# mine\n[default]\naws_access_key_id = AKIDEFAULT\naws_secret_access_key=s1\n\
             [work]\naws_access_key_id = AKIWORK\naws_secret_access_key = s2\n\
             aws_session_token = t2\n",
        )
        .unwrap();
        std::fs::write(
            dir.join("config"),
            "[default]\nregion = eu-west-1\n[profile work]\nregion=cn-north-1\ns3 =\n  x = y\n\
             [profile tool]\ncredential_process = /bin/give keys\n[profile sso]\nsso_session = a\n",
        )
        .unwrap();
        let path = |name: &str| dir.join(name).to_str().unwrap().to_owned();
        Places::find(|name| match name {
            "AWS_SHARED_CREDENTIALS_FILE" => Some(path("credentials")),
            "AWS_CONFIG_FILE" => Some(path("config")),
            _ => more.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned()),
        })
    }

    fn keys(found: Found) -> (String, String, Option<String>) {
        match found {
            Found::Keys(keys) => (keys.id, keys.token, keys.region),
            Found::Process { command, .. } => (command, "process".into(), None),
            Found::Nothing(places) => (places.join("; "), "nothing".into(), None),
        }
    }

    #[test]
    fn profiles_and_variables_go_in_the_order_of_the_vendor() {
        let dir = tempfile::tempdir().unwrap();
        let look =
            |named: &str, more: &[(&str, &str)]| keys(search(named, &places(dir.path(), more)));
        let s = str::to_owned;
        assert_eq!(look("", &[]), (s("AKIDEFAULT"), s(""), Some(s("eu-west-1"))));
        assert_eq!(look("work", &[]), (s("AKIWORK"), s("t2"), Some(s("cn-north-1"))));
        assert_eq!(look("", &[("AWS_PROFILE", "work")]).0, "AKIWORK");
        let set = [("AWS_ACCESS_KEY_ID", "AKIVAR"), ("AWS_SECRET_ACCESS_KEY", "s3")];
        assert_eq!(look("", &set).0, "AKIVAR");
        assert_eq!(look("work", &set).0, "AKIWORK");
        assert_eq!(look("work", &[("AWS_REGION", "r")]).2, Some(s("r")));
        assert_eq!(look("tool", &[]).0, "/bin/give keys");
        let (nothing, _, _) = look("sso", &[]);
        assert!(nothing.contains("profile sso of ") && nothing.contains("sso_session"));
        assert!(look("", &[("AWS_PROFILE", "none")]).0.contains("AWS_ACCESS_KEY_ID"));
    }
}
