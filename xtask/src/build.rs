//! Builds the release program `bench` and the shared object `libsuites.so`.
//!
//! One build serves measuring, comparing and `dist`: its flags make the code independent of the folder it was built in,
//! and place functions and blocks at 64 bytes, so that a change elsewhere moves no hot loop across a cache line.

mod flags;
mod progress;

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::workspace::{Workspace, cargo};

/// The target, as cargo-zigbuild takes it with a version of glibc behind it.
const TRIPLE: &str = "x86_64-unknown-linux-gnu";

/// What a build made.
#[derive(Debug, Default)]
pub(crate) struct Built {
    /// The program; empty where another package was asked for.
    pub(crate) bench: PathBuf,
    /// The shared object of the suites, which lies beside the program; empty where another package was asked for.
    pub(crate) suites: PathBuf,
}

/// The release program and its suites, from the tree as it stands.
///
/// Quiet unless it fails; on a terminal one line shows what is being compiled.
///
/// # Errors
/// Where cargo fails: its messages are printed first.
pub(crate) fn release(workspace: &Workspace) -> Result<Built> {
    release_for(workspace, None)
}

/// The same, linked against another version of glibc than this system's by cargo-zigbuild.
///
/// # Errors
/// As [`release`].
pub(crate) fn release_for(workspace: &Workspace, glibc: Option<&str>) -> Result<Built> {
    let target = workspace.target().join("bench");
    // Apart, as `--against` builds the other side: together, the harness's needs could change features of what suites use.
    let bench = built(&workspace.root, &target, "harness", glibc)?.bench;
    let suites = built(&workspace.root, &target, "suites", glibc)?.suites;
    let built = Built { bench, suites };
    ensure!(
        built.bench.is_file(),
        "the package harness has no program named bench"
    );
    ensure!(
        built.suites.is_file(),
        "the package suites has no shared object libsuites.so"
    );
    Ok(built)
}

/// Builds one package of the workspace at `root` into the folder `target`, with the flags of every artifact that is measured.
///
/// # Errors
/// Where cargo cannot be started or fails.
pub(crate) fn package(root: &Path, target: &Path, package: &str) -> Result<Built> {
    built(root, target, package, None)
}

fn built(root: &Path, target: &Path, package: &str, glibc: Option<&str>) -> Result<Built> {
    let mut command = Command::new(cargo());
    match glibc {
        None => command.arg("build"),
        Some(glibc) => command
            .args(["zigbuild", "--target"])
            .arg(format!("{TRIPLE}.{glibc}")),
    };
    command
        .current_dir(root)
        .args(["--release", "--message-format=json-render-diagnostics"])
        .args(["--package", package, "--target-dir"])
        .arg(target)
        .env("CARGO_ENCODED_RUSTFLAGS", flags::encoded(root, target)?)
        .env_remove("RUSTFLAGS");
    let messages = progress::quietly(&mut command, &format!("building {package} (release)"))?;
    Ok(artifacts(&messages))
}

/// The files that cargo's JSON messages name.
fn artifacts(messages: &str) -> Built {
    let mut built = Built::default();
    for message in messages
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
    {
        if message["target"]["name"] == "bench"
            && let Some(path) = message["executable"].as_str()
        {
            built.bench = path.into();
        }
        if message["target"]["name"] == "suites" {
            let files = message["filenames"].as_array().into_iter().flatten();
            let shared = files
                .filter_map(Value::as_str)
                .find(|path| path.ends_with(".so"));
            built.suites = shared.map(PathBuf::from).unwrap_or(built.suites);
        }
    }
    built
}

/// Tells builds apart that the same source would not make alike: compiler and flags, as eight hexadecimal digits.
pub(crate) fn fingerprint(root: &Path) -> Result<String> {
    // The folders are remapped away, so they are no part of it.
    let flags = flags::encoded(Path::new(""), Path::new(""))?;
    let hash = Sha256::digest(format!("{}|{flags}", rustc_version(root)?));
    Ok(hash
        .iter()
        .take(4)
        .map(|byte| format!("{byte:02x}"))
        .collect())
}

/// The flags of every artifact that is measured, as cargo takes them in `CARGO_ENCODED_RUSTFLAGS`.
///
/// # Errors
/// Where the user's cargo folder is unknown.
pub(crate) fn encoded_flags(root: &Path, target: &Path) -> Result<String> {
    flags::encoded(root, target)
}

/// The compiler's version in one line, as `rustc --version` gives it.
pub(crate) fn rustc_version(root: &Path) -> Result<String> {
    let output = Command::new("rustc")
        .current_dir(root)
        .arg("--version")
        .output();
    let output = output.context("cannot run rustc: install a Rust toolchain")?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn artifacts_are_read_from_messages() {
        let messages = concat!(
            r#"{"reason":"compiler-artifact","target":{"name":"harness"},"filenames":["/t/libharness.rlib"],"executable":null}"#,
            "\n",
            r#"{"reason":"compiler-artifact","target":{"name":"suites"},"filenames":["/t/libsuites.rlib","/t/libsuites.so"],"executable":null}"#,
            "\n",
            r#"{"reason":"compiler-artifact","target":{"name":"bench"},"filenames":["/t/bench"],"executable":"/t/bench"}"#,
            "\nnot json\n",
        );
        let built = artifacts(messages);
        assert_eq!(built.bench, Path::new("/t/bench"));
        assert_eq!(built.suites, Path::new("/t/libsuites.so"));
    }
}
