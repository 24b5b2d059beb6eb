//! Reading a record.

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use serde::Deserializer as _;
use serde::de::{IgnoredAny, MapAccess, Visitor};

use super::source::Source;
use super::validate::{self, Problem, Step};
use super::{Error, Record, legacy};

/// The largest file that is read. Ten thousand benchmarks with 500 samples each are a tenth of it.
const MOST_BYTES: u64 = 1 << 30;

/// Reads the record in a file.
///
/// # Errors
/// Where the file cannot be read, or is not a record of version 1 or 2: the error names the file, the line and the field.
pub fn load(path: &Path) -> Result<Record, Error> {
    parse(&read(path)?, path)
}

/// Reads the bytes of a file that may be a record.
///
/// # Errors
/// Where the file cannot be read, or is larger than any record.
pub fn read(path: &Path) -> Result<Vec<u8>, Error> {
    read_at_most(path, MOST_BYTES).map_err(|source| Error::Read {
        path: path.to_owned(),
        source,
    })
}

fn read_at_most(path: &Path, most_bytes: u64) -> io::Result<Vec<u8>> {
    let file = File::open(path)?;
    let length = file.metadata().map_or(0, |metadata| metadata.len());
    let mut bytes = Vec::with_capacity(length.min(most_bytes) as usize);
    // A pipe is a file too, and may not end: the limit holds for what is read.
    file.take(most_bytes + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most_bytes {
        return Err(io::Error::other(
            "it is larger than 1 GiB, which no record is",
        ));
    }
    Ok(bytes)
}

/// Reads a record from text; `path` is what errors name.
///
/// # Errors
/// As [`load`].
pub fn parse(bytes: &[u8], path: &Path) -> Result<Record, Error> {
    let source = Source::new(bytes, path);
    let text = source.text;
    if text.iter().all(u8::is_ascii_whitespace) {
        return Err(source.wrong(Vec::new(), "the file is empty, not a record"));
    }
    let unreadable = |error| source.unreadable(&error);
    let record = match major(&version(text).map_err(unreadable)?) {
        Some(1) => legacy::read(text).map_err(unreadable)?,
        Some(2) => source.read()?,
        other => return Err(source.problem(foreign(other))),
    };
    validate::record(&record).map_err(|problem| source.problem(problem))?;
    Ok(record)
}

/// The major number of a version: digits up to the first point or the end.
fn major(version: &str) -> Option<u64> {
    version.split('.').next()?.parse().ok()
}

fn foreign(major: Option<u64>) -> Problem {
    let message = match major {
        Some(major) => format!(
            "this is format {major}, and this program reads 1 and 2: use the program that wrote it, or measure again"
        ),
        None => "a version begins with a number and a point, for instance 2.0.0".into(),
    };
    Problem {
        path: vec![Step::Key("version".into())],
        message,
    }
}

/// The field `version` of an object. Reading stops there: another version's other fields mean nothing here.
fn version(text: &[u8]) -> Result<String, serde_json::Error> {
    struct Version<'a>(&'a mut Option<String>);

    impl<'de> Visitor<'de> for Version<'_> {
        type Value = ();

        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str("an object, a record")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
            while let Some(key) = map.next_key::<String>()? {
                if key == "version" {
                    *self.0 = Some(map.next_value()?);
                    return Ok(());
                }
                map.next_value::<IgnoredAny>()?;
            }
            Err(serde::de::Error::missing_field("version"))
        }
    }

    let mut found = None;
    let outcome = serde_json::Deserializer::from_slice(text).deserialize_map(Version(&mut found));
    match (found, outcome) {
        // What follows the version is not an error of this reading.
        (Some(version), _) => Ok(version),
        (None, Err(error)) => Err(error),
        (None, Ok(())) => Err(serde::de::Error::missing_field("version")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_whole_or_not_at_all() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("file");
        for length in 0..4_usize {
            let bytes = vec![7; length];
            std::fs::write(&path, &bytes).unwrap();
            let read = read_at_most(&path, 2).ok();
            assert_eq!(read, (length <= 2).then_some(bytes), "{length} bytes");
        }
        assert!(read_at_most(Path::new("/dev/zero"), 1000).is_err());
    }
}
