//! `check`: one attempt in the open, then the verdict.

mod human;

use super::args::CheckArgs;
use super::failure::Failure;
use super::output::{self, Paint};
use super::report::{Report, unsendable};
use super::{dry_run, files, now, request};
use crate::auth;
use crate::core::request::{RequestDraft, RequestSpec};
use crate::core::url::UrlProblem;

pub fn run(args: &CheckArgs) -> Result<u8, Failure> {
    let draft = request::draft(&args.url, &args.connect)?;
    match spec(&draft, args) {
        Err(problem) => tell(args, &Report::new(unsendable(&draft, problem, now()), Vec::new())),
        Ok(spec) if args.dry_run => {
            dry_run::print(args, &spec)?;
            Ok(0)
        }
        Ok(_) => Err(Failure::ours("connecting", &"the transport is not part of this build")),
    }
}

fn spec(draft: &RequestDraft, args: &CheckArgs) -> Result<RequestSpec, UrlProblem> {
    let files = files::read(&draft.settings)?;
    auth::prepare(draft, files, args.at.unwrap_or_else(now))
}

/// Prints the report in the form asked for.
fn tell(args: &CheckArgs, report: &Report) -> Result<u8, Failure> {
    if args.json {
        output::print_json(report)?;
    } else {
        let text = human::report(report, args.verbose, Paint::for_stdout());
        output::print(text.as_bytes())?;
    }
    Ok(report.exit_code())
}
