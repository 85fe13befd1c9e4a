//! Logs on a real disk, and on one that fails.

use std::io;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use proptest::prelude::*;

use super::format::HEAD;
use super::recover::scan;
use super::session;
use super::*;
use crate::core::frame::{FrameHead, Frames};
use crate::core::message::{Direction, Message, MessageKind};
use crate::log::tests::{Step, any_filter, any_step, finish, message, numbers, shown, sieve, text};
use crate::log::{
    Anchor, Entry, Filter, LogHandle, Mode, Note, Pattern, Row, Search, View, Window, sweep,
};

/// How long anything may take. Nothing waits for it unless something hangs.
const PATIENCE: Duration = Duration::from_secs(60);

const MIB: u64 = 1024 * 1024;

fn options(folder: &Path, limit: u64) -> DiskOptions {
    DiskOptions::new(folder.to_owned(), limit, Micros(1_764_000_000_000_000))
        .of("/projects/a".into(), "team/echo".into())
}

fn kept(folder: &Path, budget: usize) -> LogHandle {
    let log = LogHandle::new(budget);
    log.hold();
    log.keep_on_disk(options(folder, 1024 * MIB));
    log
}

fn settle(log: &LogHandle) {
    assert!(log.settle(PATIENCE));
}

/// The window, with everything in it read back.
fn window(log: &LogHandle, view: impl Into<View>, anchor: Anchor, height: usize) -> Window {
    let view = view.into();
    for _ in 0..100 {
        let window = log.window(&view, anchor, height);
        if !window.entries.iter().any(Entry::is_pending) {
            return window;
        }
        settle(log);
    }
    panic!("rows do not come");
}

/// Files of all sessions, oldest first.
fn files(folder: &Path) -> Vec<PathBuf> {
    let sessions = session::list(folder);
    sessions.iter().flat_map(|found| found.files()).map(|(path, _)| path).collect()
}

fn all(log: &LogHandle) -> Vec<Entry> {
    log.read(Filter::ALL, 0..u64::MAX)
}

fn payload(entry: &Entry) -> &[u8] {
    entry.message().map_or(b"", |(_, _, payload)| payload)
}

/// Messages that a log of this budget cannot hold, with their number in the text.
fn fill(log: &LogHandle, count: u64) {
    for n in 0..count {
        log.append(&[text(format!("{n:08} {}", "x".repeat(1000)))]);
    }
}

fn split_message(n: u8) -> Message {
    let mut frames = Frames::default();
    for length in 0..u64::from(n) {
        frames.push(FrameHead {
            fin: length == 3,
            rsv: 5,
            opcode: 2,
            mask: (length == 1).then_some([1, 2, 3, n]),
            masked: true,
            header: 14,
            length,
        });
    }
    Message {
        at: Micros(99),
        packed: NonZeroU32::new(u32::from(n) + 1),
        split: Some(Arc::new(frames)),
        ..message(Direction::Out, MessageKind::Binary, vec![n; usize::from(n) * 40])
    }
}

#[test]
fn all_facts_come_back() {
    let folder = tempfile::tempdir().unwrap();
    let log = kept(folder.path(), 1);
    let notes = [
        Note::Connected { detail: "127.0.0.1".into() },
        Note::Reconnected { attempt: 2, detail: "x\u{1b}".into() },
        Note::Retrying { attempt: 3, wait_ms: 1500 },
        Note::Failed { code: "dns/x".into(), summary: "No.".into() },
        Note::Closed { code: 1006, reason: "r".into(), by: crate::core::evidence::EndedBy::Reset },
        Note::Dropped { count: 7, why: "y".into() },
    ];
    let mut expected = Vec::new();
    for round in 0..40u8 {
        let messages = [
            split_message(round),
            text("small"),
            message(Direction::In, MessageKind::Close, &b"\x03\xe8bye"[..]),
            text(vec![b'l'; 5000 + usize::from(round)]),
            text(vec![b'h'; 300_000]),
        ];
        log.append(&messages);
        expected.extend(messages.map(row_of));
        let note = notes[usize::from(round) % notes.len()].clone();
        log.note(Micros(5), note.clone());
        expected.push((Micros(5), Row::Note(note)));
        if round % 3 == 0 {
            settle(&log);
        }
    }
    settle(&log);
    assert!(log.stats().held_bytes < 2 * MIB as usize, "{:?}", log.stats());
    let rows: Vec<(Micros, Row)> = all(&log).into_iter().map(|e| (e.at, e.row)).collect();
    assert!(rows == expected);
    for (row, expected) in expected.iter().enumerate() {
        let window = window(&log, Filter::ALL, Anchor::Row(row as u64), 1);
        assert!(window.entries[0].row == expected.1, "row {row}");
        assert!(log.get(row as u64 + 1).unwrap().row == expected.1);
    }
    assert_eq!(log.stats().evicted, 0);
}

fn row_of(message: Message) -> (Micros, Row) {
    let Message { at, direction, kind, payload, packed, split } = message;
    (at, Row::Message { direction, kind, payload, packed, split })
}

#[test]
fn a_window_never_waits_and_the_log_tells_when_rows_are_there() {
    let folder = tempfile::tempdir().unwrap();
    let log = kept(folder.path(), 1);
    let (told, heard) = std::sync::mpsc::channel();
    log.on_growth(move || {
        let _ = told.send(());
    });
    fill(&log, 2000);
    settle(&log);
    while heard.try_recv().is_ok() {}
    let first = log.window(Filter::ALL, Anchor::Number(1), 5);
    assert_eq!(numbers(&first.entries), [1, 2, 3, 4, 5]);
    assert!(first.entries.iter().all(Entry::is_pending), "{:?}", first.entries);
    heard.recv_timeout(PATIENCE).unwrap();
    let then = window(&log, Filter::ALL, Anchor::Number(1), 5);
    assert!(payload(&then.entries[4]).starts_with(b"00000004 "));
    // The index is what a segment costs.
    let stats = log.stats();
    assert!(stats.index_bytes < 20 * 200, "{stats:?}");
    assert!(stats.disk_bytes > 2_000_000, "{stats:?}");
}

#[test]
fn the_next_run_shows_the_last_session_and_numbers_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let log = kept(folder.path(), 1);
    fill(&log, 1500);
    assert!(log.finish(PATIENCE));
    drop(log);

    let log = LogHandle::new(64 * MIB as usize);
    log.hold();
    // What comes before the last session is known has to wait, but is not lost.
    log.append(&[text("early")]);
    assert_eq!(log.stats().end, 1);
    log.keep_on_disk(options(folder.path(), 1024 * MIB));
    settle(&log);
    let rows = all(&log);
    assert_eq!(rows.len(), 1502);
    assert!(payload(&rows[1499]).starts_with(b"00001499 "));
    let line = rows[1500].note().unwrap().text();
    assert!(line.starts_with("the program ended at 20"), "{line}");
    assert_eq!((rows[1501].number, payload(&rows[1501])), (1502, &b"early"[..]));
    assert_eq!(log.stats().restored, 1502);
    let top = window(&log, Filter::ALL, Anchor::Number(0), 3);
    assert!(payload(&top.entries[0]).starts_with(b"00000000 "));
    drop(log);
}

#[test]
fn a_run_without_rows_leaves_no_session() {
    let folder = tempfile::tempdir().unwrap();
    let log = kept(folder.path(), 1);
    log.append(&[text("a")]);
    assert!(log.finish(PATIENCE));
    drop(log);
    for _ in 0..3 {
        let log = kept(folder.path(), 1);
        settle(&log);
        assert_eq!(all(&log).len(), 2);
        assert!(log.finish(PATIENCE));
        assert_eq!(session::list(folder.path()).len(), 1);
    }
    let unnamed = LogHandle::new(1);
    unnamed.keep_on_disk(DiskOptions::new(folder.path().into(), MIB, Micros(1)));
    assert!(unnamed.finish(PATIENCE));
    assert_eq!(session::list(folder.path()).len(), 1);
}

#[test]
fn a_session_that_runs_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let sessions = folder.path().join("workspace");
    let one = kept(&sessions, 1);
    one.append(&[text("one")]);
    settle(&one);
    let two = kept(&sessions, 1);
    two.append(&[text("two")]);
    settle(&two);
    assert_eq!(numbers(&all(&two)), [1]);
    one.append(&[text("three")]);
    settle(&one);
    assert_eq!(payload(&all(&one)[1]), b"three");
    assert_eq!(session::list(&sessions).len(), 2);
    assert_eq!(sweep(folder.path(), 0), 0);
}

#[test]
fn clearing_removes_the_files() {
    let folder = tempfile::tempdir().unwrap();
    let log = kept(folder.path(), 1);
    fill(&log, 1000);
    assert!(log.finish(PATIENCE));
    drop(log);
    let log = kept(folder.path(), 1);
    fill(&log, 1000);
    settle(&log);
    assert_eq!(files(folder.path()).len(), 2);
    log.clear();
    settle(&log);
    assert_eq!(files(folder.path()), [] as [PathBuf; 0]);
    assert_eq!((log.stats().kept(), log.stats().disk_bytes), (0, 0));
    log.append(&[text("after")]);
    settle(&log);
    assert_eq!(numbers(&all(&log)), [2002]);
    assert_eq!(files(folder.path()).len(), 1);
}

#[cfg(unix)]
#[test]
fn only_the_owner_can_read() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let sessions = folder.path().join("sessions/a");
    let log = kept(&sessions, 1);
    log.append(&[text("secret")]);
    settle(&log);
    let mut seen = 0;
    let mut folders = vec![folder.path().join("sessions")];
    while let Some(path) = folders.pop() {
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&path), 0o700, "{}", path.display());
        for entry in std::fs::read_dir(path).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                assert_eq!(mode(&path), 0o600, "{}", path.display());
                seen += 1;
            }
        }
    }
    assert_eq!(seen, 3);
}

#[test]
fn the_oldest_file_goes_when_the_disk_budget_is_used_up() {
    let folder = tempfile::tempdir().unwrap();
    let log = LogHandle::new(1);
    log.keep_on_disk(options(folder.path(), 2 * MIB));
    for _ in 0..10 {
        fill(&log, 1000);
        settle(&log);
    }
    let stats = log.stats();
    let on_disk: u64 = files(folder.path()).iter().map(|path| path.metadata().unwrap().len()).sum();
    assert!(on_disk < 3 * MIB && on_disk > MIB, "{on_disk}");
    assert!(stats.evicted > 5000, "{stats:?}");
    assert_eq!(stats.first, stats.evicted + 1);
    let rows = all(&log);
    assert_eq!(rows.len() as u64, stats.kept());
    let last: Vec<&Entry> = rows.iter().rev().take(10).collect();
    assert!(last.iter().any(|entry| payload(entry).starts_with(b"00000999 ")));
    // One row tells of it for a minute's rows; it was dropped with the others by now, or is here.
    let notes = rows.iter().filter(|entry| entry.note().is_some()).count();
    assert!(notes <= 1, "{notes}");
    // A row from a minute later tells again, with all that went.
    let later = |n: u64| Message { at: Micros(61_000_000 + n), ..text(vec![b'y'; 1000]) };
    for n in 0..2000 {
        log.append(&[later(n)]);
    }
    settle(&log);
    let rows = all(&log);
    let note = rows.iter().rev().find_map(Entry::note).unwrap().text();
    assert!(note.contains("messages are not kept: the oldest went, since 2 MiB"), "{note}");
}

#[test]
fn a_disk_that_fails_leaves_a_log_in_memory_that_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let broken = Arc::new(AtomicBool::new(false));
    let fault = {
        let broken = Arc::clone(&broken);
        move || match broken.load(Ordering::Relaxed) {
            true => Err(io::Error::from(io::ErrorKind::StorageFull)),
            false => Ok(()),
        }
    };
    let log = LogHandle::new(MIB as usize);
    log.keep_on_disk(options(folder.path(), 1024 * MIB).failing(fault));
    fill(&log, 3000);
    settle(&log);
    broken.store(true, Ordering::Relaxed);
    fill(&log, 5000);
    settle(&log);
    fill(&log, 1000);
    assert!(Box::pin(log.ready()).as_mut().poll_now());
    let stats = log.stats();
    assert!(stats.held_bytes <= 3 * MIB as usize, "{stats:?}");
    assert!(stats.evicted > 4000 && stats.first == 1, "{stats:?}");
    assert_eq!(stats.evicted, stats.gaps);
    assert_eq!(stats.kept() + stats.evicted, 9001);
    let rows = all(&log);
    assert_eq!(rows.len() as u64, stats.kept());
    // The segments that were written before are still there, and what came last.
    assert!(payload(&rows[2500]).starts_with(b"00002500 "));
    assert!(payload(rows.last().unwrap()).starts_with(b"00000999 "));
    assert_eq!(log.rows(Filter::ALL), stats.kept());
    for row in (0..stats.kept()).step_by(97).chain([stats.kept() - 1]) {
        let number = log.number_at(Filter::ALL, row).unwrap();
        assert_eq!(number, rows[usize::try_from(row).unwrap()].number);
        assert_eq!(log.row_of(Filter::ALL, number), row);
    }
    let search = Search::new(Pattern::new("x", Mode::Plain, false).unwrap(), Filter::ALL);
    let messages = rows.iter().filter(|entry| entry.message().is_some()).count();
    assert_eq!(finish(&search, &log, 1).hits, messages as u64);
    drop(log);

    let log = LogHandle::new(MIB as usize);
    log.keep_on_disk(
        options(folder.path(), MIB).failing(|| Err(io::ErrorKind::StorageFull.into())),
    );
    log.append(&[text("a")]);
    settle(&log);
    let note = all(&log).last().and_then(Entry::note).unwrap().text();
    assert!(note.contains("kept in memory alone"), "{note}");
}

trait PollNow {
    fn poll_now(&mut self) -> bool;
}

impl<F: Future<Output = ()> + Unpin> PollNow for F {
    fn poll_now(&mut self) -> bool {
        let mut context = Context::from_waker(Waker::noop());
        std::pin::Pin::new(self).poll(&mut context) == Poll::Ready(())
    }
}

#[test]
fn a_folder_that_cannot_be_made_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let log = LogHandle::new(1);
    log.keep_on_disk(options(&file.join("sessions"), MIB));
    log.append(&[text("a")]);
    settle(&log);
    let rows = all(&log);
    let note = rows[1].note().unwrap().text();
    assert!(note.contains("kept in memory alone") && note.contains("sessions"), "{note}");
}

#[test]
fn a_slow_disk_makes_the_sender_wait_and_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let gate = Arc::new((Mutex::new(false), Condvar::new()));
    let its = Arc::clone(&gate);
    let log = LogHandle::new(MIB as usize);
    log.keep_on_disk(options(folder.path(), 1024 * MIB).failing(move || {
        let open = its.0.lock().unwrap();
        drop(its.1.wait_while(open, |open| !*open).unwrap());
        Ok(())
    }));
    settle(&log);
    let mut sent = 0;
    while Box::pin(log.ready()).as_mut().poll_now() {
        log.append(&[text(format!("{sent:08} {}", "x".repeat(1000)))]);
        sent += 1;
        assert!(sent < 10_000, "nobody had to wait");
    }
    assert!(log.stats().held_bytes < 2 * MIB as usize);
    let (told, heard) = std::sync::mpsc::channel();
    let waker = Waker::from(Arc::new(Tell(told)));
    let mut ready = Box::pin(log.ready());
    assert!(ready.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    *gate.0.lock().unwrap() = true;
    gate.1.notify_all();
    heard.recv_timeout(PATIENCE).unwrap();
    settle(&log);
    assert_eq!(all(&log).len(), sent);
}

struct Tell(std::sync::mpsc::Sender<()>);

impl std::task::Wake for Tell {
    fn wake(self: Arc<Self>) {
        let _ = self.0.send(());
    }
}

/// A file of some chunks of each kind, and the rows in it.
fn sample(folder: &Path) -> (Vec<u8>, Vec<Entry>) {
    let log = kept(folder, 1);
    for n in 0..5u8 {
        log.append(&[text(format!("row {n}")), split_message(n)]);
        log.note(Micros(5), Note::Separator(format!("note {n}")));
        if n == 3 {
            log.append(&[text(vec![b'l'; 4100])]);
        }
        settle(&log);
    }
    let rows = all(&log);
    let path = files(folder).pop().unwrap();
    (std::fs::read(path).unwrap(), rows)
}

/// The rows of a file as it is recovered.
fn recovered(bytes: &[u8], path: &Path) -> Vec<Entry> {
    std::fs::write(path, bytes).unwrap();
    let scanned = scan(path.to_owned()).unwrap();
    let mut rows = Vec::new();
    for part in &scanned.parts {
        let segment = Stored::of(part).unwrap().load();
        assert_eq!(segment.table.len(), part.rows as usize);
        rows.extend((0..segment.table.len()).map(|index| segment.entry(index)));
    }
    rows
}

#[test]
fn a_file_that_was_cut_anywhere_gives_all_whole_chunks() {
    let folder = tempfile::tempdir().unwrap();
    let (bytes, rows) = sample(&folder.path().join("sessions"));
    let path = folder.path().join("cut");
    let mut most = 0;
    for len in 0..=bytes.len() {
        let found = recovered(&bytes[..len], &path);
        assert!(found.len() >= most && found == rows[..found.len()], "cut at {len}");
        most = found.len();
    }
    assert_eq!(most, rows.len());
}

#[test]
fn a_damaged_byte_is_noticed_and_costs_its_chunk_only() {
    let folder = tempfile::tempdir().unwrap();
    let (bytes, rows) = sample(&folder.path().join("sessions"));
    let path = folder.path().join("damaged");
    for at in 16..bytes.len() {
        let mut damaged = bytes.clone();
        damaged[at] ^= 0x40;
        let found = recovered(&damaged, &path);
        let right = found.iter().filter(|entry| rows.contains(entry)).count();
        assert!(right < rows.len(), "the damage at {at} went unnoticed");
        assert!(right >= rows.len() - 4, "{right} rows of {} at {at}", rows.len());
        for entry in found.iter().filter(|entry| !rows.contains(entry)) {
            let note = entry.note().map(Note::text).unwrap_or_default();
            assert!(note.contains("cannot be read back"), "{entry:?} at {at}");
        }
    }
}

#[test]
fn a_damaged_session_says_so_and_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let log = kept(folder.path(), 1);
    fill(&log, 2000);
    // As after a kill: the session has no end.
    settle(&log);
    let path = files(folder.path()).pop().unwrap();
    let mut bytes = std::fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    // A head in the middle is gone, and a payload elsewhere is not what it was.
    let head = memchr::memmem::find(&bytes[middle..], &format::MAGIC).unwrap() + middle;
    bytes[head] = b'?';
    // The first row's time, behind the head of the file and that of the chunk.
    bytes[16 + HEAD] ^= 1;
    assert!(log.finish(PATIENCE));
    std::fs::write(&path, &bytes).unwrap();
    let facts = path.with_file_name("session.json");
    let text = std::fs::read_to_string(&facts).unwrap();
    let running = text.split("\"ended\"").next().unwrap().to_owned() + "\"ended\": null }";
    std::fs::write(&facts, running).unwrap();

    let log = kept(folder.path(), 1);
    settle(&log);
    let rows = all(&log);
    let stats = log.stats();
    assert_eq!(rows.len() as u64, stats.kept());
    assert!(stats.gaps > 0, "{stats:?}");
    assert_eq!(stats.end, 2002);
    let line = rows.last().unwrap().note().unwrap().text();
    assert!(line.contains("killed or crashed") && line.contains("damaged"), "{line}");
    assert!(payload(&rows[rows.len() - 2]).starts_with(b"00001999 "));
    assert!(rows[0].note().unwrap().text().contains("cannot be read back"));
    let search = Search::new(Pattern::new("x", Mode::Plain, false).unwrap(), Filter::ALL);
    finish(&search, &log, 1);
    assert!(search.total() > 1000);
    // No place of the log makes it stumble.
    for number in 0..=stats.end {
        let _ = (log.get(number), log.row_of(Filter::ALL, number));
    }
    let all_rows = log.rows(Filter::ALL);
    for row in (0..all_rows).step_by(50) {
        window(&log, Filter::ALL, Anchor::Row(row), 60);
    }
}

#[test]
fn old_sessions_are_swept() {
    let folder = tempfile::tempdir().unwrap();
    let sessions = folder.path().join("workspace");
    for run in 0..5u64 {
        let log = LogHandle::new(1);
        let started = Micros(1_764_000_000_000_000 + run);
        log.keep_on_disk(
            DiskOptions::new(sessions.clone(), 1024 * MIB, started)
                .of("/w".into(), if run == 0 { "other".into() } else { "echo".into() }),
        );
        fill(&log, 1000);
        assert!(log.finish(PATIENCE));
    }
    assert_eq!(sweep(folder.path(), 10 * MIB), 0);
    assert_eq!(sweep(folder.path(), 5 * MIB / 2), 2);
    let left: Vec<String> =
        session::list(&sessions).into_iter().map(|found| found.facts.request).collect();
    assert_eq!(left, ["other", "echo", "echo"]);
    // The newest one of each request stays whatever it holds.
    assert_eq!(sweep(folder.path(), 0), 1);
    assert_eq!(session::list(&sessions).len(), 2);
}

#[test]
fn the_session_takes_the_name_of_its_request() {
    let folder = tempfile::tempdir().unwrap();
    let log = LogHandle::new(1);
    log.keep_on_disk(DiskOptions::new(folder.path().into(), MIB, Micros(1)));
    log.append(&[text("a")]);
    settle(&log);
    log.belongs_to("team/echo");
    assert!(log.finish(PATIENCE));
    let log = kept(folder.path(), 1);
    settle(&log);
    assert_eq!(payload(&all(&log)[0]), b"a");
}

#[test]
fn a_sieve_sees_what_is_on_disk_only() {
    let folder = tempfile::tempdir().unwrap();
    let log = kept(folder.path(), 100_000);
    fill(&log, 3_000);
    settle(&log);
    let sieve = sieve("/^\\d+7 x/ size>1000", Filter::ALL);
    assert_eq!(finish(&sieve, &log, 1).hits, 300);
    let view = View::from(sieve);
    let first = window(&log, &view, Anchor::Row(0), 20);
    assert_eq!((first.row, first.rows, first.entries.len()), (0, 300, 20));
    for (entry, n) in first.entries.iter().zip((7..).step_by(10)) {
        assert!(payload(entry).starts_with(format!("{n:08} ").as_bytes()));
    }
    assert_eq!(log.read(&view, 0..u64::MAX).len(), 300);
    log.clear();
    assert_eq!(log.rows(&view), 0);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn a_log_on_disk_agrees_with_a_naive_one(
        steps in prop::collection::vec(any_step(), 1..30),
        filter in any_filter(),
        budget in prop_oneof![Just(1usize), Just(400_000)],
        height in 1usize..50,
    ) {
        let folder = tempfile::tempdir().unwrap();
        let log = kept(folder.path(), budget);
        settle(&log);
        let mut naive: Vec<Option<Message>> = Vec::new();
        let mut cleared = 0;
        let pattern = Pattern::new("ab", Mode::Plain, false).unwrap();
        let search = Search::new(pattern.clone(), filter);
        for step in steps {
            match step {
                Step::Append(messages) => {
                    log.append(&messages);
                    naive.extend(messages.into_iter().map(Some));
                }
                Step::Note => {
                    log.note(Micros(1), Note::Separator("x".into()));
                    naive.push(None);
                }
                Step::Search(budget) => {
                    settle(&log);
                    let _ = crate::log::Scan::step(&search, &log, budget);
                }
                Step::Clear => {
                    log.clear();
                    cleared = naive.len() as u64;
                }
            }
            let stats = log.stats();
            prop_assert_eq!((stats.first, stats.end), (cleared + 1, naive.len() as u64 + 1));
            let expected = shown(&naive, stats.first..stats.end, filter);
            prop_assert_eq!(log.rows(filter), expected.len() as u64);
        }
        settle(&log);
        let stats = log.stats();
        let expected = shown(&naive, stats.first..stats.end, filter);
        // Places are guessed until their segments are read, which happens meanwhile.
        for row in 0..=expected.len() as u64 {
            let number = log.number_at(filter, row);
            prop_assert_eq!(number.is_some(), row < expected.len() as u64);
            prop_assert!(number.is_none_or(|n| log.row_of(filter, n) < expected.len() as u64));
            let _ = log.step_from(filter, row, 3);
        }
        let read = log.read(filter, 0..u64::MAX);
        prop_assert_eq!(numbers(&read), &expected[..]);
        for entry in &read {
            prop_assert_eq!(&entry.to_message(), &naive[entry.number as usize - 1]);
        }
        for row in (0..expected.len()).step_by(height) {
            let window = window(&log, filter, Anchor::Row(row as u64), height);
            let from = usize::try_from(window.row).unwrap();
            let to = (from + height).min(expected.len());
            prop_assert_eq!(numbers(&window.entries), &expected[from..to]);
            for entry in &window.entries {
                prop_assert_eq!(&entry.to_message(), &naive[entry.number as usize - 1]);
                prop_assert_eq!(log.get(entry.number), Some(entry.clone()));
            }
        }
        finish(&search, &log, 50_000);
        let hits: Vec<u64> = expected
            .iter()
            .copied()
            .filter(|number| {
                naive[*number as usize - 1]
                    .as_ref()
                    .is_some_and(|message| pattern.is_match(&message.payload))
            })
            .collect();
        prop_assert_eq!(search.hits_in(0..u64::MAX), hits);
        // And the next run finds the same.
        prop_assert!(log.finish(PATIENCE));
        drop(log);
        let log = kept(folder.path(), budget);
        settle(&log);
        let again = log.read(filter, 0..stats.end);
        prop_assert!(again == read);
    }
}
