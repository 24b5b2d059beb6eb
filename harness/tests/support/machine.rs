//! A library that stands before the C library of a program and makes it another machine.

#[path = "gcc.rs"]
mod gcc;

use std::path::{Path, PathBuf};

/// Compiles `machine.c`; nothing where [`gcc::shared_object`] has nothing.
pub(crate) fn compiled(folder: &Path) -> Option<PathBuf> {
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/machine.c");
    gcc::shared_object(folder.join("libmachine.so"), &[source])
}
