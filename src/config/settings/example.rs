//! `config.example.toml`, made from the table of settings.

use super::{SECTIONS, Settings};

const HEAD: &str = "\
# Settings of wsdeck.
#
# Copy this file as config.toml into wsdeck's configuration folder (the one that WSDECK_CONFIG_DIR
# names, else ~/.config/wsdeck on Linux and ~/Library/Application Support/wsdeck on macOS), or name
# it with --config. Then take the # from the lines that you want to change: each shows its default.
#
# This file is made from the documentation of the settings in src/config/settings: change it there.
";

/// The text of the example file: every setting with its documentation, commented out.
#[must_use]
pub fn example() -> String {
    let defaults = Settings::default();
    let mut text = HEAD.to_owned();
    for section in SECTIONS {
        text.push('\n');
        comment(&mut text, section.doc);
        text += &format!("[{}]\n", section.name);
        for field in section.fields {
            text.push('\n');
            comment(&mut text, field.doc);
            text += &format!("# Takes {}.\n", (field.takes)());
            text += &format!("#{} = {}\n", field.name, (field.show)(&defaults));
        }
    }
    text
}

fn comment(text: &mut String, doc: &[&str]) {
    for line in doc {
        *text += &format!("# {}\n", line.trim());
    }
}
