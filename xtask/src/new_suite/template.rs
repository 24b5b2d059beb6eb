//! The suite `suite-name`: say what it measures.

use std::hint::black_box;

use abi::{Benchmark, Buffer, Context, DType, Suite, Work};

const NAME: &str = "suite-name";

/// Elements of each benchmark: one row for each size.
const SIZES: &[(&str, usize)] = &[("small", 1000)];

pub(crate) fn suite() -> Suite {
    let benchmarks = SIZES.iter().map(|(size, len)| double(size, *len));
    Suite::new(NAME, "Say what it measures", benchmarks.collect())
}

/// y = 2 x: an example, to be replaced.
fn double(size: &str, len: usize) -> Benchmark {
    let name = format!("suite_name_double_{size}");
    Benchmark {
        description: format!("y = 2 x, {len} elements, f32"),
        implementation: "portable".into(),
        shape: vec![len],
        // The harness fills inputs from the seed, and spoils outputs before it looks at what was written.
        buffers: vec![
            Buffer::input("x", DType::F32, &[len]),
            Buffer::output("y", DType::F32, &[len]),
        ],
        work: Work {
            flops: len as u64,
            bytes_read: 4 * len as u64,
            bytes_written: 4 * len as u64,
            items: len as u64,
            item: "elements",
        },
        // As a share of the largest magnitude expected; doubling is exact.
        tolerance: 0.0,
        ..Benchmark::new(name, DType::F32, run, reference)
    }
}

/// What is timed.
fn run(call: &Context<'_>) -> Result<(), String> {
    let (x, y) = (call.take::<f32>(0)?, call.take::<f32>(1)?);
    for _ in 0..call.iterations() {
        // Here a kernel is called.
        for (y, x) in black_box(&mut *y).iter_mut().zip(&*x) {
            *y = 2.0 * x;
        }
    }
    Ok(())
}

/// What one iteration should leave in `y`, in f64.
fn reference(call: &Context<'_>) -> Result<(), String> {
    let (x, y) = (call.take::<f32>(0)?, call.expected(1)?);
    for (y, x) in y.iter_mut().zip(x) {
        *y = 2.0 * f64::from(*x);
    }
    Ok(())
}
