//! What github-action-benchmark reads as `customSmallerIsBetter`.

use serde_json::{Value, json};

use super::{Measured, measured};
use crate::record::{Record, to_json};
use crate::text::visible;

pub(super) fn write(record: &Record) -> String {
    let rows: Vec<Value> = measured(record)
        .into_iter()
        .map(|Measured { name, entry, ns }| {
            let spread = entry
                .summary
                .as_ref()
                .map_or(0.0, |summary| summary.spread_percent);
            json!({
                "name": name,
                "unit": "ns/iter",
                "value": ns,
                "range": format!("± {:.3}", ns * spread / 200.0),
                "extra": format!("{}, {}", visible(&entry.suite), visible(&entry.implementation)),
            })
        })
        .collect();
    to_json(&rows)
}
