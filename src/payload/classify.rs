//! What a received message looks like. A guess from its first few thousand bytes, cheap enough to
//! be made for every line drawn.

use serde::de::IgnoredAny;

use super::kind::Kind;
use super::measure::human_bytes;

/// Bytes looked at, however long the message.
const HEAD: usize = 4096;

/// The kind of a message. A text message is never binary; a binary message counts as JSON, XML or
/// HTML when it reads as such, since many servers send these with opcode 2.
pub fn classify(bytes: &[u8], is_text: bool) -> Kind {
    let head = &bytes[..bytes.len().min(HEAD)];
    let plain = if is_text { Kind::Text } else { Kind::Binary };
    let text = match std::str::from_utf8(head) {
        Ok(text) => text,
        // Cut inside a character by us: the beginning still counts.
        Err(error) if error.error_len().is_none() && head.len() < bytes.len() => {
            std::str::from_utf8(&head[..error.valid_up_to()]).unwrap_or_default()
        }
        Err(_) => return plain,
    };
    let cut = head.len() < bytes.len();
    let text = text.trim_start_matches('\u{FEFF}').trim_start();
    match text.as_bytes().first() {
        Some(b'{' | b'[') if looks_like_json(text, cut) => Kind::Json,
        Some(b'<') => markup_kind(text, cut).unwrap_or(plain),
        _ => plain,
    }
}

/// An object or array. Broken JSON still counts if it clearly wants to be JSON: showing it as such
/// is what lets a person see the fault. `[12:00] hello` does not want to be.
fn looks_like_json(text: &str, cut: bool) -> bool {
    let inside = text[1..].trim_start();
    match (text.as_bytes()[0], inside.as_bytes().first()) {
        (b'{', Some(b'"' | b'}')) | (b'[', Some(b'{' | b'[' | b'"' | b']')) => true,
        _ => match serde_json::from_str::<IgnoredAny>(text) {
            Ok(_) => true,
            Err(error) => cut && error.is_eof(),
        },
    }
}

/// Elements that make a fragment HTML. Those that XML vocabularies use as well (`title`, `link`,
/// `message`) are left out.
const HTML_ELEMENTS: &[&str] = &[
    "a",
    "abbr",
    "article",
    "aside",
    "b",
    "blockquote",
    "body",
    "br",
    "button",
    "canvas",
    "code",
    "dd",
    "details",
    "div",
    "dl",
    "em",
    "fieldset",
    "figure",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "head",
    "header",
    "hr",
    "html",
    "i",
    "iframe",
    "img",
    "input",
    "label",
    "li",
    "main",
    "nav",
    "ol",
    "p",
    "pre",
    "script",
    "section",
    "select",
    "span",
    "strong",
    "style",
    "table",
    "template",
    "textarea",
    "ul",
];

fn markup_kind(text: &str, cut: bool) -> Option<Kind> {
    let mut rest = text;
    loop {
        if has_prefix(rest, "<?xml") {
            return Some(Kind::Xml);
        } else if has_prefix(rest, "<!doctype") {
            let name = rest[9..].trim_start();
            return Some(if has_prefix(name, "html") { Kind::Html } else { Kind::Xml });
        } else if let Some(comment) = rest.strip_prefix("<!--") {
            match comment.find("-->") {
                Some(end) => rest = comment[end + 3..].trim_start(),
                None => return cut.then_some(Kind::Html),
            }
        } else {
            break;
        }
    }
    let name = rest.strip_prefix('<')?;
    let end = name.find(['>', '/', ' ', '\t', '\r', '\n']).unwrap_or(name.len());
    let after = &name[end..];
    let name = &name[..end];
    if !name.starts_with(|c: char| c.is_alphabetic() || c == '_') {
        return None;
    }
    let tag = after.find('>').map(|at| &after[..at]);
    // `<someone> wrote` is chat, but cannot be told from a fragment; a tag that never ends can.
    if tag.is_none() && !cut {
        return None;
    }
    // XMPP and SVG have a `body` and an `a` too, and say whose they are.
    let foreign = tag.unwrap_or(after).contains("xmlns") && !name.eq_ignore_ascii_case("html");
    let known = HTML_ELEMENTS.iter().any(|element| element.eq_ignore_ascii_case(name));
    let html = known && !foreign;
    Some(if html { Kind::Html } else { Kind::Xml })
}

fn has_prefix(text: &str, prefix: &str) -> bool {
    text.as_bytes()
        .get(..prefix.len())
        .is_some_and(|head| head.eq_ignore_ascii_case(prefix.as_bytes()))
}

/// What a binary message seems to be, and its size: `PNG image, 1.2 KiB`; `binary, 12 B` when its
/// first bytes tell nothing.
pub fn describe_binary(bytes: &[u8]) -> String {
    let size = human_bytes(bytes.len() as u64);
    match media(bytes) {
        Some(name) => format!("{name}, {size}"),
        None => format!("binary, {size}"),
    }
}

/// Name of the media type that the first bytes announce.
pub fn media(bytes: &[u8]) -> Option<String> {
    let found = infer::get(&bytes[..bytes.len().min(HEAD)])?;
    let what = match found.matcher_type() {
        infer::MatcherType::Image => "image",
        infer::MatcherType::Audio => "audio",
        infer::MatcherType::Video => "video",
        infer::MatcherType::Archive => "archive",
        infer::MatcherType::Font => "font",
        infer::MatcherType::Book | infer::MatcherType::Doc => "document",
        infer::MatcherType::App => "program",
        _ => "file",
    };
    Some(match found.extension() {
        "gz" => "gzip data".to_owned(),
        "zst" => "zstd data".to_owned(),
        "pdf" => "PDF document".to_owned(),
        name => format!("{} {what}", name.to_ascii_uppercase()),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn text_messages_are_told_apart() {
        for (text, kind) in [
            ("", Kind::Text),
            ("hello", Kind::Text),
            ("42[\"message\",{}]", Kind::Text),
            ("[12:00] hello", Kind::Text),
            ("{not json}", Kind::Text),
            ("123", Kind::Text),
            ("<3", Kind::Text),
            ("<- back", Kind::Text),
            ("a < b", Kind::Text),
            ("{}", Kind::Json),
            ("\u{FEFF} {\"a\":1}", Kind::Json),
            ("[1, 2]", Kind::Json),
            ("[]", Kind::Json),
            ("{\"a\":1,}", Kind::Json),
            ("{\"a\":1}\n{\"b\":2}", Kind::Json),
            ("<?xml version=\"1.0\"?><a/>", Kind::Xml),
            ("<iq type='get'/>", Kind::Xml),
            ("<svg xmlns=\"http://www.w3.org/2000/svg\"></svg>", Kind::Xml),
            ("<body xmlns='urn:x'>", Kind::Xml),
            ("<!DOCTYPE note><note/>", Kind::Xml),
            ("<!doctype HTML><p>", Kind::Html),
            ("<!-- c --> <div class=a>", Kind::Html),
            ("<P>hello", Kind::Html),
        ] {
            assert_eq!(classify(text.as_bytes(), true), kind, "{text:?}");
        }
    }

    #[test]
    fn binary_messages_that_read_as_text_count_as_such() {
        assert_eq!(classify(b"{\"a\":1}", false), Kind::Json);
        assert_eq!(classify(b"hello", false), Kind::Binary);
        assert_eq!(classify(b"\x89PNG", false), Kind::Binary);
        assert_eq!(classify(b"{\"a\":\"\xff\"}", true), Kind::Text);
    }

    #[test]
    fn only_the_head_is_read() {
        let long = format!("[{}1]", "1,".repeat(1_000_000));
        assert_eq!(classify(long.as_bytes(), true), Kind::Json);
        let cut_inside_a_character = format!("{{\"a\":\"{}\"}}", "日".repeat(10_000));
        assert_eq!(classify(cut_inside_a_character.as_bytes(), true), Kind::Json);
        assert_eq!(classify(format!("<!--{}", "-".repeat(9000)).as_bytes(), true), Kind::Html);
    }

    #[test]
    fn media_is_named() {
        assert_eq!(describe_binary(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"), "PNG image, 16 B");
        assert_eq!(describe_binary(b"\x1f\x8b\x08\0\0\0"), "gzip data, 6 B");
        assert_eq!(describe_binary(b"\x01\x02"), "binary, 2 B");
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..300), text: bool) {
            classify(&bytes, text);
            describe_binary(&bytes);
        }

        #[test]
        fn text_is_never_binary(text in "[<{\\[ ]{0,2}\\PC{0,40}") {
            prop_assert_ne!(classify(text.as_bytes(), true), Kind::Binary);
        }
    }
}
