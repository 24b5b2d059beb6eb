//! `bench history`.

use std::process::Command;

use anyhow::{Context, bail, ensure};
use clap::ValueEnum;
use jiff::civil::Date;
use regex::Regex;
use serde_json::{Value, json};

use super::{PASS, machine, print};
use crate::history::{self, Series, Session};
use crate::report::table;
use crate::text::{units, visible};
use crate::{affinity, home, host};

/// Show how benchmarks changed over time on this host
///
///   bench history
///   bench history --benchmark matmul --since 2026-11-01
///
/// Over all full runs in results/ and baselines/, with the places where a level changed and the commits between. What was read
/// is kept in results/.history.json, which may be deleted at any time.
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Args {
    #[command(flatten)]
    wanted: Wanted,
    /// How to show it
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Format {
    /// A table
    #[default]
    Text,
    /// A list of series
    Json,
}

/// Which runs and benchmarks are wanted.
#[derive(Debug, clap::Args)]
pub(super) struct Wanted {
    /// Only benchmarks whose name matches this regular expression
    #[arg(
        long,
        value_name = "REGEX",
        default_value = "",
        hide_default_value = true
    )]
    benchmark: String,
    /// Only runs of this day or later
    #[arg(long, value_name = "YYYY-MM-DD")]
    since: Option<Date>,
    /// The host, as records name it [default: this one]
    #[arg(long, value_name = "ID")]
    host: Option<String>,
}

impl Args {
    pub(super) fn run(self) -> anyhow::Result<u8> {
        let (_, sessions) = self.wanted.sessions()?;
        let series = self.wanted.series(&sessions)?;
        match self.format {
            Format::Text => print(&text(&series, super::look().columns))?,
            Format::Json => print(&format!(
                "{:#}\n",
                json!(series.iter().map(in_json).collect::<Vec<_>>())
            ))?,
        }
        Ok(PASS)
    }
}

impl Wanted {
    /// Whether nothing was said.
    pub(super) fn is_default(&self) -> bool {
        self.benchmark.is_empty() && self.since.is_none() && self.host.is_none()
    }

    /// The host, and its runs, of which there is at least one.
    pub(super) fn sessions(&self) -> anyhow::Result<(String, Vec<Session>)> {
        let mut sessions = read();
        let wanted = self.host.clone().unwrap_or_else(|| {
            let allowed = affinity::allowed();
            host::environment(&allowed, machine::by_preference(&allowed)[0], "").host
        });
        let mut hosts: Vec<String> = sessions
            .iter()
            .map(|session| session.host.clone())
            .collect();
        hosts.sort();
        hosts.dedup();
        sessions.retain(|session| session.host == wanted && self.is_recent(session));
        if sessions.is_empty() {
            let since = self.since.map(|day| format!(" since {day}"));
            bail!(
                "no full run of host {}{} in {} or {}; there are runs of: {}",
                visible(&wanted),
                since.unwrap_or_default(),
                home::results().display(),
                home::baselines().display(),
                if hosts.is_empty() {
                    "none".into()
                } else {
                    visible(&hosts.join(", ")).into_owned()
                }
            );
        }
        Ok((wanted, sessions))
    }

    /// The series of those runs.
    pub(super) fn series<'a>(&self, sessions: &'a [Session]) -> anyhow::Result<Vec<Series<'a>>> {
        let filter = Regex::new(&self.benchmark).with_context(|| {
            format!("--benchmark {:?} is no regular expression", self.benchmark)
        })?;
        let mut series = history::series(sessions);
        series.retain(|series| filter.is_match(series.name));
        ensure!(
            !series.is_empty(),
            "no benchmark of the runs matches --benchmark {:?}",
            self.benchmark
        );
        Ok(series)
    }

    fn is_recent(&self, session: &Session) -> bool {
        let day = session.timestamp.to_zoned(jiff::tz::TimeZone::UTC).date();
        self.since.is_none_or(|since| day >= since)
    }
}

/// The runs in the workspace's folders; files that are damaged are told of.
pub(super) fn read() -> Vec<Session> {
    let found = history::read(&[home::results(), home::baselines()]);
    if let Some(first) = found.faults.first() {
        let count = found.faults.len();
        let files = if count == 1 { "file is" } else { "files are" };
        eprintln!(
            "warning: {count} {files} left out of the history; the first: {}",
            visible(first)
        );
    }
    found.sessions
}

/// A table of all series, then a line for each change. On a terminal of so many columns the bars take what the rest leaves of it.
fn text(series: &[Series<'_>], columns: Option<usize>) -> String {
    let longest = series
        .iter()
        .map(|series| visible(series.name).chars().count())
        .max();
    let blocks = match columns {
        Some(columns) => columns
            .saturating_sub(longest.unwrap_or(0) + NUMBERS_WIDTH)
            .clamp(10, MOST_BLOCKS),
        None => MOST_BLOCKS,
    };
    let rows = series.iter().map(|series| {
        let values: Vec<f64> = series.points.iter().map(|(_, ms)| *ms).collect();
        let (first, last) = (values[0], values[values.len() - 1]);
        [
            series.name.to_owned(),
            values.len().to_string(),
            units::duration(first),
            units::duration(last),
            units::change(last / first),
            bars(&values, blocks),
        ]
    });
    let header = ["benchmark", "runs", "first", "last", "change", "over time"];
    let mut text = table(header, 1..5, rows) + "\n";
    for series in series {
        for change in &series.changes {
            let [before, after] =
                [change.index - 1, change.index].map(|index| series.points[index].0);
            text += &format!(
                "\n{}: {} from {} to {}\n",
                visible(series.name),
                units::change(change.after / change.before),
                units::duration(change.before),
                units::duration(change.after)
            );
            text += &format!(
                "  between {} and {}{}\n",
                before.timestamp,
                after.timestamp,
                commits(before, after)
            );
        }
    }
    text
}

fn in_json(series: &Series<'_>) -> Value {
    let points: Vec<Value> = series
        .points
        .iter()
        .map(|(session, ms)| {
            json!({ "timestamp": session.timestamp, "git_commit": session.git_commit, "duration_ms": ms })
        })
        .collect();
    let changes: Vec<Value> = series
        .changes
        .iter()
        .map(|change| {
            let [before, after] = [change.index - 1, change.index].map(|index| series.points[index].0);
            json!({
                "before_ms": change.before, "after_ms": change.after, "ratio": change.after / change.before,
                "last_before": before.timestamp, "first_after": after.timestamp,
                "commits": [before.git_commit, after.git_commit],
            })
        })
        .collect();
    json!({ "name": series.name, "points": points, "changes": changes })
}

/// What the numbers of a table take, and the space between its columns: runs, first, last, change.
const NUMBERS_WIDTH: usize = 44;
/// More show nothing more.
const MOST_BLOCKS: usize = 40;

/// At most so many blocks, each the median of a stretch, from the least to the greatest.
fn bars(values: &[f64], most: usize) -> String {
    const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let stretch = values.len().div_ceil(most);
    let levels: Vec<f64> = values
        .chunks(stretch)
        .filter_map(crate::stats::order::median)
        .collect();
    let low = levels.iter().copied().fold(f64::INFINITY, f64::min);
    let high = levels.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    // A tenth of the least is at least drawn as the whole height, so that noise looks like noise.
    let range = (high - low).max(0.1 * low);
    levels
        .iter()
        .map(|level| BLOCKS[(((level - low) / range * 7.99) as usize).min(7)])
        .collect()
}

/// The same as words in a line, and a line for each commit.
fn commits(before: &Session, after: &Session) -> String {
    let lines = commits_between(before, after);
    match &lines[..] {
        [] => String::new(),
        [range] if range.contains("..") => format!(", commits {range}"),
        _ => {
            let plural = if lines.len() == 1 { "" } else { "s" };
            let head = format!(", {} commit{plural}:", lines.len());
            lines
                .iter()
                .fold(head, |text, line| format!("{text}\n    {}", visible(line)))
        }
    }
}

/// The commits after one run and up to another, where git knows both: a line each, the newest first; else `from..to`, where records name them.
pub(super) fn commits_between(before: &Session, after: &Session) -> Vec<String> {
    let (Some(from), Some(to)) = (&before.git_commit, &after.git_commit) else {
        return Vec::new();
    };
    let is_hash = |text: &str| text.len() >= 7 && text.chars().all(|c| c.is_ascii_hexdigit());
    if from == to || !is_hash(from) || !is_hash(to) {
        return Vec::new();
    }
    let range = format!("{from}..{to}");
    let log = Command::new("git")
        .args(["log", "--format=%h %s", &range, "--"])
        .output();
    match log.ok().filter(|log| log.status.success()) {
        Some(log) => {
            let text = String::from_utf8_lossy(&log.stdout);
            text.lines().map(str::to_owned).collect()
        }
        None => vec![format!("{}..{}", &from[..7], &to[..7])],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_show_a_step_and_flatten_noise() {
        let step: Vec<f64> = (0..80).map(|i| if i < 40 { 1.0 } else { 2.0 }).collect();
        let blocks = |count: usize| format!("{}{}", "▁".repeat(count), "█".repeat(count));
        assert_eq!(bars(&step, 40), blocks(20));
        assert_eq!(bars(&step, 10), blocks(5));
        assert_eq!(bars(&[1.0, 1.005, 1.0], 40), "▁▁▁");
        assert_eq!(bars(&[1.0], 10), "▁");
    }
}
