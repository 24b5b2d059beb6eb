//! Files that are whole at every instant.
//!
//! Bytes go to a hidden temporary file beside the target, reach the disk, and only then take the target's name. A symbolic
//! link to a file is replaced, never followed.

use std::fs::{File, Metadata, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use tempfile::NamedTempFile;

/// The end of the name of every temporary file.
pub(super) const TEMPORARY: &str = ".tmp";

/// Writes a file that replaces whatever has its name. What is no file, as `/dev/stdout`, is written to.
///
/// # Errors
/// Whatever the system refuses; the target is then as it was.
pub fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let special = |metadata: Metadata| !metadata.is_file() && !metadata.is_dir();
    if path.metadata().is_ok_and(special) {
        return OpenOptions::new().write(true).open(path)?.write_all(bytes);
    }
    let file = temporary(path, bytes)?;
    file.persist(path).map_err(|error| error.error)?;
    sync_folder(path)
}

/// Writes a file whose name must be free.
///
/// # Errors
/// [`io::ErrorKind::AlreadyExists`] where it is not, or whatever the system refuses; the target is then as it was.
pub fn create(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let file = temporary(path, bytes)?;
    file.persist_noclobber(path).map_err(|error| error.error)?;
    sync_folder(path)
}

/// A temporary file in the target's folder, written and synced.
fn temporary(path: &Path, bytes: &[u8]) -> io::Result<NamedTempFile> {
    if path.file_name().is_none() || path.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    let mut file = tempfile::Builder::new()
        .prefix(".")
        .suffix(TEMPORARY)
        // As any new file: less what the umask takes.
        .permissions(Permissions::from_mode(0o666))
        .tempfile_in(folder(path))?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    Ok(file)
}

/// Makes a new name last. Some file systems cannot; the file itself is on the disk then all the same.
fn sync_folder(path: &Path) -> io::Result<()> {
    match File::open(folder(path)).and_then(|folder| folder.sync_all()) {
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded
            ) =>
        {
            Err(error)
        }
        _ => Ok(()),
    }
}

/// The folder that holds `path`.
pub(super) fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::fd::AsRawFd;

    #[test]
    fn replacing_and_creating() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("a b\"\n.json");
        create(&path, b"one").unwrap();
        let error = create(&path, b"two").unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read(&path).unwrap(), b"one");
        replace(&path, b"three").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"three");
        assert_eq!(
            fs::read_dir(home.path()).unwrap().count(),
            1,
            "no temporary file is left"
        );
    }

    #[test]
    fn a_link_is_replaced_not_followed() {
        let home = tempfile::tempdir().unwrap();
        let (victim, link) = (home.path().join("victim"), home.path().join("link"));
        fs::write(&victim, "mine").unwrap();
        std::os::unix::fs::symlink(&victim, &link).unwrap();
        assert!(create(&link, b"x").is_err());
        replace(&link, b"new").unwrap();
        assert_eq!(fs::read_to_string(&victim).unwrap(), "mine");
        assert!(!link.is_symlink());
    }

    #[test]
    fn a_pipe_is_written_to() {
        let (mut reader, writer) = io::pipe().unwrap();
        let path = format!("/proc/self/fd/{}", writer.as_raw_fd());
        replace(Path::new(&path), b"through").unwrap();
        drop(writer);
        assert_eq!(io::read_to_string(&mut reader).unwrap(), "through");
    }

    #[test]
    fn what_cannot_be_written() {
        let home = tempfile::tempdir().unwrap();
        assert!(replace(&home.path().join("missing/file"), b"").is_err());
        assert!(replace(Path::new("/"), b"").is_err());
        // Not that its name is taken, for which another name would be the remedy.
        for write in [replace, create] {
            let error = write(home.path(), b"").unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::IsADirectory);
        }
    }

    #[test]
    fn the_folder_of_a_file() {
        for (path, expected) in [("a", "."), ("./a", "."), ("a/b", "a"), ("/a", "/")] {
            assert_eq!(folder(Path::new(path)), Path::new(expected), "{path}");
        }
    }
}
