//! No secret gets into a record, wherever the server puts it back.

use wsdeck::core::headers::HeaderRow;
use wsdeck::core::request::AuthHeader;
use wsdeck::practice::script::{RawServer, Step};

use super::*;

const TOKEN: &str = "tok-5f2b91c7e0";

fn with_token(url: &str) -> RequestSpec {
    let mut draft = draft(&format!("{url}?api_key={TOKEN}"));
    draft.headers = vec![HeaderRow::new("X-Plain", TOKEN)];
    let auth = AuthContribution {
        headers: vec![AuthHeader::secret("Authorization", format!("Bearer {TOKEN}"))],
        ..AuthContribution::default()
    };
    draft.spec(&auth, Files::default()).unwrap()
}

fn assert_clean(evidence: &Evidence) {
    let json = serde_json::to_string(evidence).unwrap();
    let hex: String = TOKEN.bytes().map(|b| format!("{b:02x}")).collect();
    assert!(!json.contains(TOKEN) && !json.contains(&hex), "{json}");
    assert!(!format!("{evidence:?}").contains(TOKEN));
}

#[tokio::test]
async fn a_refusal_that_echoes_the_token() {
    let body = format!("{{\"canonical\":\"authorization:Bearer {TOKEN}\"}}");
    let head = format!(
        "HTTP/1.1 401 {TOKEN}\r\nX-Echo: {TOKEN}\r\nSet-Cookie: t={TOKEN}\r\n\
         Location: /x?token={TOKEN}\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    for answer in [head.clone(), format!("oops {TOKEN}"), format!("HTTP/1.1 {TOKEN}\r\n\r\n")] {
        let raw = RawServer::start(vec![
            Step::Accept,
            Step::ReadHead,
            Step::Write(answer.into()),
            Step::CloseNow,
        ])
        .await
        .unwrap();
        let (evidence, _) = failed(with_token(&raw.url("/"))).await;
        assert!(raw.received().windows(TOKEN.len()).any(|w| w == TOKEN.as_bytes()));
        assert_clean(&evidence);
    }
}

#[tokio::test]
async fn a_session_in_which_the_token_comes_back() {
    let server = server().await;
    let mut conn = Conn::open(with_token(&server.url("/headers"))).await;
    conn.until_received(1).await;
    // The messages themselves are the user's; only the record is masked.
    assert!(conn.received()[0].text().unwrap().contains(TOKEN));
    conn.close(4000, TOKEN);
    let evidence = conn.ended().await;
    assert_eq!(evidence.session.as_ref().unwrap().first_received.len(), 1);
    assert_clean(&evidence);
}
