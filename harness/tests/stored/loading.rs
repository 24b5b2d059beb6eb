//! What is read, and what is refused with which words.

use std::path::Path;

use harness::record::{Entry, Environment, parse, to_json};
use proptest::prelude::*;

use crate::support::{Home, entry, failed, legacy, record};

/// A small record as text, one field a line.
fn text() -> String {
    to_json(&record(&[("first", 1.5), ("second", 2.5)]))
}

fn problem(text: &[u8]) -> String {
    parse(text, Path::new("some.json")).unwrap_err().to_string()
}

#[test]
fn what_is_written_is_read_back() {
    let mut written = record(&[("a", 0.02), ("größe \u{1b} 🚀", 37.0)]);
    written.benchmarks.push(failed("never ran", "it timed out"));
    written.benchmarks.push(entry("noisy", 3.0, 0.5));
    written.metadata.partial = Some("stopped by a signal".into());
    let read = parse(to_json(&written).as_bytes(), Path::new("x")).unwrap();
    assert_eq!(read, written);
    assert!(!read.is_legacy());
}

#[test]
fn what_editors_and_other_systems_do_to_a_file_is_fine() {
    let text = text();
    let unknown = text.replacen(
        "\"name\"",
        "\"unknown\": [{\"deep\": [null, 1e300]}], \"name\"",
        1,
    );
    let table = [
        ("a byte order mark", format!("\u{feff}{text}")),
        ("CRLF", text.replace('\n', "\r\n")),
        ("unknown fields", unknown),
        ("a later minor version", text.replace("2.0.0", "2.7.1")),
        ("no indentation", text.replace(['\n'], "")),
    ];
    for (what, text) in table {
        let read = parse(text.as_bytes(), Path::new("x"))
            .unwrap_or_else(|error| panic!("{what}: {error}"));
        assert_eq!(read.benchmarks.len(), 2, "{what}");
    }
}

#[test]
fn errors_name_the_file_the_line_and_the_field() {
    let text = text();
    let line_of = |part: &str| {
        let start = text
            .rfind(part)
            .unwrap_or_else(|| panic!("{part} is not in the file"));
        1 + text[..start].matches('\n').count()
    };
    // The last occurrence of a part, what replaces it, the field, and part of the message.
    let second = "\"name\": \"second\",";
    let table = [
        (second, "", "benchmarks[1].name", "missing field `name`"),
        (
            second,
            "\"name\": \"first\",",
            "benchmarks[1].name",
            "earlier benchmark",
        ),
        (
            second,
            "\"name\": \"\",",
            "benchmarks[1].name",
            "needs a name",
        ),
        (
            second,
            "\"name\": \" \\t\",",
            "benchmarks[1].name",
            "needs a name",
        ),
        (
            second,
            "\"name\": 7,",
            "benchmarks[1].name",
            "expected a string",
        ),
        (
            second,
            "\"name\": \"x\", \"name\": \"y\",",
            "benchmarks[1].name",
            "duplicate field",
        ),
        (
            "\"duration_ms\": 2",
            "\"duration_ms\": NaN, \"x\": 2",
            "benchmarks[1].duration_ms",
            "not JSON",
        ),
        (
            "\"duration_ms\": 2",
            "\"duration_ms\": Infinity, \"x\": 2",
            "benchmarks[1].duration_ms",
            "not JSON",
        ),
        (
            "\"duration_ms\": 2",
            "\"duration_ms\": null, \"x\": 2",
            "benchmarks[1].duration_ms",
            "null",
        ),
        (
            "\"duration_ms\": 2",
            "\"duration_ms\": 1e400, \"x\": 2",
            "benchmarks[1].duration_ms",
            "out of range",
        ),
        (
            "\"duration_ms\": 2",
            "\"duration_ms\": \"2\", \"x\": 2",
            "benchmarks[1].duration_ms",
            "expected f64",
        ),
        (
            "\"duration_ms\": 2",
            "\"duration_ms\": 9",
            "benchmarks[1].duration_ms",
            "the samples give",
        ),
        (
            "\"throughput\": ",
            "\"throughput\": 1",
            "benchmarks[1].throughput",
            "the samples give",
        ),
        (
            "\"throughput\": ",
            "\"throughput\": null, \"x\": ",
            "benchmarks[1].throughput",
            "null",
        ),
        (
            "\"memory_mb\": 0.12",
            "\"memory_mb\": null",
            "benchmarks[1].memory_mb",
            "null",
        ),
        (
            "\"memory_mb\": 0.12,",
            "",
            "benchmarks[1].memory_mb",
            "missing field",
        ),
        (
            "\"iterations\": 20000",
            "\"iterations\": -1",
            "benchmarks[1].iterations",
            "expected u64",
        ),
        (
            "\"mean_ms\": 2",
            "\"mean_ms\": 3",
            "benchmarks[1].summary.mean_ms",
            "the samples give",
        ),
        (
            "\"p99_ms\": 2",
            "\"p99_ms\": 3",
            "benchmarks[1].summary.p99_ms",
            "the samples give",
        ),
        (
            "\"spread_percent\": 0",
            "\"spread_percent\": 7",
            "benchmarks[1].summary.spread_percent",
            "the samples give",
        ),
        (
            "\"noisy\": false",
            "\"noisy\": true",
            "benchmarks[1].summary.noisy",
            "the samples say false",
        ),
        (
            "\"samples_ns\": [2",
            "\"samples_ns\": [null,2",
            "benchmarks[1].processes[9].samples_ns[0]",
            "null",
        ),
        (
            "\"status\": \"ok\"",
            "\"status\": \"fine\"",
            "benchmarks[1].status",
            "unknown variant",
        ),
        (
            "\"timestamp\": \"2026",
            "\"timestamp\": \"x",
            "timestamp",
            "",
        ),
        (
            "\"version\": \"2.0.0\"",
            "\"version\": \"3.0.0\"",
            "version",
            "format 3",
        ),
        (
            "\"version\": \"2.0.0\"",
            "\"version\": \"two\"",
            "version",
            "begins with a number",
        ),
        (
            "\"version\": \"2.0.0\"",
            "\"version\": 2",
            "version",
            "expected a string",
        ),
        (
            "\"version\": \"2.0.0\",",
            "",
            "version",
            "missing field `version`",
        ),
        (
            "\"benchmarks\": [",
            "\"benchmark\": [",
            "benchmarks",
            "missing field `benchmarks`",
        ),
        (
            "\"selection\": {",
            "\"selection\": {\"filter\": \"a(\",",
            "metadata.selection.filter",
            "regular expression",
        ),
        (
            "\"selection\": {",
            "\"selection\": {\"shard\": \"4/3\",",
            "metadata.selection.shard",
            "not a shard",
        ),
    ];
    for (part, replacement, field, message) in table {
        let start = text
            .rfind(part)
            .unwrap_or_else(|| panic!("{part} is not in the file"));
        let changed = format!(
            "{}{replacement}{}",
            &text[..start],
            &text[start + part.len()..]
        );
        let problem = problem(changed.as_bytes());
        assert!(problem.starts_with("some.json, line "), "{problem}");
        assert!(
            problem.contains(&format!(", {field}: ")),
            "{replacement:?}: {problem}"
        );
        assert!(problem.contains(message), "{replacement:?}: {problem}");
        // A missing field is noticed at the end of its object.
        if !message.starts_with("missing") {
            let line = format!("line {},", line_of(part));
            assert!(
                problem.contains(&line),
                "{replacement:?}, {line}: {problem}"
            );
        }
    }
}

#[test]
fn what_is_no_record_at_all() {
    let deep = format!(
        "{{\"version\": \"2.0.0\", \"benchmarks\": {}",
        "[".repeat(100_000)
    );
    let deep_build = format!(
        "{{\"version\": \"2.0.0\", \"metadata\": {{\"libraries\": [{{\"build\": {}",
        "{\"x\":".repeat(100_000)
    );
    let deep_unknown = |version: &str| {
        format!(
            "{{\"version\": \"{version}\", \"unknown\": {}",
            "[".repeat(100_000)
        )
    };
    let (deep_one, deep_two) = (deep_unknown("1.0"), deep_unknown("2.0.0"));
    let cut = text();
    let table: [(&[u8], &str); 14] = [
        (b"", "is empty"),
        (b" \n\t ", "is empty"),
        (b"\xef\xbb\xbf", "is empty"),
        (b"[]", "expected an object, a record"),
        (b"null", "expected an object, a record"),
        (b"hello", "not JSON"),
        (b"{}", "missing field `version`"),
        (b"{\"version\": \"2.0.0\"}", "missing field"),
        (
            b"{\"version\": \"2.0.0\", \"timestamp\": \"\xff\"",
            "invalid unicode",
        ),
        (deep.as_bytes(), "benchmarks[0]: invalid type: sequence"),
        (deep_build.as_bytes(), "recursion limit"),
        (deep_one.as_bytes(), "ends too early"),
        (deep_two.as_bytes(), "ends too early"),
        (&cut.as_bytes()[..cut.len() / 2], "ends too early"),
    ];
    for (text, message) in table {
        let problem = problem(text);
        assert!(problem.contains(message), "{problem}");
        assert!(problem.starts_with("some.json, line "), "{problem}");
        assert!(problem.len() < 500, "{} bytes", problem.len());
    }
}

#[test]
fn control_characters_in_a_message_are_shown() {
    let escape = r#""\u001b[31m""#;
    let twice = text()
        .replace("\"first\"", escape)
        .replace("\"second\"", escape);
    let status = text().replace("\"ok\"", escape);
    for text in [twice, status] {
        let problem = problem(text.as_bytes());
        assert!(!problem.contains('\u{1b}'), "{problem:?}");
        assert!(problem.contains("\\u{1b}[31m"), "{problem}");
    }
}

#[test]
fn a_version_1_file_needs_a_name_and_a_duration() {
    let text = r#"{
        "version": "1.2",
        "timestamp": "2025-01-13T10:00:00",
        "environment": {"os": "linux", "cpu": "x86_64-avx2", "mojo_version": "0.25.7", "git_commit": "abc"},
        "benchmarks": [
            {"name": "bare", "duration_ms": 0.25},
            {"name": "full", "description": "d", "duration_ms": 3, "throughput": 100.5, "memory_mb": 2.5, "iterations": 1000}
        ],
        "metadata": {"anything": [1]}
    }"#;
    let record = parse(text.as_bytes(), Path::new("x")).unwrap();
    assert!(record.is_legacy());
    assert_eq!(record.timestamp.to_string(), "2025-01-13T10:00:00Z");
    let environment = Environment {
        os: "linux".into(),
        cpu: "x86_64-avx2".into(),
        git_commit: Some("abc".into()),
        ..Environment::default()
    };
    assert_eq!(record.environment, environment);
    let bare = Entry {
        name: "bare".into(),
        duration_ms: Some(0.25),
        ..Entry::default()
    };
    let full = Entry {
        name: "full".into(),
        description: "d".into(),
        duration_ms: Some(3.0),
        throughput: Some(100.5),
        memory_mb: 2.5,
        iterations: 1000,
        ..Entry::default()
    };
    assert_eq!(record.benchmarks, [bare, full]);
    let least = parse(legacy(&[("a", 1.0, "")]).as_bytes(), Path::new("x")).unwrap();
    assert_eq!(least.environment, Environment::default());

    for (more, message) in [
        (r#", "throughput": null"#, "benchmarks[1].throughput"),
        (r#", "throughput": 1e999"#, "benchmarks[1].throughput"),
        (r#", "memory_mb": "much""#, "benchmarks[1].memory_mb"),
    ] {
        let problem = problem(legacy(&[("a", 1.0, ""), ("b", 1.0, more)]).as_bytes());
        assert!(problem.contains(message), "{problem}");
    }
    let twice = problem(legacy(&[("a", 1.0, ""), ("a", 1.0, "")]).as_bytes());
    assert!(twice.contains("benchmarks[1].name"), "{twice}");
}

#[test]
fn what_cannot_be_read_is_named() {
    let home = Home::new();
    let good = home.write("good.json", &record(&[("a", 1.0)]));
    let good = good.to_str().unwrap();
    home.text("secret\n\u{1b}.json", "{");
    for (path, message) in [
        ("missing.json", "cannot read missing.json: No such file"),
        (
            "results",
            "results: no results of criterion are saved in it",
        ),
        ("secret\n\u{1b}.json", "secret\\n\\u{1b}.json, line 1"),
        ("/dev/null", "/dev/null, line 1: the file is empty"),
    ] {
        let assert = home
            .bench(&["compare", "--baseline", good, "--current", path])
            .code(2);
        let error = crate::support::stderr(&assert);
        assert!(
            error.to_lowercase().contains(&message.to_lowercase()),
            "{path}: {error}"
        );
    }
}

#[test]
fn a_record_that_could_not_be_read_back_is_not_written() {
    let home = Home::new();
    type Spoil = fn(&mut harness::record::Record);
    let table: [(&str, Spoil); 4] = [
        ("not a number", |record| {
            record.environment.memory_mb = f64::NAN
        }),
        ("infinite", |record| {
            record.benchmarks[0].memory_mb = f64::INFINITY
        }),
        ("twice", |record| {
            record.benchmarks.push(record.benchmarks[0].clone())
        }),
        ("changed", |record| {
            record.benchmarks[0].duration_ms = Some(1.0)
        }),
    ];
    for (what, change) in table {
        let mut record = record(&[("a", 2.0)]);
        change(&mut record);
        let path = home.path("never.json");
        assert!(harness::record::write(&record, &path).is_err(), "{what}");
        assert!(
            harness::record::write_new(&record, &home.path("results")).is_err(),
            "{what}"
        );
        assert!(!path.exists(), "{what}");
    }
    assert_eq!(home.files("results").len(), 0);
}

proptest! {
    #[test]
    fn any_samples_make_a_round_trip(samples in prop::collection::vec(prop::collection::vec(1e-3..1e12_f64, 1..8), 1..6)) {
        let mut record = record(&[("a", 1.0)]);
        let processes = samples.into_iter().map(|samples_ns| harness::record::Process {
            samples_ns,
            iterations_per_sample: 1,
            ..Default::default()
        });
        record.benchmarks[0].set_processes(processes.collect());
        let read = parse(to_json(&record).as_bytes(), Path::new("x")).unwrap();
        prop_assert_eq!(read, record);
    }

    #[test]
    fn damaged_bytes_never_panic(position in 0_usize..4000, byte in any::<u8>(), cut in any::<bool>()) {
        let mut bytes = text().into_bytes();
        let position = position % bytes.len();
        bytes[position] = byte;
        if cut {
            bytes.truncate(position + 1);
        }
        // Either it still reads, or the error is one line.
        if let Err(error) = parse(&bytes, Path::new("x")) {
            prop_assert!(!error.to_string().contains('\n'));
        }
    }
}
