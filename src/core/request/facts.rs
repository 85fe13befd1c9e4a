//! What the record of an attempt says of the request, secrets masked.

use super::cookies::{cookie_pairs, is_cookie};
use super::{
    AuthContribution, AuthSubprotocol, FirstMessage, HeaderOrigin, RequestDraft, Shown, WireHeader,
};
use crate::core::evidence::{
    CredentialFacts, HeaderFacts, OddAuthorization, RequestFacts, TokenFacts,
};
use crate::core::secret::{Masker, is_sensitive_name};
use crate::core::url::{self, Address};
use crate::core::{headers, jwt};

/// How [`RequestFacts::credentials`] names a message that carries one.
pub(super) const FIRST_MESSAGE: &str = "first message";

impl RequestDraft {
    pub(super) fn facts(
        &self,
        address: &Address,
        target: &str,
        headers: &[WireHeader],
        subprotocols: &[String],
        auth: &AuthContribution,
        masker: &Masker,
    ) -> RequestFacts {
        let mut credentials =
            credentials(headers, target, &auth.subprotocols, !self.settings.cert_file.is_empty());
        if auth.first_messages.iter().any(FirstMessage::holds_secret) {
            credentials.push(FIRST_MESSAGE.into());
        }
        let tokens = tokens(headers, target);
        let value_of = |name: &str| {
            let header = headers.iter().find(|h| h.name.eq_ignore_ascii_case(name));
            header.map(|header| header.value.expose())
        };
        RequestFacts {
            typed: masker.mask(&url::masked(&self.url)),
            used: masker.mask(&url::masked(&address.to_url())),
            scheme: address.scheme.name().into(),
            host: address.host.clone(),
            port: address.port_or_default(),
            port_typed: address.port.is_some(),
            target: masker.mask(&url::masked(target)),
            mends: address.mends.clone(),
            subprotocols: subprotocols.iter().map(|s| masker.mask(s)).collect(),
            auth: self.auth.kind.clone(),
            credentials,
            credential_notes: auth.notes.clone(),
            tokens,
            credential: CredentialFacts {
                inherited_from: self.auth.inherited_from.clone(),
                signing: auth.signing.as_ref().map(|s| s.map(|text| masker.mask(text))),
                shown: auth
                    .shown
                    .iter()
                    .map(|part| Shown { title: part.title.clone(), text: masker.mask(&part.text) })
                    .collect(),
                expires: auth.expires,
                clock_offset_s: self.settings.clock_offset_s,
                ..CredentialFacts::default()
            },
            odd_authorization: value_of("Authorization").and_then(OddAuthorization::of),
            overridden: overridden(headers),
            verify: self.settings.verify,
            timeout_ms: self.settings.connect_timeout_ms,
            max_message: self.settings.max_message,
            heartbeat_ms: self.settings.heartbeat_ms,
            origin: value_of("Origin").map(|origin| masker.mask(origin)),
            extensions: value_of("Sec-WebSocket-Extensions")
                .map(|value| value.split(',').map(|item| item.trim().to_owned()).collect())
                .unwrap_or_default(),
            plus_in_query: plus_in_query(target),
            head_bytes: head_bytes(target, headers),
            headers: header_facts(headers, masker),
            // Decided afterwards.
            proxy_exemption: None,
        }
    }
}

pub(super) fn header_facts(headers: &[WireHeader], masker: &Masker) -> Vec<HeaderFacts> {
    headers
        .iter()
        .map(|header| HeaderFacts {
            name: header.name.clone(),
            value: masker.mask(&header.shown_value()),
            added: header.origin == HeaderOrigin::Handshake,
        })
        .collect()
}

/// What goes out and looks like a credential, as [`RequestFacts::credentials`] names it.
pub(super) fn credentials(
    headers: &[WireHeader],
    target: &str,
    subprotocols: &[AuthSubprotocol],
    certificate: bool,
) -> Vec<String> {
    let mut out: Vec<String> = headers
        .iter()
        .filter(|h| h.is_credential())
        .map(|h| format!("header {}", h.name))
        .collect();
    if let (_, Some(query), _) = url::split_query(target) {
        out.extend(
            query
                .split('&')
                .filter_map(|piece| piece.split_once('='))
                .filter(|(name, value)| is_sensitive_name(name) && !value.is_empty())
                .map(|(name, _)| format!("query {name}")),
        );
    }
    if subprotocols.iter().any(|s| s.is_secret) {
        out.push("subprotocol".into());
    }
    if certificate {
        out.push("certificate".into());
    }
    out
}

/// Names of handshake headers that the user took over.
pub(super) fn overridden(headers: &[WireHeader]) -> Vec<String> {
    let of_user = |h: &&WireHeader| {
        h.origin == HeaderOrigin::User && headers::owned_reason(&h.name).is_some()
    };
    headers.iter().filter(of_user).map(|h| h.name.clone()).collect()
}

/// The JSON Web Tokens that go out.
fn tokens(headers: &[WireHeader], target: &str) -> Vec<TokenFacts> {
    let in_headers = headers.iter().flat_map(|h| jwt::in_header(&h.name, h.value.expose()));
    let query = url::split_query(target).1;
    in_headers.chain(query.into_iter().flat_map(jwt::in_query)).collect()
}

/// Names of the parameters whose value holds a `+`; the values may be secrets.
fn plus_in_query(target: &str) -> Vec<String> {
    let (_, query, _) = url::split_query(target);
    let pairs = query.unwrap_or_default().split('&').filter_map(|piece| piece.split_once('='));
    pairs.filter(|(_, value)| value.contains('+')).map(|(name, _)| name.to_owned()).collect()
}

/// Size of the request's head on the wire. The key of each attempt has always 24 characters.
pub(super) fn head_bytes(target: &str, headers: &[WireHeader]) -> u64 {
    let line = |header: &WireHeader| {
        let value = if header.is_key { 24 } else { header.value.expose().len() };
        header.name.len() + value + ": \r\n".len()
    };
    let all = "GET  HTTP/1.1\r\n\r\n".len() + target.len();
    (all + headers.iter().map(line).sum::<usize>()) as u64
}

/// Which of two credentials for one place went out.
pub(super) fn conflicts(
    address: &Address,
    auth: &AuthContribution,
    headers: &[WireHeader],
) -> Vec<String> {
    let mut notes = Vec::new();
    let is_authorization = |name: &str| name.eq_ignore_ascii_case("authorization");
    let of_way = auth.headers.iter().any(|header| is_authorization(&header.name));
    let typed = headers
        .iter()
        .any(|header| header.origin == HeaderOrigin::User && is_authorization(&header.name));
    if address.userinfo.is_some() && (of_way || typed) {
        let whose = if of_way { "way of authenticating" } else { "table of headers" };
        notes.push(format!(
            "the address holds a user name as well; the Authorization of the {whose} goes out \
             instead"
        ));
    }
    if of_way && typed {
        notes.push(
            "Authorization goes out twice: as typed, and by the way of authenticating; servers \
             refuse that or take either"
                .into(),
        );
    }
    let line = headers.iter().find(|h| h.origin == HeaderOrigin::User && is_cookie(h));
    if let Some(line) = line {
        for (name, value) in &auth.cookies {
            let pair = (name.as_str(), value.expose());
            let mut named = cookie_pairs(line.value.expose());
            if named.any(|(known, sent)| known == name && (known, sent) != pair) {
                notes.push(format!("the cookie {name} goes out as typed in the table of headers"));
            }
        }
    }
    notes
}
