//! `bench run`.

mod list;
mod progress;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use anyhow::Context;
use jiff::Timestamp;

use crate::affinity::{self, Claim};
use crate::library::{Library, Source, Suites};
use crate::measure::{self, Options, Outcome, Plan};
use crate::record::{self, Entry, Metadata, Record, Selection, Status};
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
  bench run --quick                             a trial of a few seconds

Exit codes: 0 all was measured; 2 something was not (the rest is kept), or nothing could be.")]
pub(super) struct Args {
    /// Measure only this suite; may be given several times
    #[arg(long = "suite", value_name = "SUITE")]
    suites: Vec<String>,
    /// Measure only benchmarks whose name matches this regular expression
    #[arg(long, value_name = "REGEX")]
    filter: Option<String>,
    /// List the selected benchmarks instead of measuring them
    #[arg(long)]
    list: bool,
    /// How to list
    #[arg(long, value_enum, default_value_t = list::Format::Text, requires = "list")]
    format: list::Format,
    /// Measure briefly: under ten seconds for tensor-ops, and no record for a baseline
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
}

impl Args {
    pub(super) fn run(self, linked: Option<Suites>) -> anyhow::Result<u8> {
        if self.list {
            let libraries = load(linked, &self.libraries)?;
            let selected = selection::select(&libraries, &self.selection())?;
            super::print(&list::render(&selected, self.format))?;
            return Ok(super::PASS);
        }
        let (record, path) = self.measure(linked)?;
        super::print(&format!(
            "{}{}\n",
            report::run_table(&record),
            path.display()
        ))?;
        let whole = record.metadata.partial.is_none()
            && record
                .benchmarks
                .iter()
                .all(|entry| entry.status == Status::Ok);
        Ok(if whole {
            super::PASS
        } else {
            super::CANNOT_JUDGE
        })
    }

    /// Measures, and writes the record.
    fn measure(&self, linked: Option<Suites>) -> anyhow::Result<(Record, PathBuf)> {
        let libraries = load(linked, &self.libraries)?;
        let selected = selection::select(&libraries, &self.selection())?;
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
        let claim = self.claim(&allowed)?;
        let options = self.options(&libraries, linked.is_some(), allowed, &claim)?;
        let interrupted = interrupts()?;
        let progress = progress::Progress::new();
        let outcome = measure::run(&selected, &options, &interrupted, &mut |event| {
            progress.tell(event);
        });
        progress.finish(&outcome);
        let record = self.record(timestamp, identities, &selected, &options, outcome);
        let path = match &self.output {
            Some(path) => {
                record::write(&record, path)?;
                path.clone()
            }
            None => record::write_new(&record, &home::results())?,
        };
        Ok((record, path))
    }

    fn selection(&self) -> Selection {
        Selection {
            suites: self.suites.clone(),
            filter: self.filter.clone(),
            shard: None,
        }
    }

    /// The CPU to measure on: the one asked for, else the last one free, for the first serves most interrupts.
    fn claim(&self, allowed: &[u32]) -> anyhow::Result<Claim> {
        let candidates: Vec<u32> = match self.cpu {
            Some(cpu) if allowed.contains(&cpu) => vec![cpu],
            Some(cpu) => {
                let allowed = allowed.to_vec();
                return Err(affinity::Error::NotAllowed { cpu, allowed }.into());
            }
            None => allowed.iter().rev().copied().collect(),
        };
        let claim = affinity::claim(&candidates);
        if claim.shared {
            eprintln!(
                "warning: another run measures on CPU {} at the same time; both will be noisy",
                claim.cpu
            );
        }
        Ok(claim)
    }

    fn options(
        &self,
        libraries: &[Library],
        linked: bool,
        allowed: Vec<u32>,
        claim: &Claim,
    ) -> anyhow::Result<Options> {
        let threads = self
            .threads
            .map_or(allowed.len(), |threads| threads as usize);
        anyhow::ensure!(
            (1..=allowed.len()).contains(&threads),
            "--threads {threads}: from 1 to {}, the CPUs that may be used",
            allowed.len()
        );
        let others = allowed.iter().copied().filter(|&cpu| cpu != claim.cpu);
        let pool = std::iter::once(claim.cpu)
            .chain(others)
            .take(threads)
            .collect();
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
            cpu: can_pin(claim.cpu, &allowed, self.cpu.is_some())?,
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
        Record {
            version: record::VERSION.into(),
            timestamp,
            environment: host::environment(&options.allowed, &rust_version),
            benchmarks: selected
                .iter()
                .zip(outcome.measured)
                .map(|(selected, measured)| entry(selected, measured, threads))
                .collect(),
            metadata: Metadata {
                quick: self.quick,
                partial: outcome.partial,
                selection: self.selection(),
                seed: self.seed,
                processes: options.plan.processes,
                elapsed_ms: outcome.elapsed.as_secs_f64() * 1e3,
                libraries: identities,
                harness_version: env!("CARGO_PKG_VERSION").into(),
                accepted_regression: None,
            },
        }
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

/// The CPU if this process may pin to it, else nothing with a warning; an error where it was asked for.
fn can_pin(cpu: u32, allowed: &[u32], asked_for: bool) -> anyhow::Result<Option<u32>> {
    let pinned = std::thread::scope(|scope| scope.spawn(|| affinity::pin(cpu, allowed)).join());
    match pinned.expect("pinning does not panic") {
        Ok(_) => Ok(Some(cpu)),
        Err(error) if asked_for => Err(error.into()),
        Err(error) => {
            eprintln!("warning: {error}; measuring without pinning, which is noisier");
            Ok(None)
        }
    }
}

/// A flag that SIGINT and SIGTERM set; a second one ends the program.
fn interrupts() -> anyhow::Result<Arc<AtomicBool>> {
    let flag = Arc::new(AtomicBool::new(false));
    for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM] {
        signal_hook::flag::register_conditional_shutdown(signal, 130, Arc::clone(&flag))
            .and_then(|_| signal_hook::flag::register(signal, Arc::clone(&flag)))
            .context("could not listen for signals")?;
    }
    Ok(flag)
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
        status: Status::Ok,
        error: None,
        duration_ms: None,
        throughput: None,
        memory_mb: buffers::declared_bytes(&benchmark.buffers) as f64 / 1e6,
        iterations: 0,
        summary: None,
        work: benchmark.work.clone(),
        processes: Vec::new(),
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
