//! What became of the library `fixture`, for tests of paired comparison: slower, wrong, of another shape, gone, new.

use abi::{Benchmark, Buffer, Context, DType, Suite, Work};

abi::export!(suites);

fn suites() -> Vec<Suite> {
    let benchmarks = vec![
        // Twice the work of the fixture's.
        copy("copy", 1000, |call| copied(call, 2, 0.0)),
        copy("wrong", 1000, |call| copied(call, 1, 1.0)),
        // No longer parallel.
        copy("copy_parallel", 1000, |call| copied(call, 1, 0.0)),
        copy("prints", 500, |call| copied(call, 1, 0.0)),
        copy("brand_new", 1000, |call| copied(call, 1, 0.0)),
    ];
    vec![Suite::new("sound", "Benchmarks that changed", benchmarks)]
}

fn copy(
    name: &str,
    elements: usize,
    run: impl Fn(&Context<'_>) -> Result<(), String> + Send + Sync + 'static,
) -> Benchmark {
    Benchmark {
        shape: vec![elements],
        buffers: vec![
            Buffer::input("x", DType::F32, &[elements]),
            Buffer::output("y", DType::F32, &[elements]),
        ],
        work: Work {
            flops: 0,
            bytes_read: 4 * elements as u64,
            bytes_written: 4 * elements as u64,
            items: elements as u64,
            item: "elements",
        },
        ..Benchmark::new(name, DType::F32, run, |call| {
            let (x, y) = (call.take::<f32>(0)?, call.expected(1)?);
            for (y, x) in y.iter_mut().zip(x) {
                *y = f64::from(*x);
            }
            Ok(())
        })
    }
}

/// Copies the input `times` times in each iteration, and adds `error`.
fn copied(call: &Context<'_>, times: u64, error: f32) -> Result<(), String> {
    let (x, y) = (call.take::<f32>(0)?, call.take::<f32>(1)?);
    for _ in 0..call.iterations() * times {
        std::hint::black_box(&mut *y).copy_from_slice(x);
    }
    if error != 0.0 {
        y.iter_mut().for_each(|y| *y += error);
    }
    Ok(())
}
