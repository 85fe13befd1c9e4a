//! An access token of OAuth 2.0 (RFC 6749), got at connecting and sent as a bearer token
//! (RFC 6750).
//!
//! The way says what to ask for and shows the exchanges before they are made; who makes them is
//! `credentials`. What Microsoft Entra, Google and Auth0 want beyond the standard are scopes and
//! further parameters, for which there are fields.

mod shown;

use url::Url;

use super::credential::Credential;
use super::grant::{Ask, Grant, OAuth2Ask, OAuth2Flow};
use super::place::{Place, Token};
use super::{About, AuthProblem, Context, Field, Group, Values, Way};
use crate::core::request::AuthContribution;

/// Stands for the token in a preview.
const LATER: &str = "‹the access token›";

/// Parameters that the flow writes itself, or that have a field.
const OWNED: &[&str] = &[
    "client_id",
    "client_secret",
    "code",
    "code_challenge",
    "code_challenge_method",
    "code_verifier",
    "device_code",
    "grant_type",
    "redirect_uri",
    "refresh_token",
    "response_type",
    "scope",
    "state",
];

#[derive(Debug)]
pub(super) struct OAuth2;

impl Way for OAuth2 {
    fn about(&self) -> &'static About {
        const ABOUT: About = About {
            kind: "oauth2",
            label: "OAuth 2.0",
            summary: "Gets an access token from an authorization server and sends it as \
                      Authorization: Bearer.",
            group: Group::Fetched,
            fields: FIELDS,
        };
        &ABOUT
    }

    fn applies(&self, field: &Field, values: &Values<'_>) -> bool {
        let flow = flow(values);
        match field.name {
            "authorize-url" | "redirect-port" => flow == OAuth2Flow::AuthorizationCode,
            "device-url" => flow == OAuth2Flow::DeviceCode,
            "refresh-token" => flow == OAuth2Flow::RefreshToken,
            "client-auth" => !values.get("client-secret").is_empty(),
            "param" => values.get("in") == "query",
            _ => true,
        }
    }

    fn ask(&self, values: &Values<'_>, _ctx: &Context<'_>) -> Result<Option<Ask>, AuthProblem> {
        Ok(Some(Ask::OAuth2(Box::new(self.what(values)?))))
    }

    fn contribute(
        &self,
        values: &Values<'_>,
        ctx: &Context<'_>,
    ) -> Result<AuthContribution, AuthProblem> {
        let ask = self.what(values)?;
        let mut out = AuthContribution { shown: shown::exchanges(&ask), ..Default::default() };
        out.secrets.extend(shown::secrets(&ask));
        for (label, url) in [("Token address", &ask.token_url), ("Device address", &device(&ask))] {
            out.notes.extend(in_clear(label, url));
        }
        let Some(grant) = ctx.grant else {
            let from = if ask.flow == OAuth2Flow::ClientCredentials
                || ask.flow == OAuth2Flow::RefreshToken
            {
                "gives at connecting"
            } else {
                "gives at connecting, when a person has agreed"
            };
            out.pending = Some(format!("the access token, which {} {from}", ask.token_url));
            place(values).put(&Token::Later(LATER), &mut out)?;
            return Ok(out);
        };
        let (token, notes) = Credential::read("access token", grant.value.expose())
            .note_expiry(ctx.now)
            .finish(self.label())?;
        out.notes.extend(notes);
        out.notes.extend(other_type(grant));
        out.expires = grant.facts.expires;
        place(values).put(&Token::Known(token), &mut out)?;
        Ok(out)
    }
}

const FIELDS: &[Field] = &[
    Field {
        help: "How the token is got: for the program itself, by a code typed on another device, \
               in the browser (with PKCE), or by a refresh token that you have.",
        ..Field::choice(
            "flow",
            "Flow",
            &["client-credentials", "device-code", "authorization-code", "refresh-token"],
            "client-credentials",
        )
    },
    Field {
        placeholder: "https://auth.example/oauth/token",
        help: "Where tokens are given. Entra: \
               https://login.microsoftonline.com/TENANT/oauth2/v2.0/token; Google: \
               https://oauth2.googleapis.com/token.",
        ..Field::text("token-url", "Token address")
    },
    Field {
        placeholder: "https://auth.example/authorize",
        help: "The page where a person agrees.",
        ..Field::text("authorize-url", "Authorization address")
    },
    Field {
        placeholder: "https://auth.example/oauth/device/code",
        help: "Where device codes are given (RFC 8628).",
        ..Field::text("device-url", "Device address")
    },
    Field {
        help: "The program's name at the authorization server.",
        ..Field::text("client-id", "Client ID")
    },
    Field {
        help: "Empty for a public client, which has none.",
        ..Field::secret("client-secret", "Client secret").optional()
    },
    Field {
        help: "Whether ID and secret go in a Basic header or in the body (RFC 6749 section 2.3.1).",
        ..Field::choice("client-auth", "Client authentication", &["basic", "body"], "basic")
    },
    Field {
        placeholder: "read write",
        help: "What the token is to allow, separated by blanks. Entra wants \
               api://APPLICATION/.default for a program's own token; offline_access, or a \
               parameter access_type=offline at Google, gives a refresh token.",
        ..Field::text("scope", "Scope").optional()
    },
    Field {
        help: "The service that the token is for, where the server asks for it (Auth0).",
        ..Field::text("audience", "Audience").optional()
    },
    Field {
        placeholder: "resource=https://a.example&prompt=consent",
        help: "Further parameters, written as in a query or one a line.",
        ..Field::text("extra", "Further parameters").optional()
    },
    Field {
        default: "0",
        placeholder: "0",
        help: "Port on this machine to which the browser brings the answer; 0 for any that is \
               free. The server must know http://127.0.0.1:PORT/callback.",
        ..Field::text("redirect-port", "Port for the answer").optional()
    },
    Field {
        help: "The refresh token that you have.",
        ..Field::secret("refresh-token", "Refresh token")
    },
    Field {
        help: "Where the access token goes.",
        ..Field::choice("in", "In", &["header", "query"], "header")
    },
    Field {
        default: "access_token",
        placeholder: "access_token",
        help: "Name of the query parameter for the token.",
        ..Field::text("param", "Parameter").optional()
    },
];

fn flow(values: &Values<'_>) -> OAuth2Flow {
    match values.get("flow") {
        "device-code" => OAuth2Flow::DeviceCode,
        "authorization-code" => OAuth2Flow::AuthorizationCode,
        "refresh-token" => OAuth2Flow::RefreshToken,
        _ => OAuth2Flow::ClientCredentials,
    }
}

impl OAuth2 {
    fn what(&self, values: &Values<'_>) -> Result<OAuth2Ask, AuthProblem> {
        let flow = flow(values);
        let secret = values.get("client-secret");
        if flow == OAuth2Flow::ClientCredentials && secret.is_empty() {
            // RFC 6749 section 4.4: only for confidential clients.
            return Err(AuthProblem::Missing { label: "Client secret", way: self.label() });
        }
        let page = match flow {
            OAuth2Flow::AuthorizationCode => {
                endpoint("Authorization address", values.get("authorize-url"))?
            }
            OAuth2Flow::DeviceCode => endpoint("Device address", values.get("device-url"))?,
            OAuth2Flow::ClientCredentials | OAuth2Flow::RefreshToken => String::new(),
        };
        let mut more = extra(values.get("extra"))?;
        let audience = values.get("audience").trim();
        if !audience.is_empty() {
            more.insert(0, ("audience".into(), audience.into()));
        }
        let port = values.get("redirect-port").trim();
        Ok(OAuth2Ask {
            flow,
            token_url: endpoint("Token address", values.get("token-url"))?,
            authorize_url: page,
            client_id: values.get("client-id").trim().into(),
            client_secret: secret.trim().into(),
            secret_in_body: values.get("client-auth") == "body",
            scopes: values.get("scope").split_whitespace().map(str::to_owned).collect(),
            more,
            redirect_port: port.parse().map_err(|_| AuthProblem::Value {
                label: "Port for the answer",
                why: "is no number from 0 to 65535".into(),
            })?,
            refresh_token: if flow == OAuth2Flow::RefreshToken {
                values.get("refresh-token").trim().into()
            } else {
                Default::default()
            },
        })
    }
}

/// An address that can be asked, as it was typed (RFC 6749 sections 3.1 and 3.2).
fn endpoint(label: &'static str, typed: &str) -> Result<String, AuthProblem> {
    let typed = typed.trim();
    // In a preview a reference stands for something that is not known yet.
    if typed.contains('‹') {
        return Ok(typed.into());
    }
    let bad = |why: &str| AuthProblem::Value { label, why: why.into() };
    let url = Url::parse(typed).map_err(|error| bad(&format!("is no address: {error}")))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(bad("must begin with https:// (or http://)"));
    }
    if url.fragment().is_some() {
        return Err(bad("holds a #, which the standard forbids here"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(bad("holds a user name; the client's has a field of its own"));
    }
    Ok(typed.into())
}

/// Parameters written as in a query, or one a line.
fn extra(text: &str) -> Result<Vec<(String, String)>, AuthProblem> {
    let bad = |why: String| AuthProblem::Value { label: "Further parameters", why };
    let mut out = Vec::new();
    for line in text.lines() {
        for (name, value) in url::form_urlencoded::parse(line.trim().as_bytes()) {
            if name.is_empty() {
                return Err(bad("holds a value without a name".into()));
            }
            if OWNED.contains(&&*name) {
                return Err(bad(format!("holds {name}, which has a field or is made by the flow")));
            }
            out.push((name.into_owned(), value.into_owned()));
        }
    }
    Ok(out)
}

fn device(ask: &OAuth2Ask) -> String {
    if ask.flow == OAuth2Flow::DeviceCode { ask.authorize_url.clone() } else { String::new() }
}

/// A note on secrets that go to another machine without TLS (RFC 6749 section 2.3.1).
fn in_clear(label: &str, url: &str) -> Option<String> {
    let url = Url::parse(url).ok().filter(|url| url.scheme() == "http")?;
    let near = match url.host()? {
        url::Host::Domain(name) => name == "localhost" || name.ends_with(".localhost"),
        url::Host::Ipv4(ip) => ip.is_loopback(),
        url::Host::Ipv6(ip) => ip.is_loopback(),
    };
    (!near).then(|| {
        format!("{label}: http:// sends the client's secret and the token in clear; use https://")
    })
}

fn other_type(grant: &Grant) -> Option<String> {
    let kind = grant.fact("token type");
    (!kind.is_empty() && !kind.eq_ignore_ascii_case("bearer"))
        .then(|| format!("the access token is of type {kind}; it is sent as a bearer token"))
}

/// Where the token goes.
fn place<'a>(values: &Values<'a>) -> Place<'a> {
    let at = values.get("in");
    let name = if at == "query" { values.get("param").trim() } else { "Authorization" };
    Place { at, name, word: "Bearer", what: "access token" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::{Means, ask, fields, prepare, preview};
    use crate::core::request::{Files, RequestDraft, RequestSpec};
    use crate::core::secret::Secret;
    use crate::core::time::Micros;

    const NOW: Micros = Micros(1_800_000_000_000_000);

    fn draft(values: &[(&str, &str)]) -> RequestDraft {
        let mut draft = RequestDraft::default();
        draft.set_url("wss://a.example/".into());
        draft.auth.kind = "oauth2".into();
        for (name, value) in [
            ("token-url", "https://auth.example/token"),
            ("client-id", "me"),
            ("client-secret", "s3cret-of-client"),
        ]
        .iter()
        .chain(values)
        {
            draft.auth.set(name, Secret::from(*value));
        }
        draft
    }

    fn looked_at(values: &[(&str, &str)]) -> RequestSpec {
        preview(&draft(values), Files::default(), NOW).unwrap()
    }

    #[test]
    fn a_form_asks_only_for_what_the_flow_needs() {
        for (flow, there, absent) in [
            (
                "client-credentials",
                "client-secret",
                &["device-url", "redirect-port", "refresh-token"][..],
            ),
            ("device-code", "device-url", &["authorize-url", "refresh-token", "param"]),
            ("authorization-code", "authorize-url", &["device-url", "refresh-token"]),
            ("refresh-token", "refresh-token", &["device-url", "authorize-url"]),
        ] {
            let names: Vec<&str> =
                fields(&draft(&[("flow", flow)]).auth).iter().map(|field| field.name).collect();
            assert!(names.contains(&there) && names.contains(&"client-auth"), "{flow}: {names:?}");
            assert!(absent.iter().all(|name| !names.contains(name)), "{flow}: {names:?}");
        }
        let public = draft(&[("client-secret", ""), ("in", "query"), ("flow", "device-code")]);
        let names: Vec<&str> = fields(&public.auth).iter().map(|field| field.name).collect();
        assert!(!names.contains(&"client-auth") && names.contains(&"param"), "{names:?}");
    }

    #[test]
    fn the_exchange_is_shown_before_it_is_made() {
        let spec = looked_at(&[("scope", "read  write"), ("audience", "https://a.example/")]);
        let shown = &spec.facts.credential.shown;
        assert_eq!(shown.len(), 1);
        assert_eq!(shown[0].title, "Token request");
        assert_eq!(
            shown[0].text,
            "POST https://auth.example/token\n\
             Authorization: Basic •••••• (client me and its secret)\n\
             Content-Type: application/x-www-form-urlencoded\n\
             Accept: application/json\n\
             \n\
             grant_type=client_credentials\n\
             scope=read write\n\
             audience=https://a.example/"
        );
        assert!(spec.pending.unwrap().starts_with("the access token, which https://auth.example"));
        let last = spec.headers.last().unwrap();
        assert_eq!(last.shown_value(), "Bearer ‹the access token›");
    }

    #[test]
    fn no_secret_is_shown() {
        for flow in ["client-credentials", "device-code", "authorization-code", "refresh-token"] {
            for auth in ["basic", "body"] {
                let spec = looked_at(&[
                    ("flow", flow),
                    ("client-auth", auth),
                    ("device-url", "https://auth.example/device"),
                    ("authorize-url", "https://auth.example/authorize"),
                    ("refresh-token", "s3cret-of-refresh"),
                    ("extra", "api_token=s3cret-of-extra"),
                ]);
                let shown = format!("{:?}{:?}", spec.facts, spec.pending);
                assert!(!shown.contains("s3cret"), "{flow} {auth}: {shown}");
                assert!(shown.contains("••••••"));
            }
        }
        let by_reference = looked_at(&[("client-auth", "body"), ("client-secret", "env:CLIENT")]);
        let text = &by_reference.facts.credential.shown[0].text;
        assert!(text.ends_with("client_id=me\nclient_secret=‹env:CLIENT›"), "{text}");
    }

    #[test]
    fn each_flow_shows_its_exchanges() {
        let titles = |flow: &str| {
            let spec = looked_at(&[
                ("flow", flow),
                ("device-url", "https://auth.example/device"),
                ("authorize-url", "https://auth.example/authorize?x=1"),
                ("refresh-token", "s3cret-of-refresh"),
                ("extra", "prompt=consent&resource=https://r.example"),
            ]);
            let shown = spec.facts.credential.shown;
            let titles: Vec<String> = shown.iter().map(|part| part.title.clone()).collect();
            (titles, shown.into_iter().map(|part| part.text).collect::<Vec<_>>())
        };
        let (names, texts) = titles("device-code");
        assert_eq!(names, ["Device request", "Token request, repeated until somebody has agreed"]);
        assert!(texts[0].starts_with("POST https://auth.example/device\n"), "{}", texts[0]);
        assert!(texts[1].contains("device_code=‹of the answer›"), "{}", texts[1]);

        let (names, texts) = titles("authorization-code");
        assert_eq!(names, ["Page for the browser", "Token request"]);
        for line in [
            "https://auth.example/authorize?x=1",
            "redirect_uri=http://127.0.0.1:‹any free port›/callback",
            "code_challenge_method=S256",
            "prompt=consent",
        ] {
            assert!(texts[0].lines().any(|l| l == line), "{line}: {}", texts[0]);
        }
        // RFC 8707 section 2.2 has the resource in both; Google refuses the others here.
        assert!(texts[1].contains("resource=") && !texts[1].contains("prompt="), "{}", texts[1]);

        let (_, texts) = titles("refresh-token");
        assert!(
            texts[0].contains("grant_type=refresh_token\nrefresh_token=••••••"),
            "{}",
            texts[0]
        );
    }

    #[test]
    fn a_grant_is_sent_as_a_bearer_token() {
        let mut grant = Grant { value: "tok-4711-of-grant".into(), ..Grant::default() };
        grant.facts.expires = Some(Micros(NOW.0 + 1));
        let means = Means { grant: Some(grant), ..Means::at(NOW) };
        let spec = prepare(&draft(&[]), Files::default(), means.clone()).unwrap();
        let last = spec.headers.last().unwrap();
        assert_eq!(last.value.expose(), "Bearer tok-4711-of-grant");
        assert!(spec.pending.is_none());
        assert_eq!(spec.facts.credential.expires, Some(Micros(NOW.0 + 1)));
        assert_eq!(spec.masker.mask("you sent tok-4711-of-grant"), "you sent ••••••");

        let query = draft(&[("in", "query"), ("param", "jwt")]);
        let spec = prepare(&query, Files::default(), means).unwrap();
        assert_eq!(spec.target.expose(), "/?jwt=tok-4711-of-grant");
        assert!(!spec.facts.target.contains("4711"));
    }

    #[test]
    fn what_cannot_be_asked_is_told() {
        let problem =
            |values: &[(&str, &str)]| ask(&draft(values), &Means::at(NOW)).unwrap_err().to_string();
        for (values, expected) in [
            (&[("client-secret", "")][..], "OAuth 2.0 needs the field “Client secret”"),
            (&[("token-url", "auth.example/token")], "Token address cannot be used: it is no addr"),
            (&[("token-url", "ws://auth.example/")], "Token address cannot be used: it must begin"),
            (&[("token-url", "https://a/#b")], "Token address cannot be used: it holds a #"),
            (&[("token-url", "https://a:b@c/")], "Token address cannot be used: it holds a user"),
            (&[("flow", "device-code")], "OAuth 2.0 needs the field “Device address”"),
            (&[("flow", "authorization-code")], "OAuth 2.0 needs the field “Authorization addr"),
            (&[("flow", "refresh-token")], "OAuth 2.0 needs the field “Refresh token”"),
            (&[("redirect-port", "70000")], "Port for the answer cannot be used"),
            (&[("extra", "state=x")], "Further parameters cannot be used: it holds state"),
            (&[("extra", "=x")], "Further parameters cannot be used: it holds a value"),
            (&[("flow", "implicit")], "“Flow” must be one of client-credentials"),
        ] {
            let told = problem(values);
            assert!(told.starts_with(expected), "{values:?}: {told}");
        }
    }

    #[test]
    fn a_secret_in_clear_is_noted() {
        let notes = |url: &str| looked_at(&[("token-url", url)]).facts.credential_notes.join(";");
        assert!(notes("http://auth.example/").contains("in clear"));
        for near in ["https://auth.example/", "http://127.0.0.1:1/", "http://[::1]/x"] {
            assert_eq!(notes(near), "", "{near}");
        }
    }
}
