//! A signature by a scheme of the service's own: an HMAC (RFC 2104) over a text that the user
//! writes as a template.

use ::hmac::{Hmac, KeyInit, Mac};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use sha1::Sha1;
use sha2::{Sha256, Sha512};
use zeroize::Zeroizing;

use super::credential::{Credential, only};
use super::{About, AuthProblem, Context, Field, Group, Values, Way, signed_token, template};
use crate::core::headers::is_token_char;
use crate::core::request::{AuthContribution, AuthHeader, Signing};
use crate::core::time::Micros;
use crate::core::url;

#[derive(Debug)]
pub(super) struct OwnHmac;

/// What is signed can hold.
const SIGNED: &[&str] =
    &["method", "path", "query", "target", "host", "timestamp", "nonce", "key", "header:NAME"];

/// What goes out can hold.
const SENT: &[&str] = &["key", "timestamp", "nonce", "signature"];

const DEFAULT_VALUE: &str = "HMAC key={{key}}, ts={{timestamp}}, sig={{signature}}";

impl Way for OwnHmac {
    fn about(&self) -> &'static About {
        const ABOUT: About = About {
            kind: "hmac",
            label: "HMAC signature",
            summary: "Signs a text of your own making with a shared secret, and sends the \
                      signature as a header or query parameter.",
            group: Group::Proof,
            fields: &[
                Field {
                    placeholder: "my-key-id",
                    help: "Name of the key, which is no secret: {{key}}.",
                    ..Field::text("key", "Key id").optional()
                },
                Field { help: "The shared secret.", ..Field::secret("secret", "Secret") },
                Field {
                    help: "How the secret is written.",
                    ..Field::choice(
                        "secret-encoding",
                        "Secret is",
                        &["utf-8", "hex", "base64"],
                        "utf-8",
                    )
                },
                Field {
                    help: "The hash of the HMAC.",
                    ..Field::choice(
                        "algorithm",
                        "Algorithm",
                        &["sha256", "sha512", "sha1"],
                        "sha256",
                    )
                },
                Field {
                    default: "{{method}}\\n{{target}}\\n{{timestamp}}",
                    placeholder: "{{method}}\\n{{target}}\\n{{timestamp}}",
                    help: "What is signed. {{method}}, {{path}}, {{query}}, {{target}} (path and \
                           query), {{host}}, {{timestamp}}, {{nonce}}, {{key}} and \
                           {{header:NAME}} are filled in; \\n is a line break.",
                    ..Field::text("template", "What is signed").optional()
                },
                Field {
                    help: "How the signature is written.",
                    ..Field::choice(
                        "encoding",
                        "Signature as",
                        &["hex", "base64", "base64url"],
                        "hex",
                    )
                },
                Field {
                    help: "Where it goes.",
                    ..Field::choice("in", "In", &["header", "query"], "header")
                },
                Field {
                    placeholder: "Authorization",
                    help: "Name of the header (Authorization) or parameter (signature).",
                    ..Field::text("name", "Name").optional()
                },
                Field {
                    placeholder: DEFAULT_VALUE,
                    help: "What goes out: {{key}}, {{timestamp}}, {{nonce}} and {{signature}} are \
                           filled in. If it is empty, what is shown here under Authorization, and \
                           the bare signature under any other name.",
                    ..Field::text("value", "Value").optional()
                },
                Field {
                    help: "The form of {{timestamp}}: seconds or milliseconds since 1970, \
                           2026-11-24T08:15:30Z, Tue, 24 Nov 2026 08:15:30 GMT, or \
                           20261124T081530Z.",
                    ..Field::choice(
                        "time",
                        "Time as",
                        &["unix", "unix-ms", "rfc3339", "rfc1123", "compact"],
                        "unix",
                    )
                },
                Field {
                    placeholder: "X-Timestamp",
                    help: "A further header or parameter that carries the timestamp, if the \
                           service wants one.",
                    ..Field::text("timestamp-name", "Timestamp in").optional()
                },
                Field {
                    placeholder: "X-Nonce",
                    help: "A further header or parameter that carries the nonce.",
                    ..Field::text("nonce-name", "Nonce in").optional()
                },
                Field {
                    placeholder: "X-Key-Id",
                    help: "A further header or parameter that carries the key's id.",
                    ..Field::text("key-name", "Key id in").optional()
                },
            ],
        };
        &ABOUT
    }

    fn contribute(
        &self,
        values: &Values<'_>,
        ctx: &Context<'_>,
    ) -> Result<AuthContribution, AuthProblem> {
        let (secret, notes) =
            Credential::read("secret", values.get("secret")).note_quotes().finish(self.label())?;
        let in_query = values.get("in") == "query";
        let key = values.get("key").trim();
        let timestamp = time(values.get("time"), ctx.now);
        let nonce: String = ctx.entropy.iter().map(|byte| format!("{byte:02x}")).collect();
        let mut out = AuthContribution { notes, ..AuthContribution::default() };
        // Parameters stand before the signature, and are part of the query that is signed.
        for (field, value) in
            [("key-name", key), ("timestamp-name", &timestamp), ("nonce-name", &nonce)]
        {
            let name = values.get(field).trim();
            if name.is_empty() {
                continue;
            }
            if in_query {
                out.query.push((name.into(), value.into()));
            } else {
                only(name, "header's name", "a header's name", is_token_char)?;
                out.headers.push(AuthHeader::open(name, value));
            }
        }
        let target = target(ctx, &out)?;
        let (path, query) = target.split_once('?').unwrap_or((&target, ""));
        let common = |name: &str| {
            Some(match name {
                "key" => key.to_owned(),
                "timestamp" => timestamp.clone(),
                "nonce" => nonce.clone(),
                _ => return None,
            })
        };
        let text = unescape(values.get("template"));
        let signed = template::fill("What is signed", &text, SIGNED, |name| {
            Ok(Some(match name {
                "method" => "GET".into(),
                "path" => path.into(),
                "query" => query.into(),
                "target" => target.clone(),
                "host" => ctx.header("host").unwrap_or_default(),
                other => match other.strip_prefix("header:") {
                    Some(header) => signed_header(header.trim(), ctx, &out)?,
                    None => return Ok(common(other)),
                },
            }))
        })?;
        let signature = if template::is_later(secret) {
            String::from("(computed at connecting)")
        } else {
            let secret = decode(secret, values.get("secret-encoding"))?;
            encode(&mac(values.get("algorithm"), &secret, &signed), values.get("encoding"))
        };
        let usual = if in_query { "signature" } else { "Authorization" };
        let name = Some(values.get("name").trim()).filter(|n| !n.is_empty()).unwrap_or(usual);
        let value = match values.get("value") {
            "" if name.eq_ignore_ascii_case("authorization") => DEFAULT_VALUE,
            "" => "{{signature}}",
            value => value,
        };
        let value = template::fill("Value", value, SENT, |name| {
            Ok(if name == "signature" { Some(signature.clone()) } else { common(name) })
        })?;
        if in_query {
            // The spec encodes only what would break the query, and a `+` is a blank to most.
            let value = value.replace('+', "%2B");
            out.query.push((name.into(), value.into()));
        } else {
            only(name, "header's name", "a header's name", is_token_char)?;
            out.headers.push(AuthHeader::open(name, value));
        }
        out.signing =
            Some(Signing { canonical_request: String::new(), string_to_sign: signed, signature });
        Ok(out)
    }
}

/// Path and query as they will go out, without the signature.
fn target(ctx: &Context<'_>, out: &AuthContribution) -> Result<String, AuthProblem> {
    let mut target = ctx.address()?.target;
    for (name, value) in &out.query {
        target.push(if target.contains('?') { '&' } else { '?' });
        let (name, value) = (url::encode_piece(name, true), value.expose());
        target.push_str(&format!("{name}={}", url::encode_piece(value, false)));
    }
    Ok(target)
}

/// The value of a header that goes out.
fn signed_header(
    name: &str,
    ctx: &Context<'_>,
    out: &AuthContribution,
) -> Result<String, AuthProblem> {
    let ours = out.headers.iter().find(|header| header.name.eq_ignore_ascii_case(name));
    match ours.map(|header| header.value.expose().to_owned()).or_else(|| ctx.header(name)) {
        Some(value) => Ok(value.trim().to_owned()),
        None => Err(AuthProblem::Value {
            label: "what is signed",
            why: format!("names the header “{name}”, which the request's table does not have"),
        }),
    }
}

/// The time in one of the forms of the field.
fn time(form: &str, now: Micros) -> String {
    let at = now.timestamp();
    match form {
        "unix-ms" => (now.0 / 1_000).to_string(),
        "rfc3339" => now.to_second(),
        // RFC 9110 section 5.6.7, which is the form of RFC 1123 with GMT.
        "rfc1123" => at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string(),
        "compact" => at.strftime("%Y%m%dT%H%M%SZ").to_string(),
        _ => (now.0 / 1_000_000).to_string(),
    }
}

/// `\n`, `\r`, `\t` and `\\` as what they stand for; another backslash stays.
fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let meant = match chars.peek() {
            Some('n') if c == '\\' => '\n',
            Some('r') if c == '\\' => '\r',
            Some('t') if c == '\\' => '\t',
            Some('\\') if c == '\\' => '\\',
            _ => {
                out.push(c);
                continue;
            }
        };
        chars.next();
        out.push(meant);
    }
    out
}

fn decode(secret: &str, encoding: &str) -> Result<Zeroizing<Vec<u8>>, AuthProblem> {
    let bad = |why: &str| AuthProblem::Value { label: "the secret", why: why.into() };
    match encoding {
        "hex" => {
            let digits: Option<Vec<u8>> = secret
                .chars()
                .map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
                .collect();
            let digits = Zeroizing::new(digits.ok_or_else(|| bad("is not hexadecimal"))?);
            if digits.len() % 2 == 1 {
                return Err(bad("has an odd number of hexadecimal digits"));
            }
            Ok(Zeroizing::new(digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect()))
        }
        "base64" => signed_token::decode_base64(secret).ok_or_else(|| bad("is not base64")),
        _ => Ok(Zeroizing::new(secret.as_bytes().to_vec())),
    }
}

fn mac(algorithm: &str, secret: &[u8], text: &str) -> Vec<u8> {
    macro_rules! mac {
        ($hash:ty) => {{
            let mut mac =
                Hmac::<$hash>::new_from_slice(secret).expect("HMAC takes keys of any length");
            mac.update(text.as_bytes());
            mac.finalize().into_bytes().to_vec()
        }};
    }
    match algorithm {
        "sha1" => mac!(Sha1),
        "sha512" => mac!(Sha512),
        _ => mac!(Sha256),
    }
}

fn encode(bytes: &[u8], encoding: &str) -> String {
    match encoding {
        "base64" => STANDARD.encode(bytes),
        "base64url" => URL_SAFE_NO_PAD.encode(bytes),
        _ => bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::put_on;
    use super::*;

    fn put(url: &str, values: &[(&str, &str)]) -> Result<AuthContribution, AuthProblem> {
        put_on(url, "hmac", values)
    }

    #[test]
    fn published_values_come_out() {
        // RFC 4231 section 4.3 (test case 2) and RFC 2202 section 3 (test case 2).
        for (algorithm, encoding, expected) in [
            ("sha256", "hex", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
            ("sha256", "base64", "W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM="),
            ("sha256", "base64url", "W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM"),
            ("sha1", "hex", "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"),
            (
                "sha512",
                "hex",
                "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737",
            ),
        ] {
            let values = [
                ("secret", "Jefe"),
                ("template", "what do ya want for nothing?"),
                ("algorithm", algorithm),
                ("encoding", encoding),
                ("name", "X-Sig"),
            ];
            let out = put("ws://a.example/", &values).unwrap();
            assert_eq!(out.headers[0].value.expose(), expected);
            for (form, secret) in [("hex", "4a656665"), ("base64", "SmVmZQ==")] {
                let mut values = values.to_vec();
                values[0].1 = secret;
                values.push(("secret-encoding", form));
                let same = put("ws://a.example/", &values).unwrap();
                assert_eq!(same.headers[0].value.expose(), expected, "{form}");
            }
        }
    }

    #[test]
    fn every_placeholder_is_filled_in() {
        let out = put(
            "ws://a.example:81/p/q?b=2&a=1",
            &[
                ("secret", "s"),
                ("key", "k"),
                ("template", "{{method}}|{{path}}|{{query}}|{{target}}|{{host}}|{{key}}|{{header:x-ts}}\\n{{nonce}}\\\\"),
                ("timestamp-name", "X-Ts"),
                ("nonce-name", "X-Nonce"),
            ],
        )
        .unwrap();
        let signing = out.signing.unwrap();
        assert_eq!(
            signing.string_to_sign,
            "GET|/p/q|b=2&a=1|/p/q?b=2&a=1|a.example:81|k|1800000000\n00000000000000000000000000000000\\"
        );
        let names: Vec<&str> = out.headers.iter().map(|header| header.name.as_str()).collect();
        assert_eq!(names, ["X-Ts", "X-Nonce", "Authorization"]);
        let value = out.headers[2].value.expose();
        assert_eq!(value, format!("HMAC key=k, ts=1800000000, sig={}", signing.signature));
    }

    #[test]
    fn parameters_that_come_with_it_are_signed() {
        let out = put(
            "ws://a.example/x",
            &[
                ("secret", "s"),
                ("in", "query"),
                ("template", "{{query}}"),
                ("timestamp-name", "timestamp"),
                ("time", "unix-ms"),
                ("encoding", "base64"),
            ],
        )
        .unwrap();
        assert_eq!(out.signing.unwrap().string_to_sign, "timestamp=1800000000000");
        let names: Vec<&str> = out.query.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["timestamp", "signature"]);
        assert!(!out.query[1].1.expose().contains('+'));
    }

    #[test]
    fn times_have_five_forms() {
        let now = Micros(1_800_000_000_123_456);
        for (form, expected) in [
            ("unix", "1800000000"),
            ("unix-ms", "1800000000123"),
            ("rfc3339", "2027-01-15T08:00:00Z"),
            ("rfc1123", "Fri, 15 Jan 2027 08:00:00 GMT"),
            ("compact", "20270115T080000Z"),
        ] {
            assert_eq!(time(form, now), expected);
        }
    }

    #[test]
    fn slips_are_told() {
        let secret = ("secret", "hunter2-hunter2");
        for (values, expected) in [
            (
                &[secret, ("template", "{{sig}}")][..],
                "“What is signed” holds {{sig}}; it can hold {{method}}",
            ),
            (&[secret, ("value", "{{target}}")], "“Value” holds {{target}}; it can hold {{key}}"),
            (
                &[secret, ("template", "{{header:X-A}}")],
                "what is signed cannot be used: it names the header “X-A”",
            ),
            (
                &[secret, ("secret-encoding", "hex")],
                "the secret cannot be used: it is not hexadecimal",
            ),
            (
                &[("secret", "abc"), ("secret-encoding", "hex")],
                "the secret cannot be used: it has an odd number",
            ),
            (&[("secret", "a b"), ("secret-encoding", "base64"), ("template", "x")], ""),
            (
                &[("secret", "a!"), ("secret-encoding", "base64")],
                "the secret cannot be used: it is not base64",
            ),
            (&[secret, ("name", "a b")], "the header's name holds a blank at position 2"),
        ] {
            let problem = put("ws://a.example/", values).err().map(|p| p.to_string());
            let problem = problem.unwrap_or_default();
            assert!(problem.starts_with(expected), "{values:?}: {problem}");
            assert!(!problem.contains("hunter2"));
        }
    }

    #[test]
    fn a_secret_that_is_not_read_yet_leaves_what_is_signed() {
        let values = [("secret", "‹env:KEY›"), ("secret-encoding", "hex")];
        let out = put("ws://a.example/", &values).unwrap();
        assert!(out.headers[0].value.expose().ends_with("sig=(computed at connecting)"));
        assert!(out.signing.unwrap().string_to_sign.starts_with("GET\n/\n"));
    }
}
