//! `bench compare`: verdicts, the gate and its exit codes.

use crate::support::{Home, entry, failed, legacy, record, row, slowed, stderr, stdout};

#[test]
fn fifteen_percent_fails_and_ten_passes() {
    let baseline = record(&[("add", 0.02), ("matmul", 37.0)]);
    // factor, exit code, verdict, severity
    let table = [
        (1.15, 1, "regressed", "minor"),
        (1.1, 0, "regressed", ""),
        (1.1 + 1e-7, 1, "regressed", "minor"),
        (1.2, 1, "regressed", "minor"),
        (1.21, 1, "regressed", "moderate"),
        (1.5, 1, "regressed", "moderate"),
        (1.51, 1, "regressed", "severe"),
        (1.03, 0, "regressed", ""),
        (1.01, 0, "unchanged", ""),
        (1.0, 0, "unchanged", ""),
        (0.99, 0, "unchanged", ""),
        (0.97, 0, "improved", ""),
        (0.03, 0, "improved", ""),
    ];
    let home = Home::new();
    home.write("a.json", &baseline);
    for (factor, exit, verdict, severity) in table {
        home.text("b.json", slowed(&baseline, factor));
        let (code, json) = home.compare_files(&[]);
        assert_eq!(code, exit, "{factor}: {json:#}");
        for name in ["add", "matmul"] {
            let row = row(&json, name);
            assert_eq!(row["verdict"], verdict, "{factor}: {row:#}");
            assert_eq!(
                row["severity"].as_str().unwrap_or_default(),
                severity,
                "{factor}: {row:#}"
            );
            assert_eq!(row["suspect"], factor < 0.05, "{factor}");
            assert!(
                (row["ratio"].as_f64().unwrap() - factor).abs() < 1e-9,
                "{factor}: {row:#}"
            );
        }
    }
}

#[test]
fn the_interval_holds_the_ratio_and_says_what_could_have_been_seen() {
    let (home, baseline) = (Home::new(), record(&[("quiet", 0.02)]));
    let mut noisy = record(&[]);
    noisy.benchmarks.push(entry("quiet", 0.02, 0.3));
    for (current, verdict, low, high) in [
        (&baseline, "unchanged", 2.0, 2.5),
        (&noisy, "inconclusive", 10.0, 100.0),
    ] {
        let (_, json) = home.compare(&baseline, current, &[]);
        let row = row(&json, "quiet");
        assert_eq!(row["verdict"], verdict, "{row:#}");
        let interval: Vec<f64> = serde_json::from_value(row["interval"].clone()).unwrap();
        let ratio = row["ratio"].as_f64().unwrap();
        assert!(interval[0] <= ratio && ratio <= interval[1], "{row:#}");
        let detectable = row["detectable_percent"].as_f64().unwrap();
        assert!(low < detectable && detectable < high, "{row:#}");
    }
    // Whether a loss is excluded decides between pass and "cannot judge"; a record against itself always passes.
    assert_eq!(home.compare(&baseline, &noisy, &[]).0, 2);
    assert_eq!(
        home.compare(&baseline, &noisy, &["--threshold", "200"]).0,
        0
    );
    assert_eq!(home.compare(&noisy, &noisy, &[]).0, 0);
}

#[test]
fn every_benchmark_of_either_side_is_a_row() {
    let home = Home::new();
    let baseline = record(&[("same", 1.0), ("gone", 1.0), ("broken", 1.0), ("zero", 1.0)]);
    let mut current = record(&[("same", 1.0), ("fresh", 1.0)]);
    current.benchmarks.push(failed("broken", "wrong result"));
    current.benchmarks.push(failed("born broken", "timed out"));
    current.benchmarks.push(entry("zero", 0.0, 0.0));
    let expected = [
        ("same", "unchanged", ""),
        ("gone", "missing", ""),
        ("broken", "invalid", "current: failed: wrong result"),
        ("zero", "invalid", "current: 0 ns is no time"),
        ("fresh", "new", ""),
        ("born broken", "invalid", "current: failed: timed out"),
    ];
    // A missing benchmark outweighs one that cannot be judged.
    for (more, exit) in [(&[][..], 1), (&["--allow-missing"][..], 2)] {
        let (code, json) = home.compare(&baseline, &current, more);
        assert_eq!(code, exit, "{json:#}");
        assert_eq!(
            json["gate"],
            if exit == 1 { "fail" } else { "cannot_judge" }
        );
        let names: Vec<&str> = json["rows"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| row["name"].as_str().unwrap())
            .collect();
        assert_eq!(names, expected.map(|(name, _, _)| name));
        for (name, verdict, note) in expected {
            let row = row(&json, name);
            assert_eq!(row["verdict"], verdict, "{row:#}");
            assert!(row["notes"].to_string().contains(note), "{row:#}");
            for (field, record) in [("baseline_ms", &baseline), ("current_ms", &current)] {
                let time = record.entry(name).and_then(|entry| entry.duration_ms);
                assert_eq!(row[field], serde_json::json!(time), "{field}: {row:#}");
            }
        }
    }
}

#[test]
fn what_was_not_asked_for_is_not_missing() {
    let home = Home::new();
    let mut baseline = record(&[("add_small", 1.0), ("add_large", 1.0), ("other", 1.0)]);
    baseline.benchmarks[2].suite = "data-loading".into();
    let current = |suite: Option<&str>, filter: Option<&str>| {
        let mut current = record(&[("add_small", 1.0)]);
        current.metadata.selection.suites = suite.into_iter().map(Into::into).collect();
        current.metadata.selection.filter = filter.map(Into::into);
        current
    };
    // suite, filter, verdicts of add_large and other, exit code
    let table = [
        (None, None, "missing", "missing", 1),
        (Some("tensor-ops"), None, "missing", "not_requested", 1),
        (None, Some("_"), "missing", "not_requested", 1),
        (None, Some("small$"), "not_requested", "not_requested", 0),
    ];
    for (suite, filter, large, other, exit) in table {
        let (code, json) = home.compare(&baseline, &current(suite, filter), &[]);
        assert_eq!(
            row(&json, "add_large")["verdict"],
            large,
            "{suite:?} {filter:?}"
        );
        assert_eq!(
            row(&json, "other")["verdict"],
            other,
            "{suite:?} {filter:?}"
        );
        assert_eq!(code, exit, "{suite:?} {filter:?}: {}", json["reason"]);
    }
}

#[test]
fn nothing_to_judge_is_never_a_pass() {
    let home = Home::new();
    let (empty, some, other) = (record(&[]), record(&[("a", 1.0)]), record(&[("b", 1.0)]));
    let table = [
        (&empty, &empty, "no benchmark"),
        (&some, &empty, "nothing was measured"),
        (&empty, &some, "the baseline has no benchmark"),
        (&some, &other, "in common"),
    ];
    for (baseline, current, reason) in table {
        for more in [&[][..], &["--allow-missing"][..]] {
            let (code, json) = home.compare(baseline, current, more);
            assert_eq!(
                (code, &json["gate"]),
                (2, &"cannot_judge".into()),
                "{reason}"
            );
            assert!(
                json["reason"].as_str().unwrap().contains(reason),
                "{json:#}"
            );
        }
    }
}

#[test]
fn bad_input_is_exit_code_2_and_json_all_the_same() {
    let home = Home::new();
    home.write("a.json", &record(&[("a", 1.0)]));
    home.text("b.json", "{\"version\": \"2.0.0\",");
    let (code, json) = home.compare_files(&[]);
    assert_eq!(
        (code, &json["gate"], &json["rows"]),
        (2, &"cannot_judge".into(), &serde_json::json!([]))
    );
    assert!(
        json["reason"].as_str().unwrap().contains("b.json, line 1"),
        "{json}"
    );
    for arguments in [
        &["compare", "--threshold", "-1"][..],
        &["compare", "--threshold", "NaN"],
        &["compare", "--threshold", "10,5"],
        &["compare", "--threshold", "inf"],
        &["compare", "--format", "xml"],
        &["compare", "--current", "missing.json"],
        &["compare", "--current", "a.json"],
        &["compare", "--current", "a.json", "--baseline", "../a"],
    ] {
        home.bench(arguments).code(2);
    }
    home.bench(&[
        "compare",
        "--baseline",
        "a.json",
        "--current",
        "a.json",
        "--threshold",
        "2.5%",
    ])
    .code(0);
}

#[test]
fn another_host_is_not_judged() {
    let (home, baseline) = (Home::new(), record(&[("a", 1.0)]));
    let changed = |change: fn(&mut harness::record::Record)| {
        let mut record = record(&[("a", 2.0)]);
        change(&mut record);
        record
    };
    let others = [
        (
            "another CPU",
            changed(|record| {
                record.environment.host = "ffff".into();
                record.environment.cpu = "Another".into();
            }),
        ),
        (
            "another host",
            changed(|record| record.environment.host = "ffff".into()),
        ),
        (
            "another isa",
            changed(|record| record.environment.isa = "avx512".into()),
        ),
        (
            "another number of threads",
            changed(|record| record.benchmarks[0].threads = 2),
        ),
    ];
    for (what, current) in &others {
        let (code, json) = home.compare(&baseline, current, &[]);
        let row = row(&json, "a");
        assert_eq!(code, 2, "{what}: {json:#}");
        assert_eq!(
            (&row["verdict"], &row["severity"]),
            (&"inconclusive".into(), &serde_json::Value::Null),
            "{what}"
        );
        let (code, _) = home.compare(&baseline, current, &["--allow-host-mismatch"]);
        assert_eq!(code, 1, "{what} is judged when allowed");
    }
    home.compare(&baseline, &others[0].1, &[]);
    let assert = home
        .bench(&["compare", "--baseline", "a.json", "--current", "b.json"])
        .code(2);
    let text = stdout(&assert);
    assert!(text.contains("A CPU against Another"), "{text}");
    let last = text.lines().last().unwrap();
    assert_eq!(
        last,
        "to record a baseline for this host: bench baseline-update --from b.json"
    );
}

#[test]
fn an_unknown_host_is_judged_with_a_warning() {
    let (home, baseline) = (Home::new(), record(&[("a", 1.0)]));
    let mut current = baseline.clone();
    current.environment.host.clear();
    // Without a host, a CPU in other words is no other CPU.
    current.environment.cpu = "Another".into();
    current.metadata.quick = true;
    current.metadata.partial = Some("out of time".into());
    let (code, json) = home.compare(&baseline, &current, &[]);
    assert_eq!(code, 0);
    let warnings = json["warnings"].to_string();
    for part in [
        "current record is quick",
        "is partial: out of time",
        "does not say on which host",
    ] {
        assert!(warnings.contains(part), "{part}: {warnings}");
    }
}

#[test]
fn files_without_samples_are_judged_by_the_threshold() {
    let home = Home::new();
    // baseline, current, exit code, verdict
    let table = [
        ((1.0, ""), (1.1, ""), 0, "unchanged"),
        ((0.3, ""), (0.33, ""), 0, "unchanged"),
        ((1.0, ""), (1.11, ""), 1, "regressed"),
        ((1.0, ""), (0.9, ""), 0, "unchanged"),
        ((1.0, ""), (0.89, ""), 0, "improved"),
        (
            (1.0, r#", "throughput": 100"#),
            (1.0, r#", "throughput": 90"#),
            0,
            "unchanged",
        ),
        (
            (1.0, r#", "throughput": 100"#),
            (1.0, r#", "throughput": 89"#),
            1,
            "regressed",
        ),
        (
            (1.0, r#", "throughput": 100"#),
            (0.5, r#", "throughput": 80"#),
            1,
            "regressed",
        ),
        (
            (1.0, r#", "throughput": 100"#),
            (1.0, r#", "throughput": 120"#),
            0,
            "improved",
        ),
        (
            (1.0, r#", "memory_mb": 4"#),
            (1.0, r#", "memory_mb": 4.4"#),
            0,
            "unchanged",
        ),
        (
            (1.0, r#", "memory_mb": 4"#),
            (1.0, r#", "memory_mb": 4.5"#),
            1,
            "regressed",
        ),
        (
            (1.0, r#", "memory_mb": 4"#),
            (1.0, r#", "memory_mb": 2"#),
            0,
            "improved",
        ),
        (
            (1.0, r#", "memory_mb": 0"#),
            (1.0, r#", "memory_mb": 2"#),
            0,
            "unchanged",
        ),
        ((0.0, ""), (1.0, ""), 2, "invalid"),
        ((-1.0, ""), (1.0, ""), 2, "invalid"),
        ((1e300, ""), (1.0, ""), 2, "invalid"),
        ((1.0, ""), (1e-300, ""), 2, "invalid"),
    ];
    for ((old, old_more), (new, new_more), exit, verdict) in table {
        home.text(
            "a.json",
            legacy(&[("a", old, old_more), ("quiet", 1.0, "")]),
        );
        home.text(
            "b.json",
            legacy(&[("a", new, new_more), ("quiet", 1.0, "")]),
        );
        let (code, json) = home.compare_files(&[]);
        let row = row(&json, "a");
        let what = format!("{old} {old_more} to {new} {new_more}: {row:#}");
        assert_eq!(
            (code, row["verdict"].as_str().unwrap()),
            (exit, verdict),
            "{what}"
        );
        assert_eq!(row["interval"], serde_json::Value::Null, "{what}");
        assert_eq!(
            crate::support::row(&json, "quiet")["verdict"],
            "unchanged",
            "the rest is judged"
        );
    }
    // One side with samples does not make the other's spread known.
    home.write("b.json", &record(&[("a", 1.05), ("quiet", 1.0)]));
    assert_eq!(home.compare_files(&[]).0, 0);
}

#[test]
fn memory_is_judged_and_throughput_only_where_it_is_more_than_a_quotient() {
    let (home, baseline) = (Home::new(), record(&[("a", 1.0)]));
    let mut larger = baseline.clone();
    larger.benchmarks[0].memory_mb *= 1.6;
    let (code, json) = home.compare(&baseline, &larger, &[]);
    let row = row(&json, "a");
    assert_eq!(
        (code, &row["verdict"], &row["severity"]),
        (1, &"regressed".into(), &"severe".into())
    );
    assert!(
        row["notes"].to_string().contains("memory +60.0 %"),
        "{row:#}"
    );
    assert_eq!(row["throughput"], serde_json::Value::Null);
}

#[test]
fn a_single_process_is_judged_by_the_threshold() {
    let home = Home::new();
    let single = |ms: f64| {
        let mut record = record(&[("a", ms)]);
        let process = record.benchmarks[0].processes[0].clone();
        record.benchmarks[0].set_processes(vec![process]);
        record
    };
    for (ms, exit) in [(1.05, 0), (1.15, 1)] {
        let (code, json) = home.compare(&single(1.0), &single(ms), &[]);
        assert_eq!(code, exit, "{ms}");
        assert_eq!(row(&json, "a")["interval"], serde_json::Value::Null);
    }
}

#[test]
fn one_extreme_sample_changes_nothing() {
    let home = Home::new();
    let baseline = record(&[("a", 1000.0)]);
    let mut current = baseline.clone();
    let mut processes = current.benchmarks[0].processes.clone();
    processes[2].samples_ns[7] = 294e9;
    current.benchmarks[0].set_processes(processes);
    let (code, json) = home.compare(&baseline, &current, &[]);
    assert_eq!(
        (code, &row(&json, "a")["verdict"]),
        (0, &"unchanged".into()),
        "{json:#}"
    );
}

#[test]
fn ten_thousand_benchmarks() {
    let home = Home::new();
    let names: Vec<String> = (0..10_000).map(|i| format!("benchmark_{i}")).collect();
    let benchmarks: Vec<(&str, f64)> = names.iter().map(|name| (name.as_str(), 1.0)).collect();
    let baseline = record(&benchmarks);
    home.write("a.json", &baseline);
    home.text("b.json", slowed(&baseline, 1.15));
    let (code, json) = home.compare_files(&[]);
    assert_eq!(code, 1);
    assert!(
        json["reason"]
            .as_str()
            .unwrap()
            .starts_with("10000 benchmarks regressed"),
        "{}",
        json["reason"]
    );
}

#[test]
fn the_baseline_of_this_host_is_taken() {
    let home = Home::new();
    let on = |host: &str, ms: f64| {
        let mut record = record(&[("a", ms)]);
        record.environment.host = host.into();
        record
    };
    let compare = |arguments: &[&str]| {
        let assert = home.bench(&[&["compare", "--current", "current.json"], arguments].concat());
        let output = assert.get_output();
        (
            output.status.code().unwrap(),
            stdout(&assert),
            stderr(&assert),
        )
    };
    home.write("current.json", &on("beta", 1.0));
    let (code, _, error) = compare(&[]);
    assert!(
        code == 2 && error.contains("there is no baseline called 'baseline': record one with"),
        "{error}"
    );

    home.write("baselines/baseline_results.json", &on("alpha", 1.0));
    let (code, text, _) = compare(&[]);
    assert!(
        code == 2 && text.contains("of another host (alpha against beta)"),
        "{text}"
    );

    home.write("baselines/baseline@beta_results.json", &on("beta", 1.0));
    let (code, text, _) = compare(&[]);
    assert!(
        code == 0 && text.contains("baselines/baseline@beta_results.json"),
        "{text}"
    );

    // Of two of this host the one under the common name, which is what an update replaces.
    home.write("baselines/baseline_results.json", &on("beta", 0.5));
    let (code, text, _) = compare(&[]);
    assert!(
        code == 1 && text.contains("baselines/baseline_results.json"),
        "{text}"
    );

    let (code, _, error) = compare(&["--baseline", "v1"]);
    assert!(
        code == 2
            && error
                .contains("there is no baseline called 'v1': there are baseline; or name a file"),
        "{error}"
    );
    home.write("baselines/v1_results.json", &on("beta", 0.5));
    assert_eq!(compare(&["--baseline", "v1"]).0, 1);
    // A path is a path, and a name that is no baseline may be a file here.
    home.write("v2", &on("beta", 1.0));
    assert_eq!(compare(&["--baseline", "v2"]).0, 0);
    assert_eq!(compare(&["--baseline", "baselines/v1_results.json"]).0, 1);
}

#[test]
fn the_newest_result_is_taken() {
    let home = Home::new();
    home.write("baselines/baseline_results.json", &record(&[("a", 1.0)]));
    let error = stderr(&home.bench(&["compare"]).code(2));
    assert!(
        error.contains("there is no record in results") && error.contains("bench run"),
        "{error}"
    );
    home.write(
        "results/2026-11-25T01-45-30.123Z_results.json",
        &record(&[("a", 1.0)]),
    );
    home.bench(&["compare"]).code(0);
    home.write(
        "results/2026-11-25T01-45-30.124Z_results.json",
        &record(&[("a", 2.0)]),
    );
    let text = stdout(&home.bench(&["compare"]).code(1));
    assert!(text.contains("30.124Z_results.json"), "{text}");
}

#[test]
fn times_of_any_size_are_judged_alike() {
    // From less than any clock can tell apart to days, in one file.
    let times = [
        ("a tenth of a cycle", 2e-8),
        ("a nanosecond", 1e-6),
        ("a microsecond", 1e-3),
        ("a second", 1e3),
        ("an hour", 3.6e6),
        ("a month", 2.6e9),
    ];
    let (home, baseline) = (Home::new(), record(&times));
    home.write("a.json", &baseline);
    for (factor, verdict) in [(1.0, "unchanged"), (1.15, "regressed"), (0.8, "improved")] {
        home.text("b.json", slowed(&baseline, factor));
        let (code, comparison) = home.compare_files(&[]);
        assert_eq!(code, i32::from(verdict == "regressed"), "{factor}");
        for (name, _) in times {
            assert_eq!(
                row(&comparison, name)["verdict"],
                verdict,
                "{factor}: {name}"
            );
        }
    }
}
