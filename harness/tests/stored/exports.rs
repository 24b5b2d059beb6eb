//! What other tools read, read back.

use serde::Deserialize;
use serde_json::Value;

use crate::support::{Home, entry, failed, record, slowed, stdout};

/// Names that mean something in one of the formats.
const NAMES: [&str; 9] = [
    "plain",
    "=cmd|' /C calc'!A0",
    "quote\" comma, semicolon;",
    "line\nbreak",
    "<b>&amp;]]>",
    "back\\slash{a=\"b\"}",
    "\u{1b}[31m\u{0}\u{fffe}",
    "::error::x",
    "100 % größe",
];

/// A home whose only record holds all names, and one benchmark that failed.
fn home() -> Home {
    let home = Home::new();
    let mut record = record(&[]);
    record.benchmarks = NAMES.map(|name| entry(name, 1.5, 0.01)).to_vec();
    record.benchmarks.push(failed("broken", "=1+1"));
    home.write("results/2026-11-25T01-45-30.123Z_results.json", &record);
    home
}

fn export(format: &str) -> String {
    stdout(&home().bench(&["export", "--format", format]).code(0))
}

#[test]
fn a_spreadsheet_gets_every_row_and_no_formula() {
    let text = export("csv");
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let headers = reader.headers().unwrap().clone();
    let column = |name: &str| headers.iter().position(|header| header == name).unwrap();
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), NAMES.len() + 1);
    for row in &rows {
        for cell in row {
            assert!(!cell.starts_with(['=', '@', '+']), "{row:?}");
            assert!(!cell.contains(char::is_control), "{row:?}");
        }
    }
    assert_eq!(&rows[0][column("name")], "plain");
    assert_eq!(&rows[0][column("shape")], "100x100");
    let duration: f64 = rows[0][column("duration_ms")].parse().unwrap();
    assert!((1.5..1.52).contains(&duration), "{duration}");
    let broken = rows.last().unwrap();
    assert_eq!(
        [
            &broken[column("status")],
            &broken[column("duration_ms")],
            &broken[column("error")]
        ],
        ["failed", "", "'=1+1"]
    );
}

#[test]
fn a_page_gets_a_table_that_obeys_no_name() {
    let text = export("markdown");
    let rows: Vec<&str> = text.lines().filter(|line| line.starts_with('|')).collect();
    assert_eq!(rows.len(), 2 + NAMES.len() + 1, "{text}");
    let bars = |line: &str| line.replace("\\|", "").matches('|').count();
    assert!(rows.iter().all(|row| bars(row) == 10), "{text}");
    assert!(
        !text.contains("<b>") && text.contains("- host: 0123456789ab\n"),
        "{text}"
    );
    assert!(text.contains("FAILED: =1+1"), "{text}");
}

#[test]
fn names_that_look_alike_stay_two() {
    let home = Home::new();
    let mut record = record(&[("a\nb", 1.0), ("a\\nb", 2.0)]);
    record.environment.git_commit = None;
    home.write("two.json", &record);
    let export = |format| {
        stdout(
            &home
                .bench(&["export", "--format", format, "two.json"])
                .code(0),
        )
    };
    let bencher: Value = serde_json::from_str(&export("bencher")).unwrap();
    assert_eq!(bencher.as_object().unwrap().len(), 2, "{bencher}");
    let metrics = export("openmetrics");
    let series: std::collections::HashSet<&str> = metrics
        .lines()
        .filter_map(|line| line.strip_prefix("benchmark_duration_seconds{"))
        .filter_map(|line| line.split("} ").next())
        .collect();
    assert_eq!(series.len(), 2, "{metrics}");
}

#[test]
fn metrics_are_lines_with_labels_and_an_end() {
    let text = export("openmetrics");
    assert!(text.ends_with("\n# EOF\n"), "{text}");
    let durations: Vec<&str> = text
        .lines()
        .filter(|line| line.starts_with("benchmark_duration_seconds{"))
        .collect();
    assert_eq!(durations.len(), NAMES.len(), "{text}");
    for line in &durations {
        let (labels, value) = line.rsplit_once("} ").unwrap();
        let seconds: f64 = value.parse().unwrap();
        assert!((1.5e-3..1.52e-3).contains(&seconds), "{line}");
        let bare = labels.replace("\\\\", "").replace("\\\"", "");
        assert_eq!(bare.matches('"').count(), 6, "{line}");
    }
    for line in text.lines().filter(|line| line.starts_with("# ")) {
        let keyword = line.split(' ').nth(1).unwrap();
        assert!(["TYPE", "UNIT", "HELP", "EOF"].contains(&keyword), "{line}");
    }
}

#[test]
fn a_time_lies_between_its_bounds() {
    let home = Home::new();
    // Of each hundred samples one is faster: the time, and below the 5th percentile.
    let mut bounded = record(&[("fast", 1.0), ("even", 1.0)]);
    for process in &mut bounded.benchmarks[0].processes {
        process.samples_ns = vec![1.1e6; 100];
        process.samples_ns[7] = 1e6;
    }
    for entry in &mut bounded.benchmarks {
        entry.set_processes(entry.processes.clone());
    }
    home.write("x.json", &bounded);
    let text = stdout(
        &home
            .bench(&["export", "--format", "bencher", "x.json"])
            .code(0),
    );
    let bencher: Value = serde_json::from_str(&text).unwrap();
    for name in ["fast", "even"] {
        let latency = &bencher[name]["latency"];
        let [lower, value, upper] =
            ["lower_value", "value", "upper_value"].map(|field| latency[field].as_f64().unwrap());
        assert!(lower <= value && value <= upper, "{name}: {latency}");
    }
    assert_eq!(bencher["fast"]["latency"]["lower_value"], 1e6);
}

#[test]
fn trackers_get_nanoseconds_by_name() {
    let bencher: Value = serde_json::from_str(&export("bencher")).unwrap();
    assert_eq!(bencher.as_object().unwrap().len(), NAMES.len());
    let latency = &bencher["plain"]["latency"];
    let [lower, value, upper] =
        ["lower_value", "value", "upper_value"].map(|field| latency[field].as_f64().unwrap());
    assert!(
        1.5e6 <= lower && value <= upper && upper < 1.54e6,
        "{latency}"
    );
    assert!(bencher["plain"]["throughput"]["value"].as_f64().unwrap() > 0.0);

    let action: Value = serde_json::from_str(&export("github-action-benchmark")).unwrap();
    let rows = action.as_array().unwrap();
    assert_eq!(rows.len(), NAMES.len());
    for row in rows {
        assert_eq!(row["unit"], "ns/iter", "{row}");
        assert!(
            (1.5e6..1.52e6).contains(&row["value"].as_f64().unwrap()),
            "{row}"
        );
        assert!(row["range"].as_str().unwrap().starts_with("± "), "{row}");
    }
}

/// A comparison in which every name but the first is slower by 15 %.
fn comparison(format: &str) -> String {
    let home = Home::new();
    let slower = NAMES[1..]
        .iter()
        .map(|name| (*name, 1.0))
        .collect::<Vec<_>>();
    let baseline = record(&slower);
    home.write("a.json", &baseline);
    home.text("b.json", slowed(&baseline, 1.15));
    stdout(&home.compare_as(format, &[]).code(1))
}

#[test]
fn ci_systems_get_a_case_for_each_benchmark() {
    use quick_xml::events::Event;
    let text = comparison("junit");
    let mut reader = quick_xml::Reader::from_str(&text);
    let (mut cases, mut failures, mut names) = (0, 0, Vec::new());
    loop {
        match reader
            .read_event()
            .unwrap_or_else(|error| panic!("{error}: {text}"))
        {
            Event::Eof => break,
            Event::Start(tag) | Event::Empty(tag) => match tag.name().as_ref() {
                b"testcase" => {
                    cases += 1;
                    let name = tag.try_get_attribute("name").unwrap().unwrap();
                    names.push(
                        name.normalized_value(quick_xml::XmlVersion::Implicit1_0)
                            .unwrap()
                            .into_owned(),
                    );
                }
                b"failure" => failures += 1,
                b"testsuite" => {
                    let tests = tag.try_get_attribute("tests").unwrap().unwrap();
                    assert_eq!(tests.value.as_ref(), b"8");
                }
                other => panic!("{}", String::from_utf8_lossy(other)),
            },
            _ => {}
        }
    }
    assert_eq!((cases, failures), (8, 8), "{text}");
    assert!(names.contains(&"<b>&amp;]]>".to_owned()), "{names:?}");
    assert!(!text.contains(['\u{1b}', '\u{0}', '\u{fffe}']), "{text}");
}

#[test]
fn findings_have_a_rule_a_level_and_a_place() {
    let sarif: Value = serde_json::from_str(&comparison("sarif")).unwrap();
    assert_eq!(sarif["version"], "2.1.0");
    // The types are generated from the published schema: fields that it demands are there, and all are of its types.
    if let Err(error) = serde_sarif::sarif::Sarif::deserialize(&sarif) {
        panic!("{error}: {sarif:#}");
    }
    let run = &sarif["runs"][0];
    let rules: Vec<&Value> = run["tool"]["driver"]["rules"]
        .as_array()
        .unwrap()
        .iter()
        .map(|rule| &rule["id"])
        .collect();
    let results = run["results"].as_array().unwrap();
    assert_eq!(results.len(), 8);
    for result in results {
        assert!(rules.contains(&&result["ruleId"]), "{result}");
        assert_eq!(result["level"], "error", "{result}");
        assert!(
            result["message"]["text"].as_str().unwrap().contains("+15"),
            "{result}"
        );
        let place = &result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"];
        assert_eq!(place, "b.json", "{result}");
    }
}

#[test]
fn annotations_are_one_command_a_line() {
    let text = comparison("annotations");
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 8, "{text}");
    for line in lines {
        assert!(
            line.starts_with("::error title=tensor-ops regressed::"),
            "{line}"
        );
        assert!(line.contains("+15.0 %25"), "{line}");
    }
}

#[test]
fn a_spreadsheet_gets_a_comparison() {
    let text = comparison("csv");
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let headers = reader.headers().unwrap().clone();
    let column = |name: &str| headers.iter().position(|header| header == name).unwrap();
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), NAMES.len() - 1);
    for row in &rows {
        assert!(
            row.iter().all(|cell| !cell.starts_with(['=', '@', '+'])),
            "{row:?}"
        );
        assert_eq!(
            [&row[column("verdict")], &row[column("severity")]],
            ["regressed", "minor"]
        );
        let number = |name| row[column(name)].parse::<f64>().unwrap();
        let [low, ratio, high] = ["interval_low", "ratio", "interval_high"].map(number);
        assert!(
            low < ratio && ratio < high && (ratio - 1.15).abs() < 1e-6,
            "{row:?}"
        );
    }
}
