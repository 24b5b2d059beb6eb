//! The suite `data-loading`: batches of rows, their order, normalisation, a mapped file, and memory for batches.
//!
//! The file is read from a warm page cache, and no benchmark claims a cold one: `posix_fadvise` leaves pages that are mapped where they are, and
//! to unmap and drop them each iteration would time system calls.

mod allocate;
mod batch;
mod idx;
mod normalise;

use abi::Suite;

pub use batch::gather;
pub use normalise::{computed, from_bytes, given};

/// Rows of a batch.
const BATCHES: &[usize] = &[16, 32, 64, 128];

/// Rows of the sets that batches are taken from: 0.4 MB, which stay in a usual L2, and 188 MB, beyond any L3.
const SETS: &[(&str, usize)] = &[("cached", 128), ("60k", 60_000)];

/// A batch of MNIST's images.
const IMAGES: [usize; 3] = [32, 28, 28];

/// Bytes of a block.
const BLOCKS: &[usize] = &[64, 256, 1024, 4096, 16384];

pub(crate) fn suite() -> Suite {
    let mut benchmarks = Vec::new();
    for (set, rows) in SETS {
        for count in BATCHES {
            benchmarks.push(batch::gather(
                &format!("batch_{count}_{set}"),
                *rows,
                *count,
            ));
        }
    }
    benchmarks.push(batch::shuffle("shuffle_60k", 60_000));
    benchmarks.extend([
        given("normalise_given", IMAGES),
        computed("normalise_computed", IMAGES),
        from_bytes("normalise_bytes", IMAGES),
    ]);
    benchmarks.extend(
        BATCHES
            .iter()
            .map(|count| idx::read(&format!("idx_read_{count}"), *count)),
    );
    for bytes in BLOCKS {
        benchmarks.push(allocate::system(&format!("allocate_{bytes}"), *bytes));
        benchmarks.push(allocate::pooled(&format!("allocate_{bytes}_pool"), *bytes));
    }
    Suite::new(
        "data-loading",
        "Batches of 784 f32 with labels, their order, normalisation, a mapped file, and memory",
        benchmarks,
    )
}
