//! Packs the archive here and from a clone in another folder: one commit, one hash. Then uses it as people do who did not
//! install it.

use std::ffi::OsStr;
use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use anyhow::{Context, Result, ensure};
use xshell::{Shell, cmd};

use crate::workspace::{Workspace, cargo};

pub(super) fn run(workspace: &Workspace, shell: &Shell) -> Result<()> {
    let work = tempfile::Builder::new()
        .prefix("ci-dist-")
        .tempdir_in(workspace.target())
        .context("cannot make a folder under the target folder")?;
    let here = work.path().join("here");
    dist(shell, &workspace.target(), &here)?;
    installed(shell, &named(&here, "gz")?)?;
    if workspace.commit()?.modified {
        eprintln!(
            "warning: not packed from a second folder: a clone would lack the uncommitted changes"
        );
        return Ok(());
    }
    let (root, clone) = (&workspace.root, work.path().join("clone"));
    cmd!(shell, "git clone --quiet {root} {clone}").run()?;
    let elsewhere = work.path().join("elsewhere");
    let cloned = Shell::new()?;
    cloned.change_dir(&clone);
    dist(&cloned, &clone.join("target"), &elsewhere)?;
    let (first, second) = (hash(&here)?, hash(&elsewhere)?);
    ensure!(
        first == second,
        "two folders, two archives:\n{first}{second}"
    );
    Ok(())
}

/// Packs from the shell's folder, by that folder's own xtask.
fn dist(shell: &Shell, target: &Path, to: &Path) -> Result<()> {
    let cargo = cargo();
    Ok(cmd!(shell, "{cargo} xtask dist --output-dir {to}")
        .env("CARGO_TARGET_DIR", target)
        .env_remove("CARGO_MANIFEST_DIR")
        .run()?)
}

/// What the `.sha256` file in `folder` says.
fn hash(folder: &Path) -> Result<String> {
    Ok(fs::read_to_string(named(folder, "sha256")?)?)
}

/// The file in `folder` whose name ends so.
fn named(folder: &Path, ending: &str) -> Result<PathBuf> {
    let files = fs::read_dir(folder)?.collect::<std::io::Result<Vec<_>>>()?;
    let mut paths = files.iter().map(fs::DirEntry::path);
    paths
        .find(|path| path.extension() == Some(OsStr::new(ending)))
        .with_context(|| format!("dist wrote no .{ending} file"))
}

/// Nobody's user and group.
const NOBODY: u32 = 65534;

/// Extracts the archive where the user may not write, and measures there: results need a place, and are told to get one.
fn installed(shell: &Shell, archive: &Path) -> Result<()> {
    let around = tempfile::tempdir().context("cannot make a temporary folder")?;
    let (prefix, open) = (around.path().join("opt"), around.path().join("open"));
    for (folder, mode) in [(around.path(), 0o755), (&prefix, 0o755), (&open, 0o777)] {
        fs::create_dir_all(folder)?;
        fs::set_permissions(folder, Permissions::from_mode(mode))?;
    }
    cmd!(shell, "tar --extract --file {archive} --directory {prefix}").run()?;
    let home = prefix.join("benchmarks");
    for folder in [&home, &home.join("results"), &home.join("baselines")] {
        fs::set_permissions(folder, Permissions::from_mode(0o555))?;
    }
    // Root may write anywhere.
    let is_root = around.path().metadata()?.uid() == 0;
    let run = |more: &[&OsStr]| -> Result<Output> {
        let mut command = Command::new(home.join("bench"));
        command
            .args(["run", "--quick", "--exact", "tensor_add_small"])
            .args(more);
        command.current_dir(&home).env_clear();
        if is_root {
            command.uid(NOBODY).gid(NOBODY);
        }
        command.output().context("cannot run the extracted program")
    };
    let (refused, output) = (run(&[])?, open.join("record.json"));
    let told = String::from_utf8_lossy(&refused.stderr);
    ensure!(
        refused.status.code() == Some(2) && told.contains("--output"),
        "where it cannot write, bench run ended with {}: {told}",
        refused.status
    );
    let written = run(&["--output".as_ref(), output.as_os_str()])?;
    ensure!(
        written.status.success() && output.is_file(),
        "bench run --output ended with {}: {}",
        written.status,
        String::from_utf8_lossy(&written.stderr)
    );
    Ok(())
}
