//! A record in the formats of other tools, one file each.

mod bencher;
mod csv;
mod github_action_benchmark;
mod openmetrics;

use clap::ValueEnum;

use crate::record::{Entry, Record};

/// The format of another tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Target {
    /// A row for each benchmark, failed ones included, for spreadsheets
    Csv,
    /// Gauges, for Prometheus and its kin
    Openmetrics,
    /// Bencher's metric format
    Bencher,
    /// A list for the tool customSmallerIsBetter of github-action-benchmark
    GithubActionBenchmark,
}

impl Target {
    /// The record, with a newline at the end. Failed benchmarks have no numbers and are left out where a row is a number.
    pub fn write(self, record: &Record) -> String {
        match self {
            Target::Csv => csv::write(record),
            Target::Openmetrics => openmetrics::write(record),
            Target::Bencher => bencher::write(record),
            Target::GithubActionBenchmark => github_action_benchmark::write(record),
        }
    }
}

/// The benchmarks that were measured, with their time, ns.
fn measured(record: &Record) -> impl Iterator<Item = (&Entry, f64)> {
    let entries = record.benchmarks.iter();
    entries.filter_map(|entry| Some((entry, 1e6 * entry.duration_ms?)))
}
