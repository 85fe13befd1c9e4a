//! Pages and rules belong together, and sentences are sentences.

use super::*;

/// Words that a hint may begin with.
const IMPERATIVES: &[&str] = &[
    "Add",
    "Allow",
    "Answer",
    "Ask",
    "Bypass",
    "Change",
    "Check",
    "Choose",
    "Clear",
    "Close",
    "Compare",
    "Connect",
    "Correct",
    "Decode",
    "Drop",
    "Encode",
    "Enter",
    "Fill",
    "Follow",
    "Get",
    "Give",
    "Install",
    "Join",
    "Keep",
    "Leave",
    "Let",
    "Log",
    "Look",
    "Make",
    "Move",
    "Offer",
    "Open",
    "Paste",
    "Percent-encode",
    "Ping",
    "Put",
    "Raise",
    "Read",
    "Reconnect",
    "Remove",
    "Renew",
    "Replace",
    "Report",
    "Restart",
    "Run",
    "Save",
    "Send",
    "Set",
    "Show",
    "Shorten",
    "Sign",
    "Sort",
    "Split",
    "Start",
    "Stop",
    "Subscribe",
    "Switch",
    "Take",
    "Tell",
    "Trust",
    "Try",
    "Turn",
    "Type",
    "Update",
    "Use",
    "Wait",
    "Write",
];

#[test]
fn each_rule_has_a_page_and_each_page_a_rule() {
    let mut of_rules: Vec<&str> = rules::all().map(Rule::id).collect();
    let mut of_pages: Vec<&str> = pages().iter().map(|page| page.id).collect();
    of_rules.sort_unstable();
    of_pages.sort_unstable();
    assert_eq!(of_rules, of_pages);
}

#[test]
fn each_file_is_in_the_list() {
    let dir = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/findings");
    let mut files: Vec<String> = std::fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    let mut listed: Vec<String> =
        pages().iter().map(|page| format!("{}.md", page.id.replacen('/', "-", 1))).collect();
    files.sort_unstable();
    listed.sort_unstable();
    assert_eq!(files, listed);
}

#[test]
fn pages_have_their_parts() {
    for page in pages() {
        let title = page.title();
        assert!(page.text.starts_with("# ") && !title.is_empty(), "{}", page.id);
        assert!(!title.ends_with('.'), "{}: a title is no sentence", page.id);
        for part in ["## What it means", "## How wsdeck knows", "## What to try"] {
            assert!(page.text.contains(part), "{} lacks {part}", page.id);
        }
        assert!(page.text.lines().all(|line| line.chars().count() <= 100), "{}", page.id);
        assert!(page.text.lines().count() >= 10, "{} is thin", page.id);
        assert!(!page.text.to_lowercase().contains("please"), "{}", page.id);
    }
}

/// Pages may point to one another as `phase/name` in backquotes.
#[test]
fn pages_name_only_known_ids() {
    let phases = ["url", "dns", "tcp", "proxy", "tls", "http", "ws", "msg"];
    for page in pages() {
        for quoted in page.text.split('`').skip(1).step_by(2) {
            let is_id = quoted.split_once('/').is_some_and(|(phase, name)| {
                phases.contains(&phase)
                    && !name.is_empty()
                    && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
            });
            if is_id && quoted != "http/1" {
                assert!(explain(quoted).is_some(), "{} names {quoted}", page.id);
            }
        }
    }
}

#[test]
fn findings_are_written_in_sentences() {
    let mut wrong = Vec::new();
    for e in records() {
        for rule in rules::all() {
            let Verdict::Hit(finding) = rule.check(&e) else { continue };
            assert_eq!(finding.code, rule.id());
            let hinted = !finding.hints.is_empty() || finding.severity == Severity::Info;
            assert!(finding.hints.len() <= 3 && hinted, "{}", rule.id());
            wrong.extend(faults(&finding).into_iter().map(|text| format!("{}: {text}", rule.id())));
        }
    }
    wrong.sort_unstable();
    wrong.dedup();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

fn is_imperative(text: &str) -> bool {
    text.split(' ').next().is_some_and(|word| IMPERATIVES.contains(&word))
}

/// Texts of a finding that are no sentences or no imperatives.
fn faults(finding: &crate::core::finding::Finding) -> Vec<&str> {
    let mut out = Vec::new();
    // A host, a product or a file name keeps its own letter.
    let word = finding.summary.split([' ', ':']).next().unwrap();
    let is_name = word.contains('.') || ["localhost", "wsdeck", "macOS"].contains(&word);
    let summary = finding.summary.ends_with('.')
        && !finding.summary.contains("..")
        && (is_name || !word.starts_with(char::is_lowercase));
    if !summary {
        out.push(finding.summary.as_str());
    }
    if !finding.explanation.ends_with('.') || finding.explanation.contains("..") {
        out.push(finding.explanation.as_str());
    }
    out.extend(finding.hints.iter().map(String::as_str).filter(|hint| {
        !is_imperative(hint) || !hint.ends_with('.') || hint.to_lowercase().contains("please")
    }));
    let labels = finding.fixes.iter().map(|fix| fix.label.as_str());
    out.extend(labels.filter(|label| !is_imperative(label) || label.ends_with('.')));
    out
}

#[test]
fn what_others_call_it_is_found_on_the_page() {
    let words: Vec<&str> = crate::diagnose::pages::also_called("tcp/refused").collect();
    assert!(words.contains(&"ECONNREFUSED"), "{words:?}");
    assert_eq!(explain("no/such"), None);
}

/// Ids of all known cases, one a line.
const KNOWN: &str = include_str!("../../../tests/data/failure-ids.txt");

#[test]
fn every_known_case_has_a_rule_or_a_reason() {
    let known: Vec<&str> = KNOWN.lines().collect();
    assert_eq!(known.len(), 311);
    let of_rules: Vec<&str> = rules::all().map(Rule::id).collect();
    let told = |id: &&&str| of_rules.contains(*id);
    let reasoned = |id: &&&str| cannot_tell(id).is_some();
    let missing: Vec<_> = known.iter().filter(|id| !told(id) && !reasoned(id)).collect();
    assert!(missing.is_empty(), "{missing:#?}");
    let both: Vec<_> = known.iter().filter(|id| told(id) && reasoned(id)).collect();
    assert!(both.is_empty(), "a rule, and a reason why there is none: {both:?}");
    for (id, why) in CANNOT_TELL {
        assert!(known.contains(id), "{id} is no known case");
        assert!(why.ends_with('.') && why.len() > 40, "{id}: {why}");
    }
}
