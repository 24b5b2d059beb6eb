//! Where in Criterion's folder the runs are.

use std::fs;
use std::path::{Path, PathBuf};

use crate::import::Error;
use crate::record;

/// Folders below that of Criterion: group, function, parameter, run, and some to spare.
const DEPTH: usize = 8;

/// The folders of runs below `root` that were saved under this name, in order; it looks into no more than `most` folders.
pub(super) fn runs(root: &Path, saved: &str, most: usize) -> Result<Vec<PathBuf>, Error> {
    // A run's own folder may be named outright.
    if is_run(root) {
        return Ok(vec![root.to_owned()]);
    }
    let mut search = Search {
        root,
        saved,
        left: most,
        most,
        runs: Vec::new(),
    };
    search.look_into(root, DEPTH)?;
    Ok(search.runs)
}

/// A search that is under way.
struct Search<'a> {
    root: &'a Path,
    saved: &'a str,
    /// Folders that may still be looked into, of this many.
    left: usize,
    most: usize,
    runs: Vec<PathBuf>,
}

impl Search<'_> {
    fn look_into(&mut self, folder: &Path, depth: usize) -> Result<(), Error> {
        let Some(left) = self.left.checked_sub(1) else {
            return Err(Error::TooLarge {
                folder: self.root.to_owned(),
                limit: format!("it has more than {} folders", self.most),
            });
        };
        self.left = left;
        let failed = |source| record::Error::Read {
            path: folder.to_owned(),
            source,
        };
        let mut inner = Vec::new();
        for entry in fs::read_dir(folder).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            // Of the entry itself: a link to a folder above would lead in circles.
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                inner.push(entry.path());
            }
        }
        inner.sort();
        for folder in inner {
            let is_saved = folder.file_name().is_some_and(|name| name == self.saved);
            if is_saved && is_run(&folder) {
                self.runs.push(folder);
            } else if depth > 1 {
                self.look_into(&folder, depth - 1)?;
            }
        }
        Ok(())
    }
}

fn is_run(folder: &Path) -> bool {
    let files = ["sample.json", "estimates.json"];
    files.iter().any(|file| folder.join(file).is_file())
}
