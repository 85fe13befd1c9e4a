//! Requests that may still get a reply, by key and in order, with a bound on how many.

use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasherDefault, Hasher};

use super::sign::Key;
use crate::core::time::Micros;

/// A row that asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Request {
    pub number: u64,
    pub at: Micros,
    /// Place of its name among the methods.
    pub method: u16,
}

/// Keys are hashes already.
#[derive(Debug, Default)]
pub(super) struct AsItIs(u64);

impl Hasher for AsItIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, value: u64) {
        self.0 = value;
    }
}

#[derive(Debug)]
pub(super) struct Open {
    by_key: HashMap<Key, Request, BuildHasherDefault<AsItIs>>,
    /// In order of their coming; those that are gone from `by_key`, or are there with another
    /// number, are passed over.
    order: VecDeque<(Key, u64)>,
    limit: usize,
}

impl Open {
    pub(super) fn new(limit: usize) -> Open {
        Open { by_key: HashMap::default(), order: VecDeque::new(), limit }
    }

    pub(super) fn len(&self) -> usize {
        self.by_key.len()
    }

    pub(super) fn get(&self, key: Key) -> Option<Request> {
        self.by_key.get(&key).copied()
    }

    pub(super) fn take(&mut self, key: Key) -> Option<Request> {
        self.by_key.remove(&key)
    }

    /// Adds one; gives the one that had the key before, and the oldest one if there are too many.
    pub(super) fn add(&mut self, key: Key, request: Request) -> (Option<Request>, Option<Request>) {
        let before = self.by_key.insert(key, request);
        self.order.push_back((key, request.number));
        let mut forgotten = None;
        if self.by_key.len() > self.limit {
            self.drop_gone();
            forgotten = self.order.pop_front().and_then(|(key, _)| self.by_key.remove(&key));
        }
        if self.order.len() > 2 * self.limit.max(16) {
            let by_key = &self.by_key;
            self.order.retain(|(key, number)| is_there(by_key, *key, *number));
        }
        (before, forgotten)
    }

    fn drop_gone(&mut self) {
        while let Some((key, number)) = self.order.front()
            && !is_there(&self.by_key, *key, *number)
        {
            self.order.pop_front();
        }
    }

    /// The one that has waited longest.
    pub(super) fn oldest(&mut self) -> Option<Request> {
        self.drop_gone();
        self.order.front().and_then(|(key, _)| self.by_key.get(key)).copied()
    }

    /// Forgets all; how many there were.
    pub(super) fn clear(&mut self) -> u64 {
        let count = self.by_key.len() as u64;
        self.by_key.clear();
        self.order.clear();
        count
    }
}

fn is_there(
    by_key: &HashMap<Key, Request, BuildHasherDefault<AsItIs>>,
    key: Key,
    number: u64,
) -> bool {
    by_key.get(&key).is_some_and(|request| request.number == number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(number: u64) -> Request {
        Request { number, at: Micros(number), method: 0 }
    }

    #[test]
    fn the_oldest_goes_when_there_are_too_many() {
        let mut open = Open::new(3);
        for number in 1..=3 {
            assert_eq!(open.add(number, request(number)), (None, None));
        }
        open.take(1);
        assert_eq!(open.add(4, request(4)), (None, None));
        assert_eq!(open.add(5, request(5)), (None, Some(request(2))));
        // An older key with a newer row is a newer one.
        assert_eq!(open.add(3, request(6)), (Some(request(3)), None));
        assert_eq!(open.oldest(), Some(request(4)));
        assert_eq!((open.len(), open.clear(), open.oldest()), (3, 3, None));
    }

    #[test]
    fn what_is_gone_does_not_pile_up() {
        let mut open = Open::new(4);
        for number in 0..10_000 {
            open.add(number % 3, request(number));
            open.take(number % 3);
        }
        assert!(open.order.len() <= 64);
    }
}
