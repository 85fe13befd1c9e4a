//! The columns of the message log.

use toml::de::DeValue;

use super::value::{Choice, Value, choices};
use crate::config::document::found;

choices! {
    /// A column of the log beside the payload.
    pub enum Column {
        /// Number of the row.
        #[default]
        Number = "number",
        Time = "time",
        /// An arrow: up for sent, down for received.
        Direction = "direction",
        /// Text, binary, ping, pong or close.
        Kind = "kind",
        /// Time since the row before, or from the marked one.
        Delta = "delta",
        /// Bytes on the wire of a message that was compressed.
        Wire = "wire",
        Size = "size",
    }
}

impl Column {
    /// In the order in which they stand; the payload is between kind and delta.
    pub const ALL: [Column; 7] = [
        Column::Number,
        Column::Time,
        Column::Direction,
        Column::Kind,
        Column::Delta,
        Column::Wire,
        Column::Size,
    ];

    /// As the settings have it.
    #[must_use]
    pub fn name(self) -> &'static str {
        Column::CHOICES.iter().find(|(_, column)| *column == self).map_or("", |(name, _)| name)
    }
}

/// Which columns the log shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Columns {
    /// As many as the width of the log has room for.
    #[default]
    Auto,
    /// These.
    These(Vec<Column>),
}

impl Value for Columns {
    fn takes() -> String {
        let names: Vec<&str> = Column::ALL.iter().map(|column| column.name()).collect();
        format!("\"auto\", or a list of {}", names.join(", "))
    }

    fn read(value: &DeValue<'_>) -> Result<Columns, String> {
        if value.as_str() == Some("auto") {
            return Ok(Columns::Auto);
        }
        let list = value.as_array().ok_or_else(|| found(value))?;
        let columns = list.iter().map(|item| {
            <Column as Value>::read(item.get_ref()).map_err(|found| format!("{found} in the list"))
        });
        columns.collect::<Result<Vec<Column>, String>>().map(Columns::These)
    }

    fn show(&self) -> String {
        match self {
            Columns::Auto => "\"auto\"".to_owned(),
            Columns::These(columns) => {
                let names: Vec<String> =
                    columns.iter().map(|column| column.name().to_owned()).collect();
                names.show()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::config::Settings;

    use super::*;

    #[test]
    fn columns_are_read_and_written() {
        let read = |value: &str| {
            let text = format!("[log]\ncolumns = {value}\n");
            let (settings, problems) = Settings::read(&text, Path::new("config.toml"));
            (settings.log.columns, problems)
        };
        let some = Columns::These(vec![Column::Size, Column::Number]);
        for columns in [Columns::Auto, some, Columns::These(Vec::new())] {
            assert_eq!(read(&columns.show()), (columns, Vec::new()));
        }
        for (wrong, told) in [("[\"sise\"]", "the text \"sise\" in the list"), ("3", "number 3")] {
            let (columns, problems) = read(wrong);
            assert_eq!(columns, Columns::Auto);
            assert!(problems[0].to_string().contains(told), "{problems:?}");
        }
    }
}
