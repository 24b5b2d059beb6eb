//! The command line that `harness::main!` gives a bench target, as cargo, cargo-nextest and people call it.

use std::path::Path;
use std::process::{Command, Output};

/// Runs the target in `folder`.
fn target(folder: &Path, arguments: &[&str]) -> Output {
    let program = Path::new(env!("CARGO_BIN_EXE_bench")).with_file_name("examples/linked");
    let command = Command::new(&program)
        .args(arguments)
        .env("BENCH_HOME", folder)
        .current_dir(folder)
        .output();
    command.unwrap_or_else(|error| {
        panic!("{error}: examples are built by `cargo test -p harness`, not by `--test`")
    })
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

const BOTH: &str = "square: benchmark\nsquare_again: benchmark\n";

#[test]
fn what_cargo_nextest_asks_is_answered() {
    let folder = tempfile::tempdir().unwrap();
    let table: [(&[&str], &str); 6] = [
        (&["--list", "--format", "terse"], BOTH),
        (&["--list", "--format", "terse", "--ignored"], ""),
        (&["--list", "--format", "terse", "--include-ignored"], BOTH),
        (
            &["--list", "--format=terse", "--exact", "square"],
            "square: benchmark\n",
        ),
        (&["--list", "--format", "terse", "no_such"], ""),
        (&["--ignored", "square", "--exact"], ""),
    ];
    for (arguments, listed) in table {
        for more in [&[][..], &["--bench"]] {
            let output = target(folder.path(), &[arguments, more].concat());
            assert_eq!(output.status.code(), Some(0), "{arguments:?}: {output:?}");
            assert_eq!(text(&output.stdout), listed, "{arguments:?}");
        }
    }
}

#[test]
fn flags_that_every_target_gets_run_it() {
    let folder = tempfile::tempdir().unwrap();
    let table: [(&[&str], bool); 9] = [
        (&["square", "--exact", "--nocapture"], true),
        (&["--exact", "square", "--quiet", "--verbose"], true),
        (&["-q", "-v", "-n", "--exact", "square"], true),
        (
            &["--noplot", "--exact", "square", "--bench", "--test"],
            true,
        ),
        (
            &["--test-threads=1", "--color", "always", "--exact", "square"],
            true,
        ),
        (
            &[
                "--nocapture",
                "--show-output",
                "--noplot",
                "--exact",
                "square",
            ],
            true,
        ),
        (&["--include-ignored", "--exact", "square"], true),
        // A filter is for all targets of a workspace, and some other one may have it.
        (&["no_such"], false),
        (&["no_such", "--bench", "--exact"], false),
    ];
    for (arguments, measures) in table {
        let output = target(folder.path(), arguments);
        let (told, record) = (text(&output.stderr), text(&output.stdout).lines().last());
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {told}");
        let Some(record) = record else {
            assert!(
                !measures && told.contains("no_such"),
                "{arguments:?}: {told}"
            );
            continue;
        };
        let record = std::fs::read_to_string(folder.path().join(record)).unwrap();
        let record: serde_json::Value = serde_json::from_str(&record).unwrap();
        assert_eq!(record["benchmarks"][0]["name"], "square", "{arguments:?}");
        assert_eq!(record["metadata"]["quick"], true, "{arguments:?}");
    }
}

#[test]
fn what_cannot_be_meant_says_what_can() {
    let folder = tempfile::tempdir().unwrap();
    let table: [(&[&str], &str); 10] = [
        (&["--sample-size", "10"], "--quick or --budget"),
        (&["--measurement-time=5"], "--quick or --budget"),
        (&["--warm-up-time", "1"], "--quick or --budget"),
        (&["--noise-threshold", "0.05"], "compare --threshold"),
        (&["--load-baseline", "main"], "compare --baseline"),
        (&["--profile-time", "5"], "profile NAME"),
        (&["--output-format", "bencher"], "export --format"),
        (&["--no-such-flag"], "--no-such-flag"),
        // Whoever names what to hold a run against wants a judgement, and there is none of nothing.
        (&["no_such", "--baseline", "main"], "no_such"),
        (&["--filter", "no_such"], "no_such"),
    ];
    for (arguments, says) in table {
        let output = target(folder.path(), arguments);
        let told = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {told}");
        assert!(told.contains(says), "{arguments:?}: {told}");
    }
    let help = target(folder.path(), &["run", "--help"]);
    let help = text(&help.stdout);
    for hidden in ["--nocapture", "--test-threads", "--sample-size"] {
        assert!(!help.contains(hidden), "{hidden}");
    }
}
