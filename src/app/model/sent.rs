//! What would go out if Connect were pressed now, in parts to be read: the request, first
//! messages, what was signed or computed, and what of it is not there yet. Secrets are masked.

use super::Preview;
use crate::core::request::HeaderOrigin;
use crate::core::time::Micros;
use crate::core::url::UrlProblem;

/// A line of a part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SentLine {
    /// The first line of the request.
    Start(String),
    Header {
        name: String,
        value: String,
        /// It carries or belongs to the credential.
        credential: bool,
        /// The handshake needs it, whoever connects.
        handshake: bool,
        /// Where it comes from, if not from the request: `the workspace`.
        from: Option<String>,
    },
    /// As it was computed, to be compared letter by letter.
    Exact(String),
    Fact {
        name: &'static str,
        value: String,
    },
    /// A time, in the words of whoever has the zone.
    Time {
        name: &'static str,
        at: Micros,
    },
    Remark(String),
    Warning(String),
}

/// Lines under one heading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentPart {
    pub title: String,
    pub lines: Vec<SentLine>,
}

impl SentPart {
    fn new(title: &str, lines: Vec<SentLine>) -> SentPart {
        SentPart { title: title.to_owned(), lines }
    }

    fn exact(title: &str, text: &str) -> SentPart {
        SentPart::new(title, text.split('\n').map(|line| SentLine::Exact(line.into())).collect())
    }
}

/// All parts, in the order in which they are looked for.
#[must_use]
pub fn sent(preview: &Result<Preview, UrlProblem>) -> Vec<SentPart> {
    let preview = match preview {
        Ok(preview) => preview,
        Err(problem) => {
            let why = SentLine::Warning(problem.clone().masked().to_string());
            return vec![SentPart::new("Nothing can be sent yet", vec![why])];
        }
    };
    let facts = &preview.credential;
    let mut out = Vec::new();
    let mut first = Vec::new();
    if let Some(from) = &facts.inherited_from {
        first.push(SentLine::Remark(format!("Authentication comes from {from}.")));
    }
    if let Some(pending) = &preview.pending {
        first.push(SentLine::Warning(format!("Still to come: {pending}.")));
    }
    first.extend(preview.notes.iter().map(|note| SentLine::Warning(sentence(note))));
    first.extend(preview.mends.iter().map(|mend| SentLine::Remark(mend.clone())));
    if !first.is_empty() {
        out.push(SentPart::new("Mind", first));
    }

    let mut request = vec![SentLine::Start(format!("GET {} HTTP/1.1", preview.target))];
    request.extend(preview.headers.iter().map(|header| SentLine::Header {
        name: header.name.clone(),
        value: if header.is_key {
            "(made anew for each attempt)".into()
        } else {
            header.shown_value()
        },
        credential: matches!(header.origin, HeaderOrigin::Auth | HeaderOrigin::Jar),
        handshake: header.origin == HeaderOrigin::Handshake,
        from: match header.origin {
            HeaderOrigin::Jar => Some("the cookie jar".into()),
            _ => header.from.clone(),
        },
    }));
    out.push(SentPart::new("Request", request));

    for (index, message) in preview.first_messages.iter().enumerate() {
        let title = match preview.first_messages.len() {
            1 => "First message, once open".to_owned(),
            _ => format!("Message {}, once open", index + 1),
        };
        out.push(SentPart::exact(&title, message));
    }
    if let Some(signing) = &facts.signing {
        out.push(SentPart::exact("Canonical request", &signing.canonical_request));
        out.push(SentPart::exact("String to sign", &signing.string_to_sign));
        out.push(SentPart::exact("Signature", &signing.signature));
    }
    for shown in &facts.shown {
        out.push(SentPart::exact(&shown.title, &shown.text));
    }
    let mut times = Vec::new();
    if let Some(expires) = facts.expires {
        times.push(SentLine::Time { name: "ends", at: expires });
    }
    if facts.clock_offset_s != 0 {
        let value = format!("{} to this machine's", super::offset_words(facts.clock_offset_s));
        times.push(SentLine::Fact { name: "clock", value });
    }
    if !times.is_empty() {
        out.push(SentPart::new("Times", times));
    }
    out
}

/// The parts as one text, for a window or a pager.
#[must_use]
pub fn sent_text(parts: &[SentPart], time: impl Fn(Micros) -> String) -> String {
    let mut out = String::new();
    for part in parts {
        if !out.is_empty() {
            out.push('\n');
        }
        out.push_str(&part.title);
        out.push('\n');
        for line in &part.lines {
            let text = match line {
                SentLine::Start(text) | SentLine::Exact(text) => text.clone(),
                SentLine::Header { name, value, from, .. } => {
                    let from = from.as_ref().map(|from| format!("   (from {from})"));
                    format!("{name}: {value}{}", from.unwrap_or_default())
                }
                SentLine::Fact { name, value } => format!("{name}: {value}"),
                SentLine::Time { name, at } => format!("{name}: {}", time(*at)),
                SentLine::Remark(text) => text.clone(),
                SentLine::Warning(text) => format!("! {text}"),
            };
            out.push_str("  ");
            out.push_str(&text);
            out.push('\n');
        }
    }
    out
}

/// A note as a sentence of its own.
fn sentence(note: &str) -> String {
    let mut chars = note.chars();
    let mut out: String = chars.next().map(|c| c.to_uppercase().collect()).unwrap_or_default();
    out.push_str(chars.as_str());
    if !out.ends_with(['.', '!', '?']) {
        out.push('.');
    }
    out
}

/// What is odd about the value of a field, from the notes of the credential; `None` if nothing is.
#[must_use]
pub fn note_of<'a>(preview: &'a Result<Preview, UrlProblem>, label: &str) -> Option<&'a str> {
    let start = format!("the {} ", label.to_lowercase());
    let notes = preview.as_ref().ok()?.notes.iter();
    let mut own = notes.filter_map(|note| {
        let head = note.get(..start.len())?;
        head.eq_ignore_ascii_case(&start).then(|| &note[start.len()..])
    });
    own.next()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::model::{Tab, TabId};
    use crate::config::Settings;
    use crate::core::request::RequestDraft;
    use crate::core::time::Micros;

    fn tab(token: &str) -> Tab {
        let mut draft = RequestDraft::default();
        draft.set_url("ws://a.example/x?y=1".into());
        draft.auth.kind = "bearer".into();
        draft.auth.set("token", token.into());
        let mut tab = Tab::new(TabId(1), String::new(), draft, &Settings::default());
        tab.refresh_preview(Micros(1_800_000_000_000_000));
        tab
    }

    #[test]
    fn the_credential_is_masked_and_told_from_the_rest() {
        let parts = sent(&tab("s3cret-token").preview);
        let request = parts.iter().find(|part| part.title == "Request").unwrap();
        assert_eq!(request.lines[0], SentLine::Start("GET /x?y=1 HTTP/1.1".into()));
        let own: Vec<&SentLine> = request
            .lines
            .iter()
            .filter(|line| matches!(line, SentLine::Header { credential: true, .. }))
            .collect();
        assert_eq!(own.len(), 1);
        let text = sent_text(&parts, |at| at.to_second());
        assert!(text.contains("Authorization: Bearer ••••••"), "{text}");
        assert!(!text.contains("s3cret"), "{text}");
    }

    #[test]
    fn notes_stand_beside_their_field_and_what_is_pending_comes_first() {
        let tab = tab(" s3cret-token");
        assert!(note_of(&tab.preview, "Token").is_some_and(|note| note.contains("blanks")));
        assert_eq!(note_of(&tab.preview, "Password"), None);
        assert_eq!(sent(&tab.preview)[0].title, "Mind");
        let parts = sent(&self::tab("env:TOKEN").preview);
        let [SentLine::Warning(words), ..] = parts[0].lines.as_slice() else { panic!("{parts:?}") };
        assert!(words.contains("environment variable TOKEN"), "{words}");
    }

    #[test]
    fn what_cannot_be_sent_says_why() {
        let parts = sent(&Err(UrlProblem::Empty));
        assert_eq!(parts.len(), 1);
        assert!(matches!(parts[0].lines[0], SentLine::Warning(_)));
    }
}
