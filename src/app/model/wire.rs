//! What is typed to put something on the wire by hand: payloads, cuts, delays, frames.
//!
//! A payload is text as it stands, or bytes as `hex:00 ff`.

use std::borrow::Cow;
use std::time::Duration;

use bytes::Bytes;

use crate::core::event::{PongPolicy, Split};
use crate::core::frame::RawFrame;

use super::Connection;

/// How to write a frame, for the prompt and for mistakes.
pub const FRAME_FORM: &str = "fin=1 rsv=0 opcode=3 mask=0 hex:00ff";

/// What is unusual about an open connection because the user made it so, in words for its state.
#[must_use]
pub fn marks(conn: &Connection) -> Vec<Cow<'static, str>> {
    let mut out = Vec::new();
    match conn.pongs {
        PongPolicy::Answer => {}
        PongPolicy::Delay(delay) => {
            out.push(format!("PONGS AFTER {} ms", delay.as_millis()).into())
        }
        PongPolicy::Hold => out.push(format!("PONGS HELD {}", conn.pongs_held).into()),
    }
    if conn.half_closed {
        out.push("HALF-CLOSED".into());
    }
    out
}

/// Text as it stands, or bytes in hexadecimal digits behind `hex:`.
///
/// # Errors
/// What is wrong with the digits.
pub fn payload(typed: &str) -> Result<Bytes, String> {
    let Some(digits) = typed.strip_prefix("hex:") else {
        let text = typed.strip_prefix("text:").unwrap_or(typed);
        return Ok(Bytes::copy_from_slice(text.as_bytes()));
    };
    let digits: Vec<char> = digits.chars().filter(|c| !c.is_whitespace()).collect();
    let mut bytes = Vec::with_capacity(digits.len() / 2);
    for pair in digits.chunks(2) {
        let value = |c: char| c.to_digit(16).ok_or(format!("“{c}” is no hexadecimal digit"));
        let [high, low] = *pair else { return Err("the last byte has one digit of two".into()) };
        let byte = value(high)? * 16 + value(low)?;
        bytes.push(u8::try_from(byte).unwrap_or_default());
    }
    Ok(bytes.into())
}

/// As [`payload`], for a control frame.
///
/// # Errors
/// Also if it is longer than the 125 bytes of RFC 6455 section 5.5.
pub fn control_payload(typed: &str) -> Result<Bytes, String> {
    let bytes = payload(typed)?;
    if bytes.len() > 125 {
        return Err(format!("a control frame carries 125 bytes, not {}", bytes.len()));
    }
    Ok(bytes)
}

/// One size for all frames, or the sizes of the frames one after the other.
///
/// # Errors
/// What is no number, and a size of 0 for all.
pub fn split(typed: &str) -> Result<Split, String> {
    let sizes: Vec<usize> = typed
        .split([',', ' '])
        .filter(|word| !word.is_empty())
        .map(|word| word.parse().map_err(|_| format!("“{word}” is no number of bytes")))
        .collect::<Result<_, _>>()?;
    match *sizes {
        [] => Err("type a size such as 16, or several: 3, 0, 5".into()),
        [0] => Err("frames of 0 bytes never come to an end; 1 is the least".into()),
        [every] => Ok(Split::Every(every)),
        _ => Ok(Split::Sizes(sizes)),
    }
}

/// Milliseconds, or seconds behind a number: `250`, `250 ms`, `1.5 s`.
///
/// # Errors
/// If it is neither.
pub fn delay(typed: &str) -> Result<Duration, String> {
    let typed = typed.trim();
    let (number, unit) = match typed.strip_suffix("ms") {
        Some(number) => (number, 1.0),
        None => match typed.strip_suffix('s') {
            Some(number) => (number, 1000.0),
            None => (typed, 1.0),
        },
    };
    let ms: f64 =
        number.trim().parse().map_err(|_| format!("“{typed}” is no time: 250 or 1.5 s"))?;
    if !(0.0..=3_600_000.0).contains(&(ms * unit)) {
        return Err("a pong can wait an hour at most".into());
    }
    Ok(Duration::from_secs_f64(ms * unit / 1000.0))
}

/// A frame as [`FRAME_FORM`] writes it; what is left out is as in an ordinary text frame, and the
/// payload is the rest of the line behind `hex:` or `text:`.
///
/// # Errors
/// The word that is not understood.
pub fn frame(typed: &str) -> Result<RawFrame, String> {
    let mut frame = RawFrame { fin: true, rsv: 0, opcode: 1, masked: true, payload: Bytes::new() };
    let mut rest = typed.trim_start();
    while !rest.is_empty() {
        if rest.starts_with("hex:") || rest.starts_with("text:") {
            frame.payload = payload(rest)?;
            return Ok(frame);
        }
        let (word, behind) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
        rest = behind.trim_start();
        let number = |value: &str, most: u8| {
            let number = match value.strip_prefix("0x") {
                Some(hex) => u8::from_str_radix(hex, 16),
                None => value.parse(),
            };
            number
                .ok()
                .filter(|number| *number <= most)
                .ok_or(format!("“{word}”: a number from 0 to {most} is wanted"))
        };
        match word.split_once('=') {
            Some(("fin", value)) => frame.fin = number(value, 1)? == 1,
            Some(("rsv", value)) => frame.rsv = number(value, 7)?,
            Some(("opcode", value)) => frame.opcode = number(value, 15)?,
            Some(("mask", value)) => frame.masked = number(value, 1)? == 1,
            _ => {
                return Err(format!(
                    "“{word}” is none of fin=, rsv=, opcode=, mask=, hex: and text:"
                ));
            }
        }
    }
    Ok(frame)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_is_read_as_it_is_written() {
        assert_eq!(
            frame(FRAME_FORM),
            Ok(RawFrame {
                fin: true,
                rsv: 0,
                opcode: 3,
                masked: false,
                payload: Bytes::from_static(&[0, 0xff]),
            })
        );
        let plain = frame("text:  two  words").unwrap();
        assert_eq!(
            (plain.opcode, plain.masked, &plain.payload[..]),
            (1, true, &b"  two  words"[..])
        );
        assert_eq!(frame("opcode=0xB rsv=7 fin=0").unwrap().opcode, 11);
        for wrong in ["opcode=16", "rsv=8", "fin=2", "opcode", "payload", "hex:0", "hex:xx"] {
            assert!(frame(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn sizes_delays_and_payloads() {
        assert_eq!(split("16"), Ok(Split::Every(16)));
        assert_eq!(split("3, 0,5"), Ok(Split::Sizes(vec![3, 0, 5])));
        assert!(split("0").is_err() && split("").is_err() && split("a").is_err());
        assert_eq!(delay("250"), Ok(Duration::from_millis(250)));
        assert_eq!(delay("1.5 s"), Ok(Duration::from_millis(1500)));
        assert!(delay("soon").is_err() && delay("-1").is_err() && delay("inf").is_err());
        assert_eq!(control_payload("hex: 00 FF"), Ok(Bytes::from_static(&[0, 0xff])));
        assert!(control_payload(&"x".repeat(126)).is_err());
    }
}
