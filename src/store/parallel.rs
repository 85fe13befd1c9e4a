//! The same work for many files, on all processors: reading a thousand requests is most of what
//! the start takes.

/// Files that one thread reads at least: below that it costs more to start it.
const SHARE: usize = 64;

/// Does the same with each, on as many threads as help, and keeps the order.
pub(super) fn in_parallel<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let share = items.len().div_ceil(threads).max(SHARE);
    if items.len() <= share {
        return items.iter().map(work).collect();
    }
    std::thread::scope(|scope| {
        let work = &work;
        let running: Vec<_> = items
            .chunks(share)
            .map(|chunk| scope.spawn(move || chunk.iter().map(work).collect::<Vec<R>>()))
            .collect();
        running
            .into_iter()
            .flat_map(|thread| {
                thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            })
            .collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_is_kept_however_many_there_are() {
        for count in [0, 1, SHARE, SHARE + 1, 1000] {
            let items: Vec<usize> = (0..count).collect();
            let want: Vec<usize> = items.iter().map(|item| item * 2).collect();
            assert_eq!(in_parallel(&items, |item| item * 2), want);
        }
    }
}
