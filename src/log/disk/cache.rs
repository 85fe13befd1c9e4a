//! Segments that were read back because somebody looks at them, and those that are asked for.

use std::collections::VecDeque;

/// Bytes of what the screen shows that may be held whatever the budget is. A window of small
/// messages through a narrow filter may reach over a segment a row.
const SCREEN: usize = 32 * 1024 * 1024;

/// Segments that wait to be read.
const MOST_WANTED: usize = 256;

/// Names segments by the number of their first row. The segments themselves are held by the ring.
#[derive(Debug, Default)]
pub(in crate::log) struct Cache {
    loaded: Vec<Loaded>,
    weight: usize,
    /// Counts the windows that were read.
    window: u64,
    wanted: VecDeque<u64>,
    /// Is being read.
    loading: Option<u64>,
}

#[derive(Debug)]
struct Loaded {
    first: u64,
    weight: usize,
    /// The window that looked at it last.
    used: u64,
}

impl Cache {
    /// Bytes held.
    pub(in crate::log) fn weight(&self) -> usize {
        self.weight
    }

    /// A window is about to be read: what an earlier one asked for is of no interest any more.
    pub(in crate::log) fn begin_window(&mut self) {
        self.window += 1;
        self.wanted.clear();
    }

    pub(in crate::log) fn used(&mut self, first: u64) {
        if let Some(loaded) = self.loaded.iter_mut().find(|loaded| loaded.first == first) {
            loaded.used = self.window;
        }
    }

    pub(in crate::log) fn want(&mut self, first: u64) {
        if self.loading != Some(first)
            && !self.wanted.contains(&first)
            && self.wanted.len() < MOST_WANTED
        {
            self.wanted.push_back(first);
        }
    }

    /// Asks for a segment before all others: the cursor is there.
    pub(in crate::log) fn want_first(&mut self, first: u64) {
        if self.loading != Some(first) && self.wanted.front() != Some(&first) {
            self.wanted.retain(|other| *other != first);
            self.wanted.push_front(first);
        }
    }

    pub(in crate::log) fn is_wanting(&self) -> bool {
        !self.wanted.is_empty()
    }

    /// Nothing is asked for or being read.
    pub(super) fn is_settled(&self) -> bool {
        self.wanted.is_empty() && self.loading.is_none()
    }

    /// What to read next. Nothing if what the screen shows takes all the room already: it would
    /// push itself out again and again.
    pub(super) fn next(&mut self, budget: usize) -> Option<u64> {
        if self.fresh() >= room(budget).max(SCREEN) {
            self.wanted.clear();
        }
        self.loading = self.wanted.pop_front();
        self.loading
    }

    /// What was being read is there, or turned out not to be needed.
    pub(super) fn end_loading(&mut self) {
        self.loading = None;
    }

    pub(super) fn add(&mut self, first: u64, weight: usize) {
        self.weight += weight;
        self.loaded.push(Loaded { first, weight, used: self.window });
    }

    /// The segment that may go for the sake of the budget; the one that was looked at least
    /// lately. What the screen shows stays, within bounds.
    pub(super) fn excess(&mut self, budget: usize) -> Option<u64> {
        let room = room(budget);
        if self.weight <= room || self.loaded.len() < 2 {
            return None;
        }
        let (index, oldest) =
            self.loaded.iter().enumerate().min_by_key(|(_, loaded)| loaded.used)?;
        if oldest.used + 1 >= self.window && self.weight <= room.max(SCREEN) {
            return None;
        }
        let gone = self.loaded.remove(index);
        self.weight -= gone.weight;
        Some(gone.first)
    }

    pub(in crate::log) fn forget(&mut self, first: u64) {
        if let Some(index) = self.loaded.iter().position(|loaded| loaded.first == first) {
            self.weight -= self.loaded.remove(index).weight;
        }
    }

    pub(super) fn clear(&mut self) {
        let (window, loading) = (self.window, self.loading);
        *self = Cache { window, loading, ..Cache::default() };
    }

    /// Bytes of what the last windows looked at.
    fn fresh(&self) -> usize {
        let fresh = self.loaded.iter().filter(|loaded| loaded.used + 1 >= self.window);
        fresh.map(|loaded| loaded.weight).sum()
    }
}

/// The part of the budget that is for what was read back.
fn room(budget: usize) -> usize {
    budget / 4
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_screen_shows_stays() {
        let mut cache = Cache::default();
        for first in 1..=10 {
            cache.begin_window();
            cache.add(first, 10);
        }
        // The two newest windows are taken to be on screen.
        let gone: Vec<u64> = std::iter::from_fn(|| cache.excess(4)).collect();
        assert_eq!(gone, [1, 2, 3, 4, 5, 6, 7, 8]);
        assert_eq!(cache.weight(), 20);
        cache.forget(9);
        cache.forget(9);
        assert_eq!(cache.weight(), 10);
    }

    #[test]
    fn the_cursor_comes_first_and_nothing_is_read_twice() {
        let mut cache = Cache::default();
        cache.want(1);
        cache.want(2);
        cache.want(2);
        cache.want_first(3);
        assert_eq!(cache.next(0), Some(3));
        cache.want(3);
        assert_eq!((cache.next(0), cache.next(0), cache.next(0)), (Some(1), Some(2), None));
        assert!(cache.is_settled());
    }

    #[test]
    fn a_window_that_is_larger_than_all_room_does_not_run_in_circles() {
        let mut cache = Cache::default();
        cache.begin_window();
        cache.add(1, SCREEN);
        cache.want(2);
        assert_eq!(cache.next(0), None);
        assert!(cache.is_settled());
    }
}
