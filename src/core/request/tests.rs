//! What goes out, line by line.

use super::*;
use crate::core::url::UrlProblem;

fn draft(url: &str) -> RequestDraft {
    let mut draft = RequestDraft::default();
    draft.set_url(url.into());
    draft
}

fn lines(draft: &RequestDraft, auth: &AuthContribution) -> Vec<String> {
    let spec = draft.spec(auth, Files::default()).unwrap();
    spec.headers.iter().map(|h| format!("{}: {}", h.name, h.value.expose())).collect()
}

#[test]
fn order_case_and_duplicates_of_the_table_are_kept() {
    let mut d = draft("ws://a.example:9/x?Q=1");
    d.settings.subprotocols = vec!["b".into(), "a".into()];
    d.headers = vec![
        HeaderRow::new("x-dup", "1"),
        HeaderRow::new("X-Other", "2"),
        HeaderRow::new("x-DUP", "3"),
        HeaderRow { enabled: false, ..HeaderRow::new("X-Off", "4") },
    ];
    let auth = AuthContribution {
        headers: vec![AuthHeader::secret("Authorization", "Bearer t")],
        ..AuthContribution::default()
    };
    assert_eq!(
        lines(&d, &auth),
        [
            "Host: a.example:9",
            "Upgrade: websocket",
            "Connection: Upgrade",
            "Sec-WebSocket-Key: ",
            "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits",
            "Sec-WebSocket-Protocol: b, a",
            "x-dup: 1",
            "X-Other: 2",
            "x-DUP: 3",
            "Authorization: Bearer t",
        ]
    );
}

#[test]
fn owned_headers_need_the_switch() {
    let mut d = draft("ws://a.example/");
    d.headers = vec![HeaderRow::new("Host", "evil"), HeaderRow::new("sec-websocket-version", "8")];
    assert_eq!(lines(&d, &AuthContribution::default())[0], "Host: a.example");
    d.settings.override_handshake = true;
    assert_eq!(
        lines(&d, &AuthContribution::default()),
        [
            "Upgrade: websocket",
            "Connection: Upgrade",
            "Sec-WebSocket-Key: ",
            "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits",
            "Host: evil",
            "sec-websocket-version: 8",
        ]
    );
    let spec = d.spec(&AuthContribution::default(), Files::default()).unwrap();
    assert_eq!(spec.facts.overridden, ["Host", "sec-websocket-version"]);
}

#[test]
fn compression_is_offered_unless_it_is_off_or_typed() {
    let offers = |d: &RequestDraft| {
        let spec = d.spec(&AuthContribution::default(), Files::default()).unwrap();
        let lines: Vec<String> = spec
            .headers
            .iter()
            .filter(|h| h.name.eq_ignore_ascii_case("sec-websocket-extensions"))
            .map(|h| format!("{:?} {}", h.origin, h.value.expose()))
            .collect();
        (lines, spec.facts.extensions)
    };
    let mut d = draft("ws://a.example/");
    let ours = "permessage-deflate; client_max_window_bits".to_owned();
    assert_eq!(offers(&d), (vec![format!("Handshake {ours}")], vec![ours.clone()]));
    d.headers = vec![HeaderRow::new("sec-websocket-extensions", "permessage-deflate, x")];
    assert_eq!(offers(&d).1, [ours]);
    d.settings.override_handshake = true;
    let typed = vec!["permessage-deflate".to_owned(), "x".to_owned()];
    assert_eq!(offers(&d), (vec!["User permessage-deflate, x".to_owned()], typed));
    d.headers.clear();
    d.settings.compression = false;
    assert_eq!(offers(&d), (vec![], vec![]));
}

#[test]
fn a_password_in_the_address_becomes_basic() {
    let d = draft("ws://jo:secret-pw@a.example/");
    assert_eq!(
        lines(&d, &AuthContribution::default()).last().unwrap(),
        "Authorization: Basic am86c2VjcmV0LXB3"
    );
    let spec = d.spec(&AuthContribution::default(), Files::default()).unwrap();
    let shown = format!("{spec:?} {}", serde_json::to_string(&spec.facts).unwrap());
    assert!(!shown.contains("secret-pw") && !shown.contains("am86c2VjcmV0LXB3"), "{shown}");
}

#[test]
fn query_of_authentication_goes_behind_what_was_typed() {
    let auth = AuthContribution {
        query: vec![("api_key".into(), "k&1-long".into())],
        ..AuthContribution::default()
    };
    let spec = draft("ws://a.example/x?B=%7e&a").spec(&auth, Files::default()).unwrap();
    assert_eq!(spec.target.expose(), "/x?B=%7e&a&api_key=k%261-long");
    assert_eq!(spec.facts.target, "/x?B=%7e&a&api_key=••••••");
    let spec = draft("ws://a.example").spec(&auth, Files::default()).unwrap();
    assert_eq!(spec.target.expose(), "/?api_key=k%261-long");
}

#[test]
fn what_cannot_be_sent_is_refused() {
    let problem =
        |d: &RequestDraft| d.spec(&AuthContribution::default(), Files::default()).unwrap_err();
    let mut d = draft("ws://a.example/");
    d.headers = vec![HeaderRow::new("A", "b\r\nEvil: 1")];
    assert!(matches!(problem(&d), UrlProblem::Header { .. }));
    for bad in ["", "a b", "a,b", "a=b", "a/b"] {
        let mut d = draft("ws://a.example/");
        d.settings.subprotocols = vec![bad.into()];
        assert!(matches!(problem(&d), UrlProblem::Subprotocol { .. }), "{bad}");
    }
    let mut d = draft("ws://a.example/");
    d.settings.subprotocols = vec!["a".into(), "a".into()];
    assert!(matches!(problem(&d), UrlProblem::Subprotocol { .. }));
}

#[test]
fn url_and_table_follow_each_other() {
    let mut d = draft("ws://a.example/?a=1&b");
    let mut params = d.params.clone();
    params.rows[0].enabled = false;
    d.set_params(params);
    assert_eq!(d.url, "ws://a.example/?b");
    d.set_url("ws://a.example/?b&c=3".into());
    let names: Vec<_> = d.params.rows.iter().map(|r| (r.name.as_str(), r.enabled)).collect();
    assert_eq!(names, [("a", false), ("b", true), ("c", true)]);
}

#[test]
fn switching_the_way_of_authenticating_keeps_its_fields() {
    let mut auth = AuthDraft { kind: "bearer".into(), ..AuthDraft::default() };
    auth.set("token", "t".into());
    auth.kind = "basic".into();
    assert_eq!(auth.value("token"), "");
    auth.kind = "bearer".into();
    assert_eq!(auth.value("token"), "t");
}

#[test]
fn a_credential_in_a_subprotocol_goes_out_and_is_not_shown() {
    let part = |text: &str, is_secret| AuthSubprotocol { text: text.into(), is_secret };
    let auth = AuthContribution {
        subprotocols: vec![part("bearer", false), part("t0ken-value", true)],
        ..AuthContribution::default()
    };
    let mut d = draft("ws://a.example/");
    d.settings.subprotocols = vec!["chat".into()];
    let spec = d.spec(&auth, Files::default()).unwrap();
    let header = spec.headers.iter().find(|h| h.name == "Sec-WebSocket-Protocol").unwrap();
    assert_eq!(header.value.expose(), "chat, bearer, t0ken-value");
    assert_eq!(header.shown_value(), "chat, bearer, •••••• (11 chars)");
    assert_eq!(spec.facts.subprotocols, ["chat", "bearer", "••••••"]);
}
