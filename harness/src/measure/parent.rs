//! The parent: launches processes round by round, each round in a new random order, and gathers what they measured.

use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use super::{Plan, Request};
use crate::child::{Child, Failure};
use crate::random::Random;
use crate::record::Process;
use crate::selection::Selected;

/// The verb of the command line under which [`serve`](super::serve) runs.
pub(crate) const VERB: &str = "measure-child";

/// How to run.
#[derive(Clone, Debug)]
pub struct Options {
    /// Shared objects, or none for the linked suites.
    pub libraries: Vec<PathBuf>,
    /// How long and how often.
    pub plan: Plan,
    /// Seeds buffers and orders.
    pub seed: u64,
    /// The CPU to pin to; none where pinning is not possible.
    pub cpu: Option<u32>,
    /// The CPUs that may be used at all.
    pub allowed: Vec<u32>,
    /// The CPUs of a suite's pool, the first of them `cpu`.
    pub pool: Vec<u32>,
    /// For all benchmarks together.
    pub budget: Duration,
    /// For all processes of a benchmark together.
    pub timeout: Duration,
}

/// What was gathered for each selected benchmark, in order, and why it is not all that was asked for.
#[derive(Debug)]
pub struct Outcome {
    /// The processes of each benchmark, or why it failed.
    pub measured: Vec<Result<Vec<Process>, String>>,
    /// Why the run stopped early.
    pub partial: Option<String>,
    /// How long it took.
    pub elapsed: Duration,
}

/// What happens in a run, told between two processes, never while one measures.
#[derive(Clone, Copy, Debug)]
pub enum Event<'a> {
    /// Process `done` (counted from 0) of `total` is about to measure `benchmark`.
    Starting {
        /// The benchmark's name.
        benchmark: &'a str,
        /// Processes that have ended.
        done: usize,
        /// Processes in all.
        total: usize,
    },
    /// A benchmark failed.
    Failed {
        /// The benchmark's name.
        benchmark: &'a str,
        /// The reason.
        why: &'a str,
    },
}

/// Measures `selected`, until done, `interrupted` or out of budget.
///
/// A benchmark whose next process would pass its time limit is content with the processes that it has.
pub fn run(
    selected: &[Selected<'_>],
    options: &Options,
    interrupted: &AtomicBool,
    observe: &mut dyn FnMut(Event<'_>),
) -> Outcome {
    let start = Instant::now();
    let mut rows: Vec<Row> = selected.iter().map(|_| Row::default()).collect();
    let mut random = Random::new(options.seed, 1);
    let total = selected.len() * options.plan.processes as usize;
    let mut done = 0;
    let mut partial = None;
    'rounds: for _ in 0..options.plan.processes {
        let mut order: Vec<usize> = (0..selected.len()).collect();
        random.shuffle(&mut order);
        for index in order {
            let (row, benchmark) = (&mut rows[index], selected[index].benchmark);
            let left = options.budget.saturating_sub(start.elapsed());
            if row.is_over(options.timeout) {
                done += 1;
                continue;
            }
            if left.is_zero() {
                partial = Some(format!("the budget of {:.0?} was used up", options.budget));
                break 'rounds;
            }
            observe(Event::Starting {
                benchmark: &benchmark.name,
                done,
                total,
            });
            let request = request(&benchmark.name, options, row.processes.is_empty());
            let limit = options.timeout.saturating_sub(row.spent).min(left);
            let started = Instant::now();
            let answer = measure_once(&request, started + limit, interrupted);
            row.spent += started.elapsed();
            done += 1;
            match answer {
                Ok(process) => row.processes.push(process),
                Err(Failure::Interrupted) => {
                    partial = Some("interrupted".into());
                    break 'rounds;
                }
                Err(Failure::TimedOut(_)) if limit == left && limit < options.timeout => {
                    partial = Some(format!("the budget of {:.0?} was used up", options.budget));
                    break 'rounds;
                }
                Err(failure) => {
                    let why = failure.to_string();
                    observe(Event::Failed {
                        benchmark: &benchmark.name,
                        why: &why,
                    });
                    row.failure = Some(why);
                }
            }
        }
    }
    Outcome {
        measured: rows.into_iter().map(Row::finish).collect(),
        partial,
        elapsed: start.elapsed(),
    }
}

/// What is known of a benchmark.
#[derive(Default)]
struct Row {
    processes: Vec<Process>,
    spent: Duration,
    failure: Option<String>,
}

impl Row {
    /// Whether it failed, or another process like those before would pass `timeout`.
    fn is_over(&self, timeout: Duration) -> bool {
        let count = self.processes.len() as u32;
        self.failure.is_some() || (count > 0 && self.spent + self.spent / count > timeout)
    }

    fn finish(self) -> Result<Vec<Process>, String> {
        match self.failure {
            Some(why) => Err(why),
            None if self.processes.is_empty() => Err("the run ended before it was measured".into()),
            None => Ok(self.processes),
        }
    }
}

fn request(benchmark: &str, options: &Options, first: bool) -> Request {
    Request {
        libraries: options.libraries.clone(),
        benchmark: benchmark.to_owned(),
        seed: options.seed,
        cpu: options.cpu,
        allowed: options.allowed.clone(),
        pool: options.pool.clone(),
        plan: options.plan,
        verify: first,
    }
}

fn measure_once(
    request: &Request,
    deadline: Instant,
    interrupted: &AtomicBool,
) -> Result<Process, Failure> {
    let mut child = Child::start(VERB, request, |_| {})?;
    let process: Option<Process> = child.next(deadline, interrupted)?;
    let process = process.ok_or_else(|| Failure::Died("ended without an answer".into()))?;
    // A crash on the way out is a fault of the benchmark too.
    match child.next::<Process>(deadline, interrupted)? {
        None => Ok(process),
        Some(_) => Err(Failure::Garbage("two answers to one request".into())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slow_benchmark_is_content_with_fewer_processes() {
        let second = Duration::from_secs(1);
        let table = [
            (0, 0, None, false),
            (1, 20, None, false),
            (2, 40, None, false),
            (2, 41, None, true),
            (1, 31, None, true),
            (0, 0, Some("broken"), true),
        ];
        for (processes, spent, failure, over) in table {
            let row = Row {
                processes: vec![Process::default(); processes],
                spent: spent * second,
                failure: failure.map(Into::into),
            };
            assert_eq!(
                row.is_over(60 * second),
                over,
                "{processes} {spent} {failure:?}"
            );
        }
    }
}
