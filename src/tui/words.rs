//! Times, sizes, counts and states as people read them, and texts broken into lines.

use std::time::Duration;

use jiff::tz::TimeZone;

use crate::app::model::Tab;
use crate::core::close::code_name;
use crate::core::sanitize::{display_width, escape};
use crate::core::stage::ConnectionState;
use crate::core::time::Micros;
pub(super) use crate::payload::human_count as count;

/// A duration in few figures: `40 µs`, `0.4 ms`, `12 ms`, `1.2 s`, `2 min 5 s`.
pub(super) fn duration(span: Duration) -> String {
    let micros = span.as_micros();
    match micros {
        0..100 => format!("{micros} µs"),
        100..10_000 => format!("{}.{} ms", micros / 1_000, micros % 1_000 / 100),
        10_000..1_000_000 => format!("{} ms", micros / 1_000),
        1_000_000..60_000_000 => {
            format!("{}.{} s", micros / 1_000_000, micros % 1_000_000 / 100_000)
        }
        _ => {
            let seconds = span.as_secs();
            match seconds {
                0..3_600 => format!("{} min {} s", seconds / 60, seconds % 60),
                _ => format!("{} h {} min", seconds / 3_600, seconds % 3_600 / 60),
            }
        }
    }
}

/// A duration in at most ten cells: beside rows, where a long pause need not be told to the second.
pub(super) fn short_duration(span: Duration) -> String {
    match span.as_secs() {
        600..3_600 => format!("{} min", span.as_secs() / 60),
        36_000.. => format!("{} h", span.as_secs() / 3_600),
        _ => duration(span),
    }
}

/// A duration given in microseconds.
pub(super) fn micros(us: u64) -> String {
    duration(Duration::from_micros(us))
}

/// Time since something began, as a clock: `00:01:23`.
pub(super) fn clock(span: Duration) -> String {
    let seconds = span.as_secs();
    format!("{:02}:{:02}:{:02}", seconds / 3_600, seconds % 3_600 / 60, seconds % 60)
}

/// Time of day with milliseconds, or with microseconds.
pub(super) fn time_of_day(at: Micros, zone: &TimeZone, fine: bool) -> String {
    let time = zone.to_datetime(at.timestamp()).time();
    let micros = time.subsec_nanosecond() / 1_000;
    let (h, m, s) = (time.hour(), time.minute(), time.second());
    if fine {
        format!("{h:02}:{m:02}:{s:02}.{micros:06}")
    } else {
        format!("{h:02}:{m:02}:{s:02}.{:03}", micros / 1_000)
    }
}

/// Day and time to the second.
pub(super) fn day_and_time(at: Micros, zone: &TimeZone) -> String {
    zone.to_datetime(at.timestamp()).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// The mark of a tab: each state has a shape of its own.
pub(super) fn state_mark(tab: &Tab) -> &'static str {
    match tab.conn.state {
        _ if tab.conn.reconnect.is_some() => "◌",
        ConnectionState::Idle => "○",
        ConnectionState::Connecting(_) | ConnectionState::Closing => "◌",
        ConnectionState::Open => "●",
        ConnectionState::Closed { code: 1000 | 1001 | 1005 } => "○",
        ConnectionState::Closed { .. } => "⊘",
        ConnectionState::Failed(_) => "✗",
    }
}

/// `1006 Abnormal Closure`.
pub(super) fn close_words(code: u16) -> String {
    format!("{code} {}", code_name(code))
}

/// A text broken at blanks into lines of at most `width` cells, each escaped. Words that are longer
/// are broken where the line ends.
pub(super) fn wrap(text: &str, width: u16) -> Vec<String> {
    let width = usize::from(width.max(1));
    let mut lines = Vec::new();
    for paragraph in text.lines() {
        let paragraph = escape(paragraph);
        let mut line = String::new();
        let mut used = 0;
        for word in paragraph.split(' ') {
            let word_width = display_width(word);
            let blank = usize::from(!line.is_empty());
            if used + blank + word_width <= width {
                if blank == 1 {
                    line.push(' ');
                }
                line.push_str(word);
                used += blank + word_width;
                continue;
            }
            if !line.is_empty() {
                lines.push(std::mem::take(&mut line));
            }
            used = 0;
            if word_width <= width {
                line.push_str(word);
                used = word_width;
                continue;
            }
            for piece in unicode_segmentation::UnicodeSegmentation::graphemes(word, true) {
                let piece_width = display_width(piece);
                if used + piece_width > width && !line.is_empty() {
                    lines.push(std::mem::take(&mut line));
                    used = 0;
                }
                line.push_str(piece);
                used += piece_width;
            }
        }
        lines.push(line);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_durations_fit_into_ten_cells() {
        for (seconds, words) in
            [(599, "9 min 59 s"), (854, "14 min"), (35_999, "9 h 59 min"), (360_000, "100 h")]
        {
            assert_eq!(short_duration(Duration::from_secs(seconds)), words);
        }
    }

    #[test]
    fn durations_have_few_figures() {
        for (us, words) in [
            (0, "0 µs"),
            (412, "0.4 ms"),
            (9_999, "9.9 ms"),
            (12_345, "12 ms"),
            (1_234_567, "1.2 s"),
            (125_000_000, "2 min 5 s"),
            (7_260_000_000, "2 h 1 min"),
        ] {
            assert_eq!(micros(us), words);
        }
        assert_eq!(clock(Duration::from_secs(3_683)), "01:01:23");
    }

    #[test]
    fn counts_have_commas() {
        for (number, words) in [(0, "0"), (999, "999"), (1_204, "1,204"), (1_234_567, "1,234,567")]
        {
            assert_eq!(count(number), words);
        }
    }

    #[test]
    fn times_of_day() {
        let at = Micros(1_764_000_082_123_456);
        assert_eq!(time_of_day(at, &TimeZone::UTC, true), "16:01:22.123456");
        assert_eq!(time_of_day(at, &TimeZone::UTC, false), "16:01:22.123");
    }

    #[test]
    fn lines_break_at_blanks_and_long_words_anywhere() {
        assert_eq!(wrap("the quick brown", 9), ["the quick", "brown"]);
        assert_eq!(wrap("abcdefgh ij", 3), ["abc", "def", "gh", "ij"]);
        assert_eq!(wrap("a\n\nb\u{1b}", 9), ["a", "", "b\\x1b"]);
        assert!(wrap("漢字漢字", 3).iter().all(|line| display_width(line) <= 3));
    }
}
