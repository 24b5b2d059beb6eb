//! `cargo xtask peers`: builds the workspace in `kernels/peers/`, which nothing else builds, and becomes its program.

use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::process::Command;

use anyhow::{Context, Result};

use crate::build;
use crate::workspace::Workspace;

/// Measure these kernels beside everybody else's, in one run (`peers --help` tells more)
#[derive(Debug, clap::Args)]
#[command(disable_help_flag = true)]
pub(crate) struct Args {
    /// What the program `peers` is given, `--help` included
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<OsString>,
}

impl Args {
    /// Builds the program with the flags of everything that is measured, then replaces this process by it.
    ///
    /// # Errors
    /// Where the build fails or the program cannot be started.
    pub(crate) fn run(self, workspace: &Workspace) -> Result<()> {
        let target = workspace.target().join("peers");
        build::package(&workspace.root.join("kernels/peers"), &target, "peers")?;
        let program = target.join("release/peers");
        let error = Command::new(&program).args(self.arguments).exec();
        Err(error).with_context(|| format!("cannot run {}", program.display()))
    }
}
