//! `bench baseline-update`: what becomes a baseline, and what becomes of the old one.

use harness::record::{Record, load, to_json};

use crate::support::{Home, failed, legacy, record, slowed, stderr, stdout};

const BASELINE: &str = "baselines/baseline_results.json";

#[test]
fn the_first_baseline() {
    let home = Home::new();
    std::fs::remove_dir(home.path("baselines")).unwrap();
    let new = record(&[("a", 1.0)]);
    home.write("results/2026-11-25T01-45-30.123Z_results.json", &new);
    let text = stdout(&home.bench(&["baseline-update"]).code(0));
    let told = "baselines/baseline_results.json is now results/2026-11-25T01-45-30.123Z_results.json (1 benchmark, host 0123456789ab)\n";
    assert_eq!(text, told);
    assert_eq!(load(&home.path(BASELINE)).unwrap(), new);
    home.bench(&["compare"]).code(0);
    let again = stdout(&home.bench(&["baseline-update"]).code(0));
    assert!(again.contains("is this record already"), "{again}");
    assert_eq!(home.files("baselines"), ["baseline_results.json"]);
}

#[test]
fn the_old_one_goes_to_the_history() {
    let home = Home::new();
    let times = [1.0, 0.9, 0.8, 0.7];
    for ms in times {
        home.write("new.json", &record(&[("a", ms)]));
        home.bench(&["baseline-update", "--from", "new.json"])
            .code(0);
    }
    assert_eq!(load(&home.path(BASELINE)).unwrap(), record(&[("a", 0.7)]));
    // All four have one timestamp: none of their names collides.
    let stamp = "2026-11-25T01-45-30.123Z_baseline";
    let names =
        ["-1_results.json", "-2_results.json", "_results.json"].map(|end| format!("{stamp}{end}"));
    assert_eq!(home.files("baselines/history"), names);
    let mut kept: Vec<f64> = names
        .iter()
        .map(|name| {
            load(&home.path("baselines/history").join(name))
                .unwrap()
                .benchmarks[0]
                .duration_ms
                .unwrap()
        })
        .collect();
    kept.sort_by(|a, b| b.total_cmp(a));
    for (kept, ms) in kept.iter().zip(times) {
        assert!((kept / ms - 1.0).abs() < 1e-3, "{kept} {ms}");
    }
}

#[test]
fn an_update_that_was_cut_short_leaves_one_copy() {
    let home = Home::new();
    let old = record(&[("a", 1.0)]);
    home.write(BASELINE, &old);
    std::fs::create_dir(home.path("baselines/history")).unwrap();
    // Killed after the old one was kept, before the new one took its place.
    home.write(
        "baselines/history/2026-11-25T01-45-30.123Z_baseline_results.json",
        &old,
    );
    home.write("new.json", &record(&[("a", 0.5)]));
    home.bench(&["baseline-update", "--from", "new.json"])
        .code(0);
    assert_eq!(home.files("baselines/history").len(), 1);
}

#[test]
fn what_is_no_measure_is_refused() {
    let mut table: Vec<(Record, &str)> = Vec::new();
    let mut with = |change: fn(&mut Record), reason| {
        let mut record = record(&[("a", 1.0)]);
        change(&mut record);
        table.push((record, reason));
    };
    with(|record| record.metadata.quick = true, "it is quick");
    with(
        |record| record.metadata.partial = Some("stopped".into()),
        "it is partial (stopped)",
    );
    with(
        |record| record.benchmarks.push(failed("b", "wrong")),
        "b failed in it (wrong)",
    );
    with(
        |record| record.environment.host.clear(),
        "does not say on which host",
    );
    with(|record| record.benchmarks.clear(), "has no benchmark");
    let home = Home::new();
    let old = home.write(BASELINE, &record(&[("a", 1.0)]));
    let before = std::fs::read(&old).unwrap();
    let refused = |reason: &str| {
        let error = stderr(
            &home
                .bench(&["baseline-update", "--from", "new.json"])
                .code(2),
        );
        assert!(
            error.contains("new.json") && error.contains(reason),
            "{reason}: {error}"
        );
        assert_eq!(std::fs::read(&old).unwrap(), before);
        assert_eq!(home.files("baselines"), ["baseline_results.json"]);
    };
    for (record, reason) in table {
        home.write("new.json", &record);
        refused(reason);
    }
    home.text("new.json", legacy(&[("a", 1.0, "")]));
    refused("does not say on which host");
    home.text("new.json", "{");
    refused("line 1");
}

#[test]
fn a_regression_needs_a_reason_which_is_stored() {
    let home = Home::new();
    let old = record(&[("a", 1.0), ("b", 1.0)]);
    home.write(BASELINE, &old);
    // A small one too, or a baseline could slide by nine percent at a time. A field that is not known stays.
    let new = slowed(&old, 1.05).replacen("{", "{\"unknown\":[1,null],", 1);
    home.text("new.json", new);
    let assert = home
        .bench(&["baseline-update", "--from", "new.json"])
        .code(1);
    let error = stderr(&assert);
    assert!(
        error.contains("a, b") && error.contains("--accept-regression REASON"),
        "{error}"
    );
    assert!(
        stdout(&assert).contains("2 regressed"),
        "what changes is shown"
    );
    assert_eq!(load(&home.path(BASELINE)).unwrap(), old);

    home.bench(&[
        "baseline-update",
        "--from",
        "new.json",
        "--accept-regression",
        " ",
    ])
    .code(2);
    let reason = "bounds \"checked\"";
    home.bench(&[
        "baseline-update",
        "--from",
        "new.json",
        "--accept-regression",
        reason,
    ])
    .code(0);
    let baseline = load(&home.path(BASELINE)).unwrap();
    assert_eq!(
        baseline.metadata.accepted_regression.as_deref(),
        Some(reason)
    );
    let text = std::fs::read_to_string(home.path(BASELINE)).unwrap();
    assert!(text.contains("\"unknown\": [1,null]"));
}

#[test]
fn hosts_and_names_stand_beside_each_other() {
    let home = Home::new();
    let on = |host: &str, ms: f64| {
        let mut record = record(&[("a", ms)]);
        record.environment.host = host.into();
        record
    };
    // host, time, name, the file that it goes to
    let table = [
        ("alpha", 1.0, "baseline", "baseline_results.json"),
        ("beta", 9.0, "baseline", "baseline@beta_results.json"),
        ("beta", 8.0, "baseline", "baseline@beta_results.json"),
        ("alpha", 0.9, "baseline", "baseline_results.json"),
        ("beta", 3.0, "v1", "v1_results.json"),
        ("alpha", 3.0, "v1", "v1@alpha_results.json"),
    ];
    for (host, ms, name, file) in table {
        let new = on(host, ms);
        home.write("new.json", &new);
        home.bench(&["baseline-update", "--from", "new.json", "--name", name])
            .code(0);
        assert_eq!(
            load(&home.path("baselines").join(file)).unwrap(),
            new,
            "{host} {ms}"
        );
    }
    assert_eq!(home.files("baselines/history").len(), 2);
    for name in ["", "a/b", "../x", ".hidden", "a b", "a@b", "ü"] {
        let error = stderr(
            &home
                .bench(&["baseline-update", "--from", "new.json", "--name", name])
                .code(2),
        );
        assert!(error.contains("cannot name a baseline"), "{name}: {error}");
    }
}

#[test]
fn a_baseline_that_cannot_be_read_is_kept_and_replaced() {
    let home = Home::new();
    home.text(BASELINE, "{ damaged");
    home.write("new.json", &record(&[("a", 1.0)]));
    let assert = home
        .bench(&["baseline-update", "--from", "new.json"])
        .code(0);
    assert!(
        stderr(&assert).contains("replaced without a comparison"),
        "{}",
        stderr(&assert)
    );
    assert_eq!(
        home.files("baselines/history"),
        ["unreadable_baseline_results.json"]
    );
    assert!(load(&home.path(BASELINE)).is_ok());
}

#[test]
fn many_updates_at_once_lose_nothing() {
    let home = Home::new();
    home.write(BASELINE, &record(&[("a", 10.0)]));
    let count = 6;
    for i in 0..count {
        home.write(
            &format!("new{i}.json"),
            &record(&[("a", 9.0 - f64::from(i))]),
        );
    }
    let stop = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        // Whoever reads meanwhile reads a whole file.
        let reader = scope.spawn(|| {
            let mut read = 0;
            while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                load(&home.path(BASELINE)).unwrap();
                read += 1;
            }
            read
        });
        let updates: Vec<_> = (0..count)
            .map(|i| {
                let home = &home;
                scope.spawn(move || {
                    let file = format!("new{i}.json");
                    home.bench(&[
                        "baseline-update",
                        "--from",
                        &file,
                        "--accept-regression",
                        "any order",
                    ])
                    .code(0);
                })
            })
            .collect();
        // An update that failed must stop the reader too, or the test would not end.
        let outcomes: Vec<_> = updates.into_iter().map(|update| update.join()).collect();
        stop.store(true, std::sync::atomic::Ordering::Relaxed);
        outcomes.into_iter().for_each(|outcome| outcome.unwrap());
        assert!(reader.join().unwrap() > 0);
    });
    assert_eq!(home.files("baselines/history").len(), count as usize);
    assert_eq!(
        home.files("baselines"),
        ["baseline_results.json", "history"],
        "no temporary file is left"
    );
}

#[test]
fn an_unwritable_folder_is_named() {
    let home = Home::new();
    home.write("new.json", &record(&[("a", 1.0)]));
    std::fs::remove_dir(home.path("baselines")).unwrap();
    home.text("baselines", "a file in the way");
    let error = stderr(
        &home
            .bench(&["baseline-update", "--from", "new.json"])
            .code(2),
    );
    assert!(error.contains("baselines"), "{error}");
}

#[test]
fn a_byte_order_mark_survives_nothing() {
    let home = Home::new();
    home.text(
        "new.json",
        format!("\u{feff}{}", to_json(&record(&[("a", 1.0)]))),
    );
    home.bench(&[
        "baseline-update",
        "--from",
        "new.json",
        "--accept-regression",
        "none",
    ])
    .code(0);
    assert!(load(&home.path(BASELINE)).is_ok());
}
