//! Files of version 1: a name and a duration suffice, and nothing else is relied on.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{Entry, Environment, Metadata, Record, present};

#[derive(Deserialize)]
struct Legacy {
    version: String,
    #[serde(default)]
    timestamp: Value,
    #[serde(default)]
    environment: Map<String, Value>,
    benchmarks: Vec<Benchmark>,
}

#[derive(Deserialize)]
struct Benchmark {
    name: String,
    duration_ms: f64,
    #[serde(default)]
    description: String,
    #[serde(default, deserialize_with = "present")]
    throughput: Option<f64>,
    #[serde(default)]
    memory_mb: f64,
    #[serde(default)]
    iterations: f64,
}

/// Reads a record of version 1. Its host is unknown (empty), and its timestamp the Unix epoch where it states none.
pub(super) fn read(text: &[u8]) -> Result<Record, serde_json::Error> {
    let legacy: Legacy = serde_json::from_slice(text)?;
    let word = |field: &str| match legacy.environment.get(field) {
        Some(Value::String(word)) => word.clone(),
        _ => String::new(),
    };
    let commit = Some(word("git_commit")).filter(|commit| !commit.is_empty());
    Ok(Record {
        timestamp: timestamp(&legacy.timestamp),
        environment: Environment {
            os: word("os"),
            cpu: word("cpu"),
            git_commit: commit,
            ..Environment::default()
        },
        benchmarks: legacy.benchmarks.into_iter().map(entry).collect(),
        metadata: Metadata::default(),
        version: legacy.version,
    })
}

/// The time, in whichever of the usual forms; without a zone it is taken as UTC.
fn timestamp(value: &Value) -> Timestamp {
    let Value::String(text) = value else {
        return Timestamp::UNIX_EPOCH;
    };
    text.parse()
        .or_else(|_| format!("{text}Z").parse())
        .unwrap_or(Timestamp::UNIX_EPOCH)
}

fn entry(benchmark: Benchmark) -> Entry {
    Entry {
        name: benchmark.name,
        description: benchmark.description,
        duration_ms: Some(benchmark.duration_ms),
        throughput: benchmark.throughput,
        memory_mb: benchmark.memory_mb,
        iterations: benchmark.iterations as u64,
        ..Entry::default()
    }
}
