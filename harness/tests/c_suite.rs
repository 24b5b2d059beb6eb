//! A suite in C, compiled here against the generated header and measured by `bench run`.

#[path = "support/gcc.rs"]
mod gcc;

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// Compiles `suite.c`; nothing where [`gcc::shared_object`] has nothing.
fn compiled(folder: &Path) -> Option<PathBuf> {
    let include = concat!(env!("CARGO_MANIFEST_DIR"), "/abi/include");
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/suite.c");
    let arguments = ["-std=c11", "-O2", "-I", include, source];
    gcc::shared_object(folder.join("libsuite.so"), &arguments)
}

#[test]
fn a_suite_in_c_is_measured_and_checked() {
    let folder = tempfile::tempdir().unwrap();
    let Some(library) = compiled(folder.path()) else {
        return;
    };
    let path = folder.path().join("record.json");
    let mut command = Command::new(env!("CARGO_BIN_EXE_bench"));
    command
        .args(["run", "--quick", "--lib"])
        .arg(library)
        .arg("--output")
        .arg(&path);
    assert_cmd::Command::from_std(command).assert().code(2);
    let record: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let benchmarks = record["benchmarks"].as_array().unwrap();
    let table = [
        ("c_copy", "ok", ""),
        ("c_scale", "ok", ""),
        ("c_wrong", "failed", "wrong result: element 7 of buffer 'y'"),
        ("c_refuses", "failed", "`run` failed: it will not"),
    ];
    assert_eq!(benchmarks.len(), table.len());
    for ((name, status, reason), benchmark) in table.into_iter().zip(benchmarks) {
        assert_eq!(benchmark["name"], name);
        assert_eq!(benchmark["status"], status, "{benchmark}");
        let error = benchmark["error"].as_str().unwrap_or_default();
        assert!(error.starts_with(reason), "{name}: {error}");
        let measured = benchmark["duration_ms"].as_f64().is_some_and(|ms| ms > 0.0);
        assert_eq!(measured, status == "ok", "{benchmark}");
    }
    assert_eq!(record["metadata"]["libraries"][0]["build"]["language"], "C");
}
