//! The history of benchmarks on one host, over all records of `results/` and `baselines/`.

mod index;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::record;
use crate::stats::changepoints::{ChangePoint, change_points};

pub use index::read;

/// A change is one by chance no more often than this in a series in which nothing changes.
const LEVEL: f64 = 0.001;
/// Sessions on one host differ by about as much without a reason.
const LEAST_SHIFT: f64 = 0.02;

/// What the history needs of a record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Session {
    /// The file.
    pub path: PathBuf,
    /// When it was recorded.
    pub timestamp: Timestamp,
    /// What makes two hosts comparable.
    pub host: String,
    /// The commit that the run started in.
    pub git_commit: Option<String>,
    /// When the runs began of which the record is merged.
    pub merged: Vec<Timestamp>,
    /// `duration_ms` of each benchmark that was measured.
    pub durations_ms: BTreeMap<String, f64>,
}

impl Session {
    /// Reads a record; nothing where the file is none, or is too short a run.
    ///
    /// # Errors
    /// What is wrong with a file whose name says that it is a record.
    fn read(path: &Path) -> Result<Option<Session>, String> {
        let record = match record::load(path) {
            Ok(record) => record,
            Err(error) if path.to_string_lossy().ends_with("_results.json") => {
                return Err(format!("{error:#}"));
            }
            Err(_) => return Ok(None),
        };
        let times = record.benchmarks.iter();
        Ok((!record.metadata.quick).then(|| Session {
            path: path.to_owned(),
            timestamp: record.timestamp,
            host: record.environment.host.clone(),
            git_commit: record.environment.git_commit.clone(),
            merged: record.metadata.merged.clone(),
            durations_ms: times
                .filter_map(|entry| Some((entry.name.clone(), entry.duration_ms?)))
                .collect(),
        }))
    }
}

/// What was found in the folders.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// Runs, oldest first.
    pub sessions: Vec<Session>,
    /// What is wrong with each file that is a record by its name and cannot be read as one.
    pub faults: Vec<String>,
}

/// One benchmark over time.
#[derive(Clone, Debug)]
pub struct Series<'a> {
    /// The benchmark.
    pub name: &'a str,
    /// The sessions that measured it, oldest first, with its `duration_ms`.
    pub points: Vec<(&'a Session, f64)>,
    /// Where its level changes.
    pub changes: Vec<ChangePoint>,
}

/// A series for each benchmark of `sessions`, which are in order, by name.
pub fn series(sessions: &[Session]) -> Vec<Series<'_>> {
    let mut points: BTreeMap<&str, Vec<(&Session, f64)>> = BTreeMap::new();
    for session in sessions {
        for (name, ms) in &session.durations_ms {
            points.entry(name).or_default().push((session, *ms));
        }
    }
    points
        .into_iter()
        .map(|(name, points)| {
            let values: Vec<f64> = points.iter().map(|(_, ms)| *ms).collect();
            Series {
                name,
                changes: change_points(&values, LEVEL, LEAST_SHIFT),
                points,
            }
        })
        .collect()
}
