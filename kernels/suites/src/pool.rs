//! The pool that parallel benchmarks run on: opened, parked and closed by the harness.

use std::sync::{Arc, PoisonError, RwLock};

use abi::Threads;
use kernels::Pool;
use rustix::thread::{CpuSet, sched_setaffinity};

static POOL: RwLock<Option<Arc<Pool>>> = RwLock::new(None);

/// For the field of a suite that has parallel benchmarks.
pub const THREADS: Threads = Threads { open, park, close };

/// The open pool.
///
/// # Errors
/// Where it is not open.
pub(crate) fn pool() -> Result<Arc<Pool>, String> {
    let pool = POOL.read().unwrap_or_else(PoisonError::into_inner).clone();
    pool.ok_or_else(|| "the suite's pool is not open".into())
}

fn set(pool: Option<Pool>) {
    *POOL.write().unwrap_or_else(PoisonError::into_inner) = pool.map(Arc::new);
}

/// The caller computes on the first of `cpus`, where the harness pins it, and a worker on each other one.
fn open(cpus: &[u32]) -> Result<(), String> {
    let owned = cpus.to_vec();
    // A worker that cannot be pinned still computes; that the CPUs are allowed is for the harness to check.
    let pin = move |worker: usize| {
        let mut set = CpuSet::new();
        set.set(owned[worker] as usize);
        let _ = sched_setaffinity(None, &set);
    };
    let opened = Pool::with_start(cpus.len(), pin);
    set(Some(opened.map_err(|error| {
        format!("could not start {} threads: {error}", cpus.len())
    })?));
    Ok(())
}

fn park() {
    if let Ok(pool) = pool() {
        pool.park();
    }
}

fn close() {
    set(None);
}
