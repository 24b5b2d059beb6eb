//! Where a series changes its level.
//!
//! Pettitt's test (1979, "A non-parametric approach to the change-point problem") asks of ranks alone whether the numbers before
//! some place tend to be smaller or larger than those after it, so a single outlier, however far, moves it by one rank. The chance that
//! it gives is that of long series, and far too great for short ones and for places near an end: there that of the least likely order
//! counts (`apart.rs`). A series is cut at the place where the evidence is greatest if that is enough, and both parts are asked again. The
//! evidence is sought in stretches of many lengths, for in the whole series a rise and a fall hide each other (Kovács et al. 2023, "Seeded
//! binary segmentation").

mod apart;

use std::ops::Range;

use super::order::median;
use apart::apart;

/// With fewer numbers than this no order of them is unlikely enough.
const FEWEST: usize = 8;

/// A change of level.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ChangePoint {
    /// The first number after it.
    pub index: usize,
    /// The median of the stretch before it, back to the change before or the beginning.
    pub before: f64,
    /// The median of the stretch after it.
    pub after: f64,
}

/// The changes in `values`, in order, each of them at `level` at most by chance and by a share of at least `least` of the level before.
///
/// Fewer than eight values can show none. The values are positive and finite.
///
/// ```
/// use harness::stats::changepoints::change_points;
///
/// let values = [1.0, 1.1, 1.0, 1.1, 1.0, 1.1, 1.0, 1.1, 2.0, 2.1, 2.0, 2.1, 2.0, 2.1, 2.0, 2.1];
/// let changes = change_points(&values, 0.05, 0.05);
/// assert_eq!((changes.len(), changes[0].index), (1, 8));
/// ```
pub fn change_points(values: &[f64], level: f64, least: f64) -> Vec<ChangePoint> {
    let mut cuts = Vec::new();
    split(values, 0, level, least, &mut cuts);
    // A cut may turn out to stand beside a better one.
    loop {
        let changes = between(values, &cuts);
        let shift = |change: &ChangePoint| (change.after / change.before - 1.0).abs();
        let least_of_all =
            (0..changes.len()).min_by(|&a, &b| shift(&changes[a]).total_cmp(&shift(&changes[b])));
        match least_of_all {
            Some(index) if shift(&changes[index]) < least => cuts.remove(index),
            _ => break placed(values, &changes),
        };
    }
}

/// The changes, each moved to where between its neighbours the two levels part best: ranks alone may miss the place by a few.
fn placed(values: &[f64], changes: &[ChangePoint]) -> Vec<ChangePoint> {
    let mut cuts = vec![];
    for (at, change) in changes.iter().enumerate() {
        let from = cuts.last().copied().unwrap_or(0);
        let to = changes.get(at + 1).map_or(values.len(), |next| next.index);
        // How much worse the level before fits than the level after: no outlier counts for more than their difference.
        let worse = |value: &f64| (value - change.before).abs() - (value - change.after).abs();
        let (mut sum, mut best) = (0.0, (f64::INFINITY, change.index));
        for (index, value) in values[from..to - 1].iter().enumerate() {
            sum += worse(value);
            if sum < best.0 {
                best = (sum, from + index + 1);
            }
        }
        cuts.push(best.1);
    }
    between(values, &cuts)
}

/// The changes at `cuts`.
fn between(values: &[f64], cuts: &[usize]) -> Vec<ChangePoint> {
    let bounds: Vec<usize> = [&[0], cuts, &[values.len()]].concat();
    let level_of =
        |from: usize, to: usize| median(&values[from..to]).expect("stretches are not empty");
    bounds
        .windows(3)
        .map(|bounds| ChangePoint {
            index: bounds[1],
            before: level_of(bounds[0], bounds[1]),
            after: level_of(bounds[1], bounds[2]),
        })
        .collect()
}

fn split(values: &[f64], offset: usize, level: f64, least: f64, cuts: &mut Vec<usize>) {
    let Some(Evidence {
        stretch,
        cut,
        chance,
    }) = strongest(values)
    else {
        return;
    };
    let levels = median(&values[stretch.start..cut]).zip(median(&values[cut..stretch.end]));
    let shift = levels.map_or(0.0, |(before, after)| (after / before - 1.0).abs());
    if chance > level || shift < least {
        return;
    }
    let (before, after) = values.split_at(cut);
    split(before, offset, level, least, cuts);
    cuts.push(offset + cut);
    split(after, offset + cut, level, least, cuts);
}

/// Evidence of a change within a stretch: the first number after it, and the chance of as much in any stretch.
struct Evidence {
    stretch: Range<usize>,
    cut: usize,
    chance: f64,
}

/// The strongest evidence of a change in any of the stretches: the whole, halves, quarters and so on, each overlapping the next.
fn strongest(values: &[f64]) -> Option<Evidence> {
    let mut found = Vec::new();
    let mut length = values.len();
    while length >= FEWEST {
        let last = values.len() - length;
        let starts = (0..last).step_by(length / 2).chain([last]);
        found.extend(starts.filter_map(|start| {
            let stretch = start..start + length;
            let values = &values[stretch.clone()];
            let tests = [pettitt(values)?, apart(&ranks(values))?];
            let (cut, chance) = tests.into_iter().min_by(|a, b| a.1.total_cmp(&b.1))?;
            Some(Evidence {
                stretch,
                cut: start + cut,
                chance: tests.len() as f64 * chance,
            })
        }));
        length /= 2;
    }
    let tested = found.len() as f64;
    let best = found
        .into_iter()
        .min_by(|a, b| a.chance.total_cmp(&b.chance))?;
    Some(Evidence {
        chance: (best.chance * tested).min(1.0),
        ..best
    })
}

/// The place with the greatest evidence of a change, as the index of the first number after it, and the chance of as much where
/// nothing changed; nothing where there are too few numbers.
fn pettitt(values: &[f64]) -> Option<(usize, f64)> {
    if values.len() < FEWEST {
        return None;
    }
    let n = values.len() as f64;
    let ranks = ranks(values);
    // After the last number there is no evidence either, so that place is never the best.
    let (mut sum, mut best) = (0.0, (1, 0.0));
    for (index, rank) in ranks.iter().enumerate() {
        sum += rank;
        let evidence = (2.0 * sum - (index + 1) as f64 * (n + 1.0)).abs();
        if evidence > best.1 {
            best = (index + 1, evidence);
        }
    }
    let chance = 2.0 * (-6.0 * best.1 * best.1 / (n * n * n + n * n)).exp();
    Some((best.0, chance.min(1.0)))
}

/// The rank of each value from 1 on; equal values share the mean of theirs.
fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
    let mut ranks = vec![0.0; values.len()];
    let mut from = 0;
    while from < order.len() {
        let same = order[from..]
            .iter()
            .take_while(|&&index| values[index] == values[order[from]]);
        let to = from + same.count();
        for &index in &order[from..to] {
            ranks[index] = (from + 1 + to) as f64 / 2.0;
        }
        from = to;
    }
    ranks
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    /// Levels, each for so many values, with noise of so many percent either way, a tenth of the values far above.
    fn series(levels: &[(f64, usize)], noise_percent: f64, random: &mut Random) -> Vec<f64> {
        let mut values = Vec::new();
        for &(level, count) in levels {
            for _ in 0..count {
                let outlier = if random.below(10) == 0 {
                    1.0 + random.unit()
                } else {
                    1.0
                };
                values.push(
                    level * outlier * (1.0 + noise_percent / 100.0 * (2.0 * random.unit() - 1.0)),
                );
            }
        }
        values
    }

    #[test]
    fn known_changes_are_found_where_they_are() {
        let mut random = Random::new(1, 0);
        type Levels = &'static [(f64, usize)];
        let table: [(&str, Levels, f64, &[usize]); 8] = [
            ("nothing", &[(1.0, 100)], 1.0, &[]),
            ("one", &[(1.0, 50), (1.1, 50)], 1.0, &[50]),
            ("one among noise", &[(1.0, 100), (1.05, 100)], 4.0, &[100]),
            (
                "up and down",
                &[(1.0, 60), (1.2, 40), (1.0, 60)],
                1.0,
                &[60, 100],
            ),
            (
                "steps",
                &[(1.0, 40), (0.9, 40), (0.8, 40), (0.7, 40)],
                1.0,
                &[40, 80, 120],
            ),
            ("too small to matter", &[(1.0, 200), (1.004, 200)], 0.1, &[]),
            (
                "too small at another level",
                &[(50.0, 200), (50.2, 200)],
                0.1,
                &[],
            ),
            ("too few", &[(1.0, 3), (2.0, 4)], 0.1, &[]),
        ];
        for (name, levels, noise_percent, wanted) in table {
            let found = change_points(&series(levels, noise_percent, &mut random), 0.001, 0.01);
            let close = found.len() == wanted.len()
                && found
                    .iter()
                    .zip(wanted)
                    .all(|(found, wanted)| found.index.abs_diff(*wanted) <= 3);
            assert!(close, "{name}: {found:?}");
            for (found, pair) in found.iter().zip(levels.windows(2)) {
                for (level, (wanted, _)) in [found.before, found.after].iter().zip(pair) {
                    assert!((level / wanted - 1.0).abs() < 0.02, "{name}: {found:?}");
                }
            }
        }
    }

    #[test]
    fn changes_are_found_at_their_places_where_noise_is_less() {
        let mut random = Random::new(3, 0);
        type Levels = &'static [(f64, usize)];
        let table: [(Levels, &[usize]); 5] = [
            // The chances of many places are too small for a number.
            (&[(1.0, 9000), (1.1, 1000)], &[9000]),
            (&[(1.0, 20), (1.08, 15), (1.0, 25)], &[20, 35]),
            (&[(1.0, 54), (0.9, 6)], &[54]),
            (&[(1.0, 12), (1.1, 12)], &[12]),
            (&[(1.0, 5), (1.1, 5)], &[]),
        ];
        for (levels, wanted) in table {
            let values: Vec<f64> = levels
                .iter()
                .flat_map(|&(level, count)| std::iter::repeat_n(level, count))
                .map(|level| level * (1.0 + 0.01 * (2.0 * random.unit() - 1.0)))
                .collect();
            let found = change_points(&values, 0.001, 0.02);
            let found: Vec<usize> = found.iter().map(|change| change.index).collect();
            assert_eq!(found, wanted, "{levels:?}");
        }
    }

    #[test]
    fn noise_is_seldom_taken_for_a_change() {
        let mut random = Random::new(2, 0);
        let alarms = (0..2000)
            .filter(|turn| {
                let values = series(&[(1.0, 10 + turn % 90)], 5.0, &mut random);
                // By evidence alone, however small the shift.
                !change_points(&values, 0.01, 0.0).is_empty()
            })
            .count();
        // 1 % of 2000 with room for three deviations; the approximation errs on the safe side for short series.
        assert!(alarms <= 34, "{alarms} of 2000");
    }

    #[test]
    fn evidence_worked_by_hand() {
        // Ranks 1..8 in order: U after 4 is 2·10 − 4·9 = −16, so the chance is 2·exp(−6·256/(512 + 64)).
        let values: Vec<f64> = (1..=8).map(f64::from).collect();
        let (cut, chance) = pettitt(&values).unwrap();
        assert_eq!(cut, 4);
        assert!(
            (chance - 2.0 * (-6.0_f64 * 256.0 / 576.0).exp()).abs() < 1e-12,
            "{chance}"
        );
        assert_eq!(pettitt(&[1.0; 8]), Some((1, 1.0)));
        assert_eq!(ranks(&[3.0, 1.0, 3.0, 2.0]), [3.5, 1.0, 3.5, 2.0]);
        assert_eq!(change_points(&[], 0.001, 0.01), []);
        assert_eq!(change_points(&[1.0; 100], 0.001, 0.01), []);
    }

    #[test]
    fn the_bounds_are_inclusive_and_every_stretch_counts() {
        // In order they are least likely in the whole, by the order: sixteen numbers are one stretch of 16 and three of 8, and each is
        // tested twice.
        let values: Vec<f64> = (1..=16).map(f64::from).collect();
        let (_, chance) = apart(&values).unwrap();
        assert!(chance < pettitt(&values).unwrap().1);
        let (level, least) = (4.0 * 2.0 * chance, 12.5 / 4.5 - 1.0);
        // level, least, whether there is a change
        let table = [
            (level, least, true),
            (level.next_down(), least, false),
            (level, least + 1e-9, false),
        ];
        for (level, least, expected) in table {
            let found = change_points(&values, level, least);
            let indices: Vec<usize> = found.iter().map(|change| change.index).collect();
            let expected = if expected { vec![8] } else { vec![] };
            assert_eq!(indices, expected, "{level} and {least}");
        }
    }

    #[test]
    fn a_change_that_its_neighbours_do_not_bear_out_is_none() {
        // From 1 to 1.07 where it is sought, and from 1.04 to 1.055 as a whole.
        let stretches = [(1.04, 40), (1.0, 20), (1.07, 30), (1.04, 30)];
        let values = stretches.map(|(value, count)| vec![value; count]).concat();
        assert_eq!(strongest(&values).map(|evidence| evidence.cut), Some(60));
        assert_eq!(change_points(&values, 0.01, 0.05), []);
    }

    #[test]
    fn of_equal_places_the_first_is_it() {
        let values = [vec![1.0; 10], vec![1.5], vec![2.0; 10]].concat();
        let found = change_points(&values, 0.01, 0.05);
        let indices: Vec<usize> = found.iter().map(|change| change.index).collect();
        assert_eq!(indices, [10]);
    }

    #[test]
    fn a_short_rise_in_the_middle_is_found() {
        // It shows in none of the stretches at either end.
        let values = [vec![1.0; 256], vec![1.5; 32], vec![1.0; 256]].concat();
        let found = change_points(&values, 0.01, 0.01);
        let expected =
            [(256, 1.0, 1.5), (288, 1.5, 1.0)].map(|(index, before, after)| ChangePoint {
                index,
                before,
                after,
            });
        assert_eq!(found, expected);
    }
}
