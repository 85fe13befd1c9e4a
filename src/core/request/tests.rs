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

#[test]
fn cookies_of_all_sources_go_in_one_line() {
    let cookie = |name: &str, value: &str| (name.to_owned(), Secret::from(value));
    let auth = AuthContribution {
        cookies: vec![cookie("sid", "s3ssion-value"), cookie("jar", "j4r-value")],
        ..AuthContribution::default()
    };
    for (typed, expected, shown, notes) in [
        (
            None,
            "Cookie: sid=s3ssion-value; jar=j4r-value",
            "sid=•••••• (13 chars); jar=•••••• (9 chars)",
            0,
        ),
        (
            Some("a=typ3d-value; "),
            "cookie: a=typ3d-value; sid=s3ssion-value; jar=j4r-value",
            "a=•••••• (11 chars); sid=•••••• (13 chars); jar=•••••• (9 chars)",
            0,
        ),
        (
            Some("sid=typ3d-value"),
            "cookie: sid=typ3d-value; jar=j4r-value",
            "sid=•••••• (11 chars); jar=•••••• (9 chars)",
            1,
        ),
        (Some("sid=typ3d-value; jar="), "cookie: sid=typ3d-value; jar=", "•••••• (21 chars)", 2),
    ] {
        let mut d = draft("ws://a.example/");
        d.headers.extend(typed.map(|value| HeaderRow::new("cookie", value)));
        let spec = d.spec(&auth, Files::default()).unwrap();
        let cookies: Vec<&WireHeader> =
            spec.headers.iter().filter(|h| h.name.eq_ignore_ascii_case("cookie")).collect();
        assert_eq!(cookies.len(), 1, "{typed:?}");
        assert_eq!(format!("{}: {}", cookies[0].name, cookies[0].value.expose()), expected);
        assert_eq!(cookies[0].shown_value(), shown, "{typed:?}");
        assert_eq!(spec.facts.credential_notes.len(), notes, "{:?}", spec.facts.credential_notes);
        let told = format!("{spec:?} {}", serde_json::to_string(&spec.facts).unwrap());
        for secret in ["s3ssion-value", "j4r-value", "typ3d-value"] {
            assert!(!told.contains(secret), "{told}");
        }
        // Each value is known by itself, wherever it comes back.
        assert_eq!(spec.masker.mask("x j4r-value y").contains("j4r"), notes == 2, "{typed:?}");
    }
}

#[test]
fn what_authentication_adds_stays_with_its_server() {
    let auth = AuthContribution {
        headers: vec![
            AuthHeader::open("X-Sdk-Date", "20261124T081530Z"),
            AuthHeader::open("X-Proof", "signed"),
        ],
        cookies: vec![("sid".into(), "s3ssion-value".into())],
        first_messages: vec![FirstMessage::plain("hello")],
        signing: Some(Signing::default()),
        ..AuthContribution::default()
    };
    let spec = draft("ws://a.example/x").spec(&auth, Files::default()).unwrap();
    let names = |spec: &RequestSpec| -> Vec<String> {
        spec.headers.iter().skip(6).map(|header| header.name.clone()).collect()
    };
    assert_eq!(names(&spec), ["X-Sdk-Date", "X-Proof", "Cookie"]);
    let (next, _) = spec.redirected(302, "ws://b.example/x").unwrap();
    assert_eq!(names(&next), Vec::<String>::new());
    assert!(next.first_messages.is_empty() && next.signing.is_none());
    let (next, _) = spec.redirected(302, "ws://a.example/x").unwrap();
    assert_eq!((names(&next).len(), next.first_messages.len()), (3, 1));
}

#[test]
fn a_user_in_the_address_is_decoded_and_gives_way() {
    for (url, expected) in [
        ("ws://j%40x:p%3Aw%20%C3%A4@a.example/", "j@x:p:w ä"),
        ("ws://jo@a.example/", "jo:"),
        ("ws://jo:@a.example/", "jo:"),
        ("ws://:pw@a.example/", ":pw"),
    ] {
        let all = lines(&draft(url), &AuthContribution::default());
        let sent = all.last().unwrap().strip_prefix("Authorization: Basic ").unwrap();
        use base64::Engine as _;
        let decoded = base64::engine::general_purpose::STANDARD.decode(sent).unwrap();
        assert_eq!(String::from_utf8(decoded).unwrap(), expected, "{url}");
    }
    let auth = AuthContribution {
        headers: vec![AuthHeader::secret("Authorization", "Basic b3RoZXI6b25l")],
        ..AuthContribution::default()
    };
    let spec = draft("ws://jo:secret-pw@a.example/").spec(&auth, Files::default()).unwrap();
    let sent: Vec<&WireHeader> =
        spec.headers.iter().filter(|header| header.name == "Authorization").collect();
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0].value.expose(), "Basic b3RoZXI6b25l");
    assert!(spec.facts.credential_notes[0].contains("way of authenticating goes out"));
    let mut d = draft("ws://jo:secret-pw@a.example/");
    d.headers = vec![HeaderRow::new("Authorization", "x")];
    let spec = d.spec(&AuthContribution::default(), Files::default()).unwrap();
    assert!(spec.facts.credential_notes[0].contains("table of headers goes out"));
}

#[test]
fn a_header_has_a_largest_size() {
    let with = |size: usize| {
        let mut d = draft("ws://a.example/");
        d.headers = vec![HeaderRow::new("X-Auth-Token", "t".repeat(size))];
        let typed = d.spec(&AuthContribution::default(), Files::default()).map(drop);
        let auth = AuthContribution {
            headers: vec![AuthHeader::secret("X-Auth-Token", "t".repeat(size))],
            ..AuthContribution::default()
        };
        let of_way = draft("ws://a.example/").spec(&auth, Files::default()).map(drop);
        let auth = AuthContribution {
            cookies: vec![("c".into(), "t".repeat(size - 2).into())],
            ..AuthContribution::default()
        };
        let cookie = draft("ws://a.example/").spec(&auth, Files::default()).map(drop);
        [typed, of_way, cookie]
    };
    assert!(with(64 * 1024).iter().all(Result::is_ok));
    for problem in with(64 * 1024 + 1) {
        let problem = problem.unwrap_err();
        assert!(matches!(problem, UrlProblem::Header { .. }), "{problem:?}");
        let words = problem.to_string();
        assert!(words.contains("65537 bytes") && !words.contains("ttt"), "{words}");
    }
}
