//! Compression (permessage-deflate, RFC 7692) as the opening handshake agreed on it.

use crate::core::change::Change;
use crate::core::evidence::Evidence;
use crate::diagnose::draft::{Draft, certain};
use crate::diagnose::words;

const NAME: &str = "permessage-deflate";

/// The parameters of a reply's extension, each with its value; `None` if it is not there.
fn parameters(extensions: &str) -> Option<Vec<(&str, Option<&str>)>> {
    let item = extensions.split(',').map(str::trim).find(|item| {
        item.split(';').next().is_some_and(|name| name.trim().eq_ignore_ascii_case(NAME))
    })?;
    Some(
        item.split(';')
            .skip(1)
            .map(|parameter| match parameter.split_once('=') {
                Some((name, value)) => (name.trim(), Some(value.trim().trim_matches('"'))),
                None => (parameter.trim(), None),
            })
            .collect(),
    )
}

/// What is wrong with the parameters (RFC 7692 section 7.1), if anything is.
fn fault(parameters: &[(&str, Option<&str>)]) -> Option<String> {
    for (at, (name, value)) in parameters.iter().enumerate() {
        let shown = words::said_in(name, 40);
        if parameters[..at].iter().any(|(other, _)| other.eq_ignore_ascii_case(name)) {
            return Some(format!("{shown} is there twice"));
        }
        match name.to_ascii_lowercase().as_str() {
            "server_no_context_takeover" | "client_no_context_takeover" => {
                if value.is_some() {
                    return Some(format!("{shown} has a value, and takes none"));
                }
            }
            "server_max_window_bits" | "client_max_window_bits" => {
                let digits = value.is_some_and(|v| v.bytes().all(|b| b.is_ascii_digit()));
                let bits = value.and_then(|v| v.parse::<u8>().ok());
                if !digits || !bits.is_some_and(|bits| (8..=15).contains(&bits)) {
                    return Some(format!(
                        "{shown} is {}, and must be a number from 8 to 15",
                        value.map_or_else(|| "empty".into(), |v| words::said_in(v, 20))
                    ));
                }
            }
            _ => return Some(format!("{shown} is no parameter of it")),
        }
    }
    None
}

pub(super) fn bad_parameter(e: &Evidence) -> Option<Draft> {
    let extensions = e.websocket.as_ref()?.extensions.as_deref()?;
    let fault = fault(&parameters(extensions)?)?;
    let draft = certain(format!("The server's compression settings are invalid: {fault}."))
        .because(format!("Its answer has the extension {}.", words::said_in(extensions, 100)))
        .because("A client must refuse that (RFC 7692 section 7.1).")
        .hint("Tell the server's author.");
    let own =
        e.request.overridden.iter().find(|n| n.eq_ignore_ascii_case("sec-websocket-extensions"));
    let draft = match own {
        Some(name) => draft
            .hint("Connect without the header Sec-WebSocket-Extensions.")
            .fix("Switch the header off", Change::DisableHeader { name: name.clone() }),
        None => draft,
    };
    let open = e.failure.is_none() && e.session.as_ref().is_some_and(|s| s.end.is_none());
    Some(if open { draft.warning() } else { draft })
}

pub(super) fn declined(e: &Evidence) -> Option<Draft> {
    let offered = e.request.extensions.iter().any(|item| {
        item.split(';').next().is_some_and(|name| name.trim().eq_ignore_ascii_case(NAME))
    });
    let ws = e.websocket.as_ref().filter(|_| e.opened())?;
    (offered && ws.extensions.is_none()).then_some(())?;
    Some(
        certain("The server does not compress messages.")
            .info()
            .because("permessage-deflate was offered, and the answer does not take it up.")
            .hint("Leave it at that, unless large messages are slow."),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_judged_as_rfc_7692_has_them() {
        for (extensions, bad) in [
            ("permessage-deflate", false),
            ("permessage-deflate; server_no_context_takeover; client_max_window_bits=15", false),
            ("x-other; a=b, permessage-deflate; server_max_window_bits=\"10\"", false),
            ("permessage-deflate; server_max_window_bits=7", true),
            ("permessage-deflate; server_max_window_bits=16", true),
            ("permessage-deflate; client_max_window_bits", true),
            ("permessage-deflate; server_max_window_bits=+9", true),
            ("permessage-deflate; server_no_context_takeover=1", true),
            ("permessage-deflate; level=9", true),
            ("permessage-deflate; server_max_window_bits=9; server_max_window_bits=9", true),
        ] {
            let read = parameters(extensions).unwrap();
            assert_eq!(fault(&read).is_some(), bad, "{extensions}");
        }
        assert_eq!(parameters("x-webkit-deflate-frame"), None);
    }
}
