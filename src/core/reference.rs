//! References to secrets: what stands in a shareable file instead of the secret itself.
//!
//! A whole value is a reference as `env:NAME`, or in braces, `{{env:NAME}}`; within a longer text
//! only the form in braces is one. Whoever may read files, run commands and open keyrings
//! resolves them; here they are only told from other text.

/// Where a secret is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Reference {
    /// `env:NAME`: an environment variable.
    Env(String),
    /// `file:PATH`: a file's content without one line break at its end.
    File(String),
    /// `cmd:COMMAND`: what a command prints, without one line break at its end. Run by the shell,
    /// and only after its owner has agreed to it.
    Cmd(String),
    /// `keyring:NAME`: an entry of the operating system's keyring.
    Keyring(String),
    /// `secret:NAME`: an entry of the private file of named secrets.
    Named(String),
}

impl Reference {
    /// Reads a whole value; `None` if it is not a reference, or one without a name.
    #[must_use]
    pub fn read(text: &str) -> Option<Reference> {
        let text = text.trim();
        let inner = text.strip_prefix("{{").and_then(|rest| rest.strip_suffix("}}"));
        let (kind, rest) = inner.unwrap_or(text).trim().split_once(':')?;
        // A second reference or an end of braces inside makes it a longer text.
        if rest.is_empty() || (inner.is_some() && rest.contains("}}")) {
            return None;
        }
        let rest = rest.to_owned();
        match kind {
            "env" => Some(Reference::Env(rest)),
            "file" => Some(Reference::File(rest)),
            "cmd" => Some(Reference::Cmd(rest)),
            "keyring" => Some(Reference::Keyring(rest)),
            "secret" => Some(Reference::Named(rest)),
            _ => None,
        }
    }

    /// As it is written in a field: `env:NAME`.
    #[must_use]
    pub fn text(&self) -> String {
        let (kind, rest) = match self {
            Reference::Env(name) => ("env", name),
            Reference::File(path) => ("file", path),
            Reference::Cmd(command) => ("cmd", command),
            Reference::Keyring(name) => ("keyring", name),
            Reference::Named(name) => ("secret", name),
        };
        format!("{kind}:{rest}")
    }

    /// For a sentence: `the environment variable TOKEN`.
    #[must_use]
    pub fn describe(&self) -> String {
        match self {
            Reference::Env(name) => format!("the environment variable {name}"),
            Reference::File(path) => format!("the file {path}"),
            Reference::Cmd(command) => format!("the command `{command}`"),
            Reference::Keyring(name) => format!("the keyring's entry {name}"),
            Reference::Named(name) => format!("the secret named {name}"),
        }
    }
}

/// A piece of a text that may hold references in braces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    Text(&'a str),
    Reference(Reference),
}

/// Takes a text apart at its references in braces. What stands in braces and is no reference
/// stays text.
#[must_use]
pub fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut out = Vec::new();
    let (mut from, mut at) = (0, 0);
    while let Some(start) = text[at..].find("{{").map(|found| at + found) {
        let Some(end) = text[start..].find("}}").map(|found| start + found + 2) else { break };
        match Reference::read(&text[start..end]) {
            Some(reference) => {
                if from < start {
                    out.push(Piece::Text(&text[from..start]));
                }
                out.push(Piece::Reference(reference));
                (from, at) = (end, end);
            }
            // The next brace may begin one: `{{{env:A}}`.
            None => at = start + 1,
        }
    }
    if from < text.len() {
        out.push(Piece::Text(&text[from..]));
    }
    out
}

/// Whether a text holds a reference, whole or in braces.
#[must_use]
pub fn is_in(text: &str) -> bool {
    Reference::read(text).is_some()
        || pieces(text).iter().any(|piece| matches!(piece, Piece::Reference(_)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_values() {
        for (text, expected) in [
            ("env:TOKEN", Some(Reference::Env("TOKEN".into()))),
            (" {{env:TOKEN}} ", Some(Reference::Env("TOKEN".into()))),
            ("{{ cmd:pass show x }}", Some(Reference::Cmd("pass show x".into()))),
            ("file:/a:b", Some(Reference::File("/a:b".into()))),
            ("keyring:work/token", Some(Reference::Keyring("work/token".into()))),
            ("secret:work", Some(Reference::Named("work".into()))),
            ("env:", None),
            ("environment:x", None),
            ("{{env:A}}{{env:B}}", None),
            ("Bearer {{env:A}}", None),
            ("", None),
        ] {
            assert_eq!(Reference::read(text), expected, "{text}");
            if let Some(reference) = expected {
                assert_eq!(Reference::read(&reference.text()), Some(reference));
            }
        }
    }

    #[test]
    fn references_within_a_text() {
        let env = |name: &str| Piece::Reference(Reference::Env(name.into()));
        assert_eq!(
            pieces("a {{x}} {{env:A}}{{env:B}} {{"),
            [Piece::Text("a {{x}} "), env("A"), env("B"), Piece::Text(" {{")]
        );
        assert_eq!(pieces("env:A"), [Piece::Text("env:A")]);
        assert_eq!(pieces("{{{env:A}}}"), [Piece::Text("{"), env("A"), Piece::Text("}")]);
        assert_eq!(pieces(""), []);
        assert!(is_in("env:A") && is_in("x {{cmd:a}}") && !is_in("{{name}}"));
    }
}
