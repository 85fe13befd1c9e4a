//! A theme in ratatui's terms.

use ratatui::style::{Color, Modifier, Style};

use crate::config::{Ansi, Colour, Theme};
use crate::payload::Class;

macro_rules! styles {
    ($($name:ident,)*) => {
        /// The styles of a [`Theme`], by the same names, ready to be drawn with.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub struct Styles {
            $(pub $name: Style,)*
        }

        impl From<&Theme> for Styles {
            fn from(theme: &Theme) -> Styles {
                Styles { $($name: style(theme.$name),)* }
            }
        }
    };
}

styles! {
    text, dim, accent, title, border, border_focused, selection, hit, ok, warn, error,
    incoming, outgoing, control, key, string, number, literal, punctuation, tag, attribute,
    comment, added, removed,
}

impl Styles {
    /// The style of a stretch that a lexer found.
    #[must_use]
    pub fn class(&self, class: Class) -> Style {
        match class {
            Class::Key => self.key,
            Class::String | Class::AttributeValue => self.string,
            Class::Number => self.number,
            Class::Literal | Class::Entity => self.literal,
            Class::Punctuation => self.punctuation,
            Class::Tag => self.tag,
            Class::Attribute => self.attribute,
            Class::Comment => self.comment,
            Class::Error => self.error,
            Class::Text => self.text,
        }
    }

    /// The border of a pane, with the keys or without.
    #[must_use]
    pub fn border_of(&self, focused: bool) -> Style {
        if focused { self.border_focused } else { self.border }
    }

    /// The title of a pane, with the keys or without.
    #[must_use]
    pub fn title_of(&self, focused: bool) -> Style {
        if focused { self.accent } else { self.title }
    }
}

fn style(style: crate::config::Style) -> Style {
    let mut out = Style::new();
    if let Some(fg) = style.fg {
        out = out.fg(colour(fg));
    }
    if let Some(bg) = style.bg {
        out = out.bg(colour(bg));
    }
    for (on, modifier) in [
        (style.bold, Modifier::BOLD),
        (style.dim, Modifier::DIM),
        (style.italic, Modifier::ITALIC),
        (style.underline, Modifier::UNDERLINED),
        (style.reverse, Modifier::REVERSED),
    ] {
        if on {
            out = out.add_modifier(modifier);
        }
    }
    out
}

fn colour(colour: Colour) -> Color {
    match colour {
        Colour::Default => Color::Reset,
        Colour::Index(index) => Color::Indexed(index),
        Colour::Rgb(r, g, b) => Color::Rgb(r, g, b),
        Colour::Ansi(ansi) => match ansi {
            Ansi::Black => Color::Black,
            Ansi::Red => Color::Red,
            Ansi::Green => Color::Green,
            Ansi::Yellow => Color::Yellow,
            Ansi::Blue => Color::Blue,
            Ansi::Magenta => Color::Magenta,
            Ansi::Cyan => Color::Cyan,
            // ratatui's names are one shade off from what users of terminals call them.
            Ansi::White => Color::Gray,
            Ansi::BrightBlack => Color::DarkGray,
            Ansi::BrightRed => Color::LightRed,
            Ansi::BrightGreen => Color::LightGreen,
            Ansi::BrightYellow => Color::LightYellow,
            Ansi::BrightBlue => Color::LightBlue,
            Ansi::BrightMagenta => Color::LightMagenta,
            Ansi::BrightCyan => Color::LightCyan,
            Ansi::BrightWhite => Color::White,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::ThemeName;

    #[test]
    fn the_plain_theme_has_no_colour_and_still_tells_things_apart() {
        let styles = Styles::from(&Theme::embedded(ThemeName::Mono));
        for style in [styles.error, styles.selection, styles.accent, styles.hit] {
            assert_eq!((style.fg, style.bg), (None, None));
            assert!(!style.add_modifier.is_empty());
        }
    }
}
