//! Which pairs count: those beside which the probe ran as fast as it runs on this machine. A rule of the probe alone, fixed
//! before the data are seen, so that it cannot favour either side.

/// A pair counts if the probe took no more than this times its fast time, before and after it: half of what a spell costs.
///
/// A busy neighbour on another core raises the probe by 3 to 9 %, and pairs beside one are good.
const PAIR_LIMIT: f64 = 1.15;
/// A draw counts if the trimmed mean of its probes took no more than this times the fast time.
const DRAW_LIMIT: f64 = 1.12;
/// The share of probes that trimming removes at either end.
const TRIM: f64 = 0.2;

/// The unit of a draw: the median of ln(candidate / baseline) over the pairs that count, or `None` where it was slow.
///
/// `probes_ns` has one value more than `pairs_ns`. A draw counts if half its pairs do, rounded up, and its trimmed mean does.
pub(super) fn unit(pairs_ns: &[[f64; 2]], probes_ns: &[f64], fast_ns: f64) -> Option<f64> {
    if trimmed_mean(probes_ns)? > DRAW_LIMIT * fast_ns {
        return None;
    }
    let mut kept: Vec<f64> = pairs_ns
        .iter()
        .zip(probes_ns.windows(2))
        .filter(|(_, probes)| probes.iter().all(|probe| *probe <= PAIR_LIMIT * fast_ns))
        .map(|([baseline, candidate], _)| (candidate / baseline).ln())
        .filter(|ratio| ratio.is_finite())
        .collect();
    if kept.is_empty() || kept.len() < pairs_ns.len().div_ceil(2) {
        return None;
    }
    kept.sort_by(f64::total_cmp);
    let upper = kept[kept.len() / 2];
    let lower = kept[(kept.len() - 1) / 2];
    Some(f64::midpoint(lower, upper))
}

/// The median of a process's probes, ns; of several processes the least is the fast time.
pub(super) fn level_ns(probes_ns: &[f64]) -> Option<f64> {
    let mut sorted = probes_ns.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied()
}

fn trimmed_mean(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let cut = (sorted.len() as f64 * TRIM) as usize;
    let middle = sorted.get(cut..sorted.len() - cut)?;
    if middle.is_empty() {
        return None;
    }
    Some(middle.iter().sum::<f64>() / middle.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_between_fast_probes_count() {
        let pairs = [[100.0, 101.0], [100.0, 102.0], [100.0, 103.0]];
        let ln = |ratio: f64| ratio.ln();
        let table = [
            ("all fast", vec![10.0; 4], Some(ln(1.02))),
            (
                "a burst at the end",
                vec![10.0, 10.0, 10.0, 14.0],
                Some((ln(1.01) + ln(1.02)) / 2.0),
            ),
            (
                "a little above at the end",
                vec![10.0, 10.0, 10.0, 11.6],
                Some((ln(1.01) + ln(1.02)) / 2.0),
            ),
            ("a burst in the middle", vec![10.0, 10.0, 11.6, 10.0], None),
            ("beside a neighbour", vec![10.8; 4], Some(ln(1.02))),
            ("slow throughout", vec![11.3; 4], None),
            ("faster than ever", vec![9.0; 4], Some(ln(1.02))),
        ];
        for (name, probes, wanted) in table {
            let got = unit(&pairs, &probes, 10.0);
            let agree = match (got, wanted) {
                (Some(got), Some(wanted)) => (got - wanted).abs() < 1e-12,
                (got, wanted) => got == wanted,
            };
            assert!(agree, "{name}: {got:?} instead of {wanted:?}");
        }
    }

    #[test]
    fn nothing_gives_nothing() {
        assert_eq!(unit(&[], &[], 10.0), None);
        assert_eq!(unit(&[], &[10.0], 10.0), None);
        assert_eq!(unit(&[[0.0, 1.0]], &[10.0, 10.0], 10.0), None);
        assert_eq!(level_ns(&[]), None);
        assert_eq!(level_ns(&[3.0, 1.0, 2.0]), Some(2.0));
    }
}
