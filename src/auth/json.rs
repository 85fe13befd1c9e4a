//! Text put into templates of JSON, so that a quotation mark in a secret does not end its string.

/// Whether a text that looks like JSON ends within one of its strings.
pub(crate) fn is_inside_string(text: &str) -> bool {
    if !text.trim_start().starts_with(['{', '[', '"']) {
        return false;
    }
    let (mut inside, mut after_backslash) = (false, false);
    for c in text.chars() {
        match c {
            _ if after_backslash => after_backslash = false,
            '\\' if inside => after_backslash = true,
            '"' => inside = !inside,
            _ => {}
        }
    }
    inside
}

/// As it stands between the quotation marks of a JSON string (RFC 8259 section 7).
pub(crate) fn escaped(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_a_string_ends() {
        for (text, inside) in [
            ("", false),
            ("{\"a\":\"", true),
            ("{\"a\":\"\\\"", true),
            ("{\"a\":\"\\\\\"", false),
            ("{\"a\":1,", false),
            ("say \"", false),
            (" [\"", true),
        ] {
            assert_eq!(is_inside_string(text), inside, "{text}");
        }
        assert_eq!(escaped("a\"\\\n"), "a\\\"\\\\\\n");
    }
}
