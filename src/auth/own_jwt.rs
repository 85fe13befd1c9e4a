//! A JSON Web Token (RFC 7519) of one's own, signed anew for each attempt.

use jsonwebtoken::{Algorithm, AlgorithmFamily};
use serde_json::{Map, Value};

use super::credential::Credential;
use super::place::{Place, Token};
use super::signed_token::{self, KeyText};
use super::{About, AuthProblem, Context, Field, Group, Values, Way, template};
use crate::core::request::AuthContribution;

#[derive(Debug)]
pub(super) struct OwnJwt;

/// What stands for a token that cannot be signed yet.
/// What claims can hold.
const PLACEHOLDERS: &[&str] = &["now", "now+300", "uuid", "url", "host"];

/// The longest lifetime in seconds: a hundred years.
const LONGEST: u64 = 100 * 365 * 86_400;

impl Way for OwnJwt {
    fn about(&self) -> &'static About {
        const ABOUT: About = About {
            kind: "jwt",
            label: "JWT signed here",
            summary: "Signs a JSON Web Token for each attempt and sends it as a bearer token, \
                      query parameter or subprotocol.",
            group: Group::Proof,
            fields: &[
                Field {
                    help: "HS signs with a secret; RS and PS with an RSA key, ES with one of an \
                           elliptic curve, EdDSA with an Ed25519 key.",
                    ..Field::choice(
                        "algorithm",
                        "Algorithm",
                        &[
                            "HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "PS384",
                            "PS512", "ES256", "ES384", "EdDSA",
                        ],
                        "HS256",
                    )
                },
                Field {
                    placeholder: "file:key.pem",
                    help: "The secret, or the private key as PEM (PKCS#8, for RSA also PKCS#1), \
                           pasted or as file:PATH.",
                    ..Field::secret("key", "Key")
                },
                Field {
                    help: "How the secret is written.",
                    ..Field::choice("key-encoding", "Key is", &["utf-8", "base64"], "utf-8")
                },
                Field {
                    default: "{}",
                    placeholder: "{\"sub\": \"ann\", \"aud\": \"{{url}}\"}",
                    help: "Claims as a JSON object; {{now}}, {{now+300}}, {{uuid}}, {{url}} and \
                           {{host}} are filled in.",
                    ..Field::text("claims", "Claims").optional()
                },
                Field {
                    placeholder: "{\"kid\": \"key-1\"}",
                    help: "What the header has beside alg and typ, as a JSON object.",
                    ..Field::text("header", "Header").optional()
                },
                Field {
                    default: "300",
                    help: "Seconds: adds iat, nbf and exp where the claims have none; 0 adds \
                           nothing.",
                    ..Field::text("lifetime", "Lifetime").optional()
                },
                Field {
                    help: "Where it goes.",
                    ..Field::choice("in", "In", &["header", "query", "subprotocol"], "header")
                },
                Field {
                    placeholder: "Authorization",
                    help: "Name of the header (Authorization) or parameter (access_token); for a \
                           subprotocol the one that is offered before the token (bearer).",
                    ..Field::text("name", "Name").optional()
                },
                Field {
                    default: "Bearer",
                    help: "The word before the token in a header; - is none.",
                    ..Field::text("prefix", "Prefix").optional()
                },
            ],
        };
        &ABOUT
    }

    fn applies(&self, field: &Field, values: &Values<'_>) -> bool {
        match field.name {
            "key-encoding" => values.get("algorithm").starts_with("HS"),
            "prefix" => values.get("in") == "header",
            _ => true,
        }
    }

    fn contribute(
        &self,
        values: &Values<'_>,
        ctx: &Context<'_>,
    ) -> Result<AuthContribution, AuthProblem> {
        let algorithm: Algorithm = values.get("algorithm").parse().map_err(|_| {
            AuthProblem::Value { label: "the algorithm", why: "is not known".into() }
        })?;
        let header = header(values.get("header"), algorithm)?;
        let claims = claims(values, ctx)?;
        let mut notes = Vec::new();
        let text = if algorithm.family() == AlgorithmFamily::Hmac {
            let (text, odd) =
                Credential::read("key", values.get("key")).note_quotes().finish(self.label())?;
            notes = odd;
            text
        } else {
            values.get("key")
        };
        let key = KeyText { text, base64: values.get("key-encoding") == "base64" };
        let token = signed_token::sign(&header, &claims, algorithm, &key)?;
        let expires = serde_json::from_str::<Value>(&claims)
            .ok()
            .and_then(|claims| signed_token::second(&claims, "exp"));
        let mut out = AuthContribution {
            shown: signed_token::shown(&header, &claims, ctx.now),
            notes,
            expires,
            ..AuthContribution::default()
        };
        place(values).put(&Token::made(token.as_ref()), &mut out)?;
        Ok(out)
    }
}

/// Where the token goes.
fn place<'a>(values: &Values<'a>) -> Place<'a> {
    let at = values.get("in");
    let usual = match at {
        "query" => "access_token",
        "subprotocol" => "bearer",
        _ => "Authorization",
    };
    let name = match values.get("name").trim() {
        "" => usual,
        // No subprotocol before it.
        "-" if at == "subprotocol" => "",
        name => name,
    };
    let word = Some(values.get("prefix").trim()).filter(|word| *word != "-").unwrap_or_default();
    Place { at, name, word, what: "token" }
}

/// The header as it is signed: `alg` is the field's, `typ` can be another one.
fn header(extras: &str, algorithm: Algorithm) -> Result<String, AuthProblem> {
    let mut all = Map::new();
    all.insert("alg".into(), format!("{algorithm:?}").into());
    all.insert("typ".into(), "JWT".into());
    if !extras.trim().is_empty() {
        for (name, value) in object("Header", extras)? {
            if name == "alg" {
                let why = "holds alg, which the field “Algorithm” decides".into();
                return Err(AuthProblem::Value { label: "the header", why });
            }
            all.insert(name, value);
        }
    }
    Ok(Value::Object(all).to_string())
}

/// The claims as they are signed: as typed, without blanks between them, and with the times behind
/// them.
fn claims(values: &Values<'_>, ctx: &Context<'_>) -> Result<String, AuthProblem> {
    let now = ctx.now.0 / 1_000_000;
    let address = ctx.address()?;
    let filled = template::fill("Claims", values.get("claims"), PLACEHOLDERS, |name| {
        Ok(Some(match name {
            "now" => now.to_string(),
            "uuid" => uuid(ctx.entropy),
            "url" => inside_a_string(&address.to_url()),
            "host" => inside_a_string(&ctx.header("host").unwrap_or_default()),
            other => match other.strip_prefix("now").and_then(|by| by.parse::<i64>().ok()) {
                Some(by) => now.saturating_add_signed(by).to_string(),
                None => return Ok(None),
            },
        }))
    })?;
    let known = object("Claims", &filled)?;
    let lifetime = values.get("lifetime").trim();
    let lifetime: u64 =
        lifetime.parse().ok().filter(|seconds| *seconds <= LONGEST).ok_or_else(|| {
            AuthProblem::Value { label: "the lifetime", why: "is no number of seconds".into() }
        })?;
    let mut text = compact(&filled);
    if lifetime > 0 {
        for (claim, at) in [("iat", now), ("nbf", now), ("exp", now.saturating_add(lifetime))] {
            if !known.contains_key(claim) {
                text.pop();
                let comma = if text.ends_with('{') { "" } else { "," };
                text.push_str(&format!("{comma}\"{claim}\":{at}}}"));
            }
        }
    }
    Ok(text)
}

fn object(label: &'static str, text: &str) -> Result<Map<String, Value>, AuthProblem> {
    match serde_json::from_str::<Value>(text) {
        Ok(Value::Object(map)) => Ok(map),
        Ok(_) => {
            Err(AuthProblem::Json {
                label, why: "it is no object {…}".into(), line: 1, column: 1
            })
        }
        Err(error) => {
            let words = error.to_string();
            let why = words.split(" at line ").next().unwrap_or_default().to_owned();
            Err(AuthProblem::Json { label, why, line: error.line(), column: error.column() })
        }
    }
}

/// JSON without the blanks between its parts; order and spelling stay as typed.
fn compact(json: &str) -> String {
    let (mut in_string, mut escaped) = (false, false);
    json.chars()
        .filter(|c| {
            if in_string {
                (in_string, escaped) = (*c != '"' || escaped, *c == '\\' && !escaped);
                return true;
            }
            in_string = *c == '"';
            !c.is_ascii_whitespace()
        })
        .collect()
}

/// A text as it stands between the quotation marks of a JSON string.
fn inside_a_string(text: &str) -> String {
    let quoted = Value::from(text).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

/// A random UUID (RFC 9562 section 5.4).
fn uuid(entropy: &[u8; 16]) -> String {
    let mut bytes = *entropy;
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
}

#[cfg(test)]
mod tests {
    use super::super::tests::put_on;
    use super::*;
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    const KEY: (&str, &str) = ("key", "hunter2-hunter2");

    fn put(values: &[(&str, &str)]) -> Result<AuthContribution, AuthProblem> {
        put_on("wss://a.example/v1?x=1", "jwt", values)
    }

    fn part(token: &str, index: usize) -> String {
        let part = token.split('.').nth(index).unwrap();
        String::from_utf8(URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
    }

    #[test]
    fn claims_stay_as_typed_and_get_their_times() {
        let typed = "{ \"z\": 1.0, \"a\": \"b c\\\" }\",\n\"aud\": \"{{url}}\", \"exp\": {{now+60}}, \
                     \"jti\":\"{{uuid}}\" , \"h\": \"{{host}}\"}";
        let out = put(&[KEY, ("claims", typed), ("header", "{\"kid\":\"k1\"}")]).unwrap();
        let token = out.headers[0].value.expose().strip_prefix("Bearer ").unwrap();
        assert_eq!(part(token, 0), r#"{"alg":"HS256","kid":"k1","typ":"JWT"}"#);
        assert_eq!(
            part(token, 1),
            r#"{"z":1.0,"a":"b c\" }","aud":"wss://a.example/v1?x=1","exp":1800000060,"jti":"00000000-0000-4000-8000-000000000000","h":"a.example","iat":1800000000,"nbf":1800000000}"#
        );
        assert_eq!(out.expires, Some(crate::core::time::Micros(1_800_000_060_000_000)));
        assert!(out.shown.iter().any(|part| part.text.contains("(in 60 s)")), "{:?}", out.shown);
        assert!(!format!("{out:?}").contains(token));
    }

    #[test]
    fn it_goes_where_it_should() {
        let out = put(&[KEY, ("in", "query"), ("lifetime", "0")]).unwrap();
        assert_eq!(out.query[0].0, "access_token");
        assert_eq!(part(out.query[0].1.expose(), 1), "{}");
        assert_eq!(out.expires, None);
        let out = put(&[KEY, ("in", "subprotocol")]).unwrap();
        assert_eq!(out.subprotocols[0].text.expose(), "bearer");
        assert!(out.subprotocols[1].is_secret);
        let out = put(&[KEY, ("name", "X-Jwt"), ("prefix", "-")]).unwrap();
        assert!(out.headers[0].value.expose().starts_with("eyJ"));
    }

    #[test]
    fn slips_are_told() {
        for (values, expected) in [
            (
                &[KEY, ("claims", "{\n \"a\": }")][..],
                "“Claims” is not JSON: expected value at line 2, column 7",
            ),
            (&[KEY, ("claims", "[]")], "“Claims” is not JSON: it is no object {…} at line 1"),
            (&[KEY, ("claims", "{\"a\":{{nwo}}}")], "“Claims” holds {{nwo}}; it can hold {{now}}"),
            (&[KEY, ("header", "{")], "“Header” is not JSON: EOF while parsing"),
            (&[KEY, ("header", "{\"alg\":\"none\"}")], "the header cannot be used: it holds alg"),
            (&[KEY, ("lifetime", "5m")], "the lifetime cannot be used: it is no number of seconds"),
            (&[KEY, ("algorithm", "ES256")], "the key cannot be used: it is no PEM file"),
        ] {
            let problem = put(values).unwrap_err().to_string();
            assert!(problem.starts_with(expected), "{values:?}: {problem}");
        }
    }

    #[test]
    fn a_key_that_is_not_read_yet_leaves_the_claims_to_look_at() {
        let out = put(&[("key", "‹file:key.pem›"), ("algorithm", "ES256")]).unwrap();
        assert_eq!(out.headers[0].shown.as_deref(), Some("Bearer (computed at connecting)"));
        assert!(out.shown[0].text.contains("ES256"));
    }
}
