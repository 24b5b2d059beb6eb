//! Judging a candidate against a baseline.
//!
//! Significance and magnitude are two questions: a [`Verdict`] says whether a change is established, a [`Gate`] whether it is
//! large enough to fail. [`stored()`] answers the first from two records; other sources of verdicts make the same
//! [`Row`]s. Nothing here prints.

pub mod gate;
pub mod metric;
pub mod row;
pub mod stored;
mod time;
pub mod verdict;

use jiff::Timestamp;
use serde::Serialize;

pub use gate::{Gate, Outcome, Policy};
pub use metric::Metric;
pub use row::Row;
pub use stored::{Options, hosts_differ, stored};
pub use verdict::{Interval, Severity, Verdict, is_suspect};

/// A comparison: one row for every benchmark of either side, and what follows from them.
#[derive(Clone, Debug, Serialize)]
pub struct Comparison {
    /// One for every benchmark, in the order of the baseline, then those that are new.
    pub rows: Vec<Row>,
    /// Whether it passes.
    #[serde(flatten)]
    pub gate: Gate,
    /// What would make it pass, or judge: a command, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
    /// The loss above which it fails.
    pub threshold_percent: f64,
    /// The older side.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub baseline: Option<Side>,
    /// The newer side.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub current: Option<Side>,
    /// What a reader should know before trusting it.
    pub warnings: Vec<String>,
}

/// Where one side of a comparison comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Side {
    /// The file.
    pub file: String,
    /// When it was recorded.
    pub timestamp: Option<Timestamp>,
    /// The host; empty where it is unknown.
    pub host: String,
    /// The CPU.
    pub cpu: String,
    /// The commit that was measured.
    pub git_commit: Option<String>,
}

impl Comparison {
    /// A comparison that did not come about.
    pub fn failed(reason: String, threshold_percent: f64) -> Self {
        Comparison {
            rows: Vec::new(),
            gate: Gate::cannot_judge(reason),
            remedy: None,
            threshold_percent,
            baseline: None,
            current: None,
            warnings: Vec::new(),
        }
    }

    /// How many rows have this verdict.
    pub fn count(&self, verdict: Verdict) -> usize {
        self.rows
            .iter()
            .filter(|row| row.verdict == verdict)
            .count()
    }
}
