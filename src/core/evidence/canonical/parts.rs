//! Reading a canonical request, ours and the one in a refusal's body.

use serde_json::Value;

use crate::core::request::Signing;

/// The server's own texts.
pub(super) struct Told {
    /// Line breaks as `|`.
    pub(super) canonical: String,
    pub(super) scope: Option<String>,
}

/// Bytes of a canonical request that are looked at; headers of 64 KiB fit.
const MOST: usize = 256 * 1024;

impl Told {
    pub(super) fn of(body: &str) -> Option<Told> {
        if body.len() > MOST {
            return None;
        }
        let text = messages(body);
        if let Some((_, rest)) = split_after(&text, "canonicalrequest:") {
            let canonical = rest.trim_matches(['\n', '\r', ' ']).replace('\n', "|");
            return Some(Told { canonical, scope: None });
        }
        let (_, rest) = split_after(&text, "canonical string for this request should have been")?;
        let (canonical, rest) = quoted(rest)?;
        let signed = split_after(rest, "string-to-sign should have been");
        let scope = signed.and_then(|(_, rest)| {
            let (text, _) = quoted(rest)?;
            text.lines().nth(2).map(str::to_owned)
        });
        Some(Told { canonical: canonical.replace('\n', "|"), scope })
    }
}

/// All texts of a JSON body, or the body with `\n` as line breaks.
fn messages(body: &str) -> String {
    fn collect(value: &Value, out: &mut Vec<String>) {
        match value {
            Value::String(text) => out.push(text.clone()),
            Value::Array(list) => list.iter().for_each(|value| collect(value, out)),
            Value::Object(map) => map.values().for_each(|value| collect(value, out)),
            _ => {}
        }
    }
    let body = body.trim();
    let mut out = Vec::new();
    match serde_json::from_str(body) {
        Ok(value) if body.starts_with(['{', '[', '"']) => collect(&value, &mut out),
        _ => {
            // JSON that is cut, or XML.
            let end = ["\",\"", "\"}", "</"].iter().filter_map(|end| body.find(end)).min();
            let body =
                if body.starts_with('{') { &body[..end.unwrap_or(body.len())] } else { body };
            return body.replace("\\n", "\n").replace("&apos;", "'").replace("&#39;", "'");
        }
    }
    let marked = |text: &&String| {
        let lower = text.to_ascii_lowercase();
        lower.contains("canonicalrequest:") || lower.contains("canonical string")
    };
    out.iter().find(marked).or(out.first()).cloned().unwrap_or_default()
}

/// What stands before and behind the first of these words, in any case of letters.
fn split_after<'t>(text: &'t str, words: &str) -> Option<(&'t str, &'t str)> {
    // Lowering ASCII only keeps every offset.
    let at = text.to_ascii_lowercase().find(words)?;
    Some((&text[..at], &text[at + words.len()..]))
}

/// The text in the next pair of single quotation marks, the second of which ends a line; and what
/// follows.
fn quoted(text: &str) -> Option<(&str, &str)> {
    let rest = &text[text.find('\'')? + 1..];
    let end = rest
        .match_indices('\'')
        .map(|(at, _)| at)
        .find(|at| rest[at + 1..].is_empty() || rest[at + 1..].starts_with(['\n', '\r']))
        .unwrap_or(rest.len());
    Some((&rest[..end], rest.get(end + 1..).unwrap_or_default()))
}

/// The third line of AWS's string to sign: `20261124/eu-west-1/execute-api/aws4_request`.
pub(super) fn scope_of(signing: &Signing) -> Option<&str> {
    let text = &signing.string_to_sign;
    text.starts_with("AWS4-").then(|| text.lines().nth(2)).flatten()
}

/// A canonical request in its parts.
#[derive(Debug, Default)]
pub(super) struct Parts {
    pub(super) method: String,
    pub(super) path: String,
    pub(super) query: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) signed: String,
    pub(super) hash: String,
    /// Whether it was whole, down to the hash.
    pub(super) whole: bool,
    /// Lines that were there, the last of which may be cut if it is not whole.
    pub(super) lines: usize,
}

impl Parts {
    /// Reads one with `|` between its lines.
    pub(super) fn read(text: &str) -> Parts {
        let mut pieces: Vec<&str> = text.split('|').collect();
        // What a gateway writes behind the hash is its own.
        let hash = pieces.iter().rposition(|piece| is_hash(piece)).filter(|at| *at >= 5);
        let whole = hash.is_some();
        let (mut signed, mut payload) = (String::new(), String::new());
        if let Some(at) = hash {
            payload = hash_of(pieces[at]).to_owned();
            pieces[at - 1].clone_into(&mut signed);
            pieces.truncate(at - 1);
        } else if let Some(at) = pieces.iter().skip(3).position(|piece| piece.is_empty()) {
            // Cut behind the headers.
            signed = pieces.get(at + 4).copied().unwrap_or_default().to_owned();
            pieces.truncate(at + 3);
        }
        let lines = pieces.len();
        if !whole && lines > 3 && !pieces[lines - 1].contains(':') {
            pieces.truncate(lines - 1);
        }
        let part = |n: usize| pieces.get(n).copied().unwrap_or_default().to_owned();
        let mut headers: Vec<(String, String)> = Vec::new();
        let names: Vec<&str> = signed.split(';').collect();
        for piece in pieces.iter().skip(3).filter(|piece| !piece.is_empty()) {
            let named = piece.split_once(':').filter(|(name, _)| {
                names.contains(name) || (names == [""] && !name.contains([' ', '"']))
            });
            match (named, headers.last_mut()) {
                (Some((name, value)), _) => headers.push((name.to_owned(), value.to_owned())),
                // A `|` inside a value.
                (None, Some((_, value))) => {
                    value.push('|');
                    value.push_str(piece);
                }
                (None, None) => headers.push(((*piece).to_owned(), String::new())),
            }
        }
        Parts {
            method: part(0),
            path: part(1),
            query: part(2),
            headers,
            signed,
            hash: payload,
            whole,
            lines,
        }
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// The hash that a line begins with.
fn hash_of(line: &str) -> &str {
    let end = line.find(|c: char| !c.is_ascii_alphanumeric() && c != '-').unwrap_or(line.len());
    &line[..end]
}

fn is_hash(line: &str) -> bool {
    let word = hash_of(line);
    word == "UNSIGNED-PAYLOAD" || (word.len() == 64 && word.bytes().all(|b| b.is_ascii_hexdigit()))
}
