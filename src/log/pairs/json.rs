//! The members of the outermost object or array of a JSON text, without reading what is inside
//! them: enough to find an id, at the speed of skipping.
//!
//! The text may be anything: nothing is taken on trust, depth is a number and not a recursion,
//! and a text that breaks off just ends. It is not validated: what is no JSON may have members
//! too.

use memchr::memchr2;

/// What stands behind a name or between the commas of an array.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Value<'a> {
    /// What is between the quotes, escapes as written.
    Text(&'a [u8]),
    /// A number or one of `true`, `false`, `null`.
    Plain(&'a [u8]),
    /// An object or array, whole.
    Nested(&'a [u8]),
    /// It begins here and goes on behind the end of what was given.
    Cut,
}

impl Value<'_> {
    /// Neither `null` nor `false`, nor missing.
    pub(super) fn says_yes(self) -> bool {
        !matches!(self, Value::Plain(b"null" | b"false"))
    }
}

/// The bytes without blanks at the front.
fn trim(bytes: &[u8]) -> &[u8] {
    let blanks = bytes.iter().take_while(|b| matches!(b, b' ' | b'\t' | b'\n' | b'\r')).count();
    &bytes[blanks..]
}

/// Length of the string that begins with the quote at the front, both quotes included.
fn string(bytes: &[u8]) -> Option<usize> {
    let mut at = 1;
    loop {
        let found = at + memchr2(b'"', b'\\', bytes.get(at..)?)?;
        if bytes[found] == b'"' {
            return Some(found + 1);
        }
        at = found + 2;
    }
}

/// Length of the object or array at the front. Brackets are counted, not matched by kind.
fn nested(bytes: &[u8]) -> Option<usize> {
    let (mut depth, mut at) = (0_usize, 0);
    loop {
        match *bytes.get(at)? {
            b'"' => {
                at += string(&bytes[at..])?;
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' => {
                depth -= 1;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            _ => {}
        }
        at += 1;
    }
}

/// The value at the front, and what is behind it. `None` if there is none.
fn value(bytes: &[u8]) -> Option<(Value<'_>, &[u8])> {
    match *bytes.first()? {
        b'"' => Some(match string(bytes) {
            Some(end) => (Value::Text(&bytes[1..end - 1]), &bytes[end..]),
            None => (Value::Cut, &[]),
        }),
        b'{' | b'[' => Some(match nested(bytes) {
            Some(end) => (Value::Nested(&bytes[..end]), &bytes[end..]),
            None => (Value::Cut, &[]),
        }),
        b'-' | b'0'..=b'9' | b't' | b'f' | b'n' => {
            let end = bytes
                .iter()
                .position(|b| !matches!(b, b'-' | b'+' | b'.' | b'0'..=b'9' | b'a'..=b'z' | b'E'));
            // Without an end it may go on.
            Some(match end {
                Some(end) => (Value::Plain(&bytes[..end]), &bytes[end..]),
                None => (Value::Cut, &[]),
            })
        }
        _ => None,
    }
}

/// How a walk over members ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ended<'a> {
    /// With the bracket that closes it; what is behind that.
    Whole(&'a [u8]),
    /// The bytes broke off.
    Cut,
    /// There is something that does not belong there.
    Odd,
}

/// Calls `see` for each member behind an opening brace: names are as written, without quotes.
pub(super) fn members<'a>(
    mut rest: &'a [u8],
    see: &mut dyn FnMut(&'a [u8], Value<'a>),
) -> Ended<'a> {
    loop {
        rest = trim(rest);
        match rest.first() {
            None => return Ended::Cut,
            Some(b'"') => {}
            Some(b'}') => return Ended::Whole(&rest[1..]),
            Some(_) => return Ended::Odd,
        }
        let Some(end) = string(rest) else { return Ended::Cut };
        let name = &rest[1..end - 1];
        rest = trim(&rest[end..]);
        match rest.first() {
            None => return Ended::Cut,
            Some(b':') => {}
            Some(_) => return Ended::Odd,
        }
        rest = trim(&rest[1..]);
        match value(rest) {
            Some((Value::Cut, _)) => {
                see(name, Value::Cut);
                return Ended::Cut;
            }
            Some((value, behind)) => {
                see(name, value);
                rest = trim(behind);
            }
            None if rest.is_empty() => return Ended::Cut,
            None => return Ended::Odd,
        }
        match rest.first() {
            None => return Ended::Cut,
            Some(b',') => rest = &rest[1..],
            Some(b'}') => return Ended::Whole(&rest[1..]),
            Some(_) => return Ended::Odd,
        }
    }
}

/// Elements of an array, from behind its opening bracket; ends where it is odd.
#[derive(Clone, Debug)]
pub(super) struct Elements<'a> {
    rest: &'a [u8],
}

impl<'a> Elements<'a> {
    pub(super) fn new(behind_bracket: &'a [u8]) -> Elements<'a> {
        Elements { rest: behind_bracket }
    }
}

impl<'a> Iterator for Elements<'a> {
    type Item = Value<'a>;

    fn next(&mut self) -> Option<Value<'a>> {
        let (found, behind) = value(trim(self.rest))?;
        let behind = trim(behind);
        self.rest = match behind.first() {
            Some(b',') => &behind[1..],
            _ => &[],
        };
        Some(found)
    }
}

/// The members at the very end of an object whose beginning is not at hand. They are told if some
/// place in `tail` reads as members up to the end of the text: then it is the outermost object
/// that ends there, since a quote inside of a string is written with a backslash, and the end of
/// an inner object is followed by more.
pub(super) fn last_members<'a>(tail: &'a [u8], see: &mut dyn FnMut(&'a [u8], Value<'a>)) {
    for at in memchr::memchr_iter(b',', tail) {
        let rest = &tail[at + 1..];
        if let Ended::Whole(behind) = members(rest, &mut |_, _| {})
            && trim(behind).is_empty()
        {
            members(rest, see);
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn all(text: &str) -> (Vec<(String, String)>, bool) {
        let mut out = Vec::new();
        let ended = members(&text.as_bytes()[1..], &mut |name, value| {
            let value = match value {
                Value::Text(text) => format!("\"{}\"", String::from_utf8_lossy(text)),
                Value::Plain(text) | Value::Nested(text) => String::from_utf8_lossy(text).into(),
                Value::Cut => "…".into(),
            };
            out.push((String::from_utf8_lossy(name).into(), value));
        });
        (out, matches!(ended, Ended::Whole(_)))
    }

    #[test]
    fn what_breaks_off_or_is_odd_ends_the_walk() {
        for (text, names, whole) in [
            (r#"{}"#, vec![], true),
            (r#"{"a":1"#, vec!["a"], false),
            (r#"{"a":1,"#, vec!["a"], false),
            (r#"{"a":"x\""#, vec!["a"], false),
            (r#"{"a":[[[[{"b":"#, vec!["a"], false),
            (r#"{"a" 1}"#, vec![], false),
            (r#"{a:1}"#, vec![], false),
            (r#"{"a":}"#, vec![], false),
            (r#"{"a":1]"#, vec!["a"], false),
            (r#"{"a\"b":{"id":1}, "id" : 2 }"#, vec!["a\\\"b", "id"], true),
            ("{\"a\\", vec![], false),
        ] {
            let (found, ended) = all(text);
            let found: Vec<&str> = found.iter().map(|(name, _)| name.as_str()).collect();
            assert_eq!((found, ended), (names, whole), "{text}");
        }
    }

    #[test]
    fn depth_is_no_recursion() {
        let deep = format!("{{\"a\":{}", "[".repeat(1_000_000));
        assert_eq!(all(&deep).0, [("a".to_owned(), "…".to_owned())]);
    }

    #[test]
    fn the_end_of_a_large_object_is_read_without_its_beginning() {
        for (tail, expected) in [
            (r#" 12, "x"], "id": 7, "k":"v"}"#, vec!["id", "k"]),
            (r#"{"b":{"c":1}}, "id":7} "#, vec!["id"]),
            // The object that ends here is an inner one of an array.
            (r#"1,"id":7}]"#, vec![]),
            (r#"text, \"id\":7}","k":1}"#, vec!["k"]),
            (r#"nothing"#, vec![]),
        ] {
            let mut found = Vec::new();
            last_members(tail.as_bytes(), &mut |name, _| found.push(name));
            let found: Vec<_> = found.iter().map(|n| std::str::from_utf8(n).unwrap()).collect();
            assert_eq!(found, expected, "{tail}");
        }
    }

    fn json() -> impl Strategy<Value = serde_json::Value> {
        use serde_json::Value as J;
        let leaf = prop_oneof![
            Just(J::Null),
            any::<bool>().prop_map(J::from),
            any::<i64>().prop_map(J::from),
            any::<f64>().prop_map(J::from),
            "[ -~é\\\\\"{}\\[\\],:\n]{0,12}".prop_map(J::from),
        ];
        leaf.prop_recursive(4, 24, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(J::from),
                prop::collection::btree_map("[a-z\"\\\\]{0,5}", inner, 0..5)
                    .prop_map(|map| J::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn the_outermost_members_are_those_of_a_whole_parser(
            members in prop::collection::btree_map("[a-zA-Z_\"\\\\é]{0,6}", json(), 0..6),
            wide in any::<bool>(),
        ) {
            let object = serde_json::Value::Object(members.into_iter().collect());
            let text = if wide {
                serde_json::to_string_pretty(&object).unwrap()
            } else {
                object.to_string()
            };
            let (found, whole) = all(&text);
            prop_assert!(whole);
            let read: serde_json::Map<String, serde_json::Value> = found
                .iter()
                .map(|(name, value)| (
                    serde_json::from_str::<String>(&format!("\"{name}\"")).unwrap(),
                    serde_json::from_str(value).unwrap(),
                ))
                .collect();
            let whole: serde_json::Value = serde_json::from_str(&text).unwrap();
            prop_assert_eq!(serde_json::Value::Object(read), whole);
        }

        #[test]
        fn nothing_makes_it_fall(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            members(&bytes, &mut |_, _| {});
            last_members(&bytes, &mut |_, _| {});
            let _ = Elements::new(&bytes).count();
        }
    }
}
