//! A credential in the first message: for services that open the connection to everybody and
//! want to hear who it is, since a browser's program cannot set headers.

use super::credential::Credential;
use super::json::{escaped, is_inside_string};
use super::{About, AuthProblem, Context, Field, Group, Values, Way};
use crate::core::request::{AuthContribution, FirstMessage};
use crate::core::secret::Secret;

/// Where the token goes in a template.
const TOKEN: &str = "{{token}}";
/// Where the channel goes in Pusher's.
const CHANNEL: &str = "{{channel}}";

/// `{"type":"auth","token":…}`, which many home-made protocols share.
const JSON_AUTH: &str = r#"{"type":"auth","token":"{{token}}"}"#;
/// graphql-transport-ws and the older graphql-ws; what the payload holds is the server's choice,
/// and most look for the header that a browser could not set.
const GRAPHQL: &str =
    r#"{"type":"connection_init","payload":{"Authorization":"Bearer {{token}}"}}"#;
/// Home Assistant's WebSocket API, with a long-lived access token.
const HOME_ASSISTANT: &str = r#"{"type":"auth","access_token":"{{token}}"}"#;
/// Pusher's protocol, version 7, for private channels.
const PUSHER: &str =
    r#"{"event":"pusher:subscribe","data":{"channel":"{{channel}}","auth":"{{token}}"}}"#;

#[derive(Debug)]
pub(super) struct FirstMessageWay;

impl Way for FirstMessageWay {
    fn about(&self) -> &'static About {
        const ABOUT: About = About {
            kind: "first-message",
            label: "First message",
            summary: "Sends a message with the token as soon as the connection is open, before \
                      anything else.",
            group: Group::Token,
            fields: &[
                Field {
                    help: "Whose message it is: your own, {\"type\":\"auth\"}, connection_init of \
                           GraphQL, Home Assistant's, or Pusher's for a private channel.",
                    ..Field::choice(
                        "preset",
                        "Message of",
                        &["custom", "json-auth", "graphql", "home-assistant", "pusher"],
                        "custom",
                    )
                },
                Field {
                    default: JSON_AUTH,
                    placeholder: JSON_AUTH,
                    help: "Text to send, with {{token}} where the token belongs. Inside a JSON \
                           string it is escaped as JSON wants it.",
                    ..Field::text("message", "Message").optional()
                },
                Field {
                    placeholder: "private-room",
                    help: "The channel to subscribe to.",
                    ..Field::text("channel", "Channel")
                },
                Field { help: "The token alone.", ..Field::secret("token", "Token") },
                Field {
                    help: "Name of a saved message of this request to send instead; its secrets \
                           stand in it as {{env:NAME}}, {{file:PATH}} and the like.",
                    ..Field::text("saved", "Saved message").optional()
                },
            ],
        };
        &ABOUT
    }

    fn applies(&self, field: &Field, values: &Values<'_>) -> bool {
        let preset = values.get("preset");
        match field.name {
            "saved" => true,
            _ if !values.get("saved").trim().is_empty() => false,
            "message" => preset == "custom",
            "channel" => preset == "pusher",
            _ => true,
        }
    }

    fn contribute(
        &self,
        values: &Values<'_>,
        ctx: &Context<'_>,
    ) -> Result<AuthContribution, AuthProblem> {
        let saved = values.get("saved").trim();
        if !saved.is_empty() {
            let found = ctx.request.first_messages.iter().find(|message| message.name == saved);
            let Some(found) = found else {
                return Err(AuthProblem::Value {
                    label: "Saved message",
                    why: format!("names “{saved}”, and no text message of that name is kept here"),
                });
            };
            return Ok(AuthContribution {
                first_messages: vec![found.message.clone()],
                ..AuthContribution::default()
            });
        }
        let (token, mut notes) = Credential::read("token", values.get("token"))
            .unquote()
            .without_prefix("Bearer ")
            .note_expiry(ctx.now)
            .finish(self.label())?;
        let with_channel;
        let template: &str = match values.get("preset") {
            "json-auth" => JSON_AUTH,
            "graphql" => GRAPHQL,
            "home-assistant" => HOME_ASSISTANT,
            "pusher" => {
                notes.push(
                    "Pusher's auth is signed for one socket id, which the server tells after \
                     opening; a fixed one fits a server that does not check it"
                        .into(),
                );
                with_channel = PUSHER.replace(CHANNEL, &escaped(values.get("channel").trim()));
                &with_channel
            }
            _ => values.get("message"),
        };
        let (message, in_string) = fill(template, token)?;
        let mut secrets = Vec::new();
        if in_string != token {
            secrets.push(Secret::from(in_string));
        }
        Ok(AuthContribution {
            first_messages: vec![message],
            secrets,
            notes,
            ..AuthContribution::default()
        })
    }
}

/// The template with the token in each of its places, and the token as a JSON string has it.
fn fill(template: &str, token: &str) -> Result<(FirstMessage, String), AuthProblem> {
    let mut pieces = template.split(TOKEN);
    let mut message = FirstMessage::default();
    let mut before = pieces.next().unwrap_or_default().to_owned();
    message.push(&before);
    let in_string = escaped(token);
    let mut places = 0;
    for piece in pieces {
        places += 1;
        message.push_secret(if is_inside_string(&before) { &in_string } else { token });
        message.push(piece);
        before.push_str(piece);
    }
    if places == 0 {
        return Err(AuthProblem::Value {
            label: "Message",
            why: format!("holds no {TOKEN}, so that the token would not be sent"),
        });
    }
    Ok((message, in_string))
}

#[cfg(test)]
mod tests {
    use super::super::{Files, prepare, preview};
    use super::*;
    use crate::core::request::{RequestDraft, RequestSpec, SavedMessage};
    use crate::core::time::Micros;
    use crate::core::url::UrlProblem;

    fn draft(fields: &[(&str, &str)]) -> RequestDraft {
        let mut draft = RequestDraft::default();
        draft.set_url("ws://a.example/".into());
        draft.auth.kind = "first-message".into();
        for (name, value) in fields {
            draft.auth.set(name, (*value).into());
        }
        draft
    }

    fn spec(fields: &[(&str, &str)]) -> Result<RequestSpec, UrlProblem> {
        prepare(&draft(fields), Files::default(), Micros(0))
    }

    fn texts(spec: &RequestSpec) -> Vec<(&str, &str)> {
        let messages = spec.first_messages.iter();
        messages.map(|m| (m.text.expose(), m.shown.as_str())).collect()
    }

    #[test]
    fn the_token_stands_in_the_message_and_nowhere_else() {
        for (preset, expected) in [
            ("", r#"{"type":"auth","token":"s3cret-token"}"#),
            ("json-auth", r#"{"type":"auth","token":"s3cret-token"}"#),
            (
                "graphql",
                r#"{"type":"connection_init","payload":{"Authorization":"Bearer s3cret-token"}}"#,
            ),
            ("home-assistant", r#"{"type":"auth","access_token":"s3cret-token"}"#),
            (
                "pusher",
                r#"{"event":"pusher:subscribe","data":{"channel":"a\"b","auth":"s3cret-token"}}"#,
            ),
        ] {
            let fields = [("preset", preset), ("channel", "a\"b"), ("token", " s3cret-token\n")];
            let spec = spec(&fields).unwrap();
            let masked = expected.replace("s3cret-token", "••••••");
            assert_eq!(texts(&spec), [(expected, &*masked)], "{preset}");
            assert_eq!(
                spec.first_messages[0].logged,
                expected.replace("s3cret-token", "************")
            );
            assert!(serde_json::from_str::<serde_json::Value>(expected).is_ok());
            assert_eq!(spec.facts.credentials, ["first message"]);
            assert!(spec.facts.credential_notes[0].contains("left out"));
            let told = format!("{spec:?}{}", serde_json::to_string(&spec.facts).unwrap());
            assert!(!told.contains("s3cret"), "{told}");
        }
    }

    #[test]
    fn a_token_is_escaped_inside_json_strings_only() {
        let token = r#"a"b\c"#;
        for (template, expected) in [
            (r#"{"t":"{{token}}"}"#, r#"{"t":"a\"b\\c"}"#),
            (
                r#"{"q\"":1,"t":"{{token}}","u":"{{token}}"}"#,
                r#"{"q\"":1,"t":"a\"b\\c","u":"a\"b\\c"}"#,
            ),
            ("AUTH {{token}}", r#"AUTH a"b\c"#),
            (r#"AUTH "{{token}}""#, r#"AUTH "a"b\c""#),
            (r#"[1,{{token}}]"#, r#"[1,a"b\c]"#),
        ] {
            let spec = spec(&[("message", template), ("token", token)]).unwrap();
            assert_eq!(spec.first_messages[0].text.expose(), expected);
            assert!(!spec.first_messages[0].shown.contains("b\\"), "{template}");
        }
    }

    #[test]
    fn what_would_send_no_token_is_refused() {
        for (fields, words) in [
            (
                &[("message", r#"{"type":"auth"}"#), ("token", "t0ken-t0ken")][..],
                "holds no {{token}}",
            ),
            (&[("message", "{{token}}")], "needs the field “Token”"),
            (&[("preset", "pusher"), ("token", "t")], "needs the field “Channel”"),
            (&[("preset", "mine"), ("token", "t")], "must be one of"),
            (&[("saved", "login")], "names “login”"),
        ] {
            let problem = spec(fields).unwrap_err().to_string();
            assert!(problem.contains(words) && !problem.contains("t0ken"), "{problem}");
        }
    }

    #[test]
    fn saved_messages_follow_in_their_order() {
        let saved = |name: &str, on_open: bool| SavedMessage {
            name: name.into(),
            on_open,
            message: FirstMessage::plain(&format!("text of {name}")),
        };
        let mut draft = draft(&[("saved", "login")]);
        draft.first_messages = vec![saved("b", true), saved("login", false), saved("a", true)];
        let spec = prepare(&draft, Files::default(), Micros(0)).unwrap();
        let sent: Vec<&str> = spec.first_messages.iter().map(|m| m.text.expose()).collect();
        assert_eq!(sent, ["text of login", "text of b", "text of a"]);
        // Nothing in them is a secret.
        assert_eq!(spec.facts.credentials, Vec::<String>::new());
    }

    #[test]
    fn a_reference_is_shown_in_the_preview() {
        let draft = draft(&[("token", "env:TOKEN")]);
        let spec = preview(&draft, Files::default(), Micros(0)).unwrap();
        assert_eq!(spec.first_messages[0].shown, r#"{"type":"auth","token":"‹env:TOKEN›"}"#);
        assert!(spec.pending.is_some());
        let mut saved = RequestDraft::default();
        saved.set_url("ws://a.example/".into());
        saved.first_messages = vec![SavedMessage {
            name: "x".into(),
            on_open: true,
            message: FirstMessage::plain("hello {{file:/k}}"),
        }];
        let spec = preview(&saved, Files::default(), Micros(0)).unwrap();
        assert_eq!(spec.first_messages[0].shown, "hello ‹file:/k›");
        assert!(spec.pending.unwrap().contains("the file /k"));
    }

    proptest::proptest! {
        #[test]
        fn any_token_gives_json_that_holds_it(token in "[!-~][ -~äß€]{0,30}[!-~]") {
            let (message, _) = fill(JSON_AUTH, &token).unwrap();
            let read: serde_json::Value = serde_json::from_str(message.text.expose()).unwrap();
            proptest::prop_assert_eq!(read["token"].as_str(), Some(token.as_str()));
            proptest::prop_assert_eq!(message.logged.len(), message.text.expose().len());
        }
    }
}
