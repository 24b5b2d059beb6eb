//! `cargo xtask gate-check`: measures the gate itself.

mod artifacts;
mod results;
mod tools;

use std::process::{Child, Command};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use clap::ValueEnum;
use serde_json::json;

use crate::build;
use crate::workspace::Workspace;
use artifacts::{Artifacts, NOMINAL_PERCENTS, Variant};
use results::{Results, Trial};
use tools::Tool;

/// Measure how often the gate is right on this machine, beside the tools that people use
///
/// Compares builds of which the answer is known: identical ones, the same source linked in eight orders, and builds made
/// slower by 0.5 to 10 %. What is measured is kept under target/gate-check and added to by the next call, until the source changes.
///
///   cargo xtask gate-check --comparisons 3
///   cargo xtask gate-check --hours 1 --tools paired --noise other-core
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Args {
    /// Go on for so many hours
    #[arg(long, value_name = "H", conflicts_with = "comparisons")]
    hours: Option<f64>,
    /// Make so many comparisons of each scenario [default: 1]
    #[arg(long, value_name = "N")]
    comparisons: Option<u64>,
    /// What else runs on the machine meanwhile
    #[arg(long, value_enum, default_value_t = Noise::None)]
    noise: Noise,
    /// The tools to measure, separated by commas [default: all]
    #[arg(long, value_enum, value_delimiter = ',')]
    tools: Vec<Tool>,
    /// What the builds are to each other, separated by commas: identical, relinked, or the size of a slowdown in percent [default: all]
    #[arg(long, value_delimiter = ',', value_name = "SCENARIO", value_parser = Scenario::parse)]
    scenarios: Vec<Scenario>,
    /// Only benchmarks whose name matches this regular expression
    #[arg(long, value_name = "REGEX", default_value = "")]
    filter: String,
    /// Print the results that are kept, and measure nothing
    #[arg(long)]
    report: bool,
    /// How to print the table
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A table
    Text,
    /// A list of rows
    Json,
}

/// What else runs on the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Noise {
    /// Nothing
    None,
    /// A program that streams over memory half of the time, on another CPU
    OtherCore,
    /// The same for a tenth of the time, on the CPU that is measured
    SameCore,
}

impl Noise {
    fn name(self) -> &'static str {
        match self {
            Noise::None => "none",
            Noise::OtherCore => "other-core",
            Noise::SameCore => "same-core",
        }
    }
}

/// What two builds are to each other.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Scenario {
    /// The same bytes in two files.
    Identical,
    /// The same source, linked in two orders.
    Relinked,
    /// The candidate does more work: the nominal size with this index.
    Slower(usize),
}

impl Scenario {
    fn all() -> impl Iterator<Item = Scenario> {
        [Scenario::Identical, Scenario::Relinked]
            .into_iter()
            .chain((0..NOMINAL_PERCENTS.len()).map(Scenario::Slower))
    }

    fn parse(text: &str) -> Result<Scenario, String> {
        let short = |scenario: &Scenario| match scenario {
            Scenario::Slower(size) => NOMINAL_PERCENTS[*size].to_string(),
            other => other.name(),
        };
        Scenario::all()
            .find(|scenario| short(scenario) == text)
            .ok_or_else(|| {
                let known: Vec<String> = Scenario::all().map(|scenario| short(&scenario)).collect();
                format!("one of {}", known.join(", "))
            })
    }

    fn name(self) -> String {
        match self {
            Scenario::Identical => "identical".into(),
            Scenario::Relinked => "relinked".into(),
            Scenario::Slower(size) => format!("slower by {} %", NOMINAL_PERCENTS[size]),
        }
    }

    /// The two builds of comparison number `turn`: another pair of layouts each time.
    fn variants(self, turn: u64) -> [Variant; 2] {
        let layouts = artifacts::LAYOUTS;
        let first = (turn % layouts as u64) as usize;
        let step = 1 + (turn / layouts as u64 % (layouts as u64 - 1)) as usize;
        let plain = |layout| Variant { layout, size: None };
        match self {
            Scenario::Identical => [plain(first), plain(first)],
            Scenario::Relinked => [plain(first), plain((first + step) % layouts)],
            Scenario::Slower(size) => [
                plain(first),
                Variant {
                    layout: first,
                    size: Some(size),
                },
            ],
        }
    }
}

impl Args {
    pub(crate) fn run(self, workspace: &Workspace) -> Result<()> {
        let bench = build::release(workspace)?.bench;
        let artifacts = Artifacts::build(workspace, bench)?;
        let mut results = Results::open(&artifacts.folder, &artifacts.identity, self.noise.name())?;
        if !self.report {
            let names = tools::names(&artifacts, &self.filter)?;
            let scenarios: Vec<Scenario> = match self.scenarios.as_slice() {
                [] => Scenario::all().collect(),
                scenarios => scenarios.to_vec(),
            };
            for scenario in &scenarios {
                if let Scenario::Slower(size) = *scenario {
                    artifacts.measure_truth(&mut results, size, &names)?;
                }
            }
            self.measure(&artifacts, &mut results, &names, &scenarios)?;
        }
        let rows = results.rows();
        let text = results::text(&rows) + &results.reasons() + &results.together();
        match self.format {
            Format::Text => print!("{text}"),
            Format::Json => println!("{:#}", json!(rows)),
        }
        let path = artifacts
            .folder
            .join(format!("table-{}.txt", self.noise.name()));
        std::fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))
    }

    /// Comparisons in rounds: every scenario once with every tool, so that a change of the machine meets all alike.
    fn measure(
        &self,
        artifacts: &Artifacts,
        results: &mut Results,
        names: &[String],
        scenarios: &[Scenario],
    ) -> Result<()> {
        let tools: Vec<Tool> = match self.tools.as_slice() {
            [] => Tool::value_variants().to_vec(),
            tools => tools.to_vec(),
        };
        let _neighbour = self.neighbour(artifacts)?;
        let start = Instant::now();
        let limit = self
            .hours
            .map(|hours| Duration::from_secs_f64(hours.max(0.0) * 3600.0));
        let most = match limit {
            Some(_) => u64::MAX,
            None => self.comparisons.unwrap_or(1),
        };
        let before = results.rounds();
        for round in 0..most {
            for &scenario in scenarios {
                for &tool in &tools {
                    if limit.is_some_and(|limit| start.elapsed() >= limit) {
                        return Ok(());
                    }
                    let pair = scenario.variants(before + round);
                    let answers = tool.compare(artifacts, pair, names)?;
                    for answer in answers {
                        results.add(Trial {
                            tool: tool.name().into(),
                            scenario: scenario.name(),
                            round: before + round,
                            answer,
                        })?;
                    }
                }
            }
            eprintln!("round {} done after {:.0?}", round + 1, start.elapsed());
        }
        Ok(())
    }

    fn neighbour(&self, artifacts: &Artifacts) -> Result<Option<Neighbour>> {
        let [cpu, busy_ms, idle_ms] = match self.noise {
            Noise::None => return Ok(None),
            Noise::OtherCore => [artifacts.other_cpu, 50, 50],
            Noise::SameCore => [artifacts.cpu, 5, 45],
        };
        let child = Command::new(&artifacts.neighbour)
            .args([cpu, busy_ms, idle_ms].map(|number| number.to_string()))
            .spawn()
            .context("cannot start the noisy neighbour")?;
        Ok(Some(Neighbour(child)))
    }
}

/// A noisy neighbour, ended when dropped.
struct Neighbour(Child);

impl Drop for Neighbour {
    fn drop(&mut self) {
        // Both fail only where it has ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scenarios_are_known_by_name_or_size() {
        for (text, wanted) in [
            ("identical", Some(Scenario::Identical)),
            ("relinked", Some(Scenario::Relinked)),
            ("0.5", Some(Scenario::Slower(0))),
            ("10", Some(Scenario::Slower(5))),
            ("4", None),
            ("", None),
        ] {
            assert_eq!(Scenario::parse(text).ok(), wanted, "{text:?}");
        }
    }

    #[test]
    fn relinked_pairs_differ_and_all_others_share_their_layout() {
        for turn in 0..200 {
            let [a, b] = Scenario::Relinked.variants(turn);
            assert_ne!(a.layout, b.layout, "turn {turn}");
            for scenario in Scenario::all().filter(|scenario| *scenario != Scenario::Relinked) {
                let [a, b] = scenario.variants(turn);
                assert_eq!(a.layout, b.layout, "{scenario:?}, turn {turn}");
                assert_eq!(a.size, None, "{scenario:?}, turn {turn}");
            }
        }
    }
}
