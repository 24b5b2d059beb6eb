//! The manifest of hashes: the form that `sha256sum -c` reads, with what was packed in its comment lines.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use sha2::{Digest, Sha256};

use super::pack::File;

/// The manifest's place in the archive.
pub(super) const NAME: &str = "MANIFEST.sha256";

/// What is packed, and the hash of each file.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Manifest {
    /// Key, one word, and value of each comment line.
    pub(super) header: Vec<(String, String)>,
    /// The SHA-256 of each file, in hexadecimal, by its place under the archive's folder. The manifest itself is left out.
    pub(super) files: BTreeMap<String, String>,
}

impl Manifest {
    /// The manifest of `files`, with `header` before it.
    pub(super) fn of(files: &[File], header: &[(&str, String)]) -> Result<Self> {
        let hash = |file: &File| Ok((file.path.clone(), sha256(&file.source)?));
        Ok(Self {
            header: header
                .iter()
                .map(|(key, value)| ((*key).to_owned(), value.clone()))
                .collect(),
            files: files.iter().map(hash).collect::<Result<_>>()?,
        })
    }

    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        for (key, value) in &self.header {
            let _ = writeln!(text, "# {key} {value}");
        }
        for (path, hash) in &self.files {
            let _ = writeln!(text, "{hash}  {path}");
        }
        text
    }

    /// Reads what [`Manifest::text`] wrote.
    ///
    /// # Errors
    /// A line of another form, or a path twice: names the line.
    pub(super) fn parse(text: &str) -> Result<Self> {
        let mut manifest = Self {
            header: Vec::new(),
            files: BTreeMap::new(),
        };
        for (index, line) in text.lines().enumerate() {
            manifest
                .line(line)
                .with_context(|| format!("{NAME}, line {}", index + 1))?;
        }
        Ok(manifest)
    }

    fn line(&mut self, line: &str) -> Result<()> {
        // A lone carriage return would be another line when it is read again.
        let shown = !line.contains(char::is_control);
        ensure!(shown, "it has a control character");
        if let Some((key, value)) = line
            .strip_prefix("# ")
            .and_then(|comment| comment.split_once(' '))
        {
            self.header.push((key.to_owned(), value.to_owned()));
            return Ok(());
        }
        let Some((hash, path)) = line.split_once("  ") else {
            bail!("neither a comment nor a hash and a path");
        };
        let is_hash = hash.len() == 64
            && hash
                .bytes()
                .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        ensure!(is_hash, "not a SHA-256 in lower-case hexadecimal");
        let earlier = self.files.insert(path.to_owned(), hash.to_owned());
        ensure!(earlier.is_none(), "{path} stands there twice");
        Ok(())
    }
}

/// The SHA-256 of a file, in lower-case hexadecimal.
pub(super) fn sha256(path: &Path) -> Result<String> {
    let name = || format!("cannot read {}", path.display());
    let mut hasher = Sha256::new();
    let mut file = std::fs::File::open(path).with_context(name)?;
    std::io::copy(&mut file, &mut hasher).with_context(name)?;
    Ok(hasher
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const HASH: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    #[test]
    fn text_is_read_back() {
        let manifest = Manifest {
            header: vec![
                ("benchmarks".into(), "0.1.0".into()),
                ("rustc".into(), "rustc 1.95.0 (x y)".into()),
            ],
            files: [
                ("a b".to_owned(), HASH.to_owned()),
                ("baselines/c".to_owned(), HASH.to_owned()),
            ]
            .into(),
        };
        assert_eq!(Manifest::parse(&manifest.text()).unwrap(), manifest);
    }

    #[test]
    fn other_forms_are_refused_with_their_line() {
        let table = [
            (format!("{HASH} one-space"), "line 1"),
            (format!("# ok yes\n{}  short", &HASH[1..]), "line 2"),
            (format!("{}  upper", HASH.to_uppercase()), "line 1"),
            (format!("{HASH}  x\n{HASH}  x"), "line 2"),
            (format!("{HASH}  x\n# key \r"), "line 2"),
        ];
        for (text, line) in table {
            let error = format!("{:#}", Manifest::parse(&text).unwrap_err());
            assert!(error.contains(line), "{text}: {error}");
        }
    }

    #[test]
    fn hash_of_an_empty_file() {
        let file = tempfile::NamedTempFile::new().unwrap();
        assert_eq!(sha256(file.path()).unwrap(), HASH);
    }
}
