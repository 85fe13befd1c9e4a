//! Pages and rules belong together, and sentences are sentences.

use super::*;

/// Words that a hint may begin with.
const IMPERATIVES: &[&str] = &[
    "Add",
    "Allow",
    "Answer",
    "Ask",
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
    "Get",
    "Give",
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
    for e in records() {
        for rule in rules::all() {
            let Verdict::Hit(finding) = rule.check(&e) else { continue };
            let id = rule.id();
            assert_eq!(finding.code, id);
            assert!(finding.summary.ends_with('.'), "{id}: {}", finding.summary);
            assert!(!finding.summary.contains(".."), "{id}: {}", finding.summary);
            // A host, a product or a file name keeps its own letter.
            let word = finding.summary.split([' ', ':']).next().unwrap();
            let is_name = word.contains('.') || ["localhost", "wsdeck", "macOS"].contains(&word);
            assert!(is_name || !word.starts_with(char::is_lowercase), "{id}: {}", finding.summary);
            assert!(
                finding.explanation.is_empty() || finding.explanation.ends_with(['.', '”']),
                "{id}: {}",
                finding.explanation
            );
            assert!(!finding.explanation.contains(".."), "{id}: {}", finding.explanation);
            assert!(finding.hints.len() <= 3);
            for hint in &finding.hints {
                let word = hint.split(' ').next().unwrap();
                assert!(IMPERATIVES.contains(&word), "{id}: {hint}");
                assert!(
                    hint.ends_with('.') && !hint.to_lowercase().contains("please"),
                    "{id}: {hint}"
                );
            }
            for fix in &finding.fixes {
                let word = fix.label.split(' ').next().unwrap();
                assert!(IMPERATIVES.contains(&word), "{id}: {}", fix.label);
                assert!(!fix.label.ends_with('.'), "{id}: {}", fix.label);
            }
        }
    }
}

#[test]
fn what_others_call_it_is_found_on_the_page() {
    let words: Vec<&str> = crate::diagnose::pages::also_called("tcp/refused").collect();
    assert!(words.contains(&"ECONNREFUSED"), "{words:?}");
    assert_eq!(explain("no/such"), None);
}
