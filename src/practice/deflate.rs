//! The server's side of permessage-deflate (RFC 7692): what a client offers, and messages packed
//! and unpacked whole, in the plainest way.
//!
//! It shares no code with the transport, so that each is a check of the other.

use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress};

use super::head::Head;

/// RSV1, the mark of a compressed message (section 6).
pub(super) const RSV1: u8 = 0x40;
/// What a flush ends with, and what the wire leaves out (section 7.2.1).
const TAIL: [u8; 4] = [0, 0, 0xFF, 0xFF];
/// Room that is added to an output at a time.
const STEP: usize = 64 * 1024;

/// The parameters that are agreed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Params {
    pub(super) server_no_context: bool,
    pub(super) client_no_context: bool,
    pub(super) server_bits: Option<u8>,
    pub(super) client_bits: Option<u8>,
}

/// The parameters of the client's first offer of permessage-deflate: names and values. `None` if
/// it offers none.
pub(super) fn offer(head: &Head) -> Option<Vec<(String, Option<String>)>> {
    head.elements("sec-websocket-extensions").iter().find_map(|element| {
        let mut parts = element.split(';').map(str::trim);
        (parts.next() == Some("permessage-deflate")).then_some(())?;
        let pair = |part: &str| match part.split_once('=') {
            Some((name, value)) => (name.to_owned(), Some(value.trim_matches('"').to_owned())),
            None => (part.to_owned(), None),
        };
        Some(parts.map(pair).collect())
    })
}

impl Params {
    /// What the query wishes for and the offer allows.
    pub(super) fn choose(head: &Head, offer: &[(String, Option<String>)]) -> Params {
        let offered = |name: &str| offer.iter().find(|(key, _)| key == name);
        let number = |value: &Option<String>| value.as_ref().and_then(|v| v.parse::<u8>().ok());
        let wished = |name: &str| {
            head.param(name)
                .and_then(|text| text.parse::<u8>().ok())
                .filter(|b| (8..=15).contains(b))
        };
        let most = offered("server_max_window_bits").and_then(|(_, value)| number(value));
        let server_bits = match (wished("server_max_window_bits"), most) {
            (Some(wish), Some(most)) => Some(wish.min(most)),
            (wish, most) => wish.or(most),
        };
        Params {
            server_no_context: head.flag("server_no_context_takeover")
                || offered("server_no_context_takeover").is_some(),
            client_no_context: head.flag("client_no_context_takeover"),
            server_bits,
            client_bits: wished("client_max_window_bits")
                .filter(|_| offered("client_max_window_bits").is_some()),
        }
    }

    /// The value of Sec-WebSocket-Extensions that says so.
    pub(super) fn header(&self) -> String {
        let mut out = String::from("permessage-deflate");
        for (on, name) in [
            (self.server_no_context, "server_no_context_takeover"),
            (self.client_no_context, "client_no_context_takeover"),
        ] {
            if on {
                out.push_str("; ");
                out.push_str(name);
            }
        }
        for (bits, name) in [
            (self.server_bits, "server_max_window_bits"),
            (self.client_bits, "client_max_window_bits"),
        ] {
            if let Some(bits) = bits {
                out.push_str(&format!("; {name}={bits}"));
            }
        }
        out
    }
}

/// Both directions of one connection.
#[derive(Debug)]
pub(super) struct Deflate {
    compress: Option<Compress>,
    decompress: Decompress,
    params: Params,
}

impl Deflate {
    pub(super) fn new(params: Params) -> Deflate {
        let bits = params.server_bits.unwrap_or(15);
        Deflate {
            // The library has no window of 8 bits; messages then go as they are.
            compress: (bits > 8)
                .then(|| Compress::new_with_window_bits(Compression::default(), false, bits)),
            // A client that keeps to a smaller window can be read with just that.
            decompress: Decompress::new_with_window_bits(
                false,
                params.client_bits.unwrap_or(15).max(9),
            ),
            params,
        }
    }

    /// A message as it goes over the wire; `None` if it goes as it is.
    pub(super) fn pack(&mut self, message: &[u8]) -> Option<Vec<u8>> {
        let compress = self.compress.as_mut()?;
        let packed = flushed(compress, message)?;
        if self.params.server_no_context {
            compress.reset();
        }
        // A flush without anything before it adds nothing (section 7.2.3.6).
        Some(packed.strip_suffix(&TAIL[..]).map_or_else(|| vec![0], <[u8]>::to_vec))
    }

    /// What a message's payload unpacks to.
    ///
    /// # Errors
    /// The close code, and what is wrong.
    pub(super) fn unpack(
        &mut self,
        payload: &[u8],
        limit: u64,
    ) -> Result<Vec<u8>, (u16, &'static str)> {
        let mut out = Vec::new();
        for mut input in [payload, &TAIL] {
            loop {
                out.reserve(STEP);
                let before = self.decompress.total_in();
                self.decompress
                    .decompress_vec(input, &mut out, FlushDecompress::Sync)
                    .map_err(|_| (1007, "compressed data is corrupt"))?;
                if out.len() as u64 > limit {
                    return Err((1009, "message too big"));
                }
                let used = usize::try_from(self.decompress.total_in() - before).unwrap_or(0);
                input = &input[used..];
                if input.is_empty() && out.len() < out.capacity() {
                    break;
                }
                if used == 0 && out.len() < out.capacity() {
                    return Err((1007, "compressed data goes on behind its end"));
                }
            }
        }
        if self.params.client_no_context {
            self.decompress.reset(false);
        }
        Ok(out)
    }
}

/// Everything that is in the compressor after this input.
fn flushed(compress: &mut Compress, mut input: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    loop {
        out.reserve(STEP);
        let before = compress.total_in();
        compress.compress_vec(input, &mut out, FlushCompress::Sync).ok()?;
        input = &input[usize::try_from(compress.total_in() - before).ok()?..];
        if input.is_empty() && out.len() < out.capacity() {
            return Some(out);
        }
    }
}

/// A payload that unpacks to about so many zeros: one packed mebibyte again and again, which
/// refers to nothing before itself.
pub(super) fn bomb(size: u64) -> Vec<u8> {
    const MEBIBYTE: usize = 1024 * 1024;
    let mut compress = Compress::new(Compression::best(), false);
    let one = flushed(&mut compress, &vec![0; MEBIBYTE]).unwrap_or_default();
    let times = usize::try_from(size.div_ceil(MEBIBYTE as u64)).unwrap_or(1).min(64 * 1024);
    one.repeat(times)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::practice::head::parsed;

    #[test]
    fn wishes_are_kept_within_the_offer() {
        let head = |query: &str, offer: &str| {
            parsed(&format!(
                "GET /deflate?{query} HTTP/1.1\r\nSec-WebSocket-Extensions: {offer}\r\n\r\n"
            ))
        };
        let choose = |query: &str, offered: &str| {
            let head = head(query, offered);
            offer(&head).map(|offer| Params::choose(&head, &offer).header())
        };
        let all = "permessage-deflate; client_max_window_bits";
        for (query, offered, want) in [
            ("", all, Some("permessage-deflate")),
            ("client_max_window_bits=9", all, Some("permessage-deflate; client_max_window_bits=9")),
            ("client_max_window_bits=9", "permessage-deflate", Some("permessage-deflate")),
            (
                "server_max_window_bits=12&client_no_context_takeover=1",
                "foo, permessage-deflate; server_max_window_bits=10; server_no_context_takeover",
                Some(
                    "permessage-deflate; server_no_context_takeover; client_no_context_takeover; \
                     server_max_window_bits=10",
                ),
            ),
            ("server_max_window_bits=99", all, Some("permessage-deflate")),
            ("", "x-webkit-deflate-frame", None),
        ] {
            assert_eq!(choose(query, offered).as_deref(), want, "{query} {offered}");
        }
    }

    #[test]
    fn the_examples_of_the_rfc() {
        let params = Params {
            server_no_context: false,
            client_no_context: false,
            server_bits: None,
            client_bits: None,
        };
        let mut deflate = Deflate::new(params);
        assert_eq!(deflate.pack(b"Hello").unwrap(), b"\xf2\x48\xcd\xc9\xc9\x07\x00");
        assert_eq!(deflate.pack(b"Hello").unwrap(), b"\xf2\x00\x11\x00\x00");
        assert_eq!(deflate.unpack(b"\xf2\x48\xcd\xc9\xc9\x07\x00", 5).unwrap(), b"Hello");
        assert_eq!(deflate.unpack(b"\xf2\x00\x11\x00\x00", 5).unwrap(), b"Hello");
        assert_eq!(deflate.unpack(b"\xf2\x00\x11\x00\x00", 4), Err((1009, "message too big")));
        assert_eq!(deflate.unpack(b"\x06garbage", 99).unwrap_err().0, 1007);
    }

    #[test]
    fn a_bomb_is_small_and_unpacks_to_what_it_says() {
        let packed = bomb(3 << 20);
        assert!(packed.len() < 10_000);
        let params = Params {
            server_no_context: true,
            client_no_context: true,
            server_bits: None,
            client_bits: None,
        };
        assert_eq!(Deflate::new(params).unpack(&packed, u64::MAX).unwrap().len(), 3 << 20);
    }
}
