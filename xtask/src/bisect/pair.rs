//! One paired comparison of one benchmark of two shared objects, by the program `bench`.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result};
use serde::Serialize;
use serde_json::Value;

use super::search::Answer;

/// What was measured of two builds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Pair {
    /// The verdict's word.
    pub(super) verdict: String,
    /// Candidate time over baseline time.
    pub(super) ratio: Option<f64>,
    /// The ends of its interval.
    pub(super) interval: Option<[f64; 2]>,
    /// What was said besides.
    pub(super) notes: Vec<String>,
}

/// How one benchmark is compared.
#[derive(Debug)]
pub(super) struct Pairing<'a> {
    pub(super) bench: &'a Path,
    pub(super) benchmark: &'a str,
    /// Of one comparison, as `bench` takes it.
    pub(super) budget: &'a str,
}

impl Pairing<'_> {
    /// Measures `candidate` against `baseline` until the ratio's interval lies on one side of `split`, or the budget is used up.
    ///
    /// # Errors
    /// Where the program cannot be run or answers something else than a comparison.
    pub(super) fn pair(&self, baseline: &Path, candidate: &Path, split: f64) -> Result<Pair> {
        let output = Command::new(self.bench)
            .args(["compare", "--format=json", "--against-lib"])
            .arg(baseline)
            .arg("--lib")
            .arg(candidate)
            .arg(format!("--filter={}", whole(self.benchmark)))
            .arg(format!("--threshold={}", 100.0 * (split - 1.0)))
            .arg(format!("--budget={}", self.budget))
            .stderr(Stdio::inherit())
            .output()
            .context("cannot run bench")?;
        let comparison = serde_json::from_slice(&output.stdout)
            .context("bench gave no comparison; its message stands above")?;
        Ok(Pair::read(&comparison, self.benchmark))
    }
}

impl Pair {
    /// Reads the row of `benchmark`; where there is none, the reason is a note.
    fn read(comparison: &Value, benchmark: &str) -> Self {
        let mut rows = comparison["rows"].as_array().into_iter().flatten();
        let Some(row) = rows.find(|row| row["name"] == benchmark) else {
            return Pair {
                verdict: "invalid".into(),
                ratio: None,
                interval: None,
                notes: comparison["reason"]
                    .as_str()
                    .map(str::to_owned)
                    .into_iter()
                    .collect(),
            };
        };
        let ends = [0, 1].map(|end| row["interval"][end].as_f64());
        let notes = row["notes"].as_array().into_iter().flatten();
        Pair {
            verdict: row["verdict"].as_str().unwrap_or("invalid").to_owned(),
            ratio: row["ratio"].as_f64(),
            interval: ends[0].zip(ends[1]).map(|(low, high)| [low, high]),
            notes: notes.filter_map(Value::as_str).map(str::to_owned).collect(),
        }
    }

    /// Whether it is established that the candidate is slower.
    pub(super) fn is_slower(&self) -> bool {
        self.verdict == "regressed" && self.interval.is_some_and(|[low, _]| low > 1.0)
    }

    /// On which side of `split` the whole interval lies.
    pub(super) fn answer(&self, split: f64) -> Answer {
        match self.interval {
            Some([_, high]) if high < split => Answer::Fast,
            Some([low, _]) if low > split => Answer::Slow,
            Some(_) => {
                Answer::Unknown("noise: the budget was used up before it could be told".into())
            }
            None if self.notes.is_empty() => Answer::Unknown(self.verdict.clone()),
            None => Answer::Unknown(self.notes.join("; ")),
        }
    }
}

/// A regular expression that matches `name` and nothing else.
fn whole(name: &str) -> String {
    let escaped = |character: char| {
        if character.is_alphanumeric() || character == '_' {
            character.to_string()
        } else {
            format!("\\x{{{:x}}}", u32::from(character))
        }
    };
    format!("^{}$", name.chars().map(escaped).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_name_is_no_pattern() {
        let table = [
            ("matmul_1", "^matmul_1$"),
            ("a.b|c", r"^a\x{2e}b\x{7c}c$"),
            ("", "^$"),
        ];
        for (name, pattern) in table {
            assert_eq!(whole(name), pattern, "{name}");
        }
    }

    #[test]
    fn only_a_whole_interval_on_one_side_is_an_answer() {
        let row = |low: f64, high: f64| json!({ "rows": [{ "name": "x", "verdict": "regressed", "ratio": low, "interval": [low, high], "notes": [] }] });
        let noise = Answer::Unknown("noise: the budget was used up before it could be told".into());
        let failed =
            json!({ "rows": [{ "name": "x", "verdict": "invalid", "notes": ["it crashed"] }] });
        let nothing = json!({ "rows": [], "reason": "no such benchmark" });
        let new = json!({ "rows": [{ "name": "x", "verdict": "new", "notes": [] }] });
        let table = [
            (row(0.99, 1.01), Answer::Fast),
            (row(0.5, 0.6), Answer::Fast),
            (row(1.01, 1.04), Answer::Fast),
            (row(1.06, 1.2), Answer::Slow),
            (row(1.04, 1.06), noise.clone()),
            (row(0.9, 1.3), noise),
            (failed, Answer::Unknown("it crashed".into())),
            (nothing, Answer::Unknown("no such benchmark".into())),
            (new, Answer::Unknown("new".into())),
        ];
        for (comparison, expected) in table {
            assert_eq!(
                Pair::read(&comparison, "x").answer(1.05),
                expected,
                "{comparison}"
            );
        }
    }

    #[test]
    fn slower_is_established_or_not() {
        let table = [
            ("regressed", Some([1.01, 1.2]), true),
            ("inconclusive", Some([1.01, 1.2]), false),
            ("regressed", Some([0.99, 1.2]), false),
            ("regressed", None, false),
        ];
        for (verdict, interval, expected) in table {
            let pair = Pair {
                verdict: verdict.into(),
                ratio: None,
                interval,
                notes: Vec::new(),
            };
            assert_eq!(pair.is_slower(), expected, "{pair:?}");
        }
    }
}
