//! OpenMetrics 1.0: gauges in base units, labelled by benchmark.

use std::fmt::Write;

use super::{Measured, measured};
use crate::record::{Entry, Record};
use crate::text::visible;

pub(super) fn write(record: &Record) -> String {
    let mut text = String::new();
    let mut family =
        |family: &str, unit: &str, help: &str, value: &dyn Fn(&Entry, f64) -> Option<f64>| {
            // Writing to a string does not fail.
            let _ = write!(
                text,
                "# TYPE {family} gauge\n# UNIT {family} {unit}\n# HELP {family} {help}\n"
            );
            for Measured { name, entry, ns } in measured(record) {
                if let Some(value) = value(entry, ns) {
                    let _ = writeln!(
                        text,
                        "{family}{{name=\"{}\",suite=\"{}\",implementation=\"{}\"}} {value:e}",
                        label(&name),
                        label(&entry.suite),
                        label(&entry.implementation)
                    );
                }
            }
        };
    family(
        "benchmark_duration_seconds",
        "seconds",
        "Time of one iteration: the median over processes of the fastest sample of each.",
        &|_, ns| Some(ns / 1e9),
    );
    family(
        "benchmark_memory_bytes",
        "bytes",
        "What the declared buffers hold.",
        &|entry, _| Some(entry.memory_mb * 1e6),
    );
    family(
        "benchmark_spread_ratio",
        "ratio",
        "Greatest over least of the medians of processes, less one.",
        &|entry, _| {
            entry
                .summary
                .as_ref()
                .map(|summary| summary.spread_percent / 100.0)
        },
    );
    text + "# EOF\n"
}

/// The value of a label.
fn label(text: &str) -> String {
    visible(text).replace('\\', "\\\\").replace('"', "\\\"")
}
