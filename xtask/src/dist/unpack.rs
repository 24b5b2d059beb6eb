//! Reads an archive as if a stranger had made it: nothing is written outside the folder that was asked for.

use std::collections::BTreeSet;
use std::fs::{self, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Component, Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use flate2::read::GzDecoder;
use tar::{Archive, Entry, EntryType};

use super::pack::FOLDER;

/// More than this, in bytes, is no archive of ours but one made to fill the disk.
const LIMIT: u64 = 1 << 30;

/// Extracts the gzipped tar archive into the empty folder `into`; the answer is the path of every file, relative to it.
///
/// # Errors
/// An entry that is neither a file nor a folder, lies outside `benchmarks/` or comes twice, a mode with set-id bits, more
/// than 1 GiB: nothing of that entry is written.
pub(super) fn unpack(archive: impl Read, into: &Path) -> Result<Vec<String>> {
    let mut left = LIMIT;
    let mut seen = BTreeSet::new();
    let mut files = Vec::new();
    let mut archive = Archive::new(GzDecoder::new(archive));
    for entry in archive.entries().context("not a gzipped tar archive")? {
        let mut entry = entry.context("not a gzipped tar archive, or a truncated one")?;
        let path = inside(&entry)?;
        let name = path
            .to_str()
            .context("a name that is not UTF-8")?
            .to_owned();
        ensure!(seen.insert(path.clone()), "{name:?} comes twice");
        left = left
            .checked_sub(entry.size())
            .with_context(|| format!("{name:?} goes beyond {LIMIT} bytes"))?;
        if extract(&mut entry, &into.join(&path)).with_context(|| format!("entry {name:?}"))? {
            files.push(name);
        }
    }
    Ok(files)
}

/// The entry's path, made of ordinary names only and beginning with the archive's folder.
fn inside(entry: &Entry<impl Read>) -> Result<PathBuf> {
    let path = entry.path().context("a name that is no path")?.into_owned();
    let ordinary = path
        .components()
        .all(|part| matches!(part, Component::Normal(_)));
    ensure!(ordinary, "{path:?} leads out of the archive's folder");
    ensure!(path.starts_with(FOLDER), "{path:?} lies outside {FOLDER}/");
    Ok(path)
}

/// Writes one entry to `to`, which must not exist; true for a file.
fn extract(entry: &mut Entry<impl Read>, to: &Path) -> Result<bool> {
    let mode = entry.header().mode()?;
    ensure!(mode & 0o7000 == 0, "set-id or sticky bits in mode {mode:o}");
    match entry.header().entry_type() {
        EntryType::Directory => fs::create_dir(to)?,
        EntryType::Regular => {
            let mut file = OpenOptions::new()
                .write(true)
                .create_new(true)
                .mode(mode & 0o755)
                .open(to)?;
            io::copy(entry, &mut file)?;
            return Ok(true);
        }
        other => bail!("neither a file nor a folder but {other:?}"),
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::{Compression, write::GzEncoder};
    use std::io::Write;
    use tar::Header;

    /// One entry: name, type, mode, link name, size stated in its header.
    type Row<'a> = (&'a str, EntryType, u32, &'a str, u64);

    const TOP: Row = ("benchmarks/", EntryType::Directory, 0o755, "", 0);

    /// An archive whose headers say what they are told to, which the builder of `tar` would refuse.
    fn archive(rows: &[Row]) -> Vec<u8> {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
        for (name, kind, mode, link, size) in rows {
            let mut header = Header::new_ustar();
            let raw = header.as_old_mut();
            raw.name[..name.len()].copy_from_slice(name.as_bytes());
            raw.linkname[..link.len()].copy_from_slice(link.as_bytes());
            header.set_entry_type(*kind);
            header.set_mode(*mode);
            header.set_size(*size);
            header.set_cksum();
            gzip.write_all(header.as_bytes()).unwrap();
            let content = usize::try_from((*size).min(5)).unwrap();
            let mut block = [0; 512];
            block[..content].copy_from_slice(&b"words"[..content]);
            gzip.write_all(&block[..content.div_ceil(512) * 512])
                .unwrap();
        }
        gzip.write_all(&[0; 1024]).unwrap();
        gzip.finish().unwrap()
    }

    #[test]
    fn honest_archive_is_extracted() {
        let folder = tempfile::tempdir().unwrap();
        let rows = [TOP, ("benchmarks/bench", EntryType::Regular, 0o755, "", 5)];
        let files = unpack(archive(&rows).as_slice(), folder.path()).unwrap();
        assert_eq!(files, ["benchmarks/bench"]);
        assert_eq!(
            fs::read(folder.path().join("benchmarks/bench")).unwrap(),
            b"words"
        );
    }

    #[test]
    fn hostile_archives_are_refused_and_write_nothing_outside() {
        use EntryType::{Block, Directory, Fifo, Link, Regular, Symlink};
        let file = ("benchmarks/bench", Regular, 0o755, "", 5);
        let table: &[(&str, Vec<Row>)] = &[
            (
                "parent",
                vec![TOP, ("benchmarks/../evil", Regular, 0o644, "", 5)],
            ),
            ("parent first", vec![("../evil", Regular, 0o644, "", 5)]),
            ("absolute", vec![("/tmp/evil", Regular, 0o644, "", 5)]),
            ("outside", vec![("evil", Regular, 0o644, "", 5)]),
            ("alike", vec![("benchmarks2/", Directory, 0o755, "", 0)]),
            ("dot", vec![("./evil", Regular, 0o644, "", 5)]),
            (
                "symlink",
                vec![TOP, ("benchmarks/a", Symlink, 0o777, "..", 0)],
            ),
            (
                "hard link",
                vec![TOP, ("benchmarks/a", Link, 0o644, "/etc/passwd", 0)],
            ),
            ("fifo", vec![TOP, ("benchmarks/a", Fifo, 0o644, "", 0)]),
            ("device", vec![TOP, ("benchmarks/a", Block, 0o644, "", 0)]),
            (
                "setuid",
                vec![TOP, ("benchmarks/a", Regular, 0o4755, "", 5)],
            ),
            ("twice", vec![TOP, file, file]),
            (
                "twice by another name",
                vec![TOP, file, ("benchmarks//bench", Regular, 0o755, "", 5)],
            ),
            (
                "file as folder",
                vec![TOP, file, ("benchmarks/bench/x", Regular, 0o755, "", 5)],
            ),
            (
                "too large",
                vec![TOP, ("benchmarks/a", Regular, 0o644, "", LIMIT + 1)],
            ),
            (
                "truncated",
                vec![TOP, ("benchmarks/a", Regular, 0o644, "", 1 << 20)],
            ),
        ];
        for (name, rows) in table {
            let around = tempfile::tempdir().unwrap();
            let into = around.path().join("into");
            fs::create_dir(&into).unwrap();
            let answer = unpack(archive(rows).as_slice(), &into);
            assert!(answer.is_err(), "{name}: {answer:?}");
            let outside: Vec<_> = fs::read_dir(around.path())
                .unwrap()
                .map(|entry| entry.unwrap().file_name())
                .collect();
            assert_eq!(outside, ["into"], "{name}");
        }
    }

    #[test]
    fn garbage_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let whole = archive(&[TOP, ("benchmarks/a", EntryType::Regular, 0o644, "", 5)]);
        for (name, bytes) in [
            ("not gzip", &b"words"[..]),
            ("cut", &whole[..whole.len() / 2]),
        ] {
            assert!(unpack(bytes, folder.path()).is_err(), "{name}");
        }
    }
}
