//! What a key, a click or a line of the palette can mean.
//!
//! The words that people see (descriptions, keys) are not here but in `assets/keymap.toml`, the
//! one table that feeds dispatch, hints, help and palette.

mod list;

pub use list::Action;

use serde::{Deserialize, Serialize};

/// Where a key is looked up. The focused place decides, inner places first, and [`Context::Global`]
/// last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Context {
    /// Everywhere.
    Global,
    /// Everywhere but where text is typed: letters are commands there.
    Command,
    /// Every field in which text is typed, the composer too.
    Field,
    /// A one-line field that is not the URL: a table cell, a search line.
    Line,
    Url,
    /// The bar with Message, Params, Headers …
    Bar,
    Composer,
    /// The tables of params and headers, while no cell is edited.
    Table,
    /// Auth and Settings, while no field is edited.
    Form,
    Handshake,
    Log,
    Detail,
    /// The list of saved messages.
    Saved,
    /// A window over the screen: a list, a question, help.
    Modal,
}

impl Context {
    pub const ALL: [Context; 14] = [
        Context::Global,
        Context::Command,
        Context::Field,
        Context::Line,
        Context::Url,
        Context::Bar,
        Context::Composer,
        Context::Table,
        Context::Form,
        Context::Handshake,
        Context::Log,
        Context::Detail,
        Context::Saved,
        Context::Modal,
    ];

    /// Heading in the help.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Context::Global => "Everywhere",
            Context::Command => "Outside text fields",
            Context::Field => "In every text field",
            Context::Line => "In a one-line field",
            Context::Url => "URL line",
            Context::Bar => "Request tabs",
            Context::Composer => "Message composer",
            Context::Table => "Params and headers",
            Context::Form => "Auth and settings",
            Context::Handshake => "Handshake",
            Context::Log => "Message log",
            Context::Detail => "Message detail",
            Context::Saved => "Saved messages",
            Context::Modal => "Windows and lists",
        }
    }
}
