//! A theme file laid over a theme.

use std::ops::Range;
use std::path::Path;

use toml::de::DeValue;

use super::colour::Colour;
use super::{Style, Theme};
use crate::config::document::{Document, found, in_order};
use crate::config::problem::Problem;
use crate::config::suggest::cure;

const PARTS: [&str; 7] = ["fg", "bg", "bold", "dim", "italic", "underline", "reverse"];

/// Takes over each style that `text` has. A style is replaced as a whole; one with a mistake in it
/// stays as it was.
pub(super) fn lay(theme: &mut Theme, text: &str, file: &Path) -> Vec<Problem> {
    let (document, root) = Document::read(text, file);
    for (name, value) in in_order(&root) {
        let Some(place) = theme.style_mut(name.get_ref()) else {
            document.report(
                &name.span(),
                name.get_ref().as_ref(),
                format!("unknown style {}", name.get_ref()),
                cure(name.get_ref(), Theme::NAMES),
            );
            continue;
        };
        if document.is_broken(&value.span()) {
            continue;
        }
        if let Some(style) = style(&document, name.get_ref(), value.get_ref(), &value.span()) {
            *place = style;
        }
    }
    document.into_problems()
}

fn style(
    document: &Document<'_>,
    name: &str,
    value: &DeValue<'_>,
    span: &Range<usize>,
) -> Option<Style> {
    let DeValue::Table(table) = value else {
        return Some(Style { fg: Some(colour(document, name, value, span)?), ..Style::default() });
    };
    let mut style = Style::default();
    let mut sound = true;
    for (part, value) in in_order(table) {
        let key = format!("{name}.{}", part.get_ref());
        let at = value.span();
        let value = value.get_ref();
        let switch = match part.get_ref().as_ref() {
            "fg" | "bg" => {
                let read = colour(document, &key, value, &at);
                sound &= read.is_some();
                *(if part.get_ref() == "fg" { &mut style.fg } else { &mut style.bg }) = read;
                continue;
            }
            "bold" => &mut style.bold,
            "dim" => &mut style.dim,
            "italic" => &mut style.italic,
            "underline" => &mut style.underline,
            "reverse" => &mut style.reverse,
            other => {
                let message = format!("a style has no {other}");
                document.report(&part.span(), key, message, cure(other, &PARTS));
                sound = false;
                continue;
            }
        };
        if let Some(yes) = value.as_bool() {
            *switch = yes;
        } else {
            let message = format!("{key} must be true or false, but found {}", found(value));
            document.report(&at, key, message, "the style stays as it was");
            sound = false;
        }
    }
    sound.then_some(style)
}

fn colour(
    document: &Document<'_>,
    key: &str,
    value: &DeValue<'_>,
    span: &Range<usize>,
) -> Option<Colour> {
    let text = match value {
        DeValue::String(text) => text.to_string(),
        DeValue::Integer(index) => index.to_string(),
        other => {
            let message = format!("{key} must be a colour, but found {}", found(other));
            document.report(span, key, message, FORMS);
            return None;
        }
    };
    match text.parse::<Colour>() {
        Ok(colour) => Some(colour),
        Err(problem) => {
            let hint = problem.near.map(|near| format!("did you mean {near}?"));
            document.report(span, key, problem.to_string(), hint.unwrap_or(FORMS.to_owned()));
            None
        }
    }
}

const FORMS: &str = "write a name like red or bright-blue, a number from 0 to 255, or \"#rrggbb\"";
