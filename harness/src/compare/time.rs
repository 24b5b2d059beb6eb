//! Judging a benchmark's time from what two records hold of it.

use super::verdict::{exceeds, is_suspect};
use super::{Interval, Verdict};
use crate::record::{Entry, derived};
use crate::stats::order::spread;
use crate::stats::shift::shift;
use crate::text::units;

/// How often an interval may miss the true ratio, session to session aside.
const ALPHA: f64 = 0.01;
/// What two sessions differ by at the least, as a share.
const LEAST_ALLOWANCE: f64 = 0.02;
/// Spreads between processes that two sessions may differ by.
const ALLOWED_SPREADS: f64 = 2.0;
/// Times outside of this are no times: a picosecond, and thirty years.
const SANE_MS: std::ops::RangeInclusive<f64> = 1e-9..=1e12;

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
    let suspect = is_suspect(ratio);
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
    let (old, new) = (log_minima(baseline)?, log_minima(current)?);
    let shift = shift(&old, &new, ALPHA)?;
    let allowance = allowance(&old, &new);
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

/// How far the same code may lie from itself in another session, as a difference of logarithms of time.
///
/// Two records cannot show it: each is one session. It is taken that sessions differ at least as processes of one session do:
/// twice the spread of both sides together, and never less than [`LEAST_ALLOWANCE`]. `docs/statistics.md` has the measurements.
fn allowance(old: &[f64], new: &[f64]) -> f64 {
    let both = spread(old).hypot(spread(new));
    (ALLOWED_SPREADS * both).max(LEAST_ALLOWANCE.ln_1p())
}

/// The smallest change that would have been established: half the width of the interval.
fn detectable_percent(interval: Interval) -> f64 {
    100.0 * (0.5 * (interval.high.ln() - interval.low.ln())).exp_m1()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Process;

    /// A benchmark with one sample, in ms, in each process.
    fn entry(samples_ms: &[f64]) -> Entry {
        let process = |ms: &f64| Process {
            samples_ns: vec![1e6 * ms],
            iterations_per_sample: 1,
            ..Process::default()
        };
        let mut entry: Entry = serde_json::from_str(
            r#"{"name": "a", "description": "", "memory_mb": 0, "iterations": 0}"#,
        )
        .unwrap();
        entry.set_processes(samples_ms.iter().map(process).collect());
        entry
    }

    #[test]
    fn verdicts() {
        use Verdict::{Improved, Inconclusive, Invalid, Regressed, Unchanged};
        // baseline, current, verdict, whether there is an interval
        let table: [(&[f64], &[f64], Verdict, bool); 14] = [
            (&[1.0; 5], &[1.0; 5], Unchanged, true),
            (&[1.0; 5], &[1.019; 5], Unchanged, true),
            (&[1.0; 5], &[1.021; 5], Regressed, true),
            (&[1.0; 5], &[0.979; 5], Improved, true),
            // 4 % apart, but each side's processes differ by 2 %.
            (
                &[1.0, 1.02, 1.01, 0.99, 0.98],
                &[1.04, 1.06, 1.05, 1.03, 1.02],
                Inconclusive,
                true,
            ),
            (
                &[1.0, 1.02, 1.01, 0.99, 0.98],
                &[2.0, 2.04, 2.02, 1.98, 1.96],
                Regressed,
                true,
            ),
            // One process of ten in a slow spell changes nothing.
            (
                &[1.0; 10],
                &[1.0, 1.0, 1.0, 1.0, 9.0, 1.0, 1.0, 1.0, 1.0, 1.0],
                Unchanged,
                true,
            ),
            // Three processes: Student's interval.
            (&[1.0, 1.001, 1.002], &[1.15, 1.151, 1.152], Regressed, true),
            (&[1.0, 1.1, 1.2], &[1.15, 1.25, 1.35], Inconclusive, true),
            // One process, or a sample of 0: the threshold.
            (&[1.0], &[1.09], Unchanged, false),
            (&[1.0], &[1.11], Regressed, false),
            (&[1.0, 0.0, 1.0], &[1.0, 1.0, 1.0], Unchanged, false),
            (&[0.0; 3], &[1.0; 3], Invalid, false),
            (&[1.0; 3], &[-1.0; 3], Invalid, false),
        ];
        for (baseline, current, verdict, has_interval) in table {
            let time = judge(&entry(baseline), &entry(current), 10.0);
            let what = format!("{baseline:?} to {current:?}: {time:?}");
            assert_eq!(time.verdict, verdict, "{what}");
            assert_eq!(time.interval.is_some(), has_interval, "{what}");
            assert_eq!(time.detectable_percent.is_some(), has_interval, "{what}");
        }
    }

    #[test]
    fn what_is_noted() {
        let bare = Entry {
            duration_ms: Some(1.0),
            ..Entry::default()
        };
        let same = Some("the same samples on both sides");
        let suspect = Some("suspect: 96.0 % faster; check that it still does its work");
        let table = [
            (entry(&[1.0, 1.1, 1.2]), entry(&[1.0, 1.1, 1.2]), same),
            (entry(&[1.0, 1.1, 1.2]), entry(&[1.0, 1.1, 1.3]), None),
            (entry(&[1.0, 1.1, 1.2]), entry(&[1.0, 1.2, 1.2]), None),
            (bare.clone(), bare, None),
            (entry(&[1.0; 5]), entry(&[0.04; 5]), suspect),
            (entry(&[1.0; 5]), entry(&[0.05; 5]), None),
        ];
        for (baseline, current, note) in table {
            let time = judge(&baseline, &current, 10.0);
            assert_eq!(time.note.as_deref(), note, "{time:?}");
        }
        // A record against itself is unchanged, however its processes differ.
        let noisy = entry(&[1.0, 2.0, 3.0]);
        assert_eq!(judge(&noisy, &noisy, 10.0).verdict, Verdict::Unchanged);
    }

    #[test]
    fn what_is_detected() {
        // Without spread it is the least allowance; with it, the allowance and the interval of the shift.
        let quiet = judge(&entry(&[1.0; 5]), &entry(&[1.001; 5]), 10.0);
        assert!(
            (quiet.detectable_percent.unwrap() - 2.0).abs() < 1e-9,
            "{quiet:?}"
        );
        let noisy = judge(
            &entry(&[1.0, 1.1, 1.2, 1.3, 1.4]),
            &entry(&[1.0, 1.1, 1.2, 1.3, 1.5]),
            10.0,
        );
        assert!(noisy.detectable_percent.unwrap() > 40.0, "{noisy:?}");
    }
}
