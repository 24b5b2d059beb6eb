//! `bench compare --against-lib` from outside, over two libraries of which the difference is known.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

/// A library that cargo builds beside the tests.
fn library(name: &str) -> PathBuf {
    let program = Path::new(env!("CARGO_BIN_EXE_bench"));
    let library = program.with_file_name("examples").join(name);
    assert!(
        library.exists(),
        "examples are built by `cargo test -p harness`, not by `--test`"
    );
    library
}

/// `bench compare --against-lib BASELINE --lib CANDIDATE ARGUMENTS`, with `folder` as home and cache.
fn command(folder: &Path, [baseline, candidate]: [&str; 2], arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bench"));
    command
        .args(["compare", "--format", "json", "--against-lib"])
        .arg(library(baseline))
        .arg("--lib")
        .arg(library(candidate))
        .args(arguments)
        .env("BENCH_HOME", folder)
        .env("XDG_CACHE_HOME", folder)
        .current_dir(folder);
    command
}

/// The exit code and the comparison.
fn compare(libraries: [&str; 2], arguments: &[&str]) -> (Option<i32>, Value) {
    let folder = tempfile::tempdir().unwrap();
    let output = command(folder.path(), libraries, arguments)
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    let json =
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}{errors}"));
    (output.status.code(), json)
}

fn row<'a>(comparison: &'a Value, name: &str) -> &'a Value {
    let rows = comparison["rows"].as_array().unwrap();
    rows.iter()
        .find(|row| row["name"] == name)
        .unwrap_or_else(|| panic!("no row {name} in {comparison}"))
}

const FIXTURE: &str = "libfixture.so";
const CHANGED: &str = "libchanged.so";

#[test]
fn identical_files_are_said_to_be_identical() {
    let (code, comparison) = compare([FIXTURE, FIXTURE], &["--suite", "sound"]);
    assert_eq!(code, Some(0), "{comparison}");
    let rows = comparison["rows"].as_array().unwrap();
    assert_eq!(rows.len(), 5);
    for row in rows {
        assert_eq!(row["verdict"], "unchanged", "{row}");
        assert_eq!(row["stopped"], "identical files", "{row}");
    }
    assert!(
        comparison["warnings"][0]
            .as_str()
            .unwrap()
            .contains("byte for byte")
    );
}

#[test]
fn identical_builds_are_never_called_changed() {
    let arguments = ["--suite", "sound", "--even-if-identical", "--budget", "10s"];
    let (_, comparison) = compare([FIXTURE, FIXTURE], &arguments);
    for row in comparison["rows"].as_array().unwrap() {
        let verdict = row["verdict"].as_str().unwrap();
        assert!(["unchanged", "inconclusive"].contains(&verdict), "{row}");
        assert!(row["pairs"].as_u64().is_some(), "{row}");
        assert!(row["seconds"].as_f64().unwrap() > 0.0, "{row}");
        assert!(row["stopped"].is_string(), "{row}");
    }
}

#[test]
fn each_kind_of_change_gets_its_verdict() {
    let (code, comparison) = compare([FIXTURE, CHANGED], &["--suite", "sound", "--budget", "60s"]);
    assert_eq!(code, Some(1), "{comparison}");
    assert_eq!(comparison["gate"], "fail");
    let slower = row(&comparison, "copy");
    assert_eq!(slower["verdict"], "regressed", "{slower}");
    assert_eq!(slower["stopped"], "decided", "{slower}");
    let low = slower["interval"][0].as_f64().unwrap();
    let (ratio, high) = (
        slower["ratio"].as_f64().unwrap(),
        slower["interval"][1].as_f64().unwrap(),
    );
    assert!(1.1 < low && low <= ratio && ratio <= high, "{slower}");
    for (name, verdict, note) in [
        ("copy_parallel", "invalid", "another use of threads"),
        ("prints", "invalid", "another shape"),
        ("wrong", "invalid", "the candidate: wrong result"),
        ("brand_new", "new", ""),
        ("grow", "missing", ""),
        ("with_state", "missing", ""),
    ] {
        let row = row(&comparison, name);
        assert_eq!(row["verdict"], verdict, "{row}");
        assert!(row["notes"].to_string().contains(note), "{row}");
    }
}

#[test]
fn what_is_undecided_when_the_budget_ends_is_inconclusive() {
    let (code, comparison) = compare(
        [FIXTURE, CHANGED],
        &["--filter", "^copy$", "--budget", "0s"],
    );
    assert_eq!(code, Some(2), "{comparison}");
    let row = row(&comparison, "copy");
    assert_eq!(row["verdict"], "inconclusive");
    assert_eq!(row["stopped"], "the budget was used up");
    assert_eq!(comparison["gate"], "cannot_judge");
}

#[test]
fn a_fault_ends_its_own_row_alone() {
    let arguments = [
        "--filter",
        "^(aborts|exits|copy)$",
        "--even-if-identical",
        "--budget",
        "20s",
    ];
    let (code, comparison) = compare([FIXTURE, FIXTURE], &arguments);
    assert_eq!(code, Some(2), "{comparison}");
    for (name, why) in [("aborts", "signal 6"), ("exits", "exit code 7")] {
        let row = row(&comparison, name);
        assert_eq!(row["verdict"], "invalid", "{row}");
        assert!(row["notes"].to_string().contains(why), "{row}");
    }
    assert!(
        row(&comparison, "copy")["pairs"].as_u64().unwrap() > 0,
        "{comparison}"
    );
}

#[test]
fn an_interrupted_comparison_prints_what_is_known() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = [
        "--filter",
        "^copy$",
        "--even-if-identical",
        "--processes",
        "1000000",
    ];
    let child = command(folder.path(), [FIXTURE, FIXTURE], &arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let pid = rustix::process::Pid::from_raw(child.id() as i32).unwrap();
    // Long enough to be at work, whatever it has reached.
    std::thread::sleep(std::time::Duration::from_secs(3));
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
    let output = child.wait_with_output().unwrap();
    let comparison: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        row(&comparison, "copy")["stopped"],
        "interrupted",
        "{comparison}"
    );
}

#[test]
fn what_cannot_be_compared_says_so() {
    for (arguments, message) in [
        (&["--filter", "nothing"][..], "no benchmark matches"),
        (&["--suite", "nothing"], "there is no suite 'nothing'"),
        (&["--cpu", "4000"], "CPU 4000 is not allowed"),
    ] {
        let (code, comparison) = compare([FIXTURE, CHANGED], arguments);
        assert_eq!(code, Some(2), "{comparison}");
        assert_eq!(comparison["gate"], "cannot_judge");
        let reason = comparison["reason"].as_str().unwrap();
        assert!(reason.contains(message), "{reason}");
    }
}
