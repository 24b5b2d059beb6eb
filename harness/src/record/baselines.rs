//! The folder of baselines: named, and kept for each host.
//!
//! The baseline `NAME` of the first host that records one is `NAME_results.json`; another host's stands beside it as
//! `NAME@HOST_results.json`. The name is `baseline` unless another is given. Replaced ones go to `history/`.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use super::results::{ENDING, create_numbered, stamp};
use super::{Error, Record, files, load};

/// The name of the baseline where none is given.
pub const DEFAULT: &str = "baseline";

/// The baselines of a folder.
#[derive(Clone, Debug)]
pub struct Baselines {
    folder: PathBuf,
}

/// The baseline that was found for a host.
#[derive(Clone, Debug)]
pub struct Chosen {
    /// Its file.
    pub path: PathBuf,
    /// Its record.
    pub record: Record,
}

impl Baselines {
    /// The baselines in `folder`, which need not exist.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Baselines {
            folder: folder.into(),
        }
    }

    /// The baseline `name` of the first host that recorded one: what [`Baselines::fitting`] can have ready before the host is known.
    ///
    /// # Errors
    /// Where `name` cannot be a file's, or the file cannot be read.
    pub fn first(&self, name: &str) -> Result<Option<Chosen>, Error> {
        let (common, _) = self.paths(name, "")?;
        common.exists().then(|| chosen(common)).transpose()
    }

    /// The baseline `name` that was recorded on `host`; where there is none, the one of another host. `first` is the answer of
    /// [`Baselines::first`].
    ///
    /// # Errors
    /// Where there is none of that name, or it cannot be read.
    pub fn fitting(&self, name: &str, host: &str, first: Option<Chosen>) -> Result<Chosen, Error> {
        let (_, own) = self.paths(name, host)?;
        let fits = |first: &Chosen| first.record.environment.host == host;
        match (own.filter(|path| path.exists()), first) {
            (Some(path), first) if !first.as_ref().is_some_and(fits) => chosen(path),
            (_, Some(first)) => Ok(first),
            (_, None) => Err(self.missing(name)),
        }
    }

    /// Where the baseline `name` of `host` is written: over that host's, or beside another's.
    ///
    /// # Errors
    /// Where `name` cannot be a file's, or `host` cannot be part of one.
    pub fn place(&self, name: &str, host: &str) -> Result<PathBuf, Error> {
        let (common, own) = self.paths(name, host)?;
        let others = match common.exists().then(|| load(&common)) {
            // One that cannot be read is nobody's: it goes to the history as it is.
            None | Some(Err(_)) => false,
            Some(Ok(record)) => !["", host].contains(&record.environment.host.as_str()),
        };
        Ok(own.filter(|_| others).unwrap_or(common))
    }

    /// Holds off other writers until the answer is dropped. The folder is made where it is missing.
    ///
    /// # Errors
    /// Whatever the system refuses.
    pub fn lock(&self) -> Result<File, Error> {
        let failed = |source| Error::Write {
            path: self.folder.clone(),
            source,
        };
        fs::create_dir_all(&self.folder).map_err(failed)?;
        let folder = File::open(&self.folder).map_err(failed)?;
        folder.lock().map_err(failed)?;
        Ok(folder)
    }

    /// Puts `bytes` in the place of the baseline at `path`, which is whole at every instant: the old one gets a second name in
    /// `history/`, where nothing is ever overwritten, before the new one takes its name. Returns where the old one is kept.
    ///
    /// # Errors
    /// Whatever the system refuses; the baseline is then as it was.
    pub fn replace(&self, path: &Path, bytes: &[u8]) -> Result<Option<PathBuf>, Error> {
        let kept = match fs::read(path) {
            Ok(old) => Some(self.keep(path, &old)?),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(source) => {
                let path = path.to_owned();
                return Err(Error::Read { path, source });
            }
        };
        files::replace(path, bytes).map_err(|source| Error::Write {
            path: path.to_owned(),
            source,
        })?;
        Ok(kept)
    }

    /// Copies a baseline to the history, unless an update that did not come to its end has done so.
    fn keep(&self, path: &Path, old: &[u8]) -> Result<PathBuf, Error> {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let name = name.strip_suffix(ENDING).unwrap_or(&name);
        let history = self.folder.join("history");
        let start = match super::parse(old, path) {
            Ok(record) => format!("{}_{name}", stamp(record.timestamp)),
            Err(_) => format!("unreadable_{name}"),
        };
        let there = history.join(format!("{start}{ENDING}"));
        if fs::read(&there).is_ok_and(|kept| kept == old) {
            return Ok(there);
        }
        create_numbered(&history, &start, ENDING, old)
    }

    /// The file that hosts share by being first, and the one that is this host's alone, where the host is known.
    fn paths(&self, name: &str, host: &str) -> Result<(PathBuf, Option<PathBuf>), Error> {
        if !is_name(name) {
            return Err(Error::BaselineName(name.to_owned()));
        }
        let common = self.folder.join(format!("{name}{ENDING}"));
        let own = is_name(host).then(|| self.folder.join(format!("{name}@{host}{ENDING}")));
        Ok((common, own))
    }

    fn missing(&self, name: &str) -> Error {
        let names = self.names();
        let remedy = if names.is_empty() {
            "record one with `bench baseline-update`, or name a file".to_owned()
        } else {
            format!("there are {}; or name a file", names.join(", "))
        };
        Error::NoBaseline {
            name: name.to_owned(),
            remedy,
        }
    }

    /// Whether some host has a baseline of this name.
    pub fn has(&self, name: &str) -> bool {
        self.names().iter().any(|known| known == name)
    }

    /// The names that have a baseline, sorted.
    fn names(&self) -> Vec<String> {
        let files = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let mut names: Vec<String> = files
            .filter_map(|file| {
                let file = file.file_name().into_string().ok()?;
                let name = file.strip_suffix(ENDING)?.split('@').next()?;
                is_name(name).then(|| name.to_owned())
            })
            .collect();
        names.sort();
        names.dedup();
        names
    }
}

fn chosen(path: PathBuf) -> Result<Chosen, Error> {
    let record = load(&path)?;
    Ok(Chosen { path, record })
}

/// Whether a word can be part of a file name: letters, digits, `.`, `_` and `-`, at most 64, not hidden.
fn is_name(word: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    !word.is_empty() && word.len() <= 64 && !word.starts_with('.') && word.bytes().all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_name_a_baseline() {
        let (longest, longer) = ("x".repeat(64), "x".repeat(65));
        let table = [
            ("", false),
            ("v1.2_rc-3", true),
            ("1", true),
            (".hidden", false),
            ("..", false),
            ("a/b", false),
            ("a b", false),
            ("a@b", false),
            ("größe", false),
            (&longest, true),
            (&longer, false),
        ];
        for (word, expected) in table {
            assert_eq!(is_name(word), expected, "{word:?}");
        }
    }

    #[test]
    fn the_names_in_a_folder() {
        let home = tempfile::tempdir().unwrap();
        let baselines = Baselines::new(home.path().join("missing"));
        assert_eq!(baselines.names(), [""; 0]);
        let baselines = Baselines::new(home.path());
        for file in [
            "v1@beta_results.json",
            "v1@alpha_results.json",
            "baseline_results.json",
            ".hidden_results.json",
            "other.json",
        ] {
            fs::write(home.path().join(file), "").unwrap();
        }
        assert_eq!(baselines.names(), ["baseline", "v1"]);
        for (name, expected) in [("v1", true), ("v", false), ("other", false)] {
            assert_eq!(baselines.has(name), expected, "{name}");
        }
    }

    #[test]
    fn what_cannot_be_kept_is_not_replaced() {
        let home = tempfile::tempdir().unwrap();
        let baselines = Baselines::new(home.path());
        let path = home.path().join("baseline_results.json");
        assert_eq!(baselines.replace(&path, b"one").unwrap(), None);
        let kept = baselines.replace(&path, b"two").unwrap().unwrap();
        assert_eq!(
            kept,
            home.path().join("history/unreadable_baseline_results.json")
        );
        assert_eq!(fs::read(kept).unwrap(), b"one");
        fs::remove_file(&path).unwrap();
        fs::create_dir(&path).unwrap();
        let error = baselines.replace(&path, b"three").unwrap_err();
        assert!(matches!(error, Error::Read { .. }), "{error}");
    }
}
