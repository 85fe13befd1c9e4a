//! The kinds of message a person composes and reads.

use serde::{Deserialize, Serialize};

/// What a message is taken for. The names in files are the lower-case ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Text of no known form.
    #[default]
    Text,
    /// RFC 8259, one value or several after another.
    Json,
    /// XML 1.0.
    Xml,
    /// HTML, a document or a fragment.
    Html,
    /// Sent as a binary message (opcode 2); all others are text messages (opcode 1).
    Binary,
}

impl Kind {
    /// In the order in which the composer offers them.
    pub const ALL: [Kind; 5] = [Kind::Text, Kind::Json, Kind::Xml, Kind::Html, Kind::Binary];

    /// Short name to show.
    pub fn label(self) -> &'static str {
        match self {
            Kind::Text => "text",
            Kind::Json => "JSON",
            Kind::Xml => "XML",
            Kind::Html => "HTML",
            Kind::Binary => "binary",
        }
    }

    /// File suffix without the dot, for an external editor and for saving.
    pub fn suffix(self) -> &'static str {
        match self {
            Kind::Text => "txt",
            Kind::Json => "json",
            Kind::Xml => "xml",
            Kind::Html => "html",
            Kind::Binary => "bin",
        }
    }

    /// The next kind in the order of [`Kind::ALL`], round again after the last.
    pub fn next(self) -> Kind {
        let at = Self::ALL.iter().position(|kind| *kind == self).unwrap_or(0);
        Self::ALL[(at + 1) % Self::ALL.len()]
    }
}

/// How the bytes of a binary message are typed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BinaryForm {
    /// Hexadecimal digits; see [`super::parse_hex`].
    #[default]
    Hex,
    /// Base64, either alphabet; see [`super::parse_base64`].
    Base64,
    /// The path of a file that holds the bytes.
    File,
}

impl BinaryForm {
    /// In the order in which the composer offers them.
    pub const ALL: [BinaryForm; 3] = [BinaryForm::Hex, BinaryForm::Base64, BinaryForm::File];

    /// Short name to show.
    pub fn label(self) -> &'static str {
        match self {
            BinaryForm::Hex => "hex",
            BinaryForm::Base64 => "base64",
            BinaryForm::File => "file",
        }
    }

    /// The next form, round again after the last.
    pub fn next(self) -> BinaryForm {
        match self {
            BinaryForm::Hex => BinaryForm::Base64,
            BinaryForm::Base64 => BinaryForm::File,
            BinaryForm::File => BinaryForm::Hex,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_files_are_lower_case() {
        for (kind, name) in
            Kind::ALL.into_iter().zip(["\"text\"", "\"json\"", "\"xml\"", "\"html\"", "\"binary\""])
        {
            assert_eq!(serde_json::to_string(&kind).unwrap(), name);
            assert_eq!(serde_json::from_str::<Kind>(name).unwrap(), kind);
        }
        assert_eq!(serde_json::to_string(&BinaryForm::Base64).unwrap(), "\"base64\"");
    }

    #[test]
    fn next_goes_round() {
        let mut seen = vec![Kind::Text];
        while seen.len() < Kind::ALL.len() {
            seen.push(seen[seen.len() - 1].next());
        }
        assert_eq!(seen, Kind::ALL);
        assert_eq!(Kind::Binary.next(), Kind::Text);
        assert_eq!(BinaryForm::File.next(), BinaryForm::Hex);
    }
}
