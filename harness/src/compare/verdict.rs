//! What is said about one benchmark.

use serde::Serialize;

/// The relative tolerance of every threshold: exactly 10 % is not more than 10 %, however it was computed.
const TOLERANCE: f64 = 1e-9;

/// Whether a change is established, however small.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Better, and surely so.
    Improved,
    /// A change that matters is excluded.
    Unchanged,
    /// Worse, and surely so.
    Regressed,
    /// The data do not tell.
    Inconclusive,
    /// Only in the candidate.
    New,
    /// Only in the baseline, though the candidate's run was asked for it.
    Missing,
    /// Only in the baseline, for the candidate's run was not asked for it.
    NotRequested,
    /// It failed, or a number cannot be a time.
    Invalid,
}

impl Verdict {
    /// Every verdict, in the order in which reports count them.
    pub const ALL: [Verdict; 8] = [
        Verdict::Regressed,
        Verdict::Improved,
        Verdict::Unchanged,
        Verdict::Inconclusive,
        Verdict::New,
        Verdict::Missing,
        Verdict::NotRequested,
        Verdict::Invalid,
    ];

    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Verdict::Improved => "improved",
            Verdict::Unchanged => "unchanged",
            Verdict::Regressed => "regressed",
            Verdict::Inconclusive => "inconclusive",
            Verdict::New => "new",
            Verdict::Missing => "missing",
            Verdict::NotRequested => "not requested",
            Verdict::Invalid => "invalid",
        }
    }
}

/// How large a loss is that exceeds the threshold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Up to 20 %.
    Minor,
    /// Up to 50 %.
    Moderate,
    /// More.
    Severe,
}

impl Severity {
    /// The severity of a loss of `loss_percent`; `None` where it does not exceed `threshold_percent`.
    pub fn of(loss_percent: f64, threshold_percent: f64) -> Option<Self> {
        if !exceeds(loss_percent, threshold_percent) {
            None
        } else if !exceeds(loss_percent, 20.0) {
            Some(Severity::Minor)
        } else if !exceeds(loss_percent, 50.0) {
            Some(Severity::Moderate)
        } else {
            Some(Severity::Severe)
        }
    }

    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Severity::Minor => "minor",
            Severity::Moderate => "moderate",
            Severity::Severe => "severe",
        }
    }
}

/// Whether a change is above a bound, both in percent; exactly the bound is not, with a relative tolerance of 1e-9 of the
/// quantity that changed.
pub fn exceeds(percent: f64, bound_percent: f64) -> bool {
    100.0 + percent > (100.0 + bound_percent) * (1.0 + TOLERANCE)
}

/// Whether a time is so small a share of the baseline's, a twentieth, that an error is more likely than a gain.
pub fn is_suspect(ratio: f64) -> bool {
    ratio < 0.05
}

/// The confidence interval of a ratio, candidate over baseline.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(into = "[f64; 2]")]
pub struct Interval {
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

impl From<Interval> for [f64; 2] {
    fn from(interval: Interval) -> Self {
        [interval.low, interval.high]
    }
}

impl Interval {
    /// What the interval of a time ratio establishes: a change of either sign, or that none exceeds the threshold.
    pub fn verdict(self, threshold_percent: f64) -> Verdict {
        let gain_percent = 100.0 * (1.0 - self.low);
        if self.low > 1.0 {
            Verdict::Regressed
        } else if self.high < 1.0 {
            Verdict::Improved
        } else if self.excludes_loss(threshold_percent) && !exceeds(gain_percent, threshold_percent)
        {
            Verdict::Unchanged
        } else {
            Verdict::Inconclusive
        }
    }

    /// Whether a loss above the threshold is excluded.
    pub fn excludes_loss(self, threshold_percent: f64) -> bool {
        !exceeds(100.0 * (self.high - 1.0), threshold_percent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn severities() {
        use Severity::{Minor, Moderate, Severe};
        // loss, threshold
        let table = [
            (-50.0, 10.0, None),
            (0.0, 10.0, None),
            (100.0 * (1.1 - 1.0), 10.0, None),
            (100.0 * (0.33 / 0.3 - 1.0), 10.0, None),
            (10.0 + 1e-8, 10.0, None),
            (10.0 + 1e-6, 10.0, Some(Minor)),
            (15.0, 10.0, Some(Minor)),
            (100.0 * (1.2 - 1.0), 10.0, Some(Minor)),
            (20.001, 10.0, Some(Moderate)),
            (50.0, 10.0, Some(Moderate)),
            (50.001, 10.0, Some(Severe)),
            (f64::INFINITY, 10.0, Some(Severe)),
            (1.0, 0.5, Some(Minor)),
            (0.0, 0.0, None),
            (30.0, 40.0, None),
        ];
        for (loss, threshold, expected) in table {
            assert_eq!(
                Severity::of(loss, threshold),
                expected,
                "{loss} against {threshold}"
            );
        }
    }

    #[test]
    fn the_tolerance_is_of_the_quantity_that_changed() {
        // 100 + bound may be exceeded by a share of 1e-9 of itself, and no more.
        for bound_percent in [0.0, 10.0, 300.0] {
            let most = (100.0 + bound_percent) * (1.0 + TOLERANCE) - 100.0;
            assert!(!exceeds(most, bound_percent), "{bound_percent}");
            assert!(exceeds(most + 1e-12, bound_percent), "{bound_percent}");
        }
    }

    #[test]
    fn intervals() {
        use Verdict::{Improved, Inconclusive, Regressed, Unchanged};
        let table = [
            (1.001, 1.002, Regressed),
            (0.9, 0.999, Improved),
            (0.99, 1.01, Unchanged),
            (1.0, 1.0, Unchanged),
            (1.0, 1.1, Unchanged),
            (0.9, 1.0, Unchanged),
            (0.89, 1.05, Inconclusive),
            (0.99, 1.11, Inconclusive),
            (0.5, 2.0, Inconclusive),
            (0.0, f64::INFINITY, Inconclusive),
        ];
        for (low, high, expected) in table {
            let interval = Interval { low, high };
            assert_eq!(interval.verdict(10.0), expected, "{low} to {high}");
        }
        let wide = Interval {
            low: 0.5,
            high: 1.1,
        };
        assert!(wide.excludes_loss(10.0) && !wide.excludes_loss(5.0));
    }
}
