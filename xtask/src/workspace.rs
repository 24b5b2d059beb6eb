//! Where the workspace lies, and what git says about it.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use xshell::{Shell, cmd};

/// The source tree that this program was started from.
#[derive(Debug)]
pub(crate) struct Workspace {
    /// The folder of the workspace's `Cargo.toml`, absolute.
    pub(crate) root: PathBuf,
}

impl Workspace {
    /// The workspace that cargo runs this program for; else the one it was built in.
    pub(crate) fn find() -> Result<Self> {
        let package = std::env::var_os("CARGO_MANIFEST_DIR")
            .unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
        let root = Path::new(&package).join("..");
        let root = root.canonicalize().with_context(|| {
            format!(
                "the workspace {} is gone: run `cargo xtask` in it",
                root.display()
            )
        })?;
        Ok(Self { root })
    }

    /// The workspace's version, which is every crate's.
    pub(crate) const fn version() -> &'static str {
        env!("CARGO_PKG_VERSION")
    }

    /// Where cargo puts what it builds.
    pub(crate) fn target(&self) -> PathBuf {
        match std::env::var_os("CARGO_TARGET_DIR") {
            Some(folder) if !folder.is_empty() => {
                std::path::absolute(&folder).unwrap_or_else(|_| folder.into())
            }
            _ => self.root.join("target"),
        }
    }

    /// A shell that stands in the workspace's root.
    pub(crate) fn shell(&self) -> Result<Shell> {
        let shell = Shell::new()?;
        shell.change_dir(&self.root);
        Ok(shell)
    }

    /// The commit that is checked out, and whether the tree differs from it.
    ///
    /// # Errors
    /// Outside a git repository.
    pub(crate) fn commit(&self) -> Result<Commit> {
        let shell = self.shell()?;
        let remedy = "this command needs the git repository: clone it instead of copying its files";
        let log = cmd!(shell, "git log -1 --format=%H/%ct")
            .quiet()
            .read()
            .context(remedy)?;
        let (hash, seconds) = log
            .split_once('/')
            .context("git log answered in an unknown form")?;
        let status = cmd!(shell, "git status --porcelain")
            .quiet()
            .read()
            .context(remedy)?;
        Ok(Commit {
            hash: hash.to_owned(),
            unix_seconds: seconds.parse().context("git log gave no time")?,
            modified: !status.is_empty(),
        })
    }
}

/// A commit of the workspace's repository.
#[derive(Debug)]
pub(crate) struct Commit {
    pub(crate) hash: String,
    pub(crate) unix_seconds: u64,
    /// Uncommitted changes or untracked files are in the tree.
    pub(crate) modified: bool,
}

/// The program `cargo` that started this one.
pub(crate) fn cargo() -> std::ffi::OsString {
    std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}
