//! How the types of settings are written in a file.

use toml::de::DeValue;

use crate::config::document::found;
use crate::core::request::{IpFamily, TlsVersions};

/// A type that a setting can have.
pub(crate) trait Value: Sized {
    /// What may be written, for "must be …".
    fn takes() -> String;
    /// The value; the error says what was found instead.
    fn read(value: &DeValue<'_>) -> Result<Self, String>;
    /// The value as the file writes it.
    fn show(&self) -> String;
}

impl Value for bool {
    fn takes() -> String {
        "true or false".to_owned()
    }

    fn read(value: &DeValue<'_>) -> Result<bool, String> {
        value.as_bool().ok_or_else(|| found(value))
    }

    fn show(&self) -> String {
        self.to_string()
    }
}

macro_rules! numbers {
    ($($ty:ty),*) => {$(
        impl Value for $ty {
            fn takes() -> String {
                "a whole number".to_owned()
            }

            fn read(value: &DeValue<'_>) -> Result<$ty, String> {
                value
                    .as_integer()
                    .and_then(|n| <$ty>::from_str_radix(n.as_str(), n.radix()).ok())
                    .ok_or_else(|| found(value))
            }

            fn show(&self) -> String {
                self.to_string()
            }
        }
    )*};
}

numbers!(u8, u32, u64);

impl Value for String {
    fn takes() -> String {
        "text between double quotes".to_owned()
    }

    fn read(value: &DeValue<'_>) -> Result<String, String> {
        value.as_str().map(str::to_owned).ok_or_else(|| found(value))
    }

    fn show(&self) -> String {
        toml::Value::String(self.clone()).to_string()
    }
}

impl Value for Vec<String> {
    fn takes() -> String {
        "a list of texts, like [\"a\", \"b\"]".to_owned()
    }

    fn read(value: &DeValue<'_>) -> Result<Vec<String>, String> {
        let list = value.as_array().ok_or_else(|| found(value))?;
        let texts = list.iter().map(|item| match item.get_ref() {
            DeValue::String(text) => Ok(text.to_string()),
            other => Err(format!("{} in the list", found(other))),
        });
        texts.collect()
    }

    fn show(&self) -> String {
        toml::Value::from(self.clone()).to_string()
    }
}

/// A type with a few named values.
pub(crate) trait Choice: Copy + PartialEq + 'static {
    const CHOICES: &'static [(&'static str, Self)];
}

impl<T: Choice> Value for T {
    fn takes() -> String {
        let names: Vec<String> = T::CHOICES.iter().map(|(name, _)| format!("{name:?}")).collect();
        match names.split_last() {
            Some((last, [])) => last.clone(),
            Some((last, others)) => format!("{} or {last}", others.join(", ")),
            None => String::new(),
        }
    }

    fn read(value: &DeValue<'_>) -> Result<T, String> {
        let choice = T::CHOICES.iter().find(|(name, _)| value.as_str() == Some(name));
        choice.map(|(_, choice)| *choice).ok_or_else(|| found(value))
    }

    fn show(&self) -> String {
        let choice = T::CHOICES.iter().find(|(_, choice)| choice == self);
        choice.map_or_else(String::new, |(name, _)| format!("{name:?}"))
    }
}

impl Choice for TlsVersions {
    const CHOICES: &'static [(&'static str, TlsVersions)] =
        &[("any", TlsVersions::Any), ("1.2", TlsVersions::Only12), ("1.3", TlsVersions::Only13)];
}

impl Choice for IpFamily {
    const CHOICES: &'static [(&'static str, IpFamily)] =
        &[("any", IpFamily::Any), ("v4", IpFamily::V4), ("v6", IpFamily::V6)];
}

/// An enum whose values have names in the file.
macro_rules! choices {
    (
        $(#[doc = $doc:literal])*
        pub enum $Name:ident { $($(#[$attr:meta])* $Variant:ident = $name:literal,)* }
    ) => {
        $(#[doc = $doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub enum $Name { $($(#[$attr])* $Variant,)* }

        impl $crate::config::settings::Choice for $Name {
            const CHOICES: &'static [(&'static str, $Name)] = &[$(($name, $Name::$Variant)),*];
        }
    };
}
pub(crate) use choices;
