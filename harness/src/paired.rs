//! Paired comparison: two builds of the same benchmarks, slice by slice in one process, until a sequential test is sure.
//!
//! [`run`] is the parent: it launches fresh pinned processes, benchmarks taking turns, and feeds each draw's median ratio to
//! [`stats::sequential`](crate::stats::sequential). [`serve`] is the child. `place` draws anew in every process where code and
//! data lie, `spell` drops what a slow spell touched, `plan` says how long slices are. Verdicts and exit codes are `compare`'s.

mod child;
mod fast;
mod parent;
mod place;
mod plan;
mod spell;

pub use child::serve;
pub use parent::{Event, Options, Row, Stop, run};

use crate::library::Benchmark;

/// The verb of the command line under which [`serve`] runs.
pub(crate) const VERB: &str = "pair-child";

/// What keeps two sides of a benchmark from sharing their buffers, if anything does.
pub fn difference(baseline: &Benchmark, candidate: &Benchmark) -> Option<&'static str> {
    let changes = [
        (baseline.shape != candidate.shape, "another shape"),
        (baseline.dtype != candidate.dtype, "another element type"),
        (baseline.buffers != candidate.buffers, "other buffers"),
        (baseline.work != candidate.work, "other work"),
        (
            baseline.parallel != candidate.parallel,
            "another use of threads",
        ),
    ];
    changes
        .into_iter()
        .find_map(|(differs, what)| differs.then_some(what))
}
