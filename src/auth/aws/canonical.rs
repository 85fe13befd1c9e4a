//! What a signature of AWS is made of, as AWS's own crate writes it and does not tell.
//!
//! The rules are those of “Create a signed AWS API request”: the path normalised and encoded once
//! more, the query decoded, encoded and sorted, headers in lower case with single blanks.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sha2::{Digest, Sha256};

use crate::core::time::Micros;

/// SHA-256 of nothing: a handshake has no body.
const EMPTY_HASH: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// Percent-encodes all but the unreserved characters.
pub(super) fn encode(text: &str) -> String {
    utf8_percent_encode(text, ENCODED).to_string()
}

/// A request taken apart for signing.
pub(super) struct Parts {
    path: String,
    query: Vec<(String, String)>,
    /// By name; several values of one name joined.
    headers: Vec<(String, String)>,
    second: u64,
    pub(super) region: String,
    pub(super) service: String,
    /// Parameters of a presigned address, without the signature, not encoded.
    pub(super) added: Vec<(&'static str, String)>,
}

impl Parts {
    pub(super) fn new(target: &str, headers: &[(String, String)], second: u64) -> Parts {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let query = url::form_urlencoded::parse(query.as_bytes());
        let mut parts = Parts {
            path: canonical_path(path),
            query: query.map(|(name, value)| (name.into_owned(), value.into_owned())).collect(),
            headers: Vec::new(),
            second,
            region: String::new(),
            service: String::new(),
            added: Vec::new(),
        };
        for (name, value) in headers {
            parts.add_header(name, value);
        }
        parts
    }

    /// Adds a header, name in lower case.
    pub(super) fn add_header(&mut self, name: &str, value: &str) {
        let value = single_blanks(value);
        match self.headers.iter_mut().find(|(known, _)| known == name) {
            Some((_, all)) => *all = format!("{all},{value}"),
            None => self.headers.push((name.to_owned(), value)),
        }
        self.headers.sort();
    }

    /// Adds the parameters of a presigned address.
    pub(super) fn presign(&mut self, access: &str, expires: u64, token: Option<&str>) {
        self.added = vec![
            ("X-Amz-Algorithm", "AWS4-HMAC-SHA256".into()),
            ("X-Amz-Credential", format!("{access}/{}", self.scope())),
            ("X-Amz-Date", self.date_time()),
            ("X-Amz-Expires", expires.to_string()),
            ("X-Amz-SignedHeaders", self.signed_headers()),
        ];
        if let Some(token) = token {
            self.added.push(("X-Amz-Security-Token", token.to_owned()));
        }
        self.query.extend(self.added.iter().map(|(n, v)| ((*n).to_owned(), v.clone())));
    }

    /// `20150830T123600Z`.
    pub(super) fn date_time(&self) -> String {
        let at = Micros(self.second.saturating_mul(1_000_000)).timestamp();
        at.strftime("%Y%m%dT%H%M%SZ").to_string()
    }

    /// `20150830/us-east-1/execute-api/aws4_request`.
    pub(super) fn scope(&self) -> String {
        let date = self.date_time();
        let day = date.split('T').next().unwrap_or_default();
        format!("{day}/{}/{}/aws4_request", self.region, self.service)
    }

    pub(super) fn signed_headers(&self) -> String {
        self.headers.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(";")
    }

    pub(super) fn canonical_request(&self) -> String {
        let mut pairs: Vec<(String, String)> =
            self.query.iter().map(|(name, value)| (encode(name), encode(value))).collect();
        pairs.sort();
        let query: Vec<String> = pairs.iter().map(|(n, v)| format!("{n}={v}")).collect();
        let headers: String = self.headers.iter().map(|(n, v)| format!("{n}:{v}\n")).collect();
        format!(
            "GET\n{}\n{}\n{headers}\n{}\n{EMPTY_HASH}",
            self.path,
            query.join("&"),
            self.signed_headers()
        )
    }

    pub(super) fn string_to_sign(&self, canonical_request: &str) -> String {
        let hash: String = Sha256::digest(canonical_request.as_bytes())
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        format!("AWS4-HMAC-SHA256\n{}\n{}\n{hash}", self.date_time(), self.scope())
    }
}

/// Dot segments and empty ones taken out (RFC 3986 section 5.2.4), and each part encoded again, the
/// percent signs as well.
fn canonical_path(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    let mut out: String = parts.iter().map(|part| format!("/{}", encode(part))).collect();
    if out.is_empty() || ["/", "/.", "/.."].iter().any(|end| path.ends_with(end)) {
        out.push('/');
    }
    out
}

fn single_blanks(value: &str) -> String {
    value.split(' ').filter(|piece| !piece.is_empty()).collect::<Vec<_>>().join(" ")
}
