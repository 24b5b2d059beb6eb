//! The child: measures one benchmark once.

use std::time::Instant;

use anyhow::{Context, anyhow};

use super::circumstances::{Disturbance, peak_rss_mb, raise_priority};
use super::{Plan, Request};
use crate::buffers::Buffers;
use crate::library::{Benchmark, Library, State, Suites};
use crate::record::Process;
use crate::{affinity, clock, selection};

/// Each buffer starts a cache line further into its page than the one declared after it. Outputs are declared last: a load
/// that runs ahead of the stores then meets their page offset only after a whole page, beyond the reach of any CPU's look-ahead,
/// so it is never taken for a load of what is being stored ("4K aliasing"). Drawn at random instead, the places of
/// 100×100 additions spread their minima by 15 %.
const LINE_BYTES: usize = 64;

/// No operation is so fast that this many iterations fit into a sample.
const MOST_ITERATIONS: u64 = 1 << 40;

/// Answers the request of a parent, and returns the exit code.
pub fn serve(linked: Option<Suites>) -> u8 {
    crate::child::serve(|request: Request, answer: &mut dyn FnMut(&Process)| {
        answer(&measure(linked, &request)?);
        Ok(())
    })
}

fn measure(linked: Option<Suites>, request: &Request) -> anyhow::Result<Process> {
    let sources = selection::sources(linked, &request.libraries)?;
    let libraries = sources
        .iter()
        .map(Library::load)
        .collect::<Result<Vec<_>, _>>()?;
    let (suite, benchmark) = libraries
        .iter()
        .flat_map(|library| &library.suites)
        .find_map(|suite| {
            let named = |benchmark: &&Benchmark| benchmark.name == request.benchmark;
            Some((suite, suite.benchmarks.iter().find(named)?))
        })
        .with_context(|| format!("the libraries have no benchmark {:?}", request.benchmark))?;
    if benchmark.parallel {
        suite.open(&request.pool)?;
    }
    let cpu = request
        .cpu
        .map(|cpu| affinity::pin(cpu, &request.allowed))
        .transpose()?;
    let priority = raise_priority();
    let count = benchmark.buffers.len();
    let mut buffers = Buffers::new(&benchmark.buffers, |index| LINE_BYTES * (count - 1 - index))?;
    let state = benchmark.setup(request.seed)?;
    state.fill(&mut buffers)?;
    let mut timer = Timer {
        benchmark,
        state: &state,
        buffers: &mut buffers,
        since_fill: 0,
    };
    let iterations_per_sample = timer.warm_up(&request.plan)?;
    let before = Disturbance::now();
    let samples_ns = timer.samples(&request.plan, iterations_per_sample)?;
    let disturbance = Disturbance::now().since(before);
    if let Some(buffer) = buffers.overrun() {
        return Err(anyhow!("it wrote outside of buffer '{buffer}'"));
    }
    let process = Process {
        samples_ns,
        iterations_per_sample,
        cpu,
        pinned: cpu.is_some(),
        priority,
        huge_pages: buffers.huge_pages(),
        involuntary_switches: disturbance.involuntary_switches,
        steal_ms: disturbance.steal_ms,
        peak_rss_mb: peak_rss_mb(),
    };
    if request.verify {
        verify(benchmark, &state, &mut buffers)?;
    }
    if benchmark.parallel {
        suite.close()?;
    }
    Ok(process)
}

/// Holds one iteration on freshly filled buffers against the reference.
fn verify(benchmark: &Benchmark, state: &State<'_>, buffers: &mut Buffers) -> anyhow::Result<()> {
    state.fill(buffers)?;
    let expected = state.reference(buffers)?;
    buffers.spoil_outputs();
    state.run(buffers, 1)?;
    buffers.check(&expected, benchmark.tolerance)?;
    match buffers.overrun() {
        Some(buffer) => Err(anyhow!("it wrote outside of buffer '{buffer}'")),
        None => Ok(()),
    }
}

/// Times batches of iterations, and fills in-out buffers anew before they decay, outside the clock.
struct Timer<'a> {
    benchmark: &'a Benchmark,
    state: &'a State<'a>,
    buffers: &'a mut Buffers,
    /// Iterations since the buffers were filled.
    since_fill: u64,
}

impl Timer<'_> {
    /// Runs for the plan's warm-up, and returns the iterations that fill a sample.
    fn warm_up(&mut self, plan: &Plan) -> anyhow::Result<u64> {
        let most = self.benchmark.refill_after.unwrap_or(u64::MAX);
        let start = Instant::now();
        let mut iterations = 1;
        loop {
            let ns = self.time(iterations)? as f64;
            let long_enough = ns >= plan.sample_ms * 1e6 || iterations >= most;
            let warm = start.elapsed().as_secs_f64() * 1e3 >= plan.warmup_ms;
            if long_enough && warm {
                let needed = iterations as f64 * plan.sample_ms * 1e6 / ns.max(1.0);
                return Ok((needed.ceil() as u64).clamp(1, most));
            }
            if !long_enough {
                anyhow::ensure!(
                    iterations < MOST_ITERATIONS,
                    "{iterations} iterations took {ns} ns: it does not do the iterations that it is asked for"
                );
                iterations = (iterations * 2).min(most);
            }
        }
    }

    fn samples(&mut self, plan: &Plan, iterations: u64) -> anyhow::Result<Vec<f64>> {
        let start = Instant::now();
        let mut samples_ns = Vec::with_capacity(plan.samples as usize);
        while samples_ns.len() < plan.samples as usize {
            let enough = samples_ns.len() >= Plan::FEWEST_SAMPLES.min(plan.samples) as usize;
            if enough && start.elapsed().as_secs_f64() * 1e3 >= plan.measure_ms {
                break;
            }
            let ns = self.time(iterations)? as f64 / iterations as f64;
            // A thousandth of a ns is below what any clock tells, and shortens the record.
            samples_ns.push((ns * 1e3).round() / 1e3);
        }
        Ok(samples_ns)
    }

    fn time(&mut self, iterations: u64) -> anyhow::Result<u64> {
        if let Some(most) = self.benchmark.refill_after
            && self.since_fill + iterations > most
        {
            self.state.fill(self.buffers)?;
            self.since_fill = 0;
        }
        self.since_fill += iterations;
        let (ns, ran) = clock::time_ns(|| self.state.run(self.buffers, iterations));
        ran?;
        Ok(ns)
    }
}
