//! Takes the step of the action benchmark in a repository with two commits, the second of which is slower.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use xshell::{Shell, cmd};

use super::tools;
use crate::workspace::Workspace;

const ACTION: &str = ".github/actions/benchmark";
const BUILD: &str = "gcc -O3 -shared -fPIC -I \"$BENCH_INCLUDE\" -o libkernel.so kernel.c suite.c";

pub(super) fn run(workspace: &Workspace, shell: &Shell) -> Result<()> {
    if !tools::present("gcc", "gcc (apt)")? {
        return Ok(());
    }
    let action = shell.read_file(Path::new(ACTION).join("action.yml"))?;
    let step = step(&action)?;
    let folder = tempfile::tempdir()?;
    let (repository, summary) = (folder.path().join("own"), folder.path().join("summary"));
    commits(
        &workspace.root.join("harness/examples/c-kernel"),
        &repository,
    )?;
    let output = cmd!(shell, "bash -c {step}")
        .env("GITHUB_ACTION_PATH", workspace.root.join(ACTION))
        .env("GITHUB_WORKSPACE", repository)
        .env("GITHUB_STEP_SUMMARY", &summary)
        .env("GITHUB_SERVER_URL", "https://github.com")
        .env("GITHUB_REPOSITORY", "owner/own")
        .env("GITHUB_RUN_ID", "1")
        .env("RUNNER_TEMP", folder.path())
        .env("BUILD", BUILD)
        .env("LIBRARY", "libkernel.so")
        .env("AGAINST", "HEAD^")
        .env("THRESHOLD", "10")
        .env("NAME", "own")
        .quiet()
        .ignore_status()
        .output()?;
    ensure!(
        output.status.code() == Some(1),
        "the gate should fail by exit code 1: {}",
        output.status
    );
    let told = String::from_utf8_lossy(&output.stdout);
    ensure!(
        told.starts_with("::error title=own regressed::squares +"),
        "no annotation: {told}"
    );
    let summary = shell.read_file(summary)?;
    ensure!(summary.contains("own: the gate **fails**"), "{summary}");
    ensure!(
        folder.path().join("comparison.json").is_file(),
        "no comparison is left for the artifact"
    );
    Ok(())
}

/// The command of the action's first step.
fn step(action: &str) -> Result<&str> {
    let line = action
        .lines()
        .find_map(|line| line.trim().strip_prefix("run: "));
    line.with_context(|| format!("{ACTION} has no step to run"))
}

/// A repository of the kernel in C, and a commit that makes it slower.
fn commits(source: &Path, repository: &Path) -> Result<()> {
    let shell = Shell::new()?;
    shell.create_dir(repository)?;
    shell.change_dir(repository);
    for file in ["kernel.c", "suite.c"] {
        shell.copy_file(source.join(file), file)?;
    }
    let author = ["-c", "user.name=a", "-c", "user.email=a@b"];
    let kernel = shell.read_file("kernel.c")?;
    let slower = kernel.replace("LANES = 32", "LANES = 4");
    ensure!(slower != kernel, "{} has no LANES = 32", source.display());
    cmd!(shell, "git init --quiet").quiet().run()?;
    for (name, kernel) in [("fast", kernel), ("slow", slower)] {
        shell.write_file("kernel.c", kernel)?;
        cmd!(shell, "git add .").quiet().run()?;
        cmd!(shell, "git {author...} commit --quiet -m {name}")
            .quiet()
            .run()?;
    }
    Ok(())
}
