//! One suite compared with a commit, and what a workflow shows of it.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use anyhow::{Context, Result};
use serde_json::Value;

use super::render::{self, Comparison};

/// A step summary may have 1 MiB; a character has up to four bytes, and ours have one or three.
const SUMMARY_CHARACTERS: usize = 250_000;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The suite
    #[arg(long, env = "SUITE")]
    suite: String,
    /// The commit to compare the tree with
    #[arg(long, env = "AGAINST")]
    against: String,
    /// Where to put the comparison, as JSON
    #[arg(long, value_name = "FILE")]
    output: PathBuf,
}

impl Args {
    /// Ends with the exit code of the comparison.
    pub(super) fn run(self) -> Result<()> {
        let program = std::env::current_exe().context("cannot find this program")?;
        let against = format!("--against={}", self.against);
        let suite = format!("--suite={}", self.suite);
        let output = Command::new(program)
            .args(["compare", &against, &suite, "--format=json"])
            .stderr(Stdio::inherit())
            .output()
            .context("cannot run the comparison")?;
        tell(&self.suite, &output, &self.output)
    }
}

/// Shows what a comparison wrote as annotations and a step summary under the heading `name`, keeps its JSON in `file`, and ends
/// this process with its exit code where that is not 0.
pub(super) fn tell(name: &str, output: &Output, file: &Path) -> Result<()> {
    let json: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
    let comparison = Comparison::new(name, &json);
    print!("{}", comparison.annotations());
    std::fs::write(file, &output.stdout)
        .with_context(|| format!("cannot write {}", file.display()))?;
    let summary = render::markdown(&[comparison], &run_url()?, SUMMARY_CHARACTERS);
    super::append("GITHUB_STEP_SUMMARY", &summary)?;
    match output.status.code() {
        Some(0) => Ok(()),
        code => std::process::exit(code.unwrap_or(2)),
    }
}

/// The page of the workflow run.
fn run_url() -> Result<String> {
    Ok(format!(
        "{}/{}/actions/runs/{}",
        super::variable("GITHUB_SERVER_URL")?,
        super::variable("GITHUB_REPOSITORY")?,
        super::variable("GITHUB_RUN_ID")?
    ))
}
