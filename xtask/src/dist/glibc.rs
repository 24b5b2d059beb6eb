//! The oldest glibc that a binary runs with, read from its version needs.

use std::fmt;
use std::fs;
use std::path::Path;
use std::str::FromStr;

use anyhow::{Context, Result};
use object::elf::FileHeader64;
use object::endian::Endianness;
use object::read::elf::FileHeader;

/// A version of glibc, such as 2.34.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Version {
    major: u32,
    minor: u32,
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

/// The newest version of glibc that any of the 64-bit ELF `files` asks for.
pub(super) fn floor(files: &[&Path]) -> Result<Version> {
    let mut floor = Version::default();
    for path in files {
        let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        let needs =
            needs(&bytes).with_context(|| format!("{} is no 64-bit ELF file", path.display()))?;
        floor = needs
            .iter()
            .filter_map(|name| parse(name))
            .fold(floor, Version::max);
    }
    Ok(floor)
}

/// The names of all symbol versions that the file needs, such as `GLIBC_2.34` and `GCC_3.0`.
fn needs(elf: &[u8]) -> object::Result<Vec<String>> {
    let header = FileHeader64::<Endianness>::parse(elf)?;
    let endian = header.endian()?;
    let sections = header.sections(endian, elf)?;
    let mut names = Vec::new();
    let Some((mut libraries, link)) = sections.gnu_verneed(endian, elf)? else {
        return Ok(names);
    };
    let strings = sections.strings(endian, elf, link)?;
    while let Some((_, mut versions)) = libraries.next()? {
        while let Some(version) = versions.next()? {
            names.push(String::from_utf8_lossy(version.name(endian, strings)?).into_owned());
        }
    }
    Ok(names)
}

/// `GLIBC_2.34` and `GLIBC_2.2.5`.
fn parse(name: &str) -> Option<Version> {
    name.strip_prefix("GLIBC_")?.parse().ok()
}

impl FromStr for Version {
    type Err = String;

    /// `2.34` and `2.2.5`: the third number never decides.
    fn from_str(text: &str) -> std::result::Result<Self, String> {
        let mut numbers = text.split('.').map(str::parse);
        match (numbers.next(), numbers.next()) {
            (Some(Ok(major)), Some(Ok(minor))) => Ok(Version { major, minor }),
            _ => Err("write a version such as 2.31".into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_versions() {
        let table = [
            ("GLIBC_2.34", Some((2, 34))),
            ("GLIBC_2.2.5", Some((2, 2))),
            ("GLIBC_2", None),
            ("GLIBC_PRIVATE", None),
            ("GCC_3.0", None),
        ];
        for (name, expected) in table {
            assert_eq!(
                parse(name),
                expected.map(|(major, minor)| Version { major, minor }),
                "{name}"
            );
        }
        assert!(
            parse("GLIBC_2.9") < parse("GLIBC_2.34"),
            "numbers, not text"
        );
    }

    #[test]
    fn this_test_needs_a_glibc() {
        let this = std::env::current_exe().unwrap();
        let floor = floor(&[&this]).unwrap();
        assert!(floor >= Version { major: 2, minor: 2 }, "{floor}");
    }

    #[test]
    fn other_files_are_errors() {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), "#!/bin/sh").unwrap();
        assert!(floor(&[file.path()]).is_err());
    }
}
