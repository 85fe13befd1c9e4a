//! Work on a long text that somebody watches and may stop.
//!
//! Whoever goes through a text tells the [`Watch`] how far it is. That costs a comparison until the
//! next slice is full; then the share is written down and it is asked whether to go on. Work that
//! was stopped ends early and returns whatever it has: its caller sees
//! [`Progress::is_cancelled`] and throws that away.

use std::io::{self, Read};

use crate::core::progress::Progress;

/// Bytes between two looks: some tens of microseconds of work.
const SLICE: usize = 64 * 1024;

/// One pass over a text.
#[derive(Debug)]
pub(crate) struct Watch<'a> {
    progress: &'a Progress,
    /// What earlier passes have done.
    base: u64,
    /// Offset at which to look again.
    next: usize,
}

impl<'a> Watch<'a> {
    /// A pass that comes after so many bytes of other work.
    pub(crate) fn new(progress: &'a Progress, base: u64) -> Watch<'a> {
        Watch { progress, base, next: SLICE }
    }

    /// The pass is at this offset; false if it shall stop.
    #[inline]
    pub(crate) fn goes_on(&mut self, at: usize) -> bool {
        at < self.next || self.look(at)
    }

    #[cold]
    fn look(&mut self, at: usize) -> bool {
        self.next = at.saturating_add(SLICE);
        self.progress.set_done(self.base + at as u64);
        !self.progress.is_cancelled()
    }
}

/// Bytes as a reader, for parsers that take one: it ends with an error when the work is stopped.
#[derive(Debug)]
pub(crate) struct WatchedBytes<'a> {
    bytes: &'a [u8],
    at: usize,
    watch: Watch<'a>,
}

impl<'a> WatchedBytes<'a> {
    pub(crate) fn new(bytes: &'a [u8], watch: Watch<'a>) -> WatchedBytes<'a> {
        WatchedBytes { bytes, at: 0, watch }
    }
}

impl Read for WatchedBytes<'_> {
    #[inline]
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if !self.watch.goes_on(self.at) {
            return Err(io::Error::other("stopped"));
        }
        let rest = &self.bytes[self.at..];
        let take = rest.len().min(into.len());
        // Parsers take a byte at a time.
        if let ([first, ..], [into]) = (rest, &mut *into) {
            *into = *first;
        } else {
            into[..take].copy_from_slice(&rest[..take]);
        }
        self.at += take;
        Ok(take)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::payload::{Kind, beautify, beautify_watched, minify_watched, validate_watched};

    fn texts() -> [(Kind, String); 3] {
        [
            (Kind::Json, format!("[{}1]", "{\"a\":1},".repeat(100_000))),
            (Kind::Xml, format!("<a>{}</a>", "<b><c/></b>".repeat(100_000))),
            (Kind::Html, format!("<ul>{}</ul>", "<li>x</li>".repeat(100_000))),
        ]
    }

    #[test]
    fn work_is_told_to_its_end_and_gives_what_it_gives_unwatched() {
        for (kind, text) in texts() {
            let progress = Progress::default();
            let laid = beautify_watched(kind, &text, &progress).unwrap();
            assert_eq!(laid, beautify(kind, &text).unwrap());
            let share = progress.share().unwrap();
            assert!(share > 0.9, "{kind:?} {share}");
        }
    }

    #[test]
    fn work_that_is_stopped_ends_within_a_slice() {
        for (kind, text) in texts() {
            let progress = Progress::default();
            progress.cancel();
            let _ = validate_watched(kind, &text, &progress);
            assert!(progress.done() <= 2 * SLICE as u64, "{kind:?} {}", progress.done());
            for work in [beautify_watched, minify_watched] {
                let progress = Progress::default();
                progress.cancel();
                let made = work(kind, &text, &progress).unwrap_or_default();
                assert!(made.len() < text.len(), "{kind:?}");
            }
        }
    }

    #[test]
    fn a_fault_is_at_the_same_place_whether_watched_or_not() {
        let long = "{\"ñ\":1},\n".repeat(50_000);
        let text = format!("[{long}1 2]");
        let told = validate_watched(Kind::Json, &text, &Progress::default()).unwrap_err();
        assert_eq!((told.line, told.column, told.byte), (50_001, 3, text.len() - 2));
    }
}
