//! SARIF 2.1.0, for systems that show findings beside code: one for each row that needs a look.

use serde_json::{Value, json};

use super::{cells, json};
use crate::compare::{Comparison, Row};
use crate::record::to_json;
use crate::text::visible;

/// The comparison as one run; benchmarks that are as they were are no findings.
pub(super) fn write(comparison: &Comparison) -> String {
    let file = comparison
        .current
        .as_ref()
        .map_or("", |side| side.file.as_str());
    let results: Vec<Value> = comparison
        .rows
        .iter()
        .filter_map(|row| Some(finding(row, cells::level(row)?, file)))
        .collect();
    let rules: Vec<Value> = ["regressed", "missing", "invalid", "inconclusive"]
        .map(|id| json!({ "id": id, "shortDescription": { "text": format!("a benchmark is {id}") } }))
        .to_vec();
    json::inert(&to_json(&json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": { "name": "bench", "version": env!("CARGO_PKG_VERSION"), "rules": rules } },
            "results": results,
        }],
    })))
}

fn finding(row: &Row, level: &str, file: &str) -> Value {
    let text = cells::cells(row).join("  ");
    let percent = row.ratio.map(|ratio| 100.0 * (ratio - 1.0));
    json!({
        "ruleId": row.verdict,
        "level": level,
        "message": { "text": visible(text.trim()) },
        "locations": [{
            "physicalLocation": { "artifactLocation": { "uri": uri(file) } },
            "logicalLocations": [{ "fullyQualifiedName": visible(&format!("{}/{}", row.suite, row.name)) }],
        }],
        "partialFingerprints": { "benchmark/v1": format!("{}/{}", row.suite, row.name) },
        "properties": { "change_percent": percent },
    })
}

/// A path as a reference: what has another meaning there is written by its bytes.
fn uri(path: &str) -> String {
    path.bytes().fold(String::new(), |mut uri, byte| {
        if byte.is_ascii_alphanumeric() || b"/._-~".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            uri.push_str(&format!("%{byte:02X}"));
        }
        uri
    })
}
