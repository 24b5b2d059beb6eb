//! Measuring: fresh processes, in a seeded random order of benchmarks, each pinned, warmed up and calibrated.
//!
//! [`run`] is the parent, [`serve`] the child; the two share [`Plan`] and the request between them. Judging is `compare`'s.

mod child;
mod circumstances;
mod parent;

use serde::{Deserialize, Serialize};

pub use child::serve;
pub(crate) use circumstances::raise_priority;
pub(crate) use parent::VERB;
pub use parent::{Event, Options, Outcome, once, run};

/// How long and how often a benchmark is measured.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// Processes for each benchmark.
    pub processes: u32,
    /// Warm-up of each process.
    pub warmup_ms: f64,
    /// The most samples of a process.
    pub samples: u32,
    /// What a sample takes at least.
    pub sample_ms: f64,
    /// After this long a process stops, provided that it has [`Plan::FEWEST_SAMPLES`].
    pub measure_ms: f64,
}

impl Plan {
    /// Samples that a process takes however slow the benchmark is.
    pub const FEWEST_SAMPLES: u32 = 5;

    /// Ten processes: about two seconds for a benchmark of microseconds, six for one of 40 ms.
    pub const FULL: Plan = Plan {
        processes: 10,
        warmup_ms: 30.0,
        samples: 40,
        sample_ms: 2.0,
        measure_ms: 400.0,
    };

    /// Three short processes: enough to see that everything works, too few for a baseline.
    pub const QUICK: Plan = Plan {
        processes: 3,
        warmup_ms: 10.0,
        samples: 15,
        sample_ms: 1.0,
        measure_ms: 60.0,
    };
}

/// What a child is asked to measure.
#[derive(Debug, Serialize, Deserialize)]
struct Request {
    /// Shared objects, or none for the linked suites.
    libraries: Vec<std::path::PathBuf>,
    /// The benchmark's name.
    benchmark: String,
    /// Seeds the contents of buffers.
    seed: u64,
    /// The CPU to pin to; none where pinning is not possible.
    cpu: Option<u32>,
    /// The CPUs that may be used at all.
    allowed: Vec<u32>,
    /// The CPUs of the suite's pool, the first of them the one to pin to.
    pool: Vec<u32>,
    plan: Plan,
    /// Whether to hold the result against the reference afterwards.
    verify: bool,
}
