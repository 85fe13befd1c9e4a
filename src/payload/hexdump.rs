//! Bytes as a dump: offset, sixteen bytes in two groups, and their ASCII. A line at a time, so that
//! a viewer of a large message makes only the lines it shows.

use std::fmt::Write as _;

use super::binary::parse_hex;
use super::problem::Problem;

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

/// Digits from which on a word at the beginning of a line may be an offset.
const OFFSET_DIGITS: usize = 8;

/// The bytes of a dump, also of one that was edited: offsets and the column of ASCII are passed
/// over, so that bytes can be typed over, put in and taken out without keeping either right. What
/// `hexdump -C` writes is understood too.
///
/// # Errors
/// Points at the first word that is no byte, with line and column.
pub fn parse(text: &str) -> Result<Vec<u8>, Problem> {
    let mut out = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let bytes = line.split(['|', '\n']).next().unwrap_or_default();
        let after_offset = offset_len(bytes, out.len());
        let bytes = &bytes[after_offset..];
        if bytes.trim() == "*" {
            let at = start + after_offset + bytes.find('*').unwrap_or(0);
            return Err(Problem::at(text, at, "* stands for lines that are left out"));
        }
        match parse_hex(bytes) {
            Ok(bytes) => out.extend(bytes),
            Err(problem) => {
                let at = start + after_offset + problem.byte;
                return Err(Problem::at(text, at, problem.message));
            }
        }
        start += line.len();
    }
    Ok(out)
}

/// Bytes of the offset that a line begins with: digits before a colon or two blanks, or those that
/// say how many bytes came before, which is how a dump ends.
fn offset_len(line: &str, before: usize) -> usize {
    let digits = line.bytes().take_while(u8::is_ascii_hexdigit).count();
    if digits < OFFSET_DIGITS {
        return 0;
    }
    let rest = &line[digits..];
    if rest.starts_with(':') {
        return digits + 1;
    }
    let counts = || usize::from_str_radix(&line[..digits], 16) == Ok(before);
    if rest.starts_with("  ") || (rest.trim().is_empty() && counts()) { digits } else { 0 }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_edited_dump_is_read() {
        let all = [1, 2, 0xab];
        for text in [
            "00000000  01 02  ab |xyz|",
            "01 02\r\nab",
            "00000000: 0102 ab",
            "00000000  01 02\n00000007  ab  |.|\n00000003\n",
            "00000000  01 |a|\n\n00000010  02 AB |no|ascii|",
            "0102ab",
        ] {
            assert_eq!(parse(text).unwrap(), all, "{text:?}");
        }
        assert_eq!(parse("deadbeef").unwrap(), [0xde, 0xad, 0xbe, 0xef]);
        assert_eq!(parse("").unwrap(), b"");
    }

    #[test]
    fn a_fault_of_a_dump_has_its_line_and_column() {
        for (text, line, column) in [
            ("00000000  01 0g\n", 1, 15),
            ("00000000  01 |é|\n00000001  2", 2, 11),
            ("00000000  01 |.|\n*\n00000020  02 |.|", 2, 1),
        ] {
            let problem = parse(text).unwrap_err();
            assert_eq!((problem.line, problem.column), (line, column), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn a_dump_is_read_back(bytes in prop::collection::vec(any::<u8>(), 0..100)) {
            prop_assert_eq!(parse(&hexdump(&bytes, 0, usize::MAX).join("\n")).unwrap(), bytes);
        }

        #[test]
        fn no_dump_panics(text in "[0-9a-f |:*é\\n]{0,60}") {
            let _ = parse(&text);
        }
    }

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
