//! Records made up for tests, and the program that judges them.

use std::fs;
use std::path::PathBuf;

use assert_cmd::assert::Assert;
use harness::random::Random;
use harness::record::{
    Entry, Environment, Metadata, Process, Record, Status, VERSION, Work, write,
};
use serde_json::Value;

/// A folder with `results/` and `baselines/`.
pub(crate) struct Home(tempfile::TempDir);

impl Home {
    pub(crate) fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        for folder in ["results", "baselines"] {
            fs::create_dir(home.path().join(folder)).unwrap();
        }
        Home(home)
    }

    pub(crate) fn path(&self, file: &str) -> PathBuf {
        self.0.path().join(file)
    }

    pub(crate) fn write(&self, file: &str, record: &Record) -> PathBuf {
        let path = self.path(file);
        write(record, &path).unwrap();
        path
    }

    pub(crate) fn text(&self, file: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(file);
        fs::write(&path, text).unwrap();
        path
    }

    /// Runs `bench ARGUMENTS` in it.
    pub(crate) fn bench(&self, arguments: &[&str]) -> Assert {
        assert_cmd::Command::new(env!("CARGO_BIN_EXE_bench"))
            .args(arguments)
            .env_remove("BENCH_HOME")
            .current_dir(self.0.path())
            .assert()
    }

    /// Compares two records, as files `a.json` and `b.json`, and returns the exit code and the JSON.
    pub(crate) fn compare(
        &self,
        baseline: &Record,
        current: &Record,
        more: &[&str],
    ) -> (i32, Value) {
        self.write("a.json", baseline);
        self.write("b.json", current);
        self.compare_files(more)
    }

    /// Compares the files `a.json` and `b.json`, and writes that in `format`.
    pub(crate) fn compare_as(&self, format: &str, more: &[&str]) -> Assert {
        let files = [
            "compare",
            "--baseline",
            "a.json",
            "--current",
            "b.json",
            "--format",
            format,
        ];
        self.bench(&[&files, more].concat())
    }

    /// The same in JSON: the exit code, and that.
    pub(crate) fn compare_files(&self, more: &[&str]) -> (i32, Value) {
        let assert = self.compare_as("json", more);
        let output = assert.get_output();
        let json = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|error| panic!("{error}: {output:?}"));
        (output.status.code().unwrap(), json)
    }

    pub(crate) fn files(&self, folder: &str) -> Vec<String> {
        let entries = fs::read_dir(self.path(folder)).unwrap();
        let mut names: Vec<String> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }
}

pub(crate) fn stdout(assert: &Assert) -> String {
    String::from_utf8(assert.get_output().stdout.clone()).unwrap()
}

pub(crate) fn stderr(assert: &Assert) -> String {
    String::from_utf8(assert.get_output().stderr.clone()).unwrap()
}

/// A record of quiet benchmarks: ten processes within 0.05 % of `ms`.
pub(crate) fn record(benchmarks: &[(&str, f64)]) -> Record {
    Record {
        version: VERSION.into(),
        timestamp: "2026-11-25T01:45:30.123Z".parse().unwrap(),
        environment: Environment {
            os: "Linux 6.1".into(),
            cpu: "A CPU".into(),
            isa: "avx2".into(),
            host: "0123456789ab".into(),
            logical_cpus: 2,
            ..Environment::default()
        },
        benchmarks: benchmarks
            .iter()
            .map(|&(name, ms)| entry(name, ms, 0.0005))
            .collect(),
        metadata: Metadata {
            processes: 10,
            ..Metadata::default()
        },
    }
}

/// A benchmark whose ten processes lie up to `spread` (a share) above `ms`, their samples up to as much above that.
pub(crate) fn entry(name: &str, ms: f64, spread: f64) -> Entry {
    let mut random = Random::new(ms.to_bits(), 0);
    let processes = (0..10).map(|_| {
        let least_ns = 1e6 * ms * (1.0 + spread * random.unit());
        let samples = (0..20).map(|_| least_ns * (1.0 + spread * random.unit()));
        Process {
            samples_ns: samples.collect(),
            iterations_per_sample: 100,
            ..Process::default()
        }
    });
    let processes = processes.collect();
    let mut entry = bare(name);
    entry.set_processes(processes);
    entry
}

/// A benchmark that failed.
pub(crate) fn failed(name: &str, error: &str) -> Entry {
    Entry {
        status: Status::Failed,
        error: Some(error.into()),
        ..bare(name)
    }
}

fn bare(name: &str) -> Entry {
    Entry {
        name: name.into(),
        suite: "tensor-ops".into(),
        description: "made up".into(),
        dtype: "f32".into(),
        shape: vec![100, 100],
        implementation: "avx2".into(),
        threads: 1,
        status: Status::Ok,
        error: None,
        duration_ms: None,
        throughput: None,
        memory_mb: 0.12,
        iterations: 0,
        summary: None,
        work: Work {
            flops: 10_000,
            bytes_read: 80_000,
            bytes_written: 40_000,
            items: 10_000,
            item: "elements".into(),
        },
        processes: Vec::new(),
    }
}

/// Multiplies every time of a record, samples included, and divides its throughput: as text, without rounding.
pub(crate) fn slowed(record: &Record, factor: f64) -> String {
    let mut json = serde_json::to_value(record).unwrap();
    for benchmark in json["benchmarks"].as_array_mut().unwrap() {
        scale(&mut benchmark["duration_ms"], factor);
        scale(&mut benchmark["throughput"], 1.0 / factor);
        let summary = benchmark["summary"].as_object_mut().unwrap();
        for (_, time) in summary.iter_mut().filter(|(name, _)| name.ends_with("_ms")) {
            scale(time, factor);
        }
        for process in benchmark["processes"].as_array_mut().unwrap() {
            for sample in process["samples_ns"].as_array_mut().unwrap() {
                scale(sample, factor);
            }
        }
    }
    json.to_string()
}

fn scale(number: &mut Value, factor: f64) {
    *number = (number.as_f64().unwrap() * factor).into();
}

/// A version-1 file of benchmarks, each `(name, duration_ms, more fields)`.
pub(crate) fn legacy(benchmarks: &[(&str, f64, &str)]) -> String {
    let benchmarks: Vec<String> = benchmarks
        .iter()
        .map(|(name, ms, more)| format!(r#"{{"name": "{name}", "duration_ms": {ms}{more}}}"#))
        .collect();
    format!(
        r#"{{"version": "1.0.0", "benchmarks": [{}]}}"#,
        benchmarks.join(", ")
    )
}

/// The row of a benchmark.
pub(crate) fn row<'a>(comparison: &'a Value, name: &str) -> &'a Value {
    let mut rows = comparison["rows"].as_array().unwrap().iter();
    rows.find(|row| row["name"] == name)
        .unwrap_or_else(|| panic!("no row {name}"))
}
