//! `cat`: standard input and output connected to a WebSocket.
//!
//! Three parties work side by side: a thread that reads lines ([`input`]), a thread that writes
//! whole batches ([`writer`]), and the loop in [`session`] between them and the transport, which
//! turns events into bytes ([`lines`] or [`json`]).

mod end;
mod input;
mod json;
mod lines;
mod session;
mod stamp;
mod writer;

use super::args::CatArgs;
use super::failure::Failure;
use super::report::Report;
use super::{attempt, request, task};
use end::Form;

pub fn run(args: &CatArgs) -> Result<u8, Failure> {
    let draft = request::draft(&args.url, &args.connect)?;
    let form = Form::for_output(args);
    let credentials = attempt::credentials(&args.connect);
    task::block_on(async {
        match attempt::ready(&credentials, &draft, None).await {
            Err(evidence) => {
                let report = Report::judge(*evidence);
                let mut out = Vec::new();
                end::tell(form, &report, None, &mut out);
                super::output::print(&out)?;
                Ok(report.exit_code())
            }
            Ok(ready) => session::run(args, form, ready.spec, &credentials).await,
        }
    })
}
