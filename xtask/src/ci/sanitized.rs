//! The tests of the kernels with the address sanitizer, whose run-time library comes with the stable compiler: a read or a write
//! beside an array, on the heap, the stack or among globals, ends the test program.

use anyhow::Result;
use xshell::{Shell, cmd};

use crate::workspace::{Workspace, cargo};

/// The compiler's flag.
pub(super) const FLAG: &str = "-Zsanitizer=address";
/// Lets the stable compiler take that flag.
pub(super) const UNLOCK: (&str, &str) = ("RUSTC_BOOTSTRAP", "1");
/// With a target of its own name, cargo instruments no build script and no macro.
pub(super) const TRIPLE: &str = "x86_64-unknown-linux-gnu";
/// Looks at machine code, which is another one here.
const UNFIT: &str = "each_kernel_adds_with_registers_of_its_own_width";
pub(super) fn run(workspace: &Workspace, shell: &Shell) -> Result<()> {
    let (cargo, target) = (cargo(), workspace.target().join("sanitized"));
    let (unlock, value) = UNLOCK;
    cmd!(
        shell,
        "{cargo} test --quiet --target {TRIPLE} --package kernels --lib --tests -- --skip {UNFIT}"
    )
    .env("CARGO_TARGET_DIR", &target)
    .env("RUSTFLAGS", FLAG)
    .env(unlock, value)
    .run()?;
    Ok(())
}
