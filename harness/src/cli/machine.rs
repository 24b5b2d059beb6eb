//! What a measuring command asks of the machine: a CPU, a pool of them, and to be told of signals.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use anyhow::Context;

use crate::affinity::{self, Claim};

/// Claims the CPU to measure on: the one asked for, else the last one free, for the first serves most interrupts.
pub(super) fn claim(cpu: Option<u32>, allowed: &[u32]) -> anyhow::Result<Claim> {
    let candidates: Vec<u32> = match cpu {
        Some(cpu) if allowed.contains(&cpu) => vec![cpu],
        Some(cpu) => {
            let allowed = allowed.to_vec();
            return Err(affinity::Error::NotAllowed { cpu, allowed }.into());
        }
        None => allowed.iter().rev().copied().collect(),
    };
    let claim = affinity::claim(&candidates);
    if claim.shared {
        eprintln!(
            "warning: another run measures on CPU {} at the same time; both will be noisy",
            claim.cpu
        );
    }
    Ok(claim)
}

/// The CPUs of a suite's pool: `threads` of `allowed` or all of them, `cpu` first.
pub(super) fn pool(threads: Option<u32>, allowed: &[u32], cpu: u32) -> anyhow::Result<Vec<u32>> {
    let threads = threads.map_or(allowed.len(), |threads| threads as usize);
    anyhow::ensure!(
        (1..=allowed.len()).contains(&threads),
        "--threads {threads}: from 1 to {}, the CPUs that may be used",
        allowed.len()
    );
    let others = allowed.iter().copied().filter(|&other| other != cpu);
    Ok(std::iter::once(cpu).chain(others).take(threads).collect())
}

/// The CPU if this process may pin to it, else nothing with a warning; an error where it was asked for.
pub(super) fn can_pin(cpu: u32, allowed: &[u32], asked_for: bool) -> anyhow::Result<Option<u32>> {
    let pinned = std::thread::scope(|scope| scope.spawn(|| affinity::pin(cpu, allowed)).join());
    match pinned.expect("pinning does not panic") {
        Ok(_) => Ok(Some(cpu)),
        Err(error) if asked_for => Err(error.into()),
        Err(error) => {
            eprintln!("warning: {error}; measuring without pinning, which is noisier");
            Ok(None)
        }
    }
}

/// A flag that SIGINT and SIGTERM set; a second one ends the program.
pub(super) fn interrupts() -> anyhow::Result<Arc<AtomicBool>> {
    let flag = Arc::new(AtomicBool::new(false));
    for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM] {
        signal_hook::flag::register_conditional_shutdown(signal, 130, Arc::clone(&flag))
            .and_then(|_| signal_hook::flag::register(signal, Arc::clone(&flag)))
            .context("could not listen for signals")?;
    }
    Ok(flag)
}
