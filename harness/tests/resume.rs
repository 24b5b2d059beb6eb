//! `bench run --resume`: a run goes on from what a signal, its budget or a kill left, and from nothing else.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use harness::record::{Record, Status, load, write};

fn example(name: &str) -> PathBuf {
    let library = Path::new(env!("CARGO_BIN_EXE_bench"))
        .with_file_name("examples")
        .join(name);
    assert!(
        library.exists(),
        "examples are built by `cargo test -p harness`, not by `--test`"
    );
    library
}

/// `bench run ARGUMENTS`, over the fixture, in `folder`.
fn run(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bench"));
    command
        .args(["run", "--lib"])
        .arg(example("libfixture.so"))
        .args(arguments)
        .env("BENCH_HOME", folder)
        .current_dir(folder);
    command
}

/// Exit code, last line of standard output, and standard error.
fn ended(mut command: Command) -> (Option<i32>, String, String) {
    let output = command.output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let last = text(&output.stdout)
        .lines()
        .last()
        .unwrap_or_default()
        .to_owned();
    (output.status.code(), last, text(&output.stderr))
}

/// A whole record of two benchmarks, at `part.json` of `folder`.
fn whole(folder: &Path) -> Record {
    let arguments = [
        "--quick",
        "--filter",
        "^(copy|grow)$",
        "--output",
        "part.json",
    ];
    let (code, _, stderr) = ended(run(folder, &arguments));
    assert_eq!(code, Some(0), "{stderr}");
    load(&folder.join("part.json")).unwrap()
}

/// The same, cut short after the first process of its first benchmark.
fn part(whole: &Record) -> Record {
    let mut part = whole.clone();
    part.metadata.partial = Some("interrupted".into());
    let first = part.benchmarks[0].processes[..1].to_vec();
    part.benchmarks[0].set_processes(first);
    let rest = &mut part.benchmarks[1];
    rest.set_processes(Vec::new());
    rest.status = Status::Failed;
    rest.error = Some("the run ended before it was measured".into());
    part
}

#[test]
fn the_rest_is_measured_and_the_whole_takes_the_parts_place() {
    let folder = tempfile::tempdir().unwrap();
    let part = part(&whole(folder.path()));
    let path = folder.path().join("part.json");
    write(&part, &path).unwrap();
    let (code, last, stderr) = ended(run(folder.path(), &["--resume", "part.json"]));
    assert_eq!((code, last.as_str()), (Some(0), "part.json"), "{stderr}");
    let now = load(&path).unwrap();
    assert_eq!(now.metadata.partial, None);
    assert_eq!(now.metadata.resumed.len(), 1);
    assert_eq!(now.timestamp, part.timestamp);
    assert_eq!(now.metadata.selection, part.metadata.selection);
    assert!(now.metadata.quick && now.metadata.elapsed_ms > part.metadata.elapsed_ms);
    for entry in &now.benchmarks {
        assert_eq!(entry.status, Status::Ok, "{}", entry.name);
        assert_eq!(entry.processes.len(), 3, "{}", entry.name);
    }
    assert_eq!(
        now.benchmarks[0].processes[0],
        part.benchmarks[0].processes[0]
    );
    let files = std::fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(files, 1, "only the record is left");
}

#[test]
fn a_failure_stays_and_a_run_cut_short_twice_goes_on_twice() {
    let folder = tempfile::tempdir().unwrap();
    let mut part = part(&whole(folder.path()));
    part.benchmarks[1].error = Some("wrong result".into());
    write(&part, &folder.path().join("part.json")).unwrap();
    for (budget, code, turns) in [("0s", 2, 1), ("1m", 2, 2)] {
        let arguments = ["--resume", "part.json", "--budget", budget];
        let (ended, _, stderr) = ended(run(folder.path(), &arguments));
        assert_eq!(ended, Some(code), "{budget}: {stderr}");
        let now = load(&folder.path().join("part.json")).unwrap();
        assert_eq!(now.metadata.resumed.len(), turns, "{budget}");
        assert_eq!(now.metadata.partial.is_some(), budget == "0s", "{budget}");
        assert_eq!(
            stderr.contains("--resume part.json"),
            budget == "0s",
            "{stderr}"
        );
        assert_eq!(now.benchmarks[1].error.as_deref(), Some("wrong result"));
        assert_eq!(
            now.benchmarks[0].processes[0],
            part.benchmarks[0].processes[0]
        );
    }
}

#[test]
fn a_killed_run_goes_on_from_what_lies_beside_its_record() {
    let folder = tempfile::tempdir().unwrap();
    let partial = folder.path().join("all.json.partial");
    let mut child = run(folder.path(), &["--exact", "copy", "--output", "all.json"])
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let patience = Instant::now() + Duration::from_secs(60);
    while !partial.exists() && Instant::now() < patience {
        std::thread::sleep(Duration::from_millis(5));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let part = load(&partial).unwrap();
    assert_eq!(part.metadata.partial.as_deref(), Some("the run was killed"));
    let kept = part.benchmarks[0].processes.len();
    assert!((1..10).contains(&kept), "{kept}");
    let (code, last, stderr) = ended(run(folder.path(), &["--resume", "all.json.partial"]));
    assert_eq!((code, last.as_str()), (Some(0), "all.json"), "{stderr}");
    let now = load(&folder.path().join("all.json")).unwrap();
    assert_eq!(now.benchmarks[0].processes.len(), 10);
    assert_eq!(
        now.benchmarks[0].processes[..kept],
        part.benchmarks[0].processes
    );
    assert!(!partial.exists());
}

#[test]
fn what_cannot_be_gone_on_with_is_exit_2_and_stays_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let whole = whole(folder.path());
    let path = folder.path().join("part.json");
    type Change = fn(&mut Record);
    let table: [(&str, Change, &str); 10] = [
        (
            "complete",
            |record| record.metadata.partial = None,
            "it is complete",
        ),
        (
            "host",
            |record| record.environment.host = "0123456789ab".into(),
            "host 0123456789ab against",
        ),
        (
            "commit",
            |record| record.environment.git_commit = Some("f00".into()),
            "commit f00 against",
        ),
        (
            "library",
            |record| record.metadata.libraries[0].sha256 = "00".into(),
            "SHA-256 of libfixture.so 00 against",
        ),
        (
            "file",
            |record| record.metadata.libraries[0].file = "x.so".into(),
            "libraries x.so against libfixture.so",
        ),
        (
            "harness",
            |record| record.metadata.harness_version = "0.0.1".into(),
            "version of the harness 0.0.1 against",
        ),
        (
            "processes",
            |record| record.metadata.processes = 10,
            "processes of each benchmark 10 against 3",
        ),
        (
            "threads",
            |record| record.benchmarks[0].threads = 7,
            "threads of copy 7 against 1",
        ),
        (
            "benchmarks",
            |record| drop(record.benchmarks.pop()),
            "number of benchmarks 1 against 2",
        ),
        (
            "merged",
            |record| record.metadata.merged = vec![record.timestamp],
            "it is merged",
        ),
    ];
    for (name, change, wanted) in table {
        let mut part = part(&whole);
        change(&mut part);
        write(&part, &path).unwrap();
        let (code, last, stderr) = ended(run(folder.path(), &["--resume", "part.json"]));
        assert_eq!((code, last.as_str()), (Some(2), ""), "{name}: {stderr}");
        assert!(
            stderr.contains("part.json") && stderr.contains(wanted),
            "{name}: {stderr}"
        );
        assert_eq!(load(&path).unwrap(), part, "{name}");
    }
    for (arguments, wanted) in [
        (&["--resume", "none.json"][..], "cannot read none.json"),
        (&["--resume", "part.json", "--quick"], "cannot be used with"),
        (
            &["--resume", "part.json", "--seed", "2"],
            "cannot be used with",
        ),
    ] {
        let (code, _, stderr) = ended(run(folder.path(), arguments));
        assert_eq!(code, Some(2), "{arguments:?}: {stderr}");
        assert!(stderr.contains(wanted), "{arguments:?}: {stderr}");
    }
}
