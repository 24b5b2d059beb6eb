//! The folder of timestamped records: `results/2026-11-25T01-45-30.123Z_results.json`.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::{Error, Record, files, write};

/// What every record's file name ends with.
pub(super) const ENDING: &str = "_results.json";
/// What the name of a record ends with that grows while its run is under way.
pub(crate) const PARTIAL: &str = "partial";
/// Records that one millisecond may have; more is an error, not an endless search.
const MOST_PER_MILLISECOND: u32 = 10_000;

/// Writes a record under a new name in `folder`, which is made where it is missing, and returns its path.
///
/// The name comes from the record's timestamp. Where another record has it, even one being written at this moment, a number
/// is appended: none is ever overwritten.
///
/// # Errors
/// As [`write()`](super::write()).
pub fn write_new(record: &Record, folder: &Path) -> Result<PathBuf, Error> {
    let json = write::checked_json(record, folder)?;
    create_numbered(folder, &stamp(record.timestamp), ENDING, json.as_bytes())
}

/// As [`write_new`], for a run that is under way: the name ends in `.partial`, so that nobody takes it for a run's record.
///
/// # Errors
/// As [`write()`](super::write()).
pub fn write_partial(record: &Record, folder: &Path) -> Result<PathBuf, Error> {
    let json = write::checked_json(record, folder)?;
    let ending = format!("{ENDING}.{PARTIAL}");
    create_numbered(folder, &stamp(record.timestamp), &ending, json.as_bytes())
}

/// Creates the file `folder/{start}{ending}`, or `{start}-1{ending}` and so on where that name is taken.
pub(super) fn create_numbered(
    folder: &Path,
    start: &str,
    ending: &str,
    bytes: &[u8],
) -> Result<PathBuf, Error> {
    let failed = |path: &Path, source| Error::Write {
        path: path.to_owned(),
        source,
    };
    fs::create_dir_all(folder).map_err(|source| failed(folder, source))?;
    for number in 0..MOST_PER_MILLISECOND {
        let path = folder.join(match number {
            0 => format!("{start}{ending}"),
            _ => format!("{start}-{number}{ending}"),
        });
        // Looking first saves writing a file for each name that has long been taken.
        if path.symlink_metadata().is_ok() {
            continue;
        }
        match files::create(&path, bytes) {
            Ok(()) => return Ok(path),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(source) => return Err(failed(&path, source)),
        }
    }
    Err(failed(
        &folder.join(format!("{start}{ending}")),
        io::ErrorKind::AlreadyExists.into(),
    ))
}

/// The newest record of a folder: by the timestamp in its name, or, where a file is named otherwise, by its time of change.
/// Hidden files, folders, and names that do not end in `.json` are no records.
///
/// # Errors
/// Where the folder cannot be read or has none.
pub fn newest(folder: &Path) -> Result<PathBuf, Error> {
    let none = || Error::NoRecord {
        folder: folder.to_owned(),
    };
    let read = |source: io::Error| match source.kind() {
        io::ErrorKind::NotFound => none(),
        _ => Error::Read {
            path: folder.to_owned(),
            source,
        },
    };
    let mut newest: Option<(Age, PathBuf)> = None;
    for file in fs::read_dir(folder).map_err(read)? {
        let path = file.map_err(read)?.path();
        newest = newest.max(age(&path).map(|age| (age, path)));
    }
    newest.map(|(_, path)| path).ok_or_else(none)
}

/// The newest record of a folder, where its name states a later time than `now`: the clock was set back since.
pub(crate) fn ahead_of(folder: &Path, now: Timestamp) -> Option<PathBuf> {
    let path = newest(folder).ok()?;
    let (stated, _) = named_age(path.file_name()?.to_str()?)?;
    (stated > now).then_some(path)
}

/// When a record was made, and its number among those of the same millisecond.
type Age = (Timestamp, u32);

fn age(path: &Path) -> Option<Age> {
    let name = path.file_name()?.to_str()?;
    if name.starts_with('.') || !name.ends_with(".json") {
        return None;
    }
    named_age(name).or_else(|| {
        let metadata = path.metadata().ok().filter(fs::Metadata::is_file)?;
        let changed = metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH);
        Some((Timestamp::try_from(changed).ok()?, 0))
    })
}

/// The age that a name made by [`write_new`] states.
fn named_age(name: &str) -> Option<Age> {
    let start = name.strip_suffix(ENDING)?;
    let (stamp, rest) = start.split_once('Z')?;
    let number = match rest {
        "" => 0,
        rest => rest.strip_prefix('-')?.parse().ok()?,
    };
    let (date, time) = stamp.split_once('T')?;
    let timestamp = format!("{date}T{}Z", time.replace('-', ":")).parse().ok()?;
    Some((timestamp, number))
}

/// A timestamp that can be part of a file name everywhere: UTC, to the millisecond, without colons.
pub(super) fn stamp(timestamp: Timestamp) -> String {
    let utc = timestamp.to_zoned(TimeZone::UTC);
    utc.strftime("%Y-%m-%dT%H-%M-%S.%3fZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_state_their_age() {
        let timestamp: Timestamp = "2026-11-25T01:45:30.123456Z".parse().unwrap();
        assert_eq!(stamp(timestamp), "2026-11-25T01-45-30.123Z");
        let kept: Timestamp = "2026-11-25T01:45:30.123Z".parse().unwrap();
        let table = [
            ("2026-11-25T01-45-30.123Z_results.json", Some((kept, 0))),
            ("2026-11-25T01-45-30.123Z-12_results.json", Some((kept, 12))),
            ("2026-11-25T01-45-30.123Z-x_results.json", None),
            ("2026-13-25T01-45-30.123Z_results.json", None),
            ("baseline_results.json", None),
            ("2026-11-25T01-45-30.123Z.json", None),
        ];
        for (name, expected) in table {
            assert_eq!(named_age(name), expected, "{name}");
        }
    }

    #[test]
    fn a_run_under_way_is_not_the_newest() {
        let home = tempfile::tempdir().unwrap();
        let record = Record {
            version: super::super::VERSION.into(),
            timestamp: "2026-11-25T01:45:30.123Z".parse().unwrap(),
            environment: Default::default(),
            benchmarks: vec![],
            metadata: Default::default(),
        };
        let partial = write_partial(&record, home.path()).unwrap();
        let name = "2026-11-25T01-45-30.123Z_results.json";
        assert_eq!(partial, home.path().join(format!("{name}.partial")));
        assert_eq!(super::super::load(&partial).unwrap(), record);
        assert!(newest(home.path()).is_err());
        let whole = write_new(&record, home.path()).unwrap();
        assert_eq!(whole, home.path().join(name));
        assert_eq!(newest(home.path()).unwrap(), whole);
    }

    #[test]
    fn no_name_is_taken_twice() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("made/results");
        let paths: Vec<PathBuf> = std::thread::scope(|scope| {
            let writer = |thread: u8| {
                let folder = &folder;
                move || -> Vec<PathBuf> {
                    (0..20)
                        .map(|i| create_numbered(folder, "x", ENDING, &[thread, i]).unwrap())
                        .collect()
                }
            };
            let threads: Vec<_> = (0..4).map(|thread| scope.spawn(writer(thread))).collect();
            threads
                .into_iter()
                .flat_map(|thread| thread.join().unwrap())
                .collect()
        });
        let contents: std::collections::HashSet<_> =
            paths.iter().map(|path| fs::read(path).unwrap()).collect();
        assert_eq!(contents.len(), 80);
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 80);
    }

    #[test]
    fn what_cannot_be_created_is_not_tried_under_other_names() {
        let home = tempfile::tempdir().unwrap();
        let error = create_numbered(home.path(), "missing/x", ENDING, b"").unwrap_err();
        let not_found = |source: &io::Error| source.kind() == io::ErrorKind::NotFound;
        assert!(
            matches!(&error, Error::Write { source, .. } if not_found(source)),
            "{error}"
        );
    }

    #[test]
    fn the_newest() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path();
        assert!(matches!(newest(folder), Err(Error::NoRecord { .. })));
        assert!(matches!(
            newest(&folder.join("missing")),
            Err(Error::NoRecord { .. })
        ));
        let hidden = [
            ".gitkeep",
            ".2099-01-01T00-00-00.000Z_results.json",
            "notes.txt",
        ];
        for name in hidden {
            fs::write(folder.join(name), "").unwrap();
        }
        fs::create_dir(folder.join("folder.json")).unwrap();
        assert!(matches!(newest(folder), Err(Error::NoRecord { .. })));
        // In this order each is newer than the one before: a name states more than the time of change.
        let names = [
            "2025-01-02T00-00-00.000Z_results.json",
            "2025-01-02T00-00-00.000Z-2_results.json",
            "2025-01-02T00-00-00.000Z-10_results.json",
            "by_hand.json",
            "2099-01-01T00-00-00.000Z_results.json",
        ];
        for name in names {
            fs::write(folder.join(name), "").unwrap();
            assert_eq!(newest(folder).unwrap(), folder.join(name));
        }
        let last = folder.join(names[4]);
        for (now, wanted) in [
            ("2098-12-31T23:59:59Z", Some(last)),
            ("2099-01-01T00:00:00Z", None),
        ] {
            assert_eq!(ahead_of(folder, now.parse().unwrap()), wanted, "{now}");
        }
    }
}
