//! `bench compare --against-lib`: two shared objects, paired in one process, and from what that shows to rows that are judged.

mod progress;

use std::convert::Infallible;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::machine;
use crate::affinity;
use crate::compare::{self, Comparison, Gate, Interval, Policy, Row, Severity, Side, Verdict};
use crate::host;
use crate::library::{Benchmark, Library, Source};
use crate::paired::{self, Options, Stop};
use crate::record;
use crate::selection;
use crate::stats::sequential::{Claim, Rule};

/// The options of a paired comparison.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Options of a paired comparison")]
pub(super) struct PairedArgs {
    /// Measure this shared object against the candidate's, both now, slice by slice in one process
    #[arg(long, value_name = "FILE")]
    pub(super) against_lib: Option<PathBuf>,
    /// Build this revision and measure it against the tree as it stands: `cargo xtask compare --against REV`, in the source tree
    #[arg(long = "against", value_name = "REV", value_parser = needs_source_tree)]
    _against: Option<Infallible>,
    /// The candidate's shared object [default: libsuites.so beside the program]
    #[arg(long = "lib", value_name = "FILE", requires = "against_lib")]
    library: Option<PathBuf>,
    /// Pair only this suite; may be given several times
    #[arg(long = "suite", value_name = "SUITE", requires = "against_lib")]
    suites: Vec<String>,
    /// Pair only benchmarks whose name matches this regular expression
    #[arg(long, value_name = "REGEX", requires = "against_lib")]
    filter: Option<String>,
    /// Stop after this long; what is undecided then is inconclusive (30s, 15m, 1h)
    #[arg(long, value_name = "DURATION", default_value = "15m", value_parser = humantime::parse_duration)]
    budget: Duration,
    /// Give up on a benchmark of which one process takes longer than this
    #[arg(long, value_name = "DURATION", default_value = "60s", value_parser = humantime::parse_duration)]
    timeout: Duration,
    /// Pin to this CPU [default: the last that may be used and on which no other run measures]
    #[arg(long, value_name = "N")]
    cpu: Option<u32>,
    /// Threads for benchmarks that use several [default: every CPU that may be used]
    #[arg(long, value_name = "N")]
    threads: Option<u32>,
    /// Decides the orders and places that are drawn, and what the buffers hold
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Measure at least so many processes of each benchmark, for a narrower interval [default: as few as decide it]
    #[arg(long, value_name = "N", default_value_t = 0)]
    processes: usize,
    /// Measure two files with the same contents all the same
    #[arg(long, requires = "against_lib")]
    even_if_identical: bool,
    /// Judge the stored numbers first, and measure only what they make suspicious; `cargo xtask compare --confirm` builds the baseline's commit for it
    #[arg(long, requires = "against_lib")]
    pub(super) confirm: bool,
}

/// `cargo xtask` takes `--against` out of the arguments; a revision that comes through has nobody to build it.
fn needs_source_tree(revision: &str) -> Result<Infallible, String> {
    Err(format!(
        "this program builds nothing: use `cargo xtask compare --against {revision}` in the source tree, or --against-lib FILE"
    ))
}

impl PairedArgs {
    /// Pairs the candidate with `baseline` and judges it.
    ///
    /// # Errors
    /// Where a library cannot be loaded, nothing is selected, or the CPU cannot be had.
    pub(super) fn compare(&self, baseline: &Path, policy: &Policy) -> anyhow::Result<Comparison> {
        let candidate = match &self.library {
            Some(path) => path.clone(),
            None => std::env::current_exe()?.with_file_name("libsuites.so"),
        };
        // Before this process has threads or a mask: what is loaded here describes itself and measures nothing.
        let libraries = [baseline.to_owned(), candidate];
        let [old, new] = libraries
            .each_ref()
            .map(|path| Library::load(&Source::File(path.clone())));
        let (old, new) = (old?, new?);
        let identities = [old.identify()?, new.identify()?];
        let new_libraries = [new];
        let selected = selection::select(&new_libraries, &self.selection())?;
        let mut rows = Rows::sort(&old, &selected, self);
        let identical = identities[0].sha256 == identities[1].sha256;
        let mut warnings = Vec::new();
        if identical && !self.even_if_identical {
            rows.identical();
            warnings
                .push("both sides are the same file, byte for byte: nothing was measured".into());
        } else {
            self.pair(&mut rows, libraries.clone(), policy)?;
        }
        let rows = rows.rows;
        let gate = if rows.is_empty() {
            Gate::cannot_judge("there is nothing to compare")
        } else {
            Gate::decide(&rows, policy)
        };
        let side = |path: &Path| Side {
            file: path.to_string_lossy().into_owned(),
            ..Side::default()
        };
        Ok(Comparison {
            rows,
            gate,
            remedy: None,
            threshold_percent: policy.threshold_percent,
            baseline: Some(side(&libraries[0])),
            current: Some(side(&libraries[1])),
            warnings,
        })
    }

    /// Pairs what `stored` numbers hold for slower, or cannot tell, and judges it by that.
    ///
    /// # Errors
    /// As [`PairedArgs::compare`].
    pub(super) fn confirm(
        &self,
        baseline: &Path,
        mut stored: Comparison,
        policy: &Policy,
    ) -> anyhow::Result<Comparison> {
        let suspicious =
            |row: &&mut Row| matches!(row.verdict, Verdict::Regressed | Verdict::Inconclusive);
        let rows: Vec<&mut Row> = stored.rows.iter_mut().filter(suspicious).collect();
        if rows.is_empty() {
            return Ok(stored);
        }
        let names: Vec<String> = rows.iter().map(|row| regex::escape(&row.name)).collect();
        let narrowed = PairedArgs {
            filter: Some(format!("^({})$", names.join("|"))),
            suites: Vec::new(),
            ..self.clone()
        };
        let paired = narrowed.compare(baseline, policy)?;
        for row in rows {
            if let Some(settled) = paired.rows.iter().find(|settled| settled.name == row.name) {
                let change = row
                    .ratio
                    .map(|ratio| crate::text::units::percent(100.0 * (ratio - 1.0)));
                let said = format!(
                    "stored numbers said {} {}",
                    row.verdict.word(),
                    change.unwrap_or_default()
                );
                *row = settled.clone();
                row.notes.push(said.trim_end().into());
            }
        }
        stored.gate = Gate::decide(&stored.rows, policy);
        stored.warnings.extend(paired.warnings);
        Ok(stored)
    }

    fn selection(&self) -> record::Selection {
        record::Selection {
            suites: self.suites.clone(),
            filter: self.filter.clone(),
            ..record::Selection::default()
        }
    }

    /// Fills the rows that are to be paired.
    fn pair(
        &self,
        rows: &mut Rows,
        libraries: [PathBuf; 2],
        policy: &Policy,
    ) -> anyhow::Result<()> {
        let allowed = affinity::allowed();
        let claim = machine::claim(self.cpu, &allowed)?;
        let options = Options {
            libraries,
            rule: Rule::new(rows.names.len(), policy.threshold_percent / 100.0),
            least_processes: self.processes,
            seed: self.seed,
            cpu: machine::can_pin(claim.cpu, &allowed, self.cpu.is_some())?,
            pool: machine::pool(self.threads, &allowed, claim.cpu)?,
            host: host::environment(&allowed, claim.cpu, "").host,
            allowed,
            budget: self.budget,
            timeout: self.timeout,
        };
        let interrupted = machine::interrupts()?;
        let progress = progress::Progress::new();
        let answers = paired::run(&rows.names, &options, &interrupted, &mut |event| {
            progress.tell(event);
        });
        progress.finish();
        for (&place, answer) in rows.places.iter().zip(answers) {
            fill(&mut rows.rows[place], answer, policy.threshold_percent);
        }
        Ok(())
    }
}

/// The rows of a comparison in their order, some of which are still to be paired.
struct Rows {
    rows: Vec<Row>,
    /// The benchmarks to pair, and the rows that they fill.
    names: Vec<String>,
    places: Vec<usize>,
}

impl Rows {
    /// One row for every selected benchmark of the candidate, then those that only the baseline has.
    fn sort(old: &Library, selected: &[selection::Selected<'_>], args: &PairedArgs) -> Self {
        let mut rows = Rows {
            rows: Vec::new(),
            names: Vec::new(),
            places: Vec::new(),
        };
        let find = |name: &str| all(old).find(|(_, benchmark)| benchmark.name == name);
        for selected in selected {
            let (suite, benchmark) = (&selected.suite.name, selected.benchmark);
            let mut row = Row::new(&benchmark.name, suite, Verdict::New);
            if let Some((_, baseline)) = find(&benchmark.name) {
                row.verdict = Verdict::Invalid;
                match paired::difference(baseline, benchmark) {
                    Some(difference) => row.notes.push(format!(
                        "the two sides declare {difference}, so they cannot be paired"
                    )),
                    None => {
                        rows.names.push(benchmark.name.clone());
                        rows.places.push(rows.rows.len());
                    }
                }
            }
            rows.rows.push(row);
        }
        let names: Vec<&str> = selected.iter().map(|s| s.benchmark.name.as_str()).collect();
        let filter = args.filter.as_deref().unwrap_or_default();
        // `select` has refused a filter that is none.
        let pattern = regex::Regex::new(filter).ok();
        for (suite, benchmark) in all(old) {
            let name = benchmark.name.as_str();
            let of_suite = args.suites.is_empty() || args.suites.contains(suite);
            let wanted = of_suite
                && pattern
                    .as_ref()
                    .is_some_and(|pattern| pattern.is_match(name));
            if wanted && !names.contains(&name) {
                rows.rows.push(Row::new(name, suite, Verdict::Missing));
            }
        }
        rows
    }

    fn identical(&mut self) {
        for &place in &self.places {
            let row = &mut self.rows[place];
            row.verdict = Verdict::Unchanged;
            row.ratio = Some(1.0);
            row.interval = Some(Interval {
                low: 1.0,
                high: 1.0,
            });
            row.stopped = Some("identical files".into());
            (row.seconds, row.pairs) = (Some(0.0), Some(0));
        }
    }
}

/// Every benchmark of a library that is not hidden, with the name of its suite.
fn all(library: &Library) -> impl Iterator<Item = (&String, &Benchmark)> {
    library
        .suites
        .iter()
        .filter(|suite| !suite.hidden)
        .flat_map(|suite| {
            suite
                .benchmarks
                .iter()
                .map(|benchmark| (&suite.name, benchmark))
        })
}

/// Writes what pairing showed into a row.
fn fill(row: &mut Row, answer: paired::Row, threshold_percent: f64) {
    row.seconds = Some(answer.spent.as_secs_f64());
    row.pairs = Some(answer.pairs as u64);
    row.stopped = Some(stopped(&answer.stop));
    if let Stop::Failed(why) = answer.stop {
        row.notes.push(why);
        return;
    }
    let judgement = answer.judgement;
    row.baseline_ms = answer.baseline_ns.map(|ns| ns / 1e6);
    row.ratio = judgement.estimate.map(f64::exp);
    row.current_ms = row.baseline_ms.zip(row.ratio).map(|(ms, ratio)| ms * ratio);
    row.interval = judgement.interval.map(|ends| {
        let [low, high] = ends.map(f64::exp);
        Interval { low, high }
    });
    row.verdict = match judgement.claim {
        Claim::Regressed => Verdict::Regressed,
        Claim::Improved => Verdict::Improved,
        Claim::Unchanged => Verdict::Unchanged,
        Claim::Open => Verdict::Inconclusive,
    };
    if let (Verdict::Regressed, Some(ratio)) = (row.verdict, row.ratio) {
        row.severity = Severity::of(100.0 * (ratio - 1.0), threshold_percent);
    }
    row.suspect = row.ratio.is_some_and(compare::is_suspect);
    if answer.rejected > 0 {
        row.notes.push(format!(
            "{} of {} draws fell into slow spells and do not count",
            answer.rejected,
            answer.rejected + answer.units
        ));
    }
}

fn stopped(stop: &Stop) -> String {
    match stop {
        Stop::Settled => "decided",
        Stop::Budget => "the budget was used up",
        Stop::Interrupted => "interrupted",
        Stop::SlowSpell => "nothing but a slow spell for a minute",
        Stop::Failed(_) => "failed",
    }
    .into()
}
