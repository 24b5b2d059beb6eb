//! Where the peers that no crate brings are, and fetching them from the ordinary package managers.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, ensure};

use super::python::Package;

/// Debian's packages.
const APT: [&str; 6] = [
    "libopenblas0-pthread",
    "libblis4-openmp",
    "libeigen3-dev",
    "libxsmm-dev",
    "libsleef-dev",
    "python3-venv",
];

/// PyPI's packages, beside those of [`Package::requirements`].
const PIP: [&str; 4] = [
    "mkl",
    "scipy-openblas32",
    "onednn-cpu-gomp",
    "onednn-devel-cpu-gomp",
];

/// Fetches all: with apt into the system, and with pip into [`venv`].
///
/// # Errors
/// Where a package manager is absent or fails; what it said is on the terminal.
pub fn run() -> anyhow::Result<()> {
    let mut apt = Command::new("apt-get");
    apt.args(["install", "--yes", "--no-install-recommends"])
        .args(APT);
    finish(&mut apt)?;
    finish(Command::new("python3").args(["-m", "venv"]).arg(venv()))?;
    finish(
        Command::new(venv().join("bin/python"))
            .args(["-m", "pip", "install", "--quiet"])
            .args(PIP)
            .args(
                Package::ALL
                    .iter()
                    .flat_map(|package| package.requirements()),
            ),
    )
}

fn finish(command: &mut Command) -> anyhow::Result<()> {
    eprintln!("{command:?}");
    let status = command
        .status()
        .with_context(|| format!("starting {:?}", command.get_program()))?;
    ensure!(status.success(), "{command:?} ended with {status}");
    Ok(())
}

/// The Python environment that [`run`] makes.
fn venv() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("target/venv")
}

/// The Python with the packages: that of [`venv`], or the system's.
pub fn python() -> PathBuf {
    let own = venv().join("bin/python");
    if own.exists() { own } else { "python3".into() }
}

/// Folders that libraries from PyPI are looked for in.
pub fn folders() -> Vec<PathBuf> {
    let lib = venv().join("lib");
    let pythons = std::fs::read_dir(&lib).into_iter().flatten().flatten();
    let packages = pythons
        .map(|python| python.path().join("site-packages"))
        .filter(|path| path.exists());
    packages.chain([lib.clone()]).collect()
}
