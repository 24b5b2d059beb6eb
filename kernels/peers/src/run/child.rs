//! One process: every candidate on the same buffers, in an order drawn anew each round; or one candidate, at the parent's word.

use anyhow::{Context, bail};
use harness::buffers::Buffers;
use harness::library::{Library, Source};
use harness::random::Random;
use peers::request::{Case, Request};
use rustix::thread::{CpuSet, sched_setaffinity};

use super::candidate::{Candidate, WARM_UP_NS, candidates};
use super::{Failure, Measured, Plan, serve};

/// Does what `plan` and the environment's request say.
///
/// # Errors
/// Where a library is none, or the process cannot be confined to its CPUs.
pub fn run(plan: &Plan) -> anyhow::Result<Vec<Measured>> {
    let request = Request::from_environment();
    let libraries: Vec<Library> = plan
        .libraries
        .iter()
        .map(|path| Library::load(&Source::File(path.clone())))
        .collect::<Result<_, _>>()?;
    for suite in libraries.iter().flat_map(|library| &library.suites) {
        suite.open(&plan.cpus)?;
    }
    if let Some(name) = &plan.serve {
        serve::run(plan, name, &libraries)?;
        return Ok(Vec::new());
    }
    confine(&plan.cpus)?;
    let mut measured = Vec::new();
    for (index, case) in request.cases.iter().enumerate() {
        let mut candidates = candidates(plan, case, &libraries);
        if candidates.is_empty() {
            continue;
        }
        measure(plan, case, &mut candidates)?;
        measured.extend(
            candidates
                .into_iter()
                .map(|candidate| candidate.measured(index)),
        );
    }
    Ok(measured)
}

/// Confines this thread, and those that it will start, to `cpus`.
pub(super) fn confine(cpus: &[u32]) -> anyhow::Result<()> {
    let mut set = CpuSet::new();
    for &cpu in cpus {
        set.set(cpu as usize);
    }
    sched_setaffinity(None, &set).context("confining a process to its CPUs")
}

/// Checks, calibrates and times the candidates; what becomes of each is kept in it.
fn measure(plan: &Plan, case: &Case, candidates: &mut [Candidate<'_>]) -> anyhow::Result<()> {
    let mut random = Random::new(plan.seed, plan.process);
    let Some(declared) = candidates.iter().find_map(Candidate::declared) else {
        bail!(
            "no shared object has a benchmark for {}",
            case.benchmark_name("any candidate")
        );
    };
    // Lines of its own place in the page for each: equal places would slow some candidates and not others.
    let mut buffers = Buffers::new(&declared, |_| 64 * random.below(64))?;
    buffers.fill(plan.seed);
    let mut expected = None;
    for candidate in candidates.iter_mut() {
        if let Err(failure) = candidate.prepare(plan, case, &mut buffers, &mut expected) {
            candidate.failure = Some(failure);
        }
    }
    let mut order: Vec<usize> = (0..candidates.len())
        .filter(|&i| candidates[i].failure.is_none())
        .collect();
    for _ in 0..plan.rounds {
        random.shuffle(&mut order);
        for &i in &order {
            if let Err(message) = candidates[i].sample(&mut buffers, WARM_UP_NS) {
                candidates[i].failure = Some(Failure::Absent(message));
            }
        }
    }
    Ok(())
}
