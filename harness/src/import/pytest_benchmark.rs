//! pytest-benchmark's `--benchmark-json` and `--benchmark-save`: seconds an iteration; rounds are samples of one process.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::kind::Kind;
use super::{entry, field, median_alone, name, ns, process, record};
use crate::record::{Entry, Environment, Error, Record, Source, Step};

#[derive(Deserialize)]
struct File {
    #[serde(default)]
    machine_info: Map<String, Value>,
    #[serde(default)]
    commit_info: Map<String, Value>,
    #[serde(default)]
    datetime: String,
    benchmarks: Vec<Benchmark>,
}

#[derive(Deserialize)]
struct Benchmark {
    name: String,
    #[serde(default)]
    fullname: String,
    stats: Stats,
}

#[derive(Deserialize)]
struct Stats {
    median: Option<f64>,
    /// Absent where the file was saved without `--benchmark-save-data`.
    #[serde(default)]
    data: Vec<f64>,
    #[serde(default)]
    iterations: u64,
}

pub(super) fn read(source: &Source<'_>) -> Result<Record, Error> {
    let file: File = source.read()?;
    let benchmarks = file.benchmarks.into_iter().enumerate();
    let benchmarks = benchmarks.map(|(index, benchmark)| read_one(source, index, benchmark));
    let benchmarks = benchmarks.collect::<Result<_, _>>()?;
    Ok(record(
        Kind::PytestBenchmark,
        timestamp(&file.datetime),
        environment(&file.machine_info, &file.commit_info),
        benchmarks,
    ))
}

fn read_one(source: &Source<'_>, index: usize, benchmark: Benchmark) -> Result<Entry, Error> {
    let place = |steps: &[Step]| [&[field("benchmarks"), Step::Index(index)], steps].concat();
    // The name alone may be that of a test in another file.
    let (text, which) = match benchmark.fullname.trim() {
        "" => (benchmark.name, "name"),
        _ => (benchmark.fullname, "fullname"),
    };
    let name = name(source, text, || place(&[field(which)]))?;
    let stats = benchmark.stats;
    if stats.data.is_empty() {
        let steps = [field("stats"), field("median")];
        let Some(median) = stats.median else {
            return Err(source.wrong(place(&steps), "neither data nor a median, a number"));
        };
        let ns = ns(source, median, 1e9, || place(&steps))?;
        return Ok(median_alone(Kind::PytestBenchmark, name, ns));
    }
    let samples = stats.data.iter().enumerate().map(|(number, &seconds)| {
        let steps = [field("stats"), field("data"), Step::Index(number)];
        ns(source, seconds, 1e9, || place(&steps))
    });
    let samples = samples.collect::<Result<_, _>>()?;
    let mut entry = entry(Kind::PytestBenchmark, name);
    entry.set_processes(vec![process(samples, stats.iterations)]);
    Ok(entry)
}

/// What the file says of machine and commit; whatever it lacks stays empty.
fn environment(machine: &Map<String, Value>, commit: &Map<String, Value>) -> Environment {
    let text = |map: &Map<String, Value>, key: &str| -> String {
        let text = map.get(key).and_then(Value::as_str);
        text.unwrap_or_default().into()
    };
    let none = Map::new();
    let cpu = machine.get("cpu").and_then(Value::as_object);
    let cpu = cpu.unwrap_or(&none);
    let count = cpu.get("count").and_then(Value::as_u64).unwrap_or(0);
    // Outside of a repository it is a word.
    let is_hash = |id: &String| id.len() >= 7 && id.chars().all(|digit| digit.is_ascii_hexdigit());
    let git_commit = Some(text(commit, "id")).filter(is_hash);
    Environment {
        os: format!("{} {}", text(machine, "system"), text(machine, "release"))
            .trim()
            .into(),
        cpu: text(cpu, "brand_raw"),
        git_dirty: git_commit
            .as_ref()
            .and_then(|_| commit.get("dirty")?.as_bool()),
        git_commit,
        logical_cpus: u32::try_from(count).unwrap_or(0),
        ..Environment::default()
    }
}

/// A time without a zone is UTC.
fn timestamp(text: &str) -> Option<jiff::Timestamp> {
    text.parse().or_else(|_| format!("{text}Z").parse()).ok()
}
