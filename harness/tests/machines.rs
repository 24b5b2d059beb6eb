//! `bench run` on strange machines: few CPUs, none that may be chosen, a clock that is set back, file systems that are not there.

#[path = "support/machine.rs"]
mod machine;
#[path = "support/namespace.rs"]
mod namespace;

use std::path::Path;
use std::process::{Command, Output};

use serde_json::{Value, json};

const BENCH: &str = env!("CARGO_BIN_EXE_bench");

/// The arguments of a quick run of one benchmark, with one thread and with all.
fn arguments() -> Vec<String> {
    let library = Path::new(BENCH).with_file_name("examples/libfixture.so");
    let words = ["run", "--quick", "--filter", "^copy", "--lib"].map(String::from);
    [
        &words[..],
        &[library.into_os_string().into_string().unwrap()],
    ]
    .concat()
}

/// Standard error of a run that ended well, and its record, whose path is the last line of standard output.
fn measured(output: &Output) -> (String, Value) {
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{stderr}");
    let stdout = String::from_utf8_lossy(&output.stdout);
    let path = stdout.lines().last().unwrap();
    let record: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    for benchmark in record["benchmarks"].as_array().unwrap() {
        assert_eq!(benchmark["status"], "ok", "{benchmark}");
        assert!(
            benchmark["duration_ms"].as_f64().unwrap() > 0.0,
            "{benchmark}"
        );
    }
    (stderr, record)
}

/// What the run of [`arguments`] and `more` ends with on the machine that the preloaded `library` makes of this one.
fn on_machine(home: &Path, library: &Path, machine: &str, more: &[&str]) -> Output {
    let mut command = Command::new(BENCH);
    command.args(arguments()).args(more).env("BENCH_HOME", home);
    command.env("LD_PRELOAD", library).env(machine, "1");
    command.output().unwrap()
}

#[test]
fn whatever_cpus_are_allowed_one_of_them_is_measured_on() {
    for cpu in harness::affinity::allowed() {
        let home = tempfile::tempdir().unwrap();
        let mut command = Command::new("taskset");
        command
            .args(["--cpu-list", &cpu.to_string(), BENCH])
            .args(arguments());
        let (_, record) = measured(&command.env("BENCH_HOME", home.path()).output().unwrap());
        assert_eq!(record["environment"]["allowed_cpus"], json!([cpu]));
        for benchmark in record["benchmarks"].as_array().unwrap() {
            assert_eq!(benchmark["threads"], 1, "{benchmark}");
            assert_eq!(benchmark["processes"][0]["cpu"], cpu, "{benchmark}");
        }
    }
}

#[test]
fn where_no_cpu_may_be_chosen_a_run_says_so_and_goes_on() {
    let home = tempfile::tempdir().unwrap();
    let Some(library) = machine::compiled(home.path()) else {
        return;
    };
    let run = |more: &[&str]| on_machine(home.path(), &library, "REFUSE_AFFINITY", more);
    let (stderr, record) = measured(&run(&[]));
    assert!(
        stderr.contains("measuring without pinning, which is noisier"),
        "{stderr}"
    );
    assert_eq!(record["benchmarks"][0]["processes"][0]["pinned"], false);
    // Who asks for a CPU does not get another.
    let cpu = harness::affinity::allowed()[0].to_string();
    let output = run(&["--cpu", &cpu]);
    assert_eq!(output.status.code(), Some(2));
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(
        stderr.contains(&format!("could not pin to CPU {cpu}")),
        "{stderr}"
    );
}

#[test]
fn a_clock_that_is_set_back_costs_no_record_and_no_time() {
    let home = tempfile::tempdir().unwrap();
    let Some(library) = machine::compiled(home.path()) else {
        return;
    };
    let run = || measured(&on_machine(home.path(), &library, "CLOCK_STEPS_BACK", &[]));
    let count = || std::fs::read_dir(home.path().join("results")).map_or(0, Iterator::count);
    for runs in 1..4 {
        let (_, record) = run();
        let elapsed = record["metadata"]["elapsed_ms"].as_f64().unwrap();
        assert!(elapsed > 0.0, "{elapsed}");
        assert_eq!(count(), runs);
    }
    std::fs::write(
        home.path()
            .join("results/2999-01-01T00-00-00.000Z_results.json"),
        "",
    )
    .unwrap();
    let (stderr, _) = run();
    assert!(
        stderr.contains("2999-01-01T00-00-00.000Z_results.json states a time that is yet to come"),
        "{stderr}"
    );
}

#[test]
fn without_sys_and_statistics_there_is_less_to_say() {
    let hidden = [
        ("/sys", "mount -t tmpfs none /sys"),
        ("/proc/stat", "mount --bind /dev/null /proc/stat"),
        (
            "/proc/$$/status",
            // The shell's, which the program takes over.
            "mount --bind /dev/null /proc/$$/status",
        ),
        (
            "all of it",
            "mount -t tmpfs none /sys && mount --bind /dev/null /proc/stat",
        ),
    ];
    for (name, hide) in hidden {
        let home = tempfile::tempdir().unwrap();
        let script = format!("{hide} && exec \"$@\"");
        let arguments = arguments();
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let all = [&[BENCH], &arguments[..]].concat();
        let Some(output) = namespace::run(home.path(), &script, &all) else {
            return;
        };
        let (_, record) = measured(&output);
        let cpus = record["environment"]["logical_cpus"].as_u64().unwrap();
        assert!(cpus >= 1, "{name}: {cpus}");
        let steal = &record["benchmarks"][0]["processes"][0]["steal_ms"];
        assert!(name == "/sys" || *steal == 0.0, "{name}: {steal}");
    }
}
