//! Judging two records by the numbers that they hold.

use std::collections::HashMap;

use super::metric::{Better, Metric};
use super::time::{self, Time};
use super::{Comparison, Gate, Policy, Row, Severity, Side, Verdict};
use crate::record::{Entry, Record, Selector, Status};

/// What is compared, and by which rule.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Options {
    /// What the gate lets through.
    pub policy: Policy,
    /// Whether records of two hosts are judged all the same.
    pub allow_host_mismatch: bool,
}

/// Judges the record `current` against the record `baseline`.
pub fn stored(baseline: &Record, current: &Record, options: &Options) -> Comparison {
    let other_host = hosts_differ(baseline, current).filter(|_| !options.allow_host_mismatch);
    let threshold_percent = options.policy.threshold_percent;
    let mut rows = rows(baseline, current, options);
    let warnings = warnings(baseline, current, &rows);
    if other_host.is_some() {
        rows.iter_mut()
            .for_each(|row| undecide(row, "another host"));
    }
    let gate = if baseline.benchmarks.is_empty() {
        Gate::cannot_judge("the baseline has no benchmark")
    } else if current.benchmarks.is_empty() {
        Gate::cannot_judge(match &current.metadata.selection.shard {
            Some(shard) => format!("shard {shard} is empty: merge all shards, and compare that"),
            None => "nothing was measured: the current record has no benchmark".into(),
        })
    } else if let Some(difference) = other_host {
        Gate::cannot_judge(format!(
            "the baseline is of another host ({difference}): its times say nothing about this one's; --allow-host-mismatch compares all the same"
        ))
    } else {
        Gate::decide(&rows, &options.policy)
    };
    Comparison {
        rows,
        gate,
        remedy: None,
        threshold_percent,
        baseline: Some(side(baseline)),
        current: Some(side(current)),
        warnings,
    }
}

/// In what the hosts of two records differ; `None` where they don't, or one is unknown.
pub fn hosts_differ(baseline: &Record, current: &Record) -> Option<String> {
    let (old, new) = (&baseline.environment, &current.environment);
    let differ = |old: &str, new: &str| !old.is_empty() && !new.is_empty() && old != new;
    // A tool that says nothing of the host may say which CPU it saw, in words of its own.
    let (from, to) = (&baseline.metadata, &current.metadata);
    let same_words = from.imported_from.is_some() && from.imported_from == to.imported_from;
    if differ(&old.isa, &new.isa) {
        Some(format!("{} against {}", old.isa, new.isa))
    } else if (differ(&old.host, &new.host) || same_words) && differ(&old.cpu, &new.cpu) {
        Some(format!("{} against {}", old.cpu, new.cpu))
    } else if differ(&old.host, &new.host) {
        Some(format!("{} against {}", old.host, new.host))
    } else {
        None
    }
}

fn rows(baseline: &Record, current: &Record, options: &Options) -> Vec<Row> {
    let by_name = |record: &Record| -> HashMap<String, usize> {
        let names = record.benchmarks.iter().map(|entry| entry.name.clone());
        names.zip(0..).collect()
    };
    let (old, new) = (by_name(baseline), by_name(current));
    let imported = is_imported(baseline) || is_imported(current);
    // A selection that cannot be read selects everything; a reader has refused it.
    let selector = Selector::new(&current.metadata.selection).ok();
    let of_baseline = baseline
        .benchmarks
        .iter()
        .map(|entry| match new.get(&entry.name) {
            Some(&index) => both(entry, &current.benchmarks[index], options, imported),
            None => baseline_only(entry, selector.as_ref()),
        });
    let of_current = current
        .benchmarks
        .iter()
        .filter(|entry| !old.contains_key(&entry.name));
    of_baseline.chain(of_current.map(current_only)).collect()
}

/// A record's time is a median over processes of minima where there are samples; other tools without samples say a median.
const ONE_SIDE_SAMPLED: &str =
    "one side has samples, the other a median alone: export both with samples";

fn is_imported(record: &Record) -> bool {
    record.metadata.imported_from.is_some()
}

fn baseline_only(entry: &Entry, selector: Option<&Selector<'_>>) -> Row {
    let requested = selector.is_none_or(|selector| selector.selects(&entry.suite, &entry.name));
    let verdict = if requested {
        Verdict::Missing
    } else {
        Verdict::NotRequested
    };
    Row {
        baseline_ms: entry.duration_ms,
        ..Row::new(&entry.name, &entry.suite, verdict)
    }
}

fn current_only(entry: &Entry) -> Row {
    let mut row = Row {
        current_ms: entry.duration_ms,
        ..Row::new(&entry.name, &entry.suite, Verdict::New)
    };
    if let Some(note) = failure(entry, "current") {
        row.verdict = Verdict::Invalid;
        row.notes.push(note);
    }
    row
}

/// The row of a benchmark that both records have; of `imported` ones another tool says no memory, and the time in its own way.
fn both(baseline: &Entry, current: &Entry, options: &Options, imported: bool) -> Row {
    let mut row = Row {
        baseline_ms: baseline.duration_ms,
        current_ms: current.duration_ms,
        ..Row::new(&current.name, &current.suite, Verdict::Invalid)
    };
    row.notes = [failure(baseline, "baseline"), failure(current, "current")]
        .into_iter()
        .flatten()
        .collect();
    if !row.notes.is_empty() {
        return row;
    }
    let threshold_percent = options.policy.threshold_percent;
    let time = time::judge(baseline, current, threshold_percent);
    row.throughput = throughput(baseline, current, threshold_percent);
    row.memory = Metric::new(
        baseline.memory_mb,
        current.memory_mb,
        Better::Less,
        threshold_percent,
    )
    .filter(|_| !imported);
    judge(&mut row, time, threshold_percent);
    let (old, new) = (baseline.threads, current.threads);
    if old != new && old != 0 && new != 0 && !options.allow_host_mismatch {
        undecide(&mut row, &format!("{old} against {new} threads"));
    }
    if imported && baseline.processes.is_empty() != current.processes.is_empty() {
        undecide(&mut row, ONE_SIDE_SAMPLED);
    }
    row
}

/// Sets the verdict and the severity from the time and the other numbers.
fn judge(row: &mut Row, time: Time, threshold_percent: f64) {
    row.ratio = time.ratio;
    row.interval = time.interval;
    row.detectable_percent = time.detectable_percent;
    row.suspect = time.suspect;
    row.notes.extend(time.note);
    let others = [("throughput", row.throughput), ("memory", row.memory)];
    for (name, metric) in others {
        if let Some(metric) = metric.filter(|metric| metric.verdict != Verdict::Unchanged) {
            let change = crate::text::units::percent(metric.change_percent);
            row.notes.push(format!("{name} {change}"));
        }
    }
    let verdicts = others
        .into_iter()
        .filter_map(|(_, metric)| Some(metric?.verdict));
    row.verdict = overall(time.verdict, verdicts);
    if row.verdict == Verdict::Regressed {
        row.severity = row
            .loss_percent(time.verdict)
            .and_then(|loss_percent| Severity::of(loss_percent, threshold_percent));
    }
}

/// One verdict for several numbers: what is lost outweighs what is not known, and that what is gained.
fn overall(time: Verdict, others: impl Iterator<Item = Verdict>) -> Verdict {
    let order = [
        Verdict::Invalid,
        Verdict::Regressed,
        Verdict::Inconclusive,
        Verdict::Improved,
    ];
    let all: Vec<Verdict> = others.chain([time]).collect();
    order
        .into_iter()
        .find(|verdict| all.contains(verdict))
        .unwrap_or(Verdict::Unchanged)
}

/// Throughput as a number of its own: where neither side's is its items over its duration.
fn throughput(baseline: &Entry, current: &Entry, threshold_percent: f64) -> Option<Metric> {
    if follows_from_duration(baseline) || follows_from_duration(current) {
        return None;
    }
    Metric::new(
        baseline.throughput?,
        current.throughput?,
        Better::More,
        threshold_percent,
    )
}

fn follows_from_duration(entry: &Entry) -> bool {
    match (entry.throughput, entry.duration_ms) {
        (Some(throughput), Some(duration_ms)) => {
            let items = throughput * 1e-3 * duration_ms;
            (items - entry.work.items as f64).abs() <= 1e-6 * items
        }
        _ => false,
    }
}

fn failure(entry: &Entry, side: &str) -> Option<String> {
    (entry.status == Status::Failed).then(|| {
        let reason = entry.error.as_deref().unwrap_or("no reason is recorded");
        format!("{side}: failed: {reason}")
    })
}

/// Takes back a judgement that rests on unequal conditions.
fn undecide(row: &mut Row, why: &str) {
    let judged = [
        Verdict::Improved,
        Verdict::Unchanged,
        Verdict::Regressed,
        Verdict::Inconclusive,
    ];
    if judged.contains(&row.verdict) {
        row.verdict = Verdict::Inconclusive;
        row.severity = None;
        row.interval = None;
        row.detectable_percent = None;
        row.notes.push(why.to_owned());
    }
}

fn warnings(baseline: &Record, current: &Record, rows: &[Row]) -> Vec<String> {
    let mut warnings = Vec::new();
    for (name, record) in [("baseline", baseline), ("current record", current)] {
        if record.metadata.quick {
            warnings.push(format!(
                "the {name} is quick: it can establish large changes only"
            ));
        }
        if let Some(reason) = &record.metadata.partial {
            warnings.push(format!("the {name} is partial: {reason}"));
        }
        let imported = match &record.metadata.imported_from {
            Some(tool) => format!(", imported from {tool},"),
            None => String::new(),
        };
        if record.environment.host.is_empty() {
            warnings.push(format!(
                "the {name}{imported} does not say on which host it was measured: it may be another"
            ));
        }
    }
    if is_imported(baseline) || is_imported(current) {
        warnings.extend(of_imports(baseline, current, rows));
    }
    warnings
}

/// What cannot be known of results of other tools.
fn of_imports(baseline: &Record, current: &Record, rows: &[Row]) -> Vec<String> {
    let mut warnings = Vec::new();
    let (old, new) = (&baseline.metadata, &current.metadata);
    if old.imported_from != new.imported_from {
        let tool = |from: &Option<String>| from.clone().unwrap_or("bench".into());
        warnings.push(format!(
            "the two sides were timed by different tools, each in its own way: {} against {}",
            tool(&old.imported_from),
            tool(&new.imported_from)
        ));
    }
    let by_threshold = rows.iter().filter(|row| {
        let judged = row.ratio.is_some() && row.verdict != Verdict::Inconclusive;
        judged && row.interval.is_none()
    });
    match by_threshold.count() {
        0 => {}
        count => warnings.push(format!(
            "{count} of {} benchmarks were judged by the threshold alone, for what launches differ by is unknown: `bench import FILES…` makes one record of several launches",
            rows.len()
        )),
    }
    warnings
}

fn side(record: &Record) -> Side {
    Side {
        file: String::new(),
        timestamp: Some(record.timestamp)
            .filter(|&timestamp| timestamp != jiff::Timestamp::UNIX_EPOCH),
        host: record.environment.host.clone(),
        cpu: record.environment.cpu.clone(),
        git_commit: record.environment.git_commit.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{Environment, Metadata, Work};

    const OPTIONS: Options = Options {
        policy: Policy {
            threshold_percent: 10.0,
            allow_missing: false,
        },
        allow_host_mismatch: false,
    };

    /// A benchmark of 8 items an iteration.
    fn entry(name: &str, duration_ms: f64, throughput: Option<f64>) -> Entry {
        Entry {
            name: name.into(),
            duration_ms: Some(duration_ms),
            throughput,
            work: Work {
                items: 8,
                ..Work::default()
            },
            ..Entry::default()
        }
    }

    fn record(benchmarks: Vec<Entry>) -> Record {
        Record {
            version: crate::record::VERSION.into(),
            timestamp: jiff::Timestamp::UNIX_EPOCH,
            environment: Environment::default(),
            benchmarks,
            metadata: Metadata::default(),
        }
    }

    #[test]
    fn throughput_is_judged_where_neither_side_follows_from_the_duration() {
        // Throughputs at 2 ms and whether that is judged: 8 items in 2 ms are 4000 a second.
        let table = [
            (Some(1000.0), Some(1000.0), true),
            (Some(4000.0), Some(1000.0), false),
            (Some(1000.0), Some(4000.0), false),
            (Some(4000.0), Some(4000.0), false),
            // Another program may round otherwise, by a millionth.
            (Some(1000.0), Some(4000.0 * (1.0 + 0.9e-6)), false),
            (Some(1000.0), Some(4000.0 * (1.0 - 0.9e-6)), false),
            (Some(1000.0), Some(4000.0 * (1.0 + 1.1e-6)), true),
            (Some(1000.0), Some(4000.0 * (1.0 - 1.1e-6)), true),
            (None, Some(1000.0), false),
            (Some(1000.0), None, false),
        ];
        for (old, new, judged) in table {
            let found = throughput(&entry("a", 2.0, old), &entry("a", 2.0, new), 10.0);
            assert_eq!(found.is_some(), judged, "{old:?} to {new:?}");
        }
    }

    #[test]
    fn sides_say_what_they_are_of() {
        let timestamp: jiff::Timestamp = "2026-11-25T01:45:30Z".parse().unwrap();
        let mut current = record(vec![]);
        current.timestamp = timestamp;
        current.environment.host = "0123".into();
        current.environment.cpu = "A CPU".into();
        current.environment.git_commit = Some("abc".into());
        let comparison = stored(&record(vec![]), &current, &OPTIONS);
        // The Unix epoch stands for a time that is unknown.
        assert_eq!(comparison.baseline, Some(Side::default()));
        let expected = Side {
            file: String::new(),
            timestamp: Some(timestamp),
            host: "0123".into(),
            cpu: "A CPU".into(),
            git_commit: Some("abc".into()),
        };
        assert_eq!(comparison.current, Some(expected));
    }

    #[test]
    fn what_was_judged_by_the_threshold_is_counted() {
        let mut baseline = record(vec![
            entry("same", 1.0, None),
            entry("threads", 1.0, None),
            entry("gone", 1.0, None),
        ]);
        baseline.benchmarks[1].threads = 1;
        let mut current = record(vec![
            entry("same", 1.0, None),
            entry("threads", 1.0, None),
            entry("new", 1.0, None),
        ]);
        current.benchmarks[1].threads = 2;
        let counted = |current: &Record| {
            let warnings = stored(&baseline, current, &OPTIONS).warnings;
            warnings.iter().any(|warning| {
                warning.starts_with("1 of 4 benchmarks were judged by the threshold alone")
            })
        };
        assert!(!counted(&current));
        current.metadata.imported_from = Some("criterion".into());
        assert!(counted(&current));
    }
}
