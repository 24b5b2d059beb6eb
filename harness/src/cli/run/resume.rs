//! `bench run --resume`: a run that was cut short, and whether this one may go on from it.

use std::path::{Path, PathBuf};

use anyhow::{bail, ensure};

use crate::record::{self, Entry, Process, Record, Status};
use crate::text::visible;

/// The record of a run that was cut short.
pub(super) struct Earlier {
    path: PathBuf,
    pub(super) record: Record,
}

impl Earlier {
    /// # Errors
    /// Where the file is no record, or none of a run that can be gone on with.
    pub(super) fn load(path: &Path) -> anyhow::Result<Self> {
        let record = record::load(path)?;
        let metadata = &record.metadata;
        let why = if record.is_legacy() || metadata.imported_from.is_some() {
            "it was not measured by `bench run`"
        } else if !metadata.merged.is_empty() {
            "it is merged: resume the part that is not whole, and merge again"
        } else if metadata.partial.is_none() {
            "it is complete: measure anew with `bench run`"
        } else {
            let path = path.to_owned();
            return Ok(Self { path, record });
        };
        bail!("{}: nothing to go on with: {why}", shown(path))
    }

    /// Makes the `blank` record that of one run with this one, and returns what each of `selected` has been measured.
    ///
    /// # Errors
    /// Where host, build, library or benchmarks are not those of this record: says what differs, and the remedy.
    pub(super) fn fit(
        &self,
        blank: &mut Record,
        selected: &[Entry],
    ) -> anyhow::Result<Vec<Result<Vec<Process>, String>>> {
        if let Some(what) = self.difference(blank, selected) {
            bail!(
                "{} cannot be gone on with: {what}; give the same --lib and --threads on the same host, or measure anew without --resume",
                shown(&self.path)
            );
        }
        let unknown = blank
            .metadata
            .libraries
            .iter()
            .any(|library| library.sha256.is_empty())
            && (
                self.record.environment.git_dirty,
                blank.environment.git_dirty,
            ) != (Some(false), Some(false));
        ensure!(
            !unknown,
            "{} cannot be gone on with: suites that are linked in have no hash, and the source tree has uncommitted changes; commit them and measure anew, or measure a shared object with --lib",
            shown(&self.path)
        );
        let metadata = &self.record.metadata;
        blank.metadata.resumed.clone_from(&metadata.resumed);
        blank.metadata.resumed.push(blank.timestamp);
        blank.metadata.elapsed_ms = metadata.elapsed_ms;
        blank.timestamp = self.record.timestamp;
        Ok(self.record.benchmarks.iter().map(measured).collect())
    }

    /// In what the two runs differ that parts of one run have in common, this record's first.
    fn difference(&self, blank: &Record, selected: &[Entry]) -> Option<String> {
        let told = |what: &str, then: &str, now: &str| {
            format!("{what} {} against {}", visible(then), visible(now))
        };
        if let Some(what) = record::difference(&self.record, blank) {
            return Some(what);
        }
        let libraries = |record: &Record| {
            let names = record
                .metadata
                .libraries
                .iter()
                .map(|library| library.file.as_str());
            names.collect::<Vec<_>>().join(", ")
        };
        let (then, now) = (libraries(&self.record), libraries(blank));
        if then != now {
            return Some(told("libraries", &then, &now));
        }
        let benchmarks = &self.record.benchmarks;
        if benchmarks.len() != selected.len() {
            let (then, now) = (benchmarks.len().to_string(), selected.len().to_string());
            return Some(told("number of benchmarks", &then, &now));
        }
        benchmarks.iter().zip(selected).find_map(|(then, now)| {
            if then.name != now.name {
                return Some(told("benchmark", &then.name, &now.name));
            }
            let (one, other) = (then.threads.to_string(), now.threads.to_string());
            let what = format!("threads of {}", visible(&then.name));
            (one != other).then(|| told(&what, &one, &other))
        })
    }
}

fn measured(entry: &Entry) -> Result<Vec<Process>, String> {
    match entry.status {
        Status::Ok => Ok(entry.processes.clone()),
        Status::Failed => Err(entry.error.clone().unwrap_or_default()),
    }
}

fn shown(path: &Path) -> String {
    visible(&path.to_string_lossy()).into_owned()
}
