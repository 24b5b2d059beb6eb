//! What a record must hold beyond its types: names that tell benchmarks apart, a summary that follows from the samples.

use std::collections::HashSet;

use super::derived::NOISY_PERCENT;
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
        near(stored, expected, allowance * expected, "throughput")?;
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
    near(
        stored.spread_percent,
        expected.spread_percent,
        allowance.max(RELATIVE * expected.spread_percent),
        "spread_percent",
    )?;
    let either = (expected.spread_percent - NOISY_PERCENT).abs() <= allowance;
    if stored.noisy != expected.noisy && !either {
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
    let allowance_ms = ROUNDING_MS + RELATIVE * expected_ms.abs();
    near(stored_ms, expected_ms, allowance_ms, name)
}

fn near(stored: f64, expected: f64, allowance: f64, name: &str) -> Result<(), Problem> {
    if (stored - expected).abs() <= allowance {
        return Ok(());
    }
    let message = format!(
        "{stored} is stored, but the samples give {expected}: the file was changed by hand or is damaged; measure again"
    );
    Err(Problem::new(message).field(name))
}

#[cfg(test)]
mod tests {
    use super::super::{Process, Work};
    use super::*;

    /// A benchmark of so many processes, each with one sample.
    fn entry_of(samples_ns: &[f64]) -> Entry {
        let process = |&sample_ns: &f64| Process {
            samples_ns: vec![sample_ns],
            ..Process::default()
        };
        let mut entry = Entry {
            work: Work {
                items: 8,
                ..Work::default()
            },
            ..Entry::default()
        };
        entry.set_processes(samples_ns.iter().map(process).collect());
        entry
    }

    /// Whether a benchmark is accepted after a change.
    fn accepted(mut entry: Entry, change: impl Fn(&mut Entry)) -> bool {
        change(&mut entry);
        super::entry(&entry).is_ok()
    }

    #[test]
    fn what_is_stored_may_differ_by_rounding() {
        let (slow, fast, spread) = (&[1e6, 1e6], &[1.0, 1.0], &[1e6, 11e6]);
        type Change = fn(&mut Entry, f64);
        let duration: Change = |entry, delta| *entry.duration_ms.as_mut().unwrap() += delta;
        let rate: Change = |entry, share| *entry.throughput.as_mut().unwrap() *= 1.0 + share;
        let mean: Change = |entry, delta| entry.summary.as_mut().unwrap().mean_ms += delta;
        let percent: Change =
            |entry, delta| entry.summary.as_mut().unwrap().spread_percent += delta;
        // What is changed, the samples, and a change either way that is just accepted and one that just isn't.
        let table: [(&str, Change, &[f64], f64, f64); 9] = [
            ("duration", duration, slow, 1.0005e-6, 1.002e-6),
            ("duration", duration, fast, 1.0005e-9, 1.002e-9),
            ("throughput", rate, slow, 1.0005e-6, 1.002e-6),
            ("throughput", rate, fast, 1.0005e-3, 1.002e-3),
            ("mean", mean, slow, 1.0005e-6, 1.002e-6),
            ("mean", mean, fast, 1.0005e-9, 1.002e-9),
            ("spread", percent, slow, 1.003e-4, 1.005e-4),
            ("spread", percent, fast, 0.40005, 0.4002),
            // 1000 %.
            ("spread", percent, spread, 0.99e-3, 1.01e-3),
        ];
        for (what, change, samples_ns, little, much) in table {
            for sign in [-1.0, 1.0] {
                let by = |delta: f64| {
                    accepted(entry_of(samples_ns), |entry| change(entry, sign * delta))
                };
                assert!(by(little), "{what} of {samples_ns:?} by {little}");
                assert!(!by(much), "{what} of {samples_ns:?} by {much}");
            }
        }
    }

    #[test]
    fn at_the_limit_of_noise_either_word_will_do() {
        let table = [
            (1.04, false),
            (1.049_998, false),
            (1.049_999_5, true),
            (1.050_000_5, true),
            (1.050_002, false),
            (1.06, false),
        ];
        for (slower, either) in table {
            let entry = entry_of(&[1e6, 1e6 * slower]);
            let turned = |entry: &mut Entry| {
                let summary = entry.summary.as_mut().unwrap();
                summary.noisy = !summary.noisy;
            };
            assert!(accepted(entry.clone(), |_| ()), "{slower}");
            assert_eq!(accepted(entry, turned), either, "{slower}");
        }
    }

    #[test]
    fn paths_as_people_write_them() {
        let key = |key: &str| Step::Key(key.into());
        let table = [
            (vec![], ""),
            (vec![key("a")], "a"),
            (vec![key("a"), key("b")], "a.b"),
            (vec![key("a"), Step::Index(3), key("b")], "a[3].b"),
            (vec![Step::Index(0), Step::Index(1)], "[0][1]"),
        ];
        for (path, expected) in table {
            assert_eq!(field(&path), expected);
        }
    }
}
