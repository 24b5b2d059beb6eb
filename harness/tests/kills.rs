//! `kill -9` at random moments: no file is ever half written, no child survives its parent, and the next run works.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use harness::random::Random;
use harness::record::{Record, load, write};

const KILLS: usize = 100;

fn bench(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bench"));
    command
        .args(arguments)
        .env("BENCH_HOME", folder)
        .current_dir(folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command
}

/// `bench run` of one small benchmark of the fixture that cargo builds beside the tests.
fn run(folder: &Path) -> Command {
    let library = Path::new(env!("CARGO_BIN_EXE_bench")).with_file_name("examples/libfixture.so");
    assert!(
        library.exists(),
        "examples are built by `cargo test -p harness`, not by `--test`"
    );
    let mut command = bench(folder, &["run", "--quick", "--filter", "^copy$", "--lib"]);
    command.arg(library);
    command
}

/// Starts a program and kills it within `longest`.
fn kill_within(mut command: Command, longest: Duration, random: &mut Random) {
    let mut child = command.spawn().unwrap();
    std::thread::sleep(longest.mul_f64(random.unit()));
    // It may have ended by itself.
    let _ = child.kill();
    child.wait().unwrap();
}

/// The records in a folder, those that were still growing too; whatever else lies there was never given a record's name.
fn records(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            let name = path.to_string_lossy();
            name.ends_with("_results.json") || name.ends_with(".partial")
        })
        .collect()
}

/// Processes that were started with `folder` as their home.
fn survivors(folder: &Path) -> usize {
    use std::os::unix::ffi::OsStrExt;
    let home = [b"BENCH_HOME=", folder.as_os_str().as_bytes()].concat();
    std::fs::read_dir("/proc")
        .unwrap()
        .filter_map(|entry| std::fs::read(entry.ok()?.path().join("environ")).ok())
        .filter(|environment| {
            environment
                .split(|byte| *byte == 0)
                .any(|line| line == home)
        })
        .count()
}

#[test]
fn a_killed_run_leaves_whole_records_and_no_child() {
    let folder = tempfile::tempdir().unwrap();
    let mut random = Random::new(1, 0);
    for kill in 0..KILLS {
        kill_within(run(folder.path()), Duration::from_millis(300), &mut random);
        for path in records(&folder.path().join("results")) {
            if let Err(error) = load(&path) {
                panic!("kill {kill}: {error}");
            }
        }
    }
    // The system ends orphans a moment later.
    let patience = Instant::now() + Duration::from_secs(20);
    while survivors(folder.path()) > 0 && Instant::now() < patience {
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(survivors(folder.path()), 0);
    assert!(run(folder.path()).status().unwrap().success());
    assert!(!records(&folder.path().join("results")).is_empty());
}

#[test]
fn a_killed_update_leaves_the_old_baseline_or_the_new_one() {
    let folder = tempfile::tempdir().unwrap();
    assert!(run(folder.path()).status().unwrap().success());
    let measured = load(&records(&folder.path().join("results"))[0]).unwrap();
    // An update refuses a quick record.
    let mut candidate = measured.clone();
    candidate.metadata.quick = false;
    let stamped = |turn: i64| Record {
        timestamp: measured.timestamp + jiff::SignedDuration::from_secs(turn),
        ..candidate.clone()
    };
    let baseline = folder.path().join("baselines/baseline_results.json");
    let update = |turn: usize| {
        write(&stamped(turn as i64), &folder.path().join("new.json")).unwrap();
        bench(
            folder.path(),
            &[
                "baseline-update",
                "--from",
                "new.json",
                "--accept-regression",
                "a test",
            ],
        )
    };
    assert!(update(0).status().unwrap().success());
    let mut random = Random::new(2, 0);
    let mut updated = 0;
    for kill in 1..=KILLS {
        let before = load(&baseline).unwrap();
        kill_within(update(kill), Duration::from_millis(40), &mut random);
        let after = load(&baseline).unwrap_or_else(|error| panic!("kill {kill}: {error}"));
        // An update adds its reason, so the new one is known by its time.
        let new = after.timestamp == stamped(kill as i64).timestamp;
        assert!(new || after == before, "kill {kill}");
        updated += usize::from(new);
        for path in records(&folder.path().join("baselines/history")) {
            load(&path).unwrap_or_else(|error| panic!("kill {kill}: {error}"));
        }
    }
    assert!(updated > 0, "every kill came before the update");
    assert!(update(KILLS + 1).status().unwrap().success());
    let last = load(&baseline).unwrap();
    assert_eq!(last.timestamp, stamped(KILLS as i64 + 1).timestamp);
}
