//! The `wsdeck` program: reads the command line and hands over.

use std::process::ExitCode;

use wsdeck::cli::{self, Outcome};
use wsdeck::runtime::{self, Start};

fn main() -> ExitCode {
    match cli::run(std::env::args_os()) {
        Outcome::Done(code) => ExitCode::from(code),
        Outcome::Interface(start) => {
            let (request, config, workspace) = (start.request, start.config, start.workspace);
            let (connect, demo) = (start.connect, start.demo);
            runtime::run(&Start { request, connect, demo, config, workspace }).unwrap_or_else(
                |error| {
                    eprintln!("wsdeck: {error:#}");
                    ExitCode::from(cli::EXIT_OURS)
                },
            )
        }
    }
}
