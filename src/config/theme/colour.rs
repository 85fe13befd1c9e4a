//! A colour as theme files write it.

use std::fmt;
use std::str::FromStr;

/// The 16 colours that every terminal has and whose shades its user chose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ansi {
    Black,
    Red,
    Green,
    Yellow,
    Blue,
    Magenta,
    Cyan,
    White,
    BrightBlack,
    BrightRed,
    BrightGreen,
    BrightYellow,
    BrightBlue,
    BrightMagenta,
    BrightCyan,
    BrightWhite,
}

const NAMES: [(&str, Ansi); 16] = [
    ("black", Ansi::Black),
    ("red", Ansi::Red),
    ("green", Ansi::Green),
    ("yellow", Ansi::Yellow),
    ("blue", Ansi::Blue),
    ("magenta", Ansi::Magenta),
    ("cyan", Ansi::Cyan),
    ("white", Ansi::White),
    ("bright-black", Ansi::BrightBlack),
    ("bright-red", Ansi::BrightRed),
    ("bright-green", Ansi::BrightGreen),
    ("bright-yellow", Ansi::BrightYellow),
    ("bright-blue", Ansi::BrightBlue),
    ("bright-magenta", Ansi::BrightMagenta),
    ("bright-cyan", Ansi::BrightCyan),
    ("bright-white", Ansi::BrightWhite),
];

/// A colour of a terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colour {
    /// The terminal's own colour of text or background.
    Default,
    Ansi(Ansi),
    /// One of the 256 of the indexed palette.
    Index(u8),
    Rgb(u8, u8, u8),
}

impl fmt::Display for Colour {
    /// As the theme file writes it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Colour::Default => f.write_str("default"),
            Colour::Ansi(ansi) => {
                f.write_str(NAMES.iter().find(|(_, a)| a == ansi).map_or("", |(name, _)| name))
            }
            Colour::Index(index) => write!(f, "{index}"),
            Colour::Rgb(r, g, b) => write!(f, "#{r:02x}{g:02x}{b:02x}"),
        }
    }
}

/// What is wrong with the name of a colour.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not a colour")]
pub struct ColourProblem {
    pub text: String,
    /// The name that was probably meant.
    pub near: Option<&'static str>,
}

impl FromStr for Colour {
    type Err = ColourProblem;

    fn from_str(text: &str) -> Result<Colour, ColourProblem> {
        let name = text.to_ascii_lowercase().replace(['_', ' '], "-");
        if name == "default" {
            return Ok(Colour::Default);
        }
        if let Some((_, ansi)) = NAMES.iter().find(|(known, _)| *known == name) {
            return Ok(Colour::Ansi(*ansi));
        }
        if let Ok(index) = name.parse() {
            return Ok(Colour::Index(index));
        }
        let hex = name.strip_prefix('#').filter(|h| h.bytes().all(|b| b.is_ascii_hexdigit()));
        if let Some(hex) = hex
            && let Ok(rgb) = u32::from_str_radix(hex, 16)
        {
            let [_, r, g, b] = rgb.to_be_bytes();
            let [short_r, short_g, short_b] =
                [rgb >> 8 & 0xf, rgb >> 4 & 0xf, rgb & 0xf].map(|digit| (digit * 17) as u8);
            match hex.len() {
                6 => return Ok(Colour::Rgb(r, g, b)),
                3 => return Ok(Colour::Rgb(short_r, short_g, short_b)),
                _ => {}
            }
        }
        let known = NAMES.iter().map(|(name, _)| *name);
        let near = crate::config::suggest::nearest(&name, known);
        Err(ColourProblem { text: text.to_owned(), near })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_forms_are_read_and_written() {
        for (text, colour, written) in [
            ("red", Colour::Ansi(Ansi::Red), "red"),
            ("Bright_Black", Colour::Ansi(Ansi::BrightBlack), "bright-black"),
            ("default", Colour::Default, "default"),
            ("208", Colour::Index(208), "208"),
            ("#0a0B0c", Colour::Rgb(10, 11, 12), "#0a0b0c"),
            ("#f80", Colour::Rgb(255, 136, 0), "#ff8800"),
        ] {
            assert_eq!(text.parse(), Ok(colour));
            assert_eq!(colour.to_string(), written);
        }
    }

    #[test]
    fn what_is_no_colour_is_refused() {
        for text in ["", "#", "#12", "#1234", "#+12345", "256", "-1", "crimson", "#gggggg"] {
            assert!(text.parse::<Colour>().is_err(), "{text}");
        }
        assert_eq!("gren".parse::<Colour>().unwrap_err().near, Some("green"));
    }
}
