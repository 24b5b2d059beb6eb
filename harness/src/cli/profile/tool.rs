//! The profilers: whether they work here, how they are called, and what to do where they don't.

use std::io;
use std::path::Path;
use std::process::Command;

use anyhow::Context;
use clap::ValueEnum;

/// A profiler, the one that is tried first first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Tool {
    /// Samples of where the processor is
    Perf,
    /// Instructions counted by valgrind
    Callgrind,
}

impl Tool {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Perf => "perf",
            Self::Callgrind => "callgrind",
        }
    }

    /// The end of its file's name.
    pub(super) fn ending(self) -> &'static str {
        match self {
            Self::Perf => "perf.data",
            Self::Callgrind => "callgrind.out",
        }
    }

    /// What makes it work.
    pub(super) fn remedy(self) -> &'static str {
        match self {
            Self::Perf => {
                "install linux-perf (Debian), linux-tools-generic (Ubuntu) or perf (Fedora), and allow it with `sysctl kernel.perf_event_paranoid=2` or less"
            }
            Self::Callgrind => "install valgrind",
        }
    }

    /// Whether it can be used here.
    ///
    /// # Errors
    /// Why not, in its own words.
    pub(super) fn works(self) -> Result<(), String> {
        let mut command = match self {
            Self::Perf => self.record(Path::new("/dev/null"), Path::new("true")),
            Self::Callgrind => {
                let mut command = Command::new("valgrind");
                command.arg("--version");
                command
            }
        };
        match command.output() {
            Ok(output) if output.status.success() => Ok(()),
            Ok(output) => {
                let text = String::from_utf8_lossy(&output.stderr).into_owned();
                let first = text.lines().find(|line| !line.trim().is_empty());
                Err(first.map_or(output.status.to_string(), |line| line.trim().to_owned()))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Err("it is not installed".into())
            }
            Err(error) => Err(error.to_string()),
        }
    }

    /// The command that runs `program`, whose arguments may follow, and writes the profile to `output`.
    pub(super) fn record(self, output: &Path, program: &Path) -> Command {
        let mut command = match self {
            Self::Perf => {
                let mut command = Command::new("perf");
                command
                    .args(["record", "--quiet", "--output"])
                    .arg(output)
                    .arg("--");
                command
            }
            Self::Callgrind => {
                let mut file = std::ffi::OsString::from("--callgrind-out-file=");
                file.push(output);
                let mut command = Command::new("valgrind");
                command.args(["--tool=callgrind", "--quiet"]).arg(file);
                command
            }
        };
        command.arg(program);
        command
    }

    /// The command that shows a profile.
    fn shower(self, path: &Path) -> Command {
        let (program, arguments): (_, &[&str]) = match self {
            Self::Perf => (
                "perf",
                &[
                    "report",
                    "--stdio",
                    "--no-children",
                    "--percent-limit",
                    "1",
                    "--fields",
                    "overhead,dso,symbol",
                    "--input",
                ],
            ),
            Self::Callgrind => ("callgrind_annotate", &["--auto=no"]),
        };
        let mut command = Command::new(program);
        command.args(arguments).arg(path);
        command
    }

    /// The same, as it is typed.
    pub(super) fn command(self, path: &Path) -> String {
        let path = path.display();
        match self {
            Self::Perf => format!("perf report --input {path}"),
            Self::Callgrind => format!("callgrind_annotate {path}, or kcachegrind"),
        }
    }

    /// What it says of the profile at `path`, without its own explanations.
    pub(super) fn report(self, path: &Path) -> anyhow::Result<String> {
        let output = self.shower(path).output();
        let output = output.with_context(|| format!("cannot run {}", self.command(path)))?;
        let text = String::from_utf8_lossy(&output.stdout);
        let told =
            |line: &&str| !line.trim_matches(['-', ' ']).is_empty() && !line.starts_with('#');
        let lines: Vec<&str> = text.lines().filter(told).map(str::trim_end).collect();
        anyhow::ensure!(
            output.status.success() && !lines.is_empty(),
            "{} showed nothing: {}",
            self.command(path),
            String::from_utf8_lossy(&output.stderr).trim()
        );
        Ok(lines.join("\n"))
    }
}
