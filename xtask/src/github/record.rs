//! One record more on the branch that keeps the history.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use crate::workspace::Workspace;

/// The branch, which holds nothing but records.
const BRANCH: &str = "benchmark-history";
/// How often to start over where somebody else's record came first.
const ATTEMPTS: usize = 5;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The record, as `cargo xtask bench --output FILE` writes it
    file: PathBuf,
}

impl Args {
    /// Commits the record to the branch of `origin`, beside those that are there: nothing is checked out, and no ref of this repository moves.
    pub(super) fn run(self, workspace: &Workspace) -> Result<()> {
        let text = std::fs::read(&self.file)
            .with_context(|| format!("cannot read {}", self.file.display()))?;
        let name = name(&text).with_context(|| format!("{}", self.file.display()))?;
        let index = tempfile::tempdir().context("no temporary folder")?;
        let git = Git {
            root: &workspace.root,
            index: index.path().join("index"),
        };
        let blob = git.read(&["hash-object", "-w", "--", &absolute(&self.file)?])?;
        let mut refusal = String::new();
        for _ in 0..ATTEMPTS {
            match git.append(&blob, &name)? {
                None => {
                    println!("{BRANCH}: history/{name}");
                    return Ok(());
                }
                Some(why) => refusal = why,
            }
        }
        bail!(
            "{BRANCH} refused the record {ATTEMPTS} times; where others pushed meanwhile, run this step again. At last: {refusal}"
        )
    }
}

/// What a record is called in the history: when it was begun and which commit it measured.
fn name(record: &[u8]) -> Result<String> {
    let record: Value = serde_json::from_slice(record).context("it is not JSON")?;
    let text = |pointer: &str| {
        let value = record.pointer(pointer).and_then(Value::as_str);
        value.with_context(|| format!("it is no record of `bench`: it has no {pointer}"))
    };
    let metadata = &record["metadata"];
    ensure!(
        metadata["partial"].is_null() && metadata["quick"] != true,
        "it is partial or quick: the history takes full runs only"
    );
    let commit = text("/environment/git_commit")?;
    let plain: String = format!("{}_{commit:.12}_results.json", text("/timestamp")?)
        .chars()
        .map(|c| match c {
            'A'..='Z' | 'a'..='z' | '0'..='9' | '_' | '.' => c,
            _ => '-',
        })
        .collect();
    Ok(plain)
}

fn absolute(file: &Path) -> Result<String> {
    let path = std::path::absolute(file).context("the current folder is gone")?;
    let text = path.to_str().map(str::to_owned);
    text.with_context(|| format!("{} is not UTF-8", path.display()))
}

/// git with an index of its own.
struct Git<'a> {
    root: &'a Path,
    index: PathBuf,
}

impl Git<'_> {
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("git");
        // Only a push over HTTPS asks for credentials; `gh` has those of the workflow.
        command
            .args(["-c", "credential.helper=!gh auth git-credential"])
            .args(arguments)
            .current_dir(self.root)
            .env("GIT_INDEX_FILE", &self.index)
            .env("GIT_AUTHOR_NAME", "benchmark")
            .env("GIT_AUTHOR_EMAIL", "benchmark@localhost")
            .env("GIT_COMMITTER_NAME", "benchmark")
            .env("GIT_COMMITTER_EMAIL", "benchmark@localhost");
        command
    }

    /// What it prints, or an error with what it complains of.
    fn read(&self, arguments: &[&str]) -> Result<String> {
        let output = self.command(arguments).output().context("cannot run git")?;
        ensure!(
            output.status.success(),
            "git {} failed: {}",
            arguments[0],
            String::from_utf8_lossy(&output.stderr).trim()
        );
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }

    /// Pushes the branch with one file more; what git says where that is refused, as when the branch moved meanwhile.
    fn append(&self, blob: &str, name: &str) -> Result<Option<String>> {
        let _ = std::fs::remove_file(&self.index);
        let there = self.read(&["ls-remote", "origin", &format!("refs/heads/{BRANCH}")])?;
        let mut commit = vec!["commit-tree", "-m", name];
        let parent;
        if !there.is_empty() {
            self.read(&["fetch", "--quiet", "--depth=1", "origin", BRANCH])?;
            parent = self.read(&["rev-parse", "FETCH_HEAD"])?;
            self.read(&["read-tree", &parent])?;
            commit.extend(["-p", &parent]);
        }
        let entry = format!("100644,{blob},history/{name}");
        self.read(&["update-index", "--add", "--cacheinfo", &entry])?;
        let tree = self.read(&["write-tree"])?;
        commit.push(&tree);
        let commit = self.read(&commit)?;
        let target = format!("{commit}:refs/heads/{BRANCH}");
        let pushed = self
            .command(&["push", "--porcelain", "origin", &target])
            .output()
            .context("cannot run git")?;
        if pushed.status.success() {
            return Ok(None);
        }
        let why = String::from_utf8_lossy(&pushed.stderr).trim().to_owned();
        // "[rejected]" or "[remote rejected]".
        let refused = String::from_utf8_lossy(&pushed.stdout).contains("rejected]");
        ensure!(refused, "git push failed: {why}");
        Ok(Some(why))
    }
}
