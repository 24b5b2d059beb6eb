//! `bench compare`.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::thread;

use anyhow::Context;

use super::paired::PairedArgs;
use crate::compare::{self, Comparison, Options, Policy, Side};
use crate::record::{self, Baselines, Chosen, Record};
use crate::report::markdown::Limit;
use crate::report::{Format, Look, text};
use crate::{home, import};

/// Compare two records and judge the difference
///
/// Every benchmark of either record gets one verdict: improved, unchanged, regressed, inconclusive, new, missing, not
/// requested or invalid. A verdict says whether a change is established, by the spread between the processes of both
/// records; the gate says whether it is large enough to fail. `detects` is the smallest change that the two records
/// could have established.
///
/// With --against-lib nothing stored is judged: two builds are measured in turn, in the same processes and on the same
/// memory, until a sequential test is sure. That tells changes of half a percent from none.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// The older side: a file, or the name of a baseline
    ///
    /// A file is a record, or results of another tool (`bench import --help`). Of the baselines of that name, the one of the current record's host is taken.
    #[arg(long, value_name = "FILE|NAME", default_value = record::DEFAULT_BASELINE)]
    baseline: OsString,
    /// The newer side [default: the newest file in results/]
    #[arg(long, value_name = "FILE")]
    current: Option<PathBuf>,
    /// The loss above which a benchmark fails the gate; exactly that much passes
    #[arg(long, value_name = "PERCENT", default_value_t = Policy::default().threshold_percent, value_parser = percent, allow_negative_numbers = true)]
    threshold: f64,
    /// Let benchmarks pass that the baseline has and the current record lacks
    #[arg(long)]
    allow_missing: bool,
    /// Compare records of two hosts, or of two numbers of threads, all the same
    #[arg(long)]
    allow_host_mismatch: bool,
    /// How the comparison is written
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Write the comparison to a file; standard output then has the answer alone
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Leave out the last rows of Markdown that would be longer, the worst come first: 65536 for a comment on GitHub, 250000 for a summary
    #[arg(long, value_name = "N", value_parser = max_chars)]
    max_chars: Option<usize>,
    /// Where the whole report is, a URL or a path, for readers of one from which rows were left out
    #[arg(long, value_name = "URL", requires = "max_chars")]
    link: Option<String>,
    #[command(flatten)]
    paired: PairedArgs,
}

const EXAMPLES: &str = "\
Examples:
  bench compare                              the newest result against this host's baseline
  bench compare --threshold 5                fail on a loss of more than 5 %
  bench compare --baseline release-1         against the baseline of that name
  bench compare --baseline a.json --current b.json --format markdown --output report.md
  bench compare --against-lib old/libsuites.so --suite tensor-ops    measure both builds now, side by side

Exit codes:
  0  no benchmark lost more than the threshold, and none is missing
  1  one did, or is missing (--allow-missing lets that pass)
  2  it could not be judged: a bad file, another host, a failed benchmark, or a loss that is not excluded";

impl Args {
    pub(super) fn run(self) -> anyhow::Result<u8> {
        anyhow::ensure!(
            self.max_chars.is_none() || self.format == Format::Markdown,
            "--max-chars is for --format markdown: other formats are whole or nothing"
        );
        match self.compare() {
            Ok(comparison) => {
                self.publish(&comparison)?;
                Ok(comparison.gate.outcome.exit_code())
            }
            Err(error) => {
                // A program that reads JSON finds the reason where it looks for it.
                if self.format == Format::Json {
                    let reason = super::chain(&error);
                    self.publish(&Comparison::failed(reason, self.threshold))?;
                }
                Err(error)
            }
        }
    }

    fn compare(&self) -> anyhow::Result<Comparison> {
        let policy = Policy {
            threshold_percent: self.threshold,
            allow_missing: self.allow_missing,
        };
        match &self.paired.against_lib {
            Some(library) if !self.paired.confirm => self.paired.compare(library, &policy),
            Some(library) => self.paired.confirm(library, self.stored(policy)?, &policy),
            None => self.stored(policy),
        }
    }

    /// Judges stored numbers.
    fn stored(&self, policy: Policy) -> anyhow::Result<Comparison> {
        // Files of ten thousand benchmarks take half a second each to read.
        let (current, baseline) = thread::scope(|scope| {
            let baseline = scope.spawn(|| Baseline::read(&self.baseline));
            (self.current(), baseline.join())
        });
        let current = current?;
        let baseline = baseline.unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
        let baseline = baseline.of(&current.record.environment.host)?;
        let options = Options {
            policy,
            allow_host_mismatch: self.allow_host_mismatch,
        };
        Ok(stored(&baseline, &current, &options))
    }

    fn current(&self) -> anyhow::Result<Chosen> {
        let path = match &self.current {
            Some(path) => path.clone(),
            None => record::newest(&home::results())?,
        };
        let record = import::load(&path)?;
        Ok(Chosen { path, record })
    }

    /// Writes the comparison where it was asked for.
    fn publish(&self, comparison: &Comparison) -> anyhow::Result<()> {
        let limit = Limit {
            characters: self.max_chars,
            whole: self.link.clone(),
        };
        let Some(path) = &self.output else {
            return super::print(&self.format.write(comparison, &limit, super::look()));
        };
        let report = self.format.write(comparison, &limit, Look::default());
        record::replace_file(path, report.as_bytes()).with_context(|| {
            let path = path.to_string_lossy();
            let path = crate::text::visible(&path);
            format!("cannot write {path}; choose another place with --output FILE")
        })?;
        super::print(&text::closing(comparison, super::look()))
    }
}

/// Judges one file against another, and names both.
pub(super) fn stored(baseline: &Chosen, current: &Chosen, options: &Options) -> Comparison {
    let mut comparison = compare::stored(&baseline.record, &current.record, options);
    let name = |side: &mut Option<Side>, path: &Path| {
        if let Some(side) = side {
            side.file = path.to_string_lossy().into_owned();
        }
    };
    name(&mut comparison.baseline, &baseline.path);
    name(&mut comparison.current, &current.path);
    let other_host = compare::hosts_differ(&baseline.record, &current.record).is_some();
    // An imported record is of no host that could have a baseline.
    let of_a_host = current.record.metadata.imported_from.is_none();
    if other_host && of_a_host && !options.allow_host_mismatch {
        comparison.remedy = Some(update_command(&current.path, &current.record));
    }
    comparison
}

/// The command that makes the record at `path` the baseline of its host.
fn update_command(path: &Path, record: &Record) -> String {
    let update = super::typed("baseline-update");
    if record.metadata.quick || record.metadata.partial.is_some() {
        // That record would be refused.
        return format!("{} && {update}", super::typed("run"));
    }
    format!("{update} --from {}", quoted(path))
}

/// A path as a shell takes it.
fn quoted(path: &Path) -> String {
    let text = path.to_string_lossy();
    let plain =
        |character: char| character.is_ascii_alphanumeric() || "/._-@+=:,".contains(character);
    if text.chars().all(plain) {
        text.into_owned()
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}

/// What `--baseline` means: a file where it looks like one, else a name, else a file in the current folder.
pub(super) enum Baseline<'a> {
    File(Chosen),
    /// A name, and the baseline of the first host that has one.
    Named(&'a str, Option<Chosen>),
}

impl<'a> Baseline<'a> {
    pub(super) fn read(given: &'a OsStr) -> Result<Self, import::Error> {
        let name = given
            .to_str()
            .filter(|name| !name.contains('/') && !name.ends_with(".json"));
        let path = Path::new(given);
        let baselines = Baselines::new(home::baselines());
        match name {
            Some(name) if !path.is_file() || baselines.has(name) => {
                Ok(Baseline::Named(name, baselines.first(name)?))
            }
            _ => Ok(Baseline::File(Chosen {
                path: path.to_owned(),
                record: import::load(path)?,
            })),
        }
    }

    /// The one that fits a host.
    pub(super) fn of(self, host: &str) -> Result<Chosen, record::Error> {
        match self {
            Baseline::File(chosen) => Ok(chosen),
            Baseline::Named(name, first) => {
                Baselines::new(home::baselines()).fitting(name, host, first)
            }
        }
    }
}

/// Reads a percentage: a number that is not negative, with or without the sign.
pub(super) fn percent(text: &str) -> Result<f64, String> {
    let number = text.trim().trim_end_matches('%').trim_end().parse::<f64>();
    match number {
        Ok(percent) if percent.is_finite() && percent >= 0.0 => Ok(percent),
        _ => Err("a percentage is a number from 0, for instance 5 or 2.5".into()),
    }
}

/// Reads the length that Markdown may have.
fn max_chars(text: &str) -> Result<usize, String> {
    let number = text.parse().ok();
    let number = number.filter(|&number: &usize| number >= Limit::LEAST);
    number.ok_or_else(|| format!("a number from {}", Limit::LEAST))
}
