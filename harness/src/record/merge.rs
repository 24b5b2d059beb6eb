//! Records of parts of one measurement as one: of its shards, or of its suites.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use super::{Chosen, Entry, Record, Selection};
use crate::text::visible;

/// Why records cannot be one.
#[derive(Debug, thiserror::Error)]
pub enum MergeError {
    /// A record does not say where it was measured.
    #[error("{} does not say on which host it was measured, and records of two hosts cannot be one: merge what `bench run` measured", shown(.0))]
    UnknownHost(PathBuf),
    /// Two records were not measured alike.
    #[error("{} and {} are not parts of one measurement: {what}; merge records of one host, one build and one way to measure", shown(&files[0]), shown(&files[1]))]
    Differ {
        /// The first file and the later one.
        files: [PathBuf; 2],
        /// What differs, and both values.
        what: String,
    },
    /// Two records have the same benchmark.
    #[error("{} and {} both have {}: merge records that share no benchmark", shown(&files[0]), shown(&files[1]), visible(name))]
    Duplicate {
        /// The earlier file and the later one.
        files: [PathBuf; 2],
        /// The benchmark.
        name: String,
    },
}

/// Merges records of one host. Benchmarks stand in the order in which they were chosen; where a shard is not among the
/// files, the record is partial and says whose benchmarks lack.
///
/// # Errors
/// Where they are of different hosts, builds or ways to measure, a host is unknown, or two have a benchmark in common.
///
/// # Panics
/// Where there is no record.
pub fn merge(parts: Vec<Chosen>) -> Result<Record, MergeError> {
    let first = parts.first().expect("there is a record");
    for part in &parts {
        if part.record.environment.host.is_empty() {
            return Err(MergeError::UnknownHost(part.path.clone()));
        }
        if let Some(what) = difference(&first.record, &part.record) {
            let files = [first.path.clone(), part.path.clone()];
            return Err(MergeError::Differ { files, what });
        }
    }
    let order = order(&parts);
    let mut merged = first.record.clone();
    for part in &parts[1..] {
        let (of_all, of_part) = (&mut merged.metadata, &part.record.metadata);
        of_all.elapsed_ms += of_part.elapsed_ms;
        for library in &of_part.libraries {
            if !of_all.libraries.contains(library) {
                of_all.libraries.push(library.clone());
            }
        }
        // A part's own file may be what its tree has uncommitted; builds are told apart by their hashes.
        let dirty = &mut merged.environment.git_dirty;
        *dirty = (*dirty).max(part.record.environment.git_dirty);
        // The latest, so that the newest record is the merged one and not its last part.
        merged.timestamp = merged.timestamp.max(part.record.timestamp);
    }
    merged.metadata.partial = partial(&parts, &order);
    merged.metadata.selection = selection(&parts);
    merged.metadata.merged = parts.iter().flat_map(began).collect();
    merged.benchmarks = benchmarks(parts, &order)?;
    Ok(merged)
}

/// In what two records differ that parts of one measurement have in common, and both values.
pub(crate) fn difference(one: &Record, other: &Record) -> Option<String> {
    let fields = |record: &Record| {
        let (environment, metadata) = (&record.environment, &record.metadata);
        [
            ("instruction set", environment.isa.clone()),
            ("CPU", environment.cpu.clone()),
            ("host", environment.host.clone()),
            ("compiler", environment.rust_version.clone()),
            ("commit", text(environment.git_commit.as_ref())),
            ("version of the harness", metadata.harness_version.clone()),
            ("--quick", metadata.quick.to_string()),
            (
                "processes of each benchmark",
                metadata.processes.to_string(),
            ),
            ("--seed", metadata.seed.to_string()),
            ("--filter", text(metadata.selection.filter.as_ref())),
        ]
    };
    let (ours, theirs) = (fields(one), fields(other));
    let differ = ours
        .iter()
        .zip(&theirs)
        .find(|(ours, theirs)| ours != theirs);
    let told = |what: &str, one: &str, other: &str| {
        format!("{what} {} against {}", visible(one), visible(other))
    };
    if let Some(((what, ours), (_, theirs))) = differ {
        return Some(told(what, ours, theirs));
    }
    let libraries = one.metadata.libraries.iter();
    libraries
        .flat_map(|ours| {
            other
                .metadata
                .libraries
                .iter()
                .map(move |theirs| (ours, theirs))
        })
        .find(|(ours, theirs)| ours.file == theirs.file && ours.sha256 != theirs.sha256)
        .map(|(ours, theirs)| {
            told(
                &format!("SHA-256 of {}", visible(&ours.file)),
                &ours.sha256,
                &theirs.sha256,
            )
        })
}

fn text(value: Option<&impl ToString>) -> String {
    value.map_or_else(|| "none".to_owned(), ToString::to_string)
}

/// The names of all that was chosen, in order, each once.
fn order(parts: &[Chosen]) -> HashMap<String, usize> {
    let mut order = HashMap::new();
    for part in parts {
        let chosen = part.record.metadata.selection.chosen.iter().cloned();
        let measured = part
            .record
            .benchmarks
            .iter()
            .map(|entry| entry.name.clone());
        for name in chosen.chain(measured) {
            let next = order.len();
            order.entry(name).or_insert(next);
        }
    }
    order
}

/// Why the whole is not complete: what each part says, and what was chosen but measured in no part.
fn partial(parts: &[Chosen], order: &HashMap<String, usize>) -> Option<String> {
    let mut reasons: Vec<String> = Vec::new();
    for part in parts {
        if let Some(reason) = &part.record.metadata.partial {
            reasons.push(format!("{}: {reason}", shown(&part.path)));
        }
    }
    let entries = parts.iter().flat_map(|part| &part.record.benchmarks);
    let measured: HashSet<&str> = entries.map(|entry| entry.name.as_str()).collect();
    let lacking = order
        .keys()
        .filter(|name| !measured.contains(name.as_str()));
    // The least by order, which is the same at every run.
    if let Some(example) = lacking.clone().min_by_key(|name| order[*name]) {
        reasons.push(format!(
            "{} of {} benchmarks are in a shard that was not merged, {example} for one",
            lacking.count(),
            order.len()
        ));
    }
    (!reasons.is_empty()).then(|| reasons.join("; "))
}

/// What was asked for in all: no shard, and the suites of each part; all suites where one part has no choice of them.
fn selection(parts: &[Chosen]) -> Selection {
    let selections = || parts.iter().map(|part| &part.record.metadata.selection);
    let mut suites: Vec<String> = Vec::new();
    if selections().all(|selection| !selection.suites.is_empty()) {
        for suite in selections().flat_map(|selection| &selection.suites) {
            if !suites.contains(suite) {
                suites.push(suite.clone());
            }
        }
    }
    Selection {
        suites,
        filter: selections()
            .next()
            .and_then(|selection| selection.filter.clone()),
        ..Selection::default()
    }
}

/// When the runs of a part began.
fn began(part: &Chosen) -> Vec<jiff::Timestamp> {
    match part.record.metadata.merged.as_slice() {
        [] => vec![part.record.timestamp],
        merged => merged.to_vec(),
    }
}

/// The benchmarks of all parts, in order.
fn benchmarks(
    parts: Vec<Chosen>,
    order: &HashMap<String, usize>,
) -> Result<Vec<Entry>, MergeError> {
    let mut from: HashMap<String, PathBuf> = HashMap::new();
    let mut benchmarks = Vec::with_capacity(order.len());
    for part in parts {
        for entry in part.record.benchmarks {
            if let Some(earlier) = from.insert(entry.name.clone(), part.path.clone()) {
                return Err(MergeError::Duplicate {
                    files: [earlier, part.path],
                    name: entry.name,
                });
            }
            benchmarks.push(entry);
        }
    }
    benchmarks.sort_by_key(|entry| order[&entry.name]);
    Ok(benchmarks)
}

fn shown(path: &Path) -> String {
    visible(&path.to_string_lossy()).into_owned()
}
