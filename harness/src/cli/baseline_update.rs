//! `bench baseline-update`.

use std::path::{Path, PathBuf};

use anyhow::bail;
use serde_json::{Map, Value};

use super::compare::stored;
use super::{FAIL, PASS, print, run};
use crate::compare::{Comparison, Options, Policy, Verdict};
use crate::library::Suites;
use crate::record::{self, Baselines, Chosen, Record, Status};
use crate::report::text;
use crate::text::visible;
use crate::{home, import};

/// Replace this host's baseline by a newer record
///
/// Shows what changes, and refuses a record that is no measure: a quick or partial one, one with a failed benchmark or
/// without a host, and one that makes a regression the new normal, unless --accept-regression says why that is right.
/// The old baseline is kept in baselines/history/; the new one is written whole or not at all.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// The new baseline [default: the newest file in results/; a fresh run where there is none]
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,
    /// The name of the baseline
    #[arg(long, default_value = record::DEFAULT_BASELINE)]
    name: String,
    /// Accept what regressed; the reason is stored in the baseline
    #[arg(long, value_name = "REASON", value_parser = reason)]
    accept_regression: Option<String>,
}

const EXAMPLES: &str = "\
Examples:
  bench run && bench baseline-update         measure, and make that the baseline
  bench baseline-update --from results/2026-11-25T01-45-30.123Z_results.json
  bench baseline-update --name release-1     a second baseline: bench compare --baseline release-1
  bench baseline-update --accept-regression 'bounds are checked now: issue 12'

Exit codes:
  0  the baseline is the record
  1  refused: a benchmark regressed, and no reason was given
  2  refused: the record is no measure, or a file could not be read or written";

impl Args {
    pub(super) fn run(self, suites: Option<Suites>) -> anyhow::Result<u8> {
        let path = self.source(suites)?;
        let bytes = record::read(&path)?;
        let record = import::parse(&bytes, &path)?;
        if let Some(reason) = refusal(&record) {
            bail!("{} cannot be a baseline: {reason}", shown(&path));
        }
        let new = Chosen { path, record };
        let baselines = Baselines::new(home::baselines());
        let _lock = baselines.lock()?;
        let place = baselines.place(&self.name, &new.record.environment.host)?;
        if place.exists() && record::read(&place)? == bytes {
            print(&format!("{} is this record already\n", shown(&place)))?;
            return Ok(PASS);
        }
        if let Some(comparison) = changes(&place, &new)? {
            print(&text::changes(&comparison, super::look()))?;
            if self.accept_regression.is_none() && comparison.count(Verdict::Regressed) > 0 {
                eprintln!("error: {}", regressions(&comparison));
                return Ok(FAIL);
            }
        }
        let kept = baselines.replace(&place, &self.stamped(&bytes)?)?;
        print(&outcome(&new, &place, kept.as_deref()))?;
        Ok(PASS)
    }

    /// The record to take: the one that was named, the newest, or a fresh one.
    fn source(&self, suites: Option<Suites>) -> anyhow::Result<PathBuf> {
        match &self.from {
            Some(path) => Ok(path.clone()),
            None => match record::newest(&home::results()) {
                Err(record::Error::NoRecord { .. }) => run::fresh(suites),
                newest => Ok(newest?),
            },
        }
    }

    /// The text of the new baseline: the record as it stands, with the reason where one was given.
    fn stamped(&self, bytes: &[u8]) -> anyhow::Result<Vec<u8>> {
        let Some(reason) = &self.accept_regression else {
            return Ok(bytes.to_vec());
        };
        // Fields that this version doesn't know stay.
        let mut document: Value =
            serde_json::from_slice(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes))?;
        let reason = Value::String(reason.clone());
        match document.get_mut("metadata") {
            Some(metadata) => metadata["accepted_regression"] = reason,
            None => {
                document["metadata"] =
                    Value::Object(Map::from_iter([("accepted_regression".to_owned(), reason)]))
            }
        }
        Ok(record::to_json(&document).into_bytes())
    }
}

/// Why a record is no measure of its host.
fn refusal(record: &Record) -> Option<String> {
    let failed = record
        .benchmarks
        .iter()
        .find(|entry| entry.status == Status::Failed);
    let again = "measure in full with `bench run`";
    if record.benchmarks.is_empty() {
        Some(format!("it has no benchmark; {again}"))
    } else if record.metadata.quick {
        Some(format!(
            "it is quick, and too short to be held against; {again}"
        ))
    } else if let Some(reason) = &record.metadata.partial {
        Some(format!("it is partial ({reason}); {again}"))
    } else if let Some(shard) = &record.metadata.selection.shard {
        Some(format!(
            "it is shard {shard} alone; join all of them with `bench merge FILES…`"
        ))
    } else if let Some(entry) = failed {
        let reason = entry.error.as_deref().unwrap_or("no reason is recorded");
        Some(format!(
            "{} failed in it ({reason}); make it pass and {again}",
            entry.name
        ))
    } else if let Some(tool) = &record.metadata.imported_from {
        Some(format!(
            "it was imported from {tool}, which does not say on which host it was measured; keep the file, and name it: `bench compare --baseline FILE`"
        ))
    } else if record.environment.host.is_empty() {
        Some(format!(
            "it does not say on which host it was measured; {again} on the host that it is for"
        ))
    } else {
        None
    }
}

/// What the new baseline changes against the one in its place, where there is one.
fn changes(place: &Path, new: &Chosen) -> anyhow::Result<Option<Comparison>> {
    if !place.exists() {
        return Ok(None);
    }
    let options = Options {
        policy: Policy {
            allow_missing: true,
            ..Policy::default()
        },
        allow_host_mismatch: false,
    };
    match record::load(place) {
        Ok(record) => {
            let old = Chosen {
                path: place.to_owned(),
                record,
            };
            Ok(Some(stored(&old, new, &options)))
        }
        Err(error) => {
            eprintln!("warning: the baseline in place is replaced without a comparison: {error}");
            Ok(None)
        }
    }
}

fn regressions(comparison: &Comparison) -> String {
    let rows = comparison.rows.iter();
    let names: Vec<&str> = rows
        .filter(|row| row.verdict == Verdict::Regressed)
        .map(|row| row.name.as_str())
        .collect();
    format!(
        "refused: {} would make a regression the new normal ({}); if that is right, say why with --accept-regression REASON",
        comparison.current.as_ref().map_or("it", |side| &side.file),
        visible(&names.join(", ")),
    )
}

fn outcome(new: &Chosen, place: &Path, kept: Option<&Path>) -> String {
    let count = new.record.benchmarks.len();
    let mut text = match kept {
        Some(kept) => format!("the old baseline is kept: {}\n", shown(kept)),
        None => String::new(),
    };
    let plural = if count == 1 { "" } else { "s" };
    text.push_str(&format!(
        "{} is now {} ({count} benchmark{plural}, host {})\n",
        shown(place),
        shown(&new.path),
        new.record.environment.host
    ));
    text
}

/// A path on one line.
fn shown(path: &Path) -> String {
    visible(&path.to_string_lossy()).into_owned()
}

fn reason(text: &str) -> Result<String, String> {
    match text.trim() {
        "" => Err("a reason says something".into()),
        reason => Ok(reason.to_owned()),
    }
}
