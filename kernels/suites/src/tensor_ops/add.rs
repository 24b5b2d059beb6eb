//! Element-wise addition of two matrices into a third.

use std::hint::black_box;

use abi::{Benchmark, Buffer, Context, Work};

use crate::float::{Float, bytes, dtype, named};

/// `sum = a + b`, `rows`×`columns`; an item is an element. Called `name`, or `name_f64` in f64.
///
/// One rounding errs by at most half an epsilon of the sum, and so does the reference's in f64: an epsilon is allowed.
pub fn add<T: Float>(name: &str, shape: [usize; 2]) -> Benchmark {
    let [rows, columns] = shape;
    let elements = rows * columns;
    let dtype = dtype::<T>();
    Benchmark {
        description: format!("sum = a + b, {rows}×{columns} {}", dtype.name()),
        implementation: kernels::add::selected::<T>().name().into(),
        shape: shape.into(),
        buffers: vec![
            Buffer::input("a", dtype, &shape),
            Buffer::input("b", dtype, &shape),
            Buffer::output("sum", dtype, &shape),
        ],
        work: Work {
            flops: elements as u64,
            bytes_read: bytes::<T>(2 * elements),
            bytes_written: bytes::<T>(elements),
            items: elements as u64,
            item: "elements",
        },
        tolerance: T::EPSILON,
        ..Benchmark::new(named::<T>(name), dtype, run::<T>, reference::<T>)
    }
}

fn run<T: Float>(call: &Context<'_>) -> Result<(), String> {
    let (a, b, sum) = (call.take::<T>(0)?, call.take(1)?, call.take(2)?);
    for _ in 0..call.iterations() {
        kernels::add::add(black_box(a), black_box(b), black_box(sum))
            .map_err(|error| error.to_string())?;
    }
    Ok(())
}

fn reference<T: Float>(call: &Context<'_>) -> Result<(), String> {
    let (a, b, sum) = (call.take::<T>(0)?, call.take::<T>(1)?, call.expected(2)?);
    for ((sum, a), b) in sum.iter_mut().zip(a).zip(b) {
        *sum = a.to_f64() + b.to_f64();
    }
    Ok(())
}
