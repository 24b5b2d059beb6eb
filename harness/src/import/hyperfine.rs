//! hyperfine's `--export-json`: seconds, and each time is a launch of its own.

use serde::Deserialize;

use super::kind::Kind;
use super::{entry, field, median_alone, name, ns, process, record};
use crate::record::{Entry, Environment, Error, Record, Source, Step};

#[derive(Deserialize)]
struct File {
    results: Vec<Outcome>,
}

#[derive(Deserialize)]
struct Outcome {
    command: String,
    median: Option<f64>,
    #[serde(default)]
    times: Vec<f64>,
    /// One for each time; null where a signal ended it.
    #[serde(default)]
    exit_codes: Vec<Option<i32>>,
}

pub(super) fn read(source: &Source<'_>) -> Result<Record, Error> {
    let file: File = source.read()?;
    let outcomes = file.results.into_iter().enumerate();
    let benchmarks = outcomes.map(|(index, outcome)| benchmark(source, index, outcome));
    let benchmarks = benchmarks.collect::<Result<_, _>>()?;
    Ok(record(
        Kind::Hyperfine,
        None,
        Environment::default(),
        benchmarks,
    ))
}

fn benchmark(source: &Source<'_>, index: usize, outcome: Outcome) -> Result<Entry, Error> {
    let place = |name: &str| vec![field("results"), Step::Index(index), field(name)];
    let name = name(source, outcome.command, || place("command"))?;
    if outcome.times.is_empty() {
        let Some(median) = outcome.median else {
            return Err(source.wrong(place("times"), "neither times nor a median, a number"));
        };
        let ns = ns(source, median, 1e9, || place("median"))?;
        return Ok(median_alone(Kind::Hyperfine, name, ns));
    }
    let times = outcome.times.iter().enumerate();
    let processes = times.map(|(number, &seconds)| {
        let place = || [place("times"), vec![Step::Index(number)]].concat();
        Ok(process(vec![ns(source, seconds, 1e9, place)?], 1))
    });
    let processes = processes.collect::<Result<_, Error>>()?;
    let mut entry = entry(Kind::Hyperfine, name);
    entry.set_processes(processes);
    // With --ignore-failure it goes on: a time, but of what?
    let failures = outcome.exit_codes.iter().filter(|&&code| code != Some(0));
    match failures.count() {
        0 => {}
        count => entry.description += &format!("; {count} launches did not exit with 0"),
    }
    Ok(entry)
}
