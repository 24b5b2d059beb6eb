//! `cargo xtask`: what a person types.
//!
//! Defines the verbs that need the source tree. Every other verb is the program `bench`'s: it is built when the tree has
//! changed and given all arguments untouched. This crate links neither kernels nor harness, so it builds in seconds.
#![forbid(unsafe_code)]

mod against;
mod bisect;
mod build;
mod ci;
mod dist;
mod forward;
mod gate_check;
mod github;
mod new_suite;
mod peers;
mod workspace;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use workspace::Workspace;

/// Builds, measures, compares, packs and checks this workspace
#[derive(Debug, Parser)]
#[command(
    name = "cargo xtask",
    bin_name = "cargo xtask",
    version,
    arg_required_else_help = true,
    disable_help_subcommand = true,
    after_help = forward::HELP
)]
struct Xtask {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Bisect(bisect::Args),
    Dist(dist::Args),
    Ci(ci::Args),
    GateCheck(gate_check::Args),
    Github(github::Args),
    NewSuite(new_suite::Args),
    Peers(peers::Args),
    #[command(external_subcommand)]
    Forward(Vec<OsString>),
}

impl Verb {
    fn run(self, workspace: &Workspace) -> anyhow::Result<()> {
        match self {
            Self::Bisect(args) => args.run(workspace),
            Self::Dist(args) => args.run(workspace),
            Self::Ci(args) => args.run(workspace),
            Self::GateCheck(args) => args.run(workspace),
            Self::Github(args) => args.run(workspace),
            Self::NewSuite(args) => args.run(workspace),
            Self::Peers(args) => args.run(workspace),
            Self::Forward(arguments) => forward::run(workspace, arguments),
        }
    }
}

/// Every error of xtask's own is exit code 2, as in `bench`: 1 is kept for a gate that fails.
fn main() -> ExitCode {
    let verb = Xtask::parse_from(arguments(std::env::args_os())).verb;
    match Workspace::find().and_then(|workspace| verb.run(&workspace)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(2)
        }
    }
}

/// `help VERB` is `VERB --help`, whoever defines the verb.
fn arguments(given: impl Iterator<Item = OsString>) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = given.collect();
    if arguments.get(1).is_some_and(|first| first == "help") {
        arguments.remove(1);
        arguments.push("--help".into());
    }
    arguments
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn command_line_is_well_formed() {
        use clap::CommandFactory;
        Xtask::command().debug_assert();
    }

    #[test]
    fn help_is_a_flag_of_the_verb() {
        let table = [
            ("xtask help", "xtask --help"),
            ("xtask help dist", "xtask dist --help"),
            ("xtask help compare", "xtask compare --help"),
            ("xtask compare help", "xtask compare help"),
        ];
        for (given, expected) in table {
            let words = |text: &str| text.split(' ').map(OsString::from).collect::<Vec<_>>();
            assert_eq!(
                arguments(words(given).into_iter()),
                words(expected),
                "{given}"
            );
        }
    }
}
