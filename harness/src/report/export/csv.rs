//! Comma-separated values (RFC 4180).

use crate::record::{Entry, Record, Status};
use crate::report::csv::{inert, lines, number};

const COLUMNS: [&str; 18] = [
    "name",
    "suite",
    "dtype",
    "shape",
    "implementation",
    "threads",
    "status",
    "duration_ms",
    "median_ms",
    "mean_ms",
    "min_ms",
    "max_ms",
    "spread_percent",
    "throughput",
    "gflops",
    "gbps",
    "memory_mb",
    "error",
];

pub(super) fn write(record: &Record) -> String {
    lines(COLUMNS, record.benchmarks.iter().map(cells))
}

fn cells(entry: &Entry) -> [String; COLUMNS.len()] {
    let summary =
        |field: fn(&crate::record::Summary) -> f64| number(entry.summary.as_ref().map(field));
    let shape: Vec<String> = entry.shape.iter().map(usize::to_string).collect();
    [
        inert(&entry.name),
        inert(&entry.suite),
        inert(&entry.dtype),
        shape.join("x"),
        inert(&entry.implementation),
        entry.threads.to_string(),
        match entry.status {
            Status::Ok => "ok".into(),
            Status::Failed => "failed".into(),
        },
        number(entry.duration_ms),
        summary(|summary| summary.median_ms),
        summary(|summary| summary.mean_ms),
        summary(|summary| summary.min_ms),
        summary(|summary| summary.max_ms),
        summary(|summary| summary.spread_percent),
        number(entry.throughput),
        number(entry.summary.as_ref().and_then(|summary| summary.gflops)),
        number(entry.summary.as_ref().and_then(|summary| summary.gbps)),
        number(Some(entry.memory_mb)),
        inert(entry.error.as_deref().unwrap_or_default()),
    ]
}
