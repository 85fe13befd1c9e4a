//! `check --dry-run`: the request that would go out, line by line, without a connection.

use serde::Serialize;

use super::args::CheckArgs;
use super::failure::Failure;
use super::output;
use crate::core::request::{RequestSpec, Shown, Signing};
use crate::core::sanitize;
use crate::core::url;

/// Stands for the value of `Sec-WebSocket-Key`.
const KEY_PLACEHOLDER: &str = "<made anew for each attempt>";

#[derive(Debug, Serialize)]
struct DryRun<'a> {
    wsdeck: &'static str,
    url: String,
    dry_run: bool,
    request: Request,
    #[serde(skip_serializing_if = "Option::is_none")]
    signing: Option<&'a Signing>,
    /// What was computed or will be asked for, secrets masked.
    #[serde(skip_serializing_if = "<[Shown]>::is_empty")]
    shown: &'a [Shown],
    /// What comes only at connecting.
    #[serde(skip_serializing_if = "Option::is_none")]
    pending: Option<&'a str>,
    /// Messages that are sent as soon as the connection is open.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    first_messages: Vec<&'a str>,
    /// What is odd about the credential or was changed on the way from the typed address.
    notes: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Request {
    target: String,
    headers: Vec<(String, String)>,
}

/// Prints the request as it stands in the spec, which is what the transport writes.
pub fn print(args: &CheckArgs, spec: &RequestSpec) -> Result<(), Failure> {
    let request = request(spec, args.reveal);
    let signing =
        if args.reveal { spec.signing.as_ref() } else { spec.facts.credential.signing.as_ref() };
    let notes: Vec<String> = spec
        .address
        .mends
        .iter()
        .map(url::Mend::sentence)
        .chain(spec.facts.credential_notes.iter().cloned())
        .collect();
    if args.json {
        return output::print_json(&DryRun {
            wsdeck: env!("CARGO_PKG_VERSION"),
            url: if args.reveal { args.url.clone() } else { spec.facts.typed.clone() },
            dry_run: true,
            request,
            signing,
            shown: &spec.facts.credential.shown,
            pending: spec.pending.as_deref(),
            first_messages: first_messages(spec, args.reveal),
            notes,
        });
    }
    let mut text = format!("GET {} HTTP/1.1\n", sanitize::escape(&request.target));
    for (name, value) in &request.headers {
        text.push_str(&format!("{}: {}\n", sanitize::escape(name), sanitize::escape(value)));
    }
    if let Some(signing) = signing {
        for (title, body) in [
            ("Canonical request", &signing.canonical_request),
            ("String to sign", &signing.string_to_sign),
            ("Signature", &signing.signature),
        ] {
            // A scheme of the service's own has no canonical request.
            if body.is_empty() {
                continue;
            }
            text.push_str(&format!("\n{title}:\n{}\n", sanitize::escape_multiline(body)));
        }
    }
    for part in &spec.facts.credential.shown {
        let title = sanitize::escape(&part.title);
        text.push_str(&format!("\n{title}:\n{}\n", sanitize::escape_multiline(&part.text)));
    }
    for message in first_messages(spec, args.reveal) {
        text.push_str(&format!("\nFirst message:\n{}\n", sanitize::escape_multiline(message)));
    }
    output::print(text.as_bytes())?;
    if let Some(pending) = &spec.pending {
        eprintln!("still to come: {}", sanitize::escape(pending));
    }
    for note in notes {
        eprintln!("note: {}", sanitize::escape(&note));
    }
    Ok(())
}

fn first_messages(spec: &RequestSpec, reveal: bool) -> Vec<&str> {
    let messages = spec.first_messages.iter();
    messages.map(|m| if reveal { m.text.expose() } else { m.shown.as_str() }).collect()
}

fn request(spec: &RequestSpec, reveal: bool) -> Request {
    let headers = spec
        .headers
        .iter()
        .map(|header| {
            let value = if header.is_key {
                KEY_PLACEHOLDER.to_owned()
            } else if reveal {
                header.value.expose().to_owned()
            } else {
                spec.masker.mask(&header.shown_value())
            };
            (header.name.clone(), value)
        })
        .collect();
    let target = if reveal { spec.target.expose().to_owned() } else { spec.facts.target.clone() };
    Request { target, headers }
}
