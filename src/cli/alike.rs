//! How much two names are alike, for suggestions after a slip of the hand.

use std::collections::BTreeSet;

/// Dice's coefficient of the pairs of neighbouring letters, in hundredths.
pub fn percent(a: &str, b: &str) -> usize {
    let (a, b) = (pairs(a), pairs(b));
    a.intersection(&b).count() * 200 / (a.len() + b.len()).max(1)
}

fn pairs(text: &str) -> BTreeSet<[u8; 2]> {
    text.as_bytes().array_windows::<2>().copied().collect()
}

#[cfg(test)]
mod tests {
    use super::percent;

    #[test]
    fn equal_alike_and_different() {
        assert_eq!(percent("check", "check"), 100);
        assert_eq!(percent("chek", "check"), 57);
        assert_eq!(percent("localhost", "check"), 0);
        assert_eq!(percent("", ""), 0);
    }
}
