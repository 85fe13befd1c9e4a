//! How the talk ended: the exit code and the words for it.

use std::io::IsTerminal as _;

use super::json::JsonLines;
use super::lines::Lines;
use crate::cli::args::CatArgs;
use crate::cli::now;
use crate::cli::report::{Report, how_it_ended};
use crate::core::evidence::{End, EndedBy};
use crate::core::finding::Severity;
use crate::core::sanitize::{escape, escape_multiline};

/// Exit code of an open connection that ended in disorder (a contract, see the manual).
pub const EXIT_ENDED: u8 = 17;

/// Form of the output.
#[derive(Clone, Copy, Debug)]
pub enum Form {
    Lines(Lines),
    Json,
}

impl Form {
    /// As the options say; plain text is escaped if standard output is a terminal.
    pub fn for_output(args: &CatArgs) -> Form {
        if args.json {
            return Form::Json;
        }
        Form::Lines(Lines { escaped: std::io::stdout().is_terminal(), binary_as: args.binary_as })
    }
}

/// Why we ended the connection ourselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    InputEnded,
    Count,
    Time,
    Interrupted,
}

/// The exit code. `asked` says that the end was our wish.
pub fn exit_code(report: &Report, asked: Option<Asked>) -> u8 {
    let end = report.evidence.session.as_ref().map(|session| session.end.as_ref());
    match end {
        None => report.exit_code(),
        Some(Some(end)) if is_orderly(end, asked.is_some()) => 0,
        Some(_) => EXIT_ENDED,
    }
}

/// The peer closed with 1000 or 1001; or we did, and the peer had nothing against it.
fn is_orderly(end: &End, asked: bool) -> bool {
    match end.code_received {
        Some(1000 | 1001) => matches!(end.by, EndedBy::Us | EndedBy::Peer),
        Some(_) => false,
        None if end.by == EndedBy::Peer => asked,
        None => {
            asked
                && matches!(
                    end.by,
                    EndedBy::Us
                        | EndedBy::PeerDropped
                        | EndedBy::Reset
                        | EndedBy::TimedOut
                        | EndedBy::Cut
                )
        }
    }
}

/// Tells how it ended: as events with `--json`, else on standard error if there is something to
/// tell.
pub fn tell(form: Form, report: &Report, asked: Option<Asked>, out: &mut Vec<u8>) {
    if let Form::Json = form {
        JsonLines::default().end(now(), report, out);
        return;
    }
    if exit_code(report, asked) == 0 {
        return;
    }
    for finding in report.findings.iter().filter(|f| f.severity == Severity::Error) {
        eprintln!("wsdeck: {}: {}", escape(&finding.code), escape(&finding.summary));
        if !finding.explanation.is_empty() && finding.explanation != finding.summary {
            eprintln!("  {}", escape_multiline(&finding.explanation));
        }
        for hint in &finding.hints {
            eprintln!("  → {}", escape(hint));
        }
    }
    let end = report.evidence.session.as_ref().and_then(|session| session.end.as_ref());
    if let Some(end) = end {
        eprintln!("wsdeck: {}", escape(&how_it_ended(end)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn end(by: EndedBy, code: Option<u16>) -> End {
        End {
            at_us: 0,
            by,
            code_received: code,
            reason_received: String::new(),
            close_received: code.is_some(),
            close_sent: true,
            code_sent: Some(1000),
            frame_cut: false,
            problem: None,
            violation: None,
            text: String::new(),
            silence_us: 0,
            deflate: None,
        }
    }

    #[test]
    fn what_is_an_orderly_end() {
        for (by, code, asked, orderly) in [
            (EndedBy::Peer, Some(1000), false, true),
            (EndedBy::Peer, Some(1001), false, true),
            (EndedBy::Peer, Some(1011), false, false),
            (EndedBy::Peer, Some(1011), true, false),
            (EndedBy::Peer, Some(4000), false, false),
            (EndedBy::Peer, None, false, false),
            (EndedBy::Us, Some(1000), true, true),
            (EndedBy::Us, None, true, true),
            (EndedBy::TimedOut, None, true, true),
            (EndedBy::PeerDropped, None, true, true),
            (EndedBy::PeerDropped, None, false, false),
            (EndedBy::Reset, None, false, false),
            (EndedBy::PeerViolation, None, true, false),
            (EndedBy::OurLimit, None, true, false),
        ] {
            assert_eq!(is_orderly(&end(by, code), asked), orderly, "{by:?} {code:?} {asked}");
        }
    }
}
