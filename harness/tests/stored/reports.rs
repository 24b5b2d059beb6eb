//! What the reports of a comparison show, and what they keep from acting.

use crate::support::{Home, record, slowed, stderr, stdout};

const HOSTILE: [&str; 9] = [
    "\u{1b}]0;owned\u{7}\u{1b}[2J",
    "::error file=x::gotcha",
    "  ::set-output name=x::y",
    "##[error]gotcha",
    "<img src=x onerror=alert(1)>",
    "a|b`c`*d* [e](http://f) @g",
    "line\none\r\ttwo\u{2028}three",
    "\u{202e}right to left\u{9b}31m",
    "a/b",
];

/// Home with the files `a.json` and `b.json`, whose benchmarks have hostile names, long ones and ones that are nearly the same.
fn hostile() -> (Home, Vec<String>) {
    let mut names: Vec<String> = HOSTILE.map(str::to_owned).to_vec();
    names.push("a-b".into());
    names.push("🚀 größe".into());
    names.push("n".repeat(10_000));
    names.push(format!("{}1", "p".repeat(64)));
    names.push(format!("{}2", "p".repeat(64)));
    let benchmarks: Vec<(&str, f64)> = names.iter().map(|name| (name.as_str(), 1.0)).collect();
    let home = Home::new();
    let mut baseline = record(&benchmarks);
    for entry in &mut baseline.benchmarks {
        entry.description.clone_from(&entry.name);
    }
    baseline.environment.git_commit = Some("\u{1b}[1m::error::".into());
    home.write("a.json", &baseline);
    home.text("b.json", slowed(&baseline, 1.15));
    (home, names)
}

fn report(home: &Home, format: &str) -> String {
    stdout(&home.compare_as(format, &[]).code(1))
}

#[test]
fn names_are_data_in_every_format() {
    let (home, names) = hostile();
    for format in ["text", "markdown", "json"] {
        let report = report(&home, format);
        for character in report.chars() {
            let acts = character.is_control() && character != '\n'
                || matches!(character, '\u{2028}' | '\u{202e}' | '\u{200b}');
            assert!(!acts, "{format}: {character:?}");
        }
        for line in report.lines() {
            assert!(!line.trim_start().starts_with("::"), "{format}: {line}");
            assert!(!line.contains("##["), "{format}: {line}");
        }
        for name in ["a/b", "a-b", "🚀 größe", &"n".repeat(10_000)] {
            assert!(
                report.contains(name),
                "{format} lacks a name of {} bytes",
                name.len()
            );
        }
    }
    let json: serde_json::Value = serde_json::from_str(&report(&home, "json")).unwrap();
    let rows: Vec<&str> = json["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["name"].as_str().unwrap())
        .collect();
    assert_eq!(rows, names, "JSON says the names as they are");
}

#[test]
fn markdown_and_html_in_names_are_inert() {
    let report = report(&hostile().0, "markdown");
    assert!(
        report.contains("&lt;img src=x onerror=alert(1)&gt;"),
        "{report}"
    );
    assert!(!report.contains("<img"), "{report}");
    assert!(
        report
            .contains("<code>a\\|b&#96;c&#96;&#42;d&#42; &#91;e&#93;(http&#58;//f) &#64;g</code>"),
        "{report}"
    );
    // Each row of the table has as many cells as its head.
    let bars = |line: &str| line.replace("\\|", "").matches('|').count();
    let rows: Vec<&str> = report
        .lines()
        .filter(|line| line.starts_with('|'))
        .collect();
    assert_eq!(rows.len(), 2 + 14);
    assert!(
        rows.iter().all(|row| bars(row) == bars(rows[0])),
        "{report}"
    );
}

#[test]
fn text_is_one_line_a_benchmark() {
    let (home, names) = hostile();
    let text = report(&home, "text");
    let rows = text
        .lines()
        .filter(|line| line.contains("regressed, minor"));
    assert_eq!(rows.count(), names.len(), "{text}");
    assert!(text.contains("14 regressed\n"), "{text}");
    let answer = text.lines().last().unwrap();
    assert!(
        answer.starts_with("fail: 14 benchmarks regressed by more than 10 %: "),
        "{answer}"
    );
}

#[test]
fn a_report_as_people_see_it() {
    let home = Home::new();
    let baseline = record(&[
        ("slower", 0.0182),
        ("faster", 1.5),
        ("same", 37.1),
        ("gone", 1.0),
    ]);
    let mut current = record(&[("slower", 0.0182 * 1.15), ("faster", 1.2), ("same", 37.1)]);
    current
        .benchmarks
        .extend(record(&[("fresh", 2.0)]).benchmarks);
    home.write("a.json", &baseline);
    home.write("b.json", &current);
    let text = stdout(
        &home
            .bench(&["compare", "--baseline", "a.json", "--current", "b.json"])
            .code(1),
    );
    let squeezed: Vec<String> = text
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect();
    let starts = [
        "baseline a.json, 2026-11-25T01:45:30Z, host 0123456789ab",
        "current b.json, 2026-11-25T01:45:30Z, host 0123456789ab",
        "",
        "benchmark baseline current change interval detects -10 % 0 +10 % verdict notes",
        "slower 18.21 µs 20.94 µs +15.0 % +12",
        "gone 1.000 ms missing",
        "same 37.11 ms 37.11 ms 0.0 % -2.0",
        "fresh 2.000 ms new",
        "",
        "improvements",
        "benchmark baseline current change interval detects -10 % 0 +10 % verdict notes",
        "faster 1.501 ms 1.200 ms -20.0 % -21",
        "",
        "1 regressed, 1 improved, 1 unchanged, 1 new, 1 missing",
        "fail: 1 benchmark regressed by more than 10 %: slower; 1 benchmark missing (--allow-missing lets that pass): gone",
    ];
    assert_eq!(squeezed.len(), starts.len(), "{text}");
    for (line, start) in squeezed.iter().zip(starts) {
        assert!(
            line.starts_with(start),
            "{line:?} does not start with {start:?}\n{text}"
        );
    }
}

#[test]
fn a_report_goes_to_a_file_whole_or_not_at_all() {
    let (home, _) = hostile();
    let compare = |output: &str| home.compare_as("json", &["--output", output]);
    let assert = compare("a report \"1\".json").code(1);
    let shown = stdout(&assert);
    assert!(
        shown.starts_with("fail: ") && shown.lines().count() == 1,
        "{shown}"
    );
    let written = std::fs::read_to_string(home.path("a report \"1\".json")).unwrap();
    assert_eq!(written, report(&home, "json"));
    let error = stderr(&compare("missing/report.json").code(2));
    assert!(
        error.contains("missing/report.json") && error.contains("--output"),
        "{error}"
    );
}

/// Home with `a.json` and `b.json`: five thousand benchmarks, of which every 50th is slower, and the last one by most.
fn many() -> Home {
    let name = |index: usize| match index {
        4999 => "the worst".to_owned(),
        index => format!("benchmark <{index}> of a suite|with_a_long_name"),
    };
    let names: Vec<String> = (0..5000).map(name).collect();
    let home = Home::new();
    for file in ["a.json", "b.json"] {
        let ms = |index: usize| match (file, index) {
            ("b.json", 4999) => 9.0,
            ("b.json", index) if index % 50 == 0 => 1.2 + 1e-4 * index as f64,
            ("b.json", index) if index % 50 == 1 => 0.8,
            _ => 1.0,
        };
        let benchmarks = names.iter().enumerate();
        let benchmarks: Vec<String> = benchmarks
            .map(|(index, name)| format!(r#"{{"name": "{name}", "duration_ms": {}}}"#, ms(index)))
            .collect();
        let benchmarks = benchmarks.join(",");
        home.text(
            file,
            format!(r#"{{"version": "1.0.0", "benchmarks": [{benchmarks}]}}"#),
        );
    }
    home
}

#[test]
fn markdown_leaves_out_what_has_no_room_the_worst_last() {
    let home = many();
    let files = ["compare", "--baseline", "a.json", "--current", "b.json"];
    let markdown = |more: &[&str]| {
        let format = ["--format", "markdown"];
        stdout(&home.bench(&[&files[..], &format, more].concat()).code(1))
    };
    let whole = markdown(&[]);
    assert!(whole.chars().count() > 300_000);
    let link = "https://example.org/runs/1?a=b)c";
    for limit in [2000, 10_000, 65_536, 250_000] {
        let text = markdown(&["--max-chars", &limit.to_string(), "--link", link]);
        let length = text.chars().count();
        assert!(length <= limit, "{length} of {limit}");
        assert!(length > limit - 1000, "{length} of {limit}: room is wasted");
        let rows: Vec<&str> = text
            .lines()
            .filter(|line| line.starts_with("| <code>"))
            .collect();
        assert!(rows[0].contains("the worst"), "{}", rows[0]);
        assert!(
            rows.len() < 3 || rows[1].contains("&lt;4950&gt;"),
            "{}",
            rows[1]
        );
        let left = 5000 - rows.len();
        let closing = format!(
            "{left} more benchmarks are left out here, none of them worse; [the whole report](https://example.org/runs/1?a=b%29c) has all\n"
        );
        assert!(
            text.contains(&closing),
            "{limit}: {}",
            &text[text.len() - 500..]
        );
        assert!(text.contains("101 regressed, 100 improved, 4799 unchanged"));
        // Every table stands apart from what is before and after it.
        for line in text.split("\n\n").filter(|part| part.contains("| <code>")) {
            assert!(line.starts_with("| benchmark |"), "{limit}: {line:.80}");
        }
    }
    assert_eq!(markdown(&["--max-chars", "10000000"]), whole);
    let path = markdown(&["--max-chars", "3000", "--link", "out/a <b>.json"]);
    assert!(
        path.contains("<code>out/a &lt;b&gt;.json</code> has all"),
        "{path}"
    );
}

#[test]
fn a_limit_that_cannot_be_kept_is_an_error() {
    let home = many();
    let table: [(&[&str], &str); 3] = [
        (&["--max-chars", "100"], "a number from 2000"),
        (&["--max-chars", "5000"], "--format markdown"),
        (&["--link", "x"], "--max-chars"),
    ];
    for (more, message) in table {
        let files = ["compare", "--baseline", "a.json", "--current", "b.json"];
        let error = stderr(&home.bench(&[&files[..], more].concat()).code(2));
        assert!(error.contains(message), "{more:?}: {error}");
    }
}

#[test]
fn names_of_any_length_fit_a_limit() {
    let (home, _) = hostile();
    let files = ["compare", "--baseline", "a.json", "--current", "b.json"];
    let more = ["--format", "markdown", "--max-chars", "4000"];
    let text = stdout(&home.bench(&[&files[..], &more].concat()).code(1));
    assert!(text.chars().count() <= 4000);
    assert!(text.starts_with("**fail: "), "{text}");
    assert!(text.contains("14 regressed"), "{text}");
}

#[test]
fn help_teaches() {
    let home = Home::new();
    for (verb, parts) in [
        (
            "compare",
            [
                "Examples:",
                "Exit codes:",
                "--allow-host-mismatch",
                "[default: 10]",
            ],
        ),
        (
            "baseline-update",
            [
                "Examples:",
                "Exit codes:",
                "--accept-regression",
                "baselines/history/",
            ],
        ),
    ] {
        let help = stdout(&home.bench(&[verb, "--help"]).code(0));
        for part in parts {
            assert!(help.contains(part), "{verb} --help lacks {part:?}:\n{help}");
        }
    }
}

#[test]
fn neither_locale_nor_time_zone_changes_what_is_said() {
    let (home, baseline) = (Home::new(), record(&[("a", 0.02), ("b", 1234.5)]));
    // A leap second, as some clocks tell it.
    let text = slowed(&baseline, 1.15).replace("2026-11-25T01:45:30.123Z", "2016-12-31T23:59:60Z");
    home.text("results/2026-11-25T01-45-30.123Z_results.json", text);
    home.write("baselines/baseline_results.json", &baseline);
    let verbs: [&[&str]; 4] = [
        &["compare"],
        &["compare", "--format", "json"],
        &["export", "--format", "csv"],
        &["history", "--host", "0123456789ab"],
    ];
    let said = |locale: &str, zone: &str| {
        verbs.map(|verb| {
            let mut bench = assert_cmd::Command::new(env!("CARGO_BIN_EXE_bench"));
            bench
                .args(verb)
                .env("BENCH_HOME", home.path(""))
                .current_dir(home.path(""));
            bench
                .env("LC_ALL", locale)
                .env("LANG", locale)
                .env("TZ", zone);
            let output = bench.output().unwrap();
            assert!(!output.stdout.is_empty(), "{verb:?}: {output:?}");
            output.stdout
        })
    };
    let plain = said("C", "UTC");
    for (locale, zone) in [
        ("de_DE.UTF-8", "Europe/Berlin"),
        ("ar_EG.UTF-8", "Pacific/Kiritimati"),
        ("tr_TR.ISO-8859-9", "right/America/New_York"),
        ("nonsense", ":/nowhere"),
    ] {
        assert_eq!(said(locale, zone), plain, "{locale} {zone}");
    }
}
