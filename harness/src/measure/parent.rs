//! The parent: launches processes round by round, each round in a new random order, and gathers what they measured.

use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use super::{Plan, Request};
use crate::child::{Child, Failure};
use crate::random::Random;
use crate::record::Process;
use crate::selection::Selected;

/// The verb of the command line under which [`serve`](super::serve) runs.
pub(crate) const VERB: &str = "measure-child";

/// How long a run goes on before it hands out what it has, which happens after every round besides.
const KEEP_EVERY: Duration = Duration::from_secs(10);

/// Why a benchmark without a process was not measured: nothing is known against it.
const NOT_REACHED: &str = "the run ended before it was measured";

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
    /// What there is so far, should this process be killed.
    Kept(&'a Outcome),
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
/// `earlier` is what another run, cut short, gathered for each of them: only the rest is measured. Empty: everything is.
///
/// A benchmark whose next process would pass its time limit is content with the processes that it has.
pub fn run(
    selected: &[Selected<'_>],
    options: &Options,
    earlier: Vec<Result<Vec<Process>, String>>,
    interrupted: &AtomicBool,
    observe: &mut dyn FnMut(Event<'_>),
) -> Outcome {
    let start = Instant::now();
    let mut rows: Vec<Row> = earlier.into_iter().map(Row::resume).collect();
    rows.resize_with(selected.len(), Row::default);
    let mut kept = Instant::now();
    let mut random = Random::new(options.seed, 1);
    let total = selected.len() * options.plan.processes as usize;
    let mut done = 0;
    let mut partial = None;
    'rounds: for round in 0..options.plan.processes {
        let mut order: Vec<usize> = (0..selected.len()).collect();
        random.shuffle(&mut order);
        for index in order {
            let (row, benchmark) = (&mut rows[index], selected[index].benchmark);
            let left = options.budget.saturating_sub(start.elapsed());
            if row.processes.len() > round as usize || row.is_over(options.timeout) {
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
            if kept.elapsed() >= KEEP_EVERY {
                observe(Event::Kept(&so_far(&rows, start)));
                kept = Instant::now();
            }
        }
        if round + 1 < options.plan.processes {
            observe(Event::Kept(&so_far(&rows, start)));
            kept = Instant::now();
        }
    }
    Outcome {
        measured: rows.into_iter().map(Row::finish).collect(),
        partial,
        elapsed: start.elapsed(),
    }
}

fn so_far(rows: &[Row], start: Instant) -> Outcome {
    Outcome {
        measured: rows.iter().cloned().map(Row::finish).collect(),
        partial: Some("the run was killed".into()),
        elapsed: start.elapsed(),
    }
}

/// What is known of a benchmark.
#[derive(Clone, Default)]
struct Row {
    processes: Vec<Process>,
    spent: Duration,
    failure: Option<String>,
}

impl Row {
    /// What another run gathered. Of the time it took, only that of its samples is known.
    fn resume(earlier: Result<Vec<Process>, String>) -> Self {
        match earlier {
            Ok(processes) => Row {
                spent: processes.iter().map(sampled).sum(),
                processes,
                failure: None,
            },
            Err(why) => Row {
                failure: Some(why).filter(|why| why != NOT_REACHED),
                ..Row::default()
            },
        }
    }

    /// Whether it failed, or another process like those before would pass `timeout`.
    fn is_over(&self, timeout: Duration) -> bool {
        let count = self.processes.len() as u32;
        self.failure.is_some() || (count > 0 && self.spent + self.spent / count > timeout)
    }

    fn finish(self) -> Result<Vec<Process>, String> {
        match self.failure {
            Some(why) => Err(why),
            None if self.processes.is_empty() => Err(NOT_REACHED.into()),
            None => Ok(self.processes),
        }
    }
}

/// How long the samples of a process took together.
fn sampled(process: &Process) -> Duration {
    let ns: f64 = process.samples_ns.iter().sum();
    let seconds = ns * process.iterations_per_sample as f64 / 1e9;
    Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX)
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

/// Measures one benchmark once, in a process that `command` leads to: this program under another, such as a profiler. Its result is
/// not held against the reference.
///
/// # Errors
/// As of any child.
pub fn once(
    benchmark: &str,
    options: &Options,
    mut command: Command,
    interrupted: &AtomicBool,
) -> Result<Process, Failure> {
    command.arg(VERB);
    let child = Child::start_as(command, &request(benchmark, options, false))?;
    answer(child, Instant::now() + options.timeout, interrupted)
}

fn measure_once(
    request: &Request,
    deadline: Instant,
    interrupted: &AtomicBool,
) -> Result<Process, Failure> {
    let child = Child::start(VERB, request, |_| {})?;
    answer(child, deadline, interrupted)
}

/// The one answer of a child.
fn answer(
    mut child: Child,
    deadline: Instant,
    interrupted: &AtomicBool,
) -> Result<Process, Failure> {
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
    fn what_another_run_gathered() {
        let process = Process {
            samples_ns: vec![2e6, 3e6],
            iterations_per_sample: 100,
            ..Process::default()
        };
        let table = [
            (Ok(vec![process.clone(), process]), 2, 1000, None),
            (Err(NOT_REACHED.to_owned()), 0, 0, None),
            (Err("timed out".to_owned()), 0, 0, Some("timed out")),
        ];
        for (earlier, processes, spent_ms, failure) in table {
            let told = format!("{earlier:?}");
            let row = Row::resume(earlier);
            assert_eq!(row.processes.len(), processes, "{told}");
            assert_eq!(row.spent, Duration::from_millis(spent_ms), "{told}");
            assert_eq!(row.failure.as_deref(), failure, "{told}");
        }
    }

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
