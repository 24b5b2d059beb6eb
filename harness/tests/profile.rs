//! `bench profile` from outside, with profilers that are made up.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A program's name, and its text.
type Script = (&'static str, &'static str);

fn fixture() -> PathBuf {
    Path::new(env!("CARGO_BIN_EXE_bench"))
        .with_file_name("examples")
        .join("libfixture.so")
}

/// A folder of programs, each a shell script.
fn programs(scripts: &[Script]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, script) in scripts {
        let path = folder.path().join(name);
        std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o755)).unwrap();
    }
    folder
}

/// `bench profile ARGUMENTS` where nothing but `programs` is on the path.
fn profile(programs: &Path, arguments: &[&str]) -> assert_cmd::assert::Assert {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bench"));
    command
        .args(["profile", "--duration", "50ms", "--lib"])
        .arg(fixture())
        .args(arguments)
        .env("PATH", programs)
        .env("BENCH_HOME", programs);
    assert_cmd::Command::from_std(command).assert()
}

/// Does what the real one does with the arguments that are given: runs the program, and writes a file.
const PERF: Script = (
    "perf",
    r#"[ "$1" = report ] && { printf '# by perf\n\n 99 %%  copied of '; while read -r line; do echo "$line"; done <"$9"; exit; }
[ "$1 $2 $3 $5" = "record --quiet --output --" ] || exit 3
output=$4; shift 5
[ "$1" = true ] && exit
echo "$*" >"$output"; exec "$@""#,
);
const NO_PERF: Script = ("perf", "echo 'perf_event_open: forbidden' >&2; exit 255");
const VALGRIND: Script = (
    "valgrind",
    r#"[ "$1" = --version ] && exit
[ "$1 $2" = "--tool=callgrind --quiet" ] || exit 3
output=${3#--callgrind-out-file=}; shift 3
echo "$*" >"$output"; exec "$@""#,
);
const ANNOTATE: Script = (
    "callgrind_annotate",
    r#"printf 'Ir  copied of '; while read -r line; do echo "$line"; done <"$2""#,
);

#[test]
fn the_first_profiler_that_works_is_used() {
    let table: [(&[Script], &[&str], &str); 4] = [
        (&[PERF, VALGRIND, ANNOTATE], &[], "copy.perf.data"),
        (&[NO_PERF, VALGRIND, ANNOTATE], &[], "copy.callgrind.out"),
        (&[VALGRIND, ANNOTATE], &[], "copy.callgrind.out"),
        (
            &[PERF, VALGRIND, ANNOTATE],
            &["--tool", "callgrind"],
            "copy.callgrind.out",
        ),
    ];
    for (scripts, arguments, file) in table {
        let programs = programs(scripts);
        let assert = profile(programs.path(), &[&["copy"], arguments].concat()).success();
        let output = String::from_utf8(assert.get_output().stdout.clone()).unwrap();
        assert!(
            output.contains("copied of") && output.contains("measure-child"),
            "{file}: {output}"
        );
        assert!(!output.contains("by perf"), "{output}");
        let path = programs.path().join("results").join(file);
        assert_eq!(output.lines().last(), path.to_str(), "{output}");
        assert!(path.is_file(), "{file}");
    }
}

#[test]
fn what_to_do_is_said() {
    let table: [(&[Script], &[&str], &[&str]); 5] = [
        (
            &[],
            &["copy"],
            &[
                "perf: it is not installed; install linux-perf",
                "callgrind: it is not installed; install valgrind",
            ],
        ),
        (
            &[NO_PERF],
            &["copy"],
            &[
                "perf: perf_event_open: forbidden; install",
                "perf_event_paranoid=2",
            ],
        ),
        (
            &[NO_PERF, VALGRIND, ANNOTATE],
            &["copy", "--tool", "perf"],
            &["perf_event_open: forbidden"],
        ),
        (
            &[PERF],
            &["nope"],
            &["there is no benchmark \"nope\"", "--list"],
        ),
        (
            &[PERF],
            &["panics"],
            &["panics under perf: `run` failed: panicked: no such luck"],
        ),
    ];
    for (scripts, arguments, reasons) in table {
        let programs = programs(scripts);
        let assert = profile(programs.path(), arguments).code(2);
        let errors = String::from_utf8(assert.get_output().stderr.clone()).unwrap();
        for reason in reasons {
            assert!(errors.contains(reason), "{arguments:?}: {errors}");
        }
    }
}
