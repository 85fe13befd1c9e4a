//! What is done with long composed texts on a thread of its own: read, judged, laid out, made ready.
//!
//! Each function says how far it is, looks now and then whether it shall go on, and gives `None` if it
//! was stopped. Texts go in and out as ropes, which change hands in no time.

use std::fs::File;
use std::io::Read as _;

use ropey::{Rope, RopeBuilder};

use super::files;
use crate::app::effect::Outgoing;
use crate::app::model::Validation;
use crate::app::msg::Loaded;
use crate::app::update::{encode_text, judge};
use crate::core::progress::Progress;
use crate::payload::{self, BinaryForm, Kind, Problem, convert};

/// Bytes between two looks at whether to go on.
const SLICE: usize = 1024 * 1024;

/// Bytes of a text that tell what kind it is.
const TELLING: usize = 64 * 1024;

/// `Some` while work goes on.
fn going(progress: &Progress) -> Option<()> {
    (!progress.is_cancelled()).then_some(())
}

/// The text in one piece.
fn flat(text: &Rope, progress: &Progress) -> Option<String> {
    let mut out = String::with_capacity(text.len_bytes());
    let mut look = SLICE;
    for chunk in text.chunks() {
        out.push_str(chunk);
        if out.len() >= look {
            look = out.len() + SLICE;
            going(progress)?;
        }
    }
    Some(out)
}

/// The text as a rope. `done` bytes of other work came before.
fn rope(text: &str, progress: &Progress, done: u64) -> Option<Rope> {
    let mut builder = RopeBuilder::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (slice, after) = rest.split_at(rest.floor_char_boundary(SLICE));
        builder.append(slice);
        rest = after;
        progress.set_done(done + (text.len() - rest.len()) as u64);
        going(progress)?;
    }
    Some(builder.finish())
}

/// See [`judge`].
pub(super) fn judged(
    kind: Kind,
    form: BinaryForm,
    text: &Rope,
    progress: &Progress,
) -> Option<Validation> {
    let text = flat(text, progress)?;
    progress.set_total(text.len() as u64);
    let verdict = judge(kind, form, &text, progress);
    going(progress)?;
    Some(verdict)
}

/// Laid out, or without its blanks; `Ok(None)` if it is so already.
pub(super) fn reshaped(
    kind: Kind,
    out: bool,
    text: Rope,
    progress: &Progress,
) -> Option<Result<Option<Rope>, Problem>> {
    let before = flat(&text, progress)?;
    drop(text);
    let work = if out { payload::beautify_watched } else { payload::minify_watched };
    let laid = work(kind, &before, progress);
    going(progress)?;
    let laid = match laid {
        Ok(laid) if laid == before => return Some(Ok(None)),
        Ok(laid) => laid,
        Err(problem) => return Some(Err(problem)),
    };
    drop(before);
    let done = progress.total();
    progress.set_total(done + laid.len() as u64);
    Some(Ok(Some(rope(&laid, progress, done)?)))
}

/// The same bytes in the other writing; `Some(None)` if they cannot be read.
pub(super) fn rewritten(
    from: BinaryForm,
    to: BinaryForm,
    text: &Rope,
    progress: &Progress,
) -> Option<Option<Rope>> {
    let text = flat(text, progress)?;
    let bytes = convert::parse_binary(from, &text).ok();
    going(progress)?;
    let Some(text) = bytes.and_then(|bytes| convert::write_binary(to, &bytes)) else {
        return Some(None);
    };
    progress.set_total(text.len() as u64);
    Some(Some(rope(&text, progress, 0)?))
}

/// A pasted text, whose line ends become those of the composer.
pub(super) fn woven(text: &str, progress: &Progress) -> Option<Rope> {
    progress.set_total(text.len() as u64);
    if !text.contains('\r') {
        return rope(text, progress, 0);
    }
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    rope(&text, progress, 0)
}

/// Reads a file to be composed. Of one with more than `most` bytes only the beginning is looked at.
pub(super) fn loaded(
    typed: &str,
    most: u64,
    progress: &Progress,
) -> Option<Result<Loaded, String>> {
    let opened = files::measure(typed).and_then(|(path, size)| Ok((File::open(path)?, size)));
    let (mut file, size) = match opened {
        Ok(opened) => opened,
        Err(error) => return Some(Err(error.to_string())),
    };
    progress.set_total(size);
    let mut builder = RopeBuilder::new();
    let mut kind = None;
    let mut read: u64 = 0;
    // What was read and is not handed on: the beginning of a character may wait for its end.
    let mut held = Vec::with_capacity(SLICE + 4);
    loop {
        let before = held.len();
        let slice = if size > most { TELLING } else { SLICE };
        match (&mut file).take(slice as u64).read_to_end(&mut held) {
            Ok(_) => {}
            Err(error) => return Some(Err(error.to_string())),
        }
        let ended = held.len() == before;
        read += (held.len() - before) as u64;
        let valid = match std::str::from_utf8(&held) {
            Ok(text) => text,
            Err(error) if error.error_len().is_some() || ended => {
                let text = false;
                return Some(Ok(if size > most {
                    Loaded::Large { size, text }
                } else {
                    Loaded::Bytes
                }));
            }
            Err(error) => std::str::from_utf8(&held[..error.valid_up_to()]).unwrap_or_default(),
        };
        if size > most {
            return Some(Ok(Loaded::Large { size, text: true }));
        }
        let end = valid.len();
        kind.get_or_insert_with(|| {
            let telling = &valid[..valid.floor_char_boundary(TELLING)];
            let whole = telling.len() as u64 == size;
            if whole { payload::classify(telling.as_bytes(), true) } else { kind_by_start(telling) }
        });
        builder.append(valid);
        held.drain(..end);
        progress.set_done(read);
        going(progress)?;
        if ended {
            break;
        }
        // A file that grows all the time has no end.
        if read > most.max(size).saturating_add(SLICE as u64) {
            return Some(Err("it grows while it is read".into()));
        }
    }
    Some(Ok(Loaded::Text { text: builder.finish(), kind: kind.unwrap_or_default() }))
}

/// What a long text is by its beginning, since a cut-off one is well formed in no language.
fn kind_by_start(start: &str) -> Kind {
    let start = start.trim_start_matches('\u{FEFF}').trim_start();
    let lower: String = start.chars().take(64).collect::<String>().to_ascii_lowercase();
    if lower.starts_with(['{', '[']) {
        Kind::Json
    } else if lower.starts_with("<!doctype html") || lower.starts_with("<html") {
        Kind::Html
    } else if lower.starts_with("<?xml") || lower.starts_with('<') {
        Kind::Xml
    } else {
        Kind::Text
    }
}

/// The message as it goes out; a file is read as a whole.
pub(super) fn encoded(
    kind: Kind,
    form: BinaryForm,
    text: &Rope,
    progress: &Progress,
) -> Option<Result<Outgoing, String>> {
    let text = flat(text, progress)?;
    let of_file = form == BinaryForm::File && matches!(kind, Kind::Binary | Kind::Text);
    let result = if of_file { read_message(kind, &text) } else { encode_text(kind, form, text) };
    going(progress)?;
    Some(result)
}

fn read_message(kind: Kind, path: &str) -> Result<Outgoing, String> {
    let path = path.trim();
    if path.is_empty() {
        return Err("it names no file".into());
    }
    match files::read_some(path, files::LARGEST_MESSAGE) {
        Ok((bytes, false)) if kind == Kind::Binary => Ok(Outgoing::Binary(bytes.into())),
        Ok((bytes, false)) => String::from_utf8(bytes).map(Outgoing::Text).map_err(|error| {
            let at = error.utf8_error().valid_up_to();
            format!("{path} is no text: byte {at} is not UTF-8")
        }),
        Ok((_, true)) => Err(format!("{path} is larger than 1 GiB")),
        Err(error) => Err(format!("{path} cannot be read: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(bytes: &[u8]) -> (tempfile::TempDir, String) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("message");
        std::fs::write(&path, bytes).unwrap();
        let typed = path.to_str().unwrap().to_owned();
        (dir, typed)
    }

    #[test]
    fn a_file_is_read_in_slices_with_whole_characters() {
        // A character of three bytes lies across every border of slices sooner or later.
        let text = format!("[\"{}\"]", "日".repeat(SLICE));
        let (_dir, path) = file(text.as_bytes());
        let progress = Progress::default();
        let Some(Ok(Loaded::Text { text: read, kind })) = loaded(&path, u64::MAX, &progress) else {
            panic!("it is text")
        };
        assert!(read == text);
        assert_eq!(kind, Kind::Json);
        assert_eq!(progress.share(), Some(1.0));
    }

    #[test]
    fn what_is_no_text_or_too_large_is_told() {
        let (_dir, path) = file(b"abc\xff");
        assert!(matches!(loaded(&path, 100, &Progress::default()), Some(Ok(Loaded::Bytes))));
        let (_dir, path) = file("caf\u{e9}".as_bytes());
        let got = loaded(&path, 2, &Progress::default());
        assert!(matches!(got, Some(Ok(Loaded::Large { size: 5, text: true }))), "{got:?}");
        // A file that ends inside of a character.
        let (_dir, path) = file(b"caf\xc3");
        assert!(matches!(loaded(&path, 100, &Progress::default()), Some(Ok(Loaded::Bytes))));
        assert!(matches!(loaded("/nowhere/at/all", 1, &Progress::default()), Some(Err(_))));
    }

    #[test]
    fn long_texts_are_laid_out_as_short_ones_are() {
        let text = format!("[{}1]", "{\"a\":[1.10,2]},".repeat(20_000));
        let progress = Progress::default();
        let Some(Ok(Some(laid))) = reshaped(Kind::Json, true, Rope::from_str(&text), &progress)
        else {
            panic!("it is well formed")
        };
        assert!(laid == payload::beautify(Kind::Json, &text).unwrap());
        assert_eq!(progress.share(), Some(1.0));
        let again = reshaped(Kind::Json, true, laid.clone(), &Progress::default());
        assert!(matches!(again, Some(Ok(None))));
        let Some(Ok(Some(back))) = reshaped(Kind::Json, false, laid, &Progress::default()) else {
            panic!("it is well formed")
        };
        assert!(back == text);
    }

    #[test]
    fn work_that_was_stopped_gives_nothing() {
        let stopped = Progress::default();
        stopped.cancel();
        let text = Rope::from_str(&"[1,\n".repeat(SLICE));
        let (_dir, path) = file(b"[1]");
        assert!(judged(Kind::Json, BinaryForm::Hex, &text, &stopped).is_none());
        assert!(reshaped(Kind::Json, true, text.clone(), &stopped).is_none());
        assert!(rewritten(BinaryForm::Hex, BinaryForm::Base64, &text, &stopped).is_none());
        assert!(woven("a\r\nb", &stopped).is_none());
        assert!(loaded(&path, 100, &stopped).is_none());
        assert!(encoded(Kind::Text, BinaryForm::Hex, &text, &stopped).is_none());
    }

    #[test]
    fn a_paste_has_the_line_ends_of_the_composer() {
        assert_eq!(woven("a\r\nb\rc", &Progress::default()).unwrap(), "a\nb\nc");
    }

    #[test]
    fn a_small_file_is_sent_as_a_whole_in_the_way_that_was_chosen() {
        let (_dir, path) = file(b"{}\n");
        let path = Rope::from_str(&path);
        let text = encoded(Kind::Text, BinaryForm::File, &path, &Progress::default()).unwrap();
        assert_eq!(text, Ok(Outgoing::Text("{}\n".into())));
        let bytes = encoded(Kind::Binary, BinaryForm::File, &path, &Progress::default()).unwrap();
        assert_eq!(bytes, Ok(Outgoing::Binary(b"{}\n".as_slice().into())));
        let (_dir, path) = file(b"ab\xff");
        let why =
            encoded(Kind::Text, BinaryForm::File, &Rope::from_str(&path), &Progress::default());
        assert!(why.unwrap().unwrap_err().contains("byte 2 is not UTF-8"));
    }
}
