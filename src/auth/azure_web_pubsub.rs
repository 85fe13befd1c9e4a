//! Client access tokens of Azure Web PubSub and Azure SignalR, made from the service's key.
//!
//! A token is a JWT with HMAC-SHA-256 whose audience is the address that is connected to, with
//! `https` and without its query.

use jsonwebtoken::Algorithm;
use serde_json::{Map, Value};

use super::credential::Credential;
use super::place::{Place, Token};
use super::signed_token::{self, KeyText};
use super::{About, AuthProblem, Context, Field, Group, Values, Way};
use crate::core::request::AuthContribution;
use crate::core::url::Scheme;

#[derive(Debug)]
pub(super) struct AzureWebPubSub;

/// The longest lifetime in seconds.
const LONGEST: u64 = 100 * 365 * 86_400;

impl Way for AzureWebPubSub {
    fn about(&self) -> &'static About {
        const ABOUT: About = About {
            kind: "azure-web-pubsub",
            label: "Azure Web PubSub, SignalR",
            summary: "Makes a client access token from the service's access key and sends it as \
                      access_token.",
            group: Group::Cloud,
            fields: &[
                Field {
                    help: "They name the user and the hub differently.",
                    ..Field::choice("service", "Service", &["web-pubsub", "signalr"], "web-pubsub")
                },
                Field {
                    placeholder: "Endpoint=https://NAME.webpubsub.azure.com;AccessKey=…;Version=1.0;",
                    help: "The connection string, whole; or else endpoint and access key below.",
                    ..Field::secret("connection-string", "Connection string").optional()
                },
                Field {
                    placeholder: "https://NAME.webpubsub.azure.com",
                    help: "If it is not the address that is connected to.",
                    ..Field::text("endpoint", "Endpoint").optional()
                },
                Field {
                    help: "The primary or secondary access key, as the portal shows it.",
                    ..Field::secret("access-key", "Access key").optional()
                },
                Field {
                    placeholder: "chat",
                    help: "If it is not that of the address (/client/hubs/NAME).",
                    ..Field::text("hub", "Hub").optional()
                },
                Field {
                    help: "Whom the service shall take the client for.",
                    ..Field::text("user", "User id").optional()
                },
                Field {
                    placeholder: "webpubsub.sendToGroup, webpubsub.joinLeaveGroup.room",
                    help: "Roles with commas between them.",
                    ..Field::text("roles", "Roles").optional()
                },
                Field {
                    default: "3600",
                    help: "Seconds until the token ends.",
                    ..Field::text("lifetime", "Lifetime").optional()
                },
                Field {
                    help: "As access_token in the query, or as a bearer token.",
                    ..Field::choice("in", "In", &["query", "header"], "query")
                },
            ],
        };
        &ABOUT
    }

    fn applies(&self, field: &Field, values: &Values<'_>) -> bool {
        match field.name {
            "endpoint" | "access-key" => values.get("connection-string").trim().is_empty(),
            "roles" => values.get("service") == "web-pubsub",
            _ => true,
        }
    }

    fn contribute(
        &self,
        values: &Values<'_>,
        ctx: &Context<'_>,
    ) -> Result<AuthContribution, AuthProblem> {
        let mut notes = Vec::new();
        let (endpoint, key) = match values.get("connection-string").trim() {
            "" => {
                let (key, odd) = Credential::read("access key", values.get("access-key"))
                    .unquote()
                    .finish(self.label())?;
                notes.extend(odd);
                (values.get("endpoint").trim(), key)
            }
            // The whole of it is read at connecting.
            text if super::template::is_later(text) => ("", text),
            text => connection_string(text)?,
        };
        let lifetime = values.get("lifetime").trim();
        let lifetime: u64 =
            lifetime.parse().ok().filter(|s| (1..=LONGEST).contains(s)).ok_or_else(|| {
                let why = "is no number of seconds".into();
                AuthProblem::Value { label: "the lifetime", why }
            })?;
        let now = ctx.now.0 / 1_000_000;
        let audience = audience(values, ctx, endpoint, &mut notes)?;
        let mut claims = Map::new();
        claims.insert("aud".into(), audience.into());
        claims.insert("exp".into(), now.saturating_add(lifetime).into());
        claims.insert("iat".into(), now.into());
        claims.insert("nbf".into(), now.into());
        let signalr = values.get("service") == "signalr";
        let user = values.get("user").trim();
        if !user.is_empty() {
            claims.insert(if signalr { "nameid" } else { "sub" }.into(), user.into());
        }
        let roles = values.get("roles").split([',', ' ']).filter(|role| !role.is_empty());
        let roles: Vec<Value> = roles.map(Value::from).collect();
        if !signalr && !roles.is_empty() {
            claims.insert("role".into(), roles.into());
        }
        let claims = Value::Object(claims).to_string();
        let header = r#"{"alg":"HS256","typ":"JWT"}"#;
        let key_text = KeyText { text: key, base64: false };
        let token = signed_token::sign(header, &claims, Algorithm::HS256, &key_text)?;
        let mut out = AuthContribution {
            notes,
            shown: signed_token::shown(header, &claims, ctx.now),
            secrets: vec![key.into()],
            expires: Some(crate::core::time::Micros(
                now.saturating_add(lifetime).saturating_mul(1_000_000),
            )),
            ..AuthContribution::default()
        };
        let at = values.get("in");
        let name = if at == "header" { "Authorization" } else { "access_token" };
        let place = Place { at, name, word: "Bearer", what: "token" };
        place.put(&Token::made(token.as_ref()), &mut out)?;
        Ok(out)
    }
}

/// Endpoint and key of `Endpoint=…;AccessKey=…;Version=1.0;`.
fn connection_string(text: &str) -> Result<(&str, &str), AuthProblem> {
    let find = |wanted: &str| {
        let mut parts = text.split(';').filter_map(|part| part.split_once('='));
        parts.find(|(name, _)| name.trim().eq_ignore_ascii_case(wanted)).map(|(_, v)| v.trim())
    };
    match (find("endpoint"), find("accesskey")) {
        (Some(endpoint), Some(key)) if !endpoint.is_empty() && !key.is_empty() => {
            Ok((endpoint, key))
        }
        (Some(_), _) => Err(AuthProblem::Value {
            label: "the connection string",
            why: "holds no AccessKey=".into(),
        }),
        _ => Err(AuthProblem::Value {
            label: "the connection string",
            why: "holds no Endpoint=".into(),
        }),
    }
}

/// Whom the token is for: the address of the hub.
fn audience(
    values: &Values<'_>,
    ctx: &Context<'_>,
    endpoint: &str,
    notes: &mut Vec<String>,
) -> Result<String, AuthProblem> {
    let address = ctx.address()?;
    let scheme = if address.scheme == Scheme::Wss { "https" } else { "http" };
    let (path, query) = address.target.split_once('?').unwrap_or((&address.target, ""));
    let ours = format!("{scheme}://{}", address.host_header());
    let signalr = values.get("service") == "signalr";
    let in_address = if signalr {
        query.split('&').find_map(|piece| piece.strip_prefix("hub=")).unwrap_or_default()
    } else {
        path.split_once("/client/hubs/").map_or("", |(_, hub)| hub.trim_end_matches('/'))
    };
    let hub = match values.get("hub").trim() {
        "" => in_address,
        hub => hub,
    };
    if hub.is_empty() {
        let why = "is neither given nor in the address (/client/hubs/NAME)".into();
        return Err(AuthProblem::Value { label: "the hub", why });
    }
    if !in_address.is_empty() && in_address != hub {
        notes.push(format!("the token is for the hub {hub}, and the address names {in_address}"));
    }
    let base = match endpoint.trim_end_matches('/') {
        "" if signalr => ours,
        // Everything before the hub, as a gateway in front of the service may have a path.
        "" => format!("{ours}{}", path.split("/client/hubs/").next().unwrap_or_default()),
        endpoint => {
            let host = endpoint.split("://").last().unwrap_or_default();
            let host = host.split('/').next().unwrap_or_default();
            if !host.eq_ignore_ascii_case(&address.host_header()) {
                notes.push(format!(
                    "the token is for {host}, and the request goes to {}",
                    address.host_header()
                ));
            }
            endpoint.to_owned()
        }
    };
    Ok(if signalr {
        format!("{base}/client/?hub={hub}")
    } else {
        format!("{}/client/hubs/{hub}", base.trim_end_matches('/'))
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::put_on;
    use super::*;

    const KEY: (&str, &str) = ("access-key", "cHJhY3RpY2Uta2V5LW9mLWF6dXJl");
    const URL: &str = "wss://x.webpubsub.azure.com/client/hubs/chat";

    fn claims(out: &AuthContribution) -> Value {
        serde_json::from_str(&out.shown[1].text).unwrap()
    }

    #[test]
    fn the_audience_is_the_hubs_address() {
        let out = put_on(URL, "azure-web-pubsub", &[KEY, ("user", "ann"), ("roles", "a, b")]);
        let out = out.unwrap();
        let claims = claims(&out);
        assert_eq!(claims["aud"], "https://x.webpubsub.azure.com/client/hubs/chat");
        assert_eq!(claims["sub"], "ann");
        assert_eq!(claims["role"], serde_json::json!(["a", "b"]));
        assert_eq!(claims["exp"], 1_800_003_600_u64);
        assert_eq!(out.query[0].0, "access_token");
        assert!(out.notes.is_empty(), "{:?}", out.notes);
    }

    #[test]
    fn a_connection_string_is_taken_apart() {
        let text = "Endpoint=https://y.service.signalr.net;AccessKey=abc=;Version=1.0;";
        let out = put_on(
            "wss://y.service.signalr.net/client/?hub=Chat",
            "azure-web-pubsub",
            &[
                ("connection-string", text),
                ("service", "signalr"),
                ("user", "ann"),
                ("in", "header"),
            ],
        )
        .unwrap();
        assert_eq!(claims(&out)["aud"], "https://y.service.signalr.net/client/?hub=Chat");
        assert_eq!(claims(&out)["nameid"], "ann");
        assert_eq!(out.secrets[0].expose(), "abc=");
        assert!(out.headers[0].value.expose().starts_with("Bearer eyJ"));
        let out = put_on(URL, "azure-web-pubsub", &[("connection-string", text)]).unwrap();
        assert!(out.notes[0].contains("the token is for y.service.signalr.net"), "{:?}", out.notes);
    }

    #[test]
    fn what_is_missing_is_told() {
        for (url, values, expected) in [
            (URL, &[][..], "Azure Web PubSub, SignalR needs the field “access key”"),
            (
                URL,
                &[("connection-string", "AccessKey=x")],
                "the connection string cannot be used: it holds no Endpoint=",
            ),
            (
                URL,
                &[("connection-string", "Endpoint=x;")],
                "the connection string cannot be used: it holds no AccessKey=",
            ),
            ("wss://a.example/", &[KEY], "the hub cannot be used: it is neither given"),
            (URL, &[KEY, ("lifetime", "0")], "the lifetime cannot be used"),
        ] {
            let problem = put_on(url, "azure-web-pubsub", values).unwrap_err().to_string();
            assert!(problem.starts_with(expected), "{values:?}: {problem}");
        }
    }
}
