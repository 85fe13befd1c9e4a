//! What people leave at the rows of a log: bookmarks, notes, pins.
//!
//! By number of the row, which names it for good: over reconnects, and over a restart together
//! with a log that is kept on disk. A mark stays when its row is thrown away; whoever goes there
//! is told.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Name of the file of the marks, in the folder of a session.
pub const MARKS_FILE: &str = "marks.json";

/// Rows that may have marks.
const MOST: usize = 10_000;

/// Bytes of a name or note; what is longer is cut.
const LONGEST: usize = 4096;

/// What stands at one row.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RowMarks {
    /// A bookmark, with a name that may be empty.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bookmark: Option<String>,
    /// A text about the row; empty for none.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub note: String,
    /// Stays in sight at the top of the log.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub pinned: bool,
}

impl RowMarks {
    fn is_empty(&self) -> bool {
        *self == RowMarks::default()
    }

    /// Name of the bookmark and note, as one line to be told; empty if there are no words.
    #[must_use]
    pub fn words(&self) -> String {
        let name = self.bookmark.as_deref().unwrap_or("");
        match (name.is_empty(), self.note.is_empty()) {
            (_, true) => name.to_owned(),
            (true, false) => self.note.clone(),
            (false, false) => format!("{name}: {}", self.note),
        }
    }
}

/// There is no room for the marks of another row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{MOST} rows are marked already; take marks away first")]
pub struct TooManyMarks;

/// The marks of all rows of a log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    rows: BTreeMap<u64, RowMarks>,
}

/// As the file has it.
#[derive(Serialize, Deserialize)]
struct File {
    /// Of this form; others are not read.
    version: u32,
    rows: Vec<FileRow>,
}

#[derive(Serialize, Deserialize)]
struct FileRow {
    row: u64,
    #[serde(flatten)]
    marks: RowMarks,
}

const VERSION: u32 = 1;

impl Marks {
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    #[must_use]
    pub fn get(&self, number: u64) -> Option<&RowMarks> {
        self.rows.get(&number)
    }

    /// All marked rows in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (u64, &RowMarks)> {
        self.rows.iter().map(|(number, marks)| (*number, marks))
    }

    /// Numbers of the pinned rows in order.
    pub fn pinned(&self) -> impl Iterator<Item = u64> {
        self.iter().filter(|(_, marks)| marks.pinned).map(|(number, _)| number)
    }

    /// The nearest bookmark behind this row.
    #[must_use]
    pub fn next_bookmark(&self, number: u64) -> Option<u64> {
        self.iter().filter(|(at, m)| *at > number && m.bookmark.is_some()).map(|(at, _)| at).next()
    }

    /// The nearest bookmark before this row.
    #[must_use]
    pub fn previous_bookmark(&self, number: u64) -> Option<u64> {
        let mut before = self.iter().rev().filter(|(at, m)| *at < number && m.bookmark.is_some());
        before.next().map(|(at, _)| at)
    }

    fn change(
        &mut self,
        number: u64,
        change: impl FnOnce(&mut RowMarks),
    ) -> Result<(), TooManyMarks> {
        if self.rows.len() >= MOST && !self.rows.contains_key(&number) {
            return Err(TooManyMarks);
        }
        let marks = self.rows.entry(number).or_default();
        change(marks);
        if marks.is_empty() {
            self.rows.remove(&number);
        }
        Ok(())
    }

    /// Sets a bookmark without a name, or takes the one there away; whether there is one now.
    ///
    /// # Errors
    /// When too many rows are marked.
    pub fn toggle_bookmark(&mut self, number: u64) -> Result<bool, TooManyMarks> {
        let mut on = false;
        self.change(number, |marks| {
            marks.bookmark = if marks.bookmark.is_some() { None } else { Some(String::new()) };
            on = marks.bookmark.is_some();
        })?;
        Ok(on)
    }

    /// Sets a bookmark with this name.
    ///
    /// # Errors
    /// When too many rows are marked.
    pub fn name_bookmark(&mut self, number: u64, name: &str) -> Result<(), TooManyMarks> {
        self.change(number, |marks| marks.bookmark = Some(cut(name)))
    }

    /// Sets the note of a row; an empty one takes it away.
    ///
    /// # Errors
    /// When too many rows are marked.
    pub fn annotate(&mut self, number: u64, note: &str) -> Result<(), TooManyMarks> {
        self.change(number, |marks| marks.note = cut(note))
    }

    /// Pins a row, or lets it go; whether it is pinned now.
    ///
    /// # Errors
    /// When too many rows are marked.
    pub fn toggle_pin(&mut self, number: u64) -> Result<bool, TooManyMarks> {
        let mut on = false;
        self.change(number, |marks| {
            marks.pinned = !marks.pinned;
            on = marks.pinned;
        })?;
        Ok(on)
    }

    /// Takes everything away.
    pub fn clear(&mut self) {
        self.rows.clear();
    }

    /// The text of the file.
    #[must_use]
    pub fn to_json(&self) -> String {
        let rows = self.iter().map(|(row, marks)| FileRow { row, marks: marks.clone() }).collect();
        // Numbers and texts can always be written.
        serde_json::to_string_pretty(&File { version: VERSION, rows }).unwrap_or_default()
    }

    /// What a file says. More rows than may be marked are left out.
    ///
    /// # Errors
    /// A sentence about what is wrong with it; then the file should not be written over.
    pub fn from_json(text: &[u8]) -> Result<Marks, String> {
        let file: File = serde_json::from_slice(text).map_err(|error| error.to_string())?;
        if file.version != VERSION {
            return Err(format!("it has version {}, this wsdeck reads {VERSION}", file.version));
        }
        let mut marks = Marks::default();
        for FileRow { row, marks: of_row } in file.rows.into_iter().take(MOST) {
            let RowMarks { bookmark, note, pinned } = of_row;
            let of_row =
                RowMarks { bookmark: bookmark.as_deref().map(cut), note: cut(&note), pinned };
            if row > 0 && !of_row.is_empty() {
                marks.rows.insert(row, of_row);
            }
        }
        Ok(marks)
    }
}

fn cut(text: &str) -> String {
    let text = text.trim();
    text[..text.floor_char_boundary(LONGEST)].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_set_found_and_taken_away() {
        let mut marks = Marks::default();
        assert_eq!(marks.toggle_bookmark(5), Ok(true));
        marks.name_bookmark(9, " login ").unwrap();
        marks.annotate(9, "why so late?").unwrap();
        assert_eq!(marks.toggle_pin(7), Ok(true));
        assert_eq!(marks.next_bookmark(0), Some(5));
        assert_eq!(marks.next_bookmark(5), Some(9));
        assert_eq!(marks.next_bookmark(9), None);
        assert_eq!(marks.previous_bookmark(9), Some(5));
        assert_eq!(marks.pinned().collect::<Vec<_>>(), [7]);
        assert_eq!(marks.get(9).unwrap().words(), "login: why so late?");
        assert_eq!(marks.toggle_bookmark(5), Ok(false));
        assert_eq!(marks.toggle_pin(7), Ok(false));
        assert_eq!(marks.len(), 1, "rows without marks are forgotten");
    }

    #[test]
    fn a_file_is_read_back_as_it_was_written() {
        let mut marks = Marks::default();
        marks.name_bookmark(u64::MAX, "end \u{1b}[31m").unwrap();
        marks.annotate(3, "a\nb").unwrap();
        marks.toggle_pin(3).unwrap();
        assert_eq!(Marks::from_json(marks.to_json().as_bytes()), Ok(marks));
    }

    #[test]
    fn what_is_no_file_of_marks_is_told() {
        assert!(Marks::from_json(b"{").is_err());
        assert!(Marks::from_json(br#"{"version":2,"rows":[]}"#).unwrap_err().contains('2'));
        let odd = br#"{"version":1,"rows":[{"row":0,"pinned":true},{"row":4},{"row":5,"x":1,"pinned":true}]}"#;
        assert_eq!(Marks::from_json(odd).unwrap().pinned().collect::<Vec<_>>(), [5]);
    }

    #[test]
    fn there_is_an_end_to_marking() {
        let mut marks = Marks::default();
        for number in 1..=MOST as u64 {
            marks.toggle_pin(number).unwrap();
        }
        assert_eq!(marks.toggle_pin(1), Ok(false));
        marks.toggle_pin(1).unwrap();
        assert_eq!(marks.toggle_bookmark(MOST as u64 + 1), Err(TooManyMarks));
        assert_eq!(marks.toggle_bookmark(2), Ok(true));
        let long = "é".repeat(LONGEST);
        marks.annotate(3, &long).unwrap();
        assert_eq!(marks.get(3).unwrap().note.len(), LONGEST);
    }
}
