//! Checks woven into a program, so that it can be stopped and has bounds.
//!
//! jaq runs a program as a chain of iterators and cannot be told to stop inside one. So the program
//! is rewritten before it is compiled: a filter `!tick`, which passes on what it gets, stands at the
//! beginning of every definition (all recursion goes through one), behind every pipe, in every
//! `reduce`, and behind `range`, the only source that makes values out of nothing without a
//! definition. When the run is over it halts, which no `try` catches. Sums and products go through
//! filters that refuse results of unreasonable size.

use std::cell::Cell;

use jaq_core::box_iter::box_once;
use jaq_core::data::HasLut;
use jaq_core::load::lex::StrPart;
use jaq_core::load::parse::{BinaryOp, Def, Pattern, Term};
use jaq_core::native::{Fun, bome, run, v};
use jaq_core::ops::Math;
use jaq_core::path::{Part, Path};
use jaq_core::{DataT, Exn, Lut, Native};
use jaq_json::Val;

use super::DEEPEST;
use crate::core::progress::Progress;

const TICK: &str = "!tick";
const ADD: &str = "!add";
const MULTIPLY: &str = "!multiply";
const OPERAND: &str = "$!operand";

/// Steps of a program on an empty payload; each byte of payload allows [`STEPS_A_BYTE`] more.
const STEPS: u64 = if cfg!(test) { 150_000 } else { 20_000_000 };
const STEPS_A_BYTE: u64 = 8;

/// Bytes of a string and items of an array that a sum or product may make.
const LARGEST: usize = 64 << 20;

/// Filters that tell of the machine or write to it.
const HIDDEN: [&str; 3] = ["env", "debug_empty", "stderr_empty"];

/// Why a run was ended from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Stop {
    #[error("stopped before it was done")]
    Cancelled,
    #[error("the filter was ended: it went on for too long (does it repeat without end?)")]
    Steps,
    #[error("the filter was ended: it calls itself, or nests its values, too deep")]
    Depth,
    #[error("the filter was ended: it made a string or array of more than 64 Mi")]
    Size,
}

/// The data that a running program carries along.
pub(super) struct Run<'a> {
    lut: &'a Lut<Guarded>,
    progress: &'a Progress,
    steps: Cell<u64>,
    /// Address of something on the stack where the run began.
    stack: usize,
    most_stack: usize,
    stopped: Cell<Option<Stop>>,
}

/// The kind of program that carries a [`Run`].
#[derive(Debug)]
pub(super) struct Guarded;

impl DataT for Guarded {
    type V<'a> = Val;
    type Data<'a> = &'a Run<'a>;
}

impl<'a> HasLut<'a, Guarded> for &'a Run<'a> {
    fn lut(&self) -> &'a Lut<Guarded> {
        self.lut
    }
}

fn stack_address() -> usize {
    let here = 0u8;
    std::ptr::from_ref(std::hint::black_box(&here)).addr()
}

impl<'a> Run<'a> {
    pub fn new(
        lut: &'a Lut<Guarded>,
        progress: &'a Progress,
        payload: usize,
        most_stack: usize,
    ) -> Self {
        let steps = Cell::new(STEPS + payload as u64 * STEPS_A_BYTE);
        let stopped = Cell::new(None);
        Run { lut, progress, steps, stack: stack_address(), most_stack, stopped }
    }

    pub fn stopped(&self) -> Option<Stop> {
        self.stopped.get()
    }

    fn check(&self, value: &Val) -> bool {
        let left = self.steps.get().saturating_sub(1);
        self.steps.set(left);
        let stop = if self.progress.is_cancelled() {
            Stop::Cancelled
        } else if left == 0 {
            Stop::Steps
        } else if self.stack.abs_diff(stack_address()) > self.most_stack || is_deep(value) {
            Stop::Depth
        } else {
            return true;
        };
        self.stop(stop);
        false
    }

    fn stop(&self, stop: Stop) {
        if self.stopped.get().is_none() {
            self.stopped.set(Some(stop));
        }
    }
}

/// Follows the first or last value inside, which is where `[.]` and `[0, .]` put theirs.
fn is_deep(value: &Val) -> bool {
    let nests = |value: &&Val| matches!(value, Val::Arr(_) | Val::Obj(_));
    let mut inner = Some(value);
    for _ in 0..DEEPEST {
        inner = match inner {
            Some(Val::Arr(items)) => items.first().filter(nests).or(items.last()).filter(nests),
            Some(Val::Obj(entries)) => {
                let ends = (entries.first(), entries.last());
                ends.0.map(|(_, v)| v).filter(nests).or(ends.1.map(|(_, v)| v)).filter(nests)
            }
            _ => return false,
        };
    }
    inner.is_some()
}

fn size(value: &Val) -> usize {
    match value {
        Val::TStr(text) | Val::BStr(text) => text.len(),
        Val::Arr(items) => items.len(),
        _ => 0,
    }
}

/// The filters that programs can call and that are not written in jq.
pub(super) fn natives() -> impl Iterator<Item = Fun<Guarded>> {
    let library = jaq_core::funs().chain(jaq_std::funs()).chain(jaq_json::funs());
    library.filter(|(name, ..)| !HIDDEN.contains(name)).chain(own())
}

fn own() -> impl Iterator<Item = Fun<Guarded>> {
    let tick: Native<Guarded> = Native::new(|cv| match cv.0.data().check(&cv.1) {
        true => box_once(Ok(cv.1)),
        false => box_once(Err(Exn::halt(0))),
    });
    let tick = tick
        .with_paths(|cv| match cv.0.data().check(&cv.1.0) {
            true => box_once(Ok(cv.1)),
            false => box_once(Err(Exn::halt(0))),
        })
        .with_update(|cv, update| match cv.0.data().check(&cv.1) {
            true => update(cv.1),
            false => box_once(Err(Exn::halt(0))),
        });
    let filters: [Fun<Guarded>; 5] = [
        (TICK, v(0), tick),
        run((ADD, v(2), |mut cv| {
            let (right, left) = (cv.0.pop_var(), cv.0.pop_var());
            if size(&left).saturating_add(size(&right)) > LARGEST {
                cv.0.data().stop(Stop::Size);
                return box_once(Err(Exn::halt(0)));
            }
            bome(left + right)
        })),
        run((MULTIPLY, v(2), |mut cv| {
            let (right, left) = (cv.0.pop_var(), cv.0.pop_var());
            let product = |text: &Val, count: &Val| match count {
                Val::Num(count) if matches!(text, Val::TStr(_) | Val::BStr(_)) => {
                    size(text) as f64 * count.to_string().parse::<f64>().unwrap_or(0.0)
                }
                _ => 0.0,
            };
            if product(&left, &right).max(product(&right, &left)) > LARGEST as f64 {
                cv.0.data().stop(Stop::Size);
                return box_once(Err(Exn::halt(0)));
            }
            bome(left * right)
        })),
        run(("debug_empty", v(0), |_| Box::new(std::iter::empty()))),
        run(("stderr_empty", v(0), |_| Box::new(std::iter::empty()))),
    ];
    filters.into_iter()
}

/// A definition with its checks.
pub(super) fn guarded(def: Def<&str>) -> Def<&str> {
    Def { name: def.name, args: def.args, body: ticking(term(def.body)) }
}

fn ticking(term: Term<&str>) -> Term<&str> {
    pipe(Term::Call(TICK, Vec::new()), term)
}

fn pipe<'s>(left: Term<&'s str>, right: Term<&'s str>) -> Term<&'s str> {
    Term::BinOp(Box::new(left), BinaryOp::Pipe(None), Box::new(right))
}

#[expect(clippy::boxed_local, reason = "terms hold each other in boxes")]
fn boxed(inner: Box<Term<&str>>) -> Box<Term<&str>> {
    Box::new(term(*inner))
}

fn all(terms: Vec<Term<&str>>) -> Vec<Term<&str>> {
    terms.into_iter().map(term).collect()
}

fn term(whole: Term<&str>) -> Term<&str> {
    match whole {
        Term::Id | Term::Recurse | Term::Num(_) | Term::Break(_) | Term::Var(_) => whole,
        Term::Str(format, parts) => {
            let parts = parts.into_iter().map(|part| match part {
                StrPart::Term(inner) => StrPart::Term(term(inner)),
                StrPart::Str(_) | StrPart::Char(_) => part,
            });
            Term::Str(format, parts.collect())
        }
        Term::Arr(inner) => Term::Arr(inner.map(boxed)),
        Term::Obj(entries) => {
            let entries = entries.into_iter().map(|(key, value)| (term(key), value.map(term)));
            Term::Obj(entries.collect())
        }
        Term::Neg(inner) => Term::Neg(boxed(inner)),
        Term::BinOp(left, op, right) => binary(term(*left), op, term(*right)),
        Term::Label(name, inner) => Term::Label(name, boxed(inner)),
        Term::Fold(name, inner, pattern, args) => {
            let args = args.into_iter().enumerate().map(|(place, arg)| match place {
                0 => term(arg),
                _ => ticking(term(arg)),
            });
            Term::Fold(name, boxed(inner), pattern, args.collect())
        }
        Term::TryCatch(inner, catch) => Term::TryCatch(boxed(inner), catch.map(boxed)),
        Term::IfThenElse(cases, otherwise) => {
            let cases = cases.into_iter().map(|(test, then)| (term(test), term(then)));
            Term::IfThenElse(cases.collect(), otherwise.map(boxed))
        }
        Term::Def(defs, inner) => Term::Def(defs.into_iter().map(guarded).collect(), boxed(inner)),
        Term::Call(name, args) => {
            let endless = name == "range" && args.len() == 3;
            let call = Term::Call(name, all(args));
            if endless { pipe(call, Term::Call(TICK, Vec::new())) } else { call }
        }
        Term::Path(inner, Path(parts)) => {
            let parts = parts.into_iter().map(|(part, optional)| {
                let part = match part {
                    Part::Index(index) => Part::Index(term(index)),
                    Part::Range(from, to) => Part::Range(from.map(term), to.map(term)),
                };
                (part, optional)
            });
            Term::Path(boxed(inner), Path(parts.collect()))
        }
    }
}

fn binary<'s>(left: Term<&'s str>, op: BinaryOp<&'s str>, right: Term<&'s str>) -> Term<&'s str> {
    let filter = |op: Math| match op {
        Math::Add => Some(ADD),
        Math::Mul => Some(MULTIPLY),
        _ => None,
    };
    match op {
        BinaryOp::Pipe(pattern) => {
            Term::BinOp(Box::new(left), BinaryOp::Pipe(pattern), Box::new(ticking(right)))
        }
        BinaryOp::Math(op) if filter(op).is_some() => {
            Term::Call(filter(op).unwrap_or_default(), vec![left, right])
        }
        // `l += r` is `r as $x | l |= . + $x`.
        BinaryOp::UpdateMath(op) if filter(op).is_some() => {
            let sum =
                Term::Call(filter(op).unwrap_or_default(), vec![Term::Id, Term::Var(OPERAND)]);
            let update = Term::BinOp(Box::new(left), BinaryOp::Update, Box::new(sum));
            let bind = BinaryOp::Pipe(Some(Pattern::Var(OPERAND)));
            Term::BinOp(Box::new(right), bind, Box::new(update))
        }
        op => Term::BinOp(Box::new(left), op, Box::new(right)),
    }
}
