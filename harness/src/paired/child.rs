//! The child: pairs the two sides of one benchmark in one process.

use std::path::PathBuf;

use anyhow::{Context, anyhow, bail, ensure};
use serde::{Deserialize, Serialize};

use super::place::{self, Original, Place};
use super::plan::Plan;
use crate::buffers::{Buffers, PAGE_BYTES};
use crate::library::{Benchmark, Library, State, Suite};
use crate::measure::raise_priority;
use crate::probe::Probe;
use crate::random::Random;
use crate::{affinity, clock};

/// Each side runs at least this long before anything counts.
const WARM_UP_NS: u64 = 1_500_000;
/// The same after it was loaded anew, when the data are warm already.
const REDRAWN_WARM_UP_NS: u64 = 200_000;
/// Sides that take longer to load and set up than this are not drawn anew.
const LONGEST_SET_UP_NS: u64 = 10_000_000;

/// What a child is asked to pair.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Request {
    /// The shared objects, baseline first.
    pub(super) libraries: [PathBuf; 2],
    /// The benchmark's name.
    pub(super) benchmark: String,
    /// Seeds the contents of buffers: the same in all processes of a comparison.
    pub(super) seed: u64,
    /// Seeds places and orders: another in each process.
    pub(super) process_seed: u64,
    /// The CPU to pin to; none where pinning is not possible.
    pub(super) cpu: Option<u32>,
    /// The CPUs that may be used at all.
    pub(super) allowed: Vec<u32>,
    /// The CPUs of the suites' pools, the first of them the one to pin to.
    pub(super) pool: Vec<u32>,
    /// None: find one.
    pub(super) plan: Option<Plan>,
    /// Draws of this process, at most.
    pub(super) most_draws: usize,
    /// Where to write the copies that are loaded, for each draw the baseline's and the candidate's.
    pub(super) places: Vec<[Place; 2]>,
    /// Whether to hold both sides' results against the candidate's reference afterwards.
    pub(super) verify: bool,
}

/// What it measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Answer {
    /// The plan that was followed.
    pub(super) plan: Plan,
    /// For each place of the code what it showed.
    pub(super) draws: Vec<Draw>,
}

/// The pairs with both sides at one place.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Draw {
    /// ns an iteration: for each pair the baseline's and the candidate's slice.
    pub(super) pairs_ns: Vec<[f64; 2]>,
    /// ns a pass: before each pair, and after the last.
    pub(super) probes_ns: Vec<f64>,
}

/// Answers the request of a parent, and returns the exit code.
pub fn serve() -> u8 {
    crate::child::serve(|request: Request, answer: &mut dyn FnMut(&Answer)| {
        answer(&pair(&request)?);
        Ok(())
    })
}

/// One draw after the other, until the plan is fulfilled. The first finds the plan where there is none.
fn pair(request: &Request) -> anyhow::Result<Answer> {
    let mut random = Random::new(request.process_seed, 0);
    let [baseline, candidate] = &request.libraries;
    let originals = [Original::open(baseline)?, Original::open(candidate)?];
    let mut places = request.places.iter();
    let mut memory = None;
    let mut plan = request.plan;
    let mut draws = Vec::new();
    loop {
        let (set_up_ns, libraries) =
            clock::time_ns(|| load(&originals, places.next(), &mut random));
        let libraries = libraries?;
        let [baseline, candidate] = find(&libraries, &request.benchmark)?;
        if let Some(difference) = super::difference(baseline.1, candidate.1) {
            bail!("the two sides declare {difference}, so they cannot share their memory");
        }
        for (suite, benchmark) in [baseline, candidate] {
            if benchmark.parallel {
                suite.open(&request.pool)?;
                suite.park()?;
            }
        }
        if memory.is_none() {
            memory = Some(settle(request, candidate.1, &mut random)?);
        }
        let (probe, buffers) = memory.as_mut().expect("settled above");
        // Who comes second finds other addresses and caches than who comes first: in everything that is a fair draw.
        let first = random.below(2);
        let (states_ns, states) = clock::time_ns(|| {
            let set_up = |side: usize| [baseline, candidate][side].1.setup(request.seed);
            let mut states = [set_up(first)?, set_up(1 - first)?];
            if first == 1 {
                states.reverse();
            }
            anyhow::Ok(states)
        });
        let states = states?;
        let mut slicer = Slicer {
            suites: [baseline.0, candidate.0],
            benchmarks: [baseline.1, candidate.1],
            states: &states,
            buffers,
            since_fill: 0,
            awake: None,
        };
        let redrawn = !draws.is_empty();
        // Iterations that may go on for ever leave the inputs as they were filled for the first draw.
        if !redrawn || slicer.most().is_some() {
            states[1].fill(slicer.buffers)?;
        }
        let (followed, draw) = place::at_random_depth(&mut random.clone(), || {
            let warm_up_ns = if redrawn {
                REDRAWN_WARM_UP_NS
            } else {
                WARM_UP_NS
            };
            let iteration_ns = slicer.warm_up(warm_up_ns, first)?;
            let plan = plan.unwrap_or_else(|| {
                let cheap = set_up_ns + states_ns < LONGEST_SET_UP_NS && !candidate.1.parallel;
                Plan::new(iteration_ns, slicer.most(), cheap)
            });
            anyhow::Ok((plan, slicer.pairs(&plan, probe, &mut random)?))
        })?;
        plan = Some(followed);
        draws.push(draw);
        let last = draws.len() == followed.draws.min(request.most_draws);
        if last && request.verify {
            slicer.verify()?;
        }
        for (suite, benchmark) in [baseline, candidate] {
            if benchmark.parallel {
                suite.close()?;
            }
        }
        if last {
            return Ok(Answer {
                plan: followed,
                draws,
            });
        }
    }
}

/// Pins this process, for good, and maps the memory that all draws share.
fn settle(
    request: &Request,
    benchmark: &Benchmark,
    random: &mut Random,
) -> anyhow::Result<(Probe, Buffers)> {
    if let Some(cpu) = request.cpu {
        affinity::pin(cpu, &request.allowed)?;
    }
    // Of use where others share the CPU; both sides have the same.
    raise_priority();
    let probe = Probe::new()?;
    let offset = |_| 16 * random.below(PAGE_BYTES / 16);
    Ok((probe, Buffers::new(&benchmark.buffers, offset)?))
}

/// Both libraries, baseline first, loaded in random order.
fn load(
    originals: &[Original<'_>; 2],
    places: Option<&[Place; 2]>,
    random: &mut Random,
) -> anyhow::Result<[Library; 2]> {
    let place = |side: usize| places.map(|places| &places[side]);
    let [baseline, candidate] = originals;
    let [baseline, candidate] = if random.below(2) == 0 {
        let baseline = baseline.load(place(0), random)?;
        [baseline, candidate.load(place(1), random)?]
    } else {
        let candidate = candidate.load(place(1), random)?;
        [baseline.load(place(0), random)?, candidate]
    };
    ensure!(
        !baseline.is_one_with(&candidate),
        "the system loaded the two sides as one object, so there is nothing to compare"
    );
    Ok([baseline, candidate])
}

fn find<'a>(
    libraries: &'a [Library; 2],
    name: &str,
) -> anyhow::Result<[(&'a Suite, &'a Benchmark); 2]> {
    let find = |library: &'a Library| {
        library.suites.iter().find_map(|suite| {
            let named = |benchmark: &&Benchmark| benchmark.name == name;
            Some((suite, suite.benchmarks.iter().find(named)?))
        })
    };
    let [baseline, candidate] = libraries.each_ref().map(find);
    baseline
        .zip(candidate)
        .map(<[_; 2]>::from)
        .with_context(|| format!("not both libraries have a benchmark {name:?}"))
}

/// Runs slices of both sides on the same buffers.
struct Slicer<'a> {
    suites: [&'a Suite; 2],
    benchmarks: [&'a Benchmark; 2],
    states: &'a [State<'a>; 2],
    buffers: &'a mut Buffers,
    /// Iterations since the buffers were filled.
    since_fill: u64,
    /// The side whose pool may be awake.
    awake: Option<usize>,
}

impl Slicer<'_> {
    fn pairs(
        &mut self,
        plan: &Plan,
        probe: &mut Probe,
        random: &mut Random,
    ) -> anyhow::Result<Draw> {
        let mut probes_ns = Vec::with_capacity(plan.pairs + 1);
        let mut pairs_ns = Vec::with_capacity(plan.pairs);
        for _ in 0..plan.pairs {
            probes_ns.push(probe.time_ns());
            let first = random.below(2);
            let mut pair = [0.0; 2];
            for side in [first, 1 - first] {
                pair[side] = self.slice(side, plan)?;
            }
            pairs_ns.push(pair);
        }
        probes_ns.push(probe.time_ns());
        Ok(Draw {
            pairs_ns,
            probes_ns,
        })
    }

    /// Runs each side for `least_ns`, `first` first, and returns the least time of an iteration of either, ns.
    fn warm_up(&mut self, least_ns: u64, first: usize) -> anyhow::Result<f64> {
        let mut least = f64::INFINITY;
        for side in [first, 1 - first] {
            let (mut spent, mut iterations) = (0, 1);
            while spent < least_ns {
                let ns = self.run(side, iterations)?;
                least = least.min(ns as f64 / iterations as f64);
                spent += ns;
                if ns < least_ns / 16 {
                    iterations = (iterations * 2).min(self.most().unwrap_or(u64::MAX));
                }
            }
        }
        Ok(least)
    }

    /// The time of a slice of `side`, ns an iteration.
    fn slice(&mut self, side: usize, plan: &Plan) -> anyhow::Result<f64> {
        if plan.lead_in > 0 {
            self.run(side, plan.lead_in)?;
        }
        Ok(self.run(side, plan.iterations)? as f64 / plan.iterations as f64)
    }

    /// Iterations that either side allows without refilling.
    fn most(&self) -> Option<u64> {
        let [baseline, candidate] = self.benchmarks.map(|benchmark| benchmark.refill_after);
        baseline.into_iter().chain(candidate).min()
    }

    fn run(&mut self, side: usize, iterations: u64) -> anyhow::Result<u64> {
        if let Some(most) = self.most()
            && self.since_fill + iterations > most
        {
            self.states[1].fill(self.buffers)?;
            self.since_fill = 0;
        }
        self.since_fill += iterations;
        if self.awake == Some(1 - side) && self.benchmarks[1 - side].parallel {
            self.suites[1 - side].park()?;
        }
        self.awake = Some(side);
        let (ns, ran) = clock::time_ns(|| self.states[side].run(self.buffers, iterations));
        ran?;
        Ok(ns)
    }

    /// Holds one iteration of each side on freshly filled buffers against the candidate's reference.
    fn verify(&mut self) -> anyhow::Result<()> {
        for (side, name) in [(1, "candidate"), (0, "baseline")] {
            self.states[1].fill(self.buffers)?;
            let expected = self.states[1].reference(self.buffers)?;
            self.buffers.spoil_outputs();
            self.run(side, 1)?;
            self.buffers
                .check(&expected, self.benchmarks[1].tolerance)
                .with_context(|| format!("the {name}"))?;
            if let Some(buffer) = self.buffers.overrun() {
                return Err(anyhow!("the {name} wrote outside of buffer '{buffer}'"));
            }
        }
        Ok(())
    }
}
