//! What is derived from samples: computed when a record is written, and again when one is read.

use super::{Process, Summary, Work};
use crate::stats::order::{max, mean, median, min, quantile, sorted};

/// Processes that spread more than this are noisy.
pub(super) const NOISY_PERCENT: f64 = 5.0;

/// The numbers that samples and work give.
#[derive(Clone, Debug, PartialEq)]
pub struct Derived {
    /// The median over processes of each process's least sample, in ms: of the locations tried, the one that varies least
    /// from session to session (Chen and Revels 2016, "Robust benchmarking in noisy environments", say why minima).
    pub duration_ms: f64,
    /// Items a second at `duration_ms`; `None` where no items are declared or the duration is 0.
    pub throughput: Option<f64>,
    /// Iterations behind all samples.
    pub iterations: u64,
    /// The rest.
    pub summary: Summary,
}

impl Derived {
    /// Derives from the samples as they stand. Processes without a sample count for nothing; without any sample it is `None`.
    pub fn from_processes(processes: &[Process], work: &Work) -> Option<Self> {
        let minima_ns = minima_ns(processes);
        let duration_ms = to_ms(median(&minima_ns)?);
        Some(Derived {
            duration_ms,
            throughput: rate(work.items as f64, duration_ms),
            iterations: processes
                .iter()
                .map(iterations)
                .fold(0, u64::saturating_add),
            summary: summary(processes, work, duration_ms)?,
        })
    }
}

/// Each process's least sample, in ns, in the order of the processes.
pub(crate) fn minima_ns(processes: &[Process]) -> Vec<f64> {
    each(processes, min)
}

/// Each process's median sample, in ns, in the order of the processes.
fn medians_ns(processes: &[Process]) -> Vec<f64> {
    each(processes, median)
}

/// A sample as it is stored: rounded to 0.001 ns, far below what a clock resolves.
pub fn round_sample_ns(sample_ns: f64) -> f64 {
    let rounded = (sample_ns * 1000.0).round() / 1000.0;
    // The product of a huge sample overflows; such a one has no digits behind the point.
    if rounded.is_finite() {
        rounded
    } else {
        sample_ns
    }
}

fn summary(processes: &[Process], work: &Work, duration_ms: f64) -> Option<Summary> {
    let samples: Vec<f64> = processes
        .iter()
        .flat_map(|process| &process.samples_ns)
        .copied()
        .collect();
    let ascending = sorted(&samples);
    let at = |p: f64| quantile(&ascending, p).map(to_ms);
    let spread_percent = spread_percent(&medians_ns(processes))?;
    Some(Summary {
        mean_ms: to_ms(mean(&samples)?),
        median_ms: at(0.5)?,
        min_ms: at(0.0)?,
        max_ms: at(1.0)?,
        p05_ms: at(0.05)?,
        p25_ms: at(0.25)?,
        p75_ms: at(0.75)?,
        p95_ms: at(0.95)?,
        p99_ms: at(0.99)?,
        spread_percent,
        noisy: spread_percent > NOISY_PERCENT,
        gflops: rate(1e-9 * work.flops as f64, duration_ms),
        gbps: rate(
            1e-9 * (work.bytes_read as f64 + work.bytes_written as f64),
            duration_ms,
        ),
    })
}

/// Greatest over least, less one, in percent; 0 for one value, and where the least is 0.
fn spread_percent(values: &[f64]) -> Option<f64> {
    let (low, high) = (min(values)?, max(values)?);
    let spread = 100.0 * (high / low - 1.0);
    Some(if spread.is_finite() { spread } else { 0.0 })
}

/// How often a second, where that is a number.
fn rate(amount: f64, duration_ms: f64) -> Option<f64> {
    let rate = amount / (1e-3 * duration_ms);
    (amount > 0.0 && rate.is_finite()).then_some(rate)
}

fn each(processes: &[Process], location: fn(&[f64]) -> Option<f64>) -> Vec<f64> {
    processes
        .iter()
        .filter_map(|process| location(&process.samples_ns))
        .collect()
}

fn iterations(process: &Process) -> u64 {
    process
        .iterations_per_sample
        .saturating_mul(process.samples_ns.len() as u64)
}

fn to_ms(ns: f64) -> f64 {
    ns / 1e6
}

#[cfg(test)]
mod tests {
    use super::*;

    fn process(samples_ns: &[f64]) -> Process {
        Process {
            samples_ns: samples_ns.to_vec(),
            iterations_per_sample: 10,
            ..Process::default()
        }
    }

    #[test]
    fn worked_by_hand() {
        let processes = [
            process(&[2e6, 1e6, 3e6]),
            process(&[4e6, 2e6]),
            process(&[]),
            process(&[9e6, 8e6, 8e6]),
        ];
        let work = Work {
            flops: 4_000_000,
            bytes_read: 6_000_000,
            bytes_written: 2_000_000,
            items: 100,
            item: "elements".into(),
        };
        let derived = Derived::from_processes(&processes, &work).unwrap();
        assert_eq!(derived.duration_ms, 2.0, "the median of 1, 2 and 8");
        assert_eq!(derived.throughput, Some(50_000.0));
        assert_eq!(derived.iterations, 80);
        let summary = derived.summary;
        assert_eq!(summary.mean_ms, 37.0 / 8.0);
        assert_eq!(
            (summary.min_ms, summary.median_ms, summary.max_ms),
            (1.0, 3.5, 9.0)
        );
        assert_eq!(summary.p25_ms, 2.0);
        assert_eq!(summary.spread_percent, 300.0, "medians of 2, 3 and 8");
        assert!(summary.noisy);
        assert_eq!((summary.gflops, summary.gbps), (Some(2.0), Some(4.0)));
    }

    #[test]
    fn little_to_derive_from() {
        assert_eq!(Derived::from_processes(&[], &Work::default()), None);
        assert_eq!(
            Derived::from_processes(&[process(&[])], &Work::default()),
            None
        );
        let one = Derived::from_processes(&[process(&[5e6])], &Work::default()).unwrap();
        assert_eq!((one.duration_ms, one.throughput), (5.0, None));
        assert_eq!(
            (one.summary.spread_percent, one.summary.noisy),
            (0.0, false)
        );
        let zero = Derived::from_processes(&[process(&[0.0, 0.0])], &Work::default()).unwrap();
        assert_eq!((zero.duration_ms, zero.summary.spread_percent), (0.0, 0.0));
    }

    #[test]
    fn samples_are_rounded_to_picoseconds() {
        let table = [
            (0.0, 0.0),
            (1.23449, 1.234),
            (1.2345001, 1.235),
            (123456.7894, 123456.789),
            (0.0004, 0.0),
            (f64::MAX, f64::MAX),
        ];
        for (sample, expected) in table {
            assert_eq!(round_sample_ns(sample), expected, "{sample}");
        }
    }
}
