//! `config`: where the settings are, what they may be, what is wrong in them and what counts.

use std::fmt::Write as _;

use super::args::{ConfigArgs, ConfigCommand};
use super::failure::Failure;
use super::{EXIT_OURS, output};
use crate::config::{self, Places};
use crate::core::sanitize::escape;

pub fn run(args: &ConfigArgs) -> Result<u8, Failure> {
    if args.command == ConfigCommand::Example {
        output::print(config::example().as_bytes())?;
        return Ok(0);
    }
    let places = Places::find(args.config.as_deref(), |name| std::env::var_os(name));
    let Some(places) = places else {
        return Err(Failure::Ours(
            "there is no home folder to look for settings in; set WSDECK_CONFIG_DIR and \
             WSDECK_DATA_DIR, or name a file with --config"
                .into(),
        ));
    };
    if args.command == ConfigCommand::Path {
        output::print(format!("{}\n", places.settings.display()).as_bytes())?;
        return Ok(0);
    }
    let loaded = config::load(&places, false);
    for problem in &loaded.problems {
        eprintln!("{}", escape(&problem.to_string()));
    }
    if args.command == ConfigCommand::Show {
        let mut out = String::new();
        for (path, value) in loaded.settings.listing() {
            let _ = writeln!(out, "{path} = {value}");
        }
        output::print(out.as_bytes())?;
        return Ok(0);
    }
    if loaded.problems.is_empty() {
        output::print(format!("no problems in {}\n", places.config_dir.display()).as_bytes())?;
        Ok(0)
    } else {
        Ok(EXIT_OURS)
    }
}
