//! The layering of the sources: who may use whom, and what each file must have.
//!
//! [`ROOMS`] is the allow-list; a module that it does not name fails. The reading of sources is in
//! `arch/source.rs` and is itself tested here on snippets, so that a rule cannot fall asleep
//! unnoticed. Code that is compiled for tests only is free.

mod source;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use source::{Source, Use};

/// What one top-level module may use.
struct Room {
    name: &'static str,
    /// Other modules of ours.
    ours: &'static [&'static str],
    /// Fences that it may pass.
    passes: &'static [Fence],
}

/// A part of the outside world that only some rooms may touch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fence {
    /// ratatui and crossterm.
    Terminal,
    /// Types that open connections.
    Sockets,
    /// The runtime of tasks and timers.
    Tokio,
    /// Reading the time.
    Clock,
    /// Files and folders.
    Files,
}

use Fence::{Clock, Files, Sockets, Terminal, Tokio};

#[rustfmt::skip]
const ROOMS: &[Room] = &[
    Room { name: "core", ours: &[], passes: &[] },
    Room { name: "auth", ours: &["core"], passes: &[] },
    Room { name: "payload", ours: &["core"], passes: &[] },
    Room { name: "editor", ours: &["core"], passes: &[] },
    Room { name: "diagnose", ours: &["core"], passes: &[] },
    Room { name: "report", ours: &["core"], passes: &[] },
    Room { name: "config", ours: &["core"], passes: &[Files] },
    Room { name: "net", ours: &["core"], passes: &[Sockets, Tokio, Clock, Files] },
    Room { name: "probe", ours: &["core", "auth", "diagnose", "net"], passes: &[Tokio] },
    Room { name: "log", ours: &["core", "payload"], passes: &[Clock, Files] },
    Room { name: "store", ours: &["core", "auth"], passes: &[Files] },
    Room {
        name: "credentials",
        ours: &["core", "auth", "net", "store"],
        passes: &[Sockets, Tokio, Files],
    },
    Room { name: "practice", ours: &["core"], passes: &[Sockets, Tokio, Clock, Files] },
    Room {
        name: "app",
        ours: &["core", "auth", "payload", "editor", "diagnose", "report", "config", "log"],
        passes: &[],
    },
    Room { name: "tui", ours: &["app", "core", "payload", "editor", "config"], passes: &[Terminal] },
    Room {
        name: "cli",
        ours: &[
            "core", "auth", "payload", "diagnose", "report", "config", "net", "log", "store",
            "practice", "probe", "credentials",
        ],
        passes: &[Sockets, Tokio, Clock, Files],
    },
    Room {
        name: "runtime",
        ours: &[
            "core", "auth", "payload", "editor", "diagnose", "report", "config", "net", "log",
            "store", "practice", "probe", "credentials", "app", "tui",
        ],
        passes: &[Terminal, Sockets, Tokio, Clock, Files],
    },
    // The two files at the top join rooms and do nothing themselves.
    Room { name: "main", ours: &["cli", "runtime"], passes: &[] },
    Room { name: "lib", ours: &[], passes: &[] },
];

/// Names that say nothing about what a file holds.
const EMPTY_NAMES: [&str; 6] = ["utils", "util", "helpers", "helper", "misc", "common"];

/// Production lines of a file that are worth a thought, and that are too many.
const LONG: usize = 500;
const TOO_LONG: usize = 800;

/// The fence that a path through modules crosses.
fn fence(path: &[String]) -> Option<Fence> {
    let path: Vec<&str> = path.iter().map(String::as_str).collect();
    match path.as_slice() {
        ["ratatui" | "crossterm", ..] => return Some(Terminal),
        ["tokio", "net", ..] | ["std", "os", "unix", "net", ..] => return Some(Sockets),
        ["std", "net", rest, ..] if ["self", "as", "*", "ToSocketAddrs"].contains(rest) => {
            return Some(Sockets);
        }
        ["std", "net", kind, ..] if kind.starts_with("Tcp") || kind.starts_with("Udp") => {
            return Some(Sockets);
        }
        ["std" | "tokio", "fs", ..] => return Some(Files),
        _ => {}
    }
    // `Instant::now`, and a new name for the clock, under which its reading would go unseen.
    let read = path.windows(2).any(|pair| {
        ["Instant", "SystemTime", "Timestamp", "Zoned"].contains(&pair[0])
            && ["now", "as"].contains(&pair[1])
    });
    if read {
        return Some(Clock);
    }
    (path[0] == "tokio").then_some(Tokio)
}

/// Which module of ours a path means, if it leaves the one where it stands.
fn target<'u>(room: &str, used: &'u Use) -> Option<&'u str> {
    let path = &used.path;
    let first = path.iter().position(|part| part != "self")?;
    let name = match path[first].as_str() {
        "crate" => path.get(first + 1)?,
        "wsdeck" if path.len() > 1 => path.get(first + 1)?,
        "super" => {
            let climbs = path[first..].iter().take_while(|part| *part == "super").count();
            if climbs < used.depth {
                return None;
            }
            path.get(first + climbs)?
        }
        _ => return None,
    };
    (name != room).then_some(name)
}

/// Everything in one file that breaks a rule. `file` is relative to `src`.
fn violations(file: &Path, source: &Source) -> Vec<String> {
    let mut found = Vec::new();
    let mut report = |line: usize, what: String| {
        found.push(format!("src/{}:{line}: {what}", file.display()));
    };
    let stem = file.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    if EMPTY_NAMES.contains(&stem) {
        report(1, format!("{stem} says nothing: name the file for what it holds"));
    }
    if !source.text.starts_with("//!") {
        report(1, "the file must start with //! and what it holds".to_owned());
    }
    for (index, line) in source.text.lines().enumerate() {
        // The words that are looked for; here and in the snippets below they are the test's matter.
        if ["TODO", "FIXME"].iter().any(|word| line.contains(word)) {
            report(index + 1, "finish it, or say in words what is left out".to_owned());
        }
    }
    for (line, name) in &source.macros {
        if ["dbg", "todo", "unimplemented"].contains(&name.as_str()) {
            report(*line, format!("{name}! must not stay"));
        }
    }
    if !source.balanced {
        report(1, "tests/it/arch/source.rs cannot read this file: mend it there".to_owned());
    }
    if source.lines > TOO_LONG {
        report(source.lines, format!("{} lines are too many for one file", source.lines));
    }
    let room = source::room(file);
    let Some(Room { name: room, ours, passes }) = ROOMS.iter().find(|r| r.name == room) else {
        report(1, format!("{room} is not in the list of rooms in tests/it/arch.rs"));
        return found;
    };
    for used in &source.uses {
        if let Some(name) = target(room, used)
            && !ours.contains(&name)
        {
            report(used.line, format!("{room} may not use {name} ({})", used.path.join("::")));
        }
        if let Some(fence) = fence(&used.path)
            && !passes.contains(&fence)
        {
            report(used.line, format!("{room} may not touch {fence:?} ({})", used.path.join("::")));
        }
    }
    for line in &source.elapsed {
        if !passes.contains(&Clock) {
            report(*line, format!("{room} may not touch Clock (.elapsed())"));
        }
    }
    found
}

fn sources() -> Vec<(PathBuf, Source)> {
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    let mut folders = vec![top.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("src can be read") {
            let path = entry.expect("src can be read").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = std::fs::read_to_string(&path).expect("sources are UTF-8");
                let file = path.strip_prefix(&top).expect("it lies below").to_owned();
                files.push((file.clone(), Source::read(&file, &text)));
            }
        }
    }
    files.sort_by(|a, b| a.0.cmp(&b.0));
    // Files of modules that exist in tests only, and all that lies below them, are free.
    let free: Vec<PathBuf> =
        files.iter().flat_map(|(_, source)| source.test_files.clone()).collect();
    for (file, source) in &mut files {
        if free.iter().any(|free| file.with_extension("").starts_with(free)) {
            source.free();
        }
    }
    files
}

#[test]
fn the_sources_keep_the_rules() {
    let sources = sources();
    assert!(sources.len() > 50, "the sources were not found");
    let found: Vec<String> =
        sources.iter().flat_map(|(file, source)| violations(file, source)).collect();
    assert!(found.is_empty(), "\n{}\n", found.join("\n"));

    for (file, source) in sources.iter().filter(|(_, source)| source.lines > LONG) {
        println!("long: src/{} has {} lines", file.display(), source.lines);
    }
}

#[test]
fn every_room_of_the_list_exists() {
    let rooms: BTreeSet<String> = sources().iter().map(|(file, _)| source::room(file)).collect();
    for room in ROOMS {
        assert!(rooms.contains(room.name), "{} is in the list, but not in src", room.name);
        for ours in room.ours {
            assert!(ROOMS.iter().any(|r| r.name == *ours), "{ours} is no room");
        }
    }
}

/// The list of rooms has no circle: an order exists in which each uses earlier ones only.
#[test]
fn the_rooms_stand_in_an_order() {
    for (index, room) in ROOMS.iter().enumerate() {
        for ours in room.ours {
            let place = ROOMS.iter().position(|r| r.name == *ours);
            let later = place.is_none_or(|place| place >= index);
            assert!(!later, "{} uses {ours}, which stands after it", room.name);
        }
    }
}

mod on_snippets {
    use super::*;

    fn check(file: &str, text: &str) -> Vec<String> {
        let file = Path::new(file);
        violations(file, &Source::read(file, &format!("//! A file.\n{text}\n")))
    }

    /// Each snippet stands in a file where it breaks exactly one rule.
    #[test]
    fn a_violation_is_found() {
        for (file, text, expected) in [
            ("core/a.rs", "use crate::net::Handle;", "core may not use net"),
            (
                "core/a.rs",
                "use crate::{\n core::b,\n net::{Handle},\n};",
                "4: core may not use net",
            ),
            ("core/a.rs", "fn f() { crate::net::g() }", "core may not use net"),
            ("core/a.rs", "fn f(x: &crate :: net :: H) {}", "core may not use net"),
            ("core/a.rs", "use super::super::net::H;", "core may not use net"),
            ("core/mod.rs", "use super::net::H;", "core may not use net"),
            ("core.rs", "use super::net::H;", "core may not use net"),
            ("core/a/b.rs", "use super::{c, super::{super::net::H}};", "core may not use net"),
            ("core/a.rs", "mod x { use super::super::super::net; }", "core may not use net"),
            ("core/a.rs", "macro_rules! m { () => { $crate::net::H } }", "core may not use net"),
            ("core/a.rs", "pub use wsdeck::net::H;", "core may not use net"),
            ("core/a.rs", "use crate as all;", "core may not use as"),
            ("core/a.rs", "use crate::*;", "core may not use *"),
            ("core/mod.rs", "use super::*;", "core may not use *"),
            ("core/a.rs", "#[cfg(not(test))] use crate::net;", "core may not use net"),
            ("core/a.rs", "#[cfg(any(test, unix))] use crate::net;", "core may not use net"),
            ("core/a.rs", "#[cfg(test)] mod tests { }\nuse crate::net;", "3: core may not use net"),
            ("core/a.rs", "#[cfg(test)]\nuse crate::app;\nuse crate::net;", "core may not use net"),
            ("app/a.rs", "use crate::tui::Styles;", "app may not use tui"),
            ("cli/a.rs", "use crate::app::Model;", "cli may not use app"),
            ("tui/a.rs", "use crate::net::H;", "tui may not use net"),
            ("runtime/a.rs", "use crate::cli::H;", "runtime may not use cli"),
            ("app/a.rs", "use ratatui::style::Style;", "app may not touch Terminal"),
            ("net/a.rs", "fn f(c: crossterm::Command) {}", "net may not touch Terminal"),
            ("app/a.rs", "use tokio::{net::TcpStream};", "app may not touch Sockets"),
            (
                "config/a.rs",
                "use std::{fmt, net::{IpAddr, TcpStream}};",
                "config may not touch Sockets",
            ),
            ("config/a.rs", "use std::net::{self};", "config may not touch Sockets"),
            ("core/a.rs", "fn f() { std::net::UdpSocket::bind(a) }", "core may not touch Sockets"),
            (
                "core/a.rs",
                "async fn f() { tokio::time::sleep(a).await }",
                "core may not touch Tokio",
            ),
            ("app/a.rs", "fn f() { let now = Instant::now(); }", "app may not touch Clock"),
            (
                "app/a.rs",
                "fn f() { let now = std::time::SystemTime::now(); }",
                "app may not touch Clock",
            ),
            ("app/a.rs", "fn f() { let now = jiff::Timestamp::now(); }", "app may not touch Clock"),
            ("app/a.rs", "use std::time::Instant as Now;", "app may not touch Clock"),
            ("app/a.rs", "fn f(i: Instant) { i.elapsed() }", "app may not touch Clock"),
            ("app/a.rs", "use std::fs;", "app may not touch Files"),
            ("diagnose/a.rs", "use std::{fs::File, io};", "diagnose may not touch Files"),
            ("newroom/a.rs", "", "newroom is not in the list of rooms"),
            ("newroom.rs", "", "newroom is not in the list of rooms"),
            ("core/utils.rs", "", "utils says nothing"),
            ("core/a.rs", "// TODO: the rest", "2: finish it"),
            ("core/a.rs", "fn f() { dbg!(1); }", "dbg! must not stay"),
            ("core/a.rs", "fn f() { todo!() }", "todo! must not stay"),
        ] {
            let found = check(file, text);
            assert_eq!(found.len(), 1, "{file}: {text}\n{found:#?}");
            assert!(found[0].contains(expected), "{file}: {text}\n{found:#?}");
        }
    }

    #[test]
    fn what_is_allowed_passes() {
        for (file, text) in [
            (
                "core/a/b.rs",
                "use super::c; use super::super::d; use crate::core::e; use self::f::g;",
            ),
            ("core/a.rs", "mod x { use super::super::b; }"),
            ("core/a.rs", "pub(crate) fn f() {} pub(in crate::core) fn g() {}"),
            ("core/a.rs", "// use crate::net;\n/* crate::net /* nested */ crate::app */"),
            (
                "core/a.rs",
                r##"const A: &str = "crate::net \" crate::net"; const B: &str = r#"" crate::net"#;"##,
            ),
            (
                "core/a.rs",
                r##"const A: &[u8] = b"crate::net"; const B: char = '"'; const C: u8 = b'\''; fn f<'a>(x: &'a str) {}"##,
            ),
            ("core/a.rs", "#[cfg(test)]\nmod tests { use crate::net; fn f() { Instant::now(); } }"),
            (
                "core/a.rs",
                "#[cfg(all(test, unix))]\n#[path = \"x\"]\nfn f() -> [u8; 2] { crate::net::f() }",
            ),
            ("core/a.rs", "#[cfg(test)]\nuse crate::{app, net};"),
            ("core/a.rs", "struct S { #[cfg(test)] seen: crate::net::S, b: u8 }"),
            ("core/a.rs", "use std::net::{IpAddr, SocketAddr}; fn f(t: std::time::Duration) {}"),
            ("core/a.rs", "fn f(now: Instant) -> Instant { now }"),
            (
                "net/a.rs",
                "use crate::core::x; use tokio::net::TcpStream; fn f() { Instant::now().elapsed() }",
            ),
            ("tui/a.rs", "use crate::{app::Model, core::x}; use ratatui::Frame;"),
            ("config/a.rs", "fn f() { std::fs::read(p) }"),
            ("cli/a.rs", "use crate::net::H; use crate::practice::S;"),
        ] {
            let found = check(file, text);
            assert!(found.is_empty(), "{file}: {text}\n{found:#?}");
        }
    }

    #[test]
    fn reading_that_goes_astray_is_found() {
        for text in ["fn f() {", "fn f() {}}"] {
            assert!(!check("core/a.rs", text).is_empty(), "{text}");
        }
    }

    #[test]
    fn a_file_without_its_words_is_found() {
        let file = Path::new("core/a.rs");
        let found = violations(file, &Source::read(file, "use std::fmt;\n"));
        assert!(found[0].contains("must start with //!"), "{found:?}");
    }

    #[test]
    fn production_lines_are_counted_without_tests() {
        let file = Path::new("core/a.rs");
        let long = "fn f() {}\n".repeat(TOO_LONG);
        let tests = format!("//! A.\n#[cfg(test)]\nmod tests {{\n{long}}}\n");
        assert_eq!(Source::read(file, &tests).lines, 1);
        let found = violations(file, &Source::read(file, &format!("//! A.\n{long}")));
        assert!(found.iter().any(|f| f.contains("801 lines are too many")), "{found:?}");
    }

    #[test]
    fn files_of_test_modules_are_known() {
        for (file, expected) in
            [("core/mod.rs", "core/tests"), ("core/a.rs", "core/a/tests"), ("lib.rs", "tests")]
        {
            let source =
                Source::read(Path::new(file), "//! A.\n#[cfg(test)]\nmod tests;\nmod b;\n");
            assert_eq!(source.test_files, [Path::new(expected)]);
        }
    }
}
