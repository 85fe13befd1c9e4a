//! Values over time and shares as small pictures, one row high.

/// Heights of a cell; the lowest is for nothing.
const STEPS: [&str; 8] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];

/// The last `width` values as a line of bars: what is not nothing is seen, and the largest one that
/// is shown is full.
pub(in crate::tui) fn line(values: &[u64], width: u16) -> String {
    let shown = &values[values.len().saturating_sub(usize::from(width))..];
    let most = shown.iter().copied().max().unwrap_or(0).max(1);
    shown
        .iter()
        .map(|value| match value {
            0 => STEPS[0],
            value => {
                let step = u128::from(*value) * 7 / u128::from(most);
                STEPS[usize::try_from(step).unwrap_or(7).clamp(1, 7)]
            }
        })
        .collect()
}

/// A bar of a share, 0 to 1, in at most `width` cells with eighths; what is not nothing is seen.
pub(in crate::tui) fn bar(share: f64, width: u16) -> String {
    const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a share of a width in cells"
    )]
    let eighths = (share.clamp(0.0, 1.0) * f64::from(width) * 8.0).round() as usize;
    let eighths = if share > 0.0 { eighths.max(1) } else { 0 };
    format!("{}{}", "█".repeat(eighths / 8), EIGHTHS[eighths % 8])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_values_are_seen_by_their_share() {
        for (values, width, expected) in [
            (&[][..], 5, ""),
            (&[0, 0], 5, "▁▁"),
            (&[0, 1, 1_000, 500], 9, "▁▂█▄"),
            (&[9, 9, 9, 1, 2], 2, "▄█"),
            (&[u64::MAX, 1], 2, "█▂"),
        ] {
            assert_eq!(line(values, width), expected, "{values:?}");
        }
    }

    #[test]
    fn bars_have_eighths() {
        for (share, expected) in
            [(0.0, ""), (1.0, "████"), (0.5, "██"), (0.0001, "▏"), (0.28, "█▏"), (7.0, "████")]
        {
            assert_eq!(bar(share, 4), expected, "{share}");
        }
    }
}
