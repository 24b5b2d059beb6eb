//! `cargo xtask github` from outside, with events and a `gh` that are made up.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::{Value, json};

/// `xtask github ARGUMENTS` in the tree `folder`, with `event` as the event.
fn github(folder: &Path, arguments: &[&str], name: &str, event: &Value) -> Output {
    std::fs::write(folder.join("event.json"), event.to_string()).unwrap();
    let path = std::env::var("PATH").unwrap();
    Command::new(env!("CARGO_BIN_EXE_xtask"))
        .arg("github")
        .args(arguments)
        .env("CARGO_MANIFEST_DIR", folder.join("xtask"))
        .env("PATH", format!("{}:{path}", folder.join("bin").display()))
        .env("FOLDER", folder)
        .env("GITHUB_EVENT_NAME", name)
        .env("GITHUB_EVENT_PATH", folder.join("event.json"))
        .env("GITHUB_OUTPUT", folder.join("output"))
        .env("GITHUB_STEP_SUMMARY", folder.join("summary"))
        .env("GITHUB_REPOSITORY", "owner/name")
        .current_dir(folder)
        .output()
        .unwrap()
}

fn succeed(output: &Output) {
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

fn git(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new("git")
        .args(["-c", "user.name=n", "-c", "user.email=e@example.org"])
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap();
    succeed(&output);
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

fn tree() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("xtask")).unwrap();
    folder
}

#[test]
fn a_pull_request_is_compared_with_its_merge_base() {
    let folder = tree();
    let folder = folder.path();
    git(folder, &["init", "--quiet", "--initial-branch=main"]);
    let commit = |message: &str| {
        git(
            folder,
            &["commit", "--quiet", "--allow-empty", "-m", message],
        );
        git(folder, &["rev-parse", "HEAD"])
    };
    let fork = commit("where the branch begins");
    git(folder, &["checkout", "--quiet", "-b", "branch"]);
    let head = commit("the change");
    git(folder, &["checkout", "--quiet", "main"]);
    let base = commit("what came meanwhile");
    let event = json!({
        "action": "synchronize",
        "pull_request": {
            "labels": [{ "name": "benchmark" }],
            "base": { "sha": base },
            "head": { "sha": head },
        },
    });
    succeed(&github(folder, &["plan"], "pull_request", &event));
    let output = std::fs::read_to_string(folder.join("output")).unwrap();
    let suites = r#"["tensor-ops","model-training","data-loading"]"#;
    assert_eq!(output, format!("suites={suites}\nagainst={fork}\n"));
    let summary = std::fs::read_to_string(folder.join("summary")).unwrap();
    assert_eq!(summary.matches("| requested |").count(), 3, "{summary}");

    let unknown = json!({ "inputs": { "suite": "all", "against": "--output=evil" } });
    let refused = github(folder, &["plan"], "workflow_dispatch", &unknown);
    assert_eq!(refused.status.code(), Some(2));
    assert!(!folder.join("evil").exists());
}

/// Answers like GitHub: two pages of comments, the second of which holds ours if `ours` says so.
const GH: &str = r#"#!/bin/sh
printf '%s\n' "$*" >> "$FOLDER/calls"
case "$*" in
  *pulls*) printf '[{"number": 4, "head": {"sha": "other"}}, {"number": 5, "head": {"sha": "abc"}}]' ;;
  *--slurp*) cat "$FOLDER/comments" ;;
  *) cat > "$FOLDER/body" ;;
esac
"#;

#[test]
fn one_comment_is_written_and_then_kept_up_to_date() {
    let folder = tree();
    let folder = folder.path();
    let gh = folder.join("bin/gh");
    std::fs::create_dir(folder.join("bin")).unwrap();
    std::fs::write(&gh, GH).unwrap();
    std::fs::set_permissions(&gh, PermissionsExt::from_mode(0o755)).unwrap();
    let artifact = folder.join("artifacts/benchmark-tensor-ops-1");
    std::fs::create_dir_all(&artifact).unwrap();
    let rows = json!([{ "name": "add <b>", "verdict": "regressed", "severity": "minor", "ratio": 1.15, "interval": [1.14, 1.16] }]);
    let comparison = json!({ "gate": "fail", "rows": rows });
    std::fs::write(artifact.join("comparison.json"), comparison.to_string()).unwrap();
    let run = |commit: &str| {
        json!({ "workflow_run": {
            "id": 99,
            "html_url": "https://example.org/run",
            "head_sha": commit,
            "head_branch": "branch; rm -rf /",
            "head_repository": { "owner": { "login": "somebody" } },
        } })
    };
    let comment = |commit: &str, comments: &Value| {
        let _ = std::fs::remove_file(folder.join("calls"));
        std::fs::write(folder.join("comments"), comments.to_string()).unwrap();
        succeed(&github(
            folder,
            &["comment", "--artifacts", "artifacts"],
            "workflow_run",
            &run(commit),
        ));
        std::fs::read_to_string(folder.join("calls")).unwrap()
    };

    let calls = comment("abc", &json!([[], []]));
    assert!(calls.contains("head=somebody:branch; rm -rf /"), "{calls}");
    assert!(
        calls.contains("--method POST repos/owner/name/issues/5/comments"),
        "{calls}"
    );
    let body: Value = serde_json::from_slice(&std::fs::read(folder.join("body")).unwrap()).unwrap();
    let body = body["body"].as_str().unwrap();
    assert!(body.contains("| `add ?b?` | +15.00 % |"), "{body}");

    let pages = json!([
        [{ "id": 1, "user": { "type": "User" }, "body": body }],
        [{ "id": 7, "user": { "type": "Bot" }, "body": body }],
    ]);
    let calls = comment("abc", &pages);
    assert!(
        calls.contains("--method PATCH repos/owner/name/issues/comments/7"),
        "{calls}"
    );

    // A job that left nothing.
    assert!(
        body.contains("### data-loading: **failed** before"),
        "{body}"
    );

    // The branch has moved on, or somebody names a pull request that is not theirs.
    let calls = comment("another commit", &json!([[]]));
    assert!(!calls.contains("--method P"), "{calls}");
}

#[test]
fn records_are_added_to_the_history_and_none_is_replaced() {
    let folder = tree();
    let folder = folder.path();
    git(folder, &["init", "--quiet", "--bare", "origin"]);
    git(folder, &["init", "--quiet", "--initial-branch=main"]);
    git(folder, &["remote", "add", "origin", "./origin"]);
    git(folder, &["commit", "--quiet", "--allow-empty", "-m", "a"]);
    let head = git(folder, &["rev-parse", "HEAD"]);
    let record = |file: &str, record: &Value| {
        std::fs::write(folder.join(file), record.to_string()).unwrap();
        github(folder, &["record", file], "schedule", &json!({}))
    };
    let of = |timestamp: &str, metadata: Value| {
        let environment = json!({ "git_commit": "0123456789abcdef" });
        json!({ "timestamp": timestamp, "environment": environment, "metadata": metadata })
    };
    for timestamp in ["2026-01-02T03:04:05Z", "2026-01-03T03:04:05Z"] {
        succeed(&record("night ly.json", &of(timestamp, json!({}))));
    }
    let origin = folder.join("origin");
    let files = git(
        &origin,
        &["ls-tree", "-r", "--name-only", "benchmark-history"],
    );
    assert_eq!(
        files,
        "history/2026-01-02T03-04-05Z_0123456789ab_results.json\n\
         history/2026-01-03T03-04-05Z_0123456789ab_results.json"
    );
    assert_eq!(
        git(&origin, &["rev-list", "--count", "benchmark-history"]),
        "2"
    );
    let kept = git(
        &origin,
        &[
            "show",
            &format!("benchmark-history:{}", files.lines().next().unwrap()),
        ],
    );
    let kept: Value = serde_json::from_str(&kept).unwrap();
    assert_eq!(kept, of("2026-01-02T03:04:05Z", json!({})));
    // Nothing of the repository itself has moved.
    assert_eq!(git(folder, &["rev-parse", "HEAD"]), head);
    assert_eq!(git(folder, &["status", "--porcelain", "-uno"]), "");

    for (what, refused) in [
        ("partial", of("t", json!({ "partial": "interrupted" }))),
        ("quick", of("t", json!({ "quick": true }))),
        ("no record", json!({ "rows": [] })),
    ] {
        let output = record("refused.json", &refused);
        assert_eq!(output.status.code(), Some(2), "{what}");
        let why = String::from_utf8_lossy(&output.stderr);
        assert!(why.contains("refused.json"), "{what}: {why}");
    }
    let hook = origin.join("hooks/pre-receive");
    std::fs::write(&hook, "#!/bin/sh\necho no entry >&2; exit 1\n").unwrap();
    std::fs::set_permissions(&hook, PermissionsExt::from_mode(0o755)).unwrap();
    let output = record("refused.json", &of("2026-01-04T03:04:05Z", json!({})));
    assert_eq!(output.status.code(), Some(2));
    let why = String::from_utf8_lossy(&output.stderr);
    assert!(why.contains("no entry"), "{why}");
    assert_eq!(
        git(&origin, &["rev-list", "--count", "benchmark-history"]),
        "2"
    );
}
