//! The vendors' tables as they stand in `assets/vendors/`.
//!
//! A file is a vendor: how its answers are recognised, where its error bodies keep code, message
//! and request id, and rows. A row is one answer: what must be seen, which finding it is a case
//! of, what it means, what to check, and a sample of it, which a test runs through the rules.
//! Texts are looked for without regard to case, since versions differ in their wording.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::core::finding::Confidence;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Table {
    pub(super) vendor: String,
    /// Where the rows come from; a row may name its own.
    #[cfg_attr(not(test), expect(dead_code, reason = "for whoever changes the table"))]
    pub(super) source: String,
    /// Other prefixes of codes with the same numbers: `["APIGW.", "APIG."]`.
    #[serde(default)]
    pub(super) same_as: Vec<(String, String)>,
    #[serde(default)]
    pub(super) recognise: Recognise,
    #[serde(default)]
    pub(super) read: Read,
    /// Domains that the vendor has given up.
    #[serde(default)]
    pub(super) moved: Vec<Moved>,
    /// Body of the samples of rows that have none: `{code}` and `{text}` are filled in.
    #[serde(default)]
    #[cfg_attr(not(test), expect(dead_code, reason = "for the test of the tables"))]
    pub(super) sample: String,
    #[serde(default)]
    pub(super) rows: Vec<Row>,
}

/// Signs of which one is enough to say that an answer is this vendor's.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Recognise {
    /// Its codes are its own, so a code is enough.
    pub(super) codes: bool,
    /// Pieces of the host's name: `.execute-api.`.
    pub(super) hosts: Vec<String>,
    /// JSON pointer into the body and a piece of the text there: `["/kind", "Status"]`.
    pub(super) json: Vec<(String, String)>,
    /// Header and a piece of its value; an empty piece for any value.
    pub(super) headers: Vec<(String, String)>,
}

/// Places in an error, the first that is there counts.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Read {
    /// JSON pointers (RFC 6901) into the body.
    pub(super) code: Vec<String>,
    pub(super) message: Vec<String>,
    pub(super) request_id: Vec<String>,
    /// Headers; of a code only what stands before the first `:`.
    pub(super) code_header: Vec<String>,
    pub(super) request_id_header: Vec<String>,
}

/// A domain that the vendor has given up for another one.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::diagnose) struct Moved {
    /// End of the host's name.
    pub(in crate::diagnose) host: String,
    pub(in crate::diagnose) to: String,
    pub(in crate::diagnose) since: String,
}

/// One answer. All that it names must be there.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Row {
    /// Id of the finding; without one it is that of a vendor's code.
    #[serde(default)]
    pub(super) id: String,
    /// Any of these; none for any.
    #[serde(default)]
    pub(super) status: Vec<u16>,
    #[serde(default)]
    pub(super) code: String,
    /// A piece of the body, or of the message, in any case of letters.
    #[serde(default)]
    pub(super) text: String,
    #[serde(default)]
    pub(super) header: Option<(String, String)>,
    /// A piece of the host's name, for vendors with several services.
    #[serde(default)]
    pub(super) host: String,
    /// End of the path, so that one text may mean several things.
    #[serde(default)]
    pub(super) path: String,
    /// Enough even if nothing else says that the answer is this vendor's.
    #[serde(default)]
    pub(super) alone: bool,
    #[serde(default = "certain")]
    pub(super) sure: Confidence,
    /// A clause without a full stop.
    pub(super) meaning: String,
    /// Imperatives without a full stop, best first.
    pub(super) check: Checks,
    #[serde(default)]
    pub(super) fix: Remedy,
    #[serde(default)]
    #[cfg_attr(not(test), expect(dead_code, reason = "for whoever changes the table"))]
    pub(super) source: String,
    /// The vendor's message in the table's sample, if it is more than `text`.
    #[serde(default)]
    #[cfg_attr(not(test), expect(dead_code, reason = "for the test of the tables"))]
    pub(super) says: String,
    /// Status in the table's sample, for rows that ask for none.
    #[serde(default)]
    #[cfg_attr(not(test), expect(dead_code, reason = "for the test of the tables"))]
    pub(super) sample_status: u16,
    #[serde(default)]
    #[cfg_attr(not(test), expect(dead_code, reason = "for the test of the tables"))]
    pub(super) sample: Option<Sample>,
}

fn certain() -> Confidence {
    Confidence::Certain
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Checks {
    One(String),
    Many(Vec<String>),
}

impl Checks {
    pub(super) fn list(&self) -> &[String] {
        match self {
            Checks::One(one) => std::slice::from_ref(one),
            Checks::Many(many) => many,
        }
    }
}

/// A change that the row offers with one key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Remedy {
    #[default]
    None,
    /// ws:// for wss:// and the reverse.
    OtherScheme,
    /// Only wss:// can work.
    Wss,
}

/// An answer that the row must be found in.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Sample {
    pub(super) host: String,
    pub(super) path: String,
    /// `wss` or `ws`; `ws` without one.
    pub(super) scheme: String,
    /// The row's first status without one.
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: String,
}

macro_rules! tables {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("../../../assets/vendors/", $name, ".toml")))),*]
    };
}

/// Name and text of each file.
pub(super) const FILES: &[(&str, &str)] = tables![
    "apache",
    "apig",
    "aws-api-gateway",
    "aws-cloudfront",
    "aws-load-balancer",
    "azure",
    "cloudflare",
    "engine-io",
    "envoy",
    "frameworks",
    "google",
    "haproxy",
    "heroku",
    "kong",
    "kubernetes",
    "nginx",
    "render-fly",
    "static-hosts",
    "traefik-caddy",
    "vercel",
    "web-firewalls",
];

/// A table that does not parse is left out; a test sees to it that none is.
pub(super) static TABLES: LazyLock<Vec<Table>> =
    LazyLock::new(|| FILES.iter().filter_map(|(_, text)| toml::from_str(text).ok()).collect());
