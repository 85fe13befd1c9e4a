//! The `wsdeck` program: reads the command line and hands over.

use std::process::ExitCode;

use wsdeck::cli::{self, Outcome};

fn main() -> ExitCode {
    match cli::run(std::env::args_os()) {
        Outcome::Done(code) => ExitCode::from(code),
        Outcome::Interface(_start) => {
            eprintln!("wsdeck: the terminal interface is not part of this build");
            ExitCode::from(cli::EXIT_OURS)
        }
    }
}
