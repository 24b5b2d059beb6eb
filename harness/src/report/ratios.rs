//! The axis that the intervals of a comparison are drawn on, in a terminal and on a page.

use crate::compare::{Comparison, Interval, Row};

/// The axis is never shorter than this logarithm of a ratio, 2 %: smaller changes shall look small.
const LEAST_END: f64 = 0.02;

/// Logarithms of ratios, as far to the left as to the right, so that halving is as far as doubling.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Ratios {
    /// The logarithm of the ratio at the right end.
    end: f64,
    /// A gain and a loss as large as the one that fails.
    thresholds: [f64; 2],
}

impl Ratios {
    /// Wide enough for the widest interval, but for twice the threshold at most: what lies beyond has an arrow.
    pub(super) fn of(comparison: &Comparison) -> Self {
        let loss = comparison.threshold_percent / 100.0;
        let widest = comparison
            .rows
            .iter()
            .flat_map(ends)
            .map(|ratio| ratio.ln().abs())
            .filter(|logarithm| logarithm.is_finite())
            .fold(0.0, f64::max);
        let most = (1.0 + 2.0 * loss).ln().max(LEAST_END);
        Ratios {
            end: (1.1 * widest).clamp(LEAST_END, most),
            thresholds: [1.0 - loss, 1.0 + loss],
        }
    }

    /// Where a ratio lies: −1 is the left end, 0 a ratio of 1, and 1 the right end. Ratios beyond the ends lie at them.
    pub(super) fn at(&self, ratio: f64) -> f64 {
        let part = ratio.ln() / self.end;
        match part {
            // What is no number changed nothing.
            _ if part.is_nan() => 0.0,
            _ => part.clamp(-1.0, 1.0),
        }
    }

    /// Whether the left and the right end of an interval lie beyond those of the axis.
    pub(super) fn beyond(&self, interval: Interval) -> [bool; 2] {
        [interval.low.ln() < -self.end, interval.high.ln() > self.end]
    }

    /// The ratios that the axis names: a gain and a loss as large as the one that fails where that is within it, else its ends.
    pub(super) fn named(&self) -> [f64; 2] {
        self.lines().unwrap_or([-self.end, self.end].map(f64::exp))
    }

    /// A gain and a loss as large as the one that fails, where they lie apart from the middle and within the ends.
    pub(super) fn lines(&self) -> Option<[f64; 2]> {
        let apart = self.thresholds.iter().all(|ratio| {
            let part = ratio.ln().abs() / self.end;
            (0.2..0.98).contains(&part)
        });
        apart.then_some(self.thresholds)
    }
}

fn ends(row: &Row) -> impl Iterator<Item = f64> {
    let interval = row.interval.map(|interval| [interval.low, interval.high]);
    interval.into_iter().flatten().chain(row.ratio)
}

/// A change as an axis names it: `-10 %`, `0`, `+2.5 %`.
pub(super) fn short(ratio: f64) -> String {
    let percent = (1000.0 * (ratio - 1.0)).round() / 10.0;
    if percent == 0.0 {
        "0".into()
    } else {
        format!("{percent:+} %")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::Verdict;

    fn ratios(threshold_percent: f64, intervals: &[(f64, f64)]) -> Ratios {
        let mut comparison = Comparison::failed(String::new(), threshold_percent);
        comparison.rows = intervals
            .iter()
            .map(|&(low, high)| {
                let mut row = Row::new("x", "", Verdict::Unchanged);
                row.interval = Some(Interval { low, high });
                row
            })
            .collect();
        Ratios::of(&comparison)
    }

    #[test]
    fn the_axis_fits_what_is_drawn() {
        // threshold, intervals, the ratio at the right end, the ratios that are named
        type Case<'a> = (f64, &'a [(f64, f64)], f64, [&'a str; 2]);
        let table: [Case<'_>; 6] = [
            (10.0, &[], 1.0202, ["-2 %", "+2 %"]),
            (10.0, &[(0.999, 1.001)], 1.0202, ["-2 %", "+2 %"]),
            (10.0, &[(0.9, 1.12)], 1.1328, ["-10 %", "+10 %"]),
            (10.0, &[(0.5, 9.0), (1.0, 1.0)], 1.2, ["-10 %", "+10 %"]),
            (0.0, &[(0.5, 9.0)], 1.0202, ["-2 %", "+2 %"]),
            (100.0, &[(0.0, f64::INFINITY)], 1.0202, ["-2 %", "+2 %"]),
        ];
        for (threshold, intervals, end, named) in table {
            let axis = ratios(threshold, intervals);
            let what = format!("{threshold} %, {intervals:?}: {axis:?}");
            assert!((axis.end.exp() - end).abs() < 1e-3, "{what}");
            assert_eq!(axis.named().map(short), named, "{what}");
        }
    }

    #[test]
    fn places() {
        let axis = ratios(10.0, &[(0.5, 2.0)]);
        let table = [
            (1.0, 0.0),
            (1.2, 1.0),
            (1.0 / 1.2, -1.0),
            (3.0, 1.0),
            (0.0, -1.0),
            (f64::NAN, 0.0),
        ];
        for (ratio, place) in table {
            assert!(
                (axis.at(ratio) - place).abs() < 1e-9,
                "{ratio}: {}",
                axis.at(ratio)
            );
        }
        let beyond = |low, high| axis.beyond(Interval { low, high });
        assert_eq!(beyond(0.9, 1.1), [false, false]);
        assert_eq!(beyond(0.5, 1.1), [true, false]);
        assert_eq!(beyond(1.1, 1.3), [false, true]);
    }
}
