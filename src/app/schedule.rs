//! When the program must wake although nothing happens.

use crate::app::model::{Model, SOON_S, TICK_US, Tab};
use crate::core::stage::ConnectionState;
use crate::core::time::Micros;

/// The next time at which something on screen changes by itself, or something is due. `None`
/// if nothing is: an idle program sleeps.
#[must_use]
pub fn next_deadline(model: &Model, now: Micros) -> Option<Micros> {
    let notice = model.notice.as_ref().map(|notice| notice.until);
    let reconnects = model.tabs.iter().filter_map(|tab| tab.conn.reconnect).map(|r| r.at);
    let tab = model.tab();
    // The clock of the tab in front: time since it opened, time of the running attempt, countdown.
    let ticking = match tab.conn.state {
        ConnectionState::Open => tab.conn.opened,
        ConnectionState::Connecting(_) | ConnectionState::Closing => Some(tab.conn.began),
        _ => tab.conn.reconnect.map(|r| r.at),
    };
    // The rate of messages falls to nothing after the last one, and then stands still.
    let rate = (tab.log.handle.rate(now).messages > 0.0).then_some(Micros(0));
    let clock = ticking.or(rate).map(|since| next_second(since, now));
    // The credential of an open connection is about to end, and ends.
    let endings = model.tabs.iter().filter_map(Tab::open_until).flat_map(move |end| {
        [Micros(end.0.saturating_sub(SOON_S * 1_000_000)), end]
            .into_iter()
            .filter(move |at| *at > now)
    });
    // Work under way is seen to go on.
    let composer = &tab.composer;
    let detail = &tab.log.detail;
    let works = composer.work.is_some()
        || composer.judging.is_some()
        || detail.work.is_some()
        || detail.find.running.is_some();
    let tick = works.then(|| Micros(now.0 - now.0 % TICK_US + TICK_US));
    let draft = model.draft_at.map(|(_, at)| at);
    notice
        .into_iter()
        .chain(tick)
        .chain(draft)
        .chain(endings)
        .chain(model.save_at)
        .chain(reconnects)
        .chain(clock)
        .min()
}

/// The next time after `now` that is a whole number of seconds from `since`.
fn next_second(since: Micros, now: Micros) -> Micros {
    const SECOND: u64 = 1_000_000;
    let phase = since.0 % SECOND;
    let start = now.0 - now.0 % SECOND + phase;
    Micros(if start > now.0 { start } else { start + SECOND })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_seconds_from_the_start() {
        assert_eq!(next_second(Micros(300_000), Micros(5_000_000)), Micros(5_300_000));
        assert_eq!(next_second(Micros(300_000), Micros(5_300_000)), Micros(6_300_000));
        assert_eq!(next_second(Micros(9_300_000), Micros(5_000_000)), Micros(5_300_000));
    }
}
