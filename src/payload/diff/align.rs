//! The shortest way from one sequence to another (Myers, "An O(ND) difference algorithm", 1986),
//! with a bound: sequences that differ in more than a thousand places are not aligned between
//! their common beginning and end.

use crate::core::progress::Progress;

/// Differences that are looked for; memory grows with the square.
const MOST_DIFFERENCES: usize = 1000;

/// One step of the way. Numbers are places in the sequences.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Same(usize, usize),
    Removed(usize),
    Added(usize),
}

/// The way, and whether it is the shortest.
pub(super) fn align(a: &[u64], b: &[u64], progress: &Progress) -> (Vec<Step>, bool) {
    let head = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    let (rest_a, rest_b) = (&a[head..], &b[head..]);
    let tail = rest_a.iter().rev().zip(rest_b.iter().rev()).take_while(|(a, b)| a == b).count();
    let (inner_a, inner_b) = (&rest_a[..rest_a.len() - tail], &rest_b[..rest_b.len() - tail]);
    let mut steps: Vec<Step> = (0..head).map(|at| Step::Same(at, at)).collect();
    let found = shortest(inner_a, inner_b, progress);
    let exact = found.is_some();
    let inner = found.unwrap_or_else(|| {
        let removed = (0..inner_a.len()).map(Step::Removed);
        removed.chain((0..inner_b.len()).map(Step::Added)).collect()
    });
    steps.extend(inner.into_iter().map(|step| match step {
        Step::Same(a, b) => Step::Same(a + head, b + head),
        Step::Removed(a) => Step::Removed(a + head),
        Step::Added(b) => Step::Added(b + head),
    }));
    let (end_a, end_b) = (a.len() - tail, b.len() - tail);
    steps.extend((0..tail).map(|at| Step::Same(end_a + at, end_b + at)));
    (steps, exact)
}

/// How far one gets on each diagonal; index 0 is the diagonal `-reach`.
struct Furthest {
    reach: isize,
    at: Vec<u32>,
}

impl Furthest {
    fn get(&self, diagonal: isize) -> usize {
        let place = usize::try_from(diagonal + self.reach).ok();
        place.and_then(|place| self.at.get(place)).map_or(0, |x| *x as usize)
    }
}

/// Whether the way to this diagonal came down from the one above it.
fn comes_down(before: &Furthest, diagonal: isize, differences: isize) -> bool {
    diagonal == -differences
        || (diagonal != differences && before.get(diagonal - 1) < before.get(diagonal + 1))
}

fn shortest(a: &[u64], b: &[u64], progress: &Progress) -> Option<Vec<Step>> {
    let mut trace: Vec<Furthest> = Vec::new();
    for differences in 0..=MOST_DIFFERENCES.min(a.len() + b.len()) as isize {
        if progress.is_cancelled() {
            return None;
        }
        let mut here =
            Furthest { reach: differences, at: vec![0; 2 * differences.unsigned_abs() + 1] };
        for diagonal in (-differences..=differences).step_by(2) {
            let mut x = match trace.last() {
                None => 0,
                Some(before) if comes_down(before, diagonal, differences) => {
                    before.get(diagonal + 1)
                }
                Some(before) => before.get(diagonal - 1) + 1,
            };
            let mut y = x.checked_add_signed(-diagonal)?;
            while x < a.len() && y < b.len() && a[x] == b[y] {
                (x, y) = (x + 1, y + 1);
            }
            if x >= a.len() && y >= b.len() {
                return Some(way_back(&trace, a.len(), b.len()));
            }
            here.at[(diagonal + differences).unsigned_abs()] = x as u32;
        }
        trace.push(here);
    }
    None
}

fn way_back(trace: &[Furthest], mut x: usize, mut y: usize) -> Vec<Step> {
    let mut steps = Vec::new();
    for (differences, before) in trace.iter().enumerate().rev() {
        let differences = differences as isize + 1;
        let diagonal = x as isize - y as isize;
        let down = comes_down(before, diagonal, differences);
        let from = if down { diagonal + 1 } else { diagonal - 1 };
        let from_x = before.get(from);
        let from_y = from_x.checked_add_signed(-from).unwrap_or(0);
        let (first_x, first_y) = if down { (from_x, from_y + 1) } else { (from_x + 1, from_y) };
        while x > first_x && y > first_y {
            (x, y) = (x - 1, y - 1);
            steps.push(Step::Same(x, y));
        }
        steps.push(if down { Step::Added(from_y) } else { Step::Removed(from_x) });
        (x, y) = (from_x, from_y);
    }
    while x > 0 && y > 0 {
        (x, y) = (x - 1, y - 1);
        steps.push(Step::Same(x, y));
    }
    steps.reverse();
    steps
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_shortest_way_is_found() {
        let (steps, exact) =
            align(&[1, 2, 3, 1, 2, 2, 1], &[3, 2, 1, 2, 1, 3], &Progress::default());
        let same = steps.iter().filter(|step| matches!(step, Step::Same(..))).count();
        assert_eq!((same, exact), (4, true));
        let other: Vec<u64> = (5000..8000).collect();
        let (steps, exact) = align(&(0..3000).collect::<Vec<_>>(), &other, &Progress::default());
        assert_eq!((steps.len(), exact), (6000, false));
    }

    proptest! {
        #[test]
        fn the_way_leads_from_one_to_the_other(
            a in prop::collection::vec(0u64..4, 0..40),
            b in prop::collection::vec(0u64..4, 0..40),
        ) {
            let (steps, exact) = align(&a, &b, &Progress::default());
            prop_assert!(exact);
            let (mut x, mut y) = (0, 0);
            for step in steps {
                match step {
                    Step::Same(i, j) => {
                        prop_assert_eq!((i, j), (x, y));
                        prop_assert_eq!(a[i], b[j]);
                        (x, y) = (x + 1, y + 1);
                    }
                    Step::Removed(i) => { prop_assert_eq!(i, x); x += 1; }
                    Step::Added(j) => { prop_assert_eq!(j, y); y += 1; }
                }
            }
            prop_assert_eq!((x, y), (a.len(), b.len()));
        }
    }
}
