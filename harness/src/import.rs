//! Results of other tools as records: Criterion, Google Benchmark, hyperfine and pytest-benchmark, told apart by what a
//! file holds, not by its name.
//!
//! Samples are kept where a file has them. What is timed by launching a program again (hyperfine) is a process each; what
//! is timed in one launch (the others) is one process, and [`join`] makes one record of several launches. What the
//! files lack stays unknown: the host of all of them, so such a record is never the baseline of one.

mod criterion;
mod google_benchmark;
mod hyperfine;
mod join;
mod kind;
mod pytest_benchmark;
mod words;

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use crate::record::{self, Entry, Environment, Metadata, Process, Record, Source, Step};
use crate::text::visible;
use kind::Kind;

pub use join::{JoinError, join};

/// The name under which Criterion keeps the run that it made last.
pub const LAST: &str = "new";
/// A longer time is none that an iteration can take: thirty years.
const MOST_NS: f64 = 1e18;

/// Why something could not be imported.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file cannot be read, or is not what its tool writes.
    #[error(transparent)]
    Record(#[from] record::Error),
    /// A file is of no tool that is known here.
    #[error(
        "{}: not results of another tool; what can be imported: the folder target/criterion, and the JSON of Google Benchmark \
         (--benchmark_out=FILE --benchmark_out_format=json), hyperfine (--export-json FILE) and pytest-benchmark (--benchmark-json=FILE)",
        visible(&.0.to_string_lossy())
    )]
    Unknown(PathBuf),
    /// A file is a record already.
    #[error("{}: this is a record already: compare takes it as it is", visible(&.0.to_string_lossy()))]
    IsRecord(PathBuf),
    /// A folder has no results of Criterion.
    #[error(
        "{}: no results of Criterion are saved in it as '{}': name target/criterion, and with --saved what --save-baseline was given; of other tools name the files",
        visible(&folder.to_string_lossy()), visible(saved)
    )]
    NoCriterion {
        /// The folder.
        folder: PathBuf,
        /// The name that was looked for.
        saved: String,
    },
    /// A folder has more in it than results.
    #[error("{}: too large for results of Criterion ({limit}): name the folder target/criterion itself", visible(&folder.to_string_lossy()))]
    TooLarge {
        /// The folder.
        folder: PathBuf,
        /// What it exceeds.
        limit: String,
    },
}

/// Reads a record, or results of another tool as one.
///
/// # Errors
/// Where it can be read as neither; the error names the file, the line and the field.
pub fn load(path: &Path) -> Result<Record, Error> {
    if path.is_dir() {
        return criterion::folder(path, LAST);
    }
    parse(&record::read(path)?, path)
}

/// Reads the text of a record, or of a file of another tool as one; `path` is what errors name.
///
/// # Errors
/// As [`load`].
pub fn parse(bytes: &[u8], path: &Path) -> Result<Record, Error> {
    match foreign(bytes, path)? {
        Some(record) => Ok(record),
        None => Ok(record::parse(bytes, path)?),
    }
}

/// Reads results of another tool: a file, or Criterion's folder, of which it takes the runs that were saved under the name `saved`.
///
/// # Errors
/// As [`load`], and where the file is a record.
pub fn results(path: &Path, saved: &str) -> Result<Record, Error> {
    if path.is_dir() {
        return criterion::folder(path, saved);
    }
    let bytes = record::read(path)?;
    foreign(&bytes, path)?.ok_or_else(|| match record::parse(&bytes, path) {
        Ok(_) => Error::IsRecord(path.to_owned()),
        Err(_) => Error::Unknown(path.to_owned()),
    })
}

/// Reads the text of a file of another tool; `None` where it is of none. `path` is what errors name, and where Criterion's files
/// have neighbours.
///
/// # Errors
/// Where the file is not what its tool writes.
pub fn foreign(bytes: &[u8], path: &Path) -> Result<Option<Record>, Error> {
    let Some(kind) = kind::of(Source::new(bytes, path).text) else {
        return Ok(None);
    };
    let text = words::without(bytes);
    let source = Source::new(&text, path);
    let record = match kind {
        Kind::CriterionSample => criterion::sample(&source)?,
        Kind::CriterionEstimates => criterion::estimates(&source)?,
        Kind::GoogleBenchmark => google_benchmark::read(&source)?,
        Kind::Hyperfine => hyperfine::read(&source)?,
        Kind::PytestBenchmark => pytest_benchmark::read(&source)?,
    };
    Ok(Some(record))
}

/// A record of these benchmarks. A name that was taken before gets a number: a tool may time one thing twice.
fn record(
    kind: Kind,
    timestamp: Option<Timestamp>,
    environment: Environment,
    mut benchmarks: Vec<Entry>,
) -> Record {
    let mut taken = HashSet::with_capacity(benchmarks.len());
    let mut counts: HashMap<String, usize> = HashMap::new();
    for entry in &mut benchmarks {
        if taken.insert(entry.name.clone()) {
            continue;
        }
        let count = counts.entry(entry.name.clone()).or_insert(1);
        loop {
            *count += 1;
            let numbered = format!("{} ({count})", entry.name);
            if taken.insert(numbered.clone()) {
                entry.name = numbered;
                break;
            }
        }
    }
    Record {
        version: record::VERSION.into(),
        timestamp: timestamp.unwrap_or(Timestamp::UNIX_EPOCH),
        environment,
        benchmarks,
        metadata: Metadata {
            imported_from: Some(kind.tool().into()),
            ..Metadata::default()
        },
    }
}

/// A benchmark of which nothing is known but its name.
fn entry(kind: Kind, name: String) -> Entry {
    Entry {
        name,
        description: format!("imported from {}", kind.tool()),
        ..Entry::default()
    }
}

/// A launch with its samples, in ns an iteration; `iterations` is 0 where it differs from sample to sample.
fn process(samples_ns: Vec<f64>, iterations: u64) -> Process {
    Process {
        samples_ns,
        iterations_per_sample: iterations,
        ..Process::default()
    }
}

/// A benchmark of which a file has one number alone, its median in ns.
fn median_alone(kind: Kind, name: String, ns: f64) -> Entry {
    let mut entry = entry(kind, name);
    entry.description += ": its median, without samples";
    entry.duration_ms = Some(ns / 1e6);
    entry
}

/// A time of `value` units of `unit_ns`, in ns; `place` is where the file says it.
fn ns(
    source: &Source<'_>,
    value: f64,
    unit_ns: f64,
    place: impl FnOnce() -> Vec<Step>,
) -> Result<f64, record::Error> {
    let ns = value * unit_ns;
    if (0.0..=MOST_NS).contains(&ns) {
        Ok(ns)
    } else {
        let message = format!("{value} is no time that an iteration can take");
        Err(source.wrong(place(), message))
    }
}

/// A benchmark's name, which says something.
fn name(
    source: &Source<'_>,
    name: String,
    place: impl FnOnce() -> Vec<Step>,
) -> Result<String, record::Error> {
    if name.trim().is_empty() {
        Err(source.wrong(place(), "a benchmark needs a name"))
    } else {
        Ok(name)
    }
}

/// A step into a field.
fn field(name: &str) -> Step {
    Step::Key(name.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_one() {
        let table: [(&[&str], &[&str]); 3] = [
            (&["a", "b"], &["a", "b"]),
            (&["a", "a", "a"], &["a", "a (2)", "a (3)"]),
            (
                &["a", "a (2)", "a", "a (2)"],
                &["a", "a (2)", "a (3)", "a (2) (2)"],
            ),
        ];
        for (names, expected) in table {
            let entries = names
                .iter()
                .map(|&name| entry(Kind::Hyperfine, name.into()));
            let record = record(
                Kind::Hyperfine,
                None,
                Environment::default(),
                entries.collect(),
            );
            let names: Vec<&str> = record.benchmarks.iter().map(|e| e.name.as_str()).collect();
            assert_eq!(names, expected);
        }
    }
}
