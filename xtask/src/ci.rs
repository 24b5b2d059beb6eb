//! `cargo xtask ci`: every check that a change must pass.

mod action;
mod coverage;
mod emulated;
mod examples;
mod fuzz;
mod reproducible;
mod sanitized;
mod tools;

use std::time::Instant;

use anyhow::{Context, Result, ensure};
use clap::ValueEnum;
use xshell::{Shell, cmd};

use crate::workspace::{Workspace, cargo};
use crate::{build, forward};

/// Run every check that a change must pass
///
/// Stops at the first that fails. A tool that is missing is an error where the environment says CI=true, else a warning
/// that names its package. `.ci/run` installs the tools first.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Checks to run [default: all]; they run in the order of this list, whatever order they are given in
    #[arg(value_enum, value_name = "CHECK")]
    checks: Vec<Check>,
}

/// The workspaces: this one, and those of other people's code.
const MANIFESTS: [&str; 3] = [
    "Cargo.toml",
    "kernels/peers/Cargo.toml",
    "harness/peers/Cargo.toml",
];

/// The example of a crate of one's own; it is built by [`Check::Examples`].
const EXAMPLE: &str = "harness/examples/rust-kernel/Cargo.toml";

/// One check. The order is that of running: the tests come last, so that their result closes the output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Check {
    /// cargo fmt --check
    Format,
    /// clippy over all targets, warnings are errors
    Clippy,
    /// cargo doc, warnings are errors
    Docs,
    /// licences, sources and versions of all dependencies by cargo-deny, unused ones by cargo-machete
    SupplyChain,
    /// the workflow files and the action, by zizmor and check-jsonschema
    Workflows,
    /// `cargo xtask --help` names every verb of `bench`
    Verbs,
    /// tests of kernels and suites, and a quick run, on emulated CPUs without AVX2 and without AVX-512, and under valgrind
    Emulated,
    /// tests of kernels with the address sanitizer
    Sanitized,
    /// docs/own-repository.md followed from an empty folder, and the action benchmark in a repository with two commits
    Examples,
    /// `dist` from two folders gives the same bytes, and the archive works
    Dist,
    /// every reader of files and descriptors against hostile ones, by libFuzzer, for FUZZ_SECONDS each (8)
    Fuzz,
    /// all tests of the workspace, and how many lines of harness and xtask they run, by cargo-llvm-cov
    Tests,
}

impl Args {
    pub(crate) fn run(self, workspace: &Workspace) -> Result<()> {
        let start = Instant::now();
        let wanted = |check: &&Check| self.checks.is_empty() || self.checks.contains(check);
        for check in Check::value_variants().iter().filter(wanted) {
            let name = check
                .to_possible_value()
                .context("every check has a name")?;
            eprintln!(
                "== {} ({} s so far)",
                name.get_name(),
                start.elapsed().as_secs()
            );
            check
                .run(workspace)
                .with_context(|| format!("the check {} failed", name.get_name()))?;
        }
        Ok(())
    }
}

impl Check {
    fn run(self, workspace: &Workspace) -> Result<()> {
        let shell = workspace.shell()?;
        let cargo = cargo();
        match self {
            Self::Format => {
                for manifest in MANIFESTS.into_iter().chain([EXAMPLE, fuzz::MANIFEST]) {
                    cmd!(
                        shell,
                        "{cargo} fmt --manifest-path {manifest} --all --check"
                    )
                    .run()?;
                }
            }
            Self::Clippy => {
                for manifest in MANIFESTS {
                    cmd!(
                        shell,
                        "{cargo} clippy --manifest-path {manifest} --quiet --workspace --all-targets -- -D warnings"
                    )
                    .run()?;
                }
            }
            Self::Docs => {
                cmd!(shell, "{cargo} doc --quiet --workspace --no-deps")
                    .env("RUSTDOCFLAGS", "-D warnings")
                    .run()?;
            }
            Self::SupplyChain => supply_chain(&shell)?,
            Self::Workflows => workflows(&shell)?,
            Self::Verbs => verbs(workspace, &shell)?,
            Self::Emulated => emulated::run(workspace, &shell)?,
            Self::Sanitized => sanitized::run(workspace, &shell)?,
            Self::Examples => {
                action::run(workspace, &shell)?;
                examples::run(&shell)?;
            }
            Self::Dist => reproducible::run(workspace, &shell)?,
            Self::Fuzz => fuzz::run(workspace, &shell)?,
            Self::Tests => coverage::run(workspace, &shell)?,
        }
        Ok(())
    }
}

/// Without advisories: their database is on the network.
fn supply_chain(shell: &Shell) -> Result<()> {
    let cargo = cargo();
    if tools::present("cargo-deny", "cargo-deny (cargo)")? {
        cmd!(
            shell,
            "{cargo} deny --log-level error --locked check licenses bans sources"
        )
        .run()?;
    }
    if tools::present("cargo-machete", "cargo-machete (cargo)")? {
        cmd!(shell, "cargo-machete kernels harness xtask").run()?;
    }
    Ok(())
}

fn workflows(shell: &Shell) -> Result<()> {
    if tools::present("zizmor", "zizmor (pip)")? {
        cmd!(shell, "zizmor --offline --quiet .github").run()?;
    }
    if tools::present("check-jsonschema", "check-jsonschema (pip)")? {
        let files = shell.read_dir(".github/workflows")?;
        cmd!(
            shell,
            "check-jsonschema --builtin-schema vendor.github-workflows {files...}"
        )
        .run()?;
        cmd!(
            shell,
            "check-jsonschema --builtin-schema vendor.github-actions .github/actions/benchmark/action.yml"
        )
        .run()?;
    }
    Ok(())
}

/// xtask's help lists the forwarded verbs without building them; here the list is held against the program's own.
fn verbs(workspace: &Workspace, shell: &Shell) -> Result<()> {
    let bench = build::release(workspace)?.bench;
    let help = cmd!(shell, "{bench} --help").read()?;
    let missing = unlisted(&help, forward::HELP);
    ensure!(
        missing.is_empty(),
        "xtask/src/forward.rs does not list {}",
        missing.join(", ")
    );
    Ok(())
}

/// The verbs of `bench --help` that no line of `listed` begins with.
fn unlisted<'a>(help: &'a str, listed: &str) -> Vec<&'a str> {
    let commands = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    commands
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.strip_prefix("  ")?.split(' ').next())
        .filter(|verb| !verb.is_empty() && *verb != "help")
        .filter(|verb| {
            let verb = if *verb == "run" { "bench" } else { verb };
            !listed
                .lines()
                .any(|line| line.split_whitespace().next() == Some(verb))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verbs_of_help_are_found() {
        let help = "About\n\nUsage: bench\n\nCommands:\n  run      Measure\n           more\n  compare  Judge\n  help     Print\n\nOptions:\n  -h";
        let table: [(&str, &[&str]); 3] = [
            ("  bench  x\n  compare  y", &[]),
            ("  bench  x", &["compare"]),
            ("bench compared", &["compare"]),
        ];
        for (listed, expected) in table {
            assert_eq!(unlisted(help, listed), expected, "{listed}");
        }
    }
}
