//! `bench report`.

use std::path::{Path, PathBuf};

use anyhow::Context;

use super::compare::{Baseline, percent, stored};
use super::history::Wanted;
use super::{PASS, print, typed};
use crate::compare::{Options, Policy};
use crate::history::Session;
use crate::record::{self, Chosen, Record};
use crate::report::html;
use crate::roofline::{Ceilings, SUITE};
use crate::{home, import, text};

/// Write a report for people: one HTML file that opens offline
///
///   bench report                                   the newest record
///   bench report --compare baseline results/2026-11-25T01-45-30.123Z_results.json --threshold 5
///   bench report --history
///
/// A record: its samples by process, a roofline against the ceilings of its host, thread scaling. A comparison: all intervals, judged
/// as `compare` judges them, and the samples of what changed; the exit code says only whether the report was written. The path of
/// the file is the last line of standard output.
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Args {
    /// The record [default: the newest in results/]
    file: Option<PathBuf>,
    /// Compare two records: files, or the name of a baseline for the first
    #[arg(long, num_args = 2, value_names = ["BASELINE", "CURRENT"], conflicts_with_all = ["file", "history"])]
    compare: Option<Vec<PathBuf>>,
    /// The loss above which a benchmark fails the gate of a comparison; exactly that much passes [default: 10]
    #[arg(long, value_name = "PERCENT", value_parser = percent, allow_negative_numbers = true)]
    threshold: Option<f64>,
    /// Show all full runs of this host over time
    #[arg(long, conflicts_with = "file")]
    history: bool,
    #[command(flatten)]
    wanted: Wanted,
    /// Write to this file [default: in results/, named after the record]
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

impl Args {
    pub(super) fn run(self) -> anyhow::Result<u8> {
        anyhow::ensure!(
            self.history || self.wanted.is_default(),
            "--benchmark, --since and --host are for --history"
        );
        anyhow::ensure!(
            self.compare.is_some() || self.threshold.is_none(),
            "--threshold is for --compare"
        );
        let (page, name) = match &self.compare {
            Some(sides) => {
                let mut policy = Policy::default();
                policy.threshold_percent = self.threshold.unwrap_or(policy.threshold_percent);
                comparison(&sides[0], &sides[1], policy)?
            }
            None if self.history => (past(&self.wanted)?, "history".into()),
            None => one(self.file.as_deref())?,
        };
        let path = match self.output {
            Some(path) => path,
            None => home::results().join(format!("{name}.html")),
        };
        record::replace_file(&path, page.as_bytes()).with_context(|| {
            let path = path.to_string_lossy();
            format!(
                "cannot write {}; choose another place with --output FILE",
                text::visible(&path)
            )
        })?;
        print(&format!("{}\n", path.display()))?;
        Ok(PASS)
    }
}

/// The report of a record, and what it is called.
fn one(file: Option<&Path>) -> anyhow::Result<(String, String)> {
    let path = match file {
        Some(path) => path.to_owned(),
        None => record::newest(&home::results())?,
    };
    let record = import::load(&path)?;
    let (ceilings, other) = ceilings(&record);
    let page = html::record(
        &record,
        &html::Source {
            file: &path.to_string_lossy(),
            ceilings: &ceilings,
            ceilings_file: other.as_deref(),
            remedy: &format!("{} --suite {SUITE}", typed("run")),
        },
    );
    Ok((page, stem(&path)))
}

fn comparison(baseline: &Path, current: &Path, policy: Policy) -> anyhow::Result<(String, String)> {
    let current = Chosen {
        path: current.to_owned(),
        record: import::load(current)?,
    };
    let baseline = Baseline::read(baseline.as_os_str())?.of(&current.record.environment.host)?;
    let comparison = stored(
        &baseline,
        &current,
        &Options {
            policy,
            allow_host_mismatch: false,
        },
    );
    let page = html::comparison_of(&comparison, &baseline.record, &current.record);
    Ok((
        page,
        format!("{}_against_{}", stem(&current.path), stem(&baseline.path)),
    ))
}

fn past(wanted: &Wanted) -> anyhow::Result<String> {
    let (host, sessions) = wanted.sessions()?;
    let series = wanted.series(&sessions)?;
    Ok(html::history(
        &host,
        &series,
        super::history::commits_between,
    ))
}

/// The name of a record's file without its ending.
fn stem(path: &Path) -> String {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    stem.into_owned()
}

/// The ceilings of a record's host: its own, else those of the newest full run on that host that has some, with its file.
fn ceilings(record: &Record) -> (Ceilings, Option<String>) {
    let own = Ceilings::of(record);
    let host = &record.environment.host;
    if !own.is_empty() || host.is_empty() {
        return (own, None);
    }
    let sessions = super::history::read();
    let may_have = |session: &&Session| {
        session.host == *host
            && session
                .durations_ms
                .keys()
                .any(|name| name.starts_with("ceiling"))
    };
    let found = sessions.iter().rev().filter(may_have).find_map(|session| {
        let ceilings = Ceilings::of(&record::load(&session.path).ok()?);
        (!ceilings.is_empty()).then(|| (ceilings, session.path.to_string_lossy().into_owned()))
    });
    match found {
        Some((ceilings, file)) => (ceilings, Some(file)),
        None => (own, None),
    }
}
