//! `check --auth-probe`: the same token at each place that a server may read it from.

use std::io::{BufRead as _, IsTerminal as _, Write as _};

use crate::auth::Means;
use crate::cli::args::CheckArgs;
use crate::cli::failure::Failure;
use crate::cli::output::Paint;
use crate::core::evidence::Evidence;
use crate::core::request::{RequestDraft, RequestSpec};
use crate::core::sanitize::escape;
use crate::core::url;
use crate::net::clock::Clock;
use crate::probe::Subject;
use crate::probe::places::{self, Found, Place, PlaceRecord, Verdict, WAYS};

/// Refuses ways that carry no token that could stand elsewhere.
pub fn check_way(draft: &RequestDraft) -> Result<(), Failure> {
    let way = draft.auth.kind.as_str();
    if WAYS.contains(&way) {
        return Ok(());
    }
    Err(Failure::usage(format!(
        "--auth-probe needs a way of authenticating with one token ({}); this request has {}",
        WAYS.join(", "),
        if way.is_empty() { "none" } else { way }
    )))
}

/// Asks whether the token may be sent so often, unless `--yes` says so.
///
/// # Errors
/// A usage error where nobody can be asked, and where the answer is no.
pub fn consent(args: &CheckArgs, draft: &RequestDraft) -> Result<(), Failure> {
    if args.yes {
        return Ok(());
    }
    let question = question(draft);
    if !std::io::stdin().is_terminal() || !std::io::stderr().is_terminal() {
        return Err(Failure::usage(format!(
            "{question}\nPass --yes to agree; nobody can be asked here."
        )));
    }
    eprint!("{question}\nGo on? [y/N] ");
    let _ = std::io::stderr().flush();
    let mut answer = String::new();
    let read = std::io::stdin().lock().read_line(&mut answer);
    read.map_err(|error| Failure::ours("reading the answer", &error))?;
    if is_yes(&answer) {
        Ok(())
    } else {
        Err(Failure::usage("--auth-probe was not agreed to; nothing was sent"))
    }
}

fn is_yes(answer: &str) -> bool {
    matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes")
}

/// What is going to be done, in full.
fn question(draft: &RequestDraft) -> String {
    let host = url::read(&draft.url).map(|address| address.host_header());
    format!(
        "--auth-probe sends the token to {} up to {} times, each time at another place (header, \
         query, cookie, subprotocol) and once not at all. Refused attempts may count against the \
         key, and a token in a query may end up in logs.",
        escape(host.as_deref().unwrap_or("the server")),
        MOST
    )
}

/// Attempts at most, the first one included.
const MOST: usize = 8;

/// Makes the attempts. `first` is the record of the one that was made with the token in its own
/// place.
pub async fn make(
    draft: &RequestDraft,
    spec: &RequestSpec,
    means: &Means,
    first: &Evidence,
) -> Vec<PlaceRecord> {
    let subject = Subject { draft: draft.clone(), spec: spec.clone(), means: means.clone() };
    let Some(found) = places::token(&subject) else { return Vec::new() };
    let list = list(&subject, &found);
    eprintln!("auth probe: {} more attempts at {}", list.len() - 1, escape(&first.request.host));
    places::run(&subject, &found, &list, first, Clock::process(), |row| {
        eprintln!("auth probe: {}: {}", escape(&row.place), escape(&row.detail));
    })
    .await
}

fn list(subject: &Subject, found: &Found) -> Vec<Place> {
    let mut list = places::places(found, &subject.draft.auth.kind);
    list.truncate(MOST);
    list
}

/// The table, line by line, and what it shows.
pub fn table(rows: &[PlaceRecord], paint: Paint) -> Vec<String> {
    let width = rows.iter().map(|row| row.place.chars().count()).max().unwrap_or(0).max(5);
    let mut out = vec![paint.strong("Auth probe, the same token at each place")];
    for row in rows {
        let (mark, verdict) = match row.verdict {
            Verdict::Accepted => (paint.good("✓"), "accepted"),
            Verdict::Refused => (paint.bad("✗"), "refused"),
            Verdict::Other => (paint.warn("·"), "other"),
            Verdict::NotMade => (paint.faint("-"), "not made"),
        };
        let status = row.status.map_or_else(|| "-".to_owned(), |status| status.to_string());
        out.push(format!(
            "  {mark} {:<width$}  {status:>3}  {verdict:<8}{}  {}",
            escape(&row.place),
            paint.faint(&format!("{:>9.1} ms", row.ms)),
            escape(&row.detail)
        ));
    }
    out.push(format!("  {} {}", paint.strong("⇒"), conclusion(rows)));
    out
}

/// What the rows show, in one sentence.
fn conclusion(rows: &[PlaceRecord]) -> String {
    let good: Vec<&str> = rows
        .iter()
        .filter(|row| row.verdict == Verdict::Accepted)
        .map(|row| row.place.as_str())
        .collect();
    if good.contains(&"none") {
        return "The server opens without a token, so its place does not matter here.".into();
    }
    match good.as_slice() {
        [] => "The server accepts the token at none of these places.".into(),
        [one] => format!("The server reads the token from: {}.", escape(one)),
        more => format!("The server reads the token from any of: {}.", escape(&more.join(", "))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(place: &str, verdict: Verdict) -> PlaceRecord {
        PlaceRecord {
            place: place.into(),
            status: Some(if verdict == Verdict::Accepted { 101 } else { 401 }),
            verdict,
            ms: 1.25,
            detail: "x".into(),
        }
    }

    #[test]
    fn the_table_ends_with_what_it_shows() {
        let rows = [row("none", Verdict::Refused), row("query token", Verdict::Accepted)];
        let text = table(&rows, Paint::OFF).join("\n");
        assert!(text.contains("  ✓ query token  101  accepted"), "{text}");
        assert!(text.contains("  ✗ none         401  refused "), "{text}");
        assert!(text.ends_with("⇒ The server reads the token from: query token."), "{text}");
        let open = [row("none", Verdict::Accepted), row("query token", Verdict::Accepted)];
        assert!(conclusion(&open).contains("without a token"));
        assert!(conclusion(&rows[..1]).contains("none of these"));
    }

    #[test]
    fn only_ways_with_one_token_are_taken() {
        let mut draft = RequestDraft::default();
        draft.set_url("wss://a.example/x".into());
        assert!(check_way(&draft).is_err());
        draft.auth.kind = "bearer".into();
        assert!(check_way(&draft).is_ok());
        assert!(question(&draft).contains("a.example"));
        assert!(is_yes(" Y\n") && !is_yes("\n") && !is_yes("no"));
    }
}
