//! What an event asks for.

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use xshell::cmd;

use crate::workspace::Workspace;

/// The suites that can be asked for, each a job; a pull request asks for all.
pub(super) const SUITES: [&str; 3] = ["tensor-ops", "model-training", "data-loading"];
/// The label that asks for a comparison of a pull request.
const LABEL: &str = "benchmark";

/// Suites and the two commits that a merge base is sought of.
#[derive(Debug, PartialEq)]
struct Plan {
    suites: Vec<&'static str>,
    base: String,
    head: String,
}

/// Writes `suites`, a JSON list that is empty where nothing is asked for, and `against`, a commit, to GITHUB_OUTPUT, and which suites
/// are requested to the step summary.
pub(super) fn run(workspace: &Workspace) -> Result<()> {
    let name = super::variable("GITHUB_EVENT_NAME")?;
    let (suites, against) = match plan(&name, &super::event()?)? {
        None => (Vec::new(), String::new()),
        Some(Plan { suites, base, head }) => {
            let shell = workspace.shell()?;
            let against = cmd!(shell, "git merge-base --end-of-options {base} {head}")
                .read()
                .with_context(|| {
                    format!(
                        "{base} and {head} have no common commit here: check out with fetch-depth 0"
                    )
                })?;
            (suites, against)
        }
    };
    let text = format!("suites={}\nagainst={against}\n", json!(suites));
    eprint!("{text}");
    super::append("GITHUB_OUTPUT", &text)?;
    super::append("GITHUB_STEP_SUMMARY", &summary(&suites))
}

/// A table of all suites, for whoever looks for one that has no job.
fn summary(requested: &[&str]) -> String {
    let head = "| suite | |\n| --- | --- |\n".to_owned();
    SUITES.iter().fold(head, |table, suite| {
        let word = match requested.contains(suite) {
            true => "requested",
            false => "not requested",
        };
        format!("{table}| {suite} | {word} |\n")
    })
}

/// Nothing where a pull request does not carry the label, or another label is what was put on it.
fn plan(event_name: &str, event: &Value) -> Result<Option<Plan>> {
    let text = |pointer: &str| {
        let value = event.pointer(pointer).and_then(Value::as_str);
        value
            .map(str::to_owned)
            .with_context(|| format!("the event has no {pointer}"))
    };
    let all = SUITES.to_vec();
    Ok(Some(match event_name {
        "pull_request" => {
            let labels = event.pointer("/pull_request/labels");
            let mut labels = labels.and_then(Value::as_array).into_iter().flatten();
            let labelled = labels.any(|label| label["name"] == LABEL);
            let other =
                event["action"] == "labeled" && event.pointer("/label/name") != Some(&json!(LABEL));
            if !labelled || other {
                return Ok(None);
            }
            Plan {
                suites: all,
                base: text("/pull_request/base/sha")?,
                head: text("/pull_request/head/sha")?,
            }
        }
        "workflow_dispatch" => {
            let suite = text("/inputs/suite")?;
            let suites = match SUITES.into_iter().find(|known| *known == suite) {
                Some(known) => vec![known],
                None if suite == "all" => all,
                None => bail!(
                    "there is no suite {suite:?}; there are: all, {}",
                    SUITES.join(", ")
                ),
            };
            Plan {
                suites,
                base: text("/inputs/against")?,
                head: "HEAD".into(),
            }
        }
        "schedule" => Plan {
            suites: all,
            base: "HEAD^".into(),
            head: "HEAD".into(),
        },
        other => bail!("no plan for the event {other:?}"),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pull_request(action: &str, label: &str, labels: &[&str]) -> Value {
        let labels: Vec<Value> = labels.iter().map(|name| json!({ "name": name })).collect();
        json!({
            "action": action,
            "label": { "name": label },
            "pull_request": { "labels": labels, "base": { "sha": "b" }, "head": { "sha": "h" } },
        })
    }

    #[test]
    fn events_and_what_they_ask_for() {
        let all = Some(SUITES.to_vec());
        let dispatch = |suite: &str| json!({ "inputs": { "suite": suite, "against": "main" } });
        for (name, event_name, event, wanted) in [
            (
                "labelled",
                "pull_request",
                pull_request("labeled", "benchmark", &["benchmark"]),
                all.clone(),
            ),
            (
                "pushed",
                "pull_request",
                pull_request("synchronize", "", &["x", "benchmark"]),
                all.clone(),
            ),
            (
                "another label",
                "pull_request",
                pull_request("labeled", "x", &["x", "benchmark"]),
                None,
            ),
            (
                "no label",
                "pull_request",
                pull_request("synchronize", "", &["x"]),
                None,
            ),
            (
                "by hand, all",
                "workflow_dispatch",
                dispatch("all"),
                all.clone(),
            ),
            (
                "by hand, one",
                "workflow_dispatch",
                dispatch("data-loading"),
                Some(vec!["data-loading"]),
            ),
            ("nightly", "schedule", json!({}), all),
        ] {
            let suites = plan(event_name, &event).unwrap().map(|plan| plan.suites);
            assert_eq!(suites, wanted, "{name}");
        }
        assert_eq!(
            summary(&["data-loading"]),
            "| suite | |\n| --- | --- |\n| tensor-ops | not requested |\n| model-training | not requested |\n| data-loading | requested |\n"
        );
        for (event_name, event) in [
            ("workflow_dispatch", dispatch("; rm -rf /")),
            ("workflow_dispatch", json!({})),
            (
                "pull_request",
                json!({ "pull_request": { "labels": [{ "name": "benchmark" }] } }),
            ),
            ("issue_comment", json!({})),
        ] {
            assert!(plan(event_name, &event).is_err(), "{event_name} {event}");
        }
    }
}
