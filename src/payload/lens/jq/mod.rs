//! Programs in jq's language, run on a payload by jaq.
//!
//! A program is a person's own, but may be wrong: `repeat(1)` never ends, `def f: 1 + f; f` eats the
//! stack, `"x" * 1e12` the memory. It runs on a thread of its own whose stack is known, and
//! [`guard`] weaves checks into it that stop it when somebody asks, and at bounds on steps, stack,
//! nesting and sizes. What it has put out by then is shown. Numbers keep their text where a program
//! does not compute with them; double keys are one, the last. Programs see neither the environment
//! nor files.

mod guard;

use std::fmt;
use std::io::{self, Write};
use std::ops::Range;

use jaq_core::compile::Undefined;
use jaq_core::load::lex::{self, Lexer};
use jaq_core::load::parse::{Def, Expect, Parser};
use jaq_core::load::{Arena, File, Loader, span};
use jaq_core::{Ctx, Vars};
use jaq_json::write::Pp;
use jaq_json::{Val, read};

use super::LensProblem;
use crate::core::progress::Progress;
use crate::core::sanitize::{escape_line, truncate_to_width};
use guard::{Guarded, Run};

/// Longest program.
const LONGEST_PROGRAM: usize = 64 << 10;

/// Brackets that may be open at a place of a program.
const DEEPEST_PROGRAM: usize = 200;

/// Levels of a payload that is read, and of a value that a program makes.
const DEEPEST: usize = 5000;

/// Bytes of output that are kept.
const MOST_OUTPUT: usize = 64 << 20;

/// Stack of the thread that runs a program. Only what is used of it is memory.
const STACK: usize = 256 << 20;

/// Cells of a message of jq's that are shown.
const MESSAGE_CELLS: usize = 300;

/// What is wrong with a program.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct JqProblem {
    /// What is wrong, as a phrase. Escaped.
    pub message: String,
    /// The bytes of the program that it is about; empty at the end if something is missing there.
    pub at: Range<usize>,
}

/// What a program put out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Output {
    /// The outputs as indented JSON, one after another on lines of their own.
    pub text: String,
    /// How many there are.
    pub count: usize,
    /// Why there are no more, if it is not that the program is done: an error, a bound. Escaped.
    pub note: String,
}

/// A program that can be run.
pub struct Jq {
    text: String,
    filter: jaq_core::Filter<Guarded>,
}

impl fmt::Debug for Jq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Jq").field(&self.text).finish()
    }
}

impl PartialEq for Jq {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Jq {
    /// Reads a program. Takes a millisecond.
    ///
    /// # Errors
    /// Syntax, names that do not exist, and programs beyond any reason.
    pub fn compile(text: &str) -> Result<Jq, JqProblem> {
        let end = text.len()..text.len();
        if text.len() > LONGEST_PROGRAM || nesting(text.as_bytes()) > DEEPEST_PROGRAM {
            let message = "this program is too long or nests too deep".to_owned();
            return Err(JqProblem { message, at: end });
        }
        let filter = on_own_stack(|| compile(text)).ok_or_else(|| JqProblem {
            message: "no thread could be started to read this program".to_owned(),
            at: end,
        })??;
        Ok(Jq { text: text.to_owned(), filter })
    }

    /// The program as it was typed.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Runs the program on each JSON value of the payload. Blocks until it is done, stopped or at a
    /// bound.
    ///
    /// # Errors
    /// The payload is not JSON, the program failed before it put out anything, or the work was
    /// cancelled.
    pub fn run(&self, payload: &[u8], progress: &Progress) -> Result<Output, LensProblem> {
        if nesting(payload) > DEEPEST {
            return Err(LensProblem::Jq("the payload nests too deep for a filter".to_owned()));
        }
        on_own_stack(|| self.run_here(payload, progress)).unwrap_or_else(|| {
            Err(LensProblem::Jq("no thread could be started to run the filter".to_owned()))
        })
    }

    fn run_here(&self, payload: &[u8], progress: &Progress) -> Result<Output, LensProblem> {
        let run = Run::new(&self.filter.lut, progress, payload.len(), STACK / 4 * 3);
        let pp = Pp { indent: Some("  ".to_owned()), sep_space: true, ..Pp::default() };
        let mut out = Bounded { bytes: Vec::new(), progress };
        let mut count = 0;
        let mut note = String::new();
        'inputs: for input in
            read::parse_many(payload.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(payload))
        {
            let input = match input {
                Ok(input) => input,
                Err(error) if count == 0 => {
                    return Err(LensProblem::not("JSON", error.to_string(), None));
                }
                Err(error) => {
                    note = error.to_string();
                    break;
                }
            };
            for value in self.filter.id.run((Ctx::<Guarded>::new(&run, Vars::new([])), input)) {
                let before = out.bytes.len();
                let written = match value {
                    Ok(value) => write_value(&mut out, &pp, &value),
                    Err(exception) => {
                        // A halt without a reason of ours is the program's own: it is done.
                        if let Ok(error) = exception.get_err() {
                            note = message(&error.to_string());
                        }
                        break 'inputs;
                    }
                };
                if written.is_err() {
                    if before > 0 {
                        out.bytes.truncate(before);
                    }
                    note = "the output is longer than what is kept, 64 MiB".to_owned();
                    break 'inputs;
                }
                count += 1;
            }
        }
        if progress.is_cancelled() {
            return Err(LensProblem::Cancelled);
        }
        if let Some(stop) = run.stopped() {
            note = stop.to_string();
        }
        if count == 0 && !note.is_empty() {
            return Err(LensProblem::Jq(note));
        }
        let text = String::from_utf8_lossy(&out.bytes).into_owned();
        Ok(Output { text, count, note })
    }
}

fn write_value(out: &mut Bounded<'_>, pp: &Pp, value: &Val) -> io::Result<()> {
    if !out.bytes.is_empty() {
        out.write_all(b"\n")?;
    }
    jaq_json::write::write(out, pp, 0, value)
}

/// Takes so many bytes and no more.
struct Bounded<'a> {
    bytes: Vec<u8>,
    progress: &'a Progress,
}

impl Write for Bounded<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // A value may be small and its text without end: `[., .]` forty times over.
        if self.bytes.len() + bytes.len() > MOST_OUTPUT || self.progress.is_cancelled() {
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Runs work on a thread with a deep stack; `None` if there can be none, or it panicked.
fn on_own_stack<T: Send>(work: impl FnOnce() -> T + Send) -> Option<T> {
    std::thread::scope(|scope| {
        let builder = std::thread::Builder::new().name("jq".to_owned()).stack_size(STACK);
        builder.spawn_scoped(scope, work).ok()?.join().ok()
    })
}

/// Brackets open at the deepest place, those in strings left out.
fn nesting(bytes: &[u8]) -> usize {
    let (mut depth, mut deepest, mut at) = (0usize, 0, 0);
    while let Some(byte) = bytes.get(at) {
        at += 1;
        match byte {
            b'"' => at = super::tree::json::string_end(bytes, at).0,
            b'{' | b'[' | b'(' => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b'}' | b']' | b')' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

fn message(text: &str) -> String {
    truncate_to_width(&escape_line(text), MESSAGE_CELLS).into_owned()
}

/// The name under which a person's program stands among the definitions.
const PROGRAM: &str = "__program";

fn compile(text: &str) -> Result<jaq_core::Filter<Guarded>, JqProblem> {
    let tokens = Lexer::new(text).lex().map_err(|errors| {
        let first = errors.into_iter().next();
        first.map_or_else(|| odd(text), |(expected, rest)| lexing(text, &expected, rest))
    })?;
    let term = Parser::new(&tokens).parse(|parser| parser.term()).map_err(|errors| {
        let first = errors.into_iter().next();
        first.map_or_else(
            || odd(text),
            |(expected, found)| parsing(text, &expected, found.map(|token| token.0)),
        )
    })?;
    let program = Def { name: PROGRAM, args: Vec::new(), body: term };
    let prelude = jaq_core::defs().chain(jaq_std::defs()).chain(jaq_json::defs()).map(shorter);
    let defs = prelude.chain([program]).map(guard::guarded);
    let arena = Arena::default();
    let modules =
        Loader::new(defs).load(&arena, File { code: PROGRAM, path: () }).map_err(|_| odd(text))?;
    let compiler = jaq_core::Compiler::default().with_funs(guard::natives());
    compiler.compile(modules).map_err(|errors| {
        let first = errors.into_iter().flat_map(|(_, errors)| errors).next();
        first.map_or_else(|| odd(text), |(name, kind)| undefined(text, name, &kind))
    })
}

/// A definition of the library as one that lives as long as the program beside it.
fn shorter<'s>(def: Def<&'static str>) -> Def<&'s str> {
    def
}

fn lexing(text: &str, expected: &lex::Expect<&str>, rest: &str) -> JqProblem {
    let at = place(text, rest);
    let end = (at.start + rest.chars().next().map_or(0, char::len_utf8)).min(text.len());
    let message = match expected {
        lex::Expect::Digit => "a digit is missing".to_owned(),
        lex::Expect::Ident => "a name is missing".to_owned(),
        lex::Expect::Delim(open) => format!("this {open} is not closed"),
        lex::Expect::Escape => "no such escape exists".to_owned(),
        lex::Expect::Unicode => "this is no Unicode character".to_owned(),
        _ => "this means nothing here".to_owned(),
    };
    JqProblem { message, at: at.start..end }
}

fn parsing(text: &str, expected: &Expect<&str>, found: Option<&str>) -> JqProblem {
    let at = found.map_or(text.len()..text.len(), |found| place(text, found));
    let message = match (expected, found) {
        (Expect::Nothing, Some(_)) => "this is one thing too many here".to_owned(),
        (expected, Some(_)) => format!("here should be: {}", expected.as_str()),
        (expected, None) => format!("at the end is missing: {}", expected.as_str()),
    };
    JqProblem { message, at }
}

fn undefined(text: &str, name: &str, kind: &Undefined) -> JqProblem {
    let shown = escape_line(name);
    let message = match kind {
        Undefined::Filter(0) => format!("there is no filter {shown}"),
        Undefined::Filter(1) => format!("there is no filter {shown} with 1 argument"),
        Undefined::Filter(count) => format!("there is no filter {shown} with {count} arguments"),
        Undefined::Var => format!("there is no variable {shown}"),
        Undefined::Label => format!("there is no label {shown}"),
        _ => format!("there is no module {shown}"),
    };
    JqProblem { message, at: place(text, name) }
}

/// Where a part stands in a text; all of the text if it is no part of it.
fn place(text: &str, part: &str) -> Range<usize> {
    let (whole, inner) = (text.as_bytes().as_ptr_range(), part.as_bytes().as_ptr_range());
    if whole.start <= inner.start && inner.end <= whole.end {
        span(text, part)
    } else {
        0..text.len()
    }
}

fn odd(text: &str) -> JqProblem {
    JqProblem { message: "this program cannot be read".to_owned(), at: 0..text.len() }
}

#[cfg(test)]
mod tests;
