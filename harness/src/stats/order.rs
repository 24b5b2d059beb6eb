//! Location and order: mean, minimum, maximum, quantiles.

/// The arithmetic mean; `None` for an empty slice.
///
/// It is the sum of the quotients, so that it cannot overflow, and it lies between the least and the greatest value.
pub fn mean(values: &[f64]) -> Option<f64> {
    let (low, high) = (min(values)?, max(values)?);
    let count = values.len() as f64;
    let sum: f64 = values.iter().sum();
    let mean = if sum.is_finite() {
        sum / count
    } else {
        values.iter().map(|value| value / count).sum()
    };
    Some(mean.clamp(low, high))
}

/// The least value; `None` for an empty slice.
pub fn min(values: &[f64]) -> Option<f64> {
    values.iter().copied().reduce(f64::min)
}

/// The greatest value; `None` for an empty slice.
pub fn max(values: &[f64]) -> Option<f64> {
    values.iter().copied().reduce(f64::max)
}

/// The median; `None` for an empty slice, the number itself for one.
pub fn median(values: &[f64]) -> Option<f64> {
    let last = values.len().checked_sub(1)?;
    let mut values = values.to_vec();
    let (lower, &mut upper_middle, _) =
        values.select_nth_unstable_by(last.div_ceil(2), f64::total_cmp);
    if last % 2 == 0 {
        return Some(upper_middle);
    }
    max(lower).map(|lower_middle| between(lower_middle, upper_middle, 0.5))
}

/// The median distance from the median, times 1.4826: the standard deviation of normal values, whatever a few outliers do. 0
/// for an empty slice and for one number.
pub fn spread(values: &[f64]) -> f64 {
    let Some(middle) = median(values) else {
        return 0.0;
    };
    let distances: Vec<f64> = values.iter().map(|value| (value - middle).abs()).collect();
    1.4826 * median(&distances).unwrap_or(0.0)
}

/// The quantile `p` (0 to 1) of an ascending slice; `None` for an empty slice, the number itself for one.
///
/// It interpolates linearly between the order statistics around (n − 1)·p: definition 7 of Hyndman and Fan 1996, "Sample
/// quantiles in statistical packages", which numpy and R use too.
///
/// # Panics
/// Where `p` is outside 0 to 1.
pub fn quantile(ascending: &[f64], p: f64) -> Option<f64> {
    assert!((0.0..=1.0).contains(&p), "a quantile is a share");
    let last = ascending.len().checked_sub(1)?;
    let position = last as f64 * p;
    let below = position.floor() as usize;
    let (low, high) = (ascending[below], ascending[(below + 1).min(last)]);
    Some(between(low, high, position - below as f64))
}

/// The value at this share of the way from `low` to `high`.
fn between(low: f64, high: f64, share: f64) -> f64 {
    // Both products are exact at share 0, and equal neighbours give themselves.
    if low == high {
        low
    } else {
        low * (1.0 - share) + high * share
    }
}

/// A sorted copy.
pub fn sorted(values: &[f64]) -> Vec<f64> {
    // Integers in the order of `f64::total_cmp` sort faster than floats by it.
    let mut keys: Vec<i64> = values.iter().map(|value| key(value.to_bits())).collect();
    keys.sort_unstable();
    keys.into_iter()
        .map(|sorted| f64::from_bits(key(sorted as u64) as u64))
        .collect()
}

/// The bits of a float as an integer of the same order, and back: for negative ones all bits but the sign are turned.
fn key(bits: u64) -> i64 {
    let bits = bits as i64;
    bits ^ ((bits >> 63) as u64 >> 1) as i64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    #[test]
    fn worked_by_hand() {
        // values, mean, median, quartiles
        let table: [(&[f64], f64, f64, [f64; 2]); 6] = [
            (&[3.0], 3.0, 3.0, [3.0, 3.0]),
            (&[1.0, 2.0], 1.5, 1.5, [1.25, 1.75]),
            (&[4.0, 1.0, 7.0], 4.0, 4.0, [2.5, 5.5]),
            (&[1.0, 2.0, 3.0, 10.0], 4.0, 2.5, [1.75, 4.75]),
            (&[5.0, 5.0, 5.0, 5.0, 5.0], 5.0, 5.0, [5.0, 5.0]),
            (&[1.0, 1.0, 1.0, 294.0, 1.0], 59.6, 1.0, [1.0, 1.0]),
        ];
        for (values, mean_of, median_of, quartiles) in table {
            let ascending = sorted(values);
            assert_eq!(mean(values), Some(mean_of), "mean of {values:?}");
            assert_eq!(median(values), Some(median_of), "median of {values:?}");
            for (p, expected) in [(0.25, quartiles[0]), (0.75, quartiles[1])] {
                let found = quantile(&ascending, p);
                assert_eq!(found, Some(expected), "quantile {p} of {values:?}");
            }
            assert_eq!(quantile(&ascending, 0.0), min(values), "{values:?}");
            assert_eq!(quantile(&ascending, 1.0), max(values), "{values:?}");
        }
    }

    #[test]
    fn sorting_is_that_of_total_cmp() {
        let mut random = Random::new(3, 0);
        let mut values: Vec<f64> = (0..200).map(|_| random.unit() - 0.5).collect();
        values.extend([
            0.0,
            -0.0,
            f64::MAX,
            f64::MIN,
            f64::INFINITY,
            f64::NEG_INFINITY,
            1e-310,
        ]);
        for length in 0..values.len() {
            let mut expected = values[..length].to_vec();
            expected.sort_by(f64::total_cmp);
            assert_eq!(sorted(&values[..length]), expected);
            let middle = quantile(&expected, 0.5);
            assert_eq!(median(&values[..length]), middle, "{length} values");
        }
    }

    #[test]
    fn nothing_gives_nothing() {
        for function in [mean, median, min, max] {
            assert_eq!(function(&[]), None);
        }
        assert_eq!(quantile(&[], 0.5), None);
        assert_eq!(spread(&[]), 0.0);
    }

    #[test]
    fn spreads() {
        let table: [(&[f64], f64); 4] = [
            (&[3.0], 0.0),
            (&[1.0, 2.0, 4.0], 1.4826),
            (&[5.0, 5.0, 5.0, 294.0], 0.0),
            (&[1.0, 2.0, 3.0, 4.0, 294.0], 1.4826),
        ];
        for (values, expected) in table {
            assert_eq!(spread(values), expected, "{values:?}");
        }
    }

    #[test]
    fn huge_values_do_not_overflow() {
        let huge = [f64::MAX, f64::MAX];
        assert_eq!(mean(&huge), Some(f64::MAX));
        let sum_overflows = [f64::MAX, 0.5 * f64::MAX];
        assert_eq!(mean(&sum_overflows), Some(0.75 * f64::MAX));
        assert_eq!(median(&huge), Some(f64::MAX));
        assert_eq!(median(&[-f64::MAX, f64::MAX]), Some(0.0));
    }

    #[test]
    fn the_mean_lies_among_its_values() {
        // The plain sum of ten times 0.1, over ten, is below 0.1.
        assert_eq!(mean(&[0.1; 10]), Some(0.1));
    }
}
