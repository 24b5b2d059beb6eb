//! Bencher's metric format: for each benchmark its latency in ns, between the 5th and the 95th percentile, and its throughput in items a
//! second.

use serde_json::{Map, Value, json};

use super::{Measured, measured};
use crate::record::{Record, to_json};

pub(super) fn write(record: &Record) -> String {
    let mut benchmarks = Map::new();
    for Measured { name, entry, ns } in measured(record) {
        let mut latency = json!({ "value": ns });
        if let Some(summary) = &entry.summary {
            // A time of fastest samples may be below the 5th percentile of all, and a value outside of its bounds is none.
            latency["lower_value"] = json!((1e6 * summary.p05_ms).min(ns));
            latency["upper_value"] = json!((1e6 * summary.p95_ms).max(ns));
        }
        let mut measures = json!({ "latency": latency });
        if let Some(throughput) = entry.throughput {
            measures["throughput"] = json!({ "value": throughput });
        }
        benchmarks.insert(name, measures);
    }
    to_json(&Value::Object(benchmarks))
}
