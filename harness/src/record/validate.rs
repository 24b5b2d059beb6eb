//! What a record must hold beyond its types: names that tell benchmarks apart, a summary that follows from the samples.

use std::collections::HashSet;

use super::{Derived, Entry, Record, Selection, Selector, Status, Summary};

/// One step into a JSON document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// A field of an object.
    Key(String),
    /// An element of a list.
    Index(usize),
}

/// What is wrong, and where.
#[derive(Debug)]
pub(super) struct Problem {
    pub(super) path: Vec<Step>,
    pub(super) message: String,
}

impl Problem {
    fn new(message: impl Into<String>) -> Self {
        Problem {
            path: Vec::new(),
            message: message.into(),
        }
    }

    /// The same problem, seen from the object around it.
    fn under(mut self, step: Step) -> Self {
        self.path.insert(0, step);
        self
    }

    fn field(self, name: &str) -> Self {
        self.under(Step::Key(name.into()))
    }
}

/// A path as people write it: `benchmarks[3].name`.
pub(super) fn field(path: &[Step]) -> String {
    let mut field = String::new();
    for step in path {
        match step {
            Step::Key(key) if field.is_empty() => field.push_str(key),
            Step::Key(key) => field.extend([".", key]),
            Step::Index(index) => field.push_str(&format!("[{index}]")),
        }
    }
    field
}

/// Finds the first problem of a record.
pub(super) fn record(record: &Record) -> Result<(), Problem> {
    selection(&record.metadata.selection)
        .map_err(|problem| problem.field("selection").field("metadata"))?;
    let mut names = HashSet::with_capacity(record.benchmarks.len());
    for (index, benchmark) in record.benchmarks.iter().enumerate() {
        name(&benchmark.name, &mut names)
            .and_then(|()| entry(benchmark))
            .map_err(|problem| problem.under(Step::Index(index)).field("benchmarks"))?;
    }
    Ok(())
}

fn selection(selection: &Selection) -> Result<(), Problem> {
    match Selector::new(selection) {
        Ok(_) => Ok(()),
        Err(error) => Err(Problem::new(error.to_string()).field(error.field())),
    }
}

fn name<'a>(name: &'a str, names: &mut HashSet<&'a str>) -> Result<(), Problem> {
    let message = if name.trim().is_empty() {
        "a benchmark needs a name".to_owned()
    } else if !names.insert(name) {
        format!("{name:?} is the name of an earlier benchmark too")
    } else {
        return Ok(());
    };
    Err(Problem::new(message).field("name"))
}

fn entry(entry: &Entry) -> Result<(), Problem> {
    match (entry.status, entry.duration_ms) {
        (Status::Ok, None) => {
            let message = "a benchmark that did not fail needs one, a number";
            Err(Problem::new(message).field("duration_ms"))
        }
        (Status::Ok, Some(duration_ms)) => derived(entry, duration_ms),
        (Status::Failed, _) => Ok(()),
    }
}

/// Holds what is stored against what the samples give, where there are samples.
///
/// `gflops` and `gbps` are left out: they are for reading, nothing is judged by them.
fn derived(entry: &Entry, duration_ms: f64) -> Result<(), Problem> {
    let Some(derived) = Derived::from_processes(&entry.processes, &entry.work) else {
        return Ok(());
    };
    same(duration_ms, derived.duration_ms, "duration_ms")?;
    if let (Some(stored), Some(expected)) = (entry.throughput, derived.throughput) {
        // Durations may differ by the rounding of a sample; so may their rate.
        let allowance = RELATIVE + ROUNDING_MS / derived.duration_ms;
        if (stored / expected - 1.0).abs() > allowance {
            return Err(mismatch(stored, expected, "throughput"));
        }
    }
    match &entry.summary {
        Some(stored) => {
            summary(stored, &derived.summary).map_err(|problem| problem.field("summary"))
        }
        None => Ok(()),
    }
}

fn summary(stored: &Summary, expected: &Summary) -> Result<(), Problem> {
    let pairs = [
        (stored.mean_ms, expected.mean_ms, "mean_ms"),
        (stored.median_ms, expected.median_ms, "median_ms"),
        (stored.min_ms, expected.min_ms, "min_ms"),
        (stored.max_ms, expected.max_ms, "max_ms"),
        (stored.p05_ms, expected.p05_ms, "p05_ms"),
        (stored.p25_ms, expected.p25_ms, "p25_ms"),
        (stored.p75_ms, expected.p75_ms, "p75_ms"),
        (stored.p95_ms, expected.p95_ms, "p95_ms"),
        (stored.p99_ms, expected.p99_ms, "p99_ms"),
    ];
    for (stored, expected, name) in pairs {
        same(stored, expected, name)?;
    }
    // A spread is a difference of near numbers: rounded samples move it by more than they move a time.
    let allowance = 100.0 * (RELATIVE + 4.0 * ROUNDING_MS / expected.min_ms.max(ROUNDING_MS));
    if (stored.spread_percent - expected.spread_percent).abs()
        > allowance.max(RELATIVE * expected.spread_percent)
    {
        return Err(mismatch(
            stored.spread_percent,
            expected.spread_percent,
            "spread_percent",
        ));
    }
    if stored.noisy != expected.noisy && (expected.spread_percent - 5.0).abs() > allowance {
        let message = format!(
            "the samples say {}: the file was changed by hand or is damaged",
            expected.noisy
        );
        return Err(Problem::new(message).field("noisy"));
    }
    Ok(())
}

/// How far a stored number may be from the computed one, as a share: another program may add up in another order.
const RELATIVE: f64 = 1e-6;
/// What the rounding of samples to 0.001 ns can change.
const ROUNDING_MS: f64 = 1e-9;

fn same(stored_ms: f64, expected_ms: f64, name: &str) -> Result<(), Problem> {
    if (stored_ms - expected_ms).abs() <= ROUNDING_MS + RELATIVE * expected_ms.abs() {
        Ok(())
    } else {
        Err(mismatch(stored_ms, expected_ms, name))
    }
}

fn mismatch(stored: f64, expected: f64, name: &str) -> Problem {
    let message = format!(
        "{stored} is stored, but the samples give {expected}: the file was changed by hand or is damaged; measure again"
    );
    Problem::new(message).field(name)
}
