//! The sequential test of paired comparison: when a change is established, when it is excluded, and with what interval.
//!
//! A unit is the median of ln(candidate / baseline) over the pairs with the code at one place. Everything here follows from one family of bets
//! on signs ([`sign`]): the units are sorted, and how many lie above a value m decides whether "the median is at most m" is
//! rejected. So the test assumes nothing of the units' distribution, needs no estimate of their spread, and may stop at any time.
//! docs/statistics.md gives the reasons; the parent that feeds it is [`paired`](crate::paired).

pub mod sign;

use super::order::{median, spread};

/// What is decided, with which risk.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rule {
    /// The risk that any benchmark of the comparison is wrongly called improved or regressed.
    pub alpha: f64,
    /// Benchmarks that share `alpha`.
    pub benchmarks: usize,
    /// The risk, on each side of each benchmark, that the interval misses the median or "unchanged" a change of `change`.
    pub exclusion: f64,
    /// Half the zone of indifference, ln ratio: no change within it is called one.
    pub zone: f64,
    /// What "unchanged" excludes, ln ratio.
    pub change: f64,
    /// The gate's threshold, ln ratio: a regression is followed until its interval lies on one side, or within `change` of it.
    pub threshold: f64,
}

impl Rule {
    /// The risk over a comparison.
    pub const ALPHA: f64 = 0.001;

    /// The zone of indifference is no wider than this, ln ratio, however much the units differ.
    const WIDEST_ZONE: f64 = 0.0033;
    /// The share of the units' spread that the zone holds at least.
    const ZONE_OF_SPREAD: f64 = 0.3;

    /// The rule for so many benchmarks and a gate at `threshold`, a share (0.1 is 10 %).
    ///
    /// The zone is 0.2 % and "unchanged" excludes 0.5 %, or proportionally less where the gate itself is finer, down to a fifth.
    pub fn new(benchmarks: usize, threshold: f64) -> Self {
        let change = threshold.clamp(0.001, 0.005);
        Rule {
            alpha: Rule::ALPHA,
            benchmarks: benchmarks.max(1),
            exclusion: 0.005,
            zone: (0.4 * change).ln_1p(),
            change: change.ln_1p(),
            threshold: threshold.max(0.0).ln_1p(),
        }
    }

    /// The level of one claim about one benchmark: two sides, so many benchmarks.
    fn claim_level(&self) -> f64 {
        self.alpha / (2.0 * self.benchmarks as f64)
    }

    /// What `units` (ln ratios, in any order) establish; nothing where there are none.
    ///
    /// ```
    /// use harness::stats::sequential::{Claim, Rule};
    ///
    /// let rule = Rule::new(1, 0.1);
    /// let slower = [1.05_f64.ln(); 20];
    /// assert_eq!(rule.judge(&slower[..2]).claim, Claim::Open);
    /// assert_eq!(rule.judge(&slower).claim, Claim::Regressed);
    /// ```
    ///
    /// # Panics
    /// Where a unit is not finite.
    pub fn judge(&self, units: &[f64]) -> Judgement {
        let mut sorted = units.to_vec();
        assert!(
            sorted.iter().all(|unit| unit.is_finite()),
            "units are finite"
        );
        sorted.sort_by(f64::total_cmp);
        let interval = median_interval(&sorted, self.exclusion);
        let rule = self.widened(spread(&sorted));
        let claim = rule.claim(&sorted, interval);
        let settled = match claim {
            Claim::Open => false,
            Claim::Improved | Claim::Unchanged => true,
            Claim::Regressed => interval.is_some_and(|interval| rule.has_passed_gate(interval)),
        };
        Judgement {
            claim,
            settled,
            estimate: median(&sorted),
            interval,
        }
    }

    /// The rule for units of this spread: what answers to the place of its code answers to its layout too.
    ///
    /// A wider zone calls less, so no risk grows.
    fn widened(&self, spread: f64) -> Self {
        let zone = (Rule::ZONE_OF_SPREAD * spread).min(Rule::WIDEST_ZONE);
        let zone = self.zone.max(zone);
        Rule {
            zone,
            change: self.change.max(1.875 * zone),
            ..*self
        }
    }

    /// Whether an interval lies on one side of the threshold or, where it does not, so close about it that the side matters little.
    fn has_passed_gate(&self, [low, high]: [f64; 2]) -> bool {
        let close = low > self.threshold - self.change && high < self.threshold + self.change;
        low > self.threshold || high <= self.threshold || close
    }

    fn claim(&self, sorted: &[f64], interval: Option<[f64; 2]>) -> Claim {
        match median_interval(sorted, self.claim_level()) {
            Some([low, _]) if low > self.zone => return Claim::Regressed,
            Some([_, high]) if high < -self.zone => return Claim::Improved,
            _ => {}
        }
        match interval {
            Some([low, high]) if low > -self.change && high < self.change => Claim::Unchanged,
            _ => Claim::Open,
        }
    }
}

/// What the units so far say of one benchmark.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Judgement {
    /// What is established.
    pub claim: Claim,
    /// Whether the claim stands and, for a regression, the side of the gate's threshold is as sure as it needs to be.
    pub settled: bool,
    /// The median of the units, ln ratio.
    pub estimate: Option<f64>,
    /// The anytime-valid interval of the median at [`Rule::exclusion`] on each side, ln ratio; none before enough units.
    pub interval: Option<[f64; 2]>,
}

/// What is established.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// Slower by more than the zone of indifference.
    Regressed,
    /// Faster by more than the zone of indifference.
    Improved,
    /// A change of [`Rule::change`] is excluded both ways.
    Unchanged,
    /// Nothing yet.
    Open,
}

/// The interval of the median that misses it on either side with a chance of at most `level`, at whichever moment one looks.
///
/// `sorted` ascending; `None` where there are too few. Its ends are order statistics: the greatest m such that enough units lie
/// at or above it to reject every lesser one, and its mirror image.
fn median_interval(sorted: &[f64], level: f64) -> Option<[f64; 2]> {
    let count = sign::critical_count(sorted.len(), level)?;
    Some([sorted[sorted.len() - count], sorted[count - 1]])
}

#[cfg(test)]
mod tests {
    use super::*;

    const PERCENT: f64 = 0.01;

    fn same(value: f64, count: usize) -> Vec<f64> {
        vec![value * PERCENT; count]
    }

    #[test]
    fn claims_on_units_without_noise() {
        let one = Rule::new(1, 0.1);
        let four = Rule::new(4, 0.1);
        let strict = Rule::new(4, 0.01);
        let cases = [
            ("nothing", four, Vec::new(), Claim::Open, false),
            ("one unit", four, same(30.0, 1), Claim::Open, false),
            (
                "too few for a claim",
                four,
                same(1.0, 13),
                Claim::Open,
                false,
            ),
            ("enough", four, same(1.0, 14), Claim::Regressed, true),
            (
                "fewer for one benchmark",
                one,
                same(1.0, 12),
                Claim::Regressed,
                true,
            ),
            ("faster", four, same(-1.0, 14), Claim::Improved, true),
            ("no change", four, same(0.0, 9), Claim::Unchanged, true),
            ("in the zone", four, same(0.19, 200), Claim::Unchanged, true),
            ("between", four, same(0.3, 9), Claim::Unchanged, true),
            (
                "at the zone's upper end",
                four,
                vec![four.zone; 200],
                Claim::Unchanged,
                true,
            ),
            (
                "at the zone's lower end",
                four,
                vec![-four.zone; 200],
                Claim::Unchanged,
                true,
            ),
            (
                "at the change that unchanged excludes",
                four,
                vec![four.change; 9],
                Claim::Open,
                false,
            ),
            (
                "at its mirror image",
                four,
                vec![-four.change; 9],
                Claim::Open,
                false,
            ),
            (
                "at the threshold's foot",
                strict,
                same(0.9, 20),
                Claim::Regressed,
                true,
            ),
            (
                "far above the threshold",
                four,
                same(20.0, 20),
                Claim::Regressed,
                true,
            ),
        ];
        for (name, rule, units, claim, settled) in cases {
            let judgement = rule.judge(&units);
            assert_eq!(
                (judgement.claim, judgement.settled),
                (claim, settled),
                "{name}"
            );
        }
    }

    #[test]
    fn a_regression_about_the_threshold_is_settled_once_its_interval_is_narrow() {
        let rule = Rule::new(1, 0.1);
        for (step_percent, settled) in [(1.0, false), (0.05, true)] {
            let units: Vec<f64> = (0..40)
                .map(|i| rule.threshold + (f64::from(i % 9) - 4.0) * step_percent * PERCENT)
                .collect();
            let judgement = rule.judge(&units);
            assert_eq!(
                (judgement.claim, judgement.settled),
                (Claim::Regressed, settled),
                "{step_percent} %"
            );
            let [low, high] = judgement.interval.expect("enough units");
            assert!(
                low <= rule.threshold && rule.threshold <= high,
                "{low} {high}"
            );
        }
    }

    #[test]
    fn where_an_interval_has_passed_the_gate() {
        let rule = Rule::new(1, 0.1);
        let (threshold, change) = (rule.threshold, rule.change);
        // The ends, and whether the side of the threshold is as sure as it needs to be.
        let table = [
            (threshold.next_up(), 1.0, true),
            (threshold, 1.0, false),
            (-1.0, threshold, true),
            (-1.0, threshold.next_up(), false),
            (threshold - 0.9 * change, threshold + 0.9 * change, true),
            (threshold - 0.9 * change, threshold + change, false),
            (threshold - change, threshold + 0.9 * change, false),
        ];
        for (low, high, expected) in table {
            assert_eq!(rule.has_passed_gate([low, high]), expected, "{low} {high}");
        }
    }

    #[test]
    fn the_zone_widens_with_the_spread_up_to_a_limit() {
        let rule = Rule::new(1, 0.1);
        // The spread, the zone and what "unchanged" excludes.
        let table = [
            (0.0, rule.zone, rule.change),
            (0.004, rule.zone, rule.change),
            (0.006, rule.zone, rule.change),
            (0.008, 0.0024, rule.change),
            (0.010, 0.0030, 0.005_625),
            (1.0, 0.0033, 0.006_187_5),
        ];
        for (spread, zone, change) in table {
            let widened = rule.widened(spread);
            assert!((widened.zone - zone).abs() < 1e-12, "{spread}: {widened:?}");
            assert!(
                (widened.change - change).abs() < 1e-12,
                "{spread}: {widened:?}"
            );
        }
    }

    #[test]
    fn the_median_and_its_interval_by_hand() {
        let sorted: Vec<f64> = (1..=20).map(f64::from).collect();
        let count = sign::critical_count(20, 0.005).expect("enough units");
        assert_eq!(
            median_interval(&sorted, 0.005),
            Some([(21 - count) as f64, count as f64])
        );
        assert_eq!(median_interval(&sorted[..8], 0.005), None);
    }

    #[test]
    fn a_change_within_the_spread_is_not_called() {
        let rule = Rule::new(4, 0.1);
        // 0.3 % on average, by processes that differ by up to 1.2 % either way.
        let wide: Vec<f64> = (0..400)
            .map(|i| (0.3 + f64::from(i % 13 - 6) * 0.2) * PERCENT)
            .collect();
        let narrow: Vec<f64> = wide
            .iter()
            .map(|x| 0.3 * PERCENT + (x - 0.3 * PERCENT) / 20.0)
            .collect();
        assert_eq!(rule.judge(&wide).claim, Claim::Unchanged);
        assert_eq!(rule.judge(&narrow).claim, Claim::Regressed);
        // Ten times as wide: nothing is known of 1 %.
        let noise: Vec<f64> = wide.iter().map(|x| x * 10.0).collect();
        assert_eq!(rule.judge(&noise[..60]).claim, Claim::Open);
    }

    #[test]
    fn a_finer_gate_narrows_what_is_indifferent() {
        for (threshold, zone, change) in [
            (0.1, 0.002, 0.005),
            (0.01, 0.002, 0.005),
            (0.003, 0.0012, 0.003),
            (0.0, 0.0004, 0.001),
        ] {
            let rule = Rule::new(4, threshold);
            assert!((rule.zone.exp_m1() - zone).abs() < 1e-12, "{threshold}");
            assert!((rule.change.exp_m1() - change).abs() < 1e-12, "{threshold}");
        }
    }

    #[test]
    #[should_panic(expected = "units are finite")]
    fn a_unit_that_is_no_number_is_a_bug() {
        let _ = Rule::new(1, 0.1).judge(&[0.0, f64::NAN]);
    }
}
