//! A record in the formats of other tools, one file each.

mod bencher;
mod csv;
mod github_action_benchmark;
mod markdown;
mod openmetrics;

use std::collections::HashSet;

use clap::ValueEnum;

use crate::record::{Entry, Record};
use crate::text::visible;

/// The format of another tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Target {
    /// A row for each benchmark, failed ones included, for spreadsheets
    Csv,
    /// A table for a page
    Markdown,
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
            Target::Markdown => markdown::write(record),
            Target::Openmetrics => openmetrics::write(record),
            Target::Bencher => bencher::write(record),
            Target::GithubActionBenchmark => github_action_benchmark::write(record),
        }
    }
}

/// A benchmark that was measured.
struct Measured<'a> {
    /// Its name as it is shown: what two names share then is told apart by a number, for it is a key in most formats.
    name: String,
    entry: &'a Entry,
    ns: f64,
}

fn measured(record: &Record) -> Vec<Measured<'_>> {
    let mut names = HashSet::new();
    let entries = record.benchmarks.iter();
    let measured = entries.filter_map(|entry| {
        let shown = visible(&entry.name);
        let name = (1..).map(|count: usize| match count {
            1 => shown.to_string(),
            _ => format!("{shown} ({count})"),
        });
        let name = { name }.find(|name| names.insert(name.clone()))?;
        let ns = 1e6 * entry.duration_ms?;
        Some(Measured { name, entry, ns })
    });
    measured.collect()
}
