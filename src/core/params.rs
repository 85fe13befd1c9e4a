//! Query parameters as a table that stays in step with the URL's text.

use serde::{Deserialize, Serialize};

use super::url::encode_piece;

/// One piece of a query, exactly as it stands in the URL (nothing is decoded).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParamRow {
    /// A row that is off is kept in the table and left out of the URL.
    pub enabled: bool,
    pub name: String,
    /// `None` for a key without `=`; an empty text for `key=`.
    pub value: Option<String>,
}

impl std::fmt::Debug for ParamRow {
    /// Values may be tokens.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let length = self.value.as_ref().map(String::len);
        write!(f, "ParamRow({}, {}, {length:?} bytes)", self.enabled, self.name)
    }
}

impl ParamRow {
    fn from_piece(piece: &str) -> ParamRow {
        let (name, value) = match piece.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (piece, None),
        };
        ParamRow { enabled: true, name: name.to_owned(), value }
    }

    /// The piece as it stands in the URL: as it came from there, or with what would break the
    /// query encoded if it was typed into the table.
    #[must_use]
    pub fn piece(&self) -> String {
        let name = encode_piece(&self.name, true);
        match &self.value {
            Some(value) => format!("{name}={}", encode_piece(value, false)),
            None => name,
        }
    }
}

/// The table: all rows in order, also those that are off.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Params {
    pub rows: Vec<ParamRow>,
}

impl Params {
    /// Takes over the query of an edited URL. Rows that are off keep their places: each stays
    /// behind the same number of rows that are on, as far as there are so many.
    pub fn take_query(&mut self, query: Option<&str>) {
        let mut off: Vec<(usize, ParamRow)> = Vec::new();
        let mut on_before = 0;
        for row in self.rows.drain(..) {
            if row.enabled {
                on_before += 1;
            } else {
                off.push((on_before, row));
            }
        }
        let on: Vec<ParamRow> = match query {
            Some(query) if !query.is_empty() => {
                query.split('&').map(ParamRow::from_piece).collect()
            }
            _ => Vec::new(),
        };
        let mut off = off.into_iter().peekable();
        for (index, row) in on.into_iter().enumerate() {
            while let Some((_, row)) = off.next_if(|(before, _)| *before <= index) {
                self.rows.push(row);
            }
            self.rows.push(row);
        }
        self.rows.extend(off.map(|(_, row)| row));
    }

    /// The query that the rows which are on make; `None` if there is none.
    #[must_use]
    pub fn query(&self) -> Option<String> {
        let pieces: Vec<String> =
            self.rows.iter().filter(|row| row.enabled).map(ParamRow::piece).collect();
        if pieces.is_empty() { None } else { Some(pieces.join("&")) }
    }

    /// Number of rows that are on.
    #[must_use]
    pub fn enabled(&self) -> usize {
        self.rows.iter().filter(|row| row.enabled).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn row(enabled: bool, piece: &str) -> ParamRow {
        ParamRow { enabled, ..ParamRow::from_piece(piece) }
    }

    #[test]
    fn order_repeats_empty_values_and_bare_keys_are_kept() {
        let query = "b=2&a=1&b=3&empty=&bare&%20x=%2b+y&&=v";
        let mut params = Params::default();
        params.take_query(Some(query));
        assert_eq!(params.query().as_deref(), Some(query));
        assert_eq!(params.rows.len(), 8);
        assert_eq!(params.rows[3].value.as_deref(), Some(""));
        assert_eq!(params.rows[4].value, None);
    }

    #[test]
    fn rows_that_are_off_keep_their_places() {
        let mut params =
            Params { rows: vec![row(true, "a=1"), row(false, "x=9"), row(true, "b=2")] };
        params.take_query(Some("a=1&c=3&b=2"));
        let order: Vec<_> = params.rows.iter().map(|r| (r.enabled, r.name.as_str())).collect();
        assert_eq!(order, [(true, "a"), (false, "x"), (true, "c"), (true, "b")]);
        params.take_query(None);
        assert_eq!(params.rows, [row(false, "x=9")]);
    }

    #[test]
    fn what_is_typed_into_the_table_cannot_break_the_query() {
        let params = Params {
            rows: vec![ParamRow { enabled: true, name: "a=b".into(), value: Some("c&d #".into()) }],
        };
        assert_eq!(params.query().as_deref(), Some("a%3Db=c%26d%20%23"));
    }

    proptest! {
        #[test]
        fn a_query_survives_the_table(query in "[a-z0-9=&%+;:{}]{1,40}") {
            let mut params = Params::default();
            params.take_query(Some(&query));
            prop_assert_eq!(params.query(), Some(query));
        }
    }
}
