//! Judging a benchmark's time from what two records hold of it.

use super::verdict::exceeds;
use super::{Interval, Verdict};
use crate::record::{Entry, derived};
use crate::stats::order::median;
use crate::stats::shift::shift;
use crate::text::units;

/// How often an interval may miss the true ratio, session to session aside.
const ALPHA: f64 = 0.01;
/// What a session changes at the least, as a share: the smallest allowance.
const LEAST_ALLOWANCE: f64 = 0.005;
/// Times outside of this are no times: a picosecond, and thirty years.
const SANE_MS: std::ops::RangeInclusive<f64> = 1e-9..=1e12;
/// Below this share of the baseline's time an error is more likely than a gain.
const SUSPECT_RATIO: f64 = 0.05;

/// What two records say of a benchmark's time.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Time {
    pub(super) ratio: Option<f64>,
    pub(super) interval: Option<Interval>,
    pub(super) detectable_percent: Option<f64>,
    pub(super) verdict: Verdict,
    pub(super) suspect: bool,
    pub(super) note: Option<String>,
}

impl Time {
    fn invalid(note: String) -> Self {
        Time {
            ratio: None,
            interval: None,
            detectable_percent: None,
            verdict: Verdict::Invalid,
            suspect: false,
            note: Some(note),
        }
    }
}

/// Judges the time of a benchmark that both records have.
pub(super) fn judge(baseline: &Entry, current: &Entry, threshold_percent: f64) -> Time {
    let (old_ms, new_ms) = match (duration_ms(baseline), duration_ms(current)) {
        (Ok(old_ms), Ok(new_ms)) => (old_ms, new_ms),
        (Err(problem), _) => return Time::invalid(format!("baseline: {problem}")),
        (_, Err(problem)) => return Time::invalid(format!("current: {problem}")),
    };
    let ratio = new_ms / old_ms;
    let suspect = ratio < SUSPECT_RATIO;
    let interval = interval(baseline, current, ratio);
    let same = !baseline.processes.is_empty() && same_samples(baseline, current);
    let note = if same {
        Some("the same samples on both sides".to_owned())
    } else if suspect {
        let gain = 100.0 * (1.0 - ratio);
        Some(format!(
            "suspect: {gain:.1} % faster; check that it still does its work"
        ))
    } else {
        None
    };
    Time {
        ratio: Some(ratio),
        interval,
        detectable_percent: interval.map(detectable_percent),
        verdict: match interval {
            _ if same => Verdict::Unchanged,
            Some(interval) => interval.verdict(threshold_percent),
            None => by_threshold(ratio, threshold_percent),
        },
        suspect,
        note,
    }
}

/// A benchmark's time, or why it has none that can be compared.
fn duration_ms(entry: &Entry) -> Result<f64, String> {
    match entry.duration_ms {
        None => Err("it has no time".into()),
        Some(ms) if SANE_MS.contains(&ms) => Ok(ms),
        Some(ms) => Err(format!(
            "{} is no time that an iteration can take",
            units::duration(ms)
        )),
    }
}

fn same_samples(baseline: &Entry, current: &Entry) -> bool {
    let samples = |entry: &Entry| -> Vec<Vec<f64>> {
        entry
            .processes
            .iter()
            .map(|process| process.samples_ns.clone())
            .collect()
    };
    baseline.duration_ms == current.duration_ms && samples(baseline) == samples(current)
}

/// The verdict where nothing is known of the spread.
fn by_threshold(ratio: f64, threshold_percent: f64) -> Verdict {
    if exceeds(100.0 * (ratio - 1.0), threshold_percent) {
        Verdict::Regressed
    } else if exceeds(100.0 * (1.0 - ratio), threshold_percent) {
        Verdict::Improved
    } else {
        Verdict::Unchanged
    }
}

/// The interval of the ratio: that of the shift of the processes' log minima, widened by what sessions differ in.
///
/// `None` where a side has too few processes for a spread.
fn interval(baseline: &Entry, current: &Entry, ratio: f64) -> Option<Interval> {
    let shift = shift(&log_minima(baseline)?, &log_minima(current)?, ALPHA)?;
    let allowance = allowance(baseline)?.max(allowance(current)?);
    // The gate's point estimate is a ratio of medians; the interval is about a median of ratios, and holds both.
    Some(Interval {
        low: (shift.low - allowance).exp().min(ratio),
        high: (shift.high + allowance).exp().max(ratio),
    })
}

fn log_minima(entry: &Entry) -> Option<Vec<f64>> {
    let minima = derived::minima_ns(&entry.processes);
    minima
        .iter()
        .all(|&minimum| minimum > 0.0)
        .then(|| minima.into_iter().map(f64::ln).collect())
}

/// How far the same code may lie from itself in another session, as a difference of logarithms.
///
/// Two records cannot show it: each is one session. What one session does show is how far the typical sample lies above the
/// least, that is, how much the state of the machine matters to this benchmark; between sessions its minima move by less than that.
fn allowance(entry: &Entry) -> Option<f64> {
    let medians = derived::medians_ns(&entry.processes);
    let minima = derived::minima_ns(&entry.processes);
    let (typical, least) = (median(&medians)?, median(&minima)?);
    Some((typical / least).ln().max(LEAST_ALLOWANCE.ln_1p()))
}

/// The smallest change that would have been established: half the width of the interval.
fn detectable_percent(interval: Interval) -> f64 {
    100.0 * (0.5 * (interval.high.ln() - interval.low.ln())).exp_m1()
}
