//! One comment on a pull request, kept up to date: run by a workflow of its own, with trusted code and a token that may write,
//! on artifacts that a fork's code may have made.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};

use super::plan::SUITES;
use super::render::{self, Comparison};

/// By which the comment is found again.
const MARKER: &str = "<!-- benchmark comparison -->";
/// GitHub takes 65,536.
const COMMENT_CHARACTERS: usize = 65_000;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The artifacts of the finished run, a folder each, named benchmark-SUITE-ATTEMPT [default: they are downloaded]
    #[arg(long, value_name = "FOLDER")]
    artifacts: Option<PathBuf>,
}

impl Args {
    pub(super) fn run(self) -> Result<()> {
        let repository = super::variable("GITHUB_REPOSITORY")?;
        let event = super::event()?;
        let run = event
            .get("workflow_run")
            .context("the event is no workflow_run")?;
        let Some(number) = pull_request(&repository, run)? else {
            eprintln!("the run belongs to no open pull request");
            return Ok(());
        };
        let downloaded = tempfile::tempdir()?;
        let folder = match &self.artifacts {
            Some(folder) => folder.as_path(),
            None => {
                download(run, downloaded.path())?;
                downloaded.path()
            }
        };
        let comparisons = comparisons(folder, run["conclusion"] == "failure")?;
        if comparisons.is_empty() {
            eprintln!("the run compared nothing");
            return Ok(());
        }
        let link = run["html_url"].as_str().unwrap_or_default();
        let body = format!(
            "{MARKER}\n{}",
            render::markdown(&comparisons, link, COMMENT_CHARACTERS)
        );
        let comments = pages(&format!(
            "repos/{repository}/issues/{number}/comments?per_page=100"
        ))?;
        let (method, path) = match ours(&comments) {
            Some(id) => ("PATCH", format!("repos/{repository}/issues/comments/{id}")),
            None => (
                "POST",
                format!("repos/{repository}/issues/{number}/comments"),
            ),
        };
        send(method, &path, &json!({ "body": body }))
    }
}

/// The comparisons of all suites, the latest attempt of each; nothing where the run has left none and has not failed, for then it was
/// asked for none.
fn comparisons(folder: &Path, failed: bool) -> Result<Vec<Comparison>> {
    let entries =
        std::fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let mut found: Vec<(String, u64, PathBuf)> = Vec::new();
    for entry in entries {
        let path = entry?.path();
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let parts = name
            .strip_prefix("benchmark-")
            .and_then(|rest| rest.rsplit_once('-'));
        if let Some((suite, attempt)) = parts
            && let Ok(attempt) = attempt.parse()
        {
            found.push((suite.to_owned(), attempt, path));
        }
    }
    found.sort();
    found.reverse();
    found.dedup_by(|later, first| later.0 == first.0);
    found.reverse();
    if failed || !found.is_empty() {
        // A suite whose job left nothing.
        for suite in SUITES {
            if !found.iter().any(|(name, ..)| name == suite) {
                found.push((suite.to_owned(), 0, folder.join(suite)));
            }
        }
    }
    let place = |suite: &str| SUITES.iter().position(|known| *known == suite);
    found.sort_by_key(|(suite, ..)| place(suite).unwrap_or(SUITES.len()));
    let comparison = |(suite, _, folder): (String, u64, PathBuf)| {
        let text = std::fs::read(folder.join("comparison.json")).unwrap_or_default();
        // A job that failed before it could judge is shown as such.
        let json = serde_json::from_slice(&text).unwrap_or(Value::Null);
        Comparison::new(&suite, &json)
    };
    Ok(found.into_iter().map(comparison).collect())
}

/// Downloads the artifacts of a run into `folder`.
fn download(run: &Value, folder: &Path) -> Result<()> {
    let id = run["id"].as_u64().context("the run has no id")?.to_string();
    let status = Command::new("gh")
        .args(["run", "download", &id, "--pattern", "benchmark-*", "--dir"])
        .arg(folder)
        .status()
        .context("cannot run gh, GitHub's program")?;
    // A run that was asked for nothing has none.
    if !status.success() {
        eprintln!("gh run download ended with {status}");
    }
    Ok(())
}

/// The open pull request whose head the run was made of. GitHub names none for a fork, so it is looked up, and believed only
/// if its head is the very commit.
fn pull_request(repository: &str, run: &Value) -> Result<Option<u64>> {
    let text = |pointer: &str| run.pointer(pointer).and_then(Value::as_str);
    let (Some(owner), Some(branch), Some(commit)) = (
        text("/head_repository/owner/login"),
        text("/head_branch"),
        text("/head_sha"),
    ) else {
        bail!("the run names no head");
    };
    let found = api(&[
        "--method",
        "GET",
        &format!("repos/{repository}/pulls"),
        "-f",
        "state=open",
        "-f",
        &format!("head={owner}:{branch}"),
    ])?;
    let mut found = found.as_array().into_iter().flatten();
    let same = found.find(|pull| pull.pointer("/head/sha").and_then(Value::as_str) == Some(commit));
    Ok(same.and_then(|pull| pull["number"].as_u64()))
}

/// The comment that this verb wrote before.
fn ours(comments: &[Value]) -> Option<u64> {
    let written = |comment: &&Value| {
        let body = comment["body"].as_str().unwrap_or_default();
        body.starts_with(MARKER)
            && comment.pointer("/user/type").and_then(Value::as_str) == Some("Bot")
    };
    comments.iter().find(written)?["id"].as_u64()
}

/// All pages of a list.
fn pages(path: &str) -> Result<Vec<Value>> {
    let pages = api(&["--paginate", "--slurp", path])?;
    let pages = pages.as_array().cloned().unwrap_or_default();
    Ok(pages
        .into_iter()
        .filter_map(|page| page.as_array().cloned())
        .flatten()
        .collect())
}

fn api(arguments: &[&str]) -> Result<Value> {
    let output = Command::new("gh")
        .arg("api")
        .args(arguments)
        .stderr(Stdio::inherit())
        .output()
        .context("cannot run gh, GitHub's program")?;
    ensure!(
        output.status.success(),
        "gh api ended with {}",
        output.status
    );
    serde_json::from_slice(&output.stdout).context("gh api answered no JSON")
}

/// Sends `body` from standard input, where it needs no quoting.
fn send(method: &str, path: &str, body: &Value) -> Result<()> {
    use std::io::Write as _;
    let mut child = Command::new("gh")
        .args(["api", "--silent", "--method", method, path, "--input", "-"])
        .stdin(Stdio::piped())
        .spawn()
        .context("cannot run gh, GitHub's program")?;
    let stdin = child.stdin.take().context("a pipe to gh")?;
    { stdin }.write_all(body.to_string().as_bytes())?;
    let status = child.wait()?;
    ensure!(status.success(), "gh api ended with {status}");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_comment_of_a_bots_with_the_marker_is_ours() {
        let comment = |id: u64, kind: &str, body: &str| json!({ "id": id, "user": { "type": kind }, "body": body });
        let marked = format!("{MARKER}\n### x");
        for (name, comments, wanted) in [
            ("none", vec![], None),
            (
                "others'",
                vec![comment(1, "User", "hello"), comment(2, "Bot", "hello")],
                None,
            ),
            (
                "somebody quotes the marker",
                vec![comment(1, "User", &marked)],
                None,
            ),
            (
                "ours, on a later page",
                vec![comment(1, "User", "x"), comment(7, "Bot", &marked)],
                Some(7),
            ),
        ] {
            assert_eq!(ours(&comments), wanted, "{name}");
        }
    }

    #[test]
    fn the_latest_attempt_of_each_suite_counts() {
        let folder = tempfile::tempdir().unwrap();
        for (name, gate) in [
            ("benchmark-tensor-ops-1", "fail"),
            ("benchmark-tensor-ops-2", "pass"),
            ("benchmark-data-loading-10", "fail"),
            ("benchmark-data-loading-9", "pass"),
            ("something-else", "pass"),
        ] {
            let path = folder.path().join(name);
            std::fs::create_dir(&path).unwrap();
            std::fs::write(
                path.join("comparison.json"),
                json!({ "gate": gate, "rows": [] }).to_string(),
            )
            .unwrap();
        }
        std::fs::create_dir(folder.path().join("benchmark-model-training-1")).unwrap();
        let headings = headings(folder.path(), false);
        assert_eq!(
            headings,
            [
                "### tensor-ops: the gate passes",
                "### model-training: **failed** before it could be judged",
                "### data-loading: the gate **fails**",
            ]
        );
    }

    fn headings(folder: &Path, failed: bool) -> Vec<String> {
        let text = render::markdown(&comparisons(folder, failed).unwrap(), "", 10_000);
        let headings = text.lines().filter(|line| line.starts_with('#'));
        headings.map(str::to_owned).collect()
    }

    #[test]
    fn a_suite_whose_job_left_nothing_has_failed() {
        let folder = tempfile::tempdir().unwrap();
        assert!(
            headings(folder.path(), false).is_empty(),
            "asked for nothing"
        );
        let failed =
            SUITES.map(|suite| format!("### {suite}: **failed** before it could be judged"));
        assert_eq!(headings(folder.path(), true), failed);
        for name in ["benchmark-data-loading-1", "benchmark-more-1"] {
            let path = folder.path().join(name);
            std::fs::create_dir(&path).unwrap();
            std::fs::write(path.join("comparison.json"), r#"{ "gate": "pass" }"#).unwrap();
        }
        let some = headings(folder.path(), true);
        assert_eq!(some[..2], failed[..2]);
        assert_eq!(
            some[2..],
            [
                "### data-loading: the gate passes",
                "### more: the gate passes"
            ]
        );
    }
}
