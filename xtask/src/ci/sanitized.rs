//! The tests of the kernels with the address sanitizer, whose run-time library comes with the stable compiler: a read or a write
//! beside an array, on the heap, the stack or among globals, ends the test program.

use std::path::Path;

use anyhow::Result;
use xshell::{Cmd, Shell, cmd};

use crate::workspace::{Workspace, cargo};

/// With a target of its own name, cargo instruments no build script and no macro.
pub(super) const TRIPLE: &str = "x86_64-unknown-linux-gnu";
/// Looks at machine code, which is another one here.
const UNFIT: &str = "each_kernel_adds_with_registers_of_its_own_width";

pub(super) fn run(workspace: &Workspace, shell: &Shell) -> Result<()> {
    let cargo = cargo();
    let tests = cmd!(
        shell,
        "{cargo} test --quiet --target {TRIPLE} --package kernels --lib --tests -- --skip {UNFIT}"
    );
    Ok(instrumented(tests, &workspace.target().join("sanitized"), "").run()?)
}

/// A build of cargo's into the folder `target`, with the sanitizer and `flags` of rustc's. The stable compiler must be told to take the flag.
pub(super) fn instrumented<'a>(build: Cmd<'a>, target: &Path, flags: &str) -> Cmd<'a> {
    build
        .env("CARGO_TARGET_DIR", target)
        .env("RUSTFLAGS", format!("-Zsanitizer=address {flags}"))
        .env("RUSTC_BOOTSTRAP", "1")
}
