//! What a JSON message says that it is: the value of `type`, `event`, `op` or the like at its top.
//!
//! Found by looking over the bytes once, without making a tree and without judging whether the
//! rest is JSON, so that thousands of messages can be compared while somebody waits.

/// Names that tell kinds of messages apart, the most telling first.
pub const KEYS: [&str; 9] =
    ["type", "event", "op", "method", "action", "kind", "command", "cmd", "topic"];

/// A message is looked at up to this many bytes.
const LOOKED_AT: usize = 64 * 1024;

/// Key and value, as the value stands there (a text with its quotes), of the most telling of
/// [`KEYS`] that an object has at its top. Values that are objects or arrays tell nothing. `None`
/// if there is none, or the payload is no JSON object.
#[must_use]
pub fn discriminator(payload: &[u8]) -> Option<(&'static str, &[u8])> {
    let bytes = &payload[..payload.len().min(LOOKED_AT)];
    let mut at = blanks(bytes, 0);
    if bytes.get(at) != Some(&b'{') {
        return None;
    }
    at += 1;
    let mut best: Option<(usize, &[u8])> = None;
    while let Some(next) = member(bytes, at) {
        let Member { key, value, end } = next;
        let rank = KEYS.iter().position(|name| name.as_bytes() == key);
        if let Some(rank) = rank
            && !matches!(value.first(), None | Some(b'{' | b'['))
            && best.is_none_or(|(better, _)| rank < better)
        {
            best = Some((rank, value));
            if rank == 0 {
                break;
            }
        }
        at = blanks(bytes, end);
        if bytes.get(at) != Some(&b',') {
            break;
        }
        at += 1;
    }
    best.map(|(rank, value)| (KEYS[rank], value))
}

struct Member<'a> {
    /// Without its quotes, as it was escaped.
    key: &'a [u8],
    value: &'a [u8],
    end: usize,
}

/// The member of an object that begins at `at`, blanks before it too.
fn member(bytes: &[u8], at: usize) -> Option<Member<'_>> {
    let start = blanks(bytes, at);
    let key_end = text_end(bytes, start)?;
    let colon = blanks(bytes, key_end);
    if bytes.get(colon) != Some(&b':') {
        return None;
    }
    let value = blanks(bytes, colon + 1);
    let end = value_end(bytes, value)?;
    Some(Member { key: &bytes[start + 1..key_end - 1], value: &bytes[value..end], end })
}

fn blanks(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    at + rest.iter().take_while(|byte| byte.is_ascii_whitespace()).count()
}

/// Behind the text in quotes that begins at `at`.
fn text_end(bytes: &[u8], at: usize) -> Option<usize> {
    if bytes.get(at) != Some(&b'"') {
        return None;
    }
    let mut from = at + 1;
    loop {
        let found = from + memchr::memchr2(b'"', b'\\', bytes.get(from..)?)?;
        if bytes[found] == b'"' {
            return Some(found + 1);
        }
        from = found + 2;
    }
}

/// Behind the value that begins at `at`.
fn value_end(bytes: &[u8], at: usize) -> Option<usize> {
    match bytes.get(at)? {
        b'"' => text_end(bytes, at),
        b'{' | b'[' => {
            let mut depth = 0usize;
            let mut from = at;
            loop {
                match bytes.get(from)? {
                    b'"' => {
                        from = text_end(bytes, from)?;
                        continue;
                    }
                    b'{' | b'[' => depth += 1,
                    b'}' | b']' => depth = depth.saturating_sub(1),
                    _ => {}
                }
                from += 1;
                if depth == 0 {
                    return Some(from);
                }
            }
        }
        _ => {
            let rest = &bytes[at..];
            let long = rest
                .iter()
                .position(|b| matches!(b, b',' | b'}' | b']') || b.is_ascii_whitespace());
            long.map(|long| at + long)
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_most_telling_key_at_the_top_counts() {
        for (json, expected) in [
            (r#"{"type":"tick","event":"x"}"#, Some(("type", "\"tick\""))),
            (r#"{"event":"x","a":{"type":"inner"},"op" : 3 }"#, Some(("event", "\"x\""))),
            (r#"{"op" : 3 }"#, Some(("op", "3"))),
            (r#" {"type":{"a":1},"method":"get\"}"}"#, Some(("method", "\"get\\\"}\""))),
            (r#"{"a":[{"b":"}"},2],"cmd":true}"#, Some(("cmd", "true"))),
            (r#"{"a":1}"#, None),
            (r#"["type","x"]"#, None),
            (r#"{"type":"#, None),
            (r#"{"type":"unfinished"#, None),
            ("type", None),
            ("", None),
        ] {
            let found = discriminator(json.as_bytes());
            let found = found.map(|(key, value)| (key, std::str::from_utf8(value).unwrap()));
            assert_eq!(found, expected, "{json}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_looked_over(
            bytes in prop::collection::vec(prop::sample::select(b"{}[]\":,\\ type1".to_vec()), 0..60),
        ) {
            let _ = discriminator(&bytes);
        }
    }
}
