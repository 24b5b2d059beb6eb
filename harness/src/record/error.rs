//! Why a record could not be read or written.

use std::io;
use std::path::{Path, PathBuf};

use crate::text::visible;

/// Why a record could not be read or written. Every message names the file.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file could not be opened or read.
    #[error("cannot read {}: {source}", shown(path))]
    Read {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// The file is not a valid record.
    #[error("{}, line {line}{}: {}", shown(path), named(field), visible(message))]
    Invalid {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The field, for instance `benchmarks[3].duration_ms`; empty where no field is meant.
        field: String,
        /// What is wrong, and the remedy.
        message: String,
    },
    /// A file could not be written.
    #[error(
        "cannot write {}: {source}; choose another place with --output FILE",
        shown(path)
    )]
    Write {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// A record that is not written, for a reader would refuse it.
    #[error(
        "refusing to write {}: it could not be read back: {problem}",
        shown(path)
    )]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// What the reader says.
        problem: Box<Error>,
    },
    /// A folder has no record.
    #[error(
        "there is no record in {}: measure one with `bench run`, or name a file",
        shown(folder)
    )]
    NoRecord {
        /// The folder.
        folder: PathBuf,
    },
    /// There is no baseline of this name.
    #[error("there is no baseline called '{}': {remedy}", visible(name))]
    NoBaseline {
        /// The name, or the file.
        name: String,
        /// What exists, or how to record one.
        remedy: String,
    },
    /// A name that cannot be a file's.
    #[error("{} cannot name a baseline: use letters, digits, `.`, `_` and `-`, at most 64, not `.` first", visible(.0))]
    BaselineName(String),
}

fn shown(path: &Path) -> String {
    visible(&path.to_string_lossy()).into_owned()
}

fn named(field: &str) -> String {
    match field {
        "" => String::new(),
        field => format!(", {}", visible(field)),
    }
}
