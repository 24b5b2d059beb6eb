//! Comma-separated values (RFC 4180): a line for each benchmark of a comparison.

use csv::Writer;

use crate::compare::{Comparison, Row};
use crate::text::visible;

const COLUMNS: [&str; 12] = [
    "name",
    "suite",
    "verdict",
    "severity",
    "baseline_ms",
    "current_ms",
    "ratio",
    "interval_low",
    "interval_high",
    "detectable_percent",
    "notes",
    "stopped",
];

pub(super) fn write(comparison: &Comparison) -> String {
    lines(COLUMNS, comparison.rows.iter().map(cells))
}

/// A table of values under its header.
pub(super) fn lines<const N: usize>(
    header: [&str; N],
    rows: impl Iterator<Item = [String; N]>,
) -> String {
    let mut writer = Writer::from_writer(Vec::new());
    writer.write_record(header).expect("memory does not refuse");
    for row in rows {
        writer.write_record(row).expect("memory does not refuse");
    }
    let bytes = writer.into_inner().expect("memory does not refuse");
    String::from_utf8(bytes).expect("cells are text")
}

fn cells(row: &Row) -> [String; COLUMNS.len()] {
    [
        inert(&row.name),
        inert(&row.suite),
        row.verdict.word().into(),
        row.severity.map_or("", |severity| severity.word()).into(),
        number(row.baseline_ms),
        number(row.current_ms),
        number(row.ratio),
        number(row.interval.map(|interval| interval.low)),
        number(row.interval.map(|interval| interval.high)),
        number(row.detectable_percent),
        inert(&row.notes.join("; ")),
        inert(row.stopped.as_deref().unwrap_or_default()),
    ]
}

/// A number as programs read it; nothing where there is none.
pub(super) fn number(number: Option<f64>) -> String {
    number.map(|number| number.to_string()).unwrap_or_default()
}

/// A text that no spreadsheet takes for a formula.
pub(super) fn inert(text: &str) -> String {
    let text = visible(text);
    if text.trim_start().starts_with(['=', '+', '-', '@']) {
        format!("'{text}")
    } else {
        text.into_owned()
    }
}
