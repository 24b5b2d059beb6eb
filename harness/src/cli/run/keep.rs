//! Where the record of a run goes, and what it has measured until then.

use std::path::{Path, PathBuf};

use crate::home;
use crate::record::{self, Error, Record};
use crate::text::visible;

/// Keeps a growing record beside the place of the whole one.
pub(super) struct Keeper {
    /// Nothing for a new file in results/.
    place: Option<PathBuf>,
    /// The growing record, once it has a name.
    partial: Option<PathBuf>,
    /// Whether it is of use: not where the record goes to a pipe, nor after it could not be written.
    keeps: bool,
}

impl Keeper {
    /// For a run whose record goes to `output`, or else takes the place of `resumed`.
    pub(super) fn new(output: Option<&Path>, resumed: Option<&Path>) -> Self {
        let place = output.map_or_else(|| resumed.map(whole), |path| Some(path.to_owned()));
        // Standard output may be a file, but nothing belongs beside it in /dev.
        let special = |path: &Path| {
            path.starts_with("/dev") || path.metadata().is_ok_and(|found| !found.is_file())
        };
        Keeper {
            keeps: !place.as_deref().is_some_and(special),
            partial: resumed.or(place.as_deref()).map(partial),
            place,
        }
    }

    /// Writes what there is. Where that fails the run goes on: its record may yet be written.
    pub(super) fn keep(&mut self, record: &Record) {
        if !self.keeps {
            return;
        }
        let written = match &self.partial {
            Some(path) => record::write(record, path),
            None => record::write_partial(record, &home::results())
                .map(|path| self.partial = Some(path)),
        };
        if let Err(error) = written {
            eprintln!("warning: a kill would lose this run: {error}");
            self.keeps = false;
        }
    }

    /// Writes the record and removes what was kept meanwhile; returns the record's path.
    ///
    /// # Errors
    /// Where the record cannot be written; what was kept stays.
    pub(super) fn finish(self, record: &Record) -> Result<PathBuf, Error> {
        let path = match self.place {
            Some(path) => record::write(record, &path).map(|()| path)?,
            None => record::write_new(record, &home::results())?,
        };
        if let Some(partial) = self
            .partial
            .filter(|partial| self.keeps && partial.is_file())
            && let Err(error) = std::fs::remove_file(&partial)
        {
            let partial = partial.to_string_lossy();
            eprintln!("warning: cannot remove {}: {error}", visible(&partial));
        }
        Ok(path)
    }
}

fn is_partial(path: &Path) -> bool {
    path.extension()
        .is_some_and(|ending| ending == record::PARTIAL)
}

/// The place of the record that this one is, or grows to.
fn whole(path: &Path) -> PathBuf {
    if is_partial(path) {
        path.with_extension("")
    } else {
        path.to_owned()
    }
}

/// The place of the record that grows to this one.
fn partial(path: &Path) -> PathBuf {
    if is_partial(path) {
        return path.to_owned();
    }
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(record::PARTIAL);
    name.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places() {
        let table = [
            (None, None, None, None),
            (Some("a.json"), None, Some("a.json"), Some("a.json.partial")),
            (
                None,
                Some("d/a.json"),
                Some("d/a.json"),
                Some("d/a.json.partial"),
            ),
            (
                None,
                Some("d/a.json.partial"),
                Some("d/a.json"),
                Some("d/a.json.partial"),
            ),
            (
                Some("b.json"),
                Some("a.json"),
                Some("b.json"),
                Some("a.json.partial"),
            ),
        ];
        for (output, resumed, place, kept) in table {
            let keeper = Keeper::new(output.map(Path::new), resumed.map(Path::new));
            assert_eq!(
                keeper.place.as_deref(),
                place.map(Path::new),
                "{output:?} {resumed:?}"
            );
            assert_eq!(
                keeper.partial.as_deref(),
                kept.map(Path::new),
                "{output:?} {resumed:?}"
            );
        }
        assert!(!Keeper::new(Some(Path::new("/dev/stdout")), None).keeps);
    }
}
