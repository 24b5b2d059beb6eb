//! Evidence against "the median is at most m" from how many of n units lie above m: a bet on signs.
//!
//! Under that null each unit lies above m with a chance of at most one half, whatever its distribution, so a gambler who
//! stakes the share `2 p - 1` of a capital of 1 on "above" at every unit holds `(2 p)^k (2 (1 - p))^(n - k)` after k of n, which is
//! a supermartingale. A capital split in advance over several p is one too. By Ville's inequality it ever reaches 1/α with a
//! chance of at most α, so one may look after every unit and stop at will (Ramdas et al. 2023, "Game-theoretic statistics and
//! safe anytime-valid inference"; Waudby-Smith and Ramdas 2024 for the bets).

/// The shares `p` of units above that the capital is bet on, with the part of the capital on each.
///
/// Much lies on "all of them", for a quiet machine then needs the fewest units; the rest covers the noisier cases down to 58 %.
const BETS: [(f64, f64); 7] = [
    (1.00, 0.40),
    (0.95, 0.20),
    (0.90, 0.12),
    (0.82, 0.10),
    (0.74, 0.08),
    (0.66, 0.06),
    (0.58, 0.04),
];

/// The natural logarithm of the capital after `above` of `units` lay above; 0 before the first unit.
///
/// # Panics
/// Where `above` exceeds `units`.
fn ln_capital(above: usize, units: usize) -> f64 {
    let below = units.checked_sub(above).expect("no more above than units");
    let term = |&(share, stake): &(f64, f64)| {
        // 0 · ln 0 is 0 here: a bet on "all" is intact until the first contrary unit.
        let loss = if below == 0 {
            0.0
        } else {
            below as f64 * (2.0 * (1.0 - share)).ln()
        };
        f64::ln(stake) + above as f64 * (2.0 * share).ln() + loss
    };
    let terms = BETS.each_ref().map(term);
    let greatest = terms.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    greatest + terms.iter().map(|t| (t - greatest).exp()).sum::<f64>().ln()
}

/// The least number above, of `units`, that rejects "the median is at most m" at level `alpha`; `None` where none can.
///
/// # Panics
/// Where `alpha` is not between 0 and 1.
pub fn critical_count(units: usize, alpha: f64) -> Option<usize> {
    assert!(
        alpha > 0.0 && alpha < 1.0,
        "a level is between 0 and 1, not {alpha}"
    );
    let needed = -alpha.ln();
    // The capital grows with the count above. At none it is at most 1; that more than all would do is a bound, not a claim.
    let (mut fails, mut passes) = (0, units + 1);
    while passes - fails > 1 {
        let middle = fails.midpoint(passes);
        if ln_capital(middle, units) >= needed {
            passes = middle;
        } else {
            fails = middle;
        }
    }
    (passes <= units).then_some(passes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The chance that the capital reaches 1/alpha within `units` fair coins, exactly: a walk over the counts above.
    fn chance_of_alarm(alpha: f64, units: usize) -> f64 {
        let mut alive = vec![1.0];
        let mut alarms = 0.0;
        for n in 1..=units {
            let mut next = vec![0.0; n + 1];
            for (above, chance) in alive.iter().enumerate() {
                next[above] += chance / 2.0;
                next[above + 1] += chance / 2.0;
            }
            if let Some(critical) = critical_count(n, alpha) {
                alarms += next[critical..].iter().sum::<f64>();
                next[critical..].fill(0.0);
            }
            alive = next;
        }
        alarms
    }

    #[test]
    fn stakes_are_the_whole_capital() {
        let whole: f64 = BETS.iter().map(|bet| bet.1).sum();
        assert!((whole - 1.0).abs() < 1e-12, "{whole}");
        assert!(ln_capital(0, 0).abs() < 1e-12);
    }

    #[test]
    fn capital_agrees_with_products_worked_one_by_one() {
        for (above, units) in [(0, 1), (1, 1), (3, 5), (10, 10), (9, 10), (30, 40)] {
            let direct: f64 = BETS
                .iter()
                .map(|(p, stake)| {
                    let mut capital = *stake;
                    for unit in 0..units {
                        capital *= 2.0 * if unit < above { *p } else { 1.0 - p };
                    }
                    capital
                })
                .sum();
            let ln = ln_capital(above, units);
            assert!(
                (ln - direct.ln()).abs() < 1e-9,
                "{above} of {units}: {ln} against {}",
                direct.ln()
            );
        }
    }

    #[test]
    fn capital_is_a_martingale_under_a_fair_coin() {
        for units in 0..60 {
            for above in 0..=units {
                let now = ln_capital(above, units).exp();
                let next = (ln_capital(above, units + 1).exp()
                    + ln_capital(above + 1, units + 1).exp())
                    / 2.0;
                assert!(
                    (next / now - 1.0).abs() < 1e-9,
                    "{above} of {units}: {now} to {next}"
                );
            }
        }
    }

    #[test]
    fn exact_chance_of_an_alarm_is_below_the_level_however_often_one_looks() {
        for alpha in [0.05, 0.01, 0.001, 0.000_125] {
            let chance = chance_of_alarm(alpha, 400);
            assert!(
                chance <= alpha && chance > alpha / 20.0,
                "level {alpha}: {chance}"
            );
        }
    }

    #[test]
    fn critical_count_agrees_with_a_search_from_the_top() {
        for alpha in [0.05, 0.005, 0.000_125] {
            for units in 0..120_usize {
                let mut slow = None;
                for above in (units.div_ceil(2)..=units).rev() {
                    if ln_capital(above, units) < -f64::ln(alpha) {
                        break;
                    }
                    slow = Some(above);
                }
                assert_eq!(
                    critical_count(units, alpha),
                    slow,
                    "level {alpha}, {units} units"
                );
            }
        }
    }

    #[test]
    fn first_possible_decisions() {
        // Worked by hand: 0.4 · 2^9 + 0.2 · 1.9^9 + 0.12 · 1.8^9 + … = 204.8 + 64.5 + 23.8 + … ≥ 200 and half of it is not.
        for (alpha, units) in [(0.005, 9), (0.000_125, 14), (0.05, 5)] {
            let first = (0..100).find(|&n| critical_count(n, alpha).is_some());
            assert_eq!(first, Some(units), "level {alpha}");
        }
    }
}
