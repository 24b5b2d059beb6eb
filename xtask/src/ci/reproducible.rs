//! Packs the archive here and from a clone in another folder: one commit, one hash.

use std::path::Path;

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
    let files = std::fs::read_dir(folder)?.collect::<std::io::Result<Vec<_>>>()?;
    let hash = files
        .iter()
        .find(|file| file.path().extension().is_some_and(|kind| kind == "sha256"));
    Ok(std::fs::read_to_string(
        hash.context("dist wrote no .sha256 file")?.path(),
    )?)
}
