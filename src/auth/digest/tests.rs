//! The examples of the standards, and what a server could do to us.

use proptest::prelude::*;

use super::super::tests::{draft, put_on};
use super::super::{Grant, contribute};
use super::*;
use crate::core::request::RequestDraft;
use crate::core::time::Micros;

fn answer(url: &str, user: &str, password: &str, challenges: &[&str]) -> AuthContribution {
    let mut request = RequestDraft::default();
    request.set_url(url.into());
    let mut grant = Grant::default();
    for challenge in challenges {
        grant.facts.more.push(("challenge".into(), (*challenge).into()));
    }
    let ctx =
        Context { now: Micros(0), request: &request, grant: Some(&grant), entropy: &[0x0a; 16] };
    let draft = draft("digest", &[("username", user), ("password", password)]);
    contribute(&draft, &ctx).unwrap()
}

#[test]
fn the_example_of_rfc_2069_comes_out() {
    let out = answer(
        "ws://host.com/dir/index.html",
        "Mufasa",
        "CircleOfLife",
        &["Digest realm=\"testrealm@host.com\", nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", \
           opaque=\"5ccc069c403ebaf9f0171e9517f40e41\""],
    );
    // As corrected by erratum 749.
    let line = out.headers[0].value.expose();
    assert!(line.contains("response=\"1949323746fe6a43ef61f9606e7febea\""), "{line}");
    assert!(!line.contains("qop") && !line.contains("cnonce"));
    let shown = out.headers[0].shown.as_deref().unwrap();
    assert!(shown.contains("response=\"••••••\"") && shown.contains("username=\"Mufasa\""));
    assert_eq!(out.notes, ["the server's challenge offers nothing better than MD5"]);
}

#[test]
fn the_parts_of_an_answer_fit_together() {
    // The formula of RFC 7616 section 3.4.1, written out with another crate's hash.
    use sha2::{Digest as _, Sha256};
    let hash = |text: String| -> String {
        Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
    };
    let out = answer(
        "wss://a.example/x?y=1",
        "jo",
        "secret",
        &["Digest realm=\"r\", nonce=\"n\", qop=\"auth\", algorithm=SHA-256-sess"],
    );
    let cnonce = "0a".repeat(16);
    let ha1 = hash(format!("{}:n:{cnonce}", hash("jo:r:secret".into())));
    let ha2 = hash("GET:/x?y=1".into());
    let expected = hash(format!("{ha1}:n:00000001:{cnonce}:auth:{ha2}"));
    let line = out.headers[0].value.expose();
    assert!(line.contains(&format!("response=\"{expected}\"")), "{line}");
    assert!(line.contains("uri=\"/x?y=1\"") && line.contains("nc=00000001"));
    assert!(!format!("{out:?}").contains(&expected));
}

#[test]
fn without_a_challenge_it_is_only_looked_at() {
    let out = put_on("ws://a.example/x", "digest", &[("username", "jo")]).unwrap();
    assert!(out.pending.unwrap().contains("the server's challenge"));
    let problem = put_on("ws://a.example/x", "digest", &[("username", "a\nb")]).unwrap_err();
    assert!(problem.to_string().contains("a line break at position 2"), "{problem}");
}

proptest! {
    /// Whatever a server sends: no panic, and one line.
    #[test]
    fn a_hostile_challenge_cannot_break_the_request(value in "[\"\\\\,= \r\n\\PCaé]{0,30}") {
        let mut request = RequestDraft::default();
        request.set_url("ws://a.example/".into());
        let mut grant = Grant::default();
        let challenge = format!("Digest realm=\"x{value}\", nonce={value}, qop=\"auth\", algorithm=MD5");
        grant.facts.more.push(("challenge".into(), challenge));
        let ctx = Context { now: Micros(0), request: &request, grant: Some(&grant), entropy: &[1; 16] };
        if let Ok(out) = contribute(&draft("digest", &[("username", "é\"")]), &ctx) {
            prop_assert!(!out.headers[0].value.expose().contains(['\r', '\n']));
        }
    }
}
