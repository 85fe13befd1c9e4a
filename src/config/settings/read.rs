//! `config.toml` into settings, with everything that is wrong in it.

use std::path::Path;

use toml::de::DeValue;

use super::{SECTIONS, Settings};
use crate::config::document::{Document, found, in_order};
use crate::config::problem::Problem;
use crate::config::suggest::{cure, nearest};

impl Settings {
    /// Settings as `text` has them, the defaults where it says nothing or something wrong. `file`
    /// is named in the problems.
    #[must_use]
    pub fn read(text: &str, file: &Path) -> (Settings, Vec<Problem>) {
        let mut settings = Settings::default();
        let (document, root) = Document::read(text, file);
        for (name, value) in in_order(&root) {
            let section = SECTIONS.iter().find(|s| s.name == name.get_ref());
            let (Some(section), DeValue::Table(table)) = (section, value.get_ref()) else {
                let (message, hint) = match section {
                    Some(section) => (
                        format!(
                            "{} is a section, but found {}",
                            section.name,
                            found(value.get_ref())
                        ),
                        format!("write [{}] and its settings below it", section.name),
                    ),
                    None => unknown(name.get_ref(), "", value.get_ref().is_table()),
                };
                document.report(&name.span(), name.get_ref().as_ref(), message, hint);
                continue;
            };
            for (name, value) in in_order(table) {
                let path = format!("{}.{}", section.name, name.get_ref());
                let Some(field) = section.fields.iter().find(|f| f.name == name.get_ref()) else {
                    let (message, hint) = unknown(name.get_ref(), section.name, false);
                    document.report(&name.span(), path, message, hint);
                    continue;
                };
                if document.is_broken(&value.span()) {
                    continue;
                }
                if let Err(found) = (field.read)(&mut settings, value.get_ref()) {
                    let message = format!("{path} must be {}, but found {found}", (field.takes)());
                    let hint =
                        format!("the default {} is used", (field.show)(&Settings::default()));
                    document.report(&value.span(), path, message, hint);
                }
            }
        }
        (settings, document.into_problems())
    }
}

/// What to say of a name that does not exist in `section` (empty for the top of the file).
fn unknown(name: &str, section: &str, is_table: bool) -> (String, String) {
    if is_table {
        let sections: Vec<&str> = SECTIONS.iter().map(|s| s.name).collect();
        return (format!("unknown section [{name}]"), cure(name, &sections));
    }
    let here = SECTIONS.iter().filter(|s| s.name == section).flat_map(|s| s.fields);
    let message = format!("unknown setting {name}");
    if let Some(near) = nearest(name, here.clone().map(|f| f.name)) {
        return (message, format!("did you mean {near}?"));
    }
    for other in SECTIONS {
        if let Some(near) = nearest(name, other.fields.iter().map(|f| f.name)) {
            return (message, format!("did you mean {near} of section [{}]?", other.name));
        }
    }
    let here: Vec<&str> = here.map(|f| f.name).collect();
    if here.is_empty() {
        let sections: Vec<&str> = SECTIONS.iter().map(|s| s.name).collect();
        return (message, format!("settings stand in one of the sections {}", sections.join(", ")));
    }
    (message, format!("[{section}] has {}", here.join(", ")))
}
