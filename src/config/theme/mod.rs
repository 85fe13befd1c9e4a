//! Colours by meaning: what a theme file says, in terms that know no terminal library.
//!
//! A new theme is one file in `assets/` and one line in [`ThemeName`] and [`embedded_text`].

mod colour;
mod read;
#[cfg(test)]
mod tests;

use std::path::Path;

pub use colour::{Ansi, Colour, ColourProblem};

use super::problem::Problem;
use super::settings::choices;

choices! {
    /// The embedded themes.
    pub enum ThemeName {
        /// For dark backgrounds.
        #[default]
        Dark = "dark",
        /// For light backgrounds.
        Light = "light",
        /// Without any colour: bold, underlined and reversed only.
        Mono = "mono",
    }
}

/// How something is drawn. What is not said is left as it is below.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Style {
    pub fg: Option<Colour>,
    pub bg: Option<Colour>,
    pub bold: bool,
    pub dim: bool,
    pub italic: bool,
    pub underline: bool,
    pub reverse: bool,
}

macro_rules! styles {
    ($($(#[doc = $doc:literal])* $name:ident,)*) => {
        /// A style for each meaning.
        #[derive(Clone, Debug, Default, PartialEq, Eq)]
        pub struct Theme {
            $($(#[doc = $doc])* pub $name: Style,)*
        }

        impl Theme {
            /// The names of the styles, as theme files have them.
            pub const NAMES: &'static [&'static str] = &[$(stringify!($name)),*];

            fn style_mut(&mut self, name: &str) -> Option<&mut Style> {
                match name {
                    $(stringify!($name) => Some(&mut self.$name),)*
                    _ => None,
                }
            }

            /// The style of this name.
            #[must_use]
            pub fn style(&self, name: &str) -> Option<Style> {
                match name {
                    $(stringify!($name) => Some(self.$name),)*
                    _ => None,
                }
            }
        }
    };
}

styles! {
    /// Ordinary text.
    text,
    /// What matters less: times, units, help.
    dim,
    /// What the eye should find: the tab in front, keys of hints.
    accent,
    /// Titles of panes and windows.
    title,
    border,
    /// The border of the pane that has the keys.
    border_focused,
    /// The selected row or text.
    selection,
    /// A hit of the search.
    hit,
    ok,
    warn,
    error,
    /// A message received.
    incoming,
    /// A message sent.
    outgoing,
    /// Pings, pongs, closes and separators.
    control,
    /// The name of a member in JSON.
    key,
    string,
    number,
    /// `true`, `false`, `null`.
    literal,
    punctuation,
    /// The name of an element in XML and HTML.
    tag,
    attribute,
    comment,
    /// What is there only now, in a comparison.
    added,
    /// What was there before, in a comparison.
    removed,
}

/// The text of an embedded theme.
#[must_use]
fn embedded_text(name: ThemeName) -> &'static str {
    match name {
        ThemeName::Dark => include_str!("../../../assets/theme-dark.toml"),
        ThemeName::Light => include_str!("../../../assets/theme-light.toml"),
        ThemeName::Mono => include_str!("../../../assets/theme-mono.toml"),
    }
}

impl Theme {
    /// A theme as it is delivered.
    #[must_use]
    pub fn embedded(name: ThemeName) -> Theme {
        let mut theme = Theme::default();
        read::lay(&mut theme, embedded_text(name), Path::new("theme.toml"));
        theme
    }

    /// A delivered theme with the user's styles on top.
    #[must_use]
    pub fn layered(name: ThemeName, user_text: Option<&str>, file: &Path) -> (Theme, Vec<Problem>) {
        let mut theme = Theme::embedded(name);
        let problems = user_text.map(|text| read::lay(&mut theme, text, file));
        (theme, problems.unwrap_or_default())
    }

    /// This theme with its colours taken away and its other attributes kept; what would then look
    /// like its surroundings (a selection that only has a background) is reversed.
    #[must_use]
    pub fn without_colours(&self) -> Theme {
        let mut theme = self.clone();
        for name in Theme::NAMES {
            if let Some(style) = theme.style_mut(name) {
                style.reverse |= style.bg.is_some();
                style.fg = None;
                style.bg = None;
            }
        }
        theme
    }
}
