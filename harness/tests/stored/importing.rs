//! Results of other tools. What lies in `samples/` was made by the tools and shortened by hand.

use std::fs;
use std::path::{Path, PathBuf};

use harness::import;
use harness::record::{Record, Status, parse, to_json};
use proptest::prelude::*;

use crate::support::{Home, record, row, stderr, stdout};

const FILES: [&str; 6] = [
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

fn text(file: &str) -> String {
    fs::read_to_string(sample(file)).unwrap()
}

/// Imports text as a file somewhere else, with no neighbours.
fn imported(text: &str) -> Result<Option<Record>, import::Error> {
    import::foreign(text.as_bytes(), Path::new("nowhere/some.file"))
}

/// Multiplies what follows `"KEY":`, a number or a list of them.
fn scaled(text: &str, key: &str, factor: f64) -> String {
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
fn what_cannot_be_imported_is_named_with_a_remedy() {
    let home = Home::new();
    home.write("record.json", &record(&[("a", 1.0)]));
    let (google, hyperfine, pytest) = (text(FILES[2]), text(FILES[4]), text(FILES[5]));
    let files = [
        ("google.json", google.clone()),
        ("hyperfine.json", hyperfine.clone()),
        ("pytest.json", pytest.clone()),
        ("cut.json", google[..google.len() / 2].to_owned()),
        ("old.json", google.replace("run_type", "other")),
        ("unit.json", google.replacen("\"ns\"", "\"min\"", 1)),
        (
            "nan.json",
            google.replacen("\"real_time\": 8437", "\"real_time\": NaN, \"x\": 8437", 1),
        ),
        ("negative.json", hyperfine.replacen("0.000619745", "-1", 1)),
        ("years.json", hyperfine.replacen("0.000619745", "1e30", 1)),
        ("nameless.json", hyperfine.replacen("\"true\"", "\" \"", 1)),
        (
            "nothing.json",
            r#"{"results": [{"command": "a", "times": [], "median": null}]}"#.into(),
        ),
        ("pairs.json", r#"{"iters": [1, 2], "times": [1]}"#.into()),
        ("zero.json", r#"{"iters": [1, 0], "times": [1, 1]}"#.into()),
        ("other_cpu.json", pytest.replace("AMD EPYC", "Another")),
        (
            "no_data.json",
            scaled(&pytest, "none", 1.0).replace("\"data\"", "\"other\""),
        ),
        ("list.json", "[1, 2]".into()),
        ("empty.json", String::new()),
    ];
    for (name, text) in files {
        home.text(name, text);
    }
    let table: [(&[&str], &str); 18] = [
        (&["record.json"], "record.json: this is a record already"),
        (
            &["list.json"],
            "list.json: not results of another tool; what can be imported: the folder target/criterion",
        ),
        (&["empty.json"], "empty.json: not results of another tool"),
        (&["missing.json"], "cannot read missing.json"),
        (
            &["results"],
            "results: no results of Criterion are saved in it as 'new': name target/criterion",
        ),
        (&["results", "--saved", "x"], "as 'x'"),
        (&["cut.json"], "cut.json, line"),
        (
            &["old.json"],
            "benchmarks[0].run_type: \"iteration\" or \"aggregate\" must stand here: measure with Google Benchmark 1.5",
        ),
        (
            &["unit.json"],
            "benchmarks[0].time_unit: \"min\" is no unit of time",
        ),
        (
            &["nan.json"],
            "benchmarks[0].real_time: a number must stand here",
        ),
        (&["negative.json"], "results[0].times[1]: -1 is no time"),
        (
            &["years.json"],
            "results[0].times[1]: 1000000000000000000000000000000 is no time",
        ),
        (
            &["nameless.json"],
            "results[0].command: a benchmark needs a name",
        ),
        (
            &["nothing.json"],
            "results[0].times: neither times nor a median",
        ),
        (&["pairs.json"], "times: 1 times of 2 samples"),
        (&["zero.json"], "iters[1]: 0 is no number of iterations"),
        (
            &["pytest.json", "other_cpu.json"],
            "pytest.json and other_cpu.json are of two CPUs (AMD EPYC and Another)",
        ),
        (
            &["pytest.json", "no_data.json"],
            "pytest.json and no_data.json: test_b.py::test_sum is in both, and one of them lacks its samples",
        ),
    ];
    for (arguments, message) in table {
        let assert = home.bench(&[&["import"], arguments].concat()).code(2);
        let error = stderr(&assert);
        assert!(error.contains(message), "{arguments:?}: {error}");
        assert_eq!(error.lines().count(), 1, "{arguments:?}: {error}");
        assert_eq!(stdout(&assert), "", "{arguments:?}");
    }
    let assert = home
        .bench(&["import", "google.json", "hyperfine.json"])
        .code(2);
    assert!(stderr(&assert).contains("are of two tools (Google Benchmark and hyperfine)"));
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

/// Where the numbers of a text begin and end.
fn numbers(text: &str) -> Vec<std::ops::Range<usize>> {
    let pattern = regex::Regex::new(r"-?\d[\d.eE+-]*").unwrap();
    pattern.find_iter(text).map(|found| found.range()).collect()
}

/// Either it reads, and what it reads can be written and read as a record, or the error is one line that names the file.
fn is_answered(text: &[u8], what: &str) {
    match import::foreign(text, Path::new("nowhere/some.file")) {
        Ok(None) => {}
        Ok(Some(record)) => {
            let read = parse(to_json(&record).as_bytes(), Path::new("x"));
            assert!(read.is_ok(), "{what}: {read:?}");
        }
        Err(error) => {
            let error = error.to_string();
            assert!(
                error.starts_with("nowhere/some.file, line "),
                "{what}: {error}"
            );
            assert!(!error.contains('\n'), "{what}: {error}");
        }
    }
}

#[test]
fn impossible_values_are_answered() {
    let values = [
        "null",
        "NaN",
        "-Infinity",
        "-1",
        "0",
        "1e308",
        "1e-320",
        "1e999",
        "\"x\"",
        "[]",
        "{}",
        "18446744073709551616",
    ];
    for file in FILES {
        let text = text(file);
        // Rows are alike: some sixty numbers of a file are enough.
        let numbers = numbers(&text);
        for number in numbers.iter().step_by(numbers.len() / 60 + 1) {
            for value in values {
                let mut changed = text.clone();
                changed.replace_range(number.clone(), value);
                is_answered(
                    changed.as_bytes(),
                    &format!("{file}, {value} at {number:?}"),
                );
            }
        }
    }
}

#[test]
fn deep_and_long_is_answered() {
    let deep = "[".repeat(100_000);
    let names = r#"{"command": "a", "times": [1]},"#.repeat(5_000);
    let table = [
        ("deep", format!(r#"{{"results": {deep}"#)),
        (
            "deep and unknown",
            format!(r#"{{"x": {deep}, "results": []}}"#),
        ),
        (
            "one name",
            format!(r#"{{"results": [{}]}}"#, names.trim_end_matches(',')),
        ),
        (
            "a long name",
            format!(
                r#"{{"results": [{{"command": "{}", "times": [1]}}]}}"#,
                "a".repeat(1 << 20)
            ),
        ),
    ];
    for (what, text) in table {
        is_answered(text.as_bytes(), what);
    }
    let record = imported(&format!(
        r#"{{"results": [{}]}}"#,
        names.trim_end_matches(',')
    ))
    .unwrap()
    .unwrap();
    assert_eq!(record.benchmarks[4_999].name, "a (5000)");
}

proptest! {
    #[test]
    fn damaged_results_never_panic(file in 0..FILES.len(), position in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<bool>()) {
        let mut bytes = text(FILES[file]).into_bytes();
        let position = position.index(bytes.len());
        bytes[position] = byte;
        if cut {
            bytes.truncate(position + 1);
        }
        is_answered(&bytes, FILES[file]);
    }
}
