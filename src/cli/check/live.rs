//! The stages while they go on, each as soon as it has ended: an attempt that hangs shows where.

use std::io::{IsTerminal as _, Write as _};

use super::human;
use crate::cli::output::Paint;
use crate::cli::report::ReportStage;
use crate::core::event::EventKind;
use crate::core::evidence::RequestFacts;

/// Writes to standard output while an attempt goes on. A closed pipe is noticed by whoever prints
/// the end of the report.
#[derive(Debug)]
pub struct Live {
    paint: Paint,
    /// The stage that is going on stands in the last line, which can be written over.
    rewrites: bool,
}

impl Live {
    /// Prints what is known before anything is tried.
    pub fn begin(request: &RequestFacts) -> Live {
        let paint = Paint::for_stdout();
        let live = Live { paint, rewrites: std::io::stdout().is_terminal() && paint.is_on() };
        live.write(&human::head(request, paint));
        live
    }

    pub fn tell(&self, event: &EventKind) {
        match event {
            EventKind::StageBegan(stage) if self.rewrites => {
                self.write(&format!("  … {}", stage.name()));
            }
            EventKind::StageEnded(record) => {
                let line = human::stage_line(&ReportStage::of(record), self.paint);
                let over = if self.rewrites { "\r\x1b[2K" } else { "" };
                self.write(&format!("{over}{line}\n"));
            }
            _ => {}
        }
    }

    fn write(&self, text: &str) {
        let mut stdout = std::io::stdout().lock();
        let _ = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
    }
}
