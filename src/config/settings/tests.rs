//! Reading settings, and the table's completeness.

use std::path::Path;

use super::*;

fn read(text: &str) -> (Settings, Vec<String>) {
    let (settings, problems) = Settings::read(text, Path::new("config.toml"));
    (settings, problems.iter().map(ToString::to_string).collect())
}

#[test]
fn nothing_said_means_the_defaults() {
    let (settings, problems) = read("");
    assert_eq!(settings, Settings::default());
    assert!(problems.is_empty());
}

#[test]
fn the_listing_reads_back_as_the_same_settings() {
    let mut settings = Settings::default();
    settings.interface.theme = ThemeName::Light;
    settings.interface.mouse = false;
    settings.composer.indent = 8;
    settings.log.timestamps = Timestamps::Relative;
    settings.tools.editor = "vim \"-u NONE\"\n".to_owned();
    settings.request.subprotocols = vec!["a\"b".to_owned(), "c".to_owned()];
    settings.request.ip_family = IpFamily::V6;
    let text: String =
        settings.listing().map(|(path, value)| format!("{path} = {value}\n")).collect();
    let (again, problems) = read(&text);
    assert!(problems.is_empty(), "{problems:#?}\n{text}");
    assert_eq!(again, settings);
}

#[test]
fn every_setting_of_a_request_has_a_line_and_documentation() {
    let theirs = toml::Table::try_from(RequestSettings::default()).unwrap();
    let section = SECTIONS.iter().find(|s| s.name == "request").unwrap();
    let mut ours: Vec<&str> = section.fields.iter().map(|f| f.name).collect();
    let mut theirs: Vec<&str> = theirs.keys().map(String::as_str).collect();
    ours.sort_unstable();
    theirs.sort_unstable();
    assert_eq!(ours, theirs);
    for section in SECTIONS {
        assert!(!section.doc.is_empty());
        assert!(section.fields.iter().all(|f| !f.doc.is_empty()), "[{}]", section.name);
    }
}

#[test]
fn all_mistakes_are_told_and_the_rest_is_kept() {
    let text = r##"
indent = 4
colour = 1

[interface]
theme = "drak"
mouse = "yes"
mouze = true
memory_mib = 3

[composer]
indent = 99
wrap = false

[log]
memory_mib = -1
timestamps = utc
preview = 1.5

[request]
hearbeat_ms = 10
subprotocols = ["a", 3]
verify = false

[requests]
verify = true
"##;
    let (settings, problems) = read(text);
    let expected = [
        "2:1: unknown setting indent: did you mean indent of section [composer]?",
        "3:1: unknown setting colour: did you mean colours of section [interface]?",
        "6:9: interface.theme must be \"dark\", \"light\" or \"mono\", but found the text \"drak\": \
         the default \"dark\" is used",
        "7:9: interface.mouse must be true or false, but found the text \"yes\": the default true \
         is used",
        "8:1: unknown setting mouze: did you mean mouse?",
        "9:1: unknown setting memory_mib: did you mean memory_mib of section [log]?",
        "12:10: composer.indent must be a whole number from 1 to 16, but found the number 99: \
         the default 2 is used",
        "16:14: log.memory_mib must be a whole number from 1 to 65536, but found the number -1: \
         the default 64 is used",
        "17:14: not TOML: string values must be quoted, expected literal string: write text \
         between double quotes",
        "18:11: log.preview must be a whole number from 20 to 10000, but found the number 1.5: the \
         default 400 is used",
        "21:1: unknown setting hearbeat_ms: did you mean heartbeat_ms?",
        "22:16: request.subprotocols must be a list of texts, like [\"a\", \"b\"], but found the \
         number 3 in the list: the default [] is used",
        "25:2: unknown section [requests]: did you mean request?",
    ];
    let expected: Vec<String> = expected.iter().map(|p| format!("config.toml:{p}")).collect();
    assert_eq!(problems, expected, "{problems:#?}");
    assert!(!settings.composer.wrap && !settings.request.verify);
    assert_eq!(settings.composer.indent, 2);
}

#[test]
fn a_section_that_is_no_table_and_a_key_given_twice() {
    let (_, problems) = read("log = 3\n[composer]\nwrap = false\nwrap = true\n");
    assert_eq!(
        problems,
        [
            "config.toml:1:1: log is a section, but found the number 3: write [log] and its \
             settings below it",
            "config.toml:4:1: not TOML: duplicate key: keep one of the two",
        ]
    );
}

#[test]
fn colours_follow_the_surroundings_only_when_asked_to() {
    for (colours, plain, wanted) in [
        (Colours::Auto, false, true),
        (Colours::Auto, true, false),
        (Colours::Always, true, true),
        (Colours::Never, false, false),
    ] {
        assert_eq!(colours.wanted(plain), wanted);
    }
}

proptest::proptest! {
    #[test]
    fn any_text_gives_settings(text in "\\PC*|[a-z_=\\[\\]\"0-9. \n#{}]*") {
        let (_, problems) = Settings::read(&text, Path::new("config.toml"));
        for problem in problems {
            proptest::prop_assert!(problem.line >= 1 && problem.line <= text.matches('\n').count() + 1);
        }
    }
}
