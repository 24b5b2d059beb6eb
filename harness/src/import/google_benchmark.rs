//! Google Benchmark's `--benchmark_out_format=json`: real time in the unit of each row; repetitions are samples of one process.
//!
//! Of rows about repetitions only the median is read, and only where the repetitions themselves are not in the file. Rates
//! are left out: they are over CPU time.

use std::collections::HashMap;

use serde::Deserialize;

use super::kind::Kind;
use super::{entry, field, median_alone, name, ns, process, record};
use crate::record::{Entry, Environment, Error, Record, Source, Status, Step};

#[derive(Deserialize)]
struct File {
    #[serde(default)]
    context: Context,
    benchmarks: Vec<Row>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Context {
    date: String,
    num_cpus: u32,
}

#[derive(Deserialize)]
struct Row {
    name: String,
    run_name: Option<String>,
    run_type: Option<String>,
    /// Tells benchmarks of one name apart; absent in older files.
    #[serde(default)]
    family_index: u64,
    aggregate_name: Option<String>,
    #[serde(default)]
    threads: u32,
    #[serde(default)]
    iterations: u64,
    /// Absent where a row is about complexity.
    real_time: Option<f64>,
    #[serde(default)]
    time_unit: String,
    #[serde(default)]
    error_occurred: bool,
    #[serde(default)]
    error_message: String,
    /// With a message that is no error.
    #[serde(default)]
    skipped: bool,
}

/// What the rows of one benchmark say.
#[derive(Default)]
struct Group {
    name: String,
    threads: u32,
    samples_ns: Vec<f64>,
    iterations: u64,
    median_ns: Option<f64>,
    error: Option<String>,
}

pub(super) fn read(source: &Source<'_>) -> Result<Record, Error> {
    let file: File = source.read()?;
    let mut groups: Vec<Group> = Vec::new();
    let mut known: HashMap<(String, u64), usize> = HashMap::new();
    for (index, row) in file.benchmarks.into_iter().enumerate() {
        let place = |name: &str| vec![field("benchmarks"), Step::Index(index), field(name)];
        let about_complexity = matches!(row.aggregate_name.as_deref(), Some("BigO" | "RMS"));
        if row.skipped || about_complexity {
            continue;
        }
        let text = row.run_name.clone().unwrap_or_else(|| row.name.clone());
        let name = name(source, text, || place("run_name"))?;
        let key = (name.clone(), row.family_index);
        let group = *known.entry(key).or_insert_with(|| {
            groups.push(Group {
                name,
                threads: row.threads,
                ..Group::default()
            });
            groups.len() - 1
        });
        groups[group].add(source, row, place)?;
    }
    let environment = Environment {
        logical_cpus: file.context.num_cpus,
        ..Environment::default()
    };
    Ok(record(
        Kind::GoogleBenchmark,
        file.context.date.parse().ok(),
        environment,
        groups.into_iter().map(Group::finish).collect(),
    ))
}

impl Group {
    fn add(
        &mut self,
        source: &Source<'_>,
        row: Row,
        place: impl Fn(&str) -> Vec<Step>,
    ) -> Result<(), Error> {
        let is_aggregate = match row.run_type.as_deref() {
            Some("iteration") => false,
            Some("aggregate") => true,
            _ => {
                let message = "\"iteration\" or \"aggregate\" must stand here: measure with Google Benchmark 1.5 or later";
                return Err(source.wrong(place("run_type"), message));
            }
        };
        if row.error_occurred {
            self.error = Some(row.error_message);
            return Ok(());
        }
        if is_aggregate && row.aggregate_name.as_deref() != Some("median") {
            return Ok(());
        }
        let unit_ns = match row.time_unit.as_str() {
            "ns" => 1.0,
            "us" => 1e3,
            "ms" => 1e6,
            "s" => 1e9,
            other => {
                let message = format!("{other:?} is no unit of time: it is ns, us, ms or s");
                return Err(source.wrong(place("time_unit"), message));
            }
        };
        let Some(real_time) = row.real_time else {
            return Err(source.wrong(place("real_time"), "a number must stand here"));
        };
        let ns = ns(source, real_time, unit_ns, || place("real_time"))?;
        if is_aggregate {
            self.median_ns = Some(ns);
        } else {
            self.samples_ns.push(ns);
            // One number for all repetitions.
            self.iterations = row.iterations;
        }
        Ok(())
    }

    fn finish(self) -> Entry {
        let failed = |name, why| Entry {
            status: Status::Failed,
            error: Some(why),
            ..entry(Kind::GoogleBenchmark, name)
        };
        let mut benchmark = match (self.error, self.median_ns) {
            (Some(why), _) => failed(self.name, why),
            (None, _) if !self.samples_ns.is_empty() => {
                let mut entry = entry(Kind::GoogleBenchmark, self.name);
                entry.set_processes(vec![process(self.samples_ns, self.iterations)]);
                entry
            }
            (None, Some(ns)) => median_alone(Kind::GoogleBenchmark, self.name, ns),
            (None, None) => failed(
                self.name,
                "the file has neither its repetitions nor their median".into(),
            ),
        };
        benchmark.threads = self.threads;
        benchmark
    }
}
