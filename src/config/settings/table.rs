//! The table of all settings, and the macro that makes structs and table from one text.

use toml::de::DeValue;

use super::Settings;

/// A group of settings, a table of `config.toml`.
#[derive(Debug)]
pub struct Section {
    pub name: &'static str,
    /// Lines of documentation; each may start with a blank.
    pub doc: &'static [&'static str],
    pub fields: &'static [Field],
}

impl Section {
    /// The setting's name with its section: `log.memory_mib`.
    #[must_use]
    pub fn path(&self, field: &Field) -> String {
        format!("{}.{}", self.name, field.name)
    }
}

/// One setting.
#[derive(Debug)]
pub struct Field {
    pub name: &'static str,
    /// Lines of documentation; each may start with a blank.
    pub doc: &'static [&'static str],
    /// What may be written: `a whole number from 1 to 16`, `"auto", "always" or "never"`.
    pub takes: fn() -> String,
    /// Reads a value into the settings; the error says what was found instead.
    pub(crate) read: fn(&mut Settings, &DeValue<'_>) -> Result<(), String>,
    /// The value as it is written in the file.
    pub show: fn(&Settings) -> String,
}

/// Makes `Settings`, a struct for each section under `own`, and `SECTIONS`. Sections under
/// `theirs` use a struct from elsewhere, whose fields are listed so that they can be documented.
macro_rules! settings {
    (
        own {$(
            $(#[doc = $doc:literal])*
            $section:ident: $Section:ident {$(
                $(#[doc = $field_doc:literal])*
                $field:ident: $ty:ty = $default:expr $(, from $min:literal to $max:literal)?;
            )*}
        )*}
        theirs {$(
            $(#[doc = $their_doc:literal])*
            $their_section:ident: $Their:ident {$(
                $(#[doc = $their_field_doc:literal])*
                $their_field:ident: $their_ty:ty $(, from $their_min:literal to $their_max:literal)?;
            )*}
        )*}
    ) => {
        /// Everything that can be set in `config.toml`.
        #[derive(Clone, Debug, Default, PartialEq, Eq)]
        pub struct Settings {
            $($(#[doc = $doc])* pub $section: $Section,)*
            $($(#[doc = $their_doc])* pub $their_section: $Their,)*
        }

        $(
            $(#[doc = $doc])*
            #[derive(Clone, Debug, PartialEq, Eq)]
            pub struct $Section {
                $($(#[doc = $field_doc])* pub $field: $ty,)*
            }

            impl Default for $Section {
                fn default() -> Self {
                    $Section { $($field: $default,)* }
                }
            }
        )*

        /// All settings, in the order of the example file.
        pub static SECTIONS: &[Section] = &[
            $(Section {
                name: stringify!($section),
                doc: &[$($doc),*],
                fields: &[$(field!(
                    $section, $field, $ty, [$($field_doc),*] $(, $min, $max)?
                ),)*],
            },)*
            $(Section {
                name: stringify!($their_section),
                doc: &[$($their_doc),*],
                fields: &[$(field!(
                    $their_section, $their_field, $their_ty, [$($their_field_doc),*]
                    $(, $their_min, $their_max)?
                ),)*],
            },)*
        ];
    };
}

/// The row of one setting.
macro_rules! field {
    ($section:ident, $field:ident, $ty:ty, [$($doc:literal),*] $(, $min:literal, $max:literal)?) => {
        Field {
            name: stringify!($field),
            doc: &[$($doc),*],
            takes: || {
                let limits = concat!($(" from ", $min, " to ", $max)?);
                <$ty as value::Value>::takes() + limits
            },
            read: |settings, found| {
                let read = <$ty as value::Value>::read(found)?;
                $(if !($min..=$max).contains(&read) {
                    return Err($crate::config::document::found(found));
                })?
                settings.$section.$field = read;
                Ok(())
            },
            show: |settings| value::Value::show(&settings.$section.$field),
        }
    };
}
