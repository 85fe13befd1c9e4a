//! JSON paths, followed through a payload without building anything of it.
//!
//! The bytes are gone through once. Values off the path are skipped by counting brackets, so depth
//! costs no stack; along the path the stack grows by a small frame a level, 128 at the most. A
//! payload that is broken counts as far as it was read. What the wanted value has in common with
//! every payload that holds it (its last name in quotes) is looked for first, which spares most
//! payloads the walk.

use std::fmt::{self, Display, Formatter};

use memchr::memmem::Finder;
use memchr::{memchr, memchr2};

use super::show::write_quoted;
use super::{Is, Scalar};
use crate::log::pattern::{Mode, Pattern};

/// Steps of a path.
pub(super) const MOST_STEPS: usize = 32;

/// Levels that are looked into; what is deeper is skipped.
const DEEPEST: usize = 128;

/// Members between two looks at whether to stop.
const PACE: u32 = 0x3FFF;

/// A way through a JSON value, from its root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    pub(super) steps: Vec<Step>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Key(String),
    /// From 0.
    Index(usize),
    /// Every member or element.
    Each,
    /// The step behind it is taken at every depth. There is one at the most, never the last.
    Descend,
}

/// Whether a character can stand in a name without quotes.
pub(super) fn is_plain(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '-'
}

impl Display for Path {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("$")?;
        let mut descended = false;
        for step in &self.steps {
            match step {
                Step::Descend => f.write_str("..")?,
                Step::Key(name) if !name.is_empty() && name.chars().all(is_plain) => {
                    f.write_str(if descended { "" } else { "." })?;
                    f.write_str(name)?;
                }
                Step::Key(name) => {
                    f.write_str("[")?;
                    write_quoted(f, name)?;
                    f.write_str("]")?;
                }
                Step::Index(index) => write!(f, "[{index}]")?,
                Step::Each if descended => f.write_str("*")?,
                Step::Each => f.write_str("[*]")?,
            }
            descended = *step == Step::Descend;
        }
        Ok(())
    }
}

/// A path with its condition, ready to be asked of many payloads.
#[derive(Debug)]
pub(super) struct Probe {
    path: Path,
    wants: Wants,
    /// Texts that stand in every payload that fits, unless it spells them with escapes.
    needles: Vec<Finder<'static>>,
}

#[derive(Debug)]
enum Wants {
    Something,
    Equal(Known),
    Unequal(Known),
    Below(Known),
    AtMost(Known),
    Above(Known),
    AtLeast(Known),
    Like(Pattern),
    Unlike(Pattern),
}

/// A value to compare with, its number read.
#[derive(Debug)]
enum Known {
    Text(String),
    Number(Number),
    Bool(bool),
    Null,
}

/// Whole numbers are compared exactly, others as JSON's readers do.
#[derive(Clone, Copy, Debug)]
enum Number {
    Whole(i128),
    Float(f64),
}

impl Number {
    fn read(text: &str) -> Option<Number> {
        if let Ok(whole) = text.parse() {
            return Some(Number::Whole(whole));
        }
        let first = text.strip_prefix('-').unwrap_or(text).bytes().next()?;
        // Rust reads more than JSON has: inf, nan, .5.
        first.is_ascii_digit().then(|| text.parse().ok().map(Number::Float))?
    }

    fn order(self, other: Number) -> Option<std::cmp::Ordering> {
        #[expect(clippy::cast_precision_loss, reason = "the other one is no whole number")]
        let float = |number| match number {
            Number::Whole(whole) => whole as f64,
            Number::Float(float) => float,
        };
        match (self, other) {
            (Number::Whole(a), Number::Whole(b)) => Some(a.cmp(&b)),
            (a, b) => float(a).partial_cmp(&float(b)),
        }
    }
}

impl Known {
    fn of(scalar: &Scalar) -> Known {
        match scalar {
            Scalar::Text(text) => Known::Text(text.clone()),
            Scalar::Number(text) => match Number::read(text) {
                Some(number) => Known::Number(number),
                None => Known::Text(text.clone()),
            },
            Scalar::Bool(value) => Known::Bool(*value),
            Scalar::Null => Known::Null,
        }
    }
}

/// A value of the payload.
#[derive(Debug)]
enum Found<'a> {
    /// What stands between the quotes.
    Text(&'a [u8]),
    /// A number, `true`, `false` or `null`.
    Word(&'a [u8]),
    Container,
}

impl Probe {
    pub(super) fn new(path: &Path, is: &Is) -> Probe {
        let pattern = |expression: &super::Expression| {
            Pattern::new(&expression.source, Mode::Regex, expression.ignore_case)
        };
        let known = Known::of;
        let wants = match is {
            Is::There => Wants::Something,
            Is::Equal(value) => Wants::Equal(known(value)),
            Is::Unequal(value) => Wants::Unequal(known(value)),
            Is::Below(value) => Wants::Below(known(value)),
            Is::AtMost(value) => Wants::AtMost(known(value)),
            Is::Above(value) => Wants::Above(known(value)),
            Is::AtLeast(value) => Wants::AtLeast(known(value)),
            // It was compiled when it was read.
            Is::Like(expression) => match pattern(expression) {
                Ok(pattern) => Wants::Like(pattern),
                Err(_) => Wants::Equal(Known::Text(expression.source.clone())),
            },
            Is::Unlike(expression) => match pattern(expression) {
                Ok(pattern) => Wants::Unlike(pattern),
                Err(_) => Wants::Unequal(Known::Text(expression.source.clone())),
            },
        };
        let is_quotable =
            |text: &str| !text.contains(['"', '\\']) && !text.contains(char::is_control);
        let quoted = |text: &str| {
            is_quotable(text).then(|| Finder::new(format!("\"{text}\"").as_bytes()).into_owned())
        };
        let value = match &wants {
            Wants::Equal(Known::Text(text)) => quoted(text),
            _ => None,
        };
        let key = path.steps.iter().rev().find_map(|step| match step {
            Step::Key(name) => Some(quoted(name)),
            Step::Index(_) | Step::Each | Step::Descend => None,
        });
        let needles = value.into_iter().chain(key.flatten()).collect();
        Probe { path: path.clone(), wants, needles }
    }

    /// Whether the payload is JSON that fits. False if `stop` says so meanwhile.
    pub(super) fn fits(&self, payload: &[u8], stop: &dyn Fn() -> bool) -> bool {
        let lacks = |needle: &Finder<'_>| needle.find(payload).is_none();
        if self.needles.iter().any(lacks) && memchr(b'\\', payload).is_none() {
            return false;
        }
        // Only what can be descended into again and again is read more than once.
        let again = payload.len().saturating_mul(8).saturating_add(64 * 1024);
        let mut walk = Walk { bytes: payload, at: 0, again, members: 0, probe: self, stop };
        matches!(walk.visit(&self.path.steps, 0), Ok(true))
    }

    fn wants(&self, found: &Found<'_>) -> bool {
        use std::cmp::Ordering::{Equal, Greater, Less};
        let order = |known| order(found, known);
        match &self.wants {
            Wants::Something => true,
            Wants::Equal(known) => order(known) == Some(Equal),
            Wants::Unequal(known) => order(known) != Some(Equal),
            Wants::Below(known) => order(known) == Some(Less),
            Wants::AtMost(known) => matches!(order(known), Some(Less | Equal)),
            Wants::Above(known) => order(known) == Some(Greater),
            Wants::AtLeast(known) => matches!(order(known), Some(Greater | Equal)),
            Wants::Like(pattern) => is_like(found, pattern) == Some(true),
            Wants::Unlike(pattern) => is_like(found, pattern) == Some(false),
        }
    }
}

/// How a value stands to a known one; `None` if they cannot be compared.
fn order(found: &Found<'_>, known: &Known) -> Option<std::cmp::Ordering> {
    let equal = |is: bool| is.then_some(std::cmp::Ordering::Equal);
    match (found, known) {
        (Found::Text(raw), Known::Text(text)) => Some((*decoded(raw)?).cmp(text.as_bytes())),
        (Found::Text(raw), Known::Number(number)) => {
            Number::read(std::str::from_utf8(raw).ok()?)?.order(*number)
        }
        (Found::Word(word), Known::Number(number)) => {
            Number::read(std::str::from_utf8(word).ok()?)?.order(*number)
        }
        (Found::Word(word), Known::Bool(true)) => equal(*word == b"true"),
        (Found::Word(word), Known::Bool(false)) => equal(*word == b"false"),
        (Found::Word(word), Known::Null) => equal(*word == b"null"),
        _ => None,
    }
}

fn is_like(found: &Found<'_>, pattern: &Pattern) -> Option<bool> {
    match found {
        Found::Text(raw) => Some(pattern.is_match(&decoded(raw)?)),
        Found::Word(word) => Some(pattern.is_match(word)),
        Found::Container => None,
    }
}

/// A text without its escapes; `None` if they make no text.
fn decoded(raw: &[u8]) -> Option<std::borrow::Cow<'_, [u8]>> {
    if memchr(b'\\', raw).is_none() {
        return Some(raw.into());
    }
    let mut quoted = Vec::with_capacity(raw.len() + 2);
    quoted.push(b'"');
    quoted.extend_from_slice(raw);
    quoted.push(b'"');
    let text: String = serde_json::from_slice(&quoted).ok()?;
    Some(text.into_bytes().into())
}

/// It cannot be read on: broken, too much of it, or stopped.
#[derive(Debug)]
struct Broken;

struct Walk<'a> {
    bytes: &'a [u8],
    at: usize,
    /// Bytes that may be read a second time.
    again: usize,
    members: u32,
    probe: &'a Probe,
    stop: &'a dyn Fn() -> bool,
}

/// Which child of a container it is.
#[derive(Clone, Copy)]
enum Child<'a> {
    Member(&'a [u8]),
    Element(usize),
}

impl Child<'_> {
    fn is_on(self, step: &Step) -> bool {
        match (self, step) {
            (_, Step::Each) => true,
            (Child::Member(raw), Step::Key(name)) => {
                raw == name.as_bytes()
                    || memchr(b'\\', raw).is_some()
                        && decoded(raw).is_some_and(|key| *key == *name.as_bytes())
            }
            (Child::Element(at), Step::Index(index)) => at == *index,
            _ => false,
        }
    }
}

impl<'a> Walk<'a> {
    fn blanks(&mut self) {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.bytes.get(self.at) {
            self.at += 1;
        }
    }

    fn next(&mut self) -> Result<u8, Broken> {
        self.blanks();
        self.bytes.get(self.at).copied().ok_or(Broken)
    }

    /// Reads a value to its end, or to where it is found that it leads to what is wanted.
    fn visit(&mut self, steps: &[Step], depth: usize) -> Result<bool, Broken> {
        let first = self.next()?;
        let is_container = first == b'{' || first == b'[';
        let Some(step) = steps.first() else {
            let found = if is_container { Found::Container } else { self.scalar()? };
            if self.probe.wants(&found) {
                return Ok(true);
            }
            if is_container {
                self.skip()?;
            }
            return Ok(false);
        };
        if !is_container {
            self.scalar()?;
            return Ok(false);
        }
        if depth >= DEEPEST {
            self.skip()?;
            return Ok(false);
        }
        self.at += 1;
        let close = if first == b'{' { b'}' } else { b']' };
        let mut element = 0;
        loop {
            let next = self.next()?;
            if next == close {
                self.at += 1;
                return Ok(false);
            }
            self.members = self.members.wrapping_add(1);
            if self.members & PACE == 0 && (self.stop)() {
                return Err(Broken);
            }
            let child = if first == b'{' {
                let Found::Text(key) = self.scalar()? else { return Err(Broken) };
                if self.next()? != b':' {
                    return Err(Broken);
                }
                self.at += 1;
                Child::Member(key)
            } else {
                element += 1;
                Child::Element(element - 1)
            };
            if self.child(child, step, steps, depth)? {
                return Ok(true);
            }
            match self.next()? {
                b',' => self.at += 1,
                end if end == close => {}
                _ => return Err(Broken),
            }
        }
    }

    fn child(
        &mut self,
        child: Child<'_>,
        step: &Step,
        steps: &[Step],
        depth: usize,
    ) -> Result<bool, Broken> {
        if *step != Step::Descend {
            if child.is_on(step) {
                return self.visit(&steps[1..], depth + 1);
            }
            self.next()?;
            self.skip()?;
            return Ok(false);
        }
        if steps.get(1).is_some_and(|step| child.is_on(step)) {
            let start = self.at;
            if self.visit(&steps[2..], depth + 1)? {
                return Ok(true);
            }
            self.again = self.again.checked_sub(self.at - start).ok_or(Broken)?;
            self.at = start;
        }
        self.visit(steps, depth + 1)
    }

    /// Reads a text, a number or a word.
    fn scalar(&mut self) -> Result<Found<'a>, Broken> {
        if self.next()? == b'"' {
            let start = self.at + 1;
            self.skip_text()?;
            return Ok(Found::Text(&self.bytes[start..self.at - 1]));
        }
        let start = self.at;
        let is_word = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'+' | b'.');
        self.at += self.bytes[start..].iter().take_while(|b| is_word(b)).count();
        if self.at == start {
            return Err(Broken);
        }
        Ok(Found::Word(&self.bytes[start..self.at]))
    }

    /// Goes behind the text that begins here.
    fn skip_text(&mut self) -> Result<(), Broken> {
        let mut at = self.at + 1;
        loop {
            let rest = self.bytes.get(at..).ok_or(Broken)?;
            at += memchr2(b'"', b'\\', rest).ok_or(Broken)?;
            if self.bytes[at] == b'"' {
                self.at = at + 1;
                return Ok(());
            }
            at += 2;
        }
    }

    /// Goes behind the value that begins here.
    fn skip(&mut self) -> Result<(), Broken> {
        if !matches!(self.bytes.get(self.at), Some(b'{' | b'[')) {
            self.scalar()?;
            return Ok(());
        }
        let mut open = 0usize;
        while let Some(byte) = self.bytes.get(self.at) {
            match byte {
                b'"' => {
                    self.skip_text()?;
                    continue;
                }
                b'{' | b'[' => open += 1,
                b'}' | b']' => open -= 1,
                _ => {}
            }
            self.at += 1;
            if open == 0 {
                return Ok(());
            }
        }
        Err(Broken)
    }
}
