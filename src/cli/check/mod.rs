//! `check`: one attempt in the open, then the verdict.

mod auth_probe;
pub(super) mod human;
mod live;
mod probe;
mod session;

use super::args::CheckArgs;
use super::failure::Failure;
use super::output::{self, Paint};
use super::report::Report;
use super::{attempt, dry_run, request, task};
use crate::core::event::EventKind;
use crate::credentials::Ready;
use crate::probe::Subject;
use crate::report::markdown;
use live::Live;
use probe::Leave;
use session::Plan;

pub fn run(args: &CheckArgs) -> Result<u8, Failure> {
    let draft = request::draft(&args.url, &args.connect)?;
    if args.auth_probe {
        auth_probe::check_way(&draft)?;
        auth_probe::consent(args, &draft)?;
    }
    let credentials = attempt::credentials(&args.connect);
    let mut unmade = Vec::new();
    let mut places = None;
    let mut live = None;
    let leave = match (args.probe, args.probe_with_credentials) {
        (_, true) => Some(Leave::WithCredentials),
        (true, _) => Some(Leave::Bare),
        _ => None,
    };
    let evidence = task::block_on(async {
        if args.dry_run {
            return match attempt::look(&credentials, &draft, args.at).await {
                Err(evidence) => Ok(Some(*evidence)),
                Ok(spec) => dry_run::print(args, &spec).map(|()| None),
            };
        }
        let Ready { spec, draft, means } = match attempt::ready(&credentials, &draft, args.at).await
        {
            Err(evidence) => return Ok(Some(*evidence)),
            Ok(ready) => ready,
        };
        live = (!args.json && !args.markdown).then(|| Live::begin(&spec.facts));
        let told = |event: &EventKind| {
            credentials.hear(&spec, event);
            if let Some(live) = &live {
                live.tell(event);
            }
        };
        let plan = Plan { send: args.send.clone(), wait: args.wait.0 };
        let mut evidence = session::attempt(spec.clone(), plan, told).await?;
        credentials.learn(&spec, &evidence);
        if args.auth_probe {
            places = Some(auth_probe::make(&draft, &spec, &means, &evidence).await);
        }
        if let Some(leave) = leave {
            unmade = probe::make(Subject { draft, spec, means }, &mut evidence, leave).await;
        }
        Ok(Some(evidence))
    })?;
    let Some(evidence) = evidence else { return Ok(0) };
    let mut report = Report::judge(evidence);
    if args.probe || args.probe_with_credentials {
        report.probed(unmade);
    }
    report.auth_probe = places;
    tell(args, &report, live.is_some())
}

/// Prints the report in the form asked for, without the stages if they were told already.
fn tell(args: &CheckArgs, report: &Report, stages_told: bool) -> Result<u8, Failure> {
    if args.json {
        output::print_json(report)?;
    } else if args.markdown {
        let text = markdown(&report.evidence, &report.findings);
        output::print(text.as_bytes())?;
    } else {
        let paint = Paint::for_stdout();
        let text = match stages_told {
            true => human::outcome(report, args.verbose, paint),
            false => human::report(report, args.verbose, paint),
        };
        output::print(text.as_bytes())?;
    }
    Ok(report.exit_code())
}
