//! One comparison by each tool, and its answer in one vocabulary.

use std::path::Path;
use std::process::{Command, Output};
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use clap::ValueEnum;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::artifacts::{Artifacts, NAMES, SHARED, Variant};

/// The loss above which a rule of thumb calls a change.
const RULE: f64 = 0.10;
/// Benchmarks that the other tools measure: the first four.
const PEER_NAMES: usize = 4;

/// A tool that says whether a build is slower.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Tool {
    /// This project: `bench compare --against-lib`
    Paired,
    /// criterion with a saved baseline, one second of measurement after half a second of warm-up
    Criterion,
    /// tango-bench at its defaults
    Tango,
    /// divan's medians, called a change above 10 %
    Divan,
    /// The means of two processes, called a change above 10 %
    Mean,
}

/// What a tool said of one benchmark.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Said {
    Regressed,
    Improved,
    Unchanged,
    Inconclusive,
}

/// One benchmark of one comparison.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Answer {
    pub(super) benchmark: String,
    pub(super) said: Said,
    pub(super) seconds: f64,
    /// Why this project's tool stopped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) stopped: Option<String>,
}

impl Tool {
    pub(super) fn name(self) -> &'static str {
        match self {
            Tool::Paired => "paired",
            Tool::Criterion => "criterion",
            Tool::Tango => "tango-bench",
            Tool::Divan => "divan, median > 10 %",
            Tool::Mean => "mean > 10 %",
        }
    }

    /// Compares two builds, baseline first.
    pub(super) fn compare(
        self,
        artifacts: &Artifacts,
        pair: [Variant; 2],
        names: &[String],
    ) -> Result<Vec<Answer>> {
        if self == Tool::Paired {
            return paired(artifacts, pair, names);
        }
        names
            .iter()
            .filter(|name| NAMES[..PEER_NAMES].contains(&name.as_str()))
            .map(|name| {
                let start = Instant::now();
                let said = match self {
                    Tool::Paired | Tool::Criterion => criterion(artifacts, pair, name)?,
                    Tool::Tango => tango(artifacts, pair, name)?,
                    Tool::Divan => by_rule(pair, |variant| {
                        divan_ns(artifacts, &artifacts.path("divan", variant), name)
                    })?,
                    Tool::Mean => by_rule(pair, |variant| {
                        mean_ns(artifacts, &artifacts.path("mean", variant), name)
                    })?,
                };
                let seconds = start.elapsed().as_secs_f64();
                Ok(Answer {
                    benchmark: name.clone(),
                    said,
                    seconds,
                    stopped: None,
                })
            })
            .collect()
    }
}

/// The names of the fixture's benchmarks that match a regular expression.
pub(super) fn names(artifacts: &Artifacts, filter: &str) -> Result<Vec<String>> {
    let library = artifacts.path(
        SHARED,
        Variant {
            layout: 0,
            size: None,
        },
    );
    let mut command = Command::new(&artifacts.bench);
    command.args([
        "run", "--list", "--format", "json", "--filter", filter, "--lib",
    ]);
    let list: Value = serde_json::from_str(&text(command.arg(library))?)?;
    let rows = list.as_array().context("bench lists benchmarks")?;
    let name = |row: &Value| row["name"].as_str().map(str::to_owned);
    rows.iter()
        .map(name)
        .collect::<Option<_>>()
        .context("a benchmark has a name")
}

/// The regular expression that matches just these names.
fn only(names: &[String]) -> String {
    format!("^({})$", names.join("|"))
}

fn paired(artifacts: &Artifacts, pair: [Variant; 2], names: &[String]) -> Result<Vec<Answer>> {
    let rows = paired_rows(artifacts, pair, &["--filter", &only(names)])?;
    rows.iter()
        .map(|row| {
            let said = match row["verdict"].as_str() {
                Some("regressed") => Said::Regressed,
                Some("improved") => Said::Improved,
                Some("unchanged") => Said::Unchanged,
                Some("inconclusive") => Said::Inconclusive,
                other => anyhow::bail!("bench says {other:?} of {}: {}", row["name"], row["notes"]),
            };
            Ok(Answer {
                benchmark: row["name"].as_str().context("a row has a name")?.into(),
                said,
                seconds: row["seconds"]
                    .as_f64()
                    .context("a paired row has seconds")?,
                stopped: row["stopped"].as_str().map(str::to_owned),
            })
        })
        .collect()
}

/// The rows of a paired comparison. A copy of each file, so that even identical ones are measured.
fn paired_rows(artifacts: &Artifacts, pair: [Variant; 2], options: &[&str]) -> Result<Vec<Value>> {
    let [baseline, candidate] = pair.map(|variant| artifacts.path(SHARED, variant));
    let output = Command::new(&artifacts.bench)
        .args([
            "compare",
            "--even-if-identical",
            "--format",
            "json",
            "--cpu",
        ])
        .arg(artifacts.cpu.to_string())
        .args(["--seed", &seed().to_string()])
        .arg("--against-lib")
        .arg(baseline)
        .arg("--lib")
        .arg(candidate)
        .args(options)
        .stderr(std::process::Stdio::inherit())
        .output()
        .context("cannot run bench")?;
    let answer: Value = serde_json::from_slice(&output.stdout)
        .with_context(|| format!("bench compare ended with {} and no JSON", output.status))?;
    Ok(answer["rows"].as_array().cloned().unwrap_or_default())
}

/// Another seed each time.
fn seed() -> u64 {
    std::time::SystemTime::now()
        .duration_since(std::time::SystemTime::UNIX_EPOCH)
        .map_or(1, |since| since.as_nanos() as u64)
}

/// The size of each benchmark's change, by a long run.
pub(super) fn true_percents(
    artifacts: &Artifacts,
    pair: [Variant; 2],
    names: &[String],
) -> Result<Vec<(String, f64)>> {
    paired_rows(
        artifacts,
        pair,
        &[
            "--processes",
            "100",
            "--budget",
            "10m",
            "--filter",
            &only(names),
        ],
    )?
    .iter()
    .map(|row| {
        let name = row["name"].as_str().context("a row has a name")?;
        let ratio = row["ratio"]
            .as_f64()
            .with_context(|| format!("{name} has no ratio"))?;
        Ok((name.to_owned(), 100.0 * (ratio - 1.0)))
    })
    .collect()
}

/// The median of the samples' times that criterion compares is its own affair; only its sentence counts.
fn criterion(artifacts: &Artifacts, pair: [Variant; 2], name: &str) -> Result<Said> {
    let home = artifacts.folder.join("criterion");
    let measure = |variant, option: &str| {
        let mut command = pinned(artifacts, &artifacts.path("criterion", variant));
        command
            .args([
                "--bench",
                "--noplot",
                "--warm-up-time",
                "0.5",
                "--measurement-time",
                "1",
            ])
            .args([option, "gate-check", "--exact", name])
            .env("CRITERION_HOME", &home);
        text(&mut command)
    };
    measure(pair[0], "--save-baseline")?;
    criterion_said(&measure(pair[1], "--baseline")?)
}

fn criterion_said(output: &str) -> Result<Said> {
    for (sentence, said) in [
        ("Performance has regressed", Said::Regressed),
        ("Performance has improved", Said::Improved),
        ("No change in performance detected", Said::Unchanged),
        ("Change within noise threshold", Said::Unchanged),
    ] {
        if output.contains(sentence) {
            return Ok(said);
        }
    }
    anyhow::bail!("criterion said nothing about a change: {output}")
}

fn tango(artifacts: &Artifacts, pair: [Variant; 2], name: &str) -> Result<Said> {
    let [baseline, candidate] = pair.map(|variant| artifacts.path("tango", variant));
    let mut command = pinned(artifacts, &candidate);
    command.args(["compare", "-f", name]).arg(baseline);
    // Its exit code is 1 where it calls a loss, as where it fails: only what it prints tells which.
    let output = run(&mut command)?;
    tango_said(&String::from_utf8_lossy(&output.stdout))
        .with_context(|| String::from_utf8_lossy(&output.stderr).into_owned())
}

/// tango ends a line with the change in percent, and a star where it holds it for significant.
fn tango_said(output: &str) -> Result<Said> {
    let word = output
        .split_whitespace()
        .find(|word| word.trim_end_matches('*').ends_with('%'))
        .with_context(|| format!("tango-bench named no change: {output}"))?;
    Ok(match (word.ends_with('*'), word.starts_with('-')) {
        (false, _) => Said::Unchanged,
        (true, true) => Said::Improved,
        (true, false) => Said::Regressed,
    })
}

fn by_rule(pair: [Variant; 2], mut time_ns: impl FnMut(Variant) -> Result<f64>) -> Result<Said> {
    let (baseline, candidate) = (time_ns(pair[0])?, time_ns(pair[1])?);
    Ok(if candidate > baseline * (1.0 + RULE) {
        Said::Regressed
    } else if candidate < baseline * (1.0 - RULE) {
        Said::Improved
    } else {
        Said::Unchanged
    })
}

fn divan_ns(artifacts: &Artifacts, program: &Path, name: &str) -> Result<f64> {
    let output = text(pinned(artifacts, program).args(["--bench", name]))?;
    divan_median_ns(&output, name).with_context(|| format!("divan printed no median: {output}"))
}

/// The third time of the line of `name`: fastest, slowest, median, mean.
fn divan_median_ns(output: &str, name: &str) -> Option<f64> {
    let line = output
        .lines()
        .find(|line| line.split_whitespace().any(|word| word == name))?;
    let median = line.split('│').nth(2)?;
    let (number, unit) = median.trim().split_once(' ')?;
    let ns = match unit.trim() {
        "ns" => 1.0,
        "µs" | "us" => 1e3,
        "ms" => 1e6,
        "s" => 1e9,
        _ => return None,
    };
    Some(number.parse::<f64>().ok()? * ns)
}

/// What the program `mean` prints for one benchmark.
pub(super) fn mean_ns(artifacts: &Artifacts, program: &Path, name: &str) -> Result<f64> {
    let output = text(pinned(artifacts, program).arg(name))?;
    output
        .trim()
        .parse()
        .with_context(|| format!("mean printed {output:?}"))
}

/// A tool's program, told the CPU that is measured: each pins itself.
fn pinned(artifacts: &Artifacts, program: &Path) -> Command {
    let mut command = Command::new(program);
    command.env("CPU", artifacts.cpu.to_string());
    command
}

fn text(command: &mut Command) -> Result<String> {
    let output = run(command)?;
    ensure!(
        output.status.success(),
        "{} ended with {}: {}",
        command.get_program().to_string_lossy(),
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn run(command: &mut Command) -> Result<Output> {
    let output = command.output();
    output.with_context(|| format!("cannot run {}", command.get_program().to_string_lossy()))
}

/// The CPUs that this process may use, ascending.
pub(super) fn allowed_cpus() -> Result<Vec<u32>> {
    let status =
        std::fs::read_to_string("/proc/self/status").context("cannot read the CPU mask")?;
    let list = status
        .lines()
        .find_map(|line| line.strip_prefix("Cpus_allowed_list:"))
        .context("the system names no allowed CPUs")?;
    let mut cpus = Vec::new();
    for part in list.trim().split(',') {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        cpus.extend(first.parse::<u32>()?..=last.parse()?);
    }
    Ok(cpus)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_of_criterion() {
        for (output, wanted) in [
            (
                "time: [1 ns]\nPerformance has regressed.",
                Some(Said::Regressed),
            ),
            ("Performance has improved.", Some(Said::Improved)),
            ("No change in performance detected.", Some(Said::Unchanged)),
            ("Change within noise threshold.", Some(Said::Unchanged)),
            ("time: [1 ns]", None),
        ] {
            assert_eq!(criterion_said(output).ok(), wanted, "{output}");
        }
    }

    #[test]
    fn lines_of_tango() {
        for (output, wanted) in [
            (
                "add  [ 375.5 ns ... 369.0 ns ]  -1.58%*\n",
                Some(Said::Improved),
            ),
            (
                "add  [ 375.5 ns ... 379.0 ns ]  +1.58%*\n",
                Some(Said::Regressed),
            ),
            (
                "add  [ 375.5 ns ... 375.6 ns ]  +0.03%\n",
                Some(Said::Unchanged),
            ),
            ("", None),
        ] {
            assert_eq!(tango_said(output).ok(), wanted, "{output}");
        }
    }

    #[test]
    fn medians_of_divan() {
        let output = "\
            divan     fastest       │ slowest       │ median        │ mean          │ samples │ iters\n\
            ╰─ op                   │               │               │               │         │\n   \
               ├─ a   614.7 ns      │ 2.1 µs        │ 1.5 µs        │ 640 ns        │ 100     │ 100\n   \
               ╰─ ab  19 ms         │ 30 ms         │ 20.5 ms       │ 21 ms         │ 100     │ 100\n";
        for (name, wanted) in [("a", Some(1500.0)), ("ab", Some(20.5e6)), ("b", None)] {
            assert_eq!(divan_median_ns(output, name), wanted, "{name}");
        }
    }
}
