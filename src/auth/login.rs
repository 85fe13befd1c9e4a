//! A login over HTTP whose cookies the handshake then carries, as a browser's page does it.

use super::json::{escaped, is_inside_string};
use super::{About, Ask, AuthProblem, Context, Field, Group, LoginAsk, Values, Way};
use crate::core::headers::syntax_problem;
use crate::core::request::{AuthContribution, Shown};
use crate::core::secret::{MASK, Secret};
use crate::core::url;

const JSON_BODY: &str = r#"{"username":"{{username}}","password":"{{password}}"}"#;
const FORM_BODY: &str = "username={{username}}&password={{password}}";

const FORM: &str = "application/x-www-form-urlencoded";

#[derive(Debug)]
pub(super) struct Login;

impl Way for Login {
    fn about(&self) -> &'static About {
        const ABOUT: About = About {
            kind: "login",
            label: "Login for cookies",
            summary: "Logs in over HTTP first, and sends the cookies that the login gives.",
            group: Group::Fetched,
            fields: &[
                Field {
                    placeholder: "https://host/login",
                    help: "Whole address of the login, as the page's form or program calls it.",
                    ..Field::text("url", "Login address")
                },
                Field {
                    help: "May be empty if the body does not ask for it.",
                    ..Field::text("username", "User name").optional()
                },
                Field {
                    help: "Goes to the login only, never to the server of the connection.",
                    ..Field::secret("password", "Password").optional()
                },
                Field {
                    help: "Method of the login; GET sends no body.",
                    ..Field::choice("method", "Method", &["POST", "PUT", "GET"], "POST")
                },
                Field {
                    default: FORM,
                    placeholder: FORM,
                    help: "Content-Type of the body; user name and password are escaped for it.",
                    ..Field::text("content-type", "Content type").optional()
                },
                Field {
                    placeholder: FORM_BODY,
                    help: "Body with {{username}} and {{password}} in it; empty for these two \
                           under their own names.",
                    ..Field::text("body", "Body").optional()
                },
            ],
        };
        &ABOUT
    }

    fn applies(&self, field: &Field, values: &Values<'_>) -> bool {
        !matches!(field.name, "content-type" | "body") || values.get("method") != "GET"
    }

    fn ask(&self, values: &Values<'_>, _: &Context<'_>) -> Result<Option<Ask>, AuthProblem> {
        let address = values.get("url").trim();
        let parsed = ::url::Url::parse(address).ok();
        let is_http = |url: &::url::Url| matches!(url.scheme(), "http" | "https");
        if !parsed.as_ref().is_some_and(|url| is_http(url) && url.has_host()) {
            return Err(AuthProblem::Value {
                label: "Login address",
                why: "is no address of HTTP: it begins with https:// or http:// and names a host"
                    .into(),
            });
        }
        let method = values.get("method");
        let (content_type, body) = if method == "GET" {
            (String::new(), Secret::default())
        } else {
            let kind = values.get("content-type").trim();
            if let Some(why) = syntax_problem("Content-Type", kind) {
                return Err(AuthProblem::Value { label: "Content type", why });
            }
            (kind.to_owned(), body(values, &|name| values.get(name).to_owned()))
        };
        Ok(Some(Ask::Login(LoginAsk {
            url: address.into(),
            method: method.into(),
            content_type,
            body,
        })))
    }

    fn contribute(
        &self,
        values: &Values<'_>,
        ctx: &Context<'_>,
    ) -> Result<AuthContribution, AuthProblem> {
        let mut out = AuthContribution::default();
        // Judged here as well, for the preview, where nothing is asked for.
        let Some(Ask::Login(ask)) = self.ask(values, ctx)? else { return Ok(out) };
        out.shown.push(Shown { title: "Login request".into(), text: shown(values, &ask) });
        let goes_bare = ask.url.starts_with("http://") && ctx.address()?.scheme == url::Scheme::Wss;
        if goes_bare {
            out.notes.push("the login goes out unencrypted, the connection does not".into());
        }
        if !values.get("body").is_empty() && !values.get("body").contains("{{password}}") {
            out.notes.push("the body of the login asks for no {{password}}".into());
        }
        match ctx.grant {
            Some(grant) => {
                if grant.more.is_empty() {
                    return Err(AuthProblem::Value {
                        label: "The login",
                        why: "gave no cookie that could be sent".into(),
                    });
                }
                let cookies = grant.more.iter();
                out.cookies.extend(cookies.map(|(name, value)| (name.clone(), value.clone())));
            }
            None => {
                out.pending =
                    Some(format!("the cookies that {} gives at connecting", host(&ask.url)))
            }
        }
        Ok(out)
    }
}

fn host(url: &str) -> String {
    let host = ::url::Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned));
    host.unwrap_or_else(|| "the login".into())
}

/// The body with user name and password in their places, escaped as its content type wants it.
fn body(values: &Values<'_>, value: &dyn Fn(&str) -> String) -> Secret {
    let is_json = values.get("content-type").to_ascii_lowercase().contains("json");
    let is_form = values.get("content-type").to_ascii_lowercase().starts_with(FORM);
    let template = match values.get("body") {
        "" if is_json => JSON_BODY,
        "" => FORM_BODY,
        own => own,
    };
    let mut out = zeroize::Zeroizing::new(String::new());
    let mut rest = template;
    while let Some((at, name)) = ["username", "password"]
        .iter()
        .filter_map(|name| Some((rest.find(&format!("{{{{{name}}}}}"))?, *name)))
        .min()
    {
        out.push_str(&rest[..at]);
        let text = zeroize::Zeroizing::new(value(name));
        if is_json && is_inside_string(&out) {
            out.push_str(&escaped(&text));
        } else if is_form {
            out.extend(::url::form_urlencoded::byte_serialize(text.as_bytes()));
        } else {
            out.push_str(&text);
        }
        rest = &rest[at + name.len() + 4..];
    }
    out.push_str(rest);
    Secret::from(out.as_str())
}

/// The request as it will be made, with a mask for the password.
fn shown(values: &Values<'_>, ask: &LoginAsk) -> String {
    let mut out = format!("{} {}", ask.method, url::masked(&ask.url));
    if !ask.content_type.is_empty() {
        let masked = |name: &str| match name {
            "password" => MASK.to_owned(),
            _ => values.get(name).to_owned(),
        };
        // A mask is escaped for a form as well.
        let body = body(values, &masked).expose().replace(&encoded_mask(), MASK);
        out.push_str(&format!("\nContent-Type: {}\n\n{body}", ask.content_type));
    }
    out
}

fn encoded_mask() -> String {
    ::url::form_urlencoded::byte_serialize(MASK.as_bytes()).collect()
}

#[cfg(test)]
mod tests {
    use super::super::{Grant, Means, ask, prepare, preview};
    use super::*;

    const JSON: &str = "application/json";
    use crate::core::request::{Files, RequestDraft};
    use crate::core::time::Micros;

    fn draft(fields: &[(&str, &str)]) -> RequestDraft {
        let mut draft = RequestDraft::default();
        draft.set_url("wss://a.example/".into());
        draft.auth.kind = "login".into();
        for (name, value) in fields {
            draft.auth.set(name, (*value).into());
        }
        draft
    }

    #[test]
    fn the_body_is_escaped_for_its_type() {
        let user = r#"jo "x" & co"#;
        for (kind, template, expected) in [
            ("", "", "username=jo+%22x%22+%26+co&password=p%25%C3%A4%3D"),
            (FORM, "u={{username}}&u2={{username}}", "u=jo+%22x%22+%26+co&u2=jo+%22x%22+%26+co"),
            (JSON, "", r#"{"username":"jo \"x\" & co","password":"p%ä="}"#),
            ("application/vnd.x+json", r#"["{{password}}"]"#, r#"["p%ä="]"#),
            ("text/plain", "{{username}}\n{{password}}{{other}}", "jo \"x\" & co\np%ä={{other}}"),
        ] {
            let draft = draft(&[
                ("url", "https://a.example/login"),
                ("username", user),
                ("password", "p%ä="),
                ("content-type", kind),
                ("body", template),
            ]);
            let Some(Ask::Login(ask)) = ask(&draft, &Means::at(Micros(0))).unwrap() else {
                panic!("it asks");
            };
            assert_eq!(ask.body.expose(), expected);
            assert_eq!(ask.method, "POST");
        }
    }

    #[test]
    fn a_password_cannot_bring_a_placeholder_along() {
        let draft = draft(&[
            ("url", "https://a.example/login"),
            ("username", "{{password}}"),
            ("password", "hunter22"),
            ("content-type", "text/plain"),
            ("body", "{{username}}"),
        ]);
        let Some(Ask::Login(ask)) = ask(&draft, &Means::at(Micros(0))).unwrap() else {
            panic!("it asks");
        };
        assert_eq!(ask.body.expose(), "{{password}}");
    }

    #[test]
    fn the_preview_shows_the_request_without_the_password() {
        for kind in [FORM, JSON] {
            let draft = draft(&[
                ("url", "https://a.example/login?key=s3cret-key"),
                ("username", "jo"),
                ("password", "hunter22-x"),
                ("content-type", kind),
            ]);
            let spec = preview(&draft, Files::default(), Micros(0)).unwrap();
            let shown = &spec.facts.credential.shown[0].text;
            assert!(shown.contains("jo") && shown.contains("••••••"), "{shown}");
            assert!(!shown.contains("hunter22") && !shown.contains("s3cret"), "{shown}");
            assert_eq!(
                spec.pending.as_deref(),
                Some("the cookies that a.example gives at connecting")
            );
        }
    }

    #[test]
    fn its_cookies_go_out() {
        let draft = draft(&[("url", "http://a.example/login"), ("username", "jo")]);
        let mut grant = Grant::default();
        grant.more.insert("sid".into(), "s3ssion-value".into());
        grant.more.insert("csrf".into(), "c5rf-value".into());
        let means = Means { grant: Some(grant), ..Means::at(Micros(0)) };
        let spec = prepare(&draft, Files::default(), means).unwrap();
        let cookie = spec.headers.iter().find(|h| h.name == "Cookie").unwrap();
        assert_eq!(cookie.value.expose(), "csrf=c5rf-value; sid=s3ssion-value");
        assert!(!cookie.shown_value().contains("value"), "{}", cookie.shown_value());
        assert!(spec.facts.credential_notes[0].contains("unencrypted"));
        assert!(spec.pending.is_none());

        let means = Means { grant: Some(Grant::default()), ..Means::at(Micros(0)) };
        let problem = prepare(&draft, Files::default(), means).unwrap_err().to_string();
        assert!(problem.contains("gave no cookie"), "{problem}");
    }

    #[test]
    fn an_address_that_is_none_is_refused() {
        for address in ["a.example/login", "ftp://a/", "wss://a.example/login"] {
            let draft = draft(&[("url", address)]);
            assert!(ask(&draft, &Means::at(Micros(0))).is_err(), "{address}");
        }
    }
}
