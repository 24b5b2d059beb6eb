//! The committed JSON Schema is the one that the types make, and it agrees with the reader.

use std::path::Path;

use harness::record::{parse, schema, to_json};
use serde_json::Value;

use crate::support::{failed, record};

#[test]
fn the_committed_schema_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/record.schema.json");
    let current = to_json(&schema());
    // `UPDATE_SCHEMA=1 cargo test -p harness` writes it.
    if std::env::var_os("UPDATE_SCHEMA").is_some() {
        std::fs::write(&path, &current).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap();
    assert!(
        committed == current,
        "docs/record.schema.json is not what the types make: UPDATE_SCHEMA=1 cargo test -p harness"
    );
}

#[test]
fn the_schema_and_the_reader_agree() {
    let validator = jsonschema::validator_for(&schema()).unwrap();
    let mut written = record(&[("a", 1.0)]);
    written.benchmarks.push(failed("b", "it timed out"));
    let good: Value = serde_json::from_str(&to_json(&written)).unwrap();
    let check = |json: &Value, what: &str, expected: bool| {
        assert_eq!(validator.is_valid(json), expected, "the schema on {what}");
        let read = parse(json.to_string().as_bytes(), Path::new("x"));
        assert_eq!(read.is_ok(), expected, "the reader on {what}: {read:?}");
    };
    check(&good, "a record", true);
    // Every field that the schema requires is one that the reader misses.
    for (pointer, definition) in [
        ("", ""),
        ("/benchmarks/0", "Entry"),
        ("/benchmarks/0/processes/0", "Process"),
        ("/benchmarks/0/summary", "Summary"),
    ] {
        let schema = schema();
        let object = if definition.is_empty() {
            &schema
        } else {
            &schema["$defs"][definition]
        };
        let required = object["required"].as_array().unwrap();
        assert!(!required.is_empty());
        for field in required.iter().map(|field| field.as_str().unwrap()) {
            let mut json = good.clone();
            json.pointer_mut(pointer)
                .unwrap()
                .as_object_mut()
                .unwrap()
                .remove(field)
                .unwrap();
            check(&json, &format!("{pointer} without {field}"), false);
        }
    }
    for (pointer, value) in [
        ("/benchmarks/0/duration_ms", Value::Null),
        ("/benchmarks/0/throughput", "fast".into()),
        ("/benchmarks/0/status", "fine".into()),
        ("/benchmarks/0/shape", serde_json::json!([-1])),
        ("/timestamp", 5.into()),
    ] {
        let mut json = good.clone();
        *json.pointer_mut(pointer).unwrap() = value;
        check(&json, pointer, false);
    }
}
