//! Queries that mean something else to the server than to their author.

use crate::core::change::Change;
use crate::core::evidence::Evidence;
use crate::core::secret::{MASK, is_sensitive_name};
use crate::core::url::split_query;
use crate::diagnose::draft::{Draft, possible};
use crate::diagnose::{see, words};

pub(super) fn plus(e: &Evidence) -> Option<Draft> {
    let reply = see::status(e, &[401, 403])?;
    let (_, query, _) = split_query(&e.request.target);
    let mut pairs = query.into_iter().flat_map(|q| q.split('&')).filter_map(|p| p.split_once('='));
    // The value of a secret is masked; of those only the names are known.
    let (name, value) = match pairs.find(|(_, value)| value.contains('+')) {
        Some(pair) => pair,
        None => (e.request.plus_in_query.first()?.as_str(), MASK),
    };
    let draft = possible("A + in the query is probably read as a blank.")
        .because(format!(
            "The parameter {} holds a +, and the server answered {}. Most servers decode + in a \
             query as a blank, which breaks tokens and base64.",
            words::said_in(name, 40),
            reply.status
        ))
        .hint("Write + as %2B in the query and try again.");
    let plain = value.bytes().all(|b| b.is_ascii_graphic());
    Some(if is_sensitive_name(name) || value.contains(MASK) || !plain {
        draft
    } else {
        draft.fix(
            "Write + as %2B",
            Change::SetParam { name: name.to_owned(), value: value.replace('+', "%2B") },
        )
    })
}

pub(super) fn double_encoded(e: &Evidence) -> Option<Draft> {
    let reply = see::status(e, &[400, 401, 403, 404])?;
    let target = &e.request.target;
    let twice = target.match_indices("%25").find(|(at, _)| {
        target
            .as_bytes()
            .get(at + 3..at + 5)
            .is_some_and(|two| two.iter().all(u8::is_ascii_hexdigit))
    })?;
    let piece = target.get(twice.0..twice.0 + 5).unwrap_or("%25");
    Some(
        possible("Part of the address seems to be encoded twice.")
            .because(format!(
                "It holds {piece}, which is a percent-encoding whose percent sign was encoded \
                 once more, and the server answered {}.",
                reply.status
            ))
            .hint("Decode that part once and try again."),
    )
}

/// A shell takes an unquoted `&` for the end of the command, and runs what stands before it in
/// the background.
pub(super) fn shell_ampersand(e: &Evidence) -> Option<Draft> {
    e.surroundings.background.then_some(())?;
    let (_, query, _) = split_query(&e.request.typed);
    let query = query.filter(|query| query.contains('=') && !query.contains('&'))?;
    let name = query.split('=').next().unwrap_or_default();
    Some(
        possible("The shell may have cut the address at its first &.")
            .warning()
            .because(format!(
                "The command runs in the background of its shell, and the query has one parameter \
                 only ({}). A shell does that with what stands before an & outside of quotes.",
                words::said_in(name, 40)
            ))
            .hint("Put the address in single quotes.")
            .hint("Leave it as it is if the command was put into the background on purpose."),
    )
}
