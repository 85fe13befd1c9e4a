//! Error codes of vendors as data: what a code in the body of a refusal means, and what to check.
//!
//! The table is `assets/vendors/apig.toml`. Another vendor is another file and a line in
//! [`TABLES`].

use std::sync::LazyLock;

use serde::Deserialize;

/// One row of a vendor's table.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct VendorRow {
    /// The code as it stands in the body: `APIG.0301`.
    pub(super) code: String,
    /// A piece of the message that tells rows of the same code apart, without regard to case.
    #[serde(default)]
    pub(super) text: String,
    /// A clause without a full stop.
    pub(super) meaning: String,
    /// An imperative without a full stop.
    pub(super) check: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    vendor: String,
    /// Other prefixes with the same numbers.
    #[serde(default)]
    same_as: Vec<(String, String)>,
    rows: Vec<VendorRow>,
}

const TABLES: &[&str] = &[include_str!("../../assets/vendors/apig.toml")];

/// A table that does not parse is left out; a test sees to it that none is.
static PARSED: LazyLock<Vec<Table>> =
    LazyLock::new(|| TABLES.iter().filter_map(|text| toml::from_str(text).ok()).collect());

/// An error body that names a code.
pub(super) struct VendorError {
    pub(super) code: String,
    pub(super) message: String,
    pub(super) request_id: Option<String>,
    /// Name of the vendor and its row, if the code is known.
    pub(super) known: Option<(&'static str, &'static VendorRow)>,
}

/// Reads `{"error_msg":…,"error_code":…,"request_id":…}`; `None` for any other body.
pub(super) fn read(body: &str) -> Option<VendorError> {
    let value: serde_json::Value = serde_json::from_str(body.trim()).ok()?;
    let field =
        |names: &[&str]| names.iter().find_map(|name| value.get(name)?.as_str()).map(str::to_owned);
    let code = field(&["error_code", "errorCode"])?;
    let message = field(&["error_msg", "errorMsg", "error_message"]).unwrap_or_default();
    let known = look_up(&code, &message);
    Some(VendorError { code, message, request_id: field(&["request_id", "requestId"]), known })
}

fn look_up(code: &str, message: &str) -> Option<(&'static str, &'static VendorRow)> {
    let message = message.to_lowercase();
    PARSED.iter().find_map(|table| {
        let code = table
            .same_as
            .iter()
            .find_map(|(other, own)| Some(format!("{own}{}", code.strip_prefix(other.as_str())?)))
            .unwrap_or_else(|| code.to_owned());
        // The longest text that fits is the most special row; the empty text fits all.
        table
            .rows
            .iter()
            .filter(|row| row.code == code && message.contains(&row.text.to_lowercase()))
            .max_by_key(|row| row.text.len())
            .map(|row| (table.vendor.as_str(), row))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meaning(code: &str, message: &str) -> &'static str {
        look_up(code, message).map_or("", |(_, row)| row.meaning.as_str())
    }

    #[test]
    fn all_tables_parse_and_read_as_sentences() {
        for text in TABLES {
            let table: Table = toml::from_str(text).expect("a vendor table");
            for row in &table.rows {
                assert!(!row.meaning.ends_with('.') && !row.check.ends_with('.'), "{row:?}");
                assert!(row.check.starts_with(char::is_uppercase), "{row:?}");
            }
        }
    }

    #[test]
    fn the_text_tells_rows_of_one_code_apart() {
        let locked = meaning("APIG.0301", "AK access failed to reach the limit,forbidden");
        assert!(locked.contains("locked"), "{locked}");
        let other = meaning("APIG.0301", "decrypt token fail");
        assert_ne!(locked, other);
    }

    #[test]
    fn other_prefixes_mean_the_same() {
        assert_eq!(meaning("APIGW.0101", ""), meaning("APIG.0101", ""));
        assert!(!meaning("APIGW.0101", "").is_empty());
        assert_eq!(meaning("APIG.9999", ""), "");
    }
}
