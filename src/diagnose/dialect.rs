//! Protocols on top of WebSocket as data: how one is recognised, what its first message is, how
//! its messages end, and what its close codes and error messages mean.
//!
//! A dialect is a file in `assets/dialects`, written down in [`TABLES`]. The rules over it are in
//! `rules/msg/dialect.rs`. Each file carries samples, which the tests turn into records and judge.

use std::borrow::Cow;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::core::evidence::{Evidence, SessionFacts};
use crate::core::message::MessageKind;

use super::{see, words};

/// One protocol, or one vendor's way of using it.
#[derive(Debug, Default, Deserialize)]
#[cfg_attr(test, serde(deny_unknown_fields))]
#[serde(default)]
pub(super) struct Dialect {
    /// As it is named in sentences.
    pub(super) name: String,
    pub(super) marks: Marks,
    pub(super) first: Option<First>,
    /// The kind of its messages, if it has only one.
    pub(super) kind: Option<MessageKind>,
    pub(super) end: Option<Terminator>,
    pub(super) codes: Vec<Code>,
    pub(super) says: Vec<Says>,
    /// Codes that are no close codes: return codes in binary answers.
    pub(super) returns: Vec<Code>,
    #[cfg(test)]
    pub(super) samples: Vec<super::fixtures::Sample>,
}

/// What it is recognised by; one of them is enough.
#[derive(Debug, Default, Deserialize)]
#[cfg_attr(test, serde(deny_unknown_fields))]
#[serde(default)]
pub(super) struct Marks {
    /// Subprotocols, as offered or chosen.
    pub(super) subprotocols: Vec<String>,
    /// Ends of host names; one that begins and ends with a dot may stand anywhere.
    hosts: Vec<String>,
    /// Pieces of the path. They tell less: anybody may use `/graphql`.
    paths: Vec<String>,
    /// Beginnings of a message that the server sends first.
    pub(super) greetings: Vec<String>,
    /// Beginnings of messages that only a client of this protocol sends.
    sent: Vec<String>,
}

/// The message that the client must send first.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub(super) struct First {
    /// Its name with an article: `a CONNECT frame`.
    pub(super) what: String,
    /// How such a message begins, blanks left out.
    pub(super) starts: Vec<String>,
    /// One to put into the composer; `{host}` stands for the host.
    pub(super) message: Option<String>,
    /// Seconds after which the server gives up, if that is known.
    pub(super) within_s: Option<u64>,
    /// A further hint: an imperative without a full stop.
    pub(super) hint: Option<String>,
}

/// How each of its messages ends.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub(super) struct Terminator {
    pub(super) byte: u8,
    /// Bytes that may follow it.
    #[serde(default)]
    pub(super) or: Vec<u8>,
    /// `the byte 0x1E`
    pub(super) what: String,
    /// Beginnings of our messages by which they are known to be of this protocol.
    pub(super) starts: Vec<String>,
}

/// A close code, or a range of them.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub(super) struct Code {
    pub(super) code: u16,
    /// Last code of the range.
    #[serde(default)]
    to: Option<u16>,
    /// A piece of the reason that tells cases of one code apart, without regard to case.
    #[serde(default)]
    reason: String,
    /// A clause without a full stop.
    pub(super) meaning: String,
    /// An imperative without a full stop.
    pub(super) check: String,
    /// A refused login: trying again by itself would only repeat it.
    #[serde(default)]
    pub(super) login: bool,
}

/// An error as its message tells it.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub(super) struct Says {
    /// Pieces that the message holds, all of them, without regard to case and blanks.
    pub(super) all: Vec<String>,
    /// The pieces are this protocol's own, so that nothing else need speak for it.
    #[serde(default)]
    pub(super) own: bool,
    pub(super) meaning: String,
    pub(super) check: String,
    #[serde(default)]
    pub(super) login: bool,
}

/// Why a record is one of this dialect, and how much that tells.
#[derive(Debug)]
pub(super) struct Known {
    /// A sentence.
    pub(super) why: String,
    /// Whether only this dialect looks so.
    pub(super) surely: bool,
}

macro_rules! tables {
    ($($key:literal),* $(,)?) => {
        &[$(($key, include_str!(concat!("../../assets/dialects/", $key, ".toml")))),*]
    };
}

const TABLES: &[(&str, &str)] = tables![
    "actioncable",
    "azure-webpubsub",
    "cdp",
    "coinbase",
    "deepgram",
    "discord",
    "engineio",
    "gemini",
    "graphql",
    "graphql-legacy",
    "home-assistant",
    "jupyter",
    "kubernetes",
    "mqtt",
    "ocpp",
    "openai",
    "phoenix",
    "pusher",
    "signalr",
    "slack",
    "sockjs",
    "stomp",
    "twitch",
    "twitch-chat",
    "wamp",
];

/// A table that does not parse is left out; a test sees to it that none is.
static PARSED: LazyLock<Vec<(&'static str, Dialect)>> = LazyLock::new(|| {
    TABLES.iter().filter_map(|(key, text)| Some((*key, toml::from_str(text).ok()?))).collect()
});

/// All dialects with their keys.
pub(super) fn all() -> impl Iterator<Item = (&'static str, &'static Dialect)> {
    PARSED.iter().map(|(key, dialect)| (*key, dialect))
}

/// The dialect of that key.
pub(super) fn get(key: &str) -> Option<&'static Dialect> {
    all().find(|(other, _)| *other == key).map(|(_, dialect)| dialect)
}

/// Without blanks, so that `{ "a": 1 }` begins as `{"a":1}`.
pub(super) fn squash(text: &str) -> Cow<'_, str> {
    if text.contains(char::is_whitespace) {
        text.chars().filter(|c| !c.is_whitespace()).collect::<String>().into()
    } else {
        text.into()
    }
}

/// Whether a message begins with one of these, blanks left out.
pub(super) fn begins(message: &str, starts: &[String]) -> bool {
    let message = squash(message);
    starts.iter().any(|start| message.starts_with(&*squash(start)))
}

/// What the server said, the last message first.
pub(super) fn heard(session: &SessionFacts) -> impl Iterator<Item = &str> {
    session.last_received.iter().chain(session.first_received.iter().rev()).map(String::as_str)
}

impl Dialect {
    /// Whether the attempt has to do with this dialect.
    pub(super) fn known(&self, e: &Evidence) -> Option<Known> {
        let marks = &self.marks;
        let sure = |why: String| Some(Known { why, surely: true });
        let of = |list: &[String], name: &str| list.iter().any(|own| own == name);
        let chosen = e.websocket.as_ref().and_then(|ws| ws.subprotocol.as_deref());
        if let Some(name) = chosen.filter(|name| of(&marks.subprotocols, name)) {
            return sure(format!("The server chose the subprotocol {}.", words::name(name)));
        }
        let host = e.request.host.to_ascii_lowercase();
        let hosted = |own: &String| match own.strip_prefix('.').filter(|_| own.ends_with('.')) {
            Some(_) => host.contains(own.as_str()),
            None => host == *own || host.ends_with(&format!(".{own}")),
        };
        if marks.hosts.iter().any(hosted) {
            return sure(format!("{} is a host of its vendor.", words::host(e)));
        }
        if let Some(session) = &e.session {
            if let Some(text) = session.first_received.iter().find(|m| begins(m, &marks.greetings))
            {
                return sure(format!("It greets with {}.", words::said_in(text, 60)));
            }
            if session.first_sent.iter().any(|m| begins(&m.start, &marks.sent)) {
                return sure(format!("A message of {} was sent.", self.name));
            }
        }
        if let Some(name) = e.request.subprotocols.iter().find(|n| of(&marks.subprotocols, n)) {
            return sure(format!("The subprotocol {} was offered.", words::name(name)));
        }
        let path = e.request.target.split('?').next().unwrap_or_default();
        let piece = marks.paths.iter().find(|piece| path.contains(piece.as_str()))?;
        Some(Known {
            why: format!("The path has {}, which is usual for it.", words::name(piece)),
            surely: false,
        })
    }

    /// What a close code means here.
    pub(super) fn code(&self, code: u16, reason: &str) -> Option<&Code> {
        let reason = reason.to_lowercase();
        self.codes
            .iter()
            .filter(|row| row.code <= code && code <= row.to.unwrap_or(row.code))
            .filter(|row| reason.contains(&row.reason.to_lowercase()))
            .max_by_key(|row| row.reason.len())
    }

    /// What a message of the server means here, if it is an error; `known` says whether anything
    /// else speaks for this dialect.
    pub(super) fn says(&self, message: &str, known: bool) -> Option<&Says> {
        let message = squash(message).to_lowercase();
        self.says.iter().filter(|row| known || row.own).find(|row| {
            row.all.iter().all(|piece| message.contains(&*squash(piece).to_lowercase()))
        })
    }

    /// Whether the client's part of the opening was sent.
    pub(super) fn has_begun(&self, session: &SessionFacts) -> bool {
        self.first
            .as_ref()
            .is_some_and(|first| session.first_sent.iter().any(|m| begins(&m.start, &first.starts)))
    }

    /// The first message for the composer.
    pub(super) fn first_message(&self, e: &Evidence) -> Option<String> {
        let message = self.first.as_ref()?.message.as_ref()?;
        Some(message.replace("{host}", &words::host(e)))
    }

    /// Whether none of its subprotocols was offered, though it has some; gives the usual one.
    pub(super) fn subprotocol_missing(&self, e: &Evidence) -> Option<&str> {
        let offered = |name: &String| e.request.subprotocols.contains(name);
        if self.marks.subprotocols.iter().any(offered) {
            return None;
        }
        self.marks.subprotocols.first().map(String::as_str)
    }
}

/// The words in an error message: the value of a member that usually holds them (also in JSON
/// within a string, and in what is cut short), a STOMP header, or else the whole text.
pub(super) fn words_of(text: &str) -> &str {
    if let Some((_, rest)) = text.split_once("⏎message:") {
        return rest.split('⏎').next().unwrap_or(rest);
    }
    ["message", "reason", "error", "msg", "errors"]
        .iter()
        .find_map(|name| member(text, name))
        .unwrap_or(text)
}

/// Value of the first string member of that name.
pub(super) fn member<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    ["\"", "\\\""].iter().find_map(|mark| {
        let key = format!("{mark}{name}{mark}");
        let after = text[text.find(&key)? + key.len()..].trim_start();
        let value = after.strip_prefix(':')?.trim_start().strip_prefix(mark)?;
        let value = &value[..value.find(mark).unwrap_or(value.len())];
        (!value.is_empty()).then_some(value)
    })
}

/// Whether the other side ended the connection, in whatever way.
pub(super) fn ended_by_peer(e: &Evidence) -> bool {
    use crate::core::evidence::EndedBy;
    see::end(e).is_some_and(|(_, end)| {
        matches!(end.by, EndedBy::Peer | EndedBy::PeerDropped | EndedBy::Reset)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_tables_parse_and_read_as_sentences() {
        for (key, text) in TABLES {
            let dialect: Dialect = match toml::from_str(text) {
                Ok(dialect) => dialect,
                Err(error) => panic!("{key}: {error}"),
            };
            assert!(!dialect.name.is_empty(), "{key}");
            assert!(!dialect.samples.is_empty(), "{key} has no sample");
            let codes = dialect.codes.iter().chain(&dialect.returns);
            let clauses = codes
                .map(|row| (&row.meaning, &row.check))
                .chain(dialect.says.iter().map(|row| (&row.meaning, &row.check)));
            for (meaning, check) in clauses {
                assert!(!meaning.ends_with('.') && !check.ends_with('.'), "{key}: {meaning}");
                assert!(check.starts_with(char::is_uppercase), "{key}: {check}");
            }
            if let Some(message) = dialect.first.as_ref().and_then(|f| f.message.as_ref()) {
                let starts = &dialect.first.as_ref().unwrap().starts;
                assert!(begins(message, starts), "{key}: {message}");
            }
        }
    }

    #[test]
    fn every_file_is_in_the_list() {
        let dir = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/dialects");
        let mut files: Vec<String> = std::fs::read_dir(dir)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        files.sort_unstable();
        let mut listed: Vec<String> = TABLES.iter().map(|(key, _)| format!("{key}.toml")).collect();
        listed.sort_unstable();
        assert_eq!(files, listed);
    }

    #[test]
    fn words_are_found_in_errors_of_any_form() {
        for (text, words) in [
            (r#"{"type":"error","error":{"message":"no such model"}}"#, "no such model"),
            (r#"{"event":"pusher:error","data":{"code":4001,"message":"App key"}}"#, "App key"),
            (r#"{"event":"pusher:error","data":"{\"message\":\"over\",\"code\":4004}"}"#, "over"),
            (r#"44{"message":"Invalid namespace"}"#, "Invalid namespace"),
            ("ERROR⏎message:malformed frame⏎⏎\\x00", "malformed frame"),
            (r#"{"message":"cut of"#, "cut of"),
            ("plain", "plain"),
        ] {
            assert_eq!(words_of(text), words);
        }
    }
}
