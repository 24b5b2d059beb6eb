//! The product of two matrices into a third.

use std::hint::black_box;

use abi::{Benchmark, Buffer, Context, Work};
use kernels::matmul::Shape;

use crate::float::{Float, bytes, dtype, named};
use crate::pool::pool;

/// `c = a · b`, where `a` is m×k and `b` is k×n; an item is a multiply-add. Called `name`, or `name_f64` in f64.
pub fn matmul<T: Float>(name: &str, shape: [usize; 3]) -> Benchmark {
    let [m, k, n] = shape;
    let dtype = dtype::<T>();
    let multiply_adds = (m * k * n) as u64;
    Benchmark {
        description: format!("c = a·b, {m}×{k} by {k}×{n} {}", dtype.name()),
        implementation: kernels::matmul::selected::<T>().name().into(),
        shape: shape.into(),
        buffers: vec![
            Buffer::input("a", dtype, &[m, k]),
            Buffer::input("b", dtype, &[k, n]),
            Buffer::output("c", dtype, &[m, n]),
        ],
        work: Work {
            flops: 2 * multiply_adds,
            bytes_read: bytes::<T>(m * k + k * n),
            bytes_written: bytes::<T>(m * n),
            items: multiply_adds,
            item: "multiply-adds",
        },
        tolerance: tolerance::<T>(k),
        ..Benchmark::new(
            named::<T>(name),
            dtype,
            move |call| run::<T>(call, Shape { m, k, n }),
            move |call| reference::<T>(call, [m, k, n]),
        )
    }
}

/// The same, on the threads of the suite's pool where that pays.
pub fn matmul_parallel<T: Float>(name: &str, shape: [usize; 3]) -> Benchmark {
    let [m, k, n] = shape;
    let benchmark = matmul::<T>(name, shape);
    Benchmark {
        description: format!("{}, on all threads", benchmark.description),
        parallel: true,
        run: Box::new(move |call| run_parallel::<T>(call, Shape { m, k, n })),
        ..benchmark
    }
}

/// How far an element may lie from the reference, as a share of the largest.
///
/// With u half an epsilon, a sum of k products in any order errs by at most λ√k·u·Σ|a||b| but for a chance that falls as
/// exp(-λ²/2) (Higham and Mary 2019, "A new approach to probabilistic rounding error analysis", section 3). For elements
/// uniform from -1 to 1 the sum is about k/4, and the largest element of c is above 4/3·√k, four times its deviation. At
/// λ = 5.3 the share is k·u; the reference errs as much in f64, so k epsilon are allowed.
pub(crate) fn tolerance<T: Float>(k: usize) -> f64 {
    k as f64 * T::EPSILON
}

fn run<T: Float>(call: &Context<'_>, shape: Shape) -> Result<(), String> {
    let (a, b, c) = (call.take::<T>(0)?, call.take(1)?, call.take(2)?);
    for _ in 0..call.iterations() {
        kernels::matmul::matmul(black_box(a), black_box(b), black_box(c), shape)
            .map_err(|error| error.to_string())?;
    }
    Ok(())
}

fn run_parallel<T: Float>(call: &Context<'_>, shape: Shape) -> Result<(), String> {
    let (a, b, c) = (call.take::<T>(0)?, call.take(1)?, call.take(2)?);
    let pool = pool()?;
    for _ in 0..call.iterations() {
        let (a, b, c) = black_box((&*a, &*b, &mut *c));
        kernels::matmul::matmul_parallel(a, b, c, shape, &pool)
            .map_err(|error| error.to_string())?;
    }
    Ok(())
}

/// Row by row, each a sum of rows of b: no order of a kernel's, and no code of one.
fn reference<T: Float>(call: &Context<'_>, [m, k, n]: [usize; 3]) -> Result<(), String> {
    let (a, b, c) = (call.take::<T>(0)?, call.take::<T>(1)?, call.expected(2)?);
    let b: Vec<f64> = b.iter().map(|b| b.to_f64()).collect();
    for i in 0..m {
        let row = &mut c[i * n..][..n];
        row.fill(0.0);
        for j in 0..k {
            let a = a[i * k + j].to_f64();
            for (c, b) in row.iter_mut().zip(&b[j * n..][..n]) {
                *c += a * b;
            }
        }
    }
    Ok(())
}
