//! The tables are well-formed, and each row is found in its sample.

use std::collections::BTreeSet;

use super::table::{FILES, Row, Sample, TABLES, Table};
use super::*;
use crate::diagnose::fixtures;
use crate::diagnose::{Verdict, diagnose, rules};

/// The answer in which this row must be found.
fn sample(table: &Table, row: &Row) -> Evidence {
    let sample = row.sample.clone().unwrap_or_else(|| {
        let says = if row.says.is_empty() { &row.text } else { &row.says };
        let body = table.sample.replace("{code}", &row.code).replace("{text}", says);
        Sample { body, status: row.sample_status, ..Sample::default() }
    });
    let status = match sample.status {
        0 => row.status.first().copied().unwrap_or(400),
        status => status,
    };
    let headers: Vec<(&str, &str)> =
        sample.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let mut e = fixtures::status(status, &headers, &sample.body);
    if !sample.host.is_empty() {
        e.request.host = sample.host;
    }
    if !sample.path.is_empty() {
        e.request.target = sample.path;
    }
    if !sample.scheme.is_empty() {
        e.request.scheme = sample.scheme;
    }
    e
}

fn rows() -> impl Iterator<Item = (&'static Table, &'static Row)> {
    TABLES.iter().flat_map(|table| table.rows.iter().map(move |row| (table, row)))
}

fn name(table: &Table, row: &Row) -> String {
    format!("{}: {:?} {} “{}” {:?}", table.vendor, row.status, row.code, row.text, row.header)
}

#[test]
fn all_tables_parse_and_all_files_are_listed() {
    for (name, text) in FILES {
        if let Err(error) = toml::from_str::<Table>(text) {
            panic!("{name}: {error}");
        }
    }
    let dir = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/vendors");
    let files: BTreeSet<String> = std::fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    let listed: BTreeSet<String> = FILES.iter().map(|(name, _)| format!("{name}.toml")).collect();
    assert_eq!(files, listed);
    let vendors: BTreeSet<&str> = TABLES.iter().map(|table| table.vendor.as_str()).collect();
    assert_eq!(vendors.len(), TABLES.len());
}

#[test]
fn rows_are_unique_whole_and_written_as_clauses() {
    let mut seen = BTreeSet::new();
    for (table, row) in rows() {
        let name = name(table, row);
        let key =
            (&row.status, &row.code, row.text.to_lowercase(), &row.header, &row.host, &row.path);
        assert!(seen.insert((&table.vendor, key)), "twice: {name}");
        assert!(
            !row.code.is_empty()
                || !row.text.is_empty()
                || row.header.is_some()
                || !row.status.is_empty(),
            "asks for nothing: {name}"
        );
        assert_eq!(row.text, row.text.to_lowercase(), "{name}");
        // A status says nothing of who answered, unless it is the vendor's own.
        let own_status = row.status.iter().all(|s| matches!(s, 440..=499 | 520..=530));
        let bare = row.code.is_empty() && row.text.is_empty() && row.header.is_none();
        assert!(!(row.alone && bare) || own_status, "accuses by a status alone: {name}");
        assert!(!(table.source.is_empty() && row.source.is_empty()), "no source: {name}");
        assert!(!row.meaning.ends_with('.') && !row.meaning.is_empty(), "{name}");
        assert!((1..=3).contains(&row.check.list().len()), "{name}");
        for check in row.check.list() {
            assert!(!check.ends_with('.') && check.starts_with(char::is_uppercase), "{name}");
        }
    }
}

#[test]
fn rows_are_cases_of_findings_whose_rules_look_for_them() {
    for (table, row) in rows() {
        let id = if row.id.is_empty() { CODE } else { row.id.as_str() };
        let rule = rules::all().find(|rule| rule.id() == id);
        assert!(rule.is_some(), "{}: nobody knows {id}", name(table, row));
    }
}

#[test]
fn every_row_is_found_in_its_sample() {
    let mut wrong = Vec::new();
    for (table, row) in rows() {
        let e = sample(table, row);
        let name = name(table, row);
        let Some(hit) = of(&e) else {
            wrong.push(format!("not found: {name}"));
            continue;
        };
        if !std::ptr::eq(hit.row, row) {
            wrong.push(format!("found instead of {name}: {} {:?}", hit.vendor, hit.row));
            continue;
        }
        let rule = rules::all().find(|rule| rule.id() == hit.id);
        match rule.map(|rule| rule.check(&e)) {
            // A rule that knows more says it first, and the row's meaning behind it.
            Some(Verdict::Hit(finding))
                if finding.summary.contains(&row.meaning)
                    || finding.explanation.contains(&row.meaning) => {}
            other => wrong.push(format!("{name}: its rule says {other:?}")),
        }
        let findings = diagnose(&e);
        if !findings.iter().any(|finding| finding.code == hit.id) {
            let codes: Vec<_> = findings.iter().map(|finding| &finding.code).collect();
            wrong.push(format!("{name}: left out, {codes:?} stay"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// The meaning that is found for an APIG body.
fn apig(code: &str, message: &str) -> String {
    let body = format!(r#"{{"error_code":"{code}","error_msg":"{message}","request_id":"r1"}}"#);
    let hit = of(&fixtures::status(401, &[], &body));
    hit.map(|hit| hit.row.meaning.clone()).unwrap_or_default()
}

#[test]
fn the_text_tells_rows_of_one_code_apart() {
    let locked = apig("APIG.0301", "AK access failed to reach the limit,forbidden");
    assert!(locked.contains("locked"), "{locked}");
    assert_ne!(locked, apig("APIG.0301", "decrypt token fail"));
}

#[test]
fn other_prefixes_mean_the_same() {
    assert_eq!(apig("APIGW.0101", ""), apig("APIG.0101", ""));
    assert!(!apig("APIGW.0101", "").is_empty());
    assert_eq!(apig("APIG.9999", ""), "");
}

#[test]
fn the_words_of_a_page_are_its_title() {
    let words = |body: &str| page_words(see::refusal(&fixtures::status(502, &[], body)).unwrap());
    assert_eq!(
        words("<html><head><title>502 Bad Gateway</title></head><h1>x</h1>"),
        "502 Bad Gateway"
    );
    assert_eq!(words("<h1 class=a>Oops</h1>"), "Oops");
    assert_eq!(words("plain"), "plain");
    assert_eq!(words("<<title"), "");
}

#[test]
fn the_servers_words_stand_first_and_escaped() {
    let e = fixtures::status(
        403,
        &[],
        r#"{"error_code":"APIG.0304","error_msg":"The app is \u001b[31mnot authorized","request_id":"r1"}"#,
    );
    let finding = diagnose(&e).remove(0);
    assert!(finding.explanation.starts_with("The server's words are “The app is \\x1b[31m"));
    assert!(finding.explanation.contains("r1"), "{}", finding.explanation);
}
