//! The fuzz targets of `harness/fuzz`, each for a few seconds from the committed corpus.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use xshell::{Shell, cmd};

use super::sanitized::{TRIPLE, instrumented};
use crate::workspace::{Workspace, cargo};

/// One target for each reader of what others wrote.
const TARGETS: [&str; 6] = [
    "records",
    "imports",
    "index",
    "idx",
    "archive",
    "descriptors",
];
/// How long each runs, unless the environment variable `FUZZ_SECONDS` says otherwise.
const SECONDS: &str = "8";
/// What cargo-fuzz gives rustc for libFuzzer, beside the address sanitizer.
const FLAGS: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares --cfg fuzzing -Ccodegen-units=1";
const FOLDER: &str = "harness/fuzz";
/// Their workspace, apart from the others.
pub(super) const MANIFEST: &str = "harness/fuzz/Cargo.toml";

/// Builds and runs every target. An input that makes one fail stays in `target/fuzz/`.
pub(super) fn run(workspace: &Workspace, shell: &Shell) -> Result<()> {
    let (cargo, target) = (cargo(), workspace.target().join("fuzz"));
    let build = cmd!(
        shell,
        "{cargo} build --quiet --release --target {TRIPLE} --manifest-path {MANIFEST}"
    );
    instrumented(build, &target, FLAGS).run()?;
    let seconds = std::env::var("FUZZ_SECONDS").unwrap_or_else(|_| SECONDS.into());
    // What is written and read again in every round shall not wait for a disk.
    let memory = Path::new("/dev/shm");
    let place = if memory.is_dir() { memory } else { &target };
    for name in TARGETS {
        let temporary = tempfile::tempdir_in(place).context("cannot make a temporary folder")?;
        let (grown, work) = (temporary.path().join("corpus"), temporary.path());
        shell.create_dir(&grown)?;
        let program = target.join(TRIPLE).join("release").join(name);
        let corpus = workspace.root.join(FOLDER).join("corpus").join(name);
        let failed = format!("{}/{name}-", target.display());
        // New inputs go to the first folder, and the committed ones stay as they are.
        let output = cmd!(
            shell,
            "{program} -seed=1 -max_total_time={seconds} -timeout=10 -rss_limit_mb=2048 -max_len=16384 -print_final_stats=1 -artifact_prefix={failed} {grown} {corpus}"
        )
        .env("TMPDIR", work)
        .quiet()
        .ignore_status()
        .output()?;
        let log = String::from_utf8_lossy(&output.stderr);
        ensure!(
            output.status.success(),
            "{log}\nthe target {name} failed; {failed}… is the input: run {} on it",
            program.display()
        );
        eprintln!("{name}: {} inputs in {seconds} s", inputs(&log)?);
    }
    Ok(())
}

/// How many inputs libFuzzer tried: none is a target that was not run.
fn inputs(log: &str) -> Result<u64> {
    let tried = log
        .lines()
        .find_map(|line| line.strip_prefix("stat::number_of_executed_units:"));
    let tried = tried
        .context("libFuzzer told no number of inputs")?
        .trim()
        .parse()?;
    ensure!(tried > 0, "libFuzzer tried no input");
    Ok(tried)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inputs_are_counted() {
        let told =
            |count: &str| format!("#1 DONE\nstat::number_of_executed_units: {count}\nstat::x: 9");
        assert_eq!(inputs(&told("12")).unwrap(), 12);
        for log in [String::new(), told("0"), told("many")] {
            assert!(inputs(&log).is_err(), "{log}");
        }
    }
}
