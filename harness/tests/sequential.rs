//! The sequential test held to its promises by simulation, with fixed seeds.
//!
//! Levels are raised to 5 % where a rate is measured: at 0.1 % thousands of runs would see no alarm whether or not the test is
//! right. The exact computation at the levels in use stands beside the bets in `stats::sequential::sign`.

use harness::stats::sequential::{Claim, Rule};

const PERCENT: f64 = 0.01;
const MOST_UNITS: usize = 100;

/// SplitMix64, and the distributions made from it.
struct Random(u64);

impl Random {
    fn unit(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn label(&mut self) -> f64 {
        if self.unit() < 0.5 { -1.0 } else { 1.0 }
    }

    fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.unit()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.unit()).cos()
    }

    fn cauchy(&mut self) -> f64 {
        (std::f64::consts::PI * (self.unit() - 0.5)).tan()
    }

    /// Exponential less its median: the median is 0 and the mean is not.
    fn skewed(&mut self) -> f64 {
        -(1.0 - self.unit()).ln() - std::f64::consts::LN_2
    }

    /// Log-normal less its median, with a tail worse than any machine's.
    fn very_skewed(&mut self) -> f64 {
        (2.0 * self.normal()).exp() - 1.0
    }
}

/// A source of units: the ln ratio of one process after another.
type Source = Box<dyn FnMut(&mut Random) -> f64>;

/// Runs of a comparison with one look after every unit from the fourth on: how many of `runs` end in each claim.
struct Outcome {
    runs: usize,
    alarms: usize,
    unchanged: usize,
    open: usize,
    units: usize,
}

fn simulate(rule: Rule, runs: usize, seed: u64, source: impl Fn() -> Source) -> Outcome {
    let mut random = Random(seed);
    let mut outcome = Outcome {
        runs,
        alarms: 0,
        unchanged: 0,
        open: 0,
        units: 0,
    };
    for _ in 0..runs {
        let mut next = source();
        let mut units = Vec::new();
        let mut claim = Claim::Open;
        while claim == Claim::Open && units.len() < MOST_UNITS {
            units.push(next(&mut random));
            claim = rule.judge(&units).claim;
        }
        outcome.units += units.len();
        match claim {
            Claim::Regressed | Claim::Improved => outcome.alarms += 1,
            Claim::Unchanged => outcome.unchanged += 1,
            Claim::Open => outcome.open += 1,
        }
    }
    outcome
}

impl Outcome {
    /// Holds the share of alarms below `level`, with room for three deviations of chance.
    fn assert_alarms_below(&self, name: &str, level: f64) {
        let runs = self.runs as f64;
        let most = runs * level + 3.0 * (runs * level).sqrt();
        assert!(
            (self.alarms as f64) <= most,
            "{name}: {} alarms of {} runs, {most:.1} allowed ({} unchanged, {} open)",
            self.alarms,
            self.runs,
            self.unchanged,
            self.open
        );
    }
}

/// A rule that shares 5 % over one benchmark and never says "unchanged", so that every alarm has time to come.
fn relaxed() -> Rule {
    Rule {
        alpha: 0.05,
        exclusion: 1e-12,
        ..Rule::new(1, 0.1)
    }
}

/// A rule whose zone is empty: the exact null.
fn exact_null() -> Rule {
    Rule {
        zone: 0.0,
        ..relaxed()
    }
}

#[test]
fn randomised_labels_keep_the_rate_for_any_distribution_and_autocorrelation() {
    // The noise of two like sides, whatever it is, gets its sign from the labels.
    type Noise = fn(&mut Random, &mut f64) -> f64;
    let noises: [(&str, Noise); 6] = [
        ("normal", |random, _| random.normal()),
        ("heavy-tailed", |random, _| random.cauchy()),
        ("very skewed", |random, _| random.very_skewed()),
        ("a walk", |random, state| {
            *state += random.normal();
            *state
        }),
        ("autocorrelated by 0.95 and off centre", |random, state| {
            *state = 0.95 * *state + random.normal() + 0.3;
            *state
        }),
        ("one constant", |_, _| 4.0),
    ];
    for (index, (name, noise)) in noises.into_iter().enumerate() {
        let outcome = simulate(exact_null(), 300, 100 + index as u64, || {
            let mut state = 0.0;
            Box::new(move |random| PERCENT * noise(random, &mut state) * random.label())
        });
        outcome.assert_alarms_below(name, 0.05);
    }
}

#[test]
fn within_the_zone_independent_units_keep_the_rate_whatever_their_shape() {
    type Shape = fn(&mut Random) -> f64;
    let shapes: [(&str, Shape); 4] = [
        ("normal", Random::normal),
        ("heavy-tailed", Random::cauchy),
        ("skewed", Random::skewed),
        ("very skewed", Random::very_skewed),
    ];
    let rule = relaxed();
    for (index, (name, shape)) in shapes.into_iter().enumerate() {
        for (place, share) in [("upper end", 1.0), ("lower end", -1.0), ("middle", 0.0)] {
            let outcome = simulate(rule, 200, 200 + index as u64, || {
                Box::new(move |random| rule.zone * share + 0.3 * PERCENT * shape(random))
            });
            outcome.assert_alarms_below(&format!("{name}, {place}"), 0.05);
        }
    }
}

#[test]
fn autocorrelation_as_measured_on_real_pairs_keeps_the_rate_at_the_edge_of_the_zone() {
    // Noise of consecutive processes of one benchmark correlates by up to 0.4 inside spells. It belongs to places and order, which
    // the labels are drawn anew for, so its sign is fresh in every process although its size is not.
    for correlation in [0.1, 0.4, 0.8] {
        let rule = relaxed();
        let outcome = simulate(rule, 300, 300, || {
            let mut state = 0.0;
            Box::new(move |random| {
                state = correlation * state + random.normal();
                rule.zone + 0.3 * PERCENT * state * random.label()
            })
        });
        outcome.assert_alarms_below(&format!("correlation {correlation}"), 0.05);
    }
}

#[test]
fn the_default_rule_raises_no_alarm() {
    let rule = Rule::new(4, 0.1);
    // Spreads of a unit as measured: small benchmarks, large ones quiet, large ones beside a busy neighbour.
    for (spread, most_open) in [(0.02, 0.0), (0.3, 0.001), (0.8, 0.9)] {
        let outcome = simulate(rule, 600, 400, || {
            Box::new(move |random| spread * PERCENT * random.normal())
        });
        assert_eq!(outcome.alarms, 0, "spread {spread} %");
        assert!(
            outcome.open as f64 <= most_open * outcome.runs as f64,
            "spread {spread} %: {} of {} open",
            outcome.open,
            outcome.runs
        );
    }
}

#[test]
fn true_changes_are_called_with_few_units() {
    let rule = Rule::new(4, 0.1);
    // Size and spread in percent; the share called and the mean number of units that are reached at least.
    for (size, spread, called, mean_units) in [
        (0.5, 0.02, 0.98, 14.5),
        (1.0, 0.02, 1.0, 14.5),
        (1.0, 0.3, 1.0, 18.0),
        (0.5, 0.15, 0.97, 30.0),
        (-1.0, 0.3, 1.0, 18.0),
    ] {
        let outcome = simulate(rule, 300, 500, || {
            Box::new(move |random| f64::ln_1p(size * PERCENT) + spread * PERCENT * random.normal())
        });
        let share = outcome.alarms as f64 / outcome.runs as f64;
        let mean = outcome.units as f64 / outcome.runs as f64;
        assert!(
            share >= called && mean <= mean_units,
            "{size} % at spread {spread} %: called {share}, {mean} units, {} unchanged",
            outcome.unchanged
        );
    }
}

#[test]
fn the_interval_covers_the_median_at_every_look() {
    let rule = Rule {
        exclusion: 0.05,
        ..Rule::new(1, 0.1)
    };
    let mut random = Random(600);
    let mut missed = 0;
    for _ in 0..300 {
        let mut units = Vec::new();
        let covered = (0..80).all(|_| {
            units.push(random.skewed());
            let interval = rule.judge(&units).interval;
            interval.is_none_or(|[low, high]| low <= 0.0 && 0.0 <= high)
        });
        missed += usize::from(!covered);
    }
    // 5 % on each side.
    assert!(missed <= 30 + 3 * 6, "{missed} of 300 missed");
    assert!(
        missed >= 3,
        "{missed} of 300 missed: far wider than it need be"
    );
}
