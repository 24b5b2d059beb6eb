//! One candidate in a process of its own, which measures when it is told to.

use std::io::{BufRead, Write};

use anyhow::{Context, ensure};
use harness::buffers::Buffers;
use harness::library::Library;
use harness::random::Random;
use peers::request::{Case, Request};
use serde::{Deserialize, Serialize};

use super::Plan;
use super::candidate::{Candidate, WARM_UP_STOPPED_NS, candidates};
use super::child::confine;
use super::report::OWN;

/// What the process is told, one a line.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub enum Order {
    /// Set up the case of that number; the answer is whether it could.
    Case(usize),
    /// Take a sample, in ns for an iteration.
    Sample,
}

/// Answers orders until there are no more.
///
/// # Errors
/// Where an order is none, or the pipe is broken.
pub fn run(plan: &Plan, name: &str, libraries: &[Library]) -> anyhow::Result<()> {
    let request = Request::from_environment();
    let mut current: Option<(Buffers, Vec<Candidate<'_>>)> = None;
    for line in std::io::stdin().lock().lines() {
        match serde_json::from_str(&line?).context("an order")? {
            Order::Case(index) => {
                let set_up = set_up(plan, &request.cases[index], name, libraries);
                answer(
                    &set_up
                        .as_ref()
                        .map(drop)
                        .map_err(|error| format!("{error:#}")),
                )?;
                current = set_up.ok();
            }
            Order::Sample => {
                let (buffers, candidates) = current.as_mut().context("no case is set up")?;
                let candidate = candidates.last_mut().context("there is no candidate")?;
                answer(&candidate.sample(buffers, WARM_UP_STOPPED_NS))?;
            }
        }
    }
    Ok(())
}

fn answer<T: Serialize>(value: &Result<T, String>) -> anyhow::Result<()> {
    let mut output = std::io::stdout().lock();
    writeln!(output, "{}", serde_json::to_string(value)?)?;
    Ok(output.flush()?)
}

/// The candidate called `name`, last; before it, for one in another process, this project's, which declares the buffers and fills them.
fn set_up<'a>(
    plan: &Plan,
    case: &Case,
    name: &str,
    libraries: &'a [Library],
) -> anyhow::Result<(Buffers, Vec<Candidate<'a>>)> {
    let mut candidates = candidates(plan, case, libraries);
    candidates.retain(|candidate| candidate.name() == name);
    ensure!(candidates.len() == 1, "there is no {name} of this case");
    if candidates[0].declared().is_none() {
        let mut all = self::candidates(plan, case, libraries);
        all.retain(|candidate| candidate.name() == OWN);
        candidates.splice(0..0, all);
    }
    // One with a pool computes on the first CPU itself, where the harness would pin it, and its workers have the others.
    let parallel = candidates.last().is_some_and(Candidate::is_parallel);
    confine(if parallel {
        &plan.cpus[..1]
    } else {
        &plan.cpus
    })?;
    let declared = candidates[0]
        .declared()
        .context("nobody declares buffers")?;
    let mut random = Random::new(plan.seed, plan.process);
    let mut buffers = Buffers::new(&declared, |_| 64 * random.below(64))?;
    for candidate in &mut candidates {
        candidate
            .prepare(plan, case, &mut buffers, &mut None)
            .map_err(|failure| anyhow::anyhow!("{failure:?}"))?;
    }
    Ok((buffers, candidates))
}
