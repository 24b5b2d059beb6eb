//! Results of other tools that are damaged, cut off, or made to do harm.

use std::path::Path;

use harness::import;
use harness::record::{parse, to_json};
use proptest::prelude::*;

use crate::importing::{FILES, scaled, text};
use crate::support::{Home, record, stderr, stdout};

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
    let text = format!(r#"{{"results": [{}]}}"#, names.trim_end_matches(','));
    let record = import::foreign(text.as_bytes(), Path::new("x"));
    let record = record.unwrap().unwrap();
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
