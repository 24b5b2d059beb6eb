//! Results of other tools. What lies in `samples/` was made by the tools and shortened by hand.

use std::fs;
use std::path::{Path, PathBuf};

use harness::import;
use harness::record::{Status, parse, to_json};

use crate::support::{Home, record, row, stderr, stdout};

pub(crate) const FILES: [&str; 6] = [
    "criterion/plain/new/sample.json",
    "criterion/plain/new/estimates.json",
    "google_benchmark.json",
    "google_benchmark_medians.json",
    "hyperfine.json",
    "pytest_benchmark.json",
];

fn sample(file: &str) -> PathBuf {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/stored/samples");
    samples.join(file)
}

pub(crate) fn text(file: &str) -> String {
    fs::read_to_string(sample(file)).unwrap()
}

/// Multiplies what follows `"KEY":`, a number or a list of them.
pub(crate) fn scaled(text: &str, key: &str, factor: f64) -> String {
    let mut json: serde_json::Value = serde_json::from_str(text).unwrap();
    fn walk(value: &mut serde_json::Value, key: &str, factor: f64) {
        use serde_json::Value;
        let scale = |value: &mut Value| *value = (value.as_f64().unwrap() * factor).into();
        match value {
            Value::Object(map) => {
                for (name, value) in map {
                    match value {
                        Value::Number(_) if name == key => scale(value),
                        Value::Array(list) if name == key => list.iter_mut().for_each(scale),
                        _ => walk(value, key, factor),
                    }
                }
            }
            Value::Array(list) => list.iter_mut().for_each(|value| walk(value, key, factor)),
            _ => {}
        }
    }
    walk(&mut json, key, factor);
    json.to_string()
}

#[test]
fn what_the_tools_wrote_is_read() {
    // File, tool, and of each benchmark its name, time in ns, processes, samples of the first, iterations.
    type Row<'a> = (&'a str, f64, usize, usize, u64);
    let table: [(&str, &str, &[Row<'_>]); 7] = [
        (
            "criterion",
            "Criterion",
            &[
                ("group/with slash/f/10", 2.391, 1, 10, 41_593_310),
                ("group/with slash/f/1000", 242.119, 1, 10, 407_165),
                ("plain", 0.247, 1, 10, 405_115_700),
            ],
        ),
        (
            FILES[0],
            "Criterion",
            &[("plain", 0.247, 1, 10, 405_115_700)],
        ),
        // By the samples beside it.
        (
            FILES[1],
            "Criterion",
            &[("plain", 0.247, 1, 10, 405_115_700)],
        ),
        (
            FILES[2],
            "Google Benchmark",
            &[
                ("sum_million", 8437.081, 1, 3, 3 * 1656),
                ("bytes_/16", 88.462, 1, 3, 3 * 137_793),
                ("bytes_/64", 89.623, 1, 3, 3 * 155_187),
                ("micro", 18276.423, 1, 3, 3 * 749),
                ("cplx/64", 510.413, 1, 1, 32_842),
                ("secs/repeats:2", 7805.022, 1, 2, 2 * 1777),
            ],
        ),
        (
            FILES[3],
            "Google Benchmark",
            &[("sum_million", 8326.7155, 0, 0, 0)],
        ),
        (
            FILES[4],
            "hyperfine",
            &[
                ("true", 627_166.0, 4, 1, 4),
                ("sleep 0.01", 11_035_683.0, 4, 1, 4),
                ("false 1", 917_849.0, 3, 1, 3),
            ],
        ),
        (
            FILES[5],
            "pytest-benchmark",
            &[
                ("test_b.py::test_sum", 444.7, 1, 12, 120),
                ("test_b.py::test_sort[10]", 107.76, 1, 12, 2400),
                ("test_b.py::test_sort[1000]", 3044.501, 1, 12, 24),
            ],
        ),
    ];
    for (file, tool, expected) in table {
        let record = import::load(&sample(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
        assert_eq!(record.metadata.imported_from.as_deref(), Some(tool));
        assert_eq!(record.environment.host, "", "{file}");
        let sound = |entry: &&harness::record::Entry| entry.status == Status::Ok;
        let entries: Vec<_> = record.benchmarks.iter().filter(sound).collect();
        assert_eq!(entries.len(), expected.len(), "{file}: {entries:#?}");
        for (entry, &(name, ns, processes, samples, iterations)) in entries.iter().zip(expected) {
            let what = format!("{file}: {entry:#?}");
            assert_eq!(entry.name, name, "{what}");
            assert!(
                (1e6 * entry.duration_ms.unwrap() - ns).abs() < 1e-6 * ns,
                "{what}"
            );
            assert_eq!(entry.processes.len(), processes, "{what}");
            let first = entry.processes.first();
            assert_eq!(
                first.map_or(0, |first| first.samples_ns.len()),
                samples,
                "{what}"
            );
            assert_eq!(entry.iterations, iterations, "{what}");
        }
        let read = parse(to_json(&record).as_bytes(), Path::new("x")).unwrap();
        assert_eq!(read, record, "{file} makes the round trip");
    }
}

#[test]
fn what_else_the_tools_say_is_kept_and_nothing_made_up() {
    let google = import::load(&sample(FILES[2])).unwrap();
    let failed = google.entry("skipped").unwrap();
    assert_eq!(failed.status, Status::Failed);
    assert_eq!(failed.error.as_deref(), Some("some error"));
    assert_eq!(google.timestamp.to_string(), "2026-11-25T07:31:27Z");
    assert_eq!(google.environment.logical_cpus, 2);

    let pytest = import::load(&sample(FILES[5])).unwrap();
    assert_eq!(pytest.environment.cpu, "AMD EPYC");
    assert_eq!(
        pytest.environment.git_commit, None,
        "\"unversioned\" is none"
    );

    let criterion = import::load(&sample("criterion")).unwrap();
    let bytes = criterion.entry("group/with slash/f/10").unwrap();
    assert_eq!(
        (bytes.work.items, bytes.work.item.as_str()),
        (1024, "bytes")
    );
    assert!((bytes.throughput.unwrap() / (1024.0 / 2.391e-9) - 1.0).abs() < 1e-9);
    assert_eq!(criterion.timestamp, jiff::Timestamp::UNIX_EPOCH);

    let hyperfine = import::load(&sample(FILES[4])).unwrap();
    let description = &hyperfine.entry("false 1").unwrap().description;
    assert!(
        description.contains("3 launches did not exit with 0"),
        "{description}"
    );
}

#[test]
fn compare_takes_them_as_they_are() {
    let home = Home::new();
    for file in [
        "criterion",
        FILES[0],
        FILES[1],
        FILES[2],
        FILES[4],
        FILES[5],
    ] {
        let path = sample(file);
        let path = path.to_str().unwrap();
        let sides = ["compare", "--baseline", path, "--current", path];
        let assert = home.bench(&[&sides[..], &["--format", "json"]].concat());
        let json: serde_json::Value = serde_json::from_slice(&assert.get_output().stdout).unwrap();
        // A benchmark that failed cannot be judged.
        let expected = if file == FILES[2] { 2 } else { 0 };
        assert_eq!(
            assert.get_output().status.code(),
            Some(expected),
            "{file}: {json:#}"
        );
        let warnings = json["warnings"].to_string();
        assert!(
            warnings.contains("does not say on which host"),
            "{file}: {warnings}"
        );
    }
}

#[test]
fn verdicts_follow_from_what_is_known() {
    let home = Home::new();
    let [hyperfine, pytest, medians, google] = [4, 5, 3, 2].map(|index: usize| text(FILES[index]));
    let without = |text: &str, part: &str| {
        assert!(text.contains(part));
        text.replace(part, "")
    };
    let of_bench = to_json(&record(&[("test_b.py::test_sum", 444.6e-6)]));
    let error = "\"error_occurred\": true,";
    let (medians, google) = (without(&medians, error), without(&google, error));
    // Baseline, current, exit code, a benchmark and its verdict, whether it has an interval, part of the warnings, notes or reason.
    let alone = "benchmarks were judged by the threshold alone";
    let table = [
        // Each launch is a process.
        (
            &hyperfine,
            scaled(&hyperfine, "times", 4.0),
            1,
            "sleep 0.01",
            "regressed",
            true,
            "regressed by more",
        ),
        (
            &hyperfine,
            scaled(&hyperfine, "times", 0.1),
            0,
            "sleep 0.01",
            "improved",
            true,
            "no benchmark lost",
        ),
        // One launch.
        (
            &pytest,
            scaled(&pytest, "data", 1.09),
            0,
            "test_b.py::test_sum",
            "unchanged",
            false,
            alone,
        ),
        (
            &pytest,
            scaled(&pytest, "data", 1.11),
            1,
            "test_b.py::test_sum",
            "regressed",
            false,
            alone,
        ),
        (
            &pytest,
            pytest.replace("AMD EPYC", "Another"),
            2,
            "test_b.py::test_sum",
            "inconclusive",
            false,
            "AMD EPYC against Another",
        ),
        // A median on both sides, and on one.
        (
            &medians,
            scaled(&medians, "real_time", 1.2),
            1,
            "sum_million",
            "regressed",
            false,
            alone,
        ),
        (
            &medians,
            google,
            2,
            "sum_million",
            "inconclusive",
            false,
            "export both with samples",
        ),
        // Another tool, which has other words for a CPU.
        (
            &of_bench,
            pytest.clone(),
            0,
            "test_b.py::test_sum",
            "unchanged",
            true,
            "each in its own way: bench against pytest-benchmark",
        ),
        (
            &hyperfine,
            pytest.clone(),
            2,
            "true",
            "missing",
            false,
            "no benchmark in common",
        ),
        (
            &hyperfine,
            pytest.replace("test_b.py::test_sum", "sleep 0.01"),
            1,
            "sleep 0.01",
            "improved",
            true,
            "timed by different tools",
        ),
    ];
    for (baseline, current, exit, name, verdict, interval, part) in table {
        home.text("a.json", baseline);
        home.text("b.json", &current);
        let (code, json) = home.compare_files(&[]);
        let what = format!("{name}: {verdict}, {part}: {json:#}");
        let row = row(&json, name);
        assert_eq!(row["verdict"], verdict, "{what}");
        assert_eq!(row["interval"].is_array(), interval, "{what}");
        assert!(json.to_string().contains(part), "{what}");
        assert_eq!(code, exit, "{what}");
    }
}

#[test]
fn several_launches_make_an_interval() {
    let home = Home::new();
    for (name, factor) in [
        ("1.json", 1.0),
        ("2.json", 1.003),
        ("3.json", 1.001),
        ("4.json", 1.2),
        ("5.json", 1.201),
        ("6.json", 1.204),
    ] {
        home.text(name, scaled(&text(FILES[5]), "data", factor));
    }
    for (output, files) in [
        ("a.json", ["1.json", "2.json", "3.json"]),
        ("b.json", ["4.json", "5.json", "6.json"]),
    ] {
        let assert = home
            .bench(&[&["import", "--output", output][..], &files].concat())
            .code(0);
        assert_eq!(
            stdout(&assert),
            format!("{output}: 3 benchmarks, imported from pytest-benchmark\n")
        );
    }
    let (code, json) = home.compare_files(&[]);
    let row = row(&json, "test_b.py::test_sum");
    assert_eq!(
        (code, &row["verdict"]),
        (1, &"regressed".into()),
        "{json:#}"
    );
    assert!(row["interval"].is_array(), "{json:#}");
    assert!(
        !json["warnings"].to_string().contains("threshold alone"),
        "{json:#}"
    );
}

#[test]
fn a_saved_run_of_criterion_and_standard_output() {
    let home = Home::new();
    let folder = sample("criterion");
    let folder = folder.to_str().unwrap();
    let assert = home.bench(&["import", folder, "--saved", "main"]).code(0);
    let record = parse(stdout(&assert).as_bytes(), Path::new("stdout")).unwrap();
    let names: Vec<_> = record.benchmarks.iter().map(|entry| &entry.name).collect();
    assert_eq!(names, ["plain"]);
}

#[test]
fn an_imported_record_is_no_baseline_of_a_host() {
    let home = Home::new();
    let file = sample(FILES[4]);
    let file = file.to_str().unwrap();
    home.bench(&["import", file, "--output", "i.json"]).code(0);
    let table: [(&[&str], &[&str]); 2] = [
        (
            &["baseline-update", "--from"],
            &["imported from hyperfine", "bench compare --baseline FILE"],
        ),
        (&["merge"], &["does not say on which host"]),
    ];
    for (verb, parts) in table {
        // As a record, and as it is.
        for file in ["i.json", file] {
            let error = stderr(&home.bench(&[verb, &[file]].concat()).code(2));
            for part in parts {
                assert!(error.contains(part), "{verb:?} {file}: {error}");
            }
        }
    }
    home.bench(&["export", "--format", "csv", file]).code(0);
    assert_eq!(home.files("baselines").len(), 0);
}
