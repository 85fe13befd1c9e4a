//! Settings, keys and colours: defaults, the user's file on top, every problem with its place.
//!
//! Three files may stand in the configuration folder, and each of them may be absent:
//! `config.toml` ([`Settings`]), `keymap.toml` ([`Keymap`]) and `theme.toml` ([`Theme`]). Reading
//! them never fails: what is wrong is reported as a [`Problem`] with file, line, column and cure,
//! and the default stands in its place, so that the program starts whatever a file holds.
//!
//! Files are read in [`load()`] and [`surroundings()`] only. Everything else here takes text and gives values.

mod document;
mod keymap;
mod load;
mod problem;
mod settings;
mod suggest;
mod surroundings;
mod theme;

pub use keymap::{Bind, Hint, Keymap, action_name};
pub use load::{Loaded, Places, load};
pub use problem::Problem;
pub use settings::{
    Clipboard, Colours, Column, Columns, Composer, Field, Interface, LogView, Probes, SECTIONS,
    SecretStore, Secrets, Section, Settings, Timestamps, Tools, example,
};
pub use surroundings::surroundings;
pub use theme::{Ansi, Colour, ColourProblem, Style, Theme, ThemeName};
