//! Numbers that are judged beside the time, by the threshold alone: throughput and memory.

use serde::Serialize;

use super::Verdict;
use super::verdict::exceeds;

/// A number of a benchmark on both sides, other than its time.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Metric {
    /// On the baseline's side.
    pub baseline: f64,
    /// On the candidate's side.
    pub current: f64,
    /// Change relative to the baseline.
    pub change_percent: f64,
    /// The change, counted so that a loss is positive.
    pub loss_percent: f64,
    /// Improved or regressed beyond the threshold, else unchanged.
    pub verdict: Verdict,
}

/// Which way is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Better {
    /// A rate.
    More,
    /// A cost.
    Less,
}

impl Metric {
    /// Judges a number by the threshold. A baseline that is not above 0 was not measured: `None`.
    pub fn new(
        baseline: f64,
        current: f64,
        better: Better,
        threshold_percent: f64,
    ) -> Option<Self> {
        let change_percent = 100.0 * (current / baseline - 1.0);
        if baseline <= 0.0 || current < 0.0 || !change_percent.is_finite() {
            return None;
        }
        let loss_percent = match better {
            Better::More => -change_percent,
            Better::Less => change_percent,
        };
        let verdict = if exceeds(loss_percent, threshold_percent) {
            Verdict::Regressed
        } else if exceeds(-loss_percent, threshold_percent) {
            Verdict::Improved
        } else {
            Verdict::Unchanged
        };
        Some(Metric {
            baseline,
            current,
            change_percent,
            loss_percent,
            verdict,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_in_its_own_direction() {
        use Better::{Less, More};
        use Verdict::{Improved, Regressed, Unchanged};
        let table = [
            (100.0, 110.0, Less, Unchanged),
            (100.0, 110.1, Less, Regressed),
            (100.0, 89.9, Less, Improved),
            (100.0, 90.0, More, Unchanged),
            (100.0, 89.9, More, Regressed),
            (0.3, 0.27, More, Unchanged),
            (100.0, 120.0, More, Improved),
            (100.0, 0.0, More, Regressed),
        ];
        for (baseline, current, better, expected) in table {
            let metric = Metric::new(baseline, current, better, 10.0).unwrap();
            assert_eq!(
                metric.verdict, expected,
                "{baseline} to {current}, {better:?}"
            );
        }
    }

    #[test]
    fn what_was_not_measured_is_not_judged() {
        for (baseline, current) in [
            (0.0, 0.0),
            (0.0, 5.0),
            (-1.0, 1.0),
            (1.0, -1.0),
            (1e-308, 1e308),
        ] {
            assert_eq!(Metric::new(baseline, current, Better::Less, 10.0), None);
        }
    }
}
