//! How unlikely it is that numbers before some place are so often smaller, or greater, than those after it (Mann and Whitney 1947).

/// The place whose order is the least likely, as the index of the first number after it, and the chance of one as unlikely at any place
/// where nothing changed; nothing for fewer than two numbers. `ranks` are those of the numbers, from 1.
pub(super) fn apart(ranks: &[f64]) -> Option<(usize, f64)> {
    let n = ranks.len();
    let (mut sum, mut best) = (0.0, None);
    for (index, rank) in ranks.iter().enumerate().take(n.saturating_sub(1)) {
        sum += rank;
        let (before, after) = (index + 1, n - index - 1);
        // The pairs in which the number before is the greater.
        let falling = sum - (before * (before + 1)) as f64 / 2.0;
        let fewer = falling.min((before * after) as f64 - falling);
        // Logarithms, for the chances of far places in a long series are all too small for a number.
        let chance = ln_chance(before, after, fewer);
        if best.is_none_or(|(_, least)| chance < least) {
            best = Some((before, chance));
        }
    }
    best.map(|(cut, chance)| (cut, chance.exp() * (n - 1) as f64))
}

/// The logarithm of the chance that of the pairs of n and m numbers in random order at most `fewer` are in one order, or in the other: not less than it is.
///
/// Near none it is counted: each order is a partition of its number of such pairs, of the C(n + m, n) that there are. Else the normal
/// distribution bounds it, whose tails are the heavier.
fn ln_chance(n: usize, m: usize, fewer: f64) -> f64 {
    let pairs = (n * m) as f64;
    let z = (0.5 * (pairs - 1.0) - fewer) / (pairs * (n + m + 1) as f64 / 12.0).sqrt();
    let normal = if z < 3.0 || z.is_nan() {
        0.5_f64.ln()
    } else {
        -0.5 * z * z - (z * std::f64::consts::TAU.sqrt()).ln()
    };
    // With more on both sides the normal distribution does as well.
    let orders = partitions_up_to(fewer as usize).filter(|_| n.min(m) <= 60);
    let counted = orders.map(|orders| orders.ln() - ln_choices(n + m, n.min(m)));
    let one_way = counted.map_or(normal, |counted| counted.min(normal));
    (one_way + 2.0_f64.ln()).min(0.0)
}

/// The partitions of all integers from 0 to `most`; nothing where that is so many that the normal distribution does as well.
fn partitions_up_to(most: usize) -> Option<f64> {
    const MOST: usize = 200;
    static SUMS: std::sync::LazyLock<Vec<f64>> = std::sync::LazyLock::new(|| {
        let mut partitions = vec![0.0; MOST + 1];
        partitions[0] = 1.0;
        for part in 1..=MOST {
            for whole in part..=MOST {
                let rest = partitions[whole - part];
                partitions[whole] += rest;
            }
        }
        let mut sum = 0.0;
        let sums = partitions.iter().map(|partitions| {
            sum += partitions;
            sum
        });
        sums.collect()
    });
    SUMS.get(most).copied()
}

/// The logarithm of the number of choices of k of n.
fn ln_choices(n: usize, k: usize) -> f64 {
    (1..=k).map(|i| ((n - k + i) as f64 / i as f64).ln()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chances_worked_by_hand() {
        // Two of 70 orders of four and four are as they are sorted, and two more each pair further.
        let table = [
            (4, 4, 0.0, 2.0 / 70.0),
            (4, 4, 1.0, 4.0 / 70.0),
            (10, 10, 0.0, 2.0 / 184_756.0),
            // 1 + 1 + 2 + 3 partitions.
            (10, 10, 3.5, 14.0 / 184_756.0),
            (54, 6, 0.0, 2.0 / 50_063_860.0),
            (3, 4, 6.0, 1.0),
            (5, 1, 2.0, 1.0),
            (10, 10, 50.0, 1.0),
            (0, 10, 0.0, 1.0),
        ];
        for (n, m, fewer, wanted) in table {
            for (n, m) in [(n, m), (m, n)] {
                let got = ln_chance(n, m, fewer).exp();
                assert!((got / wanted - 1.0).abs() < 1e-9, "{n} {m} {fewer}: {got}");
            }
        }
        assert_eq!(partitions_up_to(5), Some(19.0));
        assert_eq!(partitions_up_to(201), None);
    }

    /// Orders of n and m numbers by their falling pairs: the last number is one of either.
    fn orders(n: usize, m: usize) -> Vec<f64> {
        let mut rows: Vec<Vec<f64>> = vec![vec![1.0]; m + 1];
        for before in 1..=n {
            rows[0] = vec![1.0];
            for after in 1..=m {
                let mut row = rows[after - 1].clone();
                row.resize(before * after + 1, 0.0);
                for (falling, ways) in rows[after].iter().enumerate() {
                    row[falling + after] += ways;
                }
                rows[after] = row;
            }
        }
        rows.swap_remove(m)
    }

    #[test]
    fn chances_are_not_less_than_those_of_all_orders() {
        assert_eq!(orders(2, 2), [1.0, 1.0, 2.0, 1.0, 1.0]);
        for (n, m) in [
            (4, 4),
            (3, 9),
            (12, 2),
            (10, 10),
            (25, 7),
            (20, 20),
            (40, 30),
        ] {
            let orders = orders(n, m);
            let all: f64 = orders.iter().sum();
            let mut sum = 0.0;
            for (fewer, ways) in orders.iter().enumerate().take(n * m / 2) {
                sum += ways;
                let (exact, got) = (2.0 * sum / all, ln_chance(n, m, fewer as f64).exp());
                assert!(
                    got > 0.999 * exact.min(1.0),
                    "{n} {m} {fewer}: {got} of {exact}"
                );
                let close = got < 4.0 * exact || exact > 1e-3;
                assert!(close, "{n} {m} {fewer}: {got} of {exact}");
            }
        }
    }

    #[test]
    fn the_least_likely_place() {
        assert_eq!(apart(&[]), None);
        assert_eq!(apart(&[1.0]), None);
        let ranks: Vec<f64> = (7..=26).chain(1..=6).map(f64::from).collect();
        let (cut, chance) = apart(&ranks).unwrap();
        assert_eq!(cut, 20);
        assert!(
            (chance / (25.0 * 2.0 / 230_230.0) - 1.0).abs() < 1e-9,
            "{chance}"
        );
    }
}
