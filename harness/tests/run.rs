//! `bench run` from outside, over a library of sound and faulty benchmarks.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// The fixture that cargo builds beside the tests.
fn fixture() -> PathBuf {
    let program = Path::new(env!("CARGO_BIN_EXE_bench"));
    let library = program.with_file_name("examples").join("libfixture.so");
    assert!(
        library.exists(),
        "examples are built by `cargo test -p harness`, not by `--test`"
    );
    library
}

/// `bench run --quick --lib FIXTURE ARGUMENTS`, with `folder` as home.
fn bench(folder: &Path, arguments: &[&str]) -> assert_cmd::assert::Assert {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bench"));
    command
        .args(["run", "--quick", "--lib"])
        .arg(fixture())
        .args(arguments)
        .env("BENCH_HOME", folder)
        .current_dir(folder);
    assert_cmd::Command::from_std(command).assert()
}

fn stdout(assert: &assert_cmd::assert::Assert) -> String {
    String::from_utf8(assert.get_output().stdout.clone()).unwrap()
}

/// The record whose path is the last line of standard output.
fn record(assert: &assert_cmd::assert::Assert) -> Value {
    let output = stdout(assert);
    let path = output.lines().last().unwrap();
    assert!(path.ends_with("_results.json"), "{output}");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

#[test]
fn sound_benchmarks_are_measured() {
    let folder = tempfile::tempdir().unwrap();
    let assert = bench(folder.path(), &["--suite", "sound"]).success();
    let record = record(&assert);
    assert_eq!(record["version"], "2.0.0");
    assert_eq!(record["metadata"]["quick"], true);
    assert_eq!(record["metadata"]["selection"]["suites"][0], "sound");
    let names: Vec<_> = record["benchmarks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|b| &b["name"])
        .collect();
    assert_eq!(
        names,
        ["copy", "copy_parallel", "prints", "grow", "with_state"]
    );
    for benchmark in record["benchmarks"].as_array().unwrap() {
        assert_eq!(benchmark["status"], "ok", "{benchmark}");
        assert!(
            benchmark["duration_ms"].as_f64().unwrap() > 0.0,
            "{benchmark}"
        );
        let processes = benchmark["processes"].as_array().unwrap();
        assert_eq!(processes.len(), 3, "{benchmark}");
        for process in processes {
            assert!(
                process["samples_ns"].as_array().unwrap().len() >= 5,
                "{process}"
            );
        }
    }
    assert_eq!(record["benchmarks"][0]["memory_mb"], 0.008);
}

#[test]
fn faults_are_recorded_and_the_rest_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let assert = bench(folder.path(), &["--timeout", "2s"]).code(2);
    let record = record(&assert);
    let table = [
        ("aborts", "the process was ended by signal 6 (aborted)"),
        (
            "allocates_too_much",
            "`run` failed: panicked: capacity overflow|the process was ended by signal 6 (aborted); its last words: memory allocation of",
        ),
        (
            "crashes",
            "the process was ended by signal 11 (segmentation fault)",
        ),
        ("answers_itself", "the process gave an answer that is none"),
        ("exits", "the process ended with exit code 7"),
        (
            "exhausts_memory",
            "the process was ended by signal 6 (aborted); its last words: memory allocation of 268435456 bytes failed",
        ),
        ("hangs", "timed out after 2s"),
        ("idle", "1099511627776 iterations took"),
        (
            "never_writes",
            "wrong result: element 0 of buffer 'y' is NaN",
        ),
        ("panics", "`run` failed: panicked: no such luck"),
        ("takes_twice", "`run` failed: buffer 0 was taken already"),
        ("writes_outside", "it wrote outside of buffer 'y'"),
        ("wrong", "wrong result: element 3 of buffer 'y'"),
    ];
    let benchmarks = record["benchmarks"].as_array().unwrap();
    let named = |name: &str| benchmarks.iter().find(|b| b["name"] == name).unwrap();
    for (name, reasons) in table {
        let benchmark = named(name);
        assert_eq!(benchmark["status"], "failed", "{benchmark}");
        let error = benchmark["error"].as_str().unwrap();
        assert!(
            reasons.split('|').any(|reason| error.starts_with(reason)),
            "{name}: {error}"
        );
        assert!(benchmark.get("duration_ms").is_none(), "{benchmark}");
    }
    assert_eq!(named("copy")["status"], "ok");
    assert_eq!(benchmarks.len(), 18);
}

#[test]
fn bad_requests_are_exit_2_with_a_reason() {
    let folder = tempfile::tempdir().unwrap();
    let not_a_library = folder.path().join("not a library.so");
    std::fs::write(&not_a_library, "text").unwrap();
    let not_a_library = not_a_library.to_str().unwrap();
    let table: [(&[&str], &str); 9] = [
        (&["--shard", "4/3"], "write i/n with 1 ≤ i ≤ n"),
        (
            &["--suite", "nope"],
            "there is no suite 'nope'; there are: sound, faulty, hidden",
        ),
        (&["--filter", "nope"], "no benchmark matches"),
        (&["--filter", "("], "is no regular expression"),
        (&["--cpu", "4000"], "CPU 4000 is not allowed here"),
        (&["--threads", "0"], "--threads 0: from 1 to"),
        (
            &["--output", "nowhere/x.json"],
            "there is no folder nowhere",
        ),
        (&["--lib", not_a_library], "could not load"),
        (&["--lib", "missing.so"], "could not read missing.so"),
    ];
    for (arguments, reason) in table {
        let assert = bench(folder.path(), arguments).code(2);
        let stderr = String::from_utf8_lossy(&assert.get_output().stderr).into_owned();
        assert!(stderr.contains(reason), "{arguments:?}: {stderr}");
        assert_eq!(stdout(&assert), "", "{arguments:?}");
    }
}

/// The loader maps what a file promises, and a missing page ends the program where it is touched.
#[test]
fn a_library_that_is_cut_off_anywhere_is_refused_or_whole() {
    let folder = tempfile::tempdir().unwrap();
    let whole = std::fs::read(fixture()).unwrap();
    let cut = folder.path().join("cut.so");
    // Behind the segments lies what need not be loaded: from some length on it is a library.
    let lengths = (0..12)
        .map(|shift| whole.len() >> shift)
        .chain([0, 1, 64, 200]);
    for length in lengths.chain((4096..100_000).step_by(4096)) {
        std::fs::write(&cut, &whole[..length]).unwrap();
        let mut command = assert_cmd::Command::new(env!("CARGO_BIN_EXE_bench"));
        let assert = command.args(["run", "--list", "--lib"]).arg(&cut).assert();
        let output = assert.get_output();
        let stderr = String::from_utf8_lossy(&output.stderr);
        match output.status.code() {
            Some(0) => assert!(length > 100_000, "{length}"),
            Some(2) => assert!(stderr.contains("cut.so"), "{length}: {stderr}"),
            _ => panic!("{length}: {} {stderr}", output.status),
        }
    }
}

#[test]
fn the_list_names_what_is_selected() {
    let folder = tempfile::tempdir().unwrap();
    let assert = bench(
        folder.path(),
        &["--list", "--format", "json", "--filter", "copy"],
    )
    .success();
    let list: Value = serde_json::from_str(&stdout(&assert)).unwrap();
    let names: Vec<_> = list
        .as_array()
        .unwrap()
        .iter()
        .map(|item| &item["name"])
        .collect();
    assert_eq!(names, ["copy", "copy_parallel"]);
    let copy = &list[0];
    assert_eq!(
        (&copy["suite"], &copy["dtype"]),
        (&"sound".into(), &"f32".into())
    );
    assert_eq!(
        (&copy["bytes"], &copy["items"], &copy["flops"]),
        (&8000.into(), &1000.into(), &0.into())
    );
    assert_eq!(copy["shape"], serde_json::json!([1000]));
}

#[test]
fn criterions_and_libtests_flags_select() {
    let folder = tempfile::tempdir().unwrap();
    let terse = |arguments: &[&str]| {
        let arguments = [&["--list", "--format", "terse"], arguments].concat();
        stdout(&bench(folder.path(), &arguments).success())
    };
    let table: [(&[&str], &str); 4] = [
        (&["^copy"], "copy: benchmark\ncopy_parallel: benchmark\n"),
        (&["--exact", "copy"], "copy: benchmark\n"),
        (&["--exact", "--filter", "copy"], "copy: benchmark\n"),
        (
            &["--suite", "hidden", "--exact"],
            "hidden_copy: benchmark\n",
        ),
    ];
    for (arguments, wanted) in table {
        assert_eq!(terse(arguments), wanted, "{arguments:?}");
    }
    // A name is no pattern.
    bench(folder.path(), &["--exact", "c.py"]).code(2);
}

#[test]
fn a_run_is_saved_as_a_baseline_and_held_against_one() {
    let folder = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_bench"));
        command
            .args(["run", "--exact", "copy", "--lib"])
            .arg(fixture());
        command.args(arguments).env("BENCH_HOME", folder.path());
        assert_cmd::Command::from_std(command).assert()
    };
    let place = folder.path().join("baselines/main_results.json");
    for kept in 0..2 {
        run(&["--save-baseline", "main"]).success();
        assert!(place.is_file());
        let history = std::fs::read_dir(folder.path().join("baselines/history"));
        assert_eq!(history.map_or(0, Iterator::count), kept);
    }
    let stored = |name: &str, ms: f64| {
        let path = folder.path().join(name);
        let benchmarks = serde_json::json!([{ "name": "copy", "duration_ms": ms }]);
        let record = serde_json::json!({ "version": "1.0", "benchmarks": benchmarks });
        std::fs::write(&path, record.to_string()).unwrap();
        path.to_str().unwrap().to_owned()
    };
    for (baseline, code) in [
        (stored("slow.json", 1e6), 0),
        (stored("fast.json", 1e-9), 1),
        ("nothing".to_owned(), 2),
    ] {
        run(&["--quick", "--baseline", &baseline]).code(code);
    }
    run(&["--quick", "--save-baseline", "main"]).code(2);
}

#[test]
fn cargo_bench_of_a_member_writes_where_the_workspace_is() {
    // BENCH_HOME, what cargo says of the package, and the folder of the record.
    let table = [
        (None, Some("member"), "results"),
        (None, Some("alone"), "alone/results"),
        (Some("home"), Some("member"), "home/results"),
        // Started by a program that cargo started.
        (None, None, "member/results"),
    ];
    for (home, package, folder) in table {
        let root = tempfile::tempdir().unwrap();
        let root = root.path().canonicalize().unwrap();
        let manifest = |path: &str, text: &str| {
            let folder = root.join(path);
            std::fs::create_dir_all(folder.join("src")).unwrap();
            std::fs::write(folder.join("src/lib.rs"), "").unwrap();
            std::fs::write(folder.join("Cargo.toml"), text).unwrap();
        };
        manifest(
            "",
            "[workspace]\nmembers = [\"member\"]\nexclude = [\"alone\"]\nresolver = \"3\"\n",
        );
        manifest(
            "member",
            "[package]\nname = \"member\"\nedition = \"2024\"\n",
        );
        manifest("alone", "[package]\nname = \"alone\"\nedition = \"2024\"\n");
        let mut command = Command::new(env!("CARGO_BIN_EXE_bench"));
        command
            .args(["run", "--quick", "--filter", "^copy$", "--lib"])
            .arg(fixture())
            .env_remove("BENCH_HOME")
            .env("CARGO", env!("CARGO"))
            .env(
                "CARGO_MANIFEST_DIR",
                root.join(package.unwrap_or("elsewhere")),
            )
            .current_dir(root.join(package.unwrap_or("member")));
        if let Some(home) = home {
            command.env("BENCH_HOME", root.join(home));
        }
        assert_cmd::Command::from_std(command).assert().success();
        let files = std::fs::read_dir(root.join(folder)).map(Iterator::count);
        assert_eq!(files.ok(), Some(1), "{home:?}, {package:?}: {folder}");
    }
}

/// The workflow of docs/ci.md that shares one measurement between machines: its steps are run as they stand there.
#[test]
fn the_workflow_of_a_fleet_measures_every_benchmark_once() {
    let page = include_str!("../../docs/ci.md");
    let workflow = page.split("```yaml\n").nth(1).unwrap();
    let steps = workflow.split("```").next().unwrap().lines();
    let steps: Vec<&str> = steps
        .filter_map(|line| line.trim().strip_prefix("- run: "))
        .collect();
    let [measure, download, merge, compare] = steps[..] else {
        panic!("{steps:?}")
    };
    let home = tempfile::tempdir().unwrap();
    let run = |step: &str, part: &str| {
        // By variables: the folder of this project may have a space in its name.
        let measuring = r#""$PROGRAM" run --quick --suite sound --lib "$LIBRARY""#;
        let step = step
            .replace("cargo xtask bench", measuring)
            .replace("cargo xtask", r#""$PROGRAM""#);
        let output = Command::new("bash")
            .args(["-euo", "pipefail", "-c", &step])
            .env("PROGRAM", env!("CARGO_BIN_EXE_bench"))
            .env("LIBRARY", fixture())
            .env("PART", part)
            .env("GITHUB_STEP_SUMMARY", "summary")
            .env("BENCH_HOME", home.path())
            .current_dir(home.path())
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(0), "{step}: {output:?}");
    };
    for part in ["1", "2", "3"] {
        run(measure, part);
        // What the step `download` leaves of the artifact.
        let folder = home.path().join("parts").join(format!("part{part}"));
        std::fs::create_dir_all(&folder).unwrap();
        let file = format!("part{part}.json");
        std::fs::rename(home.path().join(&file), folder.join(&file)).unwrap();
    }
    assert!(
        download.contains("--pattern 'part*' --dir parts"),
        "{download}"
    );
    run(merge, "");
    let whole = std::fs::read_to_string(home.path().join("whole.json")).unwrap();
    let whole: Value = serde_json::from_str(&whole).unwrap();
    let names: Vec<&Value> = whole["benchmarks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|benchmark| &benchmark["name"])
        .collect();
    assert_eq!(
        names,
        ["copy", "copy_parallel", "prints", "grow", "with_state"]
    );
    let baseline = home.path().join("baselines");
    std::fs::create_dir(&baseline).unwrap();
    std::fs::copy(
        home.path().join("whole.json"),
        baseline.join("baseline_results.json"),
    )
    .unwrap();
    run(compare, "");
    let summary = std::fs::read_to_string(home.path().join("summary")).unwrap();
    assert!(summary.contains("5 unchanged"), "{summary}");
}

#[test]
fn shards_are_the_whole_together() {
    let home = tempfile::tempdir().unwrap();
    let sound = ["copy", "copy_parallel", "prints", "grow", "with_state"];
    let listed = |shard: &str| -> Vec<String> {
        let list = ["--list", "--format", "terse", "--suite", "sound", "--shard"];
        let assert = bench(home.path(), &[&list[..], &[shard]].concat()).success();
        stdout(&assert).lines().map(Into::into).collect()
    };
    for parts in [1, 2, 3, 5, 7] {
        let mut all: Vec<String> = (1..=parts)
            .flat_map(|part| listed(&format!("{part}/{parts}")))
            .collect();
        all.sort();
        let mut wanted = sound.map(|name| format!("{name}: benchmark"));
        wanted.sort();
        assert_eq!(all, wanted, "{parts} parts");
    }
    // More parts than benchmarks, as a matrix may have.
    let files: Vec<String> = (1..=6).map(|part| format!("{part}.json")).collect();
    for (index, file) in files.iter().enumerate() {
        let shard = format!("{}/6", index + 1);
        let arguments = ["--suite", "sound", "--shard", &shard, "--output", file];
        bench(home.path(), &arguments).success();
    }
    let verb = |arguments: &[&str]| {
        let mut command = assert_cmd::Command::new(env!("CARGO_BIN_EXE_bench"));
        command.args(arguments).env("BENCH_HOME", home.path());
        command.current_dir(home.path()).assert()
    };
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    let merged = record(&verb(&[&["merge"], &files[..]].concat()).success());
    let entries = merged["benchmarks"].as_array().unwrap();
    let names: Vec<_> = entries.iter().map(|entry| &entry["name"]).collect();
    assert_eq!(names, sound);
    assert_eq!(
        merged["metadata"]["selection"],
        serde_json::json!({ "suites": ["sound"] })
    );
    assert_eq!(merged["metadata"]["merged"].as_array().unwrap().len(), 6);
    // The newest record is the merged one; a shard is held against it without a benchmark missing.
    let path = home.path().join("results");
    let path = std::fs::read_dir(path)
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();
    let path = path.to_str().unwrap();
    verb(&["compare", "--baseline", path]).success();
    verb(&["compare", "--baseline", path, "--current", "1.json"]).success();
    let empty = files.iter().find(|file| {
        let text = std::fs::read_to_string(home.path().join(file)).unwrap();
        let record: Value = serde_json::from_str(&text).unwrap();
        record["benchmarks"].as_array().unwrap().is_empty()
    });
    let empty = *empty.unwrap();
    let assert = verb(&["compare", "--baseline", path, "--current", empty]).code(2);
    let text = stdout(&assert);
    assert!(text.contains("is empty: merge all shards"), "{text}");
    // A job that has nothing to measure has nothing to compare, which is no failure of the job.
    let shard = empty.replace(".json", "/6");
    let arguments = ["--suite", "sound", "--shard", &shard, "--baseline", path];
    bench(home.path(), &arguments).success();
}

#[test]
fn an_interrupt_keeps_what_was_measured() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("kept.json");
    let mut child = Command::new(env!("CARGO_BIN_EXE_bench"))
        .args(["run", "--filter", "^(copy|hangs)$", "--lib"])
        .arg(fixture())
        .arg("--output")
        .arg(&path)
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    // The run is under way once it says so; `hangs` holds it there.
    use std::io::{BufRead, BufReader};
    let lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let mut lines = lines.map_while(Result::ok);
    // Before it there may be a warning that another test measures on the same CPU.
    assert!(lines.any(|line| line.starts_with("process 1 of 20")));
    std::thread::sleep(std::time::Duration::from_millis(300));
    let pid = rustix::process::Pid::from_child(&child);
    // Twice at once is one request: `timeout` signals a process and then its group.
    for _ in 0..2 {
        rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
    }
    assert_eq!(child.wait().unwrap().code(), Some(2));
    let record: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    assert_eq!(record["metadata"]["partial"], "interrupted");
    assert_eq!(record["benchmarks"].as_array().unwrap().len(), 2);
}
