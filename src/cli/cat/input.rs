//! Standard input as batches of lines, read by a thread of its own.
//!
//! Nothing else can wait for a terminal or pipe without being held up; the thread is left behind
//! when the process ends. Lines that are there already travel together, so that a file goes out
//! fast; a line that is typed goes out at once.

use std::io::{self, BufRead, BufReader, Read};

use tokio::sync::mpsc;

/// Read from the system at once.
const BUFFER: usize = 64 * 1024;

/// Batches that may wait; with a buffer full of lines in each, so much is read ahead at most.
const BATCHES: usize = 2;

/// What the thread tells.
#[derive(Debug)]
pub enum Input {
    /// Lines without their line breaks, in order.
    Lines(Vec<Vec<u8>>),
    /// Nothing follows.
    End,
    /// Reading failed, and nothing follows.
    Failed(io::Error),
}

/// Starts to read. When the receiver is dropped, the thread ends with its next batch.
///
/// # Errors
/// When the system has no thread to give.
pub fn start(source: impl Read + Send + 'static) -> io::Result<mpsc::Receiver<Input>> {
    let (tell, told) = mpsc::channel(BATCHES);
    std::thread::Builder::new().name("stdin".into()).spawn(move || {
        let mut reader = BufReader::with_capacity(BUFFER, source);
        loop {
            let input = read_batch(&mut reader);
            let last = !matches!(input, Input::Lines(_));
            if tell.blocking_send(input).is_err() || last {
                return;
            }
        }
    })?;
    Ok(told)
}

/// Waits for one line and takes along those that are whole in the buffer.
fn read_batch(reader: &mut BufReader<impl Read>) -> Input {
    let mut lines = Vec::new();
    loop {
        let mut line = Vec::new();
        match reader.read_until(b'\n', &mut line) {
            Ok(0) if lines.is_empty() => return Input::End,
            // What was read before goes out first; the end or the error comes again.
            Ok(0) => return Input::Lines(lines),
            Err(error) if lines.is_empty() => return Input::Failed(error),
            Err(_) => return Input::Lines(lines),
            Ok(_) => lines.push(without_line_break(line)),
        }
        if memchr::memchr(b'\n', reader.buffer()).is_none() {
            return Input::Lines(lines);
        }
    }
}

/// A carriage return is part of the line, except where it is part of the line break.
fn without_line_break(mut line: Vec<u8>) -> Vec<u8> {
    if line.last() == Some(&b'\n') {
        line.pop();
        if cfg!(windows) && line.last() == Some(&b'\r') {
            line.pop();
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(source: &'static [u8]) -> Vec<Vec<u8>> {
        collect(source.to_vec())
    }

    fn collect(source: Vec<u8>) -> Vec<Vec<u8>> {
        let mut told = start(io::Cursor::new(source)).unwrap();
        let mut lines = Vec::new();
        loop {
            match told.blocking_recv() {
                Some(Input::Lines(batch)) => lines.extend(batch),
                Some(Input::End) => return lines,
                other => panic!("{other:?}"),
            }
        }
    }

    #[test]
    fn the_last_line_needs_no_line_break() {
        assert_eq!(read(b"a\n\nb"), [b"a".to_vec(), b"".to_vec(), b"b".to_vec()]);
        assert_eq!(read(b"a\n"), [b"a".to_vec()]);
        assert!(read(b"").is_empty());
    }

    proptest! {
        #[test]
        fn no_byte_is_lost(lines in prop::collection::vec(
            prop::collection::vec(any::<u8>().prop_filter("no line break", |b| *b != b'\n'), 0..50),
            0..20,
        ), long in 0..200_000usize) {
            let mut lines = lines;
            lines.push(vec![b'x'; long]);
            let mut source = lines.join(&b'\n');
            source.push(b'\n');
            prop_assert_eq!(collect(source), lines);
        }
    }
}
