//! A library that stands before the C library of a program and makes it another machine.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Compiles `machine.c`; nothing, with a warning, where there is no compiler and the environment does not say CI=true.
pub(crate) fn compiled(folder: &Path) -> Option<PathBuf> {
    let library = folder.join("libmachine.so");
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/machine.c");
    let mut gcc = Command::new("gcc");
    gcc.args([
        "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", source, "-o",
    ]);
    match gcc.arg(&library).status() {
        Ok(status) => {
            assert!(status.success(), "gcc failed");
            Some(library)
        }
        Err(error) => {
            let ci = std::env::var_os("CI").is_some_and(|ci| ci == "true");
            assert!(!ci, "gcc is missing ({error}): install gcc");
            eprintln!("not tested, for gcc is missing: {error}");
            None
        }
    }
}
