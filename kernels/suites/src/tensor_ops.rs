//! The suites `tensor-ops` and `tensor-ops-threads`: creation, element-wise operations and products of row-major matrices, and
//! conversion to and from 16 bits.

mod convert;
mod create;
mod elementwise;
mod matmul;

use abi::{Benchmark, Suite};
use kernels::add::Operation;
use kernels::convert::Format;

use crate::float::Float;
use crate::pool::THREADS;

pub use convert::{narrow, narrow_parallel, widen, widen_parallel};
pub use create::{Content, creation, creation_parallel};
pub use elementwise::{add, elementwise, elementwise_parallel};
pub(crate) use matmul::tolerance;
pub use matmul::{matmul, matmul_parallel};

/// Rows and columns of the two additions by which a gate is judged.
const ADD: &[(&str, [usize; 2])] = &[
    ("tensor_add_small", [100, 100]),
    ("tensor_add_large", [1000, 1000]),
];

/// Rows of A, columns of A, and columns of B of the two products by which a gate is judged.
const MATMUL: &[(&str, [usize; 3])] = &[
    ("matmul_small", [100, 100, 100]),
    ("matmul_large", [1000, 1000, 1000]),
];

/// Rows and columns of the other products.
const MATMUL_SIDES: &[usize] = &[64, 128, 256, 512, 1024];

/// Those that all threads share, beside the large one.
const MATMUL_SIDES_PARALLEL: &[usize] = &[512, 1024];

/// Rows and columns of element-wise operations and creations.
const SIZES: &[(&str, usize)] = &[("small", 100), ("medium", 500), ("large", 1000)];

const OPERATIONS: &[(&str, Operation)] = &[
    ("add", Operation::Add),
    ("subtract", Operation::Subtract),
    ("multiply", Operation::Multiply),
    ("divide", Operation::Divide),
];

const CONTENTS: &[(&str, Content)] = &[
    ("zeros", Content::Zeros),
    ("ones", Content::Ones),
    ("uniform", Content::Uniform),
];

const FORMATS: &[(&str, Format)] = &[("f16", Format::F16), ("bf16", Format::Bf16)];

/// Elements of conversions.
const CONVERTED: &[usize] = &[64, 4096, 65536];

/// The eight by which a gate is judged, then all others, on one thread.
pub(crate) fn suite() -> Suite {
    let mut benchmarks: Vec<_> = gate::<f32>().chain(gate::<f64>()).collect();
    benchmarks.extend(others::<f32>());
    benchmarks.extend(others::<f64>());
    benchmarks.extend(conversions());
    Suite::new(
        "tensor-ops",
        "Creation, element-wise operations, products and conversion of row-major matrices",
        benchmarks,
    )
}

/// The large ones on all threads: a suite of its own, for on a shared machine its times say more of the neighbours.
pub(crate) fn parallel_suite() -> Suite {
    let mut benchmarks: Vec<_> = parallel::<f32>();
    benchmarks.extend(parallel::<f64>());
    benchmarks.extend(conversions_parallel());
    Suite {
        threads: Some(THREADS),
        ..Suite::new(
            "tensor-ops-threads",
            "The large operations of tensor-ops on all threads",
            benchmarks,
        )
    }
}

fn gate<T: Float>() -> impl Iterator<Item = Benchmark> {
    let adds = ADD.iter().map(|(name, shape)| add::<T>(name, *shape));
    adds.chain(MATMUL.iter().map(|(name, shape)| matmul::<T>(name, *shape)))
}

fn others<T: Float>() -> Vec<Benchmark> {
    let mut benchmarks = Vec::new();
    for (size, side) in SIZES {
        let shape = [*side; 2];
        for (name, operation) in OPERATIONS {
            let name = format!("tensor_{name}_{size}");
            // The additions of the gate are there already.
            if ADD.iter().all(|(there, _)| *there != name) {
                benchmarks.push(elementwise::<T>(&name, *operation, shape));
            }
        }
        for (name, content) in CONTENTS {
            let name = format!("tensor_{name}_{size}");
            benchmarks.push(creation::<T>(&name, *content, shape));
        }
    }
    benchmarks.extend(
        MATMUL_SIDES
            .iter()
            .map(|side| matmul::<T>(&format!("matmul_{side}"), [*side; 3])),
    );
    benchmarks
}

fn conversions() -> Vec<Benchmark> {
    let mut benchmarks = Vec::new();
    for (name, format) in FORMATS {
        for elements in CONVERTED {
            benchmarks.push(narrow(
                &format!("f32_to_{name}_{elements}"),
                *format,
                *elements,
            ));
            benchmarks.push(widen(
                &format!("{name}_to_f32_{elements}"),
                *format,
                *elements,
            ));
        }
    }
    benchmarks
}

fn parallel<T: Float>() -> Vec<Benchmark> {
    let shape = [1000; 2];
    let mut benchmarks = vec![matmul_parallel::<T>("matmul_large_threads", [1000; 3])];
    benchmarks.extend(
        MATMUL_SIDES_PARALLEL
            .iter()
            .map(|side| matmul_parallel::<T>(&format!("matmul_{side}_threads"), [*side; 3])),
    );
    for (name, operation) in OPERATIONS {
        let name = format!("tensor_{name}_large_threads");
        benchmarks.push(elementwise_parallel::<T>(&name, *operation, shape));
    }
    for (name, content) in CONTENTS {
        let name = format!("tensor_{name}_large_threads");
        benchmarks.push(creation_parallel::<T>(&name, *content, shape));
    }
    benchmarks
}

fn conversions_parallel() -> Vec<Benchmark> {
    let elements = 65536;
    let mut benchmarks = Vec::new();
    for (name, format) in FORMATS {
        let narrowing = format!("f32_to_{name}_{elements}_threads");
        benchmarks.push(narrow_parallel(&narrowing, *format, elements));
        let widening = format!("{name}_to_f32_{elements}_threads");
        benchmarks.push(widen_parallel(&widening, *format, elements));
    }
    benchmarks
}
