//! Which commit of a row of commits made a benchmark slower, where some cannot be told.

/// What is known of one commit, held against the good end.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Answer {
    /// As fast as the good end: it is nearer to it than to the bad one.
    Fast,
    /// As slow as the bad end.
    Slow,
    /// It cannot be told, and why: it does not build, or noise does not let one say.
    Unknown(String),
}

/// Where the search ended: `slow` is guilty where it follows `fast` at once; else it is one of those after `fast`, up to `slow`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) fast: usize,
    pub(super) slow: usize,
}

impl Found {
    /// Whether one commit is left.
    pub(super) fn is_one(self) -> bool {
        self.slow == self.fast + 1
    }
}

/// Halves the commits 0 to `last`, of which 0 is fast and `last` is slow. Commits of which nothing can be told are passed over for
/// their neighbours, the nearest to the middle first.
///
/// # Errors
/// What `probe` fails with.
pub(super) fn search<E>(
    last: usize,
    mut probe: impl FnMut(usize) -> Result<Answer, E>,
) -> Result<Found, E> {
    let mut found = Found {
        fast: 0,
        slow: last,
    };
    let mut unknown = Vec::new();
    loop {
        let sum = found.fast + found.slow;
        let open = (found.fast + 1..found.slow).filter(|commit| !unknown.contains(commit));
        let Some(commit) = open.min_by_key(|commit| (2 * commit).abs_diff(sum)) else {
            return Ok(found);
        };
        match probe(commit)? {
            Answer::Fast => found.fast = commit,
            Answer::Slow => found.slow = commit,
            Answer::Unknown(_) => unknown.push(commit),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Searches a row of commits: `f` fast, `s` slow, `?` unknown; the ends are never asked. Returns the probes too.
    fn searched(row: &str) -> (Found, Vec<usize>) {
        let commits: Vec<char> = row.chars().collect();
        let mut probes = Vec::new();
        let found = search(commits.len() - 1, |commit| {
            probes.push(commit);
            Ok::<_, ()>(match commits[commit] {
                'f' => Answer::Fast,
                's' => Answer::Slow,
                _ => Answer::Unknown("noise".into()),
            })
        });
        (found.unwrap(), probes)
    }

    #[test]
    fn the_first_slow_commit_is_found() {
        let table = [
            ("fs", 0, 1),
            ("fss", 0, 1),
            ("ffs", 1, 2),
            ("fffffffs", 6, 7),
            ("fsssssss", 0, 1),
            ("fffsssss", 2, 3),
            // Unknown commits apart from the change do no harm.
            ("f?fsss?s", 2, 3),
            ("ff???fss", 5, 6),
            // Beside it, they are as suspect as the first that is slow.
            ("ff?s", 1, 3),
            ("ff???sss", 1, 5),
            ("f??????s", 0, 7),
            ("f?s", 0, 2),
        ];
        for (row, fast, slow) in table {
            assert_eq!(searched(row).0, Found { fast, slow }, "{row}");
        }
    }

    #[test]
    fn every_place_is_found_in_few_probes_each_asked_once() {
        for last in 1..40 {
            for change in 1..=last {
                let row: String = (0..=last)
                    .map(|commit| if commit < change { 'f' } else { 's' })
                    .collect();
                let (found, mut probes) = searched(&row);
                assert_eq!((found.slow, found.is_one()), (change, true), "{row}");
                let most = (last as f64).log2().ceil() as usize;
                assert!(probes.len() <= most, "{row}: {probes:?}");
                probes.dedup();
                assert!(
                    !probes.contains(&0) && !probes.contains(&last),
                    "{row}: {probes:?}"
                );
            }
        }
    }

    #[test]
    fn a_failing_probe_ends_the_search() {
        assert_eq!(search(5, Err), Err(2));
    }
}
