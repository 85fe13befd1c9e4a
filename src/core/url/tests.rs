//! Tables of addresses as people type them.

use proptest::prelude::*;

use super::*;

#[test]
fn usable_addresses() {
    for (typed, used, mends) in [
        ("ws://a.example/x", "ws://a.example/x", 0),
        ("wss://a.example", "wss://a.example/", 0),
        ("  wss://a.example/x ", "wss://a.example/x", 1),
        ("\"wss://a.example/x\"", "wss://a.example/x", 1),
        ("“wss://a.example/x”", "wss://a.example/x", 1),
        ("http://a.example/x", "ws://a.example/x", 1),
        ("HTTPS://A.Example/X", "wss://a.example/X", 1),
        ("localhost:9001/x", "ws://localhost:9001/x", 1),
        ("127.0.0.1:80", "ws://127.0.0.1:80/", 1),
        ("a.example/x?y", "wss://a.example/x?y", 1),
        ("a.example:8080", "ws://a.example:8080/", 1),
        ("a.example:8443", "wss://a.example:8443/", 1),
        ("//a.example/x", "wss://a.example/x", 1),
        ("wss:/a.example/x", "wss://a.example/x", 1),
        ("ws://[::1]:9001/x", "ws://[::1]:9001/x", 0),
        ("ws://a.example:/x", "ws://a.example/x", 0),
        ("ws://a.example?x=1", "ws://a.example/?x=1", 0),
        ("ws://a.example/a/../b%2e?q=%7b&&x=&y", "ws://a.example/a/../b%2e?q=%7b&&x=&y", 0),
        ("ws://bücher.example/ü", "ws://xn--bcher-kva.example/%C3%BC", 1),
        ("ws://bücher.example:8080/", "ws://xn--bcher-kva.example:8080/", 1),
        ("ws://[fe80::1%25eth0]:9/x", "ws://[fe80::1%25eth0]:9/x", 0),
        ("ws://[FE80::1%Eth0]:9/x", "ws://[fe80::1%25Eth0]:9/x", 0),
        ("ws://[fe80::1%25]/", "ws://[fe80::1%2525]/", 0),
        ("ws+unix:///run/x.sock:/a?b=c", "ws+unix:///run/x.sock:/a?b=c", 0),
        ("WS+UNIX:/run/x.sock", "ws+unix:///run/x.sock:/", 0),
        ("ws+unix:./x.sock:/a", "ws+unix:./x.sock:/a", 0),
        ("ws+unix:///run/a%20b%3Ac.sock:/a:b", "ws+unix:///run/a%20b%3Ac.sock:/a:b", 0),
    ] {
        let address = read(typed).unwrap_or_else(|e| panic!("{typed}: {e}"));
        assert_eq!(address.to_url(), used, "{typed}");
        assert_eq!(address.mends.len(), mends, "{typed}: {:?}", address.mends);
    }
}

#[test]
fn unusable_addresses() {
    for (typed, code) in [
        ("", "url/empty"),
        ("  ", "url/empty"),
        ("mqtt://a.example", "url/unknown-scheme"),
        ("wws://a.example", "url/unknown-scheme"),
        ("ws://a.example:0/", "url/bad-port"),
        ("ws://a.example:65536/", "url/bad-port"),
        ("ws://a.example:+80/", "url/bad-port"),
        ("ws://a.example:http/", "url/bad-port"),
        ("ws:///x", "url/empty-host"),
        ("ws://:80/x", "url/empty-host"),
        ("ws://::1/x", "url/ipv6-brackets"),
        ("ws://fe80::1:8080/x", "url/ipv6-brackets"),
        ("ws://[::1/x", "url/ipv6-brackets"),
        ("ws://{{host}}/x", "url/unfilled-variable"),
        ("ws://a.example/${ID}", "url/unfilled-variable"),
        ("ws://a.example/<token>", "url/unfilled-variable"),
        ("ws://a.example/a b", "url/blank-or-invisible"),
        ("ws://a\u{200b}.example/", "url/blank-or-invisible"),
        ("ws://a.example/x#y", "url/fragment"),
        ("ws://a..example/", "dns/bad-name"),
        ("ws://a$b/", "dns/bad-name"),
        ("ws://[fe80::1%]/", "dns/bad-name"),
        ("ws://[fe80::1%a/b]/", "url/ipv6-brackets"),
        ("ws://[fe80::1%25a%2Fb]/", "dns/bad-name"),
        ("ws+unix:", "dns/bad-name"),
        ("ws+unix://:/x", "dns/bad-name"),
        ("ws+unix:///run/x.sock:8080/x", "dns/bad-name"),
        ("wss+unix:///run/x.sock:/x", "url/unknown-scheme"),
        ("ws://jo:pa/ss@a.example/x", "url/userinfo-special"),
    ] {
        assert_eq!(read(typed).unwrap_err().code(), code, "{typed}");
    }
}

#[test]
fn every_offered_mend_of_an_address_is_usable() {
    for typed in ["ws://::1/x", "ws://a.example/a b", "ws://a.example/x#y"] {
        for (_, mended) in read(typed).unwrap_err().mended() {
            assert!(read(&mended).is_ok(), "{typed} -> {mended}");
        }
    }
}

#[test]
fn host_header_leaves_a_default_port_out() {
    for (typed, host) in [
        ("wss://a.example:443/", "a.example"),
        ("ws://a.example:443/", "a.example:443"),
        ("ws://[::1]:9001/", "[::1]:9001"),
        ("ws://[fe80::1%25eth0]:9001/", "[fe80::1]:9001"),
        ("ws://[fe80::1%eth0]/", "[fe80::1]"),
        ("ws+unix:///run/x.sock:/", "localhost"),
    ] {
        assert_eq!(read(typed).unwrap().host_header(), host);
    }
}

#[test]
fn an_international_name_is_shown_in_both_forms() {
    let address = read("wss://bücher.example/").unwrap();
    assert_eq!(address.host_header(), "xn--bcher-kva.example");
    assert_eq!(address.mends[0].sentence(), "The host goes out as xn--bcher-kva.example.");
}

#[test]
fn a_zone_stays_on_this_machine() {
    let address = read("ws://[fe80::1%25eth0]:9/").unwrap();
    assert_eq!(address.host, "fe80::1%eth0");
    assert_eq!(address.host_without_zone(), "fe80::1");
    assert_eq!(address.authority(), "[fe80::1]:9");
    assert!(address.is_local());
}

#[test]
fn user_and_password_are_taken_out() {
    let address = read("wss://jo%40x:p%3Aw@a.example/x").unwrap();
    let (user, password) = address.userinfo.clone().unwrap();
    assert_eq!((user.as_str(), password.expose()), ("jo@x", "p:w"));
    assert_eq!(address.to_url(), "wss://a.example/x");
}

#[test]
fn masked_hides_passwords_and_tokens_only() {
    assert_eq!(
        masked("wss://jo:pw@a.example/x?token=abc&n=1&key#f"),
        "wss://jo:••••••@a.example/x?token=••••••&n=1&key#f"
    );
    assert_eq!(masked("wss://a.example/x"), "wss://a.example/x");
    assert_eq!(masked("ws://jo:pa/ss@a.example/x"), "ws://jo:••••••@a.example/x");
    assert_eq!(masked("ws://a.example:80/@jo"), "ws://a.example:80/@jo");
}

#[test]
fn pieces_are_encoded_only_where_they_must_be() {
    assert_eq!(encode_piece("a b&c#d=%20+ü", false), "a%20b%26c%23d=%20+ü");
    assert_eq!(encode_piece("a=b", true), "a%3Db");
}

proptest! {
    #[test]
    fn reading_never_panics(text in "\\PC{0,60}") {
        let _ = read(&text);
        let _ = masked(&text);
    }

    #[test]
    fn query_parts_join_to_the_text(text in "\\PC{0,60}") {
        let (before, query, fragment) = split_query(&text);
        let query = query.map(|q| format!("?{q}")).unwrap_or_default();
        prop_assert_eq!(format!("{before}{query}{fragment}"), text);
    }

    #[test]
    fn an_address_as_used_reads_as_itself(text in "[a-z0-9.:/?&=%\\[\\]]{1,40}") {
        if let Ok(address) = read(&text) {
            let again = read(&address.to_url()).unwrap();
            prop_assert_eq!(again.to_url(), address.to_url());
        }
    }
}

#[test]
fn a_problem_in_a_record_holds_no_secret() {
    for typed in [
        "ws://jo:hunter2@a.example/x#y",
        "ws://jo:hunter2@a.example/a b",
        "ws://jo:hunter2@::1/",
        "ws://a.example/?token=hunter2#y",
        "ws://jo:hunter2/x@a.example/",
    ] {
        let problem = read(typed).unwrap_err().masked();
        let json = serde_json::to_string(&problem).unwrap() + &problem.to_string();
        assert!(!json.contains("hunter2"), "{json}");
    }
}
