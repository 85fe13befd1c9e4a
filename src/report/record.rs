//! Reading a saved record: what the interface saves, or the object of `check --json`.

use crate::core::evidence::{Evidence, VERSION};

/// Largest record that is read, in bytes. One of ours has some 100 KB.
pub const LARGEST_RECORD: usize = 16 * 1024 * 1024;

/// Why a text is no record that can be judged.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    #[error("it has {bytes} bytes; a record has at most 16 MiB")]
    TooLarge { bytes: usize },
    #[error("it is not JSON: {0}")]
    NotJson(serde_json::Error),
    #[error(
        "it is JSON, but no record of an attempt: it has neither “stages” nor “evidence”; save one \
         with `wsdeck check URL --json > FILE` or from the Handshake tab"
    )]
    NotARecord,
    #[error("a field of the record cannot be read: {0}")]
    Field(serde_json::Error),
    #[error(
        "the record has version {version}, and this wsdeck knows versions up to {VERSION}: take \
         the wsdeck that made it ({made_by}) or a newer one"
    )]
    Newer { version: u64, made_by: String },
}

/// Reads a record, alone or within the object that `check --json` prints.
///
/// # Errors
/// If it is none, or one of a later version.
pub fn read(bytes: &[u8]) -> Result<Evidence, RecordError> {
    if bytes.len() > LARGEST_RECORD {
        return Err(RecordError::TooLarge { bytes: bytes.len() });
    }
    // Programs on Windows put a byte order mark before what they redirect into a file.
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut value: serde_json::Value =
        serde_json::from_slice(bytes).map_err(RecordError::NotJson)?;
    if let Some(inner) = value.get_mut("evidence") {
        value = inner.take();
    }
    if !value.get("stages").is_some_and(serde_json::Value::is_array) {
        return Err(RecordError::NotARecord);
    }
    let version = value.get("version").and_then(serde_json::Value::as_u64).unwrap_or(1);
    if version > u64::from(VERSION) {
        let made_by = value.get("wsdeck").and_then(serde_json::Value::as_str).unwrap_or("unknown");
        let made_by = crate::core::sanitize::escape(made_by).into_owned();
        return Err(RecordError::Newer { version, made_by });
    }
    serde_json::from_value(value).map_err(RecordError::Field)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_read_alone_and_within_a_report() {
        let evidence = Evidence { version: VERSION, os: "linux".into(), ..Evidence::default() };
        let alone = serde_json::to_string(&evidence).unwrap();
        assert_eq!(read(alone.as_bytes()).unwrap(), evidence);
        let within = format!("\u{feff}{{\"ok\":false,\"evidence\":{alone}}}");
        assert_eq!(read(within.as_bytes()).unwrap(), evidence);
    }

    #[test]
    fn fields_that_an_older_or_newer_program_did_not_know_do_no_harm() {
        let old = read(br#"{"stages":[],"request":{"typed":"ws://a"},"later":1}"#).unwrap();
        assert_eq!(old.request.typed, "ws://a");
    }

    #[test]
    fn what_is_no_record_is_told() {
        for (text, expected) in [
            ("", "it is not JSON"),
            ("[1]", "no record of an attempt"),
            ("{\"evidence\":3}", "no record of an attempt"),
            ("{\"stages\":[1]}", "a field of the record"),
            ("{\"stages\":[],\"version\":99,\"wsdeck\":\"9.9\"}", "has version 99"),
        ] {
            let error = read(text.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(expected), "{text}: {error}");
        }
    }
}
