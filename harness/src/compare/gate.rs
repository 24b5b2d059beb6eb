//! Whether a comparison passes: the rule that turns rows into an exit code.

use serde::Serialize;

use super::{Row, Verdict};

/// The answer of a comparison.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Gate {
    /// Pass, fail, or neither.
    #[serde(rename = "gate")]
    pub outcome: Outcome,
    /// Why.
    pub reason: String,
}

/// Pass, fail, or neither.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Everything was judged and nothing is lost: exit code 0.
    Pass,
    /// Something is lost: exit code 1.
    Fail,
    /// Something could not be judged, and nothing that could is lost: exit code 2.
    CannotJudge,
}

/// What the gate lets through.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Policy {
    /// The loss above which it fails.
    pub threshold_percent: f64,
    /// Whether a missing benchmark passes.
    pub allow_missing: bool,
}

impl Default for Policy {
    /// A loss above 10 % fails, and so does a missing benchmark.
    fn default() -> Self {
        Policy {
            threshold_percent: 10.0,
            allow_missing: false,
        }
    }
}

impl Outcome {
    /// The exit code.
    pub fn exit_code(self) -> u8 {
        match self {
            Outcome::Pass => 0,
            Outcome::Fail => 1,
            Outcome::CannotJudge => 2,
        }
    }

    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Outcome::Pass => "pass",
            Outcome::Fail => "fail",
            Outcome::CannotJudge => "cannot judge",
        }
    }
}

impl Gate {
    /// The answer where nothing can be judged at all.
    pub fn cannot_judge(reason: impl Into<String>) -> Self {
        Gate {
            outcome: Outcome::CannotJudge,
            reason: reason.into(),
        }
    }

    /// Judges rows: a loss outweighs what could not be judged.
    pub fn decide(rows: &[Row], policy: &Policy) -> Self {
        if let Some(reason) = nothing_judged(rows) {
            return Gate::cannot_judge(reason);
        }
        let lost = losses(rows, policy);
        let open = undecided(rows, policy);
        let (outcome, reasons) = if !lost.is_empty() {
            (Outcome::Fail, [lost, open].concat())
        } else if !open.is_empty() {
            (Outcome::CannotJudge, open)
        } else {
            (Outcome::Pass, vec![passed(policy)])
        };
        Gate {
            outcome,
            reason: reasons.join("; "),
        }
    }
}

/// Why the comparison as a whole says nothing, where that is so.
fn nothing_judged(rows: &[Row]) -> Option<&'static str> {
    let one_sided = |row: &Row| {
        matches!(
            row.verdict,
            Verdict::New | Verdict::Missing | Verdict::NotRequested
        )
    };
    if rows.is_empty() {
        Some("there is nothing to compare")
    } else if rows.iter().all(one_sided) {
        Some("the two sides have no benchmark in common")
    } else {
        None
    }
}

/// What makes the gate fail.
fn losses(rows: &[Row], policy: &Policy) -> Vec<String> {
    let regressed = listed(
        rows.iter().filter(|row| row.severity.is_some()),
        &format!("regressed by more than {} %", policy.threshold_percent),
    );
    let missing = listed(
        rows.iter()
            .filter(|row| row.verdict == Verdict::Missing && !policy.allow_missing),
        "missing (--allow-missing lets that pass)",
    );
    regressed.into_iter().chain(missing).collect()
}

/// What keeps the gate from passing, though nothing is known to be lost.
fn undecided(rows: &[Row], policy: &Policy) -> Vec<String> {
    let invalid = listed(
        rows.iter().filter(|row| row.verdict == Verdict::Invalid),
        "invalid",
    );
    let open = |row: &&Row| {
        row.verdict == Verdict::Inconclusive
            && !row
                .interval
                .is_some_and(|interval| interval.excludes_loss(policy.threshold_percent))
    };
    let inconclusive = listed(
        rows.iter().filter(open),
        &format!(
            "inconclusive: a loss of more than {} % is not excluded",
            policy.threshold_percent
        ),
    );
    invalid.into_iter().chain(inconclusive).collect()
}

fn passed(policy: &Policy) -> String {
    format!("no benchmark lost more than {} %", policy.threshold_percent)
}

/// Names that a reason lists before it only counts.
const MOST_NAMES: usize = 3;

/// `2 benchmarks WHAT (a, b)`; `None` for no row.
fn listed<'a>(rows: impl Iterator<Item = &'a Row>, what: &str) -> Option<String> {
    let names: Vec<&str> = rows.map(|row| row.name.as_str()).collect();
    let mut list = names
        .iter()
        .copied()
        .take(MOST_NAMES)
        .collect::<Vec<_>>()
        .join(", ");
    if names.len() > MOST_NAMES {
        list.push_str(", …");
    }
    match names.len() {
        0 => None,
        1 => Some(format!("1 benchmark {what}: {list}")),
        count => Some(format!("{count} benchmarks {what}: {list}")),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Interval, Severity};
    use super::*;

    fn row(name: &str, verdict: Verdict) -> Row {
        Row::new(name, "", verdict)
    }

    fn severe(name: &str) -> Row {
        Row {
            severity: Some(Severity::Severe),
            ..row(name, Verdict::Regressed)
        }
    }

    fn inconclusive(high: f64) -> Row {
        Row {
            interval: Some(Interval { low: 0.5, high }),
            ..row("i", Verdict::Inconclusive)
        }
    }

    #[test]
    fn outcomes() {
        use Outcome::{CannotJudge, Fail, Pass};
        let same = || row("same", Verdict::Unchanged);
        // rows, allow missing, outcome, part of the reason
        let table = [
            (vec![], false, CannotJudge, "nothing to compare"),
            (
                vec![same()],
                false,
                Pass,
                "no benchmark lost more than 10 %",
            ),
            (vec![same(), row("n", Verdict::New)], false, Pass, ""),
            (
                vec![same(), row("n", Verdict::NotRequested)],
                false,
                Pass,
                "",
            ),
            (vec![same(), row("g", Verdict::Improved)], false, Pass, ""),
            (vec![row("small", Verdict::Regressed)], false, Pass, ""),
            (
                vec![same(), severe("s")],
                false,
                Fail,
                "1 benchmark regressed by more than 10 %: s",
            ),
            (
                vec![same(), row("m", Verdict::Missing)],
                false,
                Fail,
                "missing (--allow-missing",
            ),
            (vec![same(), row("m", Verdict::Missing)], true, Pass, ""),
            (
                vec![row("m", Verdict::Missing)],
                false,
                CannotJudge,
                "in common",
            ),
            (
                vec![row("m", Verdict::Missing), row("n", Verdict::New)],
                true,
                CannotJudge,
                "in common",
            ),
            (
                vec![same(), row("x", Verdict::Invalid)],
                false,
                CannotJudge,
                "invalid: x",
            ),
            (vec![same(), inconclusive(1.1)], false, Pass, ""),
            (
                vec![same(), inconclusive(1.2)],
                false,
                CannotJudge,
                "not excluded: i",
            ),
            (
                vec![same(), row("i", Verdict::Inconclusive)],
                false,
                CannotJudge,
                "not excluded",
            ),
            (
                vec![severe("s"), inconclusive(1.2), row("x", Verdict::Invalid)],
                false,
                Fail,
                "; 1 benchmark invalid: x; 1 benchmark inconclusive",
            ),
        ];
        for (rows, allow_missing, outcome, reason) in table {
            let policy = Policy {
                threshold_percent: 10.0,
                allow_missing,
            };
            let gate = Gate::decide(&rows, &policy);
            assert_eq!(gate.outcome, outcome, "{rows:?}");
            assert!(
                gate.reason.contains(reason),
                "{:?} lacks {reason:?}",
                gate.reason
            );
        }
    }

    #[test]
    fn many_regressions_are_one_exit_code() {
        let table = [
            (3, "b0, b1, b2"),
            (4, "b0, b1, b2, …"),
            (256, "b0, b1, b2, …"),
        ];
        for (count, names) in table {
            let rows: Vec<Row> = (0..count).map(|i| severe(&format!("b{i}"))).collect();
            let policy = Policy {
                threshold_percent: 10.0,
                allow_missing: false,
            };
            let gate = Gate::decide(&rows, &policy);
            assert_eq!(gate.outcome.exit_code(), 1, "{count}");
            assert_eq!(
                gate.reason,
                format!("{count} benchmarks regressed by more than 10 %: {names}")
            );
        }
    }
}
