//! `completions` and `man`, both made from the definition of the command line.

use clap::CommandFactory as _;

use super::args::{Cli, CompletionsArgs, ManArgs};
use super::failure::Failure;
use super::output;

pub fn completions(args: &CompletionsArgs) -> Result<u8, Failure> {
    let mut out = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "wsdeck", &mut out);
    output::print(&out)?;
    Ok(0)
}

pub fn man(args: &ManArgs) -> Result<u8, Failure> {
    let command = Cli::command();
    if let Some(dir) = &args.dir {
        let doing = format!("writing manual pages to {}", dir.display());
        std::fs::create_dir_all(dir).map_err(|error| Failure::ours(&doing, &error))?;
        clap_mangen::generate_to(command, dir).map_err(|error| Failure::ours(&doing, &error))?;
        return Ok(0);
    }
    let mut page = Vec::new();
    clap_mangen::Man::new(command)
        .render(&mut page)
        .map_err(|error| Failure::ours("making the manual page", &error))?;
    output::print(&page)?;
    Ok(0)
}
