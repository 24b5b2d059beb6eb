//! `bench profile`.

mod tool;

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use clap::ValueEnum;

use super::{machine, run};
use crate::library::Suites;
use crate::measure::{self, Options, Plan};
use crate::record::Selection;
use crate::text::visible;
use crate::{affinity, home, selection};
use tool::Tool;

/// Lines of a profiler's report that are shown.
const SHOWN_LINES: usize = 40;
/// What a process may take beside the time that was asked for: an emulated one fills its buffers slowly.
const SLACK: Duration = Duration::from_secs(300);

/// Show where one benchmark spends its time, by perf or callgrind
///
/// Runs the benchmark in one pinned process under the profiler, as `run` does but without checking the result, and shows the
/// head of its report. perf samples the real machine; callgrind counts instructions on an emulated CPU without AVX-512.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  bench profile matmul_large
  bench profile matmul_large --tool callgrind --duration 2s

Exit codes: 0 there is a profile; 2 there is none.")]
pub(super) struct Args {
    /// The benchmark, by its whole name
    #[arg(value_name = "NAME")]
    benchmark: String,
    /// The profiler [default: perf where it works, else callgrind]
    #[arg(long, value_enum)]
    tool: Option<Tool>,
    /// How long to run it
    #[arg(long, value_name = "DURATION", default_value = "5s", value_parser = humantime::parse_duration)]
    duration: Duration,
    /// Pin to this CPU [default: the last that may be used and on which no other run measures]
    #[arg(long, value_name = "N")]
    cpu: Option<u32>,
    /// Write the profile here [default: results/NAME.perf.data or results/NAME.callgrind.out]
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// The suites of this shared object; may be given several times [default: libsuites.so beside the program]
    #[arg(long = "lib", value_name = "FILE")]
    libraries: Vec<PathBuf>,
}

impl Args {
    pub(super) fn run(self, linked: Option<Suites>) -> anyhow::Result<u8> {
        let options = self.options(linked)?;
        let tool = self.tool()?;
        let path = self.output(tool)?;
        let interrupted = machine::interrupts()?;
        let program = std::env::current_exe().context("cannot find this program")?;
        eprintln!(
            "{} under {} for {:?}",
            visible(&self.benchmark),
            tool.name(),
            self.duration
        );
        let process = measure::once(
            &self.benchmark,
            &options,
            tool.record(&path, &program),
            &interrupted,
        )
        .with_context(|| format!("{} under {}", visible(&self.benchmark), tool.name()))?;
        let iterations = process.iterations_per_sample * process.samples_ns.len() as u64;
        let report = tool.report(&path)?;
        let lines: Vec<&str> = report.lines().collect();
        let head = lines[..lines.len().min(SHOWN_LINES)].join("\n");
        super::print(&format!(
            "{head}\n\n{iterations} iterations and a warm-up; all of it: {}\n{}\n",
            tool.command(&path),
            path.display()
        ))?;
        Ok(super::PASS)
    }

    /// How the process measures.
    ///
    /// # Errors
    /// Where there is no such benchmark, or the CPU cannot be had.
    fn options(&self, linked: Option<Suites>) -> anyhow::Result<Options> {
        let libraries = run::load(linked, &self.libraries)?;
        // Whichever suite it is of, hidden ones too.
        let suites = libraries.iter().flat_map(|library| &library.suites);
        let all = Selection {
            suites: suites.map(|suite| suite.name.clone()).collect(),
            ..Selection::default()
        };
        let selected = selection::select(&libraries, &all)?;
        anyhow::ensure!(
            selected
                .iter()
                .any(|one| one.benchmark.name == self.benchmark),
            "there is no benchmark {:?}; `{} --list` shows what there is",
            self.benchmark,
            super::typed("run")
        );
        let allowed = affinity::allowed();
        let claim = machine::claim(self.cpu, &allowed)?;
        let measure_ms = self.duration.as_secs_f64() * 1e3;
        Ok(Options {
            libraries: run::files(&libraries),
            plan: Plan {
                processes: 1,
                samples: (measure_ms / Plan::FULL.sample_ms).clamp(1.0, 1e6) as u32,
                measure_ms,
                ..Plan::FULL
            },
            seed: 1,
            cpu: machine::can_pin(claim.cpu, &allowed, self.cpu.is_some())?,
            pool: machine::pool(None, &allowed, claim.cpu)?,
            allowed,
            budget: Duration::MAX,
            timeout: self.duration + SLACK,
        })
    }

    /// The tool that was asked for, or the first that works.
    ///
    /// # Errors
    /// Where none works: says why, and what to install.
    fn tool(&self) -> anyhow::Result<Tool> {
        let tools = self
            .tool
            .as_ref()
            .map_or(Tool::value_variants(), std::slice::from_ref);
        let mut reasons = Vec::new();
        for tool in tools {
            match tool.works() {
                Ok(()) => return Ok(*tool),
                Err(reason) => {
                    reasons.push(format!("{}: {reason}; {}", tool.name(), tool.remedy()))
                }
            }
            eprintln!("{} cannot be used here", tool.name());
        }
        anyhow::bail!("no profiler can be used here\n  {}", reasons.join("\n  "))
    }

    fn output(&self, tool: Tool) -> anyhow::Result<PathBuf> {
        if let Some(path) = &self.output {
            return Ok(path.clone());
        }
        let plain = |character: char| match character {
            '-' | '.' | '_' => character,
            _ if character.is_alphanumeric() => character,
            _ => '_',
        };
        let name: String = self.benchmark.chars().map(plain).collect();
        let folder = home::results();
        std::fs::create_dir_all(&folder).with_context(|| {
            format!(
                "cannot make {}; choose another place with --output FILE",
                shown(&folder)
            )
        })?;
        Ok(folder.join(format!("{name}.{}", tool.ending())))
    }
}

fn shown(path: &Path) -> String {
    visible(&path.to_string_lossy()).into_owned()
}
