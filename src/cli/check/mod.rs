//! `check`: one attempt in the open, then the verdict.

pub(super) mod human;
mod probe;
mod session;

use super::args::CheckArgs;
use super::failure::Failure;
use super::output::{self, Paint};
use super::report::{Report, unsendable};
use super::{attempt, dry_run, now, request, task};
use crate::report::markdown;
use probe::Leave;
use session::Plan;

pub fn run(args: &CheckArgs) -> Result<u8, Failure> {
    let draft = request::draft(&args.url, &args.connect)?;
    let mut unmade = Vec::new();
    let evidence = match attempt::spec(&draft, args.at.unwrap_or_else(now)) {
        Err(problem) => unsendable(&draft, problem),
        Ok(spec) if args.dry_run => {
            dry_run::print(args, &spec)?;
            return Ok(0);
        }
        Ok(spec) => {
            let plan = Plan { send: args.send.clone(), wait: args.wait.0 };
            let leave = match (args.probe, args.probe_with_credentials) {
                (_, true) => Some(Leave::WithCredentials),
                (true, _) => Some(Leave::Bare),
                _ => None,
            };
            task::block_on(async {
                let mut evidence = session::attempt(spec.clone(), plan).await?;
                if let Some(leave) = leave {
                    unmade = probe::make(draft, spec, &mut evidence, leave).await;
                }
                Ok(evidence)
            })?
        }
    };
    let mut report = Report::judge(evidence);
    if args.probe || args.probe_with_credentials {
        report.probed(unmade);
    }
    tell(args, &report)
}

/// Prints the report in the form asked for.
fn tell(args: &CheckArgs, report: &Report) -> Result<u8, Failure> {
    if args.json {
        output::print_json(report)?;
    } else if args.markdown {
        let text = markdown(&report.evidence, &report.findings);
        output::print(text.as_bytes())?;
    } else {
        let text = human::report(report, args.verbose, Paint::for_stdout());
        output::print(text.as_bytes())?;
    }
    Ok(report.exit_code())
}
