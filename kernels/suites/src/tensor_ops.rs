//! The suites `tensor-ops` and `tensor-ops-threads`: element-wise addition and the product of row-major matrices.

mod add;
mod matmul;

use abi::{Benchmark, Suite};

use crate::float::Float;
use crate::pool::THREADS;

pub use add::add;
pub use matmul::{matmul, matmul_parallel};

/// Rows and columns of each addition.
const ADD: &[(&str, [usize; 2])] = &[
    ("tensor_add_small", [100, 100]),
    ("tensor_add_large", [1000, 1000]),
];

/// Rows of A, columns of A, and columns of B of each product.
const MATMUL: &[(&str, [usize; 3])] = &[
    ("matmul_small", [100, 100, 100]),
    ("matmul_large", [1000, 1000, 1000]),
];

/// The same for products on all threads of the suite's pool.
const MATMUL_PARALLEL: &[(&str, [usize; 3])] = &[("matmul_large_threads", [1000, 1000, 1000])];

/// The eight on one thread, by which a gate is judged.
pub(crate) fn suite() -> Suite {
    Suite::new(
        "tensor-ops",
        "Addition and product of row-major matrices",
        of::<f32>().chain(of::<f64>()).collect(),
    )
}

/// The same operations on all threads: a suite of its own, for on a shared machine its times say more of the neighbours.
pub(crate) fn parallel_suite() -> Suite {
    Suite {
        threads: Some(THREADS),
        ..Suite::new(
            "tensor-ops-threads",
            "Products of row-major matrices on all threads",
            parallel::<f32>().chain(parallel::<f64>()).collect(),
        )
    }
}

fn of<T: Float>() -> impl Iterator<Item = Benchmark> {
    let adds = ADD.iter().map(|(name, shape)| add::<T>(name, *shape));
    adds.chain(MATMUL.iter().map(|(name, shape)| matmul::<T>(name, *shape)))
}

fn parallel<T: Float>() -> impl Iterator<Item = Benchmark> {
    MATMUL_PARALLEL
        .iter()
        .map(|(name, shape)| matmul_parallel::<T>(name, *shape))
}
