//! Element-wise operations on two matrices into a third.

use std::hint::black_box;

use abi::{Benchmark, Buffer, Context, Fill, Work};
use kernels::add::{Operation, Stores, selected};

use crate::float::{Float, bytes, dtype, named};
use crate::pool::pool;

/// `sum = a + b`, `rows`×`columns`; an item is an element. Called `name`, or `name_f64` in f64.
///
/// One rounding errs by at most half an epsilon of the sum, and so does the reference's in f64: an epsilon is allowed.
pub fn add<T: Float>(name: &str, shape: [usize; 2]) -> Benchmark {
    Benchmark {
        run: Box::new(run_add::<T>),
        ..elementwise::<T>(name, Operation::Add, shape)
    }
}

/// `out = a ∘ b`, `rows`×`columns`; an item is an element. Called `name`, or `name_f64` in f64.
///
/// A divisor lies between 1 and 2, so that quotients are of one magnitude. The tolerance is that of [`add`].
pub fn elementwise<T: Float>(name: &str, operation: Operation, shape: [usize; 2]) -> Benchmark {
    let [rows, columns] = shape;
    let elements = rows * columns;
    let dtype = dtype::<T>();
    let (result, sign) = match operation {
        Operation::Add => ("sum", "+"),
        Operation::Subtract => ("difference", "-"),
        Operation::Multiply => ("product", "·"),
        Operation::Divide => ("quotient", "/"),
    };
    let b = Buffer::input("b", dtype, &shape);
    let b = match operation {
        Operation::Divide => b.filled(Fill::Uniform {
            low: 1.0,
            high: 2.0,
        }),
        _ => b,
    };
    Benchmark {
        description: format!("{result} = a {sign} b, {rows}×{columns} {}", dtype.name()),
        implementation: selected::<T>().name().into(),
        shape: shape.into(),
        buffers: vec![
            Buffer::input("a", dtype, &shape),
            b,
            Buffer::output(result, dtype, &shape),
        ],
        work: Work {
            flops: elements as u64,
            bytes_read: bytes::<T>(2 * elements),
            bytes_written: bytes::<T>(elements),
            items: elements as u64,
            item: "elements",
        },
        tolerance: T::EPSILON,
        ..Benchmark::new(
            named::<T>(name),
            dtype,
            move |call| run::<T>(call, operation),
            move |call| reference::<T>(call, operation),
        )
    }
}

/// The same, on the threads of the suite's pool where that pays.
pub fn elementwise_parallel<T: Float>(
    name: &str,
    operation: Operation,
    shape: [usize; 2],
) -> Benchmark {
    let benchmark = elementwise::<T>(name, operation, shape);
    Benchmark {
        description: format!("{}, on all threads", benchmark.description),
        parallel: true,
        run: Box::new(move |call| run_parallel::<T>(call, operation)),
        ..benchmark
    }
}

fn run_add<T: Float>(call: &Context<'_>) -> Result<(), String> {
    let (a, b, sum) = (call.take::<T>(0)?, call.take(1)?, call.take(2)?);
    for _ in 0..call.iterations() {
        kernels::add::add(black_box(a), black_box(b), black_box(sum))
            .map_err(|error| error.to_string())?;
    }
    Ok(())
}

fn run<T: Float>(call: &Context<'_>, operation: Operation) -> Result<(), String> {
    let (a, b, out) = (call.take::<T>(0)?, call.take(1)?, call.take(2)?);
    for _ in 0..call.iterations() {
        let (a, b, out) = black_box((&*a, &*b, &mut *out));
        selected()
            .binary(operation, a, b, out, Stores::Auto)
            .map_err(|error| error.to_string())?;
    }
    Ok(())
}

fn run_parallel<T: Float>(call: &Context<'_>, operation: Operation) -> Result<(), String> {
    let (a, b, out) = (call.take::<T>(0)?, call.take(1)?, call.take(2)?);
    let pool = pool()?;
    for _ in 0..call.iterations() {
        let (a, b, out) = black_box((&*a, &*b, &mut *out));
        selected()
            .binary_parallel(operation, a, b, out, Stores::Auto, &pool)
            .map_err(|error| error.to_string())?;
    }
    Ok(())
}

fn reference<T: Float>(call: &Context<'_>, operation: Operation) -> Result<(), String> {
    let (a, b, out) = (call.take::<T>(0)?, call.take::<T>(1)?, call.expected(2)?);
    for ((out, a), b) in out.iter_mut().zip(a).zip(b) {
        let (a, b) = (a.to_f64(), b.to_f64());
        *out = match operation {
            Operation::Add => a + b,
            Operation::Subtract => a - b,
            Operation::Multiply => a * b,
            Operation::Divide => a / b,
        };
    }
    Ok(())
}
