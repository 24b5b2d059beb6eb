//! `cargo xtask github`: the steps of the benchmark workflow, as verbs that can be run and tested anywhere.
//!
//! What GitHub says comes by the files and variables that it documents (GITHUB_EVENT_PATH, GITHUB_OUTPUT,
//! GITHUB_STEP_SUMMARY); what the project says to its API goes through the program `gh`.

mod comment;
mod compare;
mod pair;
mod plan;
mod record;
mod render;

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::PathBuf;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::workspace::Workspace;

/// The steps of .github/workflows/benchmark.yml and benchmark-comment.yml, and of the action benchmark
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, clap::Subcommand)]
enum Verb {
    /// Say which suites an event asks for, and against which commit
    Plan,
    /// Compare one suite with a commit, and tell the outcome as annotations, a step summary and a file
    Compare(compare::Args),
    /// Compare two commits of another repository, and tell the outcome in the same ways
    Pair(pair::Args),
    /// Put the comparisons of a finished workflow run into one comment on its pull request
    Comment(comment::Args),
    /// Put a record beside the others on the branch benchmark-history of `origin`
    Record(record::Args),
}

impl Args {
    pub(crate) fn run(self, workspace: &Workspace) -> Result<()> {
        match self.verb {
            Verb::Plan => plan::run(workspace),
            Verb::Compare(args) => args.run(),
            Verb::Pair(args) => args.run(workspace),
            Verb::Comment(args) => args.run(),
            Verb::Record(args) => args.run(workspace),
        }
    }
}

/// The value of a variable that GitHub sets.
fn variable(name: &str) -> Result<String> {
    std::env::var(name)
        .with_context(|| format!("{name} is not set: this verb runs in a workflow of GitHub's"))
}

/// What triggered the workflow.
fn event() -> Result<Value> {
    let path = PathBuf::from(variable("GITHUB_EVENT_PATH")?);
    let text = std::fs::read_to_string(&path)
        .with_context(|| format!("cannot read {}", path.display()))?;
    serde_json::from_str(&text).with_context(|| format!("{} is not JSON", path.display()))
}

/// Appends `text` to the file that the variable `name` names.
fn append(name: &str, text: &str) -> Result<()> {
    let path = PathBuf::from(variable(name)?);
    let file = OpenOptions::new().create(true).append(true).open(&path);
    file.and_then(|mut file| file.write_all(text.as_bytes()))
        .with_context(|| format!("cannot write {}", path.display()))
}
