//! `bench run`.

mod baseline;
mod familiar;
mod keep;
mod list;
mod progress;
mod resume;

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use jiff::Timestamp;

use super::machine;
use crate::affinity::{self, Claim};
use crate::library::{Library, Source, Suites};
use crate::measure::{self, Event, Options, Outcome, Plan};
use crate::record::{self, Entry, Metadata, Record, Selection, Shard, Status};
use crate::selection::{self, Selected};
use crate::text::visible;
use crate::{buffers, home, host, report};
use keep::Keeper;
use resume::Earlier;

/// Measure benchmarks and write a record of every sample.
///
/// Each benchmark runs in several fresh processes, pinned to one CPU, in a random order that the seed decides. A table is
/// printed at the end, and the path of the record is the last line of standard output.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  bench run                                     everything, into results/
  bench run --suite tensor-ops --filter ^matmul one suite, and of it the products
  bench run --list                              what there is
  bench run --quick                             a trial of half a minute
  bench run --shard 2/3 --output part2.json     the second third: see bench merge
  bench run --exact matmul_large                one benchmark
  bench run --resume results/X_results.json     go on from a run that was cut short
  bench run --save-baseline main                measure, and keep that as the baseline `main`
  bench run --baseline main                     measure, and compare with it

Exit codes: 0 all was measured; 2 something was not (the rest is kept), or nothing could be. With --baseline those of
`bench compare`: 1 where the gate fails.")]
pub(super) struct Args {
    /// Measure only this suite; may be given several times
    #[arg(long = "suite", value_name = "SUITE")]
    suites: Vec<String>,
    /// Measure only benchmarks whose name matches this regular expression
    #[arg(long, value_name = "REGEX")]
    filter: Option<String>,
    /// The same as --filter, for `cargo bench REGEX`
    #[arg(value_name = "REGEX", conflicts_with = "filter")]
    positional_filter: Option<String>,
    /// The filter is the whole name of a benchmark
    #[arg(long)]
    exact: bool,
    /// Measure only part I of N of what is selected: N machines share the work, and `bench merge` joins what one host measured
    ///
    /// Parts differ by one benchmark at most; one that is empty, because there are fewer benchmarks than parts, is no error.
    #[arg(long, value_name = "I/N", conflicts_with = "save_baseline")]
    shard: Option<Shard>,
    /// List the selected benchmarks instead of measuring them
    #[arg(long)]
    list: bool,
    /// How to list
    #[arg(long, value_enum, default_value_t = list::Format::Text, requires = "list")]
    format: list::Format,
    /// Measure briefly: half a minute for all suites, and no record for a baseline
    #[arg(long)]
    quick: bool,
    /// Stop after this long, and keep what there is (30s, 15m, 1h)
    #[arg(long, value_name = "DURATION", default_value = "15m", value_parser = humantime::parse_duration)]
    budget: Duration,
    /// Give up on a benchmark that takes longer than this
    #[arg(long, value_name = "DURATION", default_value = "60s", value_parser = humantime::parse_duration)]
    timeout: Duration,
    /// Pin to this CPU [default: the last that may be used and on which no other run measures]
    #[arg(long, value_name = "N")]
    cpu: Option<u32>,
    /// Threads for benchmarks that use several [default: every CPU that may be used]
    #[arg(long, value_name = "N")]
    threads: Option<u32>,
    /// Decides the order of processes and what the buffers hold
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Write the record here instead of a new file in results/
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Go on from this record of a run that was interrupted, ran out of its budget or was killed
    ///
    /// What it holds is kept, the rest is measured on the same host, with the same library and the record's own selection,
    /// seed and thoroughness; the whole record takes its place. While a run is under way, what it has lies beside its record
    /// under a name that ends in `.partial`: after a kill, that is the file to go on from.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["suites", "filter", "positional_filter", "exact", "shard", "quick", "seed", "list"])]
    resume: Option<PathBuf>,
    /// Measure the suites of this shared object; may be given several times [default: libsuites.so beside the program]
    #[arg(long = "lib", value_name = "FILE")]
    libraries: Vec<PathBuf>,
    #[command(flatten)]
    baseline: baseline::BaselineArgs,
    #[command(flatten)]
    familiar: familiar::FamiliarArgs,
}

impl Args {
    pub(super) fn run(mut self, linked: Option<Suites>) -> anyhow::Result<u8> {
        if self.familiar.ignored {
            return Ok(super::PASS);
        }
        self.quick |= self.familiar.test;
        let measured = if self.list {
            self.print_list(linked).map(|()| None)
        } else {
            self.measure(linked).map(Some)
        };
        let (record, path) = match measured {
            Ok(None) => return Ok(super::PASS),
            Ok(Some(measured)) => measured,
            Err(error) if linked.is_some() && self.is_for_another_target(&error) => {
                eprintln!("{error}");
                return Ok(super::PASS);
            }
            Err(error) => return Err(error),
        };
        if record.metadata.partial.is_some() {
            let (verb, path) = (super::typed("run"), path.to_string_lossy());
            eprintln!("to measure the rest: {verb} --resume {}", visible(&path));
        }
        super::print(&format!(
            "{}{}\n",
            report::run_table(&record, super::look()),
            path.display()
        ))?;
        if record.benchmarks.is_empty() {
            // Of an empty shard there is nothing to hold against a baseline.
            return Ok(super::PASS);
        }
        self.baseline.settle(&path, exit_code(&record))
    }

    /// Whether the error is that a filter of `cargo bench`, which goes to all bench targets of a workspace, names none of this one's.
    fn is_for_another_target(&self, error: &anyhow::Error) -> bool {
        let nothing = matches!(
            error.downcast_ref(),
            Some(selection::Error::NothingMatches { .. })
        );
        nothing && self.positional_filter.is_some() && !self.baseline.is_asked_for()
    }

    fn print_list(&self, linked: Option<Suites>) -> anyhow::Result<()> {
        let libraries = load(linked, &self.libraries)?;
        let (selected, _) = self.select(&libraries)?;
        super::print(&list::render(&selected, self.format))
    }

    /// Measures, and writes the record.
    fn measure(&mut self, linked: Option<Suites>) -> anyhow::Result<(Record, PathBuf)> {
        let earlier = self.resume.as_deref().map(Earlier::load).transpose()?;
        if let Some(earlier) = &earlier {
            self.settings_of(&earlier.record);
        }
        let libraries = load(linked, &self.libraries)?;
        let (selected, selection) = self.select(&libraries)?;
        match (&self.output, &self.resume) {
            (Some(path), _) => check_folder(path)?,
            (None, Some(_)) => {}
            (None, None) => check_results(&home::results())?,
        }
        // Before the run: what is measured is what was loaded, whoever builds meanwhile.
        let identities = libraries
            .iter()
            .map(Library::identify)
            .collect::<Result<_, _>>()?;
        let timestamp = Timestamp::now();
        let allowed = affinity::allowed();
        let claim = machine::claim(self.cpu, &allowed)?;
        let options = self.options(&libraries, allowed, &claim)?;
        let mut blank = self.blank(timestamp, identities, &options);
        blank.metadata.selection = selection;
        let threads = options.pool.len() as u32;
        let so_far = match &earlier {
            Some(earlier) => earlier.fit(&mut blank, &entries(&selected, &[], threads))?,
            None => Vec::new(),
        };
        let record = |outcome: &Outcome| {
            let mut record = blank.clone();
            record.benchmarks = entries(&selected, &outcome.measured, threads);
            record.metadata.partial = outcome.partial.clone();
            record.metadata.elapsed_ms += outcome.elapsed.as_secs_f64() * 1e3;
            record
        };
        let mut keeper = Keeper::new(self.output.as_deref(), self.resume.as_deref());
        let interrupted = machine::interrupts()?;
        let progress = progress::Progress::new();
        let outcome =
            measure::run(
                &selected,
                &options,
                so_far,
                &interrupted,
                &mut |event| match event {
                    Event::Kept(outcome) => keeper.keep(&record(outcome)),
                    event => progress.tell(event),
                },
            );
        progress.finish(&outcome);
        let record = record(&outcome);
        machine::warn_of_quota(&record.environment);
        let path = keeper.finish(&record)?;
        if self.output.is_none()
            && let Some(later) = record::ahead_of(&home::results(), Timestamp::now())
        {
            let later = later.to_string_lossy();
            eprintln!(
                "warning: {} states a time that is yet to come, and counts as newer than this record: move it, or name the file to compare",
                visible(&later)
            );
        }
        Ok((record, path))
    }

    /// Takes over what decides how a run measures.
    fn settings_of(&mut self, record: &Record) {
        let Metadata {
            selection,
            quick,
            seed,
            ..
        } = &record.metadata;
        self.suites.clone_from(&selection.suites);
        self.filter.clone_from(&selection.filter);
        // A record was validated when it was loaded.
        self.shard = selection
            .shard
            .as_deref()
            .and_then(|shard| shard.parse().ok());
        (self.quick, self.seed) = (*quick, *seed);
    }

    /// The benchmarks to measure, in the order of the suites, and what was asked for.
    fn select<'a>(
        &self,
        libraries: &'a [Library],
    ) -> anyhow::Result<(Vec<Selected<'a>>, Selection)> {
        let mut selection = Selection {
            suites: self.suites.clone(),
            filter: self.filter(),
            ..Selection::default()
        };
        let mut selected = selection::select(libraries, &selection)?;
        if let Some(shard) = self.shard {
            let names = selected.iter().map(|one| one.benchmark.name.clone());
            selection.chosen = names.collect();
            selection.shard = Some(shard.to_string());
            let here = shard.names(&selection.chosen);
            selected.retain(|one| here.contains(one.benchmark.name.as_str()));
            if selected.is_empty() {
                let count = selection.chosen.len();
                eprintln!("shard {shard} is empty: {count} benchmarks are selected in all");
            }
        }
        Ok((selected, selection))
    }

    fn filter(&self) -> Option<String> {
        let given = self.filter.as_ref().or(self.positional_filter.as_ref())?;
        Some(if self.exact {
            format!("^{}$", regex::escape(given))
        } else {
            given.clone()
        })
    }

    fn options(
        &self,
        libraries: &[Library],
        allowed: Vec<u32>,
        claim: &Claim,
    ) -> anyhow::Result<Options> {
        let pool = machine::pool(self.threads, &allowed, claim.cpu)?;
        Ok(Options {
            libraries: files(libraries),
            plan: if self.quick { Plan::QUICK } else { Plan::FULL },
            seed: self.seed,
            cpu: machine::can_pin(claim.cpu, &allowed, self.cpu.is_some())?,
            allowed,
            pool,
            budget: self.budget,
            timeout: self.timeout,
        })
    }

    /// The record of a run that has measured nothing yet.
    fn blank(
        &self,
        timestamp: Timestamp,
        libraries: Vec<record::Library>,
        options: &Options,
    ) -> Record {
        let rust_version = libraries
            .first()
            .and_then(|library| library.build.get("rust_version")?.as_str())
            .unwrap_or_default();
        Record {
            version: record::VERSION.into(),
            timestamp,
            environment: host::environment(&options.allowed, options.pool[0], rust_version),
            benchmarks: Vec::new(),
            metadata: Metadata {
                quick: self.quick,
                seed: self.seed,
                processes: options.plan.processes,
                libraries,
                harness_version: env!("CARGO_PKG_VERSION").into(),
                ..Metadata::default()
            },
        }
    }
}

/// The exit code of a run: whether everything was measured.
pub(super) fn exit_code(record: &Record) -> u8 {
    let is_ok = |entry: &Entry| entry.status == Status::Ok;
    if record.metadata.partial.is_none() && record.benchmarks.iter().all(is_ok) {
        super::PASS
    } else {
        super::CANNOT_JUDGE
    }
}

/// A fresh run of everything with default settings; returns the path of its record.
///
/// # Errors
/// Where nothing could be measured or written.
pub(super) fn fresh(linked: Option<Suites>) -> anyhow::Result<PathBuf> {
    #[derive(clap::Parser)]
    struct Defaults {
        #[command(flatten)]
        args: Args,
    }
    let mut defaults = <Defaults as clap::Parser>::parse_from(["bench"]);
    Ok(defaults.args.measure(linked)?.1)
}

/// The shared objects of `libraries`; one that is linked in is none.
pub(super) fn files(libraries: &[Library]) -> Vec<PathBuf> {
    let paths = libraries.iter().filter_map(|library| library.path.clone());
    paths.collect()
}

pub(super) fn load(linked: Option<Suites>, files: &[PathBuf]) -> anyhow::Result<Vec<Library>> {
    let sources: Vec<Source> = selection::sources(linked, files)?;
    Ok(sources
        .iter()
        .map(Library::load)
        .collect::<Result<_, _>>()?)
}

/// Says before minutes are spent that the record could not be written.
fn check_folder(path: &Path) -> anyhow::Result<()> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    anyhow::ensure!(
        folder.is_dir(),
        "--output {}: there is no folder {}",
        visible(&path.to_string_lossy()),
        visible(&folder.to_string_lossy())
    );
    Ok(())
}

/// The same for the folder of results, which is made where it is missing.
fn check_results(folder: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(folder)
        .and_then(|()| tempfile::tempfile_in(folder))
        .with_context(|| {
            format!(
                "cannot write to {}; choose another place with --output FILE",
                visible(&folder.to_string_lossy())
            )
        })?;
    Ok(())
}

/// The entries of `selected`, with what was measured of each as far as `measured` goes.
fn entries(
    selected: &[Selected<'_>],
    measured: &[Result<Vec<record::Process>, String>],
    threads: u32,
) -> Vec<Entry> {
    let mut entries: Vec<Entry> = selected.iter().map(|one| entry(one, threads)).collect();
    for (entry, measured) in entries.iter_mut().zip(measured) {
        match measured {
            Ok(processes) => entry.set_processes(processes.clone()),
            Err(why) => {
                entry.status = Status::Failed;
                entry.error = Some(why.clone());
            }
        }
    }
    entries
}

fn entry(selected: &Selected<'_>, threads: u32) -> Entry {
    let benchmark = selected.benchmark;
    Entry {
        name: benchmark.name.clone(),
        suite: selected.suite.name.clone(),
        description: benchmark.description.clone(),
        dtype: benchmark.dtype.name().into(),
        shape: benchmark.shape.clone(),
        implementation: benchmark.implementation.clone(),
        threads: if benchmark.parallel { threads } else { 1 },
        memory_mb: buffers::declared_bytes(&benchmark.buffers) as f64 / 1e6,
        work: benchmark.work.clone(),
        ..Entry::default()
    }
}
