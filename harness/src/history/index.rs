//! An index over the files: a record is read once, and again when its file has changed. Whoever deletes it loses nothing but the
//! time to make it anew.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Found, Session};
use crate::record;

const FILE: &str = ".history.json";
/// Changes with what a session holds.
const VERSION: u32 = 3;

#[derive(Default, Serialize, Deserialize)]
struct Index {
    version: u32,
    files: HashMap<PathBuf, Known>,
}

/// A file as it was when it was read, and what reading it gave.
#[derive(Clone, Serialize, Deserialize)]
struct Known {
    bytes: u64,
    changed_ns: u128,
    session: Result<Option<Session>, String>,
}

/// The sessions in `folders` and the folders right below them; each run once, though it may lie in several, or be merged. The
/// index is kept in the first folder; where that cannot be written, the next call takes as long.
pub fn read(folders: &[PathBuf]) -> Found {
    let place = folders.first().map(|folder| folder.join(FILE));
    let old = place.as_deref().map(load).unwrap_or_default();
    let files: Vec<(PathBuf, u64, u128)> = folders
        .iter()
        .flat_map(|folder| json_files(folder, 1))
        .collect();
    let known = |(path, bytes, changed_ns): &(PathBuf, u64, u128)| {
        let known = old.files.get(path)?;
        (known.bytes == *bytes && known.changed_ns == *changed_ns).then(|| known.clone())
    };
    let unread: Vec<&(PathBuf, u64, u128)> =
        files.iter().filter(|file| known(file).is_none()).collect();
    let mut sessions = read_all(&unread);
    let fresh = !unread.is_empty() || old.files.len() != files.len();
    let index = Index {
        version: VERSION,
        files: files
            .iter()
            .map(|file| {
                let (path, bytes, changed_ns) = file;
                let known = known(file).unwrap_or_else(|| Known {
                    bytes: *bytes,
                    changed_ns: *changed_ns,
                    session: sessions.remove(path).unwrap_or(Ok(None)),
                });
                (path.clone(), known)
            })
            .collect(),
    };
    if fresh && let Some(place) = place {
        let text = serde_json::to_vec(&index).expect("an index is plain data");
        let _ = record::replace_file(&place, &text);
    }
    let (mut sessions, mut faults) = (Vec::new(), Vec::new());
    for known in index.files.into_values() {
        match known.session {
            Ok(session) => sessions.extend(session),
            Err(fault) => faults.push(fault),
        }
    }
    faults.sort();
    sessions.sort_by(|a, b| (a.timestamp, &a.path).cmp(&(b.timestamp, &b.path)));
    sessions.dedup_by(|later, first| {
        later.timestamp == first.timestamp && later.durations_ms == first.durations_ms
    });
    Found {
        sessions: without_merged(sessions),
        faults,
    }
}

/// Leaves out the parts of what is merged: they would count twice.
fn without_merged(mut sessions: Vec<Session>) -> Vec<Session> {
    // Of each run, the largest record that it was merged into.
    let mut into: HashMap<(String, Timestamp), usize> = HashMap::new();
    for session in &sessions {
        for &part in &session.merged {
            let largest = into.entry((session.host.clone(), part)).or_default();
            *largest = session.merged.len().max(*largest);
        }
    }
    sessions.retain(|session| {
        let largest = into.get(&(session.host.clone(), session.timestamp));
        largest.is_none_or(|&largest| session.merged.len() >= largest)
    });
    sessions
}

fn load(path: &Path) -> Index {
    let index = fs::read(path)
        .ok()
        .and_then(|bytes| serde_json::from_slice::<Index>(&bytes).ok());
    index
        .filter(|index| index.version == VERSION)
        .unwrap_or_default()
}

/// The files that may be records, with their size and time of change.
fn json_files(folder: &Path, depth: usize) -> Vec<(PathBuf, u64, u128)> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let Ok(metadata) = path.metadata() else {
            continue;
        };
        if metadata.is_dir() && depth > 0 {
            files.extend(json_files(&path, depth - 1));
        } else if metadata.is_file() && !name.starts_with('.') && name.ends_with(".json") {
            let changed = metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH);
            let since = changed
                .duration_since(SystemTime::UNIX_EPOCH)
                .unwrap_or_default();
            files.push((path, metadata.len(), since.as_nanos()));
        }
    }
    files
}

/// Reads files on all CPUs.
fn read_all(files: &[&(PathBuf, u64, u128)]) -> HashMap<PathBuf, Result<Option<Session>, String>> {
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let part = files.len().div_ceil(threads).max(1);
    std::thread::scope(|scope| {
        let parts: Vec<_> = files
            .chunks(part)
            .map(|files| {
                scope.spawn(move || -> Vec<_> {
                    let read =
                        |(path, ..): &&(PathBuf, u64, u128)| (path.clone(), Session::read(path));
                    files.iter().map(read).collect()
                })
            })
            .collect();
        parts
            .into_iter()
            .flat_map(|part| part.join().expect("reading does not panic"))
            .collect()
    })
}
