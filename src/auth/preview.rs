//! The request as it will go out, as far as that is known before anything is read or fetched.
//!
//! References to secrets are shown as what they are; what can only be computed with the secret is
//! named as still to come. Such a request is never sent: [`RequestSpec::pending`] says why.

use super::place::LATER;
use super::{Means, prepare};
use crate::core::reference::{Piece, Reference, pieces};
use crate::core::request::{Files, FirstMessage, RequestDraft, RequestSpec};
use crate::core::secret::MASK;
use crate::core::url::UrlProblem;

/// As [`prepare`], with placeholders for references.
///
/// # Errors
/// As [`prepare`].
pub fn preview(
    draft: &RequestDraft,
    files: Files,
    means: impl Into<Means>,
) -> Result<RequestSpec, UrlProblem> {
    let mut draft = draft.clone();
    super::settle(&mut draft);
    let mut later = Vec::new();
    let prefix = format!("{}.", draft.auth.kind);
    for (key, value) in &mut draft.auth.values {
        if key.starts_with(&prefix)
            && let Some(text) = placeholders(value.expose(), true, &mut later)
        {
            *value = text.into();
        }
    }
    let inherited = draft.inherited_headers.iter_mut().map(|(row, _)| row);
    for row in draft.headers.iter_mut().chain(inherited) {
        if let Some(text) = placeholders(&row.value, false, &mut later) {
            row.value = text;
        }
    }
    for saved in &mut draft.first_messages {
        if let Some(text) = placeholders(saved.message.text.expose(), false, &mut later) {
            saved.message = FirstMessage::plain(&text);
        }
    }
    let mut spec = prepare(&draft, files, means)?;
    if later.is_empty() {
        return Ok(spec);
    }
    let token = draft.auth.value("token");
    if token.starts_with('‹') && token.ends_with('›') {
        for message in &mut spec.first_messages {
            message.shown = message.shown.replace(MASK, token);
        }
    }
    for header in &mut spec.headers {
        let value = header.value.expose();
        if let (Some(start), Some(end)) = (value.find('‹'), value.find('›')) {
            // What stands around a reference is a scheme word or harmless; a secret is masked.
            let around = value[..start].trim().split(' ').count() <= 1 && value[end..].len() <= 3;
            if around {
                header.shown = Some(value.to_owned());
            }
        }
    }
    if let Some(signing) = &mut spec.signing {
        for header in &mut spec.headers {
            if let Some(shown) = &mut header.shown {
                *shown = shown.replace(&signing.signature, LATER);
            }
        }
        signing.signature = LATER.into();
        if let Some(facts) = &mut spec.facts.credential.signing {
            facts.signature = LATER.into();
        }
    }
    let list = later.iter().map(Reference::describe).collect::<Vec<_>>().join(", ");
    spec.pending.get_or_insert(format!("what is read at connecting: {list}"));
    Ok(spec)
}

/// The text with `‹env:NAME›` in place of each reference, and the references; `None` if there is
/// none. Only a field of authentication can be a reference without braces.
fn placeholders(text: &str, whole: bool, found: &mut Vec<Reference>) -> Option<String> {
    if whole && let Some(reference) = Reference::read(text) {
        let shown = format!("‹{}›", reference.text());
        found.push(reference);
        return Some(shown);
    }
    let before = found.len();
    let mut out = String::new();
    for piece in pieces(text) {
        match piece {
            Piece::Text(text) => out.push_str(text),
            Piece::Reference(reference) => {
                out.push_str(&format!("‹{}›", reference.text()));
                found.push(reference);
            }
        }
    }
    (found.len() > before).then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::headers::HeaderRow;
    use crate::core::time::Micros;

    fn shown(draft: &RequestDraft) -> (Vec<String>, Option<String>) {
        let spec = preview(draft, Files::default(), Micros(0)).unwrap();
        let headers = spec.headers.iter().skip(6);
        (headers.map(|h| format!("{}: {}", h.name, h.shown_value())).collect(), spec.pending)
    }

    #[test]
    fn a_reference_is_shown_instead_of_a_mask() {
        let mut draft = RequestDraft::default();
        draft.set_url("ws://a.example/".into());
        draft.auth.kind = "bearer".into();
        draft.auth.set("token", "env:TOKEN".into());
        draft.headers.push(HeaderRow::new("X-Api-Key", "{{file:/k}}"));
        let (headers, pending) = shown(&draft);
        assert_eq!(headers, ["X-Api-Key: ‹file:/k›", "Authorization: Bearer ‹env:TOKEN›"]);
        assert!(pending.unwrap().contains("the environment variable TOKEN, the file /k"));

        draft.auth.set("token", "s3cret-token".into());
        draft.headers.clear();
        let (headers, pending) = shown(&draft);
        assert!(headers[0].contains("••••••") && pending.is_none(), "{headers:?}");
    }
}
