//! Comma-separated values (RFC 4180).

use csv::Writer;

use crate::record::{Entry, Record, Status};
use crate::text::visible;

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
    let mut writer = Writer::from_writer(Vec::new());
    writer
        .write_record(COLUMNS)
        .expect("memory does not refuse");
    for entry in &record.benchmarks {
        writer
            .write_record(cells(entry))
            .expect("memory does not refuse");
    }
    let bytes = writer.into_inner().expect("memory does not refuse");
    String::from_utf8(bytes).expect("cells are text")
}

fn cells(entry: &Entry) -> [String; COLUMNS.len()] {
    let number = |number: Option<f64>| number.map(|number| number.to_string()).unwrap_or_default();
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

/// A text that no spreadsheet takes for a formula.
fn inert(text: &str) -> String {
    let text = visible(text);
    if text.starts_with(['=', '+', '-', '@']) {
        format!("'{text}")
    } else {
        text.into_owned()
    }
}
