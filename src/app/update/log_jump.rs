//! Going to a place of the log that was named: a number, a time, a share, a step; and by the
//! scroll bar. Nothing here looks at more than a few rows, however many there are.

use super::Cx;
use crate::app::geometry::Area;
use crate::app::model::{Jump, Pane, moment, nearest};
use crate::config::Timestamps;
use crate::core::time::Micros;

impl Cx<'_> {
    /// Goes to what was typed. The error says what may be typed.
    pub(super) fn jump(&mut self, text: &str) -> Result<(), String> {
        let to = Jump::read(text)?;
        let zone = match self.model.settings.log.timestamps {
            Timestamps::Utc => jiff::tz::TimeZone::UTC,
            Timestamps::Local | Timestamps::Relative => self.model.zone.clone(),
        };
        let log = &self.tab().log;
        let view = log.view();
        let handle = log.handle.clone();
        let rows = handle.rows(&view);
        let stats = handle.stats();
        let Some(newest) = rows.checked_sub(1).and_then(|row| handle.number_at(&view, row)) else {
            return Err("The log shows no rows.".into());
        };
        let here = if log.cursor > 0 { log.cursor } else { newest };
        let time_of = |number| handle.get(number).map(|entry| entry.at).filter(|at| at.0 > 0);
        let here_at = || time_of(here).ok_or("The row here is still being read from disk.");
        let at = match to {
            Jump::Number(number) => {
                let why = match number {
                    n if n >= stats.end => Some(format!("The log ends at #{}.", stats.end - 1)),
                    n if n < stats.first => Some(format!(
                        "#{n} is not kept any more; the log begins at #{}.",
                        stats.first
                    )),
                    _ => None,
                };
                return self.land(number, why);
            }
            Jump::Rows(by) => {
                let target = handle.step_from(&view, here, by).unwrap_or(here);
                return self.land(target, None);
            }
            Jump::Share(share) => {
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "a share of a count is a smaller one"
                )]
                let row = ((rows - 1) as f64 * share).round() as u64;
                let target = handle.number_at(&view, row.min(rows - 1)).unwrap_or(newest);
                return self.land(target, None);
            }
            Jump::Later(by) => here_at()?.plus(by),
            Jump::Earlier(by) => {
                let by = u64::try_from(by.as_micros()).unwrap_or(u64::MAX);
                Micros(here_at()?.0.saturating_sub(by))
            }
            Jump::TimeOfDay(time) => {
                let first = time_of(stats.first).unwrap_or_default();
                let last = time_of(stats.end.saturating_sub(1)).unwrap_or(self.now);
                let near = here_at().unwrap_or(last);
                nearest(time, near, (first, last), &zone).ok_or("There is no such time.")?
            }
            Jump::DayAndTime(at) => moment(at, &zone).ok_or("There is no such time.")?,
            Jump::Moment(at) => at,
        };
        let Some(number) = handle.number_at_time(at) else {
            return Err("The log is empty.".into());
        };
        let why = match (time_of(stats.first), time_of(stats.end.saturating_sub(1))) {
            (Some(first), _) if at < first => Some("The log begins later; this is its first row."),
            (_, Some(last)) if at > last => Some("The log ends earlier; this is its last row."),
            _ => None,
        };
        self.land(number, why.map(str::to_owned))
    }

    /// Puts the cursor on a row, or the nearest one behind it that is shown, and says so.
    pub(super) fn land(&mut self, number: u64, why: Option<String>) -> Result<(), String> {
        let log = &self.tab().log;
        let view = log.view();
        let Some(last) = log.handle.rows(&view).checked_sub(1) else {
            return Err("The log shows no rows.".into());
        };
        let row = log.handle.row_of(&view, number).min(last);
        let Some(shown) = log.handle.number_at(&view, row) else { return Ok(()) };
        self.focus(Pane::Log);
        self.log_go(shown);
        match why {
            Some(why) => self.info(why),
            None if shown != number => {
                self.info(format!("#{number} is not shown by the filter; this is #{shown}."));
            }
            None => self.info(format!("#{shown}")),
        }
        Ok(())
    }

    /// The scroll bar was clicked or dragged at this row of the screen. Its end follows.
    pub(super) fn log_bar(&mut self, bar: Area, y: u16) {
        self.leave_fields();
        self.tab().focus = Pane::Log;
        let at = u64::from(y.saturating_sub(bar.y).min(bar.height.saturating_sub(1)));
        let end = u64::from(bar.height.saturating_sub(1));
        if at >= end {
            self.follow();
            return;
        }
        self.stop_following();
        let height = u64::from(self.model.geometry.log.height.max(1));
        let log = &mut self.tab().log;
        let view = log.view();
        let last_top = log.handle.rows(&view).saturating_sub(height);
        let top = last_top * at / end.max(1);
        log.top = log.handle.number_at(&view, top).unwrap_or(log.top);
    }
}
