//! `bench run`.

mod baseline;
mod list;
mod progress;

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use jiff::Timestamp;

use super::machine;
use crate::affinity::{self, Claim};
use crate::library::{Library, Source, Suites};
use crate::measure::{self, Options, Outcome, Plan};
use crate::record::{self, Entry, Metadata, Record, Selection, Shard, Status};
use crate::selection::{self, Selected};
use crate::text::visible;
use crate::{buffers, home, host, report};

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
    /// Measure the suites of this shared object; may be given several times [default: libsuites.so beside the program]
    #[arg(long = "lib", value_name = "FILE")]
    libraries: Vec<PathBuf>,
    #[command(flatten)]
    baseline: baseline::BaselineArgs,
}

impl Args {
    pub(super) fn run(self, linked: Option<Suites>) -> anyhow::Result<u8> {
        if self.list {
            let libraries = load(linked, &self.libraries)?;
            let (selected, _) = self.select(&libraries)?;
            super::print(&list::render(&selected, self.format))?;
            return Ok(super::PASS);
        }
        let (record, path) = self.measure(linked)?;
        super::print(&format!(
            "{}{}\n",
            report::run_table(&record),
            path.display()
        ))?;
        if record.benchmarks.is_empty() {
            // Of an empty shard there is nothing to hold against a baseline.
            return Ok(super::PASS);
        }
        self.baseline.settle(&path, exit_code(&record))
    }

    /// Measures, and writes the record.
    fn measure(&self, linked: Option<Suites>) -> anyhow::Result<(Record, PathBuf)> {
        let libraries = load(linked, &self.libraries)?;
        let (selected, selection) = self.select(&libraries)?;
        match &self.output {
            Some(path) => check_folder(path)?,
            None => check_results(&home::results())?,
        }
        // Before the run: what is measured is what was loaded, whoever builds meanwhile.
        let identities = libraries
            .iter()
            .map(Library::identify)
            .collect::<Result<_, _>>()?;
        let timestamp = Timestamp::now();
        let allowed = affinity::allowed();
        let claim = machine::claim(self.cpu, &allowed)?;
        let options = self.options(&libraries, linked.is_some(), allowed, &claim)?;
        let interrupted = machine::interrupts()?;
        let progress = progress::Progress::new();
        let outcome = measure::run(&selected, &options, &interrupted, &mut |event| {
            progress.tell(event);
        });
        progress.finish(&outcome);
        let mut record = self.record(timestamp, identities, &selected, &options, outcome);
        record.metadata.selection = selection;
        let path = match &self.output {
            Some(path) => {
                record::write(&record, path)?;
                path.clone()
            }
            None => record::write_new(&record, &home::results())?,
        };
        Ok((record, path))
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
        linked: bool,
        allowed: Vec<u32>,
        claim: &Claim,
    ) -> anyhow::Result<Options> {
        let pool = machine::pool(self.threads, &allowed, claim.cpu)?;
        let files = if linked && self.libraries.is_empty() {
            Vec::new()
        } else {
            libraries
                .iter()
                .filter_map(|library| library.path.clone())
                .collect()
        };
        Ok(Options {
            libraries: files,
            plan: if self.quick { Plan::QUICK } else { Plan::FULL },
            seed: self.seed,
            cpu: machine::can_pin(claim.cpu, &allowed, self.cpu.is_some())?,
            allowed,
            pool,
            budget: self.budget,
            timeout: self.timeout,
        })
    }

    fn record(
        &self,
        timestamp: Timestamp,
        identities: Vec<record::Library>,
        selected: &[Selected<'_>],
        options: &Options,
        outcome: Outcome,
    ) -> Record {
        let rust_version = identities
            .first()
            .and_then(|library| library.build.get("rust_version")?.as_str())
            .unwrap_or_default()
            .to_owned();
        let threads = options.pool.len() as u32;
        let environment = host::environment(&options.allowed, &rust_version);
        machine::warn_of_quota(&environment);
        Record {
            version: record::VERSION.into(),
            timestamp,
            environment,
            benchmarks: selected
                .iter()
                .zip(outcome.measured)
                .map(|(selected, measured)| entry(selected, measured, threads))
                .collect(),
            metadata: Metadata {
                quick: self.quick,
                partial: outcome.partial,
                selection: Selection::default(),
                seed: self.seed,
                processes: options.plan.processes,
                elapsed_ms: outcome.elapsed.as_secs_f64() * 1e3,
                libraries: identities,
                harness_version: env!("CARGO_PKG_VERSION").into(),
                merged: Vec::new(),
                imported_from: None,
                accepted_regression: None,
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
    let defaults = <Defaults as clap::Parser>::parse_from(["bench"]);
    Ok(defaults.args.measure(linked)?.1)
}

fn load(linked: Option<Suites>, files: &[PathBuf]) -> anyhow::Result<Vec<Library>> {
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

fn entry(
    selected: &Selected<'_>,
    measured: Result<Vec<record::Process>, String>,
    threads: u32,
) -> Entry {
    let benchmark = selected.benchmark;
    let mut entry = Entry {
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
    };
    match measured {
        Ok(processes) => entry.set_processes(processes),
        Err(why) => {
            entry.status = Status::Failed;
            entry.error = Some(why);
        }
    }
    entry
}
