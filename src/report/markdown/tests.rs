//! Pages of records, hostile ones too.

use super::*;
use crate::core::credential::GrantFacts;
use crate::core::evidence::{
    CredentialStep, Failure, FailureKind, HttpFacts, HttpProblem, ReplyFacts, StageRecord,
};
use crate::core::headers::HeaderRow;
use crate::core::request::{AuthContribution, Files, RequestDraft, Signing};
use crate::core::stage::Stage;
use crate::core::time::Micros;

const HOSTILE: &str = "`````\n## @all ![x](https://evil.example/x.png) <img src=x> | a \u{1b}[31m";

fn refused() -> (Evidence, Vec<Finding>) {
    let mut draft = RequestDraft::default();
    draft.set_url("ws://a.example/x?token=s3cret-token".into());
    draft.headers = vec![HeaderRow::new("Authorization", "Bearer s3cret-token")];
    let spec = draft.spec(&AuthContribution::default(), Files::default()).unwrap();
    let evidence = Evidence {
        request: spec.facts,
        stages: vec![StageRecord {
            stage: Stage::Http,
            began_us: 0,
            ended_us: Some(1_500),
            outcome: Outcome::Failed,
            detail: HOSTILE.into(),
        }],
        http: Some(HttpFacts {
            request: "GET /x HTTP/1.1\n".into(),
            reply: Some(ReplyFacts {
                status: 401,
                raw_head: "HTTP/1.1 401 Unauthorized\n".into(),
                body: HOSTILE.into(),
                ..ReplyFacts::default()
            }),
            ..HttpFacts::default()
        }),
        failure: Some(Failure {
            stage: Stage::Http,
            kind: FailureKind::Http(HttpProblem::Status),
            text: "401".into(),
        }),
        ..Evidence::default()
    };
    let finding = Finding {
        code: "http/401-bearer-invalid".into(),
        phase: Stage::Http,
        severity: Severity::Error,
        confidence: Confidence::Likely,
        summary: "The server refuses the token.".into(),
        explanation: format!("It said “{HOSTILE}”."),
        hints: vec!["Take a new token.".into()],
        fixes: Vec::new(),
        also_called: vec!["Unexpected server response: 401".into()],
    };
    (evidence, vec![finding])
}

#[test]
fn the_report_tells_the_verdict_the_evidence_and_how_to_repeat_it() {
    let (evidence, findings) = refused();
    let text = markdown(&evidence, &findings);
    for expected in [
        "## The server refuses the token.\n",
        "- Finding: `http/401-bearer-invalid` (likely)\n",
        "1. Take a new token.\n",
        "| HTTP | 0 µs | 1.5 ms | **failed** |",
        "GET /x HTTP/1.1\n",
        "HTTP/1.1 401 Unauthorized\n",
        "${AUTHORIZATION}",
    ] {
        assert!(text.contains(expected), "{expected}\n{text}");
    }
    assert!(!text.contains("s3cret"), "{text}");
}

#[test]
fn what_a_server_said_formats_nothing() {
    let (evidence, findings) = refused();
    let text = markdown(&evidence, &findings);
    assert!(!text.contains('\u{1b}'), "{text}");
    // The body's fence is longer than any run of ticks within.
    assert!(text.contains("\n``````http\n"), "{text}");
    let mut fence: Option<&str> = None;
    for line in text.lines() {
        match fence {
            Some(open) if line == open => fence = None,
            Some(_) => {}
            None if line.starts_with("```") => {
                fence = Some(line.trim_end_matches(char::is_alphabetic))
            }
            None => {
                let outside = strip_code_spans(line).replace("\\<", "").replace("\\[", "");
                assert!(!outside.contains(['@', '<', '[']), "{line}");
            }
        }
    }
    assert_eq!(fence, None);
}

/// The line without its code spans (CommonMark section 6.1).
fn strip_code_spans(line: &str) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some(at) = rest.find('`') {
        // An escaped tick opens nothing.
        let opens = !rest[..at].ends_with('\\');
        let run = rest[at..].len() - rest[at..].trim_start_matches('`').len();
        let ticks = &rest[at..at + run];
        let after = &rest[at + run..];
        let close = after
            .match_indices(ticks)
            .find(|(i, _)| !after[..*i].ends_with('`') && !after[i + run..].starts_with('`'));
        out.push_str(&rest[..at]);
        match close.filter(|_| opens) {
            Some((i, _)) => rest = &after[i + run..],
            None => rest = after,
        }
    }
    out + rest
}

#[test]
fn an_empty_record_makes_a_page_as_well() {
    let text = markdown(&Evidence::default(), &[]);
    assert!(text.starts_with("## The WebSocket connection did not open.\n"), "{text}");
}

#[test]
fn the_credential_is_told_by_its_steps_and_differences() {
    let (mut evidence, findings) = refused();
    let facts = &mut evidence.request.credential;
    facts.steps = vec![CredentialStep {
        what: "token request".into(),
        from: "https://iam.example/v3/auth/tokens".into(),
        ms: 12.5,
        status: Some(201),
        ok: true,
        detail: HOSTILE.into(),
    }];
    facts.grant = Some(GrantFacts {
        source: "IAM iam.example".into(),
        obtained: Micros(1_000_000),
        kept: true,
        ..GrantFacts::default()
    });
    facts.clock_offset_s = -60;
    facts.signing = Some(Signing {
        canonical_request: "GET\n/x/\n\nhost:a.example\n\nhost\nab".into(),
        ..Signing::default()
    });
    let text = markdown(&evidence, &findings);
    for expected in [
        "\n### Credential\n",
        "- Got from: `IAM iam.example`\n",
        "kept from an earlier attempt\n",
        "- Added to the clock: -60 s\n",
        "| token request | `https://iam.example/v3/auth/tokens` | 12.5 ms | 201 | ok | ",
        "\nhost:a.example\n",
    ] {
        assert!(text.contains(expected), "{expected}\n{text}");
    }
    if let Some(reply) = evidence.http.as_mut().and_then(|http| http.reply.as_mut()) {
        reply.body = "canonicalRequest:GET|/x||host:a.example|".into();
    }
    let text = markdown(&evidence, &findings);
    assert!(text.contains("| path | `/x/` | `/x` | **differs** |\n"), "{text}");
}
