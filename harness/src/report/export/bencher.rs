//! Bencher's metric format: for each benchmark its latency in ns, with the 5th and 95th percentile about it, and its throughput
//! in items a second.

use serde_json::{Map, Value, json};

use super::{Measured, measured};
use crate::record::{Record, to_json};

pub(super) fn write(record: &Record) -> String {
    let mut benchmarks = Map::new();
    for Measured { name, entry, ns } in measured(record) {
        let mut latency = json!({ "value": ns });
        if let Some(summary) = &entry.summary {
            latency["lower_value"] = json!(1e6 * summary.p05_ms);
            latency["upper_value"] = json!(1e6 * summary.p95_ms);
        }
        let mut measures = json!({ "latency": latency });
        if let Some(throughput) = entry.throughput {
            measures["throughput"] = json!({ "value": throughput });
        }
        benchmarks.insert(name, measures);
    }
    to_json(&Value::Object(benchmarks))
}
