//! `cargo xtask bisect`: which commit made a benchmark slower, by paired comparisons of the commits' builds.
//!
//! Each commit is held against the good one. It counts as fast or slow where the whole interval of its ratio lies on one side of
//! the split, the geometric mean of 1 and the bad commit's ratio; else it is passed over, as is one that does not build. The
//! commit that is left is named only if it is also established that it is slower than the one before it.

mod pair;
mod report;
mod search;

use std::path::Path;

use anyhow::{Context, Result, bail};
use clap::ValueEnum;

use crate::against::{Builds, Revision};
use crate::build;
use crate::workspace::Workspace;
use pair::{Pair, Pairing};
use report::{Report, Step};
use search::{Answer, search};

/// Where the question is whether a build is slower at all: the least threshold that leaves the test its usual zone of indifference,
/// within which layouts of one source differ.
const AT_ALL: f64 = 1.005;

/// Find the commit that made a benchmark slower
///
/// Builds commits between a good and a bad one, along the first parents of merges, and pairs each with the good one by
/// `compare --against-lib`. First it makes sure that the bad one is slower. A commit that does not build, or that noise leaves
/// undecided, is passed over: if it could be the guilty one, none is named.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example:
  cargo xtask bisect --benchmark matmul_large --good v1.2 --bad HEAD

Exit codes: 0 the commit is named; 2 it is not, and between which commits it lies.")]
pub(crate) struct Args {
    /// The benchmark, by its whole name
    #[arg(long, value_name = "NAME")]
    benchmark: String,
    /// A commit in which it was fast
    #[arg(long, value_name = "REV")]
    good: String,
    /// A later one in which it is slow
    #[arg(long, value_name = "REV", default_value = "HEAD")]
    bad: String,
    /// How long one comparison may take; what is undecided then is passed over
    #[arg(long, value_name = "DURATION", default_value = "2m")]
    budget: String,
    /// How the answer is written
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Lines for people
    Text,
    /// One object
    Json,
}

impl Args {
    pub(crate) fn run(self, workspace: &Workspace) -> Result<()> {
        let builds = Builds::new(workspace);
        let commits = builds.between(&self.good, &self.bad)?;
        let bench = build::release(workspace)?.bench;
        let pairing = Pairing {
            bench: &bench,
            benchmark: &self.benchmark,
            budget: &self.budget,
        };
        let bisection = Bisection {
            builds,
            pairing,
            commits,
            steps: Vec::new(),
        };
        let report = bisection.run()?;
        match self.format {
            Format::Text => print!("{}", report.text()),
            Format::Json => println!("{}", serde_json::to_string_pretty(&report.json())?),
        }
        if !report.is_settled() {
            std::process::exit(2);
        }
        Ok(())
    }
}

/// A search under way.
struct Bisection<'a> {
    builds: Builds<'a>,
    pairing: Pairing<'a>,
    /// The good one first, the bad one last.
    commits: Vec<Revision>,
    steps: Vec<Step>,
}

impl Bisection<'_> {
    fn run(mut self) -> Result<Report> {
        let last = self.commits.len() - 1;
        let good = self.builds.library(&self.commits[0]).context("--good")?;
        let bad = self.builds.library(&self.commits[last]).context("--bad")?;
        eprintln!("{} commits; first, is the bad one slower?", last);
        let whole = self.pairing.pair(&good, &bad, AT_ALL)?;
        let ratio = whole.ratio.filter(|_| whole.is_slower());
        let Some(ratio) = ratio else {
            bail!(
                "it is not established that {} is slower in {} than in {}: {}",
                self.pairing.benchmark,
                self.commits[last],
                self.commits[0],
                report::said(&whole)
            );
        };
        let split = ratio.sqrt();
        self.steps.push(Step::new(
            &self.commits[last],
            Answer::Slow,
            Some(whole.clone()),
        ));
        let found = search(last, |commit| self.probe(&good, commit, split))?;
        let step = if !found.is_one() {
            None
        } else if (found.fast, found.slow) == (0, last) {
            Some(whole)
        } else {
            Some(self.confirm(found.fast, found.slow)?)
        };
        Ok(Report::new(
            self.pairing.benchmark,
            &self.commits,
            found,
            step,
            self.steps,
        ))
    }

    /// Holds one commit against the good one.
    fn probe(&mut self, good: &Path, commit: usize, split: f64) -> Result<Answer> {
        let revision = &self.commits[commit];
        let (answer, pair) = match self.builds.library(revision) {
            Ok(library) => {
                let pair = self.pairing.pair(good, &library, split)?;
                (pair.answer(split), Some(pair))
            }
            Err(error) => (Answer::Unknown(format!("{error:#}")), None),
        };
        let step = Step::new(revision, answer.clone(), pair);
        eprintln!("{}", step.line());
        self.steps.push(step);
        Ok(answer)
    }

    /// Holds two neighbours against each other.
    fn confirm(&self, fast: usize, slow: usize) -> Result<Pair> {
        let library = |commit: usize| self.builds.library(&self.commits[commit]);
        self.pairing.pair(&library(fast)?, &library(slow)?, AT_ALL)
    }
}
