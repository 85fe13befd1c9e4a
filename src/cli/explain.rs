//! `explain`: the long explanation of a finding, the list of all, or the verdict on a record that
//! was saved elsewhere.

use std::fmt::Write as _;
use std::io::Read as _;
use std::path::Path;

use super::alike;
use super::args::ExplainArgs;
use super::check::human;
use super::failure::Failure;
use super::output::{self, Paint};
use super::report::Report;
use crate::core::evidence::Evidence;
use crate::diagnose::{self, Page};
use crate::report;

/// Findings that are listed for what another program said.
const MATCHES: usize = 8;

/// Suggestions for an id that does not exist.
const SUGGESTIONS: usize = 5;

pub fn run(args: &ExplainArgs) -> Result<u8, Failure> {
    if let Some(path) = &args.from {
        return judge(args, saved(path)?);
    }
    if args.id.is_empty() {
        output::print(list().as_bytes())?;
        return Ok(0);
    }
    let asked = args.id.join(" ");
    if let Some(why) = diagnose::cannot_tell(asked.trim()) {
        let text = format!("# {asked}\n\nThis case is known and cannot be told yet.\n\n{why}\n");
        output::print(text.as_bytes())?;
        return Ok(0);
    }
    let found = diagnose::search(&asked);
    let page = diagnose::explain(asked.trim()).or(match found.as_slice() {
        [only] => Some(only.page.text),
        _ => None,
    });
    if let Some(text) = page {
        output::print(text.as_bytes())?;
        if !text.ends_with('\n') {
            output::print(b"\n")?;
        }
        return Ok(0);
    }
    if !found.is_empty() {
        output::print(matches(&found).as_bytes())?;
        return Ok(0);
    }
    let near = nearest(&asked, diagnose::pages());
    let mut message = format!("there is no finding “{asked}”");
    if near.is_empty() {
        message.push_str("; `wsdeck explain` lists all");
    } else {
        message.push_str("; near it:");
        for page in near {
            let _ = write!(message, "\n  {:<32}  {}", page.id, page.title());
        }
    }
    Err(Failure::usage(message))
}

/// Several findings that it may be, best first.
fn matches(found: &[diagnose::Match]) -> String {
    let mut out = String::new();
    for each in found.iter().take(MATCHES) {
        let _ = writeln!(out, "{:<32}  {}", each.page.id, each.page.title());
        if let Some(name) = each.name {
            let _ = writeln!(out, "{:<32}  ({name})", "");
        }
    }
    if found.len() > MATCHES {
        let _ = writeln!(out, "and {} more", found.len() - MATCHES);
    }
    out
}

/// The verdict of today's rules on a record, as `check` would have told it. Whatever the verdict
/// is, it was told: the exit code is 0.
fn judge(args: &ExplainArgs, evidence: Evidence) -> Result<u8, Failure> {
    let verdict = Report::judge(evidence);
    if args.json {
        output::print_json(&verdict)?;
    } else if args.markdown {
        let text = report::markdown(&verdict.evidence, &verdict.findings);
        output::print(text.as_bytes())?;
    } else {
        let text = human::report(&verdict, args.verbose, Paint::for_stdout());
        output::print(text.as_bytes())?;
    }
    Ok(0)
}

fn saved(path: &Path) -> Result<Evidence, Failure> {
    let limit = report::LARGEST_RECORD as u64 + 1;
    let mut bytes = Vec::new();
    let (name, read) = if path == Path::new("-") {
        ("standard input".to_owned(), std::io::stdin().lock().take(limit).read_to_end(&mut bytes))
    } else {
        let read =
            std::fs::File::open(path).and_then(|file| file.take(limit).read_to_end(&mut bytes));
        (path.display().to_string(), read)
    };
    read.map_err(|error| Failure::usage(format!("reading {name}: {error}")))?;
    report::read(&bytes).map_err(|error| {
        Failure::usage(format!("{name} is not a record that can be judged: {error}"))
    })
}

fn list() -> String {
    let mut out = String::new();
    let mut phase = "";
    for page in diagnose::pages() {
        let of = page.id.split('/').next().unwrap_or_default();
        if of != phase && !out.is_empty() {
            out.push('\n');
        }
        phase = of;
        let _ = writeln!(out, "{:<32}  {}", page.id, page.title());
    }
    if !diagnose::CANNOT_TELL.is_empty() {
        out.push_str("\nKnown, and cannot be told:\n");
    }
    for (id, _) in diagnose::CANNOT_TELL {
        let _ = writeln!(out, "{id}");
    }
    out
}

/// Pages that share pairs of letters with what was typed, most first; also those whose text
/// holds it, since other tools' names for a failure stand there.
fn nearest<'a>(typed: &str, pages: &'a [Page]) -> Vec<&'a Page> {
    let typed = typed.trim().to_ascii_lowercase();
    let mut scored: Vec<(usize, &Page)> = pages
        .iter()
        .map(|page| {
            let alike = alike::percent(&typed, page.id);
            let named = typed.len() >= 4 && page.text.to_ascii_lowercase().contains(&typed);
            (alike + if named { 50 } else { 0 }, page)
        })
        .filter(|(score, _)| *score >= 40)
        .collect();
    scored.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
    scored.into_iter().take(SUGGESTIONS).map(|(_, page)| page).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGES: &[Page] = &[
        Page { id: "tls/plain-http-server", text: "# Plain\n- `WRONG_VERSION_NUMBER`\n" },
        Page { id: "tcp/refused", text: "# Refused\n" },
        Page { id: "http/401-no-credentials", text: "# No credentials\n" },
    ];

    #[test]
    fn slips_and_other_tools_names_find_the_page() {
        for (typed, expected) in [
            ("tls/plain-http-sever", "tls/plain-http-server"),
            ("plain-http", "tls/plain-http-server"),
            ("refuse", "tcp/refused"),
            ("wrong_version_number", "tls/plain-http-server"),
        ] {
            assert_eq!(nearest(typed, PAGES)[0].id, expected, "{typed}");
        }
        assert!(nearest("zzz", PAGES).is_empty() && nearest("", PAGES).is_empty());
    }
}
