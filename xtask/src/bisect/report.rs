//! What a search found, for people and for programs.

use serde_json::{Value, json};

use super::pair::Pair;
use super::search::{Answer, Found};
use crate::against::Revision;

/// One commit that was held against the good one.
#[derive(Debug)]
pub(super) struct Step {
    revision: Revision,
    answer: Answer,
    pair: Option<Pair>,
}

impl Step {
    pub(super) fn new(revision: &Revision, answer: Answer, pair: Option<Pair>) -> Self {
        Self {
            revision: revision.clone(),
            answer,
            pair,
        }
    }

    /// The step in one line.
    pub(super) fn line(&self) -> String {
        let measured = self.pair.as_ref().filter(|pair| pair.ratio.is_some());
        let measured = measured.map_or(String::new(), |pair| format!(", {}", said(pair)));
        match &self.answer {
            Answer::Fast => format!("fast     {}{measured}", self.revision),
            Answer::Slow => format!("slow     {}{measured}", self.revision),
            Answer::Unknown(why) => format!("unknown  {}{measured}: {why}", self.revision),
        }
    }

    fn json(&self) -> Value {
        let (answer, why) = match &self.answer {
            Answer::Fast => ("fast", None),
            Answer::Slow => ("slow", None),
            Answer::Unknown(why) => ("unknown", Some(why)),
        };
        json!({ "commit": self.revision.json(), "answer": answer, "why": why, "against_good": self.pair })
    }
}

/// What a comparison said, in words.
pub(super) fn said(pair: &Pair) -> String {
    let percent = |ratio: f64| format!("{:+.2} %", 100.0 * (ratio - 1.0));
    let mut text = pair.verdict.clone();
    if let Some(ratio) = pair.ratio {
        text = format!("{text} {}", percent(ratio));
    }
    if let Some([low, high]) = pair.interval {
        text = format!("{text} ({} to {})", percent(low), percent(high));
    }
    if !pair.notes.is_empty() {
        text = format!("{text}: {}", pair.notes.join("; "));
    }
    text
}

/// The end of a search.
#[derive(Debug)]
pub(super) struct Report {
    benchmark: String,
    /// The last commit that is known to be fast.
    fast: Revision,
    /// The commits after it, up to the first that is known to be slow.
    suspects: Vec<Revision>,
    /// Where there is one suspect: it against the commit before it.
    step: Option<Pair>,
    steps: Vec<Step>,
}

impl Report {
    pub(super) fn new(
        benchmark: &str,
        commits: &[Revision],
        found: Found,
        step: Option<Pair>,
        steps: Vec<Step>,
    ) -> Self {
        Self {
            benchmark: benchmark.to_owned(),
            fast: commits[found.fast].clone(),
            suspects: commits[found.fast + 1..=found.slow].to_vec(),
            step,
            steps,
        }
    }

    /// Whether one commit is named: it is the only suspect, and established to be slower than the one before it.
    pub(super) fn is_settled(&self) -> bool {
        self.suspects.len() == 1 && self.step.as_ref().is_some_and(Pair::is_slower)
    }

    pub(super) fn text(&self) -> String {
        let mut text: String = self.steps.iter().map(|step| step.line() + "\n").collect();
        text.push('\n');
        let step = self.step.as_ref().map(said).unwrap_or_default();
        if self.is_settled() {
            let guilty = &self.suspects[0];
            return format!(
                "{text}{guilty} made {} slower\nagainst the commit before it: {step}\n",
                self.benchmark
            );
        }
        text.push_str(&format!(
            "no commit is named: {} became slower after {}, in one of\n",
            self.benchmark, self.fast
        ));
        for suspect in &self.suspects {
            text.push_str(&format!("  {suspect}\n"));
        }
        if !step.is_empty() {
            text.push_str(&format!("against the commit before it: {step}\n"));
        }
        text
    }

    pub(super) fn json(&self) -> Value {
        json!({
            "benchmark": self.benchmark,
            "guilty": self.is_settled().then(|| self.suspects[0].json()),
            "last_fast": self.fast.json(),
            "suspects": self.suspects.iter().map(Revision::json).collect::<Vec<_>>(),
            "against_the_one_before": self.step,
            "steps": self.steps.iter().map(Step::json).collect::<Vec<_>>(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(verdict: &str, low: f64) -> Pair {
        Pair {
            verdict: verdict.into(),
            ratio: Some(1.2),
            interval: Some([low, 1.3]),
            notes: Vec::new(),
        }
    }

    fn report(fast: usize, slow: usize, step: Option<Pair>) -> Report {
        let commits = ["a", "b", "c", "d"].map(|name| Revision::new(&name.repeat(40), name));
        let steps = vec![
            Step::new(
                &commits[1],
                Answer::Unknown("it does not build".into()),
                None,
            ),
            Step::new(&commits[3], Answer::Slow, Some(pair("regressed", 1.1))),
        ];
        Report::new("x", &commits, Found { fast, slow }, step, steps)
    }

    #[test]
    fn a_commit_is_named_only_where_nothing_is_open() {
        let table = [
            ("one, established", 2, 3, Some(pair("regressed", 1.1)), true),
            (
                "one, inconclusive",
                2,
                3,
                Some(pair("inconclusive", 0.9)),
                false,
            ),
            ("one, unchanged", 2, 3, Some(pair("unchanged", 0.99)), false),
            ("two", 1, 3, None, false),
        ];
        for (name, fast, slow, step, settled) in table {
            let report = report(fast, slow, step);
            assert_eq!(report.is_settled(), settled, "{name}");
            let (text, json) = (report.text(), report.json());
            assert_eq!(
                text.contains("commit dddddddddddd (d) made x slower"),
                settled,
                "{name}: {text}"
            );
            assert_eq!(
                text.contains("no commit is named"),
                !settled,
                "{name}: {text}"
            );
            assert_eq!(json["guilty"].is_object(), settled, "{name}: {json}");
            assert_eq!(
                json["suspects"].as_array().unwrap().len(),
                slow - fast,
                "{name}"
            );
        }
    }

    #[test]
    fn every_step_is_told() {
        let report = report(0, 3, None);
        let text = report.text();
        for line in [
            "unknown  commit bbbbbbbbbbbb (b): it does not build\n",
            "slow     commit dddddddddddd (d), regressed +20.00 % (+10.00 % to +30.00 %)\n",
            "became slower after commit aaaaaaaaaaaa (a), in one of\n  commit bbbbbbbbbbbb (b)\n  commit cccc",
        ] {
            assert!(text.contains(line), "{line} in {text}");
        }
        let json = report.json();
        assert_eq!(json["steps"][0]["why"], "it does not build");
        assert_eq!(json["steps"][1]["against_good"]["ratio"], 1.2);
        assert_eq!(json["last_fast"]["hash"], "a".repeat(40));
    }
}
