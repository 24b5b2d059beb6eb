//! How long slices are and how many pairs a process takes, from the time of one iteration.

use serde::{Deserialize, Serialize};

/// A slice takes at least this long: a thousand times the clock's resolution, and short beside a slow spell.
const SLICE_NS: f64 = 150_000.0;
/// Slices of a process take about this long together, as long as it takes to start one with 24 MB of buffers, so that neither
/// more processes nor more pairs would be the better use of time (Kalibera and Jones 2013, "Rigorous benchmarking in
/// reasonable time").
const PROCESS_NS: f64 = 24_000_000.0;
/// The fewest pairs of a process.
const FEWEST_PAIRS: f64 = 4.0;
/// The most pairs: with more, a process tells little more about itself.
const MOST_PAIRS: f64 = 80.0;
/// Pairs between two draws of the code's place: loading both sides anew takes about as long, and draws of a small product differ by as much
/// as the medians of so many pairs do.
const DRAW_PAIRS: f64 = 8.0;
/// They take no longer than this. Where iterations are long, pairs differ by more than draws do, but there have to be many draws.
const DRAW_NS: f64 = 64_000_000.0;
/// The fewest draws of a process.
const FEWEST_DRAWS: f64 = 4.0;

/// What every process of a benchmark does; the same on both sides and in all processes of a comparison, but that the first make fewer
/// draws.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Plan {
    /// Iterations of a slice.
    pub(super) iterations: u64,
    /// Untimed iterations before a slice, which bring back what the probe or the other side drove out of the caches.
    pub(super) lead_in: u64,
    /// Times that both sides are loaded, each time at other addresses, unless the parent wants fewer.
    pub(super) draws: usize,
    /// Pairs of slices of a draw.
    pub(super) pairs: usize,
}

impl Plan {
    /// The plan for iterations of `iteration_ns` that allow no more than `most` in a row without refilling, `redrawn` where
    /// loading the code anew costs little.
    pub(super) fn new(iteration_ns: f64, most: Option<u64>, redrawn: bool) -> Self {
        let iteration_ns = iteration_ns.max(0.1);
        let iterations = (SLICE_NS / iteration_ns)
            .ceil()
            .clamp(1.0, most.unwrap_or(u64::MAX) as f64);
        let pair_ns = 2.0 * iterations * iteration_ns;
        let fitting = |ns: f64, fewest: f64, most: f64| (ns / pair_ns).round().clamp(fewest, most);
        let all = fitting(PROCESS_NS, FEWEST_PAIRS, MOST_PAIRS);
        let (draws, pairs) = if redrawn {
            let pairs = fitting(DRAW_NS, 1.0, DRAW_PAIRS);
            ((all / pairs).round().max(FEWEST_DRAWS), pairs)
        } else {
            (1.0, all)
        };
        Plan {
            iterations: iterations as u64,
            lead_in: (iterations / 8.0) as u64,
            draws: draws as usize,
            pairs: pairs as usize,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plans_from_ns_to_seconds() {
        for (iteration_ns, most, redrawn, wanted) in [
            (0.0, None, true, [1_500_000, 187_500, 10, 8]),
            (1_000.0, None, true, [150, 18, 10, 8]),
            (1_000.0, None, false, [150, 18, 1, 80]),
            (1_000.0, Some(10), true, [10, 1, 10, 8]),
            (35_000.0, None, true, [5, 0, 9, 8]),
            (450_000.0, None, true, [1, 0, 4, 8]),
            (2_000_000.0, None, true, [1, 0, 4, 8]),
            (7_600_000.0, None, true, [1, 0, 4, 4]),
            (16e6, None, true, [1, 0, 4, 2]),
            (37e6, None, true, [1, 0, 4, 1]),
            (37e6, None, false, [1, 0, 1, 4]),
            (5e9, Some(1), true, [1, 0, 4, 1]),
        ] {
            let plan = Plan::new(iteration_ns, most, redrawn);
            let got = [
                plan.iterations,
                plan.lead_in,
                plan.draws as u64,
                plan.pairs as u64,
            ];
            assert_eq!(
                got, wanted,
                "{iteration_ns} ns, at most {most:?}, redrawn {redrawn}"
            );
        }
    }
}
