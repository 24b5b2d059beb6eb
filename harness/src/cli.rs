//! The command line of `bench`, and of every `[[bench]]` target that uses [`main!`](crate::main).

mod baseline_update;
mod compare;
mod export;
mod history;
mod import;
mod machine;
mod merge;
mod paired;
mod profile;
mod report;
mod run;

use std::ffi::OsString;
use std::io::IsTerminal;
use std::process::ExitCode;
use std::sync::Arc;

use anstream::{AutoStream, ColorChoice};
use clap::{CommandFactory, Parser, Subcommand};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::library::Suites;
use crate::report::Look;
use crate::{measure, paired as pairing};

/// Measures benchmarks and judges the difference.
#[derive(Debug, Parser)]
#[command(name = "bench", version, arg_required_else_help = true)]
struct Bench {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Run(run::Args),
    Compare(compare::Args),
    BaselineUpdate(baseline_update::Args),
    Export(export::Args),
    Import(import::Args),
    Merge(merge::Args),
    History(history::Args),
    Report(report::Args),
    Profile(profile::Args),
    /// Measures one benchmark once, for a parent on standard input.
    #[command(name = measure::VERB, hide = true)]
    MeasureChild,
    /// Pairs the two sides of one benchmark once, for a parent on standard input.
    #[command(name = pairing::VERB, hide = true)]
    PairChild,
}

/// Exit code: the command did what it was asked, and the gate passes.
pub const PASS: u8 = 0;
/// Exit code: the gate fails.
pub const FAIL: u8 = 1;
/// Exit code: there was nothing to judge, or it could not be judged.
pub const CANNOT_JUDGE: u8 = 2;

/// Runs the command line of this process.
///
/// `suites` are those linked into the program; without them they are loaded from shared objects.
/// Every error is printed to standard error and is exit code 2.
pub fn main(suites: Option<Suites>) -> ExitCode {
    // A file that grows past the limit is then an error that names it, not the end of this process. It fails only for
    // signals that may not be handled.
    let _ = signal_hook::flag::register(signal_hook::consts::SIGXFSZ, Arc::default());
    let bench = Bench::parse_from(arguments(std::env::args_os(), suites.is_some()));
    let answer = match bench.command {
        Command::Run(args) => args.run(suites),
        Command::Compare(args) => args.run(),
        Command::BaselineUpdate(args) => args.run(suites),
        Command::Export(args) => args.run(),
        Command::Import(args) => args.run(),
        Command::Merge(args) => args.run(),
        Command::History(args) => args.run(),
        Command::Report(args) => args.run(),
        Command::Profile(args) => args.run(suites),
        Command::PairChild => Ok(pairing::serve()),
        Command::MeasureChild => Ok(measure::serve(suites)),
    };
    match answer {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            eprintln!("error: {}", chain(&error));
            ExitCode::from(CANNOT_JUDGE)
        }
    }
}

/// An error and its causes in one line; a cause that the message before it names already is not said twice.
fn chain(error: &anyhow::Error) -> String {
    let mut line = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if line.is_empty() {
            line = cause;
        } else if !line.contains(&cause) {
            line = format!("{line}: {cause}");
        }
    }
    line
}

/// The arguments as clap takes them, for cargo's and Criterion's users: a linked program runs where no verb is named.
///
/// `cargo bench` says `--bench`; without it, as `cargo test --benches` starts it, a run is quick.
fn arguments(given: impl Iterator<Item = OsString>, linked: bool) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = given.collect();
    let all = arguments.len();
    arguments.retain(|argument| argument != "--bench");
    let benched = arguments.len() < all;
    let first = arguments.get(1).and_then(|argument| argument.to_str());
    let named = |first: &str| {
        let is_verb = |verb: &clap::Command| verb.get_name() == first;
        ["--help", "-h", "--version", "-V", "help"].contains(&first)
            || Bench::command().get_subcommands().any(is_verb)
    };
    if linked && !first.is_some_and(named) {
        arguments.insert(1, "run".into());
        if !benched && !arguments.iter().any(|argument| argument == "--quick") {
            arguments.insert(2, "--quick".into());
        }
    }
    arguments
}

/// A progress bar of this template on standard error; nothing where that is no terminal.
fn bar(template: &str) -> Option<ProgressBar> {
    std::io::stderr().is_terminal().then(|| {
        let style = ProgressStyle::with_template(template).expect("the template is right");
        ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr()).with_style(style)
    })
}

/// What standard output can do. Colours are for terminals, and not where the environment says `NO_COLOR` or `TERM=dumb`.
fn look() -> Look {
    let stdout = std::io::stdout();
    Look {
        colours: AutoStream::choice(&stdout) != ColorChoice::Never,
        columns: terminal_size::terminal_size_of(&stdout).map(|(width, _)| usize::from(width.0)),
    }
}

/// Writes to standard output; a reader that has gone away is no error.
fn print(text: &str) -> anyhow::Result<()> {
    use std::io::Write;
    match std::io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(anyhow::Error::new(error).context("could not write to standard output"))
        }
        _ => Ok(()),
    }
}

/// A verb as this process's user types it: `cargo bench` says that it is the caller, `cargo xtask` says where home is.
fn typed(verb: &str) -> String {
    let through_cargo = std::env::args_os().any(|argument| argument == "--bench");
    let through_xtask = std::env::var_os("BENCH_HOME").is_some();
    match (through_cargo, through_xtask, verb) {
        (true, _, "run") => "cargo bench".into(),
        (true, _, verb) => format!("cargo bench -- {verb}"),
        (_, true, "run") => "cargo xtask bench".into(),
        (_, true, verb) => format!("cargo xtask {verb}"),
        (_, _, verb) => format!("bench {verb}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn causes_are_said_once() {
        let io = || std::io::Error::other("the disk is full");
        let table = [
            (anyhow::Error::new(io()), "the disk is full"),
            (
                anyhow::Error::new(io()).context("cannot write x"),
                "cannot write x: the disk is full",
            ),
            (
                anyhow::Error::new(io()).context("cannot write x: the disk is full"),
                "cannot write x: the disk is full",
            ),
        ];
        for (error, line) in table {
            assert_eq!(chain(&error), line);
        }
    }

    #[test]
    fn cargo_bench_needs_no_verb() {
        let table = [
            ("bench --bench", true, "bench run"),
            ("bench --quick --bench", true, "bench run --quick"),
            ("bench matmul --bench", true, "bench run matmul"),
            (
                "bench --exact matmul --bench",
                true,
                "bench run --exact matmul",
            ),
            ("bench compare --bench", true, "bench compare"),
            ("bench --help --bench", true, "bench --help"),
            ("bench", true, "bench run --quick"),
            ("bench --list", true, "bench run --quick --list"),
            ("bench measure-child", true, "bench measure-child"),
            ("bench", false, "bench"),
            ("bench matmul", false, "bench matmul"),
        ];
        for (given, linked, wanted) in table {
            let words = |text: &str| text.split(' ').map(OsString::from).collect::<Vec<_>>();
            let got = arguments(words(given).into_iter(), linked);
            assert_eq!(got, words(wanted), "{given}, linked: {linked}");
        }
    }
}
