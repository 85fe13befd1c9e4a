//! "Did you mean …?": the nearest of the names that exist.

/// The one of `known` that is most like `typed`; `None` if nothing is like it.
///
/// Two edits are forgiven in a name of six characters, one in a shorter one, three in a longer.
pub(super) fn nearest<'a>(
    typed: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let typed: Vec<char> = fold(typed);
    let forgiven = match typed.len() {
        0..=2 => 0,
        3..=5 => 1,
        6..=9 => 2,
        _ => 3,
    };
    known
        .into_iter()
        .map(|name| (edits(&typed, &fold(name)), name))
        .filter(|(edits, _)| *edits <= forgiven)
        .min_by_key(|(edits, _)| *edits)
        .map(|(_, name)| name)
}

/// A cure in words: `did you mean x?`, or else the list of what there is.
pub(super) fn cure(typed: &str, known: &[&str]) -> String {
    match nearest(typed, known.iter().copied()) {
        Some(name) => format!("did you mean {name}?"),
        None => format!("there is {}", known.join(", ")),
    }
}

/// Case and the kind of dash make no difference.
fn fold(name: &str) -> Vec<char> {
    name.chars().take(64).map(|c| if c == '-' { '_' } else { c.to_ascii_lowercase() }).collect()
}

/// Insertions, deletions, replacements and swaps of neighbours that turn `a` into `b`.
fn edits(a: &[char], b: &[char]) -> usize {
    let mut rows: Vec<Vec<usize>> = vec![(0..=b.len()).collect()];
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let replaced = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut best = replaced.min(rows[i - 1][j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            row.push(best);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_recognised_and_strangers_are_not() {
        let known = ["heartbeat_ms", "verify", "wrap", "ok"];
        for (typed, meant) in [
            ("hearbeat_ms", Some("heartbeat_ms")),
            ("heartbeat-ms", Some("heartbeat_ms")),
            ("Verify", Some("verify")),
            ("verfiy", Some("verify")),
            ("warp", Some("wrap")),
            ("fold", None),
            ("ko", None),
            ("", None),
        ] {
            assert_eq!(nearest(typed, known), meant, "{typed}");
        }
    }
}
