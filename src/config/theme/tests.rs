//! The delivered themes are whole, and a user's file changes what it names.

use std::path::Path;

use super::*;
use crate::config::settings::Choice;

fn all() -> impl Iterator<Item = (&'static str, ThemeName)> {
    ThemeName::CHOICES.iter().copied()
}

#[test]
fn delivered_themes_have_every_style_and_no_mistake() {
    for (name, theme) in all() {
        let text = embedded_text(theme);
        let problems = read::lay(&mut Theme::default(), text, Path::new(name));
        assert!(problems.is_empty(), "{problems:#?}");
        let table: toml::Table = text.parse().unwrap();
        for style in Theme::NAMES {
            assert!(table.contains_key(*style), "{name} has no {style}");
        }
    }
}

#[test]
fn delivered_themes_use_the_terminals_own_colours() {
    for (name, theme) in all() {
        let theme = Theme::embedded(theme);
        for style in Theme::NAMES {
            let Style { fg, bg, .. } = theme.style(style).unwrap();
            for colour in [fg, bg].into_iter().flatten() {
                assert!(matches!(colour, Colour::Ansi(_) | Colour::Default), "{name}.{style}");
                assert!(name != "mono", "mono.{style} has a colour");
            }
        }
    }
}

#[test]
fn what_must_be_told_apart_differs() {
    for (name, theme) in all() {
        let theme = Theme::embedded(theme);
        assert_ne!(theme.border, theme.border_focused, "{name}");
        assert_ne!(theme.text, theme.selection, "{name}");
        assert_ne!(theme.selection, theme.hit, "{name}");
        assert_ne!(theme.ok, theme.error, "{name}");
        assert_ne!(theme.added, theme.removed, "{name}");
    }
}

#[test]
fn a_file_of_the_user_changes_what_it_names() {
    let text = "ok = \"#00ff00\"\nerror = { fg = 196, bold = true }\n";
    let (theme, problems) = Theme::layered(ThemeName::Dark, Some(text), Path::new("theme.toml"));
    assert!(problems.is_empty(), "{problems:?}");
    assert_eq!(theme.ok.fg, Some(Colour::Rgb(0, 255, 0)));
    assert_eq!((theme.error.fg, theme.error.bold), (Some(Colour::Index(196)), true));
    assert_eq!(theme.warn, Theme::embedded(ThemeName::Dark).warn);
}

#[test]
fn mistakes_are_told_and_the_style_stays() {
    let text = "okay = \"red\"\nerror = \"gren\"\nwarn = { fg = \"red\", bolt = true, dim = 1 }\n\
                text = true\ntitle = {}\n";
    let (theme, problems) = Theme::layered(ThemeName::Dark, Some(text), Path::new("theme.toml"));
    let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
    for expected in [
        "1:1: unknown style okay: there is text, ",
        "2:9: \"gren\" is not a colour: did you mean green?",
        "3:22: a style has no bolt: did you mean bold?",
        "3:41: warn.dim must be true or false, but found the number 1",
        "4:8: text must be a colour, but found true: write a name",
    ] {
        let expected = format!("theme.toml:{expected}");
        assert!(problems.iter().any(|p| p.starts_with(&expected)), "{expected}\n{problems:#?}");
    }
    assert_eq!(problems.len(), 5);
    let dark = Theme::embedded(ThemeName::Dark);
    assert_eq!((theme.error, theme.warn), (dark.error, dark.warn));
    assert_eq!(theme.title, Style::default());
}

#[test]
fn without_colours_a_background_becomes_reversed() {
    let text = "selection = { bg = \"blue\" }\nok = { fg = \"green\", bold = true }\n";
    let (theme, _) = Theme::layered(ThemeName::Dark, Some(text), Path::new("theme.toml"));
    let theme = theme.without_colours();
    assert_eq!(theme.selection, Style { reverse: true, ..Style::default() });
    assert_eq!(theme.ok, Style { bold: true, ..Style::default() });
}
