//! What a measuring command asks of the machine: a CPU, a pool of them, and to be told of signals.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::Context;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::affinity::{self, Claim};
use crate::host::Cores;
use crate::record::Environment;

/// The CPUs to measure on, best first: those that can be pinned to, fast cores before others, and the last before the first,
/// which serves most interrupts.
pub(super) fn by_preference(allowed: &[u32]) -> Vec<u32> {
    ranked(allowed, &Cores::read())
}

fn ranked(allowed: &[u32], cores: &Cores) -> Vec<u32> {
    let mut cpus: Vec<u32> = allowed.iter().rev().copied().collect();
    cpus.sort_by_key(|&cpu| (!affinity::fits_mask(cpu), cores.is_slow(cpu)));
    cpus
}

/// Claims the CPU to measure on: the one asked for, else the best one free.
pub(super) fn claim(cpu: Option<u32>, allowed: &[u32]) -> anyhow::Result<Claim> {
    let candidates: Vec<u32> = match cpu {
        Some(cpu) if allowed.contains(&cpu) => vec![cpu],
        Some(cpu) => {
            let allowed = allowed.to_vec();
            return Err(affinity::Error::NotAllowed { cpu, allowed }.into());
        }
        None => by_preference(allowed),
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

/// Says so where control groups grant less time than the CPUs that may be used have.
pub(super) fn warn_of_quota(environment: &Environment) {
    let allowed = environment.allowed_cpus.len();
    if let Some(quota) = environment
        .cpu_quota
        .filter(|quota| *quota < allowed as f64)
    {
        eprintln!(
            "warning: a control group grants {quota:.2} CPUs' worth of time for {allowed} CPUs: what uses more is stopped for a part of each period, which is noise"
        );
    }
}

/// How soon a second signal is the same request: `timeout` and shells signal a process and then its group.
const ONE_REQUEST: Duration = Duration::from_secs(1);

/// A flag that SIGINT and SIGTERM set; another one, a second later or more, ends the program.
pub(super) fn interrupts() -> anyhow::Result<Arc<AtomicBool>> {
    let flag = Arc::new(AtomicBool::new(false));
    let set = Arc::clone(&flag);
    let mut signals = Signals::new([SIGINT, SIGTERM]).context("could not listen for signals")?;
    std::thread::spawn(move || {
        let mut first = None;
        for _ in signals.forever() {
            set.store(true, Ordering::Relaxed);
            if first.get_or_insert_with(Instant::now).elapsed() > ONE_REQUEST {
                std::process::exit(130);
            }
        }
    });
    Ok(flag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_cpu_comes_first() {
        let table: [(&[u32], &[u32]); 3] = [
            (&[0, 1], &[1, 0]),
            // What no mask holds is the last resort.
            (&[1022, 1023, 1024, 1025], &[1023, 1022, 1025, 1024]),
            (&[2000], &[2000]),
        ];
        for (allowed, wanted) in table {
            assert_eq!(ranked(allowed, &Cores::default()), wanted);
        }
    }

    #[test]
    fn a_cpu_that_no_mask_holds_is_measured_on_without_pinning() {
        let found = can_pin(1500, &[1500], false).unwrap();
        assert_eq!(found, None);
        let error = can_pin(1500, &[1500], true).unwrap_err().to_string();
        assert!(error.starts_with("could not pin to CPU 1500"), "{error}");
    }
}
