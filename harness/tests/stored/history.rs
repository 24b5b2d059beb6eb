//! `bench history` over records that are made up.

use harness::record::Record;
use serde_json::Value;

use crate::support::{Home, record, stderr, stdout};

const HOST: &str = "0123456789ab";

/// Thirty runs, an hour apart, of two benchmarks of which one became slower by a fifth after the eighteenth.
fn home() -> Home {
    let home = Home::new();
    for hour in 0..30 {
        let ms = if hour < 18 { 1.0 } else { 1.2 };
        let mut run = record(&[("slower", ms), ("same", 3.0)]);
        run.timestamp += jiff::SignedDuration::from_hours(hour);
        run.environment.git_commit = Some(format!("{hour:040x}"));
        home.write(&file(hour), &run);
    }
    home
}

fn file(hour: i64) -> String {
    format!("results/run-{hour:02}_results.json")
}

fn series(home: &Home, more: &[&str]) -> Vec<Value> {
    let arguments = ["history", "--host", HOST, "--format", "json"];
    let text = stdout(&home.bench(&[&arguments, more].concat()).code(0));
    serde_json::from_str::<Value>(&text)
        .unwrap()
        .as_array()
        .unwrap()
        .clone()
}

#[test]
fn a_step_is_found_between_two_runs() {
    let home = home();
    let found = series(&home, &[]);
    let [same, slower] = &found[..] else {
        panic!("{found:?}")
    };
    assert_eq!(same["name"], "same");
    assert_eq!(same["changes"], serde_json::json!([]));
    assert_eq!(slower["points"].as_array().unwrap().len(), 30);
    let [change] = &slower["changes"].as_array().unwrap()[..] else {
        panic!("{slower}")
    };
    assert!(
        (change["ratio"].as_f64().unwrap() - 1.2).abs() < 0.01,
        "{change}"
    );
    let commits = [17, 18].map(|hour| format!("{hour:040x}"));
    assert_eq!(change["commits"], serde_json::json!(commits));

    let text = stdout(&home.bench(&["history", "--host", HOST]).code(0));
    assert!(text.contains("▁"), "{text}");
    assert!(
        text.contains("slower: +20.0 % from 1.000 ms to 1.200 ms"),
        "{text}"
    );
}

#[test]
fn the_index_follows_the_files() {
    let home = home();
    assert_eq!(series(&home, &[]).len(), 2);
    assert!(home.path("results/.history.json").exists());
    // One changes, one goes, one is no record, one is a copy of another, one is quick.
    home.write(&file(0), &record(&[("other", 1.0)]));
    std::fs::remove_file(home.path(&file(1))).unwrap();
    home.text("results/none.json", "no record");
    std::fs::copy(
        home.path(&file(2)),
        home.path("baselines/baseline_results.json"),
    )
    .unwrap();
    let mut quick: Record = record(&[("quick", 1.0)]);
    quick.metadata.quick = true;
    home.write("results/quick_results.json", &quick);
    let counts = |home: &Home| -> Vec<(String, usize)> {
        let count = |series: &Value| series["points"].as_array().unwrap().len();
        let name = |series: &Value| series["name"].as_str().unwrap().to_owned();
        series(home, &[])
            .iter()
            .map(|series| (name(series), count(series)))
            .collect()
    };
    let wanted =
        [("other", 1), ("same", 28), ("slower", 28)].map(|(name, count)| (name.to_owned(), count));
    assert_eq!(counts(&home), wanted);
    home.text("results/.history.json", "{ damaged");
    assert_eq!(counts(&home), wanted);
}

#[test]
fn what_is_asked_for_is_shown() {
    let home = home();
    assert_eq!(series(&home, &["--benchmark", "^slow"]).len(), 1);
    let since = series(&home, &["--benchmark", "^slow", "--since", "2026-11-26"]);
    assert_eq!(since[0]["points"].as_array().unwrap().len(), 7);
    let table: [(&[&str], &str); 4] = [
        (&["--host", "f00"], "no full run of host f00 in"),
        (
            &["--since", "2027-01-01"],
            "no full run of host 0123456789ab since 2027-01-01 in",
        ),
        (
            &["--benchmark", "nosuch"],
            "no benchmark of the runs matches --benchmark \"nosuch\"",
        ),
        (
            &["--benchmark", "("],
            "--benchmark \"(\" is no regular expression",
        ),
    ];
    for (arguments, says) in table {
        let arguments = [&["history"], arguments].concat();
        let host: &[&str] = match arguments.contains(&"--host") {
            true => &[],
            false => &["--host", HOST],
        };
        let error = stderr(&home.bench(&[&arguments, host].concat()).code(2));
        assert!(error.contains(says), "{arguments:?}: {error}");
    }
}

#[test]
fn damaged_records_are_told_of_and_left_out() {
    let home = home();
    for hour in [3, 5] {
        home.text(&file(hour), "{ \"version\": \"2.0.0\", \u{1b}[31m");
    }
    // As first read, and as the index knows it.
    for _ in 0..2 {
        let output = home.bench(&["history", "--host", HOST]).code(0);
        let warning = stderr(&output);
        assert!(
            warning.contains("2 files are left out of the history; the first: ")
                && warning.contains(&file(3))
                && !warning.contains('\u{1b}'),
            "{warning}"
        );
        assert!(stdout(&output).contains(" 28 "), "{}", stdout(&output));
    }
}
