//! A candidate on one case: set up, checked, and timed.

use abi::Buffer;
use harness::buffers::Buffers;
use harness::clock::time_ns;
use harness::library::{Benchmark, Library, State};
use peers::peer::of_others;
use peers::request::{Case, Type};

use super::python::{Package, Python};
use super::{Failure, Measured, Plan};

/// The name of the suite that is the ceiling, and how the names of its candidates begin.
pub const CEILING: &str = "ceiling";

/// A sample takes about this long, or one iteration: far above the clock's resolution, short enough for many rounds.
const SAMPLE_NS: f64 = 2e6;

/// Iterations that are not timed, before each sample, last about this long, or one iteration: caches and predictors are as in a loop of calls.
pub const WARM_UP_NS: f64 = 2e5;

/// The same where the process was stopped, whose threads take long to run side by side again: a product of 100² in f64 on two took 9.7 µs after
/// 0.2 ms, 9.1 after 2 and 8.5 after 10, as in an endless loop.
pub const WARM_UP_STOPPED_NS: f64 = 1e7;

/// One way to compute a case.
pub struct Candidate<'a> {
    name: String,
    engine: Engine<'a>,
    flops: u64,
    bytes: u64,
    tolerance: f64,
    iteration_ns: f64,
    samples_ns: Vec<f64>,
    /// Why it is not measured.
    pub failure: Option<Failure>,
}

/// Who computes.
enum Engine<'a> {
    Library(&'a Benchmark, Option<State<'a>>),
    Python(Package, Option<Python>),
}

/// The candidates for `case` that `plan` wants, the ceilings first.
pub fn candidates<'a>(plan: &Plan, case: &Case, libraries: &'a [Library]) -> Vec<Candidate<'a>> {
    let wanted = |name: &str| plan.only.is_empty() || plan.only.iter().any(|only| only == name);
    let mut candidates = Vec::new();
    for suite in libraries.iter().flat_map(|library| &library.suites) {
        let ending = case.benchmark_name("");
        let fitting = suite.benchmarks.iter().filter_map(|benchmark| {
            let name = benchmark.name.strip_suffix(&ending)?;
            Some(Candidate::new(name, benchmark))
        });
        if suite.name == CEILING || wanted(&suite.name) {
            candidates.extend(fitting);
        }
    }
    let packages = Package::ALL
        .into_iter()
        .filter(|package| package.does(case.op) && wanted(package.name()));
    candidates.extend(packages.map(|package| Candidate::python(package, case)));
    candidates
}

impl<'a> Candidate<'a> {
    fn new(name: &str, benchmark: &'a Benchmark) -> Self {
        Candidate {
            name: name.to_owned(),
            engine: Engine::Library(benchmark, None),
            flops: benchmark.work.flops,
            bytes: benchmark.work.bytes_read + benchmark.work.bytes_written,
            tolerance: benchmark.tolerance,
            iteration_ns: 0.0,
            samples_ns: Vec::new(),
            failure: None,
        }
    }

    fn python(package: Package, case: &Case) -> Self {
        let benchmark = match case.dtype {
            Type::F32 => of_others::<f32>("", case),
            Type::F64 => of_others::<f64>("", case),
        };
        Candidate {
            name: package.name().into(),
            engine: Engine::Python(package, None),
            flops: benchmark.work.flops,
            bytes: benchmark.work.bytes_read + benchmark.work.bytes_written,
            tolerance: benchmark.tolerance,
            iteration_ns: 0.0,
            samples_ns: Vec::new(),
            failure: None,
        }
    }

    /// Its name, unique in its case.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether it has a pool, which is pinned.
    pub fn is_parallel(&self) -> bool {
        matches!(self.engine, Engine::Library(benchmark, _) if benchmark.parallel)
    }

    /// The buffers that it declares.
    pub fn declared(&self) -> Option<Vec<Buffer>> {
        match self.engine {
            Engine::Library(benchmark, _) => Some(benchmark.buffers.clone()),
            Engine::Python(..) => None,
        }
    }

    /// Sets it up, checks one iteration in the first process, and learns how long an iteration takes.
    pub fn prepare(
        &mut self,
        plan: &Plan,
        case: &Case,
        buffers: &mut Buffers,
        expected: &mut Option<Vec<Vec<f64>>>,
    ) -> Result<(), Failure> {
        let absent = |error: &dyn std::fmt::Display| Failure::Absent(error.to_string());
        match &mut self.engine {
            Engine::Library(benchmark, state) => {
                let set_up = benchmark.setup(plan.seed);
                let set_up = state.insert(set_up.map_err(|error| absent(&error.message))?);
                // What others left in in-out buffers too.
                set_up
                    .fill(buffers)
                    .map_err(|error| absent(&error.message))?;
                if expected.is_none() && plan.process == 0 {
                    *expected = set_up.reference(buffers).ok();
                }
            }
            Engine::Python(package, python) => {
                // What others left in in-out buffers too; those that a benchmark fills itself are only read.
                buffers.fill(plan.seed);
                let started = Python::start(*package, case, buffers);
                *python = Some(started.map_err(|error| absent(&error))?);
            }
        }
        buffers.spoil_outputs();
        self.iteration_ns = self.time(buffers, 1).map_err(Failure::Absent)?;
        if plan.process == 0 {
            self.check(buffers, expected)?;
        }
        for _ in 0..3 {
            let ns = self.time(buffers, 1).map_err(Failure::Absent)?;
            self.iteration_ns = ns.min(self.iteration_ns);
        }
        Ok(())
    }

    fn check(
        &mut self,
        buffers: &mut Buffers,
        expected: &Option<Vec<Vec<f64>>>,
    ) -> Result<(), Failure> {
        if let Engine::Python(_, Some(python)) = &mut self.engine {
            python
                .result(buffers)
                .map_err(|error| Failure::Absent(error.to_string()))?;
        }
        if self.name.starts_with(CEILING) {
            return Ok(());
        }
        let Some(expected) = expected else {
            return Err(Failure::Wrong(
                "there is no reference to check it against".into(),
            ));
        };
        let checked = buffers.check(expected, self.tolerance);
        checked.map_err(|mismatch| Failure::Wrong(mismatch.to_string()))
    }

    /// Warms up for so long, and takes a sample, in ns for an iteration.
    pub fn sample(&mut self, buffers: &mut Buffers, warm_up_ns: f64) -> Result<f64, String> {
        let iterations = |ns: f64| (ns / self.iteration_ns).ceil().max(1.0) as u64;
        let (warm_up, timed) = (iterations(warm_up_ns), iterations(SAMPLE_NS));
        self.time(buffers, warm_up)?;
        let ns = self.time(buffers, timed)? / timed as f64;
        self.samples_ns.push(ns);
        Ok(ns)
    }

    /// ns that `iterations` take together.
    fn time(&mut self, buffers: &mut Buffers, iterations: u64) -> Result<f64, String> {
        match &mut self.engine {
            Engine::Library(_, Some(state)) => {
                let (ns, done) = time_ns(|| state.run(buffers, iterations));
                done.map_err(|error| error.message)?;
                Ok(ns as f64)
            }
            Engine::Python(_, Some(python)) => {
                python.time(iterations).map_err(|error| error.to_string())
            }
            Engine::Library(_, None) | Engine::Python(_, None) => Err("was not set up".into()),
        }
    }

    /// What became of it.
    pub fn measured(self, case: usize) -> Measured {
        Measured {
            case,
            candidate: self.name,
            flops: self.flops,
            bytes: self.bytes,
            samples_ns: if self.failure.is_none() {
                self.samples_ns
            } else {
                Vec::new()
            },
            failure: self.failure,
        }
    }
}
