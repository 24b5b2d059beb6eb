//! The repository's commits, and a work tree that shows one of them.

use std::fmt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use xshell::{Cmd, Shell, cmd};

/// The git repository around a folder.
pub(crate) struct Repository {
    root: PathBuf,
}

/// A commit, and what its author called it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Revision {
    /// The full hash.
    pub(super) commit: String,
    subject: String,
}

impl Revision {
    pub(crate) fn new(commit: &str, subject: &str) -> Self {
        Self {
            commit: commit.to_owned(),
            subject: subject.to_owned(),
        }
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::json!({ "hash": self.commit, "subject": self.subject })
    }
}

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let short = self.commit.get(..12).unwrap_or(&self.commit);
        write!(f, "commit {short} ({})", self.subject)
    }
}

impl Repository {
    pub(crate) fn new(root: &Path) -> Self {
        Self {
            root: root.to_owned(),
        }
    }

    /// The commit that `name` means.
    ///
    /// # Errors
    /// It means none here: says how to get it.
    pub(crate) fn resolve(&self, name: &str) -> Result<Revision> {
        let shell = shell(&self.root)?;
        let wanted = format!("{name}^{{commit}}");
        let found = git(cmd!(
            shell,
            "git rev-parse --verify --quiet --end-of-options {wanted}"
        ))
        .ignore_stderr()
        .read();
        let Ok(commit) = found else {
            bail!("{name:?} names no commit here: {}", remedy(&shell));
        };
        let subject = git(cmd!(shell, "git log -1 --format=%s {commit}")).read()?;
        Ok(Revision { commit, subject })
    }

    /// The newest commit that both `one` and `other` descend from.
    ///
    /// # Errors
    /// Where there is none here.
    pub(crate) fn merge_base(&self, one: &Revision, other: &Revision) -> Result<Revision> {
        let shell = shell(&self.root)?;
        let (first, second) = (&one.commit, &other.commit);
        let base = git(cmd!(shell, "git merge-base {first} {second}"))
            .ignore_stderr()
            .read();
        let Ok(base) = base else {
            bail!(
                "{one} and {other} have no common commit here: {}",
                remedy(&shell)
            );
        };
        self.resolve(&base)
    }

    /// The commits from `good` to `bad`, both included, oldest first, along the first parents of merges.
    ///
    /// # Errors
    /// `bad` does not descend from `good`.
    pub(super) fn between(&self, good: Revision, bad: &Revision) -> Result<Vec<Revision>> {
        let shell = shell(&self.root)?;
        let (from, to) = (&good.commit, &bad.commit);
        let descends = git(cmd!(shell, "git merge-base --is-ancestor {from} {to}"));
        if from == to || descends.ignore_stderr().run().is_err() {
            bail!("{bad} does not come after {good}: the good commit is the older one");
        }
        let log = git(cmd!(
            shell,
            "git log --reverse --first-parent --format=%H%x20%s {from}..{to}"
        ))
        .read()?;
        let later = log.lines().filter_map(|line| {
            let (commit, subject) = line.split_once(' ')?;
            Some(Revision::new(commit, subject))
        });
        Ok(std::iter::once(good).chain(later).collect())
    }

    /// Makes the work tree at `tree` show the revision and nothing else.
    ///
    /// # Errors
    /// Where git cannot write there.
    pub(crate) fn check_out(&self, revision: &Revision, tree: &Path) -> Result<()> {
        if move_to(&revision.commit, tree).is_ok() {
            return Ok(());
        }
        // None yet, or one of a repository that lay elsewhere.
        if tree.exists() {
            std::fs::remove_dir_all(tree)
                .with_context(|| format!("cannot remove {}", tree.display()))?;
        }
        let shell = shell(&self.root)?;
        let commit = &revision.commit;
        git(cmd!(
            shell,
            "git worktree add --quiet --force --detach {tree} {commit}"
        ))
        .read()
        .with_context(|| format!("cannot check {revision} out into {}", tree.display()))?;
        Ok(())
    }
}

/// How to get a commit that is not here.
fn remedy(shell: &Shell) -> &'static str {
    match git(cmd!(shell, "git rev-parse --is-shallow-repository"))
        .ignore_stderr()
        .read()
        .as_deref()
    {
        Ok("true") => {
            "this clone is shallow, so run `git fetch --unshallow`, or in a workflow give actions/checkout `fetch-depth: 0`"
        }
        Ok(_) => "`git log --all` lists the commits, `git fetch` gets newer ones",
        Err(_) => "this is no git repository: clone it instead of copying its files",
    }
}

/// Moves an existing work tree, keeping the files that stay the same, so that cargo compiles only the others.
fn move_to(commit: &str, tree: &Path) -> Result<()> {
    anyhow::ensure!(tree.join(".git").is_file(), "no work tree of its own");
    let shell = shell(tree)?;
    git(cmd!(
        shell,
        "git checkout --quiet --force --detach {commit}"
    ))
    .ignore_stderr()
    .run()?;
    git(cmd!(shell, "git clean --quiet --force -d -x"))
        .ignore_stderr()
        .run()?;
    Ok(())
}

fn shell(folder: &Path) -> Result<Shell> {
    let shell = Shell::new()?;
    shell.change_dir(folder);
    Ok(shell)
}

/// Quiet, and free of the variables by which a git hook would lead it to another repository.
fn git(command: Cmd<'_>) -> Cmd<'_> {
    command
        .quiet()
        .env_remove("GIT_DIR")
        .env_remove("GIT_WORK_TREE")
        .env_remove("GIT_INDEX_FILE")
}

#[cfg(test)]
mod tests {
    use super::*;
    use tempfile::TempDir;

    /// A repository with two commits, whose one file says 1 and then 2.
    fn repository() -> TempDir {
        let folder = tempfile::tempdir().unwrap();
        let shell = shell(folder.path()).unwrap();
        git(cmd!(shell, "git init --quiet --initial-branch=main"))
            .run()
            .unwrap();
        for content in ["1", "2"] {
            shell.write_file("file", content).unwrap();
            git(cmd!(shell, "git add file")).run().unwrap();
            git(cmd!(
                shell,
                "git -c user.name=a -c user.email=a@b commit --quiet -m {content}"
            ))
            .run()
            .unwrap();
        }
        folder
    }

    #[test]
    fn names_of_commits() {
        let folder = repository();
        let repository = Repository::new(folder.path());
        let first = repository.resolve("HEAD~1").unwrap();
        assert_eq!(first.subject, "1");
        assert_eq!(repository.resolve(&first.commit).unwrap(), first);
        for unknown in ["HEAD~2", "nowhere", "--all", "HEAD:file"] {
            let error = repository.resolve(unknown).unwrap_err().to_string();
            assert!(error.contains("git fetch"), "{unknown}: {error}");
        }
    }

    #[test]
    fn commits_between_two() {
        let folder = repository();
        let shell = shell(folder.path()).unwrap();
        let author = ["-c", "user.name=a", "-c", "user.email=a@b"];
        // A branch off the first commit, merged: what it holds came by the merge.
        for command in [
            "checkout --quiet -b side HEAD~1",
            "commit --quiet --allow-empty -m aside",
            "checkout --quiet main",
            "merge --quiet --no-ff -m merged side",
            "commit --quiet --allow-empty -m last",
        ] {
            let words = command.split(' ');
            git(cmd!(shell, "git {author...} {words...}"))
                .run()
                .unwrap();
        }
        let repository = Repository::new(folder.path());
        let resolve = |name: &str| repository.resolve(name).unwrap();
        let base = repository.merge_base(&resolve("main~2"), &resolve("side"));
        assert_eq!(base.unwrap().subject, "1");
        let table = [
            ("main~3", "main", Some("1 2 merged last")),
            ("main~1", "main", Some("merged last")),
            ("side", "main", Some("aside 2 merged last")),
            ("main", "main", None),
            ("main", "main~1", None),
            ("side", "main~2", None),
        ];
        for (good, bad, expected) in table {
            let commits = repository.between(resolve(good), &resolve(bad)).ok();
            let subjects = commits.map(|commits| {
                let subjects: Vec<_> = commits.into_iter().map(|found| found.subject).collect();
                subjects.join(" ")
            });
            assert_eq!(subjects.as_deref(), expected, "{good} to {bad}");
        }
    }

    #[test]
    fn remedies_fit_the_repository() {
        let folder = repository();
        let source = format!("file://{}", folder.path().display());
        let shallow = tempfile::tempdir().unwrap();
        let shell = shell(shallow.path()).unwrap();
        git(cmd!(shell, "git clone --quiet --depth 1 {source} ."))
            .run()
            .unwrap();
        let none = tempfile::tempdir().unwrap();
        for (place, expected) in [
            (shallow.path(), "fetch-depth: 0"),
            (none.path(), "no git repository"),
        ] {
            let error = Repository::new(place)
                .resolve("HEAD~1")
                .unwrap_err()
                .to_string();
            assert!(error.contains(expected), "{error}");
        }
    }

    #[test]
    fn one_work_tree_shows_each_commit_in_turn() {
        let folder = repository();
        let repository = Repository::new(folder.path());
        let tree = folder.path().join("target/tree");
        for (name, expected) in [("HEAD~1", "1"), ("HEAD", "2"), ("HEAD~1", "1")] {
            repository
                .check_out(&repository.resolve(name).unwrap(), &tree)
                .unwrap();
            assert_eq!(
                std::fs::read_to_string(tree.join("file")).unwrap(),
                expected,
                "{name}"
            );
            std::fs::write(tree.join("left over"), "").unwrap();
        }
        repository
            .check_out(&repository.resolve("HEAD").unwrap(), &tree)
            .unwrap();
        assert!(
            !tree.join("left over").exists(),
            "files of an earlier build go"
        );
        assert_eq!(
            std::fs::read_to_string(folder.path().join("file")).unwrap(),
            "2",
            "the user's tree stays"
        );

        std::fs::remove_dir_all(&tree).unwrap();
        std::fs::create_dir_all(tree.join("not a work tree")).unwrap();
        repository
            .check_out(&repository.resolve("HEAD").unwrap(), &tree)
            .unwrap();
        assert!(
            tree.join("file").is_file(),
            "a broken work tree is made anew"
        );
    }
}
