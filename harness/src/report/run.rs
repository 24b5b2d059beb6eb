//! The table at the end of a run.

use super::table;
use crate::record::{Entry, Record, Status};
use crate::text::units;

/// The columns of the table of a run.
pub(super) const COLUMNS: [&str; 9] = [
    "benchmark",
    "implementation",
    "time",
    "median",
    "spread",
    "GFLOP/s",
    "GB/s",
    "throughput",
    "",
];

/// Which columns hold numbers.
pub(super) const NUMBERS: std::ops::Range<usize> = 2..8;

/// What a record holds, one benchmark a line, with what stands out below.
pub fn run_table(record: &Record) -> String {
    let mut text = table(COLUMNS, NUMBERS, record.benchmarks.iter().map(row)) + "\n";
    let failed = record
        .benchmarks
        .iter()
        .filter(|entry| entry.status == Status::Failed)
        .count();
    let noisy = record
        .benchmarks
        .iter()
        .filter(|entry| is_noisy(entry))
        .count();
    let count = record.benchmarks.len();
    text += &format!(
        "\n{count} benchmark{}, {failed} failed, {noisy} noisy, in {:.1} s on {}\n",
        if count == 1 { "" } else { "s" },
        record.metadata.elapsed_ms / 1e3,
        record.environment.cpu,
    );
    text += "time: the median over processes of each process's fastest sample; spread: between the processes' medians\n";
    text
}

/// The cells of a benchmark, one for each of [`COLUMNS`].
pub(super) fn row(entry: &Entry) -> [String; 9] {
    let name = entry.name.clone();
    let (Some(duration_ms), Some(summary)) = (entry.duration_ms, &entry.summary) else {
        let mut row = [const { String::new() }; 9];
        row[0] = name;
        row[1].clone_from(&entry.implementation);
        row[8] = format!("FAILED: {}", entry.error.as_deref().unwrap_or_default());
        return row;
    };
    let rate = |rate: Option<f64>| rate.map_or_else(String::new, |rate| format!("{rate:.1}"));
    [
        name,
        entry.implementation.clone(),
        units::duration(duration_ms),
        units::duration(summary.median_ms),
        format!("{:.1} %", summary.spread_percent),
        rate(summary.gflops),
        rate(summary.gbps),
        entry.throughput.map_or_else(String::new, |throughput| {
            format!("{} {}/s", units::count(throughput), entry.work.item)
        }),
        if is_noisy(entry) { "noisy" } else { "" }.into(),
    ]
}

fn is_noisy(entry: &Entry) -> bool {
    entry.summary.as_ref().is_some_and(|summary| summary.noisy)
}
