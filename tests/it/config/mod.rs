//! The example file at the top of the repository is made from the settings' documentation.

use std::path::{Path, PathBuf};

use wsdeck::config::{SECTIONS, Settings, example};

fn example_file() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("config.example.toml")
}

#[test]
fn the_example_file_is_what_the_settings_say() {
    let file = example_file();
    if std::env::var_os("UPDATE_EXAMPLE").is_some_and(|value| value == "1") {
        std::fs::write(&file, example()).expect("the repository can be written to");
    }
    let stands = std::fs::read_to_string(&file).unwrap_or_default();
    // A checkout on Windows may have changed the line ends.
    let stands = stands.replace("\r\n", "\n");
    assert!(
        stands == example(),
        "config.example.toml is not what the documentation in src/config/settings says.\n\
         Write it anew with: UPDATE_EXAMPLE=1 cargo test --test it config::"
    );
}

#[test]
fn every_line_of_the_example_can_be_used_and_shows_the_default() {
    let mut taken = 0;
    let mut text = String::new();
    for line in example().lines() {
        let setting =
            line.strip_prefix('#').filter(|rest| !rest.is_empty() && !rest.starts_with(' '));
        taken += usize::from(setting.is_some());
        text += setting.unwrap_or(line);
        text.push('\n');
    }
    let settings: usize = SECTIONS.iter().map(|section| section.fields.len()).sum();
    assert_eq!(taken, settings, "each setting has its line");
    let (read, problems) = Settings::read(&text, Path::new("config.toml"));
    assert!(problems.is_empty(), "{problems:#?}");
    assert_eq!(read, Settings::default());
    // With the lines commented out it says nothing.
    let (read, problems) = Settings::read(&example(), Path::new("config.toml"));
    assert_eq!((read, problems.len()), (Settings::default(), 0));
}

#[test]
fn a_changed_default_in_the_example_would_be_noticed() {
    let text = example().replace("#indent = 2", "indent = 3");
    let (read, problems) = Settings::read(&text, Path::new("config.toml"));
    assert!(problems.is_empty(), "{problems:#?}");
    assert_ne!(read, Settings::default());
}
