//! The suite `tensor-ops`: element-wise addition and the product of row-major matrices.

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

/// Every row of the tables, in f32 and then in f64.
pub(crate) fn suite() -> Suite {
    Suite {
        threads: Some(THREADS),
        ..Suite::new(
            "tensor-ops",
            "Addition and product of row-major matrices",
            of::<f32>().chain(of::<f64>()).collect(),
        )
    }
}

fn of<T: Float>() -> impl Iterator<Item = Benchmark> {
    let adds = ADD.iter().map(|(name, shape)| add::<T>(name, *shape));
    let products = MATMUL.iter().map(|(name, shape)| matmul::<T>(name, *shape));
    let parallel = MATMUL_PARALLEL
        .iter()
        .map(|(name, shape)| matmul_parallel::<T>(name, *shape));
    adds.chain(products).chain(parallel)
}
