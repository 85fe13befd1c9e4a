//! The body of a refusal: where gateways say why. Read as the framing has it (RFC 9112 section 6),
//! unchunked and unpacked, within limits of size; the limit of time is the caller's.

use std::io::Read as _;

use bytes::BytesMut;
use tokio::io::AsyncReadExt as _;

use super::facts;
use super::reply::Head;
use super::request::list;
use crate::core::evidence::{Failure, FailureKind, HttpProblem};
use crate::core::limits::MAX_REPLY_BODY;
use crate::core::stage::Stage;
use crate::net::link::Link;
use crate::net::recorder::Recorder;

/// A reply that is no 101, whose body is still to be read.
pub(in crate::net) struct Refusal {
    link: Link,
    head: Head,
    framing: Framing,
    /// Bytes as they came.
    raw: BytesMut,
    /// The body so far, unchunked.
    body: Vec<u8>,
    whole: bool,
    /// Bytes that came after the head's last read.
    received: u64,
    /// What the failure is called.
    pub(in crate::net) problem: HttpProblem,
}

#[derive(Debug, PartialEq, Eq)]
enum Framing {
    None,
    Length(u64),
    Chunked(Chunked),
    UntilClose,
}

impl Refusal {
    pub(super) fn new(link: Link, head: Head, early: BytesMut) -> Refusal {
        let framing = framing(&head);
        Refusal {
            link,
            head,
            framing,
            raw: early,
            body: Vec::new(),
            whole: false,
            received: 0,
            problem: HttpProblem::Status,
        }
    }

    /// Status and location, if it is a redirect that a GET may follow (RFC 9110 section 15.4).
    pub(in crate::net) fn redirect(&self) -> Option<(u16, String)> {
        let status = self.head.status;
        matches!(status, 301 | 302 | 303 | 307 | 308).then_some(())?;
        let location = self.head.values("Location").next()?.trim();
        (!location.is_empty()).then(|| (status, location.to_owned()))
    }

    /// Reads to the end of the body or to our limit. Can be dropped at any time; what came so far
    /// is kept.
    pub(in crate::net) async fn read_body(&mut self) {
        loop {
            self.take_in();
            if self.whole || self.body.len() >= MAX_REPLY_BODY {
                return;
            }
            match self.link.read_buf(&mut self.raw).await {
                Ok(n @ 1..) => self.received += n as u64,
                // Cut in the middle, unless the end of the stream is the end of the body. A server
                // that ends TLS without close_notify has said all it wanted to say, too.
                Ok(_) => {
                    self.whole = self.framing == Framing::UntilClose;
                    return;
                }
                Err(error) => {
                    self.whole = self.framing == Framing::UntilClose
                        && error.kind() == std::io::ErrorKind::UnexpectedEof;
                    return;
                }
            }
        }
    }

    /// Moves what came into the body.
    fn take_in(&mut self) {
        if self.whole {
            return;
        }
        let raw = self.raw.split();
        match &mut self.framing {
            Framing::None => self.whole = true,
            Framing::Length(length) => {
                let left = length.saturating_sub(self.body.len() as u64);
                let here = raw.len().min(usize::try_from(left).unwrap_or(usize::MAX));
                self.body.extend_from_slice(&raw[..here]);
                self.whole = self.body.len() as u64 >= *length;
            }
            Framing::Chunked(chunked) => self.whole = chunked.push(&raw, &mut self.body),
            Framing::UntilClose => self.body.extend_from_slice(&raw),
        }
    }

    /// Puts the body into the record and says what failed.
    pub(in crate::net) fn into_failure(mut self, recorder: &mut Recorder) -> Failure {
        self.take_in();
        let over = self.body.len() > MAX_REPLY_BODY;
        self.body.truncate(MAX_REPLY_BODY);
        let (plain, whole) = unpack(&self.head, self.body);
        let text = recorder.clean_lines(&lossless(&plain));
        let failure = Failure {
            stage: Stage::Http,
            kind: FailureKind::Http(self.problem),
            text: format!("{} {}", self.head.status, self.head.reason).trim_end().to_owned(),
        };
        let http = facts(recorder);
        http.received += self.received;
        if let Some(reply) = &mut http.reply {
            reply.body = text;
            reply.body_bytes = plain.len() as u64;
            reply.body_cut = over || !self.whole || !whole;
        }
        failure
    }
}

fn framing(head: &Head) -> Framing {
    if matches!(head.status, 204 | 304) {
        return Framing::None;
    }
    if head.values("Transfer-Encoding").flat_map(list).any(|c| c.eq_ignore_ascii_case("chunked")) {
        return Framing::Chunked(Chunked::default());
    }
    match head.values("Content-Length").flat_map(list).next().map(str::parse) {
        Some(Ok(length)) => Framing::Length(length),
        _ => Framing::UntilClose,
    }
}

/// Text that shows bytes that are no UTF-8 as `\xNN`; the escaping of the rest comes later.
fn lossless(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        out.push_str(chunk.valid());
        for byte in chunk.invalid() {
            out.push_str(&format!("\\x{byte:02x}"));
        }
    }
    out
}

/// Unpacks gzip and deflate up to the limit; false if it is not the whole. What cannot be
/// unpacked stays as it is.
fn unpack(head: &Head, body: Vec<u8>) -> (Vec<u8>, bool) {
    let coding = head.values("Content-Encoding").flat_map(list).next();
    let limit = MAX_REPLY_BODY as u64 + 1;
    let mut out = Vec::new();
    let result = match coding.map(str::to_ascii_lowercase).as_deref() {
        Some("gzip" | "x-gzip") => {
            flate2::read::MultiGzDecoder::new(body.as_slice()).take(limit).read_to_end(&mut out)
        }
        // Sent with a zlib header as the standard says, or without as others understood it.
        Some("deflate") if body.first().is_some_and(|byte| byte & 0x0F == 8) => {
            flate2::read::ZlibDecoder::new(body.as_slice()).take(limit).read_to_end(&mut out)
        }
        Some("deflate") => {
            flate2::read::DeflateDecoder::new(body.as_slice()).take(limit).read_to_end(&mut out)
        }
        _ => return (body, true),
    };
    let whole = result.is_ok() && out.len() <= MAX_REPLY_BODY;
    out.truncate(MAX_REPLY_BODY);
    if out.is_empty() && !whole { (body, false) } else { (out, whole) }
}

/// Reads the chunked coding (RFC 9112 section 7.1) piece by piece.
#[derive(Debug, Default, PartialEq, Eq)]
struct Chunked {
    state: ChunkState,
    line: Vec<u8>,
}

#[derive(Debug, Default, PartialEq, Eq)]
enum ChunkState {
    #[default]
    Size,
    Data(u64),
    /// The line end behind a chunk's data.
    DataEnd,
    Trailer,
    /// Ended, or broken: nothing more is taken.
    Over,
}

impl Chunked {
    /// Longest line of a size with its extensions, or of a trailer.
    const LINE: usize = 8 * 1024;

    /// Appends the data in `bytes` to `out`; true when the last chunk was seen.
    fn push(&mut self, mut bytes: &[u8], out: &mut Vec<u8>) -> bool {
        let mut ended = false;
        while !bytes.is_empty() {
            if let ChunkState::Data(left) = &mut self.state {
                let here = usize::try_from(*left).unwrap_or(usize::MAX).min(bytes.len());
                out.extend_from_slice(&bytes[..here]);
                *left -= here as u64;
                bytes = &bytes[here..];
                if *left == 0 {
                    self.state = ChunkState::DataEnd;
                }
                continue;
            }
            let (byte, rest) = (bytes[0], &bytes[1..]);
            bytes = rest;
            if self.state == ChunkState::Over {
                return false;
            }
            if byte != b'\n' {
                self.line.push(byte);
                if self.line.len() > Self::LINE {
                    self.state = ChunkState::Over;
                }
                continue;
            }
            let line = std::mem::take(&mut self.line);
            let line = String::from_utf8_lossy(&line);
            let line = line.trim();
            self.state = match self.state {
                ChunkState::Size => {
                    let digits = line.split(';').next().unwrap_or_default().trim();
                    match u64::from_str_radix(digits, 16) {
                        Ok(0) => ChunkState::Trailer,
                        Ok(size) => ChunkState::Data(size),
                        Err(_) => ChunkState::Over,
                    }
                }
                ChunkState::DataEnd => ChunkState::Size,
                ChunkState::Trailer if line.is_empty() => {
                    ended = true;
                    ChunkState::Over
                }
                _ => ChunkState::Trailer,
            };
        }
        ended
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use proptest::prelude::*;

    use super::*;

    fn head(headers: &[(&str, &str)]) -> Head {
        let own = headers.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        Head::for_test(400, own)
    }

    #[test]
    fn framing_follows_the_head() {
        assert_eq!(framing(&head(&[("content-length", "12")])), Framing::Length(12));
        let both = [("Content-Length", "12"), ("Transfer-Encoding", "gzip, Chunked")];
        assert!(matches!(framing(&head(&both)), Framing::Chunked(_)));
        assert_eq!(framing(&head(&[("Content-Length", "x")])), Framing::UntilClose);
        assert_eq!(framing(&Head::for_test(204, Vec::new())), Framing::None);
    }

    proptest! {
        #[test]
        fn chunks_come_out_whole_however_they_are_cut(
            pieces in proptest::collection::vec(
                proptest::collection::vec(any::<u8>(), 1..40), 0..6),
            cut in 1usize..20,
        ) {
            let mut wire = Vec::new();
            for piece in &pieces {
                wire.extend(format!("{:X};a=b\r\n", piece.len()).bytes());
                wire.extend(piece);
                wire.extend(b"\r\n");
            }
            wire.extend(b"0\r\nTrailer: x\r\n\r\n");
            let mut chunked = Chunked::default();
            let mut out = Vec::new();
            let mut ends = 0;
            for part in wire.chunks(cut) {
                ends += usize::from(chunked.push(part, &mut out));
            }
            prop_assert_eq!(out, pieces.concat());
            prop_assert_eq!(ends, 1);
        }

        #[test]
        fn any_bytes_do_no_harm(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let mut out = Vec::new();
            Chunked::default().push(&bytes, &mut out);
            prop_assert!(out.len() <= bytes.len());
            for coding in ["gzip", "deflate"] {
                let (plain, _) = unpack(&head(&[("Content-Encoding", coding)]), bytes.clone());
                prop_assert!(plain.len() <= MAX_REPLY_BODY);
            }
        }
    }

    #[test]
    fn a_bomb_is_cut_at_the_limit() {
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        for _ in 0..1024 {
            packer.write_all(&[b'a'; 16 * 1024]).unwrap();
        }
        let packed = packer.finish().unwrap();
        assert!(packed.len() < MAX_REPLY_BODY);
        let (plain, whole) = unpack(&head(&[("Content-Encoding", "gzip")]), packed);
        assert_eq!((plain.len(), whole), (MAX_REPLY_BODY, false));
    }

    #[test]
    fn a_packed_body_that_was_cut_shows_its_beginning() {
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        for n in 0..5000 {
            writeln!(packer, "line {n}").unwrap();
        }
        let packed = packer.finish().unwrap();
        let half = packed[..packed.len() / 2].to_vec();
        let (plain, whole) = unpack(&head(&[("Content-Encoding", "gzip")]), half);
        assert!(plain.starts_with(b"line 0\n") && !whole);
    }
}
