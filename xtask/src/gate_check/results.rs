//! What was measured so far: kept as lines of JSON, counted in a table.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::Path;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use super::artifacts::NOMINAL_PERCENTS;
use super::tools::{Answer, Said};

/// One benchmark of one comparison by one tool.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Trial {
    pub(super) tool: String,
    pub(super) scenario: String,
    pub(super) round: u64,
    #[serde(flatten)]
    pub(super) answer: Answer,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Line {
    Truth {
        nominal: f64,
        benchmark: String,
        percent: f64,
    },
    Trial(Trial),
}

/// The lines, and the file that new ones go to.
#[derive(Debug)]
pub(super) struct Results {
    file: File,
    truths: Vec<(f64, String, f64)>,
    trials: Vec<Trial>,
}

/// One row of the table.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Row {
    pub(super) tool: String,
    pub(super) scenario: String,
    pub(super) benchmark: String,
    /// The measured size of the injection; 0 where nothing is injected.
    pub(super) true_percent: f64,
    pub(super) comparisons: usize,
    pub(super) regressed: usize,
    pub(super) improved: usize,
    pub(super) unchanged: usize,
    pub(super) inconclusive: usize,
    pub(super) median_seconds: f64,
}

impl Results {
    /// Reads what is kept for these builds and this noise, and goes on from there.
    pub(super) fn open(folder: &Path, identity: &str, noise: &str) -> Result<Self> {
        let path = folder.join(format!("{identity}-{noise}.jsonl"));
        let kept = std::fs::read_to_string(&path).unwrap_or_default();
        let file = OpenOptions::new().create(true).append(true).open(&path);
        let file = file.with_context(|| format!("cannot write {}", path.display()))?;
        let mut results = Results {
            file,
            truths: Vec::new(),
            trials: Vec::new(),
        };
        // A call that was killed may have left half a line.
        for line in kept
            .lines()
            .filter_map(|line| serde_json::from_str(line).ok())
        {
            results.take(line);
        }
        Ok(results)
    }

    fn take(&mut self, line: Line) {
        match line {
            Line::Truth {
                nominal,
                benchmark,
                percent,
            } => {
                self.truths.push((nominal, benchmark, percent));
            }
            Line::Trial(trial) => self.trials.push(trial),
        }
    }

    fn write(&mut self, line: Line) -> Result<()> {
        writeln!(self.file, "{}", serde_json::to_string(&line)?).context("cannot keep a result")?;
        self.take(line);
        Ok(())
    }

    pub(super) fn add(&mut self, trial: Trial) -> Result<()> {
        self.write(Line::Trial(trial))
    }

    pub(super) fn add_truth(&mut self, nominal: f64, benchmark: &str, percent: f64) -> Result<()> {
        let benchmark = benchmark.to_owned();
        self.write(Line::Truth {
            nominal,
            benchmark,
            percent,
        })
    }

    pub(super) fn has_truth(&self, nominal: f64, benchmark: &str) -> bool {
        let known = |truth: &(f64, String, f64)| truth.0 == nominal && truth.1 == benchmark;
        self.truths.iter().any(known)
    }

    /// Rounds that were begun.
    pub(super) fn rounds(&self) -> u64 {
        self.trials
            .iter()
            .map(|trial| trial.round + 1)
            .max()
            .unwrap_or(0)
    }

    /// One row for each tool, scenario and benchmark.
    pub(super) fn rows(&self) -> Vec<Row> {
        let mut groups: BTreeMap<(&str, usize, &str), Vec<&Trial>> = BTreeMap::new();
        for trial in &self.trials {
            let key = (
                trial.tool.as_str(),
                rank(&trial.scenario),
                trial.answer.benchmark.as_str(),
            );
            groups.entry(key).or_default().push(trial);
        }
        groups
            .into_iter()
            .map(|((_, _, benchmark), trials)| self.row(benchmark, &trials))
            .collect()
    }

    /// What comparisons of several benchmarks at once took: for each tool how many there were, and the median of their seconds.
    pub(super) fn together(&self) -> String {
        let mut sums: BTreeMap<(&str, &str, u64), (usize, f64)> = BTreeMap::new();
        for trial in &self.trials {
            let key = (trial.tool.as_str(), trial.scenario.as_str(), trial.round);
            let (benchmarks, seconds) = sums.entry(key).or_default();
            *benchmarks += 1;
            *seconds += trial.answer.seconds;
        }
        let mut groups: BTreeMap<(&str, usize), Vec<f64>> = BTreeMap::new();
        for ((tool, ..), (benchmarks, seconds)) in sums {
            groups.entry((tool, benchmarks)).or_default().push(seconds);
        }
        groups
            .into_iter()
            .fold(String::new(), |mut text, ((tool, benchmarks), mut seconds)| {
                seconds.sort_by(f64::total_cmp);
                // Writing to a string does not fail.
                let _ = writeln!(
                    text,
                    "\n{tool}: {benchmarks} benchmarks together took {:.1} s (median of {} comparisons; the longest {:.1} s)",
                    seconds[seconds.len() / 2],
                    seconds.len(),
                    seconds[seconds.len() - 1]
                );
                text
            })
    }

    /// Why comparisons were inconclusive, and how many for each reason.
    pub(super) fn reasons(&self) -> String {
        let mut reasons: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        for trial in &self.trials {
            if let (Said::Inconclusive, Some(why)) = (trial.answer.said, &trial.answer.stopped) {
                *reasons.entry((&trial.tool, why)).or_default() += 1;
            }
        }
        reasons
            .into_iter()
            .fold(String::new(), |mut text, ((tool, why), count)| {
                // Writing to a string does not fail.
                let _ = writeln!(text, "\n{tool}: {count} inconclusive: {why}");
                text
            })
    }

    fn row(&self, benchmark: &str, trials: &[&Trial]) -> Row {
        let count = |said| {
            trials
                .iter()
                .filter(|trial| trial.answer.said == said)
                .count()
        };
        let mut seconds: Vec<f64> = trials.iter().map(|trial| trial.answer.seconds).collect();
        seconds.sort_by(f64::total_cmp);
        let scenario = trials[0].scenario.clone();
        let truth = self
            .truths
            .iter()
            .find(|(nominal, name, _)| scenario == injected(*nominal) && name == benchmark);
        Row {
            tool: trials[0].tool.clone(),
            benchmark: benchmark.to_owned(),
            true_percent: truth.map_or(0.0, |truth| truth.2),
            scenario,
            comparisons: trials.len(),
            regressed: count(Said::Regressed),
            improved: count(Said::Improved),
            unchanged: count(Said::Unchanged),
            inconclusive: count(Said::Inconclusive),
            median_seconds: seconds[seconds.len() / 2],
        }
    }
}

fn injected(nominal: f64) -> String {
    format!("slower by {nominal} %")
}

/// Scenarios in the order of the table.
fn rank(scenario: &str) -> usize {
    let sizes = NOMINAL_PERCENTS
        .iter()
        .position(|nominal| injected(*nominal) == scenario);
    match scenario {
        "identical" => 0,
        "relinked" => 1,
        _ => 2 + sizes.unwrap_or(NOMINAL_PERCENTS.len()),
    }
}

/// The table in Markdown: where nothing changed, false alarms with the exact upper bound on their rate; else how many were called.
pub(super) fn text(rows: &[Row]) -> String {
    let mut text = String::from(
        "| tool | scenario | benchmark | true % | comparisons | wrong | wrong at most, 95 % | called | inconclusive | median s |\n\
         | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n",
    );
    for row in rows {
        let slower = row.true_percent != 0.0 || row.scenario.starts_with("slower");
        let wrong = row.improved + if slower { 0 } else { row.regressed };
        let called = if slower {
            row.regressed.to_string()
        } else {
            "–".into()
        };
        let bound = 100.0 * upper_bound(wrong, row.comparisons, 0.05);
        // Writing to a string does not fail.
        let _ = writeln!(
            text,
            "| {} | {} | {} | {:.2} | {} | {wrong} | {bound:.1} % | {called} | {} | {:.2} |",
            row.tool,
            row.scenario,
            row.benchmark,
            row.true_percent,
            row.comparisons,
            row.inconclusive,
            row.median_seconds
        );
    }
    text.push_str(&totals(rows));
    text
}

/// For each tool the false alarms over everything in which nothing changed.
fn totals(rows: &[Row]) -> String {
    let mut tools: BTreeMap<&str, [usize; 2]> = BTreeMap::new();
    for row in rows
        .iter()
        .filter(|row| !row.scenario.starts_with("slower"))
    {
        let [wrong, comparisons] = tools.entry(&row.tool).or_default();
        *wrong += row.regressed + row.improved;
        *comparisons += row.comparisons;
    }
    tools.into_iter().fold(String::new(), |mut text, (tool, [wrong, comparisons])| {
        let bound = 100.0 * upper_bound(wrong, comparisons, 0.05);
        let _ = writeln!(
            text,
            "\n{tool}: {wrong} false alarms in {comparisons} comparisons in which nothing changed (at most {bound:.2} %, 95 %)"
        );
        text
    })
}

/// The exact upper bound of a rate at which `wrong` of `trials` were seen, one-sided at `level` (Clopper and Pearson 1934).
fn upper_bound(wrong: usize, trials: usize, level: f64) -> f64 {
    if wrong >= trials {
        return 1.0;
    }
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..60 {
        let rate = f64::midpoint(low, high);
        if chance_of_at_most(wrong, trials, rate) > level {
            low = rate;
        } else {
            high = rate;
        }
    }
    high
}

/// The chance that a binomial count is at most `wrong`.
fn chance_of_at_most(wrong: usize, trials: usize, rate: f64) -> f64 {
    let mut term = trials as f64 * f64::ln_1p(-rate);
    let mut sum = term.exp();
    for count in 1..=wrong {
        term += ((trials - count + 1) as f64 / count as f64).ln() + (rate / (1.0 - rate)).ln();
        sum += term.exp();
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_as_in_tables() {
        // The rule of three, and values of a published table of exact limits.
        for (wrong, trials, wanted) in [
            (0, 0, 1.0),
            (0, 100, 0.029_51),
            (0, 1000, 0.002_991),
            (1, 10, 0.394_16),
            (5, 10, 0.777_56),
            (10, 10, 1.0),
        ] {
            let bound = upper_bound(wrong, trials, 0.05);
            assert!(
                (bound - wanted).abs() < 2e-5,
                "{wrong} of {trials}: {bound}"
            );
        }
    }

    #[test]
    fn lines_survive_a_kill_and_are_counted() {
        let folder = std::env::temp_dir().join(format!("gate-check-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let trial = |said, seconds| Trial {
            tool: "t".into(),
            scenario: injected(1.0),
            round: 4,
            answer: Answer {
                benchmark: "b".into(),
                said,
                seconds,
                stopped: (said == Said::Inconclusive).then(|| "a slow spell".into()),
            },
        };
        let mut results = Results::open(&folder, "x", "none").unwrap();
        results.add_truth(1.0, "b", 1.1).unwrap();
        for (said, seconds) in [
            (Said::Regressed, 3.0),
            (Said::Unchanged, 1.0),
            (Said::Regressed, 2.0),
            (Said::Inconclusive, 2.5),
        ] {
            results.add(trial(said, seconds)).unwrap();
        }
        results.file.write_all(b"{\"trial\":").unwrap();
        let read = Results::open(&folder, "x", "none").unwrap();
        assert_eq!(
            (
                read.rounds(),
                read.has_truth(1.0, "b"),
                read.has_truth(2.0, "b")
            ),
            (5, true, false)
        );
        let rows = read.rows();
        assert_eq!(rows, results.rows());
        let [row] = &rows[..] else { panic!("{rows:?}") };
        assert_eq!(
            (row.comparisons, row.regressed, row.unchanged, row.improved),
            (4, 2, 1, 0)
        );
        assert_eq!((row.true_percent, row.median_seconds), (1.1, 2.5));
        assert!(
            text(&rows)
                .contains("| t | slower by 1 % | b | 1.10 | 4 | 0 | 52.7 % | 2 | 1 | 2.50 |"),
            "{}",
            text(&rows)
        );
        let together = read.together();
        assert!(
            together.contains("t: 4 benchmarks together took 8.5 s (median of 1 comparisons"),
            "{together}"
        );
        assert_eq!(read.reasons(), "\nt: 1 inconclusive: a slow spell\n");
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
