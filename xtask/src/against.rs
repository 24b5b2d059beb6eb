//! The building behind `compare --against REV` and `bisect`: the suites of another commit, as a shared object for `--against-lib`.
//!
//! One work tree and one target folder under `target/against/` serve all commits, so that a second commit compiles only
//! what differs; the shared objects are kept by commit, compiler and flags.

mod confirm;
mod repository;

use std::ffi::OsString;
use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

use crate::build;
use crate::workspace::Workspace;
pub(crate) use repository::{Repository, Revision};

/// The flag that is resolved here; `bench` knows only the next.
const FLAG: &str = "--against";
const LIBRARY_FLAG: &str = "--against-lib";

/// Replaces `--against REV` among the arguments of `compare` by `--against-lib FILE`; others stay as they are.
///
/// `--confirm` without it takes the commit of the baseline; `bench` is the program to ask for that.
/// Says on standard error which commit is compared with what.
///
/// # Errors
/// REV is unknown, has no suites or does not compile: the message says the remedy.
pub(crate) fn resolve(
    workspace: &Workspace,
    bench: Command,
    arguments: &mut Vec<OsString>,
) -> Result<()> {
    confirm::resolve(bench, arguments)?;
    let Some((place, count, name)) = find(arguments)? else {
        return Ok(());
    };
    let builds = Builds::new(workspace);
    let revision = builds.repository.resolve(&name)?;
    let library = builds.library(&revision)?;
    let modified = if workspace.commit()?.modified {
        ", uncommitted changes included"
    } else {
        ""
    };
    eprintln!("comparing the working tree{modified} against {name}: {revision}");
    arguments.splice(
        place..place + count,
        [LIBRARY_FLAG.into(), library.into_os_string()],
    );
    Ok(())
}

/// The place of the flag among `arguments`, how many of them it takes up, and its value. Nothing where help is asked for.
fn find(arguments: &[OsString]) -> Result<Option<(usize, usize, String)>> {
    let mut found = None;
    for (place, argument) in arguments.iter().enumerate() {
        let (count, value) = match argument.to_str() {
            Some("--") => break,
            Some("--help" | "-h") => return Ok(None),
            Some(FLAG) => (
                2,
                arguments
                    .get(place + 1)
                    .map(|value| value.to_string_lossy().into_owned()),
            ),
            Some(text) => match text
                .strip_prefix(FLAG)
                .and_then(|rest| rest.strip_prefix('='))
            {
                Some(value) => (1, Some(value.to_owned())),
                None => continue,
            },
            None => continue,
        };
        ensure!(found.is_none(), "{FLAG} stands twice: give one revision");
        let value = value.filter(|value| !value.is_empty());
        found = Some((
            place,
            count,
            value.with_context(|| format!("{FLAG} needs a revision, such as HEAD~1 or main"))?,
        ));
    }
    Ok(found)
}

/// The builds of the workspace's commits.
pub(crate) struct Builds<'a> {
    workspace: &'a Workspace,
    repository: Repository,
}

impl<'a> Builds<'a> {
    pub(crate) fn new(workspace: &'a Workspace) -> Self {
        Self {
            workspace,
            repository: Repository::new(&workspace.root),
        }
    }

    /// The commits from `good` to `bad`, both included, along the first parents of merges.
    ///
    /// # Errors
    /// One of them names no commit, or they are not an older and a newer one.
    pub(crate) fn between(&self, good: &str, bad: &str) -> Result<Vec<Revision>> {
        let good = self.repository.resolve(good)?;
        let bad = self.repository.resolve(bad)?;
        self.repository.between(good, &bad)
    }

    /// The shared object of the revision's suites: the kept one, else one built now.
    ///
    /// # Errors
    /// The revision has no suites, or they do not build with this toolchain.
    pub(crate) fn library(&self, revision: &Revision) -> Result<PathBuf> {
        let folder = self.workspace.target().join("against");
        let fingerprint = build::fingerprint(&self.workspace.root)?;
        let kept = folder
            .join(format!("{}-{fingerprint}", revision.commit))
            .join("libsuites.so");
        if kept.is_file() {
            return Ok(kept);
        }
        fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        let _lock = lock(&folder.join("lock"))?;
        let tree = folder.join("tree");
        self.repository.check_out(revision, &tree)?;
        if !tree.join("kernels/suites/Cargo.toml").is_file() {
            bail!("{revision} has no package kernels/suites: compare against a commit that has it");
        }
        let built = build::package(&tree, &folder.join("build"), "suites").with_context(|| {
            format!(
                "{revision} does not build with this toolchain: compare against a commit that does"
            )
        })?;
        keep(&built.suites, &kept).with_context(|| format!("cannot keep {}", kept.display()))?;
        Ok(kept)
    }
}

/// Holds the work tree against other comparisons that build at this moment.
fn lock(path: &Path) -> Result<File> {
    let file = File::create(path).with_context(|| format!("cannot make {}", path.display()))?;
    match file.try_lock() {
        Ok(()) => return Ok(file),
        Err(TryLockError::WouldBlock) => {
            eprintln!("waiting for another comparison that is building")
        }
        Err(TryLockError::Error(error)) => {
            return Err(error).context("cannot lock target/against/lock");
        }
    }
    file.lock().context("cannot lock target/against/lock")?;
    Ok(file)
}

/// Copies `built` to `kept`, whole or not at all.
fn keep(built: &Path, kept: &Path) -> std::io::Result<()> {
    let folder = kept.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let temporary = tempfile::NamedTempFile::new_in(folder)?;
    fs::copy(built, temporary.path())?;
    temporary.persist(kept)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flag_is_found_wherever_it_stands() {
        let table = [
            ("compare --threshold 1", None),
            ("compare --against main", Some((1, 2, "main"))),
            (
                "compare --budget 5s --against=HEAD~1 --suite x",
                Some((3, 1, "HEAD~1")),
            ),
            ("compare --against-lib old.so", None),
            ("compare --against main --help", None),
            ("compare -- --against main", None),
        ];
        for (given, expected) in table {
            let arguments: Vec<OsString> = given.split(' ').map(OsString::from).collect();
            let expected = expected.map(|(place, count, value)| (place, count, value.to_owned()));
            assert_eq!(find(&arguments).unwrap(), expected, "{given}");
        }
    }

    #[test]
    fn flag_without_one_revision_is_an_error() {
        for given in [
            "compare --against",
            "compare --against=",
            "compare --against a --against b",
        ] {
            let arguments: Vec<OsString> = given.split(' ').map(OsString::from).collect();
            assert!(find(&arguments).is_err(), "{given}");
        }
    }

    #[test]
    fn keeping_replaces_whole() {
        let folder = tempfile::tempdir().unwrap();
        let (built, kept) = (folder.path().join("built"), folder.path().join("deep/kept"));
        for content in ["first", "second"] {
            fs::write(&built, content).unwrap();
            keep(&built, &kept).unwrap();
            assert_eq!(fs::read_to_string(&kept).unwrap(), content);
        }
        assert_eq!(
            fs::read_dir(kept.parent().unwrap()).unwrap().count(),
            1,
            "no temporary file is left"
        );
    }
}
