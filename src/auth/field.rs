//! What a way of authenticating asks for.

use crate::core::request::AuthDraft;

/// One input of a way: enough to draw a form, to read a command line and to write documentation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// Name in files and in `--auth-param NAME=VALUE`.
    pub name: &'static str,
    /// Name on screen.
    pub label: &'static str,
    /// Whether its value is kept from screens, logs and records.
    pub secret: bool,
    /// Whether the way is incomplete without it.
    pub required: bool,
    /// The only values that can be given; empty if it is free text.
    pub choices: &'static [&'static str],
    /// Stands for an empty value.
    pub default: &'static str,
    /// Shown in an empty input.
    pub placeholder: &'static str,
    /// A sentence on what belongs here.
    pub help: &'static str,
    /// A list that may be given piece by piece on a command line; the pieces are joined by `, `.
    pub repeatable: bool,
    /// A list of names of the request's own headers.
    pub names_headers: bool,
}

impl Field {
    /// Free text that must be given.
    pub const fn text(name: &'static str, label: &'static str) -> Field {
        Field {
            name,
            label,
            secret: false,
            required: true,
            choices: &[],
            default: "",
            placeholder: "",
            help: "",
            repeatable: false,
            names_headers: false,
        }
    }

    /// As [`Field::text`], and kept from being seen.
    pub const fn secret(name: &'static str, label: &'static str) -> Field {
        Field { secret: true, ..Field::text(name, label) }
    }

    /// One of some values; `default` if nothing is chosen.
    pub const fn choice(
        name: &'static str,
        label: &'static str,
        choices: &'static [&'static str],
        default: &'static str,
    ) -> Field {
        Field { choices, default, ..Field::text(name, label).optional() }
    }

    /// The same field, which may be left empty.
    #[must_use]
    pub const fn optional(self) -> Field {
        Field { required: false, ..self }
    }
}

/// The values of one way's fields, with defaults filled in.
#[derive(Debug)]
pub struct Values<'a> {
    draft: &'a AuthDraft,
    fields: &'static [Field],
}

impl<'a> Values<'a> {
    pub(super) fn new(draft: &'a AuthDraft, fields: &'static [Field]) -> Values<'a> {
        Values { draft, fields }
    }

    /// The value as given, or the field's default if it is empty.
    #[must_use]
    pub fn get(&self, name: &str) -> &'a str {
        let value = self.draft.value(name);
        if !value.is_empty() {
            return value;
        }
        self.fields.iter().find(|field| field.name == name).map_or("", |field| field.default)
    }
}
