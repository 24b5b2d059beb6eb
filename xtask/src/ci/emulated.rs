//! Runs tests and a measurement on CPUs that this machine is not: a wrong path of dispatch dies by an illegal instruction, and
//! valgrind's CPU notices what is read before it is written, or beyond what is owned.

use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use xshell::{Shell, cmd};

use super::tools;
use crate::build;
use crate::workspace::{Workspace, cargo};

/// What is measured there: a large product would take ten seconds an iteration.
const MEASURED: &str = "^tensor_add|^matmul_small";

/// Tests of the kernels that touch every implementation, operation and edge, and are quick enough to run fifty times slower.
const CHECKED: [&str; 3] = ["add::", "gemm::", "guarded::"];

/// Tests of what the emulator gets wrong: it reads the whole vector of a masked AVX load, forbidden page or not. Valgrind and the
/// machine itself run them.
const UNEMULATED: &str = "guarded::";

/// Products of 1000³ and more, which take minutes. Smaller ones go the same ways.
const UNEMULATED_BENCHMARKS: &str = "large_products";

const QEMU: &str = "qemu-x86_64";
/// Has SSE4.2 and no AVX.
const WITHOUT_AVX: &str = "Nehalem";
/// CPUs that lack more and more, less what the emulator would warn that it lacks: no AVX-512; no FMA either; no AVX2 either; no AVX.
const CPUS: [&str; 4] = [
    "Haswell-noTSX,-invpcid,-pcid,-tsc-deadline,-x2apic",
    "Haswell-noTSX,-invpcid,-pcid,-tsc-deadline,-x2apic,-fma",
    "SandyBridge,-tsc-deadline,-x2apic",
    WITHOUT_AVX,
];

pub(super) fn run(workspace: &Workspace, shell: &Shell) -> Result<()> {
    if tools::present(QEMU, "qemu-user (apt)")? {
        let programs = built(shell, &["kernels"])?;
        for (cpu, program) in CPUS
            .iter()
            .flat_map(|cpu| programs.iter().map(move |program| (cpu, program)))
        {
            cmd!(
                shell,
                "{QEMU} -cpu {cpu} {program} --quiet --skip {UNEMULATED}"
            )
            .run()?;
        }
        for program in built(shell, &["suites"])? {
            cmd!(
                shell,
                "{QEMU} -cpu {WITHOUT_AVX} {program} --quiet --skip {UNEMULATED_BENCHMARKS}"
            )
            .run()?;
        }
        measurement(workspace, shell)?;
    }
    if tools::present("valgrind", "valgrind (apt)")? {
        for program in built(shell, &["kernels"])? {
            cmd!(
                shell,
                "valgrind --quiet --error-exitcode=9 {program} --quiet {CHECKED...}"
            )
            .run()?;
        }
    }
    Ok(())
}

/// The test programs of `packages`.
fn built(shell: &Shell, packages: &[&str]) -> Result<Vec<PathBuf>> {
    let cargo = cargo();
    let selected = packages.iter().flat_map(|package| ["--package", *package]);
    let messages = cmd!(
        shell,
        "{cargo} test --quiet --no-run --message-format=json-render-diagnostics {selected...}"
    )
    .read()?;
    let programs = test_programs(&messages);
    ensure!(
        !programs.is_empty(),
        "cargo built no test program of {}",
        packages.join(" and ")
    );
    Ok(programs)
}

/// The test programs that cargo's JSON messages name.
fn test_programs(messages: &str) -> Vec<PathBuf> {
    let messages = messages
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok());
    messages
        .filter(|message| message["profile"]["test"] == true)
        .filter_map(|message| message["executable"].as_str().map(PathBuf::from))
        .collect()
}

/// Measures quickly without AVX2, and looks into the record for a path that has it.
fn measurement(workspace: &Workspace, shell: &Shell) -> Result<()> {
    let bench = build::release(workspace)?.bench;
    let folder = tempfile::tempdir()?;
    let record = folder.path().join("record.json");
    cmd!(
        shell,
        "{QEMU} -cpu {WITHOUT_AVX} {bench} run --quick --filter {MEASURED} --output {record}"
    )
    .env("BENCH_RUNNER", format!("{QEMU} -cpu {WITHOUT_AVX}"))
    .run()?;
    let record: Value =
        serde_json::from_slice(&std::fs::read(&record)?).context("the record is not JSON")?;
    let implementations = implementations(&record);
    ensure!(!implementations.is_empty(), "the record holds no benchmark");
    let wrong: Vec<_> = implementations
        .iter()
        .filter(|name| name.starts_with("avx"))
        .collect();
    ensure!(wrong.is_empty(), "ran on a CPU without AVX2: {wrong:?}");
    Ok(())
}

fn implementations(record: &Value) -> Vec<&str> {
    let benchmarks = record["benchmarks"].as_array().into_iter().flatten();
    benchmarks
        .filter_map(|benchmark| benchmark["implementation"].as_str())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn test_programs_are_told_from_others() {
        let messages = concat!(
            r#"{"reason":"compiler-artifact","profile":{"test":false},"executable":"/t/bench"}"#,
            "\n",
            r#"{"reason":"compiler-artifact","profile":{"test":true},"executable":"/t/kernels-1"}"#,
            "\n",
            r#"{"reason":"compiler-artifact","profile":{"test":true},"executable":null}"#,
            "\n",
            r#"{"reason":"build-finished","success":true}"#,
        );
        assert_eq!(test_programs(messages), [PathBuf::from("/t/kernels-1")]);
    }
}
