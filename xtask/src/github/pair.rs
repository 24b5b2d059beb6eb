//! Two commits of another repository, built by its own command and compared: what the action benchmark does.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

use super::compare::tell;
use crate::against::{Repository, Revision};
use crate::build;
use crate::workspace::Workspace;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The repository, in which the commit to judge is checked out
    #[arg(long, value_name = "DIR")]
    repository: PathBuf,
    /// The commit to compare with: where it and the commit to judge parted
    #[arg(long, env = "AGAINST")]
    against: String,
    /// The command of a shell that builds the suites; BENCH_INCLUDE is the folder of bench.h
    #[arg(long, env = "BUILD")]
    build: String,
    /// The shared object that it makes, from the repository's root
    #[arg(long, value_name = "FILE", env = "LIBRARY")]
    library: PathBuf,
    /// The loss above which the gate fails
    #[arg(long, value_name = "PERCENT", env = "THRESHOLD", default_value = "10")]
    threshold: String,
    /// The heading of the summary
    #[arg(long, env = "NAME", default_value = "benchmark")]
    name: String,
    /// Where to put the comparison, as JSON
    #[arg(long, value_name = "FILE")]
    output: PathBuf,
}

impl Args {
    /// Ends with the exit code of the comparison.
    pub(super) fn run(self, workspace: &Workspace) -> Result<()> {
        let repository = Repository::new(&self.repository);
        let head = repository.resolve("HEAD")?;
        let base = repository.merge_base(&repository.resolve(&self.against)?, &head)?;
        ensure!(
            base != head,
            "{head} is a part of {} already: there is nothing to compare",
            self.against
        );
        eprintln!("comparing {head} with {base}");
        let folder = workspace.target().join("pair");
        std::fs::create_dir_all(&folder)
            .with_context(|| format!("cannot make {}", folder.display()))?;
        let builder = Builder {
            repository,
            // One place for both, so that they differ in nothing but the source.
            tree: folder.join("tree"),
            include: workspace.root.join("harness/abi/include"),
        };
        let [baseline, candidate] = ["baseline.so", "candidate.so"].map(|name| folder.join(name));
        self.built(&builder, &base, &baseline)?;
        self.built(&builder, &head, &candidate)?;
        let output = Command::new(build::release(workspace)?.bench)
            .args(["compare", "--format=json", "--against-lib"])
            .arg(baseline)
            .arg("--lib")
            .arg(candidate)
            .arg(format!("--threshold={}", self.threshold))
            .stderr(Stdio::inherit())
            .output()
            .context("cannot run the comparison")?;
        tell(&self.name, &output, &self.output)
    }

    /// Builds a commit's shared object and copies it to `to`.
    fn built(&self, builder: &Builder, revision: &Revision, to: &Path) -> Result<()> {
        builder.repository.check_out(revision, &builder.tree)?;
        let status = Command::new("bash")
            .args(["-euo", "pipefail", "-c", &self.build])
            .current_dir(&builder.tree)
            .env("BENCH_INCLUDE", &builder.include)
            // What cargo tells its programs is about this workspace.
            .env_remove("CARGO_MANIFEST_DIR")
            .env_remove("CARGO_TARGET_DIR")
            .stdout(Stdio::from(std::io::stderr()))
            .status()
            .context("cannot run bash")?;
        ensure!(
            status.success(),
            "{revision} does not build ({status}): {}",
            self.build
        );
        let library = builder.tree.join(&self.library);
        std::fs::copy(&library, to).with_context(|| {
            format!(
                "{revision} was built, but there is no {}: --library is a path from the repository's root",
                self.library.display()
            )
        })?;
        Ok(())
    }
}

/// Where commits are built.
struct Builder {
    repository: Repository,
    tree: PathBuf,
    include: PathBuf,
}
