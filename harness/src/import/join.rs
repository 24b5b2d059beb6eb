//! Several launches of the same benchmarks as one record: each file's processes are processes of the benchmarks that they share.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use crate::record::{Entry, Environment, Record, Status};
use crate::text::visible;

/// Why imported records cannot be one.
#[derive(Debug, thiserror::Error)]
pub enum JoinError {
    /// A benchmark stands in several files, and in one of them it has no samples.
    #[error("{} and {}: {} is in both, and one of them lacks its samples: import each file on its own, or export both with samples", shown(&files[0]), shown(&files[1]), visible(name))]
    NoSamples {
        /// The first file and the later one.
        files: [PathBuf; 2],
        /// The benchmark.
        name: String,
    },
    /// Two files do not belong together.
    #[error("{} and {} are of two {what} ({}): import each on its own", shown(&files[0]), shown(&files[1]), visible(values))]
    Differ {
        /// The first file and the later one.
        files: [PathBuf; 2],
        /// What differs, in the plural.
        what: &'static str,
        /// Both values.
        values: String,
    },
}

/// Joins imported records, each with its file, in their order. What they say alike of where they ran stays, the rest is unknown.
///
/// # Errors
/// Where they are of different tools, CPUs or commits, or a benchmark of several files lacks samples.
///
/// # Panics
/// Where there is no record.
pub fn join(records: Vec<(PathBuf, Record)>) -> Result<Record, JoinError> {
    let mut records = records.into_iter();
    let (first, mut joined) = records.next().expect("there is a record");
    let names = joined.benchmarks.iter().map(|entry| entry.name.clone());
    let mut places: HashMap<String, usize> = names.zip(0..).collect();
    for (path, record) in records {
        let files = || [first.clone(), path.clone()];
        if let Some((what, values)) = difference(&joined, &record) {
            let files = files();
            return Err(JoinError::Differ {
                files,
                what,
                values,
            });
        }
        joined.environment = common(joined.environment, &record.environment);
        joined.timestamp = joined.timestamp.min(record.timestamp);
        for entry in record.benchmarks {
            let Some(&place) = places.get(&entry.name) else {
                places.insert(entry.name.clone(), joined.benchmarks.len());
                joined.benchmarks.push(entry);
                continue;
            };
            let name = entry.name.clone();
            if !append(&mut joined.benchmarks[place], entry) {
                let files = files();
                return Err(JoinError::NoSamples { files, name });
            }
        }
    }
    Ok(joined)
}

/// In what two records differ, and how; only what both say.
fn difference(one: &Record, other: &Record) -> Option<(&'static str, String)> {
    let tool = |record: &Record| record.metadata.imported_from.clone().unwrap_or_default();
    let commit = |record: &Record| record.environment.git_commit.clone().unwrap_or_default();
    let pairs = [
        ("tools", tool(one), tool(other)),
        (
            "CPUs",
            one.environment.cpu.clone(),
            other.environment.cpu.clone(),
        ),
        ("commits", commit(one), commit(other)),
    ];
    pairs
        .into_iter()
        .find(|(_, one, other)| !one.is_empty() && !other.is_empty() && one != other)
        .map(|(what, one, other)| (what, format!("{one} and {other}")))
}

/// Adds the processes of the same benchmark; false where one of both has no samples. One failure fails both.
fn append(entry: &mut Entry, other: Entry) -> bool {
    if entry.status == Status::Failed {
        return true;
    }
    if other.status == Status::Failed {
        *entry = other;
        return true;
    }
    if entry.processes.is_empty() || other.processes.is_empty() {
        return false;
    }
    let iterations = entry.iterations.saturating_add(other.iterations);
    let mut processes = std::mem::take(&mut entry.processes);
    processes.extend(other.processes);
    entry.set_processes(processes);
    entry.iterations = iterations;
    true
}

/// What two environments say alike.
fn common(one: Environment, other: &Environment) -> Environment {
    let same = |one: String, other: &String| if one == *other { one } else { String::new() };
    let alike = one.logical_cpus == other.logical_cpus;
    Environment {
        os: same(one.os, &other.os),
        cpu: same(one.cpu, &other.cpu),
        git_commit: one
            .git_commit
            .filter(|commit| Some(commit) == other.git_commit.as_ref()),
        git_dirty: one
            .git_dirty
            .filter(|dirty| Some(*dirty) == other.git_dirty),
        logical_cpus: if alike { one.logical_cpus } else { 0 },
        ..Environment::default()
    }
}

fn shown(path: &Path) -> String {
    visible(&path.to_string_lossy()).into_owned()
}
