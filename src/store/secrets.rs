//! Taking the secrets out of a request before it is written to a shared file, and putting them
//! back after it was read.

use std::collections::{BTreeMap, BTreeSet};

use percent_encoding::percent_decode_str;

use crate::auth;
use crate::core::reference::{Piece, Reference, pieces};
use crate::core::request::RequestDraft;
use crate::core::secret::{MASK, Secret, is_sensitive_name, looks_random};
use crate::core::subprotocol;
use crate::core::url::split_query;

/// Secrets of one request by where they belong: `auth/bearer.token`, `header/authorization#1`.
pub(super) type Secrets = BTreeMap<String, Secret>;

/// The request with a mask in place of each secret, and the secrets.
pub(super) fn take_out(draft: &RequestDraft) -> (RequestDraft, Secrets) {
    let mut masked = draft.clone();
    let mut secrets = Secrets::new();
    each(&mut masked, &mut |key, value| {
        if value.is_empty() || value == MASK || is_reference(value) {
            return None;
        }
        secrets.insert(key, Secret::new(value));
        Some(MASK.to_owned())
    });
    (masked, secrets)
}

/// Puts secrets in place of the masks; a mask without a secret becomes empty, so that it is never
/// sent.
pub(super) fn put_back(draft: &mut RequestDraft, secrets: &Secrets) {
    each(draft, &mut |key, value| {
        (value == MASK).then(|| secrets.get(&key).map_or("", Secret::expose).to_owned())
    });
}

/// The places that hold a mask and have no secret among `known`.
pub(super) fn masked_without(draft: &RequestDraft, known: Option<&Secrets>) -> BTreeSet<String> {
    let mut places = BTreeSet::new();
    each(&mut draft.clone(), &mut |key, value| {
        if value == MASK && !known.is_some_and(|known| known.contains_key(&key)) {
            places.insert(key);
        }
        None
    });
    places
}

/// Puts the mask back into those of these places that are still empty.
pub(super) fn mask_again(draft: &mut RequestDraft, places: &BTreeSet<String>) {
    each(draft, &mut |key, value| {
        (value.is_empty() && places.contains(&key)).then(|| MASK.to_owned())
    });
}

/// An address without passwords and without the values of parameters that hold secrets.
pub(super) fn without_secrets(url: &str) -> String {
    map_url(url, "", &mut |_, value| (!is_reference(value)).then(String::new))
}

/// Whether a value only says where the secret is: `{{name}}`, `Bearer {{name}}`, `env:NAME`.
fn is_reference(value: &str) -> bool {
    let value = value.trim();
    let word = value.split_once(' ').filter(|(scheme, _)| {
        ["bearer", "basic", "token", "apikey"]
            .iter()
            .any(|known| scheme.eq_ignore_ascii_case(known))
    });
    let bare = word.map_or(value, |(_, rest)| rest.trim());
    let inner = bare.strip_prefix("{{").and_then(|rest| rest.strip_suffix("}}"));
    inner.is_some_and(|inner| !inner.contains(['{', '}']))
        || Reference::read(bare).is_some()
        || is_template(value)
}

/// Whether a longer text refers to its secrets and holds none itself, as a first message does:
/// `{"type":"auth","token":"{{env:TOKEN}}"}`.
fn is_template(value: &str) -> bool {
    let pieces = pieces(value);
    let is_word = |c: char| c.is_ascii_alphanumeric() || "-_.+/=".contains(c);
    pieces.iter().any(|piece| matches!(piece, Piece::Reference(_)))
        && pieces.iter().all(|piece| match piece {
            Piece::Reference(_) => true,
            Piece::Text(text) => !text.split(|c| !is_word(c)).any(looks_random),
        })
}

/// Shows every place that may hold a secret to `swap`, with its key, and takes what it gives back.
fn each(draft: &mut RequestDraft, swap: &mut dyn FnMut(String, &str) -> Option<String>) {
    let url = map_url(&draft.url, "url", swap);
    if url != draft.url {
        draft.set_url(url);
    }
    let proxy = map_url(&draft.settings.proxy, "proxy", swap);
    draft.settings.proxy = proxy;
    let mut count = Counter::default();
    map_subprotocols(&mut draft.settings.subprotocols, &mut count, swap);
    for row in &mut draft.headers {
        let lower = row.name.to_ascii_lowercase();
        let key = count.key("header", &lower);
        if is_sensitive_name(&row.name)
            && let Some(value) = swap(key, &row.value)
        {
            row.value = value;
        }
    }
    // Rows that are on have followed the address already.
    for row in draft.params.rows.iter_mut().filter(|row| !row.enabled) {
        let key = count.key("off-param", &row.name);
        if is_sensitive_query(&row.name)
            && let Some(old) = &row.value
            && let Some(value) = swap(key, old)
        {
            row.value = Some(value);
        }
    }
    for (key, value) in &mut draft.auth.values {
        if is_secret_field(key)
            && let Some(new) = swap(format!("auth/{key}"), value.expose())
        {
            *value = Secret::new(new);
        }
    }
}

/// Shows the credentials among subprotocols to `swap`. A mask is known as one wherever it stands.
fn map_subprotocols(
    offered: &mut [String],
    count: &mut Counter,
    swap: &mut dyn FnMut(String, &str) -> Option<String>,
) {
    let found: Vec<Option<String>> = subprotocol::credentials(offered)
        .into_iter()
        .zip(offered.iter())
        .map(|(secret, item)| {
            let masked = item.contains(MASK).then_some(MASK);
            masked.or(secret).map(str::to_owned)
        })
        .collect();
    for (item, secret) in offered.iter_mut().zip(found) {
        let Some(secret) = secret else { continue };
        let key = count.key("settings", "subprotocol");
        if let Some(new) = swap(key, &secret) {
            *item = item.replacen(&secret, &new, 1);
        }
    }
    // What was a mask and has no secret is nothing to offer.
}

/// Whether a field `kind.field` is secret; one that this version does not know counts as such.
fn is_secret_field(key: &str) -> bool {
    let Some((kind, name)) = key.split_once('.') else { return true };
    auth::find(kind)
        .and_then(|way| way.fields().iter().find(|field| field.name == name))
        .is_none_or(|field| field.secret)
}

fn is_sensitive_query(name: &str) -> bool {
    is_sensitive_name(&percent_decode_str(name).decode_utf8_lossy())
}

/// Numbers keys of one name, so that repeated headers and parameters have their own.
#[derive(Default)]
struct Counter {
    seen: BTreeMap<String, usize>,
}

impl Counter {
    fn key(&mut self, place: &str, name: &str) -> String {
        let base = format!("{place}/{name}");
        let count = self.seen.entry(base.clone()).or_default();
        *count += 1;
        format!("{base}#{count}")
    }
}

/// Shows the secret parts of an address to `swap`. What `swap` leaves alone stays as typed.
fn map_url(url: &str, place: &str, swap: &mut dyn FnMut(String, &str) -> Option<String>) -> String {
    let (before, query, fragment) = split_query(url);
    let mut out = map_userinfo(before, place, swap);
    let mut count = Counter::default();
    if let Some(query) = query {
        out.push('?');
        out.push_str(&map_pieces(query, &format!("{place}/query"), &mut count, swap));
    }
    if let Some(fragment) = fragment.strip_prefix('#') {
        out.push('#');
        out.push_str(&map_pieces(fragment, &format!("{place}/fragment"), &mut count, swap));
    }
    out
}

fn map_pieces(
    text: &str,
    place: &str,
    count: &mut Counter,
    swap: &mut dyn FnMut(String, &str) -> Option<String>,
) -> String {
    let pieces: Vec<String> = text
        .split('&')
        .map(|piece| match piece.split_once('=') {
            Some((name, value)) if is_sensitive_query(name) && !value.is_empty() => {
                let key = count.key(place, name);
                let value = swap(key, value).unwrap_or_else(|| value.to_owned());
                format!("{name}={value}")
            }
            _ => piece.to_owned(),
        })
        .collect();
    pieces.join("&")
}

/// The password of `user:password@`, with or without a scheme before it.
fn map_userinfo(
    before_query: &str,
    place: &str,
    swap: &mut dyn FnMut(String, &str) -> Option<String>,
) -> String {
    let start = before_query.find("://").map_or(0, |at| at + 3);
    let end = before_query[start..].find('/').map_or(before_query.len(), |at| start + at);
    let (authority, path) = (&before_query[start..end], &before_query[end..]);
    let Some((userinfo, host)) = authority.rsplit_once('@') else {
        return before_query.to_owned();
    };
    let Some((user, password)) = userinfo.split_once(':') else {
        return before_query.to_owned();
    };
    if password.is_empty() {
        return before_query.to_owned();
    }
    let scheme = &before_query[..start];
    match swap(format!("{place}/password"), password) {
        Some(password) if password.is_empty() => format!("{scheme}{user}@{host}{path}"),
        Some(password) => format!("{scheme}{user}:{password}@{host}{path}"),
        None => before_query.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::headers::HeaderRow;
    use crate::core::params::ParamRow;

    /// A request with a secret, `hunter2…`, in every place that can hold one.
    fn full() -> RequestDraft {
        let mut draft = RequestDraft::default();
        draft.set_url(
            "wss://me:hunter2a@h/x?token=hunter2b&a=1&token=hunter2c&sig#key=hunter2d".into(),
        );
        draft.params.rows.push(ParamRow {
            enabled: false,
            name: "api%5Fkey".into(),
            value: Some("hunter2e".into()),
        });
        draft.headers = vec![
            HeaderRow::new("Authorization", "Bearer hunter2f"),
            HeaderRow::new("authorization", "hunter2g"),
            HeaderRow::new("X-Api-Key", "{{key}}"),
            HeaderRow::new("Origin", "https://o"),
        ];
        draft.headers[1].enabled = false;
        for (key, value) in [
            ("bearer.token", "hunter2h"),
            ("basic.username", "me"),
            ("basic.password", "hunter2i"),
            ("unknown.thing", "hunter2j"),
            ("huawei-token.token", "env:TOKEN"),
        ] {
            draft.auth.values.insert(key.into(), Secret::new(value));
        }
        draft.settings.proxy = "http://me:hunter2k@proxy:8080".into();
        draft.settings.subprotocols = ["chat", "bearer", "hunter2-l"].map(String::from).into();
        draft
    }

    #[test]
    fn nothing_secret_stays_and_everything_comes_back() {
        let draft = full();
        let (masked, secrets) = take_out(&draft);
        assert_eq!(secrets.len(), 12, "{:?}", secrets.keys());
        for text in [
            masked.url.clone(),
            masked.settings.proxy.clone(),
            masked.settings.subprotocols.join(" "),
            masked.headers.iter().map(|row| row.value.clone()).collect(),
            masked.auth.values.values().map(Secret::expose).collect(),
            masked
                .params
                .rows
                .iter()
                .filter(|r| !r.enabled)
                .filter_map(|r| r.value.clone())
                .collect(),
        ] {
            assert!(!text.contains("hunter2"), "{text}");
        }
        assert_eq!(masked.headers[2].value, "{{key}}");
        assert_eq!(masked.auth.values["huawei-token.token"].expose(), "env:TOKEN");
        assert_eq!(masked.auth.values["basic.username"].expose(), "me");
        let mut back = masked;
        put_back(&mut back, &secrets);
        assert_eq!(back, draft);
    }

    #[test]
    fn a_mask_without_a_secret_is_never_sent() {
        let (mut masked, _) = take_out(&full());
        put_back(&mut masked, &Secrets::new());
        assert_eq!(masked.url, "wss://me@h/x?token=&a=1&token=&sig#key=");
        assert_eq!(masked.headers[0].value, "");
        assert_eq!(masked.auth.values["bearer.token"].expose(), "");
    }

    #[test]
    fn references_stay_where_they_are() {
        for text in [
            "env:A",
            "keyring:work",
            " {{secret:a b}} ",
            "{{name}}",
            "Bearer {{env:A}}",
            "{\"type\":\"auth\",\"token\":\"{{env:A}}\"}",
        ] {
            assert!(is_reference(text), "{text}");
        }
        for text in
            ["hunter2x", "hunter22{{env:A}}", "{\"a\":\"s3cret-tok\",\"b\":\"{{env:A}}\"}", ""]
        {
            assert!(!is_reference(text), "{text}");
        }
    }

    #[test]
    fn addresses_without_a_scheme_too() {
        assert_eq!(without_secrets("me:pw@host:9/a?b=c"), "me@host:9/a?b=c");
        assert_eq!(without_secrets("host:9/a@b?key={{k}}"), "host:9/a@b?key={{k}}");
        assert_eq!(without_secrets("ws://u:p:q@@h"), "ws://u@h");
    }
}
