//! How far one small sample lies above another, with a confidence interval that a few outliers don't move.

use super::order::{mean, median, sorted};
use super::student;

/// Values of a side beyond which they are thinned, evenly: pairwise differences grow as the product.
const MOST_VALUES: usize = 200;
/// Values of both sides up to which the rank distribution is counted, not approximated.
const MOST_COUNTED: usize = 60;

/// An estimated shift and its confidence interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shift {
    /// The estimate.
    pub estimate: f64,
    /// The lower end of the interval.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

/// By how much `candidate` exceeds `baseline`, at a confidence of at least 1 − `alpha`.
///
/// The estimate is the median of all pairwise differences (Hodges and Lehmann 1963, "Estimates of location based on rank
/// tests") and the interval lies between two of them, chosen by the exact null distribution of the Mann-Whitney U (Mann and
/// Whitney 1947; Hollander, Wolfe and Chicken, "Nonparametric statistical methods", 4.3): it supposes that the values of both
/// sides are independent draws from one distribution, but for the shift, whatever that distribution is.
///
/// Where there are too few values for that (fewer than five and five at `alpha` 0.01) it is Student's interval with a
/// pooled variance, which supposes a normal distribution. With no value on a side, or one on each, there is none: `None`.
pub fn shift(baseline: &[f64], candidate: &[f64], alpha: f64) -> Option<Shift> {
    let (n, m) = (baseline.len(), candidate.len());
    if n == 0 || m == 0 || n + m < 3 {
        return None;
    }
    let (baseline, candidate) = (thinned(baseline), thinned(candidate));
    match critical(baseline.len(), candidate.len(), alpha) {
        0 => Some(by_student(&baseline, &candidate, alpha)),
        k => {
            let differences = pairwise(&baseline, &candidate);
            Some(Shift {
                estimate: median(&differences)?,
                low: differences[k - 1],
                high: differences[differences.len() - k],
            })
        }
    }
}

/// At most [`MOST_VALUES`] of the values, evenly spread over the slice.
fn thinned(values: &[f64]) -> Vec<f64> {
    let step = values.len().div_ceil(MOST_VALUES).max(1);
    values.iter().copied().step_by(step).collect()
}

/// All differences candidate − baseline, ascending.
fn pairwise(baseline: &[f64], candidate: &[f64]) -> Vec<f64> {
    let differences: Vec<f64> = baseline
        .iter()
        .flat_map(|old| candidate.iter().map(move |new| new - old))
        .collect();
    sorted(&differences)
}

fn by_student(baseline: &[f64], candidate: &[f64], alpha: f64) -> Shift {
    let squares = |values: &[f64]| -> f64 {
        let centre = mean(values).unwrap_or(0.0);
        values.iter().map(|value| (value - centre).powi(2)).sum()
    };
    let (n, m) = (baseline.len() as f64, candidate.len() as f64);
    let freedom = baseline.len() + candidate.len() - 2;
    let variance = (squares(baseline) + squares(candidate)) / freedom as f64;
    let error = (variance * (1.0 / n + 1.0 / m)).sqrt();
    let half = error * student::two_sided_quantile(alpha, freedom as u32);
    let estimate = mean(candidate).unwrap_or(0.0) - mean(baseline).unwrap_or(0.0);
    Shift {
        estimate,
        low: estimate - half,
        high: estimate + half,
    }
}

/// The rank, from 1, of the pairwise difference that ends the interval, from either end; 0 where there are too few.
///
/// It is the largest k with P(U < k) ≤ alpha/2.
fn critical(n: usize, m: usize, alpha: f64) -> usize {
    if n + m > MOST_COUNTED {
        let (n, m) = (n as f64, m as f64);
        let deviation = (n * m * (n + m + 1.0) / 12.0).sqrt();
        let z = student::two_sided_quantile(alpha, 1000);
        return (0.5 * n * m - z * deviation).max(0.0) as usize;
    }
    let counts = rank_sums(n, m);
    let total: f64 = counts.iter().sum();
    let mut below = 0.0;
    for (u, count) in counts.iter().enumerate() {
        below += count;
        if below > 0.5 * alpha * total {
            return u;
        }
    }
    0
}

/// In how many ways each U from 0 to n·m comes about: the choices of n ranks of n + m whose sum exceeds the least by U.
fn rank_sums(n: usize, m: usize) -> Vec<f64> {
    // ways[j][u]: choices of j ranks so far.
    let mut ways = vec![vec![0.0; n * m + 1]; n + 1];
    ways[0][0] = 1.0;
    for rank in 1..=n + m {
        for j in (1..=n.min(rank)).rev() {
            // As the j-th of the chosen, rank exceeds its least possible value, j, by this much.
            let excess = rank - j;
            if excess > m {
                continue;
            }
            for u in excess..=n * m {
                let fewer = ways[j - 1][u - excess];
                ways[j][u] += fewer;
            }
        }
    }
    ways.swap_remove(n)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    #[test]
    fn rank_sums_agree_with_every_choice() {
        for (n, m) in [(1, 1), (1, 4), (2, 2), (2, 3), (3, 3), (4, 5)] {
            let mut counts = vec![0.0; n * m + 1];
            for chosen in 0u32..1 << (n + m) {
                if chosen.count_ones() as usize == n {
                    // U counts the pairs in which the chosen one is above one that is not.
                    let pairs = (0..n + m).filter(|i| chosen >> i & 1 == 1);
                    let u: usize = pairs
                        .map(|i| (0..i).filter(|j| chosen >> j & 1 == 0).count())
                        .sum();
                    counts[u] += 1.0;
                }
            }
            assert_eq!(rank_sums(n, m), counts, "{n} and {m}");
        }
    }

    #[test]
    fn critical_ranks_agree_with_printed_tables() {
        // One more than the critical U of Mann-Whitney tables; 0 where the table has a dash.
        let table = [
            (5, 5, 0.05, 3),
            (5, 5, 0.01, 1),
            (4, 4, 0.05, 1),
            (4, 4, 0.01, 0),
            (3, 3, 0.05, 0),
            (8, 8, 0.05, 14),
            (10, 10, 0.05, 24),
            (10, 10, 0.01, 17),
            (7, 12, 0.05, 19),
            (20, 20, 0.01, 106),
            // Of four choices one has U = 0, which is as seldom as alpha/2 allows.
            (1, 3, 0.5, 1),
        ];
        for (n, m, alpha, expected) in table {
            assert_eq!(critical(n, m, alpha), expected, "{n} and {m} at {alpha}");
        }
    }

    #[test]
    fn the_approximation_joins_the_count() {
        // Up to sixty of both sides it is counted; beyond, n·m/2 − z·√(n·m·(n + m + 1)/12), a little below the count.
        let table = [
            (30, 30, 0.01, 277),
            (30, 31, 0.01, 286),
            (20, 41, 0.01, 242),
            (10, 51, 0.05, 154),
            (56, 5, 0.01, 41),
            (1, 200, 0.01, 0),
        ];
        for (n, m, alpha, expected) in table {
            assert_eq!(critical(n, m, alpha), expected, "{n} and {m} at {alpha}");
        }
    }

    #[test]
    fn values_are_thinned_evenly() {
        // How many there are, and how many are taken.
        for (count, taken) in [
            (0, 0),
            (1, 1),
            (200, 200),
            (201, 101),
            (400, 200),
            (401, 134),
        ] {
            let values: Vec<f64> = (0..count).map(f64::from).collect();
            let thinned = thinned(&values);
            assert_eq!(thinned.len(), taken, "of {count}");
            assert!(
                thinned.windows(3).all(|w| w[2] - w[1] == w[1] - w[0]),
                "{thinned:?}"
            );
        }
    }

    #[test]
    fn worked_by_hand() {
        // Five and five, 99 %: the whole range of the differences.
        let (old, new) = ([1.0, 2.0, 3.0, 4.0, 5.0], [11.0, 12.0, 13.0, 14.0, 15.0]);
        let expected = Shift {
            estimate: 10.0,
            low: 6.0,
            high: 14.0,
        };
        assert_eq!(shift(&old, &new, 0.01), Some(expected));
        // Two and two, Student: sp² = 0.5, error = √0.5, t(2, 0.05) = 4.3027.
        let found = shift(&[1.0, 2.0], &[4.0, 5.0], 0.05).unwrap();
        assert_eq!(found.estimate, 3.0);
        assert!((found.high - 3.0 - 3.0424).abs() < 1e-3, "{found:?}");
        // One and two: sp² = 0.125, error = √(0.125·1.5), t(1, 0.05) = 12.706.
        let found = shift(&[1.0], &[2.0, 2.5], 0.05).unwrap();
        assert_eq!(found.estimate, 1.25);
        assert!((found.high - 1.25 - 5.5018).abs() < 1e-3, "{found:?}");
        assert!((found.low - 1.25 + 5.5018).abs() < 1e-3, "{found:?}");
    }

    #[test]
    fn few_values() {
        assert_eq!(shift(&[], &[1.0, 2.0, 3.0], 0.01), None);
        assert_eq!(shift(&[1.0], &[2.0], 0.01), None);
        assert!(shift(&[1.0], &[2.0, 2.5], 0.01).is_some());
        let equal = shift(&[1.0; 3], &[1.0; 3], 0.01).unwrap();
        assert_eq!((equal.low, equal.high), (0.0, 0.0));
    }

    #[test]
    fn one_outlier_of_ten_does_not_move_it() {
        let mut old: Vec<f64> = (0..10).map(|i| 1.0 + 0.001 * f64::from(i)).collect();
        let new = old.clone();
        old[3] = 294.0;
        let found = shift(&old, &new, 0.01).unwrap();
        assert!(found.low > -0.02 && found.high < 0.02, "{found:?}");
    }

    #[test]
    fn many_values_are_thinned_not_multiplied() {
        let many: Vec<f64> = (0..100_000).map(|i| f64::from(i % 7)).collect();
        let found = shift(&many, &many, 0.01).unwrap();
        assert!(found.low <= 0.0 && found.high >= 0.0, "{found:?}");
    }

    #[test]
    fn the_truth_is_covered_as_often_as_promised() {
        // Skewed values (−ln u): 2000 comparisons of no change. 99 % leaves 20 outside, plus 3 deviations of 4.5.
        let mut random = Random::new(7, 0);
        let mut draw = |count: usize| -> Vec<f64> {
            (0..count).map(|_| -(1.0 - random.unit()).ln()).collect()
        };
        for (n, m) in [(5, 5), (10, 10), (3, 3), (40, 40)] {
            let outside = (0..2000)
                .filter(|_| {
                    let found = shift(&draw(n), &draw(m), 0.01).unwrap();
                    found.low > 0.0 || found.high < 0.0
                })
                .count();
            assert!(outside <= 34, "{n} and {m}: {outside} of 2000 outside");
        }
    }
}
