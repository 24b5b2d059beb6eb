//! `cargo xtask dist`: the archive that runs elsewhere.

mod glibc;
#[cfg(test)]
mod kills;
mod manifest;
mod pack;
mod sbom;
mod unpack;
mod verify;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use xshell::cmd;

use crate::build;
use crate::workspace::{Commit, Workspace};
use manifest::Manifest;
use pack::File;

/// Beside what is built, without these there is no archive.
const REQUIRED: [&str; 4] = [
    "README.md",
    "INSTALL.md",
    "LICENSE",
    "baselines/baseline_results.json",
];

/// Pack the program, its suites and the baselines into an archive that runs elsewhere
///
/// Writes `dist/benchmarks-<version>.tar.gz` and a `.sha256` beside it. A bill of materials lies in it (CycloneDX). The same commit and compiler give the same bytes,
/// whichever folder they are built in. The archive is then extracted into an empty folder, each hash is checked, and a
/// quick measurement and a comparison run there with an empty environment; it appears under its name only if all of
/// that succeeds.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Folder for the archive, made if it is missing [default: dist/ of the workspace]
    #[arg(long, value_name = "DIR")]
    output_dir: Option<PathBuf>,
    /// Link against this version of glibc, so that the archive runs on older systems, by cargo-zigbuild [default: this system's]
    ///
    /// 2.31 is that of Debian 11 and Ubuntu 20.04. `pip install cargo-zigbuild` brings the program and its linker.
    #[arg(long, value_name = "VERSION")]
    glibc: Option<glibc::Version>,
}

impl Args {
    pub(crate) fn run(self, workspace: &Workspace) -> Result<()> {
        let folder = self
            .output_dir
            .unwrap_or_else(|| workspace.root.join("dist"));
        let target = Target::new(&folder, Workspace::version());
        target.clear()?;
        let commit = workspace.commit()?;
        if commit.modified {
            eprintln!(
                "warning: uncommitted changes are packed too: these bytes are not those of commit {}",
                commit.hash
            );
        }
        let mut files = texts(workspace)?;
        let glibc = self.glibc.map(|version| version.to_string());
        let built =
            build::release_for(workspace, glibc.as_deref()).with_context(|| match &glibc {
                Some(_) => "--glibc needs cargo-zigbuild: `pip install cargo-zigbuild`",
                None => "there is nothing to pack",
            })?;
        let floor = glibc::floor(&[&built.bench, &built.suites])?;
        ensure!(
            self.glibc.is_none_or(|wanted| floor <= wanted),
            "what was built needs glibc {floor}, not {}",
            glibc.unwrap_or_default()
        );
        files.push(File::new("bench", 0o755, built.bench.clone()));
        files.push(File::new("libsuites.so", 0o755, built.suites.clone()));
        // With the program it is all that a suite in C needs.
        let in_c = workspace.root.join("harness/abi/include/bench.h");
        files.push(File::new("include/bench.h", 0o644, in_c));
        let bill = tempfile::NamedTempFile::new().context("cannot make a temporary file")?;
        fs::write(bill.path(), sbom::text(workspace, commit.unix_seconds)?)
            .with_context(|| format!("cannot write {}", bill.path().display()))?;
        files.push(File::new(sbom::NAME, 0o644, bill.path().to_owned()));
        let manifest = Manifest::of(&files, &header(workspace, &commit, floor)?)?;
        let archive = write_verified(&target, &files, &manifest, commit.unix_seconds)?;
        print!("{}", summary(&target, &archive, &manifest));
        Ok(())
    }
}

/// Where the archive and its hash go.
struct Target {
    folder: PathBuf,
    name: String,
}

/// What is told of an archive that passed verification.
struct Archive {
    bytes: u64,
    sha256: String,
}

impl Target {
    fn new(folder: &Path, version: &str) -> Self {
        Self {
            folder: folder.to_owned(),
            name: format!("benchmarks-{version}.tar.gz"),
        }
    }

    fn archive(&self) -> PathBuf {
        self.folder.join(&self.name)
    }

    fn hash(&self) -> PathBuf {
        self.folder.join(format!("{}.sha256", self.name))
    }

    /// Removes an older archive of this name, so that none is there to be taken for the new one if this command fails.
    fn clear(&self) -> Result<()> {
        fs::create_dir_all(&self.folder).with_context(|| {
            format!(
                "cannot make {}: choose another with --output-dir",
                self.folder.display()
            )
        })?;
        for path in [self.archive(), self.hash()] {
            if path.symlink_metadata().is_ok() {
                fs::remove_file(&path)
                    .with_context(|| format!("cannot remove the older {}", path.display()))?;
            }
        }
        Ok(())
    }
}

/// The texts, documentation and baselines that are packed, from the work tree.
///
/// # Errors
/// Names the required files that are missing.
fn texts(workspace: &Workspace) -> Result<Vec<File>> {
    let shell = workspace.shell()?;
    let tracked = cmd!(shell, "git ls-files -z -- :(glob)baselines/*.json docs")
        .quiet()
        .read()?;
    let paths: BTreeSet<&str> = REQUIRED
        .into_iter()
        .chain(tracked.split_terminator('\0'))
        .collect();
    let is_file = |path: &&str| {
        workspace
            .root
            .join(path)
            .symlink_metadata()
            .is_ok_and(|found| found.is_file())
    };
    let missing: Vec<&str> = paths
        .iter()
        .filter(|path| !is_file(path))
        .copied()
        .collect();
    ensure!(
        missing.is_empty(),
        "required files are missing: {}; `cargo xtask baseline-update` records a baseline, `git restore` brings back the others",
        missing.join(", ")
    );
    Ok(paths
        .into_iter()
        .map(|path| File::new(path, 0o644, workspace.root.join(path)))
        .collect())
}

/// The manifest's first lines: what was packed, and what it needs.
fn header(
    workspace: &Workspace,
    commit: &Commit,
    floor: glibc::Version,
) -> Result<Vec<(&'static str, String)>> {
    let modified = if commit.modified {
        ", with uncommitted changes"
    } else {
        ""
    };
    Ok(vec![
        ("benchmarks", Workspace::version().to_owned()),
        ("commit", format!("{}{modified}", commit.hash)),
        ("compiler", build::rustc_version(&workspace.root)?),
        (
            "needs",
            format!(
                "{} {}, glibc {floor} or newer",
                std::env::consts::ARCH,
                std::env::consts::OS
            ),
        ),
    ])
}

/// Packs under a temporary name, verifies, and only then gives the archive its own.
fn write_verified(
    target: &Target,
    files: &[File],
    manifest: &Manifest,
    mtime: u64,
) -> Result<Archive> {
    let in_folder = || {
        format!(
            "cannot write into {}: choose another with --output-dir",
            target.folder.display()
        )
    };
    let mut archive = tempfile::Builder::new()
        .prefix(".unverified-")
        .tempfile_in(&target.folder)
        .with_context(in_folder)?;
    pack::write(archive.as_file_mut(), files, manifest, mtime)?;
    archive.as_file().sync_all().with_context(in_folder)?;
    verify::archive(archive.path(), manifest)
        .context("the archive failed its verification and was removed")?;

    let sha256 = manifest::sha256(archive.path())?;
    let bytes = archive.path().metadata()?.len();
    let mut hash = tempfile::Builder::new()
        .prefix(".unverified-")
        .tempfile_in(&target.folder)
        .with_context(in_folder)?;
    std::io::Write::write_all(&mut hash, format!("{sha256}  {}\n", target.name).as_bytes())
        .with_context(in_folder)?;
    for (file, name) in [(hash, target.hash()), (archive, target.archive())] {
        let readable = std::os::unix::fs::PermissionsExt::from_mode(0o644);
        file.as_file()
            .set_permissions(readable)
            .with_context(in_folder)?;
        file.persist(&name)
            .with_context(|| format!("cannot write {}", name.display()))?;
    }
    ensure!(
        target.archive().is_file(),
        "the archive vanished while it was written"
    );
    Ok(Archive { bytes, sha256 })
}

fn summary(target: &Target, archive: &Archive, manifest: &Manifest) -> String {
    let path = target.archive();
    let header: String = manifest
        .header
        .iter()
        .skip(1)
        .map(|(key, value)| format!("  {key:<9}{value}\n"))
        .collect();
    format!(
        "{path}\n  {:<9}{:.1} MB, {} files\n  {:<9}{}\n{header}  {:<9}extracted, all hashes checked, measured and compared with an empty environment\n\n\
         Install:\n  sha256sum -c {name}.sha256\n  tar -xzf {name} && cd benchmarks && ./bench run\n",
        "size",
        archive.bytes as f64 / 1e6,
        manifest.files.len() + 1,
        "sha256",
        archive.sha256,
        "verified",
        path = path.display(),
        name = target.name,
    )
}
