//! The table at the end of a run.

use super::look::Look;
use super::table::{Kept, coloured, widths};
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

/// What a terminal that is too narrow for all can do without, in this order.
const OPTIONAL: [usize; 5] = [7, 3, 1, 6, 5];

/// What a record holds, one benchmark a line, with what stands out below.
pub fn run_table(record: &Record, look: Look) -> String {
    let rows = || record.benchmarks.iter().map(row);
    let mut widths = widths(&COLUMNS, rows());
    // Why a benchmark failed is longer than any terminal is wide.
    widths[NUMBERS.end] = widths[NUMBERS.end].min("noisy".len());
    let kept = Kept::new(&widths, &OPTIONAL, look.columns);
    let plain = |row: [String; 9]| kept.of(row.map(|cell| (cell, None))).collect();
    let header = kept.of(COLUMNS.map(str::to_owned)).collect();
    let mut text = coloured(header, kept.range(NUMBERS), rows().map(plain)) + "\n";
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
    text + &kept.left_out(&COLUMNS)
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
