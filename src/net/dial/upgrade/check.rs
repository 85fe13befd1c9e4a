//! The checks of a 101 (RFC 6455 section 4.1, second half), all of them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha1::{Digest as _, Sha1};

use super::extensions;
use super::reply::Head;
use super::request::{Request, list};
use crate::core::evidence::{Deviation, WebSocketFacts};
use crate::net::recorder::Recorder;

/// Joined to the key before it is hashed (RFC 6455 section 1.3).
const GUID: &str = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// The accept value that belongs to a key.
pub(super) fn accept_of(key: &str) -> String {
    STANDARD.encode(Sha1::digest(format!("{key}{GUID}")))
}

/// What was checked, and why the connection cannot be used, if so.
pub(super) fn check(head: &Head, request: &Request) -> (WebSocketFacts, Option<String>) {
    let mut deviations = Vec::new();
    let values = |name: &'static str| head.values(name);
    let tokens = |name: &'static str, token: &str| {
        values(name).flat_map(list).any(|item| item.eq_ignore_ascii_case(token))
    };
    if values("Upgrade").next().is_none() {
        deviations.push(Deviation::UpgradeMissing);
    } else if !tokens("Upgrade", "websocket") {
        deviations.push(Deviation::UpgradeWrong);
    }
    if values("Connection").next().is_none() {
        deviations.push(Deviation::ConnectionMissing);
    } else if !tokens("Connection", "upgrade") {
        deviations.push(Deviation::ConnectionWrong);
    }

    let accepts: Vec<&str> = values("Sec-WebSocket-Accept").map(str::trim).collect();
    let expected = request.key.as_deref().map(accept_of);
    match (&expected, accepts.as_slice()) {
        // Nothing can be expected of the server then.
        (None, _) => deviations.push(Deviation::KeyNotSent),
        (Some(_), []) => deviations.push(Deviation::AcceptMissing),
        (Some(expected), accepts) => {
            if accepts.len() > 1 {
                deviations.push(Deviation::AcceptTwice);
            }
            if accepts.iter().any(|accept| accept != expected) {
                deviations.push(Deviation::AcceptWrong);
            }
        }
    }

    let chosen = values("Sec-WebSocket-Protocol").map(str::trim).next();
    match chosen {
        Some(name) if !request.subprotocols.iter().any(|offered| offered == name) => {
            deviations.push(Deviation::SubprotocolNotOffered);
        }
        None if !request.subprotocols.is_empty() => {
            deviations.push(Deviation::SubprotocolIgnored);
        }
        _ => {}
    }

    let extensions: Vec<&str> = values("Sec-WebSocket-Extensions").collect();
    let agreed = extensions::agree(&request.extensions.join(", "), &extensions.join(", "));
    if agreed.unoffered {
        deviations.push(Deviation::ExtensionNotOffered);
    }
    if agreed.problem.is_some() {
        deviations.push(Deviation::ExtensionBadParameter);
    }

    let fatal: Vec<&str> =
        deviations.iter().filter(|d| d.is_fatal()).map(|d| sentence(*d)).collect();
    let verdict = (!fatal.is_empty()).then(|| fatal.join("; "));
    let facts = WebSocketFacts {
        key: request.key.clone().unwrap_or_default(),
        accept_expected: expected.unwrap_or_default(),
        accept_received: accepts.first().map(|accept| (*accept).to_owned()),
        subprotocol: chosen.map(str::to_owned),
        extensions: (!extensions.is_empty()).then(|| extensions.join(", ")),
        deviations,
        deflate: agreed.deflate,
        extension_problem: agreed.problem,
    };
    (facts, verdict)
}

/// The facts with what came from the server masked and escaped.
pub(super) fn cleaned(facts: WebSocketFacts, recorder: &Recorder) -> WebSocketFacts {
    let clean = |text: Option<String>| text.map(|text| recorder.clean(&text));
    WebSocketFacts {
        key: recorder.clean(&facts.key),
        accept_received: clean(facts.accept_received),
        subprotocol: clean(facts.subprotocol),
        extensions: clean(facts.extensions),
        extension_problem: facts.extension_problem.map(|p| p.map_texts(|t| recorder.clean(t))),
        ..facts
    }
}

fn sentence(deviation: Deviation) -> &'static str {
    match deviation {
        Deviation::UpgradeMissing => "the reply has no Upgrade header",
        Deviation::UpgradeWrong => "the reply's Upgrade header does not say websocket",
        Deviation::ConnectionMissing => "the reply has no Connection header",
        Deviation::ConnectionWrong => "the reply's Connection header does not say Upgrade",
        Deviation::AcceptMissing => "the reply has no Sec-WebSocket-Accept",
        Deviation::AcceptWrong => "the reply's Sec-WebSocket-Accept does not belong to our key",
        Deviation::AcceptTwice => "the reply has more than one Sec-WebSocket-Accept",
        Deviation::SubprotocolNotOffered => "the server chose a subprotocol that was not offered",
        Deviation::SubprotocolIgnored => "the server chose none of the subprotocols offered",
        Deviation::ExtensionNotOffered => "the server uses an extension that was not offered",
        Deviation::ExtensionBadParameter => "the server's parameters of permessage-deflate are bad",
        Deviation::KeyNotSent => "no Sec-WebSocket-Key was sent",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::secret::Secret;

    const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";
    const GOOD: &[(&str, &str)] = &[
        ("Upgrade", "WebSocket"),
        ("Connection", "keep-alive, Upgrade"),
        ("Sec-WebSocket-Accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="),
    ];

    fn deviations(
        without: &str,
        with: &[(&str, &str)],
        key: Option<&str>,
        offered: &[&str],
    ) -> (Vec<Deviation>, bool) {
        let headers = GOOD
            .iter()
            .filter(|(name, _)| *name != without)
            .chain(with)
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let request = Request {
            bytes: Secret::default(),
            shown: String::new(),
            key: key.map(str::to_owned),
            subprotocols: offered.iter().map(|name| (*name).to_owned()).collect(),
            extensions: vec!["permessage-deflate; client_max_window_bits".to_owned()],
        };
        let (facts, verdict) = check(&Head::for_test(101, headers), &request);
        (facts.deviations, verdict.is_none())
    }

    #[test]
    fn the_example_of_the_rfc_passes() {
        assert_eq!(accept_of(KEY), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
        assert_eq!(deviations("", &[], Some(KEY), &[]), (vec![], true));
    }

    #[test]
    fn each_deviation_is_found() {
        use Deviation as D;
        type Case<'a> = (&'a str, &'a [(&'a str, &'a str)], &'a [&'a str], &'a [D], bool);
        let cases: &[Case<'_>] = &[
            ("Upgrade", &[], &[], &[D::UpgradeMissing], false),
            ("Upgrade", &[("upgrade", "h2c")], &[], &[D::UpgradeWrong], false),
            ("Connection", &[], &[], &[D::ConnectionMissing], false),
            ("Connection", &[("Connection", "close")], &[], &[D::ConnectionWrong], false),
            ("Sec-WebSocket-Accept", &[], &[], &[D::AcceptMissing], false),
            (
                "Sec-WebSocket-Accept",
                &[("Sec-WebSocket-Accept", "x")],
                &[],
                &[D::AcceptWrong],
                false,
            ),
            ("", &[("Sec-WebSocket-Accept", "x")], &[], &[D::AcceptTwice, D::AcceptWrong], false),
            ("", &[("Sec-WebSocket-Protocol", "b")], &["a"], &[D::SubprotocolNotOffered], false),
            ("", &[("Sec-WebSocket-Protocol", "A")], &["a"], &[D::SubprotocolNotOffered], false),
            ("", &[("Sec-WebSocket-Protocol", "a")], &["a"], &[], true),
            ("", &[], &["a"], &[D::SubprotocolIgnored], true),
            (
                "",
                &[("Sec-WebSocket-Extensions", "x-y; z=1")],
                &[],
                &[D::ExtensionNotOffered],
                false,
            ),
            (
                "",
                &[("Sec-WebSocket-Extensions", "permessage-deflate; a")],
                &[],
                &[D::ExtensionBadParameter],
                false,
            ),
            (
                "",
                &[("Sec-WebSocket-Extensions", "permessage-deflate; client_max_window_bits=10")],
                &[],
                &[],
                true,
            ),
        ];
        for (without, with, offered, want, usable) in cases {
            let (got, ok) = deviations(without, with, Some(KEY), offered);
            assert_eq!((got.as_slice(), ok), (*want, *usable), "{without} {with:?}");
        }
    }

    #[test]
    fn without_a_key_no_accept_is_expected() {
        assert_eq!(deviations("", &[], None, &[]), (vec![D::KeyNotSent], true));
        use Deviation as D;
    }
}
