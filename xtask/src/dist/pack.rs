//! Writes the archive: the same files give the same bytes.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use flate2::{Compression, GzBuilder};
use tar::{Builder, EntryType, Header};

use super::manifest::{self, Manifest};

/// The one folder of the archive.
pub(super) const FOLDER: &str = "benchmarks";

/// A file to pack.
#[derive(Debug)]
pub(super) struct File {
    /// Its place under the archive's folder.
    pub(super) path: String,
    mode: u32,
    /// Where it is read from.
    pub(super) source: PathBuf,
}

impl File {
    pub(super) fn new(path: &str, mode: u32, source: PathBuf) -> Self {
        Self {
            path: path.to_owned(),
            mode,
            source,
        }
    }
}

/// Writes `files`, sorted, an empty `results/` and the manifest as a gzipped tar archive.
///
/// Owners are 0, times are `mtime` (Unix seconds), and the gzip header holds neither name nor time.
pub(super) fn write(to: impl Write, files: &[File], manifest: &Manifest, mtime: u64) -> Result<()> {
    let gzip = GzBuilder::new()
        .mtime(0)
        .operating_system(255)
        .write(to, Compression::best());
    let mut archive = Archive {
        tar: Builder::new(gzip),
        mtime,
    };
    for folder in folders(files) {
        archive.folder(&folder)?;
    }
    archive.file(manifest::NAME, 0o644, manifest.text().as_bytes())?;
    let mut sorted: Vec<&File> = files.iter().collect();
    sorted.sort_by_key(|file| &file.path);
    for file in sorted {
        let bytes = fs::read(&file.source)
            .with_context(|| format!("cannot read {}", file.source.display()))?;
        archive.file(&file.path, file.mode, &bytes)?;
    }
    archive
        .tar
        .into_inner()?
        .finish()?
        .flush()
        .context("cannot write the archive")
}

/// The folders of the archive, each with a slash at its end, outer ones first.
fn folders(files: &[File]) -> BTreeSet<String> {
    let parents = files
        .iter()
        .flat_map(|file| Path::new(&file.path).ancestors().skip(1));
    parents
        .chain([Path::new("results")])
        .map(|folder| {
            Path::new(FOLDER)
                .join(folder)
                .join("")
                .display()
                .to_string()
        })
        .collect()
}

struct Archive<W: Write> {
    tar: Builder<W>,
    mtime: u64,
}

impl<W: Write> Archive<W> {
    fn folder(&mut self, path: &str) -> Result<()> {
        self.entry(EntryType::Directory, path, 0o755, &[])
    }

    fn file(&mut self, path: &str, mode: u32, bytes: &[u8]) -> Result<()> {
        self.entry(EntryType::Regular, &format!("{FOLDER}/{path}"), mode, bytes)
    }

    fn entry(&mut self, kind: EntryType, path: &str, mode: u32, bytes: &[u8]) -> Result<()> {
        let mut header = Header::new_ustar();
        header.set_entry_type(kind);
        header.set_mode(mode);
        header.set_uid(0);
        header.set_gid(0);
        header.set_mtime(self.mtime);
        header.set_size(bytes.len() as u64);
        self.tar
            .append_data(&mut header, path, bytes)
            .with_context(|| format!("cannot pack {path}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_come_once_and_before_what_they_hold() {
        let file = |path: &str| File::new(path, 0o644, PathBuf::new());
        let files = [file("bench"), file("a/b/c"), file("a/b/d")];
        let expected = [
            "benchmarks/",
            "benchmarks/a/",
            "benchmarks/a/b/",
            "benchmarks/results/",
        ];
        assert!(folders(&files).iter().eq(expected));
    }

    #[test]
    fn bytes_depend_on_content_alone() {
        let made = |mode: u32| {
            let folder = tempfile::tempdir().unwrap();
            let source = folder.path().join("source");
            fs::write(&source, "content").unwrap();
            fs::set_permissions(&source, std::os::unix::fs::PermissionsExt::from_mode(mode))
                .unwrap();
            let files = [File::new("bench", 0o755, source)];
            let manifest = Manifest::of(&files, &[]).unwrap();
            let mut bytes = Vec::new();
            write(&mut bytes, &files, &manifest, 1_700_000_000).unwrap();
            bytes
        };
        assert_eq!(made(0o600), made(0o755));
    }
}
