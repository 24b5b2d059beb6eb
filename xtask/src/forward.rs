//! Every verb that is not xtask's own: builds the release program and becomes it.

use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use crate::against;
use crate::build;
use crate::workspace::Workspace;

/// The forwarded verbs, for `cargo xtask --help`.
pub(crate) const HELP: &str = "\
Measuring and judging, by the program `bench`, which is built when the tree has changed:
  bench            Measure the suites and write results/<timestamp>_results.json
  compare          Compare two records, or two builds, and judge the difference
  baseline-update  Replace the baseline by a newer record
  export           Write a record in the format of another tool
  import           Turn results of another tool, as Criterion, into a record
  merge            Join records of one host, as those of `bench --shard i/n`
  history          Show how benchmarks changed over time on this host
  report           Write a report for people, one HTML file: of a record, a comparison or the history
  profile          Show where one benchmark spends its time, by perf or callgrind
`cargo xtask VERB --help` tells more of each.

Start here:
  cargo xtask bench --quick            a first look, in half a minute
  cargo xtask bench                    the full measurement
  cargo xtask compare                  the newest record against baselines/baseline_results.json
  cargo xtask compare --against main   both builds in turn in one process: the verdict to trust
  cargo xtask compare --confirm        stored numbers first, builds where they are suspicious
  cargo xtask gate-check               how often the gate is right on this machine
  cargo xtask baseline-update          the newest record becomes the baseline";

/// Builds `bench` and its suites, then replaces this process by `bench` with `arguments`.
///
/// The user's folder stays the current one, so paths among the arguments mean what they say; `BENCH_HOME` tells
/// `bench` where the workspace's `results/` and `baselines/` are. Signals and exit codes are `bench`'s own.
///
/// # Errors
/// Where the build, or that of `compare --against REV`, fails or the program cannot be started.
pub(crate) fn run(workspace: &Workspace, mut arguments: Vec<OsString>) -> Result<()> {
    let built = build::release(workspace)?;
    let home = home(&workspace.root)?;
    let bench = || {
        let mut command = Command::new(&built.bench);
        if let Some(home) = &home {
            command.env("BENCH_HOME", home);
        }
        command
    };
    if arguments.first().is_some_and(|verb| verb == "compare") {
        against::resolve(workspace, bench(), &mut arguments)?;
    }
    let mut command = bench();
    command.args(verb(arguments));
    Err(command.exec()).with_context(|| format!("cannot run {}", built.bench.display()))
}

/// `bench` is `bench run`; the other verbs have one name.
fn verb(mut arguments: Vec<OsString>) -> Vec<OsString> {
    if let Some(first) = arguments.first_mut()
        && first == "bench"
    {
        *first = "run".into();
    }
    arguments
}

/// The folder of `results/` and `baselines/`, where the current one is not it and the user has not named one.
fn home(root: &Path) -> Result<Option<OsString>> {
    let here = std::env::current_dir().context("the current folder is gone")?;
    let elsewhere = here.canonicalize().ok().as_deref() != Some(root);
    let named = std::env::var_os("BENCH_HOME").is_some();
    Ok((elsewhere && !named).then(|| root.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bench_means_run() {
        let table = [
            ("bench --quick bench", "run --quick bench"),
            ("compare --help", "compare --help"),
            ("baseline-update bench", "baseline-update bench"),
            ("later --flag", "later --flag"),
        ];
        for (given, expected) in table {
            let words = |text: &str| text.split(' ').map(OsString::from).collect::<Vec<_>>();
            assert_eq!(verb(words(given)), words(expected), "{given}");
        }
    }
}
