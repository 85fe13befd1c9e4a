//! The numbers in words, in sections that can be put beside each other.

use super::{Figures, PairFigures, SortMethods};
use crate::core::evidence::Counts;
use crate::core::time::measured;
use crate::log::{Method, SIZE_CLASSES, Way, class_most};
use crate::payload::{human_bytes, human_count};

/// A row of a section.
#[derive(Clone, Debug, PartialEq)]
pub enum StatRow {
    Fact(String, String),
    /// Values over time, oldest first, with words about them.
    Spark {
        label: String,
        words: String,
        values: Vec<u64>,
    },
    /// A share of the largest one, 0 to 1.
    Bar {
        label: String,
        words: String,
        share: f64,
    },
    /// Cells of a table: the first one is a name. The first such row of a section is its head.
    Cells(Vec<String>),
    Text(String),
}

#[derive(Clone, Debug, PartialEq)]
pub struct Section {
    pub title: &'static str,
    pub note: String,
    pub rows: Vec<StatRow>,
}

/// Everything, in the order in which it is shown.
#[must_use]
pub fn sections(figures: &Figures, sort: SortMethods) -> Vec<Section> {
    let mut out = vec![messages(figures), rates(figures), sizes(figures), kept(figures)];
    match &figures.pairs {
        None => out.push(Section {
            title: "Requests and replies",
            note: String::new(),
            rows: vec![StatRow::Text("Pairs are not looked for.".into())],
        }),
        Some(pairs) => {
            out.insert(2, requests(figures, pairs));
            if !pairs.stats.methods.is_empty() {
                out.insert(3, methods(&pairs.stats.methods, sort));
            }
        }
    }
    out.push(pings(figures));
    out
}

fn fact(label: &str, value: impl Into<String>) -> StatRow {
    StatRow::Fact(label.into(), value.into())
}

fn cells<const N: usize>(cells: [&str; N]) -> StatRow {
    StatRow::Cells(cells.iter().map(|cell| (*cell).to_owned()).collect())
}

fn rounded(rate: f64) -> String {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a rate is positive and far below the largest number"
    )]
    if rate < 9.95 { format!("{rate:.1}") } else { human_count(rate.round() as u64) }
}

fn bytes_a_second(rate: f64) -> String {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a rate is positive and far below the largest number"
    )]
    let bytes = rate.round() as u64;
    format!("{}/s", human_bytes(bytes))
}

/// `1 s`, `2 min 5 s`, `3 h 4 min`.
fn long(seconds: u64) -> String {
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3_600 => format!("{} min {} s", seconds / 60, seconds % 60),
        _ => format!("{} h {} min", seconds / 3_600, seconds % 3_600 / 60),
    }
}

fn messages(figures: &Figures) -> Section {
    let totals = &figures.log.totals;
    let (received, sent) = (&figures.survey.received, &figures.survey.sent);
    let mut rows = vec![cells(["", "received ↓", "sent ↑"])];
    let mut row = |label: &str, [a, b]: [String; 2]| rows.push(cells([label, &a, &b]));
    type Count = fn(&Counts) -> u64;
    let kinds: [(&str, Count); 5] = [
        ("text", |counts| counts.text),
        ("binary", |counts| counts.binary),
        ("ping", |counts| counts.ping),
        ("pong", |counts| counts.pong),
        ("close", |counts| counts.close),
    ];
    for (label, count) in kinds {
        row(label, [&totals.received, &totals.sent].map(|counts| human_count(count(counts))));
    }
    let ways = [received, sent];
    row("payload", ways.map(|way| human_bytes(way.bytes)));
    row("on the wire", ways.map(|way| human_bytes(way.on_wire())));
    row("compression", ways.map(compression));
    row("average size", ways.map(|way| human_bytes(way.bytes / way.messages.max(1))));
    row("largest", ways.map(|way| human_bytes(way.largest)));
    row("frames", ways.map(|way| human_count(way.frames())));
    row("in fragments", ways.map(|way| human_count(way.split)));
    let note = match (figures.survey.first, figures.survey.last) {
        (Some(first), Some(last)) => format!("over {}", long(last.since(first).as_secs())),
        _ => "none yet".into(),
    };
    Section { title: "Messages", note, rows }
}

/// `2.4 : 1` for those that were compressed.
fn compression(way: &Way) -> String {
    if way.packed == 0 {
        return "none".into();
    }
    let ratio = way.packed_bytes as f64 / way.wire_bytes.max(1) as f64;
    if way.packed == way.messages {
        format!("{ratio:.1} : 1")
    } else {
        format!("{ratio:.1} : 1, {} %", way.packed * 100 / way.messages.max(1))
    }
}

fn rates(figures: &Figures) -> Section {
    let (peak, seconds) = (figures.survey.series.peak(), figures.seconds());
    let (received, sent) = (&figures.log.totals.received, &figures.log.totals.sent);
    let all = |counts: &Counts| counts.messages() + counts.ping + counts.pong + counts.close;
    let mut rows = vec![fact(
        "now",
        format!("{}/s, {}", rounded(figures.rate.messages), bytes_a_second(figures.rate.bytes)),
    )];
    let mut spark = |label: &str, words: String, values: Vec<u64>| {
        rows.push(StatRow::Spark { label: label.into(), words, values });
    };
    let counts = |peak: u64, sum: u64| {
        format!("peak {}/s, average {}/s", human_count(peak), rounded(sum as f64 / seconds))
    };
    let sizes = |peak: u64, sum: u64| {
        format!("peak {}/s, average {}", human_bytes(peak), bytes_a_second(sum as f64 / seconds))
    };
    let fine = &figures.fine;
    spark(
        "received ↓",
        counts(peak.received, all(received)),
        fine.iter().map(|step| step.received).collect(),
    );
    spark("sent ↑", counts(peak.sent, all(sent)), fine.iter().map(|step| step.sent).collect());
    spark(
        "bytes ↓",
        sizes(peak.received_bytes, received.bytes),
        fine.iter().map(|step| step.received_bytes).collect(),
    );
    spark(
        "bytes ↑",
        sizes(peak.sent_bytes, sent.bytes),
        fine.iter().map(|step| step.sent_bytes).collect(),
    );
    // The coarse ring says more only once there is more than the fine one holds.
    if seconds > figures.fine.len() as f64 {
        let hour: Vec<u64> = figures.coarse.iter().map(|step| step.received + step.sent).collect();
        let most = hour.iter().copied().max().unwrap_or(0);
        spark("10 s steps", format!("both ways, peak {} in 10 s", human_count(most)), hour);
    }
    Section { title: "Rates", note: "a cell is a second".into(), rows }
}

fn sizes(figures: &Figures) -> Section {
    let (received, sent) = (&figures.survey.received.sizes, &figures.survey.sent.sizes);
    let both = |class: usize| received[class] + sent[class];
    let used = || (0..SIZE_CLASSES).filter(|class| both(*class) > 0);
    let most = used().map(both).max().unwrap_or(1);
    let rows = match (used().min(), used().max()) {
        (Some(first), Some(last)) => (first..=last)
            .map(|class| StatRow::Bar {
                label: class_words(class),
                words: format!(
                    "↓ {}  ↑ {}",
                    human_count(received[class]),
                    human_count(sent[class])
                ),
                share: both(class) as f64 / most as f64,
            })
            .collect(),
        _ => vec![StatRow::Text("No messages yet.".into())],
    };
    Section { title: "Sizes", note: "text and binary".into(), rows }
}

fn class_words(class: usize) -> String {
    match class {
        0 => "empty".into(),
        class if class + 1 == SIZE_CLASSES => {
            format!("{} and more", human_bytes(class_most(class - 1) + 1))
        }
        class => format!("under {}", human_bytes(class_most(class) + 1)),
    }
}

fn kept(figures: &Figures) -> Section {
    let log = &figures.log;
    let mut rows = vec![
        fact("kept rows", human_count(log.kept())),
        fact(
            "in memory",
            format!("{} of {}", human_bytes(log.held_bytes as u64), human_bytes(log.budget as u64)),
        ),
    ];
    if log.disk_bytes > 0 {
        rows.push(fact("on disk", human_bytes(log.disk_bytes)));
    }
    if log.restored > log.first {
        rows.push(fact("of earlier sessions", human_count(log.restored - log.first)));
    }
    if log.gaps > 0 {
        rows.push(fact("lost", format!("{} rows", human_count(log.gaps))));
    }
    rows.push(if log.evicted == 0 {
        fact("thrown away", "nothing")
    } else {
        fact(
            "thrown away",
            format!("{} rows, {}", human_count(log.evicted), human_bytes(log.evicted_bytes)),
        )
    });
    Section { title: "Log", note: String::new(), rows }
}

fn requests(figures: &Figures, pairs: &PairFigures) -> Section {
    let stats = &pairs.stats;
    let tallies = &stats.tallies;
    let mut rows = Vec::new();
    if tallies.sent + tallies.received == 0 {
        let words = "No message carries an id that another one could answer.";
        rows.push(StatRow::Text(words.into()));
    } else {
        rows.push(fact("asked by us", human_count(tallies.sent)));
        rows.push(fact("answered", human_count(tallies.answered)));
        rows.push(fact("failed", human_count(tallies.failed)));
        let [ours, theirs] = stats.open;
        let mut open = human_count(ours + theirs);
        if let Some((number, at)) = stats.oldest {
            let waits = long(figures.now.since(at).as_secs());
            open.push_str(&format!(", the oldest (#{number}) for {waits}"));
        }
        rows.push(fact("without a reply", open));
        let times = &stats.times;
        if times.count > 0 {
            let line = |pairs: [(&str, u64); 3]| {
                pairs.map(|(name, us)| format!("{name} {}", measured(us))).join("  ")
            };
            let first = [("p50", times.p50), ("p90", times.p90), ("p99", times.p99)];
            rows.push(fact("round trip", line(first)));
            let second = [("min", times.min), ("mean", times.mean), ("max", times.max)];
            rows.push(fact("", line(second)));
            let last = pairs.fine.iter().rev().find(|step| step.count > 0);
            rows.push(StatRow::Spark {
                label: "median".into(),
                words: last.map_or("none in five minutes".into(), |step| {
                    format!(
                        "last {}, worst of that second {}",
                        measured(step.median),
                        measured(step.max)
                    )
                }),
                values: pairs.fine.iter().map(|step| step.median).collect(),
            });
        }
    }
    for (label, count) in [
        ("asked by the server", tallies.received),
        ("further replies", tallies.further),
        ("replies to nothing", tallies.stray),
        ("id used again", tallies.reused),
        ("withdrawn", tallies.withdrawn),
        ("cut off by the end", tallies.cut),
        ("forgotten", tallies.forgotten),
    ] {
        if count > 0 {
            rows.push(fact(label, human_count(count)));
        }
    }
    let note = if pairs.behind { "still looking …".into() } else { String::new() };
    Section { title: "Requests and replies", note, rows }
}

fn methods(all: &[Method], sort: SortMethods) -> Section {
    let mut all: Vec<&Method> = all.iter().collect();
    match sort {
        SortMethods::Asked => all.sort_by_key(|method| std::cmp::Reverse(method.asked)),
        SortMethods::Slowest => all.sort_by_key(|method| std::cmp::Reverse(method.times.p99)),
        SortMethods::Failed => all.sort_by_key(|method| std::cmp::Reverse(method.failed)),
        SortMethods::Name => all.sort_by(|a, b| a.name.cmp(&b.name)),
    }
    let mut rows = vec![cells(["name", "asked", "answered", "failed", "p50", "p99", "max"])];
    rows.extend(all.into_iter().map(|method| {
        let time = |us: u64| if method.answered == 0 { "–".into() } else { measured(us) };
        StatRow::Cells(vec![
            method.name.clone().unwrap_or_else(|| "(no name)".into()),
            human_count(method.asked),
            human_count(method.answered),
            human_count(method.failed),
            time(method.times.p50),
            time(method.times.p99),
            time(method.times.max),
        ])
    }));
    Section { title: "Requests by name", note: sort.label().into(), rows }
}

fn pings(figures: &Figures) -> Section {
    let pings = &figures.pings;
    let rows = match pings.last {
        None => vec![StatRow::Text("No pong has answered a ping of ours yet.".into())],
        Some((at, last)) => {
            let ago = long(figures.now.since(at).as_secs());
            vec![
                fact("pongs", human_count(pings.total)),
                fact("last", format!("{}, {ago} ago", measured(last))),
                fact(
                    "min, median",
                    format!("{}, {}", measured(pings.times.min), measured(pings.times.p50)),
                ),
                fact(
                    "p99, max",
                    format!("{}, {}", measured(pings.times.p99), measured(pings.times.max)),
                ),
                StatRow::Spark {
                    label: "history".into(),
                    words: format!("jitter {}", measured(pings.jitter)),
                    values: pings.values.clone(),
                },
            ]
        }
    };
    Section { title: "Ping", note: "round trips".into(), rows }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_and_spans_have_words() {
        assert_eq!(class_words(0), "empty");
        assert_eq!(class_words(1), "under 2 B");
        assert!(class_words(11).starts_with("under 2"));
        assert!(class_words(SIZE_CLASSES - 1).ends_with("and more"));
        for (seconds, words) in [(59, "59 s"), (61, "1 min 1 s"), (7_260, "2 h 1 min")] {
            assert_eq!(long(seconds), words);
        }
        assert_eq!(human_count(1_234_567), "1,234,567");
    }

    #[test]
    fn compression_is_told_as_a_ratio() {
        let mut way = Way { messages: 4, bytes: 400, ..Way::default() };
        assert_eq!(compression(&way), "none");
        (way.packed, way.packed_bytes, way.wire_bytes) = (4, 400, 100);
        assert_eq!(compression(&way), "4.0 : 1");
        way.packed = 1;
        assert_eq!(compression(&way), "4.0 : 1, 25 %");
    }
}
