//! One benchmark of a comparison.

use serde::Serialize;

use super::{Interval, Metric, Severity, Verdict};

/// One benchmark of a comparison.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Row {
    /// The benchmark.
    pub name: String,
    /// Its suite; empty where it is unknown.
    pub suite: String,
    /// The baseline's time for one iteration.
    pub baseline_ms: Option<f64>,
    /// The candidate's.
    pub current_ms: Option<f64>,
    /// The point estimate of candidate over baseline.
    pub ratio: Option<f64>,
    /// Its confidence interval, where there are samples.
    pub interval: Option<Interval>,
    /// Over time, throughput and memory: a loss in any outweighs a gain in another.
    pub verdict: Verdict,
    /// Of a regressed row whose loss exceeds the threshold.
    pub severity: Option<Severity>,
    /// The smallest change of time that these data could have established.
    pub detectable_percent: Option<f64>,
    /// Throughput, where it is not items over duration.
    pub throughput: Option<Metric>,
    /// Memory, where both sides state it.
    pub memory: Option<Metric>,
    /// So much faster that an error is more likely than a gain.
    pub suspect: bool,
    /// What a reader should know: why it is invalid, or which number decided.
    pub notes: Vec<String>,
    /// How long it took to reach the verdict, where it was measured for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seconds: Option<f64>,
    /// Pairs of slices behind the verdict, where it was measured by pairs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pairs: Option<u64>,
    /// Why measuring stopped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stopped: Option<String>,
}

impl Row {
    /// A row that says nothing yet but a name and a verdict.
    pub fn new(name: impl Into<String>, suite: impl Into<String>, verdict: Verdict) -> Self {
        Row {
            name: name.into(),
            suite: suite.into(),
            baseline_ms: None,
            current_ms: None,
            ratio: None,
            interval: None,
            verdict,
            severity: None,
            detectable_percent: None,
            throughput: None,
            memory: None,
            suspect: false,
            notes: Vec::new(),
            seconds: None,
            pairs: None,
            stopped: None,
        }
    }

    /// The greatest loss among its regressed numbers, in percent: the one that the gate judges.
    ///
    /// Time counts where the row's `verdict` on time alone was regressed, which `time` says.
    pub(crate) fn loss_percent(&self, time: Verdict) -> Option<f64> {
        let time_loss = self.ratio.filter(|_| time == Verdict::Regressed);
        let metrics = [&self.throughput, &self.memory];
        let losses = metrics
            .into_iter()
            .flatten()
            .filter(|metric| metric.verdict == Verdict::Regressed)
            .map(|metric| metric.loss_percent);
        time_loss
            .map(|ratio| 100.0 * (ratio - 1.0))
            .into_iter()
            .chain(losses)
            .reduce(f64::max)
    }
}
