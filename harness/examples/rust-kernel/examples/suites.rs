//! What is measured: the kernel on two sizes. `benches/suites.rs` includes this file.

use std::hint::black_box;

use abi::{Benchmark, Buffer, DType, Suite, Work};
use my_kernel::sum_of_squares;

pub fn suites() -> Vec<Suite> {
    let benchmarks = vec![
        benchmark("squares_small", 1 << 10),
        benchmark("squares_large", 1 << 16),
    ];
    vec![Suite::new("my-kernel", "Sums of squares", benchmarks)]
}

fn benchmark(name: &str, len: usize) -> Benchmark {
    Benchmark {
        description: format!("sum of {len} squares, f32"),
        shape: vec![len],
        buffers: vec![
            Buffer::input("x", DType::F32, &[len]),
            Buffer::output("sum", DType::F32, &[1]),
        ],
        work: Work {
            flops: 2 * len as u64,
            bytes_read: 4 * len as u64,
            bytes_written: 4,
            items: len as u64,
            item: "elements",
        },
        // Of f32, summed in another order than the reference.
        tolerance: 1e-4,
        ..Benchmark::new(
            name,
            DType::F32,
            |call| {
                let (x, sum) = (call.take::<f32>(0)?, call.take::<f32>(1)?);
                for _ in 0..call.iterations() {
                    sum[0] = sum_of_squares(black_box(&*x));
                    black_box(&mut *sum);
                }
                Ok(())
            },
            |call| {
                let (x, sum) = (call.take::<f32>(0)?, call.expected(1)?);
                sum[0] = x.iter().map(|&x| f64::from(x) * f64::from(x)).sum();
                Ok(())
            },
        )
    }
}

abi::export!(suites);
