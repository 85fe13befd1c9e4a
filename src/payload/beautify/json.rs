//! JSON, token by token: nothing is parsed into values, so nothing can be lost.

use memchr::memchr2;

use super::{Layout, Watch};

/// A piece of JSON text that is kept together.
enum Token<'a> {
    Open(&'a str),
    Close(&'a str),
    Comma,
    Colon,
    /// A string, number, literal, or whatever else stands there.
    Value(&'a str),
}

/// Cuts a text into tokens without whitespace; every other byte is in one of them.
struct Tokens<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        let bytes = self.text.as_bytes();
        while matches!(bytes.get(self.at), Some(b' ' | b'\n' | b'\r' | b'\t')) {
            self.at += 1;
        }
        let start = self.at;
        let first = *bytes.get(start)?;
        self.at += 1;
        Some(match first {
            b'{' | b'[' => Token::Open(&self.text[start..self.at]),
            b'}' | b']' => Token::Close(&self.text[start..self.at]),
            b',' => Token::Comma,
            b':' => Token::Colon,
            b'"' => {
                self.at = string_end(bytes, self.at);
                Token::Value(&self.text[start..self.at])
            }
            _ => {
                let stop = |b: &u8| {
                    matches!(
                        b,
                        b'{' | b'}'
                            | b'['
                            | b']'
                            | b','
                            | b':'
                            | b'"'
                            | b' '
                            | b'\n'
                            | b'\r'
                            | b'\t'
                    )
                };
                let rest = &bytes[self.at..];
                self.at += rest.iter().position(stop).unwrap_or(rest.len());
                Token::Value(&self.text[start..self.at])
            }
        })
    }
}

/// The offset after a string whose opening quote stands before `at`; the end of the text if it is
/// not closed.
fn string_end(bytes: &[u8], mut at: usize) -> usize {
    while let Some(found) = memchr2(b'"', b'\\', bytes.get(at..).unwrap_or_default()) {
        at += found;
        if bytes[at] == b'"' {
            return at + 1;
        }
        at += 2;
    }
    bytes.len()
}

/// What stood before a token.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Before {
    Nothing,
    Open,
    Comma,
    Colon,
    Value,
}

pub(super) fn beautify(text: &str, mut watch: Watch<'_>) -> String {
    let mut layout = Layout::for_input(text.len());
    let mut depth = 0usize;
    let mut before = Before::Nothing;
    let mut tokens = Tokens { text, at: 0 };
    while let Some(token) = tokens.next()
        && watch.goes_on(tokens.at)
    {
        match token {
            Token::Open(_) | Token::Value(_) => {
                match before {
                    Before::Open | Before::Comma => layout.line(depth),
                    Before::Colon => layout.out.push(' '),
                    // One value after another: several documents, or a comma is missing.
                    Before::Value => layout.line(depth),
                    Before::Nothing => {}
                }
                match token {
                    Token::Open(bracket) => {
                        layout.out.push_str(bracket);
                        depth += 1;
                        before = Before::Open;
                    }
                    Token::Value(value) => {
                        layout.out.push_str(value);
                        before = Before::Value;
                    }
                    _ => {}
                }
            }
            Token::Close(bracket) => {
                depth = depth.saturating_sub(1);
                if before != Before::Open {
                    layout.line(depth);
                }
                layout.out.push_str(bracket);
                before = Before::Value;
            }
            Token::Comma => {
                layout.out.push(',');
                before = Before::Comma;
            }
            Token::Colon => {
                layout.out.push(':');
                before = Before::Colon;
            }
        }
    }
    layout.out
}

pub(super) fn minify(text: &str, mut watch: Watch<'_>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut after_value = false;
    let mut tokens = Tokens { text, at: 0 };
    while let Some(token) = tokens.next()
        && watch.goes_on(tokens.at)
    {
        let is_value = matches!(token, Token::Value(_));
        match token {
            Token::Open(token) | Token::Close(token) => out.push_str(token),
            Token::Value(token) => {
                // `1 2` must not become 12.
                if after_value {
                    out.push(' ');
                }
                out.push_str(token);
            }
            Token::Comma => out.push(','),
            Token::Colon => out.push(':'),
        }
        after_value = is_value;
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::core::progress::Progress;

    fn beautify(text: &str) -> String {
        super::beautify(text, Watch::new(&Progress::default(), 0))
    }

    fn minify(text: &str) -> String {
        super::minify(text, Watch::new(&Progress::default(), 0))
    }

    #[test]
    fn what_was_typed_is_kept() {
        let text = r#"{"b":1.10,"a":1e+10,"a":12345678901234567890123,"s":"\u00e9\/ \"{[,:","e":{},"l":[ ]}"#;
        let want = r#"{
  "b": 1.10,
  "a": 1e+10,
  "a": 12345678901234567890123,
  "s": "\u00e9\/ \"{[,:",
  "e": {},
  "l": []
}"#;
        assert_eq!(beautify(text), want);
        assert_eq!(beautify(want), want);
        assert_eq!(minify(want), text.replace("[ ]", "[]"));
    }

    #[test]
    fn cut_off_and_broken_json_is_laid_out_as_far_as_it_goes() {
        for (text, want) in [
            ("{\"a\":[1,{\"b\":\"cut of", "{\n  \"a\": [\n    1,\n    {\n      \"b\": \"cut of"),
            ("{\"a\":\"\\", "{\n  \"a\": \"\\"),
            ("[1 2]", "[\n  1\n  2\n]"),
            ("]]}", "]\n]\n}"),
            ("{'a':nul}", "{\n  'a': nul\n}"),
            ("", ""),
            ("  \n", ""),
        ] {
            assert_eq!(beautify(text), want, "{text:?}");
        }
    }

    #[test]
    fn several_documents_stand_below_each_other() {
        assert_eq!(beautify("{}{\"a\":1}\n3 4"), "{}\n{\n  \"a\": 1\n}\n3\n4");
        assert_eq!(minify("{}\n{}\n3\n4"), "{}{}3 4");
    }

    #[test]
    fn depth_cannot_exhaust_memory() {
        let deep = "[".repeat(200_000);
        assert!(beautify(&deep).len() < deep.len() * 8 + (1 << 20));
    }

    pub(super) fn json() -> impl Strategy<Value = String> {
        let leaf = prop_oneof![
            Just("null".to_owned()),
            Just("true".to_owned()),
            "-?[1-9][0-9]{0,25}(\\.[0-9]{1,4})?([eE][+-]?[0-9]{1,2})?",
            any::<String>().prop_map(|s| serde_json::to_string(&s).unwrap()),
        ];
        let space = "[ \n\t\r]{0,2}";
        leaf.prop_recursive(5, 60, 6, move |inner| {
            prop_oneof![
                prop::collection::vec((inner.clone(), space, space), 0..6).prop_map(|items| {
                    let items: Vec<_> =
                        items.into_iter().map(|(v, a, b)| format!("{a}{v}{b}")).collect();
                    format!("[{}]", items.join(","))
                }),
                prop::collection::vec(("[a-c]", inner, space, space), 0..6).prop_map(|items| {
                    let items: Vec<_> = items
                        .into_iter()
                        .map(|(k, v, a, b)| format!("{a}\"{k}\"{b}:{a}{v}{b}"))
                        .collect();
                    format!("{{{}}}", items.join(","))
                }),
            ]
        })
    }

    proptest! {
        #[test]
        fn layout_keeps_the_tokens(text in json()) {
            let laid_out = beautify(&text);
            prop_assert_eq!(minify(&laid_out), minify(&text));
            prop_assert_eq!(beautify(&minify(&text)), laid_out.clone());
            prop_assert_eq!(beautify(&laid_out), laid_out.clone());
            let before: serde_json::Value = serde_json::from_str(&text).unwrap();
            prop_assert_eq!(serde_json::from_str::<serde_json::Value>(&laid_out).unwrap(), before);
        }

        #[test]
        fn broken_text_loses_nothing_but_whitespace(text in "[\\[\\]{},:\"\\\\ a1\n日]{0,60}") {
            let ink = |s: &str| s.chars().filter(|c| !c.is_ascii_whitespace()).collect::<String>();
            prop_assert_eq!(ink(&beautify(&text)), ink(&text));
            prop_assert_eq!(ink(&minify(&text)), ink(&text));
            prop_assert_eq!(minify(&beautify(&text)), minify(&text));
        }
    }
}
