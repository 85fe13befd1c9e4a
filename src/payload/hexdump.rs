//! Bytes as a dump: offset, sixteen bytes in two groups, and their ASCII. A line at a time, so that
//! a viewer of a large message makes only the lines it shows.

use std::fmt::Write as _;

/// Bytes in one line.
pub const WIDTH: usize = 16;

/// Lines that a dump of `len` bytes has; none for no bytes.
pub fn hexdump_line_count(len: usize) -> usize {
    len.div_ceil(WIDTH)
}

/// Line `index` (from 0) of the dump of `bytes`, 78 ASCII characters at most below 4 GiB:
/// `00000010  49 48 44 52 00 00 00 10  00 00 00 10 08 06 00 00  |IHDR............|`.
/// Empty past the end.
pub fn hexdump_line(bytes: &[u8], index: usize) -> String {
    let Some(start) = index.checked_mul(WIDTH).filter(|start| *start < bytes.len()) else {
        return String::new();
    };
    let row = &bytes[start..bytes.len().min(start + WIDTH)];
    let mut out = String::with_capacity(80);
    // Writing into a String cannot fail.
    let _ = write!(out, "{start:08x} ");
    for i in 0..WIDTH {
        if i % 8 == 0 {
            out.push(' ');
        }
        match row.get(i) {
            Some(byte) => {
                let _ = write!(out, "{byte:02x} ");
            }
            None => out.push_str("   "),
        }
    }
    out.push_str(" |");
    out.extend(row.iter().map(|byte| match byte {
        0x20..=0x7E => char::from(*byte),
        _ => '.',
    }));
    out.push('|');
    out
}

/// At most `count` lines from line `first` on.
pub fn hexdump(bytes: &[u8], first: usize, count: usize) -> Vec<String> {
    let end = hexdump_line_count(bytes.len()).min(first.saturating_add(count));
    (first..end).map(|index| hexdump_line(bytes, index)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_shows_offset_bytes_and_ascii() {
        let bytes: Vec<u8> = (0x38..0x38 + 20).collect();
        assert_eq!(
            hexdump_line(&bytes, 0),
            "00000000  38 39 3a 3b 3c 3d 3e 3f  40 41 42 43 44 45 46 47  |89:;<=>?@ABCDEFG|"
        );
        assert_eq!(
            hexdump_line(&bytes, 1),
            "00000010  48 49 4a 4b                                       |HIJK|"
        );
        assert_eq!(hexdump_line(b"\x00\x1b\x7f\xff", 0).split('|').nth(1), Some("...."));
    }

    #[test]
    fn a_window_is_cut_to_the_bytes() {
        let bytes = [0u8; 40];
        assert_eq!(hexdump_line_count(40), 3);
        assert_eq!(hexdump(&bytes, 1, 10).len(), 2);
        assert!(hexdump(&bytes, 9, 10).is_empty());
        assert_eq!(hexdump_line(&bytes, usize::MAX), "");
        assert_eq!(hexdump_line_count(0), 0);
    }
}
